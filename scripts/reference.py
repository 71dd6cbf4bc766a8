"""Writes what the code knows into docs/: the tables of docs/rooms/*.md, docs/settings.md and
docs/fields.md.

Between `<!-- written: NAME -->` and `<!-- /written -->` a page belongs to this script; around
them it belongs to people. `--check` changes nothing and says what differs in names.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from string import Formatter
from typing import Any

from console import ROOT, fail, say

import wangge
from wangge.kernel import migrate
from wangge.kernel.actors import all_acts
from wangge.kernel.facts import all_facts
from wangge.kernel.fields import all_fields
from wangge.kernel.http import all_deeds
from wangge.kernel.i18n import catalogue, translate
from wangge.kernel.jobs import all_jobs, ticks
from wangge.kernel.refusals import all_refusals
from wangge.kernel.relay import listeners
from wangge.kernel.settings import all_settings
from wangge.web.rooms import import_rooms

DOCS = ROOT / "docs"
#: Rooms with a page of tables, lowest first.
ROOMS = (*migrate.ROOMS, "web")

Row = tuple[str, ...]
#: Kind of thing → (heading, columns). The first column is the name that is compared.
KINDS: Mapping[str, tuple[str, Row]] = {
    "tables": ("Tables", ("Table", "Migration")),
    "acts": ("Acts (permissions)", ("Act", "中文", "English")),
    "facts": ("Facts", ("Fact", "Carries")),
    "refusals": ("Refusals", ("Code", "Status", "Says", "English")),
    "settings": ("Settings", ("Key", "Default", "What it does", "English")),
    "deeds": ("Deeds", ("Deed", "Body")),
    "clockwork": ("Ticks, jobs, listeners", ("Name", "Kind")),
}
BLOCK = re.compile(
    r"(?P<open><!-- written: (?P<name>[\w-]+) -->\n).*?(?P<close><!-- /written -->)", re.S
)


def room_of(module: str) -> str:
    """The room a module belongs to."""
    return module.split(".")[1] if module.startswith("wangge.") else ""


def import_everything() -> None:
    """Every module of every room, so that nothing depends on what was imported before."""
    import_rooms()
    for found in pkgutil.walk_packages(wangge.__path__, "wangge."):
        if room_of(found.name) in ROOMS:
            importlib.import_module(found.name)


def english(chinese: str) -> str:
    """Its English from the catalogues with its values' names, of many where it tells one from many;
    "" when there is none yet."""
    said = catalogue("en").get(chinese, "")
    names = [name for _, name, _, _ in Formatter().parse(said) if name]
    return translate("en", chinese, **{name: f"{{{name}}}" for name in names}) if said else ""


def fields_of(kind: Any) -> str:
    """The names of a body's or a fact's fields; those with a default in brackets."""
    if dataclasses.is_dataclass(kind):
        return ", ".join(f"`{f.name}`" for f in dataclasses.fields(kind))
    names: Sequence[str] = getattr(kind, "__struct_fields__", ())
    defaults: Sequence[Any] = getattr(kind, "__struct_defaults__", ())
    needed = len(names) - len(defaults)
    return ", ".join(f"`{n}`" if i < needed else f"[`{n}`]" for i, n in enumerate(names))


def every(pause: timedelta) -> str:
    """A pause in words."""
    seconds = int(pause.total_seconds())
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"every {seconds // size} {unit}"
    return f"every {seconds} s"


def known() -> dict[str, dict[str, list[Row]]]:
    """Kind → room → rows, as the code has them."""
    import_everything()
    rows: dict[str, dict[str, list[Row]]] = {
        kind: {room: [] for room in ROOMS} for kind in KINDS
    }

    def add(kind: str, room: str, *row: str) -> None:
        if room in rows[kind]:
            rows[kind][room].append(row)

    add("tables", "kernel", "kernel_migration", "made by the migrator itself")
    migrations = migrate.all_migrations()
    dropped = {t for one in migrations for t in re.findall(r"drop table (\w+)", one.sql)}
    for migration in migrations:
        for table in re.findall(r"create table (\w+)", migration.sql):
            if table not in dropped:
                add("tables", migration.room, table, f"`{migration.name}`")
    for code, act in all_acts().items():
        add("acts", code.split(".")[0], code, act.name, english(act.name))
    for name, fact in all_facts().items():
        add("facts", room_of(fact.__module__), name, fields_of(fact))
    for code, refusal in all_refusals().items():
        add(
            "refusals",
            room_of(refusal.__module__),
            code,
            str(refusal.status),
            refusal.says,
            english(refusal.says),
        )
    for key, setting in all_settings().items():
        default = f"`{setting.default}`" if setting.default != "" else "empty"
        row = (key, default, setting.words, english(setting.words))
        add("settings", key.split(".")[0], *row)
    for name, deed in all_deeds().items():
        add("deeds", room_of(deed.does.__module__), name, fields_of(deed.body))
    for name, (tick, pause) in ticks().items():
        add(
            "clockwork", room_of(inspect.unwrap(tick).__module__), name, f"tick, {every(pause)}"
        )
    for name, job in all_jobs().items():
        add("clockwork", room_of(inspect.unwrap(job).__module__), name, "job")
    for name in listeners():
        add("clockwork", name.split(".")[0], name, "listener of facts")
    return rows


# -- pages ---------------------------------------------------------------------------------------


def cell(text: str) -> str:
    """Text that cannot end a cell."""
    return text.replace("|", "\\|").replace("\n", " ")


def table(columns: Row, rows: Iterable[Row]) -> str:
    """A table whose first column is code."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for first, *rest in rows:
        lines.append("| " + " | ".join([f"`{first}`", *map(cell, rest)]) + " |")
    return "\n".join(lines) + "\n"


def room_tables(room: str, rows: dict[str, dict[str, list[Row]]]) -> str:
    """The tables of one room's page; a kind the room has none of is left out."""
    parts = [
        f"\n### {heading}\n\n{table(columns, found)}"
        for kind, (heading, columns) in KINDS.items()
        if (found := rows[kind][room])
    ]
    return "".join(parts) + "\n"


def names_in(text: str) -> dict[str, set[str]]:
    """Heading → the names in the first column of its table, anywhere on a page."""
    found: dict[str, set[str]] = {}
    heading = ""
    for line in text.splitlines():
        if line.startswith("### "):
            heading = line[4:]
        elif row := re.match(r"\| `([^`]+)` \|", line):
            found.setdefault(heading, set()).add(row[1])
    return found


def differences(room: str, text: str, rows: dict[str, dict[str, list[Row]]]) -> list[str]:
    """Names a room's page lacks, and names the code does not have."""
    written = names_in(text)
    found: list[str] = []
    for kind, (heading, _) in KINDS.items():
        wanted = {row[0] for row in rows[kind][room]}
        has = written.get(heading, set())
        found += [f"{room}: {heading} lacks {name}" for name in sorted(wanted - has)]
        found += [f"{room}: {heading} has {name}" for name in sorted(has - wanted)]
    return found


def all_settings_table(rows: dict[str, dict[str, list[Row]]]) -> str:
    """Every room's settings in one table."""
    found = [row for room in ROOMS for row in rows["settings"][room]]
    return "\n" + table(KINDS["settings"][1], found) + "\n"


def dictionary() -> str:
    """The field dictionary (`wangge.kernel.fields`), as declared; a district may override words."""
    columns = ("Field", "中文", "English", "Kind", "From", "Basis", "Fresh", "Class", "Kept by")
    rows = [
        (
            key,
            spec.name,
            english(spec.name),
            spec.kind,
            spec.source.value,
            spec.basis.value,
            "always" if spec.fresh_days is None else f"{spec.fresh_days} days",
            str(spec.sensitivity),
            f"`{spec.retention}`" if spec.retention else "—",
        )
        for key, spec in all_fields().items()
    ]
    return "\n" + table(columns, rows) + "\n"


def with_block(text: str, name: str, body: str) -> str:
    """The page with one block replaced. Raises ValueError when the page has no such block."""
    found = [match for match in BLOCK.finditer(text) if match["name"] == name]
    if len(found) != 1:
        raise ValueError(f"{len(found)} blocks named {name}")
    (match,) = found
    return text[: match.end("open")] + body + text[match.start("close") :]


def pages(rows: dict[str, dict[str, list[Row]]]) -> dict[Path, tuple[str, str]]:
    """Page → (block, text)."""
    made = {
        DOCS / "rooms" / f"{room}.md": ("tables", room_tables(room, rows)) for room in ROOMS
    }
    made[DOCS / "settings.md"] = ("settings", all_settings_table(rows))
    made[DOCS / "fields.md"] = ("fields", dictionary())
    return made


def check(rows: dict[str, dict[str, list[Row]]]) -> list[str]:
    """What differs, in names; for settings also in defaults."""
    found: list[str] = []
    for room in ROOMS:
        page = DOCS / "rooms" / f"{room}.md"
        if not page.exists():
            found.append(f"no page for {room}")
            continue
        found += differences(room, page.read_text(encoding="utf-8"), rows)
    if dictionary() not in (DOCS / "fields.md").read_text(encoding="utf-8"):
        found.append("fields.md has another dictionary")
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    wanted = {row[:2] for room in ROOMS for row in rows["settings"][room]}
    has = set(re.findall(r"^\| `([^`]+)` \| (.*?) \|", text, re.M))
    found += [f"settings.md lacks {name} {default}" for name, default in sorted(wanted - has)]
    found += [f"settings.md has {name} {default}" for name, default in sorted(has - wanted)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, say what differs")
    rows = known()
    if parser.parse_args().check:
        found = check(rows)
        print("\n".join(found))
        if found:
            fail(
                "文档与代码不一致", "docs differ from the code: run python scripts/reference.py"
            )
        return
    for page, (block, body) in pages(rows).items():
        before = page.read_text(encoding="utf-8")
        after = with_block(before, block, body)
        if after != before:
            page.write_text(after, encoding="utf-8")
    say("✓ 文档中的表格已写好", "the tables in docs/ are written")


if __name__ == "__main__":
    main()
