"""How long residents of households that ended, and looks at full numbers, are kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.kernel.retention import (
    Gone,
    at_least,
    count_older,
    counts,
    days,
    forget_older,
    keeps,
)
from wangge.kernel.settings import setting
from wangge.people import indexing
from wangge.people.changes import UNDO_DAYS
from wangge.people.following import forget_along

RESIDENT_DAYS = setting(
    "people.resident_keep_days", 365, "一户搬走几天后删除这户人的登记", check=days
)
#: 个人信息保护法 Art. 56: records of processing are kept three years at least.
LOOK_DAYS = setting(
    "people.look_keep_days", 1095, "“谁看过完整信息”的记录保留几天", check=at_least(1095)
)


@keeps(
    "people.residents",
    "已离开的人和已搬走的户",
    RESIDENT_DAYS,
    since="离开登记、一户结束登记",
    source="个人信息保护法第四十七条(处理目的已实现的,应当主动删除)",
)
async def forget_residents(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """People who left before that day with their needs and ties, whole households at a time; then
    households that ended before it and that nobody is left in.

    Whoever a duplicate was merged into goes after the duplicate.
    """
    ids = await tx.many(
        UUID,
        """
        select id from people_resident t
         where ended_on < :before
           and not exists (select 1 from people_resident m where m.merged_into = t.id)
         order by ended_on, household_id, id limit :limit for update skip locked
        """,
        before=local_date(before),
        limit=limit,
    )
    if ids:
        await forget_along(tx, ids)
        await tx.run("delete from people_tag where resident_id = any(:ids::uuid[])", ids=ids)
        await tx.run(
            "delete from people_residence where resident_id = any(:ids::uuid[])", ids=ids
        )
        await tx.run("delete from people_change where row_id = any(:ids::uuid[])", ids=ids)
        await indexing.forget(tx, ids)
    return await tx.many(
        Gone,
        """
        with gone as (
            delete from people_resident where id = any(:ids::uuid[])
            returning area_code, household_id),
        empty as (
            delete from people_household where id in (
                select h.id from people_household h
                 where h.to_date < :before
                   and not exists (select 1 from people_resident r
                                    where r.household_id = h.id
                                      and not (r.id = any(:ids::uuid[])))
                   and not exists (select 1 from people_residence r
                                    where r.household_id = h.id)
                   and not exists (select 1 from people_household r
                                    where r.split_from = h.id or r.joined_into = h.id)
                 order by h.to_date, h.id limit :limit)
            returning area_code)
        select area_code, count(*) as items
          from (select area_code from gone union all select area_code from empty) g
         group by area_code
        """,
        ids=ids,
        before=local_date(before),
        limit=limit,
    )


@counts("people.residents")
async def ended_residents(tx: Tx, before: datetime) -> Sequence[Gone]:
    """People and households that the next round deletes."""
    return await tx.many(
        Gone,
        """
        select area_code, count(*) as items
          from (select area_code from people_resident where ended_on < :before
                 union all
                select area_code from people_household where to_date < :before) g
         group by area_code
        """,
        before=local_date(before),
    )


@keeps(
    "people.changes",
    "改动前的内容",
    UNDO_DAYS,
    since="改动之日",
    source="个人信息保护法第十九条(保存期限应当为实现处理目的所必要的最短时间)",
    bite=20_000,
)
async def forget_changes(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """What rows were before a change that can no longer be undone; the batch keeps its counts."""
    gone = await tx.many(
        Gone,
        """
        with gone as (
            delete from people_change c
             using (select c.batch_id, c.wave, c.n from people_change c
                      join people_batch b on b.id = c.batch_id
                     where b.purged_at is null and b.at < :before
                     limit :limit) old
             where c.batch_id = old.batch_id and c.wave = old.wave and c.n = old.n
            returning c.area_code)
        select area_code, count(*) as items from gone group by area_code
        """,
        before=before,
        limit=limit,
    )
    await tx.run(
        """
        update people_batch b set purged_at = :now
         where b.purged_at is null and b.at < :before
           and not exists (select 1 from people_change c where c.batch_id = b.id)
        """,
        now=tx.now,
        before=before,
    )
    return gone


@counts("people.changes")
async def old_changes(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Images that the next round deletes."""
    return await tx.many(
        Gone,
        """
        select c.area_code, count(*) as items from people_change c
          join people_batch b on b.id = c.batch_id
         where b.purged_at is null and b.at < :before group by c.area_code
        """,
        before=before,
    )


@keeps(
    "people.looks",
    "查看完整信息的记录",
    LOOK_DAYS,
    since="查看之日",
    source="个人信息保护法第五十六条(处理情况记录至少保存三年)",
)
async def forget_looks(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Looks nobody has to answer for any more."""
    return await forget_older(tx, "people_look", before, limit)


@counts("people.looks")
async def old_looks(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Looks that the next round deletes."""
    return await count_older(tx, "people_look", before)
