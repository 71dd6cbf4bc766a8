"""A division into micro-grids from nothing, or from today's where that is not further from good.

Small estates are divided exactly; larger ones by cutting trees and bettering. Where the units are
too coarse for fairness that is proved by a count, and a division by floors is offered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from wangge.solvers.microgrids import floors
from wangge.solvers.microgrids.bettering import give_out, settle, shake, wrong
from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.bounds import floor_of
from wangge.solvers.microgrids.columns import Fair
from wangge.solvers.microgrids.exact import GRIDS, UNITS, best_division
from wangge.solvers.microgrids.ground import Ground, Weights, components, grounds
from wangge.solvers.microgrids.lightening import corners, lighten, stars
from wangge.solvers.microgrids.moves import Move, moves
from wangge.solvers.microgrids.proving import (
    FloorOffer,
    Proof,
    floor_offers,
    more_heads,
    proof_by_corner,
    proof_by_sets,
    proof_by_star,
    proofs_of,
)
from wangge.solvers.microgrids.town import Pair, Town, Unit, footpaths
from wangge.solvers.microgrids.trees import cut_into
from wangge.solvers.running import Budget, Stopped
from wangge.solvers.words import Sentence, said

#: Tries a grid: pairs divided anew, and regions taken apart.
TRIES_A_GRID = 60
#: Regions taken apart for each grid that is too heavy or too light.
SHAKES = 60
#: One part in so many of the tries is kept for what is too heavy at the end.
LIGHTENING = 6
#: Divisions that the exact part may look at for one estate.
EXACT_TRIES = 6_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A division as pairs (unit, grid), the steps from today's, what was proved, what is offered.

    `exact` counts estates whose division is proved best; `stopped` says what ended the search.
    """

    division: tuple[Pair, ...]
    moves: tuple[Move, ...]
    proofs: tuple[Proof, ...]
    floors: tuple[FloorOffer, ...]
    exact: int
    sentences: tuple[Sentence, ...]
    tries: int
    stopped: Stopped


def weights_of(town: Town) -> Weights:
    """What counts when a division is proposed."""
    return Weights(building=town.rules.whole_buildings, stability=town.rules.stability)


def default_tries(town: Town) -> int:
    """Tries that end by themselves in some seconds for a street of 638 grids."""
    named = len(town.grids) or sum(one.count or 0 for one in town.communities)
    return max(200, named * TRIES_A_GRID)


def propose(
    town: Town,
    *,
    seed: int = 0,
    budget: Budget | None = None,
    paths: Sequence[Pair] | None = None,
) -> Proposal:
    """Divide every community. Same town, seed and tries: same plan. A community without grids is
    said and left out; the others are divided."""
    budget = Budget(default_tries(town)) if budget is None else budget
    walks = footpaths(town) if paths is None else paths
    places = grounds(town, walks)
    names = {one.id: one.name for one in town.buildings}
    division: list[Pair] = []
    steps: list[Move] = []
    proofs: list[Proof] = []
    offers: list[FloorOffer] = []
    sentences = list(_left_out(town, places))
    exact = 0
    grids = sum(len(place.grids) for place in places)
    for place in places:
        part = budget.share(budget.tries * len(place.grids) // max(1, grids))
        rng = Random(f"{seed}:{place.community.id}")
        board, proved, allows, more = divide(place, weights_of(town), rng, part)
        budget.took(part)
        exact += proved
        sentences += more
        division += [
            (place.units[unit].id, place.grids[grid].id)
            for unit, grid in enumerate(board.label)
            if grid >= 0
        ]
        if any(grid >= 0 for grid in place.today):
            steps += moves(place, place.today, board.label, names)
        found = proofs_of(town, place, board)
        if not found and allows is not None and allows.found == "none":
            found = [proof_by_sets(place, allows.sets)]
        if allows is not None and allows.found == "homes":
            sentences.append(
                said(
                    "“{name}”要每位网格长都住在自己格里,就做不到公平;不管住处就可以:请换人。",
                    name=place.community.name,
                )
            )
        if not found and wrong(board):
            hanging = stars(board)
            found = [proof_by_star(place, *one, names) for one in hanging]
            found += [
                proof_by_corner(place, unit, most, names)
                for unit, most in corners(board).values()
                if not any(mask >> unit & 1 for _, mask in hanging)
            ]
        proofs += found
        offers += floor_offers(town, place, board, found, names)
        sentences += more_heads(place)
    return Proposal(
        tuple(division),
        tuple(steps),
        tuple(proofs),
        tuple(offers),
        exact,
        tuple(sentences),
        budget.used,
        budget.ended,
    )


def by_floors(town: Town, proposal: Proposal) -> Town:
    """The town with the offered stairwells divided by floors, ready to be proposed anew."""
    offered = {one.unit: one.runs for one in proposal.floors}
    units: list[Unit] = []
    today = dict(town.today)
    taken = {unit.id for unit in town.units}
    ids: dict[str, list[str]] = {}
    for unit in town.units:
        runs = offered.get(unit.id)
        if runs is None:
            units.append(unit)
            continue
        for part in floors.as_units(unit, runs):
            name = part.id
            while name in taken:
                name += "+"
            taken.add(name)
            units.append(replace(part, id=name))
            ids.setdefault(unit.id, []).append(name)
            if unit.id in today:
                today[name] = today[unit.id]

    def pieces(pairs: Sequence[Pair]) -> list[Pair]:
        # Whoever reaches the door reaches every floor; a wall keeps out from all of them.
        return [(p, q) for a, b in pairs for p in ids.get(a, [a]) for q in ids.get(b, [b])]

    return replace(
        town,
        units=units,
        today=today,
        paths=pieces(town.paths),
        barriers=pieces(town.barriers),
    )


def divide(
    place: Ground, weights: Weights, rng: Random, budget: Budget
) -> tuple[Board, int, Fair | None, list[Sentence]]:
    """Divide one community: the board, how many estates are proved best, what all sets of its stairwells were
    found to allow (None where nobody needed to ask), what is to be said."""
    sentences: list[Sentence] = []
    parts = place.parts()
    counts = share_grids(place, parts)
    board = _fresh(place, weights, parts, counts, rng)
    # The search stops half-way for the second start, so that both are bettered alike.
    starts = [board]
    if place.today and all(grid >= 0 for grid in place.today) and _whole(place, parts):
        starts.append(Board(place, weights, place.today))
    kept = budget.tries // LIGHTENING
    for one in starts:
        share = budget.share(
            (budget.tries - kept - budget.used) // (len(starts) if one is board else 1)
        )
        settle(one, share, rng, set(range(len(place.grids))))
        shake(one, share, rng, SHAKES * len(wrong(one)), quiet=True)
        shake(one, share, rng, len(place.grids) // 3)
        budget.took(share)
    board = min(starts, key=lambda one: one.total())
    proved = 0
    for part in parts:
        inside = sum(1 << unit for unit in part)
        grids = sorted({board.label[unit] for unit in part} - {-1})
        if (
            len(part) > UNITS
            or len(grids) > GRIDS
            or any(board.member[grid] & ~inside for grid in grids)
        ):
            continue
        if budget.stopped in ("time", "cancelled"):
            break
        own = Budget(EXACT_TRIES, cancelled=budget.cancelled)
        best = best_division(board, inside, grids, own)
        if best is not None:
            proved += 1
            for grid, mask in best:
                board.set(grid, mask)
    allows = None
    if len(place.grids) >= len(parts):
        before = list(board.label)
        allows = lighten(board, budget, rng)
        if board.label != before:
            # Dealing looks at work alone; houses and stability are looked at again.
            settle(board, budget, rng, set(range(len(place.grids))))
    if len(place.grids) < len(parts):
        sentences.append(
            said(
                "“{name}”有 {parts} 片互相走不通,却只有 {grids} 个微网格:有的格只能跨片。",
                name=place.community.name,
                parts=len(parts),
                grids=len(place.grids),
            )
        )
    if len(place.grids) > len(place):
        sentences.append(
            said(
                "“{name}”只有 {units} 个单元,分不出 {grids} 个微网格:多出来的空着。",
                name=place.community.name,
                units=len(place),
                grids=len(place.grids),
            )
        )
    return board, proved, allows, sentences


def share_grids(place: Ground, parts: Sequence[Sequence[int]]) -> list[int]:
    """How many grids each part of a community that hangs together gets: one each (largest first),
    as many as heads live there, the others where some grid must carry most."""
    grids = len(place.grids)
    loads = [[place.load[unit] for unit in part] for part in parts]
    counts = [1 if n < grids else 0 for n in range(len(parts))]
    homes = [
        min(sum(len(place.homes_in.get(unit, ())) for unit in part), len(part))
        for part in parts
    ]
    for n, wanted in enumerate(homes):
        while counts[n] and counts[n] < wanted and sum(counts) < grids:
            counts[n] += 1
    while sum(counts) < grids:
        open_ = [n for n, part in enumerate(parts) if counts[n] < len(part)]
        if not open_:
            break
        neediest = max(
            open_,
            key=lambda n: (
                floor_of(loads[n], counts[n]).minutes,
                sum(loads[n]) / counts[n],
                -n,
            ),
        )
        counts[neediest] += 1
    return counts


def _fresh(
    place: Ground,
    weights: Weights,
    parts: Sequence[Sequence[int]],
    counts: Sequence[int],
    rng: Random,
) -> Board:
    board = Board(place, weights, [-1] * len(place))
    homes = [1 << unit for unit in place.home if unit >= 0]
    pieces: list[int] = []
    for part, count in zip(parts, counts, strict=True):
        mask = sum(1 << unit for unit in part)
        if count:
            pieces += cut_into(place, mask, count, homes, rng)
    give_out(board, pieces)
    for part, count in zip(parts, counts, strict=True):
        if not count:
            # More yards than grids: the lightest grid takes it, and the checker says so.
            mask = sum(1 << unit for unit in part)
            lightest = min(
                range(len(place.grids)),
                key=lambda g: (
                    sum(place.load[u] for u in range(len(place)) if board.label[u] == g),
                    g,
                ),
            )
            board.set(lightest, board.member[lightest] | mask)
    return board


def _whole(place: Ground, parts: Sequence[Sequence[int]]) -> bool:
    """Whether today's division is one to start from: every grid hangs together."""
    members: dict[int, int] = {}
    for unit, grid in enumerate(place.today):
        members[grid] = members.get(grid, 0) | 1 << unit
    return (
        len(parts) <= len(place.grids)
        and len(members) == len(place.grids)
        and all(len(components(mask, place.adjacent)) == 1 for mask in members.values())
    )


def _left_out(town: Town, places: Sequence[Ground]) -> list[Sentence]:
    divided = {place.community.id for place in places}
    with_units = {one.community for one in town.buildings if one.id in _lived_in(town)}
    return [
        said("“{name}”没有微网格,也没有说要分几格,没法分。", name=one.name)
        for one in town.communities
        if one.id in with_units and one.id not in divided
    ]


def _lived_in(town: Town) -> set[str]:
    return {unit.building for unit in town.units}
