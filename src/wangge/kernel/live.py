"""Live: what the relay has sealed, to every screen that looks, by one reader a process.

A screen that falls behind or loses its wire comes back with the last number it saw and reads
what it missed from the ledger; nothing is kept for it in between.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

import asyncpg

from wangge.kernel.actors import system_actor
from wangge.kernel.database import Connection, Database
from wangge.kernel.facts import Recorded
from wangge.kernel.relay import channel, read_facts

log = logging.getLogger("wangge.live")

#: Facts a screen may be behind before its wire is cut and it reads the ledger instead.
BEHIND_MAX = 1000
#: Screens one process carries.
SCREENS_MAX = 2000
#: Seconds between looks when no hint comes.
LOOK_SECONDS = 0.5
#: Facts read in one look.
LOOK_MAX = 1000

Wants = Callable[[Recorded], bool]


class Live:
    """One district's stream in one process."""

    def __init__(self, database: Database, district: str) -> None:
        self._database = database
        self._district = district
        self._screens: dict[asyncio.Queue[Recorded | None], Wants] = {}
        self._task: asyncio.Task[None] | None = None
        self._hint = asyncio.Event()
        self._wire: Connection | None = None
        self.mark = 0

    @property
    def screens(self) -> int:
        """How many screens are open here."""
        return len(self._screens)

    async def start(self) -> None:
        """Begin to read at the end of the ledger."""
        if self._task is None:
            self.mark = await self._end()
            self._task = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """Hang up on everybody."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        for queue in list(self._screens):
            self._hang_up(queue)
        if self._wire is not None:
            with contextlib.suppress(Exception):
                await self._wire.close(timeout=2)
            self._wire = None

    async def watch(self, wants: Wants, after: int | None = None) -> AsyncIterator[Recorded]:
        """Facts that are wanted, from `after` (a mark seen earlier) or from now on.

        Ends when the screen has fallen behind or the process stops; the screen reconnects with
        its last mark.
        """
        await self.start()
        if len(self._screens) >= SCREENS_MAX:
            return
        queue: asyncio.Queue[Recorded | None] = asyncio.Queue()
        self._screens[queue] = wants
        try:
            seen = self.mark if after is None else after
            while after is not None:
                async with self._database.tx(
                    system_actor(self._district), read_only=True
                ) as tx:
                    missed = await read_facts(tx, seen, LOOK_MAX)
                for recorded in missed:
                    seen = recorded.seq
                    if wants(recorded):
                        yield recorded
                if len(missed) < LOOK_MAX:
                    break
            while True:
                following = await queue.get()
                if following is None:
                    return
                if following.seq > seen:
                    seen = following.seq
                    yield following
        finally:
            self._screens.pop(queue, None)

    async def _end(self) -> int:
        async with self._database.tx(system_actor(self._district), read_only=True) as tx:
            return await tx.one(int, "select seq from kernel_chain")

    async def _listen(self) -> None:
        if self._wire is None or self._wire.is_closed():
            self._wire = await asyncpg.connect(self._database.dsn)
            await self._wire.add_listener(channel(self._database.schema), self._hinted)

    def _hinted(self, *_: object) -> None:
        self._hint.set()

    async def _read(self) -> None:
        while True:
            try:
                await self._listen()
                async with self._database.tx(
                    system_actor(self._district), read_only=True
                ) as tx:
                    facts = await read_facts(tx, self.mark, LOOK_MAX)
                for recorded in facts:
                    self.mark = recorded.seq
                    self._carry(recorded)
                if len(facts) == LOOK_MAX:
                    continue
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("the stream lost its database, trying again: %r", error)
                self._wire = None
                await asyncio.sleep(1)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._hint.wait()
            self._hint.clear()

    def _carry(self, recorded: Recorded) -> None:
        for queue, wants in list(self._screens.items()):
            if not wants(recorded):
                continue
            if queue.qsize() >= BEHIND_MAX:
                self._hang_up(queue)
            else:
                queue.put_nowait(recorded)

    def _hang_up(self, queue: "asyncio.Queue[Recorded | None]") -> None:
        """After what it already has: a fact taken out would be behind the screen's next mark."""
        self._screens.pop(queue, None)
        queue.put_nowait(None)
