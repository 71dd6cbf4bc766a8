"""What the clock clears away."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from wangge.access import kept, queries
from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, counts, keeps

LOGS = "网络安全法第二十一条;个人信息保护法第十九条"


@keeps(
    "access.sessions",
    "登录会话和邀请",
    0,
    since="到期(时限见登录设置)",
    source=LOGS,
    every=timedelta(minutes=10),
)
async def clear(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Sessions and invitations whose time is over."""
    return [Gone("", await kept.delete_over(tx, limit))]


@counts("access.sessions")
async def over(tx: Tx, before: datetime) -> Sequence[Gone]:
    """What the next round clears."""
    return [Gone("", await kept.count_over(tx))]


@keeps(
    "access.tries",
    "登录失败记录(散列)",
    2,
    since="最后一次失败",
    source=LOGS,
    every=timedelta(minutes=10),
)
async def clear_tries(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Failures that no longer slow anybody down."""
    return [Gone("", await queries.forget_tries(tx, before, limit))]


@counts("access.tries")
async def old_tries(tx: Tx, before: datetime) -> Sequence[Gone]:
    """What the next round clears."""
    return [Gone("", await queries.count_tries(tx, before))]
