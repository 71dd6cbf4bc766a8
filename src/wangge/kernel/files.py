"""Files: photos and documents, kept under the hash of their bytes in the data folder.

The bytes are safe on disk before the row that names them commits; a file without a row is
swept away at night, a row without its file cannot be. A photo that nothing names after some weeks
(it was sent, the report was not) loses its row: `attach` says that something names it.
"""

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.jobs import job, later
from wangge.kernel.refusals import NotFound
from wangge.kernel.retention import Gone, counts, keeps

#: Bytes younger than this are left alone, row or not: their row may be on its way.
GRACE_SECONDS = 3_600.0
#: Days a file waits for something to name it; a phone's deeds may come as late.
LOOSE_DAYS = 30
#: Hashes asked of the database at a time.
ASKED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept file."""

    id: UUID
    sha256: str
    media: str
    bytes: int
    width: int | None
    height: int | None
    by_id: UUID
    at: datetime


class Shelf:
    """The folder of one district's files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Where the bytes of that hash lie."""
        return self._folder / sha256[:2] / sha256

    def put(self, data: bytes) -> str:
        """Write and fsync; the same bytes lie there once. Answers their SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        try:
            os.utime(path)  # young again: whoever sweeps leaves it alone
        except FileNotFoundError:
            pass
        else:
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f"{sha256}.{os.getpid()}.{os.urandom(4).hex()}.part")
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises FileNotFoundError."""
        return self.path(sha256).read_bytes()

    def remove(self, sha256: str, *, grace: float = GRACE_SECONDS) -> bool:
        """Delete bytes that no row names, unless somebody has just put them here (again).

        Taken aside first: who puts the same bytes meanwhile either made them young before, which
        is seen, or finds nothing and writes them anew.
        """
        path = self.path(sha256)
        aside = path.with_name(f"{sha256}.{os.urandom(4).hex()}.gone")
        try:
            if time.time() - path.stat().st_mtime < grace:
                return False
            path.rename(aside)
            if time.time() - aside.stat().st_mtime < grace:
                aside.rename(path)
                return False
            aside.unlink()
        except FileNotFoundError:
            return False
        return True

    def hashes(self) -> Iterator[str]:
        """The hashes of all that lies here; what a killed process left half-written is removed."""
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                if "." not in path.name:
                    yield path.name
                else:
                    with contextlib.suppress(FileNotFoundError):
                        if time.time() - path.stat().st_mtime > GRACE_SECONDS:
                            path.unlink()


_shelves: dict[str, Shelf] = {}


def register_shelf(schema: str, shelf: Shelf) -> None:
    """Let jobs of this process find a district's files; done when the district is opened."""
    _shelves[schema] = shelf


def shelf_of(schema: str) -> Shelf:
    """The shelf of a district that this process has opened. Raises LookupError: a bug."""
    return _shelves[schema]


async def keep(
    tx: Tx,
    shelf: Shelf,
    id_: UUID,
    data: bytes,
    media: str,
    *,
    width: int | None = None,
    height: int | None = None,
    expires_at: datetime | None = None,
) -> Kept:
    """Keep a file under an id the sender minted; sending it twice is harmless.

    With `expires_at` its row goes then, unless `attach` came before.
    """
    sha256 = await asyncio.to_thread(shelf.put, data)
    await tx.run(
        """
        insert into kernel_file (id, sha256, media, bytes, width, height, by_id, at, expires_at)
        values (:id, :sha256, :media, :bytes, :width, :height, :by_id, :now, :expires_at)
        on conflict (id) do nothing
        """,
        id=id_,
        sha256=sha256,
        media=media,
        bytes=len(data),
        width=width,
        height=height,
        by_id=tx.actor.id,
        now=tx.now,
        expires_at=expires_at,
    )
    return await kept(tx, id_)


def loose_until(now: datetime) -> datetime:
    """Until when a file waits for something to name it."""
    return now + timedelta(days=LOOSE_DAYS)


async def attach(tx: Tx, ids: Sequence[UUID]) -> int:
    """Something names these files now; they stay until it goes."""
    return await tx.run(
        "update kernel_file set expires_at = null where id = any(:ids::uuid[])", ids=list(ids)
    )


async def forget(tx: Tx, ids: Sequence[UUID]) -> int:
    """Delete files whose thing is gone: the rows now, the bytes after the commit, where no other
    row names the same."""
    if not ids:
        return 0
    hashes = await tx.many(
        str,
        "delete from kernel_file where id = any(:ids::uuid[]) returning sha256",
        ids=list(ids),
    )
    if hashes:
        await later(tx, "kernel.unlink", {"sha256": sorted(set(hashes))})
    return len(hashes)


@job("kernel.unlink")
async def unlink(tx: Tx, data: Mapping[str, Any]) -> None:
    """Remove the bytes of deleted files."""
    await _sweep(tx, [str(sha256) for sha256 in data["sha256"]])


async def _sweep(tx: Tx, hashes: Sequence[str]) -> int:
    unnamed = await tx.many(
        str,
        """
        select h.sha256 from unnest(:hashes::text[]) h(sha256)
         where not exists (select 1 from kernel_file f where f.sha256 = h.sha256)
        """,
        hashes=list(hashes),
    )
    shelf = shelf_of(tx.actor.district)
    removed = await asyncio.to_thread(lambda: [shelf.remove(sha256) for sha256 in unnamed])
    return sum(removed)


@keeps(
    "kernel.files",
    "没有登记的文件",
    0,
    since="文件写入一小时以后",
    source="个人信息保护法第四十七条(处理目的已实现的,应当主动删除)",
)
async def sweep(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Bytes on the shelf that no row names: an upload that was broken off, a deleted photo."""
    shelf = shelf_of(tx.actor.district)
    lying = await asyncio.to_thread(shelf.hashes)
    removed = 0
    while some := await asyncio.to_thread(lambda: list(islice(lying, ASKED_AT_ONCE))):
        removed += await _sweep(tx, some)
        if removed >= limit:
            break
    return [Gone("", removed)]


@keeps(
    "kernel.loose_files",
    "没有用上的照片和文件",
    LOOSE_DAYS,
    since="上传之日",
    source="个人信息保护法第四十七条(处理目的已实现的,应当主动删除)",
)
async def forget_loose(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Photos that were sent and never named, and files whose own time is over."""
    ids = await tx.many(
        UUID,
        """
        select id from kernel_file where expires_at < :now
         order by expires_at limit :limit for update skip locked
        """,
        now=tx.now,
        limit=limit,
    )
    return [Gone("", await forget(tx, ids))]


@counts("kernel.loose_files")
async def loose(tx: Tx, before: datetime) -> Sequence[Gone]:
    """What the next round forgets."""
    return await tx.many(
        Gone,
        "select '' as area_code, count(*) as items from kernel_file where expires_at < :now",
        now=tx.now,
    )


async def kept(tx: Tx, id_: UUID) -> Kept:
    """One file's row. Whoever asks must have come by a thing that shows this file."""
    found = await tx.maybe(
        Kept,
        """
        select id, sha256, media, bytes, width, height, by_id, at
          from kernel_file where id = :id
        """,
        id=id_,
    )
    if found is None:
        raise NotFound("这张照片")
    return found
