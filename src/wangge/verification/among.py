"""A list held against itself: rows of one person, contacts that contradict one another, the chain.

Each bite of rows asks the keys that rows before it told, tells its own, and keeps what it heard of
contacts. When all rows are held, the contacts go on in steps: what all rows tell together, a part of
the entries at a time, what does not fit, the chain. Each bite and each step is one transaction, so it
is stopped between two of them and goes on after whatever was killed.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.matching.linking import Meant
from wangge.matching.linking.again import First, Key, again, asks, first_of, tells
from wangge.solvers.contacts import Entry, Finding, contradictions
from wangge.verification import queries
from wangge.verification.bringing import columns_kept
from wangge.verification.chaining import together
from wangge.verification.columns import DATES, Columns
from wangge.verification.model import List
from wangge.verification.reading import Line, Whole, entries_of, whole_of
from wangge.verification.records import (
    FINDINGS_MAX,
    TOO_MANY,
    Note,
    open_notes,
    place,
    seal_chain,
    seal_finding,
    seal_notes,
)

#: Pieces whose entries one step reads.
PIECES_A_STEP = 10
#: What of a row is heard of contacts.
_HEARD = ("key", "name", "linked", "source", *DATES)


async def meet(
    tx: Tx, vault: Vault, found: List, rows: Sequence[Meant], at: Sequence[int]
) -> None:
    """Rows of a bite (`at`: their places in the file) that speak of somebody whom a row before them
    speaks of. Three statements at most. Keys are kept as numbers that say nothing without the
    district's key, nor of another list."""

    def marks() -> list[tuple[list[tuple[int, str]], list[int]]]:
        marker = vault.marker(f"verification:{found.id.hex}:")
        made: dict[Key, int] = {}  # what a row asks for it mostly tells as well

        def mark(key: Key) -> int:
            if key not in made:
                kind, name, what = key
                text = what.hex() if isinstance(what, bytes) else str(what)
                made[key] = marker(f"{kind}:{name}:{text}")
            return made[key]

        return [
            ([(mark(key), why) for key, why in asks(row)], [mark(key) for key in tells(row)])
            for row in rows
        ]

    marked = await asyncio.to_thread(marks)
    wanted = sorted({key for asked, _ in marked for key, _ in asked})
    there: dict[int, First] = {}
    place_of = dict(zip((row.number for row in rows), at, strict=True))
    for one in await queries.keys_told(tx, found.id, wanted):
        there[one.key] = First(one.number, one.target_id, one.numbered)
        place_of[one.number] = one.at
    same: list[tuple[int, int, int, str]] = []
    told: list[tuple[int, int, bool]] = []
    for row, (asked, mine) in zip(rows, marked, strict=True):
        first, why = again(row, asked, there)
        if first:
            same.append((row.number, first, place_of[first], why))
        seen = first_of(row)
        for key in mine:
            if there.setdefault(key, seen) is seen:
                told.append((key, row.number, seen.numbered))
    if told:
        await queries.tell_keys(tx, found.id, told)
    if same:
        await queries.hold_same(tx, found.id, same)


class _Heard(msgspec.Struct, array_like=True):
    """A row's number, whom it means, and its cells of `_HEARD` that the list has."""

    number: int
    target: UUID | None
    cells: tuple[str, ...]


class _Entry(msgspec.Struct, array_like=True):
    """An entry (`contacts.Entry`) and its row."""

    row: int
    id: str
    linked: tuple[str, ...]
    sources: tuple[str, ...]
    start: date | None
    end: date | None
    onset: date | None
    person: UUID | None
    bad: dict[str, str]
    unclear: dict[str, str]
    unread: tuple[str, ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_heard = msgspec.msgpack.Decoder(list[_Heard]).decode
_whole = msgspec.msgpack.Decoder(Whole).decode
_entries = msgspec.msgpack.Decoder(list[_Entry]).decode


async def hear(
    tx: Tx, vault: Vault, found: List, lines: Sequence[Line], rows: Sequence[Meant]
) -> None:
    """Keep what rows of a bite say of contacts, sealed, until the last step."""
    columns = columns_kept(found)
    if not columns.of_contacts or not lines:
        return
    fields = _fields(columns)
    heard = [
        _Heard(
            line.number,
            row.target if isinstance(row.target, UUID) else None,
            tuple(columns.of(line.cells, name) for name in fields),
        )
        for line, row in zip(lines, rows, strict=True)
    ]
    await _keep(tx, vault, found, "heard", lines[-1].number, heard)


def _fields(columns: Columns) -> list[str]:
    return [name for name in _HEARD if name in columns.at]


async def _keep(
    tx: Tx, vault: Vault, found: List, kind: str, number: int, what: object
) -> None:
    sealed = vault.seal_bytes(_encode(what), place(found.id, number, kind.encode()))
    await queries.keep_piece(tx, found.id, kind, number, sealed)


async def _opened(
    tx: Tx, vault: Vault, found: List, kind: str, *, skip: int = 0, limit: int = 1_000
) -> list[tuple[int, bytes]]:
    kept = await queries.pieces(tx, found.id, kind, skip=skip, limit=limit)
    return [
        (one.number, vault.open_bytes(one.sealed, place(found.id, one.number, kind.encode())))
        for one in kept
    ]


async def steps_of(tx: Tx, found: List) -> int:
    """Steps that follow when all rows are held: none for a list that says nothing of contacts."""
    if not columns_kept(found).of_contacts:
        return 0
    heard = await queries.count_pieces(tx, found.id, "heard")
    return 3 + -(-heard // PIECES_A_STEP)


async def step(tx: Tx, vault: Vault, found: List, number: int, steps: int) -> None:
    """One of the steps, from 0."""
    if number == 0:
        await _keep(tx, vault, found, "whole", 0, await _together(tx, vault, found))
    elif number < steps - 2:
        await _read(tx, vault, found, number - 1)
    elif number == steps - 2:
        await _contradict(tx, vault, found)
    else:
        entries = await _entries_kept(tx, vault, found)

        def sealed() -> bytes:
            return seal_chain(vault, found.id, together([one for _, one in entries]))

        await queries.set_chain(tx, found.id, await asyncio.to_thread(sealed))


def _lines(pieces: Iterable[tuple[int, bytes]]) -> tuple[list[Line], dict[int, UUID]]:
    heard = [one for _, piece in pieces for one in _heard(piece)]
    people = {one.number: one.target for one in heard if one.target is not None}
    return [Line(one.number, one.cells) for one in heard], people


def _columns(found: List) -> Columns:
    """The columns of what was heard."""
    return Columns({name: at for at, name in enumerate(_fields(columns_kept(found)))})


async def _together(tx: Tx, vault: Vault, found: List) -> Whole:
    """What all rows tell together."""
    pieces = await _opened(tx, vault, found, "heard")

    def look() -> Whole:
        return whole_of(_lines(pieces)[0], _columns(found), local_date(found.at))

    return await asyncio.to_thread(look)


async def _whole_kept(tx: Tx, vault: Vault, found: List) -> Whole:
    """The same as it was kept, or anew: a program before this one may have kept it in another form."""
    ((_, kept),) = await _opened(tx, vault, found, "whole")
    try:
        return await asyncio.to_thread(_whole, kept)
    except msgspec.DecodeError:
        return await _together(tx, vault, found)


async def _read(tx: Tx, vault: Vault, found: List, part: int) -> None:
    whole = await _whole_kept(tx, vault, found)
    skip = part * PIECES_A_STEP
    pieces = await _opened(tx, vault, found, "heard", skip=skip, limit=PIECES_A_STEP)

    def read() -> list[_Entry]:
        lines, people = _lines(pieces)
        entries = entries_of(lines, _columns(found), people, whole)
        return [
            _Entry(
                line.number, one.id, one.linked, one.sources, one.start, one.end, one.onset,
                people.get(line.number), dict(one.bad_dates), dict(one.unclear_dates),
                one.unread_dates,
            )
            for line, one in zip(lines, entries, strict=True)
        ]  # fmt: skip

    await _keep(tx, vault, found, "entries", part, await asyncio.to_thread(read))


async def _entries_kept(tx: Tx, vault: Vault, found: List) -> list[tuple[int, Entry]]:
    """Every entry with its row."""
    pieces = await _opened(tx, vault, found, "entries")

    def read() -> list[tuple[int, Entry]]:
        return [
            (
                one.row,
                Entry(
                    one.id, one.linked, one.sources, one.start, one.end, one.onset, one.person,
                    one.bad, one.unclear, one.unread,
                ),
            )
            for _, piece in pieces
            for one in _entries(piece)
        ]  # fmt: skip

    return await asyncio.to_thread(read)


async def _contradict(tx: Tx, vault: Vault, found: List) -> None:
    entries, today = await _entries_kept(tx, vault, found), local_date(tx.now)

    def look() -> tuple[list[tuple[int, str, list[int], bytes]], int]:
        row_of = {one.id: row for row, one in reversed(entries)}
        every = contradictions([one for _, one in entries], today)
        odd = most_telling(every, FINDINGS_MAX)
        return [
            (
                number,
                one.kind,
                [row_of[key] for key in one.entries if key in row_of],
                seal_finding(vault, found.id, number, one),
            )
            for number, one in enumerate(odd, 1)
        ], len(every)

    findings, total = await asyncio.to_thread(look)
    if findings:
        await queries.add_findings(tx, found.id, findings)
    await _say_how_many(tx, vault, found, len(findings), total)


def most_telling(odd: Sequence[Finding], most: int) -> Sequence[Finding]:
    """So many of what does not fit, in its order: of too many, one person in two rows is left out
    first, which the rows say as well."""
    if len(odd) <= most:
        return odd
    kept = sorted(range(len(odd)), key=lambda at: (odd[at].kind == "same_person", at))[:most]
    return [odd[at] for at in sorted(kept)]


async def _say_how_many(tx: Tx, vault: Vault, found: List, kept: int, total: int) -> None:
    """Note that not everything that does not fit is listed; a note of the check before goes."""
    notes = open_notes(vault, found.id, await queries.notes_kept(tx, found.id))
    fresh = [one for one in notes if one.words != TOO_MANY]
    if total > kept:
        fresh.append(Note(TOO_MANY, {"kept": kept, "total": total}, (), 0))
    if fresh != notes:
        await queries.set_notes(tx, found.id, seal_notes(vault, found.id, fresh))
