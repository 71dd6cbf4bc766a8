"""What is left too heavy after a search: all connected sets of the community, where they are few, then the
grids around dealt out together, then the heavy one in two for a grid that gives all it has to those around.
"None" of all sets is a proof, and so is a corner."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from math import floor, hypot
from random import Random

from wangge.solvers.microgrids.bettering import give_out
from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.columns import Fair, fair_division
from wangge.solvers.microgrids.ground import bits, components, connected_sets, reach
from wangge.solvers.microgrids.trees import cut_into
from wangge.solvers.running import Budget
from wangge.solvers.territories.dealing import Shares, deal
from wangge.solvers.territories.ground import Ground as Streets
from wangge.solvers.territories.ground import ground_of
from wangge.solvers.territories.network import Network

#: Grids that are dealt out together around one that is too heavy.
TOGETHER = (4, 8, 12, 16)
GENTLY = (4, 6, 8)
#: So often in a row in vain; so often a grid is cut in two.
DEALS, CUTS = 32, 24
#: The same when today's grids are mended: while one is too heavy, and for fewer households.
MENDS, GENTLE = 12, 3
#: What a mean of work too much costs, in means of households that get another head.
BEYOND = 20
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
    too_heavy, stuck = heavy(board), corners(board)
    if not too_heavy or not budget.spend(ground.community.name, TRIES):
        return None
    if not set(too_heavy) - set(stuck):
        _cut_until(board, _streets(board), budget, rng)
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
    _dealt_until(board, stuck, streets, budget, rng)
    _cut_until(board, streets, budget, rng)
    return found


def _dealt_until(
    board: Board, stuck: Iterable[int], streets: Streets, budget: Budget, rng: Random
) -> None:
    """Deal grids out around those that are too heavy, none of `stuck`, until none is."""
    tried = 0
    while (too_heavy := set(heavy(board)) - set(stuck)) and tried < DEALS:
        if not budget.spend(board.ground.community.name, TRIES):
            return
        region = _around(
            board, rng.choice(sorted(too_heavy)), TOGETHER[tried % len(TOGETHER)], rng
        )
        if _dealt(board, region, streets, rng, anew=tried % 3 != 1, even=tried < DEALS // 2):
            tried = 0
        else:
            tried += 1


def _cut_until(board: Board, streets: Streets, budget: Budget, rng: Random) -> None:
    """Cut grids that are too heavy in two. One part may be too light: that is less of an evil, and where
    stairwells hang on one alone, there is no other."""
    for tried in range(CUTS):
        too_heavy = heavy(board)
        if not too_heavy or not budget.spend(board.ground.community.name, TRIES):
            return
        region = _around(board, rng.choice(too_heavy), TOGETHER[tried % len(TOGETHER)], rng)
        label = _in_two(board, region, rng)
        if label is not None:
            _dealt(board, region, streets, rng, even=False, label=label)


def _in_two(board: Board, region: Sequence[int], rng: Random) -> list[int] | None:
    """The first grid of a region in two, one half for another of its grids, whose stairwells go to those
    around them; None where it cannot be cut, or nobody can give a grid."""
    ground = board.ground
    limit = ground.heavy * ground.mean + 1e-9
    whole = board.member[region[0]]
    halves: list[tuple[float, int]] = []
    for half, load in islice(connected_sets(whole, ground, limit.__lt__), SETS):
        rest = whole & ~half
        left = sum(ground.load[unit] for unit in bits(rest))
        if rest and left <= limit and reach(rest & -rest, rest, ground.adjacent) == rest:
            halves.append((min(load, left), half))
    givers = [grid for grid in region[1:] if ground.home[grid] < 0]
    if not halves or not givers:
        return None
    half = rng.choice(sorted(halves, reverse=True)[:4])[1]
    home = ground.home[region[0]]
    goes = half if home < 0 or not half >> home & 1 else whole & ~half
    label = list(board.label)
    giver = rng.choice(givers)
    waiting = set(bits(board.member[giver]))
    for unit in bits(goes):
        label[unit] = giver
    loads = {grid: sum(ground.load[u] for u in bits(board.member[grid])) for grid in region}
    while waiting:
        edge = [
            (loads[grid], unit, grid)
            for unit in waiting
            for grid in {label[other] for other in ground.next_to[unit] if other not in waiting}
            if grid in loads and grid != giver
        ]
        if not edge:
            return None
        _, unit, grid = min(edge)
        label[unit] = grid
        loads[grid] += ground.load[unit]
        waiting.discard(unit)
    return label


def deal_gently(board: Board, budget: Budget, rng: Random, closed: set[int]) -> None:
    """Deal grids out around those that are too heavy, then around those that got stairwells, so that as
    little as can be is beyond what is allowed and as few households as can be get another head; what
    costs no less is put back."""
    ground = board.ground
    streets: Streets | None = None
    tried = 0
    while tried < MENDS:
        too_heavy = set(heavy(board)) - closed
        got = {
            grid
            for grid, today in zip(board.label, ground.today, strict=True)
            if grid not in (today, -1) and today >= 0
        }
        if not (too_heavy or got) or (not too_heavy and tried >= GENTLE):
            return
        if not budget.spend(ground.community.name, TRIES):
            return
        streets = streets or _streets(board)
        region = _around(
            board, rng.choice(sorted(too_heavy or got)), GENTLY[tried % len(GENTLY)], rng
        )
        before, kept = board.total(region), [(grid, board.member[grid]) for grid in region]
        inside = sum(mask for _, mask in kept)
        stay = {
            unit: (ground.today[unit], ground.households[unit])
            for unit in bits(inside)
            if ground.today[unit] >= 0
        }
        _dealt(board, region, streets, rng, even=True, stay=stay)
        if board.total(region) < before - 1e-9:
            tried = 0
            continue
        for grid, mask in kept:
            board.set(grid, mask)
        tried += 1


def corners(board: Board) -> dict[int, tuple[int, float]]:
    """Of grids that are too heavy or too light those with a stairwell whose every grid would be, with it and
    the most work of a grid with it that is not too heavy."""
    ground = board.ground
    limit, light = ground.heavy * ground.mean + 1e-9, ground.light * ground.mean - 1e-9
    whole = (1 << len(ground)) - 1
    found: dict[int, tuple[int, float]] = {}
    for grid, mask in enumerate(board.member):
        if light <= sum(ground.load[unit] for unit in bits(mask)) <= limit:
            continue
        for unit in bits(mask):
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


def stars(board: Board) -> list[tuple[int, int]]:
    """Stairwells with all that hangs on them alone and is too light for a grid of its own (a set), where both
    together are too heavy: some grid there is one or the other."""
    ground = board.ground
    limit, light = ground.heavy * ground.mean + 1e-9, ground.light * ground.mean - 1e-9
    found: list[tuple[int, int]] = []
    for part in ground.parts():
        whole = sum(1 << unit for unit in part)
        for unit in part:
            # Who has one way only has nothing that hangs on it.
            if len(ground.next_to[unit]) < 2:
                continue
            hanging, work = 0, ground.load[unit]
            for piece in components(whole & ~(1 << unit), ground.adjacent):
                load = sum(ground.load[other] for other in bits(piece))
                if load < light:
                    hanging |= piece
                    work += load
            if hanging and work > limit:
                found.append((unit, hanging))
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
    board: Board,
    region: list[int],
    streets: Streets,
    rng: Random,
    *,
    anew: bool = False,
    even: bool,
    label: list[int] | None = None,
    stay: Mapping[int, tuple[int, int]] | None = None,
) -> bool:
    """Whether the stairwells of a region could be dealt out so that none of its grids is too heavy or, where
    none is today, too light; around the middles of the grids as they are, or as `label` has them, or of
    others cut `anew`, so that a grid comes to where one too few is. With `stay` grids may be beyond that, as
    little as can be, and stairwells stay where they are."""
    ground = board.ground
    label = list(board.label) if label is None else label
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
        effort=EFFORT if stay is None else EFFORT / 2,
        seconds=None,
        balance=stay is not None,
        otherwise=False,
        reach=1.0,
        # A head who lives outside is the middle of nothing here.
        middles={
            grid: ground.home[grid]
            for grid in region
            if ground.home[grid] >= 0 and label[ground.home[grid]] in region
        },
        stay=stay,
        beyond_costs=round(BEYOND * ground.mean_households),
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
