"""Households of a list, and the doors of the building they may move to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class HomeThere:
    """A household with its door; `held` are fields of it that say something, `people` who live there."""

    id: UUID
    area_code: str
    version: int
    tenure: str
    confirmed: dict[str, Any]
    held: tuple[str, ...]
    ended: bool
    dwelling_id: UUID
    building_id: UUID
    unit: str
    room: str
    compound: str
    door: str
    people: int


async def homes(
    tx: Tx,
    reach: Reach,
    *,
    area: str = "",
    building: UUID | None = None,
    tenure: str = "",
    people: Sequence[UUID] | None = None,
    doors: Sequence[UUID] | None = None,
    limit: int | None = None,
) -> list[HomeThere]:
    """Households within reach that live below an area now: of a building, of a tenure; or, with `people`,
    the households of these residents, whichever of them the reader may see; or, with `doors`, who lives
    behind these doors now."""
    return await tx.many(
        HomeThere,
        """
        select t.id, t.area_code, t.version, t.tenure, t.confirmed,
               array_remove(array['kind',
                   case when t.tenure <> 'unknown' then 'tenure' end,
                   case when t.landlord_name <> '' then 'landlord_name' end,
                   case when t.landlord_phone_mask <> '' then 'landlord_phone' end], null) as held,
               t.to_date is not null as ended, d.id as dwelling_id, b.id as building_id,
               u.number as unit, d.room, c.name as compound, d.name as door,
               (select count(*) from people_resident r
                 where r.household_id = t.id and r.ended_on is null)::int as people
          from people_household t
          join places_dwelling d on d.id = t.dwelling_id
          join places_unit u on u.id = d.unit_id
          join places_building b on b.id = u.building_id
          join places_compound c on c.id = b.compound_id
         where case when :doors::uuid[] is not null
                    then t.to_date is null and t.dwelling_id = any (:doors)
                    when :people::uuid[] is null
                    then t.to_date is null and t.area_code >= :low and t.area_code < :high
                         and (:building::uuid is null or b.id = :building)
                         and (:tenure = '' or t.tenure = :tenure)
                    else t.id in (select r.household_id from people_resident r
                                   where r.id = any (:people)) end
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by t.area_code, t.id limit :limit
        """,
        low=area,
        high=area + ":",
        building=building,
        tenure=tenure,
        people=None if people is None else list(people),
        doors=None if doors is None else list(doors),
        limit=limit,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class DoorThere:
    """A door; `lived_in` when some household is behind it."""

    id: UUID
    unit_id: UUID
    area_code: str
    unit: str
    room: str
    compound: str
    name: str
    lived_in: bool


async def doors_of(
    tx: Tx, reach: Reach, *, building: UUID | None = None, ids: Sequence[UUID] = ()
) -> list[DoorThere]:
    """The doors of a building, or those of these ids, within reach."""
    return await tx.many(
        DoorThere,
        """
        select t.id, t.unit_id, t.area_code, u.number as unit, t.room, c.name as compound, t.name,
               exists (select 1 from people_household h
                        where h.dwelling_id = t.id and h.to_date is null) as lived_in
          from places_dwelling t join places_unit u on u.id = t.unit_id
          join places_building b on b.id = u.building_id
          join places_compound c on c.id = b.compound_id
         where (u.building_id = :building or t.id = any (:ids::uuid[]))
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        building=building,
        ids=list(ids),
        **reach.values(),
    )


async def one_move_at_a_time(tx: Tx) -> None:
    """Two who rehouse people take turns, so that the second sees what the first did."""
    await tx.run("select pg_advisory_xact_lock(hashtext(current_schema() || ' rehousing'))")


@dataclass(frozen=True, slots=True)
class House:
    """A building to choose from."""

    id: UUID
    area_code: str
    name: str


async def houses(tx: Tx, reach: Reach, limit: int) -> list[House]:
    """Buildings within reach."""
    return await tx.many(
        House,
        """
        select b.id, b.area_code, c.name || b.name as name
          from places_building b join places_compound c on c.id = b.compound_id
         where exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where b.area_code >= r.lo and b.area_code < r.hi)
         order by c.name, length(b.number), b.number, b.id limit :limit
        """,
        limit=limit,
        **reach.values(),
    )
