"""Changing areas: open, rename, close, draw; and the loaders that imports and the demo use."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from wangge.kernel.database import Tx, promise
from wangge.kernel.moments import local_date
from wangge.kernel.refusals import Invalid, NotFound, Problem
from wangge.places import acts, names, queries
from wangge.places.atlas import ATLAS, Atlas
from wangge.places.events import AreaClosed, AreaOpened, AreaRenamed, BoundaryChanged
from wangge.places.model import (
    GRID_KINDS,
    Area,
    AreaIsClosed,
    AreaKind,
    AreaStillHasParts,
    CodeTaken,
    area_id,
    kind_of,
    parent_of,
)
from wangge.places.queries import AreaRow, BuildingRow, CompoundRow, DwellingRow, UnitRow
from wangge.places.shapes import check_fits, polygon_of, rounded_json

NAME_MAX = 60
#: Areas drawn in one go: one, and the neighbours that share its borders.
DRAWN_MAX = 60


async def add_area(
    tx: Tx,
    code: str,
    name: str,
    *,
    grid_kind: str | None = None,
    boundary: Any = None,
    valid_from: date | None = None,
) -> Area:
    """Open an area. `boundary` is a GeoJSON Polygon in WGS-84, or None for later.

    Raises Invalid (a bad code, no open parent, a boundary that does not fit), CodeTaken,
    Forbidden.
    """
    kind = kind_of(code)
    tx.require(acts.CHANGE, code)
    atlas = await ATLAS.get(tx)
    parent = parent_of(code)
    above = atlas.area(parent) if parent else None
    if parent is not None and (above is None or not above.open):
        raise Invalid.of("code", "上级区域 {parent} 不存在或已停用,请先建上级。", parent=parent)
    if parent is None and atlas.county not in ("", code):
        raise Invalid.of("code", "一个区(县)只有一个 6 位代码:{county}。", county=atlas.county)
    grid_kind = _checked_grid_kind(kind, grid_kind)
    if atlas.area(code) is not None:
        raise CodeTaken(code)
    row = AreaRow(
        code,
        kind,
        grid_kind,
        checked_name(name),
        valid_from or local_date(tx.now),
        None if boundary is None else json.dumps(boundary),
        *_centre(boundary),
    )
    if boundary is not None:
        _check_boundary(atlas, code, boundary)
    with promise("places_area_pk", otherwise=CodeTaken(code)):
        await queries.insert_areas(tx, [row])
    await tx.bump("places")
    tx.publish(AreaOpened(area_id(code), code))
    return Area(
        code,
        kind,
        grid_kind,
        row.name,
        row.valid_from,
        None,
        (),
        row.centre_lon,
        row.centre_lat,
        boundary is not None,
    )


async def rename(tx: Tx, code: str, name: str) -> Area:
    """Give an area another name. Raises NotFound, AreaIsClosed, Invalid."""
    area = await open_area(tx, code)
    await queries.save_name(tx, code, checked_name(name))
    await tx.bump("places")
    tx.publish(AreaRenamed(area_id(code), code))
    return await queries.lock_area(tx, tx.reach(acts.CHANGE), area.code)


async def close_area(tx: Tx, code: str, successors: Sequence[str] = ()) -> Area:
    """End an area; whoever and whatever belonged to it is found under `successors`.

    Raises NotFound, AreaIsClosed, AreaStillHasParts, and Invalid for a successor that is not an
    open area of the same kind.
    """
    area = await open_area(tx, code)
    atlas = await ATLAS.get(tx)
    parts = atlas.children(code)
    if parts:
        raise AreaStillHasParts(area.name, len(parts))
    problems: list[Problem] = []
    for successor in dict.fromkeys(successors):
        next_ = atlas.area(successor)
        if next_ is None or not next_.open or next_.kind is not area.kind or successor == code:
            problems.append(
                Problem(
                    "successors",
                    "接续区域 {successor} 应是在用的同级区域。",
                    values={"successor": successor},
                )
            )
    if problems:
        raise Invalid.all(problems)
    after = tuple(dict.fromkeys(successors))
    await queries.save_end(tx, code, local_date(tx.now), after)
    await tx.bump("places")
    tx.publish(AreaClosed(area_id(code), code, after))
    return await queries.lock_area(tx, tx.reach(acts.CHANGE), code)


async def set_boundary(tx: Tx, code: str, boundary: Any) -> Area:
    """Draw an area: a GeoJSON Polygon or MultiPolygon in WGS-84 degrees.

    Raises NotFound, AreaIsClosed, and Invalid in plain words for a ring that is open, crosses
    itself, lies outside of China or of the parent, or overlaps a sibling by more than a sliver.
    """
    return (await set_boundaries(tx, {code: boundary}))[0]


async def set_boundaries(tx: Tx, boundaries: Mapping[str, Any]) -> list[Area]:
    """Draw an area together with neighbours whose common border moved with it: either all fit, or
    none is changed. Raises as `set_boundary` does, naming the area."""
    if not 1 <= len(boundaries) <= DRAWN_MAX:
        raise Invalid.of("boundary", "一次最多改 {most} 个区域的边界。", most=DRAWN_MAX)
    drawn: dict[str, Any] = {}
    for code, boundary in sorted(boundaries.items()):
        area = await open_area(tx, code)
        try:
            drawn[code] = polygon_of(boundary)
        except Invalid as wrong:
            if len(boundaries) == 1:
                raise
            first = wrong.problems[0]
            raise Invalid.of(
                "boundary", "“{name}”:" + first.words, name=area.name, **(first.values or {})
            ) from wrong
    atlas = await ATLAS.get(tx)
    for code, shape in drawn.items():
        parent = parent_of(code)
        siblings = [
            (area.name, drawn.get(area.code, atlas.shape(area.code)))
            for area in (atlas.children(parent) if parent else ())
            if area.code != code
        ]
        check_fits(
            shape,
            drawn.get(parent, atlas.shape(parent)) if parent else None,
            [(name, other) for name, other in siblings if other is not None],
        )
    kept = [update_of(atlas, code, shape) for code, shape in drawn.items()]
    await queries.update_areas(tx, kept)
    await tx.bump("places")
    tx.publish(*(BoundaryChanged(area_id(code), code) for code in drawn))
    reach = tx.reach(acts.CHANGE)
    return [await queries.lock_area(tx, reach, code) for code in drawn]


def update_of(atlas: Atlas, code: str, shape: Any) -> queries.AreaUpdate:
    """An area as it is, with another boundary."""
    area = atlas.area(code)
    assert area is not None
    point = shape.representative_point()
    return queries.AreaUpdate(
        code,
        area.name,
        area.grid_kind,
        rounded_json(shape),
        round(float(point.x), 6),
        round(float(point.y), 6),
    )


async def open_area(tx: Tx, code: str) -> Area:
    """The door to an open area that is about to change, locked. Raises NotFound, Forbidden,
    AreaIsClosed."""
    try:
        area = await queries.lock_area(tx, tx.reach(acts.CHANGE), code)
    except NotFound:
        # Seen by those who may look there, changed only by those who may change there.
        if tx.reach(acts.READ).covers(code) and (await ATLAS.get(tx)).area(code) is not None:
            tx.require(acts.CHANGE, code)
        raise NotFound("这个区域") from None
    if not area.open:
        raise AreaIsClosed(area.name)
    return area


def _check_boundary(atlas: Atlas, code: str, boundary: Any) -> None:
    polygon = polygon_of(boundary)
    parent = parent_of(code)
    siblings = [
        (area.name, atlas.shape(area.code))
        for area in (atlas.children(parent) if parent else ())
        if area.code != code and atlas.shape(area.code) is not None
    ]
    check_fits(polygon, atlas.shape(parent) if parent else None, siblings)


def _centre(boundary: Any) -> tuple[float | None, float | None]:
    """A point that is certainly inside, for a label on the map."""
    if boundary is None:
        return None, None
    point = polygon_of(boundary).representative_point()
    return round(float(point.x), 6), round(float(point.y), 6)


def checked_name(name: str) -> str:
    """A name that will do. Raises Invalid."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_MAX:
        raise Invalid.of("name", "名称应为 1 到 {most} 个字。", most=NAME_MAX)
    return name


def _checked_grid_kind(kind: AreaKind, grid_kind: str | None) -> str | None:
    allowed = GRID_KINDS.get(kind, ())
    if not grid_kind:
        return allowed[0] if allowed else None
    if grid_kind not in allowed:
        raise Invalid.of("grid_kind", "“{kind}”不能用在这一级区域上。", kind=grid_kind)
    return grid_kind


# -- many at once: imports, the demo town ------------------------------------------------------


async def load_areas(tx: Tx, rows: Iterable[AreaRow]) -> int:
    """Open many areas in one statement, without facts. The caller has checked codes and shapes
    (`kind_of`, `polygon_of`); the table's checks still hold. Answers how many."""
    loaded = await queries.insert_areas(tx, list(rows))
    await tx.bump("places")
    return loaded


async def load_buildings(
    tx: Tx,
    compounds: Sequence[CompoundRow],
    buildings: Sequence[BuildingRow],
    units: Sequence[UnitRow],
    dwellings: Sequence[DwellingRow],
) -> int:
    """Compounds, buildings, units and doors, four statements in all. Answers how many doors."""
    await queries.insert_compounds(tx, compounds)
    await queries.insert_buildings(tx, buildings)
    await queries.insert_units(tx, units)
    await tx.bump(names.VERSION)
    return await queries.insert_dwellings(tx, dwellings)
