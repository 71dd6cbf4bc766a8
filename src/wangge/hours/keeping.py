"""How long hours are kept: as long as limits look back and pay is settled, then they go."""

from collections.abc import Sequence
from datetime import datetime

from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, count_older, counts, days, forget_older, keeps
from wangge.kernel.settings import setting

KEPT_DAYS = setting("hours.kept_days", 365, "班次与工时保存几天", check=days)


@keeps(
    "hours.stints",
    "班次与工时(含更正和超限理由)",
    KEPT_DAYS,
    since="下班之日",
    source="个人信息保护法第十九条(保存期限应为实现目的所必要的最短时间)",
)
async def forget_stints(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Stints with what they said before and who answered for them."""
    return await forget_older(tx, "hours_stint", before, limit, at="ends_at")


@counts("hours.stints")
async def old_stints(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Stints that the next round deletes."""
    return await count_older(tx, "hours_stint", before, at="ends_at")
