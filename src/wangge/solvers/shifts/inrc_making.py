"""The competition's rosters (`inrc`) made: swaps better a roster (`inrc_swaps`), prices prove what it costs
at least (`inrc_prices`); where they do not meet, CP-SAT looks for what lies between, among what the prices
leave open. OR-Tools is loaded by whoever imports this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from ortools.sat.python import cp_model

from wangge.solvers.running import Budget
from wangge.solvers.shifts.inrc import Bound, Contract, Instance, Nurse, Roster, penalty
from wangge.solvers.shifts.inrc_lines import crew
from wangge.solvers.shifts.inrc_prices import Prices
from wangge.solvers.shifts.inrc_swaps import Swaps
from wangge.solvers.shifts.searching import Effort, search

#: Share of the budget until CP-SAT is asked; a round of pricing counts as so many tries, a swap as one.
_BEFORE, _ROUND = 0.5, 10
#: Swaps before prices are asked for, and at most after.
_FIRST_SWAPS, _SWAPS = 600, 2_000


@dataclass(frozen=True, slots=True)
class Solved:
    """A roster (none: not one was found in time), what it costs by the judge's count, and what every roster
    costs at least."""

    roster: Roster | None
    cost: int
    bound: int
    proved: bool


def solve(instance: Instance, *, budget: Budget, effort: Effort | None = None) -> Solved:
    """The cheapest roster there is, or the cheapest found within the budget."""
    return confirmed(instance, _solve(instance, budget, effort or Effort()))


def confirmed(instance: Instance, made: Solved) -> Solved:
    """What was made, by the judge's count: what it counts otherwise is not proved, and has no bound."""
    if made.roster is None:
        return made
    judged = penalty(instance, made.roster)
    if judged.whole == made.cost >= made.bound and not judged.broken:
        return made
    return Solved(made.roster, judged.whole, 0, proved=False)


def _solve(instance: Instance, budget: Budget, effort: Effort) -> Solved:
    if _too_many(instance):
        return Solved(None, 0, 0, proved=False)
    part = budget.part(_BEFORE)
    everybody = crew(instance)
    swaps, prices = Swaps(everybody, effort.seed), Prices(everybody)
    swaps.run(_FIRST_SWAPS, 0, lambda: part.spend(""))
    prices.better(swaps.best_cost, lambda: part.spend("", _ROUND))
    swaps.run(_SWAPS, prices.least, lambda: part.spend(""))
    budget.took(part, planned=True)
    cost, least = swaps.best_cost, prices.least
    known = _Known(everybody.roster(swaps.best.tolist()), cost, least)
    if cost == least or budget.stopped == "cancelled":
        return Solved(known.roster, cost, least, proved=cost == least)
    known = replace(known, may=prices.may(cost - 1))
    return _Solving(instance, known).run(budget, effort)


def _too_many(instance: Instance) -> bool:
    """Whether a day asks for more people than there are, so that there is no roster."""
    days = range(instance.days)
    needed = [sum(n for (at, _), n in instance.cover.items() if at == day) for day in days]
    return max(needed) > len(instance.nurses)


@dataclass(frozen=True, slots=True)
class _Known:
    """The cheapest roster that is known, and what every roster costs at least; `may`: whether somebody may
    do something on a day in a cheaper one."""

    roster: Roster
    cost: int
    bound: int
    may: Mapping[tuple[str, int, int], bool] = field(
        default_factory=dict[tuple[str, int, int], bool]
    )


class _Solving:
    def __init__(self, instance: Instance, known: _Known) -> None:
        self.instance = instance
        self.known = known
        self.model = cp_model.CpModel()
        self.days = range(instance.days)
        self.terms: list[Any] = []
        #: Whether somebody works a shift of a day; and works at all.
        self.x: dict[tuple[str, int, str], Any] = {}
        self.w: dict[tuple[str, int], Any] = {}
        for nurse in instance.nurses:
            for day in self.days:
                mine: list[Any] = []
                for shift in instance.shifts:
                    if instance.cover.get((day, shift.id)):
                        self.x[nurse.id, day, shift.id] = self.model.new_bool_var("")
                        mine.append(self.x[nurse.id, day, shift.id])
                self.w[nurse.id, day] = self.model.new_bool_var("")
                self.model.add(sum(mine) == self.w[nurse.id, day])
        for (day, shift_id), count in instance.cover.items():
            if count:
                there = [self.x[one.id, day, shift_id] for one in instance.nurses]
                self.model.add(sum(there) == count)
        for nurse in instance.nurses:
            self._of(nurse)
        for one in instance.wanted:
            if 0 <= one.day < instance.days:
                has = (
                    self.w[one.nurse, one.day]
                    if one.shift is None
                    else self.x.get((one.nurse, one.day, one.shift), 0)
                )
                self.terms.append(one.weight * ((1 - has) if one.like else has))

    def _of(self, nurse: Nurse) -> None:
        contract = nurse.contract
        works = [self.w[nurse.id, day] for day in self.days]
        free = [1 - one for one in works]
        self._count(works, contract.most, contract.least)
        self._runs(works, free, contract.most_days, contract.least_days)
        self._runs(free, works, contract.most_free, contract.least_free)
        self._weekends(nurse, contract)
        for pattern in contract.patterns:
            for at in range(len(self.days) - len(pattern.shifts) + 1):
                if pattern.weekday in (None, self.instance.weekday(at)):
                    parts = [
                        self._has(nurse.id, at + n, asked)
                        for n, asked in enumerate(pattern.shifts)
                    ]
                    self._all(parts, pattern.weight)
        if contract.other_skill:
            known = {one.id: one for one in self.instance.shifts}
            self.terms += [
                contract.other_skill * var
                for (who, _, shift), var in self.x.items()
                if who == nurse.id and not known[shift].skills <= nurse.skills
            ]

    def _has(self, nurse: str, day: int, asked: str) -> Any:
        if asked == "None":
            return 1 - self.w[nurse, day]
        if asked == "Any":
            return self.w[nurse, day]
        return self.x.get((nurse, day, asked), 0)

    def _all(self, parts: Sequence[Any], weight: int) -> None:
        """It costs so much when all of these are so."""
        if weight and not any(isinstance(one, int) and one == 0 for one in parts):
            both = self.model.new_bool_var("")
            self.model.add(both >= sum(parts) - (len(parts) - 1))
            self.terms.append(weight * both)

    def _count(self, works: Sequence[Any], most: Bound | None, least: Bound | None) -> None:
        if most is not None and len(works) > most.number:
            over = self.model.new_int_var(0, len(works) - most.number, "")
            self.model.add(over >= sum(works) - most.number)
            self.terms.append(most.weight * over)
        if least is not None and least.number:
            under = self.model.new_int_var(0, least.number, "")
            self.model.add(under >= least.number - sum(works))
            self.terms.append(least.weight * under)

    def _runs(
        self,
        on: Sequence[Any],
        off: Sequence[Any],
        most: Bound | None,
        least: Bound | None,
    ) -> None:
        """A run costs what it is too long (one for each window of `most` + 1), or too short."""
        if most is not None:
            for at in range(len(on) - most.number):
                self._all(on[at : at + most.number + 1], most.weight)
        if least is not None:
            for length in range(1, least.number):
                for at in range(len(on) - length + 1):
                    parts = list(on[at : at + length])
                    if at:
                        parts.append(off[at - 1])
                    if at + length < len(on):
                        parts.append(off[at + length])
                    self._all(parts, least.weight * (least.number - length))

    def _weekends(self, nurse: Nurse, contract: Contract) -> None:
        worked: list[Any] = []
        known = {one.id: one for one in self.instance.shifts}
        counted = contract.most_weekends or contract.least_weekends or contract.weekends_in_four
        for weekend in self.instance.weekends(contract):
            on = [self.w[nurse.id, day] for day in weekend]
            some = self.model.new_bool_var("")
            self.model.add_max_equality(some, on)
            if counted:
                worked.append(some)
            if len(weekend) < len(contract.weekend):
                continue
            if contract.complete:
                for one in on:
                    self._all([some, 1 - one], contract.complete)
            if contract.identical:
                self._identical(nurse.id, weekend, contract.identical)
            if contract.no_night_before and weekend[0]:
                nights = [
                    self.x[nurse.id, weekend[0] - 1, one.id]
                    for one in self.instance.shifts
                    if known[one.id].night and (nurse.id, weekend[0] - 1, one.id) in self.x
                ]
                if nights:
                    self._all([sum(nights), 1 - some], contract.no_night_before)
        free = [1 - one for one in worked]
        self._runs(worked, free, contract.most_weekends, contract.least_weekends)
        if contract.weekends_in_four is not None:
            for at in range(len(worked) - 3):
                self._count(worked[at : at + 4], contract.weekends_in_four, None)

    def _identical(self, nurse: str, weekend: Sequence[int], weight: int) -> None:
        """All days worked: it costs one for every kind of shift but the first."""
        whole = self.model.new_bool_var("")
        on = [self.w[nurse, day] for day in weekend]
        self.model.add(whole >= sum(on) - (len(on) - 1))
        kinds: list[Any] = []
        for shift in self.instance.shifts:
            mine = [
                self.x[nurse, day, shift.id]
                for day in weekend
                if (nurse, day, shift.id) in self.x
            ]
            if mine:
                used = self.model.new_bool_var("")
                self.model.add_max_equality(used, mine)
                kinds.append(used)
        over = self.model.new_int_var(0, len(weekend), "")
        self.model.add(over >= sum(kinds) - 1 - len(weekend) * (1 - whole))
        self.terms.append(weight * over)

    def _between(self) -> None:
        """Only what is cheaper than the roster that is known, and only by what may be in such a one."""
        known = self.known
        linear: Any = cp_model.LinearExpr
        cost = linear.sum(self.terms)
        self.model.add_linear_constraint(cost, known.bound, known.cost - 1)
        self.model.minimize(cost)
        number = {one.id: n for n, one in enumerate(self.instance.shifts, 1)}
        for (who, day, shift), var in self.x.items():
            if not known.may[who, day, number[shift]]:
                self.model.add(var == 0)
            self.model.add_hint(var, known.roster.get((who, day)) == shift)
        for (who, day), var in self.w.items():
            if not known.may[who, day, 0]:
                self.model.add(var == 1)

    def run(self, budget: Budget, effort: Effort) -> Solved:
        """The best there is; where none is cheaper than the known one, that is the best."""
        self._between()
        solver = cp_model.CpSolver()
        # The competition's bounds are linear ones: this proves in seconds what defaults do not in minutes.
        solver.parameters.linearization_level = 2
        status = search(self.model, solver, budget, effort)
        known = self.known
        if status == cp_model.INFEASIBLE:
            return Solved(known.roster, known.cost, known.cost, proved=True)
        bound = max(known.bound, ceil(solver.best_objective_bound - 1e-6))
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Solved(known.roster, known.cost, min(bound, known.cost), proved=False)
        roster = {
            (who, day): shift for (who, day, shift), var in self.x.items() if solver.value(var)
        }
        cost = round(solver.objective_value)
        return Solved(roster, cost, bound, proved=status == cp_model.OPTIMAL)
