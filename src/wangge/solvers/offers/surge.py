"""A surge given out as one: many tasks, many people, one each, the least minutes in all, proved.

Shortest augmenting paths (Jonker and Volgenant 1987; Crouse 2016 for more columns than rows), a row of
the matrix at a time in numpy. The prices it ends with prove it: no pair costs less than what its task and
its person are worth, and every chosen pair costs just that.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wangge.solvers.words import Sentence, said

Minutes = NDArray[np.float64]
Indices = NDArray[np.int64]
#: Minutes that a task which nobody takes counts as.
LEFT = 100_000.0


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
    if bool(np.isnan(minutes).any()) or bool((minutes < 0).any()):
        raise ValueError("minutes are numbers from 0 on")
    if tasks == 0:
        return Assigned(np.empty(0, np.int64), 0.0, 0, True, ())
    cost = minutes
    if workers < tasks or not bool(np.isfinite(minutes).any(axis=1).all()):
        cost = _with_nobody(minutes)
    chosen, rows, columns = _solve(cost)
    if chosen is None:
        cost = _with_nobody(minutes)
        chosen, rows, columns = _solve(cost)
        assert chosen is not None  # everybody may be left to nobody
    proved = _proves(cost, chosen, rows, columns)
    worker = np.where(chosen < workers, chosen, -1)
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


def _with_nobody(minutes: Minutes) -> Minutes:
    """A column for each task in which nobody takes it, dearer than any way of taking it."""
    tasks = len(minutes)
    nobody = np.full((tasks, tasks), np.inf)
    finite = minutes[np.isfinite(minutes)]
    most = float(finite.max()) if len(finite) else 0.0
    np.fill_diagonal(nobody, LEFT + most * (tasks + 1))
    return np.concatenate([minutes, nobody], axis=1)


def _solve(cost: Minutes) -> tuple[Indices | None, Minutes, Minutes]:
    """Each row's column, and the prices of rows and columns; None where a row finds none."""
    rows, columns = cost.shape
    row_price, price = cost.min(axis=1), np.zeros(columns)
    column_of, row_of = np.full(rows, -1, np.int64), np.full(columns, -1, np.int64)
    waiting: list[int] = []
    for row, column in enumerate(cost.argmin(axis=1).tolist()):
        if row_of[column] < 0 and np.isfinite(cost[row, column]):
            column_of[row], row_of[column] = column, row
        else:
            waiting.append(row)
    for start in waiting:
        way, done = np.full(columns, np.inf), np.zeros(columns, np.bool_)
        came = np.full(columns, -1, np.int64)
        far, row, end = 0.0, start, -1
        seen: list[tuple[int, float]] = []
        open_ = np.full(columns, np.inf)
        while end < 0:
            seen.append((row, far))
            reach = cost[row] - price
            reach += far - row_price[row]
            better = reach < open_
            better &= ~done
            came[better] = row
            open_[better] = reach[better]
            column = int(open_.argmin())
            far = float(open_[column])
            if not np.isfinite(far):
                return None, row_price, price
            way[column], done[column] = far, True
            open_[column] = np.inf
            if row_of[column] < 0:
                end = column
            else:
                row = int(row_of[column])
        # What was walked through becomes cheaper by how much nearer it was.
        for row, at in seen:
            row_price[row] += far - at
        price[done] -= far - way[done]
        column = end
        while True:
            row = int(came[column])
            row_of[column] = row
            column_of[row], column = column, int(column_of[row])
            if row == start:
                break
    return column_of, row_price, price


def _proves(cost: Minutes, chosen: Indices, rows: Minutes, columns: Minutes) -> bool:
    """Whether the prices prove the choice: duality, with room for the last digits."""
    finite = cost[np.isfinite(cost)]
    slack = 1e-9 * max(1.0, float(finite.max()) if len(finite) else 1.0) * 10
    fits = bool((cost - rows[:, None] - columns >= -slack).all())
    tight = cost[np.arange(len(cost)), chosen] - rows - columns[chosen]
    free = np.ones(cost.shape[1], np.bool_)
    free[chosen] = False
    return (
        fits
        and bool((np.abs(tight) <= slack).all())
        and bool((columns <= slack).all() and (np.abs(columns[free]) <= slack).all())
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
