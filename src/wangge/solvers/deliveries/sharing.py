"""Loads among pairs of hands: as few hands as the longest-first rule finds, each in few stairwells."""

from collections.abc import Sequence
from heapq import heapreplace

from wangge.solvers.deliveries.order import Load

#: Seconds, the stairwell's place in the order given, the load.
Timed = tuple[float, int, Load]
#: Loads looked through for one that fills what is left of somebody's time.
_AHEAD = 40
#: How much longer than the shortest the longest part may be for fewer stairwells a hand, within the time
#: that there is; and where that does not suffice anyway.
_LONGER, _LATE = (1.0, 1.02, 1.05, 1.1, 1.2), 1.05


def in_order(one: Timed) -> tuple[int, int]:
    """By stairwell, from the top down."""
    return one[1], -one[2].parts[0].floor


def spent(mine: Sequence[Timed]) -> float:
    """Seconds."""
    return sum(seconds for seconds, _, _ in mine)


def even(timed: Sequence[Timed], hands: int) -> list[list[Timed]]:
    """The longest first, each to whoever is free soonest."""
    shared: list[list[Timed]] = [[] for _ in range(hands)]
    free = [(0.0, n) for n in range(hands)]  # a heap
    for one in sorted(timed, key=lambda one: (-one[0], *in_order(one))):
        busy, n = free[0]
        shared[n].append(one)
        heapreplace(free, (busy + one[0], n))
    return shared


def shared(timed: Sequence[Timed], hands: int, limit: float) -> list[list[Timed]]:
    """Every load to somebody, stairwell after stairwell, so that nobody runs about; all within `limit`
    seconds wherever the longest-first rule is."""
    evenly = even(timed, hands)
    longest = max(map(spent, evenly), default=0.0)
    most = limit if longest <= limit else longest * _LATE
    for more in _LONGER:
        if found := _filled(timed, hands, min(longest * more, most)):
            return found
    return _filled(timed, hands, most) or evenly


def _filled(timed: Sequence[Timed], hands: int, most: float) -> list[list[Timed]] | None:
    """Hand after hand takes what comes next and fits, or None where something is left at the end."""
    left = sorted(timed, key=in_order)
    found: list[list[Timed]] = []
    for _ in range(hands):
        mine: list[Timed] = []
        busy, at = 0.0, 0
        while at < min(len(left), _AHEAD):
            if busy + left[at][0] <= most + 1e-9:
                busy += left[at][0]
                mine.append(left.pop(at))
            else:
                at += 1
        found.append(mine)
    return None if left else found
