"""What people keeps under area codes, and how it follows an area that was redrawn."""

from collections.abc import Sequence

from wangge.kernel.database import Tx
from wangge.people.events import HouseholdsMoved
from wangge.places import area_id
from wangge.places.holders import Count, Moved, holds, moves


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


@holds("people.households", "户")
async def households(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Households, past ones too."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from people_household
         where area_code = any(:codes::text[]) group by area_code
        """,
        codes=list(codes),
    )


@moves("people.households")
async def households_follow(tx: Tx, moved: Moved) -> Sequence[Count]:
    """Households and residents go where their stairwell went: two statements."""
    counts = await tx.many(
        Count,
        """
        with moved as (
            update people_household h set area_code = u.area_code
              from places_unit u
             where u.id = h.unit_id and h.area_code = any(:old::text[])
               and u.area_code <> h.area_code
            returning h.area_code)
        select area_code, count(*) as items from moved group by area_code order by area_code
        """,
        old=list(moved.old),
    )
    await tx.run(
        """
        update people_resident r set area_code = u.area_code
          from places_unit u
         where u.id = r.unit_id and r.area_code = any(:old::text[])
           and u.area_code <> r.area_code
        """,
        old=list(moved.old),
    )
    tx.publish(
        *(HouseholdsMoved(area_id(one.area_code), one.area_code, one.items) for one in counts)
    )
    return counts
