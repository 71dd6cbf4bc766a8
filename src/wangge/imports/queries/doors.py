"""Doors and houses by what they are called."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class DoorCalled:
    id: UUID
    compound: str
    name: str


@dataclass(frozen=True, slots=True)
class House:
    """A house with its estate."""

    compound_id: UUID
    compound: str
    id: UUID
    name: str


async def doors_called(tx: Tx, area_code: str, text: str, limit: int) -> list[DoorCalled]:
    """Doors below an area whose name holds a text, in the order of houses and floors."""
    return await tx.many(
        DoorCalled,
        """
        select d.id, c.name as compound, d.name
          from places_dwelling d
          join places_unit u on u.id = d.unit_id
          join places_building b on b.id = u.building_id
          join places_compound c on c.id = b.compound_id
         where d.area_code >= :low and d.area_code < :high
           and strpos(c.name || d.name, :text) > 0
         order by c.name, length(b.number), b.number, u.number, d.floor, d.room
         limit :limit
        """,
        low=area_code,
        high=area_code + ":",
        text=text,
        limit=limit,
    )


async def houses(tx: Tx, area_code: str, limit: int) -> list[House]:
    """Houses below an area, 2 before 10."""
    return await tx.many(
        House,
        """
        select c.id as compound_id, c.name as compound, b.id, b.name
          from places_building b join places_compound c on c.id = b.compound_id
         where b.area_code >= :low and b.area_code < :high
         order by c.name, c.id, length(b.number), b.number, b.id
         limit :limit
        """,
        low=area_code,
        high=area_code + ":",
        limit=limit,
    )
