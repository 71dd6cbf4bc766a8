"""What people mean to do with households: who comes, moves, splits off, joins, leaves; and back."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.people import commands
from wangge.people.changes import Undone
from wangge.people.commands import homes
from wangge.people.commands.homes import Done
from wangge.people.deeds.road import sealing
from wangge.people.model import HouseholdRow


class Person(msgspec.Struct, forbid_unknown_fields=True):
    """A resident; `tags` are codes of needs, `relation` to the head of the household."""

    name: str
    sex: str = "unknown"
    birth_year: int | None = None
    phone: str = ""
    id_number: str = ""
    relation: str = "other"
    tags: list[str] = msgspec.field(default_factory=list[str])
    birth_date: date | None = None
    hukou: str = "unknown"
    hukou_place: str = ""
    workplace: str = ""

    def draft(self) -> commands.Draft:
        """The same, as the commands take it."""
        given = asdict_of(self)
        given["tags"] = tuple(self.tags)
        return commands.Draft(**given)


def asdict_of(body: msgspec.Struct) -> dict[str, Any]:
    """The fields of a body that were given."""
    values = {name: getattr(body, name) for name in body.__struct_fields__}
    return {name: value for name, value in values.items() if value is not UNSET}


class RegisterHousehold(msgspec.Struct, forbid_unknown_fields=True):
    dwelling_id: UUID
    people: list[Person]
    kind: str = "family"


@sealing("people.register_household", RegisterHousehold)
async def register_household(tx: Tx, vault: Vault, body: RegisterHousehold) -> HouseholdRow:
    return await commands.register_household(
        tx, vault, body.dwelling_id, [p.draft() for p in body.people], kind=body.kind
    )


class EndHousehold(msgspec.Struct, forbid_unknown_fields=True):
    household_id: UUID


@sealing("people.end_household", EndHousehold, status=200)
async def end_household(tx: Tx, vault: Vault, body: EndHousehold) -> None:
    await commands.end_household(tx, vault, body.household_id)


class Come(msgspec.Struct, forbid_unknown_fields=True):
    household_id: UUID
    people: list[Person]


@sealing("people.come", Come, status=200, preview=True)
async def come(tx: Tx, vault: Vault, body: Come) -> Done:
    drafts = [person.draft() for person in body.people]
    return await homes.add_people(tx, vault, body.household_id, drafts)


class Move(msgspec.Struct, forbid_unknown_fields=True):
    """To a household that is there, or behind a door (`dwelling_id`) as one of their own; `kind`
    and `tenure` are then the new household's. `on` is the day, by default today."""

    resident_ids: list[UUID]
    household_id: UUID | None = None
    dwelling_id: UUID | None = None
    on: date | None = None
    kind: str = ""
    tenure: str = ""


@sealing("people.move", Move, status=200, preview=True)
async def move(tx: Tx, vault: Vault, body: Move) -> Done:
    return await homes.move(
        tx,
        vault,
        body.resident_ids,
        household_id=body.household_id,
        dwelling_id=body.dwelling_id,
        on=body.on,
        kind=body.kind,
        tenure=body.tenure,
    )


class Split(msgspec.Struct, forbid_unknown_fields=True):
    """`head_id` is the new household's head, by default the eldest."""

    household_id: UUID
    resident_ids: list[UUID]
    head_id: UUID | None = None


@sealing("people.split", Split, status=200, preview=True)
async def split(tx: Tx, vault: Vault, body: Split) -> Done:
    return await homes.split(
        tx, vault, body.household_id, body.resident_ids, head_id=body.head_id
    )


class Join(msgspec.Struct, forbid_unknown_fields=True):
    household_id: UUID
    into_id: UUID


@sealing("people.join", Join, status=200, preview=True)
async def join(tx: Tx, vault: Vault, body: Join) -> Done:
    return await homes.join(tx, vault, body.household_id, body.into_id)


class Leave(msgspec.Struct, forbid_unknown_fields=True):
    """`why` is moved_away, died or mistake."""

    resident_ids: list[UUID]
    why: str
    on: date | None = None


@sealing("people.leave", Leave, status=200, preview=True)
async def leave(tx: Tx, vault: Vault, body: Leave) -> Done:
    return await homes.leave(tx, vault, body.resident_ids, body.why, on=body.on)


class Undo(msgspec.Struct, forbid_unknown_fields=True):
    batch_id: UUID


@sealing("people.undo", Undo, status=200)
async def undo(tx: Tx, vault: Vault, body: Undo) -> Undone:
    return await homes.undo(tx, vault, body.batch_id)


class SetHousehold(msgspec.Struct, forbid_unknown_fields=True):
    """Only what is given is changed; `version` is the one that was shown."""

    household_id: UUID
    version: int
    kind: str | UnsetType = UNSET
    tenure: str | UnsetType = UNSET
    label: str | UnsetType = UNSET
    landlord_name: str | UnsetType = UNSET
    landlord_phone: str | UnsetType = UNSET


@sealing("people.set_household", SetHousehold, status=200)
async def set_household(tx: Tx, vault: Vault, body: SetHousehold) -> UUID:
    values = asdict_of(body)
    version = values.pop("version")
    return await homes.set_household(tx, vault, values.pop("household_id"), version, values)


class AddTie(msgspec.Struct, forbid_unknown_fields=True):
    """`tie` is registered, owns or rents; `since` by default today."""

    resident_id: UUID
    household_id: UUID
    tie: str
    since: date | None = None


@sealing("people.add_tie", AddTie)
async def add_tie(tx: Tx, vault: Vault, body: AddTie) -> UUID:
    return await homes.add_tie(
        tx, vault, body.resident_id, body.household_id, body.tie, body.since
    )


class EndTie(msgspec.Struct, forbid_unknown_fields=True):
    tie_id: UUID


@sealing("people.end_tie", EndTie, status=200)
async def end_tie(tx: Tx, vault: Vault, body: EndTie) -> UUID:
    return await homes.end_tie(tx, vault, body.tie_id)
