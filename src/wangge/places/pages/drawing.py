"""Drawing and mending a boundary on the map, with the neighbours it shares borders with."""

import json
from typing import Any, cast

from litestar import Request, Response, get, post
from litestar.params import FromPath

from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Refusal
from wangge.places import acts, queries
from wangge.places.atlas import ATLAS
from wangge.places.fitting import misfits
from wangge.places.forms import back, do_form, fields, speaking
from wangge.places.model import parent_of

Asked = Request[Any, Any, Any]


async def _show(
    who: Asking,
    code: str,
    *,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.signed()
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        area = atlas.area(code)
        if area is None or not tx.reach(acts.READ).covers(code):
            raise NotFound("这个区域")
        if not tx.reach(acts.CHANGE).covers(code):
            raise Forbidden(acts.CHANGE.name)
        buildings = await queries.buildings_below(tx, code) if len(code) >= 12 else []
        shapes = await queries.boundaries_of(tx, [code])
    return page(
        who,
        "places/draw.html",
        status=refusal.status if refusal else 200,
        area=area,
        parent=parent_of(code) or "",
        path=atlas.path(code),
        boundary=(given or {}).get("boundary") or (shapes[0].boundary if shapes else ""),
        others=(given or {}).get("others", ""),
        buildings=points_of(buildings),
        misfits=misfits(atlas, code),
        words=speaking(who),
        refusal=who.said(refusal),
        new_id=new_id,
    )


def points_of(buildings: list[queries.BuildingAt]) -> str:
    """Buildings with a place, as GeoJSON points for the map."""
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"id": str(one.id), "name": one.name},
                    "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]},
                }
                for one in buildings
                if one.lon is not None
            ],
        },
        ensure_ascii=False,
    )


@get("/areas/{code:str}/draw")
async def draw_page(request: Asked, code: FromPath[str]) -> Response[Any]:
    """The map to draw on, and the same as text."""
    return await _show(asking(request), code)


@post("/areas/{code:str}/draw", status_code=200)
async def save(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Keep what was drawn: this area's boundary and those that moved with it."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        boundaries = {code: read_shape(given.get("boundary", ""))}
        if given.get("others"):
            boundaries |= _others(given["others"])
        await do_form(who, given, "places.set_boundaries", {"boundaries": boundaries})
    except Invalid as refusal:
        return await _show(who, code, refusal=refusal, given=given)
    return back(who, f"/areas?at={code}")


def read_shape(text: str) -> Any:
    """A geometry pasted as GeoJSON, or a Feature with one. Raises Invalid."""
    try:
        shape = json.loads(text)
    except ValueError as wrong:
        raise Invalid.of("boundary", "边界应是 GeoJSON 的 Polygon(多边形)。") from wrong
    if isinstance(shape, dict) and cast("dict[str, Any]", shape).get("type") == "Feature":
        shape = cast("dict[str, Any]", shape).get("geometry")
    if not isinstance(shape, dict):
        raise Invalid.of("boundary", "边界应是 GeoJSON 的 Polygon(多边形)。")
    return cast("dict[str, Any]", shape)


def _others(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as wrong:
        raise Invalid.of("others", "页面已过期,请刷新后再试。") from wrong
    if not isinstance(found, dict):
        raise Invalid.of("others", "页面已过期,请刷新后再试。")
    return cast("dict[str, Any]", found)


ROUTES: list[Any] = [draw_page, save]
