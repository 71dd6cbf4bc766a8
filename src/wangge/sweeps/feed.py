"""The board, told to screens as it moves.

A street that drains says thousands of facts a second; no screen wants them one by one. For each
round that somebody watches one task reads the sums of its areas when half a second has passed, and
makes of them a board for everything that is watched in it (an area, a reach, a language), whose
bytes go to every screen that watches it. A screen that is slow misses what was overtaken and never
falls behind: it has one slot, and the last board lies in it.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from wangge.kernel.actors import Reach, system_actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.i18n import Locale
from wangge.kernel.refusals import Invalid, Refusal
from wangge.places import ATLAS, Atlas
from wangge.sweeps.acts import READ
from wangge.sweeps.board import (
    LEVELS,
    Line,
    SweepBoard,
    added,
    board_from,
    level_of,
    within_reach,
)
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import Kind, Round
from wangge.sweeps.pace import PACE_SECONDS
from wangge.sweeps.queries import rounds
from wangge.sweeps.queries.board import Sums, by_area

log = logging.getLogger("wangge.sweeps")

#: Seconds between two looks while something moves, and while nothing does.
LOOK_SECONDS = 0.35
QUIET_SECONDS = 0.5
#: Looks after which the names of areas are read anew.
ATLAS_LOOKS = 20
#: Doors of a round up to which its sums are read once for everything that is watched; a county's
#: seventeen thousand stairwells are summed by the database, for each board its own.
SHARED_DOORS = 150_000

_encode = msgspec.json.Encoder().encode
_Watched = tuple[str, Reach, Locale]


class Feed:
    """One board of a round that somebody watches."""

    def __init__(self, watched: _Watched) -> None:
        self.area, self.reach = watched[:2]
        self.locale: Locale = watched[2]
        self.slots: set[Slot] = set()
        self._last: SweepBoard | None = None

    @property
    def narrow(self) -> bool:
        """Whether it reaches single stairwells or houses, which sums of areas do not tell."""
        return bool(self.reach.units or self.reach.buildings)

    def join(self, slot: "Slot") -> None:
        """A screen more. It is given the whole board first."""
        self.slots.add(slot)
        if self._last is not None:
            slot.put(event(self._last))

    def end(self) -> None:
        """No more boards come."""
        for slot in self.slots:
            slot.put(None)

    def tell(self, board: SweepBoard) -> bool:
        """Hand out what changed; answers whether anything of substance did."""
        before, self._last = self._last, board
        changed = board.lines
        if before is not None:
            known = {line.code: line for line in before.lines}
            changed = [line for line in board.lines if known.get(line.code) != line]
            if not changed and _still(before) == _still(board):
                return False
        some, whole = event(board, changed), b""
        for slot in self.slots:
            if slot.waiting:  # what lies there is not seen: nothing of it may be lost
                whole = whole or event(board)
            slot.put(whole if slot.waiting else some)
        return True


class Source:
    """One round that is watched in this process, and the boards of it."""

    def __init__(self, district: District, round_id: UUID) -> None:
        self._district, self._round_id = district, round_id
        self._feeds: dict[_Watched, Feed] = {}
        self._task: asyncio.Task[None] | None = None
        self._joined = asyncio.Event()
        self._kind: Kind | None = None
        self._atlas: Atlas | None = None
        self._looks = 0

    @property
    def watched(self) -> bool:
        return bool(self._feeds)

    def join(self, watched: _Watched, slot: "Slot") -> None:
        """A screen more."""
        feed = self._feeds.get(watched)
        if feed is None:
            feed = self._feeds[watched] = Feed(watched)
            self._joined.set()
        feed.join(slot)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read())

    def leave(self, watched: _Watched, slot: "Slot") -> None:
        feed = self._feeds.get(watched)
        if feed is not None:
            feed.slots.discard(slot)
            if not feed.slots:
                del self._feeds[watched]
        if not self._feeds and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _read(self) -> None:
        while True:
            moved = False
            self._joined.clear()
            try:
                for feed, board in await self.look():
                    moved = feed.tell(board) or moved
            except Refusal:
                for feed in list(self._feeds.values()):
                    feed.end()
                return
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as away:
                log.warning("a board lost its database, trying again: %r", away)
            except Exception:
                log.exception("a board could not be made, trying again")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS if moved else QUIET_SECONDS):
                    await self._joined.wait()

    async def look(self) -> list[tuple[Feed, SweepBoard]]:
        """All boards as they are now: two statements, whoever watches, and for each board that sums of
        areas do not tell one in a transaction of its own."""
        feeds = list(self._feeds.values())
        async with self._reading() as tx:
            everywhere = tx.reach(READ)
            round_ = await rounds.round_(tx, everywhere, self._round_id)
            kind, atlas = await self._known(tx)
            apart = [f for f in feeds if f.narrow or round_.doors > SHARED_DOORS]
            shared: list[Sums] = []
            if len(apart) < len(feeds):
                shared = await _sums(tx, everywhere, round_, round_.area_code, LEVELS[-1])
        made: list[tuple[Feed, SweepBoard]] = []
        for feed in feeds:
            within = feed.area or within_reach(round_, feed.reach)
            level = level_of(atlas, within)
            if feed not in apart:
                rows = summed(shared, feed.reach, within, level)
            else:
                try:
                    async with self._reading() as tx:
                        rows = await _sums(tx, feed.reach, round_, within, level)
                except (Invalid, asyncpg.DataError) as wrong:
                    log.warning(
                        "a board that is asked for wrongly ends: %s", type(wrong).__name__
                    )
                    feed.end()
                    continue
            made.append(
                (feed, board_from(rows, round_, kind, atlas, within, tx.now, feed.locale))
            )
        return made

    def _reading(self) -> "AbstractAsyncContextManager[Tx]":
        database = self._district.database
        return database.tx(system_actor(self._district.schema), read_only=True)

    async def _known(self, tx: Tx) -> tuple[Kind, Atlas]:
        """What a round does not change while it runs: its kind never, names of areas rarely."""
        if self._kind is None:
            self._kind = await kind_as_opened(tx, self._round_id)
        if self._atlas is None or self._looks % ATLAS_LOOKS == 0:
            self._atlas = await ATLAS.get(tx)
        self._looks += 1
        return self._kind, self._atlas


async def _sums(tx: Tx, reach: Reach, round_: Round, within: str, level: int) -> list[Sums]:
    return await by_area(tx, reach, round_.id, within, level, PACE_SECONDS)


def summed(rows: Sequence[Sums], reach: Reach, within: str, level: int) -> list[Sums]:
    """Sums of the smallest areas, those within reach below `within` added up by `level` digits, as
    `by_area` would."""
    groups: dict[str, list[Sums]] = {}
    for row in rows:
        if row.code.startswith(within) and reach.covers(row.code):
            groups.setdefault(row.code[:level], []).append(row)
    return [added(code, groups[code]) for code in sorted(groups)]


def _still(board: SweepBoard) -> tuple[Any, ...]:
    """A board without its lines and without what moves by itself."""
    return (
        *(board.title, board.kind, board.area, board.level, board.ends_at, board.turn),
        *(board.closed_at, board.minutes_left, board.totals),
    )


def event(board: SweepBoard, lines: list[Line] | None = None) -> bytes:
    """One server-sent event: the board with all its lines, or with some."""
    shown = board if lines is None else replace(board, lines=lines)
    return b"event: board\ndata: %s\n\n" % _encode(shown)


class Slot:
    """One screen's place: the newest board waits in it, older ones are gone."""

    __slots__ = ("_event", "_value", "over")

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._value: bytes | None = None
        self.over = False

    @property
    def waiting(self) -> bool:
        """Whether a board lies in it that was not taken."""
        return self._event.is_set()

    def put(self, value: bytes | None) -> None:
        """Lay a board down; None means that there will be no more."""
        if value is None:
            self.over = True
        else:
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
        return self._value


_sources: dict[tuple[int, UUID], Source] = {}


async def watch(
    district: District, round_id: UUID, area: str, reach: Reach, locale: Locale, seconds: float
) -> AsyncIterator[bytes | None]:
    """Boards as events, the whole one first, then what changed; None after `seconds`
    without one. The caller has opened the round's door."""
    at = (id(district.database), round_id)
    watched: _Watched = (area, reach, locale)
    source = _sources.get(at)
    if source is None:
        source = _sources[at] = Source(district, round_id)
    slot = Slot()
    source.join(watched, slot)
    try:
        while not slot.over:
            yield await slot.take(seconds)
    finally:
        source.leave(watched, slot)
        if not source.watched and _sources.get(at) is source:
            del _sources[at]
