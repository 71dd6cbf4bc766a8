"""The guard says what a stint would break; the scan of a county agrees with it."""

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from wangge.solvers.fatigue import DAY, HOUR, Limits, Stint, breaks, enough, faults, left
from wangge.solvers.fatigue.scanning import scan

LIMITS = Limits(longest=12 * HOUR, rest=8 * HOUR, days=6, nights=3, week=60 * HOUR)
#: 2026-03-18 00:00, a Wednesday.
WEDNESDAY = 20_530 * DAY


def stint(day: int, begins: float, ends: float) -> Stint:
    """From and to so many hours of a day, counted from Wednesday."""
    midnight = WEDNESDAY + day * DAY
    return Stint(midnight + int(begins * HOUR), midnight + int(ends * HOUR))


def kinds(stints: list[Stint], new: Stint, limits: Limits = LIMITS) -> list[str]:
    return [one.kind for one in breaks(stints, new, limits)]


def test_a_twenty_second_hour_is_told_with_its_numbers() -> None:
    (found,) = breaks([stint(0, 8, 20)], stint(0, 20, 30), Limits(longest=12 * HOUR))
    assert found.kind == "longest"
    assert found.has == 22 * HOUR
    assert str(found.why) == "从 03-18 08:00 到 03-19 06:00 连续 22 小时,超过 12 小时。"


def test_a_meal_is_no_rest_and_does_not_begin_a_new_spell() -> None:
    morning, evening = stint(0, 6, 13), stint(0, 14, 21)
    assert kinds([morning], evening) == ["longest"]
    # An ordinary day with two hours at noon breaks nothing.
    assert kinds([stint(0, 8, 12)], stint(0, 14, 18)) == []


def test_between_two_spells_there_must_be_a_rest() -> None:
    assert kinds([stint(0, 8, 16)], stint(0, 23, 27)) == ["rest"]
    assert kinds([stint(0, 8, 16)], stint(0, 24, 28)) == []
    # It counts towards the next one too.
    assert kinds([stint(1, 6, 10)], stint(0, 20, 23)) == ["rest"]


def test_nobody_is_at_two_posts() -> None:
    assert "overlap" in kinds([stint(0, 8, 16)], stint(0, 15, 18))
    assert "overlap" not in kinds([stint(0, 8, 16)], stint(0, 16, 18))


def test_a_seventh_day_in_a_row_is_too_many_wherever_it_lies() -> None:
    week = [stint(day, 9, 12) for day in range(7)]
    for missing in range(7):
        others = [one for one in week if one != week[missing]]
        assert kinds(others, week[missing]) == ["days"]
    # A second stint on a day that counts already adds no day.
    assert kinds(week[:6], stint(5, 13, 15)) == []
    assert kinds(week, stint(5, 13, 15)) == []


def test_nights_count_by_what_is_worked_in_them() -> None:
    nights = [stint(day, 22, 30) for day in range(3)]
    assert kinds(nights, stint(3, 22, 30)) == ["nights"]
    # An evening until 23:00 is no night.
    assert kinds(nights, stint(3, 17, 23)) == []
    # Nor is a fourth one after a night at home.
    assert kinds(nights, stint(4, 22, 30)) == []


def test_any_seven_days_count_not_only_calendar_weeks() -> None:
    worked = [stint(day, 8, 18) for day in (0, 1, 2, 4, 5, 6)]
    assert kinds(worked[:5], worked[5]) == []
    (found,) = breaks(worked, stint(6, 18, 19), LIMITS)
    assert (found.kind, found.has) == ("week", 61 * HOUR)
    # The first day has left the window by then.
    assert kinds(worked, stint(8, 8, 18)) == []


def test_what_was_broken_before_and_elsewhere_is_not_held_against_a_stint() -> None:
    long_ago = [stint(-20, 0, 22), stint(-19, 0, 4)]
    assert kinds(long_ago, stint(0, 8, 16)) == []
    assert {one.kind for one in faults(long_ago, LIMITS)} == {"longest"}


def test_a_limit_that_is_not_set_is_not_asked() -> None:
    assert breaks([stint(0, 0, 24)], stint(1, 0, 24), Limits()) == ()


def test_what_is_left_is_the_last_minute_that_breaks_nothing() -> None:
    found = left([stint(0, 8, 20)], WEDNESDAY + 15 * HOUR, LIMITS)
    assert found.minutes == 5 * HOUR
    assert found.then is not None
    assert found.then.kind == "longest"
    tired = left([stint(0, 8, 20)], WEDNESDAY + 23 * HOUR, LIMITS)
    assert tired.minutes == 0
    assert tired.then is not None
    assert tired.then.kind == "rest"
    assert left([], WEDNESDAY, Limits()).then is None


def _stints() -> some.SearchStrategy[list[tuple[int, int, int]]]:
    """Who, from, how long: in quarters of an hour over a month, with overlaps and long ones."""
    one = some.tuples(some.integers(0, 3), some.integers(0, 30 * 96), some.integers(1, 140))
    return some.lists(one, min_size=1, max_size=90)


@settings(max_examples=60, deadline=None)
@given(_stints(), some.sampled_from([22, 0, 23]), some.sampled_from([6, 5]))
def test_the_scan_of_a_county_finds_what_the_guard_finds(
    rows: list[tuple[int, int, int]], dusk: int, dawn: int
) -> None:
    limits = Limits(
        longest=12 * HOUR,
        rest=8 * HOUR,
        days=3,
        nights=2,
        week=50 * HOUR,
        night_from=dusk * HOUR,
        night_to=dawn * HOUR,
    )
    stints: dict[int, list[Stint]] = defaultdict(list)
    for who, begins, long in rows:
        stints[who].append(Stint(WEDNESDAY + begins * 15, WEDNESDAY + (begins + long) * 15))
    wanted: dict[str, set[tuple[int, int, int, int]]] = defaultdict(set)
    fullest: dict[int, int] = {}
    for who, mine in stints.items():
        for one in faults(mine, limits):
            if one.kind == "week":
                fullest[who] = one.has
            elif one.kind != "overlap":
                wanted[one.kind].add((who, one.has, one.begins, one.ends))
    flat = [(who, one.begins, one.ends) for who, mine in stints.items() for one in mine]
    person, begins_at, ends_at = np.array(flat, np.int64).T
    found = scan(person, begins_at, ends_at, limits)
    for kind in ("longest", "rest", "days", "nights"):
        got = found.get(kind)
        columns = (got.person, got.has, got.begins, got.ends) if got is not None else ()
        told = set(zip(*(column.tolist() for column in columns), strict=True))
        assert told == wanted.get(kind, set()), kind
    weeks: dict[int, int] = {}
    if "week" in found:
        got = found["week"]
        for who, has in zip(got.person.tolist(), got.has.tolist(), strict=True):
            weeks[who] = max(has, weeks.get(who, 0))
    assert weeks == fullest


@settings(max_examples=60, deadline=None)
@given(_stints(), some.integers(0, 30 * 96), some.integers(1, 140))
def test_a_list_without_faults_gets_one_only_where_the_guard_says_so(
    rows: list[tuple[int, int, int]], begins: int, long: int
) -> None:
    """Whatever the guard lets in one after another never breaks a limit as a whole."""
    limits = Limits(longest=12 * HOUR, rest=8 * HOUR, days=3, nights=2, week=50 * HOUR)
    taken: list[Stint] = []
    for _, from_, minutes in [*rows, (0, begins, long)]:
        new = Stint(WEDNESDAY + from_ * 15, WEDNESDAY + (from_ + minutes) * 15)
        if not breaks(taken, new, limits):
            taken.append(new)
    assert faults(taken, limits) == ()


@settings(max_examples=60, deadline=None)
@given(_stints(), some.integers(0, 30 * 96), some.integers(1, 1440))
def test_one_look_says_whether_there_is_time_enough(
    rows: list[tuple[int, int, int]], at: int, minutes: int
) -> None:
    stints = [Stint(WEDNESDAY + b * 15, WEDNESDAY + (b + n) * 15) for _, b, n in rows]
    moment = WEDNESDAY + at * 15
    found = left(stints, moment, LIMITS).minutes
    assert enough(stints, moment, minutes, LIMITS) == (found >= minutes)
