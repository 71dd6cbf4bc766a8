"""The closed list of an area's doors, for addresses as people write them (`wangge.matching`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.matching import Door, Doors
from wangge.places.atlas import ATLAS


@dataclass(frozen=True, slots=True)
class StairwellRow:
    """One stairwell with all its doors, the three lists side by side."""

    unit_id: UUID
    unit: str
    area_code: str
    building: str
    building_aliases: tuple[str, ...]
    compound: str
    compound_aliases: tuple[str, ...]
    dwelling_ids: tuple[UUID, ...]
    rooms: tuple[str, ...]
    floors: tuple[int, ...]


async def closed_list(tx: Tx, area_prefix: str) -> Doors:
    """Every door below an area code ("" for the district), in one statement.

    Not narrowed to the asker's reach: the caller has checked that the area is within it.
    """
    atlas = await ATLAS.get(tx)
    stairwells = await tx.many(
        StairwellRow,
        """
        select u.id as unit_id, coalesce(nullif(btrim(u.number), ''), u.name) as unit, u.area_code,
               b.name as building,
               case when btrim(b.number) in ('', b.name) then '{}'::text[]
                    else array[btrim(b.number)] end
               || coalesce((select array_agg(a.name order by a.name) from places_alias a
                             where a.building_id = b.id), '{}') as building_aliases,
               c.name as compound,
               coalesce((select array_agg(a.name order by a.name) from places_alias a
                          where a.compound_id = c.id), '{}') as compound_aliases,
               d.ids as dwelling_ids, d.rooms, d.floors
          from places_unit u
          join places_building b on b.id = u.building_id
          join places_compound c on c.id = b.compound_id
          join lateral (
               select array_agg(id order by floor, room) as ids,
                      array_agg(room order by floor, room) as rooms,
                      array_agg(floor order by floor, room) as floors
                 from places_dwelling where unit_id = u.id) d on d.ids is not null
         where u.area_code >= :low and u.area_code < :high
         order by c.area_code, c.name, b.number, u.number, u.id
        """,
        low=area_prefix,
        high=area_prefix + ":",
    )
    names = {area.code: area.name for area in atlas.open_areas()}
    return Doors(_doors(stairwells), names)


def _doors(stairwells: list[StairwellRow]) -> Iterator[Door]:
    for at in stairwells:
        for dwelling_id, room, floor in zip(at.dwelling_ids, at.rooms, at.floors, strict=True):
            yield Door(
                dwelling_id,
                at.unit_id,
                at.area_code,
                at.compound,
                at.compound_aliases,
                at.building,
                at.building_aliases,
                at.unit,
                room,
                floor,
            )
