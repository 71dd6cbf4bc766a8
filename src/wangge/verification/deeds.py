"""Deeds of verification. What people say on the telephone is sealed with its row, never remembered
with the deed: an answer's cells would lie in the table of deeds, so answering has no memory."""

from typing import Annotated
from uuid import UUID

import msgspec

from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.verification import choosing, deciding, queries
from wangge.verification.model import List

#: The number of a row.
Number = Annotated[int, msgspec.Meta(ge=0, le=queries.NUMBER_MAX)]


class Stands(msgspec.Struct, frozen=True):
    """Where the list is after a deed."""

    list_id: UUID
    phase: str
    state: str


class Taken(msgspec.Struct, frozen=True):
    """How many rows (or findings) were decided."""

    rows: int


class OfList(msgspec.Struct, forbid_unknown_fields=True):
    list_id: UUID


class OfRow(msgspec.Struct, forbid_unknown_fields=True):
    list_id: UUID
    number: Number


class Accept(msgspec.Struct, forbid_unknown_fields=True):
    """Mends taken: of the rows `numbers`, or, without, all that mend exactly these fields."""

    list_id: UUID
    numbers: list[Number] | None = None
    mends: list[str] = msgspec.field(default_factory=list[str])


class Choose(msgspec.Struct, forbid_unknown_fields=True):
    """Which column (from 0) is what: a key of `columns.FIELDS` each. `headless`: what was taken for
    the headings is somebody of the list."""

    list_id: UUID
    columns: dict[str, Number]
    headless: bool = False


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What came of asking: a key of `model.OUTCOMES`; with `is` also whom."""

    list_id: UUID
    number: Number
    outcome: str
    target: UUID | None = None


def _stands(found: List) -> Stands:
    return Stands(found.id, found.phase, found.state)


@deed("verification.choose", Choose)
async def choose(tx: Tx, body: Choose) -> Stands:
    vault = vault_of(tx.actor.district)
    return _stands(
        await choosing.choose(tx, vault, body.list_id, body.columns, headless=body.headless)
    )


@deed("verification.accept", Accept)
async def accept(tx: Tx, body: Accept) -> Taken:
    return Taken(await deciding.accept(tx, body.list_id, body.numbers, body.mends))


@deed("verification.doubt", OfRow)
async def doubt(tx: Tx, body: OfRow) -> Taken:
    await deciding.doubt(tx, body.list_id, body.number)
    return Taken(1)


@deed("verification.answer", Answer)
async def answer(tx: Tx, body: Answer) -> Taken:
    vault = vault_of(tx.actor.district)
    await deciding.answer(
        tx, vault, body.list_id, body.number, body.outcome, target=body.target
    )
    return Taken(1)


@deed("verification.settle_finding", OfRow)
async def settle_finding(tx: Tx, body: OfRow) -> Taken:
    await deciding.settle_finding(tx, body.list_id, body.number)
    return Taken(1)


@deed("verification.sign", OfList)
async def sign(tx: Tx, body: OfList) -> Stands:
    return _stands(await deciding.sign(tx, body.list_id))


@deed("verification.drop", OfList)
async def drop(tx: Tx, body: OfList) -> Taken:
    await deciding.drop(tx, body.list_id)
    return Taken(0)


@deed("verification.stop", OfList)
async def stop(tx: Tx, body: OfList) -> Stands:
    return _stands(await deciding.stop(tx, body.list_id))


@deed("verification.retry", OfList)
async def retry(tx: Tx, body: OfList) -> Stands:
    return _stands(await deciding.retry(tx, body.list_id))
