"""What is left of a round."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.database import Tx


async def left(tx: Tx, round_id: UUID) -> int:
    """Doors without a report, and doors where nobody was met."""
    return await tx.one(
        int,
        """
        select coalesce(sum(total - n_all - n_some - n_vacant - n_away - n_refused - n_visit
                            - n_exempt - n_moved), 0)::bigint
          from sweeps_block where round_id = :round_id
        """,
        round_id=round_id,
    )


@dataclass(frozen=True, slots=True)
class LeftIn:
    """Doors left of a round in one grid, or in a community where they are in none."""

    code: str
    left: int


async def left_by_grid(tx: Tx, round_id: UUID) -> list[LeftIn]:
    """Where doors are left, by code; of an open round."""
    return await tx.many(
        LeftIn,
        """
        select left(b.area_code, 15) as code,
               sum(b.total - b.n_all - b.n_some - b.n_vacant - b.n_away - b.n_refused - b.n_visit
                           - b.n_exempt - b.n_moved)::int as left
          from sweeps_block b join sweeps_round r on r.id = b.round_id and r.closed_at is null
         where b.round_id = :round_id
         group by 1
        having sum(b.total - b.n_all - b.n_some - b.n_vacant - b.n_away - b.n_refused - b.n_visit
                           - b.n_exempt - b.n_moved) > 0
         order by 1
        """,
        round_id=round_id,
    )


@dataclass(frozen=True, slots=True)
class Running:
    """A round that is open, by its clock."""

    id: UUID
    area_code: str
    title: str
    kind: str
    ends_at: datetime


async def running(tx: Tx, round_id: UUID) -> Running | None:
    """The round while it is open, whoever asks: for what the clock does."""
    return await tx.maybe(
        Running,
        """
        select id, area_code, title, kind, ends_at from sweeps_round
         where id = :round_id and closed_at is null
        """,
        round_id=round_id,
    )


@dataclass(frozen=True, slots=True)
class Untested:
    """A door with somebody who was not tested."""

    id: UUID
    block_id: UUID
    area_code: str


async def untested(tx: Tx, round_id: UUID, limit: int) -> list[Untested]:
    """Doors where somebody listed is neither done nor exempt nor known to be away. Doors that
    became a case already (refused, not met twice) are left out."""
    return await tx.many(
        Untested,
        """
        select id, block_id, area_code from sweeps_standing
         where round_id = :round_id and cardinality(people) > 0 and not gone
           and (outcome is null or outcome = 'some' or outcome = 'visit'
                or (outcome in ('nobody', 'locked') and tries < 2)
                or (outcome = 'all' and exists (
                       select 1 from jsonb_each_text(persons) as p(id, status)
                        where p.status in ('absent', 'visit'))))
         order by area_code, block_id, id limit :limit
        """,
        round_id=round_id,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class Due:
    """A round whose time has been over for long."""

    id: UUID
    area_code: str


async def lock_expired(tx: Tx, before: datetime, limit: int) -> list[Due]:
    """Open rounds that ended before a moment."""
    return await tx.many(
        Due,
        """
        select id, area_code from sweeps_round
         where closed_at is null and ends_at < :before
         order by ends_at, id limit :limit
           for update skip locked
        """,
        before=before,
        limit=limit,
    )
