"""What was done to a household lately, and what one act touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.database import Tx

#: Acts shown for one household.
ACTS_MAX = 8


@dataclass(frozen=True, slots=True)
class DoneAct:
    """One act on a household's rows: a key of `homes.UNDONE_HERE`, an import, a merge."""

    batch_id: UUID
    what: str
    actor_id: UUID
    at: datetime
    undone_at: datetime | None
    purged_at: datetime | None


async def acts_on(tx: Tx, rows: Sequence[UUID]) -> list[DoneAct]:
    """The last acts that wrote any of these rows, the newest first; one statement. What was before
    is kept for some days only, and then these acts are no longer found."""
    return await tx.many(
        DoneAct,
        """
        select b.id as batch_id, b.what, b.actor_id, b.at, b.undone_at, b.purged_at
          from people_batch b
         where b.id in (select c.batch_id from people_change c
                         where c.row_id = any (:rows::uuid[]))
         order by b.at desc, b.id desc limit :most
        """,
        rows=list(rows),
        most=ACTS_MAX,
    )


@dataclass(frozen=True, slots=True)
class TouchedRow:
    """A row that an act wrote; `household_id` is where a resident lived before it."""

    kind: str
    op: str
    row_id: UUID
    household_id: UUID | None


async def touched(tx: Tx, batch: UUID) -> list[TouchedRow]:
    return await tx.many(
        TouchedRow,
        """
        select kind, op, row_id,
               case when kind = 'resident' then (before ->> 'household_id')::uuid end
                   as household_id
          from people_change where batch_id = :batch order by wave, n
        """,
        batch=batch,
    )


@dataclass(frozen=True, slots=True)
class _Needs:
    lasting: int
    ended: int


async def needs_of(tx: Tx, batch: UUID) -> tuple[int, int]:
    """Needs that an act wrote: (those that last, those that ended)."""
    found = await tx.one(
        _Needs,
        """
        select count(*) filter (where t.ended_at is null)::int as lasting,
               count(*) filter (where t.ended_at is not null)::int as ended
          from people_change c join people_tag t on t.id = c.row_id
         where c.batch_id = :batch and c.kind = 'tag'
        """,
        batch=batch,
    )
    return found.lasting, found.ended
