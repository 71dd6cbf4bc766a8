"""An import from its upload to its end: staged, previewed, taken a bite at a time, watched.

The rows of a table wait in the database. A bite takes some of them, makes cases, notes the
refused, drops the rows and moves the mark, all in one transaction (`kernel.work`).
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import msgspec

from wangge.cases.acts import IMPORT
from wangge.dispatch.imports import queries
from wangge.dispatch.imports.judging import (
    COUNTED,
    Preview,
    counted,
    judge_of,
    judge_rows,
    line_of,
)
from wangge.dispatch.imports.mapping import (
    KIND,
    Mapping,
    mapping_for,
    names_a_column,
    read_mapping,
)
from wangge.dispatch.imports.queries import ImportRow
from wangge.dispatch.intake import write
from wangge.kernel import work
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.columns import remember
from wangge.kernel.csv_text import harmless
from wangge.kernel.database import Database, Tx
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Problem, Refusal
from wangge.kernel.sheets import Row, Table, open_table
from wangge.kernel.work import Work
from wangge.people.roster import actor_of

#: Rows one transaction takes.
BITE_ROWS = 500
#: Rows parsed and staged at a time.
SLICE_ROWS = 2000
#: Rows a preview looks at, and shows.
LOOKED_MAX, SHOWN_MAX = 2000, 200
#: Bytes of an uploaded file.
FILE_BYTES_MAX = 50_000_000
#: Days an upload waits to be applied, and refused rows to be fetched (dispatch/keeping.py).
WAITS_DAYS, KEPT_DAYS = 2, 30


@dataclass(eq=False)
class ImportBegun(Refusal):
    """What has begun cannot be mapped anew."""

    says: ClassVar[str] = "这次导入已经开始({state}),列对照不能再改。"
    status: ClassVar[int] = 409
    state: str


@dataclass(frozen=True, slots=True)
class Staged:
    """An uploaded table that waits, and what its columns seem to be."""

    id: UUID
    name: str
    encoding: str
    headings: tuple[str, ...]
    sheets: tuple[str, ...]
    rows: int
    mapping: Mapping
    remembered: bool
    notes: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an import stands. `state`: waiting, running, done, cancelled or failed."""

    id: UUID
    name: str
    state: str
    done: int
    total: int
    offer: bool
    counts: dict[str, int]
    error: str
    started_at: datetime
    changed_at: datetime

    @property
    def over(self) -> bool:
        return self.state in ("done", "cancelled", "failed")


def _progress(row: ImportRow | Work, of: ImportRow | None = None) -> Progress:
    """From a row of ours, or from the work and `of`, what it works on."""
    own = of or row
    assert isinstance(own, ImportRow)
    return Progress(
        row.id,
        own.name,
        row.state,
        row.done,
        row.total,
        own.offer,
        {name: int(row.data.get(name, 0)) for name in COUNTED},
        str(row.data.get("error", "")),
        row.started_at,
        row.changed_at,
    )


# -- upload and preview ------------------------------------------------------------------------


async def stage(
    tx: Tx,
    source: Path | bytes,
    name: str,
    *,
    sheet: str | None = None,
    mapping: Mapping | None = None,
) -> Staged:
    """Read an uploaded table into the database, where it waits for its mapping to be agreed.

    Raises Forbidden, and the refusals of `kernel.sheets` for what cannot be read.
    """
    if not tx.reach(IMPORT).areas:
        raise Forbidden(IMPORT.name)
    table = await asyncio.to_thread(
        open_table,
        source,
        name,
        sheet=sheet,
        known=names_a_column,
        max_bytes=FILE_BYTES_MAX,
    )
    known = await mapping_for(tx, table.headings)
    chosen = (mapping or known.mapping).fit(table.headings)
    id_ = new_id(tx.now)
    await queries.add_import(
        tx, id_, name[:200], table.encoding, table.headings, chosen.builtins()
    )
    rows = 0
    async for some in _slices(table):
        await tx.copy(
            "dispatch_import_row",
            ("import_id", "number", "cells"),
            [(id_, row.number, list(row.cells)) for row in some],
        )
        rows += len(some)
    await work.set_total(tx, id_, rows)
    return Staged(
        id_,
        name,
        table.encoding,
        table.headings,
        table.sheets,
        rows,
        chosen,
        known.remembered,
        tuple(table.notes),
    )


async def _slices(table: Table) -> AsyncIterator[list[Row]]:
    """Parsing takes a processor's whole attention, so it is done beside the loop."""
    while some := await asyncio.to_thread(lambda: list(islice(table.rows, SLICE_ROWS))):
        yield some


async def preview(tx: Tx, table: Table, mapping: Mapping, limit: int = 50) -> Preview:
    """What would become of a table's first rows, with nothing kept."""
    rows = await asyncio.to_thread(lambda: list(islice(table.rows, LOOKED_MAX)))
    return await _previewed(tx, table.headings, rows, mapping, limit, offer=False)


async def preview_staged(tx: Tx, import_id: UUID, limit: int = 50) -> Preview:
    """The same for an upload that waits."""
    found = await _door(tx, import_id)
    rows = await queries.staged_rows(tx, import_id, LOOKED_MAX)
    return await _previewed(
        tx,
        found.headings,
        [Row(row.number, row.cells) for row in rows],
        read_mapping(found.mapping),
        limit,
        offer=found.offer,
    )


async def _previewed(
    tx: Tx,
    headings: Sequence[str],
    rows: Sequence[Row],
    mapping: Mapping,
    limit: int,
    *,
    offer: bool,
) -> Preview:
    mapping.checked(headings)
    judge = await judge_of(tx, mapping, headings, tx.actor, offer=offer)
    judged = await judge_rows(tx, judge, rows)
    first = judged[: min(limit, SHOWN_MAX)]
    lines = [line_of(one, judge.grounds, tx.actor.locale) for one in first]
    return Preview(tuple(lines), counted(judged), mapping)


async def _door(tx: Tx, import_id: UUID) -> ImportRow:
    """One's own import, or any for whoever imports for the whole county. Raises NotFound."""
    whole = any(len(area) <= 6 for area in tx.reach(IMPORT).areas)
    return await queries.one_import(tx, import_id, whole=whole)


async def agree(
    tx: Tx, import_id: UUID, mapping: Mapping | None = None, *, offer: bool | None = None
) -> Progress:
    """Change what the columns mean, while nothing has begun. Raises Invalid, ImportBegun."""
    found = await _door(tx, import_id)
    if found.state != "waiting":
        raise ImportBegun(found.state)
    chosen = (mapping or read_mapping(found.mapping)).checked(found.headings)
    await queries.set_mapping(
        tx,
        import_id,
        chosen.builtins(),
        offer=found.offer if offer is None else offer,
    )
    return await progress(tx, import_id)


async def begin(tx: Tx, import_id: UUID) -> Progress:
    """Let it run; a worker takes it from here. Beginning twice is harmless."""
    found = await _door(tx, import_id)
    mapping = read_mapping(found.mapping).checked(found.headings)
    if found.state == "waiting":
        await work.set_state(tx, import_id, "running")
        await remember(tx, KIND, found.headings, found.name, mapping.builtins())
    return await progress(tx, import_id)


async def cancel(tx: Tx, import_id: UUID) -> Progress:
    """Stop after the bite under way. What is in stays in; sending the file again goes on."""
    found = await _door(tx, import_id)
    if found.state in ("waiting", "running"):
        await work.set_state(tx, import_id, "cancelled")
        await queries.drop_rows(tx, import_id)
    return await progress(tx, import_id)


async def progress(tx: Tx, import_id: UUID) -> Progress:
    """Where it stands."""
    return _progress(await _door(tx, import_id))


async def mine(tx: Tx) -> list[Progress]:
    """The actor's latest imports."""
    return [_progress(row) for row in await queries.imports_by(tx, tx.actor.id)]


async def refused_csv(tx: Tx, import_id: UUID, locale: Locale = "zh") -> bytes:
    """The rows that were not taken, as they came, each with its row number and why; to be mended
    and sent again. UTF-8 with a mark, so that Excel reads it."""
    found = await _door(tx, import_id)
    rows = await queries.refused_rows(tx, import_id)
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow(
        [*found.headings, translate(locale, "原行号"), translate(locale, "未导入的原因")]
    )
    for row in rows:
        problems = msgspec.json.decode(row.problems, type=list[Problem])
        why = ";".join(_said(problem, locale) for problem in problems)
        out.writerow([*map(harmless, row.cells), row.number, why])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _said(problem: Problem, locale: Locale) -> str:
    words = str(problem.said(locale)["words"])
    return f"{problem.field}:{words}" if problem.field else words


# -- the work ----------------------------------------------------------------------------------


async def bite(tx: Tx, import_id: UUID | None = None) -> Progress | None:
    """Take the next rows of that import, or of the one that has waited longest.

    The actor is the system; cases are reported by whoever uploaded the table, with the posts they
    hold now. None: there is nothing to do, or somebody else is at it.
    """
    taken = await work.take(tx, KIND, import_id)
    if taken is None:
        return None
    await _bite(tx, taken)
    return _progress(await queries.one_import(tx, taken.id, whole=True))


async def _bite(tx: Tx, taken: Work) -> None:
    found = await queries.one_import(tx, taken.id, whole=True)
    by = await actor_of(tx, found.by_id)
    staged = await queries.staged_rows(tx, found.id, BITE_ROWS)
    if not staged:
        await work.end(tx, found.id)
        return
    if not by.reach(IMPORT, tx.now).areas:
        await work.end(tx, found.id, "failed", "forbidden")
        await queries.drop_rows(tx, found.id)
        return
    await queries.one_importer_at_a_time(tx)
    mapping = read_mapping(found.mapping)
    judge = await judge_of(tx, mapping, found.headings, by, offer=found.offer)
    rows = [Row(row.number, row.cells) for row in staged]
    judged = await judge_rows(tx, judge, rows, ask=True)
    tx.cause = found.id
    await write(tx, [one.decision for one in judged if one.decision is not None])
    await tx.copy(
        "dispatch_import_refused",
        ("import_id", "number", "cells", "problems"),
        [
            (
                found.id,
                one.row.number,
                list(one.row.cells),
                msgspec.json.encode(one.problems).decode(),
            )
            for one in judged
            if one.verdict in ("refused", "changed")
        ],
    )
    counts = counted(judged)
    data = {name: int(found.data.get(name, 0)) + counts[name] for name in COUNTED}
    await queries.drop_taken(tx, found.id, staged[-1].number)
    await work.move(tx, found.id, found.done + len(staged), data)


async def on_the_clock(tx: Tx) -> int:
    """A worker's tick: one bite of one import."""
    return await work.on_the_clock(tx, KIND, _bite)


async def run(
    database: Database,
    import_id: UUID,
    *,
    shown: Callable[[Progress], None] | None = None,
    now: datetime | None = None,
) -> Progress:
    """Take bites until the import is over, beside or instead of a worker (for a terminal)."""

    async with database.tx(system_actor(database.schema), now=now, read_only=True) as tx:
        of = await queries.one_import(tx, import_id, whole=True)

    def show(found: Work) -> None:
        if shown is not None:
            shown(_progress(found, of))

    return _progress(await work.run(database, import_id, _bite, shown=show, now=now), of)


async def apply(
    database: Database,
    actor: Actor,
    source: Path | bytes,
    name: str,
    mapping: Mapping | None = None,
    *,
    offer: bool = False,
    sheet: str | None = None,
    shown: Callable[[Progress], None] | None = None,
    now: datetime | None = None,
) -> Progress:
    """A file from its first byte to its last case. Repeating it is harmless."""
    async with database.tx(actor, now=now) as tx:
        staged = await stage(tx, source, name, sheet=sheet, mapping=mapping)
        await agree(tx, staged.id, offer=offer)
        await begin(tx, staged.id)
    return await run(database, staged.id, shown=shown, now=now)
