"""Long work in bites: each bite and the mark of how far it came are one transaction.

Whatever is killed, whenever, a bite has happened or it has not. Whoever takes the next one goes
on: a worker's clock or a terminal. The rows are `kernel_work`; a room keeps what it works on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database, Tx
from wangge.kernel.refusals import NotFound

#: Tries of one bite in a row before the work is marked as failed.
FAILURES_MAX = 5
#: Seconds a terminal waits before it looks again at a work that a worker has in hand.
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Work:
    """Where a work stands. `state`: waiting, running, done, cancelled or failed."""

    id: UUID
    kind: str
    by_id: UUID
    state: str
    done: int
    total: int
    data: dict[str, Any]
    started_at: datetime
    changed_at: datetime

    @property
    def over(self) -> bool:
        return self.state in ("done", "cancelled", "failed")

    @property
    def error(self) -> str:
        """Why it failed: `bug`, or a room's word; else ""."""
        return str(self.data.get("error", ""))


#: Take the next bite of this work and `move` it, or `end` it when nothing is left.
Bite = Callable[[Tx, Work], Awaitable[None]]


async def add(tx: Tx, id_: UUID, kind: str, *, total: int = 0) -> None:
    """A new work that waits."""
    await tx.run(
        """
        insert into kernel_work (id, kind, by_id, state, total, data, started_at, changed_at)
        values (:id, :kind, :by, 'waiting', :total, '{}', :now, :now)
        """,
        id=id_,
        kind=kind,
        by=tx.actor.id,
        total=total,
        now=tx.now,
    )


async def find(tx: Tx, id_: UUID) -> Work:
    """The work as it stands. Raises NotFound. The room's own door comes first."""
    found = await tx.maybe(
        Work,
        """
        select id, kind, by_id, state, done, total, data, started_at, changed_at
          from kernel_work where id = :id
        """,
        id=id_,
    )
    if found is None:
        raise NotFound("这项工作")
    return found


async def take(tx: Tx, kind: str, id_: UUID | None = None) -> Work | None:
    """A running work for this transaction alone: that one, or the one that began first. None
    when there is none, or somebody else has it."""
    return await tx.maybe(
        Work,
        """
        select id, kind, by_id, state, done, total, data, started_at, changed_at
          from kernel_work
         where kind = :kind and state = 'running' and (:id::uuid is null or id = :id)
         order by started_at limit 1
           for update skip locked
        """,
        kind=kind,
        id=id_,
    )


async def oldest_running(tx: Tx, kind: str) -> UUID | None:
    """Which is next."""
    return await tx.maybe(
        UUID,
        """
        select id from kernel_work where kind = :kind and state = 'running'
         order by started_at limit 1
        """,
        kind=kind,
    )


async def move(tx: Tx, id_: UUID, done: int, data: Mapping[str, Any]) -> None:
    """So much is done; `data` are the counts shown beside it."""
    await tx.run(
        """
        update kernel_work set done = :done, data = data || :data, changed_at = :now
         where id = :id
        """,
        id=id_,
        done=done,
        data=dict(data),
        now=tx.now,
    )


async def set_total(tx: Tx, id_: UUID, total: int) -> None:
    """How much there is."""
    await tx.run("update kernel_work set total = :total where id = :id", id=id_, total=total)


async def set_state(tx: Tx, id_: UUID, state: str) -> None:
    """Begun or cancelled; a work that is over stays over. Waits for a bite under way."""
    await tx.run(
        """
        update kernel_work set state = :state, changed_at = :now
         where id = :id and state in ('waiting', 'running')
        """,
        id=id_,
        state=state,
        now=tx.now,
    )


async def again(tx: Tx, id_: UUID, total: int) -> None:
    """A work that waits or is over runs from its beginning, for its next part."""
    await tx.run(
        """
        update kernel_work
           set state = 'running', done = 0, total = :total, data = '{}', changed_at = :now
         where id = :id
        """,
        id=id_,
        total=total,
        now=tx.now,
    )


async def resume(tx: Tx, id_: UUID) -> None:
    """A work that failed goes on where it stopped."""
    await tx.run(
        """
        update kernel_work set state = 'running', data = data - 'error', changed_at = :now
         where id = :id and state = 'failed'
        """,
        id=id_,
        now=tx.now,
    )


async def end(tx: Tx, id_: UUID, state: str = "done", error: str = "") -> None:
    """It is over."""
    await tx.run(
        """
        update kernel_work
           set state = :state, changed_at = :now,
               data = data || jsonb_build_object('error', :error::text)
         where id = :id and state = 'running'
        """,
        id=id_,
        state=state,
        error=error,
        now=tx.now,
    )


async def forget_waiting(tx: Tx, kind: str, before: datetime, limit: int) -> int:
    """Drop works that waited too long, with the rooms' rows that hang on them."""
    return await tx.run(
        """
        delete from kernel_work where id in (
               select id from kernel_work
                where kind = :kind and state = 'waiting' and started_at < :before
                order by started_at limit :limit)
        """,
        kind=kind,
        before=before,
        limit=limit,
    )


async def count_waiting(tx: Tx, kind: str, before: datetime) -> int:
    """How many `forget_waiting` would drop."""
    return await tx.one(
        int,
        """
        select count(*) from kernel_work
         where kind = :kind and state = 'waiting' and started_at < :before
        """,
        kind=kind,
        before=before,
    )


async def forget_over(tx: Tx, kind: str, before: datetime, limit: int) -> int:
    """Drop works that ended long ago, with the rooms' rows that hang on them."""
    return await tx.run(
        """
        delete from kernel_work where id in (
               select id from kernel_work
                where kind = :kind and state not in ('waiting', 'running')
                  and changed_at < :before
                order by changed_at limit :limit)
        """,
        kind=kind,
        before=before,
        limit=limit,
    )


async def count_over(tx: Tx, kind: str, before: datetime) -> int:
    """How many `forget_over` would drop."""
    return await tx.one(
        int,
        """
        select count(*) from kernel_work
         where kind = :kind and state not in ('waiting', 'running') and changed_at < :before
        """,
        kind=kind,
        before=before,
    )


_failures: dict[UUID, int] = {}


async def on_the_clock(tx: Tx, kind: str, bite: Bite) -> int:
    """A worker's tick: one bite of the work that began first. 0: there was none to take.

    The actor is the system; the bite acts for whoever began the work, with today's posts.
    """
    running = await oldest_running(tx, kind)
    if running is None:
        return 0
    if _failures.get(running, 0) >= FAILURES_MAX:
        _failures.pop(running, None)
        await end(tx, running, "failed", "bug")
        return 1
    # Counted before the try: when it fails, this transaction is gone with it.
    _failures[running] = _failures.get(running, 0) + 1
    taken = await take(tx, kind, running)
    if taken is not None:
        await bite(tx, taken)
    _failures.pop(running, None)
    return 0 if taken is None else 1


async def run(
    database: Database,
    id_: UUID,
    bite: Bite,
    *,
    shown: Callable[[Work], None] | None = None,
    now: datetime | None = None,
) -> Work:
    """Take bites until the work is over, beside or instead of a worker (for a terminal)."""
    system = system_actor(database.schema)
    failures = 0
    while True:
        try:
            async with database.tx(system, now=now) as tx:
                before = await find(tx, id_)
                taken = await take(tx, before.kind, id_)
                if taken is not None:
                    await bite(tx, taken)
                found = await find(tx, id_)
            failures = 0
        except asyncpg.UniqueViolationError:
            # The same thing came in by another way meanwhile; it is known now.
            failures += 1
            if failures >= FAILURES_MAX:
                raise
            continue
        if shown is not None:
            shown(found)
        if found.over or found.state == "waiting":
            return found
        if taken is None:
            await asyncio.sleep(_LOOK_SECONDS)  # a worker is at it
