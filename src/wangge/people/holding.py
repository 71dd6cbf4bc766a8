"""What people keeps under area codes, and how it follows an area that was redrawn."""

from collections.abc import Sequence

from wangge.kernel.database import Tx
from wangge.places.holders import Count, holds


@holds("people.posts", "个岗位")
async def posts(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Live posts. They stay under their code, which resolves to the areas that came after it."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from people_post
         where area_code = any(:codes::text[]) and (until_at is null or until_at > :now)
         group by area_code
        """,
        codes=list(codes),
        now=tx.now,
    )


@holds("people.teams", "支队伍")
async def teams(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Live teams; they stay, as posts do."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from people_team
         where area_code = any(:codes::text[]) and (until_at is null or until_at > :now)
         group by area_code
        """,
        codes=list(codes),
        now=tx.now,
    )
