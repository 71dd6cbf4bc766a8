"""How a report gets out: a list of people by exports (a reason, a second person, a watermark, an
end), a table of numbers at once. Either way the run is noted, and what it held is kept for the
next comparison.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from wangge.exports import ask as ask_export
from wangge.exports.model import Column as SheetColumn
from wangge.exports.model import Sheet, Watermark, maker
from wangge.kernel import files
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.files import shelf_of
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import NotFound
from wangge.reports import queries, snapshots
from wangge.reports.acts import READ, RUN
from wangge.reports.asking import Question, count, question
from wangge.reports.commands import XLSX, form_of, titles
from wangge.reports.events import ReportMade
from wangge.reports.making import Made, full_possible, make, stamp_line
from wangge.reports.model import FULL_OF, NothingBefore, Rows
from wangge.reports.model import ReportClosed as Closed
from wangge.reports.queries import Report, Run
from wangge.reports.snapshots import Snapshot
from wangge.reports.workbook.fill import Filled, Stamp

WHAT = "reports.run"
#: 居民身份证法 Art. 13; a table of ID numbers needs a law or an order of its own.
ID_NUMBERS_BASIS = "法律、行政法规或应急响应决定要求报送身份证号"


async def run(
    tx: Tx,
    report_id: UUID,
    *,
    reason: str = "",
    full: Sequence[str] | None = None,
    only_new: bool = False,
    format: str = "xlsx",
    by_clock: bool = False,
) -> Run:
    """Make a report as the actor. One with people in it becomes an export (`export_id`), which the
    clock makes once it may; numbers lie ready at once (`file_id`).

    `full` are name, phone, plate, id_number; None takes what the report says. Raises NotFound, Forbidden,
    ReportClosed, NothingBefore, Invalid, ReportTooLong, and the refusals of exports.
    """
    report = await queries.report(tx, tx.reach(READ), report_id)
    tx.require(RUN, report.area_code)
    if report.closed_at is not None:
        raise Closed()
    asked = await question(tx, report)
    possible = full_possible(asked)
    wanted = [n for n in (report.full_names if full is None else full) if n in possible]
    run_ = Run(
        new_id(tx.now),
        report.id,
        report.area_code,
        tx.actor.id,
        by_clock,
        tx.now,
        digest_of(asked, wanted),
        only_new,
        *(None, None, "asked", 0, 0, 0, 0, None, None, None, None, None),
    )
    if only_new and await queries.last_ready(tx, report.id, run_.digest, run_.id) is None:
        raise NothingBefore()
    if not report.personal:
        await queries.insert_run(tx, run_)
        return await _at_once(tx, asked, run_)
    people = (await count(tx, asked)).people
    export = await ask_export(
        tx,
        WHAT,
        {"report": str(report.id), "run": str(run_.id), "only_new": only_new, "format": format},
        area_code=report.area_code,
        people=people,
        reason=reason or report.reason,
        full=wanted,
        format=format,
        title=report.name,
    )
    run_ = replace(run_, export_id=export.id, people=people)
    await queries.insert_run(tx, run_)
    return run_


def digest_of(asked: Question, full: Sequence[str]) -> bytes:
    """Runs of the same question with the same masks can be compared."""
    more = "|".join(sorted(full)) + "|" + asked.report.area_code
    return snapshots.digest(asked.spec.digest(), more)


async def _before(tx: Tx, run_: Run, width: int) -> tuple[UUID | None, Snapshot | None]:
    """What the last run held."""
    last = await queries.last_ready(tx, run_.report_id, run_.digest, run_.id)
    if last is None:
        return None, None
    parts = [(p.part, p.sealed) for p in await queries.snapshot(tx, last)]
    return last, snapshots.opened(vault_of(tx.actor.district), last, width, parts)


def _width(asked: Question) -> int:
    spec = asked.spec
    if spec.rows is Rows.GROUP:
        return len(spec.groups) + len(spec.measures)
    return len(spec.keys)


async def _keep(
    tx: Tx, asked: Question, run_: Run, made: Made, filled: Filled, last: UUID | None
) -> Run:
    """Note a run and what it held."""
    found = made.difference
    done = replace(
        run_,
        state="ready",
        rows=made.rows,
        people=len({one.resident_id for one in made.people}) + made.others or run_.people,
        cells=filled.cells,
        unknown=filled.unknown,
        compared_to=last,
        new_rows=None if found is None else len(found.new),
        changed_rows=None if found is None else len(found.changed),
        gone_rows=None if found is None else len(found.gone),
        changed_columns=None
        if found is None
        else {made.titles[at]: number for at, number in sorted(found.columns.items())},
    )
    await queries.finish_run(tx, done)
    vault = vault_of(tx.actor.district)
    parts = list(made.snapshot.sealed(vault, run_.id))
    await queries.save_snapshot(tx, run_.id, parts)
    await queries.drop_old_snapshots(tx, run_.report_id, run_.digest, [run_.id])
    tx.publish(
        ReportMade(run_.id, run_.area_code, run_.report_id, made.rows, done.cells, done.unknown)
    )
    return done


async def _at_once(tx: Tx, asked: Question, run_: Run) -> Run:
    """A table of numbers: made here, kept as a file."""
    shelf, vault = shelf_of(tx.actor.district), vault_of(tx.actor.district)
    last, before = await _before(tx, run_, _width(asked))
    template = await form_of(tx, shelf, asked.report)
    made = await make(
        tx, asked, vault, template=template, before=before, only_new=run_.only_new
    )
    line = stamp_line(tx.actor.name, tx.now)
    data, filled = made.finish(Stamp(line, tx.actor.name, run_.id.hex[-6:], asked.report.name))
    kept = await files.keep(tx, shelf, new_id(tx.now), data, XLSX)
    return await _keep(tx, asked, replace(run_, file_id=kept.id), made, filled, last)


async def _headings(tx: Tx, spec: Mapping[str, Any]) -> Sequence[str]:
    return await titles(tx, await queries.report(tx, tx.reach(READ), UUID(str(spec["report"]))))


@maker(
    WHAT,
    "报表",
    RUN,
    headings=_headings,
    full=("name", "phone", "plate"),
    id_numbers=ID_NUMBERS_BASIS,
)
async def make_export(tx: Tx, spec: Mapping[str, Any]) -> Sheet:
    """A report with people in it, as whoever asked for it; called by the clock of exports."""
    report = await queries.report(tx, tx.reach(READ), UUID(str(spec["report"])))
    run_ = await queries.run(tx, UUID(str(spec["run"])))
    if run_.report_id != report.id:
        raise NotFound("这次出表")
    full = [str(name) for name in spec.get("full", ())]
    asked = await question(tx, report)
    shelf, vault = shelf_of(tx.actor.district), vault_of(tx.actor.district)
    last, before = await _before(tx, run_, _width(asked))
    as_csv = spec.get("format") == "csv"
    made = await make(
        tx,
        asked,
        vault,
        template=await form_of(tx, shelf, report),
        full=full,
        before=before,
        only_new=bool(spec.get("only_new")),
        keep_lines=as_csv,
    )
    # The reader's transaction cannot write; what the run held is noted beside it.
    filled = made.filler.close_rows()
    async with tx.aside() as beside:
        await _keep(beside, asked, run_, made, filled, last)

    def write(watermark: Watermark) -> bytes:
        stamp = Stamp(
            watermark.line, watermark.staff, watermark.mark, watermark.title, shown=True
        )
        return made.finish(stamp)[0]

    shown = [asked.fields[key] for key in asked.spec.keys]
    return Sheet(
        report.name,
        [
            SheetColumn(
                title, full=FULL_OF.get(field.key, "") if _in_full(field.key, full) else ""
            )
            for title, field in zip(made.titles, shown, strict=True)
        ],
        made.texts(),
        made.people,
        made.rows,
        write=None if as_csv else write,
        others=made.others,
    )


def _in_full(key: str, full: Sequence[str]) -> bool:
    return FULL_OF.get(key, "") in full


async def file_of_run(tx: Tx, run_id: UUID) -> tuple[Report, Run, bytes]:
    """The file of a table of numbers. One with people in it is fetched from its export.
    Raises NotFound."""
    found = await queries.run(tx, run_id)
    report = await queries.report(tx, tx.reach(READ), found.report_id)
    if found.file_id is None:
        raise NotFound("这个文件")
    kept = await files.kept(tx, found.file_id)
    return report, found, shelf_of(tx.actor.district).get(kept.sha256)
