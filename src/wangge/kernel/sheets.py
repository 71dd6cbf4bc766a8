"""Tables people upload: CSV however it was saved, and Excel workbooks.

A table is opened, told apart by its bytes, and handed on row by row as text, so that an import
of a whole district needs no more memory than a page of it (an Excel sheet is held whole, behind
a limit on what its archive unpacks to). What had to be mended on the way is noted with row and
column; what cannot be read is refused with the way out.

Rows are numbered as the spreadsheet shows them: 1 is the first, headings and blank rows count.
"""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import IO, NamedTuple, cast

from wangge.kernel.csv_text import csv_records
from wangge.kernel.refusals import Problem
from wangge.kernel.sheet_notes import MOST_COLUMNS, Notes, column_letter
from wangge.kernel.sheet_refusals import (
    FileMissingOrEmpty,
    HeadingTwice,
    NoHeadings,
    NotATable,
    TableTooLarge,
    TooManyRows,
)
from wangge.kernel.times import parse_time
from wangge.kernel.workbooks import check_archive, workbook

__all__ = ["Row", "Table", "column_letter", "open_table", "parse_time"]

_HEAD = 30
_CONTROLS = {
    code: None for code in (*range(32), 127, *range(128, 160), 0xFEFF, 0xFFFE, 0xFFFF)
} | {9: " ", 10: "\n", 13: "\n"}
_DIRTY = frozenset(chr(code) for code, kept in _CONTROLS.items() if kept is None)


class Row(NamedTuple):
    """One row: its number in the sheet and one text a heading ("" when blank)."""

    number: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class Table:
    """An opened table. ``rows`` may be walked once; ``notes`` grows while it is.

    encoding  of the text: utf-8, utf-16, gb18030; "xlsx" or "xls" for a workbook
    sheets    the workbook's sheet names; empty for text
    notes     what was mended: field is the column letter, row the row
    """

    headings: tuple[str, ...]
    rows: Iterator[Row]
    encoding: str
    sheets: tuple[str, ...]
    notes: list[Problem] = field(default_factory=list[Problem])

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row as (number, heading → text)."""
        for number, cells in self.rows:
            yield number, dict(zip(self.headings, cells, strict=True))


def open_table(
    source: Path | bytes,
    name: str,
    *,
    sheet: str | None = None,
    max_bytes: int = 50_000_000,
    max_unpacked: int = 300_000_000,
    max_rows: int = 500_000,
) -> Table:
    """Open an uploaded table; ``name`` is only for the words of refusals.

    Raises a refusal of ``kernel.sheet_refusals``: at once for the file, its size, its headings;
    while rows are walked for a broken row or more than ``max_rows``. ``sheet`` picks one of a
    workbook; without it, the first that is not empty.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > max_bytes:
        raise TableTooLarge(name, -(-size // 1_000_000), max_bytes // 1_000_000)
    if size == 0:
        raise FileMissingOrEmpty(name)

    def reopen() -> IO[bytes]:
        return BytesIO(source) if isinstance(source, bytes) else source.open("rb")

    def unpack() -> IO[bytes]:
        # gzip closes what it opened itself, but not a file it was handed
        file = BytesIO(source) if isinstance(source, bytes) else source
        return cast(IO[bytes], gzip.open(file, "rb"))

    with closing(reopen()) as file:
        head = file.read(4096)
    notes = Notes()
    sheets: tuple[str, ...] = ()
    if head.startswith(b"PK\x03\x04"):
        check_archive(reopen, name, max_unpacked)
        encoding, (sheets, records) = "xlsx", workbook(reopen, name, sheet, notes)
    elif head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        encoding, (sheets, records) = "xls", workbook(reopen, name, sheet, notes)
    else:
        _refuse_other_kinds(head, name)
        if head.startswith(b"\x1f\x8b"):
            encoding, records = csv_records(unpack, name, max_unpacked)
        else:
            encoding, records = csv_records(reopen, name, max_unpacked)
    numbered = enumerate(_cleaned(records, notes), 1)
    ahead = list(islice(numbered, _HEAD))
    place, headings = _headings(ahead, name)
    if ahead[place][0] > 1:
        notes.add(ahead[place][0], 0, "表头在第 {row} 行,上面的行没有读入")
    rest = chain(ahead[place + 1 :], numbered)
    rows = _rows(rest, headings, notes, name, max_rows)
    return Table(headings, rows, encoding, sheets, notes.list)


def _refuse_other_kinds(head: bytes, name: str) -> None:
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
        for column, cell in enumerate(record[:MOST_COLUMNS]):
            if not _DIRTY.isdisjoint(cell):
                words = "第 {row} 行 {column} 列有看不见的控制字符,已去掉"
                notes.add(number, column, words)
                cell = cell.translate(_CONTROLS)
            if "\ufffd" in cell:
                notes.add(number, column, "第 {row} 行 {column} 列有乱码,请核对原文")
            cells.append(cell.strip())
        yield cells


def _headings(ahead: list[tuple[int, list[str]]], name: str) -> tuple[int, tuple[str, ...]]:
    """Where the headings are: the first row of at least two texts, half as many as any row has."""
    most = max((sum(map(bool, cells)) for _, cells in ahead), default=0)
    if most == 0:
        raise FileMissingOrEmpty(name)
    for place, (number, cells) in enumerate(ahead):
        cells = cells[: _width(cells)]
        texts = [cell for cell in cells if cell]
        if len(texts) < 2 or 2 * len(texts) < most or any(map(_is_number, texts)):
            continue
        seen: dict[str, int] = {}
        for column, text in enumerate(cells):
            if text and text in seen:
                first, again = column_letter(seen[text]), column_letter(column)
                raise HeadingTwice(name, number, text, first, again)
            seen[text] = column
        named = [
            " ".join(text.split()) or _unused(column_letter(at), seen)
            for at, text in enumerate(cells)
        ]
        return place, tuple(named)
    raise NoHeadings(name)


def _rows(
    numbered: Iterable[tuple[int, list[str]]],
    headings: tuple[str, ...],
    notes: Notes,
    name: str,
    max_rows: int,
) -> Iterator[Row]:
    width, count = len(headings), 0
    for number, cells in numbered:
        if not any(cells):
            continue
        count += 1
        if count > max_rows:
            raise TooManyRows(name, max_rows)
        if len(cells) > width and any(cells[width:]):
            notes.add(number, width, "第 {row} 行从 {column} 列起没有表头,多出的内容没有读入")
        yield Row(number, (*cells[:width], *[""] * (width - len(cells))))


def _width(cells: list[str]) -> int:
    return max((at + 1 for at, cell in enumerate(cells) if cell), default=0)


def _unused(letter: str, taken: dict[str, int]) -> str:
    return f"{letter}列" if letter in taken else letter


def _is_number(text: str) -> bool:
    return text[0] in "0123456789-+." and text.translate(_MARKS) == ""


_MARKS = {ord(mark): None for mark in "0123456789-+.,:/ eE%"}
