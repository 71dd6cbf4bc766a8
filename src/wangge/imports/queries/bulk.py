"""Everybody of a list, with what an act on all of them needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Somebody:
    """A resident; `tag_id` is the need that is asked about, while it lasts."""

    id: UUID
    area_code: str
    unit_id: UUID
    version: int
    name_mask: str
    compound: str
    door: str
    confirmed: dict[str, Any]
    since: date
    ended: bool
    tag_id: UUID | None
    tag_version: int | None


@dataclass(frozen=True, slots=True)
class BatchRow:
    id: UUID
    area_code: str
    actor_id: UUID
    at: datetime
    counts: dict[str, int]
    undone_at: datetime | None
    purged_at: datetime | None


#: Residents with their door and the need that is asked about, of those within reach.
_SOMEBODY: LiteralString = """
        select t.id, t.area_code, t.unit_id, t.version, t.name_mask, c.name as compound,
               d.name as door, t.confirmed, t.since, t.ended_on is not null as ended,
               g.id as tag_id, g.version as tag_version
          from people_resident t
          join people_household h on h.id = t.household_id
          join places_dwelling d on d.id = h.dwelling_id
          join places_unit u on u.id = d.unit_id
          join places_building b on b.id = u.building_id
          join places_compound c on c.id = b.compound_id
          left join people_tag g
                 on g.resident_id = t.id and g.kind = :kind and g.ended_at is null
         where exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
"""


async def people(
    tx: Tx,
    reach: Reach,
    *,
    area: str,
    tag: str,
    kind: str,
    born_until: int | None,
    limit: int,
) -> list[Somebody]:
    """Residents within reach below an area, who have a need, who were born until a year."""
    return await tx.many(
        Somebody,
        _SOMEBODY
        + """
           and t.ended_on is null
           and t.area_code >= :low and t.area_code < :high
           and (:tag = '' or :tag = any (t.tags))
           and (:born::int is null or t.birth_year <= :born)
         order by t.area_code, t.id
         limit :limit
        """,
        kind=kind,
        low=area,
        high=area + ":",
        **reach.values(),
        tag=tag,
        born=born_until,
        limit=limit,
    )


async def emptied(tx: Tx, ids: Sequence[UUID]) -> int:
    """How many households nobody is left in without these people."""
    return await tx.one(
        int,
        """
        select count(*)::int from people_household h
         where h.to_date is null
           and h.id in (select t.household_id from people_resident t
                         where t.id = any (:ids::uuid[]) and t.ended_on is null)
           and not exists (select 1 from people_resident t
                            where t.household_id = h.id and t.ended_on is null
                              and t.id <> all (:ids::uuid[]))
        """,
        ids=list(ids),
    )


async def picked(tx: Tx, reach: Reach, kind: str, ids: Sequence[UUID]) -> list[Somebody]:
    """These residents, whoever of them the reader may see at all, also those who have left."""
    return await tx.many(
        Somebody,
        _SOMEBODY
        + """
           and t.id = any (:ids::uuid[])
         order by t.area_code, t.id
        """,
        kind=kind,
        ids=list(ids),
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class BatchAreas:
    """A bulk act: the areas of what it changed, whether people left the register by it or households
    were changed, and whether people moved by it."""

    area_code: str
    areas: tuple[str, ...]
    leaves: bool
    moves: bool


async def batch_areas(tx: Tx, batch: UUID) -> BatchAreas | None:
    """Where a bulk act was done; without areas when what it changed is forgotten."""
    return await tx.maybe(
        BatchAreas,
        """
        select b.area_code,
               coalesce((select array_agg(distinct c.area_code) from people_change c
                          where c.batch_id = b.id), '{}') as areas,
               exists (select 1 from people_change c join people_resident t on t.id = c.row_id
                        where c.batch_id = b.id and c.kind = 'resident'
                          and c.before ->> 'ended_on' is null and t.ended_on is not null)
               or exists (select 1 from people_change c
                           where c.batch_id = b.id and c.kind = 'household') as leaves,
               exists (select 1 from people_change c
                        where c.batch_id = b.id and c.kind = 'residence') as moves
          from people_batch b where b.id = :id and b.what = 'bulk'
        """,
        id=batch,
    )


async def batches(tx: Tx, reach: Reach, limit: int) -> list[BatchRow]:
    """Bulk acts within reach, and the actor's own, the latest first."""
    return await tx.many(
        BatchRow,
        """
        select id, area_code, actor_id, at, counts, undone_at, purged_at from people_batch b
         where what = 'bulk'
           and (b.actor_id = :me
                or exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where b.area_code >= r.lo and b.area_code < r.hi))
         order by at desc, id limit :limit
        """,
        me=tx.actor.id,
        **reach.values(),
        limit=limit,
    )
