"""One district's background work, done by whichever worker holds the district's lock.

Everything here is repeatable: a worker may be killed at any moment, and the next one goes on where
the last transaction ended.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg

from wangge.kernel import jobs
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Connection, Database
from wangge.kernel.relay import BITE_MAX, PASS_MAX, Relay, listen, listeners, wanted_by
from wangge.kernel.stopping import stop_if_told
from wangge.worker.health import DistrictPulse

log = logging.getLogger("wangge.worker")

#: The first number of the two-number advisory lock; the second is a hash of the schema's name.
LEADER_LOCK = 727143
#: Seconds between looks into the outbox: right after a find, and at rest.
BUSY_SECONDS, IDLE_SECONDS = 0.05, 0.25
#: Seconds a listener waits at most before it looks by itself: should a hint be lost, and to go past
#: what is not for it.
LISTEN_SECONDS = 5.0
#: Seconds between looks for due jobs.
JOBS_SECONDS = 0.5
#: Calls of one tick in a row while it says that there is more.
TICK_ROUNDS_MAX = 200
#: Seconds before another try for the lock, and after trouble.
RETRY_SECONDS = 1.0


class LockLost(RuntimeError):
    """The connection that held the district's lock is gone; somebody else may hold it now."""


class DistrictWork:
    """Runs until cancelled; survives the database going away."""

    def __init__(self, database: Database, pulse: DistrictPulse) -> None:
        self._database = database
        self._schema = database.schema
        self._pulse = pulse
        self._hints = {name: asyncio.Event() for name in listeners()}
        self._wanted = {name: wanted_by(name) for name in self._hints}

    async def run(self) -> None:
        """Take the lock, work while it is held, begin again when it was lost."""
        while True:
            try:
                async with self._leading() as connection:
                    if connection is not None:
                        await self._work(connection)
            except* Exception as lost:
                # Whatever it was: a dying connection answers with errors of every family, and a
                # district without its worker would stand still in silence.
                self._pulse.failures += 1
                log.warning("%s: begins again after %r", self._schema, lost.exceptions)
            await asyncio.sleep(RETRY_SECONDS)

    @asynccontextmanager
    async def _leading(self) -> "AsyncGenerator[Connection | None]":
        """A connection of our own that holds the lock, or None when another worker has it."""
        connection: Connection = await asyncpg.connect(
            self._database.dsn,
            timeout=10,
            command_timeout=30,
            server_settings={"application_name": "wangge worker"},
        )
        try:
            won = await connection.fetchval(
                "select pg_try_advisory_lock($1, hashtext($2))", LEADER_LOCK, self._schema
            )
            self._pulse.leading = bool(won)
            yield connection if won else None
        finally:
            self._pulse.leading = False
            with contextlib.suppress(Exception):
                await connection.close(timeout=1)

    async def _work(self, connection: Connection) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._seal(connection), name="relay")
            for name in self._hints:
                group.create_task(self._listen(name), name=f"listen {name}")
            for name, (tick, every) in jobs.ticks().items():
                group.create_task(self._tick(name, tick, every), name=f"tick {name}")
            group.create_task(self._jobs(), name="jobs")

    # -- facts ----------------------------------------------------------------------------

    async def _seal(self, connection: Connection) -> None:
        """Look often and cheaply; seal only when there is something (sealing writes)."""
        relay = Relay(self._database)
        peek = f"select exists (select 1 from {self._schema}.kernel_outbox)"  # noqa: S608
        pause = BUSY_SECONDS
        try:
            while True:
                try:
                    waiting = await connection.fetchval(peek)
                except (OSError, TimeoutError, asyncpg.InterfaceError) as gone:
                    raise LockLost(str(gone)) from gone
                except asyncpg.PostgresError as trouble:
                    raise LockLost(type(trouble).__name__) from trouble
                if not waiting:
                    pause = min(pause * 1.5, IDLE_SECONDS)
                    await asyncio.sleep(pause)
                    continue
                sealed = await relay.seal()
                self._pulse.sealed += sealed
                for name, hint in self._hints.items():
                    if relay.kinds & self._wanted[name]:
                        hint.set()
                pause = BUSY_SECONDS
                if sealed < PASS_MAX:
                    await asyncio.sleep(pause)
        finally:
            with contextlib.suppress(Exception):
                await relay.close()

    async def _listen(self, name: str) -> None:
        hint = self._hints[name]

        async def bites() -> None:
            while await listen(self._database, self._schema, name) >= BITE_MAX:
                pass

        while True:
            hint.clear()
            await self._guarded(f"listener {name}", bites)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LISTEN_SECONDS):
                    await hint.wait()

    # -- the clock and the jobs ------------------------------------------------------------

    async def _tick(self, name: str, tick: jobs.Tick, every: timedelta) -> None:
        async def rounds() -> None:
            for _ in range(TICK_ROUNDS_MAX):
                async with self._database.tx(system_actor(self._schema)) as tx:
                    done = await tick(tx)
                self._pulse.ticks += 1
                if not done:
                    return

        while True:
            await self._guarded(f"tick {name}", rounds)
            await asyncio.sleep(every.total_seconds())

    async def _jobs(self) -> None:
        async def due() -> None:
            while (done := await jobs.run_due(self._database, self._schema)) > 0:
                self._pulse.jobs += done
                if done < jobs.TAKEN_MAX:
                    return

        while True:
            await self._guarded("jobs", due)
            await asyncio.sleep(JOBS_SECONDS)

    async def _guarded(self, what: str, doing: Callable[[], Awaitable[None]]) -> None:
        """Trouble in one thing must not stop the others; it is logged and tried again."""
        try:
            await doing()
        except Exception:
            stop_if_told()
            self._pulse.failures += 1
            log.exception("%s: %s failed, it will be tried again", self._schema, what)
            await asyncio.sleep(RETRY_SECONDS)
