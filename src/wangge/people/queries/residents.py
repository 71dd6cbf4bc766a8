"""Households and residents. These tables have a second lock (row-level security)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.people.queries.parts import HOME_OF_T, WITHIN
from wangge.people.search import ResidentLine
from wangge.people.seers import SEEN, seer


@dataclass(frozen=True, slots=True)
class SealedFields:
    """What a reveal opens."""

    id: UUID
    area_code: str
    name: str
    phone_sealed: bytes | None
    id_sealed: bytes | None


async def resident(tx: Tx, reach: Reach, resident_id: UUID) -> ResidentLine:
    """The door to one resident, masked; whoever left is found too, until they are forgotten."""
    return await tx.one(
        ResidentLine,
        """
        select t.id, t.household_id, t.area_code, t.unit_id, c.name as compound,
               d.name as dwelling, d.floor, t.name_mask, t.sex, t.birth_year, t.phone_mask,
               t.id_mask, t.relation, """
        + SEEN
        + """ as tags, t.version
          from people_resident t"""
        + HOME_OF_T
        + """
         where t.id = :resident_id
           and """
        + WITHIN,
        resident_id=resident_id,
        **seer(tx),
        **reach.values(),
    )


async def sealed_fields(tx: Tx, resident_id: UUID) -> SealedFields:
    """For a reveal, after the door (`resident`) has opened and the act was permitted."""
    return await tx.one(
        SealedFields,
        """
        select id, area_code, name, phone_sealed, id_sealed from people_resident
         where id = :resident_id
        """,
        resident_id=resident_id,
    )


@dataclass(frozen=True, slots=True)
class SealedLandlord:
    """What a reveal of a household opens."""

    id: UUID
    area_code: str
    landlord_name: str
    landlord_phone_sealed: bytes | None


async def sealed_landlord(tx: Tx, household_id: UUID) -> SealedLandlord:
    """For a reveal, after the household's door has opened and the act was permitted."""
    return await tx.one(
        SealedLandlord,
        """
        select id, area_code, landlord_name, landlord_phone_sealed from people_household
         where id = :household_id
        """,
        household_id=household_id,
    )


@dataclass(frozen=True, slots=True)
class DwellingPlace:
    id: UUID
    unit_id: UUID
    area_code: str


async def dwelling(tx: Tx, dwelling_id: UUID) -> DwellingPlace:
    return await tx.one(
        DwellingPlace,
        "select id, unit_id, area_code from places_dwelling where id = :id",
        id=dwelling_id,
    )


@dataclass(frozen=True, slots=True)
class Held:
    """A household that is about to change."""

    id: UUID
    dwelling_id: UUID
    area_code: str
    unit_id: UUID
    kind: str
    from_date: date
    to_date: date | None
    version: int


async def lock_household(tx: Tx, reach: Reach, household_id: UUID) -> Held:
    """The only door to a household that is about to change. NotFound out of reach."""
    return await tx.one(
        Held,
        """
        select t.id, t.dwelling_id, t.area_code, t.unit_id, t.kind, t.from_date, t.to_date,
               t.version
          from people_household t
         where t.id = :household_id
           and """
        + WITHIN
        + """
           for update of t
        """,
        household_id=household_id,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class Living:
    """Somebody of a household, for a change of it."""

    id: UUID
    area_code: str
    unit_id: UUID
    household_id: UUID
    name_mask: str
    relation: str
    since: date
    version: int


async def living_in(tx: Tx, household_id: UUID) -> list[Living]:
    """Who lives in a household now, in the order they came; the household's door is open."""
    return await tx.many(
        Living,
        """
        select id, area_code, unit_id, household_id, name_mask, relation, since, version
          from people_resident
         where household_id = :household_id and ended_on is null
         order by since, id
        """,
        household_id=household_id,
    )


async def looks_since(tx: Tx, staff_id: UUID, since: datetime) -> int:
    """How often somebody looked at full numbers after a moment."""
    return await tx.one(
        int,
        "select count(*) from people_look where staff_id = :staff_id and at > :since",
        staff_id=staff_id,
        since=since,
    )


async def insert_look(
    tx: Tx,
    look_id: UUID,
    area_code: str,
    field: str,
    reason: str,
    *,
    resident_id: UUID | None = None,
    household_id: UUID | None = None,
    thing_id: UUID | None = None,
) -> int:
    """Of a resident, of a household's landlord, or of a thing in a register above."""
    return await tx.run(
        """
        insert into people_look (id, staff_id, resident_id, household_id, thing_id, area_code,
                                 field, reason, at)
        values (:id, :staff_id, :resident_id, :household_id, :thing_id, :area_code, :field,
                :reason, :now)
        """,
        id=look_id,
        staff_id=tx.actor.id,
        resident_id=resident_id,
        household_id=household_id,
        thing_id=thing_id,
        area_code=area_code,
        field=field,
        reason=reason,
        now=tx.now,
    )


async def lock_looks(tx: Tx, staff_id: UUID) -> int:
    """One reveal at a time by one person, so that two at once cannot both be the last allowed."""
    return await tx.run(
        "select pg_advisory_xact_lock(727150, hashtext(:staff_id::text))",
        staff_id=str(staff_id),
    )
