"""What hours keep under area codes: stints follow the area of their post."""

from collections.abc import Sequence

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.places.holders import Count, Moved, holds, moves


@holds("hours.stints", "个未来的班次")
async def coming(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Stints that are not over."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from hours_stint
         where area_code = any(:codes::text[]) and state <> 'cancelled' and ends_at > :now
         group by area_code
        """,
        codes=list(codes),
        now=tx.now,
    )


@moves("hours.stints")
async def stints_follow(tx: Tx, moved: Moved) -> Sequence[Count]:
    """Stints of an area that went on as a whole belong to what it became; one statement."""
    return await tx.many(
        Count,
        """
        with moved as (
            update hours_stint t set area_code = m.new
              from unnest(:old::text[], :new::text[]) as m(old, new)
             where t.area_code = m.old returning t.area_code)
        select area_code, count(*) as items from moved group by area_code
        """,
        old=list(moved.codes),
        new=list(moved.codes.values()),
    )


@holds("hours.rosters", "张没过完的排班表")
async def rosters(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Rosters that are not over."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from hours_roster
         where area_code = any(:codes::text[]) and first_day + days > :today::date
         group by area_code
        """,
        codes=list(codes),
        today=local_date(tx.now),
    )


@moves("hours.rosters")
async def rosters_follow(tx: Tx, moved: Moved) -> Sequence[Count]:
    """Rosters of an area that went on as a whole belong to what it became; one statement."""
    return await tx.many(
        Count,
        """
        with moved as (
            update hours_roster t set area_code = m.new
              from unnest(:old::text[], :new::text[]) as m(old, new)
             where t.area_code = m.old returning t.area_code)
        select area_code, count(*) as items from moved group by area_code
        """,
        old=list(moved.codes),
        new=list(moved.codes.values()),
    )
