"""The worker process: every district of a server, looked after until told to stop."""

import asyncio
import contextlib
import logging
import os
from pathlib import Path

import asyncpg

from wangge.kernel.crypto import open_vault, register_vault
from wangge.kernel.database import Connection, Database
from wangge.kernel.files import Shelf, register_shelf
from wangge.kernel.moments import now
from wangge.kernel.stopping import stop_if_told
from wangge.worker.district import DistrictWork
from wangge.worker.health import DistrictPulse, Pulse, write_pulse

log = logging.getLogger("wangge.worker")

#: Seconds between looks for new districts.
DISTRICTS_SECONDS = 5.0
#: Seconds between pulses.
PULSE_SECONDS = 2.0
#: Connections the worker opens at most for one district (and as many to read).
CONNECTIONS = 8
#: Seconds a district's connections get to say goodbye when the worker stops.
CLOSE_SECONDS = 2.0


class Worker:
    """All districts of one server. `run` returns after `stop`."""

    def __init__(self, dsn: str, data_dir: Path) -> None:
        self._dsn = dsn
        self._data_dir = data_dir
        self._stopping = asyncio.Event()
        self._work: dict[str, asyncio.Task[None]] = {}
        self._crews: dict[str, DistrictWork] = {}
        self._databases: list[Database] = []
        began = now()
        self.pulse = Pulse(os.getpid(), began, began)

    def stop(self) -> None:
        """End soon: what is under way is rolled back, nothing acknowledged is lost."""
        self._stopping.set()

    async def run(self) -> None:
        """Look after every district, also those that are added while we run."""
        looking = asyncio.create_task(self._look_for_districts())
        try:
            while not self._stopping.is_set():
                self._beat()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PULSE_SECONDS):
                        await self._stopping.wait()
        finally:
            tasks = [looking, *self._work.values()]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=3)
            await asyncio.gather(*map(_shut, self._databases), return_exceptions=True)

    def _beat(self) -> None:
        self.pulse.at = now()
        try:
            write_pulse(self._data_dir, self.pulse)
        except OSError:
            log.exception("the pulse could not be written; the work goes on")

    async def _look_for_districts(self) -> None:
        while True:
            try:
                for schema in await self._schemas():
                    work = self._work.get(schema)
                    if work is None:
                        await self._begin(schema)
                    elif work.done():
                        log.error("%s: its work ended by itself, it begins again", schema)
                        self._go_on(schema)
            except Exception as no:
                stop_if_told()
                log.warning("the database does not answer, trying again: %r", no)
                await asyncio.sleep(1)
                continue
            await asyncio.sleep(DISTRICTS_SECONDS)

    async def _schemas(self) -> list[str]:
        connection: Connection = await asyncpg.connect(self._dsn, timeout=10)
        try:
            rows = await connection.fetch("select schema from wangge_shared.district")
        finally:
            await connection.close()
        return [row["schema"] for row in rows]

    async def _begin(self, schema: str) -> None:
        # Jobs seal and open what they keep: exports, reports, tables on their way in.
        register_vault(schema, open_vault(self._data_dir / "keys", schema))
        register_shelf(schema, Shelf(self._data_dir / "files" / schema))
        database = await Database.connect(self._dsn, schema, connections=CONNECTIONS)
        self._databases.append(database)
        pulse = self.pulse.districts.setdefault(schema, DistrictPulse())
        self._crews[schema] = DistrictWork(database, pulse)
        self._go_on(schema)

    def _go_on(self, schema: str) -> None:
        self._work[schema] = asyncio.create_task(self._crews[schema].run(), name=schema)


async def _shut(database: Database) -> None:
    async with asyncio.timeout(CLOSE_SECONDS):
        await database.close()
