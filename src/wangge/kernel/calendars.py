"""Calendars: which minutes are worked, and where a minute lies among the worked ones.

Weekdays are worked, public holidays are not, and some weekend days are worked in exchange
(调休). The government publishes next year's exchange late in the year before, so a calendar
also knows which years it has been told about. A calendar is data: rows, or a JSON file of the
shape of ``data/holidays.json``.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from importlib import resources
from typing import ClassVar, Self, cast
from zoneinfo import ZoneInfo

from wangge.kernel.refusals import Invalid, Problem, Refusal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


@dataclass(eq=False)
class CalendarUnreadable(Refusal):
    says: ClassVar[str] = (
        "节假日文件读不懂:{problem}。请用系统导出的节假日文件作样板,改好再上传。"
    )
    status: ClassVar[int] = 422
    problem: str


@dataclass(frozen=True, slots=True)
class DayPart:
    """A stretch of the working day, in minutes after local midnight."""

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "08:00-12:00"; "24:00" is the end of the day. ValueError if it is not that."""
        start, _, end = text.replace("–", "-").replace("—", "-").partition("-")
        return cls(_minute_of_day(start), _minute_of_day(end))

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


OFFICE_HOURS = (DayPart(8 * 60, 12 * 60), DayPart(14 * 60, 18 * 60))


@dataclass(frozen=True)
class Calendar:
    """Which minutes are worked: weekdays, less holidays, plus swapped workdays (调休).

    holidays  dates off, weekends among them or not
    workdays  dates worked although they fall on a weekend
    years     years whose official arrangement is in the two sets; see ``covers``
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    day_parts: tuple[DayPart, ...] = OFFICE_HOURS
    weekend: frozenset[int] = frozenset({5, 6})
    zone: str = "Asia/Shanghai"
    minutes_per_day: int = field(init=False, compare=False)
    line: "Line" = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if both := self.holidays & self.workdays:
            raise ValueError(f"both off and worked: {min(both)}")
        if not self.day_parts or len(self.weekend & set(range(7))) > 6:
            raise ValueError("a calendar needs at least one worked minute a week")
        last = 0
        for part in self.day_parts:
            if not last <= part.start < part.end <= 1440:
                raise ValueError("day parts must be in order, apart, and inside one day")
            last = part.end
        minutes = sum(part.end - part.start for part in self.day_parts)
        object.__setattr__(self, "minutes_per_day", minutes)
        object.__setattr__(self, "line", Line(self))

    @classmethod
    @lru_cache(maxsize=1)
    def default(cls) -> "Calendar":
        """China's public holidays as published, office hours 08:00–12:00 and 14:00–18:00.

        2025: 国办发明电〔2024〕12号. 2026: 国办发明电〔2025〕7号.
        """
        file = resources.files("wangge.kernel").joinpath("data/holidays.json")
        return cls.from_json(file.read_text("utf-8"))

    @classmethod
    def from_json(
        cls, text: str | bytes, *, day_parts: tuple[DayPart, ...] = OFFICE_HOURS
    ) -> "Calendar":
        """Read the shape of ``data/holidays.json``; refuses what it cannot read."""
        try:
            document = cast(object, json.loads(text))
        except ValueError:
            raise CalendarUnreadable("不是 JSON") from None
        years = _field(document, "years")
        if not isinstance(years, list):
            raise CalendarUnreadable("缺少 years 列表")
        rows: list[Mapping[str, object]] = []
        for entry in cast(list[object], years):
            holidays = _field(entry, "holidays")
            if not isinstance(holidays, list):
                raise CalendarUnreadable("某一年缺少 holidays 列表")
            for holiday in cast(list[object], holidays):
                if not isinstance(holiday, dict):
                    raise CalendarUnreadable("holidays 里有一项不是对象")
                row = cast(dict[str, object], holiday)
                rows.append({"year": _field(entry, "year"), **row})
        return cls.from_rows(rows, day_parts=day_parts)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, object]],
        *,
        day_parts: tuple[DayPart, ...] = OFFICE_HOURS,
    ) -> "Calendar":
        """Build a calendar from one row a holiday: year, name, first, last, worked.

        ``first`` and ``last`` are dates (or ISO text), both off; ``worked`` is a list, or text
        parted by blanks, commas or semicolons, of the weekend days worked in exchange. Raises
        Invalid with every wrong cell; rows count from 1.
        """
        off: set[date] = set()
        worked: set[date] = set()
        years: set[int] = set()
        problems: list[Problem] = []
        for number, row in enumerate(rows, 1):
            cells = _HolidayRow(number, row, problems)
            days = cells.days()
            off.update(days)
            worked.update(cells.worked())
            if days:
                years.add(cells.year(days[0]))
            if both := off & worked:
                cells.wrong("worked", min(both), "同一天不能既放假又上班")
                worked -= both
        if problems:
            raise Invalid.all(problems)
        return cls(frozenset(off), frozenset(worked), frozenset(years), day_parts)

    @property
    def tzinfo(self) -> tzinfo:
        return self.line.zone

    def covers(self, day: date) -> bool:
        """Whether the holidays of this day's year are known; if not, only weekends are."""
        if isinstance(day, datetime):
            day = day.astimezone(self.tzinfo).date()
        return day.year in self.years

    def is_workday(self, day: date) -> bool:
        """Whether any of this local date is worked."""
        if day in self.holidays:
            return False
        return day in self.workdays or day.weekday() not in self.weekend

    def is_working(self, moment: datetime) -> bool:
        """Whether the minute beginning at ``moment`` is worked."""
        minute = _floor(moment)
        return self.line.position(minute + 1) > self.line.position(minute)


class Line:
    """Worked stretches in order, with the worked minutes before each: bisect both ways.

    The calendar is infinite, so the line holds a run of years and is drawn anew, wider, when
    somebody asks beyond its ends. Each drawing is complete before it is put in place, so
    threads may share a line. Positions count from a fixed date: widening moves none.
    """

    _ORIGIN = 2020

    def __init__(self, calendar: Calendar) -> None:
        self.zone = ZoneInfo(calendar.zone)
        self._calendar = calendar
        self._drawn: tuple[list[int], list[int], list[int]] | None = None
        self._years = (self._ORIGIN, self._ORIGIN + 20)

    def position(self, minute: int) -> int:
        """Worked minutes before this minute (of the epoch), from the origin."""
        starts, ends, before = self._drawn or self._draw()
        index = bisect_right(starts, minute) - 1
        if index < 0 or index == len(starts) - 1:
            self._widen(earlier=index < 0)
            return self.position(minute)
        return before[index] + min(minute, ends[index]) - starts[index]

    def reach(self, position: int) -> int:
        """The earliest minute whose position is this one."""
        starts, _, before = self._drawn or self._draw()
        index = bisect_left(before, position) - 1
        if index < 0 or index == len(starts) - 1:
            self._widen(earlier=index < 0)
            return self.reach(position)
        return starts[index] + position - before[index]

    def _widen(self, *, earlier: bool) -> None:
        first, last = self._years
        if first < 1900 or last > 2400:
            raise ValueError("a moment outside the years 1900 to 2400")
        self._years = (first - 20, last) if earlier else (first, last + 20)
        self._drawn = None

    def _draw(self) -> tuple[list[int], list[int], list[int]]:
        calendar, (first, last) = self._calendar, self._years
        starts: list[int] = []
        ends: list[int] = []
        before: list[int] = []
        origin = date(self._ORIGIN, 1, 1)
        total = at_origin = 0
        day = date(first, 1, 1)
        while day.year < last:
            if day == origin:
                at_origin = total
            if calendar.is_workday(day):
                for part in calendar.day_parts:
                    start, end = self._at(day, part.start), self._at(day, part.end)
                    if start < end:
                        starts.append(start)
                        ends.append(end)
                        before.append(total)
                        total += end - start
            day += timedelta(days=1)
        before = [minutes - at_origin for minutes in before]
        self._drawn = drawn = (starts, ends, before)
        return drawn

    def _at(self, day: date, minute: int) -> int:
        if minute == 1440:
            day, minute = day + timedelta(days=1), 0
        local = datetime.combine(day, time(minute // 60, minute % 60), self.zone)
        return _floor(local)


def _floor(moment: datetime) -> int:
    return (moment - _EPOCH) // _MINUTE


def _minute_of_day(text: str) -> int:
    hour, _, minute = text.strip().partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(minute) < 60):
        raise ValueError(f"not a time of day: {text!r}")
    return int(hour) * 60 + int(minute)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _field(value: object, name: str) -> object:
    return cast(dict[str, object], value).get(name) if isinstance(value, dict) else None


class _HolidayRow:
    """One row of the holiday table, read cell by cell; what is wrong goes on the list."""

    def __init__(self, number: int, row: Mapping[str, object], problems: list[Problem]) -> None:
        self._number, self._row, self._problems = number, row, problems

    def wrong(self, column: str, value: object, way_out: str) -> None:
        words = "节假日表第 {row} 行「{column}」的值「{value}」不对:{way_out}。"
        values = {"row": self._number, "column": column, "way_out": way_out}
        values["value"] = "" if value is None else str(value)
        self._problems.append(Problem(column, words, self._number, values))

    def days(self) -> list[date]:
        """The days off, in order; none when a date is wrong."""
        first = self._date("first", self._row.get("first"))
        last = self._date("last", self._row.get("last") or self._row.get("first"))
        if first is None or last is None:
            return []
        if not timedelta(0) <= last - first <= timedelta(days=31):
            self.wrong("last", last, "应不早于 first,且在 31 天之内")
            return []
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def year(self, first: date) -> int:
        """The year whose arrangement this holiday belongs to: stated, or the date's own."""
        text = str(self._row.get("year") or first.year).strip()
        if text.isdecimal() and abs(int(text) - first.year) <= 1:
            return int(text)
        self.wrong("year", text, "应是假期所在的年份")
        return first.year

    def worked(self) -> list[date]:
        """The weekend days worked in exchange."""
        found: list[date] = []
        for piece in _pieces(self._row.get("worked")):
            day = self._date("worked", piece)
            if day is not None and day.weekday() < 5:
                self.wrong("worked", day, "调休上班日应是周六或周日")
            elif day is not None:
                found.append(day)
        return found

    def _date(self, column: str, value: object) -> date | None:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value).strip().replace("/", "-"))
        except ValueError:
            self.wrong(column, value, "应写成 2026-10-01 这样的日期")
            return None


def _pieces(value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, str):
        for mark in ",,;;、":
            value = value.replace(mark, " ")
        return list(value.split())
    return list(cast(Iterable[object], value))
