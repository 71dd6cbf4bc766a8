"""Correcting what is known about somebody, and confirming that it is still so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, Stale
from wangge.matching import tidy
from wangge.people import acts, freshness, sealing
from wangge.people.changes import Change, apply_changes
from wangge.people.commands.residents import NAME_MAX, WORDS_MAX
from wangge.people.events import HouseholdConfirmed
from wangge.people.model import (
    HUKOU,
    ID_KINDS,
    LEFT_WHY,
    RELATIONS,
    SEXES,
    HasLeft,
    LivesElsewhere,
    clean_id_number,
    clean_phone,
)
from wangge.people.queries import households as queries
from wangge.people.queries.households import Person


async def correct(
    tx: Tx, vault: Vault, resident_id: UUID, version: int | None, values: Mapping[str, Any]
) -> UUID:
    """Change fields of somebody; what is said now counts as confirmed today.

    `values`: name, sex, birth_date (date), phone, id_kind, id_number, relation, hukou, hukou_place,
    workplace. `version` None takes whatever is there (a worker at the door knows better).
    Raises NotFound, Forbidden, Invalid, Stale, HasLeft, LivesElsewhere, IdNumberTaken. Answers the
    batch.
    """
    people = await queries.lock_people(tx, tx.reach(acts.RESIDENT_READ), [resident_id])
    person = people[0]
    tx.require(acts.RESIDENT_CHANGE, person.area_code)
    if person.ended_on is not None:
        raise HasLeft(person.name_mask, LEFT_WHY[person.ended_why])
    if version is not None and version != person.version:
        raise Stale(person.version)
    given = _cleaned(tx, person, values)
    if not given:
        raise Invalid.of("values", "没有要改的内容。")
    if given.get("id_number"):
        index = sealing.id_index(vault, given["id_number"])
        held = await queries.holders(tx, [index] if index else [])
        for other in held:
            if other.id != person.id:
                raise LivesElsewhere(other.id, other.name_mask, other.place)
    today = local_date(tx.now).isoformat()
    given["confirmed"] = {**person.confirmed, **dict.fromkeys(values, today)}
    batch = new_id(tx.now)
    change = Change("resident", "update", person.id, person.area_code, given)
    await apply_changes(tx, vault, batch, [change], what="correct")
    return batch


def _cleaned(tx: Tx, person: Person, values: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(values)
    if "name" in given:
        given["name"] = tidy(given["name"])
        if not 1 <= len(given["name"]) <= NAME_MAX:
            raise Invalid.of("name", "姓名应为 1 到 {most} 个字。", most=NAME_MAX)
    if "phone" in given:
        given["phone"] = clean_phone(given["phone"])
    for name, known in (
        ("sex", SEXES),
        ("relation", RELATIONS),
        ("hukou", HUKOU),
        ("id_kind", ID_KINDS),
    ):
        if name in given and given[name] not in known:
            raise Invalid.of(name, "没有“{value}”这个选项。", value=str(given[name]))
    for name in ("hukou_place", "workplace"):
        if name in given:
            given[name] = given[name].strip()
            if len(given[name]) > WORDS_MAX:
                raise Invalid.of(name, "最多 {most} 个字。", most=WORDS_MAX)
    if "id_number" in given:
        kind = given.get("id_kind", person.id_kind)
        number = given["id_number"].strip()
        given["id_number"] = clean_id_number(number) if kind in ("id_card", "none") else number
        if kind == "none" and number:
            given["id_kind"] = "id_card"
        elif not number:
            given["id_kind"] = "none"
    born = given.get("birth_date")
    if born is not None and not date(1880, 1, 1) <= born <= local_date(tx.now):
        raise Invalid.of("birth_date", "出生日期不对:不能早于 1880 年,也不能晚于今天。")
    return given


#: How somebody may be asked whether all is as it was.
CONFIRM_WAYS = ("visit", "call")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How many rows (the household and its people) were confirmed, and how many had changed since
    they were shown."""

    household_id: UUID
    rows: int
    changed: int


async def confirm(
    tx: Tx,
    household_id: UUID,
    seen: Sequence[tuple[UUID, int, tuple[str, ...]]],
    way: str = "visit",
) -> Confirmed:
    """Nothing has changed (没变): one tap for a whole household, of what was shown: (id, version,
    fields) of it and its people; no fields are all of them. Part-time workers may do it in their
    stairwells. `way` is how they were asked: visit or call.

    Raises NotFound, Forbidden, Invalid.
    """
    if way not in CONFIRM_WAYS:
        raise Invalid.of("way", "请选择怎样联系的。")
    home = await queries.home(tx, tx.reach(acts.RESIDENT_READ), household_id)
    may = tx.reach(acts.CONFIRM)
    if not (
        may.covers(home.area_code)
        or home.unit_id in may.units
        or home.building_id in may.buildings
    ):
        raise Forbidden(acts.CONFIRM.name)
    done = await freshness.confirm_rows(tx, home.id, seen)
    asked = freshness.asked_keys(home.id, [row for row in seen if row[0] in set(done)])
    tx.publish(HouseholdConfirmed(home.id, home.area_code, len(done), way, asked))
    return Confirmed(home.id, len(done), len({row[0] for row in seen}) - len(done))
