"""Batches as kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.people.changes.model import Batch, Op


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one wave, kind and operation."""

    wave: int
    kind: str
    op: Op
    rows: int


@dataclass(frozen=True, slots=True)
class Written:
    """A row that an undo wrote. The version is the new one; `owner` is whose it is."""

    id: UUID
    version: int
    owner: UUID


async def begin_batch(tx: Tx, batch: UUID, what: str, area_code: str) -> int:
    """The number of the wave that now begins, from 1. Whoever begins the same batch at once waits
    until this one is over and begins the next."""
    begun = await tx.maybe(
        UUID,
        """
        insert into people_batch (id, what, area_code, actor_id, at)
        values (:id, :what, :area_code, :actor_id, :now)
        on conflict (id) do nothing
        returning id
        """,
        id=batch,
        what=what,
        area_code=area_code,
        actor_id=tx.actor.id,
        now=tx.now,
    )
    if begun is not None:
        return 1
    # Each a statement of its own: one that has waited still counts what there was before it waited.
    await tx.run("select 1 from people_batch where id = :id for update", id=batch)
    return await tx.one(
        int,
        "select coalesce(max(wave), 0) + 1 from people_change where batch_id = :id",
        id=batch,
    )


async def count_batch(tx: Tx, batch: UUID, counts: Mapping[str, int]) -> int:
    """Add to a batch's counts, `kind.op` → rows."""
    return await tx.run(
        """
        update people_batch b
           set counts = (
               select coalesce(jsonb_object_agg(s.key, s.rows), '{}')
                 from (select e.key, sum(e.value::int) as rows
                         from (select * from jsonb_each_text(b.counts)
                               union all select * from jsonb_each_text(:counts::jsonb)) e
                        group by e.key) s)
         where b.id = :id
        """,
        id=batch,
        counts=dict(counts),
    )


async def lock_batch(tx: Tx, batch: UUID) -> Batch:
    """The batch that is about to be undone. Raises NotFound."""
    found = await tx.maybe(
        Batch,
        """
        select id, what, area_code, actor_id, at, counts, undone_at, undone_by, purged_at
          from people_batch where id = :id for update
        """,
        id=batch,
    )
    if found is None:
        raise NotFound("这一批改动")
    return found


async def groups(tx: Tx, batch: UUID) -> list[Group]:
    return await tx.many(
        Group,
        """
        select wave, kind, op, count(*)::int as rows from people_change
         where batch_id = :id group by wave, kind, op
        """,
        id=batch,
    )


async def end_batch(tx: Tx, batch: UUID) -> int:
    return await tx.run(
        "update people_batch set undone_at = :now, undone_by = :actor_id where id = :id",
        id=batch,
        now=tx.now,
        actor_id=tx.actor.id,
    )
