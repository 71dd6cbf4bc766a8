"""What a proposal of who takes which floors is made from: three statements whatever the number."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.actors import area_range
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class SplitBlock:
    """A block of the round: its floors (a road's stops count down from -1), where it stands."""

    id: UUID
    area_code: str
    kind: str
    label: str
    lift: bool
    building_id: UUID | None
    lon: float | None
    lat: float | None
    floor_from: int
    floor_to: int


async def blocks(
    tx: Tx, round_id: UUID, area_code: str, most: int, only: Sequence[UUID] = ()
) -> list[SplitBlock]:
    """Blocks of an area, in the order of their places; of these alone, where any are named."""
    low, high = area_range(area_code)
    return await tx.many(
        SplitBlock,
        """
        select b.id, b.area_code, b.kind, b.label, coalesce(u.has_lift, false) as lift,
               u.building_id, g.lon, g.lat, d.floor_from, d.floor_to
          from sweeps_block b
          join (select block_id, min(floor) as floor_from, max(floor) as floor_to
                  from sweeps_door
                 where round_id = :round_id and area_code >= :low and area_code < :high
                 group by block_id) d on d.block_id = b.id
          left join places_unit u on u.id = b.id
          left join places_building g on g.id = u.building_id
         where b.round_id = :round_id and b.area_code >= :low and b.area_code < :high
           and (cardinality(:only::uuid[]) = 0 or b.id = any(:only::uuid[]))
         order by b.area_code, b.label, b.id
         limit :most
        """,
        round_id=round_id,
        low=low,
        high=high,
        most=most,
        only=list(only),
    )


@dataclass(frozen=True, slots=True)
class FloorLeft:
    """Doors of a floor that are still to be walked to."""

    block_id: UUID
    floor: int
    doors: int


async def floors_left(
    tx: Tx, round_id: UUID, area_code: str, again: Sequence[str]
) -> list[FloorLeft]:
    """What is left, floor by floor: doors without a report, and those whose outcome asks to go
    `again`."""
    low, high = area_range(area_code)
    return await tx.many(
        FloorLeft,
        """
        select d.block_id, d.floor, count(*)::int as doors
          from sweeps_standing s
          join sweeps_door d on d.round_id = s.round_id and d.id = s.id
         where s.round_id = :round_id
           and (s.outcome is null or s.outcome = any(:again::text[]))
           and d.area_code >= :low and d.area_code < :high
         group by d.block_id, d.floor order by d.block_id, d.floor desc
        """,
        round_id=round_id,
        low=low,
        high=high,
        again=list(again),
    )


@dataclass(frozen=True, slots=True)
class Held:
    """A share somebody has now."""

    id: UUID
    block_id: UUID
    worker_id: UUID
    floor_from: int
    floor_to: int


async def held(tx: Tx, round_id: UUID, area_code: str, team: str) -> list[Held]:
    """Who of a team (`doors`, `home`) has what in an area, in the order it was given."""
    low, high = area_range(area_code)
    return await tx.many(
        Held,
        """
        select s.id, s.block_id, s.worker_id, s.floor_from, s.floor_to
          from sweeps_share s
          join sweeps_block b on b.round_id = s.round_id and b.id = s.block_id
         where s.round_id = :round_id and s.until_at is null and s.team = :team
           and b.area_code >= :low and b.area_code < :high
         order by s.from_at, s.id
        """,
        round_id=round_id,
        low=low,
        high=high,
        team=team,
    )


@dataclass(frozen=True, slots=True)
class HomeDoor:
    """A door where somebody is visited at home: persons on the list made beforehand, one where a visit
    was only asked for."""

    id: UUID
    block_id: UUID
    area_code: str
    floor: int
    room: str
    visits: int


async def home_doors(
    tx: Tx,
    round_id: UUID,
    area_code: str,
    settled: Sequence[str],
    most: int,
    *,
    unsent: bool = False,
) -> list[HomeDoor]:
    """Doors left for the home team, along the stairwells: somebody there cannot come out, or a visit was
    asked for, and nothing that settles it was said. `unsent`: of these, doors that nobody of a home
    team has."""
    low, high = area_range(area_code)
    return await tx.many(
        HomeDoor,
        """
        select t.id, t.block_id, t.area_code, t.floor, t.room, greatest(cardinality(t.special), 1) as visits
          from sweeps_standing t
          join sweeps_block b on b.round_id = t.round_id and b.id = t.block_id
         where t.round_id = :round_id and not t.gone and t.what = ''
           and (cardinality(t.special) > 0 or t.outcome = 'visit')
           and (t.outcome is null or not t.outcome = any(:settled::text[]))
           and t.area_code >= :low and t.area_code < :high
           and not (:unsent::bool and exists (
                select 1 from sweeps_share s
                 where s.round_id = t.round_id and s.block_id = t.block_id and s.team = 'home'
                   and s.until_at is null and t.floor between s.floor_from and s.floor_to))
         order by t.area_code, b.label, t.block_id, t.floor desc, t.room, t.id
         limit :most
        """,
        round_id=round_id,
        low=low,
        high=high,
        settled=list(settled),
        unsent=unsent,
        most=most,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A community of the round, or the smaller area it was opened over."""

    area_code: str
    blocks: int
    doors: int


async def parts(tx: Tx, round_id: UUID, low: str, high: str) -> list[Part]:
    """Communities of a round within some range of codes."""
    return await tx.many(
        Part,
        """
        select left(area_code, 12) as area_code, count(*)::int as blocks,
               sum(total)::int as doors
          from sweeps_block
         where round_id = :round_id and area_code >= :low and area_code < :high
         group by 1 order by 1 limit 1000
        """,
        round_id=round_id,
        low=low,
        high=high,
    )
