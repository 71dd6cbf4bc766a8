"""Live: what the relay has sealed, to every screen that looks, by one reader a process.

Facts are read, put into bytes once for all screens, and handed on as they come: what was sealed
together reaches a screen together. A screen that falls behind or loses its wire comes back with
the last number it saw and reads what it missed from the ledger; nothing is kept for it in between.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from wangge.kernel.actors import system_actor
from wangge.kernel.database import Connection, Database
from wangge.kernel.relay import channel

log = logging.getLogger("wangge.live")

#: Facts a screen may be behind before its wire is cut and it reads the ledger instead.
BEHIND_MAX = 1000
#: Screens one process carries.
SCREENS_MAX = 2000
#: Seconds between looks when no hint comes.
LOOK_SECONDS = 0.5
#: Facts read in one look.
LOOK_MAX = 1000


@dataclass(frozen=True, slots=True)
class LiveFact:
    """What a screen is told of a fact: where and what, never who."""

    seq: int
    kind: str
    subject_id: UUID
    area_code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A fact on its way to screens; `event` is the server-sent event as it goes over the wire."""

    seq: int
    kind: str
    area_code: str
    event: bytes


Wants = Callable[[Told], bool]


class _Screen:
    """What waits for one screen; `None` is the end."""

    def __init__(self, wants: Wants) -> None:
        self.wants = wants
        self.behind = 0
        self._waiting: asyncio.Queue[list[Told] | None] = asyncio.Queue()

    def give(self, facts: list[Told]) -> None:
        self.behind += len(facts)
        self._waiting.put_nowait(facts)

    def end(self) -> None:
        self._waiting.put_nowait(None)

    async def take(self) -> list[Told] | None:
        facts = await self._waiting.get()
        self.behind -= len(facts or ())
        return facts


class Live:
    """One district's stream in one process."""

    def __init__(self, database: Database, district: str) -> None:
        self._database = database
        self._district = district
        self._screens: set[_Screen] = set()
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
        for screen in list(self._screens):
            self._hang_up(screen)
        if self._wire is not None:
            with contextlib.suppress(Exception):
                await self._wire.close(timeout=2)
            self._wire = None

    async def watch(
        self, wants: Wants, after: int | None = None
    ) -> AsyncIterator[Sequence[Told]]:
        """Facts that are wanted, from `after` (a mark seen earlier) or from now on, as many at a
        time as have come.

        Ends when the screen has fallen behind or the process stops; the screen reconnects with
        its last mark.
        """
        await self.start()
        if len(self._screens) >= SCREENS_MAX:
            return
        screen = _Screen(wants)
        self._screens.add(screen)
        try:
            seen = self.mark if after is None else after
            while after is not None:
                missed = await self._look(seen)
                if missed:
                    seen = missed[-1].seq
                if wanted := [told for told in missed if wants(told)]:
                    yield wanted
                if len(missed) < LOOK_MAX:
                    break
            while (following := await screen.take()) is not None:
                if following[0].seq <= seen:
                    following = [told for told in following if told.seq > seen]
                if following:
                    seen = following[-1].seq
                    yield following
        finally:
            self._screens.discard(screen)

    async def _look(self, after: int) -> list[Told]:
        """What is in the ledger after a number, a bounded piece of it."""
        async with self._database.tx(
            system_actor(self._district), read_only=True, people=False
        ) as tx:
            facts = await tx.many(
                LiveFact,
                """
                select seq, kind, subject_id, area_code, at
                  from kernel_fact where seq > :after order by seq limit :limit
                """,
                after=after,
                limit=LOOK_MAX,
            )
        return [Told(f.seq, f.kind, f.area_code, _event(f)) for f in facts]

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
                if not self._screens:
                    end = await self._end()
                    if not self._screens:  # whoever came meanwhile hears what came since
                        self.mark = end
                facts = await self._look(self.mark) if self._screens else []
                if facts:
                    self.mark = facts[-1].seq
                    self._carry(facts)
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

    def _carry(self, facts: Sequence[Told]) -> None:
        for screen in list(self._screens):
            wanted = [told for told in facts if screen.wants(told)]
            if screen.behind + len(wanted) > BEHIND_MAX:
                self._hang_up(screen)
            elif wanted:
                screen.give(wanted)

    def _hang_up(self, screen: _Screen) -> None:
        """After what it already has: a fact taken out would be behind the screen's next mark."""
        self._screens.discard(screen)
        screen.end()


_encode = msgspec.json.Encoder().encode


def _event(fact: LiveFact) -> bytes:
    return b"id: %d\nevent: fact\ndata: %s\n\n" % (fact.seq, _encode(fact))
