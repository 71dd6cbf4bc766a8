"""What verification keeps under area codes."""

from collections.abc import Sequence

from wangge.kernel.database import Tx
from wangge.places.holders import Count, Moved, holds, moves


@holds("verification.lists", "份核对中的名单")
async def lists(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Lists that somebody works at."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from verification_list
         where area_code = any(:codes::text[]) and phase in ('columns', 'checking', 'review')
         group by area_code
        """,
        codes=list(codes),
    )


@moves("verification.lists")
async def lists_follow(tx: Tx, moved: Moved) -> Sequence[Count]:
    """A list goes with an area that went as a whole; one of an area that was split stays with whoever
    reaches the whole, until its day. One statement."""
    return await tx.many(
        Count,
        """
        with went as (
             update verification_list l set area_code = m.new
               from unnest(:old::text[], :new::text[]) m(old, new)
              where l.area_code = m.old
             returning l.area_code)
        select area_code, count(*) as items from went group by area_code order by area_code
        """,
        old=list(moved.codes),
        new=list(moved.codes.values()),
    )
