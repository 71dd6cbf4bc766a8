"""Makes a division better: neighbouring pairs of grids divided anew until none gains, then some
grids around the worst taken apart together and put together again."""

from collections.abc import Sequence
from itertools import permutations
from random import Random

from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.ground import bits
from wangge.solvers.microgrids.trees import cut_into
from wangge.solvers.running import Budget

#: The fewest and the most grids that are taken apart together.
TOGETHER = (3, 6)


def settle(board: Board, budget: Budget, rng: Random, open_: set[int]) -> set[int]:
    """Divide pairs with an open grid anew until no pair gains; answers the grids that changed."""
    part = board.ground.community.name
    changed: set[int] = set()
    waiting = set(open_)
    while waiting:
        grid = max(waiting, key=lambda g: (board.cost(g, board.member[g]), -g))
        waiting.discard(grid)
        if not board.member[grid]:
            continue
        for other in board.around(grid):
            if not budget.spend(part):
                return changed
            if board.divide_two(grid, other, rng):
                changed |= {grid, other}
                waiting |= {grid, other}
    return changed


def wrong(board: Board) -> list[int]:
    """Grids that are too heavy, too light or empty, or whose head lives outside."""
    ground = board.ground
    found: list[int] = []
    for grid, mask in enumerate(board.member):
        load = sum(ground.load[unit] for unit in bits(mask))
        ratio = load / ground.mean if ground.mean else 1.0
        home = ground.home[grid]
        if (
            ratio > ground.heavy + 1e-9
            or ratio < ground.light - 1e-9
            or (home >= 0 and not mask >> home & 1)
        ):
            found.append(grid)
    return found


def shake(
    board: Board,
    budget: Budget,
    rng: Random,
    rounds: int,
    apart: Sequence[int] = (),
    *,
    quiet: bool = False,
) -> None:
    """Take grids and their neighbours apart and put them together again, so many times for each
    grid that is not as it should be (none of `apart`), then, unless `quiet`, the dearest by
    turns; what is not better is put back."""
    if len(board.member) < 2:
        return
    part = board.ground.community.name
    bad = [grid for grid in wrong(board) if grid not in apart]
    for _ in range(rounds):
        if (quiet and not bad) or not budget.spend(part):
            return
        costs = [board.cost(grid, mask) for grid, mask in enumerate(board.member)]
        if bad:
            grid = rng.choice(bad)
        else:
            # One of the dearest, never always the same.
            dearest = sorted(range(len(costs)), key=lambda g: (-costs[g], g))
            grid = dearest[min(len(dearest) - 1, int(rng.expovariate(0.3)))]
        if not board.member[grid]:
            continue
        region = _region(board, grid, rng)
        if len(region) < 2:
            continue
        before = sum(costs[one] for one in region)
        kept = [(one, board.member[one]) for one in region]
        if not _anew(board, region, rng):
            continue
        settle_inside(board, budget, rng, region)
        if board.total(region) >= before - 1e-9:
            for one, mask in kept:
                board.set(one, mask)
        elif bad:
            bad = [grid for grid in wrong(board) if grid not in apart]


def _region(board: Board, grid: int, rng: Random) -> list[int]:
    """A grid and some around it that hang together."""
    region = [grid]
    size = rng.randint(*TOGETHER)
    while len(region) < size:
        near = sorted({n for one in region for n in board.around(one)} - set(region))
        if not near:
            break
        region.append(rng.choice(near))
    return region


def _anew(board: Board, region: list[int], rng: Random) -> bool:
    """Cut the units of some grids anew and give each part to the grid that suits it best."""
    union = 0
    homes: list[int] = []
    for grid in region:
        union |= board.member[grid]
        if board.ground.home[grid] >= 0:
            homes.append(1 << board.ground.home[grid])
    parts = cut_into(board.ground, union, len(region), homes, rng, tries=2)
    if len(parts) != len(region):
        return False
    costs = [[board.cost(grid, part) for part in parts] for grid in region]
    best = min(
        permutations(range(len(parts))),
        key=lambda order: sum(costs[n][part] for n, part in enumerate(order)),
    )
    for n, part in enumerate(best):
        board.set(region[n], parts[part])
    return True


def settle_inside(board: Board, budget: Budget, rng: Random, region: list[int]) -> None:
    """Divide the pairs of a region anew until none gains."""
    part = board.ground.community.name
    again = True
    while again:
        again = False
        for n, one in enumerate(region):
            for other in region[n + 1 :]:
                if other in board.around(one):
                    if not budget.spend(part):
                        return
                    again |= board.divide_two(one, other, rng)


def give_out(board: Board, parts: Sequence[int], grids: Sequence[int] | None = None) -> None:
    """Give the parts of a fresh division to grids (all, when none are named): where a head lives, then
    where most of the households are today's, then what is left in order."""
    free = set(range(len(board.member)) if grids is None else grids)
    left = list(range(len(parts)))
    ground = board.ground
    for grid in sorted(free):
        home = ground.home[grid]
        part = next((p for p in left if home >= 0 and parts[p] >> home & 1), None)
        if part is not None:
            board.set(grid, parts[part])
            left.remove(part)
            free.discard(grid)
    shared = sorted(
        (-sum(ground.households[u] for u in bits(parts[p] & board.kept[g])), g, p)
        for p in left
        for g in free
    )
    # Where nobody's home binds it, a vacant grid is as good as the next.
    for _, grid, part in shared:
        if grid in free and part in left:
            board.set(grid, parts[part])
            left.remove(part)
            free.discard(grid)
