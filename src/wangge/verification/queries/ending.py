"""The end of a list: its rows go, that it was stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone
from wangge.verification.queries.pieces import forget_pieces


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A list whose rows are gone."""

    id: UUID
    area_code: str
    rows: int


async def destroy(
    tx: Tx,
    why: str,
    *,
    ids: Sequence[UUID] = (),
    response_id: UUID | None = None,
    before: date | None = None,
    limit: int = 100,
) -> list[Destroyed]:
    """Rows and findings of lists deleted: these, a response's, or those whose day is over. That the
    list was stays, without its headings."""
    wanted = await tx.many(
        Destroyed,
        """
        select id, area_code, rows from verification_list
         where gone_at is null
           and (id = any (:ids::uuid[]) or response_id = :response_id::uuid
                or keep_until <= :before::date)
         order by id limit :limit
        """,
        ids=list(ids),
        response_id=response_id,
        before=before,
        limit=limit,
    )
    gone = [one.id for one in wanted]
    if not gone:
        return []
    # A bite under way is waited for: what it writes goes too.
    await tx.run(
        "select id from kernel_work where id = any (:ids::uuid[]) order by id for update",
        ids=gone,
    )
    for statement in (
        "delete from verification_row where list_id = any (:ids::uuid[])",
        "delete from verification_finding where list_id = any (:ids::uuid[])",
    ):
        await tx.run(statement, ids=gone)
    await forget_pieces(tx, gone)
    await tx.run(
        """
        update verification_list
           set phase = 'gone', gone_at = :now, gone_why = :why, headings = '{}', columns = '{}',
               digest = '', chain = '', notes = ''
         where id = any (:ids::uuid[])
        """,
        ids=gone,
        why=why,
        now=tx.now,
    )
    await tx.run(
        """
        update kernel_work set state = 'cancelled', changed_at = :now
         where id = any (:ids::uuid[]) and state in ('waiting', 'running')
        """,
        ids=gone,
        now=tx.now,
    )
    return wanted


async def due(tx: Tx, before: date) -> list[Gone]:
    """Rows of lists whose day is over, by area."""
    return await tx.many(
        Gone,
        """
        select area_code, sum(rows)::int as items from verification_list
         where gone_at is null and keep_until <= :before group by area_code
        """,
        before=before,
    )
