"""One act on everybody of a list: previewed by name, done in one batch, taken back as a whole.

A list is an area with filters, or people ticked one by one. What is done, and to whom it is not
done and why, is worked out once for the preview and once for the deed; when the two differ, nothing
is done.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from wangge.imports.acts import BULK
from wangge.imports.queries import bulk as queries
from wangge.imports.queries.bulk import Somebody
from wangge.imports.refusals import ListChanged, NothingToDo
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.people.acts import RESIDENT_CHANGE, RESIDENT_READ
from wangge.people.changes import Change, apply_changes, undo_batch
from wangge.people.changes.model import Undone
from wangge.people.commands.homes import leaving
from wangge.people.fields import HUKOU_KIND, HUKOU_PLACE, PHONE, RELATION, WORKPLACE
from wangge.people.lists import checked_area
from wangge.people.tags import CONSENTS, NeedsConsent, TagKind, kinds, noted
from wangge.people.tags import ENDS as ALL_ENDS
from wangge.people.tags.noting import sees

#: People of one act; names of them shown.
MOST, SHOWN = 5_000, 50

#: People picked one by one.
PICKED_MAX = 500

What = Literal["note", "end", "confirm", "leave"]
ACTS: Mapping[str, str] = {
    "note": "登记一种需求",
    "end": "结束一种需求",
    "confirm": "核实一项登记",
    "leave": "离开登记",
}
#: Why people leave the register, of those reasons that hold for many at once.
LEAVES: Mapping[str, str] = {
    "moved_away": "搬到辖区以外",
    "mistake": "登错了",
}
ENDS: Mapping[str, str] = {
    code: ALL_ENDS[code] for code in ("no_longer", "withdrawn", "mistake")
}
#: Fields that may be found true for many at once: column's name → the field's.
FIELDS: Mapping[str, str] = {
    spec.key.split(".")[1]: spec.name
    for spec in (PHONE, RELATION, WORKPLACE, HUKOU_KIND, HUKOU_PLACE)
}
#: Why somebody is left as they are.
LEFT: Mapping[str, str] = {
    "has": "已经登记着这种需求",
    "has_not": "没有登记这种需求",
    "not_yours": "您的岗位看不到这种需求",
    "today": "今天已经核实过",
    "changed": "刚被别人改过",
    "later": "入住日期比离开日期还晚",
    "not_reach": "在您能批量修改的范围以外",
    "gone": "已经离开登记",
    "unseen": "已搬到您看不到的地方,或已删除",
}


@dataclass(frozen=True, slots=True)
class Bulk:
    """Whom, and what. `tag` and `born_until` (a year) narrow the area. `kind` is the need to note
    or end; `consent` how it was given; `why` a key of ENDS, or of LEAVES; `field` a key of FIELDS.
    `ids` are people picked from a list, wherever they live: `area`, `tag` and `born_until` do not
    count then."""

    area: str
    what: What
    tag: str = ""
    born_until: int | None = None
    kind: str = ""
    consent: str = ""
    why: str = "no_longer"
    field: str = ""
    ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the list, masked; `why` is "" for whom it is done, else a key of LEFT."""

    id: UUID
    name: str
    door: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """`does` people are changed; `left` are not, by why. `mark` names exactly this outcome. `homes`
    households end because nobody is left in them."""

    people: int
    does: int
    left: dict[str, int]
    shown: list[Person]
    mark: str
    homes: int = 0


async def preview(tx: Tx, asked: Bulk) -> Outcome:
    """What would be done. Four statements, whatever the list (one more for leaving). Raises Invalid,
    Forbidden, NeedsConsent."""
    return (await _worked_out(tx, asked))[0]


async def do(tx: Tx, vault: Vault, asked: Bulk, mark: str) -> tuple[UUID, Outcome]:
    """Do what was previewed. Answers the batch. Raises ListChanged, NothingToDo, and what `preview`
    does."""
    outcome, people = await _worked_out(tx, asked)
    if outcome.mark != mark:
        raise ListChanged()
    if not people:
        raise NothingToDo()
    changes = await _changes(tx, asked, people)
    batch = new_id(tx.now)
    # People who were picked may live in several areas: the batch is of the one that holds them all.
    area = "" if asked.ids else asked.area
    done = await apply_changes(tx, vault, batch, changes, what="bulk", area_code=area)
    if done.kept:
        left = {**outcome.left, "changed": len(done.kept)}
        does = outcome.does - len(done.kept)
        outcome = Outcome(outcome.people, does, left, outcome.shown, mark, outcome.homes)
    return batch, outcome


async def undo(tx: Tx, vault: Vault, batch: UUID) -> Undone:
    """Put it back; what somebody changed since stays, and is named; people who moved together go back
    together or not at all. Bringing people back needs what letting them leave needs. Raises NotFound,
    Forbidden, BatchUndone, BatchGone, CannotUndoWhole."""
    found = await queries.batch_areas(tx, batch)
    areas = (found.areas or (found.area_code,)) if found else ()
    if found is None or not all(map(tx.reach(BULK).covers, areas)):
        raise NotFound("这次批量操作")
    if found.leaves and not all(map(tx.reach(RESIDENT_CHANGE).covers, areas)):
        raise Forbidden(RESIDENT_CHANGE.name)
    return await undo_batch(tx, vault, batch, whole=found.moves)


async def _worked_out(tx: Tx, asked: Bulk) -> tuple[Outcome, list[Somebody]]:
    """What would happen, and to whom."""
    known = await kinds(tx)
    people = await (_picked if asked.ids else _listed)(tx, asked, known)
    why = {one.id: _left(tx, asked, known, one) for one in people}
    meant = [one for one in people if not why[one.id]]
    homes = 0
    if asked.what == "leave" and meant:
        homes = await queries.emptied(tx, [one.id for one in meant])
    counted = Counter(reason for reason in why.values() if reason)
    if unseen := len(set(asked.ids)) - len(people) if asked.ids else 0:
        counted["unseen"] = unseen
    # Whom it is not done to comes first: that is what has to be seen.
    ordered = sorted(people, key=lambda one: not why[one.id])
    shown = [
        Person(one.id, one.name_mask, one.compound + one.door, why[one.id])
        for one in ordered[:SHOWN]
    ]
    outcome = Outcome(
        len(people) + counted["unseen"],
        len(meant),
        dict(counted),
        shown,
        _mark(people, asked),
        homes,
    )
    return outcome, meant


async def _listed(tx: Tx, asked: Bulk, known: Mapping[str, TagKind]) -> list[Somebody]:
    """Everybody of an area with these filters."""
    area = checked_area(asked.area)
    if len(area) < 6:
        raise Invalid.of("area", "请选择区域。")
    tx.require(BULK, area)
    if asked.what == "leave":
        tx.require(RESIDENT_CHANGE, area)
    _checked(asked, known)
    people = await queries.people(
        tx,
        tx.reach(BULK),
        area=area,
        tag=asked.tag,
        kind=asked.kind,
        born_until=asked.born_until,
        limit=MOST + 1,
    )
    if len(people) > MOST:
        raise Invalid.of("area", "这份名单超过 {most} 人,请缩小范围,分几次做。", most=MOST)
    # Being found by a need says that somebody has it.
    if asked.tag:
        people = [one for one in people if sees(tx, known[asked.tag], one.area_code)]
    return people


async def _picked(tx: Tx, asked: Bulk, known: Mapping[str, TagKind]) -> list[Somebody]:
    """People ticked one by one, in however many areas; whom the actor may not change is among them,
    so that it can be said."""
    if not tx.reach(BULK).areas:
        raise Forbidden(BULK.name)
    _checked(asked, known)
    return await queries.picked(tx, tx.reach(RESIDENT_READ), asked.kind, asked.ids)


async def _changes(tx: Tx, asked: Bulk, people: Sequence[Somebody]) -> list[Change]:
    """What is written."""
    if asked.what == "leave":
        _, changes = await leaving(tx, [one.id for one in people], asked.why, most=MOST)
        return changes
    known = await kinds(tx)
    return [_change(tx, asked, known, one) for one in people]


def _checked(asked: Bulk, known: Mapping[str, TagKind]) -> None:
    if len(asked.ids) > PICKED_MAX:
        raise Invalid.of("ids", "一次最多勾选 {most} 人。", most=PICKED_MAX)
    if asked.tag and asked.tag not in known:
        raise Invalid.of("tag", "没有“{tag}”这种需求标签。", tag=asked.tag[:40])
    if asked.what == "confirm":
        if asked.field not in FIELDS:
            raise Invalid.of("field", "请选择要核实的一项。")
        return
    if asked.what == "leave":
        if asked.why not in LEAVES:
            raise Invalid.of("why", "请选择离开的原因:搬走或登错。")
        if not asked.ids and not asked.tag and asked.born_until is None:
            # A whole community that left is a wrong click.
            raise Invalid.of("ids", "离开登记要逐个勾选,或加上条件,不能整片一起。")
        return
    kind = known.get(asked.kind)
    if kind is None or (kind.retired and asked.what == "note"):
        raise Invalid.of("kind", "没有“{tag}”这种需求标签。", tag=asked.kind[:40])
    if asked.what == "note" and kind.basis == "consent" and asked.consent not in CONSENTS:
        raise NeedsConsent(kind.name)
    if asked.what == "end" and asked.why not in ENDS:
        raise Invalid.of("why", "请选择结束的原因。")


def _left(tx: Tx, asked: Bulk, known: Mapping[str, TagKind], one: Somebody) -> str:
    """Why nothing is done to somebody; "" when it is."""
    if one.ended:
        return "gone"
    needed = (BULK, RESIDENT_CHANGE) if asked.what == "leave" else (BULK,)
    if asked.ids and not all(tx.reach(act).covers(one.area_code) for act in needed):
        return "not_reach"
    if asked.what == "confirm":
        today = local_date(tx.now).isoformat()
        return "today" if one.confirmed.get(asked.field) == today else ""
    if asked.what == "leave":
        return "later" if one.since > local_date(tx.now) else ""
    if not sees(tx, known[asked.kind], one.area_code):
        return "not_yours"
    if asked.what == "note":
        return "has" if one.tag_id else ""
    return "" if one.tag_id else "has_not"


def _change(tx: Tx, asked: Bulk, known: Mapping[str, TagKind], one: Somebody) -> Change:
    if asked.what == "confirm":
        confirmed = {**one.confirmed, asked.field: local_date(tx.now).isoformat()}
        return Change(
            "resident", "update", one.id, one.area_code, {"confirmed": confirmed}, one.version
        )
    if asked.what == "note":
        kind = known[asked.kind]
        return noted(tx, kind, one.id, one.area_code, one.unit_id, consent=asked.consent)
    assert one.tag_id is not None
    ended: dict[str, Any] = {"ended_at": tx.now, "ended_why": asked.why}
    return Change("tag", "update", one.tag_id, one.area_code, ended, one.tag_version)


def _mark(people: Sequence[Somebody], asked: Bulk) -> str:
    """The same for the same list, in the same state, and the same act."""
    made = hashlib.sha256(repr(asked).encode())
    for one in people:
        made.update(f"{one.id}:{one.version}:{one.tag_id}:{one.tag_version};".encode())
    return made.hexdigest()[:32]


async def latest(tx: Tx, limit: int = 20) -> list[queries.BatchRow]:
    """The latest bulk acts within reach."""
    reach = tx.reach(BULK)
    if not reach.areas:
        raise Forbidden(BULK.name)
    return await queries.batches(tx, reach, limit)
