"""Desk pages of reports: the list with what asks the same, a report with its form, its runs and what
changed, and the admission of tables that others want."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.exports.model import FULL_NAMES
from wangge.exports.model import STATE_NAMES as EXPORT_STATES
from wangge.exports.queries import find as find_export
from wangge.forms import following, requests
from wangge.forms import queries as forms_queries
from wangge.forms.acts import ADMIT, CONFIGURE, QUESTION, REQUEST
from wangge.forms.entries import dictionary
from wangge.forms.likeness import WHY
from wangge.forms.model import (
    FREQUENCY_NAMES,
    OWN_KINDS,
    OWN_RETENTION,
    OWN_SUBJECTS,
    REQUEST_STATES,
    WAYS,
    Frequency,
)
from wangge.forms.model import SUBJECTS as SUBJECT_NAMES
from wangge.forms.pages import areas_for
from wangge.kernel.fields import BASIS_NAMES, KIND_NAMES, Basis
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.i18n import translator
from wangge.kernel.moments import new_id, now
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many, whole
from wangge.registers.kinds import KINDS
from wangge.reports import certificate_pages, commands, queries
from wangge.reports.acts import CHANGE, READ, RUN
from wangge.reports.api import RUNS_SHOWN, file_answer
from wangge.reports.editor import ROUTES as EDITOR
from wangge.reports.making import full_possible, mapping_of, preview, question
from wangge.reports.model import RUN_STATES, Spec, line_words
from wangge.reports.overview import answering, overview
from wangge.reports.queries import Report
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
#: What a row of an outside table may be.
ABOUT: Mapping[str, str] = {
    code: words
    for code, words in SUBJECT_NAMES.items()
    if code not in ("area", "case", "dwelling")
}
#: Columns of a request that one form asks for.
ASKED_MAX = 60

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
    who: Asking, report_id: UUID, *, refusal: Refusal | None = None
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        one = await queries.report(tx, tx.reach(READ), report_id)
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
        return await _report(who, report_id, refusal=refusal)
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


# -- admission -------------------------------------------------------------------------------------


@get("/forms/requests")
async def requests_page(request: Asked, after: FromQuery[str] = "") -> Response[Any]:
    """Tables that others want, the newest first."""
    who = asking(request)
    who.signed()
    if not who.may(READ):
        who.must(REQUEST)
    async with who.tx(read_only=True) as tx:
        found = await forms_queries.requests_page(
            tx,
            requests.reading_reach(tx),
            state="",
            before=read_mark(after),
            limit=ROWS + 1,
        )
        atlas = await ATLAS.get(tx)
    shown = found[:ROWS]
    return page(
        who,
        "reports/requests.html",
        requests=shown,
        burdens={one.id: requests.burden_of(one) for one in shown},
        mark=mark_of(shown[-1].filed_at, shown[-1].id) if len(found) > ROWS else None,
        atlas=atlas,
        states=REQUEST_STATES,
        may_file=who.may(REQUEST),
    )


async def _new_request(
    who: Asking, *, refusal: Refusal | None = None, given: dict[str, str] | None = None
) -> Response[Any]:
    who.must(REQUEST)
    given = given or {}
    checked = None
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        if given.get("headings") and given.get("area_code"):
            try:
                checked = await requests.check(
                    tx,
                    given["area_code"],
                    text=given["headings"],
                    subject=given.get("subject", ""),
                    chosen=_chosen(given),
                )
            except Refusal as wrong:
                refusal = refusal or wrong
        known = await dictionary(tx)
    return page(
        who,
        "reports/request_new.html",
        status=refusal.status if refusal else 200,
        checked=checked,
        given=given,
        areas=areas_for(who, atlas, REQUEST),
        atlas=atlas,
        known=known,
        why=WHY,
        frequencies=FREQUENCY_NAMES,
        abouts=ABOUT,
        registers=KINDS,
        refusal=who.said(refusal),
        new_id=new_id,
    )


def _chosen(given: dict[str, str]) -> dict[str, str]:
    """What the form says headings mean: fields named `m:` and the heading's path."""
    return {
        name[2:]: value.removeprefix("-")
        for name, value in given.items()
        if name.startswith("m:") and value
    }


@get("/forms/requests/new")
async def new_request_page(request: Asked) -> Response[Any]:
    """Paste or upload what somebody wants filled."""
    return await _new_request(asking(request))


@post("/forms/requests/check", status_code=200, request_max_body_size=BODY_BYTES_MAX)
async def check_request(request: Asked) -> Response[Any]:
    """What of it is held, what is new, what it costs; nothing is kept."""
    who, given = asking(request), await fields(request)
    who.must(REQUEST)
    form = await request.form()
    upload: Any = form.get("file")
    try:
        if getattr(upload, "filename", ""):
            async with who.tx(read_only=True) as tx:
                found = await requests.check(
                    tx,
                    given.get("area_code", ""),
                    data=await upload.read(),
                    name=str(upload.filename),
                    subject=given.get("subject", ""),
                )
            given["headings"] = "\t".join(c.words.split(" / ")[-1] for c in found.columns)
    except Refusal as refusal:
        return await _new_request(who, refusal=refusal, given=given)
    return await _new_request(who, given=given)


@post("/forms/requests", status_code=200)
async def file_request(request: Asked) -> Response[Any]:
    """Put it before whoever may admit it."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        frequency = given.get("frequency", "once")
        body: dict[str, Any] = {
            name: given.get(name, "") for name in ("title", "asker", "area_code", "basis")
        }
        body |= {
            "headings": given.get("headings", ""),
            "subject": given.get("subject", ""),
            "frequency": frequency if frequency in set(Frequency) else "once",
            "until_date": given.get("until_date") or None,
            "chosen": _chosen(given),
        }
        made = await do_form(who, given, "forms.file_request", body)
    except Refusal as refusal:
        return await _new_request(who, refusal=refusal, given=given)
    return back(who, f"/forms/requests/{made['id']}")


async def _request(
    who: Asking,
    request_id: UUID,
    *,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.signed()
    async with who.tx(read_only=True) as tx:
        one = await forms_queries.request(tx, requests.reading_reach(tx), request_id)
        listed = await queries.reports(tx, tx.reach(READ), live=True, before=None, limit=400)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
        known = await dictionary(tx)
        columns = requests.asked_columns(one)
        lacking = await following.lacking(tx, columns) if one.state == "admitted" else []
        asking_now = await forms_queries.questions_of(tx, one.id)
        decides = one.state == "waiting" and who.actor.may(ADMIT, one.area_code, tx.now)
    return page(
        who,
        "reports/request.html",
        status=refusal.status if refusal else 200,
        one=one,
        columns=columns,
        lacking=[c for c in lacking if c.key not in {q.key for q in asking_now}],
        asking_now=asking_now,
        may_ask=who.actor.may(QUESTION, one.area_code, now()),
        may_field=who.may(CONFIGURE),
        own_subjects=OWN_SUBJECTS,
        own_kinds=OWN_KINDS,
        subjects=SUBJECT_NAMES,
        kinds=KIND_NAMES,
        registers=KINDS,
        bases=BASIS_NAMES,
        own_bases=[b for b in Basis if b is not Basis.PUBLIC_HEALTH_EMERGENCY],
        given=given or {},
        ways=WAYS,
        burden=requests.burden_of(one),
        answering=answering(listed, one),
        listed=listed,
        atlas=atlas,
        roster=roster,
        known=known,
        why=WHY,
        states=REQUEST_STATES,
        frequencies=FREQUENCY_NAMES,
        may_decide=decides and one.filed_by != who.actor.id,
        mine=one.filed_by == who.actor.id,
        may_report=who.may(CHANGE),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/forms/requests/{request_id:uuid}")
async def request_page(request: Asked, request_id: FromPath[UUID]) -> Response[Any]:
    """One request: its columns beside what is held, its cost, and the verdict."""
    return await _request(asking(request), request_id)


@post("/forms/requests/{request_id:uuid}/questions", status_code=200)
async def ask_for_request(request: Asked, request_id: FromPath[UUID]) -> Response[Any]:
    """What the table lacks goes along with the next sweep or visit. Columns are `c0`, `c1` …"""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        columns: list[dict[str, Any]] = []
        for at in range(ASKED_MAX):
            if not given.get(f"c{at}"):
                continue
            one: dict[str, Any] = {"words": given[f"c{at}"], "say": given.get(f"c{at}:say", "")}
            if given.get(f"c{at}:name"):
                days = given.get(f"c{at}:fresh_days", "")
                one["field"] = {
                    **{
                        name: given.get(f"c{at}:{name}", "")
                        for name in ("subject", "name", "meaning", "kind", "purpose", "basis")
                    },
                    "retention": OWN_RETENTION,
                    "fresh_days": int(days) if days.isascii() and days.isdigit() else None,
                    "options": given.get(f"c{at}:options", "").split(),
                }
            columns.append(one)
        body = {
            "request_id": str(request_id),
            "columns": columns,
            "ways": await many(request, "ways"),
            "days": whole(given.get("days", "")),
        }
        await do_form(who, given, "forms.ask_for_request", body)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _request(who, request_id, refusal=refusal, given=given)
    return back(who, f"/forms/requests/{request_id}")


@post("/forms/requests/{request_id:uuid}/{step:str}", status_code=200)
async def decide(
    request: Asked, request_id: FromPath[UUID], step: FromPath[str]
) -> Response[Any]:
    """Admit, merge into a report, refuse, withdraw, or make a report of it."""
    who, given = asking(request), await fields(request)
    who.signed()
    raw: dict[str, Any] = {"request_id": str(request_id)}
    try:
        if step == "report":
            made = await do_form(who, given, "reports.of_request", raw)
            return back(who, f"/reports/{made['id']}")
        raw["reason"] = given.get("reason", "")
        if step == "merge":
            raw["report_id"] = given.get("report_id", "")
            await do_form(who, given, "reports.merge_request", raw)
        else:
            raw["verdict"] = step
            await do_form(who, given, "forms.decide_request", raw)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _request(who, request_id, refusal=refusal)
    return back(who, f"/forms/requests/{request_id}")


ROUTES: list[Any] = [
    *certificate_pages.ROUTES,
    *EDITOR,
    reports_page,
    new_report,
    merge,
    report_page,
    run,
    set_form,
    schedule,
    pause,
    close,
    run_file,
    requests_page,
    new_request_page,
    check_request,
    file_request,
    request_page,
    ask_for_request,
    decide,
]
