"""What people mean to do with a table on its way in.

Rows are judged against people beyond the asker's reach (somebody may have moved in from there), so
deeds that judge open the second lock; the asker's own permission is asked for first. Answers are
counts: they are remembered in plain.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec

from wangge.imports import bulk, bulk_homes, mending, uploading, work
from wangge.imports.acts import act_of
from wangge.imports.applying import CHANGING
from wangge.imports.columns.mapping import read_mapping
from wangge.imports.mending import Mend
from wangge.imports.queries import lines
from wangge.imports.queries.staging import Import
from wangge.imports.refusals import OnlyItsUploader
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.crypto import Vault, vault_of
from wangge.kernel.database import Tx
from wangge.kernel.deeds import Answer, recall, remember
from wangge.kernel.http import Asking, deed
from wangge.kernel.http.deeds import whole_deed
from wangge.kernel.refusals import Forbidden, Invalid

#: Rows mended, or chosen to be registered, by one deed.
ROWS_MAX = 500
#: What can be done to an import: the deeds `imports.{verb}`.
VERBS = frozenset(
    {
        *("choose_sheets", "agree", "mend", "means", "explain", "allow"),
        *("apply", "recheck", "cancel", "undo", "retry"),
    }
)
#: More rows than these are judged in the background, all of them anew.
AT_ONCE_MAX = 4_000

Judging = Callable[[Tx, Vault, Actor, Any], Awaitable[Any]]


def judging(name: str, body: Any) -> Callable[[Judging], Judging]:
    """Register `async def f(tx, vault, by, body)` as a deed that sees the whole register."""

    def register(function: Judging) -> Judging:
        @whole_deed(name, body, status=200)
        async def whole(who: Asking, deed_id: UUID, given: Any) -> Answer:
            by, raw = who.signed(), msgspec.to_builtins(given)
            system = system_actor(who.district.schema)
            for attempt in (1, 2):
                try:
                    async with who.district.database.tx(system, cause=deed_id) as tx:
                        tx.actor = by
                        before = await recall(tx, deed_id, name, raw)
                        if before is not None:
                            return before
                        result = await function(tx, who.district.vault, by, given)
                        answer = Answer(200, msgspec.to_builtins(result))
                        await remember(tx, deed_id, name, raw, answer)
                    return answer
                except asyncpg.UniqueViolationError as broken:
                    # The same deed was being done elsewhere and has committed: ask again.
                    if attempt == 2 or broken.constraint_name != "kernel_deed_pk":
                        raise
            raise AssertionError("unreachable")

        assert whole is not None
        return function

    return register


class Stands(msgspec.Struct, frozen=True):
    """Where the import is after a deed."""

    import_id: UUID
    phase: str
    state: str
    total: int


def _stands(found: Import) -> Stands:
    return Stands(found.id, found.phase, found.state, found.total)


class Judged(msgspec.Struct, frozen=True):
    """How many rows were judged again; `later` when they are, in the background."""

    rows: int
    later: bool = False


class OfImport(msgspec.Struct, forbid_unknown_fields=True):
    import_id: UUID


class ChooseSheets(msgspec.Struct, forbid_unknown_fields=True):
    import_id: UUID
    sheets: list[str]


class Agree(msgspec.Struct, forbid_unknown_fields=True):
    """`mapping` as `columns.mapping.Mapping`; without it, as it stands. `area` is a code."""

    import_id: UUID
    mapping: dict[str, Any] | None = None
    area: str = ""


class MendRow(msgspec.Struct, forbid_unknown_fields=True):
    """A row by its number: new texts by heading; the door it means (an id, "" for what its address
    says); who its people are (part → an id of the register, "new", "" as the program finds)."""

    number: int
    cells: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    door: str | None = None
    people: dict[str, str] = msgspec.field(default_factory=dict[str, str])


class MendRows(msgspec.Struct, forbid_unknown_fields=True):
    import_id: UUID
    rows: list[MendRow]


class Means(msgspec.Struct, forbid_unknown_fields=True):
    """What an address nobody understood means. `mark` is a `Phrase.mark`; `of` is `compound` or
    `building` with `thing_id` (remembered as its nickname, for all tables to come), `here` with
    `meant` (read so in this table), or `likely` (its proposal is right, for every row with it)."""

    import_id: UUID
    mark: str
    of: Literal["compound", "building", "here", "likely"]
    thing_id: UUID | None = None
    meant: str = ""


class Explain(msgspec.Struct, forbid_unknown_fields=True):
    """A word of the table for one of our codes ("" leaves it out): relation, tags, home_kind."""

    import_id: UUID
    key: str
    word: str
    code: str


class Allow(msgspec.Struct, forbid_unknown_fields=True):
    """Let missing doors be made, likely ones be taken."""

    import_id: UUID
    make: bool | None = None
    sure: bool | None = None


class Apply(msgspec.Struct, forbid_unknown_fields=True):
    """Register open lines of these verdicts: of some rows, or all."""

    import_id: UUID
    verdicts: list[str] = msgspec.field(default_factory=lambda: list(CHANGING))
    numbers: list[int] | None = None


@deed("imports.choose_sheets", ChooseSheets)
async def choose_sheets(tx: Tx, body: ChooseSheets) -> Stands:
    vault = vault_of(tx.actor.district)
    return _stands(await uploading.choose_sheets(tx, vault, body.import_id, body.sheets))


@deed("imports.agree", Agree)
async def agree(tx: Tx, body: Agree) -> Stands:
    meaning = None if body.mapping is None else read_mapping(body.mapping)
    return _stands(
        await uploading.agree(tx, body.import_id, meaning, area=body.area.strip() or None)
    )


@deed("imports.apply", Apply)
async def apply(tx: Tx, body: Apply) -> Stands:
    if body.numbers is not None and len(body.numbers) > ROWS_MAX:
        raise Invalid.of("numbers", "一次最多选 {most} 行。", most=ROWS_MAX)
    return _stands(
        await work.apply(tx, body.import_id, verdicts=body.verdicts, numbers=body.numbers)
    )


@deed("imports.cancel", OfImport)
async def cancel(tx: Tx, body: OfImport) -> Stands:
    return _stands(await work.cancel(tx, body.import_id))


@deed("imports.undo", OfImport)
async def undo(tx: Tx, body: OfImport) -> Stands:
    return _stands(await work.undo(tx, body.import_id))


@deed("imports.retry", OfImport)
async def retry(tx: Tx, body: OfImport) -> Stands:
    return _stands(await work.retry(tx, body.import_id))


# -- mending -------------------------------------------------------------------------------------


@judging("imports.mend", MendRows)
async def mend(tx: Tx, vault: Vault, by: Actor, body: MendRows) -> Judged:
    found = await uploading.door(tx, body.import_id, lock=True, part=True)
    if not uploading.whole(tx, found):
        placing = [row.number for row in body.rows if row.door and not row.people]
        waiting = await lines.unplaced_of(tx, found.id, placing)
        if len(waiting) < len(body.rows):
            raise Forbidden(act_of(found.kind).name)
    if len(body.rows) > ROWS_MAX:
        raise Invalid.of("rows", "一次最多改 {most} 行。", most=ROWS_MAX)
    if found.by_id != by.id and any(row.cells for row in body.rows):
        raise OnlyItsUploader()
    mends = [Mend(row.number, row.cells, _decided(row)) for row in body.rows]
    return Judged(len(await mending.mend(tx, vault, by, found, mends)) if mends else 0)


def _decided(row: MendRow) -> dict[str, str]:
    """As it is kept: ids in one spelling. Raises Invalid."""
    decided: dict[str, str] = {}
    if row.door is not None:
        decided["door"] = _id(row.door, "door", row.number)
    for part, told in row.people.items():
        if not (part.isdecimal() and len(part) <= 3):
            raise Invalid.of("people", "没有“{code}”这个选项。", row=row.number, code=part[:20])
        decided[str(int(part))] = told if told == "new" else _id(told, "people", row.number)
    return decided


def _id(text: str, field: str, number: int) -> str:
    try:
        return str(UUID(text)) if text else ""
    except ValueError as wrong:
        raise Invalid.of(field, "没有“{code}”这个选项。", row=number, code=text[:20]) from wrong


@judging("imports.recheck", OfImport)
async def recheck(tx: Tx, vault: Vault, by: Actor, body: OfImport) -> Judged:
    """Lines that were left, because somebody changed their person meanwhile, as of now."""
    found = await uploading.door(tx, body.import_id, lock=True)
    numbers = await mending.left(tx, found)
    return Judged(len(await mending.rejudge(tx, vault, by, found, numbers)) if numbers else 0)


@judging("imports.means", Means)
async def means(tx: Tx, vault: Vault, by: Actor, body: Means) -> Judged:
    try:
        mark = int(body.mark)
    except ValueError as wrong:
        raise Invalid.of("mark", "没有“{code}”这个选项。", code=body.mark[:20]) from wrong
    if body.of == "likely":
        return await _likely(tx, vault, by, body.import_id, mark)
    if body.of == "here":
        if not body.meant.strip():
            raise Invalid.of("meant", "请写明它指哪里。")
        found = await mending.understand_here(tx, vault, body.import_id, mark, body.meant)
    else:
        if body.thing_id is None:
            raise Invalid.of("thing_id", "请选择是哪个小区或哪幢楼。")
        found = await mending.remember_name(
            tx, vault, body.import_id, mark, body.of, body.thing_id
        )
    return await _again(tx, vault, by, found, said=mark)


async def _likely(tx: Tx, vault: Vault, by: Actor, import_id: UUID, mark: int) -> Judged:
    """Rows that share a phrase take the door that was proposed for each."""
    found = await uploading.door(tx, import_id, lock=True)
    rows = await mending.proposed(tx, vault, found, mark, AT_ONCE_MAX)
    mends = [Mend(number, {}, {"door": str(door)}) for number, door in rows.items()]
    return Judged(len(await mending.mend(tx, vault, by, found, mends)) if mends else 0)


@judging("imports.explain", Explain)
async def explain(tx: Tx, vault: Vault, by: Actor, body: Explain) -> Judged:
    found = await mending.explain(tx, body.import_id, body.key, body.word[:60], body.code)
    return await _again(tx, vault, by, found, code=mending.UNKNOWN[body.key])


@judging("imports.allow", Allow)
async def allow(tx: Tx, vault: Vault, by: Actor, body: Allow) -> Judged:
    found = await mending.allow(tx, body.import_id, make=body.make, sure=body.sure)
    return await _again(tx, vault, by, found, reasons=mending.ALLOWED)


async def _again(tx: Tx, vault: Vault, by: Actor, found: Import, **which: Any) -> Judged:
    """At once when they are few; else all rows anew, in the background, while nothing is in."""
    numbers = await mending.touched(tx, found, **which)
    if len(numbers) > AT_ONCE_MAX and found.applied_at is None:
        await uploading.agree(tx, found.id)
        return Judged(found.rows, later=True)
    judged = await mending.rejudge(tx, vault, by, found, numbers) if numbers else []
    return Judged(len(judged))


# -- everybody of a list -------------------------------------------------------------------------


class DoBulk(msgspec.Struct, forbid_unknown_fields=True):
    """As `bulk.Bulk`; `mark` is that of the outcome that was previewed."""

    what: bulk.What
    mark: str
    area: str = ""
    tag: str = ""
    born_until: int | None = None
    kind: str = ""
    consent: str = ""
    why: str = "no_longer"
    field: str = ""
    ids: list[UUID] = msgspec.field(default_factory=list[UUID])


class DoBulkHomes(msgspec.Struct, forbid_unknown_fields=True):
    """As `bulk_homes.Bulk`; `mark` is that of the outcome that was previewed."""

    what: bulk_homes.What
    mark: str
    area: str = ""
    building: UUID | None = None
    tenure_is: str = ""
    tenure: str = ""
    field: str = ""
    to: UUID | None = None
    people: list[UUID] = msgspec.field(default_factory=list[UUID])
    lines: str = ""


class UndoBulk(msgspec.Struct, forbid_unknown_fields=True):
    batch_id: UUID


class BulkDone(msgspec.Struct, frozen=True):
    """The batch that undoes it; how many people (households) were changed; how many not, by why."""

    batch_id: UUID
    done: int
    left: dict[str, int]


class BulkUndone(msgspec.Struct, frozen=True):
    """Rows put back, and those that stay because somebody changed them since."""

    rows: int
    kept: int


@deed("imports.bulk", DoBulk)
async def do_bulk(tx: Tx, body: DoBulk) -> BulkDone:
    asked = bulk.Bulk(
        body.area,
        body.what,
        body.tag,
        body.born_until,
        body.kind,
        body.consent,
        body.why,
        body.field,
        tuple(body.ids),
    )
    batch, outcome = await bulk.do(tx, vault_of(tx.actor.district), asked, body.mark)
    return BulkDone(batch, outcome.does, outcome.left)


@deed("imports.bulk_homes", DoBulkHomes)
async def do_bulk_homes(tx: Tx, body: DoBulkHomes) -> BulkDone:
    asked = bulk_homes.Bulk(
        body.area,
        body.what,
        body.building,
        body.tenure_is,
        body.tenure,
        body.field,
        body.to,
        tuple(body.people),
        body.lines,
    )
    vault = vault_of(tx.actor.district)
    batch, outcome = await bulk_homes.do(tx, vault, asked, body.mark)
    return BulkDone(batch, outcome.does, outcome.left)


@deed("imports.undo_bulk", UndoBulk)
async def undo_bulk(tx: Tx, body: UndoBulk) -> BulkUndone:
    undone = await bulk.undo(tx, vault_of(tx.actor.district), body.batch_id)
    return BulkUndone(undone.total, len(undone.kept))
