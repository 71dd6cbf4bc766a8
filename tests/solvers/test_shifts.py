"""Rosters: gates never empty, nobody beyond a limit, few changes; judged by somebody who did not make
them."""

import ast
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import wangge.solvers.shifts as shifts
from wangge.solvers import Budget
from wangge.solvers.fatigue import DAY, HOUR, Limits, Stint
from wangge.solvers.shifts import (
    Entry,
    Need,
    Person,
    Post,
    Problem,
    Shift,
    Weights,
    Wish,
    check,
    making,
)
from wangge.solvers.shifts.making import Effort, Made, make, mend

LIMITS = Limits(longest=12 * HOUR, rest=11 * HOUR, days=6, nights=2, week=60 * HOUR)
THREE = (
    Shift("a", "早班", 0, 8 * HOUR),
    Shift("b", "中班", 8 * HOUR, 16 * HOUR),
    Shift("c", "晚班", 16 * HOUR, 24 * HOUR),
)
ONE_WORKER = Effort(workers=1)


def gates(people: int, days: int, posts: int = 1, limits: Limits = LIMITS) -> Problem:
    """So many gates around the clock, and people who all may stand there."""
    return Problem(
        days,
        THREE,
        tuple(Post(f"g{n}", f"{n}号门", "door", gate=True) for n in range(posts)),
        tuple(Person(f"p{n:02}", frozenset({"door"})) for n in range(people)),
        tuple(
            Need(day, one.id, f"g{n}")
            for day in range(days)
            for one in THREE
            for n in range(posts)
        ),
        limits,
    )


def made(problem: Problem, seconds: float = 20.0) -> Made:
    return make(problem, budget=Budget(100, seconds), effort=ONE_WORKER)


def test_a_gate_is_never_empty_when_it_need_not_be() -> None:
    problem = gates(5, 7)
    found = made(problem)
    judged = check(problem, found.entries)
    assert (judged.faults, judged.missing, found.missing) == ((), 0, 0)
    assert judged.most - judged.fewest <= 1  # 21 shifts among five
    assert judged.most_nights <= 3


def test_too_few_people_are_told_how_many_more_and_that_nothing_helps() -> None:
    problem = gates(2, 7)
    found = made(problem)
    assert check(problem, found.entries).faults == ()
    assert found.missing == found.missing_bound > 0
    assert 1 <= found.more_least <= found.more_enough
    assert any("已证明" in str(one) for one in found.sentences)
    more = gates(2 + found.more_enough, 7)
    assert made(more).missing == 0


def test_the_gate_is_filled_before_any_other_post() -> None:
    problem = gates(1, 1)
    yard = Post("yard", "巡逻", "door")
    busy = replace(
        problem, posts=(*problem.posts, yard), needs=(Need(0, "b", "yard"), Need(0, "b", "g0"))
    )
    assert [one.post for one in made(busy).entries] == ["g0"]


def test_nobody_stands_where_they_lack_the_skill() -> None:
    problem = replace(
        gates(2, 1),
        people=(Person("p00"), Person("p01", frozenset({"door"}))),
        needs=(Need(0, "b", "g0"),),
    )
    assert [one.person for one in made(problem).entries] == ["p01"]
    nobody = replace(problem, people=(Person("p00"),))
    assert made(nobody).missing == 1


def test_what_is_in_the_books_counts() -> None:
    """Eleven hours after the evening before, and no third night."""
    tired = Person("p00", frozenset({"door"}), before=(Stint(-8 * HOUR, -HOUR),))
    problem = replace(gates(1, 1), people=(tired,), needs=(Need(0, "b", "g0"),))
    assert made(problem).missing == 1
    nights = tuple(Stint(day * DAY, day * DAY + 6 * HOUR) for day in (-2, -1))
    third = Person("p00", frozenset({"door"}), before=nights)
    assert made(replace(problem, people=(third,), needs=(Need(0, "a", "g0"),))).missing == 1
    fresh = Person("p00", frozenset({"door"}), before=nights[:1])
    assert made(replace(problem, people=(fresh,), needs=(Need(0, "a", "g0"),))).missing == 0


def test_wishes_are_met_where_they_cost_no_post() -> None:
    problem = gates(2, 1)
    wishing = (
        replace(problem.people[0], wishes=(Wish(0, "b", like=False),)),
        problem.people[1],
    )
    problem = replace(problem, people=wishing, needs=(Need(0, "b", "g0"),))
    assert [one.person for one in made(problem).entries] == ["p01"]
    alone = replace(problem, people=wishing[:1])
    assert [one.person for one in made(alone).entries] == ["p00"]


def test_fairness_goes_over_weeks() -> None:
    problem = gates(2, 1)
    people = (replace(problem.people[0], nights_before=3, shifts_before=5), problem.people[1])
    problem = replace(problem, people=people, needs=(Need(0, "a", "g0"),))
    assert [one.person for one in made(problem).entries] == ["p01"]


def test_illness_is_mended_with_the_fewest_changes() -> None:
    problem = gates(6, 7)
    before = made(problem)
    ill = replace(
        problem,
        people=(
            replace(problem.people[0], away=frozenset(range(7))),
            *problem.people[1:],
        ),
    )
    gone = [one for one in before.entries if one.person == "p00"]
    mended = mend(ill, before.entries, budget=Budget(100, 20.0), effort=ONE_WORKER)
    judged = check(ill, mended.entries, beside=before.entries)
    assert (judged.faults, judged.missing) == ((), 0)
    assert judged.changed == mended.changed
    # Each of the ill one's entries goes and somebody comes: fewer is impossible.
    assert 2 * len(gone) <= mended.changed <= 2 * len(gone) + 8
    again = mend(problem, before.entries, budget=Budget(100, 20.0), effort=ONE_WORKER)
    assert again.entries == before.entries


def test_the_same_work_and_seed_give_the_same_roster() -> None:
    problem = gates(5, 4)
    effort = Effort(seed=3, repeatable=True)
    first, second = (make(problem, budget=Budget(300), effort=effort) for _ in range(2))
    assert first.entries == second.entries


def test_whoever_waits_may_say_stop() -> None:
    budget = Budget(100, 60.0, cancelled=lambda: True)
    problem = gates(30, 14, posts=8)
    stopped = make(problem, budget=budget, effort=ONE_WORKER)
    assert stopped.stopped == "cancelled"
    assert check(problem, stopped.entries).faults == ()


@pytest.mark.parametrize(
    ("entries", "kind"),
    [
        ([Entry(0, "a", "g0", "p00"), Entry(0, "c", "g0", "p00")], "rest"),
        ([Entry(0, "a", "g0", "p00"), Entry(0, "b", "g0", "p00")], "longest"),
        ([Entry(n, "a", "g0", "p00") for n in range(3)], "nights"),
        ([Entry(n, "b", "g0", "p00") for n in range(7)], "days"),
        ([Entry(0, "a", "g0", "p09")], "unknown"),
        ([Entry(9, "a", "g0", "p00")], "unknown"),
        ([Entry(0, "a", "g0", "p00"), Entry(0, "a", "g0", "p01")], "surplus"),
        ([Entry(0, "a", "g0", "p00"), Entry(0, "a", "g0", "p00")], "twice"),
        ([Entry(0, "a", "g0", "p01"), Entry(0, "a", "g1", "p01")], "overlap"),
    ],
)
def test_the_checker_finds_what_must_not_be(entries: list[Entry], kind: str) -> None:
    problem = gates(3, 7, posts=2)
    assert kind in {one.kind for one in check(problem, entries).faults}


def test_the_checker_counts_away_skills_and_most() -> None:
    problem = gates(3, 7)
    people = (
        Person("p00", frozenset({"door"}), away=frozenset({0})),
        Person("p01"),
        Person("p02", frozenset({"door"}), most=1),
    )
    judged = check(
        replace(problem, people=people),
        [
            Entry(0, "b", "g0", "p00"),
            Entry(1, "b", "g0", "p01"),
            Entry(2, "b", "g0", "p02"),
            Entry(4, "b", "g0", "p02"),
        ],
    )
    assert sorted(one.kind for one in judged.faults) == ["away", "skill", "too_many"]
    assert judged.gates_open == 17


@settings(max_examples=12, deadline=None)
@given(
    some.integers(1, 6),
    some.integers(1, 5),
    some.integers(0, 3),
    some.sets(some.integers(0, 4), max_size=3),
)
def test_any_roster_stands_before_the_checker(
    people: int, days: int, before: int, away: set[int]
) -> None:
    problem = gates(people, days, posts=2)
    first = replace(
        problem.people[0],
        away=frozenset(away),
        before=tuple(Stint(-n * DAY - 7 * HOUR, -n * DAY - HOUR) for n in range(before)),
    )
    problem = replace(problem, people=(first, *problem.people[1:]))
    found = made(problem, 5.0)
    judged = check(problem, found.entries)
    assert judged.faults == ()
    assert judged.missing == found.missing >= found.missing_bound


def test_the_checker_shares_no_code_with_what_makes_rosters() -> None:
    folder = Path(shifts.__file__).parent
    tree = ast.parse((folder / "checking.py").read_text(encoding="utf-8"))
    from_ = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in from_ if name and name.startswith("wangge.solvers.shifts")} - {
        "wangge.solvers.shifts.problem"
    }


def test_the_checker_needs_no_solver_to_be_loaded() -> None:
    """Whoever only checks or shows rosters does not pay for OR-Tools."""
    import subprocess

    asked = "import sys, wangge.solvers.shifts, wangge.web.app; print('ortools' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"


def test_a_repair_that_is_not_proved_says_how_many_changes_it_takes_at_least() -> None:
    problem = gates(6, 7)
    before = made(problem).entries
    ill = replace(
        problem,
        people=(replace(problem.people[0], away=frozenset(range(7))), *problem.people[1:]),
    )
    theirs = sum(one.person == "p00" for one in before)
    hurried = mend(ill, before, budget=Budget(0), effort=Effort(repeatable=True))
    assert not hurried.proved
    told = hurried.sentences[-1]
    # They go in any case, and somebody comes wherever a hurried answer leaves no place empty.
    least = theirs + max(0, theirs - hurried.missing)
    if "least" in told.values:
        assert least <= int(told.values["least"]) < int(told.values["changed"])
        assert hurried.missing or int(told.values["least"]) == least
    else:
        assert "不能改得更少" in told.text
        assert hurried.missing or hurried.changed == least


def test_places_that_are_not_needed_any_more_prove_no_change() -> None:
    """Whoever goes from such a place is followed by nobody. No clock: the same on any machine."""
    repeatable = Effort(repeatable=True)
    problem = gates(6, 7)
    before = make(problem, budget=Budget(100), effort=repeatable).entries
    fewer = replace(problem, needs=tuple(one for one in problem.needs if one.shift != "c"))
    gone = sum(one.shift == "c" for one in before)
    best = mend(fewer, before, budget=Budget(100), effort=repeatable)
    assert (best.proved, best.missing, best.changed) == (True, 0, gone)
    # No try at all: the roster there was stands, and nothing else is in it.
    hurried = mend(fewer, before, budget=Budget(0), effort=repeatable)
    assert (hurried.missing, hurried.changed) == (0, gone)
    assert set(hurried.entries) == {one for one in before if one.shift != "c"}
    told = hurried.sentences[-1]
    assert not hurried.proved
    assert int(told.values.get("least", hurried.changed)) <= best.changed


def community() -> Problem:
    """Sixteen people of whom six take samples, two gates, a place for samples, deliveries; each has a week
    of duty in the books already."""
    posts = (
        Post("e", "东门", gate=True),
        Post("w", "西门", gate=True),
        Post("t", "采样", "采样"),
        Post("g", "配送"),
    )
    shifts = tuple(
        replace(one, begins=one.begins + 7 * HOUR, ends=one.ends + 7 * HOUR) for one in THREE
    )
    counts = {"e": (1, 1, 1), "w": (1, 1, 1), "t": (2, 2, 0), "g": (2, 1, 0)}
    books = [
        Stint(day * DAY + (7 + 8 * (n % 3)) * HOUR, day * DAY + (15 + 8 * (n % 3)) * HOUR)
        for n in range(16)
        for day in range(7)
        if (day + n) % 7 < 4
    ]
    return Problem(
        14,
        shifts,
        posts,
        tuple(
            Person(
                f"p{n:02}",
                frozenset({"采样"}) if n % 3 == 0 else frozenset(),
                before=tuple(books[4 * n : 4 * n + 4]),
            )
            for n in range(16)
        ),
        tuple(
            Need(day, one.id, post, count)
            for day in range(14)
            for post, by_shift in counts.items()
            for one, count in zip(shifts, by_shift, strict=True)
            if count
        ),
        Limits(longest=12 * HOUR, rest=8 * HOUR, days=6, nights=3, week=60 * HOUR, pause=120),
    )


def test_when_five_of_sixteen_fall_ill_the_fewest_changes_are_proved_in_little_work() -> None:
    """Far too few are left, and their books are full: what a programme sees and a search by trying does not
    in a hundred times the work. It is said how many more people it takes, by what is proved."""
    repeatable = Effort(repeatable=True)
    problem = community()
    before = make(problem, budget=Budget(300), effort=repeatable)
    ill = replace(
        problem,
        people=tuple(
            replace(one, away=frozenset(range(14))) if 3 <= n < 8 else one
            for n, one in enumerate(problem.people)
        ),
    )
    budget = Budget(100)
    mended = mend(ill, before.entries, budget=budget, effort=repeatable)
    assert (mended.proved, mended.stopped, budget.ended) == (True, "", "")
    assert mended.missing_bound == mended.missing > before.missing
    assert mended.changed_least == mended.changed
    assert mended.more_least > 1
    told = [str(one) for one in mended.sentences]
    assert (
        f"按这些限度,至少还要 {mended.more_least} 人;再有 {mended.more_enough} 人就够。" in told
    )
    assert any("怎样排都至少空这么多" in one for one in told)
    assert check(ill, mended.entries).faults == ()


def test_no_number_of_changes_leaves_a_place_empty() -> None:
    """Even where somebody has weighed a change more than a place."""
    problem = gates(3, 2)
    problem = replace(
        problem,
        posts=(Post("yard", "巡逻", "door"),),
        needs=tuple(Need(day, "b", "yard") for day in range(2)),
        weights=Weights(change=5_000),
    )
    before = [Entry(day, "b", "yard", "p00") for day in range(2)]
    ill = replace(
        problem,
        people=(replace(problem.people[0], away=frozenset({1})), *problem.people[1:]),
    )
    mended = mend(ill, before, budget=Budget(100), effort=Effort(repeatable=True))
    assert (mended.proved, mended.missing, mended.changed) == (True, 0, 2)
    assert before[0] in mended.entries


def in_a_row(*posts: Post, people: tuple[Person, ...]) -> Problem:
    """One shift of one day at some posts."""
    needs = tuple(Need(0, "b", one.id) for one in posts)
    return Problem(1, THREE, posts, people, needs, LIMITS)


def test_a_place_is_passed_on_until_somebody_free_takes_the_last() -> None:
    """Before any search: the one at the gate is ill, who can stand there has a place of their own, and who
    can take that one has one too."""
    posts = Post("x", "", "x"), Post("y", "", "y"), Post("z", "", "z")
    people = (
        Person("a", frozenset("x"), away=frozenset({0})),
        Person("b", frozenset("xy")),
        Person("c", frozenset("yz")),
        Person("d", frozenset("z")),
    )
    problem = in_a_row(*posts, people=people)
    before = [Entry(0, "b", post, who) for post, who in zip("xyz", "abc", strict=True)]
    mended = mend(problem, before, budget=Budget(0), effort=Effort(repeatable=True))
    assert mended.entries == tuple(
        Entry(0, "b", post, who) for post, who in zip("xyz", "bcd", strict=True)
    )


def test_a_gate_is_filled_before_any_search_though_another_post_stays_empty() -> None:
    posts = Post("gate", "", "x", gate=True), Post("yard", "", "y")
    people = (
        Person("a", frozenset("x"), away=frozenset({0})),
        Person("b", frozenset("xy")),
    )
    problem = in_a_row(*posts, people=people)
    before = [Entry(0, "b", "gate", "a"), Entry(0, "b", "yard", "b")]
    mended = mend(problem, before, budget=Budget(0), effort=Effort(repeatable=True))
    assert mended.entries == (Entry(0, "b", "gate", "b"),)


def test_places_passed_on_by_hand_stand_before_the_checker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Moved about and taken back too, as for many people: nothing that must not be, some
    of the places filled, and the same every time."""
    monkeypatch.setattr(making, "_FEW", 0)
    problem = community()
    early = Effort(seed=3, repeatable=True)
    before = make(problem, budget=Budget(0), effort=early)
    ill = replace(
        problem,
        people=tuple(
            replace(one, away=frozenset(range(14))) if n < 2 else one
            for n, one in enumerate(problem.people)
        ),
    )
    mended = mend(ill, before.entries, budget=Budget(0), effort=early)
    judged = check(ill, mended.entries)
    assert judged.faults == ()
    theirs = sum(one.person in ("p00", "p01") for one in before.entries)
    assert judged.missing == mended.missing < before.missing + theirs
    assert mend(ill, before.entries, budget=Budget(0), effort=early).entries == mended.entries


def test_a_shift_that_nobody_may_do_is_not_filled_by_more_people() -> None:
    """Twenty-two hours at one go, and twelve at most: to ask for one more person would be a lie."""
    long = Shift("d", "长班", 7 * HOUR, 29 * HOUR)
    problem = replace(
        gates(3, 2), shifts=(long,), needs=(Need(0, "d", "g0"), Need(1, "d", "g0"))
    )
    for found in (made(problem), mend(problem, [], budget=Budget(100), effort=ONE_WORKER)):
        assert (found.missing, found.more_least, found.more_enough) == (2, 0, 0)
        told = [str(one) for one in found.sentences]
        assert "“长班”一班就有 22 小时,超过 12 小时,谁也不能上:请拆成两班。" in told
        assert not any("人就够" in one for one in told)
    both = replace(problem, shifts=(long, *THREE), needs=(*problem.needs, *gates(3, 2).needs))
    alone = replace(both, people=both.people[:1])
    needed = [made(replace(gates(3, 2), people=alone.people)), made(alone)]
    assert needed[0].more_enough == needed[1].more_enough > 0


def test_what_is_beyond_a_limit_is_said_with_its_hours() -> None:
    long = Shift("d", "长班", 7 * HOUR, 29 * HOUR)
    problem = replace(gates(1, 1), shifts=(long,), needs=(Need(0, "d", "g0"),))
    judged = check(problem, [Entry(0, "d", "g0", "p00")])
    assert [str(one.why) for one in judged.faults] == [
        "第 1 天起有人连续 22 小时,超过 12 小时。"
    ]
