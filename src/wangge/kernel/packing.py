"""Rows in the binary format of COPY, for tables whose columns the driver packs slowly.

The driver asks of every element of an array whether it is an array too; a search table has fifteen
numbers a row, and a county a million rows. The format is that of PostgreSQL's `COPY … (FORMAT
binary)`: a header, a length before every field, big-endian, and -1 at the end.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from struct import Struct
from uuid import UUID

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL = b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: Their rows in pg_type, the same on every server.
_BIGINT, _TEXT = 20, 25
_SHORT, _LONG = Struct(">h"), Struct(">i")
_MOMENT = Struct(">iq")
_UUID_BYTES = _LONG.pack(16)
#: What stands before an element of eight bytes.
EIGHT = _LONG.pack(8)


def row(*fields: bytes) -> bytes:
    """One row of packed fields."""
    return _SHORT.pack(len(fields)) + b"".join(fields)


def uuid(value: UUID) -> bytes:
    return _UUID_BYTES + value.bytes


def text(value: str) -> bytes:
    data = value.encode()
    return _LONG.pack(len(data)) + data


def moment(value: datetime) -> bytes:
    """A timestamptz: microseconds since 2000."""
    return _MOMENT.pack(8, (value - _EPOCH) // _MICROSECOND)


@cache
def _elements(count: int) -> Struct:
    return Struct(">" + "iq" * count)


_ARRAY = Struct(">6i")


def elements(values: Sequence[int]) -> bytes:
    """Some elements of a bigint[], for `bigints`."""
    pairs = [part for value in values for part in (8, value)]
    return _elements(len(values)).pack(*pairs)


def bigints(*some: bytes) -> bytes:
    """A bigint[] of one dimension (none when empty), of `elements` one after another."""
    packed = b"".join(some)
    count = len(packed) // 12
    if not count:
        return _LONG.pack(12) + _LONG.pack(0) * 2 + _LONG.pack(_BIGINT)
    return _ARRAY.pack(20 + len(packed), 1, 0, _BIGINT, count, 1) + packed


def texts(values: Sequence[str]) -> bytes:
    """A text[] of one dimension (none when empty)."""
    count = len(values)
    if not count:
        return _LONG.pack(12) + _LONG.pack(0) * 2 + _LONG.pack(_TEXT)
    body = b"".join(map(text, values))
    return _ARRAY.pack(20 + len(body), 1, 0, _TEXT, count, 1) + body


def stream(rows: Iterable[bytes]) -> bytes:
    """What `Tx.copy_packed` sends."""
    return b"".join((HEAD, *rows, TAIL))
