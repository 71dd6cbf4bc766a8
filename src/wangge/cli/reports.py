"""`wangge report`: saved tables from a terminal, by the same rules as at the desk.

A table of numbers is written at once. One with people in it is an export like any other: somebody
asks for it in their own name (`--as`, with their password), it is masked, has a reason, a watermark
and a record, and above a number of people it waits for somebody else at the desk to agree.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import click

from wangge.access import Visitor, queries, sign_in, sign_out
from wangge.access.refusals import SecondFactorWanted
from wangge.cli.speak import Sorry, _, say, table
from wangge.cli.target import Place, district_option, run, where
from wangge.cli.target import district as find_district
from wangge.exports.commands import fetch
from wangge.exports.jobs import make_next
from wangge.exports.model import STATE_NAMES, TROUBLES
from wangge.exports.queries import find as find_export
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.http import District, Installation
from wangge.reports import commands, outgoing
from wangge.reports import queries as kept
from wangge.reports.acts import READ
from wangge.reports.model import Rows, line_words
from wangge.reports.overview import COMPARED_MAX, overview
from wangge.reports.queries import Report
from wangge.reports.schedules import Every, words

#: Seconds between two looks for a file that a running server is making.
PAUSE = 0.3

as_option = click.option(
    "--as",
    "login",
    default="",
    help="以谁的名义(登录名),有个人信息时必填;口令另问 · whose name it is made in",
)


@click.group("report")
def report() -> None:
    """一表通 · saved tables."""


@report.command("list")
@where
@district_option
def list_(place: Place, district: str) -> int:
    """在用的报表,哪些要同样的内容 · reports in use, and which ask the same."""
    with place.database() as dsn:
        return run(_list(dsn, place, district))


@report.command("run")
@click.argument("wanted", metavar="NAME|ID")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="写到哪个 .xlsx · the file to write",
)
@click.option(
    "--template",
    default=None,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="从此用要表单位的这张 .xlsx · the asker's own form, from now on",
)
@click.option(
    "--reason", default="", help="为什么要出,有个人信息时必填 · why, if people are in it"
)
@click.option("--changes", is_flag=True, help="只要新增和变了的 · only what is new or changed")
@as_option
@where
@district_option
def run_(
    place: Place,
    district: str,
    wanted: str,
    out: Path,
    template: Path | None,
    reason: str,
    changes: bool,
    login: str,
) -> int:
    """出一张报表 · make a table; people in it are masked."""
    with place.database() as dsn:
        return run(_run(dsn, place, district, login, wanted, out, template, reason, changes))


@report.command("fetch")
@click.argument("export_id", metavar="EXPORT")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@as_option
@where
@district_option
def fetch_(place: Place, district: str, export_id: str, out: Path, login: str) -> int:
    """取回已批准的报表 · fetch a table that was waiting for a second person."""
    try:
        wanted = UUID(export_id)
    except ValueError:
        raise Sorry("EXPORT 应是导出的编号(出表时印出来的那一串)。") from None
    with place.database() as dsn:
        return run(_fetch(dsn, place, district, login, wanted, out))


@asynccontextmanager
async def opened(dsn: str, place: Place, wanted: str) -> AsyncGenerator[District]:
    """The district with its keys and files, for the while."""
    row = await find_district(dsn, wanted)
    installation = await Installation.open(dsn, place.data_dir)
    try:
        yield installation.find(slug=row.slug)
    finally:
        await installation.close()


@asynccontextmanager
async def actor_of(district: District, login: str) -> AsyncGenerator[Actor]:
    """Who it is: somebody who proves it as at any other door, or the machine itself."""
    if not login:
        yield system_actor(district.schema)
        return
    password = os.environ.get("WANGGE_PASSWORD") or click.prompt(_("口令"), hide_input=True)
    visitor = Visitor("field", "wangge report")
    try:
        came = await sign_in(
            district, login, password, visitor, code=os.environ.get("WANGGE_CODE")
        )
    except SecondFactorWanted:
        code = click.prompt(_("动态口令(六位数)"))
        came = await sign_in(district, login, password, visitor, code=code)
    async with district.database.tx(system_actor(district.schema), read_only=True) as tx:
        name = (await queries.account(tx, came.account_id)).name
        grants = await queries.grants(tx, came.account_id)
    actor = Actor(came.account_id, "staff", district.schema, grants, name=name)
    try:
        yield actor
    finally:
        async with district.database.tx(actor) as tx:
            await sign_out(tx, came.session_id)


async def _list(dsn: str, place: Place, wanted: str) -> int:
    async with opened(dsn, place, wanted) as district:
        actor = system_actor(district.schema)
        async with district.database.tx(actor, read_only=True) as tx:
            found = await overview(tx)
    names = {one.id: one.name for one in found.reports}
    rows: list[tuple[str, ...]] = [
        (_("报表"), _("区域"), _("一行是什么"), _("多久一次"), _("编号"))
    ]
    rows += [
        (
            one.name[:24],
            one.area_code,
            _(line_words(Rows(one.spec["rows"]), one.spec.get("register", ""))),
            words(_, Every(one.every), commands.rhythm_of(one), one.at_minute)
            + (f" ({_('已暂停')})" if one.paused_at else ""),
            str(one.id),
        )
        for one in found.reports
    ]
    say(table(rows))
    for group in found.together:
        say(
            _(
                "要同样的 {n} 列:{names}",
                n=len(group.columns),
                names="、".join(names[id_] for id_ in group.reports),
            )
        )
    return 0


async def _run(
    dsn: str,
    place: Place,
    wanted_district: str,
    login: str,
    wanted: str,
    out: Path,
    template: Path | None,
    reason: str,
    changes: bool,
) -> int:
    async with opened(dsn, place, wanted_district) as district:
        async with actor_of(district, login) as actor:
            async with district.database.tx(actor) as tx:
                listed = await kept.reports(
                    tx, tx.reach(READ), live=True, before=None, limit=COMPARED_MAX
                )
                found = _meant(listed, wanted)
                if template is not None:
                    data = template.read_bytes()  # noqa: ASYNC240  (a terminal waits for nobody)
                    found = await commands.set_form(
                        tx, district.shelf, found.id, data, template.name
                    )
                    for one in commands.unknown_headings(found):
                        say(_("系统填不了的列:{name}", name=one.words))
            if found.personal and not login:
                raise Sorry(
                    "“{name}”里有个人信息:用 --as 写明以谁的名义出,用 --reason 写明原因。",
                    name=found.name,
                )
            async with district.database.tx(actor) as tx:
                made = await outgoing.run(
                    tx, found.id, reason=reason, full=(), only_new=changes
                )
            if made.export_id is not None:
                return await _exported(district, actor, login, made.export_id, out)
            async with district.database.tx(actor, read_only=True) as tx:
                _report, done, data = await outgoing.file_of_run(tx, made.id)
        out.write_bytes(data)  # noqa: ASYNC240
        say(
            _(
                "✓ {rows} 行,填了 {cells} 格,{unknown} 格标黄,写在 {place}。",
                rows=done.rows,
                cells=done.cells,
                unknown=done.unknown,
                place=str(out),
            )
        )
        if done.new_rows is not None:
            say(
                _(
                    "和上次比:新增 {new},变化 {changed},减少 {gone}。",
                    new=done.new_rows,
                    changed=done.changed_rows,
                    gone=done.gone_rows,
                )
            )
        return 0


def _meant(listed: list[Report], wanted: str) -> Report:
    """The report of that name or number. Raises Sorry."""
    fitting = [one for one in listed if wanted in (one.name, str(one.id))]
    if not fitting:
        raise Sorry("没有报表“{name}”。wangge report list 列出全部。", name=wanted)
    if len(fitting) > 1:
        raise Sorry("有 {n} 张报表叫“{name}”,请用编号。", n=len(fitting), name=wanted)
    return fitting[0]


async def _fetch(
    dsn: str, place: Place, wanted: str, login: str, export_id: UUID, out: Path
) -> int:
    if not login:
        raise Sorry("取回要用 --as 写明是谁。")
    async with opened(dsn, place, wanted) as district, actor_of(district, login) as actor:
        return await _exported(district, actor, login, export_id, out)


async def _exported(
    district: District, actor: Actor, login: str, export_id: UUID, out: Path
) -> int:
    """See an export through, unless somebody has to agree first."""
    database = district.database
    while True:
        async with database.tx(actor, read_only=True) as tx:
            found = await find_export(tx, export_id)
        if found is None or found.asked_by != actor.id:
            raise Sorry("没有这次导出。")
        if found.state != "making":
            break
        # A server that runs beside makes it as well as we do: whoever is first.
        async with database.tx(system_actor(district.schema)) as tx:
            idle = await make_next(tx) == 0
        if idle:
            await asyncio.sleep(PAUSE)
    if found.state == "waiting":
        say(
            _(
                "表里有 {people} 人,要第二人在网页“导出”里批准(编号 {mark})。批准后运行:",
                people=found.people,
                mark=found.mark,
            )
        )
        say(f"  wangge report fetch {found.id} --as {login} --out {out}")
        return 1
    if found.state != "ready":
        why = _(TROUBLES[found.trouble]) if found.trouble in TROUBLES else ""
        raise Sorry("没有做成:{state}。{why}", state=_(STATE_NAMES[found.state]), why=why)
    async with database.tx(actor) as tx:
        export, data = await fetch(tx, district.vault, district.shelf, export_id)
    out.write_bytes(data)  # noqa: ASYNC240
    say(_("✓ {rows} 行(脱敏,有水印),写在 {place}。", rows=export.rows, place=str(out)))
    return 0
