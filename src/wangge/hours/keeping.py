"""How long hours are kept: as long as limits look back and pay is settled, then they go."""

from collections.abc import Sequence
from datetime import datetime

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
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


ROSTER_DAYS = setting(
    "hours.roster_days", 180, "排班表(草稿、版本、公布记录)过完后保存几天", check=days
)
SAID_DAYS = setting(
    "hours.said_days",
    30,
    "不能来、最好不排、想排的日子过后保存几天;人员离岗后技能也保存这么久",
    check=days,
)


@keeps(
    "hours.rosters",
    "排班表和它的版本",
    ROSTER_DAYS,
    since="最后一天过完之日",
    source="个人信息保护法第十九条(保存期限应为实现目的所必要的最短时间)",
    bite=100,
)
async def forget_rosters(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Rosters with their versions; the stints they made are kept as stints are."""
    return await tx.many(
        Gone,
        """
        with gone as (
            delete from hours_roster where id in (
                select id from hours_roster where first_day + days < :before::date
                 order by first_day + days limit :limit)
            returning area_code)
        select area_code, count(*)::int as items from gone group by area_code
        """,
        before=local_date(before),
        limit=limit,
    )


@counts("hours.rosters")
async def old_rosters(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Rosters that the next round deletes."""
    return await tx.many(
        Gone,
        """
        select area_code, count(*)::int as items from hours_roster
         where first_day + days < :before::date group by area_code
        """,
        before=local_date(before),
    )


@keeps(
    "hours.days",
    "排班用的请假和愿望(只记日子,不记原因)、技能",
    SAID_DAYS,
    since="那一天过后、或最后一个岗位结束之日",
    source="个人信息保护法第十九条(保存期限应为实现目的所必要的最短时间)",
)
async def forget_days(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """What days said that are over, and the skills of people without a post; of no area."""
    return await tx.many(
        Gone,
        """
        with days as (
            delete from hours_day where (staff_id, day) in (
                select staff_id, day from hours_day where day < :day::date
                 order by day limit :limit)
            returning 1),
        skills as (
            delete from hours_person where staff_id in (
                select h.staff_id from hours_person h
                 where not exists (select 1 from people_post p
                                    where p.staff_id = h.staff_id
                                      and (p.until_at is null or p.until_at >= :before))
                 limit greatest(0, :limit - (select count(*) from days)))
            returning 1)
        select '' as area_code, count(*)::int as items
          from (select 1 from days union all select 1 from skills) gone
        having count(*) > 0
        """,
        day=local_date(before),
        before=before,
        limit=limit,
    )


@counts("hours.days")
async def old_days(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Days and skills that the next round forgets."""
    return await tx.many(
        Gone,
        """
        select '' as area_code, count(*)::int as items
          from (select 1 from hours_day where day < :day::date
                union all
                select 1 from hours_person h
                 where not exists (select 1 from people_post p
                                    where p.staff_id = h.staff_id
                                      and (p.until_at is null or p.until_at >= :before))) old
        having count(*) > 0
        """,
        day=local_date(before),
        before=before,
    )
