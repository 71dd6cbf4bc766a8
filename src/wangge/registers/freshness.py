"""How much of a register is known, and how much of it somebody confirmed in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from wangge.kernel.actors import area_range
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.registers.acts import READ
from wangge.registers.kinds import KINDS, PEOPLE, Kind


@dataclass(frozen=True, slots=True)
class Standing:
    """A field of a kind (its name without the kind's) among the open things below an area."""

    name: str
    total: int
    held: int
    fresh: int


async def standing(
    tx: Tx, kind: Kind, area_code: str, since: Mapping[str, date]
) -> list[Standing]:
    """How these fields stand; `since` is the first day that still counts as fresh. Within the actor's
    reach, one statement, each thing read once. Where a thing is and what came to its end count as
    known."""
    low, high = area_range(area_code)
    return await tx.many(
        Standing,
        """
        with asked as (select * from unnest(:names::text[], :since::date[]) a(name, since)),
        mine as materialized (
             select t.* from registers_thing t
              where t.kind = :kind and t.closed_on is null
                and t.area_code >= :low and t.area_code < :high
                and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                              where t.area_code >= r.lo and t.area_code < r.hi)
                     or t.unit_id = any (:reach_units::uuid[])
                     or t.building_id = any (:reach_buildings::uuid[]))),
        people as (
             select m.id, p.role, p.name, p.phone_mask, p.resident_id,
                    coalesce((m.confirmed ->> :people)::date, m.confirmed_on) as day
               from mine m join registers_person p on p.thing_id = m.id and p.to_date is null),
        let as (
             select coalesce((m.confirmed ->> :people)::date, m.confirmed_on) as day,
                    bool_or(h.landlord_mask <> '') as name,
                    bool_or(h.landlord_phone_mask <> '') as phone
               from mine m join people_household h on h.dwelling_id = m.dwelling_id
              where :at_door and h.to_date is null
                and not exists (select 1 from people p where p.id = m.id and p.role = 'landlord')
              group by m.id, m.confirmed, m.confirmed_on),
        told as (
             select e.key as name, e.key as part, m.confirmed, m.confirmed_on
               from mine m cross join lateral jsonb_each_text(m.details) e
              where e.value not in ('', '[]')
             union all
             select c.name, c.name, m.confirmed, m.confirmed_on
               from mine m cross join lateral (
                    values ('closed_on', true), ('closed_why', true), ('address', true),
                           ('tenants', true), ('name', m.name <> ''),
                           ('location', m.location <> '' or m.lon is not null
                                        or m.dwelling_id is not null),
                           ('credit_code', m.credit_code <> ''), ('plate', m.plate_mask <> ''),
                           ('opened_on', m.opened_on is not null)) c(name, held)
              where c.held),
        days as (
             select name, coalesce((confirmed ->> part)::date, confirmed_on) as day from told
              where name in (select name from asked)
             union all
             select role || '_name', day from people where name <> '' or resident_id is not null
             union all
             select role || '_phone', day from people
              where phone_mask <> '' or resident_id is not null
             union all
             select 'landlord_name', day from let where name
             union all
             select 'landlord_phone', day from let where phone)
        select a.name, (select count(*) from mine)::int as total, count(d.name)::int as held,
               (count(*) filter (where d.day >= a.since))::int as fresh
          from asked a left join days d on d.name = a.name
         group by a.name
        """,
        names=list(since),
        since=list(since.values()),
        people=PEOPLE,
        at_door=kind.at_door,
        kind=kind.code,
        low=low,
        high=high,
        **tx.reach(READ).values(),
    )


@dataclass(frozen=True, slots=True)
class FreshThere:
    """What a thing holds that is fresh: field key → value as text, lists with commas. `kind` is "" where
    the thing is closed, or not the reader's."""

    kind: str = ""
    values: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class _Held:
    id: UUID
    kind: str
    details: dict[str, Any]
    confirmed: dict[str, str]
    confirmed_on: date


async def fresh_there(
    tx: Tx, things: Sequence[UUID], keys: Sequence[str]
) -> dict[UUID, FreshThere]:
    """Which of these fields (`shop.gas`) each of these open things holds, confirmed within the days
    that its field counts as fresh; what does not go stale is fresh where it is held. The second lock
    hides things out of reach. One statement."""
    today = local_date(tx.now)
    rows = await tx.many(
        _Held,
        """
        select t.id, t.kind, t.details, t.confirmed, t.confirmed_on from registers_thing t
         where t.id = any (:things::uuid[]) and t.closed_on is null
        """,
        things=list(things),
    )
    found: dict[UUID, FreshThere] = {}
    for row in rows:
        values: dict[str, str] = {}
        for key in keys:
            subject, _, name = key.partition(".")
            detail = KINDS[row.kind].by_name.get(name) if subject == row.kind else None
            held = row.details.get(name)
            if detail is None or held in (None, "", []):
                continue
            day = row.confirmed.get(name, row.confirmed_on.isoformat())
            days = detail.fresh_days
            if days is None or day >= (today - timedelta(days=days)).isoformat():
                values[key] = _as_text(held)
        found[row.id] = FreshThere(row.kind, values)
    return found


def _as_text(held: Any) -> str:
    if isinstance(held, bool):
        return "1" if held else "0"
    if isinstance(held, list):
        return ",".join(str(one) for one in cast(list[object], held))
    return str(held)


async def open_things(tx: Tx, kind: Kind, area_code: str) -> int:
    """How many there are below an area, within the actor's reach."""
    low, high = area_range(area_code)
    return await tx.one(
        int,
        """
        select count(*)::int from registers_thing t
         where t.kind = :kind and t.closed_on is null
           and t.area_code >= :low and t.area_code < :high
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where t.area_code >= r.lo and t.area_code < r.hi)
                or t.unit_id = any (:reach_units::uuid[])
                or t.building_id = any (:reach_buildings::uuid[]))
        """,
        kind=kind.code,
        low=low,
        high=high,
        **tx.reach(READ).values(),
    )
