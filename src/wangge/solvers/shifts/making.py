"""Rosters by CP-SAT (OR-Tools): made, and mended with the fewest changes.

Who stands at which post of a pool is dealt out after the search, so that posts go around. Empty posts
come first in everything: it is searched for the fewest, with a proof where there is time for one, and
only then for fairness and wishes.

CP-SAT with several workers is fast and not repeatable: what it *proves* is. `Effort(repeatable=True)`
searches in one thread by counted work instead of by the clock; then the same problem and seed give the
same roster everywhere.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from math import ceil, inf
from random import Random
from typing import Any

from ortools.sat.python import cp_model

from wangge.solvers.running import Budget
from wangge.solvers.shifts.answers import Made, Pool, more, with_words
from wangge.solvers.shifts.modelling import Model
from wangge.solvers.shifts.passing import Passing
from wangge.solvers.shifts.problem import Entry, Problem
from wangge.solvers.shifts.searching import Effort, search
from wangge.solvers.shifts.starting import greedy
from wangge.solvers.words import said

__all__ = ["Effort", "Made", "make", "mend"]

#: Share of the time after which whatever a search begins with is good enough.
_START = 0.5
#: So few possible entries are few.
_FEW = 1_500
#: Share of the time for the fewest empty posts; the rest is for fairness and wishes.
_FIRST = 0.6


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


class _Making(Model):
    def __init__(
        self, problem: Problem, budget: Budget, effort: Effort, today: tuple[Entry, ...]
    ) -> None:
        budget.start()  # reading a problem of a street takes a second
        super().__init__(problem)
        self.budget = budget
        self.effort = effort
        self.today = today
        #: What the first question chose.
        self.kept: dict[int, int] = {}
        #: What the last question's answer costs at least.
        self.lower = 0.0

    # -- the two questions ------------------------------------------------------------------

    def first_empty_then_fair(self) -> Made:
        self._begin(self._greedy())
        self.model.minimize(self.empty())
        solver, proved = self._run(_FIRST, "")
        bound = self._bound(solver, self.lower)
        if not self.budget.ended or self.budget.ended == "tries":
            fewest = round(solver.objective_value)
            self._hint(solver)
            self.model.add(self.empty() <= fewest)
            self.model.minimize(self.softer())
            solver, fairest = self._run(1.0, "")
            proved = proved and fairest
        return self._answer(solver, bound, proved=proved)

    def fewest_changes(self) -> Made:
        changes, known = self._changes()
        self._begin(self._greedy(known))
        weights = self.problem.weights
        # Fairness may not move anybody here: whoever reads the roster has made plans by it.
        wanted = weights.change * changes + sum(self.wishes())
        self.model.minimize(weights.post * self.empty() + wanted)
        solver, proved = self._run(1.0, "")
        if not proved:
            return self._how_near(self._answer(solver, 0, proved=False), solver, len(known))
        fewest = round(solver.value(self.empty()))
        self._hint(solver)
        self.model.minimize(self.empty())
        emptiest, surely = self._run(1.0, "")
        lower = self.lower
        if (left := round(emptiest.value(self.empty()))) < fewest:
            # Many changes weighed more than a place: places first, whatever it takes.
            self._hint(emptiest)
            self.model.add(self.empty() <= left)
            self.model.minimize(wanted)
            solver, proved = self._run(1.0, "")
            proved = proved and surely
        made = self._answer(solver, self._bound(solver, lower), proved=proved)
        return replace(made, changed_least=made.changed) if proved else made

    def _how_near(self, made: Made, solver: cp_model.CpSolver, known: int) -> Made:
        """In words, how many changes there are at least, with no more places empty than here."""
        weights = self.problem.weights
        wishes = weights.wish * sum(len(one.wishes) for one in self.problem.people)
        empty = weights.post * round(solver.value(self.empty()))
        free = (self.lower - empty - wishes) / max(1, weights.change)
        # Whoever can no longer stand goes in any case, and somebody comes where no place stays empty.
        gone = len(set(self.today)) - known
        refilled = self._lost() - made.missing
        least = min(made.changed, gone + max(0, refilled, ceil(free - 1e-6)))
        if least == made.changed:
            told = said("已证明:空着的不多于这里时,不能改得更少。")
        else:
            told = said(
                "还没有证明改得最少:至少要换 {least} 人次,这里是 {changed} 人次。",
                least=least,
                changed=made.changed,
            )
        return replace(made, changed_least=least, sentences=(*made.sentences, told))

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
        able: defaultdict[Pool, list[int]] = defaultdict(list)
        for n, pool in self.x:
            able[pool].append(n)
        start = greedy(self.problem, self.stints, self.pools, able, keep)
        passing = Passing(self.problem, self.stints, self.pools, able, keep)
        return passing.better(start, Random(self.effort.seed), self._early)

    def _early(self) -> bool:
        """Whether it is worth more work by hand: of a few people everything is proved sooner than that, else
        while most of the time is left and nobody said stop."""
        if len(self.x) < _FEW or self.budget.cancelled():
            return False
        return self.budget.gone() < _START

    # -- running ----------------------------------------------------------------------------

    def _run(self, share: float, part: str) -> tuple[cp_model.CpSolver, bool]:
        """The best there is, and whether nothing is better."""
        solver = cp_model.CpSolver()
        status = search(self.model, solver, self.budget, self.effort, share=share, part=part)
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

    def _bound(self, solver: cp_model.CpSolver, lower: float) -> int:
        """People that are missing under any roster that leaves no more gates empty than this one."""
        gates = sum(solver.value(gate) for _, gate in self.short.values())
        return max(0, ceil(lower - 1e-6) - (self.ratio() - 1) * gates)

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
        least, enough = more(self.problem, self.stints, lacking, bound)
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
        return with_words(made, self.problem, lacking)

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
