"""One person's line through a roster of the competition (`inrc`): what each next day costs, and the
cheapest line there is when days and shifts have prices.

What a contract counts is kept as a state (how long the run is, which unwanted patterns have begun, what
the weekend was so far), so that the cost of a day depends on the state before it and on the shift. The
cheapest line is then found exactly, by dynamic programming over days, states and shifts done. It shares
nothing with the judge, which looks at whole lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wangge.solvers.shifts.inrc import Bound, Contract, Instance, Nurse

Whole = NDArray[np.int64]
#: Costs in whole numbers: a penalty of one.
ONE = 1 << 20
#: No line; small enough to be added to.
NEVER = 1 << 60


class _Weekend(NamedTuple):
    """A weekend that is not over: how many of its days were worked, in which kinds of shift, and whether
    the evening before went past midnight."""

    worked: int = 0
    kinds: frozenset[str] = frozenset()
    night: bool = False


class _State(NamedTuple):
    """`run`: days at work (> 0) or free (< 0) up to now, 0 before the first; `begun`: patterns and how
    much of each has been seen; `weekends`: worked or not, as many as count; `row`: weekends worked one
    after another up to now."""

    run: int = 0
    begun: frozenset[tuple[int, int]] = frozenset()
    weekend: _Weekend = _Weekend()
    weekends: tuple[bool, ...] = ()
    row: int = 0


class _Day(NamedTuple):
    """The steps of one day, those into the same state beside one another: from where, to where, by which
    choice (0: free, else a shift), at what cost; the `first` step into each state."""

    source: Whole
    target: Whole
    choice: Whole
    cost: Whole
    first: Whole


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody does each day (0: free, else the number of a shift) and what it costs them."""

    days: tuple[int, ...]
    cost: int


class Lines:
    """All lines of one contract. `choices` of a day are the shifts that are needed on it."""

    def __init__(self, instance: Instance, contract: Contract) -> None:
        self.instance = instance
        self.contract = contract
        self.weekends = instance.weekends(contract)
        self.at = {
            day: (number, place)
            for number, weekend in enumerate(self.weekends)
            for place, day in enumerate(weekend)
        }
        #: Shifts done are counted so far; beyond, only what one more costs matters.
        self.counted = min(
            instance.days,
            max(
                _number(contract.least),
                contract.most.number if contract.most else instance.days,
            ),
        )
        #: What one shift more costs after so many.
        self.one_more = np.zeros(self.counted + 1, np.int64)
        if contract.most is not None:
            self.one_more[contract.most.number :] = contract.most.weight * ONE
        self.steps: list[_Day] = []
        #: The same by the state they lead to.
        self.ways: list[list[list[tuple[int, int, int]]]] = []
        self.known: list[int] = [1]
        self.last: Whole = np.empty(0, np.int64)
        self._build()

    # -- what a day costs ---------------------------------------------------------------------

    def _build(self) -> None:
        states = {_State(): 0}
        seen: dict[tuple[object, ...], tuple[_State, int]] = {}
        for day in range(self.instance.days):
            choices = [
                number
                for number, shift in enumerate(self.instance.shifts, 1)
                if self.instance.cover.get((day, shift.id))
            ]
            known: dict[_State, int] = {}
            rows: list[tuple[int, int, int, int]] = []
            like = self._like(day)
            for state, source in states.items():
                for choice in (0, *choices):
                    key = (state, choice, like)
                    if key not in seen:
                        seen[key] = self._step(state, day, choice)
                    after, cost = seen[key]
                    rows.append((known.setdefault(after, len(known)), source, choice, cost))
            rows.sort()
            target, source_, choice_, cost_ = np.array(rows, np.int64).T
            first = np.flatnonzero(np.diff(target, prepend=-1))
            self.steps.append(_Day(source_, target, choice_, cost_ * ONE, first))
            ways: list[list[tuple[int, int, int]]] = [[] for _ in known]
            for into, source, choice, cost in rows:
                ways[into].append((source, choice, cost * ONE))
            self.ways.append(ways)
            self.known.append(len(known))
            states = known
        ends = [self._end(state) for state in states]
        self.last = np.array(ends, np.int64) * ONE

    def _like(self, day: int) -> tuple[object, ...]:
        """Days that are like this cost alike."""
        whole = self.contract.weekend
        number, place = self.at.get(day, (-1, -1))
        ahead = tuple(
            one.weekday in (None, self.instance.weekday(day))
            and day + len(one.shifts) <= self.instance.days
            for one in self.contract.patterns
        )
        if number < 0:
            before = day + 1 in self.at and self.at[day + 1][1] == 0
            return (-1, before, ahead)
        length = len(self.weekends[number])
        return (place, length, length == len(whole), ahead)

    def _step(self, state: _State, day: int, choice: int) -> tuple[_State, int]:
        shift = self.instance.shifts[choice - 1].id if choice else None
        run, cost = self._run(state.run, shift is not None)
        begun, more = self._patterns(state.begun, day, shift)
        cost += more
        weekend, weekends, row = state.weekend, state.weekends, state.row
        if day in self.at:
            number, place = self.at[day]
            weekend = self._in_weekend(weekend, shift, first=place == 0)
            if place == len(self.weekends[number]) - 1:
                weekends, row, more = self._weekend_over(state, weekend, number)
                cost += more
                weekend = _Weekend()
        elif (
            choice
            and self.instance.shifts[choice - 1].night
            and self.at.get(day + 1, (0, 1))[1] == 0
        ):
            weekend = _Weekend(night=self.contract.no_night_before > 0)
        return _State(run, begun, weekend, weekends, row), cost

    def _run(self, run: int, on: bool) -> tuple[int, int]:
        """The run with one day more, or the next one, and what it costs."""
        contract = self.contract
        most, least = (
            (contract.most_days, contract.least_days)
            if on
            else (contract.most_free, contract.least_free)
        )
        sign = 1 if on else -1
        cost = 0
        if run * sign > 0:
            before = run * sign
        else:
            before = 0
            cost += self._run_over(run)
        if most is not None and before >= most.number:
            cost += most.weight
        enough = max(1, _number(most), _number(least))
        return sign * min(before + 1, enough), cost

    def _run_over(self, run: int) -> int:
        least = self.contract.least_days if run > 0 else self.contract.least_free
        return least.weight * max(0, least.number - abs(run)) if run and least else 0

    def _patterns(
        self, begun: frozenset[tuple[int, int]], day: int, shift: str | None
    ) -> tuple[frozenset[tuple[int, int]], int]:
        cost = 0
        after: set[tuple[int, int]] = set()
        started = {
            (number, 0)
            for number, one in enumerate(self.contract.patterns)
            if one.weekday in (None, self.instance.weekday(day))
            and day + len(one.shifts) <= self.instance.days
        }
        for number, length in begun | started:
            one = self.contract.patterns[number]
            asked = one.shifts[length]
            if (asked == "None") if shift is None else asked in ("Any", shift):
                if length + 1 == len(one.shifts):
                    cost += one.weight
                else:
                    after.add((number, length + 1))
        return frozenset(after), cost

    def _in_weekend(self, weekend: _Weekend, shift: str | None, *, first: bool) -> _Weekend:
        if first:
            weekend = _Weekend(night=weekend.night)
        if shift is None:
            return weekend
        kinds = weekend.kinds | {shift} if self.contract.identical else weekend.kinds
        return _Weekend(weekend.worked + 1, kinds, weekend.night)

    def _weekend_over(
        self, state: _State, weekend: _Weekend, number: int
    ) -> tuple[tuple[bool, ...], int, int]:
        contract, length = self.contract, len(self.weekends[number])
        cost = 0
        if length == len(contract.weekend):
            if 0 < weekend.worked < length:
                cost += contract.complete * (length - weekend.worked)
            if contract.identical and weekend.worked == length:
                cost += contract.identical * (len(weekend.kinds) - 1)
            if weekend.night and not weekend.worked:
                cost += contract.no_night_before
        worked = weekend.worked > 0
        most, least = contract.most_weekends, contract.least_weekends
        row = 0
        if worked:
            if most is not None and state.row >= most.number:
                cost += most.weight
            if most is not None or least is not None:
                row = min(state.row + 1, max(1, _number(most), _number(least)))
        else:
            cost += self._row_over(state.row)
        weekends = state.weekends
        if contract.weekends_in_four is not None:
            four = (*weekends, worked)
            if len(four) == 4:
                bound = contract.weekends_in_four
                cost += bound.weight * max(0, sum(four) - bound.number)
            weekends = four[-3:]
        return weekends, row, cost

    def _row_over(self, row: int) -> int:
        least = self.contract.least_weekends
        return least.weight * max(0, least.number - row) if row and least else 0

    def _end(self, state: _State) -> int:
        return self._run_over(state.run) + self._row_over(state.row)

    # -- the cheapest line --------------------------------------------------------------------

    def _ahead(self, price: Whole) -> list[Whole]:
        """For each day the least cost of getting into each state with so many shifts done (those beyond
        what is counted at their cost), for several people at once, each with prices of days and choices.
        The first table is the beginning."""
        table = np.full((len(price), 1, self.counted + 1), NEVER, np.int64)
        table[:, 0, 0] = 0
        tables = [table]
        for day, step in enumerate(self.steps):
            moved = table[:, step.source]
            on = step.choice > 0
            moved[:, on] = self._after_one_more(moved[:, on])
            moved += (step.cost + price[:, day, step.choice])[:, :, None]
            table = np.minimum.reduceat(moved, step.first, axis=1)
            tables.append(table)
        return tables

    def _after_one_more(self, table: Whole) -> Whole:
        after = np.empty_like(table)
        after[..., 0] = NEVER
        after[..., 1:] = table[..., :-1] + self.one_more[:-1]
        np.minimum(after[..., -1], table[..., -1] + self.one_more[-1], out=after[..., -1])
        return after

    def _ends(self) -> Whole:
        """What the end costs, by state and shifts done."""
        least = self.contract.least
        under = np.zeros(self.counted + 1, np.int64)
        if least is not None:
            done = np.arange(self.counted + 1)
            under = least.weight * ONE * np.maximum(0, least.number - done)
        whole: Whole = self.last[:, None] + under
        return whole

    def cheapest(self, price: Whole, own: Whole) -> list[tuple[int, Line]]:
        """For each person the least that a line costs at these prices of days and choices, and such a
        line; `own` is what the choices of each day cost each besides (wishes, skills)."""
        both = price + own
        tables = self._ahead(both)
        whole = (tables[-1] + self._ends()).reshape(len(own), -1)
        found: list[tuple[int, Line]] = []
        for n, at in enumerate(whole.argmin(axis=1).tolist()):
            least = int(whole[n, at])
            days = self._back(
                [one[n] for one in tables], both[n], *divmod(at, self.counted + 1)
            )
            paid = int(price[np.arange(len(days)), days].sum())
            found.append((least, Line(days, (least - paid) // ONE)))
        return found

    def _back(
        self, tables: Sequence[Whole], price: Whole, state: int, done: int
    ) -> tuple[int, ...]:
        days: list[int] = []
        here = int(tables[-1][state, done])
        for day in range(len(self.steps) - 1, -1, -1):
            before, paid = tables[day], price[day].tolist()
            for source, choice, cost in self.ways[day][state]:
                value = here - cost - paid[choice]
                was = self._was(before[source], done, value, worked=choice > 0)
                if was is not None:
                    days.append(choice)
                    state, done, here = source, was, int(before[source, was])
                    break
            else:
                raise ArithmeticError("a line that cannot be followed back")
        return tuple(reversed(days))

    def _was(self, before: Whole, done: int, value: int, *, worked: bool) -> int | None:
        """How many shifts had been done before, where the cheapest way came from here."""
        if not worked:
            return done if before[done] == value else None
        if done and before[done - 1] + self.one_more[done - 1] == value:
            return done - 1
        if done == self.counted and before[done] + self.one_more[done] == value:
            return done
        return None

    def least_by_choice(self, price: Whole, own: Whole) -> Whole:
        """For each day and choice the least that any line of a person costs that has it."""
        both = price + own
        tables = self._ahead(both[None])
        found = np.full(price.shape, NEVER, np.int64)
        rest = self._ends()
        for day in range(len(self.steps) - 1, -1, -1):
            step = self.steps[day]
            after = rest[step.target]
            on = step.choice > 0
            # The other way round: whoever has done so many before has one more after.
            later = np.concatenate([after[on, 1:], after[on, -1:]], axis=1)
            after[on] = later + self.one_more
            after += (step.cost + both[day, step.choice])[:, None]
            through = (tables[day][0, step.source] + after).min(axis=1)
            np.minimum.at(found[day], step.choice, through)
            rest = np.full((self.known[day], self.counted + 1), NEVER, np.int64)
            np.minimum.at(rest, step.source, after)
        return found


def own_costs(instance: Instance, nurse: Nurse) -> Whole:
    """What each choice of each day costs somebody by their wishes and skills."""
    number = {one.id: n for n, one in enumerate(instance.shifts, 1)}
    own = np.zeros((instance.days, len(instance.shifts) + 1), np.int64)
    for one in instance.wanted:
        if one.nurse != nurse.id or not 0 <= one.day < instance.days:
            continue
        has = np.zeros(len(instance.shifts) + 1, np.bool_)
        if one.shift is None:
            has[1:] = True
        else:
            has[number[one.shift]] = True
        own[one.day, has != one.like] += one.weight * ONE
    for shift in instance.shifts:
        if not shift.skills <= nurse.skills:
            own[:, number[shift.id]] += nurse.contract.other_skill * ONE
    return own


@dataclass(frozen=True, slots=True)
class Crew:
    """Everybody's lines: whose contract is the same has the same, and `own` costs."""

    instance: Instance
    lines: tuple[Lines, ...]
    own: tuple[Whole, ...]

    @property
    def alike(self) -> list[list[int]]:
        """People by contract."""
        found: dict[int, list[int]] = {}
        for n, one in enumerate(self.lines):
            found.setdefault(id(one), []).append(n)
        return list(found.values())

    def roster(self, lines: Sequence[Sequence[int]]) -> dict[tuple[str, int], str]:
        """What everybody does each day (0: free) as a roster."""
        return {
            (nurse.id, day): self.instance.shifts[choice - 1].id
            for nurse, line in zip(self.instance.nurses, lines, strict=True)
            for day, choice in enumerate(line)
            if choice
        }


def crew(instance: Instance) -> Crew:
    """The lines of everybody."""
    known: dict[Contract, Lines] = {}
    for one in instance.nurses:
        if one.contract not in known:
            known[one.contract] = Lines(instance, one.contract)
    return Crew(
        instance,
        tuple(known[one.contract] for one in instance.nurses),
        tuple(own_costs(instance, one) for one in instance.nurses),
    )


def _number(bound: Bound | None) -> int:
    return bound.number if bound is not None else 0
