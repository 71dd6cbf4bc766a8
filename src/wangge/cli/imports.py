"""`wangge import`: somebody else's table of cases, from a terminal."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from wangge.cli.speak import Progress as Shown
from wangge.cli.speak import Sorry, _, chosen, say, table
from wangge.cli.target import Place, district, district_option, run, where
from wangge.dispatch import imports as work
from wangge.imports import uploading
from wangge.imports import work as register_work
from wangge.imports.columns.fields import KIND_NAMES, PEOPLE
from wangge.imports.columns.mapping import read_mapping
from wangge.imports.model import VERDICTS
from wangge.imports.queries import lines as register_lines
from wangge.imports.shown import line_views
from wangge.kernel.actors import system_actor
from wangge.kernel.crypto import open_vault, register_vault
from wangge.kernel.database import Database
from wangge.kernel.i18n import Locale

#: Rows a preview prints.
SHOWN = 20


@click.group()
def imports() -> None:
    """导入别处的表 · bring in tables from elsewhere."""


@imports.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map",
    "map_",
    default="",
    help="列对照:311、messages 或一个 JSON 文件;不给就按表头猜 · a preset or a JSON file",
)
@click.option("--tz", default="", help="没写时区的时间按哪里算 · zone of naive times")
@click.option(
    "--outside",
    type=click.Choice(["refuse", "county"]),
    default=None,
    help="区外的位置:不收,或只留文字记在区县 · places beyond the district",
)
@click.option(
    "--offer", is_flag=True, help="未办结的马上派单 · ask people about open cases at once"
)
@click.option("--sheet", default=None, help="工作表 · the sheet of a workbook")
@click.option("--preview", is_flag=True, help="只看不导 · look, import nothing")
@click.option(
    "--refused",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="没导入的行写到这个 CSV · where refused rows are written",
)
@where
@district_option
def cases(
    place: Place,
    district: str,
    file: Path,
    map_: str,
    tz: str,
    outside: str | None,
    offer: bool,
    sheet: str | None,
    preview: bool,
    refused: Path | None,
) -> int:
    """导入一张事件表 · import a table of cases; doing it twice is harmless."""
    with place.database() as dsn:
        return run(
            _cases(dsn, district, file, map_, tz, outside, offer, sheet, preview, refused)
        )


@imports.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind",
    type=click.Choice(list(KIND_NAMES)),
    default=PEOPLE,
    help="哪种台账 · which register",
)
@click.option("--area", default="", help="哪个社区(街道)的表 · code of the area it is of")
@click.option(
    "--sheet", "sheets", multiple=True, help="工作表,可多次 · a sheet, may be repeated"
)
@click.option("--make-doors", is_flag=True, help="没有的门牌新建 · make doors that are missing")
@click.option("--apply", "apply_", is_flag=True, help="看完就登记 · register what would change")
@where
@district_option
def register(
    place: Place,
    district: str,
    file: Path,
    kind: str,
    area: str,
    sheets: tuple[str, ...],
    make_doors: bool,
    apply_: bool,
) -> int:
    """导入一张住户表或台账 · a house list or a register's table: look at it row by row, with --apply
    register it."""
    with place.database() as dsn:
        keys = place.data_dir / "keys"
        return run(_register(dsn, keys, district, file, kind, area, sheets, make_doors, apply_))


async def _register(
    dsn: str,
    keys: Path,
    wanted: str,
    file: Path,
    kind: str,
    area: str,
    sheets: tuple[str, ...],
    make_doors: bool,
    apply_: bool,
) -> int:
    row = await district(dsn, wanted)
    vault = open_vault(keys, row.schema)
    register_vault(row.schema, vault)
    database = await Database.connect(dsn, row.schema)
    actor = system_actor(row.schema)
    locale: Locale = "en" if chosen() == "en" else "zh"
    try:
        async with database.tx(actor) as tx:
            found = await uploading.stage(
                tx, vault, file, file.name, kind, area=area or row.code, sheets=sheets or None
            )
            if found.phase == "sheets":
                found = await uploading.choose_sheets(tx, vault, found.id, found.sheets)
            meaning = replace(read_mapping(found.mapping), make=make_doors)
            await uploading.agree(tx, found.id, meaning)
        say(_("{name}:{rows} 行。", name=found.name, rows=found.rows))
        for key, headings in meaning.columns.items():
            say(f"  {key} ← {' + '.join(headings)}")
        line = Shown()
        await register_work.run(
            database, found.id, shown=lambda now: line.show(f"{now.done} / {now.total}")
        )
        line.done()
        async with database.tx(actor, read_only=True) as tx:
            counts = await register_lines.counts(tx, found.id)
            kept = await register_lines.page(tx, found.id, limit=SHOWN)
            views = await line_views(tx, vault, found, kept, locale, own=True)
        rows: list[tuple[str, ...]] = [(_("行"), _("结果"), _("地点"), _("去向或原因"))]
        for one in views:
            said = [one.place, *(trouble.words for trouble in one.told)]
            door = (one.name if kind != PEOPLE else "") or one.door or one.address
            why = ";".join(filter(None, said))
            rows.append((str(one.row), _(VERDICTS[one.verdict]), door[:24], why[:60]))
        say(table(rows))
        say("  ".join(f"{_(VERDICTS[one.verdict])} {one.lines}" for one in counts))
        if not apply_:
            async with database.tx(actor) as tx:
                await register_work.cancel(tx, found.id)
            return 0
        async with database.tx(actor) as tx:
            await register_work.apply(tx, found.id)
        done = await register_work.run(
            database, found.id, shown=lambda now: line.show(f"{now.done} / {now.total}")
        )
        line.done()
        say("  ".join(f"{_(VERDICTS[k])} {n}" for k, n in done.data.items() if k in VERDICTS))
        return 0 if done.state == "done" else 1
    finally:
        await database.close()


async def _cases(
    dsn: str,
    wanted: str,
    file: Path,
    map_: str,
    tz: str,
    outside: str | None,
    offer: bool,
    sheet: str | None,
    preview: bool,
    refused: Path | None,
) -> int:
    row = await district(dsn, wanted)
    database = await Database.connect(dsn, row.schema)
    actor = system_actor(row.schema)
    changes: dict[str, Any] = {
        **({"tz": tz} if tz else {}),
        **({"outside": outside} if outside else {}),
    }
    try:
        async with database.tx(actor) as tx:
            staged = await work.stage(tx, file, file.name, sheet=sheet, mapping=_preset(map_))
            mapping = replace(staged.mapping, **changes)
            await work.agree(tx, staged.id, mapping, offer=offer)
            say(_("{name}:{rows} 行。", name=staged.name, rows=staged.rows))
            for name, headings in mapping.columns.items():
                say(f"  {name} ← {' + '.join(headings)}")
            if preview:
                _show(await work.preview_staged(tx, staged.id, SHOWN))
                await work.cancel(tx, staged.id)
                return 0
            await work.begin(tx, staged.id)
        line = Shown()
        done = await work.run(
            database,
            staged.id,
            shown=lambda now: line.show(f"{now.done} / {now.total}"),
        )
        line.done()
        _tell(done)
        if refused is not None:
            async with database.tx(actor, read_only=True) as tx:
                locale: Locale = "en" if chosen() == "en" else "zh"
                data = await work.refused_csv(tx, staged.id, locale)
            refused.write_bytes(data)  # noqa: ASYNC240  (a terminal waits for nobody)
            say(_("没导入的行写在 {place}。", place=str(refused)))
        return 0 if done.state == "done" else 1
    finally:
        await database.close()


def _preset(name: str) -> work.Mapping | None:
    if not name:
        return None
    known = work.presets().get(name)
    if known is not None:
        return known
    path = Path(name)
    if not path.is_file():
        raise Sorry(
            "没有列对照“{name}”。可用:{all},或一个 JSON 文件。",
            name=name,
            all="、".join(work.presets()),
        )
    try:
        return work.read_mapping(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as wrong:
        raise Sorry("{name} 不是 JSON:{detail}", name=name, detail=str(wrong)) from wrong


def _show(shown: work.Preview) -> None:
    rows: list[tuple[str, ...]] = [(_("行"), _("结果"), _("标题"), _("分类"), _("去向或原因"))]
    for one in shown.lines:
        problems = ";".join(str(problem.said("zh")["words"]) for problem in one.problems)
        rows.append(
            (
                str(one.row),
                one.verdict,
                one.title[:16],
                one.class_name[:12],
                (one.route_reason or problems)[:60],
            )
        )
    say(table(rows))
    say("  ".join(f"{name} {count}" for name, count in shown.counts.items()))


def _tell(done: work.Progress) -> None:
    counts = done.counts
    say(
        _(
            "✓ 新增 {new}(未办结 {open}、已办结 {closed}),认出分类 {classified},找到规则 {routed};"
            "已有 {same},内容不同 {changed},没导入 {refused}。",
            **counts,
        )
    )
