"""The kinds of this room: residents, households, residences, needs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.people import sealing
from wangge.people.changes import copies
from wangge.people.changes.kinds import Kind, Touched, register_kind, uses
from wangge.people.changes.model import Change
from wangge.people.model import IdNumberTaken


def _dated(change: Change, now: datetime, values: dict[str, Any]) -> dict[str, Any]:
    if change.op == "insert" and "confirmed_on" not in values:
        values["confirmed_on"] = local_date(now)
    return values


def _resident(vault: Vault, change: Change, now: datetime) -> dict[str, Any]:
    return _dated(change, now, sealing.resident_columns(vault, change.id, change.values))


def _household(vault: Vault, change: Change, now: datetime) -> dict[str, Any]:
    return _dated(change, now, sealing.household_columns(vault, change.id, change.values))


def _as_it_is(vault: Vault, change: Change, now: datetime) -> dict[str, Any]:
    del vault, now
    return dict(change.values)


def _tag(vault: Vault, change: Change, now: datetime) -> dict[str, Any]:
    del vault
    values = dict(change.values)
    if change.op == "insert":
        values.setdefault("noted_at", now)
    return values


async def _residents_changed(
    tx: Tx, vault: Vault, ids: Sequence[UUID], touched: Touched
) -> None:
    del vault
    _changed(touched, ids)
    await copies.name_residences(tx, ids)


def _changed(touched: Touched, residents: Sequence[UUID]) -> None:
    """They are not, or not as, they were born."""
    touched.residents.update(residents)
    for id_ in residents:
        touched.born.pop(id_, None)


def _residents_born(made: Mapping[UUID, Mapping[str, Any]], touched: Touched) -> None:
    """Nobody has lived anywhere before they were in the register."""
    touched.residents.update(made)
    touched.born.update(made)


def _households_born(made: Mapping[UUID, Mapping[str, Any]], touched: Touched) -> None:
    """Nobody lives in it yet."""


async def _households_changed(
    tx: Tx, vault: Vault, ids: Sequence[UUID], touched: Touched
) -> None:
    """Whoever lives in it is found by its door."""
    del vault
    _changed(touched, await copies.living_in(tx, ids))


async def _tags_changed(tx: Tx, vault: Vault, ids: Sequence[UUID], touched: Touched) -> None:
    """`ids` are those of the residents."""
    del vault
    _changed(touched, ids)
    await copies.copy_tags(tx, ids)


HOUSEHOLD = register_kind(
    Kind(
        "household",
        50,
        "people_household",
        (
            "dwelling_id",
            "unit_id",
            "kind",
            "from_date",
            "to_date",
            "tenure",
            "label",
            "landlord_name",
            "landlord_mask",
            "landlord_phone_sealed",
            "landlord_phone_mask",
            "landlord_phone_index",
            "ended_why",
            "split_from",
            "joined_into",
            "confirmed_on",
            "confirmed",
            "more",
        ),
        {
            "kind": "family",
            "tenure": "unknown",
            "label": "",
            "landlord_name": "",
            "landlord_mask": "",
            "landlord_phone_mask": "",
            "ended_why": "",
            "confirmed": {},
            "more": {},
        },
        _household,
        (_households_changed,),
        born=_households_born,
    )
)
uses(
    "household",
    "exists (select 1 from people_resident r where r.household_id = t.id)"
    " or exists (select 1 from people_residence r where r.household_id = t.id)"
    " or exists (select 1 from people_household r where r.split_from = t.id)"
    " or exists (select 1 from people_household r where r.joined_into = t.id)",
)
uses("dwelling", "exists (select 1 from people_household h where h.dwelling_id = t.id)")
uses("unit", "exists (select 1 from people_household h where h.unit_id = t.id)")

RESIDENT = register_kind(
    Kind(
        "resident",
        60,
        "people_resident",
        (
            "household_id",
            "unit_id",
            "name",
            "name_mask",
            "sound",
            "sex",
            "birth_date",
            "birth_year",
            "phone_sealed",
            "phone_mask",
            "phone_tail",
            "phone_index",
            "id_kind",
            "id_sealed",
            "id_mask",
            "id_index",
            "relation",
            "hukou",
            "hukou_place",
            "workplace",
            "since",
            "ended_on",
            "ended_why",
            "merged_into",
            "confirmed_on",
            "confirmed",
            "more",
        ),
        {
            "sex": "unknown",
            "phone_mask": "",
            "phone_tail": "",
            "id_kind": "id_card",
            "id_mask": "",
            "relation": "other",
            "hukou": "unknown",
            "hukou_place": "",
            "workplace": "",
            "ended_why": "",
            "confirmed": {},
            "more": {},
        },
        _resident,
        (_residents_changed,),
        born=_residents_born,
        blocked="(p.id_index is not null and exists (select 1 from people_resident o"
        " where o.id_index = p.id_index and o.id <> p.id))"
        " or not exists (select 1 from people_household o where o.id = p.household_id)",
        promises={"people_resident_one_id_number": IdNumberTaken},
    )
)
uses(
    "resident",
    "exists (select 1 from people_residence r where r.resident_id = t.id)"
    " or exists (select 1 from people_tag r where r.resident_id = t.id)"
    " or exists (select 1 from people_resident r where r.merged_into = t.id)"
    " or exists (select 1 from people_look r where r.resident_id = t.id)",
)

RESIDENCE = register_kind(
    Kind(
        "residence",
        70,
        "people_residence",
        ("resident_id", "household_id", "unit_id", "tie", "name_mask", "from_date", "to_date"),
        {},
        _as_it_is,
    )
)

TAG = register_kind(
    Kind(
        "tag",
        80,
        "people_tag",
        (
            "resident_id",
            "unit_id",
            "kind",
            "basis",
            "consent",
            "noted_by",
            "noted_at",
            "until_date",
            "ended_at",
            "ended_why",
        ),
        {"consent": "", "ended_why": ""},
        _tag,
        (_tags_changed,),
        owner="resident_id",
    )
)
