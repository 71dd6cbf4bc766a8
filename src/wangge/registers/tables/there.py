"""The things that rows may speak of, and what is written: a new thing, or what a row says otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.people.changes import Change
from wangge.people.model import mask_name, mask_phone
from wangge.people.sealing import phone_index
from wangge.registers.kinds import PEOPLE, Kind, stale_on
from wangge.registers.writing import PERSON, THING

if TYPE_CHECKING:
    from wangge.registers.tables.judging import Line, Rules, Wish


@dataclass(frozen=True, slots=True)
class DoorAt:
    """A door that an address leads to, there or to be made."""

    dwelling_id: UUID
    unit_id: UUID
    area_code: str
    name: str
    building_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class There:
    """A thing that is there."""

    id: UUID
    area_code: str
    dwelling_id: UUID | None
    unit_id: UUID | None
    door: str
    location: str
    name: str
    credit_code: str
    plate_mask: str
    plate_index: bytes | None
    details: Mapping[str, Any]
    opened_on: date | None
    confirmed_on: date
    confirmed: Mapping[str, str]
    version: int

    @property
    def title(self) -> str:
        return self.name or self.plate_mask or self.door

    @property
    def where(self) -> str:
        return self.door or self.location


@dataclass(frozen=True, slots=True)
class Answers:
    """Somebody who answers for a thing, or did."""

    id: UUID
    thing_id: UUID
    role: str
    resident_id: UUID | None
    name: str
    phone_mask: str
    phone_index: bytes | None
    from_date: date
    to_date: date | None


@dataclass(frozen=True, slots=True)
class _Unit:
    id: UUID
    building_id: UUID


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of what rows speak of."""

    things: Sequence[There]
    people: Mapping[UUID, Sequence[Answers]]
    units: Mapping[UUID, UUID]


async def known(tx: Tx, kind: Kind, area: str, wishes: Sequence["Wish"]) -> Known:
    """Three statements."""
    things = await _things(tx, kind, area, wishes)
    return Known(
        things, await _people(tx, [one.id for one in things]), await _units(tx, wishes)
    )


async def _things(tx: Tx, kind: Kind, area: str, wishes: Sequence["Wish"]) -> list[There]:
    """Open things that rows may speak of: of the whole district by plate, door and id, else of the
    table's community (or street)."""
    return await tx.many(
        There,
        """
        select t.id, t.area_code, t.dwelling_id, t.unit_id, coalesce(d.name, '') as door,
               t.location, t.name, t.credit_code, t.plate_mask, t.plate_index, t.details,
               t.opened_on, t.confirmed_on, t.confirmed, t.version
          from registers_thing t left join places_dwelling d on d.id = t.dwelling_id
         where t.kind = :kind and t.closed_on is null
           and (t.plate_index = any (:plates::bytea[]) or t.dwelling_id = any (:doors::uuid[])
                or t.id = any (:told::uuid[])
                or (t.area_code >= :low and t.area_code < :high
                    and (t.credit_code = any (:codes::text[]) or t.name = any (:names::text[]))))
         order by t.id
        """,
        kind=kind.code,
        plates=[w.plate for w in wishes if w.plate],
        doors=[w.dwelling_id for w in wishes if kind.at_door and w.dwelling_id],
        told=[UUID(w.told) for w in wishes if w.told not in ("", "new")],
        low=area[:12],
        high=area[:12] + ":",
        codes=[w.values["credit_code"] for w in wishes if w.values["credit_code"]],
        names=[w.values["name"] for w in wishes if w.values["name"]],
    )


async def _people(tx: Tx, things: Sequence[UUID]) -> dict[UUID, list[Answers]]:
    """Who answers for these things and who did, by thing."""
    rows = await tx.many(
        Answers,
        """
        select id, thing_id, role, resident_id, name, phone_mask, phone_index, from_date, to_date
          from registers_person where thing_id = any (:things::uuid[])
        """,
        things=list(things),
    )
    found: dict[UUID, list[Answers]] = {}
    for row in rows:
        found.setdefault(row.thing_id, []).append(row)
    return found


async def _units(tx: Tx, wishes: Sequence["Wish"]) -> dict[UUID, UUID]:
    ids = {w.door.unit_id for w in wishes if w.door is not None}
    rows = await tx.many(
        _Unit,
        "select id, building_id from places_unit where id = any (:ids::uuid[])",
        ids=list(ids),
    )
    return {row.id: row.building_id for row in rows}


def people_words(people: Mapping[str, tuple[str, str]]) -> str:
    """Who answers for it, masked."""
    return " · ".join(_person(name, mask_phone(phone)) for name, phone in people.values())


def _person(name: str, phone_mask: str) -> str:
    return " ".join(filter(None, (mask_name(name), phone_mask)))


def _at(one: "Wish", units: Mapping[UUID, UUID]) -> dict[str, Any]:
    door = one.door
    if door is None:
        return {}
    return {
        "dwelling_id": door.dwelling_id,
        "unit_id": door.unit_id,
        "building_id": door.building_id or units[door.unit_id],
    }


def new(by: "Rules", one: "Wish", found: Known) -> None:
    """The thing, with whoever answers for it."""
    line, today = one.line, local_date(by.now)
    at = _at(one, found.units)
    area = one.door.area_code if one.door else by.area
    thing = new_id(by.now)
    line.area_code, line.dwelling_id = area, one.dwelling_id
    values = {
        **at,
        **one.values,
        "kind": by.kind.code,
        "confirmed_on": today,
        "stale_on": stale_on(by.kind, today, {}),
    }
    line.changes.append(Change(THING.name, "insert", thing, area, values))
    for role, (name, phone) in one.people.items():
        line.changes.append(_answers(by.now, thing, area, at.get("unit_id"), role, name, phone))


def _answers(
    now: datetime, thing: UUID, area: str, unit: UUID | None, role: str, name: str, phone: str
) -> Change:
    values = {
        "thing_id": thing,
        "unit_id": unit,
        "role": role,
        "name": name,
        "phone": phone,
        "from_date": local_date(now),
    }
    return Change(PERSON.name, "insert", new_id(now), area, values)


def changed(by: "Rules", one: "Wish", before: There, found: Known) -> None:
    """What a row says otherwise than what is known; what it does not say stays."""
    line, values, today, kind = one.line, one.values, local_date(by.now), by.kind
    line.thing = before
    patch: dict[str, Any] = {}
    told: list[str] = []
    for key in ("name", "credit_code", "location", "opened_on"):
        was = getattr(before, key)
        # An address that matched no door is no news of a thing whose door is known.
        vague = key == "location" and one.vague and before.dwelling_id is not None
        if values[key] and values[key] != was and not vague:
            patch[key] = values[key]
            line.differs.append((key, str(was or ""), str(values[key])))
    details = {k: v for k, v in values["details"].items() if before.details.get(k) != v}
    for name, value in details.items():
        codes = kind.by_name[name].codes
        line.differs.append(
            (f"d.{name}", _words(codes, before.details.get(name)), _words(codes, value))
        )
        told.append(name)
    if details:
        patch["details"] = {**before.details, **details}
    at = _at(one, found.units)
    area, unit, moved = before.area_code, before.unit_id, False
    if one.door is not None and one.door.dwelling_id != before.dwelling_id:
        patch |= at
        area, unit, moved = one.door.area_code, one.door.unit_id, True
        line.differs.append(("door", before.door, one.door.name))
    people = found.people.get(before.id, ())
    for role, (name, phone) in one.people.items():
        was = next((p for p in people if p.role == role and p.to_date is None), None)
        _person_changed(by, line, before.id, area, unit, was, role, name, phone)
    if line.changes or line.ends:
        told.append(PEOPLE)
    if moved:
        _people_follow(line, people, area, unit)
    line.area_code, line.dwelling_id = area, one.dwelling_id or before.dwelling_id
    if not line.differs:
        line.verdict = "same"
        return
    line.verdict = "changed"
    confirmed = {
        **before.confirmed,
        **{name: today.isoformat() for name in told if name in kind.fresh},
    }
    patch |= {
        "confirmed": confirmed,
        "stale_on": stale_on(kind, before.confirmed_on, confirmed),
    }
    line.changes.append(
        Change(THING.name, "update", before.id, area, patch, version=before.version)
    )


def _people_follow(
    line: "Line", people: Sequence[Answers], area: str, unit: UUID | None
) -> None:
    """Whoever answers for a thing, or did, goes where it goes; else they lie behind a second lock
    that those of the new door cannot open."""
    for changes in (line.ends, line.changes):
        changes[:] = [
            replace(change, values={**change.values, "unit_id": unit}) for change in changes
        ]
    written = {change.id for change in (*line.ends, *line.changes)}
    line.changes += [
        Change(PERSON.name, "update", one.id, area, {"unit_id": unit})
        for one in people
        if one.id not in written
    ]


def _person_changed(
    by: "Rules",
    line: "Line",
    thing: UUID,
    area: str,
    unit: UUID | None,
    was: Answers | None,
    role: str,
    name: str,
    phone: str,
) -> None:
    key = f"r.{role}"
    if was is not None and was.resident_id is not None:
        return  # stands in the residents' register, and is corrected there
    if was is None:
        line.differs.append((key, "", _person(name, mask_phone(phone))))
        line.changes.append(_answers(by.now, thing, area, unit, role, name, phone))
        return
    other_name = bool(name) and name != was.name
    other_phone = bool(phone) and phone_index(by.vault, phone) != was.phone_index
    if not other_name and not other_phone:
        return
    masked = mask_phone(phone) or ("" if other_name and was.name else was.phone_mask)
    line.differs.append(
        (key, _person(was.name, was.phone_mask), _person(name or was.name, masked))
    )
    if other_name and was.name:
        ended = {"to_date": max(local_date(by.now), was.from_date)}
        line.ends.append(Change(PERSON.name, "update", was.id, area, ended))
        line.changes.append(_answers(by.now, thing, area, unit, role, name, phone))
        return
    given = {**({"name": name} if name else {}), **({"phone": phone} if phone else {})}
    line.changes.append(Change(PERSON.name, "update", was.id, area, given))


def _words(codes: Mapping[str, str] | None, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        several = cast("list[str]", value)
        return "、".join((codes or {}).get(one, one) for one in several)
    return (codes or {}).get(str(value), str(value))
