"""The desk's pages of the registers: lists, one thing, its forms, what has gone stale."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, NotFound, Problem, Refusal
from wangge.kernel.settings import decided
from wangge.people import acts as people_acts
from wangge.people import reading as people_reading
from wangge.people.changes import UNDO_DAYS
from wangge.people.lists import bounds, checked_area, read_mark
from wangge.people.queries import households
from wangge.people.roster import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, do_or_show, fields, many, read_day
from wangge.places.model import Area
from wangge.registers import acts, commands, queries, reading, search
from wangge.registers.kinds import KINDS, PEOPLE, Kind
from wangge.registers.model import DONE, STATES, AlreadyThere, Full, kind_of
from wangge.registers.queries import Thing
from wangge.registers.search import Asked, ThingLine

Req = Request[Any, Any, Any]

nav(63, "/registers", "场所台账", "book", acts.READ)

ROWS = 50
#: Areas one form offers; a street has some dozens of grids.
AREAS_MAX = 400


@dataclass(frozen=True, slots=True)
class Looked:
    """What the list shows and what was looked for; what is personal never stands in an address."""

    kind: str = ""
    state: str = "open"
    area: str = ""
    after: str = ""
    asked: Asked = field(default_factory=Asked)


def headline(kind: Kind, details: Mapping[str, Any]) -> str:
    """What kind of its kind a thing is: 餐饮 of a shop, 幼儿园 of a school."""
    for one in kind.details:
        if one.kind == "code" and one.codes:
            return one.codes.get(str(details.get(one.name, "")), "")
    return ""


async def _list(
    who: Asking, looked: Looked, *, refusal: Refusal | None = None
) -> Response[Any]:
    who.must(acts.READ)
    asked = looked.asked
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        rows: list[ThingLine] = []
        mark: str | None = None
        try:
            rows, mark = await search.page(
                tx,
                who.district.vault,
                asked if asked.anything else Asked(looked.kind, looked.state),
                area=looked.area,
                after=looked.after,
                limit=ROWS,
            )
        except Invalid as wrong:
            refusal = wrong
    return page(
        who,
        "registers/list.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        mark=mark,
        looked=looked,
        asked=asked,
        atlas=atlas,
        today=local_date(tx.now),
        kinds=KINDS,
        states=STATES,
        headline=headline,
        may_change=who.may(acts.CHANGE),
        refusal=who.said(refusal),
    )


@get("/registers")
async def list_page(
    request: Req,
    kind: FromQuery[str] = "",
    status: FromQuery[str] = "open",
    area: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Things within reach: firms, premises, vehicles, facilities."""
    return await _list(asking(request), Looked(kind, status, area, after))


@post("/registers", status_code=200)
async def search_page(request: Req) -> Response[Any]:
    """Find by a name, a number, a plate or a door; in the body, so that no address holds them."""
    given = await fields(request)
    kind, state = given.get("kind", ""), given.get("state", "open")
    asked = Asked(
        kind,
        state,
        given.get("name", ""),
        given.get("person", ""),
        given.get("phone", ""),
        given.get("plate", ""),
        given.get("credit_code", ""),
        given.get("address", ""),
    )
    looked = Looked(kind, state, given.get("area", ""), given.get("after", ""), asked)
    return await _list(asking(request), looked)


@get("/registers/stale")
async def stale_page(
    request: Req,
    kind: FromQuery[str] = "",
    area: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Things of which something has gone stale, to ask about on the next round."""
    who = asking(request)
    who.must(acts.READ)
    if kind:
        kind_of(kind)
    async with who.tx(read_only=True) as tx:
        reach = tx.reach(acts.READ)
        low, high = bounds(tx, acts.READ, checked_area(area))
        rows, mark = await queries.stale_page(
            tx,
            reach,
            low=low,
            high=high,
            kind=kind,
            today=local_date(tx.now),
            after=read_mark(after),
            limit=ROWS,
        )
        atlas = await ATLAS.get(tx)
    parents = [area] if area else list(reach.areas)
    return page(
        who,
        "registers/stale.html",
        rows=rows,
        mark=mark,
        kind=kind,
        area=area,
        atlas=atlas,
        below=[one for code in parents for one in atlas.children(code)][:60],
        kinds=KINDS,
        headline=headline,
        may_confirm=who.may(acts.CONFIRM),
        new_id=new_id,
    )


@post("/registers/stale", status_code=200)
async def confirm_many(request: Req) -> Response[Any]:
    """Those that were ticked have not changed."""
    who, given = asking(request), await fields(request)
    who.signed()
    seen = [_seen(one) for one in await many(request, "seen")]
    if seen:
        await do_form(who, given, "registers.confirm", {"seen": seen})
    area, kind = checked_area(given.get("area", "")), given.get("kind", "")
    return back(who, f"/registers/stale?area={area}&kind={kind if kind in KINDS else ''}")


def _seen(text: str) -> dict[str, Any]:
    """`id.version` of a form. Raises Invalid."""
    id_, _, version = text.partition(".")
    try:
        return {"id": str(UUID(id_)), "version": int(version)}
    except ValueError as wrong:
        raise Invalid.of("seen", "没有这一条。") from wrong


# -- one thing ------------------------------------------------------------------------------------


async def _thing(
    who: Asking,
    thing_id: UUID,
    *,
    shown: str | None = None,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.must(acts.READ)
    async with who.tx(read_only=True) as tx:
        found = await reading.thing(tx, thing_id)
        atlas = await ATLAS.get(tx)
        roster = await ROSTER.get(tx)
        thing = found.thing
        may = {act: _may(tx, act, thing) for act in (acts.CHANGE, acts.CONFIRM, acts.REVEAL)}
        undo_days, today = (await decided(tx))(UNDO_DAYS), local_date(tx.now)
    there = thing.closed_on is None
    return page(
        who,
        "registers/thing.html",
        status=refusal.status if refusal else 200,
        view=found,
        thing=thing,
        kind=KINDS[thing.kind],
        kinds=KINDS,
        people_key=PEOPLE,
        headline=headline,
        atlas=atlas,
        today=today,
        undo_days=undo_days,
        names={act.actor_id: roster.staff_name(act.actor_id) for act in found.acts},
        done=DONE,
        may_change=there and may[acts.CHANGE],
        may_reopen=not there and may[acts.CHANGE],
        may_undo=may[acts.CHANGE],
        may_confirm=there and may[acts.CONFIRM],
        may_reveal=may[acts.REVEAL],
        shown=shown,
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


def _may(tx: Tx, act: Any, thing: Thing) -> bool:
    reach = tx.reach(act)
    return reach.covers(thing.area_code) or (
        act is not acts.CHANGE and thing.unit_id in reach.units
    )


@get("/registers/{thing_id:uuid}")
async def thing_page(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """One thing: what is known of it, who answers for it and did, what was done to it."""
    return await _thing(asking(request), thing_id)


async def _done(
    who: Asking, thing_id: UUID, given: dict[str, str], deed: str, body: dict[str, Any]
) -> Response[Any]:
    """Do a form's deed and show the thing again, or say why not."""
    return await do_or_show(
        who,
        given,
        deed,
        body,
        f"/registers/{thing_id}",
        lambda refusal: _thing(who, thing_id, refusal=refusal, given=given),
    )


@post("/registers/{thing_id:uuid}/confirm", status_code=200)
async def confirm(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """Still right (没变): one field, or with none all that is known."""
    who, given = asking(request), await fields(request)
    who.signed()
    seen = {
        "id": str(thing_id),
        "version": _number(given, "version"),
        "fields": [given["field"]] if given.get("field") else [],
    }
    return await _done(who, thing_id, given, "registers.confirm", {"seen": [seen]})


def _number(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid.of(name, "“{field}”应为数字。", field=name)
    return int(text)


@post("/registers/{thing_id:uuid}/person", status_code=200)
async def set_person(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """Somebody answers for it from now on."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        person = _person(given)
    except Refusal as refusal:
        return await _thing(who, thing_id, refusal=refusal, given=given)
    body = {"thing_id": str(thing_id), "person": person}
    return await _done(who, thing_id, given, "registers.set_person", body)


def _person(given: Mapping[str, str]) -> dict[str, Any]:
    return {
        "role": given.get("role", ""),
        "name": given.get("person_name", ""),
        "phone": given.get("person_phone", ""),
        "resident_id": given.get("resident_id") or None,
        "since": read_day(given["since"], "since").isoformat() if given.get("since") else None,
    }


@post("/registers/{thing_id:uuid}/person/{person_id:uuid}/end", status_code=200)
async def end_person(
    request: Req, thing_id: FromPath[UUID], person_id: FromPath[UUID]
) -> Response[Any]:
    """Somebody answers for it no longer."""
    who, given = asking(request), await fields(request)
    who.signed()
    body = {"thing_id": str(thing_id), "person_id": str(person_id)}
    return await _done(who, thing_id, given, "registers.end_person", body)


@post("/registers/{thing_id:uuid}/close", status_code=200)
async def close(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """It is no more."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        on = read_day(given["on"], "on").isoformat() if given.get("on") else None
    except Refusal as refusal:
        return await _thing(who, thing_id, refusal=refusal, given=given)
    body = {"thing_id": str(thing_id), "why": given.get("why", ""), "on": on}
    return await _done(who, thing_id, given, "registers.close", body)


@post("/registers/{thing_id:uuid}/reopen", status_code=200)
async def reopen(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """It is there after all."""
    who, given = asking(request), await fields(request)
    who.signed()
    return await _done(who, thing_id, given, "registers.reopen", {"thing_id": str(thing_id)})


@post("/registers/{thing_id:uuid}/undo", status_code=200)
async def undo(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """Take one act back; a registration that is taken back leaves the list."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        await do_form(who, given, "registers.undo", {"batch_id": given.get("batch", "")})
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _thing(who, thing_id, refusal=refusal, given=given)
    gone = given.get("what") == "thing_add"
    return back(who, "/registers" if gone else f"/registers/{thing_id}")


@post("/registers/{thing_id:uuid}/reveal", status_code=200)
async def reveal(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """One full value on the page, once; a reload shows the mask again."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        what, _, person = given.get("field", "").partition(".")
        if what not in list(Full):
            raise Invalid.of("field", "请选择要查看的内容。")
        person_id = UUID(person) if person else None
        async with who.tx() as tx:
            value = await commands.reveal(
                tx, who.district.vault, thing_id, Full(what), given.get("reason", ""), person_id
            )
    except ValueError as wrong:
        raise NotFound("这个负责人") from wrong
    except Refusal as refusal:
        if refusal.status == 404 and refusal.code == "not-found":
            raise
        return await _thing(who, thing_id, refusal=refusal, given=given)
    return await _thing(who, thing_id, shown=value, given=given)


# -- forms of a kind ------------------------------------------------------------------------------


def _areas(areas: tuple[str, ...], atlas: Any) -> list[Area]:
    """Communities and grids that somebody may register in."""
    found: list[Area] = []
    for prefix in areas:
        found += [
            one
            for one in atlas.open_areas(prefix)
            if len(one.code) in (12, 15) or one.code == prefix
        ]
    return found[:AREAS_MAX]


async def _form(
    who: Asking,
    kind: Kind,
    *,
    thing: Thing | None = None,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
    chosen: Mapping[str, list[str]] | None = None,
) -> Response[Any]:
    """The form to register a thing of a kind, or to correct one."""
    who.must(acts.CHANGE)
    given = given or {}
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        near = _areas(tx.reach(acts.CHANGE).areas, atlas)
        door, person = "", None
        if thing is None and given.get("dwelling"):
            found = await households.door(tx, tx.reach(acts.READ), _uuid(given, "dwelling"))
            door = await _door_words(tx, found.id)
        if thing is None and given.get("resident_id"):
            reach = tx.reach(people_acts.RESIDENT_READ)
            person = await households.person(tx, reach, _uuid(given, "resident_id"))
    return page(
        who,
        "registers/form.html",
        status=refusal.status if refusal else 200,
        kind=kind,
        thing=thing,
        near=near,
        atlas=atlas,
        door=door,
        person=person,
        values=_shown_values(kind, thing, given, chosen),
        again=isinstance(refusal, AlreadyThere),
        given=given,
        refusal=who.said(refusal),
        new_id=new_id,
    )


@dataclass(frozen=True, slots=True)
class _DoorWords:
    words: str


async def _door_words(tx: Tx, dwelling_id: UUID) -> str:
    return (
        await tx.one(
            _DoorWords,
            """
            select c.name || ' ' || d.name as words from places_dwelling d
              join places_unit u on u.id = d.unit_id join places_building b on b.id = u.building_id
              join places_compound c on c.id = b.compound_id where d.id = :id
            """,
            id=dwelling_id,
        )
    ).words


def _uuid(given: Mapping[str, str], name: str) -> UUID:
    try:
        return UUID(given.get(name, ""))
    except ValueError as wrong:
        raise NotFound("这一条") from wrong


def _shown_values(
    kind: Kind,
    thing: Thing | None,
    given: Mapping[str, str],
    chosen: Mapping[str, list[str]] | None,
) -> dict[str, Any]:
    """What stands in the boxes of a kind's fields: what was typed, else what is known."""
    values: dict[str, Any] = {}
    for one in kind.details:
        known = thing.details.get(one.name) if thing is not None else None
        if one.kind == "codes":
            values[one.name] = (chosen or {}).get(one.name, known or [])
        elif f"d_{one.name}" in given:
            values[one.name] = given[f"d_{one.name}"]
        elif isinstance(known, bool):
            values[one.name] = "yes" if known else "no"
        else:
            values[one.name] = "" if known is None else known
    return values


@get("/registers/new")
async def new_page(
    request: Req,
    kind: FromQuery[str] = "",
    dwelling: FromQuery[str] = "",
    resident: FromQuery[str] = "",
) -> Response[Any]:
    """The form to register a thing; first of which kind."""
    who = asking(request)
    who.must(acts.CHANGE)
    if not kind:
        return page(
            who, "registers/which.html", kinds=KINDS, dwelling=dwelling, resident=resident
        )
    given = {"dwelling": dwelling, "resident_id": resident}
    return await _form(who, kind_of(kind), given={k: v for k, v in given.items() if v})


def _details(
    kind: Kind, given: Mapping[str, str], chosen: Mapping[str, list[str]]
) -> dict[str, Any]:
    """The kind's fields as a form says them; an empty box is None."""
    values: dict[str, Any] = {}
    for one in kind.details:
        if one.kind == "codes":
            values[one.name] = chosen[one.name] or None
        elif one.kind == "bool":
            values[one.name] = {"yes": True, "no": False}.get(given.get(f"d_{one.name}", ""))
        else:
            values[one.name] = given.get(f"d_{one.name}") or None
    return values


async def _chosen(request: Req, kind: Kind) -> dict[str, list[str]]:
    return {
        one.name: await many(request, f"d_{one.name}")
        for one in kind.details
        if one.kind == "codes"
    }


async def _where(who: Asking, given: Mapping[str, str]) -> dict[str, Any]:
    """Where a form says a thing is: a door in words, else an area. Raises Invalid."""
    near, words = checked_area(given.get("near", "")), given.get("door", "")
    at: dict[str, Any] = {}
    if given.get("lon") or given.get("lat"):
        try:
            at = {"lon": float(given.get("lon", "")), "lat": float(given.get("lat", ""))}
        except ValueError as wrong:
            raise Invalid.of("lon", "经纬度要成对填写,如 120.103 和 30.104。") from wrong
    if not words:
        if not near:
            raise Invalid.of("near", "请选择区域。")
        return {"area_code": near, **at}
    async with who.tx(read_only=True) as tx:
        reach = tx.reach(acts.READ)
        near = near or next(iter(reach.areas), "")
        meant = await people_reading.door_meant(tx, reach, near, words)
    if meant.placed.door is None or not meant.placed.sure:
        lost = people_reading.lost("door", meant.placed)
        way = Problem("door", "没有单独门牌的,把地址写进“位置说明”,门牌空着。")
        raise Invalid.all([*lost.problems, way])
    return {"dwelling_id": str(meant.placed.door.dwelling_id), **at}


def _common(kind: Kind, given: Mapping[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {"location": given.get("location", "")}
    if kind.named:
        body["name"] = given.get("name", "")
    if kind.coded:
        body["credit_code"] = given.get("credit_code", "")
    if given.get("opened_on"):
        body["opened_on"] = read_day(given["opened_on"], "opened_on").isoformat()
    return body


@post("/registers/new", status_code=200)
async def register(request: Req) -> Response[Any]:
    """Register a thing of a kind, with one who answers for it."""
    who, given = asking(request), await fields(request)
    who.must(acts.CHANGE)
    kind = kind_of(given.get("kind", ""))
    chosen = await _chosen(request, kind)
    try:
        details = _details(kind, given, chosen)
        body = {
            **_common(kind, given),
            "kind": kind.code,
            "where": await _where(who, given),
            "details": {name: value for name, value in details.items() if value is not None},
            "people": [_person(given)]
            if given.get("resident_id") or given.get("person_name") or given.get("person_phone")
            else [],
            "another": bool(given.get("another")),
        }
        if kind.plated:
            body["plate"] = given.get("plate", "")
        done = await do_form(who, given, "registers.register", body)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _form(who, kind, refusal=refusal, given=given, chosen=chosen)
    return back(who, f"/registers/{done['thing_id']}")


@get("/registers/{thing_id:uuid}/edit")
async def edit_page(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """The form to correct a thing, with what is known of it in the boxes."""
    who = asking(request)
    who.must(acts.CHANGE)
    async with who.tx(read_only=True) as tx:
        thing = await queries.thing(tx, tx.reach(acts.READ), thing_id)
    return await _form(who, KINDS[thing.kind], thing=thing)


@post("/registers/{thing_id:uuid}/edit", status_code=200)
async def edit(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """Correct a thing: only what differs from what was shown is sent, so that what nobody touched
    does not count as confirmed."""
    who, given = asking(request), await fields(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        thing = await queries.thing(tx, tx.reach(acts.READ), thing_id)
    kind = KINDS[thing.kind]
    chosen = await _chosen(request, kind)
    try:
        body: dict[str, Any] = {
            name: value
            for name, value in _common(kind, given).items()
            if value != _plain(getattr(thing, name))
        }
        details = {
            name: value
            for name, value in _details(kind, given, chosen).items()
            if _plain(value) != _plain(thing.details.get(name))
        }
        if details:
            body["details"] = details
        if kind.plated and given.get("plate"):
            body["plate"] = given["plate"]
        if given.get("door") or given.get("near") or given.get("lon"):
            body["where"] = await _where(who, given)
        if not body:
            raise Invalid.of("values", "没有要改的内容。")
        body |= {
            "thing_id": str(thing_id),
            "version": _number(given, "version"),
            "another": bool(given.get("another")),
        }
        await do_form(who, given, "registers.correct", body)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _form(who, kind, thing=thing, refusal=refusal, given=given, chosen=chosen)
    return back(who, f"/registers/{thing_id}")


def _plain(value: Any) -> Any:
    """As a form would say it, for a comparison."""
    if isinstance(value, list):
        return cast("list[str]", value) or None
    if isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


# -- what other pages show ------------------------------------------------------------------------


@get("/registers/here")
async def here(
    request: Req, dwelling: FromQuery[str] = "", resident: FromQuery[str] = ""
) -> Response[Any]:
    """What is registered behind a door, or what somebody answers for: a part of the pages of
    households and residents, and a page of its own without scripts."""
    who = asking(request)
    who.must(acts.READ)
    given = {"dwelling": dwelling, "resident": resident}
    async with who.tx(read_only=True) as tx:
        if resident:
            rows = await reading.of_resident(tx, _uuid(given, "resident"))
        else:
            rows = await reading.at_door(tx, _uuid(given, "dwelling"))
    part = request.headers.get("hx-request") == "true"
    return page(
        who,
        "registers/_here.html" if part else "registers/here.html",
        rows=rows,
        dwelling=dwelling,
        resident=resident,
        kinds=KINDS,
        headline=headline,
        may_change=who.may(acts.CHANGE),
    )


ROUTES: list[Any] = [
    list_page,
    search_page,
    stale_page,
    confirm_many,
    new_page,
    register,
    here,
    thing_page,
    edit_page,
    edit,
    confirm,
    set_person,
    end_person,
    close,
    reopen,
    undo,
    reveal,
]
