"""Jobs: outside effects and later work, queued in the transaction and done after it.

An own outbox with SKIP LOCKED (tech.md §3 measured it against the libraries). A job runs in its
own transaction; when it fails it is tried again with growing pauses, then left for a person.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database, Tx
from wangge.kernel.moments import new_id
from wangge.kernel.stopping import stop_if_told

log = logging.getLogger("wangge.jobs")

#: After so many failures a job stays in the table for a person (wangge doctor shows it).
TRIES_MAX = 8
#: Jobs taken in one go.
TAKEN_MAX = 50

Work = Callable[[Tx, Mapping[str, Any]], Awaitable[None]]
_work: dict[str, Work] = {}
Tick = Callable[[Tx], Awaitable[int]]
_ticks: dict[str, tuple[Tick, timedelta]] = {}


def job(name: str) -> Callable[[Work], Work]:
    """Register what is done for jobs of that name (`room.verb`)."""

    def register(function: Work) -> Work:
        if name in _work:
            raise ValueError(f"job {name} is declared twice")
        _work[name] = function
        return function

    return register


def tick(name: str, every: timedelta) -> Callable[[Tick], Tick]:
    """Register what the clock does: called about every so often, in a transaction of its own,
    one process at a time. It answers how many things it did; when that is not 0 it is called
    again at once, so a backlog drains in bounded bites."""

    def register(function: Tick) -> Tick:
        if name in _ticks:
            raise ValueError(f"tick {name} is declared twice")
        _ticks[name] = (function, every)
        return function

    return register


def ticks() -> Mapping[str, tuple[Tick, timedelta]]:
    """All registered ticks."""
    return dict(_ticks)


def all_jobs() -> Mapping[str, Work]:
    """Everything registered that is done for a job, by name (for the docs)."""
    return dict(_work)


async def later(
    tx: Tx, name: str, data: Mapping[str, Any], *, at: datetime | None = None
) -> UUID:
    """Queue a job with this transaction. `data` is JSON: ids and codes, no personal data."""
    id_ = new_id(tx.now)
    await tx.run(
        """
        insert into kernel_job (id, name, data, run_at, cause)
        values (:id, :name, :data, :run_at, :cause)
        """,
        id=id_,
        name=name,
        data=dict(data),
        run_at=at or tx.now,
        cause=tx.cause,
    )
    return id_


@dataclass(frozen=True, slots=True)
class _Due:
    id: UUID
    name: str
    data: dict[str, Any]
    tries: int


async def run_due(database: Database, district: str, *, now: datetime | None = None) -> int:
    """Do what is due, each job in its own transaction. Answers how many were tried.

    A job is in one pair of hands however long it takes: its row is locked while it is done, and
    whoever looks for work meanwhile passes it by.
    """
    actor = system_actor(district)
    done = 0
    while done < TAKEN_MAX:
        async with database.tx(actor, now=now) as tx:
            due = await tx.maybe(
                _Due,
                """
                select id, name, data, tries from kernel_job
                 where run_at <= :now and tries < 8
                 order by run_at limit 1 for update skip locked
                """,
                now=tx.now,
            )
            if due is None:
                return done
            # Counted before the try, in a statement of its own, so that a job which kills its
            # process is not tried for ever.
            await tx.run(
                "update kernel_job set tries = tries + 1, run_at = :again where id = :id",
                id=due.id,
                again=tx.now + timedelta(seconds=5 * 4**due.tries),
            )
        done += 1
        try:
            async with database.tx(actor, now=now, cause=due.id) as tx:
                if not await _still_ours(tx, due):
                    continue
                await _work[due.name](tx, due.data)
                await tx.run("delete from kernel_job where id = :id", id=due.id)
        except Exception as error:
            stop_if_told()
            log.exception("job %s, try %d", due.name, due.tries + 1)
            async with database.tx(actor, now=now) as tx:
                await tx.run(
                    "update kernel_job set error = :error where id = :id",
                    id=due.id,
                    error=type(error).__name__,
                )
    return done


async def _still_ours(tx: Tx, due: _Due) -> bool:
    """Hold the job until this transaction ends. False: since it was counted, a runner that came
    after the pause has counted it again, and has it in hand or has done it.

    A runner that looked while it was being counted holds its row until it has found another; that
    is waited for, and never for a job's end: whoever does a job has counted it before.
    """
    held = await tx.maybe(
        UUID,
        "select id from kernel_job where id = :id and tries = :tries for update",
        id=due.id,
        tries=due.tries + 1,
    )
    return held is not None
