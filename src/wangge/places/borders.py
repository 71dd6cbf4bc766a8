"""Borders that follow stairwells: what lies nearer to a stairwell that changed hands than to any other
goes with it, so that a report by position reaches whoever is responsible now.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from wangge.places.atlas import Atlas
from wangge.places.geometry import shapely
from wangge.places.shapes import SLIVER_M2, square_metres


class Going(Protocol):
    """A stairwell that goes from one area to another."""

    @property
    def unit_id(self) -> UUID: ...
    @property
    def from_code(self) -> str: ...
    @property
    def to_code(self) -> str: ...


def follow(
    atlas: Atlas, goes: Sequence[Going], spots: Mapping[UUID, tuple[float, float]]
) -> dict[str, Any]:
    """The shapes of areas whose border moves, by code. `spots` (lon, lat) are all stairwells around, those
    that stay too: each has the ground that is nearer to it than to the others. An area without a boundary
    gets none, a stairwell outside of its own area moves nothing, and nobody's whole ground goes."""
    cells = _cells(spots)
    shapes: dict[str, Any] = {}

    def shape(code: str) -> Any:
        return shapes.get(code, atlas.shape(code))

    for one in goes:
        cell = cells.get(one.unit_id)
        if cell is None:
            continue
        for length in (18, 15):
            was, to = one.from_code[:length], one.to_code[:length]
            old, new = shape(was), shape(to)
            if was == to or len(was) < length or len(to) < length or not old or not new:
                continue
            piece = old.intersection(cell)
            if not old.covers(shapely.Point(*spots[one.unit_id])):
                continue
            left, more = _land(old.difference(piece)), _land(new.union(piece))
            if left is not None and more is not None:
                shapes[was], shapes[to] = left, more
    return shapes


def _cells(spots: Mapping[UUID, tuple[float, float]]) -> dict[UUID, Any]:
    """What lies nearest to each stairwell; nothing for those that stand where another does."""
    alone: dict[tuple[float, float], list[UUID]] = {}
    for unit, spot in spots.items():
        alone.setdefault(spot, []).append(unit)
    places = sorted(alone)
    if len(places) < 2:
        return {}
    points = [shapely.Point(*spot) for spot in places]
    # A degree around: the cells at the edge reach beyond any community.
    ground = shapely.box(
        min(lon for lon, _ in places) - 1,
        min(lat for _, lat in places) - 1,
        max(lon for lon, _ in places) + 1,
        max(lat for _, lat in places) + 1,
    )
    drawn = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=ground).geoms
    tree = shapely.STRtree(list(drawn))
    found: dict[UUID, Any] = {}
    for spot, point in zip(places, points, strict=True):
        at = tree.query(point, predicate="intersects")
        if len(alone[spot]) == 1 and len(at):
            found[alone[spot][0]] = drawn[int(at[0])]
    return found


def _land(shape: Any) -> Any:
    """The pieces of a shape that are more than slivers; None when nothing is left."""
    pieces = [
        one
        for one in getattr(shape, "geoms", [shape])
        if one.geom_type == "Polygon" and square_metres(one) > SLIVER_M2
    ]
    if not pieces:
        return None
    return pieces[0] if len(pieces) == 1 else shapely.MultiPolygon(pieces)
