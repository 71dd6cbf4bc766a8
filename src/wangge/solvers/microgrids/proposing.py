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
from wangge.solvers.microgrids.bounds import floor_of, grids_needed
from wangge.solvers.microgrids.columns import Fair
from wangge.solvers.microgrids.exact import GRIDS, UNITS, best_division
from wangge.solvers.microgrids.ground import Ground, Weights, bits, components, grounds
from wangge.solvers.microgrids.lightening import corners, heavy, lighten
from wangge.solvers.microgrids.moves import Move, moves
from wangge.solvers.microgrids.town import Pair, Town, Unit, footpaths
from wangge.solvers.microgrids.trees import cut_into
from wangge.solvers.running import Budget, Stopped
from wangge.solvers.words import Sentence, said

#: Tries a grid: pairs divided anew, and regions taken apart.
TRIES_A_GRID = 60
#: So many more grids are looked at when it is said how many would do.
MORE_GRIDS = 40
#: Regions taken apart for each grid that is too heavy or too light.
SHAKES = 60
#: One part in so many of the tries is kept for what is too heavy at the end.
LIGHTENING = 6
#: Divisions that the exact part may look at for one estate.
EXACT_TRIES = 6_000


@dataclass(frozen=True, slots=True)
class Proof:
    """Why an estate cannot be fair: some grid of it carries at least so many minutes, `ratio` times
    the community's mean, whatever one does with whole units."""

    community: str
    estate: str
    units: int
    grids: int
    minutes: float
    ratio: float
    why: Sentence


@dataclass(frozen=True, slots=True)
class FloorOffer:
    """A stairwell that would have to be divided by floors, and how."""

    community: str
    unit: str
    runs: tuple[floors.Run, ...]
    why: Sentence


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
        found = _proofs(town, place, board)
        if not found and allows is not None and allows.found == "none":
            found = [_proof_by_sets(place, allows.sets)]
        if allows is not None and allows.found == "homes":
            sentences.append(
                said(
                    "“{name}”要每位网格长都住在自己格里,就做不到公平;不管住处就可以:请换人。",
                    name=place.community.name,
                )
            )
        if not found:
            found = [_proof_by_corner(place, *one, names) for one in corners(board).values()]
        proofs += found
        offers += _floor_offers(town, place, board, found, names)
        sentences += _more_heads(place)
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
    allows = lighten(board, budget, rng) if len(place.grids) >= len(parts) else None
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


def _proofs(town: Town, place: Ground, board: Board) -> list[Proof]:
    """Estates that no division of whole units makes fair, with the count that shows it."""
    limit = place.heavy * place.mean
    estates = {one.id: one.estate for one in town.buildings}
    found: list[Proof] = []
    for part in place.parts():
        grids = len({board.label[unit] for unit in part} - {-1})
        if not grids:
            continue
        floor = floor_of([place.load[unit] for unit in part], grids)
        if floor.minutes <= limit + 1e-9:
            continue
        called = [estates.get(place.units[unit].building, "") for unit in part]
        named = list(dict.fromkeys(name for name in called if name))
        name = "、".join(named[:3]) + ("…" if len(named) > 3 else "") or place.community.name
        ratio = floor.minutes / place.mean
        if floor.among == 0:
            why = said(
                "“{name}”共 {total} 分钟,{grids} 格平均就要 {minutes} 分钟,"
                "是全社区平均的 {ratio} 倍。",
                name=name,
                total=f"{floor.minutes * grids:.0f}",
                grids=grids,
                minutes=f"{floor.minutes:.1f}",
                ratio=f"{ratio:.2f}",
            )
        elif floor.together == 1:
            why = said(
                "“{name}”最大的一个单元就要 {minutes} 分钟,是全社区平均的 {ratio} 倍:"
                "不按楼层拆开,做不到公平。",
                name=name,
                minutes=f"{floor.minutes:.1f}",
                ratio=f"{ratio:.2f}",
            )
        else:
            why = said(
                "“{name}”有 {grids} 格:最大的 {among} 个单元里必有 {together} 个同在一格,"
                "至少 {minutes} 分钟,是全社区平均的 {ratio} 倍。不按楼层拆开,做不到公平。",
                name=name,
                grids=grids,
                among=floor.among,
                together=floor.together,
                minutes=f"{floor.minutes:.1f}",
                ratio=f"{ratio:.2f}",
            )
        found.append(
            Proof(
                place.community.id,
                name,
                len(part),
                grids,
                round(floor.minutes, 2),
                round(ratio, 4),
                why,
            )
        )
    return found


def _proof_by_corner(place: Ground, unit: int, most: float, names: dict[str, str]) -> Proof:
    """Whatever grid has this stairwell is too heavy or too light."""
    one = place.units[unit]
    return _proof(
        place,
        said(
            "{unit}无论和相通的哪些单元同格,不是超过平均的 {heavy} 倍,就是最多 {ratio} 倍(不到 {light} 倍)。"
            "不按楼层拆开,做不到公平。",
            unit=names.get(one.building, "") + one.name,
            heavy=place.heavy,
            light=place.light,
            ratio=f"{most / place.mean:.2f}",
        ),
    )


def _proof_by_sets(place: Ground, sets: int) -> Proof:
    """Every set of stairwells was looked at that hangs together and is light enough: no choice of them
    covers the community."""
    return _proof(
        place,
        said(
            "“{name}”里连成一片、又不超过平均 {heavy} 倍的单元组合一共 {sets} 种,全部试过:"
            "怎么选都凑不成 {grids} 格。不按楼层拆开,做不到公平。",
            name=place.community.name,
            heavy=place.heavy,
            sets=sets,
            grids=len(place.grids),
        ),
    )


def _proof(place: Ground, why: Sentence) -> Proof:
    """That no division of this community stays below the limit."""
    return Proof(
        place.community.id,
        place.community.name,
        len(place),
        len(place.grids),
        round(place.heavy * place.mean, 2),
        place.heavy,
        why,
    )


def _more_heads(place: Ground) -> list[Sentence]:
    """Where no way of sharing the grids out is fair: how many grids it would take."""
    loads = [[place.load[unit] for unit in part] for part in place.parts()]
    grids = len(place.grids)
    total = sum(map(sum, loads))

    def enough(count: int) -> bool:
        """Whether the count does not forbid fairness with so many grids."""
        limit = place.heavy * total / count + 1e-6
        needs = [grids_needed(part, limit) for part in loads]
        return None not in needs and sum(need or 0 for need in needs) <= count

    if len(loads) > grids or enough(grids):
        return []
    largest = max(max(part) for part in loads)
    # More grids make the mean smaller, and the largest stairwell stays.
    most = min(int(place.heavy * total / largest), grids + MORE_GRIDS) if largest else grids
    for more in range(grids + 1, most + 1):
        if enough(more):
            return [
                said(
                    "“{name}”分 {grids} 格,无论怎么分都有一格超过平均的 {heavy} 倍;"
                    "至少要 {more} 格,或者按楼层拆单元。",
                    name=place.community.name,
                    grids=grids,
                    heavy=place.heavy,
                    more=more,
                )
            ]
    return [
        said(
            "“{name}”的单元太大:分成 {most} 格以内都不公平,只能按楼层拆。",
            name=place.community.name,
            most=max(most, grids),
        )
    ]


def _floor_offers(
    town: Town,
    place: Ground,
    board: Board,
    proofs: Sequence[Proof],
    names: dict[str, str],
) -> list[FloorOffer]:
    """The fewest of the largest stairwells in two runs (or more, where one is too much alone) until
    the count no longer forbids fairness."""
    if not proofs:
        return []
    limit = place.heavy * place.mean
    offers: list[FloorOffer] = []
    for part in place.parts():
        grids = len({board.label[unit] for unit in part} - {-1})
        if not grids or sum(place.load[unit] for unit in part) / grids > limit:
            continue
        loads = {unit: [place.load[unit]] for unit in part}
        # Of equal ones first whoever has most neighbours: its halves can go to either side.
        waiting = sorted(
            part, key=lambda unit: (-place.load[unit], -len(place.next_to[unit]), unit)
        )
        for unit in waiting:
            flat = [load for pieces in loads.values() for load in pieces]
            if floor_of(flat, grids).minutes <= limit + 1e-9:
                break
            offer = _in_runs(town, place, unit, names)
            if offer is not None:
                loads[unit] = [run.minutes for run in offer.runs]
                offers.append(offer)
    if not offers:
        # The count forbids nothing, all sets together do: the largest of each grid that is too heavy.
        for grid in heavy(board):
            unit = max(bits(board.member[grid]), key=lambda u: (place.load[u], -u))
            offer = _in_runs(town, place, unit, names)
            if offer is not None:
                offers.append(offer)
    return offers


def _in_runs(town: Town, place: Ground, unit: int, names: dict[str, str]) -> FloorOffer | None:
    """A stairwell in two runs of floors, or more where one is too much alone."""
    limit = place.heavy * place.mean
    one = place.units[unit]
    runs = floors.even_runs(one, town.rules, 2)
    if place.load[unit] > limit:
        runs = floors.fewest_runs(one, town.rules, limit) or runs
    if len(runs) < 2:
        return None
    return FloorOffer(
        place.community.id,
        one.id,
        tuple(runs),
        said(
            "{unit}可按楼层分成 {count} 段,每段不超过 {minutes} 分钟。",
            unit=names.get(one.building, "") + one.name,
            count=len(runs),
            minutes=f"{max(run.minutes for run in runs):.1f}",
        ),
    )
