"""Statements of flags: somebody was asked to fill what nobody admitted."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Flag:
    """A worker was asked to fill something nobody admitted."""

    id: UUID
    area_code: str
    words: str
    by_id: UUID
    at: datetime
    answer: str
    answered_by: UUID | None
    answered_at: datetime | None
    request_id: UUID | None


async def insert_flag(tx: Tx, flag_id: UUID, area_code: str, words: str) -> int:
    return await tx.run(
        """
        insert into forms_flag (id, area_code, words, by_id, at)
        values (:id, :area_code, :words, :by_id, :now)
        """,
        id=flag_id,
        area_code=area_code,
        words=words,
        by_id=tx.actor.id,
        now=tx.now,
    )


async def flags_page(
    tx: Tx, reach: Reach, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Flag]:
    """Flags within reach or of one's own, the newest first."""
    return await tx.many(
        Flag,
        """
        select t.id, t.area_code, t.words, t.by_id, t.at, t.answer, t.answered_by, t.answered_at,
               t.request_id
          from forms_flag t
         where (:before_at::timestamptz is null
                or (t.at, t.id) < (:before_at::timestamptz, :before_id::uuid))
           and (t.by_id = :me
                or exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where t.area_code >= r.lo and t.area_code < r.hi))
         order by t.at desc, t.id desc limit :limit
        """,
        before_at=before[0] if before else None,
        before_id=before[1] if before else None,
        me=tx.actor.id,
        limit=limit,
        **reach.values(),
    )


async def flag(tx: Tx, reach: Reach, flag_id: UUID) -> Flag:
    """The door to one flag."""
    return await tx.one(
        Flag,
        """
        select t.id, t.area_code, t.words, t.by_id, t.at, t.answer, t.answered_by, t.answered_at,
               t.request_id
          from forms_flag t
         where t.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        id=flag_id,
        **reach.values(),
    )


async def answer_flag(tx: Tx, flag_id: UUID, answer_: str, request_id: UUID | None) -> int:
    return await tx.run(
        """
        update forms_flag
           set answer = :answer, request_id = :request_id, answered_by = :by_id,
               answered_at = :now
         where id = :id and answered_at is null
        """,
        id=flag_id,
        answer=answer_,
        request_id=request_id,
        by_id=tx.actor.id,
        now=tx.now,
    )
