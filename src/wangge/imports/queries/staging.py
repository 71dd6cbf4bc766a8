"""Imports and their rows, from the upload to the review."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from wangge.imports.acts import IMPORT
from wangge.imports.columns.fields import PEOPLE
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.registers.acts import CHANGE

#: The kind of our rows in kernel_work.
KIND = "imports.register"


@dataclass(frozen=True, slots=True)
class Import:
    """An import with its progress. `phase`: sheets, columns, judging, review, applying,
    cancelled or undone."""

    id: UUID
    kind: str
    name: str
    encoding: str
    sheets: tuple[str, ...]
    headings: tuple[str, ...]
    mapping: dict[str, Any]
    remembered: bool
    notes: list[dict[str, Any]]
    area_code: str
    parts: tuple[str, ...]
    phase: str
    rows: int
    by_id: UUID
    at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    undone_by: UUID | None
    state: str
    done: int
    total: int
    data: dict[str, Any]
    changed_at: datetime


class RowKept(msgspec.Struct, frozen=True):
    """A row that waits."""

    number: int
    sheet: int
    at: int
    sealed: bytes
    decided: dict[str, Any]


async def add_import(
    tx: Tx,
    id_: UUID,
    kind: str,
    name: str,
    encoding: str,
    *,
    area_code: str,
    phase: str,
    headings: Sequence[str] = (),
    sheets: Sequence[str] = (),
    mapping: Mapping[str, Any] | None = None,
    remembered: bool = False,
    notes: Sequence[Mapping[str, Any]] = (),
    rows: int = 0,
) -> None:
    """A new import; its work was added before."""
    await tx.run(
        """
        insert into imports_import (id, kind, name, encoding, sheets, headings, mapping,
                                    remembered, notes, area_code, phase, rows, by_id, at)
        values (:id, :kind, :name, :encoding, :sheets::text[], :headings::text[], :mapping,
                :remembered, :notes, :area_code, :phase, :rows, :by, :now)
        """,
        id=id_,
        kind=kind,
        name=name,
        encoding=encoding,
        sheets=list(sheets),
        headings=list(headings),
        mapping=dict(mapping or {}),
        remembered=remembered,
        notes=list(notes),
        area_code=area_code,
        phase=phase,
        rows=rows,
        by=tx.actor.id,
        now=tx.now,
    )


def _within(tx: Tx) -> dict[str, Any]:
    """The door's values: the actor, and how far they may bring people's and registers' tables."""
    kinds: list[str] = []
    lows: list[str] = []
    highs: list[str] = []
    for kind, act in ((PEOPLE, IMPORT), ("things", CHANGE)):
        values = tx.reach(act).values()
        lows += values["reach_from"]
        highs += values["reach_to"]
        kinds += [kind] * len(values["reach_from"])
    return {"me": tx.actor.id, "reach_kind": kinds, "reach_from": lows, "reach_to": highs}


#: An import and where it is with its work.
_IMPORTS: LiteralString = """
        select i.id, i.kind, i.name, i.encoding, i.sheets, i.headings, i.mapping, i.remembered,
               i.notes, i.area_code, i.parts, i.phase, i.rows, i.by_id, i.at, i.applied_at, i.undone_at,
               i.undone_by, w.state, w.done, w.total, w.data, w.changed_at
          from imports_import i join kernel_work w using (id)
"""
#: The actor's own, or of an area, or of a part of a split one, where they bring in such tables.
_WITHIN: LiteralString = """(i.by_id = :me
                or exists (select 1 from unnest(:reach_kind::text[], :reach_from::text[],
                                                :reach_to::text[]) r(kind, lo, hi)
                            where (r.kind = 'people') = (i.kind = 'people')
                              and (i.area_code >= r.lo and i.area_code < r.hi
                                   or exists (select 1 from unnest(i.parts) p(code)
                                               where p.code >= r.lo and p.code < r.hi))))"""


async def one_import(tx: Tx, id_: UUID, *, lock: bool = False) -> Import:
    """The door: the actor's own, or one of an area within reach. Raises NotFound."""
    found = await tx.maybe(
        Import,
        _IMPORTS
        + """
         where i.id = :id and """
        + _WITHIN,
        id=id_,
        **_within(tx),
    )
    if found is None:
        raise NotFound("这次导入")
    if lock:
        await tx.run("select id from kernel_work where id = :id for update", id=id_)
    return found


async def import_of(tx: Tx, id_: UUID) -> Import:
    """For the clock and after a door has opened."""
    return await tx.one(
        Import,
        _IMPORTS
        + """
         where i.id = :id
        """,
        id=id_,
    )


async def imports_page(
    tx: Tx, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Import]:
    """Imports within reach, the latest first."""
    moment, id_ = after or (None, None)
    return await tx.many(
        Import,
        _IMPORTS
        + """
         where """
        + _WITHIN
        + """
           and (:moment::timestamptz is null or (i.at, i.id) < (:moment, :after_id::uuid))
         order by i.at desc, i.id desc
         limit :limit
        """,
        **_within(tx),
        moment=moment,
        after_id=id_,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class Unplaced:
    """An import with lines that have no door yet."""

    id: UUID
    name: str
    area_code: str
    at: datetime
    lines: int


#: Imports with lines that wait for a door.
_WAITING: LiteralString = """
        select i.id, i.name, i.area_code, i.at, n.lines
          from imports_import i
          cross join lateral (
               select count(*)::int as lines from imports_line l
                where l.import_id = i.id and l.verdict = 'unplaced' and l.state = 'open') n
         where i.phase = 'review' and i.undone_at is null and n.lines > 0
           and """


async def unplaced(tx: Tx, *, limit: int) -> list[Unplaced]:
    """Imports within reach that wait for doors, the oldest first, since those go first."""
    return await tx.many(
        Unplaced,
        _WAITING
        + _WITHIN
        + """
         order by i.at, i.id
         limit :limit
        """,
        limit=limit,
        **_within(tx),
    )


async def set_phase(tx: Tx, id_: UUID, phase: str) -> None:
    """Where the import is."""
    await tx.run("update imports_import set phase = :phase where id = :id", id=id_, phase=phase)


async def set_applied(tx: Tx, id_: UUID) -> None:
    """Something of it is in a register."""
    await tx.run(
        "update imports_import set applied_at = :now where id = :id", id=id_, now=tx.now
    )


async def set_undone_by(tx: Tx, id_: UUID) -> None:
    """Somebody asks for it to be put back."""
    await tx.run(
        "update imports_import set undone_by = :by where id = :id", id=id_, by=tx.actor.id
    )


async def set_undone(tx: Tx, id_: UUID) -> None:
    """It was put back."""
    await tx.run(
        "update imports_import set undone_at = :now, phase = 'undone' where id = :id",
        id=id_,
        now=tx.now,
    )


async def set_read(
    tx: Tx,
    id_: UUID,
    *,
    encoding: str,
    sheets: Sequence[str],
    headings: Sequence[str],
    mapping: Mapping[str, Any],
    remembered: bool,
    notes: Sequence[Mapping[str, Any]],
    rows: int,
) -> None:
    """What was found in the table."""
    await tx.run(
        """
        update imports_import
           set encoding = :encoding, sheets = :sheets::text[], headings = :headings::text[],
               mapping = :mapping, remembered = :remembered, notes = :notes, rows = :rows,
               phase = 'columns'
         where id = :id
        """,
        id=id_,
        encoding=encoding,
        sheets=list(sheets),
        headings=list(headings),
        mapping=dict(mapping),
        remembered=remembered,
        notes=list(notes),
        rows=rows,
    )


async def set_mapping(tx: Tx, id_: UUID, mapping: Mapping[str, Any], area_code: str) -> None:
    """What the columns mean, and which area's doors."""
    await tx.run(
        """
        update imports_import set mapping = :mapping, area_code = :area_code, remembered = false
         where id = :id
        """,
        id=id_,
        mapping=dict(mapping),
        area_code=area_code,
    )


async def keep_file(tx: Tx, id_: UUID, sealed: bytes) -> None:
    """A workbook whose sheets are to be chosen."""
    await tx.run(
        "insert into imports_file (import_id, sealed) values (:id, :sealed)",
        id=id_,
        sealed=sealed,
    )


async def take_file(tx: Tx, id_: UUID) -> bytes | None:
    """The workbook, which does not wait any longer."""
    return await tx.maybe(
        bytes, "delete from imports_file where import_id = :id returning sealed", id=id_
    )


async def peek_file(tx: Tx, id_: UUID) -> bytes | None:
    """The workbook, which waits on."""
    return await tx.maybe(
        bytes, "select sealed from imports_file where import_id = :id", id=id_
    )


async def rows_after(tx: Tx, id_: UUID, after: int, limit: int) -> list[RowKept]:
    """The next rows of the table."""
    return await tx.many(
        RowKept,
        """
        select number, sheet, at, sealed, decided from imports_row
         where import_id = :id and number > :after order by number limit :limit
        """,
        id=id_,
        after=after,
        limit=limit,
    )


async def rows_of(tx: Tx, id_: UUID, numbers: Sequence[int]) -> list[RowKept]:
    """These rows, in the order of the table."""
    return await tx.many(
        RowKept,
        """
        select number, sheet, at, sealed, decided from imports_row
         where import_id = :id and number = any (:numbers::int[]) order by number
        """,
        id=id_,
        numbers=list(numbers),
    )


async def mend_rows(
    tx: Tx, id_: UUID, mended: Sequence[tuple[int, bytes | None, dict[str, Any]]]
) -> int:
    """Rows with new cells (or None) and what was decided about them."""
    return await tx.run(
        """
        update imports_row t
           set sealed = coalesce(r.sealed, t.sealed), decided = r.decided::jsonb, mended = true
          from unnest(:numbers::int[], :sealed::bytea[], :decided::text[]) r(number, sealed, decided)
         where t.import_id = :id and t.number = r.number
        """,
        id=id_,
        numbers=[number for number, _, _ in mended],
        sealed=[sealed for _, sealed, _ in mended],
        decided=[_json(decided) for _, _, decided in mended],
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def forget_rows(tx: Tx, id_: UUID) -> int:
    """Everything that was read, so that it is read anew."""
    return await tx.run("delete from imports_row where import_id = :id", id=id_)
