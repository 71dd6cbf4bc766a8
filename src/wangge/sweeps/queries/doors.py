"""Single doors: where one is, what was said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.sweeps.queries.roads import LABEL, ROOM, naming


@dataclass(frozen=True, slots=True)
class DoorPlace:
    """Where a door is, and the title of its round. `unit_id` is None where it is no stairwell's."""

    title: str
    label: str
    unit_id: UUID | None
    dwelling_id: UUID | None


async def place_of(tx: Tx, round_id: UUID, door_id: UUID) -> DoorPlace | None:
    """A door's place, as the reader may know it; None when the roster was deleted meanwhile."""
    return await tx.maybe(
        DoorPlace,
        """
        select r.title, coalesce(c.name || ' ', k.label || ' ', '') || s.label
                   || case when t.what = '' or s.room = s.label then '' else ' ' || s.room end
                   as label, u.id as unit_id, t.dwelling_id
          from sweeps_door t
         cross join lateral (select """
        + ROOM
        + ", "
        + LABEL
        + """) s
          join sweeps_round r on r.id = t.round_id
          left join places_dwelling w on w.id = t.dwelling_id
          left join places_unit u on u.id = coalesce(w.unit_id, t.block_id)
          left join places_building b on b.id = u.building_id
          left join places_compound c on c.id = b.compound_id
          left join sweeps_block k on k.round_id = t.round_id and k.id = t.block_id
               and k.kind = 'road'
         where t.round_id = :round_id and t.id = :door_id
        """,
        round_id=round_id,
        door_id=door_id,
        **naming(tx),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """One report in a door's history. `filled_name` is whoever filled the paper it was typed from."""

    door_id: UUID
    id: UUID
    n: int
    by_name: str
    filled_name: str
    outcome: str | None
    how: str
    undoes: UUID | None
    decides: bool
    claimed_at: datetime | None
    clock_off: int | None
    at: datetime


async def histories(
    tx: Tx, reach: Reach, round_id: UUID, doors: Sequence[UUID]
) -> dict[UUID, list[Told]]:
    """Everything ever said of these doors within reach, each in the order it came."""
    found: dict[UUID, list[Told]] = {}
    for row in await tx.many(
        Told,
        """
        select r.door_id, r.id, r.n, coalesce(s.name, '') as by_name,
               coalesce(f.name, '') as filled_name, r.outcome, r.how, r.undoes,
               r.decides, r.claimed_at, r.clock_off, r.at
          from sweeps_report r
          join sweeps_door d on d.round_id = r.round_id and d.id = r.door_id
          left join people_staff s on s.id = r.by_id
          left join people_staff f on f.id = r.for_id and r.for_id <> r.by_id
         where r.round_id = :round_id and r.door_id = any(:doors::uuid[])
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) h(lo, hi)
                         where d.area_code >= h.lo and d.area_code < h.hi)
                or d.block_id = any(:reach_units::uuid[]))
         order by r.door_id, r.n
        """,
        round_id=round_id,
        doors=list(doors),
        **reach.values(),
    ):
        found.setdefault(row.door_id, []).append(row)
    return found


async def block_of(tx: Tx, reach: Reach, round_id: UUID, door_id: UUID) -> UUID:
    """The door to one door: the block it belongs to, within reach or shared with the asker. Raises
    NotFound."""
    return await tx.one(
        UUID,
        """
        select d.block_id from sweeps_door d
         where d.round_id = :round_id and d.id = :door_id
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where d.area_code >= r.lo and d.area_code < r.hi)
                or d.block_id = any(:reach_units::uuid[])
                or exists (select 1 from places_unit u
                            where u.id = d.block_id
                              and u.building_id = any(:reach_buildings::uuid[]))
                or exists (select 1 from sweeps_share s
                            where s.round_id = d.round_id and s.block_id = d.block_id
                              and s.worker_id = :me and s.until_at is null))
        """,
        round_id=round_id,
        door_id=door_id,
        me=tx.actor.id,
        **reach.values(),
    )


async def covers(tx: Tx, reach: Reach, round_id: UUID, door_id: UUID) -> bool:
    """Whether a reach takes in the door's own area, stairwell or building."""
    return await tx.one(
        bool,
        """
        select exists (
            select 1 from sweeps_door d
             where d.round_id = :round_id and d.id = :door_id
               and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                             where d.area_code >= r.lo and d.area_code < r.hi)
                    or d.block_id = any(:reach_units::uuid[])
                    or exists (select 1 from places_unit u
                                where u.id = d.block_id
                                  and u.building_id = any(:reach_buildings::uuid[]))))
        """,
        round_id=round_id,
        door_id=door_id,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class Filler:
    """Somebody who may have filled the paper of a block. `here`: it was dealt to them."""

    id: UUID
    name: str
    here: bool


#: People offered as those who filled a paper.
FILLERS_MAX = 200


async def fillers(tx: Tx, round_id: UUID, block_id: UUID) -> list[Filler]:
    """Whom a paper of this block may be from: those it is or was dealt to, then whoever walks
    another block of its community in this round."""
    return await tx.many(
        Filler,
        """
        select s.worker_id as id, p.name, bool_or(s.block_id = :block_id) as here
          from sweeps_block h
          join sweeps_block b on b.round_id = h.round_id
               and left(b.area_code, 12) = left(h.area_code, 12)
          join sweeps_share s on s.round_id = b.round_id and s.block_id = b.id
          join people_staff p on p.id = s.worker_id
         where h.round_id = :round_id and h.id = :block_id
         group by s.worker_id, p.name
         order by here desc, p.name, s.worker_id
         limit :most
        """,
        round_id=round_id,
        block_id=block_id,
        most=FILLERS_MAX,
    )


@dataclass(frozen=True, slots=True)
class SaidOf:
    """What was said of a door in one report besides the outcome; `words` are sealed."""

    report_id: UUID
    answers: dict[str, Any]
    words: bytes | None


async def said_of(tx: Tx, round_id: UUID, door_id: UUID) -> dict[UUID, SaidOf]:
    """Answers and words of one door, by report, behind the second lock; its door is open."""
    return {
        row.report_id: row
        for row in await tx.many(
            SaidOf,
            """
            select report_id, answers, words from sweeps_said
             where round_id = :round_id and door_id = :door_id
            """,
            round_id=round_id,
            door_id=door_id,
        )
    }


async def standing(
    tx: Tx, round_id: UUID, reports: Sequence[tuple[UUID, UUID]], by_id: UUID
) -> list[UUID]:
    """Doors of these reports (door, report) of somebody's that were not taken back."""
    return await tx.many(
        UUID,
        """
        select r.door_id from unnest(:doors::uuid[], :ids::uuid[]) as w(door_id, id)
          join sweeps_report r on r.round_id = :round_id and r.door_id = w.door_id
               and r.id = w.id and r.by_id = :by_id
         where not exists (select 1 from sweeps_report u
                            where u.round_id = r.round_id and u.door_id = r.door_id
                              and u.undoes = r.id)
        """,
        round_id=round_id,
        doors=[door for door, _ in reports],
        ids=[id_ for _, id_ in reports],
        by_id=by_id,
    )
