"""What people mean to do with what is known of somebody: correct it, confirm it, note a need, decide
whether two rows are one person."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.people import pairs, tags
from wangge.people.changes import Undone
from wangge.people.commands import persons
from wangge.people.commands.persons import Confirmed
from wangge.people.deeds.homes import asdict_of
from wangge.people.deeds.road import sealing
from wangge.people.tags import TagKind


class Correct(msgspec.Struct, forbid_unknown_fields=True):
    """Only what is given is changed. `version` is the one that was shown; null takes whatever is
    there: a worker at the door knows better."""

    resident_id: UUID
    version: int | None = None
    name: str | UnsetType = UNSET
    sex: str | UnsetType = UNSET
    birth_date: date | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    id_kind: str | UnsetType = UNSET
    id_number: str | UnsetType = UNSET
    relation: str | UnsetType = UNSET
    hukou: str | UnsetType = UNSET
    hukou_place: str | UnsetType = UNSET
    workplace: str | UnsetType = UNSET


@sealing("people.correct", Correct, status=200)
async def correct(tx: Tx, vault: Vault, body: Correct) -> UUID:
    values = asdict_of(body)
    version = values.pop("version")
    return await persons.correct(tx, vault, values.pop("resident_id"), version, values)


class Seen(msgspec.Struct, forbid_unknown_fields=True):
    """A row of the household (itself or somebody in it) as it was shown. `fields` are those that
    were found to be true; none means all of them."""

    id: UUID
    version: int
    fields: list[str] = msgspec.field(default_factory=list[str])


class Confirm(msgspec.Struct, forbid_unknown_fields=True):
    """`way` is how they were asked: visit or call."""

    household_id: UUID
    seen: list[Seen]
    way: str = "visit"


@deed("people.confirm", Confirm)
async def confirm(tx: Tx, body: Confirm) -> Confirmed:
    return await persons.confirm(
        tx,
        body.household_id,
        [(s.id, s.version, tuple(s.fields)) for s in body.seen],
        body.way,
    )


# -- needs ----------------------------------------------------------------------------------------


class NoteNeed(msgspec.Struct, forbid_unknown_fields=True):
    """`tag` is a kind's code. `basis` is by default the kind's own; consent says how it was given
    (spoken, written, guardian, online). `until` is by default when the kind's days are over."""

    resident_id: UUID
    tag: str
    basis: str = ""
    consent: str = ""
    until: date | None = None


@sealing("people.note_need", NoteNeed)
async def note_need(tx: Tx, vault: Vault, body: NoteNeed) -> UUID:
    return await tags.note(
        tx,
        vault,
        body.resident_id,
        body.tag,
        basis=body.basis,
        consent=body.consent,
        until=body.until,
    )


class EndNeed(msgspec.Struct, forbid_unknown_fields=True):
    """`why` is withdrawn, no_longer or mistake."""

    need_id: UUID
    why: str


@sealing("people.end_need", EndNeed, status=200)
async def end_need(tx: Tx, vault: Vault, body: EndNeed) -> UUID:
    return await tags.end(tx, vault, body.need_id, body.why)


class SetNeedKind(msgspec.Struct, forbid_unknown_fields=True):
    """`days` until a need of the kind ends; `roles` may see it, never an administrator."""

    code: str
    name: str
    purpose: str
    basis: str
    days: int
    roles: list[str]
    retired: bool = False


@deed("people.set_need_kind", SetNeedKind)
async def set_need_kind(tx: Tx, body: SetNeedKind) -> TagKind:
    return await tags.set_kind(
        tx,
        body.code,
        body.name,
        body.purpose,
        body.basis,
        body.days,
        body.roles,
        retired=body.retired,
    )


# -- one person or two ----------------------------------------------------------------------------


class Merge(msgspec.Struct, forbid_unknown_fields=True):
    """`keep_id` stays. `take` says field by field whether the other's value counts (by default
    where the kept row has none); `other_home` what the other household is to them."""

    pair_id: UUID
    keep_id: UUID
    take: Mapping[str, bool] = msgspec.field(default_factory=dict[str, bool])
    other_home: str = ""


@sealing("people.merge", Merge, status=200)
async def merge(tx: Tx, vault: Vault, body: Merge) -> UUID:
    return await pairs.merge(
        tx, vault, body.pair_id, body.keep_id, take=body.take, other_home=body.other_home
    )


class OfPair(msgspec.Struct, forbid_unknown_fields=True):
    pair_id: UUID


@deed("people.different", OfPair)
async def different(tx: Tx, body: OfPair) -> UUID:
    return await pairs.different(tx, body.pair_id)


@sealing("people.unmerge", OfPair, status=200)
async def unmerge(tx: Tx, vault: Vault, body: OfPair) -> Undone:
    return await pairs.undo_merge(tx, vault, body.pair_id)


@deed("people.reopen", OfPair)
async def reopen(tx: Tx, body: OfPair) -> UUID:
    return await pairs.reopen(tx, body.pair_id)
