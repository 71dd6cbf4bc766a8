"""A column of dates, read with one order of day and month.

Lists come with 2020-02-13, 13/02/2020, 2/13/2020 and serial numbers, often one kind a column. What a
single 03/02/2020 means, its neighbours tell: 14/02/2020 in the same column can only begin with the
day. Where no neighbour tells, or two contradict each other, nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from wangge.matching.numbers import DateReading, clean, read_date

_PARTED = re.compile(r"(\d{1,2})[-./\\](\d{1,2})[-./\\](\d{4})")
#: What lists write where there is nothing.
_NOTHING = frozenset(
    {"na", "none", "null", "nan", "n/a", "-", "/", "无", "不详", "未知", "unknown"}
)


def read_dates(texts: Sequence[str]) -> list[DateReading]:
    """Each text of a column as a day; `order` stays where the column does not tell it."""
    parted = [_parts(text) for text in texts]
    day_first = any(one is not None and one[0] > 12 >= one[1] for one in parted)
    month_first = any(one is not None and one[1] > 12 >= one[0] for one in parted)
    readings: list[DateReading] = []
    for text, parts in zip(texts, parted, strict=True):
        if clean(text).lower() in _NOTHING:
            readings.append(DateReading(None, "empty"))
        elif parts is None or day_first == month_first:
            readings.append(read_date(text))
        else:
            first, second, year = parts
            readings.append(_day(year, *((second, first) if day_first else (first, second))))
    return readings


def _parts(text: str) -> tuple[int, int, int] | None:
    found = _PARTED.fullmatch(unicodedata.normalize("NFKC", text).strip()) if text else None
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _day(year: int, month: int, day: int) -> DateReading:
    try:
        return DateReading(date(year, month, day))
    except ValueError:
        return DateReading(None, "no_such_day")
