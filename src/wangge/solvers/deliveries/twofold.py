"""A tour file searched from two seeds at once, by two processes: the better of the two answers. One
search uses one core, and what it finds depends more on its seed than on twice its time."""

import signal
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from time import monotonic

from wangge.solvers.deliveries.cvrplib import Instance, judge, solve
from wangge.solvers.running import Budget

#: The other search's seed is so far away that runs with neighbouring seeds do not share it.
APART = 1_000_003


def solve_twofold(instance: Instance, *, budget: Budget, seed: int = 0) -> list[list[int]]:
    """Tours by point number, the depot not named; each search has the whole budget. The same input, seed
    and tries give the same tours. Raises Unreadable where PyVRP is not installed."""
    budget.start()
    left = budget.left()
    until = None if left is None else monotonic() + left
    processes = get_context("spawn")
    stop, (here, there) = processes.Event(), processes.Pipe(duplex=False)
    # A daemon: it ends with this process, whatever ends that.
    other = processes.Process(
        target=_beside,
        args=(instance, seed + APART, budget.tries - budget.used, until, stop, there),
        daemon=True,
    )
    other.start()
    there.close()
    try:
        mine = solve(instance, budget=budget, seed=seed)
        if budget.stopped == "cancelled":
            stop.set()
        return min(mine, _heard(here) or mine, key=lambda tours: _cost(instance, tours))
    finally:
        other.kill()
        other.join()


def _heard(here: Connection) -> list[list[int]] | None:
    """What the other one found; None if it died, which is no reason to lose what was found here."""
    try:
        found: list[list[int]] = here.recv()
    except EOFError:
        return None
    return found


def _cost(instance: Instance, tours: Sequence[Sequence[int]]) -> tuple[bool, int]:
    length, wrong = judge(instance, tours)
    return bool(wrong), length


def _beside(
    instance: Instance,
    seed: int,
    tries: int,
    until: float | None,
    stop: Event,
    there: Connection,
) -> None:
    # Ctrl-C reaches every process of a terminal; the first one decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    seconds = None if until is None else until - monotonic()
    there.send(solve(instance, budget=Budget(tries, seconds, cancelled=stop.is_set), seed=seed))
