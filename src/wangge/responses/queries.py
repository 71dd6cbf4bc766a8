"""Every statement of the responses room."""

from datetime import datetime
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.responses.acts import READ
from wangge.responses.model import Response


async def open_responses(tx: Tx) -> list[Response]:
    """Not filed away yet; what is live is decided by the moment."""
    return await tx.many(
        Response,
        """
        select id, matter, level, area_code, starts_at, ends_at, purpose, legal_basis, measures,
               document_number, data_items, declared_by, declared_at, approver_id, approved_at,
               renewed_by, renewed_at, ended_at, ended_by, version
          from responses_response
         where ended_at is null
         order by starts_at, id
        """,
    )


async def lock(tx: Tx, response_id: UUID) -> Response:
    """The door to a response about to change: one in or around the actor's areas. NotFound."""
    return await tx.one(
        Response,
        """
        select t.id, t.matter, t.level, t.area_code, t.starts_at, t.ends_at, t.purpose,
               t.legal_basis, t.measures, t.document_number, t.data_items, t.declared_by,
               t.declared_at, t.approver_id, t.approved_at, t.renewed_by, t.renewed_at,
               t.ended_at, t.ended_by, t.version
          from responses_response t
         where t.id = :id
           and exists (
               select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                where (t.area_code >= r.lo and t.area_code < r.hi)
                   or starts_with(r.lo, t.area_code))
           for update of t
        """,
        id=response_id,
        **tx.reach(READ).values(),
    )


async def listed(
    tx: Tx, *, before: datetime | None, before_id: UUID | None, limit: int
) -> list[Response]:
    """In or around the actor's areas, the latest first."""
    return await tx.many(
        Response,
        """
        select t.id, t.matter, t.level, t.area_code, t.starts_at, t.ends_at, t.purpose,
               t.legal_basis, t.measures, t.document_number, t.data_items, t.declared_by,
               t.declared_at, t.approver_id, t.approved_at, t.renewed_by, t.renewed_at,
               t.ended_at, t.ended_by, t.version
          from responses_response t
         where exists (
               select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                where (t.area_code >= r.lo and t.area_code < r.hi)
                   or starts_with(r.lo, t.area_code))
           and (:before::timestamptz is null
                or (t.declared_at, t.id) < (:before, :before_id::uuid))
         order by t.declared_at desc, t.id desc
         limit :limit
        """,
        before=before,
        before_id=before_id,
        limit=limit,
        **tx.reach(READ).values(),
    )


async def insert(tx: Tx, new: Response) -> None:
    await tx.run(
        """
        insert into responses_response (id, matter, level, area_code, starts_at, ends_at, purpose,
               legal_basis, measures, document_number, data_items, declared_by, declared_at)
        values (:id, :matter, :level, :area_code, :starts_at, :ends_at, :purpose,
               :legal_basis, :measures, :document_number, :data_items::text[], :declared_by, :now)
        """,
        id=new.id,
        matter=new.matter,
        level=new.level,
        area_code=new.area_code,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        purpose=new.purpose,
        legal_basis=new.legal_basis,
        measures=new.measures,
        document_number=new.document_number,
        data_items=list(new.data_items),
        declared_by=new.declared_by,
        now=tx.now,
    )


async def approve(tx: Tx, response_id: UUID, by: UUID) -> None:
    await tx.run(
        """
        update responses_response
           set approver_id = :by, approved_at = :now, version = version + 1
         where id = :id
        """,
        id=response_id,
        by=by,
        now=tx.now,
    )


async def renew(tx: Tx, response_id: UUID, by: UUID, ends_at: datetime) -> None:
    await tx.run(
        """
        update responses_response
           set renewed_by = :by, renewed_at = :now, ends_at = :ends_at, version = version + 1
         where id = :id
        """,
        id=response_id,
        by=by,
        ends_at=ends_at,
        now=tx.now,
    )


async def end(tx: Tx, response_id: UUID, by: UUID, at: datetime) -> None:
    await tx.run(
        """
        update responses_response
           set ended_by = :by, ended_at = :at, version = version + 1
         where id = :id
        """,
        id=response_id,
        by=by,
        at=at,
    )


async def lock_expired(tx: Tx, limit: int) -> list[Response]:
    """Open ones whose time is over."""
    return await tx.many(
        Response,
        """
        select id, matter, level, area_code, starts_at, ends_at, purpose, legal_basis, measures,
               document_number, data_items, declared_by, declared_at, approver_id, approved_at,
               renewed_by, renewed_at, ended_at, ended_by, version
          from responses_response
         where ended_at is null and ends_at <= :now
         order by ends_at, id
         limit :limit
           for update skip locked
        """,
        now=tx.now,
        limit=limit,
    )


async def end_expired(tx: Tx, ids: list[UUID], by: UUID) -> None:
    """They ended when they were to end, not when this was noticed."""
    await tx.run(
        """
        update responses_response
           set ended_by = :by, ended_at = ends_at, version = version + 1
         where id = any(:ids::uuid[])
        """,
        ids=ids,
        by=by,
    )
