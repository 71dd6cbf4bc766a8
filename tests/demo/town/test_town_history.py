"""Past cases: in order, in rhythm, told without naming anybody."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from shapely.geometry import Point, Polygon

from wangge.demo.town import CASE_CLASSES, CHANNELS, PastCase, Town, make_town, past_cases
from wangge.demo.town.names import GIVEN, SECOND, SURNAMES

NOON = datetime(2026, 3, 18, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def cases(street: Town) -> list[PastCase]:
    return list(past_cases(street, 20_000, 7, now=NOON))


def test_as_many_as_asked_for_in_order_and_in_the_past(cases: list[PastCase]) -> None:
    assert len(cases) == 20_000
    assert [c.opened_at for c in cases] == sorted(c.opened_at for c in cases)
    assert cases[0].opened_at >= NOON - timedelta(days=549)
    assert cases[-1].opened_at < NOON
    assert len({c.id for c in cases}) == len(cases)
    for case in cases:
        assert case.id.int >> 80 == int(case.opened_at.timestamp() * 1000 + 0.5)


def test_moments_follow_one_another_and_end_before_now(cases: list[PastCase]) -> None:
    for case in cases:
        steps = [case.opened_at, case.accepted_at, case.dispatched_at, case.handled_at]
        known = [moment for moment in (*steps, case.closed_at) if moment is not None]
        assert known == sorted(known)
        assert known[-1] < NOON
        ended = case.state in ("closed", "self_closed", "void", "merged")
        assert (case.closed_at is not None) == ended
        assert (case.org_id is not None) == (case.dispatched_at is not None)


def test_channels_follow_the_published_count(cases: list[PastCase]) -> None:
    seen = Counter(case.channel for case in cases)
    assert set(seen) == {name for name, _ in CHANNELS}
    assert 0.93 < (seen["worker_app"] + seen["desk"]) / len(cases) < 0.98
    assert 0.01 < seen["resident"] / len(cases) < 0.03


def test_nights_and_sundays_are_quieter(cases: list[PastCase]) -> None:
    hours = Counter(case.opened_at.hour for case in cases)
    days = Counter(case.opened_at.weekday() for case in cases)
    assert hours[9] > 5 * hours[3]
    assert days[6] < 0.85 * days[0]


def test_all_states_come_up_and_most_are_over(cases: list[PastCase]) -> None:
    states = Counter(case.state for case in cases)
    assert states["closed"] + states["self_closed"] > 0.95 * len(cases)
    assert {"void", "merged", "handling"} <= set(states)
    assert Counter(case.class_code for case in cases).keys() == CASE_CLASSES.keys()


def test_a_case_lies_in_its_micro_grid(cases: list[PastCase], street: Town) -> None:
    shapes = {
        area.code: Polygon(area.boundary) for area in street.areas if area.kind == "micro_grid"
    }
    outside = sum(
        not shapes[case.area_code].contains(Point(case.lon, case.lat)) for case in cases
    )
    assert outside < len(cases) / 1000


def test_no_text_names_anybody(cases: list[PastCase]) -> None:
    names = {a + b + c for a in SURNAMES for b in GIVEN for c in SECOND}
    for words in {case.text + "|" + case.place for case in cases}:
        assert not names & {words[n : n + 3] for n in range(len(words) - 2)}, words


def test_only_the_classes_asked_for() -> None:
    town = make_town("community")
    got = {c.class_code for c in past_cases(town, 300, 1, now=NOON, classes=["E0102", "Q77"])}
    assert got == {"E0102", "Q77"}


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        past_cases(make_town("community"), 1, 1, now=datetime(2026, 1, 1))  # noqa: DTZ001
