"""Rows and lines as they are kept: what they say about people sealed, each bound to its place."""

from typing import Any
from uuid import UUID

import msgspec

from wangge.imports.reading import Home, Person
from wangge.imports.troubles import Trouble
from wangge.kernel.crypto import Vault
from wangge.kernel.sheets import Row


class Cells(msgspec.Struct, frozen=True, array_like=True):
    """A row as it came."""

    cells: tuple[str, ...]
    section: str = ""


class Where(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a line's address leads, for people to read; `rivals` are doors it may mean."""

    text: str
    state: str = ""
    reason: str = ""
    score: float = 0.0
    name: str = ""
    values: dict[str, str] = {}
    rivals: tuple[tuple[UUID, str], ...] = ()
    #: What was not understood, the same in every row that shares the trouble.
    said: str = ""
    #: The door that is proposed, when it is likely but not sure.
    likely: UUID | None = None
    make: dict[str, Any] | None = None


class Differs(msgspec.Struct, frozen=True, array_like=True):
    """A field that would change: its target, what is there and what would be, masked."""

    key: str
    old: str
    new: str


class Rival(msgspec.Struct, frozen=True, array_like=True):
    """Somebody of the register a line may mean, masked."""

    id: UUID
    name: str
    where: str


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a line says about somebody (or some thing), and what would become of it."""

    person: Person
    home: Home
    where: Where
    troubles: tuple[Trouble, ...] = ()
    differs: tuple[Differs, ...] = ()
    rivals: tuple[Rival, ...] = ()
    #: The masked name of whom it was found to be.
    known: str = ""
    #: What a thing of a register is called, and who answers for it, masked; "" for people.
    title: str = ""
    beside: str = ""


_encode = msgspec.json.Encoder().encode
_cells = msgspec.json.Decoder(Cells).decode
_said = msgspec.json.Decoder(Said).decode


def _place(import_id: UUID, number: int, part: int = -1) -> bytes:
    return import_id.bytes + number.to_bytes(4, "big") + part.to_bytes(2, "big", signed=True)


def seal_cells(vault: Vault, import_id: UUID, row: Row) -> bytes:
    """A row's cells, readable only as that row of that import."""
    cells = _encode(Cells(row.cells, row.section))
    return vault.seal_bytes(cells, _place(import_id, row.number))


def open_cells(vault: Vault, import_id: UUID, number: int, sealed: bytes) -> Row:
    """The row back; `number` is its place among all rows of the import."""
    found = _cells(vault.open_bytes(sealed, _place(import_id, number)))
    return Row(number, found.cells, found.section)


def seal_said(vault: Vault, import_id: UUID, number: int, part: int, said: Said) -> bytes:
    """What a line says, readable only as that line."""
    return vault.seal_bytes(_encode(said), _place(import_id, number, part))


def open_said(vault: Vault, import_id: UUID, number: int, part: int, sealed: bytes) -> Said:
    """A line's words back."""
    return _said(vault.open_bytes(sealed, _place(import_id, number, part)))
