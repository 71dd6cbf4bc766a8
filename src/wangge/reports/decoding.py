"""From a line of the database to the cells of a sheet: codes become words, sealed values open."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID
from xml.sax.saxutils import escape

from cryptography.exceptions import InvalidTag

from wangge.exports.model import masked_text
from wangge.forms.model import said
from wangge.kernel.crypto import Vault
from wangge.kernel.fields import FieldSpec
from wangge.people.model import seal_context
from wangge.reports.statements import Line
from wangge.reports.things import is_thing

#: The day before Excel's first (its calendar believes that 1900 was a leap year).
_EXCEL_ZERO = date(1899, 12, 30)
#: Free text, into which somebody may have typed a whole number.
_FREE = ("name", "label", "workplace", "address", "place", "title", "hukou_place")

Convert = Callable[[bytes], bytes]


class Decoder:
    """Turns the values of a line into cells. `dates` are the places whose cells are formatted as
    dates and get day numbers; the others get 2026-03-18."""

    def __init__(
        self,
        lines: Sequence[Line],
        fields: Mapping[str, FieldSpec],
        vault: Vault,
        *,
        dates: frozenset[int] = frozenset(),
    ) -> None:
        self._count = len(lines)
        self._vault = vault
        self._sealed = [
            (at, line.column.encode()) for at, line in enumerate(lines) if line.sealed_in
        ]
        self._converts: list[tuple[int, Convert]] = []
        for at, line in enumerate(lines):
            convert = _convert(line, fields.get(line.key), dates=at in dates)
            if convert is not None:
                self._converts.append((at, convert))

    def cells(self, parts: list[bytes]) -> list[bytes]:
        """The cells of a row, escaped for XML; `parts` are the statement's columns after the first
        two, escaped already."""
        count = self._count
        if self._sealed:
            extra = parts[count:]
            parts = parts[:count]
            for place, (at, column) in enumerate(self._sealed):
                row, sealed = extra[2 * place], extra[2 * place + 1]
                if sealed:
                    parts[at] = self._opened(row, sealed, column)
        for at, convert in self._converts:
            if parts[at]:
                parts[at] = convert(parts[at])
        return parts

    def _opened(self, row: bytes, sealed: bytes, column: bytes) -> bytes:
        """`row` is the id of the row that a value is bound to, with /column where it may be of
        another table than its neighbours'."""
        id_, _, other = row.partition(b"/")
        context = seal_context(UUID(id_.decode()), (other or column).decode())
        try:
            return self._vault.open(bytes.fromhex(sealed.decode()), context).encode()
        except InvalidTag:
            # Sealed with a key that is gone: unknown, as if it were not there.
            return b""


def _convert(line: Line, spec: FieldSpec | None, *, dates: bool) -> Convert | None:
    if spec is None:
        return None
    if spec.kind in ("code", "codes", "bool"):
        return _remembered(lambda text: said(spec, text))
    if line.shape == "date" and dates:
        return _remembered(_day_number)
    name = spec.key.split(".")[1]
    free = name.endswith(_FREE) or (is_thing(spec.subject) and spec.kind == "text")
    if line.shape == "text" and not line.sealed_in and free:
        return _second_look
    return None


def _remembered(convert: Callable[[str], str]) -> Convert:
    """A conversion of few different values."""
    known: dict[bytes, bytes] = {}

    def converted(value: bytes) -> bytes:
        found = known.get(value)
        if found is None:
            found = escape(convert(value.decode())).encode()
            if len(known) < 100_000:
                known[value] = found
        return found

    return converted


def _day_number(text: str) -> str:
    try:
        return str((date.fromisoformat(text) - _EXCEL_ZERO).days)
    except ValueError:
        return ""


def _second_look(value: bytes) -> bytes:
    """Whole numbers that slipped into a name or an address are masked."""
    return value if len(value) < 11 else masked_text(value.decode()).encode()


def escaped(chunk: bytes) -> bytes:
    """Many lines at once, so that no XML ends in them. Values hold no backslash (`_clean`)."""
    return chunk.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def unescaped(value: bytes) -> str:
    """A cell as text again."""
    text = value.decode()
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
