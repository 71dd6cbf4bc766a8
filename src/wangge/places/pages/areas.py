"""The desk's page of areas: one level at a time, with its map and its forms."""

import json
from typing import Any, cast

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.actors import Reach
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.places import acts
from wangge.places.atlas import ATLAS, Atlas
from wangge.places.fitting import misfits
from wangge.places.forms import back, do_form, fields, speaking
from wangge.places.model import (
    GRID_KIND_NAMES,
    GRID_KINDS,
    KIND_NAMES,
    KINDS,
    Area,
    AreaKind,
    levels,
)
from wangge.places.naming.pages import ROUTES as NAMING_PAGES

Asked = Request[Any, Any, Any]

nav(66, "/areas", "区域", "area", acts.READ)


def starting_points(atlas: Atlas, reach: Reach) -> list[str]:
    """Where the asker's tree begins: the district for the system, else the posts' areas."""
    return [code or atlas.county for code in reach.areas if atlas.area(code or atlas.county)]


async def _show(
    who: Asking,
    at: str,
    *,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.signed()
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        reach = tx.reach(acts.READ)
        changes = tx.reach(acts.CHANGE)
    roots = starting_points(atlas, reach)
    code = at or (roots[0] if roots else "")
    area = atlas.area(code)
    if area is None or not reach.covers(code):
        raise NotFound("这个区域")
    below = KINDS.get(len(code) + 3)
    return page(
        who,
        "places/areas.html",
        status=refusal.status if refusal else 200,
        area=area,
        path=_trail(atlas, reach, code),
        roots=[atlas.area(root) for root in roots] if len(roots) > 1 else [],
        rows=[_row(atlas, child) for child in atlas.children(code)],
        below=below,
        kind_names=KIND_NAMES,
        grid_kind_names=GRID_KIND_NAMES,
        grid_kinds=GRID_KINDS.get(below, ()) if below else (),
        siblings=[
            s for s in atlas.children(code[:-3]) if s.code != code and reach.covers(s.code)
        ]
        if len(code) > 6
        else [],
        successors=[atlas.area(s) for s in atlas.resolve(code)] if not area.open else [],
        before=[atlas.area(one) for one in atlas.predecessors(code)],
        misfits=misfits(atlas, code) if changes.covers(code) and area.open else [],
        words=speaking(who),
        may_change=changes.covers(code),
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


def _trail(atlas: Atlas, reach: Reach, code: str) -> list[tuple[str, str, bool]]:
    """(code, name, whether it can be opened), from the county down."""
    return [
        (step, atlas.name(step), reach.covers(step))
        for step in reversed(levels(code))
        if atlas.area(step)
    ]


def _row(atlas: Atlas, area: Area) -> dict[str, Any]:
    return {
        "area": area,
        "grids": atlas.count(area.code, AreaKind.GRID),
        "micro_grids": atlas.count(area.code, AreaKind.MICRO_GRID),
    }


@get("/areas")
async def areas_page(request: Asked, at: FromQuery[str] = "") -> Response[Any]:
    """One area, what is below it, and its map."""
    return await _show(asking(request), at)


@post("/areas/{code:str}/add", status_code=200)
async def add(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Open an area below this one; the form holds the last three digits."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body = {
            "code": code + given.get("digits", ""),
            "name": given.get("name", ""),
            "grid_kind": given.get("grid_kind") or None,
        }
        await do_form(who, given, "places.add_area", body)
    except Refusal as refusal:
        return await _show(who, code, refusal=refusal, given=given)
    return back(who, f"/areas?at={code}")


@post("/areas/{code:str}/rename", status_code=200)
async def rename(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Another name."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        await do_form(
            who, given, "places.rename", {"code": code, "name": given.get("name", "")}
        )
    except Refusal as refusal:
        return await _show(who, code, refusal=refusal, given=given)
    return back(who, f"/areas?at={code}")


@post("/areas/{code:str}/boundary", status_code=200)
async def boundary(request: Asked, code: FromPath[str]) -> Response[Any]:
    """A boundary pasted as GeoJSON: a Polygon, or a Feature with one."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        shape = _pasted(given.get("boundary", ""))
        await do_form(who, given, "places.set_boundary", {"code": code, "boundary": shape})
    except Refusal as refusal:
        return await _show(who, code, refusal=refusal, given=given)
    return back(who, f"/areas?at={code}")


def _pasted(text: str) -> Any:
    try:
        shape = json.loads(text)
    except ValueError as wrong:
        raise Invalid.of("boundary", "边界应是 GeoJSON 的 Polygon(多边形)。") from wrong
    if isinstance(shape, dict) and cast("dict[str, Any]", shape).get("type") == "Feature":
        return cast("dict[str, Any]", shape).get("geometry")
    return cast(Any, shape)


@post("/areas/{code:str}/close", status_code=200)
async def close(request: Asked, code: FromPath[str]) -> Response[Any]:
    """The end of an area, with the one that comes after it, if any."""
    who, given = asking(request), await fields(request)
    who.signed()
    after = [given["successor"]] if given.get("successor") else []
    try:
        await do_form(who, given, "places.close_area", {"code": code, "successors": after})
    except Refusal as refusal:
        return await _show(who, code, refusal=refusal, given=given)
    return back(who, f"/areas?at={code}")


ROUTES: list[Any] = [areas_page, add, rename, boundary, close, *NAMING_PAGES]
