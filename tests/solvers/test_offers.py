"""Offers: own grid first, whoever is there soonest, nobody who must rest; and a surge at the least cost."""

from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from wangge.solvers.fatigue import HOUR, Limits, Stint
from wangge.solvers.offers import Open, Ready, Worker, assign, choose, pick, spread

LIMITS = Limits(longest=12 * HOUR, rest=8 * HOUR)


def worker(id_: str, grid: str, x: float, **more: object) -> Worker:
    made = Worker(id_, grid, grid[0], x, 0.0)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def task(**more: object) -> Open:
    values: dict[str, object] = {"id": "t", "grid": "a1", "community": "a", "x": 0.0, "y": 0.0}
    values |= {"at": 1000.0, "minutes": 30.0, "near": frozenset({"b"})}
    return Open(**{**values, **more})  # type: ignore[arg-type]


def asked(workers: list[Worker], of: Open | None = None, **more: object) -> str | None:
    found = choose(of or task(), workers, LIMITS, **more)  # type: ignore[arg-type]
    return found.worker.id if found.worker else None


def test_the_own_grid_is_asked_before_somebody_nearer_elsewhere() -> None:
    own, beside = worker("own", "a1", 800), worker("beside", "a2", 10)
    assert asked([beside, own]) == "own"
    assert asked([beside, own], tried={"own"}) == "beside"
    assert asked([worker("far", "c1", 0)]) is None


def test_rings_go_outward_and_end_in_the_streets_room() -> None:
    people = [worker("next", "b1", 5), worker("same", "a2", 5), worker("own", "a1", 5)]
    order: list[str] = []
    while (name := asked(people, tried=order)) is not None:
        order.append(name)
    assert order == ["own", "same", "next"]
    found = choose(task(), people, LIMITS, tried=order)
    assert str(found.why) == "附近没有能去的人,转街道指挥室。"


def test_what_somebody_has_to_do_already_counts() -> None:
    busy, far = worker("busy", "a1", 0, free_at=1040.0), worker("far", "a1", 1600)
    assert asked([busy, far]) == "far"
    # Nobody waits an hour for the own grid while the neighbour is free.
    assert asked([worker("busy", "a1", 0, free_at=1060.0), worker("free", "a2", 80)]) == "free"


def test_among_equals_whoever_had_less() -> None:
    assert asked([worker("much", "a1", 0, worked=600.0), worker("less", "a1", 80)]) == "less"


def test_the_reason_does_not_call_somebody_the_soonest_who_is_not() -> None:
    people = [worker("much", "a1", 400, worked=600.0), worker("less", "a1", 800)]
    found = choose(task(), people, LIMITS)
    assert found.worker is not None
    assert found.worker.id == "less"
    assert str(found.why) == "约 10 分钟到;1 人更快,但已经做得更多。"
    alone = choose(task(), people[:1], LIMITS)
    assert str(alone.why) == "1 人里最快,约 5 分钟到。"


def test_the_own_grid_is_first_unless_it_had_far_more_than_its_share() -> None:
    """An hour more than somebody else who is there in time; below that the resident knows who comes."""
    beside = worker("beside", "a2", 400, worked=30.0)
    assert asked([worker("own", "a1", 80, worked=90.0), beside]) == "own"
    found = choose(task(), [worker("own", "a1", 80, worked=91.0), beside], LIMITS)
    assert found.worker is beside
    assert found.rank == 1
    assert str(found.why) == "约 5 分钟到;近处 1 人已经多做 60 分钟以上,让他们歇一歇。"
    # Not for somebody who is there too late, nor for one who must rest.
    late = worker("late", "a2", 1600)
    assert asked([worker("own", "a1", 80, worked=400.0), late]) == "own"
    tired = worker("tired", "a2", 0, stints=[Stint(1000 - 12 * HOUR, 1000)])
    assert asked([worker("own", "a1", 80, worked=400.0), tired]) == "own"


def test_whoever_is_there_in_time_goes_before_a_nearer_one_who_is_not() -> None:
    found, _ = pick(rings(("own", 29), ("next", 15)), lambda _: True, wait=15)
    assert found is not None
    assert (found.who.id, found.rank, found.left, found.spared) == ("next", 1, 29, 0)


def test_whoever_must_rest_is_not_asked_and_the_reason_says_so() -> None:
    tired = worker("tired", "a1", 0, stints=[Stint(1000 - 12 * HOUR, 1000)])
    found = choose(task(), [tired, worker("fresh", "a1", 400)], LIMITS)
    assert found.worker is not None
    assert found.worker.id == "fresh"
    assert "1 人工时到限" in str(found.why)
    assert "1 人工时到限" in str(choose(task(), [tired], LIMITS).why)


def test_skills_and_shifts_bind() -> None:
    nurse = worker("nurse", "a2", 0, skills=frozenset({"nurse"}))
    assert asked([worker("any", "a1", 0), nurse], task(skill="nurse")) == "nurse"
    assert asked([worker("gone", "a1", 800, on_until=1010)]) is None
    assert asked([worker("late", "a1", 0, on_until=1010)]) == "late"


@settings(max_examples=80, deadline=None)
@given(some.integers(1, 5), some.integers(1, 6), some.randoms(use_true_random=False))
def test_a_surge_costs_as_little_as_trying_everything(
    tasks: int, workers: int, random: Random
) -> None:
    cost = np.array(
        [
            [random.choice([float("inf"), *map(float, range(9))]) for _ in range(workers)]
            for _ in range(tasks)
        ]
    )
    made = assign(cost)
    assert made.proved
    used = [one for one in made.worker.tolist() if one >= 0]
    assert len(used) == len(set(used))
    columns = [*range(workers), *[-1] * tasks]
    best = min(
        (
            sum(w < 0 for w in way),
            sum(cost[t, w] for t, w in enumerate(way) if w >= 0),
        )
        for way in set(permutations(columns, tasks))
        if all(w < 0 or np.isfinite(cost[t, w]) for t, w in enumerate(way))
    )
    assert (made.left, made.minutes) == best
    assert len(made.why) == tasks


def test_a_surge_says_why_not_the_nearest() -> None:
    made = assign(np.array([[1.0, 2.0], [1.0, 9.0]]))
    assert made.worker.tolist() == [1, 0]
    assert str(made.why[0]) == "约 2 分钟到;更快的 1 人去别处省得更多,这里晚 1 分钟。"
    with pytest.raises(ValueError, match="numbers"):
        assign(np.array([[np.nan]]))
    assert assign(np.empty((0, 3))).proved
    assert assign(np.empty((2, 0))).left == 2


def rings(*who: tuple[str, float]) -> list[list[Ready]]:
    return [[Ready(name, minutes)] for name, minutes in who]


def test_a_ring_is_left_only_for_somebody_much_sooner() -> None:
    def picked(*who: tuple[str, float]) -> tuple[str, float | None]:
        found, _ = pick(rings(*who), lambda _: True, wait=15)
        assert found is not None
        return found.who.id, found.left

    assert picked(("own", 15), ("next", 0)) == ("own", None)
    assert picked(("own", 30), ("next", 16)) == ("own", None)
    assert picked(("own", 32), ("next", 16), ("far", 0)) == ("far", 16)
    assert pick([[], []], lambda _: True) == (None, 0)
    assert pick(rings(("own", 0)), lambda _: False) == (None, 1)


def test_in_a_surge_people_get_several_one_after_another() -> None:
    """Two of one grid and one of the next, for ten tasks: nobody stands idle, nobody is passed by."""
    both = [[Ready("a", 0), Ready("b", 0)], [Ready("c", 5)]]
    given = spread([both] * 10, each=20, wait=15)
    count = {
        name: sum(one is not None and one.who.id == name for one in given) for name in "abc"
    }
    assert (
        count == {"a": 4, "b": 4, "c": 2}
        or count == {"a": 3, "b": 4, "c": 3}
        or (count == {"a": 4, "b": 3, "c": 3})
    )
    ends = sorted(one.minutes for one in given if one is not None and one.who.id == "a")
    assert ends == [n * 20 for n in range(count["a"])]


def test_a_surge_leaves_out_only_what_nobody_may_take() -> None:
    given = spread([[[], []], [[Ready("a", 3)]], [[Ready("a", 3)], [Ready("b", 500)]]], each=20)
    assert given[0] is None
    assert [one.who.id for one in given[1:] if one is not None] == ["a", "a"]


@settings(max_examples=40, deadline=None)
@given(some.integers(1, 30), some.integers(1, 5), some.randoms(use_true_random=False))
def test_a_surge_loses_nobody_and_puts_nobody_in_two_places(
    tasks: int, people: int, random: Random
) -> None:
    wanted = [
        [
            [
                Ready(f"p{n}", random.randrange(30))
                for n in range(people)
                if random.random() < 0.5
            ]
            for _ in range(2)
        ]
        for _ in range(tasks)
    ]
    for both in wanted:  # nobody is in two rings
        inner = {one.id for one in both[0]}
        both[1] = [one for one in both[1] if one.id not in inner]
    given = spread(wanted, each=20)
    turns: dict[str, list[float]] = {}
    for both, one in zip(wanted, given, strict=True):
        assert (one is None) == (not any(both))
        if one is not None:
            assert one.who in both[one.rank]
            turns.setdefault(one.who.id, []).append(one.minutes - one.who.minutes)
    for had in turns.values():
        assert sorted(had) == [n * 20 for n in range(len(had))]
