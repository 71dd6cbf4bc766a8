"""What a roster of the competition (`inrc`) costs at least, proved by prices of days and shifts.

Everybody has one line (`inrc_lines`), and every shift its people: a programme over all lines there are,
which is solved by bringing in the cheapest line of each person at the present prices until none is of use
(Gilmore and Gomory 1961; prices are calmed as by Wentges 1997). Whatever the prices, the cheapest lines
and what the shifts pay are together a bound, computed here in whole numbers, so that no rounding of the
library's can make it too high. Costs are whole, so that it may be rounded up.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from math import ceil
from typing import Any

import numpy as np

from wangge.solvers.shifts.inrc_lines import ONE, Crew, Line, Whole

#: How near new prices stay to the best ones.
CALM = 0.7
#: A place filled by nobody, or by one too many, costs so many times the dearest rule.
EMPTY = 20.0
#: Rounds of pricing until it is given up.
ROUNDS = 1_000
EPS = 1e-6


class Prices:
    """The best prices found, and what they prove."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        instance = crew.instance
        number = {one.id: n for n, one in enumerate(instance.shifts, 1)}
        #: The places to be filled: a day and a choice, and how many.
        self.places = {
            (day, number[shift]): count
            for (day, shift), count in instance.cover.items()
            if count and 0 <= day < instance.days
        }
        self.master = _Master(self.places, len(crew.lines), EMPTY * _dearest(crew))
        self.bound = -(1 << 62)
        self.best = self._whole(np.zeros(len(self.places)))

    @property
    def least(self) -> int:
        """What every roster costs at least, as far as it is proved."""
        return max(0, -(-self.bound // ONE))

    def better(self, known: int, more: Callable[[], bool]) -> None:
        """Better prices, until none prove more, or they prove that `known` is the least there is."""
        centre, calm = np.zeros(len(self.places)), 0.0
        for _ in range(ROUNDS):
            if not more():
                return
            value, prices, own = self.master.solve()
            # No prices prove more than the programme's value.
            if self.least >= min(known, ceil(value - EPS)):
                return
            tried = calm * centre + (1 - calm) * prices
            table = self._whole(tried)
            bound, new = self._price(table, prices, own)
            if bound > self.bound:
                self.bound, self.best, centre = bound, table, tried
            if not new and not calm:
                return
            calm = CALM if new else 0.0

    def _whole(self, prices: Any) -> Whole:
        """What each choice of a day costs, in whole numbers: less where it is paid."""
        instance = self.crew.instance
        table = np.zeros((instance.days, len(instance.shifts) + 1), np.int64)
        for (day, choice), price in zip(self.places, prices, strict=True):
            table[day, choice] = -round(float(price) * ONE)
        return table

    def _price(self, table: Whole, prices: Any, own: list[float]) -> tuple[int, int]:
        """The bound at some prices, and how many lines came that are of use at the programme's."""
        bound = -sum(
            count * int(table[day, choice]) for (day, choice), count in self.places.items()
        )
        pays = np.zeros(table.shape)
        for (day, choice), price in zip(self.places, prices, strict=True):
            pays[day, choice] = price
        days = np.arange(len(table))
        new = 0
        for some in self.crew.alike:
            costs = np.stack([self.crew.own[n] for n in some])
            found = self.crew.lines[some[0]].cheapest(table, costs)
            for n, (least, line) in zip(some, found, strict=True):
                bound += least
                if line.cost - own[n] - float(pays[days, line.days].sum()) < -EPS:
                    new += self.master.add(n, line)
        return bound, new

    def may(self, cost: int) -> dict[tuple[str, int, int], bool]:
        """Who may do what on which day in a roster that costs no more: where a line with it costs so much
        more than the cheapest line that the bound would pass it, nobody."""
        room = cost * ONE - self.bound
        may: dict[tuple[str, int, int], bool] = {}
        for n, nurse in enumerate(self.crew.instance.nurses):
            through = self.crew.lines[n].least_by_choice(self.best, self.crew.own[n])
            slack = through - through[0].min() <= room
            for (day, choice), one in np.ndenumerate(slack):
                may[nurse.id, day, choice] = bool(one)
        return may


def _dearest(crew: Crew) -> int:
    weights = [1]
    for one in crew.instance.nurses:
        own = one.contract
        bounds = (own.most, own.least, own.most_days, own.least_days, own.most_free)
        weights += [bound.weight for bound in bounds if bound is not None]
        weights += [own.complete, own.identical, own.no_night_before, own.other_skill]
        weights += [pattern.weight for pattern in own.patterns]
    return max(weights)


class _Master:
    """The programme over the lines that are known: each person has one, each place its people."""

    def __init__(
        self, places: Mapping[tuple[int, int], int], people: int, empty: float
    ) -> None:
        library: Any = import_module("ortools.linear_solver.pywraplp")
        self.solver: Any = library.Solver.CreateSolver("CLP")
        self.most: float = self.solver.infinity()
        self.whole = self.solver.Objective()
        self.whole.SetMinimization()
        self.rows = {
            place: self.solver.Constraint(count, count) for place, count in places.items()
        }
        self.people = [self.solver.Constraint(1, 1) for _ in range(people)]
        for row in self.rows.values():
            row.SetCoefficient(self._var(empty), 1)
            row.SetCoefficient(self._var(empty), -1)
        for row in self.people:
            row.SetCoefficient(self._var(100 * empty), 1)
        self.known: list[set[Line]] = [set() for _ in range(people)]

    def _var(self, cost: float) -> Any:
        var = self.solver.NumVar(0.0, self.most, "")
        self.whole.SetCoefficient(var, cost)
        return var

    def add(self, person: int, line: Line) -> int:
        """Whether the line is new."""
        if line in self.known[person]:
            return 0
        self.known[person].add(line)
        var = self._var(line.cost)
        self.people[person].SetCoefficient(var, 1)
        for day, choice in enumerate(line.days):
            if choice:
                self.rows[day, choice].SetCoefficient(var, 1)
        return 1

    def solve(self) -> tuple[float, Any, list[float]]:
        """Its value, the prices of the places and of the people."""
        if self.solver.Solve() != 0:
            raise ArithmeticError("the library could not price")
        prices = np.array([row.dual_value() for row in self.rows.values()])
        return self.whole.Value(), prices, [row.dual_value() for row in self.people]
