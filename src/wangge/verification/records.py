"""What a list says about people, as it is kept: sealed, each row readable only as that row."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from wangge.kernel.crypto import Vault
from wangge.kernel.headings import SAID
from wangge.kernel.refusals import Problem
from wangge.matching.names import is_han
from wangge.people.model import mask_id, mask_name, mask_phone
from wangge.solvers.chains import day_of
from wangge.solvers.contacts import Entry, Finding
from wangge.solvers.words import Sentence, Value
from wangge.verification.columns import Columns
from wangge.verification.model import FindingKept, RowKept
from wangge.verification.reading import Line

#: Contradictions kept of one list.
FINDINGS_MAX = 5_000
#: Notes that say that a line is nobody's row.
UNREAD = frozenset({"第 {row} 行没有看出人名,没有读入", *SAID.values()})
#: The note that not everything that does not fit is listed.
TOO_MANY = "名单自己对不上的地方一共 {total} 处,只列出 {kept} 处"
#: Rows that one note names.
NOTE_ROWS = 12

_encode = msgspec.json.Encoder().encode
_cells = msgspec.json.Decoder(tuple[str, ...]).decode


class _Told(msgspec.Struct, array_like=True):
    """A finding's two sentences with their values."""

    words: str
    values: dict[str, Value]
    question: str
    asked: dict[str, Value]


_told = msgspec.json.Decoder(_Told).decode


def place(list_id: UUID, number: int, what: bytes = b"row") -> bytes:
    """What a sealed part of a list is bound to."""
    return list_id.bytes + number.to_bytes(4, "big") + what


def seal_cells(vault: Vault, list_id: UUID, number: int, cells: Sequence[str]) -> bytes:
    """A row's cells."""
    return vault.seal(_encode(tuple(cells)).decode(), place(list_id, number))


def open_cells(vault: Vault, list_id: UUID, row: RowKept) -> tuple[str, ...]:
    """As they were sealed."""
    return _cells(vault.open(row.sealed, place(list_id, row.number)))


def lines_of(vault: Vault, list_id: UUID, rows: Sequence[RowKept]) -> list[Line]:
    """Rows opened."""
    return [Line(row.number, open_cells(vault, list_id, row)) for row in rows]


def seal_finding(vault: Vault, list_id: UUID, number: int, found: Finding) -> bytes:
    """A finding's words: entries are called as the list calls them."""
    told = _Told(
        found.words.text,
        dict(found.words.values),
        found.question.text,
        dict(found.question.values),
    )
    return vault.seal(_encode(told).decode(), place(list_id, number, b"finding"))


def open_finding(vault: Vault, list_id: UUID, kept: FindingKept) -> tuple[Sentence, Sentence]:
    """What does not fit, and what to ask."""
    told = _told(vault.open(kept.sealed, place(list_id, kept.number, b"finding")))
    return Sentence(told.words, told.values), Sentence(told.question, told.asked)


class _Link(msgspec.Struct, array_like=True):
    """One entry of a chain: its number in the list, its day, whom it names."""

    id: str
    day: date | None
    sources: tuple[str, ...]
    linked: tuple[str, ...]


_links = msgspec.json.Decoder(list[_Link]).decode


def seal_chain(vault: Vault, list_id: UUID, entries: Iterable[Entry]) -> bytes:
    """Who of a list had to do with whom, and when: what the graph is drawn of."""
    links = [_Link(one.id, day_of(one), one.sources, one.linked) for one in entries]
    return vault.seal(_encode(links).decode(), place(list_id, 0, b"chain"))


def open_chain(vault: Vault, list_id: UUID, sealed: bytes) -> list[Entry]:
    """Entries as they were sealed, dated by one day each; none of a list without contacts."""
    if not sealed:
        return []
    links = _links(vault.open(sealed, place(list_id, 0, b"chain")))
    return [Entry(one.id, one.linked, one.sources, onset=one.day) for one in links]


class Note(msgspec.Struct, array_like=True, frozen=True):
    """Something that was noticed while a list's file was read, of one kind: its words, their values
    without the row, the rows it is of (the first `NOTE_ROWS` of `count`)."""

    words: str
    values: dict[str, Value]
    rows: tuple[int, ...]
    count: int

    @property
    def said(self) -> Sentence:
        """In words, with the rows in them."""
        rows = "、".join(map(str, self.rows)) + ("…" if self.count > len(self.rows) else "")
        return Sentence(self.words, {**self.values, "row": rows})


_notes = msgspec.json.Decoder(list[Note]).decode


def notes_of(problems: Sequence[Problem]) -> list[Note]:
    """What was noticed, each kind once. Columns by their letters: a heading may be somebody's name."""
    rows: dict[tuple[str, tuple[tuple[str, Value], ...]], list[int]] = {}
    for one in problems:
        values = tuple(
            (name, value)
            for name, value in (one.values or {}).items()
            if name != "row" and isinstance(value, str | int)
        )
        if all(name != "heading" for name, _ in values):
            rows.setdefault((one.words, values), []).append(one.row or 0)
    return [
        Note(words, dict(values), tuple(at[:NOTE_ROWS]), len(at))
        for (words, values), at in rows.items()
    ]


def seal_notes(vault: Vault, list_id: UUID, notes: Sequence[Note]) -> bytes:
    """Notes as they are kept."""
    return vault.seal(_encode(list(notes)).decode(), place(list_id, 0, b"notes"))


def open_notes(vault: Vault, list_id: UUID, sealed: bytes) -> list[Note]:
    """As they were sealed; none of a list that came before they were kept."""
    return _notes(vault.open(sealed, place(list_id, 0, b"notes"))) if sealed else []


#: Identity numbers and telephones, with blanks or dashes in them or not, and any long run of digits.
_NUMBERS = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{6}[\s-]?\d{8}[\s-]?\d{3}[\dXx]|1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|"
    r"0\d{2,3}[\s-]?\d{7,8}|\d{10,18})(?![0-9A-Za-z])"
)


def hidden(text: str) -> str:
    """A text with every identity and telephone number in it masked, however it is written."""

    def mask(found: re.Match[str]) -> str:
        number = re.sub(r"[\s-]", "", found[0])
        return mask_id(number) if len(number) >= 15 else mask_phone(number)

    return _NUMBERS.sub(mask, unicodedata.normalize("NFKC", text))


#: The country's number before a mobile's.
_ABROAD = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)")


def _narrow(number: str) -> str:
    """A number without full-width digits, blanks and whatever else is typed between them."""
    return re.sub(r"[^0-9A-Z*+]", "", unicodedata.normalize("NFKC", number).upper())


def masked(cells: Sequence[str], columns: Columns) -> dict[str, str]:
    """A row for lists: who it means, masked."""
    return {
        "key": hidden(columns.of(cells, "key")),
        "name": mask_name(columns.of(cells, "name")),
        "id_number": mask_id(_narrow(columns.of(cells, "id_number"))),
        "phone": mask_phone(_ABROAD.sub("", _narrow(columns.of(cells, "phone")))),
    }


def glimpse(text: str) -> str:
    """Enough of a cell to see what its column is, and not whose it is."""
    text = " ".join(hidden(text).split())
    if len(text) <= 4 and is_han(text):
        return mask_name(text)
    return text if len(text) <= 10 else f"{text[:8]}…"
