"""Registering a thing, correcting it, who answers for it, closing, confirming; and the one way to a
full number. Every act but a confirmation is a batch that can be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.facts import Fact
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Stale
from wangge.matching import tidy
from wangge.people import acts as people_acts
from wangge.people.changes import Change, Undone, apply_changes, undo_batch
from wangge.people.changes import queries as batches
from wangge.people.commands.residents import may_look, opened
from wangge.people.model import LEFT_WHY, HasLeft, NothingThere, clean_phone
from wangge.people.queries import households
from wangge.people.queries import residents as people_queries
from wangge.places import ATLAS
from wangge.registers import acts, queries
from wangge.registers.events import (
    ThingChanged,
    ThingClosed,
    ThingConfirmed,
    ThingRegistered,
    ThingReopened,
    ThingRevealed,
)
from wangge.registers.kinds import KINDS, PEOPLE, Kind, stale_on
from wangge.registers.model import (
    DONE,
    FIRST_DAY,
    LAST_DAY,
    LET_ALREADY,
    LOCATION_MAX,
    NAME_MAX,
    PERSON_NAME_MAX,
    AlreadyThere,
    Full,
    LandlordKnown,
    NotOver,
    ThingOver,
    clean_credit_code,
    clean_details,
    clean_plate,
    kind_of,
    must_have,
)
from wangge.registers.queries import Thing
from wangge.registers.writing import PERSON, THING

#: Things one confirmation speaks of at most: a page of them.
SEEN_MAX = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody who answers for a thing: a resident of the register, or a name and a number."""

    role: str
    name: str = ""
    phone: str = ""
    resident_id: UUID | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a thing is: a door, a stairwell, a building, or an area; words for what no list has, and
    a point (WGS-84 degrees)."""

    dwelling_id: UUID | None = None
    unit_id: UUID | None = None
    building_id: UUID | None = None
    area_code: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A thing as somebody says it. `details` are the kind's own fields, codes or Chinese words."""

    kind: str
    spot: Spot
    name: str = ""
    credit_code: str = ""
    plate: str = ""
    location: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    opened_on: date | None = None
    people: Sequence[Answer] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: the thing, and the batch (for an undo)."""

    thing_id: UUID
    batch: UUID


# -- registering --------------------------------------------------------------------------------


async def register(tx: Tx, vault: Vault, draft: Draft, *, another: bool = False) -> Done:
    """A thing comes into its register. `another` says that it is a second place of a firm whose
    credit code is known in the community already.

    Raises NotFound (a door out of reach), Forbidden, Invalid, PlateTaken, AlreadyThere,
    LandlordKnown, HasLeft.
    """
    kind = kind_of(draft.kind)
    where = await _placed(tx, kind, draft.spot)
    tx.require(acts.CHANGE, where["area_code"])
    values = cleaned(kind, draft)
    must_have(kind, values["name"], values["plate"], values["details"])
    if values["credit_code"] and not another:
        await _not_there(tx, kind, values["credit_code"], where["area_code"], None)
    if kind.at_door and await queries.lettings(tx, where["dwelling_id"]):
        raise Invalid.of("dwelling_id", LET_ALREADY)
    today, batch, thing_id = local_date(tx.now), new_id(tx.now), new_id(tx.now)
    changes = [
        Change(
            THING.name,
            "insert",
            thing_id,
            where["area_code"],
            {
                **_columns(where),
                **values,
                "kind": kind.code,
                "confirmed_on": today,
                "stale_on": stale_on(kind, today, {}),
            },
        )
    ]
    roles = [one.role for one in draft.people]
    if len(set(roles)) < len(roles):
        raise Invalid.of("people", "同一种负责人只能填一个。")
    for one in draft.people:
        changes.append(
            await _answering(tx, kind, thing_id, where["area_code"], where["dwelling_id"],
                             where["unit_id"], one)
        )  # fmt: skip
    await _apply(tx, vault, batch, changes, "thing_add")
    tx.publish(ThingRegistered(thing_id, where["area_code"], kind.code, batch))
    return Done(thing_id, batch)


def cleaned(kind: Kind, draft: Draft) -> dict[str, Any]:
    """The columns a draft says, cleaned; `plate` in plain. Raises Invalid."""
    given: dict[str, Any] = {
        "name": draft.name,
        "location": draft.location,
        "credit_code": draft.credit_code,
        "plate": draft.plate,
        "details": dict(draft.details),
        "opened_on": draft.opened_on,
    }
    values = _cleaned(kind, given, {})
    values["details"] = {k: v for k, v in values["details"].items() if v is not None}
    return values


def _cleaned(kind: Kind, given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What was given of name, location, credit_code, plate, details, opened_on; `known` are the
    details that are there."""
    values: dict[str, Any] = {}
    if "details" in given:
        values["details"] = {**known, **clean_details(kind, given["details"])}
    details = values.get("details", known)
    for name, most in (("name", NAME_MAX), ("location", LOCATION_MAX)):
        if name in given:
            values[name] = tidy(given[name])
            if len(values[name]) > most:
                raise Invalid.of(name, "最多 {most} 个字。", most=most)
    if "name" in values and not kind.named:
        values["name"] = ""
    if "credit_code" in given:
        code = clean_credit_code(given["credit_code"])
        if code and not kind.coded:
            raise Invalid.of("credit_code", "{kind}没有统一社会信用代码。", kind=kind.name)
        values["credit_code"] = code
    if "plate" in given:
        plate = clean_plate(given["plate"], details)
        if plate and not kind.plated:
            raise Invalid.of("plate", "{kind}没有车牌。", kind=kind.name)
        values["plate"] = plate
    if "opened_on" in given:
        opened = given["opened_on"]
        if opened is not None and not FIRST_DAY <= opened <= LAST_DAY:
            raise Invalid.of(
                "opened_on", "“{field}”应为日期,如 2026-03-18。", field=kind.opened
            )
        values["opened_on"] = opened
    return values


async def _placed(tx: Tx, kind: Kind, spot: Spot) -> dict[str, Any]:
    """Columns of where a thing is. Raises NotFound, Invalid."""
    if (spot.lon is None) != (spot.lat is None) or not (
        -180 <= (spot.lon or 0) <= 180 and -90 <= (spot.lat or 0) <= 90
    ):
        raise Invalid.of("lon", "经纬度要成对填写,如 120.103 和 30.104。")
    at = {"lon": spot.lon, "lat": spot.lat}
    if spot.dwelling_id or spot.unit_id or spot.building_id:
        found = await queries.spot(
            tx, tx.reach(acts.READ), spot.dwelling_id, spot.unit_id, spot.building_id
        )
        where = {
            "area_code": found.area_code,
            "dwelling_id": found.dwelling_id,
            "unit_id": found.unit_id,
            "building_id": found.building_id,
        }
    else:
        code = await _area(tx, spot)
        where = {"area_code": code, "dwelling_id": None, "unit_id": None, "building_id": None}
    if kind.at_door and where["dwelling_id"] is None:
        raise Invalid.of("dwelling_id", "{kind}要写到门牌。", kind=kind.name)
    return {**where, **at}


async def _area(tx: Tx, spot: Spot) -> str:
    """The grid a point lies in, or the area named: a grid, or a community whose grid is unknown."""
    atlas = await ATLAS.get(tx)
    code = spot.area_code
    if spot.lon is not None and spot.lat is not None:
        lies = atlas.grid_of(spot.lon, spot.lat)
        if lies is not None and lies.startswith(code):
            code = lies
    area = atlas.area(code)
    if area is None or not area.open or len(code) < 12:
        raise Invalid.of("area_code", "请选择所在的社区或网格。")
    if not tx.reach(acts.READ).covers(code):
        raise NotFound("这个区域")
    return code


def _columns(where: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in where.items() if name != "area_code"}


async def _not_there(tx: Tx, kind: Kind, code: str, area_code: str, but: UUID | None) -> None:
    await queries.lock_code(tx, code)
    for same in await queries.same_code(tx, kind.code, code, area_code[:12], but):
        raise AlreadyThere(same.id, same.name, same.place)


async def _answering(
    tx: Tx,
    kind: Kind,
    thing_id: UUID,
    area_code: str,
    dwelling_id: UUID | None,
    unit_id: UUID | None,
    answer: Answer,
) -> Change:
    """Somebody who answers for a thing, as a row. Raises Invalid, NotFound, HasLeft, LandlordKnown."""
    if answer.role not in kind.roles:
        raise Invalid.of("role", "{kind}没有这种负责人。", kind=kind.name)
    if kind.at_door and answer.role == "landlord" and dwelling_id is not None:
        for home in await households.behind(tx, dwelling_id):
            if home.landlord_mask or home.landlord_phone_mask:
                raise LandlordKnown(home.id)
    values: dict[str, Any] = {"thing_id": thing_id, "unit_id": unit_id, "role": answer.role}
    today = local_date(tx.now)
    since = answer.since or today
    if not FIRST_DAY <= since <= today:
        raise Invalid.of("since", "开始日期不能晚于今天。")
    values["from_date"] = since
    if answer.resident_id is not None:
        reach = tx.reach(people_acts.RESIDENT_READ)
        person = await households.person(tx, reach, answer.resident_id)
        if person.ended_on is not None:
            raise HasLeft(person.name_mask, LEFT_WHY[person.ended_why])
        values |= {"resident_id": person.id, "name_mask": person.name_mask}
    else:
        name, phone = tidy(answer.name), clean_phone(answer.phone)
        if not name and not phone:
            raise Invalid.of("name", "请填负责人的姓名或电话。")
        if len(name) > PERSON_NAME_MAX:
            raise Invalid.of("name", "姓名最多 {most} 个字。", most=PERSON_NAME_MAX)
        values |= {"name": name, "phone": phone}
    return Change(PERSON.name, "insert", new_id(tx.now), area_code, values)


async def _apply(
    tx: Tx, vault: Vault, batch: UUID, changes: Sequence[Change], what: str
) -> None:
    applied = await apply_changes(tx, vault, batch, changes, what=what, fact=False)
    if applied.kept:
        # All rows were locked before, so somebody ended one in another way.
        raise Stale(0)


async def _open_thing(tx: Tx, thing_id: UUID, version: int | None = None) -> Thing:
    thing = await queries.lock_thing(tx, tx.reach(acts.READ), thing_id)
    tx.require(acts.CHANGE, thing.area_code)
    if thing.closed_on is not None:
        raise ThingOver()
    if version is not None and version != thing.version:
        raise Stale(thing.version)
    return thing


# -- correcting ---------------------------------------------------------------------------------


async def correct(
    tx: Tx,
    vault: Vault,
    thing_id: UUID,
    version: int | None,
    values: Mapping[str, Any],
    *,
    spot: Spot | None = None,
    another: bool = False,
) -> Done:
    """Change what is known of a thing, or where it is; what is said now counts as confirmed today.

    `values`: name, location, credit_code, plate, opened_on, details (only the fields that change;
    None takes one away). `version` None takes whatever is there.
    Raises NotFound, Forbidden, Invalid, Stale, ThingOver, PlateTaken, AlreadyThere.
    """
    thing = await _open_thing(tx, thing_id, version)
    kind = KINDS[thing.kind]
    given = _cleaned(kind, values, thing.details)
    area_code = thing.area_code
    if spot is not None:
        where = await _placed(tx, kind, spot)
        tx.require(acts.CHANGE, where["area_code"])
        area_code = where["area_code"]
        given |= _columns(where)
        if kind.at_door and where["dwelling_id"] != thing.dwelling_id:
            raise Invalid.of("dwelling_id", "出租房就是那个门牌;换了门牌请另登记一条。")
    if not given:
        raise Invalid.of("values", "没有要改的内容。")
    _still_whole(kind, thing, given)
    if given.get("credit_code") and not another:
        await _not_there(tx, kind, given["credit_code"], area_code, thing.id)
    told = [*(name for name in given if name != "details"), *values.get("details", {})]
    today = local_date(tx.now)
    confirmed = {
        **thing.confirmed,
        **{name: today.isoformat() for name in told if name in kind.fresh},
    }
    given |= {
        "confirmed": confirmed,
        "stale_on": stale_on(kind, thing.confirmed_on, confirmed),
    }
    if "details" in given:
        given["details"] = {k: v for k, v in given["details"].items() if v is not None}
    batch = new_id(tx.now)
    changes = [Change(THING.name, "update", thing.id, area_code, given)]
    if area_code != thing.area_code or given.get("unit_id", thing.unit_id) != thing.unit_id:
        changes += [
            Change(
                PERSON.name,
                "update",
                one.id,
                area_code,
                {"unit_id": given.get("unit_id", thing.unit_id)},
            )
            for one in await queries.people_of(tx, thing.id)
        ]
    await _apply(tx, vault, batch, changes, "thing_correct")
    tx.publish(ThingChanged(thing.id, area_code, kind.code, "correct", batch))
    return Done(thing.id, batch)


def _still_whole(kind: Kind, thing: Thing, given: Mapping[str, Any]) -> None:
    must_have(
        kind,
        given.get("name", thing.name),
        given.get("plate", thing.plate_mask),
        given.get("details", thing.details),
    )


async def set_person(tx: Tx, vault: Vault, thing_id: UUID, answer: Answer) -> Done:
    """Somebody answers for a thing from now on (or `since`); whoever did in the same part ends.

    Raises NotFound, Forbidden, Invalid, ThingOver, HasLeft, LandlordKnown.
    """
    thing = await _open_thing(tx, thing_id)
    kind = KINDS[thing.kind]
    made = await _answering(
        tx, kind, thing.id, thing.area_code, thing.dwelling_id, thing.unit_id, answer
    )
    changes = [
        Change(
            PERSON.name,
            "update",
            one.id,
            thing.area_code,
            {"to_date": max(made.values["from_date"], one.from_date)},
        )
        for one in await queries.people_of(tx, thing.id)
        if one.to_date is None and one.role == answer.role
    ]
    batch = new_id(tx.now)
    # The one before ends in a wave of its own: two at once would be two of a kind.
    if changes:
        await _apply(tx, vault, batch, changes, "thing_person")
    await _apply(tx, vault, batch, [made, _people_confirmed(tx, kind, thing)], "thing_person")
    tx.publish(ThingChanged(thing.id, thing.area_code, kind.code, "person", batch))
    return Done(thing.id, batch)


def _people_confirmed(tx: Tx, kind: Kind, thing: Thing) -> Change:
    confirmed = {**thing.confirmed, PEOPLE: local_date(tx.now).isoformat()}
    return Change(
        THING.name,
        "update",
        thing.id,
        thing.area_code,
        {"confirmed": confirmed, "stale_on": stale_on(kind, thing.confirmed_on, confirmed)},
    )


async def end_person(tx: Tx, vault: Vault, thing_id: UUID, person_id: UUID) -> Done:
    """Somebody answers for a thing no longer, and nobody after them yet. Raises NotFound, Forbidden,
    ThingOver."""
    thing = await _open_thing(tx, thing_id)
    kind = KINDS[thing.kind]
    people = await queries.people_of(tx, thing.id)
    one = next((p for p in people if p.id == person_id and p.to_date is None), None)
    if one is None:
        raise NotFound("这个负责人")
    batch = new_id(tx.now)
    ended = {"to_date": max(local_date(tx.now), one.from_date)}
    await _apply(
        tx,
        vault,
        batch,
        [
            Change(PERSON.name, "update", one.id, thing.area_code, ended),
            _people_confirmed(tx, kind, thing),
        ],
        "thing_person",
    )
    tx.publish(ThingChanged(thing.id, thing.area_code, kind.code, "person", batch))
    return Done(thing.id, batch)


# -- closing, and opening again -----------------------------------------------------------------


async def close(tx: Tx, vault: Vault, thing_id: UUID, why: str, on: date | None = None) -> Done:
    """A thing is no more; whoever answers for it stays with it, so that it can be reopened. Raises
    NotFound, Forbidden, Invalid, ThingOver."""
    thing = await _open_thing(tx, thing_id)
    kind, today = KINDS[thing.kind], local_date(tx.now)
    if why not in kind.closings:
        raise Invalid.of("why", "请选择注销的原因。")
    day = on or today
    if day > today or (thing.opened_on is not None and day < thing.opened_on):
        raise Invalid.of("on", "注销日期不能晚于今天,也不能早于{opened}。", opened=kind.opened)
    batch = new_id(tx.now)
    values = {"closed_on": day, "closed_why": why}
    await _apply(
        tx,
        vault,
        batch,
        [Change(THING.name, "update", thing.id, thing.area_code, values)],
        "thing_close",
    )
    tx.publish(ThingClosed(thing.id, thing.area_code, kind.code, why, batch))
    return Done(thing.id, batch)


async def reopen(tx: Tx, vault: Vault, thing_id: UUID) -> Done:
    """It is there after all, or again. Raises NotFound, Forbidden, NotOver, PlateTaken, Invalid."""
    thing = await queries.lock_thing(tx, tx.reach(acts.READ), thing_id)
    tx.require(acts.CHANGE, thing.area_code)
    if thing.closed_on is None:
        raise NotOver()
    kind = KINDS[thing.kind]
    if kind.at_door and thing.dwelling_id and await queries.lettings(tx, thing.dwelling_id):
        raise Invalid.of("dwelling_id", LET_ALREADY)
    batch = new_id(tx.now)
    values = {"closed_on": None, "closed_why": ""}
    await _apply(
        tx,
        vault,
        batch,
        [Change(THING.name, "update", thing.id, thing.area_code, values)],
        "thing_reopen",
    )
    tx.publish(ThingReopened(thing.id, thing.area_code, kind.code, batch))
    return Done(thing.id, batch)


# -- confirming ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """A thing in the version that was shown; no `fields` are all of them."""

    id: UUID
    version: int
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How many things were confirmed, and how many had changed since they were shown."""

    things: int
    changed: int


async def confirm(tx: Tx, seen: Sequence[Seen]) -> Confirmed:
    """Nothing has changed (没变), of what was shown; the content stays the same, so the version does
    as well. Things out of reach, closed, or changed since they were shown are left. Two statements.

    Raises Forbidden (things that may be seen only), Invalid for a field that does not go stale.
    """
    if not 0 < len(seen) <= SEEN_MAX:
        raise Invalid.of("seen", "一次最多核实 {most} 条。", most=SEEN_MAX)
    said = {one.id: one for one in seen}
    found = await queries.lock_seen(tx, tx.reach(acts.READ), list(said))
    may, today = tx.reach(acts.CONFIRM), local_date(tx.now)
    ids: list[UUID] = []
    days: list[date] = []
    confirmed: list[dict[str, str]] = []
    stale: list[date | None] = []
    facts: list[Fact] = []
    for row in found:
        one, kind = said[row.id], KINDS[row.kind]
        if not (may.covers(row.area_code) or row.unit_id in may.units):
            raise Forbidden(acts.CONFIRM.name)
        for name in one.fields:
            if name not in kind.fresh:
                raise Invalid.of("fields", "“{field}”不是要核实的内容。", field=name)
        if row.closed_on is not None or row.version != one.version:
            continue
        day = row.confirmed_on if one.fields else today
        fresh = {**row.confirmed, **dict.fromkeys(one.fields, today.isoformat())}
        kept = fresh if one.fields else {}
        ids.append(row.id)
        days.append(day)
        confirmed.append(kept)
        stale.append(stale_on(kind, day, kept))
        facts.append(ThingConfirmed(row.id, row.area_code, row.kind))
    await queries.save_confirmed(tx, ids, days, confirmed, stale)
    tx.publish(*facts)
    return Confirmed(len(ids), len(said) - len(ids))


# -- undoing ------------------------------------------------------------------------------------


async def undo(tx: Tx, vault: Vault, batch_id: UUID) -> Undone:
    """Take one act back, whole or not at all. Raises NotFound, Forbidden, BatchUndone, BatchGone,
    CannotUndoWhole."""
    batch = await batches.lock_batch(tx, batch_id)
    if batch.what not in DONE or not tx.reach(acts.READ).covers(batch.area_code):
        raise NotFound("这一批改动")
    tx.require(acts.CHANGE, batch.area_code)
    return await undo_batch(tx, vault, batch_id, whole=True)


# -- one full value -----------------------------------------------------------------------------


async def reveal(
    tx: Tx, vault: Vault, thing_id: UUID, what: Full, reason: str, person_id: UUID | None = None
) -> str:
    """One full plate, name or number, for a reason, counted with the looks at residents and written
    down. Of a resident of the register, the resident's page reveals.

    Raises NotFound (out of reach), Forbidden, Invalid (no reason), TooManyReveals, NothingThere.
    Never remember the answer.
    """
    thing = await queries.thing(tx, tx.reach(acts.READ), thing_id)
    reason = await may_look(tx, acts.REVEAL, thing.area_code, thing.unit_id, reason)
    if what is Full.PLATE:
        value = opened(vault, thing.id, "plate", await queries.sealed_plate(tx, thing.id))
    else:
        if person_id is None:
            raise Invalid.of("person_id", "请选择是哪个负责人。")
        kept = await queries.sealed_person(tx, thing.id, person_id)
        if what is Full.PERSON_PHONE:
            value = opened(vault, kept.id, "person_phone", kept.phone_sealed)
        else:
            value = kept.name
    if not value:
        raise NothingThere()
    await people_queries.insert_look(
        tx, new_id(tx.now), thing.area_code, what.value, reason, thing_id=thing.id
    )
    tx.publish(ThingRevealed(thing.id, thing.area_code, what.value))
    return value
