"""Desk pages of 要表准入: a table somebody wants is compared with what is held, and decided about."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.forms import following, requests
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
    Dictionary,
    Frequency,
)
from wangge.forms.model import SUBJECTS as SUBJECT_NAMES
from wangge.forms.pages.common import areas_for
from wangge.forms.queries import questions as question_queries
from wangge.forms.queries import requests as forms_queries
from wangge.kernel.fields import BASIS_NAMES, KIND_NAMES, Basis, FieldSpec
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id, now
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many, whole
from wangge.registers.kinds import KINDS
from wangge.reports import queries
from wangge.reports.acts import CHANGE, READ
from wangge.reports.editing import offered_fields
from wangge.reports.model import Rows
from wangge.reports.overview import answering
from wangge.reports.requested import kept_form
from wangge.reports.uploads import BODY_BYTES_MAX

Asked = Request[Any, Any, Any]
ROWS = 50
#: What a row of an outside table may be.
ABOUT: Mapping[str, str] = {
    code: words
    for code, words in SUBJECT_NAMES.items()
    if code not in ("area", "case", "dwelling")
}
#: Columns of a request that one form asks for.
ASKED_MAX = 60


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
        offered=_offered(known, checked.subject) if checked else [],
        subjects=SUBJECT_NAMES,
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


def _offered(known: Dictionary, subject: str) -> list[tuple[str, list[FieldSpec]]]:
    """What a heading that nobody recognised may mean after all."""
    if subject in KINDS:
        return offered_fields(known, Rows.THING, subject)
    return offered_fields(known, Rows.HOUSEHOLD if subject == "household" else Rows.RESIDENT)


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
    """What of it is held, what is new, what it costs; of an upload only the empty form is kept, for the
    report that may be made of it."""
    who, given = asking(request), await fields(request)
    who.must(REQUEST)
    form = await request.form()
    upload: Any = form.get("file")
    try:
        if getattr(upload, "filename", ""):
            data, name, area = (
                await upload.read(),
                str(upload.filename),
                given.get("area_code", ""),
            )
            async with who.tx() as tx:
                found = await requests.check(
                    tx, area, data=data, name=name, subject=given.get("subject", "")
                )
                kept = await kept_form(tx, who.district.shelf, area, data, name)
            given["headings"] = "\t".join(c.words for c in found.columns)
            given["file_id"] = str(kept or "")
            given.setdefault("title", name.rsplit(".", 1)[0][:100])
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
            "file_id": given.get("file_id") or None,
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
        asking_now = await question_queries.questions_of(tx, one.id)
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
    requests_page,
    new_request_page,
    check_request,
    file_request,
    request_page,
    ask_for_request,
    decide,
]
