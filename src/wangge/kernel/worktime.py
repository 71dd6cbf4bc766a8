"""Working time: when is something due, and how much of its time is left.

Every clock here counts whole minutes. A moment with seconds is read as the next full minute,
so the minute that has already begun is never held against anybody, every deadline is a time
one can read on a wall, and sums of minutes are exact.

A calendar turns the world into one long line of worked minutes. ``position`` is how many
worked minutes lie before a moment; a deadline is the earliest moment whose position is the
start's position plus the span. Everything else follows: ``due`` and ``worked_between`` are
inverses by construction, and a paused case keeps its minutes to the last one.

The four kinds of timer (urgent_hour and natural_day run through nights and holidays;
work_hour and work_day do not) and the default hours follow the filing-and-closing standard
of Chinese digital city management as Yuncheng (运城) published it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Self, cast

from wangge.kernel.calendars import OFFICE_HOURS, Calendar, CalendarUnreadable, DayPart

__all__ = [
    "OFFICE_HOURS",
    "Calendar",
    "CalendarUnreadable",
    "DayPart",
    "Paused",
    "Span",
    "TimerKind",
    "after",
    "due",
    "due_for_rework",
    "full_minute",
    "pause",
    "remaining",
    "resume",
    "worked_between",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_HALF = Fraction(1, 2)


class TimerKind(StrEnum):
    """How a span of time is counted."""

    URGENT_HOUR = "urgent_hour"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    NATURAL_DAY = "natural_day"

    @property
    def continuous(self) -> bool:
        """True when nights, weekends and holidays count."""
        return self in (TimerKind.URGENT_HOUR, TimerKind.NATURAL_DAY)


@dataclass(frozen=True, slots=True)
class Span:
    """A positive amount of time of one kind: hours for the hour kinds, days for the day kinds.

    ``value`` is exact. Build it with ``Span.of``, which takes int, Decimal, Fraction or text
    ("0.25", "1/3"); a float is a TypeError, because 0.1 of one is not a tenth.
    """

    value: Fraction
    kind: TimerKind

    def __post_init__(self) -> None:
        if self.value <= 0:
            raise ValueError(f"a span must be positive, not {self.value}")

    @classmethod
    def of(cls, value: int | str | Decimal | Fraction, kind: TimerKind | str) -> Self:
        if isinstance(cast(object, value), float):
            raise TypeError("a span is exact: give an int, a Decimal, a Fraction or text")
        return cls(Fraction(value), TimerKind(kind))

    def minutes(self, calendar: Calendar) -> int:
        """How many minutes of its kind this span lasts; a broken minute counts as whole."""
        if self.kind is TimerKind.WORK_DAY:
            unit = calendar.minutes_per_day
        elif self.kind is TimerKind.NATURAL_DAY:
            unit = 1440
        else:
            unit = 60
        return -(-self.value.numerator * unit // self.value.denominator)

    def as_urgent(self) -> "Span":
        """The same span when a declared response makes every timer run without a break.

        An hour stays an hour; a day, worked or natural, becomes 24 urgent hours.
        """
        days = self.kind in (TimerKind.WORK_DAY, TimerKind.NATURAL_DAY)
        return Span(self.value * 24 if days else self.value, TimerKind.URGENT_HOUR)


def due(start: datetime, span: Span, calendar: Calendar) -> datetime:
    """The moment a span that begins at ``start`` runs out; aware in, UTC out.

    urgent_hour, natural_day: hours and 24-hour days on the clock.
    work_hour: worked minutes; a start outside working hours begins at the next worked minute.
    work_day: N whole working days, that is, the same working-minute offset N working days
    later. Begun at Friday 15:00 (minute 300 of 480), one working day is due on Monday at
    15:00. Begun before the day's first worked minute, it is due when that day's work ends
    (18:00), not the next morning at 08:00: no worked minute lies between the two.
    """
    return after(start, span.minutes(calendar), span.kind, calendar)


def after(start: datetime, minutes: int, kind: TimerKind, calendar: Calendar) -> datetime:
    """The earliest moment with so many minutes of this kind between ``start`` and it.

    ``minutes`` may be zero or negative, for a clock that had already run out.
    """
    if kind.continuous:
        return _EPOCH + timedelta(minutes=full_minute(start) + minutes)
    line = calendar.line
    return _EPOCH + timedelta(minutes=line.reach(line.position(full_minute(start)) + minutes))


def worked_between(a: datetime, b: datetime, kind: TimerKind, calendar: Calendar) -> int:
    """Minutes of this kind from ``a`` to ``b``; negative when ``b`` comes first.

    Additive: between(a, b) + between(b, c) == between(a, c).
    """
    if kind.continuous:
        return full_minute(b) - full_minute(a)
    line = calendar.line
    return line.position(full_minute(b)) - line.position(full_minute(a))


def remaining(
    start: datetime, due_at: datetime, now: datetime, kind: TimerKind, calendar: Calendar
) -> int:
    """Minutes left of a timer; negative by how late it is. Before ``start`` all are left."""
    return worked_between(max(start, now), due_at, kind, calendar)


@dataclass(frozen=True, slots=True)
class Paused:
    """A suspended timer: what it will have when it runs again. Minutes; may be negative."""

    left: int
    kind: TimerKind


def pause(
    start: datetime, due_at: datetime, now: datetime, kind: TimerKind, calendar: Calendar
) -> Paused:
    """Stop a timer (挂起); the minutes left are kept, and lateness is not forgiven."""
    return Paused(remaining(start, due_at, now, kind, calendar), kind)


def resume(paused: Paused, now: datetime, calendar: Calendar) -> datetime:
    """The deadline of a timer that runs again from ``now``. Already late stays as late."""
    return after(now, paused.left, paused.kind, calendar)


def due_for_rework(
    start: datetime,
    due_at: datetime,
    now: datetime,
    span: Span,
    calendar: Calendar,
    *,
    share: Fraction = _HALF,
) -> datetime:
    """The deadline of rework (返工): the time that is left, plus half the class's span.

    Half of the span, not of the time left: work sent back at the last minute would
    otherwise have nothing. Lateness is not taken off the grant.
    """
    left = max(0, remaining(start, due_at, now, span.kind, calendar))
    extra = Span(span.value * share, span.kind).minutes(calendar)
    return after(now, left + extra, span.kind, calendar)


def full_minute(moment: datetime) -> int:
    """The minute a moment is read as, counted from 1970: its own or the next full one."""
    return -((_EPOCH - moment) // _MINUTE)
