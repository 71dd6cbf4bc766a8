"""What a round would be divided over, read before it is opened: its floors and its stairwells."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.actors import area_range
from wangge.kernel.database import Tx
from wangge.sweeps.queries.rounds import HOMES, homes_values
from wangge.sweeps.queries.stops import THINGS


@dataclass(frozen=True, slots=True)
class FloorAhead:
    """Doors on one floor of a block that the round would have; `road` is its street or village, None for a
    stairwell."""

    block_id: UUID
    area_code: str
    road: str | None
    floor: int
    doors: int


async def floors_of_homes(
    tx: Tx,
    *,
    areas: Sequence[str],
    lived: bool,
    empty: bool,
    wanted: Sequence[str],
    units: Sequence[UUID],
    roads: bool,
    most: int,
) -> list[FloorAhead]:
    """By the rule that freezes homes, floor by floor."""
    return await tx.many(
        FloorAhead,
        """
        select coalesce(v.block_id, d.unit_id) as block_id, min(d.area_code) as area_code,
               min(v.road) as road, coalesce(v.place, d.floor) as floor, count(*)::int as doors
        """
        + HOMES
        + """
         group by 1, 4 order by 2, 1, 4 desc limit :most
        """,
        most=most,
        **homes_values(tx, areas, lived, empty, wanted, units, roads),
    )


async def floors_of_things(
    tx: Tx, *, areas: Sequence[str], things: Sequence[str], most: int
) -> list[FloorAhead]:
    """By the rule that freezes entries of registers, stop by stop."""
    ranges = [area_range(code) for code in areas]
    return await tx.many(
        FloorAhead,
        """
        select s.block_id, s.area_code, s.road, s.place as floor, 1 as doors
          from """
        + THINGS
        + """ s
         order by 2, 1, 4 desc limit :most
        """,
        most=most,
        things=list(things),
        lows=[low for low, _ in ranges],
        highs=[high for _, high in ranges],
    )


@dataclass(frozen=True, slots=True)
class Entrance:
    """A stairwell as a round names it, whether a lift runs, and where its house stands."""

    id: UUID
    label: str
    lift: bool
    building_id: UUID
    lon: float | None
    lat: float | None


async def entrances(tx: Tx, units: Sequence[UUID]) -> list[Entrance]:
    """Stairwells by id."""
    return await tx.many(
        Entrance,
        """
        select u.id, coalesce(c.name || ' ', '')
                   || case when starts_with(u.name, b.name) then '' else b.name end
                   || u.name as label,
               u.has_lift as lift, u.building_id, b.lon, b.lat
          from places_unit u
          join places_building b on b.id = u.building_id
          left join places_compound c on c.id = b.compound_id
         where u.id = any(:units::uuid[])
        """,
        units=list(units),
    )
