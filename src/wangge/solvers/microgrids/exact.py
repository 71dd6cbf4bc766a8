"""The best division of a small estate, proved: every division is tried, except those that cannot
be better than the best found so far."""

from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.ground import bits, connected_sets
from wangge.solvers.running import Budget

#: Estates of at most so many units, in at most so many grids.
UNITS = 16
GRIDS = 6


class _Ended(Exception):
    """The budget is used up."""


def best_division(
    board: Board, part: int, grids: list[int], budget: Budget
) -> list[tuple[int, int]] | None:
    """The cheapest way to give the units of `part` to exactly these grids, each a connected set of
    at least one unit: pairs (grid, set). None when the budget ended before it was proved."""
    ground = board.ground
    dearest = [board.cost(grid, board.member[grid]) for grid in grids]
    limit = sum(dearest) + 1e-9
    alike = _alike(board, grids)
    weigh, mean = board.weigh, ground.mean

    def too_dear(here: float) -> bool:
        # Above the mean more work only costs more.
        return here > mean and weigh(here) > limit

    known: dict[tuple[int, int], tuple[float, tuple[tuple[int, int], ...]]] = {}

    def solve(rest: int, free: int) -> tuple[float, tuple[tuple[int, int], ...]]:
        if (rest, free) in known:
            return known[rest, free]
        left = free.bit_count()
        best: tuple[float, tuple[tuple[int, int], ...]] = (float("inf"), ())
        if left == 0:
            return (0.0, ()) if rest == 0 else best
        if rest.bit_count() < left:
            return best
        for mask, _ in connected_sets(rest, ground, too_dear):
            if not budget.spend(ground.community.name):
                raise _Ended
            others = rest & ~mask
            if others.bit_count() < left - 1 or (left == 1 and others):
                continue
            tried: set[int] = set()
            for n in bits(free):
                if alike[n] in tried:
                    continue
                tried.add(alike[n])
                cost = board.cost(grids[n], mask)
                if cost >= best[0] or cost > limit:
                    continue
                more, chosen = solve(others, free & ~(1 << n))
                if cost + more < best[0]:
                    best = (cost + more, ((grids[n], mask), *chosen))
        known[rest, free] = best
        return best

    try:
        cost, chosen = solve(part, (1 << len(grids)) - 1)
    except _Ended:
        return None
    return list(chosen) if cost < float("inf") else None


def _alike(board: Board, grids: list[int]) -> list[int]:
    """Grids without a head's home and without units of today are one as good as another."""
    first: int | None = None
    kinds: list[int] = []
    for n, grid in enumerate(grids):
        if board.ground.home[grid] < 0 and not board.kept[grid]:
            first = n if first is None else first
            kinds.append(first)
        else:
            kinds.append(n)
    return kinds
