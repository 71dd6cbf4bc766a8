"""A surge given out as one: many tasks, many people, one each, the least minutes in all, proved.

OR-Tools' minimum cost flow chooses among the nearest people of each task. Prices of
tasks and people then prove it against everybody: no pair costs less than what its task and its person are
worth, and every chosen pair costs just that. Pairs that break the proof are looked at too, until none does.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wangge.solvers.words import Sentence, said

Minutes = NDArray[np.float64]
Indices = NDArray[np.int64]
#: Minutes that a task which nobody takes counts as.
LEFT = 100_000.0
#: So many of the nearest people of each task are looked at first.
NEAREST = 16
#: Minutes are compared in millionths, or coarser where numbers would not fit.
FINE = 1_000_000
MOST = 1 << 60
#: A pair that may not be; small enough to be added to.
NEVER = 1 << 61


@dataclass(frozen=True, slots=True)
class Assigned:
    """`worker` of each task (-1: nobody), the `minutes` in all of those taken, whether the prices prove
    that it is the least, and a sentence for each task."""

    worker: Indices
    minutes: float
    left: int
    proved: bool
    why: tuple[Sentence, ...]


def assign(minutes: Minutes) -> Assigned:
    """`minutes[task, worker]` until somebody is there; inf: may not (skill, hours, refused). As many
    tasks as possible are taken, then in the fewest minutes. Raises ValueError for nan and negatives."""
    tasks, workers = minutes.shape
    if not bool((minutes >= 0).all()):
        raise ValueError("minutes are numbers from 0 on")
    if tasks == 0:
        return Assigned(np.empty(0, np.int64), 0.0, 0, True, ())
    worker, proved = _solve(minutes)
    taken = np.flatnonzero(worker >= 0)
    own = np.full(tasks, np.inf)
    own[taken] = minutes[taken, worker[taken]]
    sooner = (minutes < own[:, None]).sum(axis=1)
    soonest = minutes.min(axis=1) if workers else np.full(tasks, np.inf)
    why = tuple(
        _why(float(own[n]), int(sooner[n]), float(soonest[n]), int(worker[n]))
        for n in range(tasks)
    )
    return Assigned(worker, float(own[taken].sum()), tasks - len(taken), proved, why)


def _solve(minutes: Minutes) -> tuple[Indices, bool]:
    """Each task's person (-1: nobody), and whether the prices prove it."""
    may = np.isfinite(minutes)
    pairs = minutes[may]
    most = float(pairs.max(initial=0.0))
    # Dearer than any way of taking it, whatever that costs the others.
    nobody = LEFT + most * (len(minutes) + 1)
    # The library's prices may grow by as many times the dearest pair as there are nodes, squared.
    fine = min(FINE, MOST / (nobody * (2 * sum(minutes.shape) + 2) ** 2))
    cost = np.full(minutes.shape, NEVER, np.int64)
    cost[may] = np.rint(pairs * fine)
    left = round(nobody * fine)
    looked = _nearest(minutes, may)
    while True:
        task, person = np.nonzero(looked)
        chosen = _choose(cost, task, person, left)
        if chosen is None:
            raise ArithmeticError("the library could not choose")
        worth, price = _prices(cost, task, person, chosen, left)
        dearer = cost < worth[:, None] + price
        dearer &= ~looked
        if not dearer.any():
            return chosen, _proves(cost, chosen, worth, price, left)
        looked |= dearer


def _nearest(minutes: Minutes, may: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pairs are looked at first."""
    if minutes.shape[1] <= NEAREST:
        return may.copy()
    looked = np.zeros_like(may)
    near = np.argpartition(minutes, NEAREST, axis=1)[:, :NEAREST]
    np.put_along_axis(looked, near, True, axis=1)
    return looked & may


def _choose(cost: Indices, task: Indices, person: Indices, left: int) -> Indices | None:
    """The least among some pairs: each task sends one on, through a person or through nobody, to the end."""
    tasks = len(cost)
    known, at = np.unique(person, return_inverse=True)
    end = tasks + len(known)
    first = np.concatenate([task, np.arange(tasks, end), np.arange(tasks)])
    second = np.concatenate([at + tasks, np.full(end, end)])
    dear = np.concatenate([cost[task, person], np.zeros_like(known), np.full(tasks, left)])
    # Loaded by whoever solves, never by importing this.
    library: Any = import_module("ortools.graph.python.min_cost_flow")
    flow: Any = library.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(first, second, np.ones_like(first), dear)
    supplies = np.zeros(end + 1, np.int64)
    supplies[:tasks], supplies[end] = 1, -tasks
    flow.set_nodes_supplies(np.arange(end + 1), supplies)
    if flow.solve() != flow.OPTIMAL:
        return None
    taken = np.asarray(flow.flows(arcs[: len(task)])) > 0
    chosen = np.full(tasks, -1, np.int64)
    chosen[task[taken]] = person[taken]
    return chosen


def _prices(
    cost: Indices, task: Indices, person: Indices, chosen: Indices, left: int
) -> tuple[Indices, Indices]:
    """What each task and each person is worth: shortest ways through who would take whose place
    (Bellman 1958), over the pairs that were looked at."""
    price = np.zeros(cost.shape[1], np.int64)
    has = chosen >= 0
    own = np.full(len(cost), left, np.int64)
    own[has] = cost[has, chosen[has]]
    worth = own.copy()
    order = np.argsort(person, kind="stable")
    task, person = task[order], person[order]
    starts = np.flatnonzero(np.diff(person, prepend=-1))
    pair, who = cost[task, person], person[starts]
    # Nobody's place is taken over by more than everybody, so it comes to an end.
    for _ in range(len(cost) + 1):
        worth[has] = own[has] - price[chosen[has]]
        if not len(starts):
            break
        least = np.minimum.reduceat(pair - worth[task], starts)
        lower = least < price[who]
        if not lower.any():
            break
        price[who] = np.minimum(price[who], least)
    return worth, price


def _proves(cost: Indices, chosen: Indices, worth: Indices, price: Indices, left: int) -> bool:
    """Whether the prices prove the choice, by duality: in whole numbers, against every pair."""
    has = chosen >= 0
    free = np.ones(cost.shape[1], np.bool_)
    free[chosen[has]] = False
    return (
        bool((cost >= worth[:, None] + price).all())
        and bool((cost[has, chosen[has]] == worth[has] + price[chosen[has]]).all())
        and bool((worth <= left).all() and (worth[~has] == left).all())
        and bool((price <= 0).all() and (price[free] == 0).all())
    )


def _why(own: float, sooner: int, soonest: float, worker: int) -> Sentence:
    if worker < 0:
        if not np.isfinite(soonest):
            return said("没有能去的人,转街道指挥室。")
        return said("能去的人都派给了别的事,转街道指挥室。")
    if sooner == 0:
        return said("能去的人里最快,约 {minutes} 分钟到。", minutes=round(own))
    return said(
        "约 {minutes} 分钟到;更快的 {sooner} 人去别处省得更多,这里晚 {later} 分钟。",
        minutes=round(own),
        sooner=sooner,
        later=round(own - soonest),
    )
