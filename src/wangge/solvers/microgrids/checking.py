"""Judges a division into micro-grids, whoever made it: ours, imported, drawn by hand.

Shares no code with what proposes or repairs (an import contract says so); both read the same
definitions in `town`. It says what is wrong by kind, how evenly the minutes lie, and how far the
division is from today's. It speaks of grids, never of how well anybody does.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from wangge.solvers.microgrids.town import (
    Community,
    Grid,
    Head,
    Pair,
    Town,
    Unit,
    fewest,
    footpaths,
    minutes_of,
    wanted_grids,
)
from wangge.solvers.words import Sentence, said

Kind = Literal[
    "unassigned",
    "unknown_unit",
    "unknown_grid",
    "unit_split",
    "unit_by_floors",
    "across",
    "disconnected",
    "no_head",
    "head_twice",
    "head_outside",
    "empty",
    "too_heavy",
    "too_light",
    "building_split",
]

#: What must not be; the other kinds are worth a look.
HARD: frozenset[Kind] = frozenset(
    {
        "unassigned",
        "unknown_unit",
        "unknown_grid",
        "unit_split",
        "across",
        "disconnected",
        "no_head",
        "head_twice",
        "head_outside",
    }
)


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong: with which grid and which units, and why in a sentence."""

    kind: Kind
    hard: bool
    grid: str | None
    units: tuple[str, ...]
    why: Sentence


@dataclass(frozen=True, slots=True)
class Load:
    """What one grid carries. `ratio` is its minutes over the mean of its community."""

    grid: str
    community: str
    units: int
    households: int
    people: int
    special: int
    minutes: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Fairness:
    """How evenly the minutes of a community lie: the most and the least over the mean."""

    community: str
    grids: int
    mean: float
    max_mean: float
    min_mean: float


@dataclass(frozen=True, slots=True)
class Distance:
    """From today's division: units in another grid, households whose head is another one."""

    units: int
    households: int
    share: float


@dataclass(frozen=True, slots=True)
class Verdict:
    violations: tuple[Violation, ...]
    loads: tuple[Load, ...]
    fairness: tuple[Fairness, ...]
    distance: Distance
    buildings: int
    buildings_split: int
    max_mean: float
    sentences: tuple[Sentence, ...]

    @property
    def hard(self) -> int:
        """How many things must not be."""
        return sum(one.hard for one in self.violations)


def check(town: Town, division: Iterable[Pair], paths: Sequence[Pair] | None = None) -> Verdict:
    """Judge a division, given as pairs (unit, grid). `paths` are the town's footpaths where the
    caller has them already. Never raises on a bad division: what does not fit is a violation."""
    return _Check(town, division, footpaths(town) if paths is None else paths).verdict()


class _Check:
    """One judgement; every kind of violation is looked for by one method."""

    def __init__(self, town: Town, division: Iterable[Pair], paths: Sequence[Pair]) -> None:
        self.town = town
        self.paths = paths
        self.units: dict[str, Unit] = {unit.id: unit for unit in town.units}
        self.communities: dict[str, Community] = {one.id: one for one in town.communities}
        self.community_of = {one.id: one.community for one in town.buildings}
        self.building_names = {one.id: one.name for one in town.buildings}
        grids = [grid for one in town.communities for grid in wanted_grids(town, one)]
        self.grids: dict[str, Grid] = {grid.id: grid for grid in grids}
        self.heads: dict[str, Head] = {head.id: head for head in town.heads}
        self.minutes = {unit.id: minutes_of(unit, town.rules) for unit in town.units}
        self.found: list[Violation] = []
        #: Minutes of a grid in the mean, by community.
        self.means: dict[str, float] = {}
        self.grid_of: dict[str, list[str]] = defaultdict(list)
        for unit, grid in division:
            if unit not in self.units:
                self.say(
                    "unknown_unit", None, (unit,), said("没有编号为“{unit}”的单元。", unit=unit)
                )
            elif grid not in self.grids:
                self.say(
                    "unknown_grid",
                    None,
                    (unit,),
                    said(
                        "{name}划进了编号为“{grid}”的微网格,但没有这个微网格。",
                        name=self.named(unit),
                        grid=grid,
                    ),
                )
            elif grid not in self.grid_of[unit]:
                self.grid_of[unit].append(grid)
        self.members: dict[str, list[str]] = {grid: [] for grid in self.grids}
        for unit, where in self.grid_of.items():
            for grid in where:
                self.members[grid].append(unit)

    def say(self, kind: Kind, grid: str | None, units: tuple[str, ...], why: Sentence) -> None:
        self.found.append(Violation(kind, kind in HARD, grid, units, why))

    def named(self, unit: str) -> str:
        """What people call a stairwell: its building and its number."""
        one = self.units[unit]
        return self.building_names.get(one.building, "") + one.name

    def verdict(self) -> Verdict:
        self.assigned_once()
        self.inside_one_community()
        self.connected()
        self.headed()
        loads = self.loads()
        fairness = self.fairness(loads)
        self.weighed(loads)
        split = self.buildings_whole(fairness)
        worst = max((one.max_mean for one in fairness), default=0.0)
        distance = self.distance()
        return Verdict(
            tuple(self.found),
            tuple(loads),
            tuple(fairness),
            distance,
            len({unit.building for unit in self.town.units}),
            split,
            worst,
            tuple(self.summary(loads, fairness, distance, split)),
        )

    def assigned_once(self) -> None:
        for unit in self.units:
            where = self.grid_of.get(unit, [])
            if not where:
                self.say(
                    "unassigned",
                    None,
                    (unit,),
                    said("{name}不属于任何微网格。", name=self.named(unit)),
                )
            elif len(where) > 1:
                self.split(self.named(unit), (unit,), where)
        parts: dict[str, list[Unit]] = defaultdict(list)
        for one in self.town.units:
            if one.part_of is not None:
                parts[one.part_of].append(one)
        for pieces in parts.values():
            where = sorted({g for piece in pieces for g in self.grid_of.get(piece.id, [])})
            if len(where) < 2:
                continue
            runs = sorted((piece.lowest, piece.lowest + piece.floors) for piece in pieces)
            ids = tuple(piece.id for piece in pieces)
            if any(below[1] > above[0] for below, above in pairwise(runs)):
                self.split(self.named(ids[0]), ids, where)
                continue
            # Whole floors, each in one grid: somebody chose that, and it is said.
            self.say(
                "unit_by_floors",
                where[0],
                ids,
                said(
                    "{name}所在的单元按楼层分在 {count} 个微网格里。",
                    name=self.named(ids[0]),
                    count=len(where),
                ),
            )

    def split(self, name: str, units: tuple[str, ...], where: Sequence[str]) -> None:
        self.say(
            "unit_split",
            where[0],
            units,
            said("{name}分在 {count} 个微网格里。", name=name, count=len(where)),
        )

    def inside_one_community(self) -> None:
        for grid, members in self.members.items():
            home = self.grids[grid].community
            out = [u for u in members if self.community_of.get(self.units[u].building) != home]
            if out:
                self.say(
                    "across",
                    grid,
                    tuple(out),
                    said(
                        "“{grid}”跨了社区:{name}等 {count} 个单元不在本社区。",
                        grid=self.grids[grid].name,
                        name=self.named(out[0]),
                        count=len(out),
                    ),
                )

    def connected(self) -> None:
        """Union of what one can walk between without leaving the grid."""
        parent = {unit: unit for unit in self.units}

        def root(one: str) -> str:
            while parent[one] != one:
                parent[one] = parent[parent[one]]
                one = parent[one]
            return one

        twice = {unit for unit, where in self.grid_of.items() if len(where) > 1}
        for a, b in self.paths:
            if a not in parent or b not in parent or parent[a] == parent[b]:
                continue
            if self.grid_of.get(a) == self.grid_of.get(b):
                parent[root(a)] = root(b)
        for grid, members in self.members.items():
            pieces = {root(unit) for unit in members if unit not in twice}
            if len(pieces) > 1:
                self.say(
                    "disconnected",
                    grid,
                    tuple(sorted(pieces)),
                    said(
                        "“{grid}”走不通:分成互不相连的 {count} 块。",
                        grid=self.grids[grid].name,
                        count=len(pieces),
                    ),
                )

    def headed(self) -> None:
        grids_of: dict[str, list[Grid]] = defaultdict(list)
        for grid in self.grids.values():
            if grid.head is None:
                if self.town.heads:
                    self.say(
                        "no_head", grid.id, (), said("“{grid}”没有网格长。", grid=grid.name)
                    )
                continue
            grids_of[grid.head].append(grid)
            head = self.heads.get(grid.head)
            home = head.unit if head is not None else None
            if home is None or home not in self.units:
                continue
            inside = [u for u in self.units if self.units[u].part_of == home] or [home]
            if self.members[grid.id] and not any(
                grid.id in self.grid_of.get(unit, ()) for unit in inside
            ):
                self.say(
                    "head_outside",
                    grid.id,
                    (home,),
                    said(
                        "“{grid}”的网格长住在{name},不在本格内。",
                        grid=grid.name,
                        name=self.named(home),
                    ),
                )
        for grids in grids_of.values():
            if len(grids) > 1:
                self.say(
                    "head_twice",
                    grids[1].id,
                    (),
                    said(
                        "“{first}”和“{second}”是同一位网格长。",
                        first=grids[0].name,
                        second=grids[1].name,
                    ),
                )

    def loads(self) -> list[Load]:
        """What every grid carries; a unit of several grids counts in each of them."""
        totals: dict[str, float] = defaultdict(float)
        counts: Counter[str] = Counter()
        sums: dict[str, float] = {}
        for grid, members in self.members.items():
            sums[grid] = sum(self.minutes[unit] for unit in members)
            totals[self.grids[grid].community] += sums[grid]
            counts[self.grids[grid].community] += 1
        found: list[Load] = []
        for grid, members in self.members.items():
            community = self.grids[grid].community
            mean = self.means[community] = totals[community] / counts[community]
            inside = [self.units[unit] for unit in members]
            found.append(
                Load(
                    grid,
                    community,
                    len(inside),
                    sum(unit.households for unit in inside),
                    sum(unit.people for unit in inside),
                    sum(unit.special for unit in inside),
                    round(sums[grid], 2),
                    sums[grid] / mean if mean else 0.0,
                )
            )
        return found

    def fairness(self, loads: Sequence[Load]) -> list[Fairness]:
        by_community: dict[str, list[Load]] = defaultdict(list)
        for load in loads:
            by_community[load.community].append(load)
        return [
            Fairness(
                community,
                len(here),
                round(sum(load.minutes for load in here) / len(here), 2),
                round(max(load.ratio for load in here), 4),
                round(min(load.ratio for load in here), 4),
            )
            for community, here in by_community.items()
        ]

    def weighed(self, loads: Sequence[Load]) -> None:
        rules = self.town.rules
        for load in loads:
            name = self.grids[load.grid].name
            if load.units == 0:
                self.say("empty", load.grid, (), said("“{grid}”里一个单元也没有。", grid=name))
            elif not self.means[load.community]:
                continue  # Nobody lives there yet: nothing is heavy or light.
            elif load.ratio > rules.heavy + 1e-9:
                self.say("too_heavy", load.grid, tuple(self.members[load.grid]), self.why(load))
            elif load.ratio < rules.light - 1e-9:
                self.say("too_light", load.grid, tuple(self.members[load.grid]), self.why(load))

    def why(self, load: Load) -> Sentence:
        """Why a grid is heavy or light, in what one can count."""
        stairs = sum(not self.units[unit].lift for unit in self.members[load.grid])
        values: dict[str, str | int] = {
            "grid": self.grids[load.grid].name,
            "minutes": f"{load.minutes:.1f}",
            "mean": f"{self.means[load.community]:.1f}",
            "ratio": f"{load.ratio:.2f}",
            "units": load.units,
            "households": load.households,
            "special": load.special,
            "stairs": stairs,
        }
        begins = "“{grid}”一轮要 {minutes} 分钟,是本社区平均 {mean} 分钟的 {ratio} 倍:"
        counted = begins + "{units} 个单元、{households} 户"
        if load.special and stairs:
            more = ",其中 {special} 人要上门,{stairs} 个单元没有电梯。"
        elif load.special:
            more = ",其中 {special} 人要上门。"
        else:
            more = ",其中 {stairs} 个单元没有电梯。" if stairs else "。"
        return said(counted + more, **values)

    def buildings_whole(self, fairness: Sequence[Fairness]) -> int:
        """How many buildings lie in more than one grid; a violation where fewer would do."""
        limit = {one.community: one.mean * self.town.rules.heavy for one in fairness}
        inside: dict[str, list[str]] = defaultdict(list)
        for unit in self.town.units:
            inside[unit.building].append(unit.id)
        split = 0
        for building, units in inside.items():
            where = {grid for unit in units for grid in self.grid_of.get(unit, [])}
            if len(where) < 2:
                continue
            split += 1
            total = sum(self.minutes[unit] for unit in units)
            least = fewest(total, limit.get(self.community_of.get(building, ""), 0.0))
            if len(where) > least:
                self.say(
                    "building_split",
                    min(where),
                    tuple(units),
                    said(
                        "{building}分在 {count} 个微网格里,按工作量 {least} 个就够。",
                        building=self.building_names.get(building, building),
                        count=len(where),
                        least=least,
                    ),
                )
        return split

    def distance(self) -> Distance:
        """A household has another head when its grid's head is another one; where no heads are
        named, when its grid is another one."""
        moved = households = whole = 0
        for unit in self.town.units:
            whole += unit.households
            before = self.town.today.get(unit.id)
            if before is None:
                continue
            where = self.grid_of.get(unit.id, [])
            if before in where:
                continue
            moved += 1
            old = self.grids[before].head if before in self.grids else None
            new = self.grids[where[0]].head if where else None
            if old is None or old != new:
                households += unit.households
        return Distance(moved, households, households / whole if whole else 0.0)

    def summary(
        self,
        loads: Sequence[Load],
        fairness: Sequence[Fairness],
        distance: Distance,
        split: int,
    ) -> Iterable[Sentence]:
        """The judgement in a few sentences, the worst first."""
        if not loads:
            yield said("没有微网格:先说明要分成几格,或列出网格长。")
            return
        for community in self.town.communities:
            if not any(load.community == community.id for load in loads):
                yield said("“{name}”没有微网格,也没有说要分几格,没法分。", name=community.name)
        kinds = Counter(one.kind for one in self.found if one.hard)
        if kinds:
            yield said("有 {count} 处必须改正。", count=sum(kinds.values()))
            yield from (next(one.why for one in self.found if one.kind == k) for k in kinds)
        worst = max(loads, key=lambda load: load.ratio)
        if not worst.units:
            yield said("还没有一个单元划进微网格。")
            return
        if not any(self.means.values()):
            yield said("单元里一户也没有登记,没有工作量可比。")
            return
        uneven = sum(one.kind in ("too_heavy", "too_light") for one in self.found)
        if uneven:
            yield self.why(worst)
            yield said(
                "{count} 个微网格的工作量超出平均的 {light} 至 {heavy} 倍。",
                count=uneven,
                light=self.town.rules.light,
                heavy=self.town.rules.heavy,
            )
        else:
            yield said("工作量均衡:最重的一格是平均的 {ratio} 倍。", ratio=f"{worst.ratio:.2f}")
        if split:
            yield said(
                "{count} 幢楼分在几个微网格里,共 {all} 幢。",
                count=split,
                all=len({unit.building for unit in self.town.units}),
            )
        if distance.units:
            yield said(
                "和现在相比,{units} 个单元换格,{households} 户换网格长({share}%)。",
                units=distance.units,
                households=distance.households,
                share=f"{distance.share * 100:.1f}",
            )


def grid_names(town: Town) -> Mapping[str, str]:
    """What each grid is called, new ones included."""
    return {g.id: g.name for one in town.communities for g in wanted_grids(town, one)}
