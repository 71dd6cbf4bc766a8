"""What a roster must hold and what is wanted of it, as CP-SAT (OR-Tools) reads it.

Posts of one skill in one shift are one pool, so that people, not posts, are chosen.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from ortools.sat.python import cp_model

from wangge.solvers.fatigue import DAY, Stint
from wangge.solvers.fatigue import nights as nights_of
from wangge.solvers.shifts.answers import Pool, Slot
from wangge.solvers.shifts.fitting import clash, shared
from wangge.solvers.shifts.problem import Person, Post, Problem


class Model:
    """People in pools of a problem, within everybody's limits."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.pools: dict[Pool, list[Post]] = {}
        for need in sorted(problem.needs, key=lambda n: (n.day, n.shift, n.post)):
            post = problem.post_of[need.post]
            self.pools.setdefault((need.day, need.shift, post.skill), []).extend(
                [post] * need.count
            )
        self.stints = {
            (day, shift): problem.stint(day, shift)
            for day, shift in {(day, shift) for day, shift, _ in self.pools}
        }
        self.slots = sorted(self.stints)
        #: Whether somebody serves in a pool.
        self.x: dict[tuple[int, Pool], Any] = {}
        #: Whether somebody works in a slot.
        self.w: dict[tuple[int, Slot], Any] = {}
        self.short: dict[Pool, tuple[Any, Any]] = {}
        self._people()
        self._cover()

    # -- what must hold ---------------------------------------------------------------------

    def _people(self) -> None:
        by_slot: defaultdict[Slot, list[Pool]] = defaultdict(list)
        for pool in self.pools:
            by_slot[pool[0], pool[1]].append(pool)
        clashes = self._clashes()
        for n, person in enumerate(self.problem.people):
            for slot in self.slots:
                if slot[0] in person.away or not self._alone(person, self.stints[slot]):
                    continue
                mine = [
                    pool for pool in by_slot[slot] if not pool[2] or pool[2] in person.skills
                ]
                for pool in mine:
                    self.x[n, pool] = self.model.new_bool_var("")
                if len(mine) == 1:
                    self.w[n, slot] = self.x[n, mine[0]]
                elif mine:
                    self.w[n, slot] = self.model.new_bool_var("")
                    self.model.add(sum(self.x[n, pool] for pool in mine) == self.w[n, slot])
            self._rest(n, clashes)
            self._counts(n, person)

    def _alone(self, person: Person, stint: Stint) -> bool:
        """Whether a slot goes with what is in the person's books already."""
        longest = self.problem.limits.longest
        if longest is not None and stint.ends - stint.begins > longest:
            return False
        return not any(clash(stint, one, self.problem.limits) for one in person.before)

    def _clashes(self) -> dict[Slot, list[Slot]]:
        """For each slot the later ones, on other days, that nobody can do beside it."""
        return {
            one: [
                other
                for other in self.slots
                if one[0] < other[0] <= one[0] + 3
                and clash(self.stints[one], self.stints[other], self.problem.limits)
            ]
            for one in self.slots
        }

    def _rest(self, n: int, clashes: dict[Slot, list[Slot]]) -> None:
        days: defaultdict[int, list[Any]] = defaultdict(list)
        for slot in self.slots:
            if (n, slot) in self.w:
                days[slot[0]].append(self.w[n, slot])
        for mine in days.values():
            if len(mine) > 1:
                self.model.add_at_most_one(mine)  # one shift a day
        for slot, others in clashes.items():
            if (n, slot) not in self.w:
                continue
            later: defaultdict[int, list[Any]] = defaultdict(list)
            for other in others:
                if (n, other) in self.w:
                    later[other[0]].append(self.w[n, other])
            for mine in later.values():
                self.model.add_at_most_one([self.w[n, slot], *mine])

    def _counts(self, n: int, person: Person) -> None:
        limits = self.problem.limits
        mine = {slot: self.w[n, slot] for slot in self.slots if (n, slot) in self.w}
        for most in (person.most, self.problem.most_shifts):
            if most is not None and len(mine) > most:
                self.model.add(sum(mine.values()) <= most)
        if limits.days is not None:
            booked = {one.begins // DAY for one in person.before}
            parts = [(slot[0], var) for slot, var in mine.items()]
            self._running(parts, booked, limits.days)
        if limits.nights is not None:
            booked = {n for one in person.before for n in nights_of(one, limits)}
            parts = [
                (night, var)
                for slot, var in mine.items()
                for night in nights_of(self.stints[slot], limits)
            ]
            self._running(parts, booked, limits.nights)
        if limits.week is not None:
            self._weeks(mine, person, limits.week)

    def _running(self, parts: Sequence[tuple[int, Any]], booked: set[int], most: int) -> None:
        """No more than `most` days one after another, with those in the books."""
        by_day: defaultdict[int, list[Any]] = defaultdict(list)
        for day, var in parts:
            by_day[day].append(var)
        if not by_day:
            return
        for first in range(min(by_day) - most, max(by_day) + 1):
            window = range(first, first + most + 1)
            if not any(day in by_day for day in window):
                continue
            if all(day in by_day or day in booked for day in window):
                fixed = sum(day in booked for day in window)
                free = [var for day in window if day not in booked for var in by_day[day]]
                self.model.add(sum(free) <= most - fixed)

    def _weeks(self, mine: dict[Slot, Any], person: Person, most: int) -> None:
        """Duty in the 7 days before the end of each slot and of each stint in the books."""
        ends = {self.stints[slot].ends for slot in mine} | {one.ends for one in person.before}
        for end in sorted(ends):
            opens = end - 7 * DAY
            parts = [
                (inside, var)
                for slot, var in mine.items()
                if (inside := shared(self.stints[slot], opens, end)) > 0
            ]
            fixed = sum(max(0, shared(one, opens, end)) for one in person.before)
            by_day: Counter[int] = Counter()
            for slot in mine:
                inside = shared(self.stints[slot], opens, end)
                by_day[slot[0]] = max(by_day[slot[0]], inside)
            if parts and fixed + sum(by_day.values()) > most:
                room = max(0, most - fixed)
                self.model.add(sum(inside * var for inside, var in parts) <= room)

    def _cover(self) -> None:
        for pool, posts in self.pools.items():
            gates = sum(post.gate for post in posts)
            others = len(posts) - gates
            open_ = self.model.new_int_var(0, others, "") if others else 0
            gate = self.model.new_int_var(0, gates, "") if gates else 0
            there = [
                self.x[n, pool] for n in range(len(self.problem.people)) if (n, pool) in self.x
            ]
            self.model.add(sum(there) + open_ + gate == len(posts))
            self.short[pool] = (open_, gate)

    # -- what is wanted ---------------------------------------------------------------------

    def empty(self) -> Any:
        """Empty posts; a gate's weighs more, so that others are left before it."""
        return sum(open_ + self.ratio() * gate for open_, gate in self.short.values())

    def softer(self) -> Any:
        """Unmet wishes, and what people have beyond an even share of shifts and of nights."""
        terms = self.wishes()
        nights = {
            slot for slot, stint in self.stints.items() if nights_of(stint, self.problem.limits)
        }
        people = self.problem.people
        terms += self._beyond_share(set(self.slots), [one.shifts_before for one in people])
        terms += self._beyond_share(nights, [one.nights_before for one in people])
        return sum(terms)

    def wishes(self) -> list[Any]:
        weights, terms = self.problem.weights, list[Any]()
        for n, person in enumerate(self.problem.people):
            for wish in person.wishes:
                mine = [
                    var
                    for slot in self.slots
                    if slot[0] == wish.day
                    and wish.shift in (None, slot[1])
                    and (var := self.w.get((n, slot))) is not None
                ]
                if mine:
                    met = sum(mine)
                    terms.append(weights.wish * (1 - met if wish.like else met))
        return terms

    def _beyond_share(self, counted: set[Slot], before: Sequence[int]) -> list[Any]:
        wanted = sum(len(posts) for pool, posts in self.pools.items() if pool[:2] in counted)
        share = -(-(wanted + sum(before)) // max(1, len(before)))
        terms: list[Any] = []
        for n, earlier in enumerate(before):
            mine = [
                self.w[n, slot]
                for slot in self.slots
                if slot in counted and (n, slot) in self.w
            ]
            if not mine:
                continue
            load = earlier + sum(mine)
            most = earlier + len(mine)
            for step in (share - 1, share, share + 1):  # the further beyond, the heavier
                if most > step:
                    over = self.model.new_int_var(0, most - step, "")
                    self.model.add(over >= load - step)
                    terms.append(self.problem.weights.fair * over)
        return terms

    def ratio(self) -> int:
        """How many other posts are left empty before a gate is."""
        return max(1, self.problem.weights.gate // max(1, self.problem.weights.post))
