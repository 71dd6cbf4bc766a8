"""A surge given out as one: more tasks than people, so that somebody may get several, one after another.

Each person stands for as many columns as they might take tasks in turn; a task costs the minutes until
they are there, with a share for fairness and the price of leaving a nearer ring. `assign` chooses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wangge.solvers.offers.rings import FAIR_MINUTES, WAIT_MINUTES, Ready
from wangge.solvers.offers.surge import Minutes, assign

#: Tasks that one person may get in one turn; what is left is given out in the next.
IN_TURN = 6


@dataclass(frozen=True, slots=True)
class Spread:
    """Whom to ask for one task of a surge, in which ring, and in how many minutes they can be there with
    what else they were given."""

    who: Ready
    rank: int
    minutes: float


def spread(
    tasks: Sequence[Sequence[Sequence[Ready]]],
    *,
    each: float,
    fair: float = FAIR_MINUTES,
    wait: float = WAIT_MINUTES,
) -> list[Spread | None]:
    """`tasks` have rings of people who may go; a task keeps somebody for `each` minutes. None where
    nobody may. As few minutes in all as can be, turn by turn."""
    given: dict[str, int] = {}
    found: list[Spread | None] = [None] * len(tasks)
    open_ = [at for at, rings in enumerate(tasks) if any(rings)]
    while open_:
        taken = _turn([tasks[at] for at in open_], given, each, fair, wait)
        for at, one in zip(open_, taken, strict=True):
            found[at] = one
        still = [at for at in open_ if found[at] is None]
        if len(still) == len(open_):
            break
        for at in open_:
            if (one := found[at]) is not None:
                given[one.who.id] = given.get(one.who.id, 0) + 1
        open_ = still
    return found


def _turn(
    tasks: Sequence[Sequence[Sequence[Ready]]],
    given: dict[str, int],
    each: float,
    fair: float,
    wait: float,
) -> list[Spread | None]:
    people = sorted({one.id for rings in tasks for ring in rings for one in ring})
    at = {id_: n for n, id_ in enumerate(people)}
    turns = min(IN_TURN, -(-len(tasks) // len(people)) + 1)
    first = np.full((len(tasks), len(people)), np.inf)
    share = fair / 60
    had = {id_: given.get(id_, 0) * each for id_ in people}
    rows: list[dict[int, tuple[Ready, int]]] = []
    for row, rings in enumerate(tasks):
        known: dict[int, tuple[Ready, int]] = {}
        nearest = next(rank for rank, ring in enumerate(rings) if ring)
        for rank, ring in enumerate(rings):
            for one in ring:
                n = at[one.id]
                known[n] = one, rank
                before = had[one.id]
                worked = share * (one.worked + before)
                first[row, n] = one.minutes + before + worked + (rank - nearest) * wait
        rows.append(known)
    after = np.arange(turns, dtype=np.float64) * (each + share * each)
    cost: Minutes = (first[:, :, None] + after).reshape(len(tasks), -1).astype(np.float64)
    chosen = assign(cost).worker
    found: list[Spread | None] = []
    for row, column in enumerate(chosen.tolist()):
        if column < 0:
            found.append(None)
            continue
        n, turn = divmod(column, turns)
        one, rank = rows[row][n]
        found.append(Spread(one, rank, one.minutes + had[one.id] + turn * each))
    return found
