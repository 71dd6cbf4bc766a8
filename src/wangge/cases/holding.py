"""What cases keep under area codes: they stay, and resolve to the areas that came after."""

from collections.abc import Sequence

from wangge.kernel.database import Tx
from wangge.places.holders import Count, holds


@holds("cases.open", "件在办事件")
async def open_cases(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Cases that are not over."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from cases_case
         where area_code = any(:codes::text[]) and ended_at is null group by area_code
        """,
        codes=list(codes),
    )


@holds("cases.ended", "件已结事件")
async def ended_cases(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Cases that are over."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from cases_case
         where area_code = any(:codes::text[]) and ended_at is not null group by area_code
        """,
        codes=list(codes),
    )
