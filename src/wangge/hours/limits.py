"""The district's limits, each a setting with its source. No number here comes from a law: they are
what a new district begins with, and say so until somebody fills in where theirs come from."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from wangge.kernel.cache import Cached
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.kernel.settings import Setting, decided, setting
from wangge.solvers.fatigue import HOUR, Kind, Limits

#: Shown where a district has not said where its limit comes from.
NO_SOURCE = "来源由本区填写"
SOURCE_MAX = 200


def _between(key: str, least: int, most: int) -> Callable[[int], None]:
    def check(value: int) -> None:
        if not least <= value <= most:
            raise Invalid.of(key, "请填 {least} 到 {most}。", least=least, most=most)

    return check


def _source(key: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if len(value) > SOURCE_MAX:
            raise Invalid.of(key, "来源请在 {most} 字以内。", most=SOURCE_MAX)

    return check


def _limit(name: str, default: int, most: int, words: str) -> Setting[int]:
    key = f"hours.{name}"
    return setting(key, default, words, check=_between(key, 0, most))


def _source_of(name: str, words: str) -> Setting[str]:
    key = f"hours.{name}_source"
    return setting(key, "", words, check=_source(key))


LONGEST = _limit("longest", 12, 24, "工时限度:一次最多连续几小时(0 不限)")
REST = _limit("rest", 8, 48, "工时限度:两班之间至少休息几小时(0 不限)")
DAYS = _limit("days", 6, 31, "工时限度:最多连续几天有班(0 不限)")
NIGHTS = _limit("nights", 3, 31, "工时限度:最多连续几个夜班(0 不限)")
WEEK = _limit("week", 60, 168, "工时限度:任意 7 天最多几小时(0 不限)")
LONGEST_SOURCE = _source_of("longest", "最多连续几小时:依据哪份文件(本区填写)")
REST_SOURCE = _source_of("rest", "至少休息几小时:依据哪份文件(本区填写)")
DAYS_SOURCE = _source_of("days", "最多连续几天:依据哪份文件(本区填写)")
NIGHTS_SOURCE = _source_of("nights", "最多几个夜班:依据哪份文件(本区填写)")
WEEK_SOURCE = _source_of("week", "7 天最多几小时:依据哪份文件(本区填写)")
PAUSE = setting(
    "hours.pause_minutes",
    120,
    "同一班里的间歇(吃饭、交接)最长几分钟;更长的要够得上休息",
    check=_between("hours.pause_minutes", 0, 360),
)
NIGHT_FROM = setting(
    "hours.night_from", 22, "夜班从几点算起", check=_between("hours.night_from", 0, 23)
)
NIGHT_TO = setting("hours.night_to", 6, "夜班算到几点", check=_between("hours.night_to", 0, 23))
NIGHT_LEAST = setting(
    "hours.night_minutes",
    120,
    "夜里上满几分钟算一个夜班",
    check=_between("hours.night_minutes", 1, 1440),
)
OFFER_MINUTES = setting(
    "hours.offer_minutes",
    60,
    "派单时按一件事几分钟来问工时限度;剩下的不够就先不派给这个人",
    check=_between("hours.offer_minutes", 1, 1440),
)

#: A limit's kind → its setting, its source's, and what one of it is called.
KINDS: dict[Kind, tuple[Setting[int], Setting[str], str]] = {
    "longest": (LONGEST, LONGEST_SOURCE, "一次最多连续 {n} 小时"),
    "rest": (REST, REST_SOURCE, "两班之间至少休息 {n} 小时"),
    "days": (DAYS, DAYS_SOURCE, "最多连续 {n} 天有班"),
    "nights": (NIGHTS, NIGHTS_SOURCE, "最多连续 {n} 个夜班"),
    "week": (WEEK, WEEK_SOURCE, "任意 7 天最多 {n} 小时"),
}


class Limited:
    """The limits with their sources, and how long a task is asked for."""

    def __init__(
        self, limits: Limits, numbers: dict[Kind, int], sources: dict[Kind, str], offer: int
    ) -> None:
        self.limits = limits
        self.numbers = numbers
        self.sources = sources
        self.offer_minutes = offer


async def _load(tx: Tx) -> Limited:
    chosen = await decided(tx)

    def hours(wanted: Setting[int]) -> int | None:
        return chosen(wanted) * HOUR or None

    return Limited(
        Limits(
            longest=hours(LONGEST),
            rest=hours(REST),
            days=chosen(DAYS) or None,
            nights=chosen(NIGHTS) or None,
            week=hours(WEEK),
            pause=chosen(PAUSE),
            night_from=chosen(NIGHT_FROM) * HOUR,
            night_to=chosen(NIGHT_TO) * HOUR,
            night_least=chosen(NIGHT_LEAST),
        ),
        {kind: chosen(number) for kind, (number, _, _) in KINDS.items()},
        {kind: chosen(source) for kind, (_, source, _) in KINDS.items()},
        chosen(OFFER_MINUTES),
    )


#: `await LIMITS.get(tx)`; read again when a setting changes.
LIMITS: Cached[Limited] = Cached("settings", _load)

#: 1970-01-01 00:00 in Asia/Shanghai, from which the guard counts its minutes.
_START = datetime(1969, 12, 31, 16, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def minute_of(moment: datetime) -> int:
    """A moment as the guard counts it; a minute that has begun counts from its beginning."""
    return (moment - _START) // _MINUTE


def moment_of(minute: int) -> datetime:
    """Back from the guard's minutes."""
    return _START + minute * _MINUTE
