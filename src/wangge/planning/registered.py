"""SQL statements of what a division is made from: stairwells, who lives there, who heads what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A stairwell with its doors; floors are those of the doors, else of the building."""

    id: UUID
    building_id: UUID
    area_code: str
    name: str
    has_lift: bool
    doors: int
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class BuildingLine:
    """A building of those stairwells. `footprint` is GeoJSON or None."""

    id: UUID
    name: str
    compound: str
    lon: float | None
    lat: float | None
    footprint: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Living:
    """How many live behind a stairwell's doors."""

    unit_id: UUID
    households: int
    people: int
    special: int


@dataclass(frozen=True, slots=True)
class HeadLine:
    """Who may be the head of a micro-grid: by name (`named`), or by a post of that area."""

    area_code: str
    staff_id: UUID | None
    name: str
    unit_id: UUID | None
    named: bool


@dataclass(frozen=True, slots=True)
class FloorLine:
    """A floor of a stairwell: its doors, those somebody lives behind, and how many households."""

    unit_id: UUID
    floor: int
    doors: int
    lived_in: int
    households: int


async def units(tx: Tx, community: str) -> list[UnitLine]:
    """Every stairwell of a community, in the order of their houses."""
    return await tx.many(
        UnitLine,
        """
        select u.id, u.building_id, u.area_code, u.name, u.has_lift,
               coalesce(d.doors, 0) as doors, coalesce(d.lowest, 1) as lowest,
               coalesce(d.highest, b.floors) as highest
          from places_unit u
          join places_building b on b.id = u.building_id
          join places_compound c on c.id = b.compound_id
          left join (select w.unit_id, count(*)::int as doors, min(w.floor) as lowest,
                            max(w.floor) as highest
                       from places_dwelling w
                      where w.area_code >= :low and w.area_code < :high
                      group by w.unit_id) d on d.unit_id = u.id
         where u.area_code >= :low and u.area_code < :high
         order by c.name, c.id, length(b.number), b.number, b.id, length(u.number), u.number, u.id
        """,
        low=community,
        high=community + ":",
    )


async def buildings(tx: Tx, community: str) -> list[BuildingLine]:
    """The buildings of those stairwells."""
    return await tx.many(
        BuildingLine,
        """
        select b.id, b.name, c.name as compound, b.lon, b.lat, b.footprint
          from places_building b join places_compound c on c.id = b.compound_id
         where b.id in (select u.building_id from places_unit u
                         where u.area_code >= :low and u.area_code < :high)
         order by b.id
        """,
        low=community,
        high=community + ":",
    )


async def living(tx: Tx, community: str, kinds: Sequence[str], today: date) -> list[Living]:
    """Households, residents and persons visited at home, by stairwell: counts, and nothing of what
    anybody needs."""
    return await tx.many(
        Living,
        """
        select unit_id, sum(households)::int as households, sum(people)::int as people,
               sum(special)::int as special
          from (select h.unit_id, count(*) as households, 0 as people, 0 as special
                  from people_household h
                 where h.area_code >= :low and h.area_code < :high and h.to_date is null
                 group by h.unit_id
                union all
                select r.unit_id, 0, count(*), 0 from people_resident r
                 where r.area_code >= :low and r.area_code < :high and r.ended_on is null
                 group by r.unit_id
                union all
                select t.unit_id, 0, 0, count(distinct t.resident_id) from people_tag t
                 where t.area_code >= :low and t.area_code < :high and t.ended_at is null
                   and t.until_date >= :today and t.kind = any(:kinds::text[])
                 group by t.unit_id) counted
         group by unit_id
        """,
        low=community,
        high=community + ":",
        kinds=list(kinds),
        today=today,
    )


async def floors(tx: Tx, community: str) -> list[FloorLine]:
    """Every floor of a community's stairwells."""
    return await tx.many(
        FloorLine,
        """
        select w.unit_id, w.floor, count(*)::int as doors,
               count(h.households)::int as lived_in,
               coalesce(sum(h.households), 0)::int as households
          from places_dwelling w
          left join (select dwelling_id, count(*) as households from people_household
                      where area_code >= :low and area_code < :high and to_date is null
                      group by dwelling_id) h on h.dwelling_id = w.id
         where w.area_code >= :low and w.area_code < :high
         group by w.unit_id, w.floor
         order by w.unit_id, w.floor
        """,
        low=community,
        high=community + ":",
    )


async def heads(tx: Tx, community: str) -> list[HeadLine]:
    """Who heads the micro-grids, the likeliest first in each: whoever was named, then posts of that
    very area, a head's before a worker's before a helper's, the one over most stairwells first."""
    return await tx.many(
        HeadLine,
        """
        select area_code, staff_id, name, unit_id, named
          from (select h.area_code, s.id as staff_id, coalesce(s.name, '') as name, h.unit_id,
                       true as named, 0 as place, 0 as narrow, h.at as since, h.by_id as id
                  from planning_head h left join people_staff s on s.id = h.staff_id and s.active
                 where h.area_code >= :low and h.area_code < :high
                union all
                select p.area_code, s.id, s.name, null, false,
                       case p.role when 'grid_head' then 1 when 'grid_worker' then 2 else 3 end,
                       case when cardinality(p.unit_ids) = 0 then -1000000
                            else -cardinality(p.unit_ids) end, p.from_at, p.id
                  from people_post p join people_staff s on s.id = p.staff_id and s.active
                 where p.area_code >= :low and p.area_code < :high and length(p.area_code) = 18
                   and p.role in ('grid_head', 'grid_worker', 'part_time_worker')
                   and p.from_at <= :now and (p.until_at is null or p.until_at > :now)) found
         order by area_code, place, narrow, since, id
        """,
        low=community,
        high=community + ":",
        now=tx.now,
    )


async def name_head(tx: Tx, area_code: str, staff_id: UUID | None, unit_id: UUID | None) -> int:
    """Who heads a micro-grid from now on."""
    return await tx.run(
        """
        insert into planning_head (area_code, staff_id, unit_id, by_id, at)
        values (:area_code, :staff_id, :unit_id, :by_id, :now)
        on conflict on constraint planning_head_pk do update
           set staff_id = excluded.staff_id, unit_id = excluded.unit_id, by_id = excluded.by_id,
               at = excluded.at
        """,
        area_code=area_code,
        staff_id=staff_id,
        unit_id=unit_id,
        by_id=tx.actor.id,
        now=tx.now,
    )
