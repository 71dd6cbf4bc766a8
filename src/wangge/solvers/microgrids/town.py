"""What is given: communities, buildings, units, paths on foot, heads, today's micro-grids.

These are definitions, shared by the checker and the solver and by nothing else that they share:
what minutes a unit takes, and between which units one can walk. Lengths in metres, positions in
metres on a plane, times in seconds and minutes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import ceil, hypot

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings, not law: seconds are what a door took in field reports (56 doors on 28 floors in
    18 to 20 minutes); no standard gives them. `heavy` and `light` are shares of the community's
    mean; `metres` is how far apart two stairwells may lie to be next to one another on foot, `far`
    how long a way may be that joins what otherwise hangs on nothing."""

    door_seconds: float = 12.0
    person_seconds: float = 0.0
    special_seconds: float = 90.0
    lift_wait_seconds: float = 35.0
    lift_floor_seconds: float = 2.2
    down_seconds: float = 12.0
    up_seconds: float = 18.0
    heavy: float = 1.25
    light: float = 0.6
    metres: float = 80.0
    far: float = 400.0
    stability: float = 0.5
    whole_buildings: float = 0.15


@dataclass(frozen=True, slots=True)
class Community:
    """`count` is how many micro-grids are wanted where no grids are named."""

    id: str
    name: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Building:
    id: str
    name: str
    community: str
    estate: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A stairwell, or floors of one (`part_of` names the whole then, `lowest` its lowest floor).

    `special` counts persons who are visited at home. `minutes` overrules the arithmetic.
    """

    id: str
    building: str
    name: str
    households: int
    people: int = 0
    special: int = 0
    floors: int = 1
    lift: bool = False
    x: float = 0.0
    y: float = 0.0
    minutes: float | None = None
    part_of: str | None = None
    lowest: int = 1


@dataclass(frozen=True, slots=True)
class Head:
    """Somebody who can head a micro-grid; `unit` is the home, None where it is not known."""

    id: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A micro-grid. `head` is None where the post is vacant."""

    id: str
    name: str
    community: str
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Town:
    """Everything given. `today` says to which micro-grid a unit belongs today; `paths` are walks
    that the positions do not show (a bridge), `barriers` walks that they show wrongly (a wall)."""

    communities: Sequence[Community]
    buildings: Sequence[Building]
    units: Sequence[Unit]
    grids: Sequence[Grid] = ()
    heads: Sequence[Head] = ()
    today: Mapping[str, str] = field(default_factory=dict[str, str])
    paths: Sequence[Pair] = ()
    barriers: Sequence[Pair] = ()
    rules: Rules = field(default_factory=Rules)


def floors_seconds(
    rules: Rules, lowest: int, highest: int, lift: bool, households: float, people: float
) -> float:
    """Seconds for the doors of some floors in one go: up by lift to the highest and down on foot, or
    up and down on foot. 28 floors, 56 doors, with a lift: 18.2 minutes."""
    doors = rules.door_seconds * households + rules.person_seconds * people
    if lift:
        ways = max(0, highest) + max(0, -lowest)
        ride = rules.lift_wait_seconds + rules.lift_floor_seconds * ways
        return ride + rules.down_seconds * (highest - lowest) + doors
    # From the door up, and down into a basement.
    climb = max(0, highest - 1) + max(0, 1 - lowest)
    return (rules.up_seconds + rules.down_seconds) * climb + doors


def minutes_of(unit: Unit, rules: Rules) -> float:
    """Minutes one round through a unit takes, with the visits to special persons."""
    if unit.minutes is not None:
        return unit.minutes
    walk = floors_seconds(
        rules,
        unit.lowest,
        unit.lowest + max(1, unit.floors) - 1,
        unit.lift,
        unit.households,
        unit.people,
    )
    return (walk + rules.special_seconds * unit.special) / 60


def footpaths(town: Town) -> list[Pair]:
    """Pairs of units of one community between which one can walk: stairwells of one building, all
    that lie within `metres`, the paths that are named; then, where a part of a community hangs on
    nothing, the shortest way to the rest if it is no longer than `far`. Never through a barrier."""
    rules = town.rules
    community_of = {one.id: one.community for one in town.buildings}
    walls = {frozenset(pair) for pair in town.barriers}
    by_community: dict[str, list[Unit]] = {}
    for unit in town.units:
        by_community.setdefault(community_of.get(unit.building, ""), []).append(unit)
    known = {unit.id for unit in town.units}
    found: list[Pair] = [(a, b) for a, b in town.paths if a in known and b in known and a != b]
    for units in by_community.values():
        near = _near(units, rules.metres, walls)
        near += _inside(units, walls)
        found += near
        found += _joined(units, [*near, *found], rules.far, walls)
    return list(dict.fromkeys((a, b) if a < b else (b, a) for a, b in found))


def _near(units: Sequence[Unit], metres: float, walls: set[frozenset[str]]) -> list[Pair]:
    """Pairs within so many metres, by squares of that size."""
    size = max(metres, 1e-9)
    squares: dict[tuple[int, int], list[tuple[float, float, str]]] = {}
    for unit in units:
        square = (int(unit.x // size), int(unit.y // size))
        squares.setdefault(square, []).append((unit.x, unit.y, unit.id))
    limit = metres * metres
    found: list[Pair] = []
    for (column, row), here in squares.items():
        # Each pair of squares once: those to the right and the one above.
        beyond = [
            other
            for square in ((1, -1), (1, 0), (1, 1), (0, 1))
            for other in squares.get((column + square[0], row + square[1]), ())
        ]
        for n, (x, y, name) in enumerate(here):
            for u, v, other in chain(here[n + 1 :], beyond):
                if (u - x) * (u - x) + (v - y) * (v - y) <= limit:
                    found.append((name, other))
    return [pair for pair in found if frozenset(pair) not in walls] if walls else found


def _inside(units: Iterable[Unit], walls: set[frozenset[str]]) -> list[Pair]:
    """Stairwells of one building, one after another as they are listed."""
    last: dict[str, str] = {}
    found: list[Pair] = []
    for unit in units:
        before = last.get(unit.building)
        if before is not None and frozenset((before, unit.id)) not in walls:
            found.append((before, unit.id))
        last[unit.building] = unit.id
    return found


def _joined(
    units: Sequence[Unit], paths: Iterable[Pair], far: float, walls: set[frozenset[str]]
) -> list[Pair]:
    """The shortest ways that join the parts of a community, as far as they are not too long."""
    parent = {unit.id: unit.id for unit in units}

    def root(one: str) -> str:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for a, b in paths:
        if a in parent and b in parent:
            parent[root(a)] = root(b)
    sizes = Counter(root(unit.id) for unit in units)
    if len(sizes) < 2:
        return []
    # Every way between two parts has an end that is not in the largest.
    largest = max(sizes, key=lambda one: (sizes[one], one))
    ways = sorted(
        (hypot(a.x - b.x, a.y - b.y), min(a.id, b.id), max(a.id, b.id))
        for a in units
        if root(a.id) != largest
        for b in units
        if abs(a.x - b.x) <= far and abs(a.y - b.y) <= far and root(a.id) != root(b.id)
    )
    found: list[Pair] = []
    for length, a, b in ways:
        if length > far:
            break
        if root(a) != root(b) and frozenset((a, b)) not in walls:
            parent[root(a)] = root(b)
            found.append((a, b))
    return found


def wanted_grids(town: Town, community: Community) -> list[Grid]:
    """The grids of a community: those named, or so many new ones as are wanted."""
    named = [grid for grid in town.grids if grid.community == community.id]
    if named or not community.count:
        return named
    digits = max(2, len(str(community.count)))
    return [
        Grid(f"{community.id}-{n:0{digits}d}", f"{community.name}{n}", community.id)
        for n in range(1, community.count + 1)
    ]


def fewest(total: float, limit: float) -> int:
    """How many grids a total needs at least when none may exceed a limit."""
    return max(1, ceil(total / limit - 1e-9)) if limit > 0 else 1
