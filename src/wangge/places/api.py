"""Areas over HTTP. Everything is within the asker's reach; beyond it is 404."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.kernel.actors import Reach
from wangge.kernel.http import Asking, asking, do_deed
from wangge.kernel.paging import Page, page_size
from wangge.kernel.refusals import Invalid, NotFound
from wangge.places import acts, deeds, queries
from wangge.places.atlas import ATLAS, Atlas
from wangge.places.forms import area_digits, deed_id
from wangge.places.model import KINDS, LENGTHS, Area, AreaKind
from wangge.places.naming.api import ROUTES as NAMING_ROUTES

Asked = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class AreaView:
    """One area. `path` is names from the street down; `open` is false once it was closed."""

    code: str
    kind: AreaKind
    grid_kind: str | None
    name: str
    path: str
    open: bool
    valid_from: date
    valid_to: date | None
    successors: tuple[str, ...]
    centre_lon: float | None
    centre_lat: float | None
    has_boundary: bool


@dataclass(frozen=True, slots=True)
class AreaDetail:
    """One area with what is directly below it."""

    area: AreaView
    parent: str | None
    children: list[AreaView]
    grids: int
    micro_grids: int


def view(atlas: Atlas, area: Area) -> AreaView:
    """As told to a program."""
    return AreaView(
        area.code,
        area.kind,
        area.grid_kind,
        area.name,
        atlas.path(area.code),
        area.open,
        area.valid_from,
        area.valid_to,
        area.successors,
        area.centre_lon,
        area.centre_lat,
        area.has_boundary,
    )


@get("/api/v1/areas")
async def areas(
    request: Asked,
    prefix: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[AreaView]:
    """Areas within reach whose code begins with `prefix`, by code; closed ones too."""
    who = asking(request)
    who.signed()
    size = page_size(limit)
    async with who.tx(read_only=True) as tx:
        rows = await queries.areas_page(
            tx,
            tx.reach(acts.READ),
            prefix=area_digits(prefix, "prefix"),
            after=area_digits(after, "after"),
            limit=size + 1,
        )
        atlas = await ATLAS.get(tx)
    shown = rows[:size]
    return Page(
        [view(atlas, row) for row in shown], shown[-1].code if len(rows) > size else None
    )


@get("/api/v1/areas/{code:str}")
async def area(request: Asked, code: FromPath[str]) -> AreaDetail:
    """One area. 404 out of reach."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        found = atlas.area(code)
        if found is None or not tx.reach(acts.READ).covers(code):
            raise NotFound("这个区域")
    return AreaDetail(
        view(atlas, found),
        code[:-3] if len(code) > 6 else None,
        [view(atlas, child) for child in atlas.children(code)],
        atlas.count(code, AreaKind.GRID),
        atlas.count(code, AreaKind.MICRO_GRID),
    )


# -- the map ---------------------------------------------------------------------------------

#: Answers kept in memory, each some hundred kilobytes.
MAPS_KEPT = 64
_maps: OrderedDict[tuple[str, str], bytes] = OrderedDict()


def _wanted(kinds: str, prefix: str) -> list[int]:
    """Code lengths for a map. Micro-grids are left out of a whole street or county unless
    asked for: 20,000 polygons are no picture."""
    if not kinds:
        return [length for length in KINDS if length < 18 or len(prefix) >= 12]
    try:
        return sorted(LENGTHS[AreaKind(kind)] for kind in kinds.split(","))
    except ValueError as wrong:
        raise Invalid.of("kinds", "没有“{kinds}”这样的区域级别。", kinds=kinds) from wrong


@get("/api/v1/areas.geojson", media_type="application/geo+json")
async def areas_geojson(
    request: Asked, prefix: FromQuery[str] = "", kinds: FromQuery[str] = ""
) -> Response[bytes]:
    """Boundaries of open areas within reach as a GeoJSON FeatureCollection (WGS-84).

    `kinds` is a list such as `grid,micro_grid`. Cached by the version of the areas: send the
    ETag back and an unchanged map costs one small query.
    """
    who = asking(request)
    who.signed()
    prefix = area_digits(prefix, "prefix")
    lengths = _wanted(kinds, prefix)
    async with who.tx(read_only=True) as tx:
        versions = await tx.versions()
        reach = tx.reach(acts.READ)
        tag = _tag(versions.get("places", 0), reach, prefix, lengths)
        body: bytes | None = None
        if request.headers.get("if-none-match") != tag:
            body = _maps.get((tx.actor.district, tag))
            if body is None:
                atlas = await ATLAS.get(tx, versions)
                shapes = await queries.boundaries(tx, reach, prefix=prefix, lengths=lengths)
                body = _collection(atlas, shapes)
                _maps[tx.actor.district, tag] = body
                while len(_maps) > MAPS_KEPT:
                    _maps.popitem(last=False)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if body is None:
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type="application/geo+json", headers=headers)


def _tag(version: int, reach: Reach, prefix: str, lengths: list[int]) -> str:
    asked = f"{version}|{','.join(reach.areas)}|{prefix}|{lengths}"
    return f'"{sha256(asked.encode()).hexdigest()[:24]}"'


def _collection(atlas: Atlas, shapes: list[queries.Shape]) -> bytes:
    """Boundaries are already JSON text; they are set in as they are."""
    features: list[bytes] = []
    for shape in shapes:
        found = atlas.area(shape.code)
        properties = msgspec.json.encode(
            {
                "code": shape.code,
                "name": atlas.name(shape.code),
                "kind": found.kind.value if found else "",
                "grid_kind": found.grid_kind if found else None,
            }
        )
        features.append(
            b'{"type":"Feature","properties":%b,"geometry":%b}'
            % (properties, shape.boundary.encode())
        )
    return b'{"type":"FeatureCollection","features":[%b]}' % b",".join(features)


# -- changes -----------------------------------------------------------------------------------


async def _do(who: Asking, request: Asked, kind: str, body: Any) -> Response[Any]:
    who.signed()
    answer = await do_deed(who, kind, deed_id(request), msgspec.to_builtins(body))
    return Response(answer.body, status_code=answer.status)


@post("/api/v1/areas", status_code=201)
async def add_area(request: Asked, data: JSONBody[deeds.AddArea]) -> Response[Any]:
    """Open an area (deed `places.add_area`)."""
    return await _do(asking(request), request, "places.add_area", data)


class NewName(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class Successors(msgspec.Struct, forbid_unknown_fields=True):
    successors: list[str] = msgspec.field(default_factory=list[str])


class Boundary(msgspec.Struct, forbid_unknown_fields=True):
    boundary: dict[str, Any]


@post("/api/v1/areas/{code:str}/name", status_code=200)
async def rename(request: Asked, code: FromPath[str], data: JSONBody[NewName]) -> Response[Any]:
    """Give an area another name (deed `places.rename`)."""
    body = deeds.Rename(code, data.name)
    return await _do(asking(request), request, "places.rename", body)


@post("/api/v1/areas/{code:str}/close", status_code=200)
async def close_area(
    request: Asked, code: FromPath[str], data: JSONBody[Successors]
) -> Response[Any]:
    """Close an area and name its successors (deed `places.close_area`)."""
    body = deeds.CloseArea(code, data.successors)
    return await _do(asking(request), request, "places.close_area", body)


@post("/api/v1/areas/{code:str}/boundary", status_code=200)
async def set_boundary(
    request: Asked, code: FromPath[str], data: JSONBody[Boundary]
) -> Response[Any]:
    """Draw an area (deed `places.set_boundary`)."""
    body = deeds.SetBoundary(code, data.boundary)
    return await _do(asking(request), request, "places.set_boundary", body)


ROUTES: list[Any] = [
    areas,
    areas_geojson,
    area,
    add_area,
    rename,
    close_area,
    set_boundary,
    *NAMING_ROUTES,
]
