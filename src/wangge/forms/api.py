"""The dictionary, freshness, requests, questions and the contact ledger over HTTP."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.forms import deeds, fresh, ledger, requests
from wangge.forms.acts import LEDGER, QUESTION, READ, REQUEST
from wangge.forms.entries import dictionary
from wangge.forms.model import AskedColumn, Entry, Freshness
from wangge.forms.queries import flags as flag_queries
from wangge.forms.queries import ledger as ledger_queries
from wangge.forms.queries import questions as question_queries
from wangge.forms.queries import requests as request_queries
from wangge.forms.queries.flags import Flag
from wangge.forms.queries.ledger import ContactLine
from wangge.forms.queries.questions import Question
from wangge.kernel.actors import Act
from wangge.kernel.http import Asking, asking
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.people.lists import checked_area
from wangge.places.forms import answer_deed

Asked = Request[Any, Any, Any]
#: Questions open at once in all areas one person reads.
QUESTIONS_MAX = 500


@dataclass(frozen=True, slots=True)
class FieldView:
    """One entry of the dictionary. `own`: the district's; `changed`: its own words for ours."""

    key: str
    name: str
    meaning: str
    source: str
    kind: str
    purpose: str
    basis: str
    fresh_days: int | None
    retention: str
    sensitivity: int
    also: tuple[str, ...]
    codes: dict[str, str] | None
    own: bool
    changed: bool
    active: bool


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request with what it costs. `minutes` is one household's, `hours` all rounds of all."""

    id: UUID
    title: str
    asker: str
    area_code: str
    basis: str
    frequency: str
    minutes: int
    until_date: date | None
    subject: str
    columns: list[AskedColumn]
    known: int
    new: int
    households: int
    hours: int
    hours_needed: int
    state: str
    filed_by: UUID
    filed_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str
    merged_into: UUID | None
    answer: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """What a table asks for, nothing kept. `subject` is what a row of it is, `households` how many of
    them (homes, for a table of residents). `hours_needed`: if only new columns were asked once."""

    subject: str
    columns: list[AskedColumn]
    known: int
    new: int
    households: int
    minutes: int
    hours: int
    hours_needed: int


@dataclass(frozen=True, slots=True)
class BeforeView:
    """Whether a household was asked already. `fresh`: its answer still holds, do not ask again."""

    asked: bool
    asked_at: datetime | None
    way: str | None
    result: str | None
    office: str | None
    answered_at: datetime | None
    fresh: bool


def field_view(entry: Entry) -> FieldView:
    """As told to a program."""
    spec = entry.spec
    return FieldView(
        spec.key,
        spec.name,
        spec.meaning,
        spec.source.value,
        spec.kind,
        spec.purpose,
        spec.basis.value,
        spec.fresh_days,
        spec.retention,
        spec.sensitivity,
        spec.also,
        dict(spec.codes) if spec.codes is not None else None,
        entry.own,
        entry.changed,
        entry.active,
    )


def request_view(request: request_queries.Request) -> RequestView:
    """As told to a program."""
    burden = requests.burden_of(request)
    return RequestView(
        request.id,
        request.title,
        request.asker,
        request.area_code,
        request.basis,
        request.frequency,
        request.minutes,
        request.until_date,
        request.subject,
        requests.asked_columns(request),
        request.known,
        request.new,
        request.households,
        burden.hours,
        burden.hours_needed,
        request.state,
        request.filed_by,
        request.filed_at,
        request.decided_by,
        request.decided_at,
        request.reason,
        request.merged_into,
        f"/answers/{request.token}",
    )


def _may(request: Asked, act: Act) -> Asking:
    who = asking(request)
    who.must(act)
    return who


# -- the dictionary --------------------------------------------------------------------------------


@get("/api/v1/fields")
async def fields(request: Asked, subject: FromQuery[str] = "") -> Page[FieldView]:
    """The field dictionary of this district, of one subject or whole; never more than a page."""
    who = _may(request, READ)
    async with who.tx(read_only=True) as tx:
        known = await dictionary(tx)
    return Page([field_view(entry) for entry in known.all(subject, active=False)], None)


@post("/api/v1/fields", status_code=201)
async def add_field(request: Asked, data: JSONBody[deeds.AddField]) -> Response[Any]:
    """A field of the district's own; refused without purpose, basis and retention."""
    return await answer_deed(request, "forms.add_field", data)


class FieldChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays."""

    name: str | None = None
    meaning: str | None = None
    also: list[str] | None = None
    fresh_days: int | None = None
    active: bool | None = None


@post("/api/v1/fields/{key:str}", status_code=200)
async def change_field(
    request: Asked, key: FromPath[str], data: JSONBody[FieldChange]
) -> Response[Any]:
    """Say a field in the district's own words, or how long it stays fresh."""
    raw = {"key": key, **msgspec.to_builtins(data)}
    return await answer_deed(request, "forms.change_field", raw)


@get("/api/v1/freshness")
async def freshness(
    request: Asked,
    area: FromQuery[str],
    digits: FromQuery[int] = 0,
    key: FromQuery[list[str] | None] = None,
) -> Page[Freshness]:
    """How many values of each field are held, and fresh, below an area; `digits` (9, 12, 15, 18)
    parts it into smaller ones."""
    who = _may(request, READ)
    code = checked_area(area)
    async with who.tx(read_only=True) as tx:
        known = await dictionary(tx)
        keys = key or [entry.key for entry in known.all() if entry.spec.fresh_days is not None]
        found = await fresh.freshness(tx, code, keys, digits=max(0, min(digits, 18)))
    return Page(found, None)


# -- requests --------------------------------------------------------------------------------------


class Headings(msgspec.Struct, forbid_unknown_fields=True):
    """The columns of a table, a line each or with tabs; `chosen` says what some mean, `subject` what a row
    is ("" for what the headings say)."""

    area_code: str
    headings: str
    subject: str = ""
    chosen: dict[str, str] = msgspec.field(default_factory=dict[str, str])


@post("/api/v1/requests/check", status_code=200)
async def check(request: Asked, data: JSONBody[Headings]) -> CheckView:
    """What a table asks for beside what is held: nothing is kept."""
    who = _may(request, REQUEST)
    async with who.tx(read_only=True) as tx:
        checked = await requests.check(
            tx,
            checked_area(data.area_code),
            text=data.headings,
            subject=data.subject,
            chosen=data.chosen,
        )
    minutes = checked.households * checked.minutes
    asked = checked.known + checked.new
    return CheckView(
        checked.subject,
        list(checked.columns),
        checked.known,
        checked.new,
        checked.households,
        checked.minutes,
        round(minutes / 60),
        round(minutes / 60 * checked.new / asked) if asked else 0,
    )


@get("/api/v1/requests")
async def requests_list(
    request: Asked,
    verdict: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Page[RequestView]:
    """Requests within reach or of one's own, the newest first; `verdict` is waiting, admitted, merged,
    refused or withdrawn."""
    who = asking(request)
    who.must_any(READ, REQUEST)
    size = page_size(limit)
    async with who.tx(read_only=True) as tx:
        found = await request_queries.requests_page(
            tx,
            requests.reading_reach(tx),
            state=verdict,
            before=read_mark(after),
            limit=size + 1,
        )
    last = found[size - 1] if len(found) > size else None
    items = [request_view(one) for one in found[:size]]
    return Page(items, mark_of(last.filed_at, last.id) if last else None)


@get("/api/v1/requests/{request_id:uuid}")
async def one_request(request: Asked, request_id: FromPath[UUID]) -> RequestView:
    """One request with its columns and cost."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        found = await request_queries.request(tx, requests.reading_reach(tx), request_id)
    return request_view(found)


@post("/api/v1/requests", status_code=201)
async def file_request(request: Asked, data: JSONBody[deeds.FileRequest]) -> Response[Any]:
    """Put a request before whoever may admit it."""
    return await answer_deed(request, "forms.file_request", data)


class Verdict(msgspec.Struct, forbid_unknown_fields=True):
    """admitted, refused (with a reason) or withdrawn."""

    verdict: str
    reason: str = ""


@post("/api/v1/requests/{request_id:uuid}/verdict", status_code=200)
async def decide_request(
    request: Asked, request_id: FromPath[UUID], data: JSONBody[Verdict]
) -> Response[Any]:
    """Decide somebody else's request, or withdraw one's own."""
    raw = {"request_id": str(request_id), **msgspec.to_builtins(data)}
    return await answer_deed(request, "forms.decide_request", raw)


@get("/api/v1/flags")
async def flags(
    request: Asked,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Page[Flag]:
    """Tables that workers were asked to fill and nobody admitted, the newest first."""
    who = _may(request, READ)
    size = page_size(limit)
    async with who.tx(read_only=True) as tx:
        found = await flag_queries.flags_page(
            tx, tx.reach(READ), before=read_mark(after), limit=size + 1
        )
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], mark_of(last.at, last.id) if last else None)


@post("/api/v1/flags", status_code=201)
async def flag(request: Asked, data: JSONBody[deeds.FlagRequest]) -> Response[Any]:
    """I am asked to fill something that nobody admitted."""
    return await answer_deed(request, "forms.flag", data)


class FlagAnswer(msgspec.Struct, forbid_unknown_fields=True):
    answer: str
    request_id: UUID | None = None


@post("/api/v1/flags/{flag_id:uuid}/answer", status_code=200)
async def answer_flag(
    request: Asked, flag_id: FromPath[UUID], data: JSONBody[FlagAnswer]
) -> Response[Any]:
    """Tell the worker what becomes of it."""
    raw = {"flag_id": str(flag_id), **msgspec.to_builtins(data)}
    return await answer_deed(request, "forms.answer_flag", raw)


# -- questions and contacts ------------------------------------------------------------------------


@get("/api/v1/questions")
async def questions_list(request: Asked, live: FromQuery[bool] = True) -> Page[Question]:
    """What is asked along with the next sweep or visit."""
    who = _may(request, READ)
    async with who.tx(read_only=True) as tx:
        found = await question_queries.questions(
            tx, tx.reach(READ), live=live, limit=QUESTIONS_MAX
        )
    return Page(found, None)


@post("/api/v1/questions", status_code=201)
async def open_questions(request: Asked, data: JSONBody[deeds.OpenQuestions]) -> Response[Any]:
    """Ask something along with the next sweep or visit."""
    _may(request, QUESTION)
    return await answer_deed(request, "forms.open_questions", data)


@post("/api/v1/requests/{request_id:uuid}/questions", status_code=201)
async def ask_for_request(
    request: Asked, request_id: FromPath[UUID], data: JSONBody[deeds.AskForRequest]
) -> Response[Any]:
    """Columns of an admitted request become questions of the next sweep or visit."""
    _may(request, QUESTION)
    raw = {**msgspec.to_builtins(data), "request_id": str(request_id)}
    return await answer_deed(request, "forms.ask_for_request", raw)


@post("/api/v1/questions/{question_id:uuid}/close", status_code=200)
async def close_question(request: Asked, question_id: FromPath[UUID]) -> Response[Any]:
    """Nobody asks it any more."""
    return await answer_deed(request, "forms.close_question", {"question_id": str(question_id)})


@get("/api/v1/households/{household_id:uuid}/contacts")
async def contacts(
    request: Asked,
    household_id: FromPath[UUID],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Page[ContactLine]:
    """Who asked this household what, when and how; the newest first."""
    who = _may(request, LEDGER)
    size = page_size(limit)
    async with who.tx(read_only=True) as tx:
        await ledger_queries.household(tx, tx.reach(LEDGER), household_id)
        found = await ledger_queries.contacts_page(
            tx, household_id, before=read_mark(after), limit=size + 1
        )
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], mark_of(last.at, last.id) if last else None)


@get("/api/v1/households/{household_id:uuid}/asked/{key:str}")
async def asked_before(
    request: Asked, household_id: FromPath[UUID], key: FromPath[str]
) -> BeforeView:
    """Whether this household was asked for a field already, and whether its answer still holds."""
    who = _may(request, LEDGER)
    async with who.tx(read_only=True) as tx:
        await ledger_queries.household(tx, tx.reach(LEDGER), household_id)
        spec = (await dictionary(tx)).spec(key)
        found = await ledger.asked_before(tx, household_id, key)
        until = found.fresh_until(spec) if found else None
        now = tx.now
    if found is None:
        return BeforeView(False, None, None, None, None, None, False)
    return BeforeView(
        True,
        found.asked_at,
        found.way,
        found.result,
        found.office,
        found.answered_at,
        until is not None and until > now,
    )


@post("/api/v1/contacts", status_code=201)
async def record_contacts(
    request: Asked, data: JSONBody[deeds.RecordContacts]
) -> Response[Any]:
    """I asked these households."""
    return await answer_deed(request, "forms.record_contacts", data)


ROUTES: list[Any] = [
    fields,
    add_field,
    change_field,
    freshness,
    check,
    requests_list,
    one_request,
    file_request,
    decide_request,
    flags,
    flag,
    answer_flag,
    questions_list,
    open_questions,
    ask_for_request,
    close_question,
    contacts,
    asked_before,
    record_contacts,
]
