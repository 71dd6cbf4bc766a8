"""What a round's board is made of: sums over blocks, never a count of doors."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.actors import Reach, area_range
from wangge.kernel.database import Tx
from wangge.sweeps.queries.pace import FADED


@dataclass(frozen=True, slots=True)
class Sums:
    """Blocks under one code, summed. `rate` is doors a second as of the asking."""

    code: str
    blocks: int
    unstarted: int
    total: int
    people: int
    n_all: int
    n_some: int
    n_nobody: int
    n_locked: int
    n_vacant: int
    n_away: int
    n_refused: int
    n_visit: int
    n_exempt: int
    n_moved: int
    flagged: int
    late: int
    p_done: int
    p_exempt: int
    first_at: datetime | None
    last_at: datetime | None
    rate: float


async def by_area(
    tx: Tx, reach: Reach, round_id: UUID, prefix: str, length: int, pace_seconds: float
) -> list[Sums]:
    """Sums within reach under `prefix`, by the first `length` digits of the code."""
    low, high = area_range(prefix)
    return await tx.many(
        Sums,
        """
        select left(b.area_code, :length) as code, count(*) as blocks,
               count(*) filter (where b.first_at is null) as unstarted,
               sum(b.total)::int as total, sum(b.people)::int as people,
               sum(b.n_all)::int as n_all, sum(b.n_some)::int as n_some,
               sum(b.n_nobody)::int as n_nobody, sum(b.n_locked)::int as n_locked,
               sum(b.n_vacant)::int as n_vacant, sum(b.n_away)::int as n_away,
               sum(b.n_refused)::int as n_refused, sum(b.n_visit)::int as n_visit,
               sum(b.n_exempt)::int as n_exempt, sum(b.n_moved)::int as n_moved,
               sum(b.flagged)::int as flagged, sum(b.late)::int as late,
               sum(b.p_done)::int as p_done, sum(b.p_exempt)::int as p_exempt,
               min(b.first_at) as first_at, max(b.last_at) as last_at,
               sum("""
        + FADED
        + """) as rate
          from sweeps_block b
         where b.round_id = :round_id and b.area_code >= :low and b.area_code < :high
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where b.area_code >= r.lo and b.area_code < r.hi)
                or b.id = any(:reach_units::uuid[])
                or exists (select 1 from places_unit u
                            where u.id = b.id and u.building_id = any(:reach_buildings::uuid[])))
         group by 1 order by 1
        """,
        round_id=round_id,
        low=low,
        high=high,
        length=length,
        now=tx.now,
        pace=pace_seconds,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class BlockLine:
    """One block with its counts. `workers` are those who have it now."""

    id: UUID
    area_code: str
    label: str
    wave: int | None
    called_at: datetime | None
    version: int
    total: int
    people: int
    n_all: int
    n_some: int
    n_nobody: int
    n_locked: int
    n_vacant: int
    n_away: int
    n_refused: int
    n_visit: int
    n_exempt: int
    n_moved: int
    flagged: int
    late: int
    p_done: int
    p_exempt: int
    first_at: datetime | None
    last_at: datetime | None
    rate: float
    workers: tuple[UUID, ...]


async def blocks(
    tx: Tx,
    reach: Reach,
    round_id: UUID,
    prefix: str,
    pace_seconds: float,
    *,
    after: tuple[str, str, UUID] | None,
    limit: int,
) -> list[BlockLine]:
    """Blocks within reach under `prefix`, by area and label."""
    low, high = area_range(prefix)
    return await tx.many(
        BlockLine,
        """
        select b.id, b.area_code, b.label, b.wave, b.called_at, b.version, b.total, b.people,
               b.n_all, b.n_some, b.n_nobody, b.n_locked, b.n_vacant, b.n_away, b.n_refused,
               b.n_visit, b.n_exempt, b.n_moved, b.flagged, b.late, b.p_done, b.p_exempt,
               b.first_at, b.last_at,
"""
        + FADED
        + """ as rate,
               coalesce((select array_agg(distinct s.worker_id) from sweeps_share s
                          where s.round_id = b.round_id and s.block_id = b.id
                            and s.until_at is null and s.team = 'doors'), '{}') as workers
          from sweeps_block b
         where b.round_id = :round_id and b.area_code >= :low and b.area_code < :high
           and (:after_code::text is null
                or (b.area_code, b.label, b.id) > (:after_code, :after_label, :after_id::uuid))
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where b.area_code >= r.lo and b.area_code < r.hi)
                or b.id = any(:reach_units::uuid[])
                or exists (select 1 from places_unit u
                            where u.id = b.id and u.building_id = any(:reach_buildings::uuid[])))
         order by b.area_code, b.label, b.id
         limit :limit
        """,
        round_id=round_id,
        low=low,
        high=high,
        now=tx.now,
        pace=pace_seconds,
        after_code=after[0] if after else None,
        after_label=after[1] if after else None,
        after_id=after[2] if after else None,
        limit=limit,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class Recounted:
    """What a block's counts ought to be, counted from its doors."""

    block_id: UUID
    total: int
    outcomes: dict[str, int]
    flagged: int
    late: int


async def recount(tx: Tx, round_id: UUID) -> list[Recounted]:
    """Count every door of a round: what the board must agree with (tests, `wangge doctor`)."""
    return await tx.many(
        Recounted,
        """
        select block_id, sum(number)::int as total,
               coalesce(jsonb_object_agg(outcome, number) filter (where outcome is not null),
                        '{}') as outcomes,
               sum(flagged)::int as flagged, sum(late)::int as late
          from (select block_id, outcome, count(*) as number,
                       count(*) filter (where flagged <> '{}') as flagged,
                       count(*) filter (where late) as late
                  from sweeps_standing where round_id = :round_id
                 group by block_id, outcome) counted
         group by block_id
        """,
        round_id=round_id,
    )
