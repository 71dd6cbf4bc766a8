"""Rows as people see them: masked in lists, with their evidence, with the question to ask."""

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.people.acts import RESIDENT_READ
from wangge.people.model import seal_context
from wangge.verification import queries
from wangge.verification.beside import Parts, beside
from wangge.verification.bringing import columns_kept
from wangge.verification.columns import WORDS, Columns
from wangge.verification.model import List, RowKept
from wangge.verification.queries import Name, Shown
from wangge.verification.questions import Question, question
from wangge.verification.records import masked, open_cells
from wangge.verification.words import NAMES, SIGNS
from wangge.verification.work import reader_of


@dataclass(frozen=True, slots=True)
class Rival:
    """Somebody a row may mean, masked, with the signs in words; `person` is None for somebody beyond
    the asker's reach."""

    id: UUID
    person: Shown | None
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """A row masked, whom it means or may mean, and what to ask. `marked`: of a proposed mend, by field,
    what the row and the register have, masked but for what differs."""

    number: int
    at: int
    state: str
    said: Mapping[str, str]
    target: Rival | None
    rivals: tuple[Rival, ...]
    mends: tuple[str, ...]
    differs: tuple[str, ...]
    same_as: int
    same_at: int
    same_why: str
    outcome: str
    tries: int
    typed: tuple[str, ...]
    by_id: UUID | None
    question: Question | None
    marked: Mapping[str, tuple[Parts, Parts]]


def question_of(cells: Sequence[str], columns: Columns, row: RowKept) -> Question:
    """The question of a row that is open."""
    code = row.question or "weak"
    return question(cells, columns, code, len(row.rivals), other=row.same_at)


async def rows_shown(
    tx: Tx, vault: Vault, found: List, rows: Sequence[RowKept]
) -> list[RowView]:
    """Rows with the people beside them, in two statements at most. Addresses of rows that number and
    name settled are read now: nothing hung on them."""
    ids = [row.target_id for row in rows if row.target_id is not None]
    ids += [UUID(one["id"]) for row in rows for one in row.rivals if one.get("id")]
    people = await queries.shown(tx, tx.reach(RESIDENT_READ), ids) if ids else {}
    mended = [
        one.target_id for one in rows if one.state == "proposed" and one.target_id in people
    ]
    names = await queries.names(tx, [one for one in mended if one]) if mended else {}
    columns = columns_kept(found)
    views = [_view(vault, found.id, columns, row, people, names) for row in rows]
    late = [at for at, row in enumerate(rows) if row.state == "right" and row.why == "id"]
    if late and "address" in columns.at:
        reader = await reader_of(tx, vault, found)

        def placed() -> None:
            for at in late:
                door = reader.door_of(open_cells(vault, found.id, rows[at]))
                views[at] = _with_door(views[at], rows[at], door)

        await asyncio.to_thread(placed)
    return views


def _with_door(view: RowView, row: RowKept, door: Hashable | None) -> RowView:
    """A row with what its address says beside the register's."""
    target = view.target
    if target is None or target.person is None or door is None:
        return view
    same = door == target.person.dwelling_id
    signs = signs_words({**row.signs, "door": "same" if same else "differs"})
    differs = row.differs if same else tuple(dict.fromkeys((*row.differs, "door")))
    return replace(view, target=replace(target, signs=signs), differs=differs)


def _view(
    vault: Vault,
    list_id: UUID,
    columns: Columns,
    row: RowKept,
    people: Mapping[UUID, Shown],
    names: Mapping[UUID, Name],
) -> RowView:
    cells = open_cells(vault, list_id, row)
    target = row.target_id
    return RowView(
        row.number,
        row.at,
        row.state,
        masked(cells, columns),
        Rival(target, people.get(target), signs_words(row.signs)) if target else None,
        tuple(
            Rival(UUID(one["id"]), people.get(UUID(one["id"])), signs_words(one["signs"]))
            for one in row.rivals
            if one.get("id")
        ),
        row.mends,
        row.differs,
        row.same_as,
        row.same_at,
        row.same_why,
        row.outcome,
        row.tries,
        tuple(WORDS[name] for name in row.typed),
        row.by_id,
        question_of(cells, columns, row) if row.state == "open" else None,
        _marked(vault, cells, columns, row, names.get(target)) if target else {},
    )


def _marked(
    vault: Vault, cells: Sequence[str], columns: Columns, row: RowKept, register: Name | None
) -> dict[str, tuple[Parts, Parts]]:
    """What a proposed mend changes."""
    marked: dict[str, tuple[Parts, Parts]] = {}
    if register is None:
        return marked
    for field in row.mends if row.state == "proposed" else ():
        if field == "name":
            was, now = columns.of(cells, "name"), register.name
        elif field == "id" and register.id_sealed is not None:
            was = columns.of(cells, "id_number")
            now = vault.open(register.id_sealed, seal_context(register.id, "id_number"))
        else:
            continue
        shown = beside(field, was, now)
        if shown is not None:
            marked[field] = shown
    return marked


def signs_words(signs: Mapping[str, Any]) -> tuple[str, ...]:
    """What agrees and what does not, in words, the number first."""
    said = [SIGNS["id"].get(str(signs.get("id", "none")), "")]
    said.append(NAMES.get(str(signs.get("name", "")), ""))
    said += [
        SIGNS[key].get(str(signs.get(key, "none")), "")
        for key in ("phone", "door", "birth", "sex")
    ]
    return tuple(one for one in said if one)


def in_full(cells: Sequence[str], columns: Columns) -> list[tuple[str, str, str]]:
    """Every field of a row: its key, its name, its text."""
    return [
        (name, WORDS[name], columns.of(cells, name)) for name in WORDS if name in columns.at
    ]
