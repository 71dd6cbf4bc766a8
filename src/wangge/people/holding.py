"""What people keeps under area codes, and how it follows an area that was redrawn."""

from collections.abc import Sequence
from typing import LiteralString

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
    """Households, residents, their ties, needs and search marks go where their stairwell went, and
    so do the images of what they were before, for an undo; seven statements.

    Versions stay: nobody changed anything about anybody.
    """
    old = list(moved.old)
    counts = await tx.many(
        Count,
        """
        with moved as (
            update people_household t set area_code = u.area_code
              from places_unit u
             where u.id = t.unit_id and t.area_code = any(:old::text[])
               and u.area_code <> t.area_code
            returning t.area_code)
        select area_code, count(*) as items from moved group by area_code order by area_code
        """,
        old=old,
    )
    for statement in _FOLLOWERS:
        await tx.run(statement, old=old)
    await tx.run(
        """
        update people_pair t set area_code = c.new
          from unnest(:was::text[], :becomes::text[]) c(old, new)
         where t.area_code = c.old
        """,
        was=list(moved.codes),
        becomes=list(moved.codes.values()),
    )
    tx.publish(
        *(HouseholdsMoved(area_id(one.area_code), one.area_code, one.items) for one in counts)
    )
    return counts


_FOLLOWERS: tuple[LiteralString, ...] = (
    """
    update people_resident t set area_code = u.area_code from places_unit u
     where u.id = t.unit_id and t.area_code = any(:old::text[]) and u.area_code <> t.area_code
    """,
    """
    update people_residence t set area_code = u.area_code from places_unit u
     where u.id = t.unit_id and t.area_code = any(:old::text[]) and u.area_code <> t.area_code
    """,
    """
    update people_tag t set area_code = u.area_code from places_unit u
     where u.id = t.unit_id and t.area_code = any(:old::text[]) and u.area_code <> t.area_code
    """,
    """
    update people_search t set area_code = u.area_code from places_unit u
     where u.id = t.unit_id and t.area_code = any(:old::text[]) and u.area_code <> t.area_code
    """,
    # An undo must not bring a closed code back.
    """
    update people_change t
       set area_code = u.area_code,
           before = case when t.before ? 'area_code'
                         then t.before || jsonb_build_object('area_code', u.area_code)
                         else t.before end,
           after = case when t.after ? 'area_code'
                        then t.after || jsonb_build_object('area_code', u.area_code)
                        else t.after end
      from places_unit u
     where t.area_code = any(:old::text[])
       and u.id = coalesce(
               (t.before ->> 'unit_id')::uuid, (t.after ->> 'unit_id')::uuid,
               (select r.unit_id from people_resident r where r.id = t.row_id),
               (select h.unit_id from people_household h where h.id = t.row_id),
               (select n.unit_id from people_tag n where n.id = t.row_id),
               (select e.unit_id from people_residence e where e.id = t.row_id),
               (select d.unit_id from places_dwelling d where d.id = t.row_id),
               t.row_id)
       and u.area_code <> t.area_code
    """,
)
