"""A stairwell divided by floors, exactly: the fewest runs for a clock, or the most even runs.

A dynamic programme over floors from the top down. Runs are whole floors, one after another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wangge.solvers.microgrids.town import Rules, Unit, floors_seconds


@dataclass(frozen=True, slots=True)
class Run:
    """Floors `lowest` to `highest` of a stairwell, one person's part."""

    lowest: int
    highest: int
    households: int
    minutes: float


def spread(households: int, floors: int) -> list[int]:
    """Households a floor where only their sum is known: as even as whole numbers allow."""
    each, more = divmod(households, max(1, floors))
    return [each + (n < more) for n in range(max(1, floors))]


def even_runs(unit: Unit, rules: Rules, runs: int) -> list[Run]:
    """Divide a stairwell into so many runs of floors whose longest is as short as can be; among
    those, the smallest sum of squares. Never more runs than floors. Visits to special persons and
    people are shared out by households."""
    return _runs(unit, _Table(unit, rules), max(1, min(runs, max(1, unit.floors))))


def fewest_runs(unit: Unit, rules: Rules, limit: float) -> list[Run] | None:
    """The fewest runs of which none is longer than so many minutes; None when one floor is."""
    table = _Table(unit, rules)
    if max(table.minutes[floor][floor] for floor in range(table.floors)) > limit + 1e-9:
        return None
    for count in range(1, table.floors + 1):
        table.upto(count)
        if table.best[count][table.floors][0] <= limit + 1e-9:
            return _runs(unit, table, count)
    return None


class _Table:
    """`best[k][n]`: (longest, squares, cut) for the n lowest floors in k runs, row after row."""

    def __init__(self, unit: Unit, rules: Rules) -> None:
        self.doors = spread(unit.households, unit.floors)
        self.floors = len(self.doors)
        self.minutes = _minutes(unit, rules, self.doors)
        self.best: list[list[tuple[float, float, int]]] = [
            [(0.0, 0.0, 0)] + [_NEVER] * self.floors
        ]

    def upto(self, runs: int) -> None:
        while len(self.best) <= runs:
            count = len(self.best)
            above = self.best[-1]
            row = [_NEVER] * (self.floors + 1)
            for highest in range(count, self.floors + 1):
                for lowest in range(count, highest + 1):
                    before = above[lowest - 1]
                    if before[0] == _NEVER[0]:
                        continue
                    minutes = self.minutes[lowest - 1][highest - 1]
                    here = (max(before[0], minutes), before[1] + minutes * minutes, lowest)
                    row[highest] = min(row[highest], here)
            self.best.append(row)


def _runs(unit: Unit, table: _Table, runs: int) -> list[Run]:
    table.upto(runs)
    found: list[Run] = []
    highest = table.floors
    for count in range(runs, 0, -1):
        lowest = table.best[count][highest][2]
        found.append(
            Run(
                unit.lowest + lowest - 1,
                unit.lowest + highest - 1,
                sum(table.doors[lowest - 1 : highest]),
                round(table.minutes[lowest - 1][highest - 1], 2),
            )
        )
        highest = lowest - 1
    return found


def as_units(unit: Unit, runs: Sequence[Run]) -> list[Unit]:
    """The runs as units of their own (`part_of` says of which), for a division by floors. People
    and visits go along by households, whole, so that their sums stay."""
    parts: list[Unit] = []
    people, special = unit.people, unit.special
    left = unit.households
    for run in sorted(runs, key=lambda one: one.lowest):
        share = run.households / left if left else 0.0
        mine, visits = round(people * share), round(special * share)
        people, special, left = people - mine, special - visits, left - run.households
        parts.append(
            replace(
                unit,
                id=f"{unit.id}#{run.lowest}-{run.highest}",
                name=f"{unit.name}{run.lowest}-{run.highest}层",
                households=run.households,
                people=mine,
                special=visits,
                floors=run.highest - run.lowest + 1,
                lowest=run.lowest,
                minutes=run.minutes if unit.minutes is not None else None,
                part_of=unit.part_of or unit.id,
            )
        )
    return parts


_NEVER: tuple[float, float, int] = (float("inf"), float("inf"), 0)


def _minutes(unit: Unit, rules: Rules, doors: Sequence[int]) -> list[list[float]]:
    """Minutes of floors a…b, where a told figure is shared out by households."""
    floors = len(doors)
    people = unit.people / unit.households if unit.households else 0.0
    special = unit.special / unit.households if unit.households else 0.0
    table = [[0.0] * floors for _ in range(floors)]
    for lowest in range(floors):
        count = 0
        for highest in range(lowest, floors):
            count += doors[highest]
            if unit.minutes is not None:
                share = count / unit.households if unit.households else 1 / floors
                table[lowest][highest] = unit.minutes * share
                continue
            walk = floors_seconds(
                rules,
                unit.lowest + lowest,
                unit.lowest + highest,
                unit.lift,
                count,
                count * people,
            )
            table[lowest][highest] = (walk + rules.special_seconds * special * count) / 60
    return table
