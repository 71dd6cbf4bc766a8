"""Who opened which row in full."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone


async def looks_since(tx: Tx, since: datetime) -> int:
    """How many rows the actor has opened since; one at a time, so that two openings at once are both
    counted."""
    await tx.run(
        "select pg_advisory_xact_lock(hashtextextended(:by, 0))",
        by=f"verification.look {tx.actor.id}",
    )
    return await tx.one(
        int,
        "select count(*)::int from verification_look where staff_id = :by and at > :since",
        by=tx.actor.id,
        since=since,
    )


async def seen_since(
    tx: Tx, id_: UUID, numbers: Sequence[int], since: datetime
) -> frozenset[int]:
    """Which of these rows the actor has seen in full since."""
    return frozenset(
        await tx.many(
            int,
            """
            select distinct number from verification_look
             where list_id = :id and number = any(:numbers::int[]) and staff_id = :by and at > :since
            """,
            id=id_,
            numbers=list(numbers),
            by=tx.actor.id,
            since=since,
        )
    )


async def add_look(tx: Tx, look_id: UUID, id_: UUID, number: int, area_code: str) -> None:
    """Somebody saw a row in full."""
    await tx.run(
        """
        insert into verification_look (id, list_id, number, staff_id, area_code, at)
        values (:look_id, :id, :number, :by, :area_code, :now)
        """,
        look_id=look_id,
        id=id_,
        number=number,
        by=tx.actor.id,
        area_code=area_code,
        now=tx.now,
    )


async def forget_looks(tx: Tx, before: datetime, limit: int) -> list[Gone]:
    """Looks older than that moment."""
    return await tx.many(
        Gone,
        """
        with gone as (
             delete from verification_look where id in (
                    select id from verification_look where at < :before order by at limit :limit)
             returning area_code)
        select area_code, count(*)::int as items from gone group by area_code
        """,
        before=before,
        limit=limit,
    )


async def count_looks(tx: Tx, before: datetime) -> list[Gone]:
    """Looks that the next rounds forget."""
    return await tx.many(
        Gone,
        """
        select area_code, count(*)::int as items from verification_look
         where at < :before group by area_code
        """,
        before=before,
    )
