"""Every SQL statement of the room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.places.model import Area, AreaKind


@dataclass(frozen=True, slots=True)
class Shape:
    """A boundary as GeoJSON text."""

    code: str
    boundary: str


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area as an import brings it. `boundary` is a GeoJSON Polygon as text, or None."""

    code: str
    kind: AreaKind
    grid_kind: str | None
    name: str
    valid_from: date
    boundary: str | None
    centre_lon: float | None
    centre_lat: float | None


@dataclass(frozen=True, slots=True)
class CompoundRow:
    id: UUID
    area_code: str
    name: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class BuildingRow:
    """`footprint` is a GeoJSON Polygon as text, or None."""

    id: UUID
    compound_id: UUID
    area_code: str
    name: str
    number: str
    floors: int
    lon: float | None
    lat: float | None
    footprint: str | None


@dataclass(frozen=True, slots=True)
class UnitRow:
    id: UUID
    building_id: UUID
    area_code: str
    name: str
    number: str
    has_lift: bool


@dataclass(frozen=True, slots=True)
class DwellingRow:
    """`name` is the door as people say it: 1幢1单元901室."""

    id: UUID
    unit_id: UUID
    area_code: str
    floor: int
    room: str
    name: str


async def all_areas(tx: Tx) -> list[Area]:
    """The whole district, closed areas too."""
    return await tx.many(
        Area,
        """
        select code, kind, grid_kind, name, valid_from, valid_to, successors,
               centre_lon, centre_lat, boundary is not null as has_boundary
          from places_area order by code
        """,
    )


async def all_boundaries(tx: Tx) -> list[Shape]:
    """The boundaries there are, as GeoJSON text (parsed in bulk by shapely)."""
    return await tx.many(
        Shape,
        "select code, boundary::text as boundary from places_area where boundary is not null",
    )


async def boundaries_of(tx: Tx, codes: Sequence[str]) -> list[Shape]:
    """The boundaries of some areas; those without one are left out."""
    return await tx.many(
        Shape,
        """
        select code, boundary::text as boundary from places_area
         where code = any(:codes::text[]) and boundary is not null order by code
        """,
        codes=list(codes),
    )


async def areas_page(
    tx: Tx, reach: Reach, *, prefix: str, after: str, limit: int
) -> list[Area]:
    """Areas within reach whose code begins with `prefix`, by code, after a code."""
    return await tx.many(
        Area,
        """
        select t.code, t.kind, t.grid_kind, t.name, t.valid_from, t.valid_to, t.successors,
               t.centre_lon, t.centre_lat, t.boundary is not null as has_boundary
          from places_area t
         where t.code >= :low and t.code < :high and t.code > :after
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.code >= r.lo and t.code < r.hi)
         order by t.code
         limit :limit
        """,
        low=prefix,
        high=prefix + ":",
        after=after,
        limit=limit,
        **reach.values(),
    )


async def lock_area(tx: Tx, reach: Reach, code: str) -> Area:
    """The only door to an area that is about to change. NotFound out of reach."""
    return await tx.one(
        Area,
        """
        select t.code, t.kind, t.grid_kind, t.name, t.valid_from, t.valid_to, t.successors,
               t.centre_lon, t.centre_lat, t.boundary is not null as has_boundary
          from places_area t
         where t.code = :code
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.code >= r.lo and t.code < r.hi)
           for update of t
        """,
        code=code,
        **reach.values(),
    )


async def boundaries(
    tx: Tx, reach: Reach, *, prefix: str, lengths: Sequence[int]
) -> list[Shape]:
    """Boundaries of open areas within reach, for a map; `lengths` are the code lengths wanted."""
    return await tx.many(
        Shape,
        """
        select t.code, t.boundary::text as boundary
          from places_area t
         where t.code >= :low and t.code < :high
           and t.valid_to is null and t.boundary is not null
           and length(t.code) = any (:lengths::int[])
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.code >= r.lo and t.code < r.hi)
         order by t.code
        """,
        low=prefix,
        high=prefix + ":",
        lengths=list(lengths),
        **reach.values(),
    )


async def insert_areas(tx: Tx, rows: Sequence[AreaRow]) -> int:
    """Many new areas, in one statement."""
    return await tx.run(
        """
        insert into places_area (code, kind, grid_kind, name, valid_from, boundary,
                                 centre_lon, centre_lat)
        select code, kind, grid_kind, name, valid_from, boundary::jsonb, lon, lat
          from unnest(:codes::text[], :kinds::text[], :grid_kinds::text[], :names::text[],
                      :froms::date[], :boundaries::text[], :lons::float8[], :lats::float8[])
               r(code, kind, grid_kind, name, valid_from, boundary, lon, lat)
        """,
        codes=[row.code for row in rows],
        kinds=[row.kind.value for row in rows],
        grid_kinds=[row.grid_kind for row in rows],
        names=[row.name for row in rows],
        froms=[row.valid_from for row in rows],
        boundaries=[row.boundary for row in rows],
        lons=[row.centre_lon for row in rows],
        lats=[row.centre_lat for row in rows],
    )


async def save_name(tx: Tx, code: str, name: str) -> int:
    return await tx.run(
        "update places_area set name = :name where code = :code", code=code, name=name
    )


async def save_end(tx: Tx, code: str, valid_to: date, successors: Sequence[str]) -> int:
    return await tx.run(
        """
        update places_area set valid_to = :valid_to, successors = :successors::text[]
         where code = :code
        """,
        code=code,
        valid_to=valid_to,
        successors=list(successors),
    )


async def insert_compounds(tx: Tx, rows: Sequence[CompoundRow]) -> int:
    return await tx.copy(
        "places_compound",
        ("id", "area_code", "name", "lon", "lat"),
        [(r.id, r.area_code, r.name, r.lon, r.lat) for r in rows],
    )


async def insert_buildings(tx: Tx, rows: Sequence[BuildingRow]) -> int:
    return await tx.run(
        """
        insert into places_building (id, compound_id, area_code, name, number, floors, lon, lat,
                                     footprint)
        select id, compound_id, area_code, name, number, floors, lon, lat, footprint::jsonb
          from unnest(:ids::uuid[], :compounds::uuid[], :areas::text[], :names::text[],
                      :numbers::text[], :floors::int[], :lons::float8[], :lats::float8[],
                      :footprints::text[])
               r(id, compound_id, area_code, name, number, floors, lon, lat, footprint)
        """,
        ids=[r.id for r in rows],
        compounds=[r.compound_id for r in rows],
        areas=[r.area_code for r in rows],
        names=[r.name for r in rows],
        numbers=[r.number for r in rows],
        floors=[r.floors for r in rows],
        lons=[r.lon for r in rows],
        lats=[r.lat for r in rows],
        footprints=[r.footprint for r in rows],
    )


async def insert_units(tx: Tx, rows: Sequence[UnitRow]) -> int:
    return await tx.copy(
        "places_unit",
        ("id", "building_id", "area_code", "name", "number", "has_lift"),
        [(r.id, r.building_id, r.area_code, r.name, r.number, r.has_lift) for r in rows],
    )


async def insert_dwellings(tx: Tx, rows: Sequence[DwellingRow]) -> int:
    return await tx.copy(
        "places_dwelling",
        ("id", "unit_id", "area_code", "floor", "room", "name"),
        [(r.id, r.unit_id, r.area_code, r.floor, r.room, r.name) for r in rows],
    )


# -- many at once ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AreaUpdate:
    """What an area is to become. `boundary` is GeoJSON text, or None for none."""

    code: str
    name: str
    grid_kind: str | None
    boundary: str | None
    centre_lon: float | None
    centre_lat: float | None


async def update_areas(tx: Tx, rows: Sequence[AreaUpdate]) -> int:
    """Many areas in one statement."""
    return await tx.run(
        """
        update places_area t
           set name = r.name, grid_kind = r.grid_kind, boundary = r.boundary::jsonb,
               centre_lon = r.lon, centre_lat = r.lat
          from unnest(:codes::text[], :names::text[], :grid_kinds::text[], :boundaries::text[],
                      :lons::float8[], :lats::float8[])
               r(code, name, grid_kind, boundary, lon, lat)
         where t.code = r.code and t.valid_to is null
        """,
        codes=[row.code for row in rows],
        names=[row.name for row in rows],
        grid_kinds=[row.grid_kind for row in rows],
        boundaries=[row.boundary for row in rows],
        lons=[row.centre_lon for row in rows],
        lats=[row.centre_lat for row in rows],
    )


async def delete_areas(tx: Tx, codes: Sequence[str]) -> int:
    """Areas that were opened by mistake and never used; the caller has looked."""
    return await tx.run(
        "delete from places_area where code = any(:codes::text[])", codes=list(codes)
    )


# -- areas that split and merge ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnitAt:
    """A unit of an area that is redrawn."""

    id: UUID
    building_id: UUID
    area_code: str
    name: str


@dataclass(frozen=True, slots=True)
class BuildingAt:
    """A building of an area that is redrawn, with its place and its doors."""

    id: UUID
    compound_id: UUID
    area_code: str
    name: str
    lon: float | None
    lat: float | None
    doors: int


@dataclass(frozen=True, slots=True)
class Renumbered:
    """Old code → new code for whole areas, and single rows by id."""

    codes: tuple[tuple[str, str], ...]
    single: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class Moving:
    """So many rows of an area."""

    area_code: str
    items: int


async def units_at(tx: Tx, codes: Sequence[str]) -> list[UnitAt]:
    """Units that hang on exactly these codes."""
    return await tx.many(
        UnitAt,
        """
        select id, building_id, area_code, name from places_unit
         where area_code = any(:codes::text[]) order by id
        """,
        codes=list(codes),
    )


async def buildings_at(tx: Tx, codes: Sequence[str], ids: Sequence[UUID]) -> list[BuildingAt]:
    """Buildings that hang on exactly these codes, and some by id."""
    return await tx.many(
        BuildingAt,
        """
        select b.id, b.compound_id, b.area_code, b.name, b.lon, b.lat,
               (select count(*) from places_unit u join places_dwelling d on d.unit_id = u.id
                 where u.building_id = b.id)::int as doors
          from places_building b
         where b.area_code = any(:codes::text[]) or b.id = any(:ids::uuid[])
         order by b.name, b.id
        """,
        codes=list(codes),
        ids=list(ids),
    )


async def buildings_below(tx: Tx, code: str) -> list[BuildingAt]:
    """Buildings of an area and of all below it."""
    return await tx.many(
        BuildingAt,
        """
        select b.id, b.compound_id, b.area_code, b.name, b.lon, b.lat,
               (select count(*) from places_unit u join places_dwelling d on d.unit_id = u.id
                 where u.building_id = b.id)::int as doors
          from places_building b
         where b.area_code >= :low and b.area_code < :high
         order by b.name, b.id
        """,
        low=code,
        high=code + ":",
    )


async def end_areas(tx: Tx, fates: Sequence[tuple[str, Sequence[str]]], valid_to: date) -> int:
    """Close many areas, each with those that came after it."""
    return await tx.run(
        """
        update places_area t
           set valid_to = :valid_to, successors = string_to_array(r.successors, ',')
          from unnest(:codes::text[], :successors::text[]) r(code, successors)
         where t.code = r.code
        """,
        codes=[code for code, _ in fates],
        successors=[",".join(after) for _, after in fates],
        valid_to=valid_to,
    )


async def renumber_buildings(tx: Tx, steps: Renumbered) -> int:
    """Buildings of whole areas, and single ones."""
    return await tx.run(
        """
        update places_building t set area_code = coalesce(
               (select s.code from unnest(:ids::uuid[], :singles::text[]) s(id, code)
                 where s.id = t.id),
               (select c.new from unnest(:old::text[], :new::text[]) c(old, new)
                 where c.old = t.area_code))
         where t.area_code = any(:old::text[]) or t.id = any(:ids::uuid[])
        """,
        old=[old for old, _ in steps.codes],
        new=[new for _, new in steps.codes],
        ids=[id_ for id_, _ in steps.single],
        singles=[code for _, code in steps.single],
    )


async def renumber_units(tx: Tx, steps: Renumbered) -> int:
    """Units of whole areas, and single ones."""
    return await tx.run(
        """
        update places_unit t set area_code = coalesce(
               (select s.code from unnest(:ids::uuid[], :singles::text[]) s(id, code)
                 where s.id = t.id),
               (select c.new from unnest(:old::text[], :new::text[]) c(old, new)
                 where c.old = t.area_code))
         where t.area_code = any(:old::text[]) or t.id = any(:ids::uuid[])
        """,
        old=[old for old, _ in steps.codes],
        new=[new for _, new in steps.codes],
        ids=[id_ for id_, _ in steps.single],
        singles=[code for _, code in steps.single],
    )


async def doors_follow_units(tx: Tx, old: Sequence[str]) -> list[Moving]:
    """Doors under closed codes go where their units went. Answers how many by new code."""
    return await tx.many(
        Moving,
        """
        with moved as (
            update places_dwelling d set area_code = u.area_code
              from places_unit u
             where u.id = d.unit_id and d.area_code = any(:old::text[])
               and u.area_code <> d.area_code
            returning d.area_code)
        select area_code, count(*)::int as items from moved group by area_code order by area_code
        """,
        old=list(old),
    )


async def compounds_follow_buildings(tx: Tx, old: Sequence[str]) -> int:
    """Compounds under closed codes go where all their buildings went; one that parts goes to the
    area above."""
    return await tx.run(
        """
        update places_compound t
           set area_code = case when b.low = b.high then b.low
                                else left(t.area_code, greatest(6, length(t.area_code) - 3)) end
          from (select compound_id, min(area_code) as low, max(area_code) as high
                  from places_building group by compound_id) b
         where b.compound_id = t.id and t.area_code = any(:old::text[])
        """,
        old=list(old),
    )


async def names_follow_things(tx: Tx, old: Sequence[str]) -> int:
    """Nicknames go where their estate or house went."""
    return await tx.run(
        """
        update places_alias t set area_code = coalesce(
               (select c.area_code from places_compound c where c.id = t.compound_id),
               (select b.area_code from places_building b where b.id = t.building_id))
         where t.area_code = any(:old::text[])
        """,
        old=list(old),
    )


# -- stairwells that go to another area --------------------------------------------------------


async def lock_ground(tx: Tx, prefixes: Sequence[str]) -> int:
    """Every open area below: whoever redraws one of them waits, or has done it already."""
    return len(
        await tx.many(
            str,
            """
            select code from places_area t
             where valid_to is null
               and exists (select 1 from unnest(:prefixes::text[]) p(code)
                            where t.code >= p.code and t.code < p.code || ':')
             order by code for update of t
            """,
            prefixes=list(prefixes),
        )
    )


async def lock_units(tx: Tx, ids: Sequence[UUID]) -> list[UnitAt]:
    """Units that are about to change hands; `name` is what people call them, with their building."""
    return await tx.many(
        UnitAt,
        """
        select u.id, u.building_id, u.area_code, b.name || u.name as name
          from places_unit u join places_building b on b.id = u.building_id
         where u.id = any(:ids::uuid[]) order by u.id for update of u
        """,
        ids=list(ids),
    )


async def give_units(tx: Tx, goes: Sequence[tuple[UUID, str]]) -> int:
    """Each to its area."""
    return await tx.run(
        """
        update places_unit t set area_code = r.code
          from unnest(:ids::uuid[], :codes::text[]) r(id, code) where t.id = r.id
        """,
        ids=[id_ for id_, _ in goes],
        codes=[code for _, code in goes],
    )


async def insert_unit_moves(
    tx: Tx,
    rows: Sequence[tuple[UUID, UUID, str, str]],
    *,
    day: date,
    cause: UUID | None,
    reason: str,
) -> int:
    """Rows are (id, unit, from, to)."""
    return await tx.run(
        """
        insert into places_unit_move (id, unit_id, area_code, from_code, on_day, at, by_id, cause,
                                      reason)
        select id, unit_id, went, was, :day, :now, :by, :cause, :reason
          from unnest(:ids::uuid[], :units::uuid[], :was::text[], :went::text[])
               r(id, unit_id, was, went)
        """,
        ids=[row[0] for row in rows],
        units=[row[1] for row in rows],
        was=[row[2] for row in rows],
        went=[row[3] for row in rows],
        day=day,
        now=tx.now,
        by=tx.actor.id,
        cause=cause,
        reason=reason,
    )


async def buildings_meet_units(tx: Tx, ids: Sequence[UUID]) -> int:
    """A building belongs to the deepest area that holds all of its stairwells."""
    return await tx.run(
        """
        update places_building t set area_code = m.code
          from (select building_id,
                       (select left(min(u.area_code), n)
                          from unnest(array[18, 15, 12, 9, 6]) n
                         where left(min(u.area_code), n) = left(max(u.area_code), n)
                         order by n desc limit 1) as code
                  from places_unit u where u.building_id = any(:ids::uuid[])
                 group by building_id) m
         where t.id = m.building_id and t.area_code <> m.code
        """,
        ids=list(ids),
    )


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a compound was filed before."""

    id: UUID
    area_code: str


async def compounds_above_buildings(tx: Tx, buildings: Sequence[UUID]) -> list[Filed]:
    """A compound is filed no deeper than the area that holds all of its buildings. Answers those
    that had to be filed higher up, with the code they had."""
    return await tx.many(
        Filed,
        """
        with met as (
            select c.id, c.area_code as was,
                   (select left(min(b.area_code), n)
                      from unnest(array[18, 15, 12, 9, 6]) n
                     where left(min(b.area_code), n) = left(max(b.area_code), n)
                     order by n desc limit 1) as code
              from places_compound c join places_building b on b.compound_id = c.id
             where c.id in (select compound_id from places_building
                             where id = any(:ids::uuid[]))
             group by c.id, c.area_code),
        filed as (
            update places_compound t set area_code = m.code from met m
             where t.id = m.id and not starts_with(m.code, m.was)
            returning t.id, m.was)
        select id, was as area_code from filed order by id
        """,
        ids=list(buildings),
    )


async def file_compounds(tx: Tx, codes: Mapping[UUID, str]) -> int:
    """Compounds back to where they were filed, as long as that still holds their buildings."""
    return await tx.run(
        """
        update places_compound t set area_code = r.code
          from unnest(:ids::uuid[], :codes::text[]) r(id, code)
         where t.id = r.id
           and not exists (select 1 from places_building b
                            where b.compound_id = t.id and not starts_with(b.area_code, r.code))
        """,
        ids=list(codes),
        codes=list(codes.values()),
    )
