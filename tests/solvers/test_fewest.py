"""The fewest households that get another head, held against all divisions of small towns."""

from dataclasses import replace
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import headed, row_of

from wangge.solvers.microgrids import (
    Building,
    Community,
    Grid,
    Rules,
    Town,
    Unit,
    check,
    repair,
)
from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.fewest import BEYOND, LIGHT, MUCH, OVER, change_fewest
from wangge.solvers.microgrids.ground import Ground, components, grounds
from wangge.solvers.microgrids.proving import proof_by_gate
from wangge.solvers.microgrids.repairing import WEIGHTS
from wangge.solvers.microgrids.town import footpaths


def _town(minutes: list[int], households: list[int], today: list[int], wide: int) -> Town:
    """A block of stairwells, so many in a row, each grid headed by somebody in its first stairwell; who has
    no grid today has a negative one."""
    units = [
        Unit(
            f"u{n}",
            f"b{n}",
            "1单元",
            h,
            x=50.0 * (n % wide),
            y=50.0 * (n // wide),
            minutes=float(m),
        )
        for n, (m, h) in enumerate(zip(minutes, households, strict=True))
    ]
    count = max(today) + 1
    town = Town(
        [Community("c", "甲社区")],
        [Building(one.building, one.building, "c") for one in units],
        units,
        [Grid(f"g{n}", f"{n}号", "c") for n in range(count)],
        today={f"u{n}": f"g{grid}" for n, grid in enumerate(today) if grid >= 0},
        rules=Rules(metres=55.0),
    )
    return headed(town, [f"u{today.index(grid)}" for grid in range(count)])


def _cost(place: Ground, label: tuple[int, ...], may_be_heavy: set[int]) -> float | None:
    """What a division costs by the definition; None where it is not one."""
    cost = float(
        sum(
            place.households[unit]
            for unit, (was, now) in enumerate(zip(place.today, label, strict=True))
            if was not in (now, -1)
        )
    )
    for grid, home in enumerate(place.home):
        mask = sum(1 << unit for unit, one in enumerate(label) if one == grid)
        if not mask >> home & 1 or len(components(mask, place.adjacent)) > 1:
            return None
        work = sum(place.load[unit] for unit, one in enumerate(label) if one == grid)
        was = sum(place.load[unit] for unit, one in enumerate(place.today) if one == grid)
        ratio = work / place.mean
        light = place.light * place.mean
        if work < min(light, was) - 1e-9:
            return None
        if work < light - 1e-9:
            cost += LIGHT * place.mean_households
        over = ratio - place.heavy
        if over > 1e-9:
            if grid not in may_be_heavy:
                return None
            much = max(0.0, over - MUCH)
            cost += place.mean_households * (BEYOND + OVER * over + 2 * OVER * much)
    return cost


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_division_of_a_small_town_changes_less(data: st.DataObject) -> None:
    size, count, wide = 8, 3, data.draw(st.integers(2, 8))
    minutes = data.draw(st.lists(st.integers(4, 20), min_size=size, max_size=size))
    households = data.draw(st.lists(st.integers(1, 30), min_size=size, max_size=size))
    town = _town(minutes, households, [0, 1, 2, *[-1] * 5], wide)
    (place,) = grounds(town, footpaths(town))
    # Today's grids grow from three homes, then two stairwells are new and have none.
    rng = Random(data.draw(st.integers(0, 1000)))
    today = list(place.today)
    new = set(rng.sample(range(3, size), 2))
    for _ in range(30):
        unit = rng.randrange(size)
        beside = [today[other] for other in place.next_to[unit] if today[other] >= 0]
        if today[unit] < 0 and unit not in new and beside:
            today[unit] = rng.choice(beside)
    place.today = today
    board = Board(place, WEIGHTS, today)
    limit = place.heavy * place.mean
    heavy = {
        grid
        for grid in range(count)
        if sum(place.load[unit] for unit in range(size) if today[unit] == grid) > limit
    }
    # All grids are near enough to all stairwells, so each that has something amiss may stay heavy.
    waiting = [unit for unit in range(size) if today[unit] < 0]
    may = set(range(count)) if waiting else heavy
    known = [
        cost
        for label in product(range(count), repeat=size)
        if (cost := _cost(place, label, may)) is not None
    ]
    found = change_fewest(board, set(), steps=5)
    if not known:
        assert found == "none"
        return
    assert found == "best"
    assert _cost(place, tuple(board.label), may) == pytest.approx(min(known), rel=1e-3, abs=0.5)


def test_what_comes_goes_where_fewest_change_their_head() -> None:
    """Four grids of two stairwells in a row; one more comes beside the third: the fourth takes one of its."""
    town = row_of([10.0] * 9, grids=4)
    today = {f"u{n}": f"g{n // 2}" for n in range(8)}
    town = replace(headed(town, ["u0", "u2", "u4", "u6"]), today=today, rules=Rules(heavy=1.34))
    mended = repair(town)
    assert mended.proved == 1
    verdict = check(town, mended.division)
    assert verdict.hard == 0
    assert verdict.distance.households == 0
    assert dict(mended.division)["u8"] == "g3"


def test_of_many_grids_those_around_are_looked_at() -> None:
    """The last of 100 grids gets a stairwell too much and gives one to its neighbour; nobody else moves."""
    town = row_of([10.0] * 301, grids=100)
    today = {f"u{n}": f"g{n // 3}" for n in range(300)}
    town = headed(town, [f"u{3 * n}" for n in range(100)])
    town = replace(town, today=today, rules=Rules(heavy=1.2, metres=80.0))
    short = replace(town, today={**today, "u296": "g98", "u297": "g98"})
    assert repair(short).proved == 0
    (place,) = grounds(town, footpaths(town))
    board = Board(place, WEIGHTS, place.today)
    assert change_fewest(board, set()) == "some"
    assert (
        len([1 for was, now in zip(place.today, board.label, strict=True) if was != now]) == 1
    )


def test_a_light_grid_stays_where_too_many_would_change_their_head() -> None:
    town = row_of([10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 4.0], grids=3)
    today = {"u0": "g0", "u1": "g0", "u2": "g0", "u3": "g1", "u4": "g1", "u5": "g1", "u6": "g2"}
    town = replace(
        headed(town, ["u0", "u3", "u6"]), today=today, rules=Rules(heavy=1.6, light=0.6)
    )
    many = replace(
        town,
        units=[replace(one, households=100 if one.id != "u0" else 1) for one in town.units],
    )
    mended = repair(many)
    assert mended.moves == ()
    assert [str(one) for one in mended.sentences] == [
        "“3号”偏轻,是平均的 0.19 倍:要补上,换网格长的户数太多,就没有挪。"
    ]
    home = replace(town.units[6], households=200)
    few = replace(town, units=[*town.units[:6], home])
    assert dict(repair(few).division)["u5"] == "g2"


def test_what_lies_behind_one_stairwell_is_counted_and_said() -> None:
    """Behind u1 nobody heads a grid: whoever heads from there has all of it."""
    town = row_of([10.0, 10.0, 10.0, 10.0, 20.0, 20.0], a_building=1)
    today = {f"u{n}": "g0" if n < 1 else "g1" for n in range(6)}
    town = replace(headed(town, ["u0", "u1"]), today=today)
    mended = repair(town)
    assert mended.moves == ()
    assert [str(one) for one in mended.sentences] == [
        "“1号”偏轻,是平均的 0.25 倍:要补上,换网格长的户数太多,就没有挪。",
        "“2号”仍是平均的 1.75 倍:只挪整个单元改不好。",
        "2幢1单元里面的 4 个单元连它共 70 分钟,网格长住在里面的只有 0 格,再加从2幢1单元进去的一格,"
        "平均每格也是平均的 1.75 倍。要么里面添一位网格长,要么按楼层拆开。",
    ]
    (place,) = grounds(town, footpaths(town))
    proof = proof_by_gate(place, {})
    assert proof is not None
    assert proof.ratio == 1.75
    # Somebody in there who heads a grid, and nothing is proved.
    (other,) = grounds(headed(town, ["u0", "u4"]), footpaths(town))
    assert proof_by_gate(other, {}) is None
