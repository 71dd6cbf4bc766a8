"""How long it is kept who heads a micro-grid and where that person lives, and what was proposed."""

from collections.abc import Sequence
from datetime import datetime

from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, counts, days, keeps
from wangge.kernel.settings import setting

HEAD_DAYS = setting(
    "planning.head_days", 30, "网格长不再任职几天后,删除登记的姓名对应和住处", check=days
)


@keeps(
    "planning.heads",
    "登记的微网格长和住处",
    HEAD_DAYS,
    since="在本社区最后一个岗位结束之日",
    source="个人信息保护法第四十七条",
)
async def forget_heads(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Heads whose last post in the community ended before that moment."""
    return await tx.many(
        Gone,
        """
        with over as (
            select h.area_code from planning_head h
             where h.staff_id is not null
               and not exists (select 1 from people_post p
                                where p.staff_id = h.staff_id
                                  and left(p.area_code, 12) = left(h.area_code, 12)
                                  and (p.until_at is null or p.until_at >= :before))
             order by h.area_code limit :limit for update of h skip locked),
        gone as (
            delete from planning_head t using over where t.area_code = over.area_code
            returning t.area_code)
        select left(area_code, 12) as area_code, count(*)::int as items from gone group by 1
        """,
        before=before,
        limit=limit,
    )


@counts("planning.heads")
async def old_heads(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Heads that the next round forgets."""
    return await tx.many(
        Gone,
        """
        select left(h.area_code, 12) as area_code, count(*)::int as items from planning_head h
         where h.staff_id is not null
           and not exists (select 1 from people_post p
                            where p.staff_id = h.staff_id
                              and left(p.area_code, 12) = left(h.area_code, 12)
                              and (p.until_at is null or p.until_at >= :before))
         group by 1
        """,
        before=before,
    )


PROPOSAL_DAYS = setting(
    "planning.proposal_days",
    365,
    "微网格方案采纳、撤销或放弃几天后删除(没有人决定的从最后一次改动算起)",
    check=days,
)


@keeps(
    "planning.proposals",
    "微网格方案和手工改动",
    PROPOSAL_DAYS,
    since="采纳、撤销、放弃或最后一次改动之日",
    source="个人信息保护法第十九条、第四十七条",
)
async def forget_proposals(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Proposals that nothing has happened to since that moment, with who changed what by hand. Where a
    stairwell belongs, and the dated line that says why, stays."""
    return await tx.many(
        Gone,
        """
        with over as (
            select p.id from planning_proposal p
             where p.at < :before and p.state <> 'waiting'
               and coalesce(p.undone_at, p.decided_at, p.at) < :before
               and not exists (select 1 from planning_version v
                                where v.proposal_id = p.id and v.at >= :before)
             order by p.at, p.id limit :limit for update skip locked),
        gone as (
            delete from planning_proposal t using over where t.id = over.id
            returning t.area_code)
        select area_code, count(*)::int as items from gone group by 1
        """,
        before=before,
        limit=limit,
    )


@counts("planning.proposals")
async def old_proposals(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Proposals that the next round forgets."""
    return await tx.many(
        Gone,
        """
        select p.area_code, count(*)::int as items from planning_proposal p
         where p.at < :before and p.state <> 'waiting'
           and coalesce(p.undone_at, p.decided_at, p.at) < :before
           and not exists (select 1 from planning_version v
                            where v.proposal_id = p.id and v.at >= :before)
         group by 1
        """,
        before=before,
    )
