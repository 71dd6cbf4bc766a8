"""Tubes on a typed paper sheet, as data. `3/12A` says that everybody of the third door went into the
round's label 12A, `4/` that the fourth went into the same tube as the line before, `3 .2c /12A` all
but the second person, and `3 .1/12A .2/13B` each into a tube of their own.

A round's own label is written without its letters and zeros: its last character checks the number,
the letters and the round. What a laboratory printed itself is written whole.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from wangge.kernel.refusals import Problem
from wangge.sweeps.commands.testing import CODE, HOLDS
from wangge.sweeps.labels import check, misread, stem
from wangge.sweeps.queries.labels import Labels

#: A label's number with its check character.
_OURS = re.compile(r"^(\d{1,5})([0-9A-Z])$")
_WHOLE = re.compile(r"^[A-Z]{4}-(\d{5})[0-9A-Z]$")
_MARK = re.compile(r"(?:\.(\d{1,2}))?\s*[/、]\s*([0-9a-z][0-9a-z-]*|)")
#: A room may have a stroke of its own in it, and a dot.
_MARK_OF_ROOM = re.compile(r"(?:\s\.(\d{1,2}))?\s*[/、]\s*([0-9a-z][0-9a-z-]*|)")


class Unreadable(ValueError):
    """What is wrong with a line, in words and their values."""

    def __init__(self, words: str, /, **values: Any) -> None:
        super().__init__(words)
        self.words, self.values = words, values


@dataclass(frozen=True, slots=True)
class Codes:
    """How codes of a round are read: its printings, and the mode of tubes that it did not print."""

    round_id: UUID
    printed: Sequence[Labels]
    other: str

    def read(self, text: str) -> tuple[str, str]:
        """Code and mode. Raises Unreadable for one that is copied wrongly or was never printed."""
        code = text.upper()
        ours = _OURS.match(code)
        if ours is not None:
            code = f"{stem(self.round_id)}-{int(ours[1]):05d}{ours[2]}"
        if not CODE.match(code):
            raise Unreadable("管码“{code}”不对:写标签的末几位(如 12A),或整个管码。", code=code)
        if misread(self.round_id, code) or (ours and check(code[:-1]) != code[-1]):
            raise Unreadable("管码 {code} 抄错了,请照着标签核对,或扫码。", code=code)
        whole = _WHOLE.match(code)
        if whole is None or not code.startswith(stem(self.round_id)):
            return code, self.other
        number = int(whole[1])
        for labels in self.printed:
            if labels.first <= number <= labels.last:
                return code, labels.mode
        raise Unreadable("这一轮没有打印过管码 {code},请照着标签核对。", code=code)


@dataclass(frozen=True, slots=True)
class Mark:
    """One tube as written. `person` counts from 1, 0 for everybody; `code` is "" for the tube of
    the line before."""

    person: int
    code: str


def split(head: str, rooms: Mapping[str, Any]) -> tuple[str, list[Mark]]:
    """A line's head without its tubes, and those. `rooms` are the rooms there are, as they are
    read: a stroke inside of one is no tube."""
    begins, pattern = 0, _MARK
    if head.startswith("@"):
        pattern = _MARK_OF_ROOM
        places = [found.start() for found in pattern.finditer(head)]
        known = [at for at in places if head[1:at].strip() in rooms]
        spaced = [at for at in places if head[at].isspace()]
        if not known and not spaced:
            return head, []
        begins = (known or spaced)[0]
    marks = [Mark(int(found[1] or 0), found[2]) for found in pattern.finditer(head, begins)]
    return (head[:begins] + pattern.sub(" ", head[begins:])).strip(), marks


def words(marks: Sequence[Mark]) -> str:
    """Marks as they are typed, every code in full."""
    return " ".join(
        f".{one.person}/{one.code}" if one.person else f"/{one.code}" for one in marks
    )


def who_is_where(
    marks: Sequence[Mark], people: Sequence[UUID], without: Iterable[UUID], room: str
) -> dict[UUID, str]:
    """Resident → code at one door; `without` are those of whom something else is said. Raises
    Unreadable."""
    if not people:
        raise Unreadable("{room} 没有登记的人,不能装管。", room=room)
    found: dict[UUID, str] = {}
    out = set(without)
    for mark in (one for one in marks if one.person):
        if not mark.person <= len(people):
            raise Unreadable("{room} 只登记了 {most} 人。", room=room, most=len(people))
        person = people[mark.person - 1]
        if person in found or person in out:
            raise Unreadable("第 {n} 个人写了两次。", n=mark.person)
        found[person] = mark.code
    whole = [one for one in marks if not one.person]
    if len(whole) > 1:
        raise Unreadable("一户写了两支管:分开装的请写到人,如 3 .1/12A .2/13B。")
    for mark in whole:
        found |= {
            person: mark.code for person in people if person not in found and person not in out
        }
    if not found:
        raise Unreadable("{room} 没有人可以装管。", room=room)
    return found


@dataclass(slots=True)
class Tube:
    """A tube as the sheet fills it: (door, resident), and the lines that say so."""

    code: str
    mode: str
    people: list[tuple[UUID, UUID]] = field(default_factory=list[tuple[UUID, UUID]])
    lines: list[int] = field(default_factory=list[int])


def gathered(
    typed: Iterable[tuple[int, UUID, Mapping[UUID, str]]], modes: Mapping[str, str]
) -> list[Tube]:
    """Tubes of (line, door, resident → code), in the order they are written."""
    found: dict[str, Tube] = {}
    for line, door, where in typed:
        for person, code in where.items():
            tube = found.setdefault(code, Tube(code, modes[code]))
            tube.people.append((door, person))
            if line not in tube.lines:
                tube.lines.append(line)
    return list(found.values())


def too_full(tubes: Sequence[Tube]) -> list[Problem]:
    """What does not go into one tube, said at the line that is too much."""
    wrong: list[Problem] = []
    for tube in tubes:
        most = HOLDS[tube.mode]
        values = {"code": tube.code, "most": most, "n": len(tube.people)}
        if tube.mode == "household" and len({door for door, _ in tube.people}) > 1:
            said = "管 {code} 是一户一管,这里写了不止一户。"
        elif len(tube.people) > most:
            said = "管 {code} 只装 {most} 人,这里写了 {n} 人。"
        else:
            continue
        wrong.append(Problem("lines", said, tube.lines[-1], values))
    return wrong
