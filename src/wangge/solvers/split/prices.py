"""Weights of floors that prove the most: a linear programme over routes that are possible.

The bound in `bounds` holds for any weights. The best are the prices of a covering: every floor is reached by
as few routes as can be, parts of routes allowed. Routes are added that collect most by the prices so far;
whatever the prices are by then, they prove something. OR-Tools is loaded when somebody asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wangge.solvers.split.wells import Well

#: The time is cut into so many steps; runs are rounded down to them, in favour of fewer people.
STEPS = 6_000
#: Stairwells whose ways from the gate differ by less than this share of the time are alike.
NEAR = 10
#: So often routes are added before a count is left unproved.
ROUNDS = 120
#: Runs that are looked at in all rounds together, at most.
WORK = 600_000
#: Larger questions are not asked: runs of all kinds of stairwells together.
RUNS = 40_000
#: Routes that are added at once.
MANY = 12
#: Prices are those of the programme, drawn towards the best so far by this share.
CALM = 0.5
#: Sums of fractions are wrong by less than this share.
SLIP = 1e-7

_Prices = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Runs:
    """The runs of one kind of stairwell, with `classes` of its floors: first and last stop, and the steps
    they take, as the first stairwell of a route or a later one, with the way out or without."""

    classes: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    begin_leave: NDArray[np.intp]
    begin_end: NDArray[np.intp]
    on_leave: NDArray[np.intp]
    on_end: NDArray[np.intp]

    def values(self, prices: _Prices) -> _Prices:
        """What each run collects."""
        sums = np.concatenate(([0.0], np.cumsum(prices[self.classes])))
        return np.asarray(sums[self.last + 1] - sums[self.first])


@dataclass(frozen=True, slots=True)
class _Choice:
    """A run of a kind at its price."""

    kind: int
    run: int
    steps: int
    value: float


class Routes:
    """What one person can collect in the time, by prices of floors; never less than that, and more where
    something is uncertain: the shortest way into each stairwell counts, and the first and the last one may be
    passed again. Every floor must be possible alone."""

    def __init__(
        self, wells: Sequence[Well], ways: Sequence[Sequence[float]], limit: float
    ) -> None:
        self._step, near = limit / STEPS, limit / NEAR
        # Floors that are alike have one price.
        known: dict[tuple[float, ...], int] = {}
        self.wells = len(wells)
        alike: dict[tuple[tuple[object, ...], float], list[int]] = {}
        for n, well in enumerate(wells):
            way = min((row[n] for m, row in enumerate(ways) if m != n), default=0.0)
            alike.setdefault((well.shape, way), []).append(n)
        self.kinds: list[_Runs] = []
        counted: list[float] = []
        for (_, way), group in alike.items():
            well = wells[group[0]]
            classes = [
                known.setdefault(
                    (well.start // near, well.climb[n], well.leave[n], well.seconds((n, n))),
                    len(known),
                )
                for n in range(well.size)
            ]
            counted += [0.0] * (len(known) - len(counted))
            for one in classes:
                counted[one] += len(group)
            self.kinds.append(self._runs(well, way, classes))
        self.count = np.array(counted)

    def _runs(self, well: Well, way: float, classes: Sequence[int]) -> _Runs:
        rows: list[tuple[int, ...]] = []
        for first in range(well.size):
            for last in range(first, well.size):
                inside = well.seconds((first, last))
                # From the gate it may be too far, and from next door not.
                if min(well.start, way) + inside > self._step * STEPS + 1e-6:
                    break
                begin, on, out = well.start + inside, way + inside, well.leave[last]
                rows.append(
                    (first, last, *map(self._steps, (begin + out, begin, on + out, on)))
                )
        columns = np.array(rows, dtype=np.intp).reshape(len(rows), 6).T
        return _Runs(np.array(classes, dtype=np.intp), *columns)

    def _steps(self, seconds: float) -> int:
        return max(0, int((seconds - 1e-6) / self._step))

    @property
    def runs(self) -> int:
        return sum(len(one.first) for one in self.kinds)

    def best(self, prices: _Prices) -> tuple[float, list[_Prices]]:
        """The most that a route collects; and of the best routes how many floors of each class they take."""
        values = [one.values(prices) for one in self.kinds]
        table = np.full(STEPS + 1, -np.inf)
        begins = self._kept(values, "begin_leave")
        for choice in begins:
            table[choice.steps] = max(table[choice.steps], choice.value)
        tables = [np.maximum.accumulate(table)]
        # The first one and the last one are stairwells of their own.
        going = self._kept(values, "on_leave")
        for _ in range(self.wells - 2):
            before = tables[-1]
            after = before.copy()
            for one in going:
                over = before[: STEPS + 1 - one.steps] + one.value
                np.maximum(after[one.steps :], over, out=after[one.steps :])
            if np.array_equal(after, before):
                break
            tables.append(after)
        ends = [(choice.value, -1, choice) for choice in self._kept(values, "begin_end")]
        ends += [
            (
                float(tables[-1][STEPS - choice.steps] + choice.value),
                STEPS - choice.steps,
                choice,
            )
            for choice in self._kept(values, "on_end")
            if self.wells > 1 and tables[-1][STEPS - choice.steps] > 0
        ]
        ends.sort(key=lambda one: -one[0])
        columns: list[_Prices] = []
        for _, at, choice in ends[:MANY]:
            taken = [choice]
            if at >= 0:
                taken += self._back(tables, going, at, begins)
            column = np.zeros(len(prices))
            for one in taken:
                runs = self.kinds[one.kind]
                part = slice(int(runs.first[one.run]), int(runs.last[one.run]) + 1)
                np.add.at(column, runs.classes[part], 1.0)
            columns.append(column)
        return (ends[0][0] if ends else 0.0), columns

    def _kept(self, values: Sequence[_Prices], name: str) -> list[_Choice]:
        """Runs of all stairwells, of those that a route has time for, that collect more than every quicker
        one."""
        steps = np.concatenate([getattr(one, name) for one in self.kinds])
        worth = np.concatenate(values)
        order = np.lexsort((-worth, steps))
        highest = np.maximum.accumulate(np.concatenate(([0.0], worth[order])))
        kept = order[worth[order] > highest[:-1]]
        kept = kept[steps[kept] <= STEPS]
        sizes = np.cumsum([0, *(len(one) for one in values)])
        kinds = np.searchsorted(sizes, kept, side="right") - 1
        return [
            _Choice(int(kind), int(at - sizes[kind]), int(steps[at]), float(worth[at]))
            for kind, at in zip(kinds, kept, strict=True)
        ]

    def _back(
        self,
        tables: Sequence[_Prices],
        going: Sequence[_Choice],
        at: int,
        begins: Sequence[_Choice],
    ) -> list[_Choice]:
        """The choices that led to a place of the last table."""
        found: list[_Choice] = []
        for number in range(len(tables) - 1, 0, -1):
            here, before = tables[number][at], tables[number - 1]
            if before[at] == here:
                continue
            choice = next(
                one
                for one in going
                if one.steps <= at and before[at - one.steps] + one.value == here
            )
            found.append(choice)
            at -= choice.steps
        found.append(
            next(one for one in begins if one.steps <= at and one.value == tables[0][at])
        )
        return found


def priced(
    wells: Sequence[Well], ways: Sequence[Sequence[float]], limit: float, enough: int
) -> int:
    """People that it takes at least, by the best prices found; goes on no further once they are `enough` or
    prices cannot prove more. 0 where the question is too large."""
    routes = Routes(wells, ways, limit)
    if not 0 < routes.runs <= RUNS:
        return 0
    solver: Any = import_module("ortools.linear_solver.pywraplp").Solver.CreateSolver("CLP")
    held = [solver.NumVar(0.0, 1.0, "") for _ in routes.count]
    whole = solver.Objective()
    whole.SetMaximization()
    for one, number in zip(held, routes.count.tolist(), strict=True):
        whole.SetCoefficient(one, number)
    best = tried = np.ones(len(held))
    proved = 0.0
    for number in range(min(ROUNDS, WORK // routes.runs)):
        most, columns = routes.best(tried)
        if most <= 0:
            break
        shown = float(routes.count @ tried) / (most * (1 + SLIP))
        if shown > proved:
            best, proved = tried / most, shown
        if ceil(proved) >= enough:
            break
        for column in columns:
            row = solver.Constraint(0.0, 1.0)
            for one in np.flatnonzero(column):
                row.SetCoefficient(held[one], column[one])
        # No prices prove more than the programme allows by the routes that are known.
        if solver.Solve() != 0 or whole.Value() <= ceil(proved) + 1e-9:
            break
        prices = np.array([max(0.0, one.solution_value()) for one in held])
        tried = CALM * best + (1 - CALM) * prices if number else prices
    return ceil(proved)
