"""Divisions in which no grid is too heavy, out of all connected sets of stairwells that are light enough.

Where stairwells are coarse, few of them share a grid and the sets can be counted up; CP-SAT then finds the
cheapest choice of so many of them that each stairwell is in one, or proves that there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.ground import bits, connected_sets

#: Costs in whole numbers.
FINE = 10_000
#: The library's own measure of work for one question, the same on every machine.
EFFORT = 1.0


@dataclass(frozen=True, slots=True)
class Fair:
    """`parts` are the sets (masks), as many as grids were asked for; `none`: it is proved that there are no
    such sets; `homes`: none with the heads' homes each in its own, but some without; `open`: too many sets
    to look at, or too little time. `sets` were looked at."""

    found: Literal["parts", "none", "open", "homes"]
    parts: tuple[int, ...] = ()
    sets: int = 0


def fair_division(
    board: Board, mask: int, grids: Sequence[int], most: int, *, housed: bool = True
) -> Fair:
    """Divide a set of stairwells among so many grids, none beyond what is heavy, looking at `most` sets at
    most. While they are `housed`, homes of the grids' heads come into grids of their own."""
    ground = board.ground
    homes = [1 << ground.home[grid] for grid in grids if housed and ground.home[grid] >= 0]
    if len(set(homes)) < len(homes) or any(not home & mask for home in homes):
        return Fair("open")
    every = 0
    for home in homes:
        every |= home
    sets = _light_sets(board, mask, every, most)
    if sets is None:
        return Fair("open", sets=most)
    chosen, proved = _choose(board, mask, sets, len(grids))
    if chosen is not None:
        return Fair("parts", tuple(chosen), len(sets))
    return Fair("none" if proved else "open", sets=len(sets))


def _light_sets(board: Board, mask: int, homes: int, most: int) -> list[int] | None:
    """All connected sets inside of `mask` that are not too heavy and hold one home at most; None where
    there are more than asked for."""
    ground = board.ground
    limit = ground.heavy * ground.mean + 1e-9
    found: list[int] = []
    for start in bits(mask):
        # Each set once: from its lowest stairwell.
        rest = mask & ~((1 << start) - 1)
        for one, _ in connected_sets(rest, ground, limit.__lt__):
            if (one & homes).bit_count() <= 1:
                found.append(one)
                if len(found) > most:
                    return None
    return found


def _choose(
    board: Board, mask: int, sets: Sequence[int], grids: int
) -> tuple[list[int] | None, bool]:
    """So many of the sets that every stairwell is in one, as cheap as can be; whether none is proved."""
    # Loaded by whoever solves, never by importing this.
    cp_model: Any = import_module("ortools.sat.python.cp_model")
    model: Any = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in sets]
    holding: dict[int, list[Any]] = {unit: [] for unit in bits(mask)}
    for var, one in zip(chosen, sets, strict=True):
        for unit in bits(one):
            holding[unit].append(var)
    for some in holding.values():
        if not some:
            return None, True
        model.add_exactly_one(some)
    model.add(cp_model.LinearExpr.sum(chosen) == grids)
    costs = [round(FINE * board.cost(board.likely(one), one)) for one in sets]
    model.minimize(cp_model.LinearExpr.weighted_sum(chosen, costs))
    solver: Any = cp_model.CpSolver()
    asked = solver.parameters
    asked.num_workers = 1
    asked.random_seed = 1
    asked.max_deterministic_time = EFFORT
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return [one for var, one in zip(chosen, sets, strict=True) if solver.value(var)], False
    return None, status == cp_model.INFEASIBLE
