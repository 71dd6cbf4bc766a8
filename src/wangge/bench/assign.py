"""`wangge bench assign`: 1,000 open tasks and 2,559 people with six skills, given out as one, beside
scipy and CP-SAT (on the 40 nearest of each task) in the same run."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wangge.bench.options import options, table
from wangge.bench.rows import Row, show
from wangge.solvers.offers.surge import assign

TASKS, WORKERS, SKILLS, SEED = 1_000, 2_559, 6, 141
NEAREST = 40


@dataclass(frozen=True, slots=True)
class Given(Row):
    """`minutes` in all; `reasons`: tasks with a sentence."""

    minutes: float | None = None
    proved: bool | None = None
    reasons: int | None = None


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--tasks N`, `--workers N`, `--seed N`, `--rounds N` (5, the middle one counts),
    `--seconds N` for CP-SAT (30; 0 leaves it out), `--data FILE` (a CSV of `task`, `worker`, `minutes`;
    a pair that is not there cannot be)."""
    asked = options(
        "assign",
        rest,
        tasks=TASKS,
        workers=WORKERS,
        seed=SEED,
        rounds=5,
        seconds=30.0,
        data=Path,
    )
    given = asked.data
    cost = _pairs(given) if given else _minutes(asked.tasks, asked.workers, asked.seed)
    tasks = len(cost)
    times: list[float] = []
    made = assign(cost)
    for _ in range(asked.rounds):
        began = perf_counter()
        made = assign(cost)
        times.append(perf_counter() - began)
    ours = sorted(times)[len(times) // 2]
    optimize: Any = import_module("scipy.optimize")
    began = perf_counter()
    row, column = optimize.linear_sum_assignment(np.where(np.isfinite(cost), cost, 1e6))
    theirs = perf_counter() - began
    chosen = cost[row, column]
    peer = float(chosen[np.isfinite(chosen)].sum())
    if abs(peer - made.minutes) > 1e-6 * peer:
        raise RuntimeError(f"scipy finds {peer}, we {made.minutes}")
    show(
        Given(
            "assign",
            tasks,
            round(ours, 4),
            round(tasks / ours),
            against="scipy linear_sum_assignment",
            ratio=round(theirs / ours, 3),
            minutes=round(made.minutes, 3),
            proved=made.proved,
            reasons=len(made.why),
        ),
        as_json=as_json,
    )
    show(
        Given(
            "assign scipy",
            tasks,
            round(theirs, 4),
            round(tasks / theirs),
            minutes=round(peer, 3),
        ),
        as_json=as_json,
    )
    if asked.seconds:
        show(_cp_sat(cost, asked.seconds), as_json=as_json)
    return 0


def _pairs(file: Path) -> NDArray[np.float64]:
    """Of a file: a row a task and a column a worker, in the order in which they first appear."""
    pairs = list(table(file, task=str, worker=str, minutes=_from_0))
    tasks = {one: n for n, one in enumerate(dict.fromkeys(task for task, _, _ in pairs))}
    workers = {one: n for n, one in enumerate(dict.fromkeys(worker for _, worker, _ in pairs))}
    cost = np.full((len(tasks), len(workers)), np.inf)
    for task, worker, minutes in pairs:
        cost[tasks[task], workers[worker]] = minutes
    return cost


def _from_0(text: str) -> float:
    minutes = float(text)
    if not 0 <= minutes < np.inf:
        raise ValueError(f"{text}: minutes are numbers from 0 on")
    return minutes


def _minutes(tasks: int, workers: int, seed: int) -> NDArray[np.float64]:
    """A town of 8 km: everybody has one or two of six skills, each task wants one; 80 m a minute, and
    what somebody has to finish first."""
    random = np.random.default_rng(seed)
    place, at = random.uniform(0, 8_000, (tasks, 2)), random.uniform(0, 8_000, (workers, 2))
    way = np.hypot(place[:, None, 0] - at[:, 0], place[:, None, 1] - at[:, 1]) / 80
    way += random.exponential(5.0, workers)
    wants = random.integers(0, SKILLS, tasks)
    has = random.random((workers, SKILLS)) < 0.15
    has[np.arange(workers), random.integers(0, SKILLS, workers)] = True
    return np.where(has[:, wants].T, way, np.inf)


def _cp_sat(cost: NDArray[np.float64], seconds: float) -> Given:
    cp_model: Any = import_module("ortools.sat.python.cp_model")
    began = perf_counter()
    model = cp_model.CpModel()
    near = np.argsort(cost, axis=1)[:, :NEAREST]
    by_worker: dict[int, list[Any]] = {}
    terms: list[Any] = []
    terms_of: dict[tuple[int, int], Any] = {}
    for row, columns in enumerate(near.tolist()):
        mine: list[Any] = []
        for column in columns:
            if np.isfinite(cost[row, column]):
                var = model.new_bool_var("")
                mine.append(var)
                terms_of[row, column] = var
                by_worker.setdefault(column, []).append(var)
                terms.append(round(1000 * float(cost[row, column])) * var)
        model.add_exactly_one(mine)
    for some in by_worker.values():
        model.add_at_most_one(some)
    model.minimize(sum(terms))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    _hint(model, cost, near, terms_of)
    status = solver.solve(model)
    took = perf_counter() - began
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return Given(
        "assign cp-sat 40 nearest",
        len(cost),
        round(took, 3),
        round(len(cost) / took, 1),
        minutes=round(solver.objective_value / 1000, 3) if found else None,
        proved=status == cp_model.OPTIMAL,
    )


def _hint(
    model: Any,
    cost: NDArray[np.float64],
    near: NDArray[np.int64],
    terms_of: dict[tuple[int, int], Any],
) -> None:
    """Whoever is nearest and free, task by task: without it no plan is found in half a minute."""
    taken: set[int] = set()
    for row, columns in enumerate(near.tolist()):
        for column in columns:
            if column not in taken and np.isfinite(cost[row, column]):
                taken.add(column)
                model.add_hint(terms_of[row, column], 1)
                break
