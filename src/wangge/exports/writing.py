"""Files: an .xlsx or .csv in which every page says who took it, when, and under which number.

A watermark in an .xlsx is a line above the headings, repeated on every printed page, the header
and the footer, and the document's properties. It cannot keep anybody from copying; it says whose
copy this is.
"""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from importlib import import_module
from typing import Any

from wangge.exports.model import ROWS_MAX, Cell, Column, Sheet, Watermark, masked_text
from wangge.kernel.csv_text import harmless
from wangge.kernel.moments import local

#: xlsxwriter ships no types.
_xlsxwriter: Any = import_module("xlsxwriter")

#: Rows between two looks at how far it is.
STEP = 500
Told = Callable[[int], None]


class TooLong(Exception):
    """More rows than a file may have."""


def cells(columns: Sequence[Column], row: Sequence[Cell]) -> list[Cell]:
    """A row as it leaves: what is no text stays, whole numbers in masked columns are masked."""
    return [
        masked_text(value) if isinstance(value, str) and not column.full else value
        for column, value in zip(columns, row, strict=True)
    ]


def xlsx(sheet: Sheet, watermark: Watermark, told: Told) -> tuple[bytes, int]:
    """The bytes of a workbook and how many rows it has. Raises TooLong."""
    if sheet.write is not None:
        return sheet.write(watermark), sheet.length
    out = io.BytesIO()
    book = _xlsxwriter.Workbook(
        out, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    )
    bold = book.add_format(
        {"bold": True, "bottom": 1, "bg_color": "#EEF2F6", "text_wrap": True}
    )
    mark = book.add_format({"font_color": "#B42318", "bold": True})
    page = book.add_worksheet(_sheet_name(sheet.title))
    dress(book, page, watermark)
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
    page.write_string(0, 0, watermark.line, mark)
    page.write_string(1, 0, f"《{sheet.title}》" + "".join(f" {note}" for note in sheet.notes))
    for at, column in enumerate(sheet.columns):
        page.write_string(2, at, column.title, bold)
    page.freeze_panes(3, 0)
    page.repeat_rows(0, 2)
    page.fit_to_pages(1, 0)
    page.set_landscape()
    page.set_paper(9)
    written = 0
    for row in sheet.rows:
        if written == ROWS_MAX:
            raise TooLong()
        for at, value in enumerate(cells(sheet.columns, row)):
            _write(page, 3 + written, at, value)
        written += 1
        if written % STEP == 0:
            told(written)
    if written:
        page.autofilter(2, 0, 2 + written, max(0, len(sheet.columns) - 1))
    book.close()
    return out.getvalue(), written


def dress(book: Any, page: Any, watermark: Watermark) -> None:
    """Header, footer and properties of an xlsxwriter workbook. For makers that write their own."""
    line = watermark.line.replace("&", "&&")[:200]
    page.set_header(f"&C&9{line}")
    page.set_footer(f"&L&9{line[:120]}&R&9&P / &N")
    book.set_properties(
        {
            "title": watermark.title,
            "author": watermark.staff,
            "subject": watermark.mark,
            "keywords": watermark.mark,
            "comments": watermark.line,
            "created": local(watermark.at).replace(tzinfo=None),
        }
    )


def _write(page: Any, row: int, at: int, value: Cell) -> None:
    """Text is text, whatever it looks like: nothing here becomes a formula or a link."""
    if value is None or value == "":
        return
    if isinstance(value, str):
        page.write_string(row, at, value[:32_767])
    elif isinstance(value, bool):
        page.write_string(row, at, "是" if value else "否")
    elif isinstance(value, datetime):
        page.write_datetime(row, at, local(value).replace(tzinfo=None))
    elif isinstance(value, date):
        page.write_datetime(row, at, value)
    else:
        page.write_number(row, at, value)


def _sheet_name(title: str) -> str:
    return "".join(c for c in title if c not in "[]:*?/\\'")[:31] or "Sheet1"


def csv_bytes(sheet: Sheet, watermark: Watermark, told: Told) -> tuple[bytes, int]:
    """UTF-8 with a mark, so that Excel reads it; the watermark is the first line and the last."""
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow([harmless(watermark.line)])
    out.writerow([column.title for column in sheet.columns])
    written = 0
    for row in sheet.rows:
        if written == ROWS_MAX:
            raise TooLong()
        out.writerow([_plain(value) for value in cells(sheet.columns, row)])
        written += 1
        if written % STEP == 0:
            told(written)
    out.writerow([harmless(watermark.line)])
    return b"\xef\xbb\xbf" + text.getvalue().encode(), written


def _plain(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    return str(value)
