"""What came of asking about contacts that do not fit: the row's own cells corrected, by a named person.

What somebody said is sealed with its row and never kept with a deed; the chain is made anew of what
the rows then say.
"""

import asyncio
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale
from wangge.kernel.moments import local_date
from wangge.kernel.refusals import Invalid, Problem
from wangge.matching.dates import read_dates
from wangge.solvers.contacts import Entry, Finding, contradictions
from wangge.verification import deciding, queries
from wangge.verification.bringing import columns_kept
from wangge.verification.called import as_called
from wangge.verification.chaining import rows_kept, together
from wangge.verification.columns import DATES, WORDS, Columns
from wangge.verification.deciding import CELL_MAX, door, look
from wangge.verification.model import List, RowKept
from wangge.verification.reading import Line, Whole, entries_of, whole_of
from wangge.verification.records import (
    lines_of,
    open_cells,
    open_finding,
    seal_cells,
    seal_chain,
    seal_finding,
)
from wangge.verification.refusals import RowDecided

#: Fields of a row that may be corrected.
CONTACTS = ("source", "linked", *DATES)
#: Rows of one contradiction that are shown and may be corrected.
ROWS_MAX = 8
#: What a correction may not leave behind, and the fields that it is about; without fields, the one
#: that it names.
_STILL: Mapping[str, frozenset[str]] = {
    "self_link": frozenset({"source", "linked"}),
    "window_after_onset": frozenset({"end", "onset"}),
    "window_reversed": frozenset({"start", "end"}),
    "start_after_onset": frozenset({"start", "onset"}),
    "no_such_day": frozenset(),
    "future_day": frozenset(),
    "unclear_day": frozenset(),
    "unread_day": frozenset(),
}


async def look_at(tx: Tx, vault: Vault, list_id: UUID, number: int) -> None:
    """The rows of a contradiction in full, for whoever asks about it: each is written down and
    counted as a look. Raises NotFound, Forbidden, ListNotReady, TooManyReveals."""
    await queries.one_list(tx, list_id)
    found = await queries.one_finding(tx, list_id, number)
    for row in found.rows[:ROWS_MAX]:
        await look(tx, vault, list_id, row)


async def look_again(tx: Tx, vault: Vault, list_id: UUID, number: int) -> None:
    """The same rows once more, after what was typed was refused: only those are a look that the actor
    has not seen just now. Raises NotFound, Forbidden, ListNotReady, TooManyReveals."""
    rows = (await queries.one_finding(tx, list_id, number)).rows[:ROWS_MAX]
    await deciding.look_again(tx, vault, list_id, rows)


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction did besides settling its own contradiction: those that fit now as well, and
    those that came of it."""

    settled: tuple[int, ...]
    arisen: tuple[int, ...]


async def mend(
    tx: Tx,
    vault: Vault,
    list_id: UUID,
    number: int,
    cells: Mapping[int, Mapping[str, str]],
    *,
    locale: Locale = "zh",
) -> Corrected:
    """Correct rows (by number: field → text) of a contradiction, as was said; it is settled with that,
    and so is whatever else fits now. What fits no more is a new one. What is refused is said in `locale`.

    Raises NotFound, Forbidden, ListNotReady, RowDecided, Invalid: a row of something else, nothing
    changed, no day, or what is said contradicts itself once more. What was not corrected stops nobody.
    """
    found = await door(tx, list_id)
    kept = await queries.one_finding(tx, list_id, number)
    if kept.by_id is not None:
        raise RowDecided(kept.rows[0] if kept.rows else number)
    about = kept.rows[:ROWS_MAX]
    if others := sorted(cells.keys() - set(about)):
        raise Invalid.of(
            "rows",
            "{others} 不是这一处里的行号(number);这里能改的行号是 {rows}。",
            others="、".join(map(str, others[:ROWS_MAX])),
            rows="、".join(map(str, about)),
        )
    columns = columns_kept(found)
    rows = await rows_kept(tx, found)
    every = await asyncio.to_thread(lines_of, vault, list_id, rows)
    # As the list writes its days: these rows alone may not tell the order of day and month.
    whole = await asyncio.to_thread(whole_of, every, columns, local_date(found.at))
    changed: dict[int, list[str]] = {}
    lines: dict[int, Line] = {}
    problems: list[Problem] = []
    for at in about:
        row = await queries.one_row(tx, list_id, at, lock=True)
        line, fields = _changed(vault, found, columns, whole, row, cells.get(at, {}), problems)
        if fields:
            changed[at], lines[at] = fields, line
    if problems:
        raise Invalid.all(problems)
    if not changed:
        raise Invalid.of("cells", "请按本人说的改一处,再保存;没有要改的,就记“问过了”。")
    today = local_date(tx.now)
    for at, fields in changed.items():
        problems += _against(locale, lines[at], fields, columns, whole, today)
    if problems:
        raise Invalid.all(problems)
    await queries.note_hand(tx, list_id)
    for at in changed:
        sealed = seal_cells(vault, list_id, at, lines[at].cells)
        await queries.reseal(tx, list_id, at, sealed)
    await queries.settle_finding(tx, list_id, number, changed)
    people = {row.number: row.target_id for row in rows if row.target_id is not None}

    def anew() -> tuple[list[_Odd], list[_Odd], bytes]:
        before = entries_of(every, columns, people, whole)
        corrected = entries_of(list(lines.values()), columns, people, whole)
        fresh = dict(zip(lines, corrected, strict=True))
        after = [fresh.get(line.number, one) for line, one in zip(every, before, strict=True)]
        row_of = {
            one.id: line.number
            for line, one in zip(reversed(every), reversed(before), strict=True)
        }
        gone, arisen = _compared(before, after, row_of, set(changed), today)
        return gone, arisen, seal_chain(vault, list_id, together(after))

    gone, arisen, chain = await asyncio.to_thread(anew)
    await queries.set_chain(tx, list_id, chain)
    return Corrected(
        await _settled_too(tx, vault, list_id, number, gone),
        await _added(tx, vault, list_id, arisen),
    )


#: A contradiction with its rows.
_Odd = tuple[Finding, tuple[int, ...]]


def _compared(
    before: Sequence[Entry],
    after: Sequence[Entry],
    row_of: Mapping[str, int],
    changed: Set[int],
    today: date,
) -> tuple[list[_Odd], list[_Odd]]:
    """What does not fit before a correction of these rows only, and what after it only."""
    old, new = ([(one, _rows_of(one, row_of)) for one in contradictions(entries, today)]
                for entries in (before, after))  # fmt: skip
    were, are = ({_told(*one) for one in some} for some in (old, new))
    gone = [one for one in old if _told(*one) not in are and changed & set(one[1])]
    near = {*changed, *(row for _, rows in gone for row in rows)}
    arisen = [one for one in new if _told(*one) not in were and near & set(one[1])]
    return gone, arisen


def _rows_of(one: Finding, row_of: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(row_of[key] for key in one.entries if key in row_of)


def _told(one: Finding, rows: tuple[int, ...]) -> tuple[str, tuple[int, ...], str]:
    return one.kind, rows, str(one.words)


async def _settled_too(
    tx: Tx, vault: Vault, list_id: UUID, number: int, gone: Sequence[_Odd]
) -> tuple[int, ...]:
    """Settle what fits since contradiction `number` was corrected."""
    if not gone:
        return ()
    rows = {row for _, some in gone for row in some}
    kinds = {one.kind for one, _ in gone}
    told = {_told(*one) for one in gone}
    settled = tuple(
        one.number
        for one in await queries.open_about(tx, list_id, sorted(rows), sorted(kinds))
        if (one.kind, one.rows, str(open_finding(vault, list_id, one)[0])) in told
    )
    if settled:
        await queries.settle_with(tx, list_id, settled, number)
    return settled


async def _added(
    tx: Tx, vault: Vault, list_id: UUID, arisen: Sequence[_Odd]
) -> tuple[int, ...]:
    """Keep what came of a correction, to be asked about like everything else."""
    if not arisen:
        return ()
    last = await queries.last_finding(tx, list_id)
    made = [
        (at, one.kind, list(rows), seal_finding(vault, list_id, at, one))
        for at, (one, rows) in enumerate(arisen, last + 1)
    ]
    await queries.more_findings(tx, list_id, made)
    return tuple(at for at, *_ in made)


def _against(
    locale: Locale,
    line: Line,
    fields: Sequence[str],
    columns: Columns,
    whole: Whole,
    today: date,
) -> list[Problem]:
    """What is wrong with the corrected fields of a row, said as the contradictions are (4号): whoever
    corrects has perhaps not opened the row, and a telephone may be what it is called by."""
    changed = {WORDS[name] for name in fields}
    problems: list[Problem] = []
    for one in contradictions(entries_of([line], columns, whole=whole), today):
        about = _STILL.get(one.kind)
        if about is None:
            continue
        column = one.words.values.get("column")
        if about & set(fields) or column in changed:
            said = as_called(locale, one.kind, one.words)
            problems.append(Problem("cells", said.text, None, dict(said.values)))
    return problems


def _changed(
    vault: Vault,
    found: List,
    columns: Columns,
    whole: Whole,
    row: RowKept,
    said: Mapping[str, str],
    problems: list[Problem],
) -> tuple[Line, list[str]]:
    """A row as it would be, and which fields are other than before."""
    cells = list(open_cells(vault, found.id, row))
    fields: list[str] = []
    for name, text in said.items():
        text = text.strip()
        values = {"row": row.at, "column": WORDS.get(name, name), "most": CELL_MAX}
        if name not in CONTACTS or name not in columns.at:
            problems.append(Problem("cells", "这份名单没有这一列。"))
        elif len(text) > CELL_MAX:
            words = "第 {row} 行的{column}太长,最多 {most} 字。"
            problems.append(Problem("cells", words, None, values))
        elif columns.of(cells, name) != text:
            if name in DATES and text and read_dates([text], whole.order)[0].value is None:
                words = "第 {row} 行的{column}不是一个日子,请写成 2026-02-28 这样。"
                problems.append(Problem("cells", words, None, values))
            cells += [""] * (columns.at[name] + 1 - len(cells))
            cells[columns.at[name]] = text
            fields.append(name)
    return Line(row.number, tuple(cells)), fields
