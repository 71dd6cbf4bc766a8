"""The desk's page of names: estates of an area, their nicknames, and a box to try an address."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.matching import Placed
from wangge.places import acts
from wangge.places.atlas import ATLAS
from wangge.places.doors import closed_list
from wangge.places.forms import back, do_form, fields
from wangge.places.naming import queries
from wangge.places.naming.api import nicknames, place_of, read_place
from wangge.places.naming.model import placed_words

Asked = Request[Any, Any, Any]

ROWS = 50


async def _show(
    who: Asking,
    at: str,
    *,
    after: str = "",
    compound: UUID | None = None,
    after_house: UUID | None = None,
    given: dict[str, str] | None = None,
    refusal: Refusal | None = None,
    tried: Placed | None = None,
) -> Response[Any]:
    who.signed()
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        reach = tx.reach(acts.READ)
        code = at or next((area or atlas.county for area in reach.areas), "")
        if atlas.area(code) is None or not reach.covers(code):
            raise NotFound("这个区域")
        estates = await queries.compounds_page(
            tx, reach, prefix=code, after=read_place(after), limit=ROWS + 1
        )
        chosen = await _chosen(tx, reach, compound) if compound else None
        houses = (
            await queries.buildings_page(tx, compound, after=after_house, limit=ROWS + 1)
            if compound
            else []
        )
        may_name = tx.reach(acts.NAME).covers(code)
    return page(
        who,
        "places/names.html",
        status=refusal.status if refusal else 200,
        at=code,
        area=atlas.area(code),
        path=atlas.path(code),
        estates=[(row, nicknames(row.alias_ids, row.aliases)) for row in estates[:ROWS]],
        next=place_of(estates[ROWS - 1].area_code, estates[ROWS - 1].id)
        if len(estates) > ROWS
        else None,
        chosen=chosen,
        houses=[(row, nicknames(row.alias_ids, row.aliases)) for row in houses[:ROWS]],
        next_house=houses[ROWS - 1].id if len(houses) > ROWS else None,
        atlas=atlas,
        may_name=may_name,
        given=given or {},
        refusal=who.said(refusal),
        tried=tried,
        why=placed_words(tried) if tried else None,
        new_id=new_id,
    )


async def _chosen(tx: Tx, reach: Reach, compound: UUID) -> queries.Thing:
    try:
        return await queries.compound(tx, reach, compound)
    except NotFound:
        raise NotFound("这个小区") from None


@get("/areas/names")
async def names(
    request: Asked,
    at: FromQuery[str] = "",
    after: FromQuery[str] = "",
    compound: FromQuery[UUID | None] = None,
    after_house: FromQuery[UUID | None] = None,
) -> Response[Any]:
    """Estates of an area and, of one of them, the houses; with their nicknames."""
    return await _show(
        asking(request), at, after=after, compound=compound, after_house=after_house
    )


def _where(given: dict[str, str]) -> tuple[str, UUID | None]:
    """The page a form stood on. Raises Invalid."""
    try:
        return given.get("at", ""), UUID(given["compound"]) if given.get("compound") else None
    except ValueError as wrong:
        raise Invalid.of("compound", "操作编号应是 UUID。") from wrong


def _link(at: str, compound: UUID | None) -> str:
    return f"/areas/names?at={at}" + (f"&compound={compound}" if compound else "")


@post("/areas/names/add", status_code=200)
async def add(request: Asked) -> Response[Any]:
    """A nickname for an estate or a house."""
    who, given = asking(request), await fields(request)
    who.signed()
    at, compound = _where(given)
    of, _, id_ = given.get("thing", "").partition("/")
    try:
        body = {"of": of, "id": id_, "name": given.get("name", "")}
        await do_form(who, given, "places.add_alias", body)
    except Refusal as refusal:
        return await _show(who, at, compound=compound, refusal=refusal, given=given)
    return back(who, _link(at, compound))


@post("/areas/names/remove/{alias_id:uuid}", status_code=200)
async def remove(request: Asked, alias_id: FromPath[UUID]) -> Response[Any]:
    """Take a nickname away."""
    who, given = asking(request), await fields(request)
    who.signed()
    at, compound = _where(given)
    try:
        await do_form(who, given, "places.remove_alias", {"id": str(alias_id)})
    except Refusal as refusal:
        return await _show(who, at, compound=compound, refusal=refusal)
    return back(who, _link(at, compound))


@post("/areas/names/rename/{compound_id:uuid}", status_code=200)
async def rename(request: Asked, compound_id: FromPath[UUID]) -> Response[Any]:
    """Another name for an estate."""
    who, given = asking(request), await fields(request)
    who.signed()
    at, _ = _where(given)
    try:
        body = {"id": str(compound_id), "name": given.get("name", "")}
        await do_form(who, given, "places.rename_compound", body)
    except Refusal as refusal:
        return await _show(who, at, compound=compound_id, refusal=refusal, given=given)
    return back(who, _link(at, compound_id))


# A POST, so that no address stands in an URL.
@post("/areas/names/try", status_code=200)
async def try_address(request: Asked) -> Response[Any]:
    """Where an address leads, and why."""
    who, given = asking(request), await fields(request)
    who.signed()
    at, _ = _where(given)
    async with who.tx(read_only=True) as tx:
        if not at or not tx.reach(acts.READ).covers(at):
            raise NotFound("这个区域")
        doors = await closed_list(tx, at)
    return await _show(who, at, given=given, tried=doors.resolve(given.get("address", "")))


ROUTES: list[Any] = [names, add, remove, rename, try_address]
