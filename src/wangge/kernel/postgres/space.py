"""Room on the disk: a watermark to warn early, and a ballast to throw off when it is too late.

When the log can no longer be written, PostgreSQL stops, and its recovery needs space too.
A file kept for that day is what the recovery can live on.
"""

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ballast", "DiskPolicy", "Space", "space_at"]

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DiskPolicy:
    """Bytes. Below `watermark` we warn; below `floor` a start throws off the ballast."""

    ballast: int = 256 * MIB
    watermark: int = 1024 * MIB
    floor: int = 64 * MIB


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes on the data directory's file system, as far as a plain account may use them."""

    free: int
    total: int
    policy: DiskPolicy

    @property
    def low(self) -> bool:
        return self.free < self.policy.watermark

    @property
    def critical(self) -> bool:
        return self.free < self.policy.floor


def space_at(path: Path, policy: DiskPolicy) -> Space:
    seen = shutil.disk_usage(path)
    return Space(seen.free, seen.total, policy)


class Ballast:
    """A file of `policy.ballast` bytes beside the data directory, really allocated."""

    def __init__(self, home: Path, policy: DiskPolicy) -> None:
        self.path = home / "ballast"
        self._policy = policy

    @property
    def size(self) -> int:
        """Bytes really allocated; a file with holes would free nothing."""
        try:
            return self.path.stat().st_blocks * 512
        except FileNotFoundError:
            return 0

    @property
    def whole(self) -> bool:
        return self.size >= self._policy.ballast

    def keep(self) -> bool:
        """Allocate the ballast if it is absent and there is ample room. True when it is whole.

        "Ample" leaves the watermark free afterwards, so that taking the ballast back on board
        cannot itself cause the next alarm.
        """
        if self.whole:
            return True
        need = self._policy.ballast - self.size
        if space_at(self.path.parent, self._policy).free < need + self._policy.watermark:
            return False
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _allocate(handle, self._policy.ballast)
        except OSError:
            self.throw_off()
            return False
        finally:
            os.close(handle)
        return True

    def throw_off(self) -> bool:
        """Free the ballast's bytes. True when there was one."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
            return True
        return False


def _allocate(handle: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
        return
    block = b"\0" * MIB
    for start in range(0, size, MIB):
        os.pwrite(handle, block[: size - start], start)
    os.fsync(handle)
