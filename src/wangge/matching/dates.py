"""Days as people type them: one alone, and a column of them with one order of day and month.

Lists come with 2020-02-13, 13/02/2020, 2/13/2020 and serial numbers, often one kind a column. What a
single 03/02/2020 means, its neighbours tell: 14/02/2020 in the same column can only begin with the
day. Where no neighbour tells, or two contradict each other, nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wangge.matching.numbers import FIRST_YEAR, LAST_YEAR, NOTHING, clean

_PARTED = re.compile(r"(\d{1,2})[-./\\](\d{1,2})[-./\\](\d{4})")
#: Month and day without a year, and a year of two digits: 11月25日, 11.25; 26.11.25.
_NO_YEAR = re.compile(r"(\d{1,2})[-./月](\d{1,2})[日号]?")
_SHORT_YEAR = re.compile(r"(\d{2})[-./\\年](\d{1,2})[-./\\月](\d{1,2})[日号]?")
#: Days that are written without their year lie so far back at most: what is longer ago is asked about.
RECENT_DAYS = 180
#: What lists write where there is no day, besides `NOTHING`.
_UNKNOWN = frozenset(
    ("unknown", "asymptomatic", "无症状", "无症状感染者", "未发病", "没有发病", "无发病", "健康", "待查",
     "待定", "没接触", "未接触", "无接触")
)  # fmt: skip

_CHINESE_DIGITS = {digit: str(n) for n, digit in enumerate("〇一二三四五六七八九")} | {
    "零": "0", "○": "0", "0": "0", "两": "2", "元": "1", "正": "1",
}  # fmt: skip
_ERAS = re.compile(
    r"民国|光绪|宣统|昭和|平成|令和|清|农历|阴历|正月|腊月|初[一二三四五六七八九十]"
)


@dataclass(frozen=True, slots=True)
class DateReading:
    """A day, or the code of why there is none: `empty`, `no_such_day` (2020.2.30), `no_day`
    (only a month), `no_year`, `short_year` (20.2.3), `order` (3/2/2020: which is the month?),
    `era` (a year of the Republic or an emperor), `range`, `unreadable`.
    """

    value: date | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class DayOrder:
    """What dates of a list were seen to begin with, where only one reading is possible. `latest`: the
    last day that they can mean; with it a day without its year is the latest one until then."""

    day_first: bool = False
    month_first: bool = False
    latest: date | None = None

    @property
    def known(self) -> bool:
        """Whether the dates tell, and do not contradict each other."""
        return self.day_first != self.month_first


def order_of(texts: Iterable[str], latest: date | None = None) -> DayOrder:
    """What these dates tell about the order of day and month; `latest` as DayOrder has it."""
    parted = [parts for text in texts if (parts := _parts(text)) is not None]
    return DayOrder(
        any(first > 12 >= second for first, second, _ in parted),
        any(second > 12 >= first for first, second, _ in parted),
        latest,
    )


def read_dates(texts: Sequence[str], order: DayOrder | None = None) -> list[DateReading]:
    """Each text of a column as a day; `order` stays where the column does not tell it. Of a part of a
    column the whole's order is given."""
    order = order_of(texts) if order is None else order
    return [_in_order(text, order) for text in texts]


def _in_order(text: str, order: DayOrder) -> DateReading:
    parts = _parts(text) if order.known else None
    if parts is None:
        if text and clean(text).lower() in _UNKNOWN:
            return DateReading(None, "empty")
        reading = read_date(text)
        if reading.problem in ("no_year", "short_year") and order.latest is not None:
            return _recent(text, order, order.latest) or reading
        return reading
    first, second, year = parts
    return _that_day(year, *((second, first) if order.day_first else (first, second)))


def _recent(text: str, order: DayOrder, latest: date) -> DateReading | None:
    """A day without its year, or with two digits of it, as the latest such day until `latest`; None
    where that is long ago, or the digits may be another order."""
    kept = _with_digits(clean(unicodedata.normalize("NFKC", text)))
    if short := _SHORT_YEAR.fullmatch(kept):
        year, month, day = (int(part) for part in short.groups())
        if year != latest.year % 100:
            return None
        reading = _that_day(latest.year, month, day)
    elif bare := _NO_YEAR.fullmatch(kept):
        month, day = int(bare[1]), int(bare[2])
        if order.day_first and "月" not in kept:
            month, day = day, month
        reading = _that_day(latest.year, month, day)
        if reading.value is None or reading.value > latest:
            before = _that_day(latest.year - 1, month, day)
            reading = before if before.value is not None else reading
    else:
        return None
    if reading.value is None:
        return reading
    return reading if 0 <= (latest - reading.value).days <= RECENT_DAYS else None


def _parts(text: str) -> tuple[int, int, int] | None:
    if not text:
        return None
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)
    found = _PARTED.fullmatch(text.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _that_day(year: int, month: int, day: int) -> DateReading:
    try:
        return DateReading(date(year, month, day))
    except ValueError:
        return DateReading(None, "no_such_day")


def read_date(text: object) -> DateReading:
    """Read a day: text in the ways people write it, or a spreadsheet's serial number (1900 system,
    ECMA-376 Part 1 §18.17.4.1; its 29 February 1900 never was)."""
    if isinstance(text, datetime):
        return DateReading(text.date())
    if isinstance(text, date):
        return DateReading(text)
    if isinstance(text, int | float) and not isinstance(text, bool):
        return _number_date(text)
    if text == "":
        return DateReading(None, "empty")
    # Spaces keep a time apart from its day until the time is cut off.
    raw = unicodedata.normalize("NFKC", str(text)) if text is not None else ""
    raw = re.sub(r"[T\s]+(上午|下午)?\d{1,2}[::时]\d{1,2}.*$", "", raw.strip())
    kept = clean(raw)
    if not kept or kept.lower() in NOTHING:
        return DateReading(None, "empty")
    if _ERAS.search(kept):
        return DateReading(None, "era")
    kept = re.sub(r"(星期|周|礼拜)[一二三四五六日天]$", "", re.sub(r"\(.*?\)", "", kept))
    kept = _with_digits(kept)
    if kept.isdigit() and kept.isascii():
        return _digits_date(kept)
    parts = re.fullmatch(
        r"(\d{1,4})[-./\\,、年‐–—_](\d{1,2})(?:[-./\\,、月‐–—_](\d{1,4})?[日号]?)?", kept
    )
    if parts is None:
        short = re.fullmatch(r"\d{1,2}[-./月](\d{1,2})[日号]?", kept)
        return DateReading(None, "no_year" if short else "unreadable")
    first, second, third = parts[1], parts[2], parts[3]
    if len(first) == 4:
        if not third:
            return DateReading(None, "no_day")
        return (
            _day(first, second, third) if len(third) <= 2 else DateReading(None, "unreadable")
        )
    if third is None:
        return DateReading(None, "no_year")
    if len(third) == 4:
        if int(first) > 12 >= int(second):
            return _day(third, second, first)
        if int(second) > 12 >= int(first):
            return _day(third, first, second)
        if first == second:
            return _day(third, first, second)
        return DateReading(None, "order")
    return DateReading(None, "short_year")


def _number_date(number: float) -> DateReading:
    if number != number or number in (float("inf"), float("-inf")):
        return DateReading(None, "unreadable")
    whole = int(number)
    if 19_000_101 <= whole <= 21_001_231:
        return _digits_date(str(whole))
    if whole == 60:
        return DateReading(None, "no_such_day")
    if not 1 <= whole <= 2_958_465:
        return DateReading(None, "range")
    if 1_880 <= whole <= 2_100 and number == whole:
        return DateReading(None, "no_day")  # a bare year, not a day of 1905
    return DateReading(date(1899, 12, 30 if whole > 60 else 31) + timedelta(days=whole))


def _digits_date(digits: str) -> DateReading:
    if len(digits) == 8:
        return _day(digits[:4], digits[4:6], digits[6:])
    if len(digits) == 6 and 1880 <= int(digits[:4]) <= 2100 and 1 <= int(digits[4:]) <= 12:
        return DateReading(None, "no_day")
    if len(digits) == 6:
        return DateReading(None, "short_year")
    if len(digits) == 5:
        return _number_date(int(digits))
    if len(digits) == 4 and 1880 <= int(digits) <= 2100:
        return DateReading(None, "no_day")
    return DateReading(None, "unreadable")


def _day(year: str, month: str, day: str) -> DateReading:
    try:
        value = date(int(year), int(month), int(day))
    except ValueError:
        return DateReading(None, "no_such_day")
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        return DateReading(None, "range")
    return DateReading(value)


def _with_digits(text: str) -> str:
    """二〇二〇年二月十三日 → 2020年2月13日."""

    def number(found: re.Match[str]) -> str:
        word = found[0]
        if "十" not in word and "廿" not in word:
            return "".join(_CHINESE_DIGITS[character] for character in word)
        tens, _, ones = word.replace("廿", "二十").partition("十")
        return str(
            int(_CHINESE_DIGITS.get(tens, "1")) * 10 + int(_CHINESE_DIGITS.get(ones, "0"))
        )

    return re.sub(r"[〇零○一二三四五六七八九十廿]+", number, text)
