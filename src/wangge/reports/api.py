"""Reports over HTTP: what there is, what it would be, its form, making it, and its runs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.kernel.http import Asking, asking
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.places.forms import answer_deed
from wangge.reports import certificate_pages, commands, deeds, outgoing, queries
from wangge.reports.acts import READ
from wangge.reports.asking import preview, question
from wangge.reports.making import Mapped, mapping_of
from wangge.reports.model import Spec
from wangge.reports.overview import Together, overview
from wangge.reports.queries import Report, Run, Saved
from wangge.reports.schedules import Every, Rhythm
from wangge.reports.uploads import BODY_BYTES_MAX, uploaded

Asked = Request[Any, Any, Any]
#: Runs of a report that are listed.
RUNS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report. `form` are the headings of the asker's own form, empty without one; `every`, `rhythm`
    and `at_minute` (from midnight, here) say when the clock makes it."""

    id: UUID
    name: str
    asker: str
    area_code: str
    spec: Spec
    personal: bool
    full: tuple[str, ...]
    form: list[Mapped]
    request_id: UUID | None
    owner_id: UUID
    every: str
    rhythm: Rhythm
    at_minute: int
    next_at: datetime | None
    paused_at: datetime | None
    changed_at: datetime
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class RunView:
    """One run. Differences are None when there was nothing to compare with; `changed_columns` is
    heading → in how many rows it changed."""

    id: UUID
    report_id: UUID
    at: datetime
    by_id: UUID
    by_clock: bool
    only_new: bool
    state: str
    export_id: UUID | None
    file: bool
    rows: int
    people: int
    cells: int
    unknown: int
    new_rows: int | None
    changed_rows: int | None
    gone_rows: int | None
    changed_columns: dict[str, int] | None


@dataclass(frozen=True, slots=True)
class PreviewView:
    """The first rows, masked; `missing` is how many values each field column lacks."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int
    people: int
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OverlapView:
    """Which reports ask the same, and how many cells of the last 30 days nobody typed."""

    together: list[Together]
    saved: Saved


def report_view(report: Report) -> ReportView:
    """As told to a program."""
    return ReportView(
        report.id,
        report.name,
        report.asker,
        report.area_code,
        msgspec.convert(report.spec, Spec),
        report.personal,
        report.full_names,
        mapping_of(report),
        report.request_id,
        report.owner_id,
        report.every,
        commands.rhythm_of(report),
        report.at_minute,
        report.next_at,
        report.paused_at,
        report.changed_at,
        report.closed_at,
        report.version,
    )


def run_view(run: Run) -> RunView:
    """As told to a program."""
    return RunView(
        run.id,
        run.report_id,
        run.at,
        run.by_id,
        run.by_clock,
        run.only_new,
        run.state,
        run.export_id,
        run.file_id is not None,
        run.rows,
        run.people,
        run.cells,
        run.unknown,
        run.new_rows,
        run.changed_rows,
        run.gone_rows,
        run.changed_columns,
    )


def _who(request: Asked) -> Asking:
    who = asking(request)
    who.must(READ)
    return who


@get("/api/v1/reports")
async def reports_list(
    request: Asked,
    live: FromQuery[bool] = True,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Page[ReportView]:
    """Reports within reach, the last changed first."""
    who, size = _who(request), page_size(limit)
    async with who.tx(read_only=True) as tx:
        found = await queries.reports(
            tx, tx.reach(READ), live=live, before=read_mark(after), limit=size + 1
        )
    last = found[size - 1] if len(found) > size else None
    items = [report_view(one) for one in found[:size]]
    return Page(items, mark_of(last.changed_at, last.id) if last else None)


@get("/api/v1/reports/overlaps")
async def overlaps(request: Asked) -> OverlapView:
    """Which reports ask the same, and how many cells nobody typed lately."""
    async with _who(request).tx(read_only=True) as tx:
        found = await overview(tx)
    return OverlapView(found.together, found.saved)


@get("/api/v1/reports/{report_id:uuid}")
async def one_report(request: Asked, report_id: FromPath[UUID]) -> ReportView:
    """One report."""
    async with _who(request).tx(read_only=True) as tx:
        found = await queries.report(tx, tx.reach(READ), report_id)
    return report_view(found)


@post("/api/v1/reports", status_code=201)
async def save(request: Asked, data: JSONBody[deeds.SaveReport]) -> Response[Any]:
    """Write down a report, or another version of one."""
    return await answer_deed(request, "reports.save", data)


@get("/api/v1/reports/{report_id:uuid}/preview")
async def look(request: Asked, report_id: FromPath[UUID]) -> PreviewView:
    """What it would be now: its first rows (masked), how many there are, what is missing."""
    who = _who(request)
    async with who.tx(read_only=True) as tx:
        found = await queries.report(tx, tx.reach(READ), report_id)
        shown = await preview(tx, await question(tx, found), who.district.vault)
    return PreviewView(shown.headings, shown.rows, shown.count, shown.people, shown.missing)


class RunBody(msgspec.Struct, forbid_unknown_fields=True):
    """See the deed `reports.run`."""

    reason: str = ""
    full: list[str] | None = None
    only_new: bool = False
    format: str = "xlsx"


@post("/api/v1/reports/{report_id:uuid}/runs", status_code=201)
async def run(
    request: Asked, report_id: FromPath[UUID], data: JSONBody[RunBody]
) -> Response[Any]:
    """Make it. With people in it, the file comes from `/api/v1/exports/{export_id}/file`."""
    raw = {"report_id": str(report_id), **msgspec.to_builtins(data)}
    return await answer_deed(request, "reports.run", raw)


@get("/api/v1/reports/{report_id:uuid}/runs")
async def runs(request: Asked, report_id: FromPath[UUID]) -> Page[RunView]:
    """Its latest runs with what changed between them."""
    async with _who(request).tx(read_only=True) as tx:
        found = await queries.report(tx, tx.reach(READ), report_id)
        listed = await queries.runs(tx, found.id, RUNS_SHOWN)
    return Page([run_view(one) for one in listed], None)


@get("/api/v1/runs/{run_id:uuid}/file")
async def run_file(request: Asked, run_id: FromPath[UUID]) -> Response[bytes]:
    """The file of a table without people in it."""
    return await file_answer(_who(request), run_id)


async def file_answer(who: Asking, run_id: UUID) -> Response[bytes]:
    """A run's file as an answer."""
    async with who.tx(read_only=True) as tx:
        report, _, data = await outgoing.file_of_run(tx, run_id)
    name = quote(f"{report.name}.xlsx")
    return Response(
        data,
        media_type=commands.XLSX,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f"attachment; filename=\"report.xlsx\"; filename*=UTF-8''{name}",
        },
    )


class Plan(msgspec.Struct, forbid_unknown_fields=True):
    """See the deed `reports.schedule`."""

    every: Every
    hour: int = 7
    minute: int = 0
    reason: str = ""
    days: list[int] = msgspec.field(default_factory=list[int])
    step: int = 1
    since: date | None = None
    off: str = "keep"


@post("/api/v1/reports/{report_id:uuid}/schedule", status_code=200)
async def schedule(
    request: Asked, report_id: FromPath[UUID], data: JSONBody[Plan]
) -> Response[Any]:
    """Let the clock make it, or no longer."""
    raw = {"report_id": str(report_id), **msgspec.to_builtins(data)}
    return await answer_deed(request, "reports.schedule", raw)


class PauseBody(msgspec.Struct, forbid_unknown_fields=True):
    paused: bool = True


@post("/api/v1/reports/{report_id:uuid}/pause", status_code=200)
async def pause(
    request: Asked, report_id: FromPath[UUID], data: JSONBody[PauseBody]
) -> Response[Any]:
    """Let its schedule rest, or go on."""
    raw = {"report_id": str(report_id), **msgspec.to_builtins(data)}
    return await answer_deed(request, "reports.pause", raw)


class CloseBody(msgspec.Struct, forbid_unknown_fields=True):
    merged_into: UUID | None = None


@post("/api/v1/reports/{report_id:uuid}/close", status_code=200)
async def close(
    request: Asked, report_id: FromPath[UUID], data: JSONBody[CloseBody]
) -> Response[Any]:
    """Nobody makes it any more."""
    raw = {"report_id": str(report_id), **msgspec.to_builtins(data)}
    return await answer_deed(request, "reports.close", raw)


@post("/api/v1/reports/merge", status_code=201)
async def merge(request: Asked, data: JSONBody[deeds.MergeReports]) -> Response[Any]:
    """One report with the columns of several; they are closed."""
    return await answer_deed(request, "reports.merge", data)


# -- forms -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FormView:
    """A form, understood. `rows` is what a line is, `register` of which kind of things. `key` "" in
    `headings`: nobody here can fill it; `unsure` are suggestions (heading → key) that count only when
    somebody chooses them."""

    sheet: str
    rows: str
    register: str
    headings: list[Mapped]
    unsure: dict[str, str]
    labels: tuple[str, ...]
    locked: tuple[str, ...]
    room: int
    old_rows: int


def form_view(found: commands.Understood) -> FormView:
    """As told to a program."""
    return FormView(
        found.sheet,
        found.rows.value,
        found.spec.register,
        list(found.mapped),
        {m.heading.words: m.key for m in found.matches if m.key and not m.sure},
        found.places,
        found.locked,
        found.room,
        found.old_rows,
    )


@post("/api/v1/forms/understand", status_code=200, request_max_body_size=BODY_BYTES_MAX)
async def understand(request: Asked, area: FromQuery[str]) -> FormView:
    """What a form asks for and which of it is held; nothing is kept."""
    who = _who(request)
    data, name = await uploaded(request)
    async with who.tx(read_only=True) as tx:
        tx.require(READ, area)
        found = await commands.understand_form(tx, area, data, name)
    return form_view(found)


@post(
    "/api/v1/reports/{report_id:uuid}/form",
    status_code=200,
    request_max_body_size=BODY_BYTES_MAX,
)
async def set_form(request: Asked, report_id: FromPath[UUID]) -> ReportView:
    """Give a report the asker's own .xlsx; its columns become those of the form."""
    who = _who(request)
    data, name = await uploaded(request)
    async with who.tx() as tx:
        found = await commands.set_form(tx, who.district.shelf, report_id, data, name)
    return report_view(found)


@post("/api/v1/reports/{report_id:uuid}/form/drop", status_code=200)
async def drop_form(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """Back to a sheet of our own."""
    return await answer_deed(request, "reports.drop_form", {"report_id": str(report_id)})


class Columns(msgspec.Struct, forbid_unknown_fields=True):
    columns: dict[str, str]


@post("/api/v1/reports/{report_id:uuid}/form/columns", status_code=200)
async def map_form(
    request: Asked, report_id: FromPath[UUID], data: JSONBody[Columns]
) -> Response[Any]:
    """Say what headings of the form mean: the heading as shown → the key of a field, "" for none."""
    raw = {"report_id": str(report_id), "columns": data.columns}
    return await answer_deed(request, "reports.map_form", raw)


# -- requests --------------------------------------------------------------------------------------


class IntoReport(msgspec.Struct, forbid_unknown_fields=True):
    report_id: UUID
    reason: str = ""


@post("/api/v1/requests/{request_id:uuid}/merge", status_code=200)
async def merge_request(
    request: Asked, request_id: FromPath[UUID], data: JSONBody[IntoReport]
) -> Response[Any]:
    """Answer a request by a report that is made anyway."""
    raw = {"request_id": str(request_id), **msgspec.to_builtins(data)}
    return await answer_deed(request, "reports.merge_request", raw)


@post("/api/v1/requests/{request_id:uuid}/report", status_code=201)
async def report_of_request(request: Asked, request_id: FromPath[UUID]) -> Response[Any]:
    """A report with the columns of an admitted request."""
    return await answer_deed(request, "reports.of_request", {"request_id": str(request_id)})


ROUTES: list[Any] = [
    *certificate_pages.API_ROUTES,
    reports_list,
    overlaps,
    one_report,
    save,
    look,
    run,
    runs,
    run_file,
    schedule,
    pause,
    close,
    merge,
    understand,
    set_form,
    map_form,
    drop_form,
    merge_request,
    report_of_request,
]
