"""What is left too heavy after a search: all connected sets of the community, where they are few, then the
grids around dealt out together. "None" of all sets is a proof, and so is a corner."""

from itertools import islice
from math import floor, hypot
from random import Random

from wangge.solvers.microgrids.bettering import give_out
from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.columns import Fair, fair_division
from wangge.solvers.microgrids.ground import bits, connected_sets
from wangge.solvers.microgrids.trees import cut_into
from wangge.solvers.running import Budget
from wangge.solvers.territories.dealing import Shares, deal
from wangge.solvers.territories.ground import Ground as Streets
from wangge.solvers.territories.ground import ground_of
from wangge.solvers.territories.network import Network

#: Grids that are dealt out together around one that is too heavy.
TOGETHER = (4, 8, 12, 16)
#: So often in a row in vain.
DEALS = 32
#: Sets that are looked at in the whole community for a proof.
SETS = 5_000
#: What one question counts as, in tries; the library's own measure of work for it.
TRIES, EFFORT = 5, 0.2
#: Work in whole numbers; no grid is as wide as this, in metres.
FINE, FAR = 1_000, 1e7


def heavy(board: Board) -> list[int]:
    """Grids beyond what is allowed."""
    ground = board.ground
    limit = ground.heavy * ground.mean + 1e-9
    return [
        grid
        for grid, mask in enumerate(board.member)
        if sum(ground.load[unit] for unit in bits(mask)) > limit
    ]


def lighten(board: Board, budget: Budget, rng: Random) -> Fair | None:
    """Divide anew until no grid is too heavy. Answers what the whole community was found to allow, None where
    that was not asked."""
    ground = board.ground
    stuck = corners(board)
    if len(stuck) == len(heavy(board)) or not budget.spend(ground.community.name, TRIES):
        return None
    every = list(range(len(board.member)))
    found = fair_division(board, (1 << len(ground)) - 1, every, SETS)
    if found.parts:
        give_out(board, found.parts, every)
    if found.found == "none" and ground.homes_in:
        # Heads who live beside one another are no fault of the stairwells.
        found = fair_division(board, (1 << len(ground)) - 1, every, SETS, housed=False)
        return Fair("homes") if found.parts else found
    if found.found != "open":
        return found
    streets = _streets(board)
    tried = 0
    while (too_heavy := set(heavy(board)) - set(stuck)) and tried < DEALS:
        if not budget.spend(ground.community.name, TRIES):
            break
        region = _around(
            board, rng.choice(sorted(too_heavy)), TOGETHER[tried % len(TOGETHER)], rng
        )
        if _dealt(board, region, streets, rng, anew=tried % 3 != 1, even=tried < DEALS // 2):
            tried = 0
        else:
            tried += 1
    return found


def corners(board: Board) -> dict[int, tuple[int, float]]:
    """Of grids that are too heavy those with a stairwell whose every grid would be too heavy or too light,
    with it and the most work of a grid with it that is not too heavy."""
    ground = board.ground
    limit, light = ground.heavy * ground.mean + 1e-9, ground.light * ground.mean - 1e-9
    whole = (1 << len(ground)) - 1
    found: dict[int, tuple[int, float]] = {}
    for grid in heavy(board):
        for unit in bits(board.member[grid]):
            sets = connected_sets(whole, ground, limit.__lt__, unit)
            most = 0.0
            for _, load in islice(sets, SETS):
                most = max(most, load)
                if most >= light:
                    break
            else:
                if next(sets, None) is None:
                    found[grid] = (unit, most)
    return found


def _streets(board: Board) -> Streets:
    """The community as a network of one kind of work."""
    ground = board.ground
    return ground_of(
        Network(
            (tuple(ground.load),),
            tuple(
                (
                    unit,
                    other,
                    hypot(board.x[unit] - board.x[other], board.y[unit] - board.y[other]) + 1,
                )
                for unit, around in enumerate(ground.next_to)
                for other in around
                if other > unit
            ),
        )
    )


def _dealt(
    board: Board, region: list[int], streets: Streets, rng: Random, *, anew: bool, even: bool
) -> bool:
    """Whether the stairwells of a region could be dealt out so that none of its grids is too heavy or, where
    none is today, too light; around the middles of the grids as they are, or of others cut `anew`, so that a
    grid comes to where one too few is."""
    ground = board.ground
    label = list(board.label)
    if anew:
        mask = sum(board.member[grid] for grid in region)
        homes = [1 << ground.home[grid] for grid in region if ground.home[grid] >= 0]
        parts = cut_into(ground, mask, len(region), homes, rng, tries=1)
        if homes or len(parts) != len(region):
            return False
        for grid, part in zip(region, parts, strict=True):
            for unit in bits(part):
                label[unit] = grid
    loads = [sum(ground.load[unit] for unit in bits(board.member[grid])) for grid in region]
    light = min(ground.light * ground.mean, *loads) if even else 0.0
    share = Shares(
        [round(one * FINE) for one in ground.load],
        max(0, floor(light * FINE) - len(ground)),
        floor(ground.heavy * ground.mean * FINE) - len(ground),
        ground.mean * FINE,
    )
    after = deal(
        streets,
        [share],
        label,
        region,
        FAR,
        rng,
        effort=EFFORT,
        seconds=None,
        balance=False,
        otherwise=False,
        reach=1.0,
        middles={grid: ground.home[grid] for grid in region if ground.home[grid] >= 0},
    )
    if after is None:
        return False
    for grid in region:
        board.set(grid, sum(1 << unit for unit, one in enumerate(after) if one == grid))
    return True


def _around(board: Board, grid: int, size: int, rng: Random) -> list[int]:
    """A grid and some around it."""
    region = [grid]
    while len(region) < size:
        near = sorted({other for one in region for other in board.around(one)} - set(region))
        if not near:
            break
        region.append(rng.choice(near))
    return region
