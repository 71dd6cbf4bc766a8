"""How a roster is searched for by CP-SAT (OR-Tools): how long, in how many ways, and who may stop it."""

import threading
from dataclasses import dataclass

from ortools.sat.python import cp_model

from wangge.solvers.running import Budget, Progress

#: CP-SAT's own measure of work for a try of the budget, when it must be repeatable.
WORK_A_TRY = 0.01
#: Seconds it may take until all workers have stopped.
STOPPING = 0.7


@dataclass(frozen=True, slots=True)
class Effort:
    """How it is searched. More workers than cores are of use: they are different ways to search."""

    workers: int = 8
    seed: int = 0
    repeatable: bool = False


def search(
    model: cp_model.CpModel,
    solver: cp_model.CpSolver,
    budget: Budget,
    effort: Effort,
    *,
    share: float = 1.0,
    part: str = "",
) -> cp_model.CpSolverStatus:
    """What CP-SAT makes of a model in a share of what is left of the budget. A repeatable search counts
    work; the clock is a cap for slow machines."""
    asked = solver.parameters
    asked.random_seed = effort.seed
    # Rows of people and places are nearly what a linear programme sees: with all of them in it a repair is
    # proved in tenths of a second which is not proved in a minute without.
    asked.linearization_level = 2
    if effort.repeatable:
        asked.num_workers = 1
        asked.max_deterministic_time = budget.tries * WORK_A_TRY * share
    else:
        asked.num_workers = effort.workers
    seconds = budget.seconds
    if seconds is not None:
        left = seconds * (1 - budget.gone())
        asked.max_time_in_seconds = max(0.05, left * share - min(STOPPING, 0.1 * left))
    # The one who calls listens meanwhile: in the library's own call no Ctrl-C would be heard, or by it alone.
    asked.catch_sigint_signal = False
    seen, answers = _Seen(budget, part), list[cp_model.CpSolverStatus]()
    working = threading.Thread(
        target=lambda: answers.append(solver.solve(model, seen)), daemon=True
    )
    budget.spend(part)
    working.start()
    try:
        while working.is_alive():
            working.join(0.1)
            if budget.cancelled():
                budget.stopped = "cancelled"
                solver.stop_search()
    finally:
        solver.stop_search()
        working.join()
    if not answers:
        raise ArithmeticError("the library could not search")
    return answers[0]


class _Seen(cp_model.CpSolverSolutionCallback):
    """Says that a better roster was found."""

    def __init__(self, budget: Budget, part: str) -> None:
        super().__init__()
        self._budget = budget
        self._part = part
        self._count = 0

    def on_solution_callback(self) -> None:
        self._count += 1
        self._budget.progress(Progress(self._count, max(self._count, 100), self._part))
        if self._budget.cancelled():
            self._budget.stopped = "cancelled"
            self.stop_search()
