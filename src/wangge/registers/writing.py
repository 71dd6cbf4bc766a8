"""The kinds of rows of this room, for batches that can be undone (`people.changes`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.kernel.refusals import Invalid, Stale
from wangge.people import sealing
from wangge.people.changes import Change, Kind, Touched, register_kind, uses
from wangge.people.model import mask_name, mask_phone
from wangge.registers import indexing, queries
from wangge.registers.kinds import KINDS, stale_on
from wangge.registers.model import LET_ALREADY, PlateTaken, mask_plate, plate_index


def _thing(vault: Vault, change: Change, now: datetime) -> dict[str, Any]:
    """`plate` is in plain ("" takes it away)."""
    values = dict(change.values)
    if "plate" in values:
        plate = values.pop("plate")
        values["plate_sealed"] = sealing.hexed(sealing.sealed(vault, change.id, "plate", plate))
        values["plate_mask"] = mask_plate(plate)
        values["plate_index"] = sealing.hexed(plate_index(vault, plate))
    if change.op == "insert":
        values.setdefault("confirmed_on", local_date(now))
    return values


def _person(vault: Vault, change: Change, now: datetime) -> dict[str, Any]:
    """`name` and `phone` in plain."""
    values = dict(change.values)
    if "name" in values:
        values["name_mask"] = mask_name(values["name"])
    if "phone" in values:
        phone = values.pop("phone")
        values["phone_sealed"] = sealing.hexed(
            sealing.sealed(vault, change.id, "person_phone", phone)
        )
        values["phone_mask"] = mask_phone(phone)
        values["phone_tail"] = phone[-4:]
        values["phone_index"] = sealing.hexed(sealing.phone_index(vault, phone))
    if change.op == "insert":
        values.setdefault("from_date", local_date(now))
    return values


async def _changed(tx: Tx, vault: Vault, ids: Sequence[UUID], touched: Touched) -> None:
    """`ids` are those of the things."""
    del touched
    await indexing.index_things(tx, vault, ids)


async def _undone(tx: Tx, vault: Vault, ids: Sequence[UUID], touched: Touched) -> None:
    """What was found true since an act stays when the act is undone, so that the day things have to
    be asked about again is another one than before it; two statements."""
    del vault, touched
    rows = await queries.found_true(tx, ids)
    days = [(row, stale_on(KINDS[row.kind], row.confirmed_on, row.confirmed)) for row in rows]
    other = [(row.id, day) for row, day in days if day != row.stale_on]
    if other:
        await queries.set_stale(tx, [id_ for id_, _ in other], [day for _, day in other])


THING = register_kind(
    Kind(
        "thing",
        90,
        "registers_thing",
        (
            "kind",
            "dwelling_id",
            "unit_id",
            "building_id",
            "location",
            "lon",
            "lat",
            "name",
            "credit_code",
            "plate_sealed",
            "plate_mask",
            "plate_index",
            "details",
            "opened_on",
            "closed_on",
            "closed_why",
            "confirmed_on",
            "confirmed",
            "stale_on",
        ),
        {
            "location": "",
            "name": "",
            "credit_code": "",
            "plate_mask": "",
            "details": {},
            "closed_why": "",
            "confirmed": {},
        },
        _thing,
        (_changed,),
        blocked="p.plate_index is not null and p.closed_on is null and exists ("
        "select 1 from registers_thing o where o.plate_index = p.plate_index and o.id <> p.id"
        " and o.closed_on is null)"
        " or p.kind = 'rented' and p.closed_on is null and exists ("
        "select 1 from registers_thing o where o.dwelling_id = p.dwelling_id and o.id <> p.id"
        " and o.kind = 'rented' and o.closed_on is null)",
        promises={
            "registers_thing_one_plate": PlateTaken,
            "registers_thing_one_letting": lambda: Invalid.of("dwelling_id", LET_ALREADY),
        },
        undone=(_undone,),
    )
)
uses(
    "thing",
    "exists (select 1 from registers_person r where r.thing_id = t.id)"
    " or exists (select 1 from people_look r where r.thing_id = t.id)",
)
uses("dwelling", "exists (select 1 from registers_thing r where r.dwelling_id = t.id)")
uses("unit", "exists (select 1 from registers_thing r where r.unit_id = t.id)")
uses("resident", "exists (select 1 from registers_person r where r.resident_id = t.id)")
uses("building", "exists (select 1 from registers_thing r where r.building_id = t.id)")

PERSON = register_kind(
    Kind(
        "thing_person",
        100,
        "registers_person",
        (
            "thing_id",
            "unit_id",
            "role",
            "resident_id",
            "name",
            "name_mask",
            "phone_sealed",
            "phone_mask",
            "phone_tail",
            "phone_index",
            "from_date",
            "to_date",
        ),
        {"name": "", "name_mask": "", "phone_mask": "", "phone_tail": ""},
        _person,
        (_changed,),
        owner="thing_id",
        blocked="p.to_date is null and exists (select 1 from registers_person o"
        " where o.thing_id = p.thing_id and o.role = p.role and o.id <> p.id"
        " and o.to_date is null)"
        " or not exists (select 1 from registers_thing o where o.id = p.thing_id)",
        promises={"registers_person_one_of_a_role": lambda: Stale(0)},
    )
)
