"""A roster made by rules of thumb, as a hand would make it: where the search begins, so that there is
always one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from wangge.solvers.fatigue import Stint
from wangge.solvers.fatigue import nights as nights_of
from wangge.solvers.shifts.answers import Pool, Slot
from wangge.solvers.shifts.fitting import fits
from wangge.solvers.shifts.problem import Post, Problem


def greedy(
    problem: Problem,
    stints: Mapping[Slot, Stint],
    pools: Mapping[Pool, Sequence[Post]],
    able: Mapping[Pool, Sequence[int]],
    keep: Iterable[tuple[int, Pool]] = (),
) -> set[tuple[int, Pool]]:
    """What is kept, then day by day, nights first, gates before others, whoever has least; then, where a
    place is still empty, somebody whose own place another takes. `able`: people by number, for each pool."""
    start = _Start(problem, stints)
    for n, pool in sorted(keep):
        if start.fits(n, pool):
            start.put(n, pool)
    limits = problem.limits
    order = sorted(
        pools,
        key=lambda pool: (
            pool[0],
            not nights_of(stints[pool[0], pool[1]], limits),
            not any(post.gate for post in pools[pool]),
            len(able[pool]),
            pool,
        ),
    )
    for pool in order:
        for n in start.least_first(able[pool]):
            if start.there[pool] >= len(pools[pool]):
                break
            if start.fits(n, pool):
                start.put(n, pool)
    for pool in order:
        while start.there[pool] < len(pools[pool]) and start.swap_in(pool, able):
            pass
    return start.chosen


class _Start:
    """A roster in the making, for the search to begin with."""

    def __init__(self, problem: Problem, stints: Mapping[Slot, Stint]) -> None:
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
        return len(self.pools[n]) < self.most[n] and fits(
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

    def swap_in(self, pool: Pool, able: Mapping[Pool, Sequence[int]]) -> bool:
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
