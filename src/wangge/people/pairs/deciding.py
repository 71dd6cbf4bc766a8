"""Two rows are two people, or one: then the one row takes what the other knew, and can give it
back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.people.changes import Change, Undone, apply_changes, undo_batch
from wangge.people.events import PeopleMerged, PeopleParted
from wangge.people.following import merged_along
from wangge.people.model import TIES, seal_context
from wangge.people.pairs.reading import pair
from wangge.people.queries import households

#: Fields of which the kept row may take the other's value.
TAKEN = (
    "name",
    "sex",
    "birth_date",
    "phone",
    "id_number",
    "relation",
    "hukou",
    "hukou_place",
    "workplace",
)


@dataclass(eq=False)
class PairDecided(Refusal):
    says: ClassVar[str] = "这一对已经有人判过了。"


async def different(tx: Tx, pair_id: UUID) -> UUID:
    """They are two people; nobody is asked again. Raises NotFound, PairDecided."""
    found = await pair(tx, pair_id)
    if found.state != "open":
        raise PairDecided()
    await _decide(tx, pair_id, "different", None)
    tx.publish(PeopleParted(found.one.id, found.area_code, found.other.id))
    return pair_id


async def reopen(tx: Tx, pair_id: UUID) -> UUID:
    """Somebody said too soon that they are two people; it is open again. A merge is taken back by
    `undo_merge`. Raises NotFound."""
    found = await pair(tx, pair_id)
    if found.state != "different":
        raise NotFound("这一对")
    await _decide(tx, pair_id, "open", None)
    return pair_id


async def _decide(tx: Tx, pair_id: UUID, state: str, batch: UUID | None) -> int:
    return await tx.run(
        """
        update people_pair
           set state = :state, batch_id = :batch, decided_by = :by::uuid,
               decided_at = :at::timestamptz
         where id = :pair_id
        """,
        pair_id=pair_id,
        state=state,
        batch=batch,
        by=None if state == "open" else tx.actor.id,
        at=None if state == "open" else tx.now,
    )


@dataclass(frozen=True, slots=True)
class _Whole:
    """A row with everything that a merge may take from it."""

    id: UUID
    household_id: UUID
    area_code: str
    unit_id: UUID
    name: str
    name_mask: str
    sex: str
    birth_date: date | None
    phone_sealed: bytes | None
    id_kind: str
    id_sealed: bytes | None
    relation: str
    hukou: str
    hukou_place: str
    workplace: str
    since: date
    more: Mapping[str, str]
    confirmed: Mapping[str, str]
    version: int


async def _whole(tx: Tx, ids: list[UUID]) -> dict[UUID, _Whole]:
    rows = await tx.many(
        _Whole,
        """
        select id, household_id, area_code, unit_id, name, name_mask, sex, birth_date,
               phone_sealed, id_kind, id_sealed, relation, hukou, hukou_place, workplace, since,
               more, confirmed, version
          from people_resident where id = any (:ids::uuid[]) and ended_on is null
         order by id for update
        """,
        ids=ids,
    )
    return {row.id: row for row in rows}


def _missing(row: _Whole, field: str) -> bool:
    kept = {
        "name": row.name,
        "sex": row.sex if row.sex != "unknown" else "",
        "birth_date": row.birth_date,
        "phone": row.phone_sealed,
        "id_number": row.id_sealed,
        "relation": row.relation if row.relation != "other" else "",
        "hukou": row.hukou if row.hukou != "unknown" else "",
        "hukou_place": row.hukou_place,
        "workplace": row.workplace,
    }
    return not kept[field]


def _value(vault: Vault, row: _Whole, field: str) -> Any:
    """In plain, to be sealed again for the other row."""
    if field == "phone":
        return _opened(vault, row.id, "phone", row.phone_sealed)
    if field == "id_number":
        return _opened(vault, row.id, "id_number", row.id_sealed)
    return getattr(row, field)


def _opened(vault: Vault, row: UUID, column: str, sealed: bytes | None) -> str:
    return vault.open(sealed, seal_context(row, column)) if sealed else ""


async def merge(
    tx: Tx,
    vault: Vault,
    pair_id: UUID,
    keep_id: UUID,
    *,
    take: Mapping[str, bool] | None = None,
    other_home: str = "",
) -> UUID:
    """They are one: `keep_id` stays, the other row ends and says into which. What the kept row lacks
    it takes from the other; `take` says field by field what else (or what not). When they lived
    in two households, `other_home` says what the second is to them: a tie (`registered`, `owns`,
    `rents`), `lives` for where they lived until now, or nothing.

    Needs and ties go along, and what higher rooms say (`following`). Answers the batch, by which it
    can be undone. Raises NotFound, PairDecided, Invalid.
    """
    found = await pair(tx, pair_id)
    if found.state != "open":
        raise PairDecided()
    ids = {found.one.id, found.other.id}
    if keep_id not in ids:
        raise Invalid.of("keep_id", "请选择保留哪一条。")
    rows = await _whole(tx, list(ids))
    if len(rows) < 2:
        raise NotFound("这一对")
    kept = rows[keep_id]
    gone = next(row for id_, row in rows.items() if id_ != keep_id)
    if other_home and (other_home not in TIES or gone.household_id == kept.household_id):
        raise Invalid.of("other_home", "请选择另一户对本人来说是什么。")
    asked = take or {}
    fields = [
        field
        for field in TAKEN
        if not _missing(gone, field) and asked.get(field, _missing(kept, field))
    ]
    values: dict[str, Any] = {field: _value(vault, gone, field) for field in fields}
    if "id_number" in values:
        values["id_kind"] = gone.id_kind
    # Answers to the district's own questions, with the day they were given; the kept row's stand.
    if own := {key: one for key, one in gone.more.items() if key not in kept.more}:
        days = {key: gone.confirmed[key] for key in own if key in gone.confirmed}
        values |= {"more": {**own, **kept.more}, "confirmed": {**days, **kept.confirmed}}
    batch, today = new_id(tx.now), local_date(tx.now)
    ended = {
        "ended_on": max(today, gone.since),
        "ended_why": "merged",
        "merged_into": kept.id,
        "id_number": "",
    }
    # A number is in one row only: the first gives it up before the other takes it.
    await apply_changes(
        tx,
        vault,
        batch,
        [Change("resident", "update", gone.id, gone.area_code, ended)],
        what="merge",
        area_code=found.area_code,
        fact=False,
    )
    changes = [Change("resident", "update", kept.id, kept.area_code, values)] if values else []
    changes += await _needs(tx, kept, gone)
    changes += await _ties(tx, kept, gone, other_home, today)
    changes += await merged_along(tx, kept.id, gone.id)
    full = await households.lived_in(tx, [gone.household_id], without=[gone.id])
    if not full:
        home = {"to_date": today, "ended_why": "empty"}
        changes.append(Change("household", "update", gone.household_id, gone.area_code, home))
    if changes:
        await apply_changes(
            tx, vault, batch, changes, what="merge", area_code=found.area_code, fact=False
        )
    await _decide(tx, pair_id, "same", batch)
    tx.publish(PeopleMerged(kept.id, found.area_code, gone.id, batch))
    return batch


async def _needs(tx: Tx, kept: _Whole, gone: _Whole) -> list[Change]:
    """The other's needs become the kept row's, unless it has them."""
    lasting = await households.live_tags(tx, [kept.id, gone.id])
    has = {tag.kind for tag in lasting if tag.resident_id == kept.id}
    changes: list[Change] = []
    for tag in lasting:
        if tag.resident_id == gone.id:
            values: dict[str, Any] = {"resident_id": kept.id, "unit_id": kept.unit_id}
            if tag.kind in has:
                values = {"ended_at": tx.now, "ended_why": "merged"}
            area = gone.area_code if tag.kind in has else kept.area_code
            changes.append(Change("tag", "update", tag.id, area, values))
    return changes


async def _ties(
    tx: Tx, kept: _Whole, gone: _Whole, other_home: str, today: date
) -> list[Change]:
    """The other's ties become the kept row's, and the household they were counted in twice gets
    one."""
    mine = await households.ties_of_person(tx, kept.id)
    theirs = await households.ties_of_person(tx, gone.id)
    held = {(tie.household_id, tie.tie) for tie in mine if tie.to_date is None}
    changes: list[Change] = []
    for tie in theirs:
        if tie.to_date is None and (tie.household_id, tie.tie) in held:
            continue
        values = {"resident_id": kept.id, "name_mask": kept.name_mask}
        changes.append(Change("residence", "update", tie.id, tie.area_code, values))
    if other_home and (gone.household_id, other_home) not in held:
        changes.append(
            Change(
                "residence",
                "insert",
                new_id(tx.now),
                gone.area_code,
                {
                    "resident_id": kept.id,
                    "household_id": gone.household_id,
                    "unit_id": gone.unit_id,
                    "tie": other_home,
                    "name_mask": kept.name_mask,
                    "from_date": gone.since,
                    "to_date": max(today, gone.since) if other_home == "lives" else None,
                },
            )
        )
    return changes


async def undo_merge(tx: Tx, vault: Vault, pair_id: UUID) -> Undone:
    """They were two after all: everything back as it was, whole or not at all, and the pair is open
    again. Raises NotFound, BatchUndone, BatchGone, CannotUndoWhole."""
    found = await pair(tx, pair_id)
    if found.batch_id is None:
        raise NotFound("这次合并")
    undone = await undo_batch(tx, vault, found.batch_id, whole=True)
    await _decide(tx, pair_id, "open", None)
    tx.publish(PeopleParted(found.one.id, found.area_code, found.other.id))
    return undone
