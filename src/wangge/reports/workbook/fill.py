"""Filling a form: rows go into the sheet's XML as they come, everything else stays as it was.

Two million cells leave in seconds because no object is made for any of them: a row of the table is
a line of bytes from the database, and a row of the sheet is that line put into a mould.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, ClassVar
from xml.sax.saxutils import escape, unescape

from wangge.kernel.refusals import Refusal
from wangge.reports.workbook.formulas import Shift
from wangge.reports.workbook.layout import Layout, styles_of
from wangge.reports.workbook.mould import (
    Blank,
    Computed,
    Counter,
    Gap,
    Kind,
    Mould,
    Piece,
    attributes_of,
    cell,
    computed,
)
from wangge.reports.workbook.package import Package
from wangge.reports.workbook.sheet import Cell, Row, read_sheet

#: Rows a sheet holds (Excel), with some left for the foot.
SHEET_ROWS_MAX = 1_048_000
#: The last row there is in Excel.
EXCEL_ROWS = 1_048_576
#: How hard the archive is packed: the first level is most of the gain and a third of the time.
_PACKING = 1
_SEND_BYTES = 1 << 20
#: What no XML may hold.
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13))
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_PROPERTIES = "docProps/core.xml"
#: Entries of an archive bear a moment; ours is always this one, so that equal tables are equal files.
_MOMENT = (2020, 1, 1, 0, 0, 0)


@dataclass(eq=False)
class SheetFull(Refusal):
    says: ClassVar[str] = "这张表超过 {most} 行,一张工作表放不下。请按街道或社区分开出表。"
    status: ClassVar[int] = 413
    most: int


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a row, and the column of the form (0 is A) it goes into. `mark`: an empty value
    is one nobody knows."""

    column: int
    kind: Kind
    mark: bool


@dataclass(frozen=True, slots=True)
class Stamp:
    """Whose copy it is: a line on every printed page, and the workbook's properties. `shown`: also under
    the form's foot, where whoever opens it on a screen reads it; nothing of the form moves for it."""

    line: str
    staff: str
    mark: str
    title: str
    shown: bool = False

    def properties(self) -> bytes:
        """docProps/core.xml (ECMA-376 part 2, §11)."""
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
            'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{escape(self.title)}</dc:title>"
            f"<dc:subject>{escape(self.mark)}</dc:subject>"
            f"<dc:creator>{escape(self.staff)}</dc:creator>"
            f"<cp:keywords>{escape(self.mark)}</cp:keywords>"
            f"<dc:description>{escape(self.line)}</dc:description>"
            f"<cp:lastModifiedBy>{escape(self.staff)}</cp:lastModifiedBy>"
            "</cp:coreProperties>"
        ).encode()


@dataclass(slots=True)
class Filled:
    """What was done: rows, cells that were filled, cells nobody could know."""

    rows: int = 0
    cells: int = 0
    unknown: int = 0


class Filler:
    """Writes one filled workbook. `row(values)` takes a row's values in the order of `columns` (UTF-8
    with &, < and > escaped; numbers and day numbers as digits; empty: none); or `counted` fills
    the rows that the form names; `close` writes what follows.

    `unfilled` are columns nobody can fill: their cells are marked. `numbered` is the column of
    running numbers. `once` gives the values of `layout.places` by code.
    """

    def __init__(
        self,
        package: Package,
        layout: Layout,
        columns: Sequence[Column],
        out: IO[bytes],
        *,
        unfilled: Sequence[int] = (),
        numbered: int | None = None,
        once: Mapping[str, str] | None = None,
    ) -> None:
        self.filled = Filled()
        self._package, self._layout, self._columns = package, layout, columns
        data = package.parts[layout.part]
        self._sheet = read_sheet(data, package.shared_strings(), package.name)
        self._prefix = self._sheet.prefix.encode()
        self._styles = styles_of(package)
        self._once = {
            (place.row, place.column): place.before + value
            for place in layout.places
            if (value := (once or {}).get(place.code))
        }
        pieces = self._pieces(frozenset(unfilled), numbered)
        self._mould = Mould(self._prefix, layout.row_attributes, pieces)
        self._unfilled = [c for c in unfilled if not self._locked(c)]
        self._marked_a_row = len(self._unfilled)
        self._buffer = bytearray()
        # Packing takes as long as filling and needs no lock of Python's: it is done beside it.
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="wangge-fill")
        self._packing: Future[None] | None = None
        self._next = layout.first
        self._archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_PACKING)
        self._part = self._archive.open(_entry(layout.part), "w", force_zip64=True)
        self._begin()

    def _locked(self, column: int) -> bool:
        return any(s.heading.column == column and s.locked for s in self._layout.slots)

    def _pieces(self, unfilled: frozenset[int], numbered: int | None) -> list[Piece]:
        """A row of the form, cell by cell: what fills it, or that it stays."""
        layout = self._layout
        pattern = self._sheet.row(layout.first) if layout.room else None
        own = {c.column: c for c in pattern.cells} if pattern else {}
        slots = {slot.heading.column: slot for slot in layout.slots}
        ours = {meant.column: (at, meant) for at, meant in enumerate(self._columns)}
        made: list[Piece] = []
        for column in {*own, *slots, *ours}:
            style = own[column].style if column in own else 0
            if column not in own and column in slots:
                style = slots[column].style
            formula = own[column].formula if column in own else ""
            if formula:
                made.append(Computed(column, style, formula, layout.first))
            elif column in slots and slots[column].locked:
                made.append(Blank(column, style))
            elif column == numbered:
                made.append(Counter(column, style))
            elif column in ours:
                at, meant = ours[column]
                mark = self._styles.marked(style) if meant.mark else None
                made.append(Gap(column, style, meant.kind, at, mark))
            elif column in unfilled:
                made.append(Blank(column, self._styles.marked(style)))
            else:
                made.append(Blank(column, style))
        return made

    # -- rows ------------------------------------------------------------------------------------

    def _begin(self) -> None:
        data, (begin, end) = self._sheet.data, self._sheet.body
        head = data[:begin]
        if begin == end and head.endswith(b"/>"):  # <sheetData/>
            head = head[:-2].rstrip() + b">"
        self._part.write(re.sub(rb"<(\w+:)?dimension\b[^>]*/>", b"", head))
        for row in self._sheet.rows:
            if row.number < self._layout.first:
                self._part.write(self._kept(row, None))

    def row(self, values: Sequence[bytes]) -> None:
        """One row of the table. Raises SheetFull."""
        if self._next > SHEET_ROWS_MAX:
            raise SheetFull(SHEET_ROWS_MAX)
        self.filled.rows += 1
        self._buffer += self._mould.row(self._next, self.filled.rows, values)
        self._next += 1
        if len(self._buffer) > _SEND_BYTES:
            self._send()

    def _send(self) -> None:
        chunk, self._buffer = bytes(self._buffer), bytearray()
        self._wait()
        self._packing = self._beside.submit(self._pack, chunk)

    def _wait(self) -> None:
        """At most one piece is being packed while the next one is made."""
        if self._packing is not None:
            self._packing.result()
            self._packing = None

    def _pack(self, chunk: bytes) -> None:
        chunk = chunk.translate(None, _CONTROLS)
        for never in _NONCHARACTERS:
            if never in chunk:
                chunk = chunk.replace(never, b"")
        chunk, unknown = self._mould.settle(chunk)
        self.filled.unknown += unknown
        self.filled.cells += self._mould.values_in(chunk)
        self._part.write(chunk)

    def counted(self, values: Mapping[int, Sequence[bytes]]) -> None:
        """Instead of rows: fill the rows the form names, by their numbers. A row that has a name and
        no values is marked."""
        self._marked_a_row = 0  # each is counted where it is marked
        for row in self._sheet.rows:
            if not self._layout.first <= row.number <= self._layout.last:
                continue
            if row.number not in self._layout.labels:
                self._part.write(self._kept(row, None))
                continue
            parts = values.get(row.number)
            self.filled.rows += parts is not None
            self._part.write(self._named(row, parts or [b""] * len(self._columns)))
        self._next = self._layout.last + 1

    def _named(self, row: Row, parts: Sequence[bytes]) -> bytes:
        """A row of the form that had its name already."""
        cells = {c.column: self._sheet.data[c.start : c.end] for c in row.cells}
        own = {c.column: c for c in row.cells}
        nothing = [(Column(column, "text", mark=True), b"") for column in self._unfilled]
        for meant, part in [*zip(self._columns, parts, strict=True), *nothing]:
            column = meant.column
            if column in own and (own[column].formula or own[column].text):
                continue
            style = own[column].style if column in own else row.style
            if not part:
                self.filled.unknown += 1
                style = self._styles.marked(style)
            else:
                self.filled.cells += 1
            cells[column] = cell(self._prefix, column, row.number, style, part, meant.kind)
        return self._joined(row, row.number, cells)

    # -- what stays ------------------------------------------------------------------------------

    def _kept(self, row: Row, shift: Shift | None) -> bytes:
        """A row that is not filled: as it was, but for values put in once and for where it lies."""
        once = {
            column: text for (at, column), text in self._once.items() if at == row.number - 1
        }
        moved = shift is not None and shift.delta > 0
        if not once and not moved and not any(c.formula for c in row.cells):
            return self._sheet.data[row.start : row.end]
        number = shift.row(row.number) if shift else row.number
        cells = {c.column: self._moved(c, number, shift if moved else None) for c in row.cells}
        styles = {c.column: c.style for c in row.cells}
        for column, text in once.items():
            style = styles.get(column, self._sheet.column_style(column))
            value = escape(text).encode()
            cells[column] = cell(self._prefix, column, number, style, value, "text")
            self.filled.cells += 1
        return self._joined(row, number, cells)

    def _moved(self, one: Cell, number: int, shift: Shift | None) -> bytes:
        if one.formula:
            formula = one.formula
            if shift is not None:
                formula = shift.formula(formula, self._layout.sheet)
            return computed(self._prefix, one.column, number, one.style, formula)
        piece = self._sheet.data[one.start : one.end]
        if shift is None:
            return piece
        return re.sub(rb'(\sr="[A-Z]+)[0-9]+"', b'\\g<1>%d"' % number, piece, count=1)

    def _emptied(self, row: Row) -> bytes:
        """A prepared row that was not needed: its formats and formulas, nothing else."""
        cells = {
            c.column: computed(self._prefix, c.column, row.number, c.style, c.formula)
            if c.formula
            else cell(self._prefix, c.column, row.number, c.style, b"", "text")
            for c in row.cells
        }
        return self._joined(row, row.number, cells)

    def _joined(self, row: Row, number: int, cells: Mapping[int, bytes]) -> bytes:
        p = self._prefix
        head = b'<%srow r="%d"%s>' % (p, number, attributes_of(row.attributes))
        return head + b"".join(cells[c] for c in sorted(cells)) + b"</%srow>" % p

    # -- the end ---------------------------------------------------------------------------------

    def close_rows(self) -> Filled:
        """No more rows come. Answers what was filled; calling it again changes nothing."""
        if self._buffer:
            self._send()
        self._wait()
        self._beside.shutdown()
        self.filled.unknown += self._marked_a_row * self.filled.rows
        self._marked_a_row = 0
        return self.filled

    def close(self, stamp: Stamp | None = None) -> Filled:
        """The rest of the sheet and of the workbook, with a stamp on every page. Answers what was
        filled."""
        self.close_rows()
        more = max(0, self._next - self._layout.first - self._layout.room)
        shift = Shift(self._layout.sheet, self._layout.first, self._layout.last, more)
        at = self._line_at(shift) if stamp is not None and stamp.shown else 0
        line = escape(stamp.line).encode() if stamp is not None else b""
        for number, row in self._rest(shift):
            if 0 < at < number:
                self._part.write(self._joined(Row(at, {}, 0), at, self._said(at, line)))
                at = 0
            if number == at:
                cells = {c.column: self._moved(c, number, shift) for c in row.cells}
                said = self._said(
                    at, line, next((c.style for c in row.cells if not c.column), 0)
                )
                self._part.write(self._joined(row, number, {**cells, **said}))
                at = 0
            elif row.number > self._layout.last:
                self._part.write(self._kept(row, shift))
            else:
                named = row.number in self._layout.labels
                self._part.write(self._kept(row, None) if named else self._emptied(row))
        if at:
            self._part.write(self._joined(Row(at, {}, 0), at, self._said(at, line)))
        self._part.write(self._tail(shift, stamp))
        self._part.close()
        changed, dropped = self._others(shift)
        if stamp is not None and _PROPERTIES in self._package.parts:
            changed[_PROPERTIES] = stamp.properties()
        for name in self._package.order:
            if name not in dropped and name != self._layout.part:
                data = changed.get(name, self._package.parts[name])
                self._archive.writestr(_entry(name), data, zipfile.ZIP_DEFLATED, _PACKING)
        self._archive.close()
        return self.filled

    def _rest(self, shift: Shift) -> Iterator[tuple[int, Row]]:
        """The rows of the form that are not written yet, and where each comes to lie."""
        for row in self._sheet.rows:
            if row.number > self._layout.last:
                yield shift.row(row.number), row
            elif row.number >= self._next:
                yield row.number, row

    def _line_at(self, shift: Shift) -> int:
        """Two rows below whatever says something and the rows that were prepared; when those go down to
        the end of the sheet, below what was filled; 0 when there is no room (it is printed anyway)."""
        told = [
            number
            for number, row in self._rest(shift)
            if any(one.text or one.formula for one in row.cells)
            or any(at == row.number - 1 for at, _ in self._once)
        ]
        said = max(self._next - 1, *told, 0)
        for last in (max(said, shift.row(self._layout.last)), said):
            if last + 2 <= EXCEL_ROWS:
                return last + 2
        return 0

    def _said(self, at: int, line: bytes, style: int = 0) -> dict[int, bytes]:
        return {0: cell(self._prefix, 0, at, style, line, "text")}

    def abandon(self) -> None:
        """Nothing came of it."""
        self._beside.shutdown(cancel_futures=True)
        self._part.close()
        self._archive.close()

    def _tail(self, shift: Shift, stamp: Stamp | None) -> bytes:
        """What follows the rows: merged cells, conditions, choices, links, what is printed."""
        data, (begin, end) = self._sheet.data, self._sheet.body
        tail = data[end:]
        if begin == end and data[:begin].endswith(b"/>"):
            tail = b"</%ssheetData>" % self._prefix + tail
        if shift.delta:
            tail = _REF.sub(lambda m: m[1] + shift.refs(m[2].decode()).encode() + b'"', tail)
            tail = _FORMULA.sub(_shifting(shift, self._layout.sheet), tail)
            tail = _BREAK.sub(lambda m: m[1] + b"%d" % shift.row(int(m[2])) + b'"', tail)
        return tail if stamp is None else _with_footer(tail, self._prefix, stamp.line)

    def _others(self, shift: Shift) -> tuple[dict[str, bytes], frozenset[str]]:
        """Parts that change, and those that go: formats that were added, names and formulas that
        point at moved rows, remembered sums that would be stale."""
        package = self._package
        changed: dict[str, bytes] = {}
        if shift.delta:
            changed |= self._moved_elsewhere(shift)
        if part := package.part_of_book("styles"):
            changed[part] = self._styles.xml()
        changed[package.book] = _recalculating(package.parts[package.book], shift)
        calc = package.part_of_book("calcChain")
        if calc is None:
            return changed, frozenset()
        folder, _, leaf = package.book.rpartition("/")
        named = re.escape(calc.rpartition("/")[2].encode())
        for name in ("[Content_Types].xml", f"{folder}/_rels/{leaf}.rels"):
            changed[name] = re.sub(
                rb"<(?:Override|Relationship)\b[^>]*" + named + rb"[^>]*/>",
                b"",
                package.parts[name],
            )
        return changed, frozenset({calc})

    def _moved_elsewhere(self, shift: Shift) -> dict[str, bytes]:
        """Formulas of other sheets and charts, tables, pictures and comments of this one."""
        changed: dict[str, bytes] = {}
        sheets = {ref.part: ref.name for ref in self._package.sheets}
        for part, data in self._package.parts.items():
            if part != self._layout.part and (part in sheets or "/charts/" in part):
                changed[part] = _FORMULA.sub(_shifting(shift, sheets.get(part, "")), data)
        for kind, part in self._package.relations(self._layout.part).values():
            if part not in self._package.parts:
                continue
            data = self._package.parts[part]
            if kind in ("table", "comments"):
                changed[part] = _REF.sub(
                    lambda m: m[1] + shift.refs(m[2].decode()).encode() + b'"', data
                )
            elif kind in ("drawing", "vmlDrawing"):
                changed[part] = _ANCHOR.sub(
                    lambda m: m[1] + b"%d<" % (shift.row(int(m[2]) + 1) - 1), data
                )
        return changed


_REF = re.compile(
    rb"(<(?:\w+:)?(?:mergeCell|autoFilter|hyperlink|protectedRange|ignoredError|dataValidation"
    rb'|conditionalFormatting|table|comment)\b[^>]*?\s(?:ref|sqref)=")([^"]*)"'
)
_FORMULA = re.compile(
    rb"(<(?:\w+:)?(?:f|formula|formula1|formula2|definedName)\b[^>]*>)([^<]+)<"
)
_BREAK = re.compile(rb'(<(?:\w+:)?brk\b[^>]*?\sid=")(\d+)"')
_ANCHOR = re.compile(rb"(<(?:\w+:)?[rR]ow>)(\d+)<")


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _MOMENT)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _shifting(shift: Shift, here: str) -> Callable[[re.Match[bytes]], bytes]:
    def change(found: re.Match[bytes]) -> bytes:
        text = unescape(found[2].decode())
        return found[1] + escape(shift.formula(text, here)).encode() + b"<"

    return change


def _recalculating(book: bytes, shift: Shift) -> bytes:
    """The workbook's own part: sums are made anew when it is opened."""
    book = re.sub(rb"<(\w+:)?calcPr\b[^>]*?(/>|></(\w+:)?calcPr>)", b"", book)
    if shift.delta:
        book = _FORMULA.sub(_shifting(shift, ""), book)
    opening = re.search(rb"<(\w+:)?workbook[\s>]", book)
    prefix = (opening[1] or b"") if opening else b""
    calc = b'<%scalcPr fullCalcOnLoad="1"/>' % prefix
    # Its place is after the names, or after the sheets when there are none (ECMA-376 §18.2.27).
    for before in (b"definedNames", b"externalReferences", b"functionGroups", b"sheets"):
        for end in (b"</%s%s>" % (prefix, before), b"<%s%s/>" % (prefix, before)):
            if end in book:
                return book.replace(end, end + calc, 1)
    return book


def _with_footer(tail: bytes, prefix: bytes, footer: str) -> bytes:
    """Words on the foot of every printed page, in place of what was there."""
    words = escape("&C" + footer.replace("&", "&&")[:240]).encode()
    made = b"<%sheaderFooter><%soddFooter>%s</%soddFooter></%sheaderFooter>" % (
        *(prefix, prefix, words, prefix, prefix),
    )
    found = re.search(rb"<(\w+:)?headerFooter\b.*?(</(\w+:)?headerFooter>|/>)", tail, re.S)
    if found:
        return tail[: found.start()] + made + tail[found.end() :]
    # It stands after these, whichever of them there are, and before everything else (§18.3.1.99).
    place = 0
    for name in (
        *("sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios"),
        *("autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells"),
        *("phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks"),
        *("printOptions", "pageMargins", "pageSetup"),
    ):
        tag = re.escape(prefix + name.encode())
        for found in re.finditer(rb"<" + tag + rb"\b[^>]*/>|</" + tag + rb">", tail):
            place = max(place, found.end())
    return tail[:place] + made + tail[place:]
