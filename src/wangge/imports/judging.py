"""What would become of rows: new, changed, moved, merged, same, unplaced, refused.

A piece of rows costs a fixed number of statements whatever its length: its doors are found in a
list held in memory, everybody it may mean is read at once, and its lines are written by COPY.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from wangge.imports import matching
from wangge.imports.columns.mapping import Mapping as Meaning
from wangge.imports.matching import Match, Register, Sought, differences
from wangge.imports.parting import (
    Behind,
    Parted,
    Parting,
    behind,
    numbered,
    part,
    people_of,
    sought_by,
    told_door,
)
from wangge.imports.placing import Placement, where_of
from wangge.imports.queries.staging import RowKept
from wangge.imports.reading import Address, Home, Person, ReadRow
from wangge.imports.records import Differs, Said
from wangge.imports.seen import Seen
from wangge.imports.troubles import Trouble
from wangge.kernel.actors import Reach
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.matching.addresses import SURE
from wangge.people.model import mask_name
from wangge.people.queries.known import Known, known
from wangge.people.tags import TagKind

#: People of one household that are believed; a dormitory is a collective household.
HOME_MAX = 30
#: Rows judged by one statement: few enough that a bite is several.
PIECE_ROWS = 1_000
#: Pieces that a process beside this one takes apart before their turn.
AHEAD = 3


class Line(msgspec.Struct, frozen=True):
    """One person of a row and what would become of them."""

    number: int
    part: int
    verdict: str
    why: str
    area_code: str
    home: int
    head: bool
    dwelling_id: UUID | None
    place_reason: str
    target: Known | None
    door_mark: int
    said_mark: int
    marks: tuple[int, ...]
    said: Said

    @property
    def troubles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(trouble.code for trouble in self.said.troubles))


@dataclass(frozen=True, slots=True)
class Judge:
    """What rows of one import are judged by, as of one transaction."""

    parting: Parting
    reach: Reach
    kinds: dict[str, TagKind]
    #: Doors that people chose for rows, by id.
    chosen: dict[UUID, Placement]

    @property
    def meaning(self) -> Meaning:
        return self.parting.meaning

    @property
    def vault(self) -> Vault:
        return self.parting.vault


#: Takes rows apart: here in a thread, or in a process beside this one.
Parts: TypeAlias = Callable[[Sequence[RowKept]], Awaitable[list[Parted]]]


class _Draft(msgspec.Struct, frozen=True):
    """A person of a row before the register was asked."""

    read: ReadRow
    person: Person
    decided: dict[str, Any]
    place: Placement
    address: Address
    door_mark: int
    marks: tuple[int, ...]
    home: int
    twin: Trouble | None
    sought: Sought


class _Carried(msgspec.Struct, frozen=True):
    """The last row that named a door: rows without one are its household's."""

    number: int
    address: Address
    home: int


async def judge(
    tx: Tx,
    by: Judge,
    rows: Sequence[RowKept],
    seen: Seen,
    before: RowKept | None,
    parts: Parts | None = None,
) -> AsyncGenerator[tuple[list[Line], int]]:
    """Judge rows in their order. `before` is the last row above them that named a door. Gives the
    lines of a piece at a time, and the number of the row that is `before` the next.

    While the database says whom a piece may mean, the one before is judged and the next are taken
    apart.
    """
    pieces = [rows[at : at + PIECE_ROWS] for at in range(0, len(rows), PIECE_ROWS)]
    carried = _carried(by, seen, before)
    early = AHEAD if parts else 1
    ahead = deque(_begun(by, piece, parts) for piece in pieces[:early])
    asked: _Asked | None = None
    try:
        for at, piece in enumerate(pieces):
            parted = await ahead.popleft()
            if at + early < len(pieces):
                ahead.append(_begun(by, pieces[at + early], parts))
            drafts, carried = await asyncio.to_thread(_drafts, by, piece, parted, seen, carried)
            before_these = asked
            finding = asyncio.create_task(known(tx, **_keys(drafts)))
            asked = _Asked(drafts, carried.number, finding)
            if before_these is not None:
                yield await before_these.judged(by)
        if asked is not None:
            yield await asked.judged(by)
    finally:
        waiting: list[asyncio.Task[Any]] = [*ahead, *([asked.finding] if asked else [])]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A piece of which the register is asked whom it may mean; `last` is the row that is `before`
    the next piece."""

    drafts: "list[_Draft]"
    last: int
    finding: "asyncio.Task[list[Known]]"

    async def judged(self, by: Judge) -> tuple[list[Line], int]:
        found = await self.finding
        return await asyncio.to_thread(_lines, by, self.drafts, found), self.last


def _begun(
    by: Judge, piece: Sequence[RowKept], parts: Parts | None
) -> "asyncio.Task[list[Parted]]":
    async def parted() -> list[Parted]:
        if parts is not None:
            return await parts(piece)
        return await asyncio.to_thread(part, by.parting, numbered(piece))

    return asyncio.create_task(parted())


def _keys(drafts: Sequence[_Draft]) -> dict[str, Any]:
    told = [
        UUID(str(d.decided[str(d.person.part)]))
        for d in drafts
        if d.decided.get(str(d.person.part), "new") != "new"
    ]
    return {
        "ids": [d.sought.id_index for d in drafts if d.sought.id_index is not None],
        "phones": [d.sought.phone_index for d in drafts if d.sought.phone_index is not None],
        "births": {
            (d.sought.sound, d.person.birth) for d in drafts if d.person.birth is not None
        },
        "dwellings": [d.place.dwelling_id for d in drafts if d.place.dwelling_id is not None],
        "people": told,
    }


# -- rows to people at doors ----------------------------------------------------------------------


def _carried(by: Judge, seen: Seen, before: RowKept | None) -> _Carried:
    """What the last row that named a door says of those below it."""
    if before is None:
        return _Carried(0, Address(), 0)
    [parted] = part(by.parting, numbered([before]))
    address = parted.read.address
    at = _behind(by, before, parted, address)
    held = seen.doors.get(at.door_mark)
    return _Carried(before.number, address, held.home if held else before.number)


def _behind(by: Judge, row: RowKept, parted: Parted, address: Address) -> Behind:
    """The row at its own door, at the one above, or at the one a person chose."""
    told = told_door(by.chosen, row)
    if parted.behind is not None and told is None:
        return parted.behind
    return behind(by.parting, parted.read, address, told)


def _drafts(
    by: Judge,
    rows: Sequence[RowKept],
    parted: Sequence[Parted],
    seen: Seen,
    carried: _Carried,
) -> tuple[list[_Draft], _Carried]:
    drafts: list[_Draft] = []
    for row, one in zip(rows, parted, strict=True):
        read = one.read
        inherits = not read.address.text and carried.number > 0
        address = carried.address if inherits else read.address
        at = _behind(by, row, one, address)
        home = _home(seen, at.door_mark, read, carried if inherits else None)
        if inherits:
            carried = _Carried(carried.number, carried.address, home)
        elif address.text:
            carried = _Carried(read.number, address, home)
        for person, keys in zip(people_of(read), at.people, strict=True):
            drafts.append(
                _Draft(
                    read,
                    person,
                    row.decided,
                    at.place,
                    address,
                    at.door_mark,
                    keys.marks,
                    home,
                    _twin(seen, person, at.door_mark, keys.marks),
                    sought_by(person, keys, at.place),
                )
            )
            spot = (read.number, person.part)
            seen.add(spot, at.door_mark, keys.marks, home, head=person.relation == "head")
        seen.upto = max(seen.upto, read.number)
    return drafts, carried


def _home(seen: Seen, door: int, read: ReadRow, inherited: _Carried | None) -> int:
    """The household a row belongs to, by its first row: the last one at its door, unless the row
    names a head and that household has one."""
    heads = any(person.relation == "head" for person in read.people)
    if inherited is not None and not heads:
        return inherited.home
    held = seen.doors.get(door)
    if held is None or (heads and held.head and not read.home.no):
        return read.number
    return held.home


def _twin(seen: Seen, person: Person, door: int, marks: tuple[int, ...]) -> Trouble | None:
    """The same person in a row above."""
    for at, mark in enumerate(marks):
        met = seen.marks.get(mark)
        if met is None:
            continue
        (row, _), where = met
        if person.id_number and at == 0 and marks[1] not in seen.marks:
            return Trouble("id_twice", "id_number", {"row": row})
        code = "same_row" if where == door else "two_homes"
        return Trouble(code, "name", {"row": row})
    return None


# -- people to lines --------------------------------------------------------------------------------


def _lines(by: Judge, drafts: Sequence[_Draft], found: Iterable[Known]) -> list[Line]:
    register = Register.of(found, by.reach)
    return [_line(by, draft, register) for draft in drafts]


def _line(by: Judge, draft: _Draft, register: Register) -> Line:
    person, place = draft.person, draft.place
    tags, troubles = _tags(by, person)
    troubles = [*person.troubles, *draft.read.home.troubles, *troubles]
    if draft.twin is not None:
        troubles.append(draft.twin)
    if place.area_code and not by.reach.covers(place.area_code):
        troubles.append(Trouble("out_of_reach", "door"))
    match, differs = Match(), tuple[Differs, ...]()
    refused = any(trouble.refuses for trouble in troubles)
    if not refused:
        told = draft.decided.get(str(person.part))
        match = register.match(draft.sought, str(told) if told else None)
        troubles += [*match.noted, *([match.trouble] if match.trouble else [])]
        refused = match.trouble is not None
        if match.target is not None:
            differs = differences(draft.sought, match, tags)
            differs += home_differences(draft.read.home, match.target)
    if not draft.read.people:
        return _nothing(by, draft)
    if place.state == "new":
        troubles.append(Trouble("door_new", "door", {"door": place.name}))
    elif place.state == "placed" and place.score < SURE:
        percent = round(place.score * 100)
        troubles.append(Trouble("door_likely", "door", {"door": place.name, "score": percent}))
    verdict = _verdict(draft, match, differs, refused=refused)
    target = match.target
    return Line(
        draft.read.number,
        person.part,
        verdict,
        match.why,
        place.area_code if place.state in ("placed", "new") else "",
        draft.home,
        person.relation == "head",
        place.dwelling_id if place.state != "unplaced" else None,
        place.reason,
        target,
        draft.door_mark,
        by.vault.mark(f"said:{place.said}") if place.state in ("likely", "unplaced") else 0,
        draft.marks,
        Said(
            _with_tags(person, tags),
            draft.read.home,
            where_of(draft.address.text, draft.place),
            tuple(troubles),
            differs,
            match.rivals,
            target.name_mask if target else "",
        ),
    )


def _nothing(by: Judge, draft: _Draft) -> Line:
    """A row that names nobody: an empty flat, or a door without people."""
    del by
    why = "empty_home" if draft.read.home.empty else "nobody"
    said = Said(
        draft.person,
        draft.read.home,
        where_of(draft.address.text, draft.place),
        draft.read.home.troubles,
    )
    return Line(
        *(draft.read.number, 0, "nothing", why, "", draft.home, False, None, "", None),
        *(draft.door_mark, 0, (), said),
    )


def _verdict(
    draft: _Draft, match: Match, differs: tuple[Differs, ...], *, refused: bool
) -> str:
    if refused:
        return "refused"
    if draft.twin is not None:
        return "same"
    if draft.place.state in ("likely", "unplaced"):
        return "unplaced"
    target = match.target
    if target is None:
        return "new"
    if target.dwelling_id != draft.place.dwelling_id or target.ended_why:
        return "moved"
    if not differs:
        return "same"
    return "changed" if match.why in matching.SURE else "merged"


def _tags(by: Judge, person: Person) -> tuple[list[str], list[Trouble]]:
    """The needs that may be noted, and those that may not without consent."""
    kept: list[str] = []
    told: list[Trouble] = []
    for code in person.tags:
        kind = by.kinds.get(code)
        if kind is None or kind.retired:
            told.append(Trouble("tag_unknown", "tags", {"text": code}))
        elif kind.basis == "consent" and not by.meaning.consent:
            told.append(Trouble("tag_consent", "tags", {"name": kind.name}))
        else:
            kept.append(code)
    return kept, told


def _with_tags(person: Person, tags: Sequence[str]) -> Person:
    """As it will be written: what was said of the row is in the line's own troubles."""
    return Person(
        person.part,
        person.name,
        person.id_number,
        person.id_kind,
        person.phone,
        person.sex,
        person.birth,
        person.relation,
        person.hukou,
        person.hukou_place,
        person.workplace,
        person.since,
        tuple(tags),
    )


def home_differences(home: Home, one: Known) -> tuple[Differs, ...]:
    """Fields of the household that the table says otherwise."""
    found: list[Differs] = []
    for key, new, old in (
        ("home_kind", home.kind, one.home_kind),
        ("tenure", home.tenure, "" if one.tenure == "unknown" else one.tenure),
        ("label", home.label, one.label),
    ):
        if new and new != old:
            found.append(Differs(key, old, new))
    if home.landlord_name and home.landlord_name != one.landlord_name:
        old, new = mask_name(one.landlord_name), mask_name(home.landlord_name)
        found.append(Differs("landlord_name", old, new))
    return tuple(found)
