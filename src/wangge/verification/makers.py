"""A verified list as it leaves: the columns of whoever asked, in their order, mended, with what came of
each row."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from wangge.exports.makers import ID_NUMBERS_BASIS
from wangge.exports.model import Cell, Column, Sheet, Subject, maker
from wangge.kernel.crypto import Vault, vault_of
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.people.model import mask_id, mask_name, mask_phone, seal_context
from wangge.solvers.chains import chains, day_of, lines_of
from wangge.verification import queries
from wangge.verification.acts import CHECK
from wangge.verification.bringing import columns_kept
from wangge.verification.called import as_called
from wangge.verification.chaining import contacts_of, rows_kept
from wangge.verification.columns import WORDS, Columns
from wangge.verification.model import OUTCOMES, PHASES, FindingKept, List, RowKept
from wangge.verification.queries import Name
from wangge.verification.records import (
    FINDINGS_MAX,
    hidden,
    open_cells,
    open_finding,
)
from wangge.verification.refusals import ListNotReady
from wangge.verification.showing import question_of
from wangge.verification.words import FIELDS, STATES

LIST, CHAIN = "verification.list", "verification.chain"
READ_AT_ONCE = 5_000
#: Columns of the list that leave in full only when they were asked for and agreed to.
_FULL: Mapping[str, str] = {"name": "name", "phone": "phone", "id_number": "id_number"}
_HIDE: Mapping[str, Callable[[str], str]] = {
    "name": mask_name,
    "phone": mask_phone,
    "id_number": mask_id,
}
#: Columns that name nobody; a cell of another may say anything.
_PLAIN = frozenset({"key", "sex", "age", "birth", "address", "start", "end", "onset"})
_WORDS = "words"
_NAMES, _PHONES = (
    re.compile("姓名|名字|称呼|name", re.I),
    re.compile("电话|手机|联系方式|phone", re.I),
)
_IDS = re.compile("身份证|证件|身份号|公民身份|id_number", re.I)


async def _list(tx: Tx, spec: Mapping[str, Any]) -> List:
    """The list that a request names."""
    try:
        list_id = UUID(str(spec.get("list", "")))
    except ValueError as wrong:
        raise Invalid.of("list", "名单编号不对。") from wrong
    return await queries.one_list(tx, list_id)


async def _signed(tx: Tx, spec: Mapping[str, Any]) -> tuple[List, list[RowKept]]:
    """The signed list that a request names, with all of its rows."""
    found = await _list(tx, spec)
    if found.phase != "signed":
        raise ListNotReady(PHASES[found.phase])
    return found, await rows_kept(tx, found)


async def _names(tx: Tx, rows: Sequence[RowKept]) -> dict[UUID, Name]:
    """Whom the rows mean."""
    linked = list(dict.fromkeys(row.target_id for row in rows if row.target_id is not None))
    names: dict[UUID, Name] = {}
    for at in range(0, len(linked), READ_AT_ONCE):
        names |= await queries.names(tx, linked[at : at + READ_AT_ONCE])
    return names


_CHAIN_COLUMNS = (
    Column("第几条链", 10),
    Column("编号", 16),
    Column("日期", 12),
    Column("关系", 12),
    Column("对方编号", 16),
    Column("对方日期", 12),
)
#: What stands behind the columns of whoever asked.
_ADDED = (Column("核对结果", 12), Column("改了什么", 16), Column("要问的", 40))


async def _chain_headings(tx: Tx, spec: Mapping[str, Any]) -> list[str]:
    return [column.title for column in _CHAIN_COLUMNS]


async def _list_headings(tx: Tx, spec: Mapping[str, Any]) -> list[str]:
    found = await _list(tx, spec)
    return [*found.headings, *(column.title for column in _ADDED)]


@maker(CHAIN, "名单里的接触关系", CHECK, headings=_chain_headings)
async def contacts(tx: Tx, spec: Mapping[str, Any]) -> Sheet:
    """Who of a signed list had to do with whom, by the list's numbers; `spec` has `list`."""
    found, rows = await _signed(tx, spec)
    entries = await contacts_of(tx, vault_of(tx.actor.district), found)
    names = await _names(tx, rows)
    told = [
        (number, line, {one.id: day_of(one) for one in chain})
        for number, chain in enumerate(chains(entries), 1)
        for line in lines_of(chain)
    ]
    return Sheet(
        found.title,
        _CHAIN_COLUMNS,
        (
            [
                number,
                hidden(line.a),
                days[line.a],
                "是来源" if line.directed else "互相关联",
                hidden(line.b),
                days[line.b],
            ]
            for number, line, days in told
        ),
        [Subject(one.id, one.area_code) for one in names.values()],
        length=len(told),
        others=sum(row.target_id not in names for row in rows),
    )


@maker(
    LIST,
    "核对过的名单",
    CHECK,
    headings=_list_headings,
    full=("name", "phone"),
    id_numbers=ID_NUMBERS_BASIS,
)
async def verified(tx: Tx, spec: Mapping[str, Any]) -> Sheet:
    """A signed list; `spec` has `list`."""
    found, rows = await _signed(tx, spec)
    full = frozenset(str(name) for name in spec.get("full", ()))
    names = await _names(tx, rows)
    columns = columns_kept(found)
    kind_of = kinds_of(found.headings, columns)
    vault = vault_of(tx.actor.district)
    odd = await queries.findings(tx, found.id, 0, FINDINGS_MAX)
    asks, typed = _asks(vault, found.id, odd), _typed(odd)
    titles = [
        Column(heading, 16, kind_of[at] if kind_of.get(at) in full else "")
        for at, heading in enumerate(found.headings)
    ]
    return Sheet(
        found.title,
        [*titles, *_ADDED],
        _rows(vault, found.id, rows, columns, names, full, kind_of, asks, typed),
        [Subject(one.id, one.area_code) for one in names.values()],
        length=len(rows),
        others=sum(row.target_id not in names for row in rows),
    )


def _asks(vault: Vault, list_id: UUID, odd: Sequence[FindingKept]) -> dict[int, list[str]]:
    """What nobody has asked yet about rows that do not fit: by row."""
    asks: dict[int, list[str]] = {}
    for one in odd:
        if one.by_id is None:
            _, ask = open_finding(vault, list_id, one)
            # Of two entries that do not agree the second is asked.
            for row in one.rows[-1:] if one.kind == "one_sided" else one.rows[:1]:
                asks.setdefault(row, []).append(str(as_called("zh", one.kind, ask)))
    return asks


def _typed(findings: Sequence[FindingKept]) -> dict[int, list[str]]:
    """What was corrected in contacts: names of columns by the row's number."""
    found: dict[int, dict[str, None]] = {}
    for one in findings:
        for row, fields in one.mends.items():
            found.setdefault(int(row), {}).update(dict.fromkeys(WORDS[name] for name in fields))
    return {row: list(names) for row, names in found.items()}


def _rows(
    vault: Vault,
    list_id: UUID,
    rows: Sequence[RowKept],
    columns: Columns,
    names: Mapping[UUID, Name],
    full: frozenset[str],
    kind_of: Mapping[int, str],
    asks: Mapping[int, Sequence[str]],
    typed: Mapping[int, Sequence[str]],
) -> Iterator[Sequence[Cell]]:
    for row in rows:
        cells = list(open_cells(vault, list_id, row))
        before = tuple(cells)
        register = names.get(row.target_id) if row.target_id is not None else None
        if row.state == "mended" and register is not None:
            _mend(vault, cells, columns, row, register)
        cells = [_leaving(text, kind_of.get(at, _WORDS), full) for at, text in enumerate(cells)]
        asked = question_of(before, columns, row) if row.state == "open" else None
        mends = [FIELDS[one] for one in row.mends] if row.state == "mended" else []
        said = [WORDS[one] for one in row.typed]
        to_ask = [*map(str, asked.ask if asked else ()), *asks.get(row.number, ())]
        yield [
            *cells,
            _result(row),
            "、".join(dict.fromkeys((*said, *mends, *typed.get(row.number, ())))),
            "".join(to_ask),
        ]


def kinds_of(headings: Sequence[str], columns: Columns) -> dict[int, str]:
    """What each column holds: a key of FULL_NAMES, `plain` for what names nobody, or words that may
    say anything. Other people's names and numbers (家属电话) are like one's own."""
    kinds: dict[int, str] = {}
    for at, heading in enumerate(headings):
        if _NAMES.search(heading):
            kinds[at] = "name"
        elif _PHONES.search(heading):
            kinds[at] = "phone"
        elif _IDS.search(heading):
            kinds[at] = "id_number"
    for name, at in columns.at.items():
        kinds[at] = _FULL.get(name) or ("plain" if name in _PLAIN else _WORDS)
    return kinds


def _leaving(text: str, kind: str, full: frozenset[str]) -> str:
    """A cell as it may leave. Words that may name somebody leave only with full names."""
    if kind in full:
        return text
    if kind in _HIDE:
        return hidden(_HIDE[kind](text)) if text else ""
    if kind == _WORDS and "name" not in full and re.search(r"[\u3400-\u9fff]", text):
        return "(未导出)"
    return text if {"phone", "id_number"} <= full else hidden(text)


def _result(row: RowKept) -> str:
    if row.outcome == "twice":
        return f"和第 {row.same_at} 行是同一个人"
    return OUTCOMES[row.outcome] if row.state == "settled" else STATES[row.state]


def _mend(
    vault: Vault, cells: list[str], columns: Columns, row: RowKept, register: Name
) -> None:
    """What the register has instead of a slip."""
    if "name" in row.mends and "name" in columns.at:
        cells[columns.at["name"]] = register.name
    if "id" in row.mends and "id_number" in columns.at and register.id_sealed is not None:
        cells[columns.at["id_number"]] = vault.open(
            register.id_sealed, seal_context(register.id, "id_number")
        )
