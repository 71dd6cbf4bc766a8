"""Statements of requests for tables."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody wants a table. `columns` are `AskedColumn`s as plain data."""

    id: UUID
    token: str
    title: str
    asker: str
    area_code: str
    basis: str
    frequency: str
    minutes: int
    until_date: date | None
    subject: str
    columns: Any
    known: int
    new: int
    households: int
    file_id: UUID | None
    state: str
    filed_by: UUID
    filed_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str
    merged_into: UUID | None
    version: int


async def insert_request(tx: Tx, request: Request) -> int:
    return await tx.run(
        """
        insert into forms_request (id, token, title, asker, area_code, basis, frequency, minutes,
                                   until_date, subject, columns, known, new, households, file_id,
                                   state, filed_by, filed_at)
        values (:id, :token, :title, :asker, :area_code, :basis, :frequency, :minutes,
                :until_date, :subject, :columns, :known, :new, :households, :file_id, 'waiting',
                :filed_by, :now)
        """,
        id=request.id,
        token=request.token,
        title=request.title,
        asker=request.asker,
        area_code=request.area_code,
        basis=request.basis,
        frequency=request.frequency,
        minutes=request.minutes,
        until_date=request.until_date,
        subject=request.subject,
        columns=request.columns,
        known=request.known,
        new=request.new,
        households=request.households,
        file_id=request.file_id,
        filed_by=request.filed_by,
        now=tx.now,
    )


async def request(tx: Tx, reach: Reach, request_id: UUID) -> Request:
    """The door to a request: within reach, or filed by the asker."""
    return await tx.one(
        Request,
        """
        select t.id, t.token, t.title, t.asker, t.area_code, t.basis, t.frequency, t.minutes,
               t.until_date, t.subject, t.columns, t.known, t.new, t.households, t.file_id,
               t.state, t.filed_by, t.filed_at, t.decided_by, t.decided_at, t.reason,
               t.merged_into, t.version
          from forms_request t
         where t.id = :id
           and (t.filed_by = :me
                or exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where t.area_code >= r.lo and t.area_code < r.hi))
        """,
        id=request_id,
        me=tx.actor.id,
        **reach.values(),
    )


async def answer(tx: Tx, token: str) -> Request:
    """For the page of whoever asked: the token is the key."""
    return await tx.one(
        Request,
        """
        select id, token, title, asker, area_code, basis, frequency, minutes, until_date, subject,
               columns, known, new, households, file_id, state, filed_by, filed_at, decided_by,
               decided_at, reason, merged_into, version
          from forms_request where token = :token
        """,
        token=token,
    )


async def lock_request(tx: Tx, request_id: UUID) -> int:
    return await tx.run("select id from forms_request where id = :id for update", id=request_id)


async def decide_request(
    tx: Tx, request_id: UUID, state: str, reason: str, merged_into: UUID | None
) -> int:
    return await tx.run(
        """
        update forms_request
           set state = :state, reason = :reason, merged_into = :merged_into, decided_by = :by_id,
               decided_at = :now, version = version + 1
         where id = :id and state = 'waiting'
        """,
        id=request_id,
        state=state,
        reason=reason,
        merged_into=merged_into,
        by_id=tx.actor.id,
        now=tx.now,
    )


async def set_columns(tx: Tx, request_id: UUID, columns: Any, *, known: int, new: int) -> int:
    """What became of a request's columns: those that were unknown are fields now."""
    return await tx.run(
        """
        update forms_request
           set columns = :columns, known = :known, new = :new, version = version + 1
         where id = :id
        """,
        id=request_id,
        columns=columns,
        known=known,
        new=new,
    )


async def requests_page(
    tx: Tx,
    reach: Reach,
    *,
    state: str,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Request]:
    """Requests within reach or of one's own, the newest first."""
    return await tx.many(
        Request,
        """
        select t.id, t.token, t.title, t.asker, t.area_code, t.basis, t.frequency, t.minutes,
               t.until_date, t.subject, t.columns, t.known, t.new, t.households, t.file_id,
               t.state, t.filed_by, t.filed_at, t.decided_by, t.decided_at, t.reason,
               t.merged_into, t.version
          from forms_request t
         where (:state = '' or t.state = :state)
           and (:before_at::timestamptz is null
                or (t.filed_at, t.id) < (:before_at::timestamptz, :before_id::uuid))
           and (t.filed_by = :me
                or exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where t.area_code >= r.lo and t.area_code < r.hi))
         order by t.filed_at desc, t.id desc limit :limit
        """,
        state=state,
        before_at=before[0] if before else None,
        before_id=before[1] if before else None,
        me=tx.actor.id,
        limit=limit,
        **reach.values(),
    )


async def live_households(tx: Tx, area_code: str) -> int:
    """Households that live in an area today, within the actor's second lock."""
    return await tx.one(
        int,
        """
        select count(*)::int from people_household
         where area_code >= :low and area_code < :low || ':' and to_date is null
        """,
        low=area_code,
    )
