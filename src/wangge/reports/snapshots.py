"""What a run held, kept as check sums, and what differs the next time.

A line is known by its id; each of its cells by 32 bits of a check sum. Both lie sealed: they say
whether something changed, and to nobody without the district's key even that.
"""

import hashlib
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from wangge.kernel.crypto import Vault

#: Rows of one sealed piece.
PART_ROWS = 5_000
_KEY_BYTES, _SUM_BYTES = 16, 4


@dataclass(slots=True)
class Snapshot:
    """Rows of a run: `sums` has `width` check sums for each of `keys`."""

    width: int
    keys: list[bytes] = field(default_factory=list[bytes])
    sums: "array[int]" = field(default_factory=lambda: array("I"))

    def add(self, key: bytes, cells: Sequence[bytes]) -> None:
        """A row: its id and its cells."""
        self.keys.append(key)
        self.sums.extend(map(zlib.crc32, cells))

    def of(self, place: int) -> "array[int]":
        """The check sums of one row."""
        return self.sums[place * self.width : (place + 1) * self.width]

    def sealed(self, vault: Vault, run_id: UUID) -> Iterator[tuple[int, bytes]]:
        """In pieces, each bound to the run and its place."""
        for part, start in enumerate(range(0, max(1, len(self.keys)), PART_ROWS)):
            keys = self.keys[start : start + PART_ROWS]
            sums = self.sums[start * self.width : (start + len(keys)) * self.width]
            plain = len(keys).to_bytes(4, "big") + b"".join(keys) + sums.tobytes()
            yield part, vault.seal_bytes(zlib.compress(plain, 1), _context(run_id, part))


def opened(
    vault: Vault, run_id: UUID, width: int, parts: Sequence[tuple[int, bytes]]
) -> Snapshot:
    """Back from its pieces, in order. Raises InvalidTag for another key or run."""
    made = Snapshot(width)
    for part, sealed in parts:
        plain = zlib.decompress(vault.open_bytes(sealed, _context(run_id, part)))
        count = int.from_bytes(plain[:4], "big")
        end = 4 + count * _KEY_BYTES
        made.keys += [plain[at : at + _KEY_BYTES] for at in range(4, end, _KEY_BYTES)]
        sums = array("I")
        sums.frombytes(plain[end : end + count * width * _SUM_BYTES])
        made.sums.extend(sums)
    return made


def _context(run_id: UUID, part: int) -> bytes:
    return run_id.bytes + b"snapshot" + part.to_bytes(4, "big")


def digest(question: bytes, more: str) -> bytes:
    """What two runs must share to be compared: the question, the masks, the area."""
    return hashlib.sha256(question + more.encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two runs. `changed` is row → the columns (from 0) that changed; ids are row ids."""

    new: tuple[UUID, ...]
    changed: Mapping[UUID, tuple[int, ...]]
    gone: tuple[UUID, ...]

    @property
    def columns(self) -> dict[int, int]:
        """Column → in how many rows it changed."""
        found: dict[int, int] = {}
        for places in self.changed.values():
            for place in places:
                found[place] = found.get(place, 0) + 1
        return found


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """What changed. Both have the same columns."""
    old = {key: place for place, key in enumerate(before.keys)}
    new: list[UUID] = []
    changed: dict[UUID, tuple[int, ...]] = {}
    width = after.width
    for place, key in enumerate(after.keys):
        was = old.pop(key, None)
        if was is None:
            new.append(UUID(bytes=key))
            continue
        mine, theirs = after.of(place), before.of(was)
        if mine != theirs:
            changed[UUID(bytes=key)] = tuple(
                at for at in range(width) if mine[at] != theirs[at]
            )
    return Difference(tuple(new), changed, tuple(UUID(bytes=key) for key in old))
