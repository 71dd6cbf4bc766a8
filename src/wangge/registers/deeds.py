"""What people mean to do with the registers, from a desk, a program or a phone."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.people.changes import Undone
from wangge.people.deeds import sealing
from wangge.registers import commands
from wangge.registers.commands import Confirmed, Done


class Where(msgspec.Struct, forbid_unknown_fields=True):
    """The narrowest that is known: a door, a stairwell, a building of the closed list, else an area
    (a grid, or its community); `lon` and `lat` in WGS-84 degrees."""

    dwelling_id: UUID | None = None
    unit_id: UUID | None = None
    building_id: UUID | None = None
    area_code: str = ""
    lon: float | None = None
    lat: float | None = None

    def spot(self) -> commands.Spot:
        """The same, as the commands take it."""
        return commands.Spot(
            self.dwelling_id, self.unit_id, self.building_id, self.area_code, self.lon, self.lat
        )


class Person(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody who answers for a thing: a resident of the register (`resident_id`), or a name and a
    number. `role` is owner, legal, manager, safety, landlord or contact, as the kind has it."""

    role: str
    name: str = ""
    phone: str = ""
    resident_id: UUID | None = None
    since: date | None = None

    def answer(self) -> commands.Answer:
        """The same, as the commands take it."""
        return commands.Answer(self.role, self.name, self.phone, self.resident_id, self.since)


class Register(msgspec.Struct, forbid_unknown_fields=True):
    """`details` are the kind's own fields (`GET /api/v1/registers/kinds`); `another` says that it is
    a second place of a firm whose credit code the community knows."""

    kind: str
    where: Where
    name: str = ""
    credit_code: str = ""
    plate: str = ""
    location: str = ""
    details: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    opened_on: date | None = None
    people: list[Person] = msgspec.field(default_factory=list[Person])
    another: bool = False


@sealing("registers.register", Register)
async def register(tx: Tx, vault: Vault, body: Register) -> Done:
    draft = commands.Draft(
        body.kind,
        body.where.spot(),
        body.name,
        body.credit_code,
        body.plate,
        body.location,
        body.details,
        body.opened_on,
        [person.answer() for person in body.people],
    )
    return await commands.register(tx, vault, draft, another=body.another)


class Correct(msgspec.Struct, forbid_unknown_fields=True):
    """Only what is given is changed; `version` is the one that was shown. A null in `details` takes
    a value away."""

    thing_id: UUID
    version: int | None = None
    where: Where | UnsetType = UNSET
    name: str | UnsetType = UNSET
    credit_code: str | UnsetType = UNSET
    plate: str | UnsetType = UNSET
    location: str | UnsetType = UNSET
    details: dict[str, Any] | UnsetType = UNSET
    opened_on: date | UnsetType | None = UNSET
    another: bool = False


_VALUES = ("name", "credit_code", "plate", "location", "details", "opened_on")


@sealing("registers.correct", Correct, status=200)
async def correct(tx: Tx, vault: Vault, body: Correct) -> Done:
    given = {name: getattr(body, name) for name in _VALUES}
    return await commands.correct(
        tx,
        vault,
        body.thing_id,
        body.version,
        {name: value for name, value in given.items() if value is not UNSET},
        spot=None if body.where is UNSET else body.where.spot(),
        another=body.another,
    )


class SetPerson(msgspec.Struct, forbid_unknown_fields=True):
    thing_id: UUID
    person: Person


@sealing("registers.set_person", SetPerson, status=200)
async def set_person(tx: Tx, vault: Vault, body: SetPerson) -> Done:
    return await commands.set_person(tx, vault, body.thing_id, body.person.answer())


class EndPerson(msgspec.Struct, forbid_unknown_fields=True):
    thing_id: UUID
    person_id: UUID


@sealing("registers.end_person", EndPerson, status=200)
async def end_person(tx: Tx, vault: Vault, body: EndPerson) -> Done:
    return await commands.end_person(tx, vault, body.thing_id, body.person_id)


class Close(msgspec.Struct, forbid_unknown_fields=True):
    """`why` is a code of the kind's closings; `on` by default today."""

    thing_id: UUID
    why: str
    on: date | None = None


@sealing("registers.close", Close, status=200)
async def close(tx: Tx, vault: Vault, body: Close) -> Done:
    return await commands.close(tx, vault, body.thing_id, body.why, body.on)


class Reopen(msgspec.Struct, forbid_unknown_fields=True):
    thing_id: UUID


@sealing("registers.reopen", Reopen, status=200)
async def reopen(tx: Tx, vault: Vault, body: Reopen) -> Done:
    return await commands.reopen(tx, vault, body.thing_id)


class Seen(msgspec.Struct, forbid_unknown_fields=True):
    """A thing as it was shown; no `fields` are all that goes stale."""

    id: UUID
    version: int
    fields: list[str] = msgspec.field(default_factory=list[str])


class Confirm(msgspec.Struct, forbid_unknown_fields=True):
    seen: list[Seen]


@sealing("registers.confirm", Confirm, status=200)
async def confirm(tx: Tx, vault: Vault, body: Confirm) -> Confirmed:
    del vault
    return await commands.confirm(
        tx, [commands.Seen(one.id, one.version, tuple(one.fields)) for one in body.seen]
    )


class Undo(msgspec.Struct, forbid_unknown_fields=True):
    batch_id: UUID


@sealing("registers.undo", Undo, status=200)
async def undo(tx: Tx, vault: Vault, body: Undo) -> Undone:
    return await commands.undo(tx, vault, body.batch_id)
