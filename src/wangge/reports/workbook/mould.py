"""A row of a sheet as bytes with gaps, so that filling one is a replacement and a formatting."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from wangge.kernel.sheets import column_letter
from wangge.reports.workbook.formulas import repeated

Kind = Literal["text", "number", "date"]

_ROW, _COUNT = b"\x02", b"\x03"


@dataclass(frozen=True, slots=True)
class Gap:
    """A cell for a value of the row: the one at place `at`. `mark`: the style of the cell when the
    value is empty because nobody knows it; None: empty is an answer."""

    column: int
    style: int
    kind: Kind
    at: int
    mark: int | None


@dataclass(frozen=True, slots=True)
class Counter:
    """The cell of the running number."""

    column: int
    style: int


@dataclass(frozen=True, slots=True)
class Computed:
    """A cell with a formula, as it reads on row `row`."""

    column: int
    style: int
    formula: str
    row: int


@dataclass(frozen=True, slots=True)
class Blank:
    """A cell that keeps its format and says nothing."""

    column: int
    style: int


Piece = Gap | Counter | Computed | Blank


def attributes_of(attributes: Mapping[str, str]) -> bytes:
    """As written in a tag, with a blank before each."""
    return "".join(
        f' {name}="{escape(value, {chr(34): "&quot;"})}"' for name, value in attributes.items()
    ).encode()


def cell(prefix: bytes, column: int, row: int, style: int, value: bytes, kind: Kind) -> bytes:
    """One cell with a value that is escaped already; without one it keeps its format."""
    head = b'<%sc r="%s%d" s="%d"' % (prefix, column_letter(column).encode(), row, style)
    if not value:
        return head + b"/>"
    type_ = b' t="str"' if kind == "text" else b""
    return head + type_ + b"><%sv>%s</%sv></%sc>" % (prefix, value, prefix, prefix)


def computed(prefix: bytes, column: int, row: int, style: int, formula: str) -> bytes:
    """One cell with a formula and no remembered result."""
    return b'<%sc r="%s%d" s="%d"><%sf>%s</%sf></%sc>' % (
        *(prefix, column_letter(column).encode(), row, style),
        *(prefix, escape(formula).encode(), prefix, prefix),
    )


class Mould:
    """`row` makes the bytes of one row; `settle` makes empty cells of many rows right."""

    def __init__(
        self, prefix: bytes, attributes: Mapping[str, str], pieces: Sequence[Piece]
    ) -> None:
        self._formulas: list[tuple[bytes, Callable[[int], str]]] = []
        self._order: list[int] = []
        self._prefix = prefix
        self._empty: dict[bytes, tuple[bytes, bool]] = {}
        made = [_literal(b'<%srow r="\x02"%s>' % (prefix, attributes_of(attributes)))]
        made += [self._piece(piece) for piece in sorted(pieces, key=lambda p: p.column)]
        made.append(b"</%srow>" % prefix)
        self._bytes = b"".join(made)
        self._straight = self._order == list(range(len(self._order)))
        self._counts = _COUNT in self._bytes

    def _piece(self, piece: Piece) -> bytes:
        p = self._prefix
        head = b'<%sc r="%s%s" ' % (p, column_letter(piece.column).encode(), _ROW)
        style = b's="%d"' % piece.style
        match piece:
            case Gap(kind=kind, mark=mark):
                self._order.append(piece.at)
                type_ = b't="str"' if kind == "text" else b't="n"'
                # Type and format change places where emptiness means unknown: then one search
                # for bytes finds all of a kind, in a million cells at once.
                inner = style + b" " + type_ if mark is None else type_ + b" " + style
                empty = inner + b"><%sv></%sv></%sc>" % (p, p, p)
                kept = piece.style if mark is None else mark
                self._empty[empty] = (b's="%d"/>' % kept, mark is not None)
                return head + inner + b"><%sv>%%s</%sv></%sc>" % (p, p, p)
            case Counter():
                return head + style + b"><%sv>\x03</%sv></%sc>" % (p, p, p)
            case Computed():
                token = b"\x04%d\x04" % piece.column
                self._formulas.append((token, repeated(piece.formula, piece.row)))
                return head + style + b"><%sf>%s</%sf></%sc>" % (p, token, p, p)
            case Blank():
                return head + style + b"/>"

    def row(self, number: int, count: int, values: Sequence[bytes]) -> bytes:
        """The row `number` of the sheet, the `count`th of the table. Values are escaped already."""
        made = self._bytes.replace(_ROW, b"%d" % number)
        if self._counts:
            made = made.replace(_COUNT, b"%d" % count)
        for token, formula in self._formulas:
            made = made.replace(token, _literal(escape(formula(number)).encode()))
        if not self._straight or len(values) != len(self._order):
            values = [values[at] for at in self._order]
        return made % tuple(values)

    def settle(self, chunk: bytes) -> tuple[bytes, int]:
        """Rows with their empty cells as they should be, and how many of these are unknown."""
        unknown = 0
        for empty, (kept, counts) in self._empty.items():
            if counts:
                unknown += chunk.count(empty)
            chunk = chunk.replace(empty, kept)
        return chunk, unknown

    def values_in(self, chunk: bytes) -> int:
        """Cells with a value in settled rows."""
        return chunk.count(b"<%sv>" % self._prefix)


def _literal(text: bytes) -> bytes:
    """Bytes that formatting passes on as they are."""
    return text.replace(b"%", b"%%")
