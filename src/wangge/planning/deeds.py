"""What people mean to do with micro-grids, from a form or a program."""

from typing import Annotated
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.planning import commands
from wangge.planning.model import Kind, Wishes

#: A number that the tables hold.
Whole = Annotated[int, msgspec.Meta(ge=0, le=2_147_483_647)]


class Ask(msgspec.Struct, forbid_unknown_fields=True):
    """A proposal for a community: repair, propose, or hand (today's, to be changed by hand)."""

    area_code: str
    kind: Kind
    rules: Wishes = msgspec.field(default_factory=Wishes)
    seed: Whole = 0


class Asked(msgspec.Struct):
    id: UUID


@deed("planning.ask", Ask, status=201)
async def ask(tx: Tx, body: Ask) -> Asked:
    return Asked(await commands.ask(tx, body.area_code, body.kind, body.rules, seed=body.seed))


class MoveUnit(msgspec.Struct, forbid_unknown_fields=True):
    """`version` is the one that was looked at."""

    proposal_id: UUID
    unit_id: UUID
    to: str
    version: Whole


class Version(msgspec.Struct):
    """The proposal's latest version."""

    version: int


@deed("planning.move", MoveUnit)
async def move(tx: Tx, body: MoveUnit) -> Version:
    return Version(
        await commands.move(tx, body.proposal_id, body.unit_id, body.to, body.version)
    )


class GoBack(msgspec.Struct, forbid_unknown_fields=True):
    """Make version `number` the latest again."""

    proposal_id: UUID
    number: Whole
    version: Whole


@deed("planning.back", GoBack)
async def back(tx: Tx, body: GoBack) -> Version:
    return Version(await commands.go_back(tx, body.proposal_id, body.number, body.version))


class Accept(msgspec.Struct, forbid_unknown_fields=True):
    """`steps` are keys of the steps that are taken; without them all."""

    proposal_id: UUID
    version: Whole
    reason: str
    steps: list[str] | None = None


class Moved(msgspec.Struct):
    """So many stairwells changed hands."""

    units: int


@deed("planning.accept", Accept)
async def accept(tx: Tx, body: Accept) -> Moved:
    return Moved(
        await commands.accept(tx, body.proposal_id, body.reason, body.version, body.steps)
    )


class Undo(msgspec.Struct, forbid_unknown_fields=True):
    proposal_id: UUID
    reason: str


@deed("planning.undo", Undo)
async def undo(tx: Tx, body: Undo) -> Moved:
    return Moved(await commands.undo(tx, body.proposal_id, body.reason))


class OfProposal(msgspec.Struct, forbid_unknown_fields=True):
    proposal_id: UUID


@deed("planning.drop", OfProposal)
async def drop(tx: Tx, body: OfProposal) -> OfProposal:
    await commands.drop(tx, body.proposal_id)
    return body


class NameHead(msgspec.Struct, forbid_unknown_fields=True):
    """`staff_id` null: nobody heads it. `unit_id` is where they live."""

    code: str
    staff_id: UUID | None = None
    unit_id: UUID | None = None


@deed("planning.name_head", NameHead)
async def name_head(tx: Tx, body: NameHead) -> NameHead:
    await commands.name_head(tx, body.code, body.staff_id, body.unit_id)
    return body
