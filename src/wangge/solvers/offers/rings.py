"""Rings of people around a task: the nearest in which somebody may go, and of these the soonest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: Minutes later somebody may be there for every hour they have worked less (a district's choice).
FAIR_MINUTES = 1.5
#: The next ring is looked at where nobody of this one is there within so many minutes.
WAIT_MINUTES = 15.0
#: Whoever has worked so many minutes more than somebody who could be there in time too is spared.
LEAD_MINUTES = 60.0


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
    was left for it; `spared`: how many of this ring and nearer ones had far more than their share."""

    who: Ready
    rank: int
    among: int
    quicker: int
    left: float | None = None
    spared: int = 0


def pick(
    rings: Sequence[Sequence[Ready]],
    may: Callable[[Ready], bool],
    *,
    fair: float = FAIR_MINUTES,
    wait: float = WAIT_MINUTES,
    lead: float = LEAD_MINUTES,
) -> tuple[Picked | None, int]:
    """Whom to ask first, and how many were at the end of their hours. A nearer ring is left for the next
    only where nobody of it may go, or nobody of it is there within `wait` minutes while somebody of the
    next is, or whoever is has worked `lead` minutes more than somebody else who is. Where nobody at all is
    there in time, it is left for somebody as much sooner. Never waits for a better moment."""
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
    if who.minutes > wait or who.worked > lead:
        fairer = _fairer(rings, may, share, wait, lead)
        if fairer is not None and fairer.who is not who:
            return fairer, tired
    able = [one for one in rings[rank] if may(one)]
    quicker = sum(one.minutes < who.minutes for one in able)
    return Picked(who, rank, len(able), quicker, left), tired


def _fairer(
    rings: Sequence[Sequence[Ready]],
    may: Callable[[Ready], bool],
    share: float,
    wait: float,
    lead: float,
) -> Picked | None:
    """Of all who are there in time and have not worked far more than another who is, the nearest ring."""
    able = [[one for one in ring if may(one)] for ring in rings]
    in_time = [one.worked for ring in able for one in ring if one.minutes <= wait]
    if not in_time:
        return None
    most = min(in_time) + lead
    nearer: list[Ready] = []
    for rank, ring in enumerate(able):
        left = [one for one in ring if one.minutes <= wait and one.worked <= most]
        if not left:
            nearer += ring
            continue
        who = min(left, key=lambda one: one.minutes + share * one.worked)
        spared = sum(one.minutes <= wait and one.worked > most for one in (*nearer, *ring))
        slow = [one.minutes for one in nearer]
        quicker = sum(one.minutes < who.minutes for one in left)
        late = min(slow) if slow and min(slow) > wait else None
        return Picked(who, rank, len(ring), quicker, late, spared)
    return None
