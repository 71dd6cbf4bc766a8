"""One community as numbers: what the solvers work on. Nothing of it is used by the checker."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wangge.solvers.microgrids.town import (
    Community,
    Grid,
    Pair,
    Town,
    Unit,
    minutes_of,
    wanted_grids,
)


@dataclass(frozen=True, slots=True)
class Weights:
    """What a division costs. Unevenness is squared shares of the mean; `over` and `under` count
    beyond what is allowed, `step` for being beyond at all; `building` for each further grid a
    building lies in, `stability` for as many households as a grid has in the mean whose grid is
    another than today's, `home` for a head that lives outside, `wide` for spread."""

    even: float = 1.0
    over: float = 40.0
    under: float = 12.0
    step: float = 0.5
    building: float = 0.15
    stability: float = 0.5
    home: float = 200.0
    wide: float = 0.03


@dataclass(slots=True)
class Ground:
    """Units are numbered 0…n-1, grids 0…k-1; sets of units are bit masks."""

    community: Community
    units: list[Unit]
    grids: list[Grid]
    load: list[float]
    households: list[int]
    building: list[int]
    next_to: list[list[int]]
    adjacent: list[int]
    today: list[int]
    home: list[int]
    heavy: float
    light: float
    mean: float = 0.0
    mean_households: float = 1.0
    homes_in: dict[int, list[int]] = field(default_factory=dict[int, list[int]])

    def __len__(self) -> int:
        return len(self.units)

    def parts(self) -> list[list[int]]:
        """Units that hang together on foot, largest work first."""
        return sorted(
            (list(bits(mask)) for mask in components((1 << len(self)) - 1, self.adjacent)),
            key=lambda part: (-sum(self.load[unit] for unit in part), part[0]),
        )


def bits(mask: int) -> Iterator[int]:
    """The numbers in a set, smallest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def reach(start: int, within: int, adjacent: Sequence[int]) -> int:
    """The set that hangs together with `start` inside of `within`."""
    seen = fresh = start
    while fresh:
        around = 0
        while fresh:
            low = fresh & -fresh
            around |= adjacent[low.bit_length() - 1]
            fresh ^= low
        fresh = around & within & ~seen
        seen |= fresh
    return seen


def components(within: int, adjacent: Sequence[int]) -> list[int]:
    """The connected pieces of a set."""
    found: list[int] = []
    while within:
        piece = reach(within & -within, within, adjacent)
        found.append(piece)
        within &= ~piece
    return found


def connected_sets(
    rest: int, ground: Ground, too_much: Callable[[float], bool], start: int = -1
) -> Iterator[tuple[int, float]]:
    """Connected sets inside of `rest` with one unit (its first, when none is named), each once, with their
    work; sets of too much work and all that hold them are left out."""
    adjacent, load = ground.adjacent, ground.load
    first = rest & -rest if start < 0 else 1 << start
    start = first.bit_length() - 1
    stack = [(first, adjacent[start] & rest, first, load[start])]
    while stack:
        mask, front, banned, here = stack.pop()
        if too_much(here):
            continue
        yield mask, here
        front &= ~banned
        while front:
            low = front & -front
            front ^= low
            banned |= low
            n = low.bit_length() - 1
            stack.append(
                (mask | low, (front | adjacent[n]) & rest & ~mask, banned, here + load[n])
            )


def grounds(town: Town, paths: Sequence[Pair]) -> list[Ground]:
    """Every community that has units and grids. Units of no known community are left out (the
    checker says so)."""
    community_of = {one.id: one.community for one in town.buildings}
    units: dict[str, list[Unit]] = {}
    for unit in town.units:
        units.setdefault(community_of.get(unit.building, ""), []).append(unit)
    walks: dict[str, list[Pair]] = {}
    of_unit = {unit.id: community_of.get(unit.building, "") for unit in town.units}
    for way in paths:
        here = of_unit[way[0]]
        if here == of_unit[way[1]]:
            walks.setdefault(here, []).append(way)
    heads = {head.id: head.unit for head in town.heads}
    return [
        _ground(town, one, units[one.id], grids, walks.get(one.id, []), heads)
        for one in town.communities
        if units.get(one.id) and (grids := wanted_grids(town, one))
    ]


def _ground(
    town: Town,
    community: Community,
    units: list[Unit],
    grids: list[Grid],
    walks: Sequence[Pair],
    heads: Mapping[str, str | None],
) -> Ground:
    at = {unit.id: n for n, unit in enumerate(units)}
    buildings: dict[str, int] = {}
    next_to: list[set[int]] = [set() for _ in units]
    adjacent = [0] * len(units)
    for a, b in walks:
        here, there = at[a], at[b]
        next_to[here].add(there)
        next_to[there].add(here)
        adjacent[here] |= 1 << there
        adjacent[there] |= 1 << here
    label = {grid.id: n for n, grid in enumerate(grids)}
    pieces = {unit.part_of: n for n, unit in enumerate(units) if unit.part_of is not None}
    taken: set[str] = set()
    home: list[int] = []
    for grid in grids:
        unit = heads.get(grid.head) if grid.head is not None else None
        # The second grid of one head has no head of its own yet: it may lie anywhere.
        second = grid.head in taken
        if grid.head is not None:
            taken.add(grid.head)
        home.append(-1 if unit is None or second else at.get(unit, pieces.get(unit, -1)))
    load = [minutes_of(unit, town.rules) for unit in units]
    ground = Ground(
        community,
        units,
        grids,
        load,
        [unit.households for unit in units],
        [buildings.setdefault(unit.building, len(buildings)) for unit in units],
        [sorted(around) for around in next_to],
        adjacent,
        [label.get(town.today.get(unit.id, ""), -1) for unit in units],
        home,
        town.rules.heavy,
        town.rules.light,
    )
    ground.mean = sum(load) / len(grids)
    ground.mean_households = max(1.0, sum(ground.households) / len(grids))
    for number, where in enumerate(home):
        if where >= 0:
            ground.homes_in.setdefault(where, []).append(number)
    return ground
