"""How long a session lasts: a district's own decision within what MLPS level 3 expects."""

from datetime import timedelta

from wangge.access.model import Surface
from wangge.kernel.settings import Decided, setting

DESK_IDLE_MINUTES = setting("access.desk_idle_minutes", 30, "办公电脑多少分钟不用就要重新登录")
DESK_HOURS_MAX = setting("access.desk_hours_max", 12, "办公电脑登录一次最多用多少小时")
FIELD_IDLE_DAYS = setting("access.field_idle_days", 30, "手机端多少天不用就要重新登录")
FIELD_DAYS_MAX = setting("access.field_days_max", 90, "手机端登录一次最多用多少天")


def idle_time(settings: Decided, surface: Surface) -> timedelta:
    """How long a session may lie unused."""
    if surface == "desk":
        return timedelta(minutes=settings(DESK_IDLE_MINUTES))
    return timedelta(days=settings(FIELD_IDLE_DAYS))


def whole_time(settings: Decided, surface: Surface) -> timedelta:
    """How long a session lasts at most."""
    if surface == "desk":
        return timedelta(hours=settings(DESK_HOURS_MAX))
    return timedelta(days=settings(FIELD_DAYS_MAX))
