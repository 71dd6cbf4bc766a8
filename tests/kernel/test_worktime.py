"""Working time: what a deadline is, and that not a minute is lost or found."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from wangge.kernel.refusals import Invalid
from wangge.kernel.worktime import (
    Calendar,
    CalendarUnreadable,
    DayPart,
    Paused,
    Span,
    TimerKind,
    after,
    due,
    due_for_rework,
    pause,
    remaining,
    resume,
    worked_between,
)

ZONE = ZoneInfo("Asia/Shanghai")
CHINA = Calendar.default()
CALENDARS = [
    CHINA,
    Calendar(),
    Calendar(day_parts=(DayPart.parse("00:00-24:00"),)),
    Calendar(day_parts=(DayPart(7 * 60 + 7, 9 * 60), DayPart(22 * 60, 1440))),
    Calendar(zone="Europe/Berlin"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def says(moment: datetime) -> str:
    assert moment.tzinfo is UTC
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "value", "kind", "expected"),
    [
        # Continuous kinds do not know that National Day exists.
        ("2026-10-01 02:30", "0.25", "urgent_hour", "2026-10-01 02:45"),
        ("2026-10-01 23:00", 24, "urgent_hour", "2026-10-02 23:00"),
        ("2026-10-01 23:00", 7, "natural_day", "2026-10-08 23:00"),
        # Working hours: the lunch break, the night, the weekend.
        ("2026-03-02 09:00", 2, "work_hour", "2026-03-02 11:00"),
        ("2026-03-02 11:00", 4, "work_hour", "2026-03-02 17:00"),
        ("2026-03-02 08:00", 4, "work_hour", "2026-03-02 12:00"),
        ("2026-03-02 12:30", 4, "work_hour", "2026-03-02 18:00"),
        ("2026-03-02 17:00", 4, "work_hour", "2026-03-03 11:00"),
        ("2026-03-06 17:00", 4, "work_hour", "2026-03-09 11:00"),
        ("2026-03-07 10:00", 4, "work_hour", "2026-03-09 12:00"),
        ("2026-03-01 23:59", "0.5", "work_hour", "2026-03-02 08:30"),
        # Working days keep the working-minute offset.
        ("2026-03-06 15:00", 1, "work_day", "2026-03-09 15:00"),
        ("2026-03-02 08:00", 1, "work_day", "2026-03-02 18:00"),
        ("2026-03-02 03:00", 1, "work_day", "2026-03-02 18:00"),
        ("2026-03-02 18:00", 1, "work_day", "2026-03-03 18:00"),
        ("2026-03-02 13:00", 1, "work_day", "2026-03-03 12:00"),
        ("2026-03-02 14:01", 1, "work_day", "2026-03-03 14:01"),
        ("2026-03-02 09:00", "0.5", "work_day", "2026-03-02 15:00"),
        # The week of National Day 2026: 1–7 off, Saturday 10 worked.
        ("2026-09-30 15:00", 1, "work_day", "2026-10-08 15:00"),
        ("2026-10-09 15:00", 1, "work_day", "2026-10-10 15:00"),
        ("2026-10-03 15:00", 4, "work_hour", "2026-10-08 12:00"),
        # Spring Festival 2026: 15–23 February off, Saturdays 14 and 28 worked.
        ("2026-02-13 17:00", 2, "work_hour", "2026-02-14 09:00"),
        ("2026-02-13 10:00", 20, "work_day", "2026-03-19 10:00"),
    ],
)
def test_a_deadline_is_where_the_town_would_put_it(
    start: str, value: int | str, kind: str, expected: str
) -> None:
    assert says(due(at(start), Span.of(value, kind), CHINA)) == expected


def test_a_minute_that_has_begun_is_held_against_nobody() -> None:
    start = at("2026-03-02 09:00") + timedelta(seconds=1)
    assert says(due(start, Span.of("0.25", "urgent_hour"), CHINA)) == "2026-03-02 09:16"
    assert says(due(start, Span.of(1, "work_hour"), CHINA)) == "2026-03-02 10:01"
    late = at("2026-03-02 11:59") + timedelta(seconds=30)
    assert says(due(late, Span.of(1, "work_hour"), CHINA)) == "2026-03-02 15:00"


def test_the_published_years_are_covered_and_the_others_say_so() -> None:
    assert CHINA.covers(date(2025, 6, 1))
    assert CHINA.covers(date(2026, 12, 31))
    assert not CHINA.covers(date(2027, 1, 1))
    assert CHINA.covers(datetime(2025, 12, 31, 23, 0, tzinfo=UTC))
    assert not CHINA.covers(datetime(2024, 12, 31, 15, 0, tzinfo=UTC))
    assert CHINA.covers(datetime(2024, 12, 31, 16, 0, tzinfo=UTC)), "1 January in Shanghai"
    assert CHINA.is_workday(date(2027, 10, 1)), "unknown holidays are not guessed"
    assert not CHINA.is_workday(date(2027, 10, 2)), "weekends are"


def test_the_public_holidays_of_2025_and_2026() -> None:
    """Counts of working days a month, from the two notices."""
    months = {
        2025: [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23],
        2026: [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23],
    }
    for year, expected in months.items():
        found = [0] * 12
        day = date(year, 1, 1)
        while day.year == year:
            found[day.month - 1] += CHINA.is_workday(day)
            day += timedelta(days=1)
        assert found == expected
    worked_weekends = {day for day in CHINA.workdays if day.year == 2026}
    assert worked_weekends == {
        *(date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28)),
        *(date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)),
    }


def test_the_worked_minute_is_known() -> None:
    assert CHINA.is_working(at("2026-03-02 08:00"))
    assert CHINA.is_working(at("2026-03-02 11:59"))
    assert not CHINA.is_working(at("2026-03-02 12:00"))
    assert not CHINA.is_working(at("2026-03-02 07:59"))
    assert CHINA.is_working(at("2026-10-10 09:00")), "a swapped Saturday"
    assert not CHINA.is_working(at("2026-10-07 09:00")), "a Wednesday off"


def test_a_span_is_exact_and_positive() -> None:
    assert Span.of("0.3", "work_hour").minutes(CHINA) == 18
    assert Span.of(Decimal("0.25"), "urgent_hour").minutes(CHINA) == 15
    assert Span.of(Fraction(1, 3), "work_day").minutes(CHINA) == 160
    assert Span.of(20, "natural_day").minutes(CHINA) == 28_800
    assert Span.of("1/7", "urgent_hour").minutes(CHINA) == 9, "a broken minute is whole"
    with pytest.raises(TypeError):
        Span.of(0.25, "urgent_hour")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="positive"):
        Span.of(0, "urgent_hour")


def test_in_an_emergency_every_timer_runs_through_the_night() -> None:
    assert Span.of(4, "work_hour").as_urgent() == Span.of(4, "urgent_hour")
    assert Span.of(2, "work_day").as_urgent() == Span.of(48, "urgent_hour")
    assert Span.of(1, "natural_day").as_urgent() == Span.of(24, "urgent_hour")


def test_a_suspended_case_keeps_its_minutes() -> None:
    start, span = at("2026-09-30 09:00"), Span.of(2, "work_day")
    deadline = due(start, span, CHINA)
    assert says(deadline) == "2026-10-09 09:00"
    kept = pause(start, deadline, at("2026-09-30 17:00"), span.kind, CHINA)
    assert kept == Paused(2 * 480 - 6 * 60, TimerKind.WORK_DAY)
    assert says(resume(kept, at("2026-10-12 08:00"), CHINA)) == "2026-10-13 10:00"


def test_lateness_is_not_forgiven_by_a_pause() -> None:
    start, span = at("2026-03-02 09:00"), Span.of(1, "work_hour")
    deadline = due(start, span, CHINA)
    kept = pause(start, deadline, at("2026-03-02 11:00"), span.kind, CHINA)
    assert kept.left == -60
    again = resume(kept, at("2026-03-03 08:30"), CHINA)
    assert says(again) == "2026-03-02 17:30"
    assert remaining(start, again, at("2026-03-03 08:30"), span.kind, CHINA) == -60


def test_rework_gets_what_is_left_and_half_the_span() -> None:
    start, span = at("2026-03-02 08:00"), Span.of(4, "work_hour")
    deadline = due(start, span, CHINA)
    early, late = at("2026-03-02 09:00"), at("2026-03-02 17:00")
    assert says(due_for_rework(start, deadline, early, span, CHINA)) == "2026-03-02 16:00"
    assert says(due_for_rework(start, deadline, late, span, CHINA)) == "2026-03-03 09:00"


def test_before_it_starts_a_timer_is_whole() -> None:
    start, span = at("2026-03-02 09:00"), Span.of(4, "work_hour")
    deadline = due(start, span, CHINA)
    assert remaining(start, deadline, at("2026-02-27 09:00"), span.kind, CHINA) == 240


moments = some.integers(0, 67 * 366 * 86_400).map(
    lambda second: datetime(1995, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
)
kinds = some.sampled_from(TimerKind)
calendars = some.sampled_from(CALENDARS)
spans = some.builds(
    lambda quarters, kind: Span(Fraction(quarters, 4), kind), some.integers(1, 400), kinds
)


@settings(deadline=None)
@given(moments, spans, calendars)
def test_a_deadline_is_exactly_its_span_away(
    start: datetime, span: Span, calendar: Calendar
) -> None:
    deadline = due(start, span, calendar)
    minutes = span.minutes(calendar)
    assert worked_between(start, deadline, span.kind, calendar) == minutes
    assert deadline.second == deadline.microsecond == 0
    a_minute_less = deadline - timedelta(minutes=1)
    assert worked_between(start, a_minute_less, span.kind, calendar) == minutes - 1


@settings(deadline=None)
@given(moments, moments, spans, calendars)
def test_who_starts_later_is_not_due_earlier(
    a: datetime, b: datetime, span: Span, calendar: Calendar
) -> None:
    first, second = sorted((a, b))
    assert due(first, span, calendar) <= due(second, span, calendar)


@settings(deadline=None)
@given(moments, moments, moments, kinds, calendars)
def test_time_worked_adds_up(
    a: datetime, b: datetime, c: datetime, kind: TimerKind, calendar: Calendar
) -> None:
    ab, bc = worked_between(a, b, kind, calendar), worked_between(b, c, kind, calendar)
    assert ab + bc == worked_between(a, c, kind, calendar)
    assert (ab >= 0) if a <= b else (ab <= 0)


@settings(deadline=None)
@given(moments, some.integers(0, 20_000), some.integers(0, 20_000), spans, calendars)
def test_a_pause_moves_the_deadline_by_the_time_paused(
    start: datetime, until: int, pause_for: int, span: Span, calendar: Calendar
) -> None:
    deadline = due(start, span, calendar)
    stopped = start + timedelta(minutes=until)
    again = stopped + timedelta(minutes=pause_for)
    resumed = resume(pause(start, deadline, stopped, span.kind, calendar), again, calendar)
    paused_minutes = worked_between(stopped, again, span.kind, calendar)
    assert worked_between(deadline, resumed, span.kind, calendar) == paused_minutes


@settings(deadline=None)
@given(some.dates(date(2024, 12, 1), date(2027, 2, 1)), some.integers(0, 1439), spans)
def test_counting_minute_by_minute_agrees(day: date, minute: int, span: Span) -> None:
    """The stranger: walks the days with no table and no bisect."""
    start = datetime.combine(day, datetime.min.time(), ZONE) + timedelta(minutes=minute)
    left = span.minutes(CHINA)
    if span.kind.continuous:
        expected = start + timedelta(minutes=left)
    else:
        cursor = start
        expected = None
        while expected is None:
            if CHINA.is_workday(cursor.date()):
                for opens, closes in ((480, 720), (840, 1080)):
                    now = cursor.hour * 60 + cursor.minute
                    free = closes - max(opens, now)
                    if 0 < left <= free:
                        at_minute = max(opens, now) + left
                        expected = datetime.combine(cursor.date(), datetime.min.time(), ZONE)
                        expected += timedelta(minutes=at_minute)
                        left = 0
                    left -= max(0, free) if left else 0
            cursor = datetime.combine(
                cursor.date() + timedelta(days=1), datetime.min.time(), ZONE
            )
    assert due(start, span, CHINA) == expected


def test_a_calendar_is_edited_as_rows() -> None:
    rows: list[dict[str, object]] = [
        {"year": "2027", "name": "元旦", "first": "2027-01-01", "last": "2027-01-03"},
        {"name": "春节", "first": date(2027, 2, 5), "last": date(2027, 2, 11)}
        | {"worked": "2027-01-31,2027/02/13"},
    ]
    calendar = Calendar.from_rows(rows)
    assert calendar.covers(date(2027, 8, 1))
    assert calendar.workdays == {date(2027, 1, 31), date(2027, 2, 13)}
    assert len(calendar.holidays) == 10


def test_every_wrong_cell_is_named_at_once() -> None:
    rows: list[dict[str, object]] = [
        {"first": "2027-02-30", "name": "春节"},
        {"first": "2027-05-01", "last": "2027-04-01"},
        {"first": "2027-05-01", "worked": "2027-05-10 5月9日"},
        {"first": "2027-10-02", "worked": ["2027-10-02"]},
        {"first": "2027-10-01", "year": "2017"},
    ]
    with pytest.raises(Invalid) as refused:
        Calendar.from_rows(rows)
    found = [(problem.row, problem.field) for problem in refused.value.problems]
    assert found == [
        *((1, "first"), (1, "last"), (2, "last"), (3, "worked"), (3, "worked")),
        *((4, "worked"), (5, "year")),
    ]
    assert "2027-05-10" in refused.value.problems[3].said("zh")["words"]


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[]", '{"years": 3}', '{"years": [{"year": 2027}]}'),
        '{"years": [{"year": 2027, "holidays": ["元旦"]}]}',
    ],
)
def test_a_file_that_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(CalendarUnreadable):
        Calendar.from_json(text)


def test_a_calendar_file_is_read() -> None:
    holiday = {"name": "元旦", "first": "2027-01-01", "last": "2027-01-01", "worked": []}
    years = [{"year": 2027, "notice": "x", "holidays": [holiday]}]
    assert Calendar.from_json(json.dumps({"years": years})).holidays == {date(2027, 1, 1)}


@pytest.mark.parametrize(
    "parts",
    [(), (DayPart(0, 0),), (DayPart(60, 120), DayPart(100, 200)), (DayPart(0, 1441),)],
)
def test_day_parts_are_in_order_and_inside_a_day(parts: tuple[DayPart, ...]) -> None:
    with pytest.raises(ValueError, match=r"part|minute"):
        Calendar(day_parts=parts)


def test_a_day_part_is_read_and_written() -> None:
    assert str(DayPart.parse("8:00–12:30")) == "08:00-12:30"
    with pytest.raises(ValueError, match="time of day"):
        DayPart.parse("morning")


def test_a_naive_moment_is_a_bug() -> None:
    with pytest.raises(TypeError):
        due(at("2026-03-02 09:00").replace(tzinfo=None), Span.of(1, "work_hour"), CHINA)


def test_what_is_wrong_is_also_said_in_english() -> None:
    with pytest.raises(Invalid) as refused:
        Calendar.from_rows([{"first": "2027-02-30", "last": "2027-02-28"}])
    said = refused.value.words("en")
    assert said.isascii() or "“" in said
    assert "row 1" in said
    assert "should be a date" in said


def test_asking_beyond_the_drawn_years_moves_nothing() -> None:
    """A fresh calendar is drawn wider in the middle of an answer."""
    old, new = at("2008-08-08 09:00"), at("2021-03-02 09:00")
    expected = worked_between(old, new, TimerKind.WORK_HOUR, Calendar())
    seasoned = Calendar()
    worked_between(old, at("2061-01-01 00:00"), TimerKind.WORK_HOUR, seasoned)
    assert worked_between(old, new, TimerKind.WORK_HOUR, seasoned) == expected
    assert says(after(new, -expected, TimerKind.WORK_HOUR, Calendar())) == "2008-08-08 09:00"
    assert says(after(old, expected, TimerKind.WORK_HOUR, Calendar())) == "2021-03-02 09:00"
    with pytest.raises(ValueError, match="outside the years"):
        after(new, 10**9, TimerKind.WORK_HOUR, Calendar())
