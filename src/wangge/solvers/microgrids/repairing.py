"""Mends today's division with as few changes as can be: what is new gets a grid, what is torn is
joined, what is too heavy gives away, and everything else stays where it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from wangge.solvers.microgrids.apart import apart
from wangge.solvers.microgrids.bettering import settle, shake, wrong
from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.fewest import Found, change_fewest
from wangge.solvers.microgrids.ground import Ground, Weights, bits, components, grounds, reach
from wangge.solvers.microgrids.lightening import MENDS, TRIES, deal_gently, heavy
from wangge.solvers.microgrids.moves import Move, move, moves
from wangge.solvers.microgrids.proving import proof_by_gate
from wangge.solvers.microgrids.town import Pair, Town, footpaths
from wangge.solvers.microgrids.trees import cut_into
from wangge.solvers.running import Budget, Stopped
from wangge.solvers.words import Sentence, said

#: Tries a repair may use for each grid that is not as it should be.
TRIES_A_GRID = 120
#: Kept of them for dealing out what pairs and chains leave.
KEPT = 2 * MENDS * TRIES
#: What is new may make a neighbour too heavy, so nobody gets nothing.
FEWEST_TRIES = 400
#: Of the units that have no grid, so many at the edge are weighed against one another.
AT_ONCE = 24
#: So many of the most uneven grids are looked at when single steps are offered.
LOOKED_AT = 12

#: Fairness within what is allowed counts almost nothing here, and every household that gets
#: another head counts much.
WEIGHTS = Weights(
    even=0.02,
    over=60.0,
    under=20.0,
    step=3.0,
    building=0.2,
    stability=3.0,
    home=300.0,
    wide=0.002,
)


@dataclass(frozen=True, slots=True)
class Repair:
    """A mended division as pairs (unit, grid), its steps, and what could not be mended. `proved` counts the
    communities where it is proved that no fewer households could change their head."""

    division: tuple[Pair, ...]
    moves: tuple[Move, ...]
    sentences: tuple[Sentence, ...]
    tries: int
    stopped: Stopped
    proved: int = 0


def repair(
    town: Town,
    *,
    seed: int = 0,
    budget: Budget | None = None,
    paths: Sequence[Pair] | None = None,
    close: Iterable[str] = (),
    only: Iterable[str] | None = None,
) -> Repair:
    """Mend `town.today`, of all communities or `only` of those named (the others stay as they are,
    with their faults). `close` names grids that end (their head left and nobody follows): their
    units go to the neighbours."""
    walks = footpaths(town) if paths is None else paths
    places = grounds(town, walks)
    names = {one.id: one.name for one in town.buildings}
    closed = set(close)
    asked = None if only is None else set(only)
    busy = [place for place in places if asked is None or place.community.id in asked]
    wanted = {place.community.id: _tries(place) for place in busy}
    budget = Budget(sum(wanted.values())) if budget is None else budget
    whole = max(1, sum(wanted.values()))
    division: list[Pair] = []
    steps: list[Move] = []
    sentences: list[Sentence] = []
    others: list[Sentence] = []
    proved = 0
    for place in places:
        rng = Random(f"{seed}:{place.community.id}")
        shut = {n for n, grid in enumerate(place.grids) if grid.id in closed}
        if place in busy:
            # Each community its part, so that one that cannot be mended takes nothing from others.
            mine = budget.tries * wanted[place.community.id] // whole
            part = budget.share(max(1, mine))
            board, fewest, more = mend(place, rng, part, shut, names)
            budget.took(part)
            proved += fewest
            sentences += more
            if not shut:
                others += apart(place, board.label, names)
        else:
            board = Board(place, WEIGHTS, place.today)
        division += [
            (place.units[unit].id, place.grids[grid].id)
            for unit, grid in enumerate(board.label)
            if grid >= 0
        ]
        steps += moves(place, place.today, board.label, names)
    sentences += [*(one.why for one in steps), *others]
    if not steps and not sentences:
        sentences.append(said("单元不用挪:轻重都在规定以内。"))
    return Repair(
        tuple(division), tuple(steps), tuple(sentences), budget.used, budget.ended, proved
    )


def repair_tries(town: Town, paths: Sequence[Pair] | None = None) -> int:
    """Tries a repair is given when nobody says how many."""
    return sum(map(_tries, grounds(town, footpaths(town) if paths is None else paths)))


def _tries(place: Ground) -> int:
    board = Board(place, WEIGHTS, place.today)
    return max(FEWEST_TRIES, TRIES_A_GRID * len(wrong(board))) + KEPT


def mend(
    place: Ground, rng: Random, budget: Budget, closed: set[int], names: Mapping[str, str]
) -> tuple[Board, bool, list[Sentence]]:
    """Mend one community: the board, whether it is proved that no fewer households could change their head,
    what cannot be mended."""
    sentences: list[Sentence] = []
    if closed and len(closed) >= len(place.grids):
        sentences.append(
            said("“{name}”至少要留一个微网格,没有停用。", name=place.community.name)
        )
        closed = set()
    label = [-1 if grid in closed else grid for grid in place.today]
    if closed:
        place.mean = sum(place.load) / max(1, len(place.grids) - len(closed))
        for grid in closed:
            place.home[grid] = -1
    board = Board(place, WEIGHTS, label)
    changed = _let_go(board)
    _first_units(board, closed)
    changed |= _fill_empty(board, closed, rng)
    amiss = -1 in board.label or changed or set(wrong(board)) - closed
    found: Found = "none"
    if amiss and budget.tries - budget.used >= TRIES:
        budget.spend(place.community.name, TRIES)
        found = "none" if budget.stopped else change_fewest(board, closed)
    if amiss and found == "none":
        _by_and_by(board, budget, rng, closed, changed, sentences)
    if budget.ended:
        left = len(set(wrong(board)) - closed)
        if left:
            sentences.append(
                said(
                    "“{name}”还没有试完就停了,{count} 个微网格仍不合适:多给些次数或时间再试。",
                    name=place.community.name,
                    count=left,
                )
            )
        return board, found == "best", sentences
    for grid in sorted(set(wrong(board)) - closed):
        load = sum(place.load[unit] for unit in bits(board.member[grid]))
        if not board.member[grid] and place.grids[grid].head is None:
            sentences.append(
                said(
                    "“{grid}”没有网格长,就没有往里划单元:先定好网格长再算。",
                    grid=place.grids[grid].name,
                )
            )
        elif (
            board.member[grid]
            and place.home[grid] >= 0
            and not (board.member[grid] >> place.home[grid] & 1)
        ):
            sentences.append(
                said(
                    "“{grid}”的网格长住在格外,挪单元解决不了:请换人,或先调整相邻的格。",
                    grid=place.grids[grid].name,
                )
            )
        elif board.member[grid] and place.mean and load < place.mean:
            sentences.append(
                said(
                    "“{grid}”偏轻,是平均的 {ratio} 倍:要补上,换网格长的户数太多,就没有挪。",
                    grid=place.grids[grid].name,
                    ratio=f"{load / place.mean:.2f}",
                )
            )
        else:
            sentences.append(
                said(
                    "“{grid}”仍是平均的 {ratio} 倍:只挪整个单元改不好。",
                    grid=place.grids[grid].name,
                    ratio=f"{load / place.mean:.2f}" if place.mean else "0",
                )
            )
    if set(heavy(board)) - closed and (proof := proof_by_gate(place, names, closed)):
        sentences.append(proof.why)
    return board, found == "best", sentences


def _by_and_by(
    board: Board,
    budget: Budget,
    rng: Random,
    closed: set[int],
    changed: set[int],
    sentences: list[Sentence],
) -> None:
    """Where it is too much for one question: what has no grid goes to a neighbour, then pairs, chains and
    some grids together are bettered."""
    touched = _attach(board, closed, sentences) | changed
    touched |= _fill_empty(board, closed, rng)
    settle(board, budget, rng, (set(wrong(board)) - closed) | touched)
    still = set(wrong(board)) - closed
    if still and not budget.stopped:
        # Pairs alone do not help: chains over several grids.
        share = budget.share(min(TRIES_A_GRID * len(still), budget.tries - budget.used - KEPT))
        shake(board, share, rng, share.tries, sorted(closed), quiet=True)
        budget.took(share, planned=True)
    if not budget.stopped:
        deal_gently(board, budget, rng, closed)


def _let_go(board: Board) -> set[int]:
    """Of a grid in several pieces, all but one lose it: the piece where the head lives, else the
    one with most households, stays."""
    ground = board.ground
    torn: set[int] = set()
    for grid, mask in enumerate(board.member):
        pieces = components(mask, ground.adjacent)
        if len(pieces) < 2:
            continue
        home = ground.home[grid]
        stays = max(
            pieces,
            key=lambda piece: (
                home >= 0 and bool(piece >> home & 1),
                sum(ground.households[unit] for unit in bits(piece)),
                -piece,
            ),
        )
        for unit in bits(mask & ~stays):
            board.label[unit] = -1
        board.member[grid] = stays
        torn.add(grid)
    return torn


def _first_units(board: Board, closed: set[int]) -> None:
    """An empty grid begins where its head lives, if the grid there stays whole without it."""
    ground = board.ground
    for grid, mask in enumerate(board.member):
        home = ground.home[grid]
        if mask or grid in closed or home < 0:
            continue
        other = board.label[home]
        if other >= 0:
            rest = board.member[other] & ~(1 << home)
            if (
                not rest
                or ground.home[other] == home
                or len(components(rest, ground.adjacent)) > 1
            ):
                continue
            board.member[other] = rest
        board.set(grid, 1 << home)


def _fill_empty(board: Board, closed: set[int], rng: Random) -> set[int]:
    """A grid without units gets a connected half of the heaviest one; a vacant grid only where no
    grid has a head. Answers the grids that changed."""
    ground = board.ground
    headed = any(grid.head is not None for grid in ground.grids)
    changed: set[int] = set()
    for grid, mask in enumerate(board.member):
        if mask or grid in closed or (headed and ground.grids[grid].head is None):
            continue
        loads = [
            sum(ground.load[unit] for unit in bits(other))
            if other & (other - 1) and len(components(other, ground.adjacent)) == 1
            else -1.0
            for other in board.member
        ]
        heaviest = max(range(len(loads)), key=lambda g: (loads[g], -g))
        if loads[heaviest] < 0:
            break
        whole = board.member[heaviest]
        homes = [1 << ground.home[heaviest]] if ground.home[heaviest] >= 0 else []
        parts = cut_into(ground, whole, 2, homes, rng)
        stays = min(parts, key=lambda part: (board.cost(heaviest, part), part))
        board.set(heaviest, stays)
        board.set(grid, whole & ~stays)
        changed |= {grid, heaviest}
    return changed


def _attach(board: Board, closed: set[int], sentences: list[Sentence]) -> set[int]:
    """Give every unit without a grid to the neighbour where it costs least; answers the grids that
    got some. A yard that touches no grid goes to the lightest, and that is said."""
    ground = board.ground
    touched: set[int] = set()
    waiting = {unit for unit, grid in enumerate(board.label) if grid < 0}
    while waiting:
        edge = [
            (unit, grids)
            for unit in sorted(waiting)
            if (grids := {board.label[other] for other in ground.next_to[unit]} - {-1})
        ][:AT_ONCE]
        if edge:
            _, unit, grid = min(
                (
                    board.cost(grid, board.member[grid] | 1 << unit)
                    - board.cost(grid, board.member[grid]),
                    unit,
                    grid,
                )
                for unit, grids in edge
                for grid in grids
            )
            board.set(grid, board.member[grid] | 1 << unit)
            waiting.discard(unit)
            touched.add(grid)
            continue
        yard = reach(1 << min(waiting), sum(1 << unit for unit in waiting), ground.adjacent)
        open_ = [grid for grid in range(len(board.member)) if grid not in closed]
        if not open_:
            break
        grid = min(
            open_,
            key=lambda g: (sum(ground.load[unit] for unit in bits(board.member[g])), g),
        )
        if board.member[grid]:
            sentences.append(
                said(
                    "{count} 个单元和哪一格都走不通,只能先放进“{grid}”。",
                    count=yard.bit_count(),
                    grid=ground.grids[grid].name,
                )
            )
        board.set(grid, board.member[grid] | yard)
        waiting -= set(bits(yard))
        touched.add(grid)
    return touched


def suggest(
    town: Town,
    division: Mapping[str, str],
    count: int = 3,
    paths: Sequence[Pair] | None = None,
) -> list[Move]:
    """The best single steps for a division: one or two stairwells to a neighbouring grid, so that
    most unevenness goes for each household that gets another head. No two for one grid."""
    walks = footpaths(town) if paths is None else paths
    names = {one.id: one.name for one in town.buildings}
    found: list[tuple[float, int, Move, frozenset[str | None]]] = []
    for number, place in enumerate(grounds(town, walks)):
        at = {grid.id: n for n, grid in enumerate(place.grids)}
        board = Board(
            place, WEIGHTS, [at.get(division.get(unit.id, ""), -1) for unit in place.units]
        )
        loads = [sum(place.load[u] for u in bits(mask)) for mask in board.member]
        worst = sorted(wrong(board), key=lambda grid: (-board.weigh(loads[grid]), grid))
        for grid in worst[:LOOKED_AT]:
            best = _best_step(board, grid, loads)
            if best is None:
                continue
            worth, units, old, new = best
            moved = sum(place.load[unit] for unit in units)
            step = move(
                place,
                units,
                old,
                new,
                names,
                (loads[old], loads[old] - moved),
                (loads[new], loads[new] + moved),
            )
            found.append((-worth, number, step, frozenset((step.from_grid, step.to_grid))))
    found.sort(key=lambda one: (one[0], one[1], one[2].units))
    chosen: list[Move] = []
    used: set[str | None] = set()
    for _, _, step, grids in found:
        if not grids & used:
            used |= grids
            chosen.append(step)
        if len(chosen) == count:
            break
    return chosen


def _best_step(
    board: Board, grid: int, loads: Sequence[float]
) -> tuple[float, list[int], int, int] | None:
    """The step between a grid and a neighbour that takes most unevenness a household."""
    ground = board.ground
    load, households, home = ground.load, ground.households, ground.home
    ratio = loads[grid] / ground.mean if ground.mean else 1.0
    best: tuple[float, list[int], int, int] | None = None
    least = 1e-12
    for other in board.around(grid):
        old, new = (grid, other) if ratio > 1 else (other, grid)
        before = board.weigh(loads[old]) + board.weigh(loads[new])
        stays = home[old]
        edge = [
            unit
            for unit in bits(board.member[old])
            if ground.adjacent[unit] & board.member[new] and unit != stays
        ]
        first = set(edge)
        steps = [(unit, unit) for unit in edge] + [
            (unit, second)
            for unit in edge
            for second in ground.next_to[unit]
            # Of two at the edge once.
            if board.label[second] == old
            and second != stays
            and (second > unit or second not in first)
        ]
        for one, second in steps:
            moved, weight = load[one], 10 + households[one]
            if second != one:
                moved, weight = moved + load[second], weight + households[second]
            # Not more than all unevenness goes.
            if before <= least * weight:
                continue
            gain = before - board.weigh(loads[old] - moved) - board.weigh(loads[new] + moved)
            if gain <= max(1e-9, least * weight):
                continue
            rest = board.member[old] & ~(1 << one | 1 << second)
            if rest and reach(rest & -rest, rest, ground.adjacent) == rest:
                best = (gain / weight, sorted({one, second}), old, new)
                least = best[0] + 1e-12
    return best
