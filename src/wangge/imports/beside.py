"""A process beside this one that takes the rows of a large table apart.

Reading rows is most of what judging them costs, and Python computes on one processor at a time.
From `ROWS` rows on a second process reads, while this one asks the register. It is given the list
of doors once; rows go to it sealed, and it ends with its import, after `IDLE_SECONDS` without
rows, or with this process. Where it breaks, this process takes the rows apart by itself.
"""

import asyncio
import logging
import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import msgspec

from wangge.imports.parting import Parted, Parting, numbered, part
from wangge.imports.queries.staging import RowKept

log = logging.getLogger("wangge.imports")

#: Rows of a table from which on a second process is worth its start (about a second).
ROWS = 20_000
IDLE_SECONDS = 60

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Parted]).decode


class Beside:
    """The process of one import, by whose list of doors and meaning of columns it reads."""

    def __init__(self, by: Parting) -> None:
        self._by = by
        self._pool: ProcessPoolExecutor | None = ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(by,),
        )
        self._idle: asyncio.TimerHandle | None = None

    def reads(self, by: Parting) -> bool:
        """Whether it takes rows apart as `by` would."""
        mine = self._by
        return (
            (mine.import_id, mine.meaning, mine.reader.today)
            == (by.import_id, by.meaning, by.reader.today)
        ) and mine.placer is by.placer

    async def parts(self, rows: Sequence[RowKept]) -> list[Parted]:
        """Rows taken apart, there or (when it broke) here."""
        loop, asked = asyncio.get_running_loop(), numbered(rows)
        self._wait(loop)
        if self._pool is not None:
            try:
                parted = await loop.run_in_executor(self._pool, _part, asked)
            except (BrokenProcessPool, RuntimeError) as broken:
                log.warning("rows are taken apart here: %r", broken)
                self.stop()
            else:
                return await asyncio.to_thread(_decode, parted)
        return await asyncio.to_thread(part, self._by, asked)

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = loop.call_later(IDLE_SECONDS, self.stop)

    def stop(self) -> None:
        """No more rows come, or none for a long time."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        if self._idle is not None:
            self._idle.cancel()


_beside: Beside | None = None


def beside(by: Parting, rows: int) -> Beside | None:
    """The process for a table of so many rows; None when it is not worth one."""
    global _beside
    if rows < ROWS or (os.cpu_count() or 1) < 2:
        return None
    if _beside is None or not _beside.reads(by):
        end()
        _beside = Beside(by)
    return _beside


def end() -> None:
    """An import has no more rows."""
    global _beside
    if _beside is not None:
        _beside.stop()
        _beside = None


# -- in that process -------------------------------------------------------------------------------

_parting: Parting | None = None


def _begin(by: Parting) -> None:
    global _parting
    _parting = by
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed tells nobody to stop."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _part(rows: Sequence[tuple[int, bytes]]) -> bytes:
    assert _parting is not None
    return _encode(part(_parting, rows))
