"""How long things that are no more, and people who answered for one before, are kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.kernel.retention import Gone, counts, days, keeps
from wangge.kernel.settings import setting

THING_DAYS = setting(
    "registers.thing_keep_days", 730, "企业、商户、车辆等注销几天后删除登记", check=days
)
PERSON_DAYS = setting(
    "registers.person_keep_days", 365, "场所原负责人的姓名电话在换人几天后删除", check=days
)


@keeps(
    "registers.things",
    "已注销的企业、商户、车辆等",
    THING_DAYS,
    since="注销之日",
    source="个人信息保护法第四十七条(处理目的已实现的,应当主动删除)",
)
async def forget_things(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Things that closed before that day, with whoever answered for them; four statements."""
    ids = await tx.many(
        UUID,
        """
        select id from registers_thing where closed_on < :before
         order by closed_on, id limit :limit for update skip locked
        """,
        before=local_date(before),
        limit=limit,
    )
    if ids:
        await tx.run(
            """
            delete from people_change where row_id = any (:ids::uuid[])
                or row_id in (select id from registers_person where thing_id = any (:ids::uuid[]))
            """,
            ids=ids,
        )
        await tx.run(
            "delete from registers_person where thing_id = any (:ids::uuid[])", ids=ids
        )
    return await tx.many(
        Gone,
        """
        with gone as (delete from registers_thing where id = any (:ids::uuid[])
                      returning area_code)
        select area_code, count(*) as items from gone group by area_code
        """,
        ids=ids,
    )


@counts("registers.things")
async def closed_things(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Things that the next round deletes."""
    return await tx.many(
        Gone,
        """
        select area_code, count(*) as items from registers_thing where closed_on < :before
         group by area_code
        """,
        before=local_date(before),
    )


@keeps(
    "registers.people",
    "场所的原负责人",
    PERSON_DAYS,
    since="换人之日",
    source="个人信息保护法第十九条(保存期限应当为实现处理目的所必要的最短时间)",
)
async def forget_people(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Who answered for a thing until before that day; three statements."""
    ids = await tx.many(
        UUID,
        """
        select id from registers_person where to_date < :before
         order by to_date, id limit :limit for update skip locked
        """,
        before=local_date(before),
        limit=limit,
    )
    if ids:
        await tx.run("delete from people_change where row_id = any (:ids::uuid[])", ids=ids)
    return await tx.many(
        Gone,
        """
        with gone as (delete from registers_person where id = any (:ids::uuid[])
                      returning area_code)
        select area_code, count(*) as items from gone group by area_code
        """,
        ids=ids,
    )


@counts("registers.people")
async def former_people(tx: Tx, before: datetime) -> Sequence[Gone]:
    """People that the next round deletes."""
    return await tx.many(
        Gone,
        """
        select area_code, count(*) as items from registers_person where to_date < :before
         group by area_code
        """,
        before=local_date(before),
    )
