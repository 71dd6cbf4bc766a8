"""What a report would say now that it did not say the last time, before anybody makes it."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.reports import queries
from wangge.reports.asking import Question, count, group_rows, lines_of
from wangge.reports.decoding import Decoder, escaped, unescaped
from wangge.reports.making import group_key, open_form, value_titles
from wangge.reports.model import NothingBefore, ReportTooLong, Rows
from wangge.reports.queries import Run
from wangge.reports.snapshots import Difference, Snapshot, difference, opened

#: Rows shown, and rows compared on a page; a longer report says its changes when it is made.
SHOWN_MAX = 100
COMPARED_MAX = 60_000


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that is new (`at` is empty) or changed; `at` are the places of its cells that did."""

    cells: tuple[str, ...]
    at: frozenset[int]
    new: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Since the run of `since`: how many rows are new, changed and gone, in which columns (heading
    → rows), and the first of them, masked."""

    since: Run
    headings: tuple[str, ...]
    new: int
    changed: int
    gone: int
    columns: dict[str, int]
    rows: tuple[Changed, ...]


async def compare(
    tx: Tx, asked: Question, digest: bytes, vault: Vault, template: bytes | None = None
) -> Comparison:
    """The report of now beside its last run of the same question and the same masks; nothing is
    made and nothing kept. Raises NothingBefore, ReportTooLong."""
    last = await queries.last_ready(tx, asked.report.id, digest, asked.report.id)
    if last is None:
        raise NothingBefore()
    titles = tuple(value_titles(asked))
    parts = [(p.part, p.sealed) for p in await queries.snapshot(tx, last)]
    before = opened(vault, last, len(titles), parts)
    now = Snapshot(len(titles))
    cells: dict[bytes, tuple[str, ...]]
    if asked.spec.rows is Rows.GROUP:
        cells = await _counts(tx, asked, now)
        found = difference(before, now)
    else:
        if (rows := (await count(tx, asked)).rows) > COMPARED_MAX:
            raise ReportTooLong(rows, COMPARED_MAX)
        found, cells = await _lines(tx, asked, vault, before, now, template)
    shown = [Changed(cells[id_.bytes], frozenset(), True) for id_ in found.new[:SHOWN_MAX]]
    shown += [
        Changed(cells[id_.bytes], frozenset(places), False)
        for id_, places in list(found.changed.items())[: SHOWN_MAX - len(shown)]
    ]
    return Comparison(
        await queries.run(tx, last),
        titles,
        len(found.new),
        len(found.changed),
        len(found.gone),
        {titles[at]: rows for at, rows in sorted(found.columns.items())},
        tuple(shown),
    )


async def _counts(tx: Tx, asked: Question, now: Snapshot) -> dict[bytes, tuple[str, ...]]:
    cells: dict[bytes, tuple[str, ...]] = {}
    for codes, (names, numbers) in (await group_rows(tx, asked)).items():
        row = [escaped(name.encode()) for name in names] + [b"%d" % n for n in numbers]
        now.add(group_key(codes), row)
        cells[group_key(codes)] = tuple(unescaped(cell) for cell in row)
    return cells


async def _lines(
    tx: Tx,
    asked: Question,
    vault: Vault,
    before: Snapshot,
    now: Snapshot,
    template: bytes | None,
) -> tuple[Difference, dict[bytes, tuple[str, ...]]]:
    """Check sums of every line, and the text of those that differ: the lines are poured once and
    what is the same is let go at once."""
    made = lines_of(tx, asked)
    # The run wrote days as its form does; people read them as days.
    dates = (await asyncio.to_thread(open_form, asked, template)).dates
    decoder = Decoder(made.lines, asked.fields, vault, dates=dates)
    reader = Decoder(made.lines, asked.fields, vault)
    places = {key: at for at, key in enumerate(before.keys)}
    cells: dict[bytes, tuple[str, ...]] = {}

    async def take(chunk: bytes) -> None:
        for line in escaped(chunk).split(b"\n"):
            id_, _, *parts = line.split(b"\t")
            row = decoder.cells(list(parts))
            key = UUID(id_.decode()).bytes
            now.add(key, row)
            at = places.get(key)
            if at is None or before.of(at) != now.of(len(now.keys) - 1):
                cells[key] = tuple(unescaped(cell) for cell in reader.cells(parts))

    await tx.pour(made.sql, take, **made.values)
    return difference(before, now), cells
