"""SQL of names and nicknames."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.places.naming.model import Alias


@dataclass(frozen=True, slots=True)
class CompoundNames:
    """An estate with its nicknames, side by side with their ids."""

    id: UUID
    area_code: str
    name: str
    buildings: int
    alias_ids: tuple[UUID, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BuildingNames:
    """A house with its nicknames, side by side with their ids."""

    id: UUID
    area_code: str
    name: str
    number: str
    alias_ids: tuple[UUID, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Called:
    """A thing and one of the things it is called."""

    id: UUID
    name: str
    called: str


@dataclass(frozen=True, slots=True)
class Thing:
    """An estate or a house about to get or lose a name. `group_id` is the estate of a house."""

    id: UUID
    group_id: UUID
    area_code: str
    name: str


async def compounds_page(
    tx: Tx, reach: Reach, *, prefix: str, after: tuple[str, UUID] | None, limit: int
) -> list[CompoundNames]:
    """Estates within reach whose area begins with `prefix`, by area and id."""
    return await tx.many(
        CompoundNames,
        """
        select c.id, c.area_code, c.name,
               (select count(*) from places_building b where b.compound_id = c.id)::int as buildings,
               coalesce(a.ids, '{}') as alias_ids, coalesce(a.names, '{}') as aliases
          from places_compound c
          left join lateral (
               select array_agg(id order by name) as ids, array_agg(name order by name) as names
                 from places_alias where compound_id = c.id) a on true
         where c.area_code >= :low and c.area_code < :high
           and (c.area_code, c.id) > (:after_code::text collate "C", :after_id::uuid)
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where c.area_code >= r.lo and c.area_code < r.hi)
         order by c.area_code, c.id
         limit :limit
        """,
        low=prefix,
        high=prefix + ":",
        after_code=after[0] if after else "",
        after_id=after[1] if after else UUID(int=0),
        limit=limit,
        **reach.values(),
    )


async def buildings_page(
    tx: Tx, compound_id: UUID, *, after: UUID | None, limit: int
) -> list[BuildingNames]:
    """The houses of one estate, by number (2 before 10), after a house."""
    return await tx.many(
        BuildingNames,
        """
        select b.id, b.area_code, b.name, b.number,
               coalesce(a.ids, '{}') as alias_ids, coalesce(a.names, '{}') as aliases
          from places_building b
          left join lateral (
               select array_agg(id order by name) as ids, array_agg(name order by name) as names
                 from places_alias where building_id = b.id) a on true
         where b.compound_id = :compound_id
           and (:after::uuid is null
                or (length(b.number), b.number, b.id) >
                   (select length(p.number), p.number, p.id from places_building p
                     where p.id = :after::uuid))
         order by length(b.number), b.number, b.id
         limit :limit
        """,
        compound_id=compound_id,
        after=after,
        limit=limit,
    )


async def compound(tx: Tx, reach: Reach, compound_id: UUID) -> Thing:
    """One estate within reach. NotFound beyond it."""
    return await tx.one(
        Thing,
        """
        select c.id, c.id as group_id, c.area_code, c.name from places_compound c
         where c.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where c.area_code >= r.lo and c.area_code < r.hi)
        """,
        id=compound_id,
        **reach.values(),
    )


async def building(tx: Tx, reach: Reach, building_id: UUID) -> Thing:
    """One house within reach. NotFound beyond it."""
    return await tx.one(
        Thing,
        """
        select b.id, b.compound_id as group_id, b.area_code, b.name from places_building b
         where b.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where b.area_code >= r.lo and b.area_code < r.hi)
        """,
        id=building_id,
        **reach.values(),
    )


async def lock_names(tx: Tx, key: str) -> int:
    """One at a time for the names of one community or estate, so that two do not become one."""
    return await tx.run(
        "select pg_advisory_xact_lock(727160, hashtext(current_schema() || :key::text))",
        key=key,
    )


async def called_in_community(tx: Tx, community: str) -> list[Called]:
    """What the estates of a community are called, names and nicknames."""
    return await tx.many(
        Called,
        """
        select c.id, c.name, c.name as called from places_compound c
         where c.area_code >= :low and c.area_code < :high
        union all
        select c.id, c.name, a.name from places_alias a
          join places_compound c on c.id = a.compound_id
         where c.area_code >= :low and c.area_code < :high
        """,
        low=community,
        high=community + ":",
    )


async def called_in_compound(tx: Tx, compound_id: UUID) -> list[Called]:
    """What the houses of an estate are called, names and nicknames."""
    return await tx.many(
        Called,
        """
        select b.id, b.name, b.name as called from places_building b
         where b.compound_id = :compound_id
        union all
        select b.id, b.name, a.name from places_alias a
          join places_building b on b.id = a.building_id
         where b.compound_id = :compound_id
        """,
        compound_id=compound_id,
    )


async def insert_alias(
    tx: Tx,
    *,
    id: UUID,
    compound_id: UUID | None,
    building_id: UUID | None,
    area_code: str,
    name: str,
    added_at: datetime,
) -> int:
    return await tx.run(
        """
        insert into places_alias (id, compound_id, building_id, area_code, name, added_at)
        values (:id, :compound_id, :building_id, :area_code, :name, :added_at)
        """,
        id=id,
        compound_id=compound_id,
        building_id=building_id,
        area_code=area_code,
        name=name,
        added_at=added_at,
    )


async def insert_aliases(tx: Tx, rows: Sequence[Alias]) -> int:
    """Many at once: imports and the demo town."""
    return await tx.copy(
        "places_alias",
        ("id", "compound_id", "building_id", "area_code", "name", "added_at"),
        [(r.id, r.compound_id, r.building_id, r.area_code, r.name, r.added_at) for r in rows],
    )


async def alias(tx: Tx, reach: Reach, alias_id: UUID) -> Alias:
    """One nickname within reach. NotFound beyond it."""
    return await tx.one(
        Alias,
        """
        select a.id, a.compound_id, a.building_id, a.area_code, a.name, a.added_at
          from places_alias a
         where a.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where a.area_code >= r.lo and a.area_code < r.hi)
        """,
        id=alias_id,
        **reach.values(),
    )


async def own_alias(tx: Tx, compound_id: UUID, name: str) -> UUID | None:
    """The nickname of an estate that is to become its name."""
    return await tx.maybe(
        UUID,
        "select id from places_alias where compound_id = :compound_id and name = :name",
        compound_id=compound_id,
        name=name,
    )


async def delete_alias(tx: Tx, alias_id: UUID) -> int:
    return await tx.run("delete from places_alias where id = :id", id=alias_id)


async def save_compound_name(tx: Tx, compound_id: UUID, name: str) -> int:
    return await tx.run(
        "update places_compound set name = :name where id = :id", id=compound_id, name=name
    )
