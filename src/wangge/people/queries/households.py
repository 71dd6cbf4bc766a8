"""Households: who lives in one, who did, who is tied to it, and what was behind its door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.people.queries.parts import DOOR_OF_T, HOME_OF_T, WITHIN
from wangge.people.seers import SEEN, seer

#: Past inhabitants and former households of a door on one page.
PAST_MAX = 60


@dataclass(frozen=True, slots=True)
class Home:
    """A household with its door. `landlord_*` are masks."""

    id: UUID
    dwelling_id: UUID
    area_code: str
    unit_id: UUID
    kind: str
    tenure: str
    label: str
    from_date: date
    to_date: date | None
    ended_why: str
    landlord_mask: str
    landlord_phone_mask: str
    split_from: UUID | None
    joined_into: UUID | None
    confirmed_on: date
    confirmed: dict[str, str]
    version: int
    building_id: UUID
    compound: str
    dwelling: str
    floor: int


_HOME: LiteralString = (
    """
    select t.id, t.dwelling_id, t.area_code, t.unit_id, t.kind, t.tenure, t.label, t.from_date,
           t.to_date, t.ended_why, t.landlord_mask, t.landlord_phone_mask, t.split_from,
           t.joined_into, t.confirmed_on, t.confirmed, t.version, b.id as building_id,
           c.name as compound, d.name as dwelling, d.floor
      from people_household t"""
    + DOOR_OF_T
)


async def home(tx: Tx, reach: Reach, household_id: UUID) -> Home:
    """The door to one household. NotFound out of reach."""
    found = await tx.maybe(
        Home,
        _HOME + " where t.id = :household_id and " + WITHIN,
        household_id=household_id,
        **reach.values(),
    )
    if found is None:
        raise NotFound("这一户")
    return found


async def lock_homes(tx: Tx, reach: Reach, ids: Sequence[UUID]) -> dict[UUID, Home]:
    """The door to households that are about to change, locked in the order of their ids.

    Raises NotFound when one of them is out of reach.
    """
    rows = await tx.many(
        Home,
        _HOME + " where t.id = any (:ids::uuid[]) and " + WITHIN + " order by t.id"
        " for update of t",
        ids=list(ids),
        **reach.values(),
    )
    if len(rows) < len(set(ids)):
        raise NotFound("这一户")
    return {row.id: row for row in rows}


async def behind(tx: Tx, dwelling_id: UUID) -> list[Home]:
    """Households that live behind a door now; the door is open to the asker."""
    return await behind_doors(tx, [dwelling_id])


async def behind_doors(tx: Tx, dwellings: Sequence[UUID]) -> list[Home]:
    """Households that live behind any of these doors now."""
    return await tx.many(
        Home,
        _HOME + " where t.dwelling_id = any (:ids::uuid[]) and t.to_date is null"
        " order by t.dwelling_id, t.from_date",
        ids=list(dwellings),
    )


async def homes_of(tx: Tx, households: Sequence[UUID]) -> list[Home]:
    """Those of these households that are there, within the reader's areas."""
    return await tx.many(Home, _HOME + " where t.id = any (:ids::uuid[])", ids=list(households))


async def before_them(tx: Tx, dwelling_id: UUID) -> list[Home]:
    """Households that lived behind a door before, the last first."""
    return await tx.many(
        Home,
        _HOME + " where t.dwelling_id = :dwelling_id and t.to_date is not null"
        " order by t.to_date desc, t.id limit :most",
        dwelling_id=dwelling_id,
        most=PAST_MAX,
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the register as a page shows them; masks only."""

    id: UUID
    household_id: UUID
    area_code: str
    unit_id: UUID
    name_mask: str
    sex: str
    birth_date: date | None
    birth_year: int | None
    phone_mask: str
    id_kind: str
    id_mask: str
    relation: str
    hukou: str
    hukou_place: str
    workplace: str
    since: date
    ended_on: date | None
    ended_why: str
    merged_into: UUID | None
    tags: tuple[str, ...]
    confirmed_on: date
    confirmed: dict[str, str]
    updated_at: datetime
    version: int


_PERSON: LiteralString = (
    """
    select t.id, t.household_id, t.area_code, t.unit_id, t.name_mask, t.sex, t.birth_date,
           t.birth_year, t.phone_mask, t.id_kind, t.id_mask, t.relation, t.hukou,
           t.hukou_place, t.workplace, t.since, t.ended_on, t.ended_why, t.merged_into, """
    + SEEN
    + """ as tags, t.confirmed_on, t.confirmed, t.updated_at, t.version
      from people_resident t
"""
)


async def person(tx: Tx, reach: Reach, resident_id: UUID) -> Person:
    """The door to one person; whoever left is shown until they are forgotten."""
    found = await tx.maybe(
        Person,
        _PERSON + " where t.id = :resident_id and " + WITHIN,
        resident_id=resident_id,
        **seer(tx),
        **reach.values(),
    )
    if found is None:
        raise NotFound("这个人")
    return found


async def lock_people(tx: Tx, reach: Reach, ids: Sequence[UUID]) -> list[Person]:
    """The door to people who are about to change, locked in the order of their ids.

    Raises NotFound when one of them is out of reach.
    """
    rows = await tx.many(
        Person,
        _PERSON + " where t.id = any (:ids::uuid[]) and " + WITHIN + " order by t.id"
        " for update of t",
        ids=list(ids),
        **seer(tx),
        **reach.values(),
    )
    if len(rows) < len(set(ids)):
        raise NotFound("这个人")
    return rows


async def members(tx: Tx, household_id: UUID) -> list[Person]:
    """Who lives in a household now, the head first; its door is open to the asker."""
    return await living_in(tx, [household_id])


async def people_of(tx: Tx, ids: Sequence[UUID]) -> list[Person]:
    """These people, after their door has opened; whoever left too."""
    return await tx.many(
        Person,
        _PERSON + " where t.id = any (:ids::uuid[])"
        " order by t.relation <> 'head', t.birth_year nulls last, t.id",
        ids=list(ids),
        **seer(tx),
    )


async def living_in(tx: Tx, households: Sequence[UUID]) -> list[Person]:
    """Who lives in any of these households now."""
    return await tx.many(
        Person,
        _PERSON + " where t.household_id = any (:ids::uuid[]) and t.ended_on is null"
        " order by t.household_id, t.relation <> 'head', t.birth_year nulls last, t.id",
        ids=list(households),
        **seer(tx),
    )


async def ended_of(tx: Tx, households: Sequence[UUID]) -> list[Home]:
    """Those of the households that have ended."""
    return await tx.many(
        Home,
        _HOME + " where t.id = any (:ids::uuid[]) and t.to_date is not null order by t.id",
        ids=list(households),
    )


async def lived_in(tx: Tx, households: Sequence[UUID], *, without: Sequence[UUID]) -> set[UUID]:
    """Those of the households in which somebody lives, not counting some people."""
    rows = await tx.many(
        UUID,
        """
        select distinct household_id from people_resident
         where household_id = any (:households::uuid[]) and ended_on is null
           and not (id = any (:without::uuid[]))
        """,
        households=list(households),
        without=list(without),
    )
    return set(rows)


async def left(tx: Tx, household_id: UUID) -> list[Person]:
    """Who left the register from this household, the last first."""
    return await tx.many(
        Person,
        _PERSON + " where t.household_id = :household_id and t.ended_on is not null"
        " order by t.ended_on desc, t.id limit :most",
        household_id=household_id,
        most=PAST_MAX,
        **seer(tx),
    )


@dataclass(frozen=True, slots=True)
class Tie:
    """Somebody tied to a household they do not live in: they did before (`lives`), are registered
    there, own or rent it. `place` is the household's door, `person_seen` whether the reader's reach
    holds the person's own row as well."""

    id: UUID
    resident_id: UUID
    household_id: UUID
    area_code: str
    unit_id: UUID
    tie: str
    name_mask: str
    from_date: date
    to_date: date | None
    version: int
    place: str
    person_seen: bool


_TIE: LiteralString = (
    """
    select t.id, t.resident_id, t.household_id, t.area_code, t.unit_id, t.tie, t.name_mask,
           t.from_date, t.to_date, t.version, c.name || ' ' || d.name as place,
           exists (select 1 from people_resident p where p.id = t.resident_id) as person_seen
      from people_residence t"""
    + HOME_OF_T
)


async def ties_of_household(tx: Tx, household_id: UUID) -> list[Tie]:
    """Who is or was tied to a household, live ties first."""
    return await tx.many(
        Tie,
        _TIE + " where t.household_id = :household_id"
        " order by t.to_date desc nulls first, t.from_date desc, t.id limit :most",
        household_id=household_id,
        most=PAST_MAX,
    )


async def ties_of_person(tx: Tx, resident_id: UUID) -> list[Tie]:
    """Where somebody lived before, and what else they are tied to; within the reader's reach."""
    return await tx.many(
        Tie,
        _TIE + " where t.resident_id = :resident_id"
        " order by t.to_date desc nulls first, t.from_date desc, t.id limit :most",
        resident_id=resident_id,
        most=PAST_MAX,
    )


async def live_ties(tx: Tx, residents: Sequence[UUID]) -> list[Tie]:
    """What these people are tied to besides where they live."""
    return await tx.many(
        Tie,
        _TIE + " where t.resident_id = any (:ids::uuid[]) and t.to_date is null"
        " order by t.resident_id, t.id limit :most",
        ids=list(residents),
        most=PAST_MAX,
    )


async def tie(tx: Tx, reach: Reach, tie_id: UUID) -> Tie:
    """The door to one tie that is about to change."""
    found = await tx.maybe(
        Tie,
        _TIE + " where t.id = :tie_id and " + WITHIN + " for update of t",
        tie_id=tie_id,
        **reach.values(),
    )
    if found is None:
        raise NotFound("这条关系")
    return found


@dataclass(frozen=True, slots=True)
class LiveTag:
    """A need of somebody who moves."""

    id: UUID
    resident_id: UUID
    kind: str
    version: int


async def live_tags(tx: Tx, residents: Sequence[UUID]) -> list[LiveTag]:
    """The needs of these people that have not ended, whoever may see them."""
    return await tx.many(
        LiveTag,
        """
        select id, resident_id, kind, version from people_tag
         where resident_id = any (:ids::uuid[]) and ended_at is null order by id
        """,
        ids=list(residents),
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds an identity number, as far as the asker's areas reach."""

    id: UUID
    household_id: UUID
    area_code: str
    unit_id: UUID
    name_mask: str
    since: date
    ended_on: date | None
    ended_why: str
    version: int
    id_index: bytes
    place: str


async def holders(tx: Tx, indexes: Sequence[bytes]) -> list[Holder]:
    """Whose identity numbers these are; the second lock leaves out what is out of reach."""
    return await tx.many(
        Holder,
        """
        select t.id, t.household_id, t.area_code, t.unit_id, t.name_mask, t.since, t.ended_on,
               t.ended_why, t.version, t.id_index, c.name || ' ' || d.name as place
          from people_resident t"""
        + HOME_OF_T
        + """
         where t.id_index = any (:indexes::bytea[])
        """,
        indexes=list(indexes),
    )


@dataclass(frozen=True, slots=True)
class Door:
    """A dwelling that somebody moves behind."""

    id: UUID
    unit_id: UUID
    area_code: str


async def door(tx: Tx, reach: Reach, dwelling_id: UUID) -> Door:
    """A dwelling within reach. NotFound out of it."""
    found = await tx.maybe(
        Door,
        "select t.id, t.unit_id, t.area_code from places_dwelling t where t.id = :id and "
        + WITHIN,
        id=dwelling_id,
        **reach.values(),
    )
    if found is None:
        raise NotFound("这个门牌")
    return found
