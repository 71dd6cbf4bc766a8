"""Rounds that come again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as kept. `anchor` is the moment its days are counted from; `next_at` is when its next
    round opens (later than counted where days off are skipped), None once it has ended; `trouble`
    is why the last one did not, in words kept as said."""

    id: UUID
    kind: str
    title: str
    area_code: str
    areas: tuple[str, ...]
    scope: Mapping[str, Any]
    minutes: int
    every_days: int
    workdays: bool
    anchor: datetime
    next_at: datetime | None
    until: date | None
    by_id: UUID
    made_at: datetime
    paused_at: datetime | None
    ended_at: datetime | None
    trouble: str
    last_id: UUID | None


async def insert(tx: Tx, plan: Plan) -> None:
    await tx.run(
        """
        insert into sweeps_plan (id, kind, title, area_code, areas, scope, minutes, every_days,
               workdays, anchor, next_at, until, by_id, made_at)
        values (:id, :kind, :title, :area_code, :areas::text[], :scope, :minutes, :every_days,
               :workdays, :anchor, :next_at, :until, :by_id, :made_at)
        """,
        id=plan.id,
        kind=plan.kind,
        title=plan.title,
        area_code=plan.area_code,
        areas=list(plan.areas),
        scope=dict(plan.scope),
        minutes=plan.minutes,
        every_days=plan.every_days,
        workdays=plan.workdays,
        anchor=plan.anchor,
        next_at=plan.next_at,
        until=plan.until,
        by_id=plan.by_id,
        made_at=plan.made_at,
    )


async def page(
    tx: Tx, reach: Reach, *, before: datetime | None, before_id: UUID | None, limit: int
) -> list[Plan]:
    """Plans whose ground and the reader's meet, the latest first."""
    return await tx.many(
        Plan,
        """
        select p.id, p.kind, p.title, p.area_code, p.areas, p.scope, p.minutes, p.every_days,
               p.workdays, p.anchor, p.next_at, p.until, p.by_id, p.made_at, p.paused_at,
               p.ended_at, p.trouble, l.id as last_id
          from sweeps_plan p
          left join lateral (select r.id from sweeps_round r where r.plan_id = p.id
                              order by r.opened_at desc limit 1) l on true
         where (:before::timestamptz is null or (p.made_at, p.id) < (:before, :before_id::uuid))
           and exists (
                  select 1 from unnest(:reach_from::text[], :reach_to::text[]) h(lo, hi)
                   cross join unnest(p.areas) as a(code)
                   where (a.code >= h.lo and a.code < h.hi) or starts_with(h.lo, a.code))
         order by p.made_at desc, p.id desc
         limit :limit
        """,
        before=before,
        before_id=before_id,
        limit=limit,
        **reach.values(),
    )


async def lock(tx: Tx, reach: Reach, plan_id: UUID) -> Plan:
    """The door to a plan about to change: all of its ground within reach. Raises NotFound."""
    return await tx.one(
        Plan,
        """
        select p.id, p.kind, p.title, p.area_code, p.areas, p.scope, p.minutes, p.every_days,
               p.workdays, p.anchor, p.next_at, p.until, p.by_id, p.made_at, p.paused_at,
               p.ended_at, p.trouble,
               (select r.id from sweeps_round r where r.plan_id = p.id
                 order by r.opened_at desc limit 1) as last_id
          from sweeps_plan p
         where p.id = :plan_id
           and not exists (
               select 1 from unnest(p.areas) as a(code)
                where not exists (
                    select 1 from unnest(:reach_from::text[], :reach_to::text[]) h(lo, hi)
                     where a.code >= h.lo and a.code < h.hi))
           for update of p
        """,
        plan_id=plan_id,
        **reach.values(),
    )


async def due(tx: Tx) -> Plan | None:
    """The plan that is due first."""
    return await tx.maybe(
        Plan,
        """
        select p.id, p.kind, p.title, p.area_code, p.areas, p.scope, p.minutes, p.every_days,
               p.workdays, p.anchor, p.next_at, p.until, p.by_id, p.made_at, p.paused_at,
               p.ended_at, p.trouble,
               (select r.id from sweeps_round r where r.plan_id = p.id
                 order by r.opened_at desc limit 1) as last_id
          from sweeps_plan p
         where p.next_at <= :now and p.paused_at is null and p.ended_at is null
           and (p.wait_until is null or p.wait_until <= :now)
         order by p.next_at, p.id limit 1
        """,
        now=tx.now,
    )


async def claim(tx: Tx, plan_id: UUID) -> bool:
    """Lock a plan that is due still: not if it was paused, ended or opened meanwhile."""
    found = await tx.many(
        UUID,
        """
        select id from sweeps_plan
         where id = :plan_id and next_at <= :now and paused_at is null and ended_at is null
           and (wait_until is null or wait_until <= :now)
           for update skip locked
        """,
        plan_id=plan_id,
        now=tx.now,
    )
    return bool(found)


async def set_next(
    tx: Tx, plan_id: UUID, next_at: datetime | None, wait_until: datetime | None, trouble: str
) -> None:
    """When it comes next; without a moment the plan has ended."""
    await tx.run(
        """
        update sweeps_plan
           set next_at = :next_at, wait_until = :wait_until, trouble = :trouble,
               ended_at = case when :next_at::timestamptz is null then :now else ended_at end
         where id = :plan_id
        """,
        plan_id=plan_id,
        next_at=next_at,
        wait_until=wait_until,
        trouble=trouble,
        now=tx.now,
    )


async def pause(tx: Tx, plan_id: UUID, at: datetime | None, next_at: datetime | None) -> None:
    await tx.run(
        """
        update sweeps_plan set paused_at = :at, next_at = :next_at, wait_until = null, trouble = ''
         where id = :plan_id
        """,
        plan_id=plan_id,
        at=at,
        next_at=next_at,
    )


@dataclass(frozen=True, slots=True)
class PlanAreas:
    """The areas of a plan."""

    id: UUID
    areas: tuple[str, ...]


async def over(tx: Tx, codes: Sequence[str]) -> list[PlanAreas]:
    """Plans that have not ended over one of these areas, locked in the order of their ids."""
    return await tx.many(
        PlanAreas,
        """
        select id, areas from sweeps_plan
         where ended_at is null and areas && :codes::text[] order by id for update
        """,
        codes=list(codes),
    )


async def set_areas(tx: Tx, rows: Sequence[tuple[UUID, str, Sequence[str]]]) -> int:
    """Other areas of plans: (id, where they meet, areas)."""
    return await tx.run(
        """
        update sweeps_plan p
           set area_code = w.area_code, areas = string_to_array(w.areas, ' ')
          from unnest(:ids::uuid[], :codes::text[], :areas::text[]) as w(id, area_code, areas)
         where p.id = w.id
        """,
        ids=[row[0] for row in rows],
        codes=[row[1] for row in rows],
        areas=[" ".join(row[2]) for row in rows],
    )
