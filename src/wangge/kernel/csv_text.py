"""CSV text as it really comes: whatever the encoding and the delimiter, in bounded memory.

The bytes are walked once to learn the encoding (Excel in China saves GBK without a word about
it, and the first Chinese character may be megabytes into the file) and once more to be read.
"""

import csv
import gzip
import zlib
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from contextlib import closing
from io import TextIOWrapper
from itertools import islice
from typing import IO

from wangge.kernel.sheet_refusals import (
    EncodingUnknown,
    LineUnreadable,
    PackedFileDamaged,
    TableUnpacksTooLarge,
)

_CHUNK = 1 << 18
_LONGEST_LINE = 1_000_000
_HIGH = bytes(range(128, 256))
_DELIMITERS = ",\t;"

Reopen = Callable[[], IO[bytes]]


def csv_records(
    reopen: Reopen, name: str, max_unpacked: int
) -> tuple[str, Iterator[list[str]]]:
    """The encoding's name and the records. ``reopen`` gives the bytes from the start.

    Raises EncodingUnknown, PackedFileDamaged, TableUnpacksTooLarge; LineUnreadable while
    records are walked, when a quotation mark is never closed.
    """
    try:
        codec = _codec(reopen, name, max_unpacked)
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise PackedFileDamaged(name) from None
    with closing(_reader(reopen, codec)) as text:
        delimiter = _delimiter(list(islice(_lines(text, name), 50)))
    return codec.removesuffix("-sig"), _records(reopen, codec, delimiter, name)


def harmless(cell: str) -> str:
    """A text for a CSV that Excel will open: it must not run what somebody wrote (`plain` takes
    the apostrophe off again)."""
    if cell[:1] not in ("=", "+", "-", "@", "\t", "\r"):
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell


def plain(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from reading a text as a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _codec(reopen: Reopen, name: str, max_unpacked: int) -> str:
    with closing(reopen()) as file:
        head = file.read(4096)
    candidates: tuple[str, ...]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ("utf-16",)
    elif head.startswith(b"\xef\xbb\xbf"):
        candidates = ("utf-8-sig",)
    elif head.startswith(b"\x84\x31\x95\x33"):
        candidates = ("gb18030",)
    elif _nuls(head[1::2]) and not _nuls(head[::2]):
        candidates = ("utf-16-le",)
    elif _nuls(head[::2]) and not _nuls(head[1::2]):
        candidates = ("utf-16-be",)
    else:
        candidates = ("utf-8", "gb18030")
    decoders = [getincrementaldecoder(codec)("replace") for codec in candidates]
    broken = [0] * len(decoders)
    size = letters = high = 0
    with closing(reopen()) as file:
        while True:
            chunk = file.read(_CHUNK)
            size += len(chunk)
            high += len(chunk) - len(chunk.translate(None, _HIGH))
            if size > max_unpacked:
                raise TableUnpacksTooLarge(name, max_unpacked // 1_000_000)
            for index, decoder in enumerate(decoders):
                text = decoder.decode(chunk, final=not chunk)
                broken[index] += text.count("\ufffd")
                letters += len(text)
            if not chunk:
                break
    fewest = min(broken)
    if fewest and "gb18030" in candidates and high * 50 < size:
        # Neither Chinese encoding fits and nearly all is ASCII: a Western export with some
        # curly quotation marks, which GB18030 would quietly pair into Chinese characters.
        return "cp1252"
    chosen = broken.index(fewest)
    if "gb18030" in candidates and broken[0] * 10 < high:
        # UTF-8 with a letter that was cut or spoilt: GB18030 would pair its bytes into other letters,
        # without a word. Of a text that is GB18030, nearly every letter is broken here.
        chosen = 0
    if broken[chosen] > max(3, letters // len(decoders) // 200):
        raise EncodingUnknown(name)
    return candidates[chosen]


def _nuls(odd: bytes) -> bool:
    """Whether many are NUL, as every second byte of UTF-16 text is where it is ASCII."""
    return odd.count(0) * 10 > len(odd) > 3


def _reader(reopen: Reopen, codec: str) -> TextIOWrapper:
    return TextIOWrapper(reopen(), codec, errors="replace", newline="")


def _lines(text: TextIOWrapper, name: str) -> Iterator[str]:
    number = 0
    while line := text.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise LineUnreadable(name, number)
        yield line


def _delimiter(lines: list[str]) -> str:
    """The mark that cuts most lines into the same number of cells, more than one."""

    def merit(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(record) for record in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            return 0, 0
        wide = [width for width in widths if width > 1]
        common = max(set(wide), key=wide.count, default=0)
        return wide.count(common) if common else 0, common

    return max(_DELIMITERS, key=merit)


def _records(reopen: Reopen, codec: str, delimiter: str, name: str) -> Iterator[list[str]]:
    number = 0
    with closing(_reader(reopen, codec)) as text:
        reader = csv.reader(_lines(text, name), delimiter=delimiter)
        try:
            for number, record in enumerate(reader, 1):
                if number == 1 and record:
                    record[0] = record[0].removeprefix("\ufeff")
                yield record
        except csv.Error:
            raise LineUnreadable(name, number + 1) from None
