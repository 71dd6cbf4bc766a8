"""When the clock makes a report: which days, at what time, and what becomes of a day off. Pure."""

import calendar as months
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import msgspec

from wangge.kernel.calendars import Calendar
from wangge.kernel.moments import ZONE, local
from wangge.kernel.refusals import Invalid


class Every(StrEnum):
    """How often a report is made by itself."""

    NEVER = "never"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    DAYS = "days"


EVERY_NAMES: Mapping[Every, str] = {
    Every.NEVER: "不定时",
    Every.DAILY: "每天",
    Every.WEEKLY: "每周",
    Every.MONTHLY: "每月",
    Every.DAYS: "每隔几天",
}
#: Monday is 1, as in ISO 8601.
WEEKDAYS: Mapping[int, str] = {
    1: "周一",
    2: "周二",
    3: "周三",
    4: "周四",
    5: "周五",
    6: "周六",
    7: "周日",
}
#: The last day of a month, among its days; a 31st means it too where there is none.
LAST = 0
STEP_MAX = 366
#: What becomes of a time on a day off, by the district's holidays and the days worked for them.
OFF_NAMES: Mapping[str, str] = {
    "keep": "照常出",
    "later": "顺延到下一个工作日",
    "earlier": "提前到前一个工作日",
}
#: More days than are off at a stretch, and than lie between two times of a plan.
_STRETCH = timedelta(days=31)
_AHEAD = STEP_MAX + 2 * _STRETCH.days


class Rhythm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which days: of the week (1 to 7) or the month (1 to 31, 0 for the last), or every `step` days
    counted from `since`; `off` is a key of OFF_NAMES."""

    days: tuple[int, ...] = ()
    step: int = 1
    since: date | None = None
    off: str = "keep"


def checked(every: Every, rhythm: Rhythm, today: date) -> Rhythm:
    """The rhythm as it is kept: without what does not belong to it, and with what nobody said (Mondays,
    the first, from today). Raises Invalid."""
    days = tuple(sorted(set(rhythm.days)))
    if rhythm.off not in OFF_NAMES:
        raise Invalid.of("off", "请选遇到休息日怎么办。")
    if every is Every.WEEKLY:
        if not set(days) <= set(WEEKDAYS):
            raise Invalid.of("days", "请选星期几。")
        return Rhythm(days or (1,), off=rhythm.off)
    if every is Every.MONTHLY:
        if any(not LAST <= day <= 31 for day in days):
            raise Invalid.of("days", "请选每月几号,1 到 31,或最后一天。")
        return Rhythm(days or (1,), off=rhythm.off)
    if every is Every.DAYS:
        if not 2 <= rhythm.step <= STEP_MAX:
            raise Invalid.of("step", "请填每隔几天,2 到 {most}。", most=STEP_MAX)
        since = rhythm.since or today
        if abs((since - today).days) > STEP_MAX:
            raise Invalid.of("since", "开始的日期应在前后一年以内。")
        return Rhythm(step=rhythm.step, since=since, off=rhythm.off)
    return Rhythm(off=rhythm.off if every is Every.DAILY else "keep")


def next_at(
    every: Every, rhythm: Rhythm, at: time, now: datetime, calendar: Calendar
) -> datetime | None:
    """The next moment after `now` on which a report is made, at that time here. None: never."""
    return next(_moments(every, rhythm, at, now, calendar), None)


def coming(
    every: Every, rhythm: Rhythm, at: time, now: datetime, calendar: Calendar, number: int
) -> list[datetime]:
    """The next moments, first the nearest."""
    found: list[datetime] = []
    moment: datetime | None = now
    while len(found) < number:
        moment = next_at(every, rhythm, at, moment or now, calendar)
        if moment is None:
            break
        found.append(moment)
    return found


def _moments(
    every: Every, rhythm: Rhythm, at: time, now: datetime, calendar: Calendar
) -> Iterator[datetime]:
    """The times after `now`, in order. Days are counted as if none were off, and moved then: one that
    is put off moves none after it."""
    if every is Every.NEVER:
        return
    here = local(now)
    first = here.date() - _STRETCH
    days = (first + timedelta(days=n) for n in range(_AHEAD + 1))
    due = {_moved(day, rhythm.off, calendar) for day in days if _fits(every, rhythm, day)}
    for day in sorted(due):
        moment = datetime.combine(day, at, ZONE)
        if moment > here:
            yield moment


def _fits(every: Every, rhythm: Rhythm, day: date) -> bool:
    if every is Every.WEEKLY:
        return day.isoweekday() in rhythm.days
    if every is Every.MONTHLY:
        last = months.monthrange(day.year, day.month)[1]
        return any(day.day == (last if d == LAST else min(d, last)) for d in rhythm.days)
    if every is Every.DAYS:
        since = rhythm.since or day
        return day >= since and (day - since).days % rhythm.step == 0
    return True


def _moved(day: date, off: str, calendar: Calendar) -> date:
    step = {"later": 1, "earlier": -1}.get(off, 0)
    while step and not calendar.is_workday(day):
        day += timedelta(days=step)
    return day


def words(_: Callable[..., str], every: Every, rhythm: Rhythm, at_minute: int) -> str:
    """The schedule as people say it: 每周一、周五 07:00,遇休息日顺延到下一个工作日."""
    if every is Every.NEVER:
        return _("不定时")
    clock = f"{at_minute // 60:02}:{at_minute % 60:02}"
    if every is Every.WEEKLY:
        named = _("、").join(_(WEEKDAYS[day]) for day in rhythm.days)
        said = _("每{days} {at}", days=named, at=clock)
    elif every is Every.MONTHLY:
        # The last day comes last.
        inside = [day for day in rhythm.days if day != LAST]
        named = _("、").join(str(day) for day in inside)
        if not inside:
            said = _("每月最后一天 {at}", at=clock)
        elif LAST in rhythm.days:
            said = _("每月 {days} 日和最后一天 {at}", days=named, at=clock)
        else:
            said = _("每月 {days} 日 {at}", days=named, at=clock)
    elif every is Every.DAYS:
        said = _("每 {n} 天 {at}", n=rhythm.step, at=clock)
    elif rhythm.off != "keep":
        return _("每个工作日 {at}", at=clock)
    else:
        said = _("每天 {at}", at=clock)
    if rhythm.off == "keep":
        return said
    return _("{said},遇休息日{off}", said=said, off=_(OFF_NAMES[rhythm.off]))
