"""Rings of people around a task: the nearest in which somebody may go, and of these the soonest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: Minutes later somebody may be there for every hour they have worked less (a district's choice).
FAIR_MINUTES = 1.5
#: The next ring is looked at where nobody of this one is there within so many minutes.
WAIT_MINUTES = 15.0


@dataclass(slots=True)
class Ready:
    """Somebody who might be asked: in how many minutes they can be there, counting what they have to do
    already; `worked` minutes so far in the period that fairness looks at."""

    id: str
    minutes: float
    worked: float = 0.0


@dataclass(frozen=True, slots=True)
class Picked:
    """Whom to ask, in which ring; `among` how many of it who might go, `quicker` of these were passed by
    for fairness' sake; `left`: in how many minutes the soonest of a nearer ring could be there, where one
    was left for it."""

    who: Ready
    rank: int
    among: int
    quicker: int
    left: float | None = None


def pick(
    rings: Sequence[Sequence[Ready]],
    may: Callable[[Ready], bool],
    *,
    fair: float = FAIR_MINUTES,
    wait: float = WAIT_MINUTES,
) -> tuple[Picked | None, int]:
    """Whom to ask first, and how many were at the end of their hours. A nearer ring is left for the
    next only where nobody of it may go, or nobody could be there within `wait` minutes while somebody
    of the next could, by as much sooner. Never waits for a better moment."""
    share = fair / 60
    best: tuple[Ready, int] | None = None
    left: float | None = None
    tired = 0
    for rank, ring in enumerate(rings):
        # Among those who are equal the order of the ring decides.
        for one in sorted(ring, key=lambda row: row.minutes + share * row.worked):
            if not may(one):
                tired += 1
                continue
            if best is None or one.minutes < best[0].minutes - wait:
                left = None if best is None else best[0].minutes
                best = one, rank
            break
        if best is not None and best[0].minutes <= wait:
            break
    if best is None:
        return None, tired
    who, rank = best
    able = [one for one in rings[rank] if may(one)]
    quicker = sum(one.minutes < who.minutes for one in able)
    return Picked(who, rank, len(able), quicker, left), tired
