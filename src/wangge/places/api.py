"""Areas over HTTP. Everything is within the asker's reach; beyond it is 404."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.kernel.actors import Reach
from wangge.kernel.http import asking
from wangge.kernel.paging import Page, page_size
from wangge.kernel.refusals import Invalid, NotFound
from wangge.places import acts, deeds, imports, queries, redrawing
from wangge.places.atlas import ATLAS, Atlas
from wangge.places.forms import answer_deed, area_digits
from wangge.places.imports import work as import_work
from wangge.places.imports.reading import BYTES_MAX
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
    who.must(acts.READ)
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
    who.must(acts.READ)
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


@post("/api/v1/areas", status_code=201)
async def add_area(request: Asked, data: JSONBody[deeds.AddArea]) -> Response[Any]:
    """Open an area (deed `places.add_area`)."""
    return await answer_deed(request, "places.add_area", data)


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
    return await answer_deed(request, "places.rename", body)


@post("/api/v1/areas/{code:str}/close", status_code=200)
async def close_area(
    request: Asked, code: FromPath[str], data: JSONBody[Successors]
) -> Response[Any]:
    """Close an area and name its successors (deed `places.close_area`)."""
    body = deeds.CloseArea(code, data.successors)
    return await answer_deed(request, "places.close_area", body)


@post("/api/v1/areas/{code:str}/boundary", status_code=200)
async def set_boundary(
    request: Asked, code: FromPath[str], data: JSONBody[Boundary]
) -> Response[Any]:
    """Draw an area (deed `places.set_boundary`)."""
    body = deeds.SetBoundary(code, data.boundary)
    return await answer_deed(request, "places.set_boundary", body)


@post("/api/v1/areas/boundaries", status_code=200)
async def set_boundaries(request: Asked, data: JSONBody[deeds.SetBoundaries]) -> Response[Any]:
    """Draw an area and the neighbours whose border moved with it (deed
    `places.set_boundaries`): all fit, or none is changed."""
    return await answer_deed(request, "places.set_boundaries", data)


# -- splitting and merging ---------------------------------------------------------------------


@post("/api/v1/areas/split", status_code=200)
async def split(
    request: Asked, data: JSONBody[deeds.SplitArea], preview: FromQuery[bool] = False
) -> Response[Any]:
    """Split an area (deed `places.split_area`); with `preview`, say what would happen."""
    who = asking(request)
    who.signed()
    if preview:
        outcome = await redrawing.rehearse(who, lambda tx: deeds.split_as_said(tx, data))
        return Response(msgspec.to_builtins(outcome))
    return await answer_deed(request, "places.split_area", data)


@post("/api/v1/areas/merge", status_code=200)
async def merge(
    request: Asked, data: JSONBody[deeds.MergeAreas], preview: FromQuery[bool] = False
) -> Response[Any]:
    """Merge areas (deed `places.merge_areas`); with `preview`, say what would happen."""
    who = asking(request)
    who.signed()
    if preview:
        outcome = await redrawing.rehearse(who, lambda tx: deeds.merge_as_said(tx, data))
        return Response(msgspec.to_builtins(outcome))
    return await answer_deed(request, "places.merge_areas", data)


# -- imports -------------------------------------------------------------------------------------


class StagedImport(msgspec.Struct):
    """An uploaded file; nothing has changed yet. `hint` is what its coordinates look like."""

    id: UUID
    name: str
    kind: str
    datum: str
    hint: str


class ImportLine(msgspec.Struct):
    """What becomes of one row: `verdict` is new, same, changed or refused."""

    row: int
    code: str
    name: str
    kind: str
    verdict: str
    changes: list[dict[str, str]]
    problems: list[dict[str, Any]]
    warnings: list[dict[str, Any]]


class ImportView(msgspec.Struct):
    """An import of areas, some of its rows, and the row after which the next page begins."""

    id: UUID
    name: str
    kind: str
    datum: str
    hint: str
    state: str
    counts: dict[str, int]
    items: list[ImportLine]
    next: int | None


class Datum(msgspec.Struct, forbid_unknown_fields=True):
    datum: str


class LeftOut(msgspec.Struct, forbid_unknown_fields=True):
    """Rows that are not to be taken."""

    left_out: list[int] = msgspec.field(default_factory=list[int])


@post("/api/v1/areas/imports", status_code=201, request_max_body_size=BYTES_MAX + 1_000)
async def stage_import(
    request: Asked, name: FromQuery[str] = "areas", datum: FromQuery[str] = ""
) -> StagedImport:
    """A table or GeoJSON of areas as the plain body. `datum` is wgs84, gcj02 or bd09; without it
    the boundaries themselves tell. Nothing changes until it is applied."""
    who = asking(request)
    who.must(acts.CHANGE)
    data = await request.body()
    async with who.tx() as tx:
        staged = await imports.stage(tx, data, name, datum=datum)
    return StagedImport(staged.id, staged.name, staged.kind, staged.datum, staged.hint)


@get("/api/v1/areas/imports/{import_id:uuid}")
async def look_import(
    request: Asked,
    import_id: FromPath[UUID],
    after: FromQuery[int] = 0,
    limit: FromQuery[int | None] = None,
) -> ImportView:
    """What would become of every row now, in the order of the file."""
    who = asking(request)
    who.signed()
    size = page_size(limit)
    async with who.tx(read_only=True) as tx:
        found = await imports.preview(tx, import_id)
    rows = [line for line in found.lines if line.number > after]
    return ImportView(
        found.id,
        found.name,
        found.kind,
        found.datum,
        found.hint,
        found.state,
        found.counts,
        [
            ImportLine(
                line.number,
                line.code,
                line.name,
                line.kind.value if line.kind else "",
                line.verdict.value,
                [{"field": c.field, "old": c.old, "new": c.new} for c in line.changes],
                [problem.said(who.locale) for problem in line.problems],
                [problem.said(who.locale) for problem in line.warnings],
            )
            for line in rows[:size]
        ],
        rows[size - 1].number if len(rows) > size else None,
    )


@post("/api/v1/areas/imports/{import_id:uuid}/datum", status_code=204)
async def set_datum(request: Asked, import_id: FromPath[UUID], data: JSONBody[Datum]) -> None:
    """Say what the coordinates of a waiting import are in."""
    who = asking(request)
    who.signed()
    async with who.tx() as tx:
        await import_work.set_datum(tx, import_id, data.datum)


@post("/api/v1/areas/imports/{import_id:uuid}/apply", status_code=200)
async def apply_import(
    request: Asked, import_id: FromPath[UUID], data: JSONBody[LeftOut]
) -> Response[Any]:
    """Take the rows in (deed `places.apply_import`)."""
    body = deeds.ApplyImport(import_id, data.left_out)
    return await answer_deed(request, "places.apply_import", body)


@post("/api/v1/areas/imports/{import_id:uuid}/undo", status_code=200)
async def undo_import(request: Asked, import_id: FromPath[UUID]) -> Response[Any]:
    """Put back what the import changed (deed `places.undo_import`)."""
    return await answer_deed(request, "places.undo_import", deeds.OfImport(import_id))


ROUTES: list[Any] = [
    stage_import,
    look_import,
    set_datum,
    apply_import,
    undo_import,
    set_boundaries,
    split,
    merge,
    areas,
    areas_geojson,
    area,
    add_area,
    rename,
    close_area,
    set_boundary,
    *NAMING_ROUTES,
]
