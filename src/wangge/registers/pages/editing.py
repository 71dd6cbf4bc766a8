"""The forms to register a thing of a kind, and to correct one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Problem, Refusal
from wangge.people import acts as people_acts
from wangge.people import reading as people_reading
from wangge.people.lists import checked_area
from wangge.people.queries import households
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many, read_day
from wangge.places.model import Area
from wangge.registers import acts, queries
from wangge.registers.kinds import KINDS, Kind
from wangge.registers.model import AlreadyThere, kind_of
from wangge.registers.pages.common import Req, number, person_of, uuid_of
from wangge.registers.queries import Thing

#: Areas one form offers; a street has some dozens of grids.
AREAS_MAX = 400


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
            found = await households.door(tx, tx.reach(acts.READ), uuid_of(given, "dwelling"))
            door = await _door_words(tx, found.id)
        if thing is None and given.get("resident_id"):
            reach = tx.reach(people_acts.RESIDENT_READ)
            person = await households.person(tx, reach, uuid_of(given, "resident_id"))
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
            "people": [person_of(given)]
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
            "version": number(given, "version"),
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
