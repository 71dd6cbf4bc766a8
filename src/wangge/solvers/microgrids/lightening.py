"""What is left too heavy after a search: out of all connected sets, with the grids around, then with
the whole community. There "none" is a proof."""

from wangge.solvers.microgrids.bettering import give_out
from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.columns import Fair, fair_division
from wangge.solvers.microgrids.ground import bits
from wangge.solvers.running import Budget

#: Grids that are taken apart together around one that is too heavy: few, then more.
TOGETHER = (3, 5, 8, 12)
#: Sets that are looked at with the grids around, and in the whole community.
SETS, SETS_ALL = 20_000, 60_000
#: What one question counts as, in tries.
TRIES = 25


def heavy(board: Board) -> list[int]:
    """Grids beyond what is allowed."""
    ground = board.ground
    limit = ground.heavy * ground.mean + 1e-9
    return [
        grid
        for grid, mask in enumerate(board.member)
        if sum(ground.load[unit] for unit in bits(mask)) > limit
    ]


def lighten(board: Board, budget: Budget) -> Fair | None:
    """Divide anew until no grid is too heavy. Answers what the whole community was found to allow, None where
    that was not asked."""
    tried: set[frozenset[int]] = set()
    while too_heavy := heavy(board):
        if not any(_around(board, grid, budget, tried) for grid in too_heavy):
            break
    if not heavy(board) or not budget.spend(board.ground.community.name, TRIES):
        return None
    every = list(range(len(board.member)))
    found = fair_division(board, (1 << len(board.ground)) - 1, every, SETS_ALL)
    if found.parts:
        give_out(board, found.parts, every)
    return found


def _around(board: Board, grid: int, budget: Budget, tried: set[frozenset[int]]) -> bool:
    """Whether a grid and some around it could be divided so that none of them is too heavy."""
    region = [grid]
    for size in TOGETHER:
        _widen(board, region, size)
        if frozenset(region) in tried:
            continue
        tried.add(frozenset(region))
        if not budget.spend(board.ground.community.name, TRIES):
            return False
        mask = 0
        for one in region:
            mask |= board.member[one]
        found = fair_division(board, mask, region, SETS)
        if found.parts:
            give_out(board, found.parts, region)
            return True
        if not found.sets or found.sets >= SETS:
            return False
    return False


def _widen(board: Board, region: list[int], size: int) -> None:
    """Take in grids beside the region, the lightest first: they have room."""
    ground = board.ground
    while len(region) < size:
        near = {other for one in region for other in board.around(one)} - set(region)
        if not near:
            return
        region.append(
            min(
                near,
                key=lambda one: (sum(ground.load[u] for u in bits(board.member[one])), one),
            )
        )
