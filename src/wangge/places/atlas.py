"""The atlas: every area of a district in memory, with its boundary, for lookups in microseconds.

A county has some twenty streets, 350 communities, 2,600 grids and 20,000 micro-grids; a point is
placed by an R-tree over the boundaries (Sort-Tile-Recursive, as in shapely's STRtree).
"""

from collections.abc import Sequence
from typing import Any

from wangge.kernel.cache import Cached
from wangge.kernel.database import Tx
from wangge.places import queries
from wangge.places.geometry import shapely
from wangge.places.model import Area, AreaKind, levels, parent_of

#: Chains of successors longer than this are a mistake in the data, not history.
CHAIN_MAX = 40

#: Areas that a point is placed in.
_PLACED = (AreaKind.COMMUNITY, AreaKind.GRID, AreaKind.MICRO_GRID)


class Atlas:
    """All areas of one district as of one transaction. Never changed after it is made."""

    def __init__(self, areas: Sequence[Area], shapes: Sequence[tuple[str, Any]] = ()) -> None:
        self._areas = {area.code: area for area in areas}
        self._county = next((code for code in self._areas if len(code) == 6), "")
        # Found once for each area that is ever asked for, and there are only so many.
        self._paths: dict[str, str] = {}
        self._children: dict[str, list[str]] = {}
        self._before: dict[str, list[str]] = {}
        for area in sorted(areas, key=lambda area: area.code):
            above = parent_of(area.code)
            if above is not None and area.open:
                self._children.setdefault(above, []).append(area.code)
            for successor in area.successors:
                self._before.setdefault(successor, []).append(area.code)
        self._counts: dict[tuple[str, AreaKind], int] = {}
        for area in areas:
            for above in levels(area.code)[1:] if area.open else ():
                self._counts[above, area.kind] = self._counts.get((above, area.kind), 0) + 1
        self._shapes = dict(shapes)
        placed = sorted(
            (
                code
                for code in self._shapes
                if code in self._areas
                and self._areas[code].open
                and self._areas[code].kind in _PLACED
            ),
            key=lambda code: (-len(code), code),
        )
        self._placed = placed
        self._tree = shapely.STRtree([self._shapes[code] for code in placed])

    def __len__(self) -> int:
        return len(self._areas)

    @property
    def county(self) -> str:
        """The district's own code; "" while it has no areas."""
        return self._county

    def area(self, code: str) -> Area | None:
        """One area, open or closed; None for a code that never was."""
        return self._areas.get(code)

    def name(self, code: str) -> str:
        """The area's name; the code itself when it never was."""
        area = self._areas.get(code)
        return area.name if area else code

    def path(self, code: str) -> str:
        """Names from the street down: 示范街道 / 杏花社区 / 第一网格. A county is its name."""
        path = self._paths.get(code)
        if path is None:
            steps = [step for step in reversed(levels(code)) if len(step) > 6]
            path = " / ".join(self.name(step) for step in steps) or self.name(code)
            if code in self._areas:
                self._paths[code] = path
        return path

    def children(self, code: str) -> tuple[Area, ...]:
        """Open areas one level down, by code."""
        return tuple(self._areas[child] for child in self._children.get(code, ()))

    def ever_below(self, code: str) -> tuple[str, ...]:
        """Every code one level down that is or was, by code: the next free number lies behind."""
        return tuple(sorted(one for one in self._areas if len(one) > 6 and one[:-3] == code))

    def open_areas(self, prefix: str = "") -> tuple[Area, ...]:
        """Every open area whose code begins with `prefix`, by code (parents come first)."""
        return tuple(
            self._areas[code]
            for code in sorted(self._areas)
            if code.startswith(prefix) and self._areas[code].open
        )

    def count(self, code: str, kind: AreaKind) -> int:
        """How many open areas of a kind lie below."""
        return self._counts.get((code, kind), 0)

    def shape(self, code: str) -> Any | None:
        """The boundary as a shapely Polygon, WGS-84 degrees; None where there is none."""
        return self._shapes.get(code)

    def resolve(self, code: str) -> tuple[str, ...]:
        """The open areas that a code means today: itself, or its successors along the chain.

        Nothing for a code that never was, or was closed without successors.
        """
        found: list[str] = []
        seen: set[str] = set()
        waiting = [code]
        while waiting and len(seen) < CHAIN_MAX:
            one = waiting.pop(0)
            if one in seen:
                continue
            seen.add(one)
            area = self._areas.get(one)
            if area is None:
                continue
            if area.open:
                found.append(one)
            else:
                waiting.extend(area.successors)
        return tuple(sorted(found))

    def predecessors(self, code: str) -> tuple[str, ...]:
        """Closed codes that lead to this one, so that what was filed under them stays reachable."""
        found: set[str] = set()
        waiting = list(self._before.get(code, ()))
        while waiting and len(found) < CHAIN_MAX:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting.extend(self._before.get(one, ()))
        return tuple(sorted(found))

    def grid_of(self, lon: float, lat: float) -> str | None:
        """The deepest open area around a point (WGS-84 degrees), or None outside of all.

        A point on a shared border belongs to the lowest code of the deepest level, always.
        """
        hits = self._tree.query(shapely.points(lon, lat), predicate="intersects")
        # The tree was filled deepest first and by code, so the least index is the answer.
        return self._placed[int(hits.min())] if len(hits) else None


async def _load(tx: Tx) -> Atlas:
    areas = await queries.all_areas(tx)
    shapes = await queries.all_boundaries(tx)
    polygons = shapely.from_geojson([shape.boundary for shape in shapes])
    shapely.prepare(polygons)
    return Atlas(areas, [(s.code, p) for s, p in zip(shapes, polygons, strict=True)])


#: `await ATLAS.get(tx)`; renewed when an area changes.
ATLAS: Cached[Atlas] = Cached("places", _load)
