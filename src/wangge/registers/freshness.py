"""How much of a register is known, and how much of it somebody confirmed in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from wangge.kernel.actors import area_range
from wangge.kernel.database import Tx
from wangge.registers.acts import READ
from wangge.registers.kinds import PEOPLE, Kind


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
    reach, one statement. Where a thing is and what came to its end count as known."""
    roles = [next((r for r in kind.roles if name.startswith(f"{r}_")), "") for name in since]
    low, high = area_range(area_code)
    return await tx.many(
        Standing,
        """
        with asked as (
             select * from unnest(:names::text[], :roles::text[], :since::date[]) a(name, role, since)),
        known as (
             select a.name, a.since,
                    coalesce((t.confirmed ->> case when a.role = '' then a.name else :people end)::date,
                             t.confirmed_on) as confirmed_on,
                    case
                    when a.name in ('closed_on', 'closed_why', 'address', 'tenants') then true
                    when a.name = 'name' then t.name <> ''
                    when a.name = 'location'
                    then t.location <> '' or t.lon is not null or t.dwelling_id is not null
                    when a.name = 'credit_code' then t.credit_code <> ''
                    when a.name = 'plate' then t.plate_mask <> ''
                    when a.name = 'opened_on' then t.opened_on is not null
                    when a.role <> ''
                    then exists (select 1 from registers_person p
                                  where p.thing_id = t.id and p.role = a.role and p.to_date is null
                                    and (p.resident_id is not null
                                         or case when a.name = a.role || '_phone'
                                                 then p.phone_mask else p.name end <> ''))
                         or (a.role = 'landlord'
                             and exists (select 1 from people_household h
                                          where h.dwelling_id = t.dwelling_id and h.to_date is null
                                            and case when a.name = 'landlord_phone'
                                                     then h.landlord_phone_mask
                                                     else h.landlord_mask end <> ''))
                    else coalesce(t.details ->> a.name, '') not in ('', '[]')
                    end as held
               from registers_thing t cross join asked a
              where t.kind = :kind and t.closed_on is null
                and t.area_code >= :low and t.area_code < :high
                and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                              where t.area_code >= r.lo and t.area_code < r.hi)
                     or t.unit_id = any (:reach_units::uuid[])
                     or t.building_id = any (:reach_buildings::uuid[])))
        select name, count(*)::int as total, (count(*) filter (where held))::int as held,
               (count(*) filter (where held and confirmed_on >= since))::int as fresh
          from known group by name
        """,
        names=list(since),
        roles=roles,
        since=list(since.values()),
        people=PEOPLE,
        kind=kind.code,
        low=low,
        high=high,
        **tx.reach(READ).values(),
    )


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
