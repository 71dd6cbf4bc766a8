"""A process beside this one that takes the rows of a large table apart.

Reading rows is most of what judging them costs, and Python computes on one processor at a time.
From `ROWS` rows on a second process reads, while this one asks the register. A thread starts it and
gives it the list of doors, piece by piece, so that nobody waits for it: until it is ready, and
wherever it breaks, this process takes the rows apart by itself. Rows go to it sealed. There is one
at most, for one import; it ends with that, after `IDLE_SECONDS` without rows, or with this process.
"""

import asyncio
import logging
import multiprocessing
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

import msgspec

from wangge.imports.columns.mapping import Mapping as Meaning
from wangge.imports.houses import Houses
from wangge.imports.parting import Parted, Parting, numbered, part
from wangge.imports.placing import Placer
from wangge.imports.queries.staging import RowKept
from wangge.imports.reading import Reader
from wangge.kernel.crypto import Vault
from wangge.matching import Door, Doors

log = logging.getLogger("wangge.imports")

#: Rows of a table from which on a second process is worth its start (some seconds of computing).
ROWS = 20_000
IDLE_SECONDS = 60
#: Doors told at a time: packing them holds up whoever computes here.
_DOORS = 1_000

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Parted]).decode
_decode_doors = msgspec.msgpack.Decoder(list[Door]).decode


class Beside:
    """The process of one import, by whose list of doors and meaning of columns it reads."""

    def __init__(self, by: Parting) -> None:
        self.import_id = by.import_id
        self._by = by
        self._stopped = False
        self._pool: Executor | None = None
        self._lock = threading.Lock()
        self._idle: asyncio.TimerHandle | None = None
        #: Set when it reads, or is known not to.
        self.settled = threading.Event()
        threading.Thread(target=self._start, args=(by,), daemon=True).start()

    def _start(self, by: Parting) -> None:
        """In a thread of its own: starting takes seconds, and packing the doors much of that."""
        pool: Executor | None = None
        try:
            pool = _started(by)
        except Exception as broken:  # whatever it is, rows are read here
            log.warning("no second process reads rows: %s", type(broken).__name__)
        with self._lock:
            if not self._stopped:
                self._pool, pool = pool, None
        if pool is not None:  # it was not wanted any more
            pool.shutdown(wait=False)
        self.settled.set()

    def reads(self, by: Parting) -> bool:
        """Whether it takes rows apart as `by` would."""
        mine = self._by
        return (
            not self._stopped
            and (mine.import_id, mine.meaning, mine.reader.today)
            == (by.import_id, by.meaning, by.reader.today)
            and mine.placer is by.placer
        )

    async def parts(self, rows: Sequence[RowKept]) -> list[Parted]:
        """Rows taken apart: there, or here while it is not ready, when it broke, and when it was
        stopped, because the statement of a bite lasted longer than it waits for rows."""
        by, pool = self._by, self._pool
        loop, asked = asyncio.get_running_loop(), numbered(rows)
        if self._idle is not None:
            self._idle.cancel()
        if not self._stopped:
            self._idle = loop.call_later(IDLE_SECONDS, self.stop)
        if pool is not None:
            try:
                parted = await loop.run_in_executor(pool, _part, asked)
            except Exception as broken:
                log.warning("rows are taken apart here: %s", type(broken).__name__)
                self._pool = None
                pool.shutdown(wait=False)
            else:
                return await asyncio.to_thread(_decode, parted)
        return await asyncio.to_thread(part, by, asked)

    def stop(self) -> None:
        """No more rows come, or none for a long time."""
        global _beside
        if _beside is self:
            _beside = None
        if self._idle is not None:
            self._idle.cancel()
        with self._lock:
            pool, self._pool, self._stopped = self._pool, None, True
        if pool is not None:
            pool.shutdown(wait=False)


_beside: Beside | None = None


def beside(by: Parting, rows: int) -> Beside | None:
    """The process for a table of so many rows; None when it is not worth one, or when the rows of
    another import are being read by it."""
    global _beside
    if rows < ROWS or (os.cpu_count() or 1) < 2:
        return None
    if _beside is not None:
        if _beside.import_id != by.import_id:
            return None
        if not _beside.reads(by):
            _beside.stop()
    if _beside is None:
        _beside = Beside(by)
    return _beside


def end(import_id: UUID) -> None:
    """An import has no more rows."""
    if _beside is not None and _beside.import_id == import_id:
        _beside.stop()


# -- starting it ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Setup:
    """What a `Parting` is made of there, but for the doors."""

    import_id: UUID
    meaning: Meaning
    headings: tuple[str, ...]
    today: date
    vault: Vault
    area: str
    areas: Mapping[str, str]
    houses: Houses


def _started(by: Parting) -> Executor:
    """The process, ready to read. Raises whatever starting a process does."""
    placer, reader = by.placer, by.reader
    pool = ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin
    )
    try:
        entries = placer.doors.entries()
        while some := list(islice(entries, _DOORS)):
            pool.submit(_hear, _encode(some)).result()
        setup = _Setup(
            *(by.import_id, by.meaning, reader.headings, reader.today, by.vault),
            *(placer.area, placer.doors.areas, placer.houses),
        )
        pool.submit(_settle, setup).result()
    except BaseException:
        pool.shutdown(wait=False)
        raise
    return pool


# -- in that process -------------------------------------------------------------------------------

_doors: list[Door] = []
_parting: Parting | None = None


def _begin() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed tells nobody to stop."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _hear(doors: bytes) -> None:
    _doors.extend(_decode_doors(doors))


def _settle(setup: _Setup) -> None:
    global _parting
    placer = Placer(Doors(_doors, setup.areas), setup.houses, setup.area)
    reader = Reader(setup.meaning, setup.headings, setup.today)
    _parting = Parting(setup.import_id, setup.meaning, reader, placer, setup.vault)
    _doors.clear()


def _part(rows: Sequence[tuple[int, bytes]]) -> bytes:
    assert _parting is not None
    return _encode(part(_parting, rows))
