"""Places passed on: where one stays empty, somebody takes it and leaves one of their own, which another
takes, and so on, until somebody takes one and leaves none. The cheapest such chain changes least."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from wangge.solvers.fatigue import Stint
from wangge.solvers.shifts.answers import Pool, Slot
from wangge.solvers.shifts.fitting import clash, fits
from wangge.solvers.shifts.problem import Post, Problem

#: People in one chain; and so many days off what somebody leaves for what they take may be.
LONGEST, DAYS_OFF = 6, 7
#: A gate filled by leaving another post empty costs so many changes.
INSTEAD = 100
#: Empty places are moved elsewhere so often, and so often without any use.
WALKS, IDLE = 400, 40
#: Changes are taken back and made anew so often; and those of so many people at once.
AGAIN, TOGETHER = 100, 3


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody takes a place and leaves another, or none; `cost`: entries more that differ from today's."""

    person: int
    takes: Pool
    leaves: Pool | None
    cost: int


#: What a chain costs, and its steps.
Chain = tuple[int, tuple[Step, ...]]


class Passing:
    """Who stands where in a roster in the making, and what everybody could do instead. `able`: people by
    number, for each pool; `today`: entries that cost nothing."""

    def __init__(
        self,
        problem: Problem,
        stints: Mapping[Slot, Stint],
        pools: Mapping[Pool, Sequence[Post]],
        able: Mapping[Pool, Sequence[int]],
        today: Iterable[tuple[int, Pool]] = (),
    ) -> None:
        self.problem = problem
        self.stints = stints
        self.pools = pools
        self.today = set(today)
        self.others = {pool: sum(not post.gate for post in pools[pool]) for pool in pools}
        self.could: list[list[Pool]] = [[] for _ in problem.people]
        for pool in sorted(able):
            for n in able[pool]:
                self.could[n].append(pool)
        self.against: dict[Slot, frozenset[Slot]] = {
            one: frozenset(
                other
                for other in stints
                if abs(other[0] - one[0]) <= 3
                and (other[0] == one[0] or clash(stints[one], stints[other], problem.limits))
            )
            for one in stints
        }
        self.most = [
            min(
                (m for m in (one.most, problem.most_shifts) if m is not None),
                default=len(stints),
            )
            for one in problem.people
        ]
        self.mine: list[set[Pool]] = [set() for _ in problem.people]
        self.there: Counter[Pool] = Counter()
        #: Who could take a place, person by person.
        self.into: dict[Pool, dict[int, list[Step]]] = {pool: {} for pool in pools}
        #: Where the last search came to, and how.
        self.reached: dict[Pool, Chain] = {}

    @property
    def chosen(self) -> set[tuple[int, Pool]]:
        return {(n, pool) for n, mine in enumerate(self.mine) for pool in mine}

    def better(
        self, start: Iterable[tuple[int, Pool]], random: Random, more: Callable[[], bool]
    ) -> set[tuple[int, Pool]]:
        """A roster with fewer places empty, gates first, then with fewer changes. `more`: whether there is
        time."""
        for n, pool in sorted(start):
            self.mine[n].add(pool)
            self.there[pool] += 1
        for n in range(len(self.mine)):
            self._look(n)
        self._fill()
        if any(self._worth()[:2]):
            self._wander(random, more)
        if self.today:
            self._again(random, more)
        return self.chosen

    # -- three ways to better it ------------------------------------------------------------

    def _fill(self) -> None:
        """Chains for every empty place; for a gate also one that leaves another post empty in its stead."""
        for gate in (True, False):
            for pool in self._empty(gate=gate):
                while self._open(pool, gate=gate) > 0 and self._pass_on(pool, gate=gate):
                    pass

    def _wander(self, random: Random, more: Callable[[], bool]) -> None:
        """Where no chain ends, the empty place goes elsewhere, and it is tried from there."""
        best, kept, idle = self._worth(), [set(one) for one in self.mine], 0
        for _ in range(WALKS):
            gate = best[0] > 0
            empty = self._empty(gate=gate)
            if not empty or idle > IDLE or not more():
                break
            idle += 1
            if self._pass_on(random.choice(empty), gate=gate):
                if (worth := self._worth()) < best:
                    idle = 0 if worth[:2] < best[:2] else idle
                    best, kept = worth, [set(one) for one in self.mine]
                continue
            ways = sorted(
                (cost, pool)
                for pool, (cost, path) in self.reached.items()
                if path and (gate or self._spare(pool))
            )
            if ways:
                self._apply(self.reached[random.choice(ways[:12])[1]][1])
        self._restore(kept)

    def _again(self, random: Random, more: Callable[[], bool]) -> None:
        """What some people took is taken from them and given out anew, where that is no worse."""
        best, kept = self._worth(), [set(one) for one in self.mine]
        for _ in range(AGAIN):
            changed = [
                n
                for n, mine in enumerate(self.mine)
                if any((n, one) not in self.today for one in mine)
            ]
            if not changed or not more():
                break
            holes: list[Pool] = []
            for n in random.sample(changed, min(len(changed), random.randint(1, TOGETHER))):
                took = sorted(one for one in self.mine[n] if (n, one) not in self.today)
                holes += took
                self.mine[n].difference_update(took)
                self.there.subtract(took)
                self._look(n)
            random.shuffle(holes)
            for pool in holes:
                self._pass_on(pool, gate=False)
            if (worth := self._worth()) <= best:
                best, kept = worth, [set(one) for one in self.mine]
            else:
                self._restore(kept)

    # -- chains -----------------------------------------------------------------------------

    def _pass_on(self, pool: Pool, *, gate: bool) -> bool:
        """The cheapest chain that begins here and ends, with nobody in it twice (Bellman and Ford)."""
        best: Chain | None = None
        self.reached = {pool: (0, ())}
        edge = dict(self.reached)
        for _ in range(LONGEST):
            new: dict[Pool, Chain] = {}
            for at, (cost, path) in edge.items():
                for step in self._steps_into(at, {one.person for one in path}):
                    whole = cost + step.cost
                    to = step.leaves
                    if to is None or (gate and self._spare(to)):
                        whole += 0 if to is None else INSTEAD
                        if best is None or whole < best[0]:
                            best = whole, (*path, step)
                    elif to not in self.reached or whole < self.reached[to][0]:
                        self.reached[to] = new[to] = whole, (*path, step)
            edge = new
        if best is not None:
            self._apply(best[1])
        return best is not None

    def _steps_into(self, pool: Pool, used: set[int]) -> Iterator[Step]:
        for n, steps in self.into[pool].items():
            if n not in used:
                yield from steps

    def _apply(self, path: Sequence[Step]) -> None:
        for step in path:
            if step.leaves is not None:
                self.mine[step.person].discard(step.leaves)
                self.there[step.leaves] -= 1
            self.mine[step.person].add(step.takes)
            self.there[step.takes] += 1
        for step in path:
            self._look(step.person)

    def _restore(self, kept: Sequence[set[Pool]]) -> None:
        for n, mine in enumerate(kept):
            if mine != self.mine[n]:
                self.there.subtract(self.mine[n])
                self.there.update(mine)
                self.mine[n] = set(mine)
                self._look(n)

    def _look(self, n: int) -> None:
        """What somebody could take now, and what they would leave for it."""
        mine = sorted(self.mine[n])
        for takes in self.could[n]:
            steps: list[Step] = []
            against = self.against[takes[0], takes[1]]
            hit = [one for one in mine if (one[0], one[1]) in against]
            gain = -1 if (n, takes) in self.today else 1
            if takes in self.mine[n] or len(hit) > 1:
                pass
            elif not hit and self._may(n, takes, None):
                steps.append(Step(n, takes, None, gain))
            else:
                steps += [
                    Step(n, takes, leaves, gain + (1 if (n, leaves) in self.today else -1))
                    for leaves in hit or mine
                    if abs(leaves[0] - takes[0]) <= DAYS_OFF and self._may(n, takes, leaves)
                ]
            if steps:
                self.into[takes][n] = steps
            else:
                self.into[takes].pop(n, None)

    def _may(self, n: int, takes: Pool, leaves: Pool | None) -> bool:
        rest = [self.stints[one[0], one[1]] for one in self.mine[n] if one != leaves]
        return len(rest) < self.most[n] and fits(
            [*self.problem.people[n].before, *rest],
            self.stints[takes[0], takes[1]],
            self.problem.limits,
            None,
        )

    # -- what it is worth -------------------------------------------------------------------

    def _open(self, pool: Pool, *, gate: bool) -> int:
        lacks = len(self.pools[pool]) - self.there[pool]
        return lacks - self.others[pool] if gate else lacks

    def _empty(self, *, gate: bool) -> list[Pool]:
        return [pool for pool in self.pools if self._open(pool, gate=gate) > 0]

    def _spare(self, pool: Pool) -> bool:
        """Whether somebody may leave a pool without a gate staying empty."""
        return self._open(pool, gate=True) < 0

    def _worth(self) -> tuple[int, int, int]:
        """Gates empty, places empty, entries that are not today's."""
        return (
            sum(max(0, self._open(pool, gate=True)) for pool in self.pools),
            sum(max(0, self._open(pool, gate=False)) for pool in self.pools),
            len(self.chosen - self.today),
        )
