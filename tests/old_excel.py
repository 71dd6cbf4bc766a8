"""The smallest .xls that Excel and we read: one sheet of texts (MS-XLS BIFF8 in an MS-CFB file).

Nothing of ours is kept in this format; offices still have it.
"""

import struct
from collections.abc import Iterable, Sequence

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
#: Streams below this many bytes would need a second kind of sector.
_SMALL = 4096


def old_workbook(name: str, rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of texts as the only sheet, called `name`."""
    return _compound_file(_book(name, rows))


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _book(name: str, rows: Iterable[Sequence[str]]) -> bytes:
    bof = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    sheet_bof = struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)
    called = name.encode("utf-16-le")

    def globals_of(offset: int) -> bytes:
        bound = struct.pack("<IBBBB", offset, 0, 0, len(name), 1) + called
        return (
            _record(0x0809, bof)
            + _record(0x0042, struct.pack("<H", 1200))
            + _record(0x0085, bound)
            + _record(0x000A)
        )

    cells = b""
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            said = text.encode("utf-16-le")
            cells += _record(0x0204, struct.pack("<HHHHB", r, c, 0, len(said) // 2, 1) + said)
    start = globals_of(len(globals_of(0)))
    return start + _record(0x0809, sheet_bof) + cells + _record(0x000A)


def _compound_file(stream: bytes) -> bytes:
    """One stream called Workbook: header, its sectors, the directory, the table of sectors."""
    stream = stream.ljust(_SMALL, b"\0")
    sectors = -(-len(stream) // _SECTOR)
    tables = 1
    while (sectors + 1 + tables) * 4 > tables * _SECTOR:
        tables += 1
    directory, first_table = sectors, sectors + 1
    fat = [*range(1, sectors), _END, _END, *[_FAT] * tables]
    fat += [_FREE] * (tables * _SECTOR // 4 - len(fat))
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"",
        *(0x3E, 3, 0xFFFE, 9, 6, b""),
        *(0, tables, directory, 0, _SMALL, _END, 0, _END, 0),
    ) + struct.pack(
        "<109I", *[*range(first_table, first_table + tables)] + [_FREE] * (109 - tables)
    )
    entries = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 0, len(stream))
    return (
        header
        + stream.ljust(sectors * _SECTOR, b"\0")
        + entries.ljust(_SECTOR, b"\0")
        + struct.pack(f"<{len(fat)}I", *fat)
    )


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    said = name.encode("utf-16-le") + b"\0\0"
    return (
        said.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(said), kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
