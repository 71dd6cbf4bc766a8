"""Dates and times as people and their spreadsheets write them.

One table may hold 2019/2/28 11:25:05, 2015-01-01 00:20:09, 2019年2月28日 11时 and 43524.5 (an
Excel serial) in one column. All are read; what can be two things (3/4/2019) is refused, and
so is what a broken formula makes (1900-01-00, 2099-12-31), each with words.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from wangge.kernel.refusals import Refusal


@dataclass(eq=False)
class TimeUnreadable(Refusal):
    says: ClassVar[str] = "看不懂时间「{written}」,请写成 2026-03-02 09:30 这样。"
    status: ClassVar[int] = 422
    written: str


@dataclass(eq=False)
class TimeAmbiguous(Refusal):
    says: ClassVar[str] = "时间「{written}」分不清月和日,请把年份写在最前面,例如 2026-03-02。"
    status: ClassVar[int] = 422
    written: str


@dataclass(eq=False)
class TimeImpossible(Refusal):
    says: ClassVar[str] = (
        "时间「{written}」不在 {earliest} 到 {latest} 之间,可能是空单元格或公式出错,请核对。"
    )
    status: ClassVar[int] = 422
    written: str
    earliest: str
    latest: str


_TIME = re.compile(
    r"""(?P<year>[0-9]{4})
        (?:[-/.年]\s*(?P<month>[0-9]{1,2})(?:[-/.月]\s*(?P<day>[0-9]{1,2})\s*[日号]?)
          |(?P<packed>[0-9]{4}))
        (?:\s*[T,]?\s*(?:星期.|周.|\(.{1,4}\))?\s*(?P<half>凌晨|早上|上午|中午|下午|晚上|[AaPp][Mm])?\s*
           (?P<hour>[0-9]{1,2})
           (?:\s*[:：时点]\s*(?:(?P<minute>[0-9]{1,2})
              (?:\s*[:：分]\s*(?:(?P<second>[0-9]{1,2})(?:[.,](?P<fraction>[0-9]{1,9}))?\s*秒?)?)?)?)
           \s*(?P<after>[AaPp][Mm])?
           |(?P<tight>[0-9]{4,6}))?
        \s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?""",
    re.VERBOSE,
)
_SERIAL = re.compile(r"[0-9]{1,6}(?:\.[0-9]+)?")
_DAY_FIRST = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2})\b.*")
_LATER = {"下午", "晚上", "pm"}
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  (a serial has no zone until given one)


def parse_time(
    text: str,
    tz: str = "Asia/Shanghai",
    *,
    earliest: str = "1990-01-01",
    latest: str = "2090-01-01",
) -> datetime:
    """The moment a cell means, in ``tz`` unless the text names an offset; aware.

    Raises TimeUnreadable, TimeAmbiguous, or TimeImpossible outside [earliest, latest) (ISO
    dates). A number is an Excel serial of the 1900 system.
    """
    clean = text.strip().replace("\u3000", " ")
    zone = ZoneInfo(tz)
    try:
        if match := _TIME.fullmatch(clean):
            moment = _written(match, zone)
        elif _SERIAL.fullmatch(clean):
            seconds = round(float(clean) * 86_400)
            moment = (_EXCEL_ZERO + timedelta(seconds=seconds)).replace(tzinfo=zone)
        elif _DAY_FIRST.fullmatch(clean):
            raise TimeAmbiguous(clean[:40])
        else:
            raise TimeUnreadable(clean[:40])
    except (ValueError, OverflowError):
        raise TimeUnreadable(clean[:40]) from None
    day = moment.replace(tzinfo=None).date().isoformat()
    if not earliest <= day < latest:
        raise TimeImpossible(clean[:40], earliest, latest)
    return moment


def _written(match: re.Match[str], zone: ZoneInfo) -> datetime:
    part = match.groupdict()
    month, day = part["month"], part["day"]
    if part["packed"]:
        month, day = part["packed"][:2], part["packed"][2:]
    hour, minute, second = part["hour"] or "0", part["minute"] or "0", part["second"] or "0"
    if tight := part["tight"]:
        hour, minute, second = tight[:2], tight[2:4], tight[4:] or "0"
    clock = int(hour)
    half = (part["half"] or part["after"] or "").lower()
    if half in _LATER and clock < 12:
        clock += 12
    elif half == "am" and clock == 12:
        clock = 0
    micro = int((part["fraction"] or "0").ljust(6, "0")[:6])
    whole_day = clock == 24 and int(minute) == int(second) == 0
    moment = datetime(
        int(part["year"]),
        int(month),
        int(day),
        0 if whole_day else clock,
        int(minute),
        int(second),
        micro,
        tzinfo=zone,
    )
    if whole_day:
        moment += timedelta(days=1)
    if offset := part["zone"]:
        shown = moment.replace(tzinfo=None).isoformat()
        moment = datetime.fromisoformat(shown + ("+00:00" if offset == "Z" else offset))
    return moment
