"""Excel workbooks, .xlsx and .xls, as rows of text.

The reader holds a sheet whole and dense: two cells at opposite corners of a sheet are 17
thousand million cells to it. So the archive is walked first, and both what it unpacks to and
the corner its last cell lies in are bounded before the reader sees a byte.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from wangge.kernel.headings import Blocks
from wangge.kernel.sheet_notes import MOST_COLUMNS, Notes
from wangge.kernel.sheet_refusals import (
    FileMissingOrEmpty,
    NotATable,
    SheetMissing,
    SheetTooWide,
    TableUnpacksTooLarge,
    WorkbookUnreadable,
)

Reopen = Callable[[], IO[bytes]]
_Cell = int | float | str | bool | time | date | datetime | timedelta

_MOST_CELLS = 20_000_000
_CHUNK = 1 << 20
_LONGEST_TAG = 1000
_TAG = re.compile(rb"<(?:\w+:)?(row|c)\b([^<>]*)>")
#: A tag that begins with its place, and any tag of a row or cell.
_PLAIN = re.compile(rb'<(?:row|c) r="([A-Z]{0,3})([0-9]{1,7})"')
_ANY = re.compile(rb"<(?:\w+:)?(?:row|c)\b")
_PLACE = re.compile(rb"""\br=["']([A-Z]{0,3})([0-9]{1,7})["']""")


def check_archive(reopen: Reopen, name: str, max_unpacked: int) -> None:
    """Refuse a bomb by what it declares, then by what it really unpacks to.

    zipfile reads no more of an entry than it declares and then checks its sum, so an entry
    that lies about its size is found out here and not in the workbook reader.
    """
    try:
        with closing(reopen()) as file, zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > max_unpacked:
                raise TableUnpacksTooLarge(name, max_unpacked // 1_000_000)
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" not in names:
                raise NotATable(name, _archive_seems(names))
            for entry in entries:
                with archive.open(entry) as unpacked:
                    bound = _bound(unpacked)
                if bound is None or bound > _MOST_CELLS:
                    with archive.open(entry) as unpacked:
                        rows, columns = _extent(unpacked)
                    if rows * columns > _MOST_CELLS:
                        raise SheetTooWide(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
        raise WorkbookUnreadable(name) from None
    except (RuntimeError, NotImplementedError):  # a password, or a compression nobody uses
        raise WorkbookUnreadable(name) from None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook. `hidden`: Excel does not show it; `rows`: up to the last used."""

    name: str
    hidden: bool
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Opened:
    """One sheet read: the names of all, its rows of text, its merged blocks."""

    name: str
    sheets: tuple[str, ...]
    records: Iterator[list[str]]
    blocks: Blocks


def workbook(reopen: Reopen, name: str, sheet: str | None, notes: Notes) -> Opened:
    """One sheet's rows: the one asked for, or the first that is shown and not empty."""
    with _reading(name):
        with closing(reopen()) as file:
            book = CalamineWorkbook.from_filelike(file)
        listed = _listed(book)
        names = tuple(listed)
        if sheet is not None and sheet not in names:
            raise SheetMissing(name, sheet, "、".join(names))
        shown = [one for one, hidden in listed.items() if not hidden]
        for wanted in (sheet,) if sheet is not None else shown or names:
            read = book.get_sheet_by_name(wanted)
            if read.start is not None:
                if len(names) > 1 and sheet is None:
                    notes.add(1, 0, "有多张工作表,读的是「{sheet}」", sheet=wanted)
                merged = read.merged_cell_ranges or ()
                return Opened(
                    wanted,
                    names,
                    _texts(read.iter_rows(), read.start[1], notes),
                    Blocks((*first, *last) for first, last in merged),
                )
    raise FileMissingOrEmpty(name)


def sheets_of(reopen: Reopen, name: str) -> tuple[Sheet, ...]:
    """Every sheet with cells, hidden ones said to be so."""
    with _reading(name):
        with closing(reopen()) as file:
            book = CalamineWorkbook.from_filelike(file)
        found: list[Sheet] = []
        for wanted, hidden in _listed(book).items():
            end = book.get_sheet_by_name(wanted).end
            rows, columns = (end[0] + 1, end[1] + 1) if end else (0, 0)
            found.append(Sheet(wanted, hidden, rows, columns))
        return tuple(found)


def named_sheets(reopen: Reopen, name: str) -> dict[str, bool]:
    """The names of the sheets of cells, and whether each is hidden."""
    with _reading(name):
        with closing(reopen()) as file:
            book = CalamineWorkbook.from_filelike(file)
        return _listed(book)


def _listed(book: CalamineWorkbook) -> dict[str, bool]:
    """Sheets of cells (no charts, no macros), and whether each is hidden."""
    return {
        one.name: one.visible is not SheetVisibleEnum.Visible
        for one in book.sheets_metadata
        if one.typ is SheetTypeEnum.WorkSheet
    }


@contextmanager
def _reading(name: str) -> Generator[None]:
    """Whatever the reader makes of broken bytes is one refusal."""
    try:
        yield
    except (CalamineError, OSError, ValueError):
        raise WorkbookUnreadable(name) from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # the reader's own bug, on broken bytes
            raise WorkbookUnreadable(name) from None
        raise


def _archive_seems(names: set[str]) -> str:
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        return "Word 或 PPT 文件"
    if "content.xml" in names or "xl/workbook.bin" in names:
        return "别的表格软件的文件"
    return "压缩包"


def _bound(unpacked: IO[bytes]) -> int | None:
    """At most so many cells lie before the last row and column that are named, empty ones too; None
    where a tag does not begin with its place, in the one way that nearly every program writes.

    It takes a quarter of the time of `_extent`, which tells tags apart one by one.
    """
    rows = columns = 0
    kept = b""
    while chunk := unpacked.read(_CHUNK):
        text = kept + chunk
        cut = text.rfind(b"<")
        kept = text[cut:] if cut >= 0 and len(text) - cut < _LONGEST_TAG else b""
        text = text[: len(text) - len(kept)]
        places = _PLAIN.findall(text)
        if len(places) != len(_ANY.findall(text)):
            return None
        if places:
            rows = max(rows, max(int(number) for _, number in places))
            columns = max(columns, max(map(_column, {letters for letters, _ in places})))
    return rows * columns


def _extent(unpacked: IO[bytes]) -> tuple[int, int]:
    """The last row and column that hold a value, read off the tags of a sheet's XML.

    Every entry is walked, for a sheet may have any name; one that is not a sheet has no such
    tags. A cell may leave its place out: then its row's number counts.
    """
    rows = columns = row = column = 0
    kept = b""
    while chunk := unpacked.read(_CHUNK):
        text = kept + chunk
        cut = text.rfind(b"<")
        kept = text[cut:] if cut >= 0 and len(text) - cut < _LONGEST_TAG else b""
        for tag in _TAG.finditer(text, 0, len(text) - len(kept)):
            place = _PLACE.search(tag[2])
            if tag[1] == b"row":
                row, column = int(place[2]) if place else row + 1, 0
                continue
            column = _column(place[1]) if place else column + 1
            if not tag[2].endswith(b"/"):
                row = int(place[2]) if place else row
                rows, columns = max(rows, row), max(columns, column)
    return rows, columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _texts(rows: Iterable[list[_Cell]], left: int, notes: Notes) -> Iterator[list[str]]:
    """The rows begin at row 1 of the sheet but at its first used column."""
    for number, row in enumerate(rows, 1):
        texts = [""] * left
        for column, value in enumerate(row[: MOST_COLUMNS - left], left):
            if isinstance(value, float) and abs(value) >= 1e15:
                words = (
                    "第 {row} 行 {column} 列的数字超过 15 位,Excel 已改动末几位,"
                    "请把该列设为文本重填"
                )
                notes.add(number, column, words)
            texts.append(_text(value))
        yield texts


def _text(value: _Cell) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)
