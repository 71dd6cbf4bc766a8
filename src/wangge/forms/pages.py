"""Desk pages of the dictionary, its freshness, what is asked, what workers flagged, the ledger of a
household, and the page of whoever asked for a table."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.forms import fresh, ledger, queries, requests
from wangge.forms.acts import ADMIT, ASK, CONFIGURE, FLAG, LEDGER, QUESTION, READ
from wangge.forms.entries import dictionary
from wangge.forms.following import ASKED, asked_on_the_way
from wangge.forms.model import (
    FREQUENCY_NAMES,
    OWN_KINDS,
    OWN_RETENTION,
    OWN_SUBJECTS,
    REQUEST_STATES,
    RESULTS,
    SUBJECTS,
    WAYS,
    Dictionary,
    said,
)
from wangge.forms.questions import questions_for
from wangge.kernel.actors import Act
from wangge.kernel.fields import BASIS_NAMES, KIND_NAMES, SENSITIVITY_NAMES, SOURCE_NAMES, Basis
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.limits import Limiter
from wangge.kernel.moments import new_id, now
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Refusal
from wangge.kernel.retention import all_keeps
from wangge.people import ROSTER
from wangge.people.acts import RESIDENT_CHANGE
from wangge.people.commands.own import own_values
from wangge.people.lists import checked_area
from wangge.people.queries.households import members
from wangge.places import ATLAS, Atlas
from wangge.places.forms import back, do_form, fields, many
from wangge.places.model import Area
from wangge.registers.kinds import KINDS as REGISTERS

Asked = Request[Any, Any, Any]
ROWS = 50
#: Areas offered to choose from.
AREAS_MAX = 400
#: A freshness table is as long as the areas one level down, at most so many.
FRESH_AREAS_MAX = 60
#: Looks at an answer page that strangers take, by address.
_looks = Limiter(per_minute=30, burst=30)


def areas_for(who: Asking, atlas: Atlas, act: Act, *, digits: int = 12) -> list[Area]:
    """Areas within an act's reach to choose from, the widest first."""
    found: list[Area] = []
    for prefix in who.actor.reach(act, now()).areas:
        found += [a for a in atlas.open_areas(prefix or atlas.county) if len(a.code) <= digits]
    narrow = [a for a in (atlas.area(p) for p in who.actor.reach(act, now()).areas) if a]
    return list({a.code: a for a in [*narrow, *found]}.values())[:AREAS_MAX]


def first_area(who: Asking, atlas: Atlas, act: Act) -> str:
    """Where somebody looks first: their own area."""
    areas = who.actor.reach(act, now()).areas
    return (areas[0] if areas else "") or atlas.county


# -- the dictionary --------------------------------------------------------------------------------


async def _fields(
    who: Asking,
    *,
    subject: str = "",
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        known = await dictionary(tx)
    return page(
        who,
        "forms/fields.html",
        status=refusal.status if refusal else 200,
        known=known,
        subject=subject,
        subjects=SUBJECTS,
        kinds=KIND_NAMES,
        bases=BASIS_NAMES,
        sources=SOURCE_NAMES,
        levels=SENSITIVITY_NAMES,
        keeps={key: keep.name for key, keep in all_keeps().items()},
        own_kinds=OWN_KINDS,
        own_subjects=OWN_SUBJECTS,
        own_retention=OWN_RETENTION,
        own_bases=[b for b in Basis if b is not Basis.PUBLIC_HEALTH_EMERGENCY],
        may_change=who.may(CONFIGURE),
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/forms/fields")
async def fields_page(request: Asked, subject: FromQuery[str] = "") -> Response[Any]:
    """The field dictionary: meaning, source, purpose, basis, how long it stays fresh and is kept."""
    return await _fields(asking(request), subject=subject)


@post("/forms/fields", status_code=200)
async def add_field(request: Asked) -> Response[Any]:
    """A field of the district's own."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        names = ("subject", "name", "meaning", "kind", "purpose", "basis", "retention")
        body: dict[str, Any] = {name: given.get(name, "") for name in names}
        body["sensitivity"] = _number(given, "sensitivity") or 0
        body["fresh_days"] = _number(given, "fresh_days")
        body["also"] = given.get("also", "").split()
        body["options"] = [
            line for line in given.get("options", "").splitlines() if line.strip()
        ]
        await do_form(who, given, "forms.add_field", body)
    except Refusal as refusal:
        return await _fields(who, refusal=refusal, given=given)
    return back(who, "/forms/fields?subject=own")


async def _field(who: Asking, key: str, *, refusal: Refusal | None = None) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        entry = (await dictionary(tx)).find(key)
    if entry is None:
        raise NotFound("这个字段")
    return page(
        who,
        "forms/field.html",
        status=refusal.status if refusal else 200,
        entry=entry,
        spec=entry.spec,
        subjects=SUBJECTS,
        kinds=KIND_NAMES,
        bases=BASIS_NAMES,
        sources=SOURCE_NAMES,
        levels=SENSITIVITY_NAMES,
        keeps={key: keep.name for key, keep in all_keeps().items()},
        may_change=who.may(CONFIGURE),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/forms/fields/{key:str}")
async def field_page(request: Asked, key: FromPath[str]) -> Response[Any]:
    """One field, with the form to say it in the district's words."""
    return await _field(asking(request), key)


@post("/forms/fields/{key:str}", status_code=200)
async def change_field(request: Asked, key: FromPath[str]) -> Response[Any]:
    """Other words, other names, another time it stays fresh."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body: dict[str, Any] = {"key": key}
        if "active" in given:
            body["active"] = given["active"] == "1"
        else:
            body |= {"name": given.get("name", ""), "meaning": given.get("meaning", "")}
            body["also"] = given.get("also", "").split()
            body["fresh_days"] = _number(given, "fresh_days")
        await do_form(who, given, "forms.change_field", body)
    except Refusal as refusal:
        return await _field(who, key, refusal=refusal)
    return back(who, f"/forms/fields/{key}")


def _number(given: dict[str, str], name: str) -> int | None:
    text = given.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Invalid.of(name, "这里应填数字。")
    return int(text)


# -- freshness -------------------------------------------------------------------------------------


@get("/forms/fresh")
async def fresh_page(request: Asked, area: FromQuery[str] = "") -> Response[Any]:
    """The share of fresh values by area and field, and which households are asked next."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        atlas, known = await ATLAS.get(tx), await dictionary(tx)
        area = checked_area(area) or first_area(who, atlas, READ)
        below = atlas.children(area)[:FRESH_AREAS_MAX]
        digits = len(below[0].code) if below else 0
        keys = _growing_stale(known)
        found = await fresh.freshness(tx, area, keys, digits=digits)
        whole = await fresh.freshness(tx, area, keys) if digits else found
        homes = await fresh.next_homes(tx, area, keys, limit=ROWS)
    cells = {(one.area_code, one.key): one for one in found}
    return page(
        who,
        "forms/fresh.html",
        area=area,
        atlas=atlas,
        areas=areas_for(who, atlas, READ, digits=15),
        below=[a for a in below if any((a.code, key) in cells for key in keys)],
        keys=[key for key in keys if any(one.key == key for one in whole)],
        known=known,
        cells=cells,
        whole={one.key: one for one in whole},
        homes=homes,
        may_ledger=who.may(LEDGER),
    )


def _growing_stale(known: Dictionary) -> list[str]:
    return [
        entry.key
        for entry in known.all()
        if entry.spec.fresh_days is not None and entry.spec.subject in ("resident", "household")
    ]


# -- questions -------------------------------------------------------------------------------------


async def _questions(
    who: Asking, *, refusal: Refusal | None = None, given: dict[str, str] | None = None
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        atlas, known = await ATLAS.get(tx), await dictionary(tx)
        found = await queries.questions(tx, tx.reach(READ), live=False, limit=ROWS)
        roster = await ROSTER.get(tx)
        at = tx.now
    tags = known.find("resident.tags")
    return page(
        who,
        "forms/questions.html",
        status=refusal.status if refusal else 200,
        questions=found,
        at=at,
        atlas=atlas,
        known=known,
        roster=roster,
        ways=WAYS,
        askable=[e for e in known.all() if asked_on_the_way(e.spec)],
        tags=(tags.spec.codes or {}) if tags else {},
        areas=areas_for(who, atlas, QUESTION),
        may_ask=who.may(QUESTION),
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/forms/questions")
async def questions_page(request: Asked) -> Response[Any]:
    """What goes along with the next sweep or visit."""
    return await _questions(asking(request))


@post("/forms/questions", status_code=200)
async def open_question(request: Asked) -> Response[Any]:
    """Ask something along with the next sweep or visit."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body = {
            "key": given.get("key", ""),
            "area_code": given.get("area_code", ""),
            "words": given.get("words", ""),
            "of_whom": given.get("of_whom", "stale"),
            "tag": given.get("tag") or None,
            "ways": await many(request, "ways"),
            "days": _number(given, "days") or 60,
        }
        await do_form(who, given, "forms.open_questions", {"questions": [body]})
    except Refusal as refusal:
        return await _questions(who, refusal=refusal, given=given)
    return back(who, "/forms/questions")


@post("/forms/questions/{question_id:uuid}/close", status_code=200)
async def close_question(request: Asked, question_id: FromPath[UUID]) -> Response[Any]:
    """Nobody asks it any more."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        await do_form(who, given, "forms.close_question", {"question_id": str(question_id)})
    except Refusal as refusal:
        return await _questions(who, refusal=refusal)
    return back(who, "/forms/questions")


# -- flags -----------------------------------------------------------------------------------------


async def _flags(
    who: Asking, *, after: str = "", refusal: Refusal | None = None
) -> Response[Any]:
    who.signed()
    if not (who.may(READ) or who.may(FLAG)):
        raise Forbidden(READ.name)
    async with who.tx(read_only=True) as tx:
        found = await queries.flags_page(
            tx, tx.reach(READ), before=read_mark(after), limit=ROWS + 1
        )
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
    shown = found[:ROWS]
    return page(
        who,
        "forms/flags.html",
        status=refusal.status if refusal else 200,
        flags=shown,
        mark=mark_of(shown[-1].at, shown[-1].id) if len(found) > ROWS else None,
        atlas=atlas,
        roster=roster,
        may_answer=who.may(ADMIT),
        may_flag=who.may(FLAG),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/forms/flags")
async def flags_page(request: Asked, after: FromQuery[str] = "") -> Response[Any]:
    """Tables that workers were asked to fill and nobody admitted; the big button to say so."""
    return await _flags(asking(request), after=after)


@post("/forms/flags", status_code=200)
async def flag(request: Asked) -> Response[Any]:
    """One tap."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        await do_form(who, given, "forms.flag", {"words": given.get("words", "")})
    except Refusal as refusal:
        return await _flags(who, refusal=refusal)
    return back(who, "/forms/flags")


@post("/forms/flags/{flag_id:uuid}/answer", status_code=200)
async def answer_flag(request: Asked, flag_id: FromPath[UUID]) -> Response[Any]:
    """Tell the worker what becomes of it."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body = {"flag_id": str(flag_id), "answer": given.get("answer", "")}
        await do_form(who, given, "forms.answer_flag", body)
    except Refusal as refusal:
        return await _flags(who, refusal=refusal)
    return back(who, "/forms/flags")


# -- the ledger of a household ---------------------------------------------------------------------


async def _household(
    who: Asking,
    household_id: UUID,
    *,
    after: str = "",
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.must(LEDGER)
    async with who.tx(read_only=True) as tx:
        home, lines, held = await ledger.household_ledger(
            tx, household_id, before=read_mark(after), limit=ROWS + 1
        )
        atlas, known = await ATLAS.get(tx), await dictionary(tx)
        roster = await ROSTER.get(tx)
        own = [entry for entry in known.all() if entry.own]
        asked_here = [entry for entry in own if entry.spec.subject == "household"]
        asked_each = [entry for entry in own if entry.spec.subject == "resident"]
        people = await members(tx, household_id)
        told = await own_values(tx, household_id, [one.id for one in people]) if own else {}
        to_ask = {
            one.question_id: one
            for way in ("visit", "call")
            for one in (await questions_for(tx, way, [household_id])).get(household_id, ())
        }
    shown = lines[:ROWS]
    return page(
        who,
        "forms/household.html",
        status=refusal.status if refusal else 200,
        home=home,
        lines=shown,
        mark=mark_of(shown[-1].at, shown[-1].id) if len(lines) > ROWS else None,
        held=held,
        atlas=atlas,
        known=known,
        roster=roster,
        ways=WAYS,
        results=RESULTS,
        askable=[
            e
            for e in known.all()
            if e.spec.source.value in ASKED and e.spec.subject not in REGISTERS
        ],
        to_ask=list(to_ask.values()),
        masks={one.id: one.name_mask for one in people},
        may_ask=who.may(ASK) and not home.over,
        may_answer=bool(own) and who.may(RESIDENT_CHANGE) and not home.over,
        asked_here=asked_here,
        asked_each=asked_each,
        people=people,
        told=told,
        value_said=said,
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/forms/households/{household_id:uuid}")
async def household_page(
    request: Asked, household_id: FromPath[UUID], after: FromQuery[str] = ""
) -> Response[Any]:
    """Who asked this household what, when and how; what need not be asked again."""
    return await _household(asking(request), household_id, after=after)


@post("/forms/households/{household_id:uuid}", status_code=200)
async def contacted(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """I called."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        contact = {
            "household_id": str(household_id),
            "keys": await many(request, "keys"),
            "way": given.get("way", "call"),
            "result": given.get("result", "answered"),
            "office": given.get("office", ""),
        }
        await do_form(who, given, "forms.record_contacts", {"contacts": [contact]})
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _household(who, household_id, refusal=refusal)
    return back(who, f"/forms/households/{household_id}")


@post("/forms/households/{household_id:uuid}/answers", status_code=200)
async def answered(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """What they said to the district's own questions."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body: dict[str, Any] = {
            "household_id": str(household_id),
            "values": {key: text for key, text in given.items() if "." in key},
        }
        if given.get("resident_id"):
            body["resident_id"] = given["resident_id"]
        await do_form(who, given, "forms.answer", body)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _household(who, household_id, refusal=refusal, given=given)
    return back(who, f"/forms/households/{household_id}")


# -- for whoever asked -----------------------------------------------------------------------------


@get("/answers/{token:str}")
async def answer_page(request: Asked, token: FromPath[str]) -> Response[Any]:
    """What became of a request, for whoever has its address; no account, nothing personal."""
    who = asking(request)
    _looks.take(who.address or "?", now().timestamp())
    async with who.tx(read_only=True) as tx:
        found = await queries.answer(tx, token)
        atlas = await ATLAS.get(tx)
    return page(
        who,
        "forms/answer.html",
        request_=found,
        columns=requests.asked_columns(found),
        burden=requests.burden_of(found),
        area=atlas.name(found.area_code),
        states=REQUEST_STATES,
        frequencies=FREQUENCY_NAMES,
        decided_by_then=found.filed_at + timedelta(days=5),
    )


ROUTES: list[Any] = [
    fields_page,
    add_field,
    field_page,
    change_field,
    fresh_page,
    questions_page,
    open_question,
    close_question,
    flags_page,
    flag,
    answer_flag,
    household_page,
    contacted,
    answered,
    answer_page,
]
