"""Rosters: blocks, doors as they stand, masked names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.sweeps.model import Round
from wangge.sweeps.queries.roads import LABEL, ROOM, naming
from wangge.sweeps.queries.rounds import COLUMNS


@dataclass(frozen=True, slots=True)
class MyBlockRow:
    """A block with a live share of the asker's, and how many doors are theirs: those they knock at, on
    `floors`, and those they visit at home, on `visits`. `whole`: nobody else knocks there."""

    round_id: UUID
    id: UUID
    area_code: str
    label: str
    total: int
    reported: int
    floors: list[list[int]]
    visits: list[list[int]]
    whole: bool
    wave: int | None
    called_at: datetime | None


async def my_blocks(tx: Tx) -> list[MyBlockRow]:
    """Blocks of open rounds that the asker has now."""
    return await tx.many(
        MyBlockRow,
        """
        select m.round_id, m.id, m.area_code, m.label, m.floors, m.visits, m.whole, m.wave,
               m.called_at, case when m.alone then m.total else v.total end as total,
               case when m.alone then m.reported else v.seen end as reported
          from (select g.*, g.whole and g.visits = '[]' as alone
                  from (select b.round_id, b.id, b.area_code, b.label, b.wave, b.called_at, b.total,
                               b.n_all + b.n_some + b.n_nobody + b.n_locked + b.n_vacant + b.n_away
                                   + b.n_refused + b.n_visit + b.n_exempt + b.n_moved as reported,
                               coalesce(jsonb_agg(jsonb_build_array(s.floor_from, s.floor_to)
                                                  order by s.floor_from)
                                            filter (where s.team = 'doors'), '[]') as floors,
                               coalesce(jsonb_agg(jsonb_build_array(s.floor_from, s.floor_to)
                                                  order by s.floor_from)
                                            filter (where s.team = 'home'), '[]') as visits,
                               bool_or(s.team = 'doors') and not exists (
                                   select 1 from sweeps_share o
                                    where o.round_id = b.round_id and o.block_id = b.id
                                      and o.until_at is null and o.team = 'doors'
                                      and o.worker_id <> :me) as whole
                          from sweeps_share s
                          join sweeps_round r on r.id = s.round_id and r.closed_at is null
                          join sweeps_block b on b.round_id = s.round_id and b.id = s.block_id
                         where s.worker_id = :me and s.until_at is null
                         group by b.round_id, b.id) g) m
          -- Whoever has a part of it counts that part: as done where they knock what was reported,
          -- where they visit what needs no visit any more.
          left join lateral (
               select count(*)::int as total,
                      (count(*) filter (where case when d.is_visited
                           then t.outcome not in ('some', 'visit', 'nobody', 'locked')
                           else t.outcome is not null end))::int as seen
                 from sweeps_standing t
                cross join lateral (
                      select (cardinality(t.special) > 0 or t.outcome = 'visit') and exists (
                                 select 1 from jsonb_array_elements(m.visits) f
                                  where t.floor between (f ->> 0)::int and (f ->> 1)::int)
                                 as is_visited) d
                where not m.alone and t.round_id = m.round_id and t.block_id = m.id and not t.gone
                  and (d.is_visited or (m.whole and m.floors <> '[]') or exists (
                      select 1 from jsonb_array_elements(m.floors) f
                       where t.floor between (f ->> 0)::int and (f ->> 1)::int))) v on true
         order by m.area_code, m.label, m.id
        """,
        me=tx.actor.id,
    )


async def rounds_by_id(tx: Tx, ids: Sequence[UUID]) -> list[Round]:
    """Rounds, the latest first; the caller has a share in each."""
    return await tx.many(
        Round,
        COLUMNS
        + """
         where r.id = any(:ids::uuid[])
         order by r.opened_at desc, r.id
        """,
        ids=list(ids),
    )


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A block with the floors that the asker knocks on, and those they go to for visits at home; `whole`
    when nobody else knocks there, or the asker has no part in it. `within`: the asker reads residents
    there. That, or having been sent there, opens what was said behind its doors."""

    id: UUID
    area_code: str
    kind: str
    label: str
    version: int
    floors: list[list[int]]
    visits: list[list[int]]
    whole: bool
    wave: int | None
    called_at: datetime | None
    within: bool

    @property
    def reads(self) -> bool:
        """Whether any of its doors may be read."""
        return self.within or bool(self.floors or self.visits)

    def reads_at(self, floor: int) -> bool:
        """Whether a door may be read. A road is a whole village: whoever was sent to some of its
        houses reads these."""
        if self.within or self.kind != "road":
            return self.reads
        return any(low <= floor <= high for low, high in (*self.floors, *self.visits))


async def blocks(
    tx: Tx, reach: Reach, reads: Reach, round_id: UUID, wanted: Sequence[UUID], limit: int
) -> list[BlockRow]:
    """Blocks by id, or by the entrance of a house on them, within reach or shared with the asker; the
    asker's own when none are named.
    `reads` is how far the asker reads residents."""
    return await tx.many(
        BlockRow,
        """
        select b.id, b.area_code, b.kind, b.label, b.version,
               coalesce(m.floors, '[]') as floors, coalesce(m.visits, '[]') as visits,
               coalesce(m.whole, true) as whole,
               b.wave, b.called_at,
               exists (select 1 from unnest(:reads_from::text[], :reads_to::text[]) r(lo, hi)
                               where b.area_code >= r.lo and b.area_code < r.hi)
                   -- Whoever was sent to a road is lent it (api.lent), for their own houses.
                   or (b.kind <> 'road' and b.id = any(:reads_units::uuid[]))
                   or exists (select 1 from places_unit u
                               where u.id = b.id and u.building_id = any(:reads_buildings::uuid[]))
                   as within
          from sweeps_block b
          left join lateral (
               select coalesce(jsonb_agg(jsonb_build_array(s.floor_from, s.floor_to)
                                         order by s.floor_from)
                                   filter (where s.team = 'doors'), '[]') as floors,
                      coalesce(jsonb_agg(jsonb_build_array(s.floor_from, s.floor_to)
                                         order by s.floor_from)
                                   filter (where s.team = 'home'), '[]') as visits,
                      bool_or(s.team = 'doors')
                          and not exists (select 1 from sweeps_share o
                                   where o.round_id = b.round_id and o.block_id = b.id
                                     and o.until_at is null and o.team = 'doors'
                                     and o.worker_id <> :me) as whole
                 from sweeps_share s
                where s.round_id = b.round_id and s.block_id = b.id and s.worker_id = :me
                  and s.until_at is null
               having count(*) > 0) m on true
         where b.round_id = :round_id
           and case when cardinality(:wanted::uuid[]) > 0
                    then b.id = any(:wanted::uuid[])
                         or (b.kind = 'road' and exists (
                             select 1 from sweeps_door d
                               join places_dwelling w on w.id = d.dwelling_id
                              where d.round_id = b.round_id and d.block_id = b.id and d.what = ''
                                and w.unit_id = any(:wanted::uuid[])))
                    else m.floors is not null end
           and (m.floors is not null
                or exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where b.area_code >= r.lo and b.area_code < r.hi)
                or b.id = any(:reach_units::uuid[])
                or exists (select 1 from places_unit u
                            where u.id = b.id and u.building_id = any(:reach_buildings::uuid[])))
         order by b.area_code, b.label, b.id
         limit :limit
        """,
        round_id=round_id,
        wanted=list(wanted),
        me=tx.actor.id,
        limit=limit,
        **reach.values(),
        **{name.replace("reach", "reads"): value for name, value in reads.values().items()},
    )


@dataclass(frozen=True, slots=True)
class DoorRow:
    """A door as it stands."""

    id: UUID
    block_id: UUID
    floor: int
    room: str
    label: str
    people: tuple[UUID, ...]
    special: tuple[UUID, ...]
    joined: str
    gone: bool
    prior: str | None
    outcome: str | None
    persons: dict[str, str] | None
    needs: tuple[str, ...]
    answers: dict[str, Any]
    version: int
    flagged: tuple[str, ...]
    tries: int
    what: str


async def doors(
    tx: Tx, round_id: UUID, blocks_: Sequence[UUID], marks: Sequence[int]
) -> list[DoorRow]:
    """Doors of these blocks that changed after each block's mark (-1 for all of them), top floor
    first, with the answers that stand."""
    return await tx.many(
        DoorRow,
        "select t.id, t.block_id, t.floor, "
        + ROOM
        + ", "
        + LABEL
        + """, t.people, t.special, t.joined, t.gone,
               t.prior, t.outcome, t.persons, t.needs,
               coalesce((select s.answers from sweeps_said s
                          where s.round_id = t.round_id and s.door_id = t.id
                            and s.report_id in (t.id, t.report_id)
                          order by s.report_id = t.id desc limit 1), '{}') as answers,
               t.version, t.flagged, t.tries, t.what
          from unnest(:blocks::uuid[], :marks::bigint[]) as w(block_id, mark)
          join sweeps_standing t on t.round_id = :round_id and t.block_id = w.block_id
               and t.mark > w.mark
         order by t.block_id, t.floor desc, t.room, t.id
        """,
        round_id=round_id,
        blocks=list(blocks_),
        marks=list(marks),
        **naming(tx),
    )


@dataclass(frozen=True, slots=True)
class BeforeRow:
    """What stood for a door in the round before, with its answers."""

    id: UUID
    at: datetime
    answers: dict[str, Any]
    flagged: tuple[str, ...]


async def before(
    tx: Tx, round_id: UUID, doors_: Sequence[UUID], since: datetime
) -> list[BeforeRow]:
    """What the round before, of the same kind, was told at these doors since a moment, behind the
    second lock."""
    return await tx.many(
        BeforeRow,
        """
        select t.id, t.at, s.answers, t.flagged
          from sweeps_round r
          join sweeps_round p on p.id = r.previous_id and p.kind = r.kind
          join sweeps_standing t on t.round_id = p.id and t.id = any(:doors::uuid[])
          join lateral (select o.answers from sweeps_said o
                         where o.round_id = t.round_id and o.door_id = t.id
                           and o.report_id in (t.id, t.report_id) and o.answers <> '{}'
                         order by o.report_id = t.id desc limit 1) s on true
         where r.id = :round_id and t.at >= :since and not t.gone
        """,
        round_id=round_id,
        doors=list(doors_),
        since=since,
    )


@dataclass(frozen=True, slots=True)
class Mask:
    """A resident's masked name."""

    id: UUID
    name_mask: str


async def masks(tx: Tx, ids: Sequence[UUID]) -> list[Mask]:
    """Masked names, behind the second lock."""
    return await tx.many(
        Mask,
        "select id, name_mask from people_resident where id = any(:ids::uuid[])",
        ids=list(ids),
    )


@dataclass(frozen=True, slots=True)
class HeldBlock:
    """A block that the asker has a share of now."""

    id: UUID
    area_code: str


async def my_blocks_in(tx: Tx, round_id: UUID) -> list[HeldBlock]:
    """The asker's blocks of one round."""
    return await tx.many(
        HeldBlock,
        """
        select distinct b.id, b.area_code
          from sweeps_share s
          join sweeps_block b on b.round_id = s.round_id and b.id = s.block_id
         where s.round_id = :round_id and s.worker_id = :me and s.until_at is null
        """,
        round_id=round_id,
        me=tx.actor.id,
    )
