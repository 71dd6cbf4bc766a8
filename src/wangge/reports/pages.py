"""Desk pages of reports: the list with what asks the same, a report with its form, its runs and what
changed."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from wangge.exports.model import FULL_NAMES
from wangge.exports.model import STATE_NAMES as EXPORT_STATES
from wangge.exports.queries import find as find_export
from wangge.forms.entries import dictionary
from wangge.forms.model import SUBJECTS as SUBJECT_NAMES
from wangge.forms.pages.common import areas_for
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.i18n import translator
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many, whole
from wangge.reports import certificate_pages, commands, queries, request_pages
from wangge.reports.acts import CHANGE, READ, RUN
from wangge.reports.api import RUNS_SHOWN, file_answer
from wangge.reports.asking import preview, question
from wangge.reports.editing import OWN_COLUMNS, offered_fields
from wangge.reports.editor import ROUTES as EDITOR
from wangge.reports.making import full_possible, mapping_of
from wangge.reports.model import RUN_STATES, Spec, line_words
from wangge.reports.overview import overview
from wangge.reports.queries import Report
from wangge.reports.requested import form_unused
from wangge.reports.schedules import (
    EVERY_NAMES,
    LAST,
    OFF_NAMES,
    STEP_MAX,
    WEEKDAYS,
    Every,
    words,
)
from wangge.reports.uploads import BODY_BYTES_MAX, uploaded

Asked = Request[Any, Any, Any]
ROWS = 50
#: Coming times of a schedule that its page names.
TIMES_SHOWN = 3
nav(62, "/reports", "一表通", "table", READ)


def said_when(who: Asking) -> Callable[[Report], str]:
    """A report's schedule in the reader's words."""

    def said(one: Report) -> str:
        return words(
            translator(who.locale), Every(one.every), commands.rhythm_of(one), one.at_minute
        )

    return said


# -- the list --------------------------------------------------------------------------------------


async def _reports(
    who: Asking, *, refusal: Refusal | None = None, given: dict[str, str] | None = None
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        found = await overview(tx)
        atlas, known = await ATLAS.get(tx), await dictionary(tx)
    specs = {one.id: msgspec.convert(one.spec, Spec) for one in found.reports}
    return page(
        who,
        "reports/reports.html",
        status=refusal.status if refusal else 200,
        found=found,
        specs=specs,
        names={one.id: one.name for one in found.reports},
        atlas=atlas,
        known=known,
        line_words=line_words,
        said_when=said_when(who),
        areas=areas_for(who, atlas, CHANGE, digits=15),
        may_change=who.may(CHANGE),
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/reports")
async def reports_page(request: Asked) -> Response[Any]:
    """All reports, which of them ask the same, and how many cells nobody typed."""
    return await _reports(asking(request))


@post("/reports", status_code=200, request_max_body_size=BODY_BYTES_MAX)
async def new_report(request: Asked) -> Response[Any]:
    """A report from somebody's own form: upload it, and its columns are matched."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        data, name = await uploaded(request)
        area = given.get("area_code", "")
        async with who.tx() as tx:
            tx.require(CHANGE, area)
            found = await commands.understand_form(tx, area, data, name)
            title = given.get("name") or name.rsplit(".", 1)[0][:60]
            draft = commands.Draft(title, area, found.spec, given.get("asker", ""))
            made = await commands.save(tx, draft)
            await commands.set_form(tx, who.district.shelf, made.id, data, name)
    except Refusal as refusal:
        return await _reports(who, refusal=refusal, given=given)
    return back(who, f"/reports/{made.id}")


@post("/reports/merge", status_code=200)
async def merge(request: Asked) -> Response[Any]:
    """One report instead of several that ask the same."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body = {"report_ids": await many(request, "reports"), "name": given.get("name", "")}
        made = await do_form(who, given, "reports.merge", body)
    except Refusal as refusal:
        return await _reports(who, refusal=refusal)
    return back(who, f"/reports/{made['id']}")


# -- one report ------------------------------------------------------------------------------------


async def _report(
    who: Asking,
    report_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        one = await queries.report(tx, tx.reach(READ), report_id)
        unused = await form_unused(tx, one)
        asked = await question(tx, one)
        shown = await preview(tx, asked, who.district.vault)
        runs = await queries.runs(tx, one.id, RUNS_SHOWN)
        newest = runs[0] if runs else None
        times = await commands.times_coming(tx, one, TIMES_SHOWN)
        export = None
        if newest is not None and newest.export_id is not None:
            export = await find_export(tx, newest.export_id)
        atlas, roster, known = (
            await ATLAS.get(tx),
            await ROSTER.get(tx),
            await dictionary(tx),
        )
    return page(
        who,
        "reports/report.html",
        status=refusal.status if refusal else 200,
        one=one,
        spec=asked.spec,
        asked=asked,
        shown=shown,
        mapped=mapping_of(one),
        form_unused=unused,
        offered=offered_fields(known, asked.spec.rows, asked.spec.register),
        own_columns=OWN_COLUMNS,
        subjects=SUBJECT_NAMES,
        full=full_possible(asked),
        full_names=FULL_NAMES,
        runs=runs,
        export=export,
        export_states=EXPORT_STATES,
        states=RUN_STATES,
        line_words=line_words,
        every=EVERY_NAMES,
        said_when=said_when(who),
        rhythm=commands.rhythm_of(one),
        weekdays=WEEKDAYS,
        month_days={**{day: str(day) for day in range(1, 32)}, LAST: "最后一天"},
        off_names=OFF_NAMES,
        step_max=STEP_MAX,
        times=times,
        today=asked.today,
        atlas=atlas,
        roster=roster,
        known=known,
        may_run=who.may(RUN) and one.closed_at is None,
        may_change=who.may(CHANGE) and one.closed_at is None,
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/reports/{report_id:uuid}")
async def report_page(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """A report: its first lines, its gaps, its form, and what changed between its runs."""
    return await _report(asking(request), report_id)


@post("/reports/{report_id:uuid}/run", status_code=200)
async def run(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """One click fills it."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body = {
            "report_id": str(report_id),
            "reason": given.get("reason", ""),
            "full": await many(request, "full"),
            "only_new": given.get("only_new") == "1",
        }
        made = await do_form(who, given, "reports.run", body)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        typed = {**given, "full": await many(request, "full")}
        return await _report(who, report_id, refusal=refusal, given=typed)
    if made["export_id"]:
        return back(who, f"/exports/{made['export_id']}")
    return back(who, f"/reports/{report_id}")


@post("/reports/{report_id:uuid}/form", status_code=200, request_max_body_size=BODY_BYTES_MAX)
async def set_form(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """Give it the asker's own form."""
    who = asking(request)
    who.signed()
    try:
        data, name = await uploaded(request)
        async with who.tx() as tx:
            await commands.set_form(tx, who.district.shelf, report_id, data, name)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _report(who, report_id, refusal=refusal)
    return back(who, f"/reports/{report_id}")


@post("/reports/{report_id:uuid}/columns", status_code=200)
async def map_form(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """Say what one heading of its form means."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        columns = {given.get("heading", ""): given.get("key", "")}
        body = {"report_id": str(report_id), "columns": columns}
        await do_form(who, given, "reports.map_form", body)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _report(who, report_id, refusal=refusal)
    return back(who, f"/reports/{report_id}#columns")


@post("/reports/{report_id:uuid}/schedule", status_code=200)
async def schedule(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """Let the clock make it."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        hour, _, minute = given.get("at", "07:00").partition(":")
        every = given.get("every", "never")
        days = await many(request, "month_days" if every == Every.MONTHLY else "weekdays")
        body = {
            "report_id": str(report_id),
            "every": every,
            "hour": whole(hour, 99, digits=3),
            "minute": whole(minute, 99, digits=3),
            "reason": given.get("reason", ""),
            "days": [whole(day, 99, digits=3) for day in days],
            "step": whole(given.get("step", ""), digits=3),
            "since": given.get("since") or None,
            "off": given.get("off") or "keep",
        }
        await do_form(who, given, "reports.schedule", body)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _report(who, report_id, refusal=refusal)
    return back(who, f"/reports/{report_id}")


@post("/reports/{report_id:uuid}/pause", status_code=200)
async def pause(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """Let the clock rest, or go on."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body = {"report_id": str(report_id), "paused": given.get("paused") == "1"}
        await do_form(who, given, "reports.pause", body)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _report(who, report_id, refusal=refusal)
    return back(who, f"/reports/{report_id}")


@post("/reports/{report_id:uuid}/close", status_code=200)
async def close(request: Asked, report_id: FromPath[UUID]) -> Response[Any]:
    """Nobody makes it any more."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        await do_form(who, given, "reports.close", {"report_id": str(report_id)})
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _report(who, report_id, refusal=refusal)
    return back(who, "/reports")


@get("/reports/runs/{run_id:uuid}/file")
async def run_file(request: Asked, run_id: FromPath[UUID]) -> Response[bytes]:
    """The file of a table without people in it."""
    who = asking(request)
    who.must(READ)
    return await file_answer(who, run_id)


ROUTES: list[Any] = [
    *certificate_pages.ROUTES,
    *EDITOR,
    reports_page,
    new_report,
    merge,
    report_page,
    run,
    set_form,
    map_form,
    schedule,
    pause,
    close,
    run_file,
    *request_pages.ROUTES,
]
