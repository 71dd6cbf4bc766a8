"""The land: county, streets, communities, grids and micro-grids, each cut out of its parent.

The place is invented. It lies on the map at 120.15° E, 30.08° N only so that maps have something
to centre on; no river, road or boundary here exists.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import cycle
from random import Random
from typing import TypeVar

from wangge.demo.town import names
from wangge.demo.town.minting import stream
from wangge.demo.town.model import Area, AreaKind, GridKind, LonLat, MapLine
from wangge.demo.town.shapes import (
    Cut,
    Frame,
    Point,
    Shape,
    Side,
    centre,
    divide,
    extent,
    rim_lines,
    turn,
    wild_outline,
)
from wangge.demo.town.sizes import CommunityPlan, StreetPlan, TownPlan, share

ORIGIN: LonLat = (120.15, 30.08)
METRES_PER_LON, METRES_PER_LAT = 96_330.0, 110_860.0
LAND_PER_HOUSEHOLD = 152.0
_DEDICATED: tuple[GridKind, ...] = ("market", "enterprise", "campus")
_GRID_NAMES = {"market": "市场", "enterprise": "园区", "campus": "校区"}
_MICRO_NAMES = {"checkpoint": "卡口", "enterprise": "企业", "stairwell": ""}


@dataclass(frozen=True, slots=True)
class MicroLand:
    area: Area
    shape: Shape
    households: int
    park: bool


@dataclass(frozen=True, slots=True)
class GridLand:
    area: Area
    shape: Shape
    micro_grids: tuple[MicroLand, ...]


@dataclass(frozen=True, slots=True)
class CommunityLand:
    """A community's land; `frame` is the direction its houses stand in."""

    area: Area
    shape: Shape
    frame: Frame
    grids: tuple[GridLand, ...]
    lines: tuple[MapLine, ...]

    def areas(self) -> Iterator[Area]:
        """The community, then each grid followed by its micro-grids."""
        yield self.area
        for grid in self.grids:
            yield grid.area
            for micro in grid.micro_grids:
                yield micro.area


def to_lonlat(point: Point) -> LonLat:
    """Metres to degrees, to 1e-9° (a tenth of a millimetre)."""
    x, y = point
    return (
        round(ORIGIN[0] + x / METRES_PER_LON, 9),
        round(ORIGIN[1] + y / METRES_PER_LAT, 9),
    )


def make_area(
    code: str, name: str, kind: AreaKind, grid_kind: GridKind | None, shape: Shape
) -> Area:
    parent = code[: {15: 12, 18: 15, 12: 9, 9: 6, 6: 0}[len(code)]] or None
    lon, lat = to_lonlat(centre(shape.ring))
    boundary = tuple(to_lonlat(point) for point in shape.ring)
    return Area(code, name, kind, grid_kind, parent, boundary, lon, lat)


class Ground:
    """All the land of a whole plan, cut on demand and remembered; no piece waits for another."""

    def __init__(self, whole: TownPlan, seed: int) -> None:
        self._whole = whole
        self._seed = seed
        self._land = cache(self._cut_community)
        self._streets = cache(self._cut_street)

    @cached_property
    def _county(self) -> tuple[Shape, Frame, list[Shape], list[Cut]]:
        rng = stream(self._seed, self._whole.code, "ground")
        weights = [street.households * street.looseness for street in self._whole.streets]
        shape = wild_outline(sum(weights) * LAND_PER_HOUSEHOLD, rng)
        frame = turn((1.0, 0.0), rng.uniform(0.06, 0.2))
        roads = cycle(names.road_names(rng))

        def side_at(depth: int) -> Side:
            if depth == 0:
                return Side("river", names.RIVER, 88.0)
            return Side("main_road", next(roads) + "大道", 34.0)

        pieces, cuts = _divide_around_the_first(shape, weights, frame, rng, side_at, 5, 0.035)
        return shape, frame, pieces, cuts

    def county(self) -> Shape:
        return self._county[0]

    def county_cuts(self) -> list[Cut]:
        return self._county[3]

    def street(self, street: StreetPlan) -> Shape:
        return self._county[2][street.index]

    def street_cuts(self, street: StreetPlan) -> list[Cut]:
        return self._streets(street)[2]

    def community(self, street: StreetPlan, plan: CommunityPlan) -> Shape:
        # A kept street may list its first community only; the whole street is what was cut.
        whole = self._whole.streets[street.index]
        place = next(n for n, one in enumerate(whole.communities) if one.code == plan.code)
        return self._streets(whole)[1][place]

    def land(self, street: StreetPlan, plan: CommunityPlan) -> CommunityLand:
        """One community's grids and micro-grids."""
        return self._land(self._whole.streets[street.index], plan)

    def _cut_street(self, street: StreetPlan) -> tuple[Frame, list[Shape], list[Cut]]:
        rng = stream(self._seed, street.code, "ground")
        frame = turn(self._county[1], rng.uniform(-0.12, 0.12))
        roads = cycle(names.road_names(rng))
        weights = [float(community.households) for community in street.communities]

        def side_at(depth: int) -> Side:
            if depth == 0:
                return Side("creek", next(roads) + "河", 30.0)
            return Side("road", next(roads) + "路", 22.0 if depth < 3 else 16.0)

        land = self.street(street)
        if street.index == 0:
            return frame, *_divide_around_the_first(land, weights, frame, rng, side_at, 3, 0.03)
        return frame, *divide(land, weights, frame, rng, side_at, bends=3, swing=0.03)

    def _cut_community(self, street: StreetPlan, plan: CommunityPlan) -> CommunityLand:
        rng = stream(self._seed, plan.code, "ground")
        frame = turn(self._streets(street)[0], rng.uniform(-0.06, 0.06))
        shape = self.community(street, plan)
        sketch = _sketch(plan, rng)
        roads = iter(names.road_names(rng))
        creek = plan.index == 0 or rng.random() < 0.2

        def street_at(depth: int) -> Side:
            if depth == 0 and creek:
                return Side("creek", next(roads) + "浦", 14.0)
            return Side("side_street", next(roads) + "街", 11.0)

        def lane_at(depth: int) -> Side:
            return Side("lane", next(roads) + "巷", 5.0)

        pieces, cuts = divide(
            shape, [_land(grid) for grid in sketch], frame, rng, street_at, bends=2, swing=0.02
        )
        short = plan.name.removesuffix("社区")
        grids: list[GridLand] = []
        for n, (grid, piece) in enumerate(_in_order(sketch, pieces), start=1):
            land, more = _cut_grid(plan.code, short, n, grid, piece, frame, rng, lane_at)
            grids.append(land)
            cuts += more
        area = make_area(plan.code, plan.name, "community", None, shape)
        return CommunityLand(area, shape, frame, tuple(grids), map_lines(cuts))


_Mark = tuple[bool, bool, bool, float]


def _divide_around_the_first(
    shape: Shape,
    weights: list[float],
    frame: Frame,
    rng: Random,
    side_at: Callable[[int], Side],
    bends: int,
    swing: float,
) -> tuple[list[Shape], list[Cut]]:
    """Like `divide`, but the first piece lies at the first cut (the water), off the rim.

    The first is shown alone in the smaller demonstrations and should not be a corner of the
    land; so several places in the list are tried for it.
    """
    count = len(weights)
    state = rng.getstate()
    middle = centre(shape.ring)
    tries: list[tuple[_Mark, list[Shape], list[Cut]]] = []
    for place in sorted({count * n // 8 for n in range(1, 8)}):
        order = [*range(1, place + 1), 0, *range(place + 1, count)]
        rng.setstate(state)
        pieces, cuts = divide(
            shape, [weights[n] for n in order], frame, rng, side_at, bends=bends, swing=swing
        )
        found = dict(zip(order, pieces, strict=True))
        first = found[0]
        dry = not any(side.kind in ("river", "creek") for side in first.sides)
        rim = sum(side.kind is None for side in first.sides)
        x, y = centre(first.ring)
        far = (x - middle[0]) * (x - middle[0]) + (y - middle[1]) * (y - middle[1])
        tries.append(
            (
                (rim > 0, _slender(first, frame), dry, far),
                [found[n] for n in range(count)],
                cuts,
            )
        )
    _, best, cuts = min(tries, key=_mark)
    return best, cuts


def _mark(one: tuple[_Mark, list[Shape], list[Cut]]) -> _Mark:
    return one[0]


def _slender(shape: Shape, frame: Frame) -> bool:
    wide, high = extent(shape.ring, frame), extent(shape.ring, (-frame[1], frame[0]))
    return not 0.6 < wide / high < 1.7


@dataclass(slots=True)
class _Micro:
    kind: GridKind
    households: int = 0
    land: float = 0.0
    park: bool = False


@dataclass(slots=True)
class _Grid:
    kind: GridKind
    micro_grids: list[_Micro]


def map_lines(cuts: list[Cut]) -> tuple[MapLine, ...]:
    return tuple(
        MapLine(
            cut.side.kind, cut.side.name, cut.side.width, tuple(to_lonlat(p) for p in cut.path)
        )
        for cut in cuts
        if cut.side.kind is not None
    )


def outside_lines(shape: Shape) -> tuple[MapLine, ...]:
    """The rivers and roads that run along the outside of a piece."""
    return map_lines(rim_lines(shape))


def _land(grid: _Grid) -> float:
    return sum(micro.land for micro in grid.micro_grids)


def _sketch(plan: CommunityPlan, rng: Random) -> list[_Grid]:
    """What grids a community has, and how many households and how much land each gets."""
    dedicated = 0 if plan.grids < 4 else 1 if plan.grids < 10 else 2
    kinds: list[GridKind] = ["base"] * plan.grids
    places = rng.sample(range(plan.grids), dedicated)
    for place, kind in zip(places, rng.sample(_DEDICATED, dedicated), strict=True):
        kinds[place] = kind
    weights = [0.35 if kind != "base" else rng.uniform(0.85, 1.15) for kind in kinds]
    counts = share(plan.micro_grids, weights, least=1)
    grids = [
        _Grid(kind, [_Micro("stairwell" if kind == "base" else "enterprise") for _ in range(n)])
        for kind, n in zip(kinds, counts, strict=True)
    ]
    homes = [micro for grid in grids if grid.kind == "base" for micro in grid.micro_grids]
    if len(homes) >= 8:
        rng.choice(homes).kind = "checkpoint"
    every = [micro for grid in grids for micro in grid.micro_grids]
    few = {"stairwell": 1.0, "checkpoint": 0.32, "enterprise": 0.22}
    pulls = [rng.uniform(0.8, 1.25) * few[micro.kind] for micro in every]
    middle = plan.households / len(every)
    for micro, count in zip(every, share(plan.households, pulls, least=1), strict=True):
        micro.households = count
        extra = 1.0 if micro.kind == "enterprise" else 0.25
        micro.land = count + extra * middle
    parks = max(1, len(homes) // 14)
    for micro in rng.sample(homes, parks):
        micro.park = True
        micro.land += max(0.7 * middle, 30.0)
    return grids


_Thing = TypeVar("_Thing", _Grid, _Micro)


def _in_order(things: list[_Thing], pieces: list[Shape]) -> list[tuple[_Thing, Shape]]:
    """North-west first, as the coding rules number grids (west to east, north to south)."""

    def place(pair: tuple[_Thing, Shape]) -> float:
        x, y = centre(pair[1].ring)
        return x - y

    return sorted(zip(things, pieces, strict=True), key=place)


def _cut_grid(
    community_code: str,
    short: str,
    number: int,
    grid: _Grid,
    piece: Shape,
    frame: Frame,
    rng: Random,
    lane_at: Callable[[int], Side],
) -> tuple[GridLand, list[Cut]]:
    code = f"{community_code}{number:03d}"
    pieces, cuts = divide(
        piece,
        [micro.land for micro in grid.micro_grids],
        frame,
        rng,
        lane_at,
        bends=1,
        swing=0.02,
    )
    micros: list[MicroLand] = []
    for n, (micro, bit) in enumerate(_in_order(grid.micro_grids, pieces), start=1):
        name = f"{short}{number}-{n}{_MICRO_NAMES[micro.kind]}微网格"
        area = make_area(f"{code}{n:03d}", name, "micro_grid", micro.kind, bit)
        micros.append(MicroLand(area, bit, micro.households, micro.park))
    special = _GRID_NAMES.get(grid.kind)
    name = f"{short}{special}专属网格" if special else f"{short}第{number}网格"
    area = make_area(code, name, "grid", grid.kind, piece)
    return GridLand(area, piece, tuple(micros)), cuts
