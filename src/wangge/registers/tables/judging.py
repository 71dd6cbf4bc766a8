"""What would become of a table's rows: new, changed, the same, refused, or without a door.

A fixed number of statements whatever the number of rows, which are judged in a thread. Rows that
share a handle (`Handles.joins`) have to be judged together. A row that is told apart from its
namesakes by less than others (no number, no place) is decided after them, wherever it stands: it may
be one of them, they are never one of it.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid, Problem
from wangge.matching import read_credit_code, read_date, tidy
from wangge.people.changes import Change
from wangge.people.model import clean_phone
from wangge.people.queries import households
from wangge.registers.commands import Draft, Spot, cleaned
from wangge.registers.kinds import Kind
from wangge.registers.model import PERSON_NAME_MAX, mask_plate, must_have, plate_index
from wangge.registers.tables import there
from wangge.registers.tables.columns import called
from wangge.registers.tables.matching import Handles, Held, Match, marks_of
from wangge.registers.tables.there import DoorAt, Known, There

ELSEWHERE = "这个车牌不能在这里登记,请联系上级单位核对。"
OUT_OF_REACH = "这个门不在您的责任范围内。"
AREA_OUT_OF_REACH = "这张表的区域已不在您的责任范围内,没有门牌的登记不了。"
LANDLORD_STANDS = "这一户的房东已在住户登记里,这里不再填一遍。"
WHICH_ONE = (
    "台账里同名或同代码的有好几处,分不清是哪一处。请选定是哪一处,或写上门牌、位置、编号。"
)
GONE = "选定的那一条已经不在了,请重新选。"
NAMESAKE = "同名的已登记在别的位置,这一行按另一处登记。"
OLD_NUMBER = "15 位的旧注册号没有记;换照后是 18 位统一社会信用代码。"
TWICE = "和第 {row} 行是同一条,只登记一次。"
OTHERWISE = "和第 {row} 行是同一条,写的却不同({fields})。请留一行,或写明是两处。"


@dataclass(frozen=True, slots=True)
class RowSaid:
    """A row taken apart into texts by target.

    door  where its address leads, when that is sure
    told  what a person decided: a thing's id, "new", or "" for what is found here
    seen  somebody has seen it as new: it is another only if that is sure
    """

    number: int
    said: Mapping[str, str]
    door: DoorAt | None = None
    told: str = ""
    seen: bool = False


@dataclass(slots=True)
class Line:
    """A row and what would become of it: new, changed, same, refused or unplaced; `why` is how the
    thing was found (told, key, code, name). `differs` is (what, old, new) in words, people and
    plates as masks; `problems` why it cannot be taken, `notes` what to look at; `rivals` what it
    may mean. `ends` are done before `changes`."""

    number: int
    title: str
    verdict: str = "new"
    why: str = ""
    beside: str = ""
    area_code: str = ""
    dwelling_id: UUID | None = None
    thing: There | None = None
    handles: Handles | None = None
    differs: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    problems: list[Problem] = field(default_factory=list[Problem])
    notes: list[Problem] = field(default_factory=list[Problem])
    rivals: tuple[There, ...] = ()
    ends: list[Change] = field(default_factory=list[Change])
    changes: list[Change] = field(default_factory=list[Change])

    def refuse(self, field_: str, words: str, **values: Any) -> None:
        """It cannot be taken."""
        self.verdict = "refused"
        self.problems.append(Problem(field_, words, None, values or None))


@dataclass(slots=True)
class Wish:
    """A row taken apart and cleaned."""

    line: Line
    told: str
    values: dict[str, Any]
    door: DoorAt | None
    people: dict[str, tuple[str, str]]
    plate: bytes | None
    #: The place in words is only an address that leads to no door.
    vague: bool
    seen: bool = False

    @property
    def dwelling_id(self) -> UUID | None:
        return self.door.dwelling_id if self.door else None

    def says(self) -> dict[str, Any]:
        """What it says, by what a difference is about."""
        flat = {
            **{
                key: self.values[key]
                for key in ("name", "credit_code", "location", "opened_on")
            },
            **{f"d.{key}": value for key, value in self.values["details"].items()},
            **{f"r.{role}": one for role, one in self.people.items()},
            "door": self.dwelling_id,
        }
        return {key: value for key, value in flat.items() if value}


@dataclass(frozen=True, slots=True)
class Rules:
    """What rows of one table are judged by. `area` is the table's: its community's things are looked
    at, and what has no door is kept there; a street's table keeps nothing without one."""

    kind: Kind
    vault: Vault
    area: str
    reach: Reach
    now: datetime

    @property
    def placeless(self) -> bool:
        """Whether nothing can be kept without a door."""
        return len(self.area) < 12


def wish(by: Rules, row: RowSaid) -> Wish:
    """A row cleaned."""
    kind, said = by.kind, row.said
    title = said.get("name") or mask_plate(said.get("plate", "")) or said.get("address", "")
    line = Line(row.number, tidy(title)[:80])
    given = dict(said)
    if read_credit_code(given.get("credit_code", "")).problem == "old":
        line.notes.append(Problem("credit_code", OLD_NUMBER))
        given["credit_code"] = ""
    opened = read_date(given.get("opened_on", ""))
    if given.get("opened_on") and opened.value is None and opened.problem != "empty":
        line.notes.append(
            Problem(
                "opened_on", "看不懂“{text}”,没有记。", None, {"text": given["opened_on"][:20]}
            )
        )
    location = given.get("location", "")
    vague = row.door is None and not kind.at_door and not location
    if vague:
        # What matches no door is not lost: it is kept as it was written.
        location = given.get("address", "")
    draft = Draft(
        kind.code,
        Spot(),
        given.get("name", ""),
        given.get("credit_code", ""),
        given.get("plate", ""),
        location,
        {key[2:]: value for key, value in given.items() if key.startswith("d.")},
        opened.value,
    )
    values: dict[str, Any] = {}
    try:
        values = cleaned(kind, draft)
        must_have(kind, values["name"], values["plate"], values["details"])
    except Invalid as wrong:
        line.problems += [
            Problem(f"d.{one.field}", one.words, None, one.values)
            if one.field in kind.by_name
            else one
            for one in wrong.problems
        ]
    people = _people(kind, line, given)
    if line.problems:
        line.verdict = "refused"
    elif row.door is None and (kind.at_door or by.placeless):
        line.verdict = "unplaced"
    plate = plate_index(by.vault, values.get("plate", ""))
    made = Wish(line, row.told, values, row.door, people, plate, vague, row.seen)
    if values and not (kind.at_door and row.door is None):
        line.handles = handles(kind, made)
    line.beside = there.people_words(people)
    return made


def _people(kind: Kind, line: Line, given: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Who answers for it: role → name, phone."""
    people: dict[str, tuple[str, str]] = {}
    for role in kind.roles:
        name = tidy(given.get(f"n.{role}", ""))[:PERSON_NAME_MAX]
        text = given.get(f"p.{role}", "")
        try:
            phone = clean_phone(text)
        except Invalid as wrong:
            line.problems.append(Problem(f"p.{role}", wrong.problems[0].words))
            continue
        if name or phone:
            people[role] = (name, phone)
    return people


def handles(kind: Kind, one: Wish | There) -> Handles:
    """What a row, or a thing, is known by."""
    if isinstance(one, There):
        details, location, door = one.details, one.location, one.dwelling_id
        plate, code, name = one.plate_index, one.credit_code, one.name
    else:
        details, location = one.values["details"], one.values["location"]
        door, plate = one.dwelling_id, one.plate
        code, name = one.values["credit_code"], one.values["name"]
    key = plate if kind.plated else door if kind.at_door else None
    return Handles(key, code, name, marks_of(kind, details, door, location))


async def judge(tx: Tx, by: Rules, rows: Sequence[RowSaid]) -> list[Line]:
    """Judge rows that hang together. The transaction sees all areas: what lies beyond the reach
    refuses a row and is not told."""

    def taken_apart() -> list[Wish]:
        return [wish(by, row) for row in rows]

    wishes = await asyncio.to_thread(taken_apart)
    good = [
        one
        for one in wishes
        if not one.line.problems and not (by.kind.at_door and one.door is None)
    ]
    found = await there.known(tx, by.kind, by.area, good)
    let: set[UUID] = set()
    if by.kind.at_door:
        homes = await households.behind_doors(tx, [d for w in good if (d := w.dwelling_id)])
        let = {h.dwelling_id for h in homes if h.landlord_mask or h.landlord_phone_mask}

    def decided() -> None:
        for one in good:
            if one.dwelling_id in let and "landlord" in one.people:
                del one.people["landlord"]
                one.line.notes.append(Problem("n.landlord", LANDLORD_STANDS))
        _decide(by, good, found)

    await asyncio.to_thread(decided)
    return [one.line for one in wishes]


def _decide(by: Rules, wishes: Sequence[Wish], found: Known) -> None:
    """Which thing each row speaks of, and what becomes of it. Two rows of one thing are one, whatever
    they call it: one with its credit code, one with its name only."""
    seen = [thing for thing in found.things if by.reach.covers(thing.area_code)]
    beyond = {thing.plate_index for thing in found.things if thing.plate_index} - {
        thing.plate_index for thing in seen
    }
    register, rows = Held[There](), Held[Wish]()
    for thing in seen:
        register.add(handles(by.kind, thing), thing)
    by_id = {thing.id: thing for thing in seen}
    by_rank = sorted(wishes, key=lambda one: handles(by.kind, one).rank)
    matches = [_match(by.kind, register, by_id, one) for one in by_rank]
    # Several rows with places of their own cannot all be the one of that name without a place.
    claims = Counter(m.item.id for m in matches if m.item is not None and not m.sure)
    spots = _spots(by.kind, by_rank)
    taken: dict[UUID, Wish] = {}
    for one, match in zip(by_rank, matches, strict=True):
        line, own = one.line, handles(by.kind, one)
        before, namesake = match.item, match.namesake
        if before is not None and not match.sure and any(own.marks) and claims[before.id] > 1:
            before, namesake = None, True
        same: Match[Wish] = rows.find(own) if before is None and not one.told else Match()
        # Nor are rows with places of their own all the one row of another kind of place.
        loose = not same.sure and any(own.marks) and spots[own.name] > 2
        if not same.sure and (loose or one.seen):
            same, namesake = Match(), True
        earlier = same.item if before is None else taken.get(before.id)
        if one.plate in beyond:
            line.refuse("plate", ELSEWHERE)
        elif one.door is not None and not by.reach.covers(one.door.area_code):
            line.refuse("door", OUT_OF_REACH)
        elif one.told not in ("", "new") and before is None:
            line.refuse("row", GONE)
        elif match.several or same.several:
            line.refuse("row", WHICH_ONE)
            line.rivals = match.several
        elif earlier is not None:
            _twice(by.kind, one, earlier)
        elif before is None:
            if namesake:
                line.notes.append(Problem("name", NAMESAKE))
            rows.add(own, one)
            if line.verdict == "new" and one.door is None and not by.reach.covers(by.area):
                line.refuse("door", AREA_OUT_OF_REACH)
            elif line.verdict == "new":
                there.new(by, one, found)
        else:
            taken[before.id] = one
            rows.add(own, one)
            line.why = "told" if one.told else _why(by.kind, own, before)
            there.changed(by, one, before, found)


def _spots(kind: Kind, wishes: Sequence[Wish]) -> Counter[str]:
    """How many places of their own rows of each name have."""
    every = {own.joins[0] for one in wishes if any((own := handles(kind, one)).marks)}
    return Counter(spot[1] for spot in every)


def _match(
    kind: Kind, register: Held[There], by_id: Mapping[UUID, There], one: Wish
) -> Match[There]:
    if one.told and one.told != "new":
        return Match(by_id.get(UUID(one.told)))
    found = register.find(handles(kind, one))
    # There is one of a plate, and of a let door, whatever anybody says.
    if one.told == "new" and not (kind.plated or kind.at_door):
        return Match()
    return Match(namesake=True) if one.seen and not found.sure else found


def _why(kind: Kind, own: Handles, before: There) -> str:
    if own.key is not None:
        return "plate" if kind.plated else "let_door"
    return "code" if own.code and own.code == before.credit_code else "thing_name"


def _twice(kind: Kind, one: Wish, earlier: Wish) -> None:
    first, words = earlier.says(), called(kind)
    # What only this row says would be lost with it.
    other = [key for key, value in one.says().items() if first.get(key) != value]
    if not other:
        one.line.verdict = "same"
        one.line.notes.append(Problem("row", TWICE, None, {"row": earlier.line.number}))
        return
    fields = "、".join(words[key] for key in other)
    one.line.refuse("row", OTHERWISE, row=earlier.line.number, fields=fields)
