"""Taking reports in: the statements of one shared transaction, in the order they run.

Locks go the same way for everybody, so that nobody waits in a circle: rounds, then blocks by
(round, id). A block's lock is the lock of its doors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class RoundNow:
    """A round as reports meet it. `kind` is its row as JSON, as it was at the opening."""

    id: UUID
    area_code: str
    pass_n: int
    closed_at: datetime | None
    kind: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DoorsNow:
    """Doors as reports meet them, in the order they were asked for: None where there is none.
    `reports` is how many there are of each so far. One row of arrays: a row an object would cost
    more than the server's work."""

    blocks: tuple[UUID | None, ...]
    areas: tuple[str | None, ...]
    people: tuple[int | None, ...]
    reports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A report as kept, for judging."""

    round_id: UUID
    door_id: UUID
    id: UUID
    n: int
    base: int
    after: UUID | None
    undoes: UUID | None
    decides: bool
    pass_n: int
    by_id: UUID
    outcome: str | None
    how: str
    persons: dict[str, str] | None
    needs: tuple[str, ...] | None
    claimed_at: datetime | None
    clock_off: int | None
    at: datetime
    answers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """Who was listed behind a door, and whether something was said of it after the close."""

    round_id: UUID
    door_id: UUID
    people: tuple[UUID, ...]
    late: bool


async def rounds(tx: Tx, ids: Sequence[UUID]) -> list[RoundNow]:
    """Rounds held open for reports: a certificate waits until they are in, and they for it."""
    return await tx.many(
        RoundNow,
        """
        select r.id, r.area_code, r.pass as pass_n, r.closed_at,
               coalesce(r.form, to_jsonb(k)) as kind
          from sweeps_round r join sweeps_kind k on k.code = r.kind
         where r.id = any(:ids::uuid[])
         order by r.id
           for share of r
        """,
        ids=list(ids),
    )


@dataclass(frozen=True, slots=True)
class _BlockOf:
    round_id: UUID
    door_id: UUID
    block_id: UUID


async def blocks_of(
    tx: Tx, doors: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], UUID]:
    """The block of each (round, door); a door's block never changes."""
    rows = await tx.many(
        _BlockOf,
        """
        select d.round_id, d.id as door_id, d.block_id
          from unnest(:rounds::uuid[], :doors::uuid[]) as u(round_id, door_id)
          join sweeps_door d on d.round_id = u.round_id and d.id = u.door_id
        """,
        rounds=[round_id for round_id, _ in doors],
        doors=[door_id for _, door_id in doors],
    )
    return {(row.round_id, row.door_id): row.block_id for row in rows}


@dataclass(frozen=True, slots=True)
class BlockNow:
    """A block, locked; `version` counts the batches that changed it."""

    round_id: UUID
    id: UUID
    version: int


async def lock_blocks(tx: Tx, blocks: Sequence[tuple[UUID, UUID]]) -> list[BlockNow]:
    """Lock blocks, by (round, id)."""
    return await tx.many(
        BlockNow,
        """
        select b.round_id, b.id, b.version
          from sweeps_block b
         where (b.round_id, b.id) in (
               select u.round_id, u.block_id
                 from unnest(:rounds::uuid[], :blocks::uuid[]) as u(round_id, block_id))
         order by b.round_id, b.id
           for update of b
        """,
        rounds=[round_id for round_id, _ in blocks],
        blocks=[block_id for _, block_id in blocks],
    )


async def doors(tx: Tx, wanted: Sequence[tuple[UUID, UUID]]) -> DoorsNow:
    """Doors by (round, id), after their blocks were locked."""
    return await tx.one(
        DoorsNow,
        """
        select array_agg(f.block_id) as blocks, array_agg(f.area_code) as areas,
               array_agg(f.people) as people, array_agg(f.reports) as reports
          from (select d.block_id, d.area_code, cardinality(d.people) as people,
                       (select count(*)::int from sweeps_report r
                         where r.round_id = u.round_id and r.door_id = u.door_id) as reports
                  from unnest(:rounds::uuid[], :doors::uuid[]) with ordinality
                       as u(round_id, door_id, n)
                  left join sweeps_door d on d.round_id = u.round_id and d.id = u.door_id
                 order by u.n) f
        """,
        rounds=[round_id for round_id, _ in wanted],
        doors=[door_id for _, door_id in wanted],
    )


async def reports(tx: Tx, wanted: Sequence[tuple[UUID, UUID]]) -> list[Kept]:
    """All reports of these doors, in the order they came."""
    return await tx.many(
        Kept,
        """
        select r.round_id, r.door_id, r.id, r.n, r.base, r.after, r.undoes, r.decides,
               r.pass as pass_n, r.by_id, r.outcome, r.how, r.persons::jsonb as persons, r.needs,
               r.claimed_at, r.clock_off, r.at, coalesce(s.answers, '{}') as answers
          from unnest(:rounds::uuid[], :doors::uuid[]) as u(round_id, door_id)
          join sweeps_report r on r.round_id = u.round_id and r.door_id = u.door_id
          left join sweeps_said s on s.round_id = r.round_id and s.door_id = r.door_id
               and s.report_id = r.id
         order by r.round_id, r.door_id, r.n
        """,
        rounds=[round_id for round_id, _ in wanted],
        doors=[door_id for _, door_id in wanted],
    )


async def listed(tx: Tx, wanted: Sequence[tuple[UUID, UUID]]) -> list[Listed]:
    """Who is listed behind these doors."""
    return await tx.many(
        Listed,
        """
        select d.round_id, d.id as door_id, d.people, coalesce(l.late, false) as late
          from unnest(:rounds::uuid[], :doors::uuid[]) as u(round_id, door_id)
          join sweeps_door d on d.round_id = u.round_id and d.id = u.door_id
          left join sweeps_line l on l.round_id = d.round_id and l.door_id = d.id
        """,
        rounds=[round_id for round_id, _ in wanted],
        doors=[door_id for _, door_id in wanted],
    )


@dataclass(frozen=True, slots=True)
class _Held:
    worker_id: UUID
    round_id: UUID
    block_id: UUID


async def shares_of(
    tx: Tx, workers: Sequence[UUID], rounds_: Sequence[UUID]
) -> set[tuple[UUID, UUID, UUID]]:
    """(worker, round, block) of every share they have or had: whoever was sent to a block may
    report it, also after somebody else took over."""
    rows = await tx.many(
        _Held,
        """
        select distinct worker_id, round_id, block_id from sweeps_share
         where worker_id = any(:workers::uuid[]) and round_id = any(:rounds::uuid[])
        """,
        workers=list(workers),
        rounds=list(rounds_),
    )
    return {(row.worker_id, row.round_id, row.block_id) for row in rows}


@dataclass(frozen=True, slots=True)
class _Walks:
    worker_id: UUID
    round_id: UUID
    community: str


async def walkers(
    tx: Tx, workers: Sequence[UUID], rounds_: Sequence[UUID]
) -> set[tuple[UUID, UUID, str]]:
    """(worker, round, community) of every share they have or had: whose paper a report may be."""
    rows = await tx.many(
        _Walks,
        """
        select distinct s.worker_id, s.round_id, left(b.area_code, 12) as community
          from sweeps_share s
          join sweeps_block b on b.round_id = s.round_id and b.id = s.block_id
         where s.worker_id = any(:workers::uuid[]) and s.round_id = any(:rounds::uuid[])
        """,
        workers=list(workers),
        rounds=list(rounds_),
    )
    return {(row.worker_id, row.round_id, row.community) for row in rows}


async def units_in(tx: Tx, buildings: Sequence[UUID]) -> list[UUID]:
    """Stairwells of buildings, for posts over a whole building."""
    return await tx.many(
        UUID,
        "select id from places_unit where building_id = any(:buildings::uuid[])",
        buildings=list(buildings),
    )
