"""What no division can do, and how one sees it without trusting a solver: a count.

Of the q·k + 1 largest units of an estate with k grids, some grid holds q + 1: so it carries at
least the q + 1 smallest of them. With q = 0 it is the largest unit; and no grid is below the mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Floor:
    """Some grid carries at least so many minutes: of the `among` largest units `together` share
    one (`among` 0: it is simply the mean)."""

    minutes: float
    among: int = 0
    together: int = 0


def floor_of(loads: Sequence[float], grids: int) -> Floor:
    """The most that some grid of an estate must carry, by counting."""
    ordered = sorted(loads, reverse=True)
    best = Floor(sum(ordered) / grids)
    together = 1
    while (together - 1) * grids < len(ordered):
        among = (together - 1) * grids + 1
        minutes = sum(ordered[among - together : among])
        if minutes > best.minutes + 1e-9:
            best = Floor(minutes, among, together)
        together += 1
    return best


def grids_needed(loads: Sequence[float], limit: float) -> int | None:
    """How many grids at least when none may carry more than a limit; None when a single unit is
    more than that."""
    if not loads:
        return 0
    if max(loads) > limit + 1e-9:
        return None
    count = max(1, int(sum(loads) / limit)) if limit > 0 else 1
    while floor_of(loads, count).minutes > limit + 1e-9:
        count += 1
    return count


def lowest_most(parts: Sequence[Sequence[float]], grids: int) -> float:
    """With so many grids for several estates that do not hang together, some grid carries at least
    so many minutes, however the grids are shared out."""
    if not parts or grids < 1:
        return 0.0
    whole = sum(map(sum, parts))
    low, high = whole / grids, whole
    for _ in range(40):
        middle = (low + high) / 2
        needs = [grids_needed(loads, middle) for loads in parts]
        if None in needs or sum(need or 0 for need in needs) > grids:
            low = middle
        else:
            high = middle
    return low
