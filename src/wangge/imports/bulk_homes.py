"""One act on every household of a list: previewed, done in one batch, taken back as a whole.

A list is a building or an area with filters, or the households of people who were ticked. It may say
whose the homes are, that a field is still true, or that all go to live in another building, each
behind the door of its number: a house is pulled down, a block is rehoused. Or it is pasted: an old
door and a new one a line.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from wangge.imports.acts import BULK
from wangge.imports.bulk import MOST, PICKED_MAX, SHOWN
from wangge.imports.queries import bulk_homes as queries
from wangge.imports.queries.bulk_homes import DoorThere, HomeThere
from wangge.imports.refusals import ListChanged, NothingToDo
from wangge.imports.rehousing import Pair, pairs
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, Stale
from wangge.people.acts import RESIDENT_CHANGE, RESIDENT_READ
from wangge.people.changes import Change, apply_changes
from wangge.people.commands.relocating import relocating
from wangge.people.lists import checked_area
from wangge.people.model import TENURES
from wangge.people.queries.households import Door

What = Literal["tenure", "confirm", "move", "pasted"]
ACTS: Mapping[str, str] = {
    "tenure": "统一登记居住方式",
    "confirm": "核实一项登记",
    "move": "搬到另一幢的同号门",
    "pasted": "各搬到各的新门牌",
}
#: Acts by which whole households go to live behind other doors.
_MOVES = frozenset({"move", "pasted"})
#: What may be found true of many homes at once: column → Chinese.
FIELDS: Mapping[str, str] = {
    "tenure": "居住方式",
    "kind": "户类型",
    "landlord_name": "房东姓名",
    "landlord_phone": "房东电话",
}
#: Why a household is left as it is.
LEFT: Mapping[str, str] = {
    "same": "本来就是这样",
    "today": "今天已经核实过",
    "empty": "这一项没有登记,没法核实",
    "changed": "刚被别人改过",
    "no_door": "那一幢没有这个单元和房号",
    "occupied": "那个门牌已有人住",
    "twice": "名单上有两户要搬进同一个门",
    "here": "本来就住在那里",
    "not_reach": "在您能批量修改的范围以外",
    "gone": "这一户已经结束",
    "unseen": "已搬到您看不到的地方,或已删除",
    "no_pair": "这一行读不出原门牌和新门牌",
    "no_from": "原门牌没找到,或写得不够清楚",
    "no_to": "新门牌没找到,或写得不够清楚",
    "nobody": "原门牌没有登记住户",
    "several": "原门牌登记着不止一户,请到各户的页面办",
    "again": "同一个原门牌写了两行",
}


@dataclass(frozen=True, slots=True)
class Bulk:
    """Whom, and what. `building`, `tenure_is` narrow the area; `people` are residents whose households
    are meant, wherever they are: the others do not count then. `tenure` is what the homes become,
    `field` a key of FIELDS, `to` the building that everybody moves to, `lines` a pasted list of old and
    new doors (`rehousing`), which alone says who is meant."""

    area: str
    what: What
    building: UUID | None = None
    tenure_is: str = ""
    tenure: str = ""
    field: str = ""
    to: UUID | None = None
    people: tuple[UUID, ...] = ()
    lines: str = ""


@dataclass(frozen=True, slots=True)
class Household:
    """A household of the list: its door, how many live there, the door it moves to; `why` is "" when
    it is done, else a key of LEFT. A pasted line that leads to none has its own words and no id."""

    id: UUID | None
    door: str
    people: int
    to: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """`does` of `homes` households are changed, in which `people` live; `left` are not, by why. `mark`
    names exactly this outcome."""

    homes: int
    does: int
    people: int
    left: dict[str, int]
    shown: list[Household]
    mark: str


@dataclass(frozen=True, slots=True)
class _Meant:
    home: HomeThere
    why: str
    to: DoorThere | None = None


async def preview(tx: Tx, asked: Bulk) -> Outcome:
    """What would be done. Two statements, whatever the list (three for a move, and one more where the
    doors of the area are not held yet). Raises Invalid, Forbidden."""
    return (await _worked_out(tx, asked))[0]


async def do(tx: Tx, vault: Vault, asked: Bulk, mark: str) -> tuple[UUID, Outcome]:
    """Do what was previewed. Answers the batch. Raises ListChanged, NothingToDo, and what `preview`
    does."""
    if asked.what in _MOVES:
        await queries.one_move_at_a_time(tx)
    outcome, meant = await _worked_out(tx, asked)
    if outcome.mark != mark:
        raise ListChanged()
    if not meant:
        raise NothingToDo()
    try:
        changes = await _changes(tx, asked, meant)
    except Stale as stale:
        raise ListChanged() from stale
    batch = new_id(tx.now)
    # A move may lead elsewhere, people who were picked may live anywhere: the batch is of what holds all.
    area = "" if asked.people or asked.what in _MOVES else asked.area
    done = await apply_changes(tx, vault, batch, changes, what="bulk", area_code=area)
    if done.kept:
        if asked.what in _MOVES:  # half a move is none
            raise ListChanged()
        left = {**outcome.left, "changed": len(done.kept)}
        outcome = replace(outcome, does=outcome.does - len(done.kept), left=left)
    return batch, outcome


async def _worked_out(tx: Tx, asked: Bulk) -> tuple[Outcome, list[_Meant]]:
    going_to, unread = await _whom(tx, asked)
    taken: set[UUID] = set()
    meant: list[_Meant] = []
    for home, to in going_to:
        why = _left(tx, asked, home, to, taken)
        if to is not None and not why:
            taken.add(to.id)
        meant.append(_Meant(home, why, to))
    counted = Counter([one.why for one in unread] + [one.why for one in meant if one.why])
    going = [one for one in meant if not one.why]
    # What is not done comes first: that is what has to be seen.
    shown = [Household(None, one.said, 0, one.said_to, one.why) for one in unread]
    shown += [
        Household(
            one.home.id,
            one.home.compound + one.home.door,
            one.home.people,
            one.to.compound + one.to.name if one.to else "",
            one.why,
        )
        for one in sorted(meant, key=lambda one: not one.why)[:SHOWN]
    ]
    outcome = Outcome(
        len(unread) + len(meant),
        len(going),
        sum(one.home.people for one in going),
        dict(counted),
        shown[:SHOWN],
        _mark(meant, asked),
    )
    return outcome, going


async def _whom(
    tx: Tx, asked: Bulk
) -> tuple[list[tuple[HomeThere, DoorThere | None]], list[Pair]]:
    """Households of the list, each with the door it would move to; and lines that lead to none."""
    if asked.what == "pasted":
        area = checked_area(asked.area)
        if len(area) < 6:
            raise Invalid.of("area", "请选择区域。")
        tx.require(BULK, area)
        found = await pairs(tx, area, asked.lines)
        return [(one.home, one.to) for one in found if one.home], [
            one for one in found if one.why
        ]
    homes = await _listed(tx, asked)
    doors: Mapping[tuple[str, str], DoorThere] = {}
    if asked.what == "move":
        there = await queries.doors_of(tx, tx.reach(RESIDENT_READ), building=asked.to)
        doors = {(one.unit, one.room): one for one in there}
        if not there:
            raise Invalid.of("to", "请选择搬到哪一幢。")
    return [(home, doors.get((home.unit, home.room))) for home in homes], []


async def _listed(tx: Tx, asked: Bulk) -> list[HomeThere]:
    if not tx.reach(BULK).areas:
        raise Forbidden(BULK.name)
    if asked.what == "tenure" and asked.tenure not in TENURES:
        raise Invalid.of("tenure", "请选择登记成哪种居住方式。")
    if asked.what == "confirm" and asked.field not in FIELDS:
        raise Invalid.of("field", "请选择要核实的一项。")
    if asked.what == "move" and asked.to is None:
        raise Invalid.of("to", "请选择搬到哪一幢。")
    if asked.people:
        if len(asked.people) > PICKED_MAX:
            raise Invalid.of("ids", "一次最多勾选 {most} 人。", most=PICKED_MAX)
        return await queries.homes(tx, tx.reach(RESIDENT_READ), people=asked.people)
    area = checked_area(asked.area)
    if len(area) < 6:
        raise Invalid.of("area", "请选择区域。")
    tx.require(BULK, area)
    if asked.what == "move" and asked.building is None:
        # A whole community that moves into one house is a wrong click.
        raise Invalid.of("building", "请选择从哪一幢搬走。")
    homes = await queries.homes(
        tx,
        tx.reach(BULK),
        area=area,
        building=asked.building,
        tenure=asked.tenure_is,
        limit=MOST + 1,
    )
    if len(homes) > MOST:
        raise Invalid.of("area", "这份名单超过 {most} 户,请缩小范围,分几次做。", most=MOST)
    return homes


def _left(tx: Tx, asked: Bulk, home: HomeThere, to: DoorThere | None, taken: set[UUID]) -> str:
    """Why a household is left as it is; "" when it is not."""
    if home.ended:
        return "gone"
    may = [tx.reach(act).covers(home.area_code) for act in (BULK, RESIDENT_CHANGE)]
    if not all(may):
        return "not_reach"
    today = local_date(tx.now).isoformat()
    if asked.what == "tenure":
        return "same" if home.tenure == asked.tenure else ""
    if asked.what == "confirm":
        if asked.field not in home.held:
            return "empty"
        return "today" if home.confirmed.get(asked.field) == today else ""
    if home.building_id == asked.to or (to is not None and to.id == home.dwelling_id):
        return "here"
    if to is None:
        return "no_door"
    if not all(tx.reach(act).covers(to.area_code) for act in (BULK, RESIDENT_CHANGE)):
        return "not_reach"
    if to.lived_in:
        return "occupied"
    return "twice" if to.id in taken else ""


async def _changes(tx: Tx, asked: Bulk, meant: Sequence[_Meant]) -> list[Change]:
    if asked.what in _MOVES:
        moves = {
            one.home.id: Door(one.to.id, one.to.unit_id, one.to.area_code)
            for one in meant
            if one.to is not None
        }
        versions = {one.home.id: one.home.version for one in meant}
        return (await relocating(tx, moves, versions))[1]
    today = local_date(tx.now).isoformat()
    name = "tenure" if asked.what == "tenure" else asked.field
    changes: list[Change] = []
    for one in meant:
        values: dict[str, Any] = {"confirmed": {**one.home.confirmed, name: today}}
        if asked.what == "tenure":
            values["tenure"] = asked.tenure
        home = one.home
        changes.append(
            Change("household", "update", home.id, home.area_code, values, home.version)
        )
    return changes


def _mark(meant: Sequence[_Meant], asked: Bulk) -> str:
    """The same for the same list, in the same state, and the same act."""
    made = hashlib.sha256(repr(asked).encode())
    for one in meant:
        to = one.to.id if one.to else None
        made.update(
            f"{one.home.id}:{one.home.version}:{one.home.people}:{one.why}:{to};".encode()
        )
    return made.hexdigest()[:32]
