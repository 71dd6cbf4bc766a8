"""Households, residents and the one way to a full number."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, promise
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.kernel.settings import decided
from wangge.people import acts
from wangge.people.events import HouseholdRegistered, PersonRevealed
from wangge.people.model import (
    HOUSEHOLD_KINDS,
    NEEDS,
    REASON_MIN,
    RELATIONS,
    REVEALS_PER_HOUR,
    SEXES,
    Field,
    HouseholdRow,
    IdNumberTaken,
    NothingThere,
    ResidentRow,
    TooManyReveals,
    clean_id_number,
    clean_phone,
    mask_id,
    mask_name,
    mask_phone,
    seal_context,
)
from wangge.people.queries import residents as queries
from wangge.people.queries.residents import SealedFields, SealedResident

T = TypeVar("T")

#: Residents written by one statement of an import.
LOAD_BATCH = 5_000
#: People in one household form; a dormitory is several.
HOUSEHOLD_MAX = 30
NAME_MAX = 40


def sealed(vault: Vault, row: ResidentRow) -> SealedResident:
    """Seal one resident's numbers, each bound to its row and column."""
    phone, number = row.phone, row.id_number
    return SealedResident(
        row.id,
        row.household_id,
        row.area_code,
        row.unit_id,
        row.name,
        mask_name(row.name),
        row.sex,
        row.birth_year,
        vault.seal(phone, seal_context(row.id, "phone")) if phone else None,
        mask_phone(phone),
        phone[-4:],
        vault.index("phone:" + phone) if phone else None,
        vault.seal(number, seal_context(row.id, "id_number")) if number else None,
        mask_id(number),
        vault.index("id_number:" + number) if number else None,
        row.relation,
        ",".join(row.tags),
    )


async def load_households(tx: Tx, rows: Iterable[HouseholdRow]) -> int:
    """Many households, a statement for every `LOAD_BATCH`, without facts."""
    done = 0
    for batch in _batches(list(rows)):
        done += await queries.insert_households(tx, batch)
    return done


async def load_residents(tx: Tx, vault: Vault, rows: Iterable[ResidentRow]) -> int:
    """Many residents, sealed, a statement for every `LOAD_BATCH`, without facts.

    The caller has checked and cleaned the values (`clean_phone`, `clean_id_number`).
    Raises IdNumberTaken. Answers how many.
    """
    done = 0
    for batch in _batches(list(rows)):
        with promise("people_resident_one_id_number", otherwise=IdNumberTaken()):
            done += await queries.insert_residents(tx, [sealed(vault, row) for row in batch])
    return done


def _batches(rows: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(rows), LOAD_BATCH):
        yield rows[start : start + LOAD_BATCH]


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
    if not 1 <= len(people) <= HOUSEHOLD_MAX:
        raise Invalid.of("people", "一户应登记 1 到 {most} 人。", most=HOUSEHOLD_MAX)
    home = HouseholdRow(
        household_id or new_id(tx.now),
        place.id,
        place.area_code,
        place.unit_id,
        kind,
        local_date(tx.now),
    )
    rows = [_checked(tx, home, draft, row) for row, draft in enumerate(people, 1)]
    await queries.insert_households(tx, [home])
    await load_residents(tx, vault, rows)
    tx.publish(HouseholdRegistered(home.id, home.area_code, len(rows)))
    return home


def _checked(tx: Tx, home: HouseholdRow, draft: Draft, row: int) -> ResidentRow:
    name = draft.name.strip()
    if not 1 <= len(name) <= NAME_MAX:
        raise Invalid.of(
            "name", "第 {n} 人:姓名应为 1 到 {most} 个字。", row=row, n=row, most=NAME_MAX
        )
    if draft.sex not in SEXES:
        raise Invalid.of("sex", "第 {n} 人的性别不对。", row=row, n=row)
    if draft.relation not in RELATIONS:
        raise Invalid.of("relation", "第 {n} 人与户主的关系不对。", row=row, n=row)
    unknown = [tag for tag in draft.tags if tag not in NEEDS]
    if unknown:
        raise Invalid.of("tags", "没有“{tag}”这种需求标签。", row=row, tag=unknown[0])
    if draft.birth_year is not None and not 1880 <= draft.birth_year <= tx.now.year:
        raise Invalid.of("birth_year", "第 {n} 人的出生年份不对。", row=row, n=row)
    return ResidentRow(
        new_id(tx.now),
        home.id,
        home.area_code,
        home.unit_id,
        name,
        draft.sex,
        draft.birth_year,
        clean_phone(draft.phone),
        clean_id_number(draft.id_number),
        draft.relation,
        tuple(dict.fromkeys(draft.tags)),
    )


async def end_household(tx: Tx, household_id: UUID) -> None:
    """A household moved away; its door is free. Raises NotFound."""
    reach = tx.reach(acts.RESIDENT_CHANGE)
    if not await queries.end_household(tx, reach, household_id, local_date(tx.now)):
        raise NotFound("这一户")


async def reveal(tx: Tx, vault: Vault, resident_id: UUID, field: Field, reason: str) -> str:
    """One full value, for a reason, counted and written down (domain.md §12.4).

    Raises NotFound (out of reach), Forbidden, Invalid (no reason), TooManyReveals, NothingThere.
    Never remember the answer: it is not to lie in the table of deeds.
    """
    line = await queries.resident(tx, tx.reach(acts.RESIDENT_READ), resident_id)
    allowed = tx.reach(acts.REVEAL)
    if not (allowed.covers(line.area_code) or line.unit_id in allowed.units):
        raise Forbidden(acts.REVEAL.name)
    reason = reason.strip()
    if len(reason) < REASON_MIN:
        raise Invalid.of("reason", "请写明查看的原因,至少 {least} 个字。", least=REASON_MIN)
    most = (await decided(tx))(REVEALS_PER_HOUR)
    await queries.lock_looks(tx, tx.actor.id)
    if await queries.looks_since(tx, tx.actor.id, tx.now - timedelta(hours=1)) >= most:
        raise TooManyReveals(most)
    kept = await queries.sealed_fields(tx, resident_id)
    value = _opened(vault, kept, field)
    await queries.insert_look(
        tx, new_id(tx.now), resident_id, kept.area_code, field.value, reason
    )
    tx.publish(PersonRevealed(resident_id, kept.area_code, field.value))
    return value


def _opened(vault: Vault, kept: SealedFields, field: Field) -> str:
    if field is Field.NAME:
        return kept.name
    value = kept.phone_sealed if field is Field.PHONE else kept.id_sealed
    if value is None:
        raise NothingThere()
    return vault.open(value, seal_context(kept.id, field.value))
