"""The board, told to screens as it moves.

A street that drains says thousands of facts a second; no screen wants them one by one. For each
thing that somebody watches (a round, an area, a reach) one task reads the board when the relay
hints or half a second has passed, and hands the same bytes to every screen that watches it. A
screen that is slow misses what was overtaken and never falls behind: it has one slot, and the
last board lies in it.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from wangge.kernel.actors import Reach, system_actor
from wangge.kernel.http import District
from wangge.kernel.i18n import Locale
from wangge.kernel.refusals import Refusal
from wangge.sweeps.board import SweepBoard, board_of
from wangge.sweeps.queries import rounds

log = logging.getLogger("wangge.sweeps")

#: Seconds between two looks while something moves, and while nothing does.
LOOK_SECONDS = 0.35
QUIET_SECONDS = 1.0

_encode = msgspec.json.Encoder().encode
_Key = tuple[UUID, str, Reach, Locale]


class Feed:
    """One board that somebody watches in this process."""

    def __init__(self, district: District, key: _Key) -> None:
        self._district = district
        self._round_id, self._area, self._reach = key[:3]
        self._locale: Locale = key[3]
        self._slots: set[Slot] = set()
        self._task: asyncio.Task[None] | None = None
        self._last: dict[str, Any] = {}
        self.whole = b""

    @property
    def watched(self) -> bool:
        return bool(self._slots)

    def join(self, slot: "Slot") -> None:
        """A screen more. It is given the whole board first."""
        self._slots.add(slot)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read())
        elif self.whole:
            slot.put(self.whole)

    def leave(self, slot: "Slot") -> None:
        self._slots.discard(slot)
        if not self._slots and self._task is not None:
            self._task.cancel()
            self._task = None

    async def look(self) -> SweepBoard:
        """The board as it is now."""
        system = system_actor(self._district.schema)
        async with self._district.database.tx(system, read_only=True) as tx:
            round_ = await rounds.round_(tx, self._reach, self._round_id)
            return await board_of(tx, self._reach, round_, self._area, self._locale)

    async def _read(self) -> None:
        while True:
            moved = False
            try:
                moved = self._tell(await self.look())
            except Refusal:
                for slot in list(self._slots):
                    slot.put(None)
                return
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as away:
                log.warning("a board lost its database, trying again: %r", away)
            await asyncio.sleep(LOOK_SECONDS if moved else QUIET_SECONDS / 2)

    def _tell(self, board: SweepBoard) -> bool:
        """Hand out what changed; answers whether anything of substance did."""
        lines = {line.code: asdict(line) for line in board.lines}
        head = asdict(board)
        head.pop("lines")
        now = {"head": head, **lines}
        changed = [line for code, line in lines.items() if self._last.get(code) != line]
        moved = bool(changed) or _still(self._last.get("head")) != _still(head)
        first = not self._last
        self._last = now
        self.whole = event({**head, "lines": list(lines.values())})
        if moved or first:
            told = self.whole if first else event({**head, "lines": changed})
            for slot in self._slots:
                slot.put(told if not slot.missed else self.whole)
        return moved


def _still(head: Any) -> Any:
    """A board's head without what moves by itself."""
    if head is None:
        return None
    return {key: value for key, value in head.items() if key not in ("at",)}


def event(value: Any) -> bytes:
    """One server-sent event."""
    return b"event: board\ndata: %s\n\n" % _encode(value)


class Slot:
    """One screen's place: the newest board waits in it, older ones are gone."""

    __slots__ = ("_event", "_value", "missed", "over")

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._value: bytes | None = None
        self.missed = False
        self.over = False

    def put(self, value: bytes | None) -> None:
        """Lay a board down; None means that there will be no more."""
        if value is None:
            self.over = True
        else:
            self.missed = self._event.is_set()
            self._value = value
        self._event.set()

    async def take(self, seconds: float) -> bytes | None:
        """The newest board, or None when none came in time."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return None
        self._event.clear()
        self.missed = False
        return self._value


_feeds: dict[tuple[int, _Key], Feed] = {}


async def watch(
    district: District, round_id: UUID, area: str, reach: Reach, locale: Locale, seconds: float
) -> AsyncIterator[bytes | None]:
    """Boards as events, the whole one first, then what changed; None after `seconds`
    without one."""
    key = (round_id, area, reach, locale)
    at = (id(district.database), key)
    feed = _feeds.get(at)
    if feed is None:
        feed = _feeds[at] = Feed(district, key)
    slot = Slot()
    feed.join(slot)
    try:
        while not slot.over:
            yield await slot.take(seconds)
    finally:
        feed.leave(slot)
        if not feed.watched:
            with contextlib.suppress(KeyError):
                del _feeds[at]
