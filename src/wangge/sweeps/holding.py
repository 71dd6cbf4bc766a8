"""What sweeps keeps under area codes: a round's roster is frozen, so it stays and resolves."""

from collections.abc import Sequence

from wangge.kernel.database import Tx
from wangge.places.holders import Count, holds


@holds("sweeps.open", "轮进行中的清查")
async def open_rounds(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Rounds that are not closed."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from sweeps_round
         where area_code = any(:codes::text[]) and closed_at is null group by area_code
        """,
        codes=list(codes),
    )
