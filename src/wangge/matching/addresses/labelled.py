"""Labelled addresses read from text, in either of two forms: an address a line as `wangge addresses
elements --labelled` prints it (`宁波市/city 金家一路/road`), or a piece a line with its BIO label and an
empty line between addresses, as the public corpus of NAACL 2019 is written (`宁 B-city`). Pure."""

import re
from collections.abc import Sequence

from wangge.matching.addresses.elements import KINDS

#: A labelled address: its pieces in order, each with the kind of element it is.
Pieces = list[tuple[str, str]]

_MARKS = "BIES"
_BIO = re.compile(rf"\S+\s+(?:[{_MARKS}]-\S+|O)")
_KINDS = frozenset(KINDS)
#: Lines that are looked at to tell the form.
_LOOKED = 20


class NotLabelled(ValueError):
    """A line (`number`, from 1) has `piece`, which is no label of either form."""

    def __init__(self, number: int, piece: str, *, by_piece: bool) -> None:
        self.number = number
        self.piece = piece if len(piece) <= 40 else f"{piece[:40]}…"
        self.by_piece = by_piece
        super().__init__(f"line {number}: {self.piece}")


def read_labelled(text: str) -> list[Pieces]:
    """Labelled addresses in their order. Raises NotLabelled."""
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line][:_LOOKED]
    if said and all(_BIO.fullmatch(line) for line in said):
        return _by_piece(lines)
    return [_by_line(line, number) for number, line in enumerate(lines, 1) if line]


def _by_line(line: str, number: int) -> Pieces:
    pieces: Pieces = []
    for piece in line.split():
        text, slash, kind = piece.rpartition("/")
        if not slash or not text or kind not in _KINDS:
            raise NotLabelled(number, piece, by_piece=False)
        pieces.append((text, kind))
    return pieces


def _by_piece(lines: Sequence[str]) -> list[Pieces]:
    found: list[Pieces] = []
    address: Pieces = []
    ended = True
    for number, line in enumerate([*lines, ""], 1):
        if not line:
            if address:
                found.append(address)
            address, ended = [], True
            continue
        word, _, label = line.partition(" ") if " " in line else line.partition("\t")
        mark, _, kind = label.strip().partition("-")
        kind = kind.lower()
        if mark not in tuple(_MARKS) or kind not in _KINDS:
            raise NotLabelled(number, line, by_piece=True)
        if mark in "IE" and not ended and address[-1][1] == kind:
            address[-1] = (address[-1][0] + word, kind)
        else:
            address.append((word, kind))
        ended = mark in "ES"
    return found
