"""Shares: who walks which floors."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A share to be given from now on."""

    id: UUID
    round_id: UUID
    block_id: UUID
    worker_id: UUID
    floor_from: int
    floor_to: int
    team: str


async def insert(tx: Tx, rows: Sequence[ShareRow]) -> int:
    """Give shares."""
    return await tx.run(
        """
        insert into sweeps_share (id, round_id, block_id, worker_id, floor_from, floor_to,
                                  team, from_at, given_by)
        select u.*, :now, :me
          from unnest(:ids::uuid[], :rounds::uuid[], :blocks::uuid[], :workers::uuid[],
                      :lows::int[], :highs::int[], :teams::text[]) u
        """,
        ids=[row.id for row in rows],
        rounds=[row.round_id for row in rows],
        blocks=[row.block_id for row in rows],
        workers=[row.worker_id for row in rows],
        lows=[row.floor_from for row in rows],
        highs=[row.floor_to for row in rows],
        teams=[row.team for row in rows],
        now=tx.now,
        me=tx.actor.id,
    )


@dataclass(frozen=True, slots=True)
class LiveShare:
    """A share somebody has now."""

    id: UUID
    block_id: UUID
    area_code: str
    floor_from: int
    floor_to: int
    team: str


async def live_shares(tx: Tx, round_id: UUID, worker_id: UUID) -> list[LiveShare]:
    """What one worker has now."""
    return await tx.many(
        LiveShare,
        """
        select s.id, s.block_id, b.area_code, s.floor_from, s.floor_to, s.team
          from sweeps_share s
          join sweeps_block b on b.round_id = s.round_id and b.id = s.block_id
         where s.round_id = :round_id and s.worker_id = :worker_id and s.until_at is null
         order by b.area_code, s.block_id, s.floor_from
           for update of s
        """,
        round_id=round_id,
        worker_id=worker_id,
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """Floors that somebody of the home team has now."""

    round_id: UUID
    block_id: UUID
    area_code: str
    worker_id: UUID
    floor_from: int
    floor_to: int


async def visits_of(tx: Tx, rounds_: Sequence[UUID]) -> list[Visit]:
    """Who visits what at home in these rounds."""
    return await tx.many(
        Visit,
        """
        select s.round_id, s.block_id, b.area_code, s.worker_id, s.floor_from, s.floor_to
          from sweeps_share s
          join sweeps_block b on b.round_id = s.round_id and b.id = s.block_id
         where s.round_id = any(:rounds::uuid[]) and s.until_at is null and s.team = 'home'
        """,
        rounds=list(rounds_),
    )


async def end_shares(tx: Tx, ids: Sequence[UUID]) -> int:
    """They end now."""
    return await tx.run(
        "update sweeps_share set until_at = :now where id = any(:ids::uuid[])",
        ids=list(ids),
        now=tx.now,
    )


@dataclass(frozen=True, slots=True)
class Walk:
    """One worker's doors in one block."""

    worker_id: UUID
    block_id: UUID
    doors: tuple[UUID, ...]


async def live_workers(tx: Tx, round_id: UUID) -> list[Walk]:
    """Everybody's doors, in the order they are walked."""
    return await tx.many(
        Walk,
        """
        select s.worker_id, s.block_id, array_agg(d.id order by d.floor desc, d.room, d.id) as doors
          from sweeps_share s
          join sweeps_door d on d.round_id = s.round_id and d.block_id = s.block_id
               and d.floor between s.floor_from and s.floor_to
         where s.round_id = :round_id and s.until_at is null and s.team = 'doors'
         group by s.worker_id, s.block_id order by s.block_id, s.worker_id
        """,
        round_id=round_id,
    )


@dataclass(frozen=True, slots=True)
class Held:
    """Floors of a block that somebody has now."""

    block_id: UUID
    worker_id: UUID
    floor_from: int
    floor_to: int


async def held(tx: Tx, round_id: UUID, blocks: Sequence[UUID]) -> list[Held]:
    """In whose hands the floors of these blocks are, top first."""
    return await tx.many(
        Held,
        """
        select block_id, worker_id, floor_from, floor_to from sweeps_share
         where round_id = :round_id and block_id = any(:blocks::uuid[]) and until_at is null
           and team = 'doors'
         order by block_id, floor_to desc, worker_id
        """,
        round_id=round_id,
        blocks=list(blocks),
    )


@dataclass(frozen=True, slots=True)
class LeftRow:
    """Doors without a report on one floor of a block."""

    block_id: UUID
    floor: int
    doors: int


async def left_by_floor(tx: Tx, round_id: UUID, blocks: Sequence[UUID]) -> list[LeftRow]:
    """Doors nobody has reported, by floor."""
    return await tx.many(
        LeftRow,
        """
        select block_id, floor, count(*) as doors from sweeps_standing
         where round_id = :round_id and block_id = any(:blocks::uuid[]) and outcome is null
         group by block_id, floor order by block_id, floor
        """,
        round_id=round_id,
        blocks=list(blocks),
    )


@dataclass(frozen=True, slots=True)
class Load:
    """Doors left of the blocks somebody has, shared among those who have them."""

    worker_id: UUID
    doors: int


async def loads(tx: Tx, round_id: UUID) -> list[Load]:
    """How much everybody still has before them."""
    return await tx.many(
        Load,
        """
        select s.worker_id,
               sum((b.total - b.n_all - b.n_some - b.n_nobody - b.n_locked - b.n_vacant - b.n_away
                    - b.n_refused - b.n_visit - b.n_exempt - b.n_moved)
                   / o.workers)::int as doors
          from sweeps_share s
          join sweeps_block b on b.round_id = s.round_id and b.id = s.block_id
          join (select block_id, count(*) as workers from sweeps_share
                 where round_id = :round_id and until_at is null and team = 'doors'
                 group by block_id) o
            on o.block_id = s.block_id
         where s.round_id = :round_id and s.until_at is null and s.team = 'doors'
         group by s.worker_id
        """,
        round_id=round_id,
    )


@dataclass(frozen=True, slots=True)
class BlockPlace:
    """A block with its floors."""

    area_code: str
    floor_from: int
    floor_to: int
    doors: int


async def block(tx: Tx, round_id: UUID, block_id: UUID) -> BlockPlace:
    """One block of a round the caller has locked. Raises NotFound."""
    return await tx.one(
        BlockPlace,
        """
        select b.area_code, min(d.floor) as floor_from, max(d.floor) as floor_to, b.total as doors
          from sweeps_block b
          join sweeps_door d on d.round_id = b.round_id and d.block_id = b.id
         where b.round_id = :round_id and b.id = :block_id
         group by b.area_code, b.total
        """,
        round_id=round_id,
        block_id=block_id,
    )


@dataclass(frozen=True, slots=True)
class Hand:
    """One worker's part of a round, for dealing again. Never a ranking: by name of place."""

    worker_id: UUID
    area_code: str
    blocks: int
    total: int
    left: int
    started: bool


async def hands(tx: Tx, round_id: UUID) -> list[Hand]:
    """Everybody who has doors to knock at, by place, with the doors on their own floors."""
    return await tx.many(
        Hand,
        """
        select s.worker_id, min(b.area_code) as area_code, count(distinct b.id)::int as blocks,
               sum(d.total)::int as total, sum(d.left)::int as left,
               bool_or(b.first_at is not null) as started
          from sweeps_share s
          join sweeps_block b on b.round_id = s.round_id and b.id = s.block_id
          join (select t.block_id, t.floor, count(*) as total,
                       count(*) filter (where t.outcome is null) as left
                  from sweeps_standing t where t.round_id = :round_id
                 group by t.block_id, t.floor) d
            on d.block_id = s.block_id and d.floor between s.floor_from and s.floor_to
         where s.round_id = :round_id and s.until_at is null and s.team = 'doors'
         group by s.worker_id order by 2, 1
        """,
        round_id=round_id,
    )


@dataclass(frozen=True, slots=True)
class Visits:
    """What one of the home team still has before them: doors and persons."""

    worker_id: UUID
    area_code: str
    doors: int
    persons: int
    left: int


async def visits(tx: Tx, round_id: UUID, settled: Sequence[str]) -> list[Visits]:
    """Everybody of the home team, by place; `left` doors are not settled."""
    return await tx.many(
        Visits,
        """
        select s.worker_id, min(t.area_code) as area_code, count(*)::int as doors,
               sum(greatest(cardinality(t.special), 1))::int as persons,
               (count(*) filter (where t.outcome is null
                                    or not t.outcome = any(:settled::text[])))::int as left
          from sweeps_share s
          join sweeps_standing t on t.round_id = s.round_id and t.block_id = s.block_id
               and t.floor between s.floor_from and s.floor_to and not t.gone
               and (cardinality(t.special) > 0 or t.outcome = 'visit')
         where s.round_id = :round_id and s.until_at is null and s.team = 'home'
         group by s.worker_id order by 2, 1
        """,
        round_id=round_id,
        settled=list(settled),
    )


@dataclass(frozen=True, slots=True)
class VisitedDoor:
    """A door on somebody's list for visits at home."""

    worker_id: UUID
    id: UUID
    block_id: UUID
    block: str
    area_code: str
    floor: int
    room: str
    people: int
    special: tuple[UUID, ...]
    outcome: str | None


async def visited_doors(
    tx: Tx, reach: Reach, round_id: UUID, low: str, high: str, limit: int
) -> list[VisitedDoor]:
    """The lists of the home team within reach, one after the other, each in the order it is walked."""
    return await tx.many(
        VisitedDoor,
        """
        select s.worker_id, t.id, t.block_id, b.label as block, t.area_code, t.floor, t.room,
               cardinality(t.people) as people, t.special, t.outcome
          from sweeps_share s
          join sweeps_block b on b.round_id = s.round_id and b.id = s.block_id
          join sweeps_standing t on t.round_id = s.round_id and t.block_id = s.block_id
               and t.floor between s.floor_from and s.floor_to and not t.gone
               and (cardinality(t.special) > 0 or t.outcome = 'visit')
         where s.round_id = :round_id and s.until_at is null and s.team = 'home'
           and t.area_code >= :low and t.area_code < :high
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by s.worker_id, t.area_code, b.label, t.block_id, t.floor desc, t.room, t.id
         limit :limit
        """,
        round_id=round_id,
        low=low,
        high=high,
        limit=limit,
        **reach.values(),
    )
