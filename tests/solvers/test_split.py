"""Floors among people, judged by a checker that shares no code with what divides, over towns nobody has
seen."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wangge.solvers import Budget
from wangge.solvers.split import (
    Hand,
    Rules,
    Run,
    Stairwell,
    Stop,
    Town,
    check,
    resplit,
    solve_team,
    split,
)
from wangge.solvers.split.bounds import at_least
from wangge.solvers.split.dealing import Dealer
from wangge.solvers.split.prices import priced
from wangge.solvers.split.wells import Cutter, Well, ways, wells_of

CALM = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def tower(
    name: str, floors: int = 28, doors: int = 2, *, lift: bool = True, x: float = 0.0
) -> Stairwell:
    """A stairwell with as many doors on each floor."""
    return Stairwell(
        name, name, tuple(Stop(n, doors) for n in range(1, floors + 1)), lift, name, x, 0.0
    )


def estate(count: int = 26) -> Town:
    """The estate of the reports: 28 floors, 56 doors a stairwell, 40 m apart, 20 minutes."""
    return Town([tower(f"u{n}", x=40.0 * n) for n in range(count)])


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """A few stairwells of every kind: empty, walled up, with basements, walked up, houses."""
    wells: list[Stairwell] = []
    for n in range(draw(st.integers(0, 5))):
        lowest = draw(st.sampled_from([1, 1, 1, -2]))
        floors = [f for f in range(lowest, lowest + draw(st.integers(1, 9))) if f != 0]
        at = draw(st.one_of(st.none(), st.integers(0, 400)))
        wells.append(
            Stairwell(
                f"u{n}",
                f"{n}单元",
                tuple(
                    Stop(f, draw(st.integers(0, 4)), draw(st.sampled_from([0, 0, 1, 2])))
                    for f in floors
                ),
                draw(st.booleans()),
                f"b{n // 2}",
                None if at is None else float(at),
                None if at is None else 0.0,
            )
        )
    people = draw(st.one_of(st.none(), st.integers(0, 6)))
    return Town(
        wells,
        float(draw(st.sampled_from([3, 8, 20]))),
        None if people is None else [f"w{n}" for n in range(people)],
        draw(st.sampled_from([None, [], ["s1", "s2"]])),
        draw(st.sampled_from([None, (0.0, 10.0)])),
    )


@CALM
@given(towns(), st.integers(0, 3))
def test_every_door_is_in_one_hand_and_lateness_is_the_only_excuse(
    town: Town, seed: int
) -> None:
    made = split(town, seed=seed, budget=Budget(60))
    found = check(town, made.hands).violations
    allowed: set[str] = set()
    for answer in made.teams:
        if answer.need is None or (answer.have is not None and answer.have < answer.need):
            allowed |= {"late"}
        if answer.have == 0:
            allowed |= {"missed"}
    assert {one.kind for one in found} <= allowed


@CALM
@given(towns())
def test_the_same_town_and_seed_give_the_same_division(town: Town) -> None:
    assert split(town, seed=2, budget=Budget(60)) == split(town, seed=2, budget=Budget(60))


@CALM
@given(towns())
def test_no_count_is_below_what_was_proved_and_more_people_never_take_longer(
    town: Town,
) -> None:
    alone = solve_team(town, "doors", None)
    if alone.need is None:
        return
    assert alone.need >= alone.bound.people
    assert alone.longest <= town.minutes + 0.01
    if alone.need:
        there = [f"w{n}" for n in range(alone.need + 2)]
        assert solve_team(town, "doors", there).longest <= alone.longest + 0.2


def test_prices_prove_what_counting_doors_cannot() -> None:
    """1,443 doors are 25 times what one person reaches, but nobody reaches all of that 25 times."""
    town = estate()
    wells = [
        replace(one, stops=tuple(replace(s, doors=1 + (s.floor != n + 2)) for s in one.stops))
        for n, one in enumerate(town.stairwells[:13])
    ]
    made = solve_team(replace(town, stairwells=[*wells, *town.stairwells[13:]]), "doors", None)
    assert made.works == 1443
    assert (made.need, made.bound.people, made.proof) == (26, 26, True)
    assert not made.bound.doors
    assert "至少要 26 人" in str(made.sentences[1])


@CALM
@given(towns())
def test_a_bound_holds_against_every_way_to_cut_two_stairwells(town: Town) -> None:
    """Every cut of small towns is tried; no person may walk from one stairwell to another there, so
    that what is tried is all there is."""
    small = replace(
        town,
        stairwells=[replace(one, stops=one.stops[:4]) for one in town.stairwells[:2]],
        gate=None,
        rules=Rules(next_seconds=1e6),
    )
    wells = wells_of(small, "doors")
    limit = small.minutes * 60
    if not wells:
        return
    fewest = 0
    for well in wells:
        counts = [
            sum(cuts) + 1
            for cuts in product((0, 1), repeat=well.size - 1)
            if all(well.seconds(run) <= limit for run in runs_of(cuts))
        ]
        if not counts:
            assert Cutter(well, limit).cut(well.whole()) is None
            return
        cut = Cutter(well, limit).cut(well.whole())
        assert cut is not None
        assert len(cut.pieces) == min(counts)
        fewest += min(counts)
    assert at_least(wells, ways(small, wells), limit, fewest).people <= fewest
    assert solve_team(small, "doors", None).need == fewest


@CALM
@given(towns())
def test_prices_never_prove_more_than_the_best_of_all_routes(town: Town) -> None:
    """Every route over a few floors, and the fewest of them that reach every door."""
    small = replace(
        town, stairwells=[replace(one, stops=one.stops[:3]) for one in town.stairwells[:3]]
    )
    wells = wells_of(small, "doors")
    between, limit = ways(small, wells), small.minutes * 60
    if not wells or any(
        well.start + well.seconds((n, n)) > limit for well in wells for n in range(well.size)
    ):
        return
    dealer = Dealer(wells, between, limit)
    runs = [
        (number, (first, last))
        for number, well in enumerate(wells)
        for first in range(well.size)
        for last in range(first, well.size)
    ]
    bit = {(n, stop): 1 << k for k, (n, stop) in enumerate(floors_of(wells))}
    reached = {
        sum(bit[n, stop] for n, (first, last) in route for stop in range(first, last + 1))
        for size in range(1, len(wells) + 1)
        for route in permutations(runs, size)
        if len({n for n, _ in route}) == size and dealer.seconds(list(route)) <= limit
    }
    people, left = 0, {(1 << len(bit)) - 1}
    while 0 not in left:
        people += 1
        left = {one & ~mine for one in left for mine in reached}
    assert priced(wells, between, limit, people + 1) <= people


def floors_of(wells: Sequence[Well]) -> list[tuple[int, int]]:
    return [(n, stop) for n, well in enumerate(wells) for stop in range(well.size)]


def runs_of(cuts: tuple[int, ...]) -> list[tuple[int, int]]:
    """Runs of stops where a 1 cuts after a stop."""
    found, first = [], 0
    for n, cut in enumerate((*cuts, 1)):
        if cut:
            found.append((first, n))
            first = n + 1
    return found


def test_one_person_does_56_doors_on_28_floors_in_18_minutes() -> None:
    (load,) = check(estate(1), [Hand("w", "doors", (Run("u0", 28, 1),))]).loads
    assert load.minutes == 18.21


def test_nineteen_cannot_and_twenty_six_can_and_it_is_proved() -> None:
    town = replace(estate(), workers=[f"w{n}" for n in range(19)])
    made = split(town)
    told = [str(one) for one in made.sentences]
    assert told[0] == "20.0 分钟内,19 人走不完 1456 户,26 人可以。"
    assert told[1].startswith("不能再少:一个人 20.0 分钟里最多走 58 户")
    (team,) = made.teams
    assert team.proof
    assert len(team.hands) == 19
    assert team.longest > 20
    assert team.late > 0
    enough = split(replace(town, workers=[f"w{n}" for n in range(26)]))
    assert enough.teams[0].late == 0
    assert check(replace(town, workers=None), enough.hands).violations == ()


def test_whoever_has_time_left_goes_on_to_the_next_stairwell() -> None:
    town = Town([tower(f"u{n}", 10, x=30.0 * n) for n in range(4)], minutes=14.5)
    made = solve_team(town, "doors", None)
    assert made.need == 2
    assert made.proof
    assert all(len(hand.runs) == 2 for hand in made.hands)


def test_lifts_out_of_order_take_more_people() -> None:
    town = estate(4)
    out = replace(town, stairwells=[replace(one, lift=False) for one in town.stairwells])
    runs, walked = solve_team(town, "doors", None), solve_team(out, "doors", None)
    assert runs.need == 4
    assert walked.need is not None
    assert walked.need > 4
    assert "没有电梯可用" in " ".join(map(str, split(out).sentences))


def test_zero_workers_get_a_plain_sentence_and_a_number() -> None:
    made = split(replace(estate(2), workers=[]))
    told = " ".join(map(str, made.sentences))
    assert made.hands == ()
    assert "2 人可以" in told
    assert "现在没有人手" in told


def test_a_floor_that_takes_longer_than_the_clock_is_named() -> None:
    town = Town([Stairwell("u", "1单元", (Stop(1, 2), Stop(5, 200)), False)], minutes=20)
    made = split(town)
    assert made.teams[0].need is None
    assert str(made.sentences[0]).startswith("1单元 5 层一处就要")
    assert [one.kind for one in check(town, made.hands).violations] == ["late"]


def test_those_who_are_visited_are_the_second_teams() -> None:
    wells = [
        replace(one, stops=tuple(replace(s, special=int(s.floor % 9 == 0)) for s in one.stops))
        for one in estate(3).stairwells
    ]
    made = split(Town(wells, workers=["a", "b", "c"], second=["x", "y"]))
    assert [one.team for one in made.teams] == ["doors", "home"]
    assert made.teams[1].works == 9
    visited = [hand for hand in made.hands if hand.team == "home"]
    assert {hand.worker for hand in visited} <= {"x", "y"}
    assert made.together is not None
    assert made.together > 3


def test_only_the_doors_of_whoever_drops_out_change_hands() -> None:
    town = replace(estate(4), minutes=40.0, workers=list("abcd"))
    before = [Hand(w, "doors", (Run(f"u{n}", 28, 1),)) for n, w in enumerate("abcd")]
    made = resplit(town, before, ["b"], done={"u1": [28, 27], "u0": [28]})
    assert made.doors == 52
    assert {one.from_worker for one in made.handed} == {"b"}
    kept = {hand.worker: hand for hand in made.hands}
    assert set(kept) == set("acd")
    for n, worker in ((0, "a"), (2, "c"), (3, "d")):
        assert any(run.stairwell == f"u{n}" for run in kept[worker].runs)
    left = [
        replace(one, stops=tuple(s for s in one.stops if s.floor not in done))
        for one, done in zip(town.stairwells, ([28], [28, 27], [], []), strict=True)
    ]
    assert check(Town(left, 40.0), made.hands).violations == ()
    assert made.longest <= 40


@CALM
@given(towns(), st.integers(0, 5))
def test_whatever_drops_out_no_door_is_lost_or_doubled(town: Town, n: int) -> None:
    town = replace(town, second=None)
    if town.workers is None:
        town = replace(town, workers=[f"w{n}" for n in range(4)])
    before = solve_team(town, "doors", town.workers)
    gone = [hand.worker for hand in before.hands[n % max(1, len(before.hands)) :][:2]]
    made = resplit(town, before.hands, gone)
    found = {one.kind for one in check(replace(town, workers=None), made.hands).violations}
    if len(gone) < len(before.hands):
        assert found <= {"late"}
        lost = sum(
            load.doors for load in check(town, before.hands).loads if load.worker in gone
        )
        assert made.doors == lost
    elif before.works:
        assert any("没有人" in str(one) for one in (*made.sentences, *before.sentences))


@pytest.mark.parametrize(
    ("hands", "kind"),
    [
        ((), "missed"),
        ((Run("u0", 28, 2),), "missed"),
        ((Run("u0", 28, 1), Run("u0", 3, 1)), "twice"),
        ((Run("u0", 28, 1), Run("u0", 3, 1)), "stairwell_twice"),
        ((Run("nowhere", 28, 1),), "unknown_stairwell"),
        ((Run("u0", 1, 28),), "upside_down"),
    ],
)
def test_the_checker_sees_each_fault(hands: tuple[Run, ...], kind: str) -> None:
    found = check(estate(1), [Hand("w", "doors", hands)]).violations
    assert kind in {one.kind for one in found}


def test_the_checker_sees_who_is_not_there() -> None:
    whole = (Run("u0", 28, 1),)
    town = replace(estate(1), workers=["a"], minutes=10.0)
    found = check(town, [Hand("b", "doors", whole), Hand("b", "doors", whole)]).violations
    assert {one.kind for one in found} == {
        "late",
        "twice",
        "too_many_people",
        "worker_twice",
        "unknown_worker",
    }
