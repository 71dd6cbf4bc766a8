"""Stairwells by their code. A place is public; who lives there is not asked."""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Stairwell:
    """A unit as people say it: 杏花苑 1幢1单元. `lon` and `lat` are its building's, WGS-84."""

    id: UUID
    name: str
    area_code: str
    lon: float | None
    lat: float | None


#: Named with the house, which a unit's own name may or may not begin with.
_STAIRWELLS: LiteralString = """
        select u.id,
               c.name || ' ' || case when starts_with(u.name, b.name) then '' else b.name end
                      || u.name as name,
               u.area_code, b.lon, b.lat
          from places_unit u
          join places_building b on b.id = u.building_id
          join places_compound c on c.id = b.compound_id
"""

#: Of an area range, and single ones, in the order of their houses, from one on.
_OF_AREA: LiteralString = """
         where ((u.area_code >= :low and u.area_code < :high)
                or u.id = any(:units::uuid[]) or u.building_id = any(:buildings::uuid[]))
           and (:after::uuid is null
                or (c.name, length(b.number), b.number, length(u.number), u.number, u.id)
                   > (select pc.name, length(pb.number), pb.number, length(pu.number), pu.number,
                             pu.id
                        from places_unit pu
                        join places_building pb on pb.id = pu.building_id
                        join places_compound pc on pc.id = pb.compound_id
                       where pu.id = :after))
         order by c.name, length(b.number), b.number, length(u.number), u.number, u.id
         limit :limit
"""


async def stairwell(tx: Tx, unit_id: UUID) -> Stairwell | None:
    """One stairwell, whoever asks: its code hangs on its door."""
    return await tx.maybe(
        Stairwell,
        _STAIRWELLS
        + """
         where u.id = :unit_id
        """,
        unit_id=unit_id,
    )


async def stairwells(
    tx: Tx,
    *,
    low: str,
    high: str,
    units: list[UUID],
    buildings: list[UUID],
    limit: int,
    after: UUID | None = None,
) -> list[Stairwell]:
    """Stairwells of an area range, and single ones, in the order of their houses; from the one
    behind `after` on."""
    return await tx.many(
        Stairwell,
        _STAIRWELLS + _OF_AREA,
        low=low,
        high=high,
        units=units,
        buildings=buildings,
        after=after,
        limit=limit,
    )
