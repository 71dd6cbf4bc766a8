"""Rosters by CP-SAT (OR-Tools): made, and mended with the fewest changes.

Posts of one skill in one shift are one pool, so that people, not posts, are chosen; who stands at
which post of a pool is dealt out afterwards, so that posts go around. Empty posts come first in
everything: it is searched for the fewest, with a proof where there is time for one, and only then
for fairness and wishes.

CP-SAT with several workers is fast and not repeatable: what it *proves* is. `Effort(repeatable=True)`
searches in one thread by counted work instead of by the clock; then the same problem and seed give the
same roster everywhere.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf
from typing import Any

from ortools.sat.python import cp_model

from wangge.solvers.fatigue import DAY, Limits, Stint
from wangge.solvers.fatigue import nights as nights_of
from wangge.solvers.running import Budget, Progress, Stopped
from wangge.solvers.shifts.problem import Entry, Person, Post, Problem
from wangge.solvers.words import Sentence, said

#: A day, a shift and a skill.
Pool = tuple[int, str, str]
Slot = tuple[int, str]
#: CP-SAT's own measure of work for a try of the budget, when it must be repeatable.
_WORK_A_TRY = 0.01
#: Share of the time for the fewest empty posts; the rest is for fairness and wishes.
_FIRST = 0.6


@dataclass(frozen=True, slots=True)
class Effort:
    """How it is searched. More workers than cores are of use: they are different ways to search."""

    workers: int = 8
    seed: int = 0
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A roster. `missing` people at posts, of which at least `missing_bound` are proved to be missing
    under any roster; `proved`: nothing better exists in what was searched for last; `more_least`,
    `more_enough`: so many more people are needed at least, and are enough."""

    entries: tuple[Entry, ...]
    needed: int
    missing: int
    missing_bound: int
    proved: bool
    stopped: Stopped
    changed: int
    more_least: int
    more_enough: int
    sentences: tuple[Sentence, ...] = ()


def make(problem: Problem, *, budget: Budget, effort: Effort | None = None) -> Made:
    """A roster with the fewest empty posts, then as fair as there is time for. What there is when the
    budget ends is a whole roster that breaks no limit."""
    return _Making(problem, budget, effort or Effort(), ()).first_empty_then_fair()


def mend(
    problem: Problem, today: Iterable[Entry], *, budget: Budget, effort: Effort | None = None
) -> Made:
    """Today's roster when people fell away: the fewest empty posts, then the fewest changed entries.
    Entries that cannot stand (somebody away, a limit) go by themselves and count as no change."""
    return _Making(problem, budget, effort or Effort(), tuple(today)).fewest_changes()


class _Making:
    def __init__(
        self, problem: Problem, budget: Budget, effort: Effort, today: tuple[Entry, ...]
    ) -> None:
        self.problem = problem
        self.budget = budget
        self.effort = effort
        self.today = today
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
        #: What the first question chose.
        self.kept: dict[int, int] = {}
        #: What the last question's answer costs at least.
        self.lower = 0.0
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
        return not any(_clash(stint, one, self.problem.limits) for one in person.before)

    def _clashes(self) -> dict[Slot, list[Slot]]:
        """For each slot the later ones, on other days, that nobody can do beside it."""
        return {
            one: [
                other
                for other in self.slots
                if one[0] < other[0] <= one[0] + 3
                and _clash(self.stints[one], self.stints[other], self.problem.limits)
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
                (shared, var)
                for slot, var in mine.items()
                if (shared := _shared(self.stints[slot], opens, end)) > 0
            ]
            fixed = sum(max(0, _shared(one, opens, end)) for one in person.before)
            by_day: Counter[int] = Counter()
            for slot in mine:
                shared = _shared(self.stints[slot], opens, end)
                by_day[slot[0]] = max(by_day[slot[0]], shared)
            if parts and fixed + sum(by_day.values()) > most:
                room = max(0, most - fixed)
                self.model.add(sum(shared * var for shared, var in parts) <= room)

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

    def _empty(self) -> Any:
        """Empty posts; a gate's weighs more, so that others are left before it."""
        return sum(open_ + self._ratio() * gate for open_, gate in self.short.values())

    def _softer(self) -> Any:
        """Unmet wishes, and what people have beyond an even share of shifts and of nights."""
        terms = self._wishes()
        nights = {
            slot for slot, stint in self.stints.items() if nights_of(stint, self.problem.limits)
        }
        people = self.problem.people
        terms += self._beyond_share(set(self.slots), [one.shifts_before for one in people])
        terms += self._beyond_share(nights, [one.nights_before for one in people])
        return sum(terms)

    def _wishes(self) -> list[Any]:
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

    # -- the two questions ------------------------------------------------------------------

    def first_empty_then_fair(self) -> Made:
        self._begin(self._greedy())
        self.model.minimize(self._empty())
        solver, proved = self._run(_FIRST, "")
        bound = self._bound(solver)
        if not self.budget.ended or self.budget.ended == "tries":
            fewest = round(solver.objective_value)
            self._hint(solver)
            self.model.add(self._empty() <= fewest)
            self.model.minimize(self._softer())
            solver, fairest = self._run(1.0, "")
            proved = proved and fairest
        return self._answer(solver, bound, proved=proved)

    def fewest_changes(self) -> Made:
        changes, known = self._changes()
        self._begin(self._greedy(known))
        weights = self.problem.weights
        # Fairness may not move anybody here: whoever reads the roster has made plans by it.
        self.model.minimize(
            weights.post * self._empty() + weights.change * changes + sum(self._wishes())
        )
        solver, proved = self._run(1.0, "")
        made = self._answer(solver, 0, proved=proved)
        return made if proved else self._how_near(made, solver, len(known))

    def _how_near(self, made: Made, solver: cp_model.CpSolver, known: int) -> Made:
        """In words, how many changes there are at least, with no more places empty than here."""
        weights = self.problem.weights
        wishes = weights.wish * sum(len(one.wishes) for one in self.problem.people)
        empty = weights.post * round(solver.value(self._empty()))
        free = (self.lower - empty - wishes) / max(1, weights.change)
        # Whoever can no longer stand goes in any case, and somebody comes where no place stays empty.
        gone = len(set(self.today)) - known
        refilled = self._lost() - made.missing
        least = min(made.changed, gone + max(0, refilled, ceil(free - 1e-6)))
        if least == made.changed:
            told = said("已证明:空着的不多于这里时,不能改得更少。")
        else:
            told = said(
                "还没有证明改得最少:至少要改 {least} 处,这里是 {changed} 处。",
                least=least,
                changed=made.changed,
            )
        return replace(made, sentences=(*made.sentences, told))

    def _lost(self) -> int:
        """Needed places whose person cannot stand there any more."""
        index = {one.id: n for n, one in enumerate(self.problem.people)}
        stay, were = Counter[Pool](), Counter[Pool]()
        for one in set(self.today):
            post = self.problem.post_of.get(one.post)
            if post is not None:
                pool = one.day, one.shift, post.skill
                were[pool] += 1
                stay[pool] += (index.get(one.person, -1), pool) in self.x
        return sum(
            max(0, min(len(posts), were[pool]) - stay[pool])
            for pool, posts in self.pools.items()
        )

    def _changes(self) -> tuple[Any, set[tuple[int, Pool]]]:
        index = {one.id: n for n, one in enumerate(self.problem.people)}
        known: set[tuple[int, Pool]] = set()
        for one in self.today:
            post, n = self.problem.post_of.get(one.post), index.get(one.person)
            if post is not None and n is not None:
                key = n, (one.day, one.shift, post.skill)
                if key in self.x:
                    known.add(key)
        moved = [1 - var if key in known else var for key, var in self.x.items()]
        return sum(moved), known

    def _begin(self, start: set[tuple[int, Pool]]) -> None:
        """A roster the search begins with, whole: CP-SAT completes a hint badly when much is open."""
        works = {(n, (pool[0], pool[1])) for n, pool in start}
        hinted: set[int] = set()
        for key, var in self.x.items():
            self.model.add_hint(var, key in start)
            self.kept[id(var)] = int(key in start)
            hinted.add(id(var))
        for slot, var in self.w.items():
            if id(var) not in hinted:
                self.model.add_hint(var, slot in works)
        there = Counter(pool for _, pool in start)
        for pool, (open_, gate) in self.short.items():
            short = max(0, len(self.pools[pool]) - there[pool])
            others = sum(not post.gate for post in self.pools[pool])
            if not isinstance(open_, int):
                self.model.add_hint(open_, min(short, others))
            if not isinstance(gate, int):
                self.model.add_hint(gate, max(0, short - others))

    def _greedy(self, keep: Iterable[tuple[int, Pool]] = ()) -> set[tuple[int, Pool]]:
        """A roster to begin with: what is kept, then day by day, nights first, gates before others,
        whoever has least; then, where a place is still empty, somebody whose own place another takes."""
        start = _Start(self.problem, self.stints)
        for n, pool in sorted(keep):
            if start.fits(n, pool):
                start.put(n, pool)
        able: defaultdict[Pool, list[int]] = defaultdict(list)
        for n, pool in self.x:
            able[pool].append(n)
        limits = self.problem.limits
        order = sorted(
            self.pools,
            key=lambda pool: (
                pool[0],
                not nights_of(self.stints[pool[0], pool[1]], limits),
                not any(post.gate for post in self.pools[pool]),
                len(able[pool]),
                pool,
            ),
        )
        for pool in order:
            for n in start.least_first(able[pool]):
                if start.there[pool] >= len(self.pools[pool]):
                    break
                if start.fits(n, pool):
                    start.put(n, pool)
        for pool in order:
            while start.there[pool] < len(self.pools[pool]) and start.swap_in(pool, able):
                pass
        return start.chosen

    # -- running ----------------------------------------------------------------------------

    def _run(self, share: float, part: str) -> tuple[cp_model.CpSolver, bool]:
        """The best there is, and whether nothing is better."""
        solver = cp_model.CpSolver()
        asked = solver.parameters
        asked.random_seed = self.effort.seed
        if self.effort.repeatable:
            asked.num_workers = 1
            asked.max_deterministic_time = self.budget.tries * _WORK_A_TRY * share
        else:
            asked.num_workers = self.effort.workers
        seconds = self.budget.seconds
        if seconds is not None:
            left = seconds * (1 - self.budget.gone())
            asked.max_time_in_seconds = max(0.05, left * share)
        seen = _Seen(self.budget, part)
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.2):
                if self.budget.cancelled():
                    self.budget.stopped = "cancelled"
                    solver.stop_search()
                    return

        watching = threading.Thread(target=watch, daemon=True)
        self.budget.spend(part)
        watching.start()
        try:
            status = solver.solve(self.model, seen)
        finally:
            over.set()
            watching.join()
        # Taken before a fall back, which solves a narrower question.
        self.lower = solver.best_objective_bound
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self._fall_back(solver)
        return solver, status == cp_model.OPTIMAL

    def _fall_back(self, solver: cp_model.CpSolver) -> None:
        """With hardly any time no roster was found: the one from before, or nobody anywhere, which
        breaks no limit either."""
        for var in self.x.values():
            self.model.add(var == self.kept.get(id(var), 0))
        # Tries that are used up may not end this too: without an answer its values are anything.
        solver.parameters.max_deterministic_time = inf
        solver.parameters.max_time_in_seconds = 10.0
        solver.parameters.num_workers = 1
        solver.solve(self.model)

    def _hint(self, solver: cp_model.CpSolver) -> None:
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        self.kept = {id(var): int(solver.value(var)) for var in self.x.values()}
        for var in {id(v): v for v in (*self.x.values(), *self.w.values())}.values():
            self.model.add_hint(var, solver.value(var))

    def _bound(self, solver: cp_model.CpSolver) -> int:
        """People that are missing under any roster that leaves no more gates empty than this one."""
        gates = sum(solver.value(gate) for _, gate in self.short.values())
        return max(0, ceil(self.lower - 1e-6) - (self._ratio() - 1) * gates)

    def _ratio(self) -> int:
        """How many other posts are left empty before a gate is."""
        return max(1, self.problem.weights.gate // max(1, self.problem.weights.post))

    # -- the answer -------------------------------------------------------------------------

    def _answer(self, solver: cp_model.CpSolver, bound: int, *, proved: bool) -> Made:
        chosen: defaultdict[Pool, list[str]] = defaultdict(list)
        for (n, pool), var in self.x.items():
            if solver.value(var):
                chosen[pool].append(self.problem.people[n].id)
        entries = self._deal(chosen)
        needed = sum(len(posts) for posts in self.pools.values())
        missing = needed - len(entries)
        lacking = {
            pool: len(posts) - len(chosen[pool])
            for pool, posts in self.pools.items()
            if len(posts) > len(chosen[pool])
        }
        bound = min(bound, missing)
        least, enough = _more(self.problem, self.stints, lacking, bound)
        changed = len(set(entries) ^ set(self.today)) if self.today else 0
        if not self.budget.stopped and not proved:
            self.budget.stopped = "tries" if self.effort.repeatable else "time"
        made = Made(
            entries,
            needed,
            missing,
            bound,
            proved,
            "" if proved else self.budget.stopped,
            changed,
            least,
            enough,
        )
        return _with_words(made, self.problem, lacking)

    def _deal(self, chosen: dict[Pool, list[str]]) -> tuple[Entry, ...]:
        """Who stands at which post of a pool: where they stood before, else where they stood least.
        Gates first, so that what stays empty is another post."""
        before = {(one.day, one.shift, one.person): one.post for one in self.today}
        stood: Counter[tuple[str, str]] = Counter()
        entries: list[Entry] = []
        for pool in sorted(self.pools):
            day, shift, _ = pool
            people = sorted(chosen[pool])
            posts = sorted(self.pools[pool], key=lambda post: (not post.gate, post.id))
            posts = posts[: len(people)]
            for person in list(people):
                old = before.get((day, shift, person))
                at = next((post for post in posts if post.id == old), None)
                if at is not None:
                    posts.remove(at)
                    people.remove(person)
                    entries.append(Entry(day, shift, at.id, person))
                    stood[person, at.id] += 1
            for post in posts:
                person = min(people, key=lambda one: (stood[one, post.id], one))
                people.remove(person)
                entries.append(Entry(day, shift, post.id, person))
                stood[person, post.id] += 1
        return tuple(sorted(entries))


class _Start:
    """A roster in the making, for the search to begin with."""

    def __init__(self, problem: Problem, stints: dict[Slot, Stint]) -> None:
        self.problem = problem
        self.stints = stints
        self.mine: list[list[Stint]] = [list(one.before) for one in problem.people]
        self.pools: list[dict[Stint, Pool]] = [{} for _ in problem.people]
        self.there: Counter[Pool] = Counter()
        self.most = [
            min(
                (m for m in (one.most, problem.most_shifts) if m is not None),
                default=len(stints),
            )
            for one in problem.people
        ]

    @property
    def chosen(self) -> set[tuple[int, Pool]]:
        return {(n, pool) for n, mine in enumerate(self.pools) for pool in mine.values()}

    def least_first(self, people: Iterable[int]) -> list[int]:
        """Whoever has fewest shifts, then whoever can do least else."""
        skills = self.problem.people
        return sorted(people, key=lambda n: (len(self.pools[n]), len(skills[n].skills), n))

    def fits(self, n: int, pool: Pool) -> bool:
        stint = self.stints[pool[0], pool[1]]
        return len(self.pools[n]) < self.most[n] and _fits(
            self.mine[n], stint, self.problem.limits, None
        )

    def put(self, n: int, pool: Pool) -> None:
        stint = self.stints[pool[0], pool[1]]
        self.mine[n].append(stint)
        self.pools[n][stint] = pool
        self.there[pool] += 1

    def take(self, n: int, pool: Pool) -> None:
        stint = self.stints[pool[0], pool[1]]
        self.mine[n].remove(stint)
        del self.pools[n][stint]
        self.there[pool] -= 1

    def swap_in(self, pool: Pool, able: dict[Pool, list[int]]) -> bool:
        """Fill one place by somebody one of whose own places, at most six days off, another takes."""
        people = self.least_first(able[pool])
        for n in people:
            own = sorted(
                self.pools[n].values(), key=lambda other: (abs(other[0] - pool[0]), other)
            )
            for other in own:
                if abs(other[0] - pool[0]) > 6:
                    break
                self.take(n, other)
                if self.fits(n, pool):
                    for instead in self.least_first(able[other]):
                        if instead != n and self.fits(instead, other):
                            self.put(instead, other)
                            self.put(n, pool)
                            return True
                self.put(n, other)
        return False


class _Seen(cp_model.CpSolverSolutionCallback):
    """Says that a better roster was found."""

    def __init__(self, budget: Budget, part: str) -> None:
        super().__init__()
        self._budget = budget
        self._part = part
        self._count = 0

    def on_solution_callback(self) -> None:
        self._count += 1
        self._budget.progress(Progress(self._count, max(self._count, 100), self._part))
        if self._budget.cancelled():
            self._budget.stopped = "cancelled"
            self.stop_search()


def _clash(one: Stint, other: Stint, limits: Limits) -> bool:
    """Whether nobody can do both: too near to be a rest, too long to be one spell."""
    first, second = min(one, other), max(one, other)
    gap = second.begins - first.ends
    if gap < 0:
        return True
    if gap <= limits.pause:
        longest = limits.longest
        return longest is not None and second.ends - first.begins > longest
    return limits.rest is not None and gap < limits.rest


def _shared(stint: Stint, opens: int, ends: int) -> int:
    return min(stint.ends, ends) - max(stint.begins, opens)


def _more(
    problem: Problem, stints: dict[Slot, Stint], lacking: dict[Pool, int], bound: int
) -> tuple[int, int]:
    """How many more people: at least as many as the shifts that are proved to stay empty need at a
    person's most; and enough is what dealing the empty ones out to new people takes."""
    if not lacking:
        return 0, 0
    limits = problem.limits
    least = max(1, ceil(bound / _most_shifts(problem, stints)))
    fresh: list[tuple[str, list[Stint]]] = []
    for pool in sorted(lacking):
        day, shift, skill = pool
        stint = stints[day, shift]
        for _ in range(lacking[pool]):
            at = next(
                (
                    mine
                    for known, mine in fresh
                    if known == skill and _fits(mine, stint, limits, problem.most_shifts)
                ),
                None,
            )
            if at is None:
                fresh.append((skill, [stint]))
            else:
                at.append(stint)
    return least, max(least, len(fresh))


def _fits(mine: Sequence[Stint], new: Stint, limits: Limits, most: int | None) -> bool:
    """Whether somebody new can do one more; stints come in the order of their days."""
    if most is not None and len(mine) >= most:
        return False
    if any(_clash(one, new, limits) or one.begins // DAY == new.begins // DAY for one in mine):
        return False
    both = [*mine, new]
    days = {one.begins // DAY for one in both}
    if limits.days is not None and _run_of(days, new.begins // DAY) > limits.days:
        return False
    nights = {n for one in both for n in nights_of(one, limits)}
    if limits.nights is not None and any(
        _run_of(nights, night) > limits.nights for night in nights_of(new, limits)
    ):
        return False
    if limits.week is not None:
        for end in {one.ends for one in both if new.begins < one.ends <= new.ends + 7 * DAY}:
            opens = end - 7 * DAY
            if sum(max(0, _shared(one, opens, end)) for one in both) > limits.week:
                return False
    return True


def _run_of(days: set[int], day: int) -> int:
    first = last = day
    while first - 1 in days:
        first -= 1
    while last + 1 in days:
        last += 1
    return last - first + 1


def _most_shifts(problem: Problem, stints: dict[Slot, Stint]) -> int:
    """No fewer than anybody can do in the period: one a day, and what each limit alone allows."""
    limits = problem.limits
    days = sorted({day for day, _ in stints})
    span = days[-1] - days[0] + 1
    most = len(days)
    if limits.days is not None:
        most = min(most, span - span // (limits.days + 1))
    if limits.week is not None:
        shortest = min(one.minutes for one in stints.values())
        most = min(most, -(-span // 7) * (limits.week // shortest))
    if problem.most_shifts is not None:
        most = min(most, problem.most_shifts)
    return max(1, most)


def _with_words(made: Made, problem: Problem, lacking: dict[Pool, int]) -> Made:
    told: list[Sentence] = []
    if made.missing:
        told.append(
            said(
                "{needed} 个岗次排上了 {done} 个,还空 {missing} 个。",
                needed=made.needed,
                done=made.needed - made.missing,
                missing=made.missing,
            )
        )
        by_skill: Counter[str] = Counter()
        for (_, _, skill), count in lacking.items():
            by_skill[skill] += count
        for skill, count in sorted(by_skill.items()):
            if skill:
                name = problem.skill_names.get(skill, skill)
                told.append(said("其中缺“{skill}”{count} 个岗次。", skill=name, count=count))
        told.append(
            said(
                "按这些限度,至少还要 {least} 人;再有 {enough} 人就够。",
                least=made.more_least,
                enough=made.more_enough,
            )
        )
        if made.missing_bound >= made.missing:
            told.append(said("已证明:人手不变、门岗不再多空时,怎样排都至少空这么多。"))
    else:
        told.append(said("{needed} 个岗次都排上了。", needed=made.needed))
    if made.changed:
        told.append(said("和原来的表相比,改了 {changed} 处。", changed=made.changed))
    return replace(made, sentences=tuple(told))
