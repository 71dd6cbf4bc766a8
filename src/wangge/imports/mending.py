"""Rows mended in place: a cell, a door, who somebody is, a word that many rows use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from wangge.imports.columns.fields import PEOPLE
from wangge.imports.columns.mapping import read_mapping
from wangge.imports.judged import judge_of, keep_lines, seen_before, with_chosen
from wangge.imports.judging import HOME_MAX, Line, judge
from wangge.imports.model import PHASES
from wangge.imports.queries import lines, staging, together
from wangge.imports.queries.staging import KIND, Import
from wangge.imports.records import open_cells, open_said, seal_cells
from wangge.imports.refusals import NotInThisPhase
from wangge.imports.things.judging import rejudge as rejudge_things
from wangge.imports.uploading import door
from wangge.kernel.actors import Actor
from wangge.kernel.columns import remember
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid, NotFound
from wangge.kernel.sheets import Row
from wangge.people.model import HOUSEHOLD_KINDS, NEEDS, RELATIONS
from wangge.places import naming
from wangge.places.naming.model import Of


@dataclass(frozen=True, slots=True)
class Mend:
    """What a person says about a row: new texts by heading, and decisions: `door` → a door's id or
    "", a part's number → a resident's id, "new" or "" (as the program finds)."""

    number: int
    cells: dict[str, str]
    decided: dict[str, str]


async def mend(
    tx: Tx, vault: Vault, by: Actor, found: Import, mends: Sequence[Mend]
) -> list[int]:
    """Change rows in place and judge them again, with those whose verdict hangs on them. Answers
    the numbers of all rows judged. The transaction is the system's; `by` is who asks.

    Raises NotInThisPhase, Invalid for a heading that is not there.
    """
    _in_review(found)
    told = {one.number: one for one in mends}
    rows = await staging.rows_of(tx, found.id, list(told))
    places = {heading: at for at, heading in enumerate(found.headings)}
    changed: list[tuple[int, bytes | None, dict[str, Any]]] = []
    for row in rows:
        one = told[row.number]
        sealed = None
        if one.cells:
            kept = open_cells(vault, found.id, row.number, row.sealed)
            cells = list(kept.cells)
            for heading, text in one.cells.items():
                if heading not in places:
                    raise Invalid.of(
                        "heading", "表里没有“{heading}”这一列。", heading=heading[:60]
                    )
                cells[places[heading]] = " ".join(text.split())[:1000]
            sealed = seal_cells(vault, found.id, Row(row.number, tuple(cells), kept.section))
        decided = {**row.decided, **one.decided}
        changed.append((row.number, sealed, {k: v for k, v in decided.items() if v}))
    await staging.mend_rows(tx, found.id, changed)
    return await rejudge(tx, vault, by, found, [row.number for row in rows])


async def rejudge(
    tx: Tx, vault: Vault, by: Actor, found: Import, numbers: Sequence[int]
) -> list[int]:
    """Judge rows again, with the rest of their households and whoever names the same people (or
    things). Applied lines are left as they are."""
    if found.kind != PEOPLE:
        return await rejudge_things(tx, vault, by, found, numbers)
    first = await together.beside(tx, found.id, numbers, [])
    again = sorted({*first, *numbers})
    judged = await _judge_some(tx, vault, by, found, again)
    marks = [mark for one in judged if one.number in set(numbers) for mark in one.marks]
    named = await together.beside(tx, found.id, [], marks) if marks else []
    if not set(named) <= set(again):
        again = sorted({*again, *named})
        judged = await _judge_some(tx, vault, by, found, again)
    await together.refuse_crowds(tx, found.id, HOME_MAX, list({one.home for one in judged}))
    return again


async def _judge_some(
    tx: Tx, vault: Vault, by: Actor, found: Import, numbers: Sequence[int]
) -> list[Line]:
    rows = await staging.rows_of(tx, found.id, numbers)
    applied = {(one.number, one.part) for one in await lines.applied_of(tx, found.id, numbers)}
    seen = await seen_before(tx, found.id, found.rows, numbers)
    rules = await with_chosen(tx, await judge_of(tx, found, by, vault), rows)
    judged = [line async for piece, _ in judge(tx, rules, rows, seen, None) for line in piece]
    await lines.drop_lines(tx, found.id, numbers)
    await keep_lines(
        tx, vault, found.id, [one for one in judged if (one.number, one.part) not in applied]
    )
    return judged


#: Codes of the register that a word of the table may mean, by target.
EXPLAINED: Mapping[str, Mapping[str, str]] = {
    "relation": RELATIONS,
    "tags": NEEDS,
    "home_kind": HOUSEHOLD_KINDS,
}
#: Reasons that may be settled by letting doors be made, or proposals be taken.
ALLOWED = (
    *("no_such_room", "no_such_unit", "no_such_building", "unknown_compound"),
    *("short_name", "same_sound", "near_sound", "near_name", "extra_words", "elsewhere"),
    *("building_implied", "compound_implied", "only_one"),
)
#: What is said of rows with a word nobody knows, by target.
UNKNOWN: Mapping[str, str] = {
    "relation": "relation_unknown",
    "tags": "tag_unknown",
    "home_kind": "kind_unknown",
}


async def phrase_of(tx: Tx, vault: Vault, found: Import, said_mark: int) -> str:
    """What was not understood in the rows that share a mark. Raises NotFound."""
    kept = await lines.page(tx, found.id, said=said_mark, limit=1)
    if not kept:
        raise NotFound("这种写法")
    line = kept[0]
    return open_said(vault, found.id, line.number, line.part, line.sealed).where.said


async def remember_name(
    tx: Tx, vault: Vault, import_id: UUID, said_mark: int, of: Of, thing_id: UUID
) -> Import:
    """Say which house (or estate) a nickname means, for this table and all that come. By the asker.

    Raises NotFound, Forbidden, NotInThisPhase, and the refusals of `naming.add_alias`.
    """
    found = await door(tx, import_id, lock=True)
    _in_review(found)
    await naming.add_alias(tx, of, thing_id, await phrase_of(tx, vault, found, said_mark))
    return found


async def understand_here(
    tx: Tx, vault: Vault, import_id: UUID, said_mark: int, meant: str
) -> Import:
    """Say what a phrase means in this table only: it is read as `meant`. By the asker."""
    found = await door(tx, import_id, lock=True)
    _in_review(found)
    phrase = await phrase_of(tx, vault, found, said_mark)
    return await _told(tx, found, "place", phrase, meant.strip()[:100])


async def explain(tx: Tx, import_id: UUID, key: str, word: str, code: str) -> Import:
    """Say what a word of the table means (外孙媳 is 其他; 网格长 is no need: ""). By the asker.

    Raises NotFound, NotInThisPhase, Invalid.
    """
    found = await door(tx, import_id, lock=True)
    _in_review(found)
    if found.kind != PEOPLE or key not in EXPLAINED or (code and code not in EXPLAINED[key]):
        raise Invalid.of("code", "没有“{code}”这个选项。", code=code[:20])
    return await _told(tx, found, key, word, code)


async def _told(tx: Tx, found: Import, key: str, word: str, meant: str) -> Import:
    meaning = read_mapping(found.mapping)
    values = {**meaning.values, key: {**meaning.values.get(key, {}), word: meant}}
    meaning = replace(meaning, values=values).checked(found.kind, found.headings)
    await staging.set_mapping(tx, found.id, meaning.builtins(), found.area_code)
    kept = meaning.remembered().builtins()
    await remember(tx, f"{KIND}.{found.kind}", found.headings, found.name, kept)
    return await staging.import_of(tx, found.id)


async def allow(
    tx: Tx, import_id: UUID, *, make: bool | None = None, sure: bool | None = None
) -> Import:
    """Let missing doors be made, or likely ones be taken. By the asker."""
    found = await door(tx, import_id, lock=True)
    _in_review(found)
    meaning = read_mapping(found.mapping)
    meaning = replace(
        meaning,
        make=meaning.make if make is None else make,
        sure=meaning.sure if sure is None else sure,
    )
    await staging.set_mapping(tx, found.id, meaning.builtins(), found.area_code)
    return await staging.import_of(tx, found.id)


async def again(
    tx: Tx,
    vault: Vault,
    by: Actor,
    found: Import,
    *,
    said: int = 0,
    reasons: Sequence[str] = (),
    code: str = "",
) -> int:
    """Judge again the rows that an explanation touches. By the system, for `by`. Answers how many
    rows."""
    numbers = await touched(tx, found, said=said, reasons=reasons, code=code)
    return len(await rejudge(tx, vault, by, found, numbers)) if numbers else 0


async def touched(
    tx: Tx, found: Import, *, said: int = 0, reasons: Sequence[str] = (), code: str = ""
) -> list[int]:
    """Rows that an explanation touches: with this misunderstanding, one of these reasons, or this
    trouble."""
    if code:
        return await lines.rows_with(tx, found.id, code)
    return await lines.rows_saying(tx, found.id, said, reasons)


async def left(tx: Tx, found: Import) -> list[int]:
    """Rows that were not taken when it came to it. Raises NotInThisPhase."""
    _in_review(found)
    return await lines.rows_left(tx, found.id)


async def proposed(
    tx: Tx, vault: Vault, found: Import, said_mark: int, most: int
) -> dict[int, UUID]:
    """Rows that share a phrase, and the door that was proposed for each."""
    kept = await lines.page(
        tx, found.id, verdict="unplaced", state="open", said=said_mark, limit=most
    )
    made: dict[int, UUID] = {}
    for line in kept:
        said = open_said(vault, found.id, line.number, line.part, line.sealed)
        if said.where.likely is not None:
            made[line.number] = said.where.likely
    return made


def _in_review(found: Import) -> None:
    if found.phase != "review":
        raise NotInThisPhase(PHASES[found.phase])
