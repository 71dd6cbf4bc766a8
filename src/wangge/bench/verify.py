"""`wangge bench verify`: a list of 6,000 people against 780,000 residents, and chains of contacts.

No database takes part: what is measured is what the room and `wangge verify` do with a list. Every
row's truth is known. `recall` is the share of the rows of registered people that were linked to
them; `wrong` counts links to somebody else, over all rows, those of strangers and of two people mixed
in one row too. Peers in the same run: the identity number alone, and splink where it is installed.
"""

import gc
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from wangge.bench.contact_lists import TODAY, Person, Written, residents, written
from wangge.bench.options import options
from wangge.bench.planted import planted
from wangge.bench.rows import Row, show
from wangge.bench.splinking import splink_links
from wangge.kernel.sheets import open_table
from wangge.matching import Doors
from wangge.matching.linking import Residents
from wangge.solvers.contacts import contradictions
from wangge.verification.checking import Outcome
from wangge.verification.columns import Columns, columns_of, names_a_column
from wangge.verification.files import checked, sure_door
from wangge.verification.questions import question
from wangge.verification.reading import SEXES, Line, Reader, entries_of

SEED = 2026
ROWS, RESIDENTS = 6_000, 780_000
#: The public line lists that are looked for in `--data`, by their folders and file names.
LISTS = (
    "covid_clusters/COVID-19_Singapore_data_revised.csv",
    "covid_clusters/Tianjin135cases_revised.csv",
    "outbreaks/mers_korea_2015_linelist.csv",
)
_COLUMNS = ("name", "id_number", "phone", "sex", "age", "address")


@dataclass(frozen=True, slots=True)
class Verified(Row):
    """`asked` counts rows with a question, `mended` those with a mend to look at; `defects` counts what
    cannot be in a list, `hints` what is only worth a question; `found` and `false` are of planted ones."""

    recall: float | None = None
    wrong: int | None = None
    mended: int | None = None
    asked: int | None = None
    defects: int | None = None
    hints: int | None = None
    kinds: Mapping[str, int] | None = None


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--rows N`, `--residents N`, `--seed N`, `--data FOLDER` (with the public line lists)."""
    asked = options("verify", rest, rows=ROWS, residents=RESIDENTS, seed=SEED, data=Path)
    for row in linked(asked.rows, asked.residents, asked.seed):
        show(row, as_json=as_json)
    show(planted_row(asked.seed), as_json=as_json)
    if asked.data:
        for row in public(asked.data):
            show(row, as_json=as_json)
    return 0


def linked(rows: int, count: int, seed: int) -> Iterator[Verified]:
    """The list against the register, ours and the peers'."""
    people = residents(count, seed)
    lines = written(people, rows, seed)
    began = perf_counter()
    register = Residents(
        [one.name for one in people],
        [one.id_number for one in people],
        [one.phone for one in people],
        [one.born for one in people],
        [SEXES[one.sex] for one in people],
        [one.door.dwelling_id.int for one in people],
    )
    doors = Doors({one.door.dwelling_id: one.door for one in people}.values())
    yield Verified("verify register made", count, *_rate(count, perf_counter() - began))

    # What was made so far lives as long as the program: nobody has to look through it for garbage.
    gc.collect()
    gc.freeze()
    cpu, began = process_time(), perf_counter()
    outcomes = ours(lines, register, doors)
    seconds, cpu = perf_counter() - began, process_time() - cpu
    peers = list(_peers(people, lines))
    best = peers[-1]
    yield _judged(
        "verify",
        lines,
        [_target(one) for one in outcomes],
        seconds,
        cpu_ms=round(cpu * 1000 / rows, 4),
        mended=sum(one.link.kind == "mended" for one in outcomes),
        asked=sum(one.link.kind == "ask" for one in outcomes),
        against=best.name.removeprefix("verify "),
        ratio=round(best.seconds / seconds, 4),
    )
    yield from peers


def ours(lines: Sequence[Written], register: Residents, doors: Doors) -> list[Outcome]:
    """Rows read, placed, linked, and every open one with its question."""

    columns = Columns({name: at for at, name in enumerate(_COLUMNS)})
    reader = Reader(columns, TODAY, partial(sure_door, doors))
    cells = [
        (one.name, one.id_number, one.phone, one.sex, one.age, one.address) for one in lines
    ]
    outcomes = checked(reader, [Line(at, row) for at, row in enumerate(cells)], register)
    for row, one in zip(cells, outcomes, strict=True):
        if one.link.kind == "ask":
            question(row, columns, one.link.question, len(one.link.rivals), other=one.same_as)
    return outcomes


def _target(outcome: Outcome) -> int | None:
    target = outcome.link.target if outcome.link.kind != "ask" else None
    return target.ref if target is not None and isinstance(target.ref, int) else None


def _peers(people: Sequence[Person], lines: Sequence[Written]) -> Iterator[Verified]:
    began = perf_counter()
    by_id = {one.id_number: at for at, one in enumerate(people)}
    found = [by_id.get(one.id_number) for one in lines]
    yield _judged("verify exact id", lines, found, perf_counter() - began)
    began = perf_counter()
    linked_ = splink_links(people, lines)
    if linked_ is None:
        sys.stderr.write("splink is not installed (dev extra): its line is left out\n")
        return
    yield _judged("verify splink", lines, linked_, perf_counter() - began)


def _judged(
    name: str,
    lines: Sequence[Written],
    found: Sequence[int | None],
    seconds: float,
    **more: Any,
) -> Verified:
    sure = [at for at, one in enumerate(lines) if one.truth is not None and not one.crossed]
    hits = sum(found[at] == lines[at].truth for at in sure)
    wrong = sum(
        at is not None and at != one.truth for at, one in zip(found, lines, strict=True)
    )
    values: dict[str, Any] = {"recall": round(hits / len(sure), 5), "wrong": wrong, **more}
    return Verified(name, len(lines), *_rate(len(lines), seconds), **values)


def _rate(work: int, seconds: float) -> tuple[float, float]:
    return round(seconds, 3), round(work / seconds, 1) if seconds else 0.0


def planted_row(seed: int) -> Verified:
    """A sound list with one defect of each kind in it: all found, none besides."""
    entries, truth = planted(3_000, seed)
    began = perf_counter()
    findings = contradictions(entries)
    seconds = perf_counter() - began
    said = [(one.kind, frozenset(one.entries)) for one in findings]
    kinds = {kind: int((kind, who) in said) for kind, who in truth}
    false = [one for one in said if one not in truth]
    return Verified(
        "verify planted",
        len(entries),
        *_rate(len(entries), seconds),
        wrong=len(false),
        recall=round(sum(kinds.values()) / len(truth), 5),
        kinds=kinds,
    )


def public(folder: Path) -> Iterator[Verified]:
    """The public line lists, each against itself."""
    for name in LISTS:
        source = folder / name
        if not source.exists():
            source = folder / Path(name).name
        if not source.exists():
            sys.stderr.write(f"{name} is not in {folder}: its line is left out\n")
            continue
        began = perf_counter()
        table = open_table(source, source.name, known=names_a_column)
        columns = columns_of(table.headings)
        rows = [Line(row.number, row.cells) for row in table.rows]
        findings = contradictions(entries_of(rows, columns))
        seconds = perf_counter() - began
        kinds: dict[str, int] = {}
        for one in findings:
            kinds[one.kind] = kinds.get(one.kind, 0) + 1
        yield Verified(
            f"verify chains {source.stem}",
            len(rows),
            *_rate(len(rows), seconds),
            defects=sum(one.defect for one in findings),
            hints=sum(not one.defect for one in findings),
            kinds=kinds,
        )
