"""The closed list of an area's doors, for addresses as people write them (`wangge.matching`)."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.cache import Cached
from wangge.kernel.database import Tx
from wangge.matching import Door, Doors
from wangge.places.atlas import ATLAS

#: Doors of all lists kept in memory together; the list asked for last stays, whatever its length.
DOORS_KEPT = 150_000


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
    """Every door below an area code ("" for the district): kept while no place changes, otherwise
    read in one statement. Whoever is given it shares it.

    Not narrowed to the asker's reach: the caller has checked that the area is within it.
    """
    versions = await tx.versions()
    return await (await _LISTS.get(tx, versions)).of(tx, area_prefix, versions)


class _Lists:
    """Lists of a district as of one version of its places, those asked for last."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, Doors] = OrderedDict()

    async def of(self, tx: Tx, area_prefix: str, versions: Mapping[str, int]) -> Doors:
        """The list of an area, made when it is first asked for."""
        found = self._of.get(area_prefix)
        if found is None:
            found = self._of[area_prefix] = await _made(tx, area_prefix, versions)
        self._of.move_to_end(area_prefix)
        while len(self._of) > 1 and sum(map(len, self._of.values())) > DOORS_KEPT:
            self._of.popitem(last=False)
        return found


async def _no_lists_yet(tx: Tx) -> _Lists:
    del tx
    return _Lists()


_LISTS = Cached("places", _no_lists_yet)


async def _made(tx: Tx, area_prefix: str, versions: Mapping[str, int]) -> Doors:
    atlas = await ATLAS.get(tx, versions)
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
    # A county's hundred thousand doors take half a second to sort, in which the loop serves others.
    return await asyncio.to_thread(lambda: Doors(_doors(stairwells), names))


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
