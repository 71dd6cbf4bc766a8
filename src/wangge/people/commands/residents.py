"""Households, residents and the one way to a full number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Act
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.kernel.settings import decided
from wangge.matching import tidy
from wangge.people import acts, tags
from wangge.people.changes import Applied, Change, apply_changes, load
from wangge.people.events import HouseholdRegistered, LandlordRevealed, PersonRevealed
from wangge.people.model import (
    FAMILY_MAX,
    HOUSEHOLD_KINDS,
    HUKOU,
    REASON_MIN,
    RELATIONS,
    REVEALS_PER_HOUR,
    SEXES,
    Field,
    HomeField,
    HouseholdRow,
    NothingThere,
    ResidentRow,
    TooManyReveals,
    check_size,
    clean_id_number,
    clean_phone,
    seal_context,
)
from wangge.people.queries import households
from wangge.people.queries import residents as queries
from wangge.people.tags import TagKind

NAME_MAX = 40
#: Characters of a workplace, of a registered address.
WORDS_MAX = 80


def household_change(row: HouseholdRow) -> Change:
    """A household as a row to be written."""
    return Change(
        "household",
        "insert",
        row.id,
        row.area_code,
        {
            "dwelling_id": row.dwelling_id,
            "unit_id": row.unit_id,
            "kind": row.kind,
            "from_date": row.from_date,
            "tenure": row.tenure,
            "label": row.label,
            "landlord_name": row.landlord_name,
            "landlord_phone": row.landlord_phone,
            **({"confirmed_on": row.confirmed_on} if row.confirmed_on else {}),
        },
    )


def resident_change(row: ResidentRow, today: date) -> Change:
    """A resident as a row to be written; numbers in plain."""
    values: dict[str, Any] = {
        "household_id": row.household_id,
        "unit_id": row.unit_id,
        "name": row.name,
        "sex": row.sex,
        "birth_year": row.birth_year,
        "phone": row.phone,
        "id_number": row.id_number,
        "id_kind": "id_card" if row.id_number else "none",
        "relation": row.relation,
        "since": row.since or today,
        "hukou": row.hukou,
        "hukou_place": row.hukou_place,
        "workplace": row.workplace,
        "confirmed_on": row.confirmed_on or today,
    }
    if row.birth_date is not None:
        values["birth_date"] = row.birth_date
    return Change("resident", "insert", row.id, row.area_code, values)


async def load_households(tx: Tx, vault: Vault, rows: Iterable[HouseholdRow]) -> int:
    """Many households, a statement for every `changes.CHUNK`, without images and facts."""
    return await load(tx, vault, [household_change(row) for row in rows])


async def load_residents(tx: Tx, vault: Vault, rows: Iterable[ResidentRow]) -> int:
    """Many residents, sealed, with their needs and the marks they are found by; a fixed number of
    statements for every `changes.CHUNK`, without images and facts.

    The caller has checked and cleaned the values (`clean_phone`, `clean_id_number`).
    Raises IdNumberTaken. Answers how many residents.
    """
    today, given = local_date(tx.now), list(rows)
    kinds = await tags.kinds(tx) if any(row.tags for row in given) else {}
    needs = [
        tags.noted(tx, kinds[code], row.id, row.area_code, row.unit_id)
        for row in given
        for code in row.tags
    ]
    await load(tx, vault, [*(resident_change(row, today) for row in given), *needs])
    return len(given)


@dataclass(frozen=True, slots=True)
class Draft:
    """A resident as a form brings them: numbers in plain, or ""."""

    name: str
    sex: str = "unknown"
    birth_year: int | None = None
    phone: str = ""
    id_number: str = ""
    relation: str = "other"
    tags: tuple[str, ...] = ()
    birth_date: date | None = None
    hukou: str = "unknown"
    hukou_place: str = ""
    workplace: str = ""


async def register_household(
    tx: Tx,
    vault: Vault,
    dwelling_id: UUID,
    people: Sequence[Draft],
    *,
    kind: str = "family",
    household_id: UUID | None = None,
) -> HouseholdRow:
    """Who lives behind a door, at once. Raises NotFound, Forbidden, Invalid, IdNumberTaken."""
    reach = tx.reach(acts.RESIDENT_READ)
    place = await queries.dwelling(tx, dwelling_id)
    if not (reach.covers(place.area_code) or place.unit_id in reach.units):
        raise NotFound("这一户")
    tx.require(acts.RESIDENT_CHANGE, place.area_code)
    if kind not in HOUSEHOLD_KINDS:
        raise Invalid.of("kind", "没有“{kind}”这种户。", kind=kind)
    if not people:
        raise Invalid.of("people", "请至少填一个人。")
    check_size(kind, len(people), (await decided(tx))(FAMILY_MAX))
    home = HouseholdRow(
        household_id or new_id(tx.now),
        place.id,
        place.area_code,
        place.unit_id,
        kind,
        local_date(tx.now),
    )
    known = await tags.kinds(tx)
    rows = [checked(tx, home, draft, row, known) for row, draft in enumerate(people, 1)]
    await apply_changes(
        tx,
        vault,
        new_id(tx.now),
        [
            household_change(home),
            *(resident_change(row, home.from_date) for row in rows),
            *(
                tags.noted(tx, known[code], row.id, row.area_code, row.unit_id)
                for row in rows
                for code in row.tags
            ),
        ],
        what="register",
        fact=False,
    )
    tx.publish(HouseholdRegistered(home.id, home.area_code, len(rows)))
    return home


def checked(
    tx: Tx, home: HouseholdRow, draft: Draft, row: int, known: Mapping[str, TagKind]
) -> ResidentRow:
    name = tidy(draft.name)
    if not 1 <= len(name) <= NAME_MAX:
        raise Invalid.of(
            "name", "第 {n} 人:姓名应为 1 到 {most} 个字。", row=row, n=row, most=NAME_MAX
        )
    if draft.sex not in SEXES:
        raise Invalid.of("sex", "第 {n} 人的性别不对。", row=row, n=row)
    if draft.relation not in RELATIONS:
        raise Invalid.of("relation", "第 {n} 人与户主的关系不对。", row=row, n=row)
    unknown = [tag for tag in draft.tags if tag not in known or known[tag].retired]
    if unknown:
        raise Invalid.of("tags", "没有“{tag}”这种需求标签。", row=row, tag=unknown[0])
    if draft.birth_year is not None and not 1880 <= draft.birth_year <= tx.now.year:
        raise Invalid.of("birth_year", "第 {n} 人的出生年份不对。", row=row, n=row)
    if draft.birth_date is not None and draft.birth_date > local_date(tx.now):
        raise Invalid.of("birth_date", "第 {n} 人的出生日期在今天之后。", row=row, n=row)
    if draft.hukou not in HUKOU:
        raise Invalid.of("hukou", "第 {n} 人的户籍所在不对。", row=row, n=row)
    for field, text in (("hukou_place", draft.hukou_place), ("workplace", draft.workplace)):
        if len(text.strip()) > WORDS_MAX:
            raise Invalid.of(
                field, "第 {n} 人:最多 {most} 个字。", row=row, n=row, most=WORDS_MAX
            )
    return ResidentRow(
        new_id(tx.now),
        home.id,
        home.area_code,
        home.unit_id,
        name,
        draft.sex,
        draft.birth_date.year if draft.birth_date else draft.birth_year,
        clean_phone(draft.phone),
        clean_id_number(draft.id_number),
        draft.relation,
        tuple(dict.fromkeys(draft.tags)),
        draft.birth_date,
        None,
        draft.hukou,
        draft.hukou_place.strip(),
        draft.workplace.strip(),
    )


async def end_household(tx: Tx, vault: Vault, household_id: UUID) -> Applied:
    """A household moved away with everybody in it; its door is free. Raises NotFound, Forbidden."""
    home = await queries.lock_household(tx, tx.reach(acts.RESIDENT_READ), household_id)
    tx.require(acts.RESIDENT_CHANGE, home.area_code)
    if home.to_date is not None:
        raise NotFound("这一户")
    today = local_date(tx.now)
    return await apply_changes(
        tx,
        vault,
        new_id(tx.now),
        [
            Change(
                "household",
                "update",
                home.id,
                home.area_code,
                {"to_date": max(today, home.from_date), "ended_why": "moved"},
            ),
            *(
                Change(
                    "resident",
                    "update",
                    person.id,
                    person.area_code,
                    {"ended_on": max(today, person.since), "ended_why": "moved_away"},
                )
                for person in await queries.living_in(tx, home.id)
            ),
        ],
        what="move_away",
    )


async def reveal(tx: Tx, vault: Vault, resident_id: UUID, field: Field, reason: str) -> str:
    """One full value, for a reason, counted and written down (domain.md §12.4).

    Raises NotFound (out of reach), Forbidden, Invalid (no reason), TooManyReveals, NothingThere.
    Never remember the answer: it is not to lie in the table of deeds.
    """
    line = await queries.resident(tx, tx.reach(acts.RESIDENT_READ), resident_id)
    reason = await may_look(tx, acts.REVEAL, line.area_code, line.unit_id, reason)
    kept = await queries.sealed_fields(tx, resident_id)
    if field is Field.NAME:
        value = kept.name
    else:
        sealed = kept.phone_sealed if field is Field.PHONE else kept.id_sealed
        value = opened(vault, kept.id, field.value, sealed)
    await queries.insert_look(
        tx, new_id(tx.now), kept.area_code, field.value, reason, resident_id=resident_id
    )
    tx.publish(PersonRevealed(resident_id, kept.area_code, field.value))
    return value


async def reveal_landlord(
    tx: Tx, vault: Vault, household_id: UUID, field: HomeField, reason: str
) -> str:
    """The same for a household's landlord, who is no resident here.

    Raises NotFound (out of reach), Forbidden, Invalid (no reason), TooManyReveals, NothingThere.
    """
    home = await households.home(tx, tx.reach(acts.RESIDENT_READ), household_id)
    reason = await may_look(tx, acts.REVEAL, home.area_code, home.unit_id, reason)
    kept = await queries.sealed_landlord(tx, household_id)
    if field is HomeField.LANDLORD_PHONE:
        value = opened(vault, kept.id, field.value, kept.landlord_phone_sealed)
    else:
        value = kept.landlord_name
    if not value:
        raise NothingThere()
    await queries.insert_look(
        tx, new_id(tx.now), kept.area_code, field.value, reason, household_id=household_id
    )
    tx.publish(LandlordRevealed(household_id, kept.area_code, field.value))
    return value


async def may_look(tx: Tx, act: Act, area_code: str, unit_id: UUID | None, reason: str) -> str:
    """The reason for a look at something in full, tidy; all looks of one person count together,
    whatever register they are at. Raises Forbidden, Invalid, TooManyReveals."""
    allowed = tx.reach(act)
    if not (allowed.covers(area_code) or unit_id in allowed.units):
        raise Forbidden(act.name)
    reason = reason.strip()
    if len(reason) < REASON_MIN:
        raise Invalid.of("reason", "请写明查看的原因,至少 {least} 个字。", least=REASON_MIN)
    most = (await decided(tx))(REVEALS_PER_HOUR)
    await queries.lock_looks(tx, tx.actor.id)
    if await queries.looks_since(tx, tx.actor.id, tx.now - timedelta(hours=1)) >= most:
        raise TooManyReveals(most)
    return reason


def opened(vault: Vault, row: UUID, column: str, sealed: bytes | None) -> str:
    """A sealed column of a row, in plain. Raises NothingThere."""
    if sealed is None:
        raise NothingThere()
    return vault.open(sealed, seal_context(row, column))
