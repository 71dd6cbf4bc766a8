"""Every statement of the hours room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from wangge.hours.acts import READ
from wangge.hours.model import Duty
from wangge.kernel.actors import Act
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when somebody is on duty, wherever."""

    id: UUID
    staff_id: UUID
    starts_at: datetime
    ends_at: datetime


async def spans(
    tx: Tx, staff_ids: Sequence[UUID], since: datetime, until: datetime
) -> list[Span]:
    """What touches [since, until) of these people's duty, for the guard: in every area, since a
    tired person is tired everywhere."""
    return await tx.many(
        Span,
        """
        select id, staff_id, starts_at, ends_at
          from hours_stint
         where staff_id = any(:staff_ids::uuid[]) and state <> 'cancelled'
           and tstzrange(starts_at, ends_at) && tstzrange(:since, :until)
         order by staff_id, starts_at
        """,
        staff_ids=list(staff_ids),
        since=since,
        until=until,
    )


async def in_turn(tx: Tx, staff_ids: Sequence[UUID]) -> None:
    """Whoever plans for the same people waits, so that two stints never pass the guard together."""
    await tx.many(
        str,
        """
        select pg_advisory_xact_lock(727161, hashtext(current_schema() || id::text))::text
          from unnest(:ids::uuid[]) as who(id) order by id
        """,
        ids=sorted(staff_ids),
    )


async def lock(tx: Tx, stint_id: UUID, act: Act) -> Duty:
    """The door to a stint about to change: one's own, or one within reach. NotFound."""
    return await tx.one(
        Duty,
        """
        select t.id, t.staff_id, t.area_code, t.post, t.starts_at, t.ends_at, t.state, t.source,
               t.roster_id, t.by_id, t.at, t.version
          from hours_stint t
         where t.id = :id
           and (t.staff_id = :me or exists (
               select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                where t.area_code >= r.lo and t.area_code < r.hi))
           for update of t
        """,
        id=stint_id,
        me=tx.actor.id,
        **tx.reach(act).values(),
    )


async def known(tx: Tx, ids: Sequence[UUID]) -> list[UUID]:
    """Which of these stints are there already."""
    return await tx.many(
        UUID, "select id from hours_stint where id = any(:ids::uuid[])", ids=list(ids)
    )


async def insert(tx: Tx, rows: Sequence[Duty]) -> None:
    await tx.run(
        """
        insert into hours_stint (id, staff_id, area_code, post, starts_at, ends_at, state, source,
                                 roster_id, by_id, at)
        select id, staff_id, area_code, post, starts_at, ends_at, state, source, roster_id,
               :me, :now
          from unnest(:ids::uuid[], :staff::uuid[], :areas::text[], :posts::text[],
                      :begins::timestamptz[], :ends::timestamptz[], :states::text[],
                      :sources::text[], :rosters::uuid[])
               as t(id, staff_id, area_code, post, starts_at, ends_at, state, source, roster_id)
        """,
        ids=[row.id for row in rows],
        staff=[row.staff_id for row in rows],
        areas=[row.area_code for row in rows],
        posts=[row.post for row in rows],
        begins=[row.starts_at for row in rows],
        ends=[row.ends_at for row in rows],
        states=[row.state for row in rows],
        sources=[row.source for row in rows],
        rosters=[row.roster_id for row in rows],
        me=tx.actor.id,
        now=tx.now,
    )


async def remember(tx: Tx, stint_ids: Sequence[UUID], why: str) -> None:
    """Keep what stints say, before they change."""
    await tx.run(
        """
        insert into hours_before (stint_id, version, post, starts_at, ends_at, state, by_id, at, why)
        select id, version, post, starts_at, ends_at, state, by_id, at, :why
          from hours_stint where id = any(:ids::uuid[])
        """,
        ids=list(stint_ids),
        why=why,
    )


async def change(tx: Tx, new: Duty) -> None:
    await tx.run(
        """
        update hours_stint
           set post = :post, starts_at = :starts_at, ends_at = :ends_at, state = :state,
               by_id = :me, at = :now, version = version + 1
         where id = :id
        """,
        id=new.id,
        post=new.post,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        state=new.state,
        me=tx.actor.id,
        now=tx.now,
    )


async def cancel(tx: Tx, stint_ids: Sequence[UUID]) -> None:
    await tx.run(
        """
        update hours_stint
           set state = 'cancelled', by_id = :me, at = :now, version = version + 1
         where id = any(:ids::uuid[])
        """,
        ids=list(stint_ids),
        me=tx.actor.id,
        now=tx.now,
    )


@dataclass(frozen=True, slots=True)
class Override:
    """What a stint breaks, and why it may: by the actor of the transaction, or nobody's word yet."""

    stint_id: UUID
    version: int
    reason: str | None
    breaches: Sequence[dict[str, Any]]


async def add_overrides(tx: Tx, rows: Sequence[Override]) -> None:
    # Lists go as text: a list of lists would be an array of two dimensions, which unnest flattens.
    await tx.run(
        """
        insert into hours_override (stint_id, version, by_id, at, reason, breaches)
        select stint_id, version, case when reason is not null then :me::uuid end, :now, reason,
               breaches::jsonb
          from unnest(:ids::uuid[], :versions::int[], :reasons::text[], :breaches::text[])
               as t(stint_id, version, reason, breaches)
        """,
        me=tx.actor.id,
        now=tx.now,
        ids=[row.stint_id for row in rows],
        versions=[row.version for row in rows],
        reasons=[row.reason for row in rows],
        breaches=[msgspec.json.encode(row.breaches).decode() for row in rows],
    )


async def answer(tx: Tx, stint_id: UUID, reason: str) -> int:
    """Give the reason of what is beyond a limit and nobody answered for; how many rows."""
    return await tx.run(
        """
        update hours_override set by_id = :me, reason = :reason, at = :now
         where stint_id = :stint_id and by_id is null
        """,
        stint_id=stint_id,
        reason=reason,
        me=tx.actor.id,
        now=tx.now,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A stint for a list, with how often it was changed and who let it pass beyond a limit."""

    id: UUID
    staff_id: UUID
    area_code: str
    post: str
    starts_at: datetime
    ends_at: datetime
    state: str
    source: str
    by_id: UUID
    version: int
    beyond: bool
    override_by: UUID | None
    override_reason: str | None


async def of_person(
    tx: Tx,
    staff_id: UUID,
    *,
    own: bool,
    before: datetime | None,
    before_id: UUID | None,
    limit: int,
) -> list[Line]:
    """Somebody's stints, the latest first: all of one's own, of others those within reach."""
    return await tx.many(
        Line,
        """
        select t.id, t.staff_id, t.area_code, t.post, t.starts_at, t.ends_at, t.state, t.source,
               t.by_id, t.version, o.stint_id is not null as beyond, o.by_id as override_by,
               o.reason as override_reason
          from hours_stint t
          left join hours_override o on o.stint_id = t.id and o.version = t.version
         where t.staff_id = :staff_id
           and (:own::boolean or exists (
               select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                where t.area_code >= r.lo and t.area_code < r.hi))
           and (:before::timestamptz is null
                or (t.starts_at, t.id) < (:before, :before_id::uuid))
         order by t.starts_at desc, t.id desc
         limit :limit
        """,
        staff_id=staff_id,
        own=own,
        before=before,
        before_id=before_id,
        limit=limit,
        **tx.reach(READ).values(),
    )


async def listed(
    tx: Tx,
    *,
    since: datetime,
    until: datetime,
    before: datetime | None,
    before_id: UUID | None,
    limit: int,
) -> list[Line]:
    """Stints within reach that touch a time, the latest first."""
    return await tx.many(
        Line,
        """
        select t.id, t.staff_id, t.area_code, t.post, t.starts_at, t.ends_at, t.state, t.source,
               t.by_id, t.version, o.stint_id is not null as beyond, o.by_id as override_by,
               o.reason as override_reason
          from hours_stint t
          left join hours_override o on o.stint_id = t.id and o.version = t.version
         where exists (
               select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                where t.area_code >= r.lo and t.area_code < r.hi)
           and t.state <> 'cancelled' and t.ends_at > :since and t.starts_at < :until
           and (:before::timestamptz is null
                or (t.starts_at, t.id) < (:before, :before_id::uuid))
         order by t.starts_at desc, t.id desc
         limit :limit
        """,
        since=since,
        until=until,
        before=before,
        before_id=before_id,
        limit=limit,
        **tx.reach(READ).values(),
    )


async def unanswered(tx: Tx, limit: int) -> list[Line]:
    """Stints within reach that were worked beyond a limit and that nobody answered for."""
    return await tx.many(
        Line,
        """
        select t.id, t.staff_id, t.area_code, t.post, t.starts_at, t.ends_at, t.state, t.source,
               t.by_id, t.version, true as beyond, null::uuid as override_by,
               null::text as override_reason
          from hours_stint t
         where exists (
               select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                where t.area_code >= r.lo and t.area_code < r.hi)
           and t.state <> 'cancelled'
           and exists (select 1 from hours_override o
                        where o.stint_id = t.id and o.version = t.version and o.by_id is null)
         order by t.starts_at, t.id
         limit :limit
        """,
        limit=limit,
        **tx.reach(READ).values(),
    )


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody on duty now, or soon, at a post within reach."""

    staff_id: UUID
    area_code: str
    post: str
    starts_at: datetime
    ends_at: datetime


async def present(tx: Tx, until: datetime, limit: int) -> list[Present]:
    """Who is on duty or comes on duty before `until`, within reach: the first such stint of each, those
    who began first."""
    return await tx.many(
        Present,
        """
        select staff_id, area_code, post, starts_at, ends_at
          from (select distinct on (t.staff_id) t.staff_id, t.area_code, t.post, t.starts_at,
                       t.ends_at
                  from hours_stint t
                 where exists (
                       select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
                   and t.state <> 'cancelled' and t.ends_at > :now and t.starts_at < :until
                 order by t.staff_id, t.starts_at) first
         order by starts_at, staff_id
         limit :limit
        """,
        now=tx.now,
        until=until,
        limit=limit,
        **tx.reach(READ).values(),
    )


@dataclass(frozen=True, slots=True)
class Before:
    """What a stint said before, and why it was changed."""

    stint_id: UUID
    version: int
    post: str
    starts_at: datetime
    ends_at: datetime
    state: str
    by_id: UUID
    at: datetime
    why: str


async def befores(tx: Tx, stint_ids: Sequence[UUID]) -> list[Before]:
    """The history of stints whose door was passed."""
    return await tx.many(
        Before,
        """
        select stint_id, version, post, starts_at, ends_at, state, by_id, at, why
          from hours_before where stint_id = any(:ids::uuid[])
         order by stint_id, version
        """,
        ids=list(stint_ids),
    )
