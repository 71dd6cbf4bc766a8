"""Things, and who answers for them. These tables have a second lock (row-level security)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.people.queries.parts import WITHIN
from wangge.registers.search import LINE, LINE_JOINS, ThingLine, cut

#: People who answered for one thing, on one page.
PEOPLE_MAX = 60
#: Things of one door, building or person on one page.
BESIDE_MAX = 60


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing as its page shows it. The plate is a mask."""

    id: UUID
    kind: str
    area_code: str
    dwelling_id: UUID | None
    unit_id: UUID | None
    building_id: UUID | None
    compound: str
    door: str
    location: str
    lon: float | None
    lat: float | None
    name: str
    credit_code: str
    plate_mask: str
    details: Mapping[str, Any]
    opened_on: date | None
    closed_on: date | None
    closed_why: str
    confirmed_on: date
    confirmed: Mapping[str, str]
    stale_on: date | None
    version: int


_THING: LiteralString = """
    select t.id, t.kind, t.area_code, t.dwelling_id, t.unit_id, t.building_id,
           coalesce(c.name, '') as compound,
           coalesce(d.name, case when starts_with(u.name, b.name) then u.name
                                 else b.name || u.name end, b.name, '') as door,
           t.location, t.lon, t.lat, t.name, t.credit_code, t.plate_mask, t.details, t.opened_on,
           t.closed_on, t.closed_why, t.confirmed_on, t.confirmed, t.stale_on, t.version
      from registers_thing t
      left join places_dwelling d on d.id = t.dwelling_id
      left join places_unit u on u.id = t.unit_id
      left join places_building b on b.id = t.building_id
      left join places_compound c on c.id = b.compound_id
"""


async def thing(tx: Tx, reach: Reach, thing_id: UUID) -> Thing:
    """The door to one thing. NotFound out of reach."""
    found = await tx.maybe(
        Thing,
        _THING + " where t.id = :thing_id and " + WITHIN,
        thing_id=thing_id,
        **reach.values(),
    )
    if found is None:
        raise NotFound("这一条台账")
    return found


async def lock_thing(tx: Tx, reach: Reach, thing_id: UUID) -> Thing:
    """The door to a thing that is about to change. NotFound out of reach."""
    found = await tx.maybe(
        Thing,
        _THING + " where t.id = :thing_id and " + WITHIN + " for update of t",
        thing_id=thing_id,
        **reach.values(),
    )
    if found is None:
        raise NotFound("这一条台账")
    return found


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A thing that somebody says has not changed."""

    id: UUID
    kind: str
    area_code: str
    unit_id: UUID | None
    confirmed_on: date
    confirmed: Mapping[str, str]
    closed_on: date | None
    version: int


async def lock_seen(tx: Tx, reach: Reach, ids: Sequence[UUID]) -> list[ToConfirm]:
    """Those of these things that are within reach, locked in the order of their ids."""
    return await tx.many(
        ToConfirm,
        """
        select t.id, t.kind, t.area_code, t.unit_id, t.confirmed_on, t.confirmed, t.closed_on,
               t.version
          from registers_thing t where t.id = any (:ids::uuid[]) and """
        + WITHIN
        + " order by t.id for update",
        ids=ids,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class Spoken:
    """A thing that somebody said something of."""

    id: UUID
    kind: str
    area_code: str
    unit_id: UUID | None
    details: Mapping[str, Any]
    confirmed_on: date
    confirmed: Mapping[str, str]
    closed_on: date | None


async def lock_spoken(tx: Tx, ids: Sequence[UUID]) -> list[Spoken]:
    """These things, locked in the order of their ids; the caller asks for reach row by row."""
    return await tx.many(
        Spoken,
        """
        select t.id, t.kind, t.area_code, t.unit_id, t.details, t.confirmed_on, t.confirmed,
               t.closed_on
          from registers_thing t where t.id = any (:ids::uuid[]) order by t.id for update
        """,
        ids=ids,
    )


async def save_confirmed(
    tx: Tx,
    ids: Sequence[UUID],
    days: Sequence[date],
    confirmed: Sequence[Mapping[str, str]],
    stale: Sequence[date | None],
) -> int:
    """What these things were found to be, side by side; the versions stay."""
    return await tx.run(
        """
        update registers_thing t
           set confirmed_on = s.day, confirmed = s.confirmed, stale_on = s.stale
          from unnest(:ids::uuid[], :days::date[], :confirmed::jsonb[], :stale::date[])
               s(id, day, confirmed, stale)
         where t.id = s.id
        """,
        ids=ids,
        days=days,
        confirmed=confirmed,
        stale=stale,
    )


@dataclass(frozen=True, slots=True)
class FoundTrue:
    """What a thing was found to be, and when."""

    id: UUID
    kind: str
    confirmed_on: date
    confirmed: Mapping[str, str]
    stale_on: date | None


async def found_true(tx: Tx, ids: Sequence[UUID]) -> list[FoundTrue]:
    return await tx.many(
        FoundTrue,
        """
        select id, kind, confirmed_on, confirmed, stale_on from registers_thing
         where id = any (:ids::uuid[]) order by id
        """,
        ids=list(ids),
    )


async def set_stale(tx: Tx, ids: Sequence[UUID], days: Sequence[date | None]) -> int:
    """The day each of these things has to be asked about again."""
    return await tx.run(
        """
        update registers_thing t set stale_on = s.day
          from unnest(:ids::uuid[], :days::date[]) s(id, day) where t.id = s.id
        """,
        ids=ids,
        days=days,
    )


@dataclass(frozen=True, slots=True)
class Answering:
    """Somebody who answers for a thing, or did. Of a resident of the register, what stands there;
    `household_id` is theirs when the reader may reach it. Masks only."""

    id: UUID
    role: str
    resident_id: UUID | None
    household_id: UUID | None
    name_mask: str
    phone_mask: str
    from_date: date
    to_date: date | None
    version: int


async def people_of(tx: Tx, thing_id: UUID) -> list[Answering]:
    """Who answers for a thing now, then who did, the last first; its door is open."""
    return await tx.many(
        Answering,
        """
        select p.id, p.role, p.resident_id, h.household_id,
               coalesce(h.name_mask, p.name_mask) as name_mask,
               coalesce(h.phone_mask, p.phone_mask) as phone_mask, p.from_date, p.to_date,
               p.version
          from registers_person p left join people_resident h on h.id = p.resident_id
         where p.thing_id = :thing_id
         order by p.to_date is not null, p.to_date desc, p.from_date, p.role, p.id
         limit :most
        """,
        thing_id=thing_id,
        most=PEOPLE_MAX,
    )


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a reveal opens."""

    id: UUID
    name: str
    phone_sealed: bytes | None
    resident_id: UUID | None


async def sealed_plate(tx: Tx, thing_id: UUID) -> bytes | None:
    """For a reveal, after the door has opened and the act was permitted."""
    return (
        await tx.one(
            _Plate, "select plate_sealed from registers_thing where id = :id", id=thing_id
        )
    ).plate_sealed


@dataclass(frozen=True, slots=True)
class _Plate:
    plate_sealed: bytes | None


async def sealed_person(tx: Tx, thing_id: UUID, person_id: UUID) -> Sealed:
    """Somebody of a thing whose door has opened. NotFound for another thing's."""
    found = await tx.maybe(
        Sealed,
        """
        select id, name, phone_sealed, resident_id from registers_person
         where id = :person_id and thing_id = :thing_id
        """,
        person_id=person_id,
        thing_id=thing_id,
    )
    if found is None:
        raise NotFound("这个负责人")
    return found


# -- where ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spot:
    """A door, a stairwell or a building of the closed list."""

    area_code: str
    dwelling_id: UUID | None
    unit_id: UUID | None
    building_id: UUID


async def spot(
    tx: Tx,
    reach: Reach,
    dwelling_id: UUID | None,
    unit_id: UUID | None,
    building_id: UUID | None,
) -> Spot:
    """The narrowest of what was named, within reach. NotFound out of it."""
    if dwelling_id is not None:
        found = await tx.maybe(
            Spot,
            "select t.area_code, t.id as dwelling_id, t.unit_id, u.building_id"
            " from places_dwelling t join places_unit u on u.id = t.unit_id where t.id = :id and "
            + WITHIN,
            id=dwelling_id,
            **reach.values(),
        )
    elif unit_id is not None:
        found = await tx.maybe(
            Spot,
            "select t.area_code, null::uuid as dwelling_id, t.id as unit_id, t.building_id"
            " from (select *, id as unit_id from places_unit) t where t.id = :id and " + WITHIN,
            id=unit_id,
            **reach.values(),
        )
    else:
        found = await tx.maybe(
            Spot,
            "select t.area_code, null::uuid as dwelling_id, null::uuid as unit_id,"
            " t.id as building_id"
            " from (select *, null::uuid as unit_id from places_building) t where t.id = :id and "
            + WITHIN,
            id=building_id,
            **reach.values(),
        )
    if found is None:
        raise NotFound("这个门牌")
    return found


@dataclass(frozen=True, slots=True)
class Same:
    id: UUID
    name: str
    place: str


async def same_code(
    tx: Tx, kind: str, code: str, community: str, but: UUID | None
) -> list[Same]:
    """Open things of a kind with a credit code in a community."""
    return await tx.many(
        Same,
        """
        select t.id, t.name, coalesce(d.name, b.name, nullif(t.location, ''), '') as place
          from registers_thing t
          left join places_dwelling d on d.id = t.dwelling_id
          left join places_building b on b.id = t.building_id
         where t.kind = :kind and t.credit_code = :code and t.closed_on is null
           and t.area_code >= :low and t.area_code < :high
           and (:but::uuid is null or t.id <> :but::uuid)
         order by t.id limit 3
        """,
        kind=kind,
        code=code,
        low=community,
        high=community + ":",
        but=but,
    )


async def lock_code(tx: Tx, code: str) -> int:
    """One registration of a credit code at a time, so that two at once see one another."""
    return await tx.run(
        "select pg_advisory_xact_lock(727153, hashtext(:code::text))", code=code
    )


async def lettings(tx: Tx, dwelling_id: UUID) -> list[UUID]:
    """Open rented rooms that are this door."""
    return await tx.many(
        UUID,
        """
        select id from registers_thing
         where dwelling_id = :dwelling_id and kind = 'rented' and closed_on is null
        """,
        dwelling_id=dwelling_id,
    )


# -- lists ------------------------------------------------------------------------------------


async def stale_page(
    tx: Tx, reach: Reach, *, low: str, high: str, kind: str, today: date,
    after: tuple[str, UUID], limit: int,
) -> tuple[list[ThingLine], str | None]:  # fmt: skip
    """Open things within reach of which something has gone stale, by area and id, and the mark of
    the next page; one statement."""
    rows = await tx.many(
        ThingLine,
        "select "
        + LINE
        + """
          from (select * from registers_thing t
                 where t.closed_on is null and t.stale_on <= :today
                   and t.area_code >= :low and t.area_code < :high
                   and (t.area_code, t.id) > (:after_code, :after_id::uuid)
                   and (:kind = '' or t.kind = :kind) and """
        + WITHIN
        + " order by t.area_code, t.id limit :limit) t"
        + LINE_JOINS
        + " order by t.area_code, t.id",
        low=low,
        high=high,
        kind=kind,
        today=today,
        after_code=after[0],
        after_id=after[1],
        limit=limit + 1,
        **reach.values(),
    )
    return cut(rows, limit)


async def at_doors(
    tx: Tx,
    reach: Reach,
    *,
    dwellings: Sequence[UUID] = (),
    buildings: Sequence[UUID] = (),
    residents: Sequence[UUID] = (),
) -> list[ThingLine]:
    """Open things within reach behind doors, in buildings (those behind no door of them) or that
    somebody of the register answers for, also under a row merged into theirs; one
    statement, at most `BESIDE_MAX`."""
    return await tx.many(
        ThingLine,
        "select "
        + LINE
        + " from registers_thing t"
        + LINE_JOINS
        + """
         where t.closed_on is null
           and t.id in (
               select x.id from registers_thing x where x.dwelling_id = any (:dwellings::uuid[])
               union select x.id from registers_thing x
                      where x.building_id = any (:buildings::uuid[]) and x.dwelling_id is null
               union select p.thing_id from registers_person p
                      where p.resident_id = any (:residents::uuid[]) and p.to_date is null
               union select p.thing_id from people_resident m
                       join registers_person p on p.resident_id = m.id
                      where m.merged_into = any (:residents::uuid[]) and p.to_date is null)
           and """
        + WITHIN
        + " order by t.kind, t.id limit :most",
        dwellings=list(dwellings),
        buildings=list(buildings),
        residents=list(residents),
        most=BESIDE_MAX,
        **reach.values(),
    )
