"""Statements of the contact ledger: who asked which household what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.forms.model import Before, Contact
from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id


async def insert_contacts(
    tx: Tx,
    reach: Reach,
    contacts: Sequence[Contact],
    *,
    at: datetime,
    origin: str,
    origin_id: UUID | None,
) -> list[str]:
    """Many in one statement; households out of reach are passed over, and so is what a sweep has
    already said once. Answers the areas of those written. `keys` travel as one text."""
    return await tx.many(
        str,
        """
        insert into forms_contact (id, household_id, area_code, unit_id, keys, way, result,
                                   office, by_id, at, origin, origin_id)
        select c.id, h.id, h.area_code, h.unit_id, string_to_array(c.keys, ','),
               c.way, c.result, c.office, :by_id, :at, :origin, :origin_id
          from unnest(:ids::uuid[], :households::uuid[], :keys::text[], :ways::text[],
                      :results::text[], :offices::text[])
               c(id, household_id, keys, way, result, office)
          join people_household h on h.id = c.household_id
         where exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where h.area_code >= r.lo and h.area_code < r.hi)
            or h.unit_id = any (:reach_units::uuid[])
            or h.unit_id in (select u.id from places_unit u
                              where u.building_id = any (:reach_buildings::uuid[]))
        on conflict do nothing
        returning area_code
        """,
        ids=[new_id(at) for _ in contacts],
        households=[c.household_id for c in contacts],
        keys=[",".join(c.keys) for c in contacts],
        ways=[c.way for c in contacts],
        results=[c.result for c in contacts],
        offices=[c.office for c in contacts],
        by_id=tx.actor.id,
        at=at,
        origin=origin,
        origin_id=origin_id,
        **reach.values(),
    )


async def insert_confirmed(
    tx: Tx,
    *,
    ids: Sequence[UUID],
    households: Sequence[UUID],
    keys: Sequence[str],
    ways: Sequence[str],
    by: Sequence[UUID],
    at: Sequence[datetime],
) -> int:
    """Contacts of the register's own confirmations, by the fact that says so: read twice, it is
    written once. A household that is gone by now is passed over."""
    return await tx.run(
        """
        insert into forms_contact (id, household_id, area_code, unit_id, keys, way, result,
                                   office, by_id, at, origin, origin_id)
        select c.id, h.id, h.area_code, h.unit_id, string_to_array(c.keys, ','),
               c.way, 'answered', '', c.by_id, c.at, 'visit', c.id
          from unnest(:ids::uuid[], :households::uuid[], :keys::text[], :ways::text[],
                      :by::uuid[], :at::timestamptz[])
               c(id, household_id, keys, way, by_id, at)
          join people_household h on h.id = c.household_id
        on conflict do nothing
        """,
        ids=list(ids),
        households=list(households),
        keys=list(keys),
        ways=list(ways),
        by=list(by),
        at=list(at),
    )


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One entry of a household's ledger."""

    id: UUID
    keys: tuple[str, ...]
    way: str
    result: str
    office: str
    by_id: UUID
    by_name: str
    at: datetime
    origin: str


async def contacts_page(
    tx: Tx,
    household_id: UUID,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ContactLine]:
    """Whoever asks must have come by the household's door (`household`)."""
    return await tx.many(
        ContactLine,
        """
        select c.id, c.keys, c.way, c.result, c.office, c.by_id, coalesce(s.name, '') as by_name,
               c.at, c.origin
          from forms_contact c left join people_staff s on s.id = c.by_id
         where c.household_id = :household_id
           and (:before_at::timestamptz is null
                or (c.at, c.id) < (:before_at::timestamptz, :before_id::uuid))
         order by c.at desc, c.id desc limit :limit
        """,
        household_id=household_id,
        before_at=before[0] if before else None,
        before_id=before[1] if before else None,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class Home:
    """A household as its ledger shows it: the door, nobody's name."""

    id: UUID
    area_code: str
    unit_id: UUID
    dwelling: str
    over: bool


async def household(tx: Tx, reach: Reach, household_id: UUID) -> Home:
    """The door to a household's ledger."""
    return await tx.one(
        Home,
        """
        select t.id, t.area_code, t.unit_id, d.name as dwelling, t.to_date is not null as over
          from people_household t join places_dwelling d on d.id = t.dwelling_id
         where t.id = :household_id
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where t.area_code >= r.lo and t.area_code < r.hi)
                or t.unit_id = any (:reach_units::uuid[])
                or t.unit_id in (select u.id from places_unit u
                                  where u.building_id = any (:reach_buildings::uuid[])))
        """,
        household_id=household_id,
        **reach.values(),
    )


async def asked_before(tx: Tx, households: Sequence[UUID], keys: Sequence[str]) -> list[Before]:
    """The last asking, and the last answer, for each household and field that has one."""
    return await tx.many(
        Before,
        """
        select distinct on (c.household_id, k.key)
               c.household_id, k.key, c.at as asked_at, c.way, c.result, c.office, c.by_id,
               max(c.at) filter (where c.result = 'answered')
                   over (partition by c.household_id, k.key) as answered_at
          from forms_contact c
          join unnest(:keys::text[]) k(key) on k.key = any (c.keys)
         where c.household_id = any (:households::uuid[])
         order by c.household_id, k.key, c.at desc, c.id desc
        """,
        households=list(households),
        keys=list(keys),
    )
