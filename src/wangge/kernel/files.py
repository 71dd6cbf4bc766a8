"""Files: photos and documents, kept under the hash of their bytes in the data folder.

The bytes are safe on disk before the row that names them commits; a file without a row is
swept away later, a row without its file cannot be.
"""

import asyncio
import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound


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
        if path.exists():
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


async def keep(
    tx: Tx,
    shelf: Shelf,
    id_: UUID,
    data: bytes,
    media: str,
    *,
    width: int | None = None,
    height: int | None = None,
) -> Kept:
    """Keep a file under an id the sender minted; sending it twice is harmless."""
    sha256 = await asyncio.to_thread(shelf.put, data)
    await tx.run(
        """
        insert into kernel_file (id, sha256, media, bytes, width, height, by_id, at)
        values (:id, :sha256, :media, :bytes, :width, :height, :by_id, :now)
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
    )
    return await kept(tx, id_)


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
