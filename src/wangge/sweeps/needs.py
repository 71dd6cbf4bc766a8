"""How much a place of a round needs help, and why, in words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from wangge.kernel.i18n import Locale, translate
from wangge.kernel.moments import local
from wangge.sweeps.counting import counted
from wangge.sweeps.model import Kind, Round


class Need(StrEnum):
    """How much a place needs help, calm first. The word and the mark say it beside the colour."""

    DONE = "done"
    ON_TIME = "on_time"
    ASKS = "asks"
    SLOW = "slow"
    UNSTARTED = "unstarted"
    OVER = "over"


COLOURS: Mapping[Need, str] = {
    Need.DONE: "green",
    Need.ON_TIME: "green",
    Need.ASKS: "blue",
    Need.SLOW: "yellow",
    Need.UNSTARTED: "orange",
    Need.OVER: "red",
}
MARKS: Mapping[Need, str] = {
    Need.DONE: "✔",
    Need.ON_TIME: "●",
    Need.ASKS: "◆",
    Need.SLOW: "▲",
    Need.UNSTARTED: "■",
    Need.OVER: "✖",
}
#: A place that has not begun after this share of the time needs a call.
LATE_START = 0.25


def need_of(
    round_: Round,
    now: datetime,
    *,
    done: int,
    asks: int,
    left: int,
    flagged: int,
    started: bool,
    until: datetime | None,
) -> Need:
    """The most pressing of what is true of a place."""
    if left == 0:
        return Need.ASKS if asks or flagged else Need.DONE
    if round_.closed_at is not None or now >= round_.ends_at:
        return Need.OVER
    used = (now - round_.pass_at) / max(round_.ends_at - round_.pass_at, timedelta(seconds=1))
    if not started:
        return Need.UNSTARTED if used >= LATE_START else Need.ON_TIME
    if until is None or until > round_.ends_at:
        return Need.SLOW if used >= LATE_START else Need.ON_TIME
    return Need.ON_TIME


def reason_of(
    need: Need,
    locale: Locale,
    *,
    asks: int,
    left: int,
    flagged: int,
    until: datetime | None,
    now: datetime,
    kind: Kind,
) -> str:
    """Why, in words; counted as its kind counts. While it goes well, when it will be done."""

    def _(text: str, **values: Any) -> str:
        return translate(locale, text, **values)

    def some(n: int) -> str:
        return counted(kind, locale, n)

    if need is Need.OVER:
        return _("时间到,还差 {some}", some=some(left))
    if need is Need.UNSTARTED:
        return _("还没有开始")
    if need is Need.SLOW:
        if until is None:
            return _("停了一会儿,还差 {some}", some=some(left))
        return _("按现在的速度要到 {clock}", clock=_clock(until, now))
    if need is Need.ASKS:
        words = [_("{some}有情况要处理", some=some(asks))] if asks else []
        words += [_("{some}说法不一致", some=some(flagged))] if flagged else []
        return _(";").join(words)
    if need is Need.DONE:
        return _("全部完成")
    return _("正常,预计 {clock} 走完", clock=_clock(until, now)) if until else _("正常")


def _clock(at: datetime, now: datetime) -> str:
    """The hour; with its day where that is another, as in rounds of days."""
    when = local(at)
    return f"{when:%H:%M}" if when.date() == local(now).date() else f"{when:%m-%d %H:%M}"
