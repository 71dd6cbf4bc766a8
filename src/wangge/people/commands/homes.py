"""Households move, split and join; people come and leave; every such act is a batch that can be
undone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, NotFound, Stale
from wangge.kernel.settings import decided
from wangge.people import acts, sealing, tags
from wangge.people.changes import (
    Applied,
    Change,
    Undone,
    apply_changes,
    shared_area,
    undo_batch,
)
from wangge.people.changes import queries as batches
from wangge.people.commands.residents import Draft, checked, resident_change
from wangge.people.model import (
    FAMILY_MAX,
    HOUSEHOLD_KINDS,
    LEFT_WHY,
    TENURES,
    TIES,
    HasLeft,
    HouseholdEnded,
    HouseholdRow,
    LivesElsewhere,
    check_size,
    clean_phone,
)
from wangge.people.queries import households as queries
from wangge.people.queries.households import Door, Home, Person

NAME_MAX = 40
#: Acts that this room undoes as one piece; an import, a merge has its own way back.
UNDONE_HERE: Mapping[str, str] = {
    "register": "登记一户",
    "come": "加人",
    "move": "搬家",
    "split": "分户",
    "join": "并户",
    "leave": "离开",
    "move_away": "整户搬走",
    "correct": "更正",
    "tie": "关系",
    "need": "需求",
}
#: People one act moves at most.
MOVED_MAX = 500


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: the batch (for an undo), and the household people are in now."""

    batch: UUID
    household_id: UUID
    people: int


async def undo(tx: Tx, vault: Vault, batch_id: UUID) -> Undone:
    """Take one act back, whole or not at all. Raises NotFound, Forbidden, BatchUndone, BatchGone,
    CannotUndoWhole."""
    batch = await batches.lock_batch(tx, batch_id)
    if not tx.reach(acts.RESIDENT_READ).covers(batch.area_code):
        raise NotFound("这一批改动")
    if batch.what not in UNDONE_HERE:
        raise NotFound("这一批改动")
    tx.require(acts.RESIDENT_CHANGE, batch.area_code)
    return await undo_batch(tx, vault, batch_id, whole=True)


# -- coming -------------------------------------------------------------------------------------


async def add_people(tx: Tx, vault: Vault, household_id: UUID, drafts: Sequence[Draft]) -> Done:
    """People come into a household: a birth, a marriage, a new flatmate. Somebody who left the
    register and comes back is the same row again.

    Raises NotFound, Forbidden, Invalid, HouseholdTooLarge, LivesElsewhere, IdNumberTaken.
    """
    home = await _open_home(tx, household_id)
    today, known = local_date(tx.now), await tags.kinds(tx)
    row = HouseholdRow(
        home.id, home.dwelling_id, home.area_code, home.unit_id, home.kind, home.from_date
    )
    people = [checked(tx, row, draft, n, known) for n, draft in enumerate(drafts, 1)]
    if not people:
        raise Invalid.of("people", "请至少填一个人。")
    here = await queries.members(tx, home.id)
    check_size(home.kind, len(here) + len(people), (await decided(tx))(FAMILY_MAX))
    back = await _coming_back(tx, vault, [person.id_number for person in people])
    changes: list[Change] = []
    for person in people:
        made = resident_change(person, today)
        before = back.get(person.id_number)
        if before is not None:
            values = {**made.values, "ended_on": None, "ended_why": "", "merged_into": None}
            made = Change("resident", "update", before.id, home.area_code, values)
            changes.append(lived(tx, before, before.ended_on or today))
        changes.append(made)
        changes += [
            tags.noted(tx, known[code], made.id, home.area_code, home.unit_id)
            for code in person.tags
        ]
    batch = new_id(tx.now)
    await apply_changes(tx, vault, batch, changes, what="come")
    return Done(batch, home.id, len(people))


async def _coming_back(
    tx: Tx, vault: Vault, numbers: Iterable[str]
) -> dict[str, queries.Holder]:
    """Number → who left with it. Raises LivesElsewhere for one who lives here still."""
    index = {sealing.id_index(vault, number): number for number in numbers if number}
    if not index:
        return {}
    found: dict[str, queries.Holder] = {}
    for holder in await queries.holders(tx, [key for key in index if key is not None]):
        if holder.ended_on is None:
            raise LivesElsewhere(holder.id, holder.name_mask, holder.place)
        found[index[holder.id_index]] = holder
    return found


async def _open_home(tx: Tx, household_id: UUID) -> Home:
    homes = await queries.lock_homes(tx, tx.reach(acts.RESIDENT_READ), [household_id])
    home = homes[household_id]
    tx.require(acts.RESIDENT_CHANGE, home.area_code)
    if home.to_date is not None:
        raise HouseholdEnded()
    return home


# -- moving -------------------------------------------------------------------------------------


async def move(
    tx: Tx,
    vault: Vault,
    resident_ids: Sequence[UUID],
    *,
    household_id: UUID | None = None,
    dwelling_id: UUID | None = None,
    on: date | None = None,
    kind: str = "",
    tenure: str = "",
) -> Done:
    """People of one household or several go to live in another (`household_id`) or found a new one
    behind a door (`dwelling_id`). What they left behind empty is ended. Where they lived until
    then is kept; their needs go with them.

    Raises NotFound, Forbidden, Invalid, HasLeft, HouseholdEnded, HouseholdTooLarge.
    """
    people, homes = await _movers(tx, resident_ids)
    day = _day(tx, on, people)
    target: Home | Door
    if household_id is not None:
        target = await _open_home(tx, household_id)
        here = await queries.members(tx, target.id)
        check_size(target.kind, len(here) + len(people), (await decided(tx))(FAMILY_MAX))
        changes, home_id = list[Change](), target.id
    elif dwelling_id is not None:
        target = await queries.door(tx, tx.reach(acts.RESIDENT_READ), dwelling_id)
        tx.require(acts.RESIDENT_CHANGE, target.area_code)
        first = homes[people[0].household_id]
        kind = _kind(kind or first.kind)
        check_size(kind, len(people), (await decided(tx))(FAMILY_MAX))
        home_id = new_id(tx.now)
        changes = [new_home(home_id, target, kind, _tenure(tenure or "unknown"), day)]
    else:
        raise Invalid.of("to", "请选择搬到哪一户或哪个门牌。")
    changes += await _moved(tx, people, home_id, target, day)
    changes += await _emptied(tx, people, homes, day, "moved")
    return await _do(tx, vault, "move", changes, people, home_id, target.area_code)


async def split(
    tx: Tx,
    vault: Vault,
    household_id: UUID,
    resident_ids: Sequence[UUID],
    *,
    head_id: UUID | None = None,
) -> Done:
    """Some of a household become one of their own behind the same door (分户). At least one person
    stays. `head_id` is the new head; by default the eldest."""
    home = await _open_home(tx, household_id)
    people, homes = await _movers(tx, resident_ids)
    if set(homes) != {home.id}:
        raise Invalid.of("people", "分户的人要都住在这一户。")
    staying = await queries.members(tx, home.id)
    if len(people) >= len(staying):
        raise Invalid.of("people", "至少要留一人在原来的户里。全家搬走请用“搬到别处”。")
    day, founded = local_date(tx.now), new_id(tx.now)
    door = Door(home.dwelling_id, home.unit_id, home.area_code)
    made = new_home(founded, door, home.kind, home.tenure, day)
    made = replace(made, values={**made.values, "split_from": home.id})
    moved = await _moved(tx, people, founded, door, day)
    eldest = min(people, key=lambda p: (p.birth_year or 9999, p.id))
    head = head_id if head_id and head_id in {p.id for p in people} else eldest.id
    changes = [made, *_with_head(moved, head)]
    if not any(p.relation == "head" for p in staying if p.id not in {q.id for q in people}):
        rest = [p for p in staying if p.id not in {q.id for q in people}]
        first = min(rest, key=lambda p: (p.birth_year or 9999, p.id))
        changes.append(
            Change("resident", "update", first.id, first.area_code, {"relation": "head"})
        )
    return await _do(tx, vault, "split", changes, people, founded, home.area_code)


def _with_head(changes: Sequence[Change], head: UUID) -> list[Change]:
    """The same, with one head and no other."""
    return [
        replace(c, values={**c.values, "relation": "head" if c.id == head else "relative"})
        if c.kind == "resident"
        else c
        for c in changes
    ]


async def join(tx: Tx, vault: Vault, household_id: UUID, into_id: UUID) -> Done:
    """A household becomes part of another (并户), behind the same door or another: its people move,
    it ends and remembers into which."""
    if household_id == into_id:
        raise Invalid.of("into", "不能并入自己,请选另一户。")
    home, into = await _open_home(tx, household_id), await _open_home(tx, into_id)
    people = await queries.members(tx, home.id)
    here = await queries.members(tx, into.id)
    check_size(into.kind, len(here) + len(people), (await decided(tx))(FAMILY_MAX))
    day = local_date(tx.now)
    moved = await _moved(tx, people, into.id, into, day)
    if any(person.relation == "head" for person in here):
        moved = [
            replace(c, values={**c.values, "relation": "relative"})
            if c.kind == "resident" and c.id in {p.id for p in people if p.relation == "head"}
            else c
            for c in moved
        ]
    ended = Change(
        "household",
        "update",
        home.id,
        home.area_code,
        {
            "to_date": max(day, home.from_date),
            "ended_why": "joined",
            "joined_into": into.id,
        },
    )
    return await _do(tx, vault, "join", [*moved, ended], people, into.id, into.area_code)


async def leave(
    tx: Tx, vault: Vault, resident_ids: Sequence[UUID], why: str, *, on: date | None = None
) -> Done:
    """People leave the register: they moved away, died, or were registered by mistake. Their needs
    end; a household nobody is left in ends too."""
    people, changes = await leaving(tx, resident_ids, why, on=on)
    return await _do(
        tx, vault, "leave", changes, people, people[0].household_id, people[0].area_code
    )


async def leaving(
    tx: Tx,
    resident_ids: Sequence[UUID],
    why: str,
    *,
    on: date | None = None,
    most: int = MOVED_MAX,
) -> tuple[list[Person], list[Change]]:
    """What it takes for people to leave, of whom no more than `most`: they, their needs, and the
    households nobody is left in; all of them locked, nothing written. Four statements. Raises
    NotFound, Forbidden, Invalid, HasLeft."""
    if why not in LEFT_WHY or why == "merged":
        raise Invalid.of("why", "请选择离开的原因:搬走、去世或登错。")
    people, homes = await _movers(tx, resident_ids, most)
    day = _day(tx, on, people)
    changes = [
        Change(
            "resident",
            "update",
            person.id,
            person.area_code,
            {"ended_on": max(day, person.since), "ended_why": why},
        )
        for person in people
    ]
    at = {person.id: person.area_code for person in people}
    changes += [
        Change(
            "tag",
            "update",
            tag.id,
            at[tag.resident_id],
            {"ended_at": tx.now, "ended_why": "gone"},
        )
        for tag in await queries.live_tags(tx, list(at))
    ]
    changes += await _emptied(tx, people, homes, day, "moved" if why != "mistake" else why)
    return people, changes


async def _movers(
    tx: Tx, resident_ids: Sequence[UUID], most: int = MOVED_MAX
) -> tuple[list[Person], dict[UUID, Home]]:
    """Who moves, locked, with their households. Raises NotFound, Forbidden, Invalid, HasLeft."""
    if not 1 <= len(set(resident_ids)) <= most:
        raise Invalid.of("people", "请选择 1 到 {most} 个人。", most=most)
    reach = tx.reach(acts.RESIDENT_READ)
    people = await queries.lock_people(tx, reach, list(dict.fromkeys(resident_ids)))
    for person in people:
        tx.require(acts.RESIDENT_CHANGE, person.area_code)
        if person.ended_on is not None:
            raise HasLeft(person.name_mask, LEFT_WHY[person.ended_why])
    homes = await queries.lock_homes(tx, reach, list({p.household_id for p in people}))
    return people, homes


def _day(tx: Tx, on: date | None, people: Sequence[Person]) -> date:
    """The day it happened; nobody leaves before they came, or tomorrow."""
    today = local_date(tx.now)
    day = on or today
    if day > today:
        raise Invalid.of("on", "日期不能晚于今天。")
    late = next((person for person in people if person.since > day), None)
    if on is not None and late is not None:
        raise Invalid.of(
            "on",
            "{name} {since} 才住进来,日期不能更早。",
            name=late.name_mask,
            since=str(late.since),
        )
    return day


def new_home(home_id: UUID, door: Door | Home, kind: str, tenure: str, day: date) -> Change:
    """A household behind a door, from a day on."""
    dwelling = door.dwelling_id if isinstance(door, Home) else door.id
    return Change(
        "household",
        "insert",
        home_id,
        door.area_code,
        {
            "dwelling_id": dwelling,
            "unit_id": door.unit_id,
            "kind": kind,
            "tenure": tenure,
            "from_date": day,
        },
    )


async def _moved(
    tx: Tx,
    people: Sequence[Person],
    home_id: UUID,
    to: Door | Home,
    day: date,
) -> list[Change]:
    """The people in their new home, where they lived until then, and their needs with them."""
    changes: list[Change] = []
    where = {"unit_id": to.unit_id}
    for person in people:
        if person.household_id == home_id:
            raise Invalid.of("to", "{name} 本来就住在这一户。", name=person.name_mask)
        since = max(day, person.since)
        changes.append(
            Change(
                "resident",
                "update",
                person.id,
                to.area_code,
                {**where, "household_id": home_id, "since": since},
            )
        )
        changes.append(lived(tx, person, since))
    changes += [
        Change("tag", "update", tag.id, to.area_code, where)
        for tag in await queries.live_tags(tx, [person.id for person in people])
    ]
    return changes


def lived(tx: Tx, person: Person | queries.Holder, until: date) -> Change:
    """That somebody lived where they lived until now."""
    return Change(
        "residence",
        "insert",
        new_id(tx.now),
        person.area_code,
        {
            "resident_id": person.id,
            "household_id": person.household_id,
            "unit_id": person.unit_id,
            "tie": "lives",
            "name_mask": person.name_mask,
            "from_date": person.since,
            "to_date": max(until, person.since),
        },
    )


async def _emptied(
    tx: Tx, people: Sequence[Person], homes: Mapping[UUID, Home], day: date, why: str
) -> list[Change]:
    """Households in which nobody is left."""
    full = await queries.lived_in(tx, list(homes), without=[person.id for person in people])
    return [
        Change(
            "household",
            "update",
            home.id,
            home.area_code,
            {"to_date": max(day, home.from_date), "ended_why": why},
        )
        for home in homes.values()
        if home.to_date is None and home.id not in full
    ]


async def _do(
    tx: Tx,
    vault: Vault,
    what: str,
    changes: Sequence[Change],
    people: Sequence[Person],
    home_id: UUID,
    to_area: str,
) -> Done:
    batch = new_id(tx.now)
    codes = [to_area, *(person.area_code for person in people)]
    applied = await apply_changes(
        tx, vault, batch, changes, what=what, area_code=shared_area(codes)
    )
    _all_done(applied)
    return Done(batch, home_id, len(people))


def _all_done(applied: Applied) -> None:
    """All rows were locked before, so nothing can have been kept."""
    if applied.kept:
        raise Stale(0)


def _kind(kind: str) -> str:
    if kind not in HOUSEHOLD_KINDS:
        raise Invalid.of("kind", "没有“{kind}”这种户。", kind=kind)
    return kind


def _tenure(tenure: str) -> str:
    if tenure not in TENURES:
        raise Invalid.of("tenure", "没有“{tenure}”这种住房性质。", tenure=tenure)
    return tenure


# -- the household's own fields, and ties ----------------------------------------------------------


async def set_household(
    tx: Tx, vault: Vault, household_id: UUID, version: int, values: Mapping[str, Any]
) -> UUID:
    """Correct a household: kind, tenure, label, landlord_name, landlord_phone. What is said now is
    confirmed today. Raises NotFound, Forbidden, Invalid, Stale. Answers the batch."""
    home = await _open_home(tx, household_id)
    if home.version != version:
        raise Stale(home.version)
    given = dict(values)
    if "kind" in given:
        members = await queries.members(tx, home.id)
        check_size(_kind(given["kind"]), len(members), (await decided(tx))(FAMILY_MAX))
    if "tenure" in given:
        _tenure(given["tenure"])
    for name in ("label", "landlord_name"):
        if name in given:
            given[name] = given[name].strip()
            if len(given[name]) > NAME_MAX:
                raise Invalid.of(name, "最多 {most} 个字。", most=NAME_MAX)
    if "landlord_phone" in given:
        given["landlord_phone"] = clean_phone(given["landlord_phone"])
    today = local_date(tx.now).isoformat()
    given["confirmed"] = {**home.confirmed, **dict.fromkeys(values, today)}
    batch = new_id(tx.now)
    change = Change("household", "update", home.id, home.area_code, given)
    _all_done(await apply_changes(tx, vault, batch, [change], what="correct"))
    return batch


async def add_tie(
    tx: Tx, vault: Vault, resident_id: UUID, household_id: UUID, tie: str, since: date | None
) -> UUID:
    """Somebody is registered in, owns or rents a household they do not live in: 人户分离, a landlord
    inside of the register. Raises NotFound, Forbidden, Invalid. Answers the batch."""
    if tie not in TIES or tie == "lives":
        raise Invalid.of("tie", "请选择“户籍在此”“房主”或“承租”。")
    reach = tx.reach(acts.RESIDENT_READ)
    person = await queries.person(tx, reach, resident_id)
    home = await _open_home(tx, household_id)
    if person.ended_on is not None:
        raise HasLeft(person.name_mask, LEFT_WHY[person.ended_why])
    if person.household_id == home.id and tie != "owns":
        raise Invalid.of("household_id", "{name} 本来就住在这一户。", name=person.name_mask)
    already = await queries.ties_of_household(tx, home.id)
    if any(t.resident_id == person.id and t.tie == tie and not t.to_date for t in already):
        raise Invalid.of("tie", "{name} 在这一户已有这条关系。", name=person.name_mask)
    batch = new_id(tx.now)
    change = Change(
        "residence",
        "insert",
        new_id(tx.now),
        home.area_code,
        {
            "resident_id": person.id,
            "household_id": home.id,
            "unit_id": home.unit_id,
            "tie": tie,
            "name_mask": person.name_mask,
            "from_date": since or local_date(tx.now),
        },
    )
    await apply_changes(tx, vault, batch, [change], what="tie")
    return batch


async def end_tie(tx: Tx, vault: Vault, tie_id: UUID) -> UUID:
    """A tie is over. Raises NotFound, Forbidden. Answers the batch."""
    tie = await queries.tie(tx, tx.reach(acts.RESIDENT_READ), tie_id)
    tx.require(acts.RESIDENT_CHANGE, tie.area_code)
    if tie.to_date is not None:
        raise NotFound("这条关系")
    batch = new_id(tx.now)
    values = {"to_date": max(local_date(tx.now), tie.from_date)}
    change = Change("residence", "update", tie.id, tie.area_code, values)
    await apply_changes(tx, vault, batch, [change], what="tie")
    return batch
