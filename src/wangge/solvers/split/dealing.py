"""Who takes which floors: stairwells in an order of walking, cut into people by a dynamic programme,
and orders tried until the count is proved or the tries are used up.

For one order: whoever is not out of time when a stairwell is done may go on to the next and take
floors from its top or from its bottom; what is left goes to new people, in the fewest runs there are
(`wells.Cutter`). Fewer people are better than more, for a new one can always be called; among as few,
whoever is free soonest is best. So the state after each stairwell is one pair, and the least is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from wangge.solvers.running import Budget
from wangge.solvers.split.wells import Cutter, Piece, Well

#: (well, piece) of one person, in the order they are walked.
Route = list[tuple[int, Piece]]
#: New people, when the last of them is free, their pieces, the piece of whoever goes on.
_Step = tuple[int, float, tuple[Piece, ...], Piece | None]
_NEVER = float("inf")


@dataclass(slots=True)
class Dealt:
    """Routes, and how long each takes until its last door, in seconds."""

    routes: list[Route]
    seconds: list[float]

    @property
    def longest(self) -> float:
        return max(self.seconds, default=0.0)


class Dealer:
    """Deals the same stairwells in many orders under one limit of seconds."""

    def __init__(
        self, wells: Sequence[Well], ways: Sequence[Sequence[float]], limit: float
    ) -> None:
        self.wells = wells
        self.ways = ways
        self.limit = limit + 1e-6
        shared: dict[tuple[object, ...], Cutter] = {}
        self.cutters = [shared.setdefault(well.shape, Cutter(well, limit)) for well in wells]

    def count(self, order: Sequence[int]) -> tuple[int, float] | None:
        """(people, when the last one is free) of an order; None where a floor takes too long."""
        people, ready, before = 0, _NEVER, -1
        for at in order:
            step = self._step(before, at, ready)
            if step is None:
                return None
            people += len(step[2])
            ready, before = step[1], at
        return people, ready

    def deal(self, order: Sequence[int]) -> Dealt | None:
        """The routes of an order."""
        routes: list[Route] = []
        ready, before = _NEVER, -1
        for at in order:
            step = self._step(before, at, ready)
            if step is None:
                return None
            _, ready, pieces, mine = step
            if mine is not None:
                routes[-1].append((at, mine))
            routes += [[(at, piece)] for piece in pieces]
            before = at
        return Dealt(routes, [self.seconds(route) for route in routes])

    def seconds(self, route: Route) -> float:
        """Until the last door of a route."""
        at = 0.0
        for n, (number, piece) in enumerate(route):
            well = self.wells[number]
            if n:
                last, left = route[n - 1]
                at += self.wells[last].leave[left[1]] + self.ways[last][number]
            else:
                at += well.start
            at += well.seconds(piece)
        return at

    def _step(self, before: int, at: int, ready: float) -> _Step | None:
        well, cutter = self.wells[at], self.cutters[at]
        end = well.size - 1
        alone = cutter.cut((0, end))
        if alone is None:
            return None
        best: _Step = (len(alone.pieces), alone.ready, alone.pieces, None)
        if before < 0 or ready == _NEVER:
            return best
        came = ready + self.ways[before][at]
        if came + min(well.climb) > self.limit:
            return best
        for number in range(well.size):
            for mine, rest in (
                ((0, number), (number + 1, end)),
                ((number, end), (0, number - 1)),
            ):
                took = came + well.seconds(mine)
                if took > self.limit:
                    continue
                if rest[0] > rest[1]:
                    found: _Step = (0, took + well.leave[mine[1]], (), mine)
                else:
                    cut = cutter.cut(rest)
                    if cut is None:
                        continue
                    found = (len(cut.pieces), cut.ready, cut.pieces, mine)
                if found[:2] < best[:2]:
                    best = found
        return best


def nearest_order(wells: Sequence[Well], ways: Sequence[Sequence[float]]) -> list[int]:
    """From the first stairwell always to the nearest that is left."""
    left = set(range(len(wells)))
    order: list[int] = []
    at = 0
    while left:
        at = min(left, key=lambda one: (ways[at][one] if order else one, one))
        left.discard(at)
        order.append(at)
    return order


def best_order(
    dealer: Dealer, orders: Sequence[list[int]], bound: int, *, seed: int, budget: Budget
) -> list[int]:
    """The best order found from those given: two places exchanged, one moved, a stretch turned."""
    chance = Random(seed)
    order = min(orders, key=lambda one: dealer.count(one) or (len(one) * 1_000, 0.0))
    least = dealer.count(order)
    size = len(order)
    if least is None or size < 2:
        return order
    while least[0] > bound and budget.spend("split"):
        a, b = sorted(chance.sample(range(size), 2))
        tried = list(order)
        how = chance.randrange(3)
        if how == 0:
            tried[a], tried[b] = tried[b], tried[a]
        elif how == 1:
            tried.insert(a, tried.pop(b))
        else:
            tried[a : b + 1] = reversed(tried[a : b + 1])
        found = dealer.count(tried)
        if found is not None and found <= least:
            order, least = tried, found
    return order
