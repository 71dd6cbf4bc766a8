"""How long residents of households that ended, and looks at full numbers, are kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.kernel.retention import Gone, at_least, counts, days, keeps
from wangge.kernel.settings import setting

RESIDENT_DAYS = setting(
    "people.resident_keep_days", 365, "一户搬走几天后删除这户人的登记", check=days
)
#: 个人信息保护法 Art. 56: records of processing are kept three years at least.
LOOK_DAYS = setting(
    "people.look_keep_days", 1095, "“谁看过完整信息”的记录保留几天", check=at_least(1095)
)


@keeps(
    "people.residents",
    "已搬走住户的登记",
    RESIDENT_DAYS,
    since="一户结束登记",
    source="个人信息保护法第四十七条(处理目的已实现的,应当主动删除)",
)
async def forget_residents(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Whole households that ended before that day, with everybody in them."""
    ids = await tx.many(
        UUID,
        """
        select id from people_household where to_date < :before
         order by to_date, id limit :limit for update skip locked
        """,
        before=local_date(before),
        limit=limit,
    )
    if not ids:
        return []
    await tx.run("delete from people_resident where household_id = any(:ids::uuid[])", ids=ids)
    return await tx.many(
        Gone,
        """
        with gone as (
            delete from people_household where id = any(:ids::uuid[]) returning area_code)
        select area_code, count(*) as items from gone group by area_code
        """,
        ids=ids,
    )


@counts("people.residents")
async def ended_households(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Households that the next round deletes."""
    return await tx.many(
        Gone,
        """
        select area_code, count(*) as items from people_household
         where to_date < :before group by area_code
        """,
        before=local_date(before),
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
    return await tx.many(
        Gone,
        """
        with gone as (
            delete from people_look where id in (
                select id from people_look where at < :before order by at limit :limit)
            returning area_code)
        select area_code, count(*) as items from gone group by area_code
        """,
        before=before,
        limit=limit,
    )


@counts("people.looks")
async def old_looks(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Looks that the next round deletes."""
    return await tx.many(
        Gone,
        """
        select area_code, count(*) as items from people_look
         where at < :before group by area_code
        """,
        before=before,
    )
