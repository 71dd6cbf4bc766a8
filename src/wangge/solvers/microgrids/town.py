"""What is given: communities, buildings, units, paths on foot, heads, today's micro-grids.

These are definitions, shared by the checker and the solver and by nothing else that they share:
what minutes a unit takes, and between which units one can walk. Lengths in metres, positions in
metres on a plane, times in seconds and minutes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from math import ceil, hypot, inf

import numpy as np
from numpy.typing import NDArray

Pair = tuple[str, str]
#: Two units of a community by their places in it.
Way = tuple[int, int]
Metres = NDArray[np.float64]

#: So many pairs of units are looked at in one piece: some megabytes.
AT_ONCE = 500_000


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
    by_community: dict[str, list[Unit]] = {}
    for unit in town.units:
        by_community.setdefault(community_of.get(unit.building, ""), []).append(unit)
    home = {unit.id: name for name, units in by_community.items() for unit in units}
    walls = set(town.barriers) | {(b, a) for a, b in town.barriers}
    found: list[Pair] = []
    named: dict[str, list[Pair]] = {}
    for a, b in town.paths:
        if a in home and b in home and a != b:
            found.append((a, b))
            if home[a] == home[b]:
                named.setdefault(home[a], []).append((a, b))
    for name, units in by_community.items():
        ids = [unit.id for unit in units]
        at = {one: n for n, one in enumerate(ids)}
        x, y = np.array([(one.x, one.y) for one in units]).T
        ways = _near(x, y, rules.metres) + _inside(units)
        if walls:
            ways = [way for way in ways if (ids[way[0]], ids[way[1]]) not in walls]
        known = [*ways, *((at[a], at[b]) for a, b in named.get(name, ()))]
        shut = {(at[a], at[b]) for a, b in walls if a in at and b in at}
        ways += _joined(ids, x, y, known, rules.far, shut)
        found += [(ids[a], ids[b]) for a, b in ways]
    return list(dict.fromkeys((a, b) if a < b else (b, a) for a, b in found))


def _near(x: Metres, y: Metres, metres: float) -> list[Way]:
    """Pairs within so many metres, looked for from west to east."""
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    here = np.arange(len(x))
    # A hair further, so that none is lost by rounding.
    follow = np.searchsorted(x, x + metres * (1 + 1e-9), side="right") - here - 1
    found: list[Way] = []
    for part in _chunks(follow):
        many = follow[part]
        first = np.repeat(here[part], many)
        second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(many) - many, many)
        dx, dy = x[second] - x[first], y[second] - y[first]
        within = dx * dx + dy * dy <= metres * metres
        pairs = zip(order[first[within]].tolist(), order[second[within]].tolist(), strict=True)
        found += pairs
    return found


def _chunks(many: NDArray[np.int64]) -> Iterator[slice]:
    """Slices of rows with about `AT_ONCE` entries together."""
    start, upto = 0, np.cumsum(many)
    while start < len(many):
        before = upto[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(upto, before + AT_ONCE)))
        yield slice(start, end)
        start = end


def _inside(units: Iterable[Unit]) -> list[Way]:
    """Stairwells of one building, one after another as they are listed."""
    last: dict[str, int] = {}
    found: list[Way] = []
    for n, unit in enumerate(units):
        before = last.get(unit.building)
        if before is not None:
            found.append((before, n))
        last[unit.building] = n
    return found


def _joined(
    ids: Sequence[str], x: Metres, y: Metres, ways: Iterable[Way], far: float, walls: Set[Way]
) -> list[Way]:
    """The shortest ways that join the parts of a community, as far as they are not too long."""
    parent = list(range(len(ids)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for a, b in ways:
        if parent[a] != parent[b]:
            parent[root(a)] = root(b)
    part = np.array([root(n) for n in range(len(ids))])
    sizes = np.bincount(part)
    if np.count_nonzero(sizes) < 2:
        return []
    # Every way between two parts has an end that is not in the largest.
    small = np.flatnonzero(part != sizes.argmax())
    between: list[tuple[float, str, str, Way]] = []
    for rows in _chunks(np.full(len(small), len(ids), dtype=np.int64)):
        some = small[rows]
        away = np.hypot(x[some, None] - x, y[some, None] - y)
        away[part[some, None] == part] = inf
        if walls:
            for n, a in enumerate(some.tolist()):
                away[n, [b for b in range(len(ids)) if (a, b) in walls]] = inf
        row, other = np.nonzero(away <= far * (1 + 1e-9))
        away, one = away[row, other], some[row]
        # Of the ways between the same two parts the shortest decides.
        pair = np.minimum(part[one], part[other]) * len(ids) + np.maximum(
            part[one], part[other]
        )
        order = np.lexsort((away, pair))
        away, one, other = away[order], one[order], other[order]
        _, first, which = np.unique(pair[order], return_index=True, return_inverse=True)
        shortest = away <= away[first][which] * (1 + 1e-9)
        between += [
            (length, min(ids[a], ids[b]), max(ids[a], ids[b]), (a, b))
            for a, b in zip(map(int, one[shortest]), map(int, other[shortest]), strict=True)
            if (length := hypot(x[a] - x[b], y[a] - y[b])) <= far
        ]
    found: list[Way] = []
    for _, _, _, (a, b) in sorted(between):
        if root(a) != root(b):
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
