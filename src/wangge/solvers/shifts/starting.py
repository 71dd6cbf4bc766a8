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
    """What is kept, then day by day, nights first, gates before others, whoever has least. `able`: people by
    number, for each pool."""
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
