"""Splitting and merging areas: say what is wanted, see what would move, confirm."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import Asking, asking, page
from wangge.kernel.http.deeds import all_deeds, read_body
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, NotFound, Refusal
from wangge.places import acts, queries, redrawing
from wangge.places.atlas import ATLAS, Atlas
from wangge.places.deeds import MergeAreas, SplitArea, merge_as_said, split_as_said
from wangge.places.forms import back, do_form, speaking
from wangge.places.model import GRID_KIND_NAMES, KIND_NAMES, KINDS, Area, parent_of
from wangge.places.pages.drawing import points_of, read_shape
from wangge.places.redrawing import PARTS_MAX, Outcome, totals

Asked = Request[Any, Any, Any]
#: Parts that the form offers at once; a program may ask for more.
OFFERED = 6


async def _area(who: Asking, code: str) -> tuple[Atlas, Area]:
    who.signed()
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        found = atlas.area(code)
        if found is None or not tx.reach(acts.READ).covers(code):
            raise NotFound("这个区域")
        if not tx.reach(acts.CHANGE).covers(code):
            raise Forbidden(acts.CHANGE.name)
    return atlas, found


# -- splitting ---------------------------------------------------------------------------------


async def _split_page(
    who: Asking,
    code: str,
    parts: int,
    *,
    typed: FormMultiDict | None = None,
    outcome: Outcome | None = None,
    refusal: Refusal | None = None,
) -> Response[Any]:
    atlas, area = await _area(who, code)
    async with who.tx(read_only=True) as tx:
        units = await queries.units_at(tx, [code])
        buildings = await queries.buildings_at(tx, [code], [u.building_id for u in units])
        below = await queries.buildings_below(tx, code) if len(code) >= 12 else []
    names = {building.id: building.name for building in buildings}
    given = {key: str(typed.get(key, "")) for key in typed} if typed is not None else {}
    return page(
        who,
        "places/split.html",
        status=refusal.status if refusal else 200,
        area=area,
        path=atlas.path(code),
        parts=max(2, min(parts, OFFERED)),
        offered=OFFERED,
        children=atlas.children(code),
        units=units,
        buildings=buildings,
        building_names=names,
        points=points_of(below),
        kind_names=KIND_NAMES,
        grid_kind_names=GRID_KIND_NAMES,
        given=given,
        outcome=outcome,
        picture=shapes_of(outcome) if outcome else "",
        totals=totals,
        atlas=atlas,
        words=speaking(who),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/areas/{code:str}/split")
async def split_page(
    request: Asked, code: FromPath[str], parts: FromQuery[int] = 2
) -> Response[Any]:
    """The form: names, and a line or ticks."""
    return await _split_page(asking(request), code, parts)


def _split_body(code: str, form: FormMultiDict, parts: int) -> dict[str, Any]:
    """What was filled in, as the deed's body."""
    made: list[dict[str, Any]] = [
        {
            "name": str(form.get(f"name_{at}", "")).strip(),
            "code": _code(code, str(form.get(f"digits_{at}", "")).strip()),
            "children": [],
            "buildings": [],
            "units": [],
        }
        for at in range(parts)
    ]
    line = str(form.get("line", "")).strip()
    for key, value in form.multi_items():
        kind, _, id_ = key.partition(":")
        at = str(value)
        if kind in ("children", "buildings", "units") and at.isdigit() and int(at) < parts:
            made[int(at)][kind].append(id_)
    body: dict[str, Any] = {"code": code, "parts": made}
    if line:
        body["line"] = read_shape(line)
    day = str(form.get("on", "")).strip()
    if day:
        body["on"] = day
    return body


def _code(code: str, digits: str) -> str:
    return (parent_of(code) or "") + digits if digits else ""


@post("/areas/{code:str}/split", status_code=200)
async def split(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Show what would move; with `confirmed`, do it."""
    who = asking(request)
    form = await request.form()
    await _area(who, code)
    count = str(form.get("parts", "2"))
    parts = max(2, min(int(count) if count.isdigit() else 2, PARTS_MAX))
    outcome: Outcome | None = None
    try:
        raw = _split_body(code, form, parts)
        if form.get("confirmed") == "1":
            await do_form(who, {"deed": str(form.get("deed", ""))}, "places.split_area", raw)
            return back(who, f"/areas?at={parent_of(code) or code}")
        body: SplitArea = read_body(all_deeds()["places.split_area"], raw)
        outcome = await redrawing.rehearse(who, lambda tx: split_as_said(tx, body))
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _split_page(who, code, parts, typed=form, refusal=refusal)
    return await _split_page(who, code, parts, typed=form, outcome=outcome)


# -- merging -----------------------------------------------------------------------------------


async def _merge_page(
    who: Asking,
    parent: str,
    *,
    typed: FormMultiDict | None = None,
    outcome: Outcome | None = None,
    refusal: Refusal | None = None,
) -> Response[Any]:
    atlas, area = await _area(who, parent)
    return page(
        who,
        "places/merge.html",
        status=refusal.status if refusal else 200,
        area=area,
        path=atlas.path(parent),
        below=KINDS.get(len(parent) + 3),
        children=atlas.children(parent),
        kind_names=KIND_NAMES,
        grid_kind_names=GRID_KIND_NAMES,
        chosen=[str(code) for code in typed.getall("codes", [])] if typed is not None else [],
        given={key: str(typed.get(key, "")) for key in typed} if typed is not None else {},
        outcome=outcome,
        picture=shapes_of(outcome) if outcome else "",
        totals=totals,
        atlas=atlas,
        words=speaking(who),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/areas/{code:str}/merge")
async def merge_page(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Which of the areas below become one."""
    return await _merge_page(asking(request), code)


@post("/areas/{code:str}/merge", status_code=200)
async def merge(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Show what would move; with `confirmed`, do it."""
    who = asking(request)
    form = await request.form()
    await _area(who, code)
    digits = str(form.get("digits", "")).strip()
    raw: dict[str, Any] = {
        "codes": [str(one) for one in form.getall("codes", [])],
        "name": str(form.get("name", "")).strip(),
        "into": str(form.get("into", "")) or (code + digits if digits else ""),
    }
    day = str(form.get("on", "")).strip()
    if day:
        raw["on"] = day
    outcome: Outcome | None = None
    try:
        if form.get("confirmed") == "1":
            await do_form(who, {"deed": str(form.get("deed", ""))}, "places.merge_areas", raw)
            return back(who, f"/areas?at={code}")
        body: MergeAreas = read_body(all_deeds()["places.merge_areas"], raw)
        outcome = await redrawing.rehearse(who, lambda tx: merge_as_said(tx, body))
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _merge_page(who, code, typed=form, refusal=refusal)
    return await _merge_page(who, code, typed=form, outcome=outcome)


def shapes_of(outcome: Outcome) -> str:
    """The new areas as GeoJSON, for a picture of what would be."""
    return msgspec.json.encode(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {
                        "code": one.code,
                        "name": one.name,
                        "colour": ("green", "yellow", "blue", "orange")[at % 4],
                    },
                    "geometry": one.boundary,
                }
                for at, one in enumerate(outcome.opened)
                if one.boundary is not None
            ],
        }
    ).decode()


ROUTES: list[Any] = [split_page, split, merge_page, merge]
