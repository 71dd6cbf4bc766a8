"""Sheets of our own, for reports without a form of the asker's, and forms kept without old content."""

from collections.abc import Sequence
from importlib import import_module
from io import BytesIO
from typing import Any

from wangge.reports.workbook.cleaning import clean
from wangge.reports.workbook.fill import Filler
from wangge.reports.workbook.layout import Layout
from wangge.reports.workbook.mould import Kind
from wangge.reports.workbook.package import Package

#: xlsxwriter ships no types.
_xlsxwriter: Any = import_module("xlsxwriter")
_WIDTHS: dict[str, float] = {"text": 16, "number": 9, "date": 12}


def own_form(title: str, headings: Sequence[tuple[str, Kind]]) -> bytes:
    """An empty form: title, unit and date, headings, one prepared row."""
    out = BytesIO()
    book = _xlsxwriter.Workbook(out, {"in_memory": True})
    page: Any = book.add_worksheet("报表")
    last = len(headings) - 1
    big = book.add_format({"bold": True, "font_size": 15, "align": "center"})
    head = book.add_format(
        {
            "bold": True,
            "border": 1,
            "bg_color": "#EEF2F6",
            "text_wrap": True,
            "valign": "vcenter",
        }
    )
    formats = {
        "text": book.add_format({"border": 1, "num_format": "@"}),
        "number": book.add_format({"border": 1}),
        "date": book.add_format({"border": 1, "num_format": "yyyy-mm-dd"}),
    }
    if last > 0:
        page.merge_range(0, 0, 0, last, title, big)
    else:
        page.write_string(0, 0, title, big)
    page.write_string(1, 0, "填报单位:")
    if last >= 3:
        page.write_string(1, max(2, last - 1), "填报日期:")
    for at, (heading, kind) in enumerate(headings):
        page.write_string(2, at, heading, head)
        page.write_blank(3, at, None, formats[kind])
        width = max(_WIDTHS[kind], min(30.0, 2.2 * len(heading)))
        page.set_column(at, at, 34.0 if heading.endswith(("住址", "地址", "地点")) else width)
    page.freeze_panes(3, 0)
    page.repeat_rows(0, 2)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    book.close()
    return out.getvalue()


def emptied(package: Package, layout: Layout) -> bytes:
    """The same form without what stood in its rows: last month's people are not kept with it."""
    clean(package, layout)
    out = BytesIO()
    Filler(package, layout, (), out).close()
    return out.getvalue()
