"""Exports as deeds: a double click asks once. What is remembered names nobody."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from wangge.exports import commands, holding
from wangge.exports.model import Export
from wangge.kernel.database import Tx
from wangge.kernel.http import deed


class Ask(msgspec.Struct, forbid_unknown_fields=True):
    """`what` is a maker's code, `spec` what it is given; `full` are fields to stand unmasked."""

    what: str
    area_code: str
    people: int
    reason: str
    spec: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    full: list[str] = msgspec.field(default_factory=list[str])
    format: str = "xlsx"
    title: str = ""


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """`words` are required for a refusal."""

    export_id: UUID
    words: str = ""


class OfExport(msgspec.Struct, forbid_unknown_fields=True):
    export_id: UUID


class ExportState(msgspec.Struct):
    """Where an export stands."""

    id: UUID
    mark: str
    state: str
    people: int


class Hold(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing of the class is deleted for so many days."""

    class_key: str
    days: int
    reason: str


class OfClass(msgspec.Struct, forbid_unknown_fields=True):
    """A class of data, `room.thing`."""

    class_key: str


class Held(msgspec.Struct):
    """Until when; None when nothing is held (any more)."""

    class_key: str
    until: datetime | None


def _state(export: Export) -> ExportState:
    return ExportState(export.id, export.mark, export.state, export.people)


@deed("exports.ask", Ask, status=201)
async def ask(tx: Tx, body: Ask) -> ExportState:
    return _state(
        await commands.ask(
            tx,
            body.what,
            body.spec,
            area_code=body.area_code,
            people=body.people,
            reason=body.reason,
            full=body.full,
            format=body.format,
            title=body.title,
        )
    )


@deed("exports.approve", Decision)
async def approve(tx: Tx, body: Decision) -> ExportState:
    return _state(await commands.approve(tx, body.export_id, body.words))


@deed("exports.refuse", Decision)
async def refuse(tx: Tx, body: Decision) -> ExportState:
    return _state(await commands.refuse(tx, body.export_id, body.words))


@deed("exports.withdraw", OfExport)
async def withdraw(tx: Tx, body: OfExport) -> ExportState:
    return _state(await commands.withdraw(tx, body.export_id))


@deed("exports.hold", Hold)
async def hold(tx: Tx, body: Hold) -> Held:
    return Held(body.class_key, await holding.hold(tx, body.class_key, body.days, body.reason))


@deed("exports.release", OfClass)
async def release(tx: Tx, body: OfClass) -> Held:
    await holding.release(tx, body.class_key)
    return Held(body.class_key, None)


@deed("exports.delete_soon", OfClass)
async def delete_soon(tx: Tx, body: OfClass) -> Held:
    await holding.soon(tx, body.class_key)
    return Held(body.class_key, None)
