"""What people mean to do with reports. A form's file goes by a page or a REST route of its own: its
bytes do not belong into a deed's memory."""

from datetime import date
from uuid import UUID

import msgspec

from wangge.forms.queries import requests as forms_queries
from wangge.forms.requests import reading_reach
from wangge.kernel.database import Tx
from wangge.kernel.files import shelf_of
from wangge.kernel.http import deed
from wangge.reports import commands, outgoing
from wangge.reports.model import Spec
from wangge.reports.queries import Report, Run
from wangge.reports.requested import report_of_request
from wangge.reports.schedules import Every, Rhythm


class ReportSaid(msgspec.Struct):
    """A report, in short."""

    id: UUID
    name: str
    version: int
    personal: bool


class RunSaid(msgspec.Struct):
    """A run: with people in it its file comes from the export; otherwise it is ready at once."""

    id: UUID
    state: str
    export_id: UUID | None
    rows: int
    cells: int
    unknown: int


def report_said(report: Report) -> ReportSaid:
    """As told to a program."""
    return ReportSaid(report.id, report.name, report.version, report.personal)


def run_said(run: Run) -> RunSaid:
    """As told to a program."""
    return RunSaid(run.id, run.state, run.export_id, run.rows, run.cells, run.unknown)


class SaveReport(msgspec.Struct, forbid_unknown_fields=True):
    """A report as somebody writes it; with `report_id` another version of that one, `version` being
    the one they read."""

    name: str
    area_code: str
    spec: Spec
    asker: str = ""
    full: list[str] = msgspec.field(default_factory=list[str])
    report_id: UUID | None = None
    request_id: UUID | None = None
    version: int | None = None


@deed("reports.save", SaveReport, status=201)
async def save(tx: Tx, body: SaveReport) -> ReportSaid:
    draft = commands.Draft(
        body.name, body.area_code, body.spec, body.asker, tuple(body.full), body.request_id
    )
    return report_said(await commands.save(tx, draft, body.report_id, body.version))


class ScheduleReport(msgspec.Struct, forbid_unknown_fields=True):
    """`every`: never, daily, weekly, monthly, days (every `step`, counted from `since`); the time is
    here. `days` are of the week (1 Monday to 7; Mondays when nothing is said) or the month (1 to 31,
    0 for the last; the first). `off`: what becomes of a time on a day off: keep, later, earlier."""

    report_id: UUID
    every: Every
    hour: int = 7
    minute: int = 0
    reason: str = ""
    days: list[int] = msgspec.field(default_factory=list[int])
    step: int = 1
    since: date | None = None
    off: str = "keep"


@deed("reports.schedule", ScheduleReport)
async def schedule(tx: Tx, body: ScheduleReport) -> ReportSaid:
    rhythm = Rhythm(tuple(body.days), body.step, body.since, body.off)
    plan = commands.Schedule(body.every, body.hour, body.minute, body.reason, rhythm)
    return report_said(await commands.set_schedule(tx, body.report_id, plan))


class PauseReport(msgspec.Struct, forbid_unknown_fields=True):
    """Let a schedule rest, or (`paused` false) go on."""

    report_id: UUID
    paused: bool = True


@deed("reports.pause", PauseReport)
async def pause(tx: Tx, body: PauseReport) -> ReportSaid:
    return report_said(await commands.pause(tx, body.report_id, paused=body.paused))


class CloseReport(msgspec.Struct, forbid_unknown_fields=True):
    report_id: UUID
    merged_into: UUID | None = None


@deed("reports.close", CloseReport)
async def close(tx: Tx, body: CloseReport) -> ReportSaid:
    return report_said(await commands.close(tx, body.report_id, body.merged_into))


class MergeReports(msgspec.Struct, forbid_unknown_fields=True):
    """One report with the columns of all; they are closed."""

    report_ids: list[UUID]
    name: str = ""


@deed("reports.merge", MergeReports, status=201)
async def merge(tx: Tx, body: MergeReports) -> ReportSaid:
    return report_said(await commands.merge(tx, body.report_ids, body.name))


class DropForm(msgspec.Struct, forbid_unknown_fields=True):
    report_id: UUID


@deed("reports.drop_form", DropForm)
async def drop_form(tx: Tx, body: DropForm) -> ReportSaid:
    return report_said(await commands.drop_form(tx, body.report_id))


class RunReport(msgspec.Struct, forbid_unknown_fields=True):
    """Make it. `reason` is needed when people are in it; `full` (name, phone, id_number) asks for a
    second person; `only_new` leaves out what did not change since the last time."""

    report_id: UUID
    reason: str = ""
    full: list[str] | None = None
    only_new: bool = False
    format: str = "xlsx"


@deed("reports.run", RunReport, status=201)
async def run(tx: Tx, body: RunReport) -> RunSaid:
    return run_said(
        await outgoing.run(
            tx,
            body.report_id,
            reason=body.reason,
            full=body.full,
            only_new=body.only_new,
            format=body.format,
        )
    )


class MergeRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Answer somebody's request by a report that is made anyway."""

    request_id: UUID
    report_id: UUID
    reason: str = ""


class Merged(msgspec.Struct):
    request_id: UUID
    report_id: UUID


@deed("reports.merge_request", MergeRequest)
async def merge_request(tx: Tx, body: MergeRequest) -> Merged:
    found = await commands.merge_request(tx, body.request_id, body.report_id, body.reason)
    return Merged(found.id, body.report_id)


class FormColumns(msgspec.Struct, forbid_unknown_fields=True):
    """What headings of a report's own form mean: the heading as shown → the key of a field, "" for none.
    Headings that are not named stay as they are."""

    report_id: UUID
    columns: dict[str, str]


@deed("reports.map_form", FormColumns)
async def map_form(tx: Tx, body: FormColumns) -> ReportSaid:
    shelf = shelf_of(tx.actor.district)
    return report_said(await commands.map_form(tx, shelf, body.report_id, body.columns))


class ReportOfRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A report with the columns of an admitted request."""

    request_id: UUID


@deed("reports.of_request", ReportOfRequest, status=201)
async def of_request(tx: Tx, body: ReportOfRequest) -> ReportSaid:
    found = await forms_queries.request(tx, reading_reach(tx), body.request_id)
    shelf = shelf_of(tx.actor.district)
    return report_said(await report_of_request(tx, shelf, found))
