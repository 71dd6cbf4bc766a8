"""Tables people upload: CSV however it was saved, and Excel workbooks.

A table is opened, told apart by its bytes, and handed on row by row as text, so that an import
of a whole district needs no more memory than a page of it (an Excel sheet is held whole, behind
a limit on what its archive unpacks to). What had to be mended on the way is noted with row and
column; what cannot be read is refused with the way out.

Rows are numbered as the spreadsheet shows them: 1 is the first, headings and blank rows count.
Where the headings are and which rows are no records is `kernel.headings`.
"""

import gzip
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import IO, NamedTuple, cast

from wangge.kernel.csv_text import csv_records
from wangge.kernel.headings import HEAD_ROWS, SAID, Blocks, Heading, Others, find_headings
from wangge.kernel.refusals import Problem
from wangge.kernel.sheet_notes import MOST_COLUMNS, Notes, column_letter
from wangge.kernel.sheet_refusals import (
    FileMissingOrEmpty,
    NoHeadings,
    NotATable,
    TableTooLarge,
    TooManyRows,
)
from wangge.kernel.times import parse_time
from wangge.kernel.workbooks import Sheet, check_archive, named_sheets, sheets_of, workbook

__all__ = [
    "Row",
    "Sheet",
    "Table",
    "Upload",
    "column_letter",
    "list_sheets",
    "open_table",
    "parse_time",
]

_CONTROLS = {
    code: None for code in (*range(32), 127, *range(128, 160), 0xFEFF, 0xFFFE, 0xFFFF)
} | {9: " ", 10: "\n", 13: "\n"}
_DIRTY = frozenset(chr(code) for code, kept in _CONTROLS.items() if kept is None)


class Row(NamedTuple):
    """One row: its number in the sheet and one text a heading ("" when blank).

    section  the lone line above it that names a group of rows (1幢1单元), when sections are read
    """

    number: int
    cells: tuple[str, ...]
    section: str = ""


@dataclass(slots=True)
class Table:
    """An opened table. ``rows`` may be walked once; ``notes`` grows while it is.

    encoding  of the text: utf-8, utf-16, gb18030; "xlsx" or "xls" for a workbook
    sheets    the workbook's sheet names; empty for text
    sheet     the one that is read; "" for text
    heading   where the headings are, and what each was joined from
    notes     what was mended or left out: field is the column letter, row the row
    """

    heading: Heading
    rows: Iterator[Row]
    encoding: str
    sheets: tuple[str, ...]
    sheet: str = ""
    notes: list[Problem] = field(default_factory=list[Problem])

    @property
    def headings(self) -> tuple[str, ...]:
        """One text a column."""
        return self.heading.names

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row as (number, heading → text)."""
        for row in self.rows:
            yield row.number, dict(zip(self.headings, row.cells, strict=True))


def open_table(
    source: "Path | bytes | Upload",
    name: str,
    *,
    sheet: str | None = None,
    known: Callable[[str], bool] | None = None,
    sections: bool = False,
    max_bytes: int = 50_000_000,
    max_unpacked: int = 300_000_000,
    max_rows: int = 500_000,
) -> Table:
    """Open an uploaded table; ``name`` is only for the words of refusals.

    sheet     picks one of a workbook; without it, the first that is shown and not empty
    known     whether a text is the name of a column the reader looks for; finds headings of
              several rows even where merged cells were lost by saving as text
    sections  a line with nothing but its first cell names the rows below it and is no record

    An `Upload` was weighed and checked already, by its own limits.

    Raises a refusal of ``kernel.sheet_refusals``: at once for the file, its size, its headings;
    while rows are walked for a broken row or more than ``max_rows``.
    """
    file = (
        source
        if isinstance(source, Upload)
        else Upload(source, name, max_bytes=max_bytes, max_unpacked=max_unpacked)
    )
    notes = Notes()
    sheets: tuple[str, ...] = ()
    chosen, blocks = "", Blocks(())
    if file.kind == "text":
        encoding, records = csv_records(file.open, name, file.max_unpacked)
    else:
        book = workbook(file.open, name, sheet, notes)
        encoding, sheets, chosen = file.kind, book.sheets, book.name
        records, blocks = book.records, book.blocks
    numbered = enumerate(_cleaned(records, notes), 1)
    ahead = list(islice(numbered, HEAD_ROWS))
    if not any(any(cells) for _, cells in ahead):
        raise FileMissingOrEmpty(name)
    heading = find_headings([cells for _, cells in ahead], blocks, known)
    if heading is None:
        raise NoHeadings(name)
    _say_where(heading, notes)
    rest = chain(ahead[heading.bottom + 1 :], numbered)
    rows = _rows(
        rest,
        heading.names,
        blocks,
        Others(heading.names, sections=sections),
        notes,
        name,
        max_rows,
    )
    return Table(heading, rows, encoding, sheets, chosen, notes.list)


def list_sheets(
    source: "Path | bytes | Upload",
    name: str,
    *,
    max_bytes: int = 50_000_000,
    max_unpacked: int = 300_000_000,
) -> tuple[Sheet, ...]:
    """The sheets of a workbook, each read for its size; empty for text. Raises refusals as
    `open_table` does."""
    file = (
        source
        if isinstance(source, Upload)
        else Upload(source, name, max_bytes=max_bytes, max_unpacked=max_unpacked)
    )
    return () if file.kind == "text" else sheets_of(file.open, name)


class Upload:
    """Bytes from elsewhere, weighed, checked and told apart by what they are and not by what they
    are called; once, however many of its sheets are opened. Raises refusals as `open_table` does.

    kind          xlsx, xls or text
    max_unpacked  bytes it may unpack to
    """

    def __init__(
        self,
        source: Path | bytes,
        name: str,
        *,
        max_bytes: int = 50_000_000,
        max_unpacked: int = 300_000_000,
    ) -> None:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > max_bytes:
            raise TableTooLarge(name, -(-size // 1_000_000), max_bytes // 1_000_000)
        if size == 0:
            raise FileMissingOrEmpty(name)
        self._source, self._name, self._packed = source, name, False
        self.max_unpacked = max_unpacked
        with closing(self.open()) as file:
            head = file.read(4096)
        self.kind = "text"
        if head.startswith(b"PK\x03\x04"):
            check_archive(self.open, name, max_unpacked)
            self.kind = "xlsx"
        elif head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
            self.kind = "xls"
        else:
            refuse_other_kinds(head, name)
            self._packed = head.startswith(b"\x1f\x8b")

    def named(self) -> dict[str, bool]:
        """The sheets of a workbook, and whether each is hidden, without a look into them; {} for
        text."""
        return {} if self.kind == "text" else named_sheets(self.open, self._name)

    def open(self) -> IO[bytes]:
        """The bytes from the start, unpacked when they are gzip."""
        source = self._source
        if self._packed:
            # gzip closes what it opened itself, but not a file it was handed
            handed = BytesIO(source) if isinstance(source, bytes) else source
            return cast(IO[bytes], gzip.open(handed, "rb"))
        return BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _say_where(heading: Heading, notes: Notes) -> None:
    if heading.top > 0:
        notes.add(heading.top + 1, 0, "表头在第 {row} 行,上面的行没有读入")
    if heading.bottom > heading.top:
        notes.add(
            heading.bottom + 1,
            0,
            "表头有 {count} 行,合成了一行",
            count=heading.bottom - heading.top + 1,
        )
    for column in heading.renamed:
        notes.add(
            heading.bottom + 1,
            column,
            "{column} 列的表头和前面的重复,记作「{heading}」",
            heading=heading.names[column],
        )


def refuse_other_kinds(head: bytes, name: str) -> None:
    """Raises NotATable for what begins like a web page, a PDF, a picture or an archive."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise NotATable(name, "网页或 XML(有些系统导出的 .xls 其实是网页)")
    if start.startswith(b"%pdf"):
        raise NotATable(name, "PDF")
    if start.startswith((b"\x89png", b"\xff\xd8\xff", b"gif8")):
        raise NotATable(name, "图片")
    if start.startswith((b"rar!", b"7z\xbc\xaf")):
        raise NotATable(name, "压缩包")


def _cleaned(records: Iterable[list[str]], notes: Notes) -> Iterator[list[str]]:
    """Strip, and take out what no cell should hold; emoji and line breaks stay."""
    for number, record in enumerate(records, 1):
        cells: list[str] = []
        whole = "".join(record)
        if whole.isprintable() and "\ufffd" not in whole:  # nearly every row
            yield [cell.strip() for cell in record[:MOST_COLUMNS]]
            continue
        for column, cell in enumerate(record[:MOST_COLUMNS]):
            if not _DIRTY.isdisjoint(cell):
                words = "第 {row} 行 {column} 列有看不见的控制字符,已去掉"
                notes.add(number, column, words)
                cell = cell.translate(_CONTROLS)
            if "\ufffd" in cell:
                notes.add(number, column, "第 {row} 行 {column} 列有乱码,请核对原文")
            cells.append(cell.strip())
        yield cells


def _rows(
    numbered: Iterable[tuple[int, list[str]]],
    headings: tuple[str, ...],
    blocks: Blocks,
    others: Others,
    notes: Notes,
    name: str,
    max_rows: int,
) -> Iterator[Row]:
    width, count, section = len(headings), 0, ""
    for number, cells in numbered:
        if blocks:
            cells = blocks.down(number - 1, cells)
        if not any(cells):
            continue
        what = others.judge(cells, blocks.widest(number - 1))
        if what is not None:
            notes.add(number, 0, SAID[what])
            section = cells[0] if what == "section" else section
            continue
        count += 1
        if count > max_rows:
            raise TooManyRows(name, max_rows)
        if len(cells) > width and any(cells[width:]):
            notes.add(number, width, "第 {row} 行从 {column} 列起没有表头,多出的内容没有读入")
        yield Row(number, (*cells[:width], *[""] * (width - len(cells))), section)
