"""Proposals and repairs, judged by the checker over towns nobody has seen."""

from dataclasses import replace
from itertools import pairwise, product
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from towns import headed, row_of, towns

from wangge.solvers import Budget, Progress, running
from wangge.solvers.microgrids import (
    Community,
    Move,
    Rules,
    Town,
    Unit,
    by_floors,
    check,
    propose,
    repair,
    suggest,
)
from wangge.solvers.microgrids.bettering import wrong
from wangge.solvers.microgrids.board import Board
from wangge.solvers.microgrids.bounds import floor_of, grids_needed, lowest_most
from wangge.solvers.microgrids.columns import fair_division
from wangge.solvers.microgrids.exact import best_division
from wangge.solvers.microgrids.floors import as_units, even_runs, fewest_runs
from wangge.solvers.microgrids.ground import Weights, components, grounds
from wangge.solvers.microgrids.lightening import stars
from wangge.solvers.microgrids.proposing import weights_of
from wangge.solvers.microgrids.repairing import WEIGHTS
from wangge.solvers.microgrids.town import footpaths

CALM = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def quick(tries: int = 150) -> Budget:
    return Budget(tries)


def parts_of(town: Town, community: Community) -> int:
    return sum(
        len(place.parts())
        for place in grounds(town, footpaths(town))
        if place.community == community
    )


@CALM
@given(towns(), st.integers(0, 3))
def test_a_proposal_breaks_no_rule_that_it_can_keep(town: Town, seed: int) -> None:
    made = propose(town, seed=seed, budget=quick())
    found = {one.kind for one in check(town, made.division).violations if one.hard}
    # Where heads live decides nothing that the units do not allow; yards may be more than grids.
    allowed = {"head_outside"} if town.heads else set()
    for one in town.communities:
        grids = sum(grid.community == one.id for grid in town.grids)
        if parts_of(town, one) > grids:
            allowed.add("disconnected")
    assert found <= allowed
    assert sorted(unit for unit, _ in made.division) == sorted(unit.id for unit in town.units)


@CALM
@given(towns(), st.integers(0, 3))
def test_the_same_town_seed_and_tries_give_the_same_plan(town: Town, seed: int) -> None:
    assert propose(town, seed=seed, budget=quick()) == propose(town, seed=seed, budget=quick())
    assert repair(town, seed=seed, budget=quick()) == repair(town, seed=seed, budget=quick())


@CALM
@given(towns())
def test_a_repair_leaves_nothing_torn_or_homeless(town: Town) -> None:
    mended = repair(town, budget=quick())
    found = {one.kind for one in check(town, mended.division).violations if one.hard}
    allowed = {"head_outside"} if town.heads else set()
    for one in town.communities:
        grids = sum(grid.community == one.id for grid in town.grids)
        if parts_of(town, one) > 1 or parts_of(town, one) > grids:
            allowed.add("disconnected")
    assert found <= allowed


@CALM
@given(towns())
def test_no_proposal_beats_what_was_proved_impossible(town: Town) -> None:
    made = propose(town, budget=quick())
    verdict = check(town, made.division)
    worst = {one.community: one.max_mean for one in verdict.fairness}
    for proof in made.proofs:
        assert worst[proof.community] >= proof.ratio - 1e-3


def test_a_division_that_is_fair_is_left_alone() -> None:
    today = {"u0": "g0", "u1": "g0", "u2": "g1", "u3": "g1"}
    town = replace(row_of([10, 11, 10, 9]), today=today)
    mended = repair(town)
    assert (dict(mended.division), mended.moves) == (today, ())
    assert str(mended.sentences[-1]) == "单元不用挪:轻重都在规定以内。"


def test_a_new_building_goes_to_a_neighbour_and_nobody_else_moves() -> None:
    today = {"u0": "g0", "u1": "g0", "u2": "g1", "u3": "g1"}
    town = replace(row_of([10, 10, 10, 10, 1]), today=today)
    mended = repair(town)
    assert dict(mended.division) == {**today, "u4": "g1"}
    assert [(one.units, one.from_grid, one.to_grid) for one in mended.moves] == [
        (("u4",), None, "g1")
    ]


def test_the_step_that_is_offered_is_the_one_that_helps() -> None:
    today = {f"u{n}": "g0" if n < 4 else "g1" for n in range(6)}
    town = replace(row_of([10] * 6), today=today)
    (step,) = suggest(town, today)
    assert (step.units, step.from_grid, step.to_grid, step.households) == (
        ("u3",),
        "g0",
        "g1",
        10,
    )
    assert str(step.why) == (
        "2幢3单元从“1号”划到“2号”:10 户换网格长;“1号”40.0→30.0 分钟,“2号”20.0→30.0 分钟。"
    )
    mended = dict(repair(town).division)
    assert mended == {**today, "u3": "g1"}


@settings(max_examples=40, deadline=None)
@given(towns())
def test_the_step_that_is_offered_first_is_the_best_of_all(town: Town) -> None:
    """All steps of one stairwell or two are reckoned out: none takes more unevenness a household."""
    today = {unit: grid for unit, grid in town.today.items() if grid}
    best = 0.0
    for place in grounds(town, footpaths(town)):
        board = Board(place, WEIGHTS, place.today)
        bad = set(wrong(board))
        for one, old in enumerate(board.label):
            for second in {one, *place.next_to[one]}:
                units = {one, second}
                if old < 0 or board.label[second] != old or place.home[old] in units:
                    continue
                rest = board.member[old] & ~(1 << one | 1 << second)
                if len(components(rest, place.adjacent)) != 1:
                    continue
                for new in {board.label[n] for n in place.next_to[one]} - {old, -1}:
                    worst = [g for g in (old, new) if g in bad]
                    heavy = {g: _work(board, g) > place.mean for g in worst}
                    # The heavy one gives, the light one gets.
                    if not any(heavy[g] == (g == old) for g in worst):
                        continue
                    moved = sum(place.load[n] for n in units)
                    before, there = _work(board, old), _work(board, new)
                    gain = board.weigh(before) + board.weigh(there)
                    gain -= board.weigh(before - moved) + board.weigh(there + moved)
                    worth = gain / (10 + sum(place.households[n] for n in units))
                    best = max(best, worth)
    steps = suggest(town, today)
    if best < 1e-9:
        assert steps == []
        return
    assert _worth(town, steps[0]) == pytest.approx(best)


def _work(board: Board, grid: int) -> float:
    return sum(
        one for one, of in zip(board.ground.load, board.label, strict=True) if of == grid
    )


def _worth(town: Town, step: Move) -> float:
    """Unevenness that a step takes, a household."""
    for place in grounds(town, footpaths(town)):
        at = [n for n, unit in enumerate(place.units) if unit.id in step.units]
        if at:
            board = Board(place, WEIGHTS, place.today)
            ids = [grid.id for grid in place.grids]
            before = _work(board, board.label[at[0]])
            there = _work(board, ids.index(step.to_grid))
            moved = sum(place.load[n] for n in at)
            gain = board.weigh(before) + board.weigh(there)
            gain -= board.weigh(before - moved) + board.weigh(there + moved)
            return gain / (10 + sum(place.households[n] for n in at))
    return 0.0


def test_a_torn_grid_is_joined_where_its_head_lives() -> None:
    today = {"u0": "g0", "u1": "g1", "u2": "g1", "u3": "g0"}
    town = replace(headed(row_of([10] * 4), ["u0", "u2"]), today=today)
    mended = repair(town)
    verdict = check(town, mended.division)
    assert verdict.hard == 0
    assert dict(mended.division)["u0"] == "g0"
    assert verdict.distance.households <= 20


def test_a_grid_that_ends_goes_to_its_neighbours() -> None:
    today = {f"u{n}": f"g{n // 2}" for n in range(6)}
    town = replace(row_of([10] * 6, grids=3), today=today)
    mended = repair(town, close=["g1"])
    assert set(dict(mended.division).values()) == {"g0", "g2"}
    kept = {unit: grid for unit, grid in mended.division if today[unit] == grid}
    assert set(kept) == {"u0", "u1", "u4", "u5"}


def test_heads_live_inside_where_that_is_possible() -> None:
    town = headed(row_of([10] * 6, a_building=1, grids=3), ["u5", "u0", "u2"])
    made = dict(propose(town).division)
    assert (made["u5"], made["u0"], made["u2"]) == ("g0", "g1", "g2")


def test_small_estates_are_divided_as_well_as_by_trying_everything() -> None:
    town = row_of([7, 12, 3, 9, 14, 5, 8, 6], grids=3)
    (place,) = grounds(town, footpaths(town))
    made = propose(town)
    assert made.exact == 1
    names = {grid.id: n for n, grid in enumerate(place.grids)}
    labels = [names[grid] for _, grid in made.division]

    def cost(chosen: list[int]) -> float:
        board = Board(place, weights_of(town), chosen)
        whole = all(
            mask and len(components(mask, place.adjacent)) == 1 for mask in board.member
        )
        return board.total() if whole else float("inf")

    best = min(cost(list(chosen)) for chosen in product(range(3), repeat=8))
    assert cost(labels) == pytest.approx(best)


def test_the_exact_part_says_when_it_was_stopped() -> None:
    town = row_of([float(n + 1) for n in range(10)], grids=3)
    (place,) = grounds(town, footpaths(town))
    board = Board(place, weights_of(town), [n // 4 for n in range(10)])
    assert best_division(board, (1 << 10) - 1, [0, 1, 2], Budget(3)) is None


def test_what_whole_stairwells_cannot_do_is_proved_and_floors_do_it() -> None:
    """Three towers of 56 doors for two grids: one of them has two."""
    towers = [Unit(f"u{n}", f"b{n}", "1单元", 56, 130, 0, 28, True, 50.0 * n) for n in range(3)]
    town = replace(row_of([1, 1, 1], a_building=1), units=towers)
    made = propose(town)
    assert [str(one.why) for one in made.proofs] == [
        "“甲苑”有 2 格:最大的 3 个单元里必有 2 个同在一格,至少 36.4 分钟,"
        "是全社区平均的 1.33 倍。不按楼层拆开,做不到公平。"
    ]
    assert check(town, made.division).max_mean == pytest.approx(4 / 3, abs=1e-3)
    assert [(one.unit, len(one.runs)) for one in made.floors] == [("u1", 2)]
    split = by_floors(town, made)
    fair = propose(split)
    assert fair.proofs == ()
    assert check(split, fair.division).max_mean < 1.25


@CALM
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(1, 4))
def test_the_count_is_a_bound(loads: list[int], grids: int) -> None:
    def most(chosen: tuple[int, ...]) -> int:
        sums = [0] * grids
        for load, grid in zip(loads, chosen, strict=True):
            sums[grid] += load
        return max(sums)

    best = min(most(chosen) for chosen in product(range(grids), repeat=len(loads)))
    assert floor_of(loads, grids).minutes <= best + 1e-9
    needed = grids_needed(loads, best)
    assert needed is not None
    assert needed <= grids


def test_estates_share_grids_no_better_than_by_counting() -> None:
    assert lowest_most([[10.0, 10.0], [10.0]], 2) == pytest.approx(20.0, abs=1e-3)
    assert lowest_most([[10.0, 10.0], [10.0]], 3) == pytest.approx(10.0, abs=1e-3)


@CALM
@given(st.integers(1, 80), st.integers(1, 12), st.booleans(), st.integers(1, 5))
def test_floors_are_divided_as_evenly_as_can_be(
    households: int, floors: int, lift: bool, runs: int
) -> None:
    unit = Unit("u", "b", "1单元", households, floors=floors, lift=lift, special=2)
    made = even_runs(unit, Rules(), runs)
    assert len(made) == min(runs, floors)
    assert sum(run.households for run in made) == households
    ordered = sorted(made, key=lambda run: run.lowest)
    assert (ordered[0].lowest, ordered[-1].highest) == (1, floors)
    assert all(a.highest + 1 == b.lowest for a, b in pairwise(ordered))
    pieces = as_units(unit, made)
    assert sum(one.special for one in pieces) == 2
    assert sum(one.households for one in pieces) == households
    longest = max(run.minutes for run in made)
    fewest = fewest_runs(unit, Rules(), longest + 0.01)
    assert fewest is not None
    assert len(fewest) <= len(made)


def test_who_waits_can_say_stop_and_gets_what_there_is() -> None:
    town = row_of([float(n % 7 + 3) for n in range(60)], grids=12)
    seen: list[Progress] = []
    budget = Budget(100_000, progress=seen.append, cancelled=lambda: len(seen) > 2)
    made = propose(town, budget=budget)
    assert made.stopped == "cancelled"
    assert budget.used < 100
    assert check(town, made.division).hard == 0
    assert seen[-1].part == "甲社区"


def test_who_waits_sees_how_far_the_clock_is(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(running, "monotonic", lambda: now[0])
    seen: list[Progress] = []
    budget = Budget(1_000_000, 10.0, seen.append)
    for _ in range(Budget.LOOK + 1):
        assert budget.spend()
        now[0] = 5.0
    assert [(one.done, one.whole) for one in seen] == [(0, 1_000_000), (500_000, 1_000_000)]


def test_a_cap_in_seconds_ends_it() -> None:
    town = row_of([float(n % 7 + 3) for n in range(60)], grids=12)
    made = propose(town, budget=Budget(10_000_000, seconds=0.0))
    assert made.stopped == "time"
    assert check(town, made.division).hard == 0


def test_nobody_to_do_it_is_a_sentence_and_the_rest_is_done() -> None:
    town = row_of([10] * 4)
    other = replace(town.units[0], id="v0", building="x0")
    town = replace(
        town,
        communities=[*town.communities, Community("d", "乙社区")],
        buildings=[*town.buildings, replace(town.buildings[0], id="x0", community="d")],
        units=[*town.units, other],
    )
    made = propose(town)
    assert len(made.division) == 4
    assert "“乙社区”没有微网格,也没有说要分几格,没法分。" in map(str, made.sentences)


def test_more_yards_than_grids_are_said() -> None:
    town = row_of([10] * 4, a_building=1)
    far = [replace(unit, x=5_000.0 * n) for n, unit in enumerate(town.units)]
    town = replace(town, units=far)
    made = propose(town)
    assert len(made.division) == 4
    assert str(made.sentences[0]).startswith("“甲社区”有 4 片互相走不通,却只有 2 个微网格")


def test_more_grids_than_stairwells_are_said() -> None:
    made = propose(row_of([10, 10], grids=3))
    assert "“甲社区”只有 2 个单元,分不出 3 个微网格:多出来的空着。" in map(str, made.sentences)


def test_an_empty_grid_is_filled() -> None:
    """A new micro-grid whose head's home nobody knows; and a town without any division yet."""
    town = row_of([10] * 6, grids=3)
    for today in ({f"u{n}": f"g{n // 3}" for n in range(6)}, {}):
        mended = repair(replace(town, today=today))
        verdict = check(town, mended.division)
        assert (verdict.hard, verdict.max_mean) == (0, 1.0)
        assert "单元不用挪:轻重都在规定以内。" not in map(str, mended.sentences)


def test_not_every_grid_can_end() -> None:
    today = {"u0": "g0", "u1": "g0", "u2": "g1", "u3": "g1"}
    mended = repair(replace(row_of([10] * 4), today=today), close=["g0", "g1"])
    assert dict(mended.division) == today
    assert [str(one) for one in mended.sentences] == ["“甲社区”至少要留一个微网格,没有停用。"]


def test_too_few_tries_are_said() -> None:
    town = row_of([float(n % 7 + 3) for n in range(60)], grids=12)
    assert propose(town, budget=Budget(3)).stopped == "tries"
    assert propose(town).stopped == ""
    uneven = replace(town, today={f"u{n}": f"g{min(11, n // 3)}" for n in range(60)})
    mended = repair(uneven, budget=Budget(2))
    assert mended.stopped == "tries"
    assert any("还没有试完就停了" in str(one) for one in mended.sentences)
    assert not any("改不好" in str(one) for one in mended.sentences)


def test_a_community_that_cannot_be_mended_takes_no_tries_from_others() -> None:
    """Two communities; the first has one huge stairwell."""
    a = replace(row_of([90, 5, 5, 5]), today={"u0": "g0", "u1": "g1", "u2": "g1", "u3": "g1"})
    b = row_of([10] * 6)
    town = replace(
        a,
        communities=[*a.communities, Community("d", "乙社区")],
        buildings=[
            *a.buildings,
            *(replace(x, id=f"d{x.id}", community="d") for x in b.buildings),
        ],
        units=[
            *a.units,
            *(replace(u, id=f"d{u.id}", building=f"d{u.building}") for u in b.units),
        ],
        grids=[*a.grids, *(replace(g, id=f"d{g.id}", community="d") for g in b.grids)],
        today={**a.today, **{f"du{n}": "dg0" if n < 5 else "dg1" for n in range(6)}},
    )
    verdict = check(town, repair(town).division)
    assert {one.community: one.max_mean for one in verdict.fairness}["d"] < 1.25


def test_no_head_is_left_outside_for_fairness() -> None:
    today = {f"u{n}": "g0" if n < 5 else "g1" for n in range(6)}
    town = replace(headed(row_of([40, 40, 40, 40, 40, 1]), ["u4", "u5"]), today=today)
    kinds = {one.kind for one in check(town, repair(town).division).violations if one.hard}
    assert kinds == set()


def test_a_town_divided_by_floors_is_divided_again_with_its_walks() -> None:
    towers = [
        Unit(f"u{n}", f"b{n}", "1单元", 56, 130, 0, 28, True, 500.0 * n) for n in range(3)
    ]
    town = replace(
        row_of([1, 1, 1], a_building=1), units=towers, paths=[("u0", "u1"), ("u1", "u2")]
    )
    once = by_floors(town, propose(town))
    assert len(once.units) == 4
    offer = propose(town).floors[0]
    piece = next(unit for unit in once.units if unit.part_of)
    again = by_floors(
        once,
        replace(
            propose(town),
            floors=(replace(offer, unit=piece.id, runs=tuple(even_runs(piece, Rules(), 2))),),
        ),
    )
    ids = {unit.id for unit in again.units}
    assert len(ids) == 5
    assert all(a in ids and b in ids for a, b in again.paths)
    for unit in again.units:
        assert unit.id == "u1" or any(unit.id in pair for pair in again.paths)


def test_a_hundred_floors_and_a_street_in_one_community_come_to_an_end() -> None:
    """Counted in work, not in seconds: one table, and few numbers of grids."""
    tall = Unit("u", "b", "1单元", 200, floors=200, minutes=100_000.0)
    assert fewest_runs(tall, Rules(), 100.0) is None
    town = row_of([30.0] + [1.0] * 60, a_building=1, grids=40)
    assert any("单元太大" in str(one) for one in propose(town, budget=Budget(5)).sentences)


def test_two_grids_that_do_not_touch_are_not_divided_anew() -> None:
    """Found on a street: a tree over two far pieces would have called the cut whole."""
    town = row_of([float(n % 5 + 1) for n in range(30)], grids=3)
    (place,) = grounds(town, footpaths(town))
    board = Board(place, weights_of(town), [0] * 14 + [1] * 6 + [2] * 10)
    assert not board.divide_two(0, 2, Random(1))
    assert board.divide_two(0, 1, Random(1))
    assert all(len(components(mask, place.adjacent)) == 1 for mask in board.member)


def test_what_no_choice_of_light_sets_covers_is_proved_although_counting_forbids_nothing() -> (
    None
):
    # Packed without regard to walks they fit: 6 + 6 against 7 + 1.
    town = row_of([6.0, 7.0, 6.0, 1.0], a_building=1)
    assert floor_of([6.0, 7.0, 6.0, 1.0], 2).minutes <= 12.5
    made = propose(town, seed=1)
    assert check(town, made.division).max_mean > 1.25
    (proof,) = made.proofs
    assert (proof.units, proof.grids) == (4, 2)
    assert "全部试过" in str(proof.why)
    assert made.floors, "a division by floors is offered"
    assert not propose(row_of([6.0, 6.0, 7.0, 1.0], a_building=1), seed=1).proofs


def test_all_light_sets_find_a_fair_division_wherever_trying_everything_does() -> None:
    both = set[bool]()
    for seed in range(40):
        rng = Random(seed)
        town = row_of([float(rng.randint(1, 9)) for _ in range(7)], a_building=1, grids=3)
        town = replace(town, paths=[("u0", "u3"), ("u2", "u6")][: rng.randint(0, 2)])
        (place,) = grounds(town, footpaths(town))
        board = Board(place, Weights(), [-1] * 7)
        limit = place.heavy * place.mean + 1e-9
        possible = any(
            set(labels) == {0, 1, 2}
            and all(
                sum(place.load[u] for u in range(7) if labels[u] == g) <= limit
                and len(
                    components(sum(1 << u for u in range(7) if labels[u] == g), place.adjacent)
                )
                == 1
                for g in range(3)
            )
            for labels in product(range(3), repeat=7)
        )
        found = fair_division(board, (1 << 7) - 1, [0, 1, 2], 10_000)
        assert found.found == ("parts" if possible else "none")
        both.add(possible)
        assert fair_division(board, (1 << 7) - 1, [0, 1, 2], 5).found == "open"
    assert both == {True, False}


def test_a_corner_that_is_too_heavy_with_its_neighbour_and_too_light_alone_is_proved() -> None:
    minutes = [4.3, 8.4, 4.4, 6.0, 4.0, 6.0, 4.0, 10.0, 5.0, 5.0, 10.0, 5.0, 5.0, 10.0]
    minutes += [5.0, 5.0, 10.0, 3.0, 4.0, 3.0]
    town = row_of(minutes, a_building=1, grids=12)
    made = propose(town, seed=1)
    (place,) = grounds(town, footpaths(town))
    mean = place.mean
    assert 0.6 * mean > 4.3
    assert 1.25 * mean < 4.3 + 8.4
    (proof,) = made.proofs
    assert str(proof.why).startswith("1幢0单元只和2幢1单元相通")
    assert "1.30 倍" in str(proof.why)
    # Between two such neighbours it hangs on neither, and is no better off.
    between = row_of([8.4, *minutes], a_building=1, grids=13)
    (place,) = grounds(between, footpaths(between))
    assert 1.25 * place.mean < 4.3 + 8.4
    (proof,) = propose(between, seed=1).proofs
    assert str(proof.why).startswith("2幢1单元无论和相通的哪些单元同格")


def test_what_hangs_on_one_stairwell_alone_comes_into_a_grid_of_its_own_and_is_proved() -> None:
    """Two dead ends beside a stairwell in the middle of a row: all three are too heavy for one grid. Then one
    is alone, since too light is less of an evil than too heavy, and a grid elsewhere gives way."""
    minutes = [2.0] * 10 + [5.0] + [2.0] * 10 + [4.0, 5.0]
    town = row_of(minutes, a_building=1, grids=6)
    ends = {21: 70.0, 22: -70.0}
    units = [
        replace(one, x=500.0, y=ends[n]) if n in ends else one
        for n, one in enumerate(town.units)
    ]
    town = replace(town, units=units)
    (place,) = grounds(town, footpaths(town))
    assert stars(Board(place, Weights(), [0] * 23)) == [(10, 3 << 21)]
    made = propose(town, seed=1)
    (proof,) = made.proofs
    assert "只和11幢10单元相通" in str(proof.why)
    verdict = check(town, made.division)
    assert verdict.hard == 0
    assert verdict.max_mean <= 1.25
    assert [one.unit for one in made.floors] == ["u10"]


def test_heads_who_live_beside_one_another_prove_nothing_about_stairwells() -> None:
    town = headed(row_of([5.0, 5.0, 5.0, 5.0], a_building=1), ["u0", "u1"])
    made = propose(town, seed=1)
    assert made.proofs == ()
    assert made.floors == ()
    assert any("请换人" in str(one) for one in made.sentences)
    # Where the stairwells are the reason, heads change nothing about the proof.
    coarse = headed(row_of([6.0, 7.0, 6.0, 1.0], a_building=1), ["u0", "u1"])
    (proof,) = propose(coarse, seed=1).proofs
    assert "全部试过" in str(proof.why)
