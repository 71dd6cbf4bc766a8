"""A sheet's XML, read once with the place of every row and cell in the bytes.

Rows are given out again as slices of what came; only what is filled is written anew.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, ClassVar
from xml.parsers import expat

from wangge.kernel.refusals import Refusal
from wangge.kernel.sheet_refusals import WorkbookUnreadable
from wangge.kernel.sheets import column_letter
from wangge.reports.workbook.package import column_number

#: openpyxl ships no types.
_Translator: Any = import_module("openpyxl.formula.translate").Translator
#: Cells with something in them that a template may have: it should be empty.
CELLS_MAX = 400_000


@dataclass(eq=False)
class TemplateFull(Refusal):
    says: ClassVar[str] = "《{name}》里已有太多内容。请删去原有的数据,只留表头和表尾,再传。"
    status: ClassVar[int] = 413
    name: str


@dataclass(slots=True)
class Cell:
    """One cell. `start` and `end` are its place in the bytes; `column` is from 0."""

    column: int
    style: int
    kind: str
    start: int
    end: int = 0
    text: str = ""
    formula: str = ""
    shared: str = ""


@dataclass(slots=True)
class Row:
    """One row; `number` as the spreadsheet counts. `attributes` are those but `r` and `spans`."""

    number: int
    attributes: dict[str, str]
    start: int
    end: int = 0
    cells: list[Cell] = field(default_factory=list[Cell])

    @property
    def style(self) -> int:
        return int(self.attributes.get("s", "0"))


@dataclass(slots=True)
class Sheet:
    """A parsed sheet. `data` is its XML; `body` the slice between <sheetData> and its end; `prefix`
    stands before its tags ("x:" as some programs write). `merges` are (top, left, bottom, right)
    from 0; `columns` the default style of each column."""

    data: bytes
    body: tuple[int, int]
    rows: list[Row]
    merges: list[tuple[int, int, int, int]]
    columns: list[tuple[int, int, int]]
    protected: bool
    prefix: str

    def row(self, number: int) -> Row | None:
        """A row by the spreadsheet's number."""
        return next((row for row in self.rows if row.number == number), None)

    def column_style(self, column: int) -> int:
        """The style of a column's cells that have none of their own."""
        return next((s for low, high, s in self.columns if low <= column <= high), 0)

    def texts(self) -> dict[tuple[int, int], str]:
        """What is written where, from 0; formulas count as nothing written."""
        return {
            (row.number - 1, cell.column): cell.text
            for row in self.rows
            for cell in row.cells
            if cell.text and not cell.formula and not cell.shared
        }


class _Reader:
    """Walks the XML; local names only, since the usual namespace is the only one that counts."""

    def __init__(self, data: bytes, strings: Sequence[str], name: str) -> None:
        self.name = name
        self.strings = strings
        self.rows: list[Row] = []
        self.merges: list[tuple[int, int, int, int]] = []
        self.columns: list[tuple[int, int, int]] = []
        self.protected = False
        self.prefix = ""
        self.begin = self.end = -1
        self._data = data
        self._row: Row | None = None
        self._cell: Cell | None = None
        self._inside = ""
        self._text: list[str] = []
        self._count = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._stop
        self._parser.CharacterDataHandler = self._said

    def read(self) -> None:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError:
            raise WorkbookUnreadable(self.name) from None
        if self.begin < 0:
            raise WorkbookUnreadable(self.name)

    def _after_tag(self, at: int = -1) -> int:
        """The place after the tag that begins here, or at `at`."""
        return self._data.index(b">", self._parser.CurrentByteIndex if at < 0 else at) + 1

    def _after_element(self, start: int) -> int:
        """The place after an element that ends here and began at `start`. Of `<c/>` expat tells the end
        at its beginning or behind it, by its version: the tag itself is what can be believed."""
        after = self._after_tag(start)
        return after if self._data[after - 2 : after] == b"/>" else self._after_tag()

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        at = self._parser.CurrentByteIndex
        if tag == "c" and self._row is not None:
            self._begin_cell(given, at)
        elif tag == "row":
            last = self.rows[-1].number if self.rows else 0
            number = int(given.get("r", last + 1))
            kept = {k: v for k, v in given.items() if k not in ("r", "spans")}
            self._row = Row(number, kept, at)
            self.rows.append(self._row)
        elif tag in ("v", "f", "t") and self._cell is not None:
            self._inside, self._text = tag, []
            if tag == "f":
                self._cell.shared = given.get("si", "") if given.get("t") == "shared" else ""
        elif tag == "rPh":
            self._inside = "rPh"
        elif tag == "sheetData":
            self.prefix = name[: -len(tag)]
            self.begin = self._after_tag()
            if self._data[self.begin - 2 : self.begin] == b"/>":
                self.end = self.begin
        elif tag == "mergeCell":
            self.merges.append(span_of(given.get("ref", "A1")))
        elif tag == "col":
            low, high = int(given["min"]) - 1, int(given["max"]) - 1
            self.columns.append((low, high, int(given.get("style", "0"))))
        elif tag == "sheetProtection":
            self.protected = given.get("sheet", "0") in ("1", "true")

    def _begin_cell(self, given: dict[str, str], at: int) -> None:
        assert self._row is not None
        self._count += 1
        if self._count > CELLS_MAX:
            raise TemplateFull(self.name)
        ref = given.get("r")
        if ref:
            column = column_number(re.sub(r"[0-9$]", "", ref))
        else:
            column = self._row.cells[-1].column + 1 if self._row.cells else 0
        self._cell = Cell(column, int(given.get("s", "0")), given.get("t", "n"), at)
        self._row.cells.append(self._cell)

    def _stop(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag in ("v", "f", "t") and self._inside == tag and self._cell is not None:
            text = "".join(self._text)
            if tag == "f":
                self._cell.formula = text
            elif tag == "v" and self._cell.kind == "s":
                at = int(text) if text.isdigit() else -1
                self._cell.text = self.strings[at] if 0 <= at < len(self.strings) else ""
            else:
                self._cell.text += text
            self._inside = ""
        elif tag == "rPh":
            self._inside = ""
        elif tag == "c" and self._cell is not None:
            self._cell.end = self._after_element(self._cell.start)
            self._cell = None
        elif tag == "row" and self._row is not None:
            self._row.end = self._after_element(self._row.start)
            self._row = None
        elif tag == "sheetData" and self.end < 0:
            self.end = self._parser.CurrentByteIndex

    def _said(self, text: str) -> None:
        if self._inside in ("v", "f", "t"):
            self._text.append(text)


def span_of(ref: str) -> tuple[int, int, int, int]:
    """A1:B2 as (top, left, bottom, right) from 0."""
    one, _, two = ref.replace("$", "").partition(":")
    found = [re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", part) for part in (one, two or one)]
    if not all(found):
        return (0, 0, 0, 0)
    (a, b) = ((column_number(m[1]), int(m[2]) - 1) for m in found if m)
    return (a[1], a[0], b[1], b[0])


def read_sheet(data: bytes, strings: Sequence[str], name: str) -> Sheet:
    """Parse a sheet's XML. Raises WorkbookUnreadable, TemplateFull."""
    reader = _Reader(data, strings, name)
    reader.read()
    _tell_shared_formulas(reader.rows)
    return Sheet(
        data,
        (reader.begin, reader.end),
        reader.rows,
        reader.merges,
        reader.columns,
        reader.protected,
        reader.prefix,
    )


def _tell_shared_formulas(rows: Sequence[Row]) -> None:
    """Cells that share another one's formula get it in their own words."""
    masters: dict[str, tuple[str, str]] = {}
    for row in rows:
        for cell in row.cells:
            if not cell.shared:
                continue
            here = f"{column_letter(cell.column)}{row.number}"
            if cell.formula:
                masters[cell.shared] = ("=" + cell.formula, here)
            elif cell.shared in masters:
                formula, origin = masters[cell.shared]
                translator: Any = _Translator(formula, origin=origin)
                cell.formula = str(translator.translate_formula(here))[1:]
