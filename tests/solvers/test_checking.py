"""The checker: what it finds in divisions that were drawn by hand."""

import ast
import re
from dataclasses import replace
from math import hypot
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import headed, row_of

import wangge.solvers.microgrids as microgrids
from wangge.kernel.i18n import translate
from wangge.solvers.microgrids import Building, Community, Grid, Town, Unit, check, minutes_of
from wangge.solvers.microgrids.town import Rules, footpaths

EVEN = {"u0": "g0", "u1": "g0", "u2": "g1", "u3": "g1"}


def kinds(town: Town, division: dict[str, str] | list[tuple[str, str]]) -> list[str]:
    pairs = division.items() if isinstance(division, dict) else division
    return sorted(one.kind for one in check(town, pairs).violations)


def test_a_fair_division_has_nothing_against_it() -> None:
    verdict = check(row_of([10, 10, 10, 10]), EVEN.items())
    assert verdict.violations == ()
    assert verdict.max_mean == 1.0
    assert str(verdict.sentences[0]) == "工作量均衡:最重的一格是平均的 1.00 倍。"


@pytest.mark.parametrize(
    ("division", "found"),
    [
        ({**EVEN, "u3": "g0"}, ["building_split", "disconnected", "too_heavy", "too_light"]),
        ({"u0": "g0", "u1": "g0", "u2": "g1"}, ["too_heavy", "unassigned"]),
        ({**EVEN, "u9": "g0"}, ["unknown_unit"]),
        ({**EVEN, "u3": "g9"}, ["too_heavy", "unassigned", "unknown_grid"]),
        (dict.fromkeys(EVEN, "g0"), ["empty", "too_heavy"]),
    ],
)
def test_each_fault_is_found_by_its_kind(division: dict[str, str], found: list[str]) -> None:
    assert kinds(row_of([10, 10, 10, 10]), division) == found


def test_stairwells_where_nobody_lives_are_neither_heavy_nor_light() -> None:
    verdict = check(row_of([0, 0, 0, 0]), EVEN.items())
    assert verdict.violations == ()
    assert [str(one) for one in verdict.sentences] == ["单元里一户也没有登记,没有工作量可比。"]
    light = next(
        one
        for one in check(row_of([10, 10, 0, 0]), EVEN.items()).violations
        if one.kind == "too_light"
    )
    assert "一轮要 0.0 分钟,是本社区平均 10.0 分钟的 0.00 倍" in str(light.why)


def test_a_stairwell_in_two_grids_is_found() -> None:
    assert "unit_split" in kinds(row_of([10] * 4), [*EVEN.items(), ("u3", "g0")])


def test_a_stairwell_divided_by_floors_is_found() -> None:
    town = row_of([10, 10, 10, 10])
    parts = [
        replace(
            town.units[3], id=f"u3#{n}", part_of="u3", minutes=5.0, floors=3, lowest=1 + 3 * n
        )
        for n in range(2)
    ]
    town = replace(town, units=[*town.units[:3], *parts])
    whole = {"u0": "g0", "u1": "g0", "u2": "g1", "u3#0": "g1", "u3#1": "g1"}
    assert kinds(town, whole) == []
    divided = check(town, {**whole, "u3#1": "g0"}.items())
    (found,) = [one for one in divided.violations if one.kind == "unit_by_floors"]
    assert not found.hard, "whole floors are what was offered"
    twice = replace(town, units=[*town.units[:4], replace(parts[1], lowest=2)])
    assert "unit_split" in kinds(twice, {**whole, "u3#1": "g0"})


def test_a_grid_across_a_community_is_found() -> None:
    town = row_of([10, 10, 10, 10])
    other = Community("d", "乙社区")
    town = replace(
        town,
        communities=[*town.communities, other],
        buildings=[town.buildings[0], Building("b1", "2幢", "d")],
    )
    assert kinds(town, EVEN) == ["across"]


def test_heads_are_looked_at() -> None:
    town = row_of([10, 10, 10, 10])
    assert kinds(headed(town, ["u0", "u3"]), EVEN) == []
    assert kinds(headed(town, ["u0", "u1"]), EVEN) == ["head_outside"]
    assert kinds(headed(town, ["u0", None]), EVEN) == []
    both = headed(town, ["u0", "u3"])
    one = replace(both, grids=[replace(grid, head="h0") for grid in both.grids])
    assert kinds(one, EVEN) == ["head_outside", "head_twice"]
    vacant = replace(both, grids=[both.grids[0], replace(both.grids[1], head=None)])
    assert kinds(vacant, EVEN) == ["no_head"]


def test_a_building_too_large_for_one_grid_may_be_split() -> None:
    town = row_of([10, 10, 10, 10], a_building=4)
    assert kinds(town, EVEN) == []
    assert check(town, EVEN.items()).buildings_split == 1


def test_what_is_unfair_is_said_with_its_reason() -> None:
    town = row_of([10, 10, 10, 30])
    said = [str(one) for one in check(town, EVEN.items()).sentences]
    assert said[0] == (
        "“2号”一轮要 40.0 分钟,是本社区平均 30.0 分钟的 1.33 倍:"
        "2 个单元、20 户,其中 2 个单元没有电梯。"
    )


@pytest.mark.parametrize(
    ("special", "lift", "told"),
    [
        (0, True, "20 户。"),
        (0, False, "20 户,其中 2 个单元没有电梯。"),
        (3, True, "20 户,其中 6 人要上门。"),
        (3, False, "20 户,其中 6 人要上门,2 个单元没有电梯。"),
    ],
)
def test_only_what_is_there_is_counted_among_the_reasons(
    special: int, lift: bool, told: str
) -> None:
    town = row_of([10, 10, 10, 30])
    units = [replace(unit, special=special, lift=lift) for unit in town.units]
    said = check(replace(town, units=units), EVEN.items()).sentences[0]
    assert str(said).endswith(told)
    english = translate("en", said.text, **said.values)
    assert not re.search("[\u4e00-\u9fff]", english.replace("2号", ""))


def test_households_are_counted_that_get_another_head() -> None:
    town = replace(headed(row_of([10] * 4), ["u0", "u3"]), today={**EVEN, "u1": "g1"})
    distance = check(town, EVEN.items()).distance
    assert (distance.units, distance.households, distance.share) == (1, 10, 0.25)
    same = replace(town, grids=[replace(grid, head="h0") for grid in town.grids])
    assert check(same, EVEN.items()).distance.households == 0


def test_no_grids_and_no_units_are_a_sentence() -> None:
    empty = Town([Community("c", "甲社区")], [], [])
    assert [str(one) for one in check(empty, []).sentences] == [
        "没有微网格:先说明要分成几格,或列出网格长。"
    ]
    verdict = check(replace(row_of([5.0]), grids=[]), [])
    assert {one.kind for one in verdict.violations} == {"unassigned"}


def test_fifty_six_doors_on_twenty_eight_floors_take_18_minutes() -> None:
    """The field's own figure: 56 households in 20 minutes; with nine to be visited, 31.7."""
    unit = Unit("u", "b", "1单元", 56, 130, 0, 28, True)
    assert round(minutes_of(unit, Rules()), 1) == 18.2
    assert round(minutes_of(replace(unit, special=9), Rules()), 1) == 31.7


def test_walks_are_short_or_named_and_never_through_a_wall() -> None:
    town = row_of([10] * 3, a_building=1)
    assert footpaths(town) == [("u0", "u1"), ("u1", "u2")]
    walled = replace(town, barriers=[("u1", "u0")])
    # The way round by u2 is 100 m: it joins what else hung on nothing.
    assert footpaths(walled) == [("u1", "u2"), ("u0", "u2")] or footpaths(walled) == [
        ("u0", "u2"),
        ("u1", "u2"),
    ]
    far = replace(walled, rules=Rules(far=90.0))
    assert footpaths(far) == [("u1", "u2")]
    bridge = replace(far, paths=[("u2", "u0")])
    assert sorted(footpaths(bridge)) == [("u0", "u2"), ("u1", "u2")]


def test_nothing_assigned_is_not_called_even() -> None:
    verdict = check(row_of([10.0, 10.0]), [])
    assert "还没有一个单元划进微网格。" in map(str, verdict.sentences)
    assert not any("均衡" in str(one) for one in verdict.sentences)


def test_a_basement_takes_time_too() -> None:
    cellar = Unit("u", "b", "1单元", 1, floors=2, lowest=-2)
    assert minutes_of(cellar, Rules()) * 60 == 12 + 3 * 30
    assert minutes_of(replace(cellar, lift=True), Rules()) * 60 == pytest.approx(
        12 + 35 + 2 * 2.2 + 12
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=25),
    st.integers(0, 500),
    st.sets(st.tuples(st.integers(0, 24), st.integers(0, 24)), max_size=40),
    st.sampled_from([7, 500_000]),
)
def test_walks_are_those_of_a_naive_reckoning(
    places: list[tuple[int, int]], far: int, walls: set[tuple[int, int]], at_once: int
) -> None:
    """Every pair is measured; then the parts are joined, the two nearest first; never through a wall."""
    units = [
        Unit(f"u{n:02d}", f"b{n}", "1单元", 1, x=float(x), y=float(y))
        for n, (x, y) in enumerate(places)
    ]
    buildings = [Building(f"b{n}", f"{n}幢", "c") for n in range(len(units))]
    shut = {frozenset((f"u{a:02d}", f"u{b:02d}")) for a, b in walls}
    town = Town(
        [Community("c", "甲")],
        buildings,
        units,
        barriers=[(f"u{a:02d}", f"u{b:02d}") for a, b in walls],
        rules=Rules(metres=80.0, far=float(far)),
    )
    ways = sorted(
        (hypot(a.x - b.x, a.y - b.y), a.id, b.id)
        for n, a in enumerate(units)
        for b in units[n + 1 :]
        if frozenset((a.id, b.id)) not in shut
    )
    part = {unit.id: unit.id for unit in units}
    expected = {(a, b) for length, a, b in ways if length <= 80.0}
    for length, a, b in ways:
        if length <= max(80.0, far) and part[a] != part[b]:
            if length > 80.0:
                expected.add((a, b))
            part = {one: part[a] if of == part[b] else of for one, of in part.items()}
    with pytest.MonkeyPatch.context() as patch:
        # However many are looked at in one piece.
        patch.setattr("wangge.solvers.microgrids.town.AT_ONCE", at_once)
        assert set(footpaths(town)) == expected


def test_checker_and_solver_share_only_the_definitions() -> None:
    """Besides the import contract: what the checker imports of ours, by name."""
    source = Path(microgrids.__file__).with_name("checking.py").read_text(encoding="utf-8")
    imported = {
        node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("wangge")
    }
    assert imported == {"wangge.solvers.microgrids.town", "wangge.solvers.words"}


def test_grids_may_be_a_number_only() -> None:
    town = replace(row_of([10] * 4), grids=[], communities=[Community("c", "甲社区", 2)])
    division = {"u0": "c-01", "u1": "c-01", "u2": "c-02", "u3": "c-02"}
    assert kinds(town, division) == []
    assert Grid("c-01", "甲社区1", "c").id == check(town, division.items()).loads[0].grid
