"""What no division into micro-grids can do, said and proved: estates whose stairwells are too coarse, how
many grids it would take, which stairwells in which runs of floors would make it possible.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from wangge.solvers.microgrids import floors
from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.bounds import floor_of, grids_needed
from wangge.solvers.microgrids.ground import Ground, bits, components
from wangge.solvers.microgrids.lightening import heavy, stars
from wangge.solvers.microgrids.town import Town
from wangge.solvers.words import Sentence, said

#: So many more grids are looked at when it is said how many would do.
MORE_GRIDS = 40


@dataclass(frozen=True, slots=True)
class Proof:
    """Why an estate cannot be fair: some grid of it carries at least so many minutes, `ratio` times
    the community's mean, whatever one does with whole units; both 0 where some grid is too heavy or
    too light, whichever one chooses."""

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


def proofs_of(town: Town, place: Ground, board: Board) -> list[Proof]:
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


def proof_by_corner(place: Ground, unit: int, most: float, names: dict[str, str]) -> Proof:
    """Whatever grid has this stairwell is too heavy or too light."""
    one = place.units[unit]
    return _proof(
        place,
        0.0,
        said(
            "{unit}无论和相通的哪些单元同格,不是超过平均的 {heavy} 倍,就是最多 {ratio} 倍(不到 {light} 倍)。"
            "不按楼层拆开,做不到公平。",
            unit=names.get(one.building, "") + one.name,
            heavy=place.heavy,
            light=place.light,
            ratio=f"{most / place.mean:.2f}",
        ),
    )


def proof_by_gate(
    place: Ground, names: Mapping[str, str], closed: Set[int] = frozenset()
) -> Proof | None:
    """What lies behind one stairwell is for the grids whose heads live there and for one that comes through
    it: the first place where that is too much for them, while heads stay where they live."""
    limit = place.heavy * place.mean + 1e-6
    lives = [home for grid, home in enumerate(place.home) if grid not in closed]
    if any(home < 0 for home in lives):
        return None
    homes = sum(1 << home for home in set(lives))
    for part in place.parts():
        whole = sum(1 << unit for unit in part)
        for gate in part:
            for behind in components(whole & ~(1 << gate), place.adjacent):
                inside = (behind & homes).bit_count()
                work = sum(place.load[unit] for unit in bits(behind))
                through = work + place.load[gate]
                if work <= inside * limit or through <= (inside + 1) * limit:
                    continue
                if behind == whole & ~(1 << gate):
                    continue
                one = place.units[gate]
                each = through / (inside + 1)
                return _proof(
                    place,
                    round(min(each, work / inside if inside else each) / place.mean, 4),
                    said(
                        "{gate}里面的 {count} 个单元连它共 {minutes} 分钟,网格长住在里面的只有 {inside} 格,"
                        "再加从{gate}进去的一格,平均每格也是平均的 {ratio} 倍。"
                        "要么里面添一位网格长,要么按楼层拆开。",
                        gate=names.get(one.building, "") + one.name,
                        count=behind.bit_count(),
                        minutes=f"{through:.0f}",
                        inside=inside,
                        ratio=f"{each / place.mean:.2f}",
                    ),
                )
    return None


def proof_by_star(place: Ground, unit: int, hanging: int, names: dict[str, str]) -> Proof:
    """What hangs on one stairwell alone is too light by itself, and too heavy together with it."""
    one = place.units[unit]
    others = [place.units[other] for other in bits(hanging)]
    work = place.load[unit] + sum(place.load[other] for other in bits(hanging))
    return _proof(
        place,
        0.0,
        said(
            "{others}只和{unit}相通,单独成格都不到平均的 {light} 倍,和它同格一共 {ratio} 倍(超过 {heavy})。"
            "不按楼层拆开,做不到公平。",
            others="、".join(names.get(one.building, "") + one.name for one in others[:4])
            + ("…" if len(others) > 4 else ""),
            unit=names.get(one.building, "") + one.name,
            light=place.light,
            ratio=f"{work / place.mean:.2f}",
            heavy=place.heavy,
        ),
    )


def proof_by_sets(place: Ground, sets: int) -> Proof:
    """Every set of stairwells was looked at that hangs together and is light enough: no choice of them
    covers the community."""
    return _proof(
        place,
        place.heavy,
        said(
            "“{name}”里连成一片、又不超过平均 {heavy} 倍的单元组合一共 {sets} 种,全部试过:"
            "怎么选都凑不成 {grids} 格。不按楼层拆开,做不到公平。",
            name=place.community.name,
            heavy=place.heavy,
            sets=sets,
            grids=len(place.grids),
        ),
    )


def _proof(place: Ground, ratio: float, why: Sentence) -> Proof:
    """That no division of this community is fair; some grid has that share of the mean at least."""
    return Proof(
        place.community.id,
        place.community.name,
        len(place),
        len(place.grids),
        round(ratio * place.mean, 2),
        ratio,
        why,
    )


def more_heads(place: Ground) -> list[Sentence]:
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


def floor_offers(
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
        # The count forbids nothing, all sets together do: what all else hangs on, or the largest of each grid
        # that is too heavy.
        largest = [
            max(bits(board.member[grid]), key=lambda u: (place.load[u], -u))
            for grid in heavy(board)
        ]
        for unit in dict.fromkeys([*(unit for unit, _ in stars(board)), *largest]):
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
