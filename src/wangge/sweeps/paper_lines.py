"""A paper roster typed in one go: lines of door numbers, outcome letters and answers, as data.

A line is `12w`: the door printed as 12, nobody there; `@503w` is room 503, for whoever joined after
the roster was frozen and has no number. Without a number it goes on with the next door, several
letters are as many doors (`qqqwq`), and `1-12q` says the same of a run. `3q .2c` is the third door,
all in but its second person, who is away. Answers follow by the question's number as printed,
`3q 1=y 2=20`, and `2.1=` is question 2 of the first person. In testing rounds tubes stand behind a
stroke (`paper_tubes`). What is typed with a Chinese keyboard (full-width, 是, 否) is read as well.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from wangge.kernel.refusals import Problem
from wangge.sweeps import paper_tubes
from wangge.sweeps.model import SAMPLED, Kind, Outcome, Person
from wangge.sweeps.paper_tubes import Codes, Mark, Unreadable
from wangge.sweeps.queries.roster import DoorRow
from wangge.sweeps.questions import Question

#: By the sound of the word (pinyin); the same in every kind of round, whatever its words.
LETTERS: Mapping[Outcome, str] = {
    Outcome.ALL: "q",
    Outcome.SOME: "b",
    Outcome.NOBODY: "w",
    Outcome.LOCKED: "s",
    Outcome.VACANT: "k",
    Outcome.AWAY: "c",
    Outcome.REFUSED: "j",
    Outcome.VISIT: "x",
    Outcome.EXEMPT: "m",
    Outcome.MOVED: "z",
}
#: The same sounds for one person.
PERSON_LETTERS: Mapping[Person, str] = {
    Person.DONE: "q",
    Person.ABSENT: "w",
    Person.AWAY: "c",
    Person.REFUSED: "j",
    Person.VISIT: "x",
    Person.EXEMPT: "m",
}
#: What leaves a household as it was said of all of it.
_AS_ALL = frozenset({Person.DONE, Person.EXEMPT})
#: Characters of one sheet as typed.
TEXT_MAX = 20_000
_ANSWER = re.compile(r"(?:^|\s)(\d{1,3})(?:\.(\d{1,2}))?\s*=")
_HEAD = re.compile(r"^(?:(\d{1,5})(?:\s*[-~]\s*(\d{1,5}))?)?\s*([a-z\s]*|[0-9])$")
_ROOM = re.compile(r"^@\s*(.+?)\s*([a-z]|\s[0-9]|)$")
_PERSONS = re.compile(r"(?:\s*\.\d{1,2}[a-z])+$")
#: A room may have a stroke of its own in it: 3.2 is a room before it is somebody's second person.
_PERSONS_OF_ROOM = re.compile(r"(?:\s+\.\d{1,2}[a-z])+$")
_PERSON = re.compile(r"\.(\d{1,2})([a-z])")
_YES, _NO = frozenset({"y", "1", "是", "有"}), frozenset({"n", "0", "否", "无", "没有"})


@dataclass(slots=True)
class Typed:
    """One door as a line says it. `line` is its place in the text, from 1; `alone` says the same of
    this door alone; `persons` are exceptions, by resident; `tubes` are the codes of what residents
    were sampled into."""

    line: int
    number: int | None
    door: DoorRow
    outcome: str | None
    answers: dict[str, Any]
    alone: str
    persons: dict[UUID, str] = field(default_factory=dict[UUID, str])
    tubes: dict[UUID, str] = field(default_factory=dict[UUID, str])


@dataclass(slots=True)
class Sheet:
    """A text as read: what it says, and what is wrong with which line. `begins` are the doors at
    which lines without a number begin, `modes` those of the tubes by their codes, `same` the tube
    that a line without a code goes on with."""

    lines: list[str]
    typed: list[Typed] = field(default_factory=list[Typed])
    wrong: list[Problem] = field(default_factory=list[Problem])
    begins: dict[int, int] = field(default_factory=dict[int, int])
    modes: dict[str, str] = field(default_factory=dict[str, str])
    same: dict[int, str] = field(default_factory=dict[int, str])

    @property
    def tubes(self) -> list[paper_tubes.Tube]:
        """What was filled, tube by tube."""
        return self.tubes_but(())

    def tubes_but(self, refused: Sequence[Typed]) -> list[paper_tubes.Tube]:
        """The same without doors that were not taken."""
        told = ((one.line, one.door.id, one.tubes) for one in self.typed if one not in refused)
        return paper_tubes.gathered(told, self.modes)

    def left_over(self, refused: Sequence[Typed] = ()) -> str:
        """What was not taken, line by line, to be mended: what is taken out between does not change
        which doors are meant."""
        left: list[tuple[int, int, str]] = [
            (typed.line, typed.number or 0, typed.alone) for typed in refused
        ]
        for line in {problem.row or 0 for problem in self.wrong}:
            begins = self.begins.get(line)
            words = self.lines[line - 1].strip()
            if line in self.same:
                words = re.sub(r"([/、])(?=\s|$)", rf"\1{self.same[line]}", words)
            left.append((line, 0, f"{begins} {words}" if begins else words))
        return "\n".join(words for _, _, words in sorted(left))


def numbered(doors: Sequence[DoorRow]) -> list[DoorRow]:
    """Doors as they stand on paper: those of the roster as it was frozen, which are numbered, then
    whoever joined, who have no number, so that a sheet printed before means the same doors for ever."""
    return sorted(doors, key=lambda door: door.joined != "frozen")


def numbers(doors: Sequence[DoorRow]) -> dict[UUID, int]:
    """Their numbers on paper."""
    frozen = [door.id for door in numbered(doors) if door.joined == "frozen"]
    return {id_: number for number, id_ in enumerate(frozen, 1)}


def read(text: str, kind: Kind, doors: Sequence[DoorRow], codes: Codes | None = None) -> Sheet:
    """What a text says of the doors, in their numbering. `codes` are those of a testing round's
    tubes."""
    sheet = Sheet(unicodedata.normalize("NFKC", text).replace("\r", "").split("\n"))
    reader = _Reader(kind, list(doors), sheet, codes)
    for line, words in enumerate(sheet.lines, 1):
        if words.strip():
            reader.line(line, words.strip().lower(), words.strip())
    return sheet


def _plain(text: str) -> str:
    """As a line is read: half-width, small letters."""
    return unicodedata.normalize("NFKC", text).strip().lower()


class _Reader:
    def __init__(
        self, kind: Kind, doors: list[DoorRow], sheet: Sheet, codes: Codes | None
    ) -> None:
        self.kind, self.sheet, self.codes = kind, sheet, codes
        self.numbers = numbers(doors)
        self.doors = [door for door in numbered(doors) if door.id in self.numbers]
        self.rooms: dict[str, list[DoorRow]] = {}
        for door in doors:
            self.rooms.setdefault(_plain(door.room or door.label), []).append(door)
        self.letters = {
            LETTERS[b.code]: b.code.value for b in kind.buttons if b.code in LETTERS
        }
        self.questions = [one for one in kind.questions if one.kind != "note"]
        self.following: int | None = 1
        self.seen: dict[UUID, int] = {}
        self.tube = ""
        self.marks: list[Mark] = []

    def line(self, line: int, lowered: str, words: str) -> None:
        try:
            found = self._doors(line, lowered, words)
        except Unreadable as wrong:
            self.sheet.wrong.append(Problem("lines", wrong.words, line, wrong.values))
            self.following = None  # nobody knows where the next line begins
            self.tube = ""  # nor which tube it means
            return
        for typed in found:
            self.seen[typed.door.id] = line
        self.sheet.typed += found

    def _doors(self, line: int, lowered: str, words: str) -> list[Typed]:
        first = _ANSWER.search(lowered)
        head = lowered[: first.start()].strip() if first else lowered
        head, self.marks = self._tubes(line, head)
        alone = (_PERSONS_OF_ROOM if head.startswith("@") else _PERSONS).search(head)
        said = alone[0].strip() if alone else ""
        head = head[: alone.start()].strip() if alone else head
        if head.startswith("@"):
            return [self._room(line, head, words, first, said)]
        match = _HEAD.match(head)
        if self.following is not None and not head[:1].isdigit():
            self.sheet.begins[line] = self.following
        if match is None:
            raise Unreadable("看不懂“{text}”。写法:门号加字母,如 12w。", text=words[:40])
        start, end, marks = match[1], match[2], re.sub(r"\s", "", match[3])
        at = int(start) if start else self.following
        if at is None:
            raise Unreadable("上一行没看懂,请在这一行前面写上门号。")
        numbers, outcomes = self._run(at, int(end) if end else None, marks)
        for number in numbers:
            if not 1 <= number <= len(self.doors):
                raise Unreadable(
                    "没有第 {n} 户,这个楼道只有 {most} 户。", n=number, most=len(self.doors)
                )
            self._once(self.doors[number - 1])
        if len(numbers) > 1 and (said or any(mark.person for mark in self.marks)):
            raise Unreadable("个别人的情况一次只写一户,如 3q .2c。")
        answers = [self._answers(self.doors[n - 1], words if first else "") for n in numbers]
        if not marks and not first and not said and not self.marks:
            raise Unreadable("“{text}”后面要写结果的字母。", text=words[:40])
        persons = self._persons(self.doors[numbers[0] - 1], said)
        outcomes = [self._with(outcome, persons) for outcome in outcomes]
        self.following = numbers[-1] + 1
        answered = words[first.start() :].strip() if first else ""
        tubes = [self._filled(self.doors[n - 1], persons) for n in numbers]
        for n, outcome in zip(numbers, outcomes, strict=True):
            self._by_word(self.doors[n - 1], outcome)
        if self.marks:
            outcomes = [self._beside_tubes(outcome) for outcome in outcomes]
        said = " ".join(
            part for part in (said, paper_tubes.words(self.marks), answered) if part
        )
        shown = (marks * len(numbers) if end else marks) or " " * len(numbers)
        return [
            Typed(
                line,
                number,
                self.doors[number - 1],
                outcome,
                given,
                f"{number}{mark} {said}".strip(),
                persons,
                inside,
            )
            for number, outcome, given, mark, inside in zip(
                numbers, outcomes, answers, shown, tubes, strict=True
            )
        ]

    def _once(self, door: DoorRow) -> None:
        if door.id in self.seen:
            raise Unreadable(
                "{room} 前面写过了(第 {line} 行)。",
                room=door.room or door.label,
                line=self.seen[door.id],
            )

    def _room(
        self, line: int, head: str, words: str, first: "re.Match[str] | None", said: str
    ) -> Typed:
        """One door by its room, or by its house's number."""
        # A room may end with a letter itself: 12b is that room before it is room 12, some.
        room, mark = head[1:].strip(), ""
        if room not in self.rooms and (match := _ROOM.match(head)) is not None:
            room, mark = match[1], match[2].strip()
        found = self.rooms.get(room, [])
        if not found:
            raise Unreadable(
                "没有“{text}”这个室号。写法:@ 加室号加字母,如 @503w。", text=head[1:20]
            )
        if len(found) > 1:
            raise Unreadable("{room} 有 {n} 户,请写门号。", room=room, n=len(found))
        (door,) = found
        self._once(door)
        if not mark and not first and not said and not self.marks:
            raise Unreadable("“{text}”后面要写结果的字母。", text=words[:40])
        answers = self._answers(door, words if first else "")
        number = self.numbers.get(door.id)
        self.following = number + 1 if number else None
        persons = self._persons(door, said)
        outcome = self._with(self._outcome(mark) if mark else None, persons)
        tubes = self._filled(door, persons)
        self._by_word(door, outcome)
        if self.marks:
            outcome = self._beside_tubes(outcome)
            words = re.sub(r"([/、])(?=\s|$)", rf"\1{self.tube}", words)
        return Typed(line, number, door, outcome, answers, words, persons, tubes)

    def _tubes(self, line: int, head: str) -> tuple[str, list[Mark]]:
        """A line's head without its tubes, and those with their codes in full."""
        if self.codes is None:
            return head, []
        head, marks = paper_tubes.split(head, self.rooms)
        found: list[Mark] = []
        for mark in marks:
            if mark.code:
                self.tube, mode = self.codes.read(mark.code)
                self.sheet.modes[self.tube] = mode
            elif not self.tube:
                raise Unreadable("前面没有管可接着装,请写上管码。")
            else:
                self.sheet.same.setdefault(line, self.tube)
            found.append(Mark(mark.person, self.tube))
        return head, found

    def _filled(self, door: DoorRow, persons: Mapping[UUID, str]) -> dict[UUID, str]:
        if not self.marks:
            return {}
        room = door.room or door.label
        return paper_tubes.who_is_where(self.marks, door.people, persons, room)

    def _by_word(self, door: DoorRow, outcome: str | None) -> None:
        """Where tubes tell who is done, a letter does not."""
        if self.kind.by_tube and door.people and not self.marks and outcome in SAMPLED:
            raise Unreadable("这一轮装了管才算已检,请写上管码,如 3/12A。")

    def _beside_tubes(self, outcome: str | None) -> str | None:
        """Whoever is in a tube is done by it; of the household nothing else can be said there."""
        if outcome is not None and outcome not in SAMPLED:
            said = self.kind.words(outcome)
            raise Unreadable("装了管就不能再写“{words}”;个别人不一样写成 .2c。", words=said)
        return None

    def _run(
        self, start: int, end: int | None, marks: str
    ) -> tuple[list[int], list[str | None]]:
        codes = [self._outcome(mark) for mark in marks]
        if end is not None:
            if end < start or len(codes) > 1:
                raise Unreadable("一段门号从小到大,后面只写一个字母,如 1-12q。")
            numbers = list(range(start, end + 1))[: len(self.doors) + 1]
            return numbers, [codes[0] if codes else None] * len(numbers)
        if not codes:
            return [start], [None]
        return list(range(start, start + len(codes))), list(codes)

    def _outcome(self, mark: str) -> str:
        if mark.isdigit():
            if 1 <= int(mark) <= len(self.kind.buttons):
                return self.kind.buttons[int(mark) - 1].code.value
        elif mark in self.letters:
            return self.letters[mark]
        raise Unreadable("没有“{mark}”这个结果。", mark=mark)

    def _persons(self, door: DoorRow, said: str) -> dict[UUID, str]:
        """Exceptions, `.2c`: the second person, away."""
        found: dict[UUID, str] = {}
        codes = {letter: person for person, letter in PERSON_LETTERS.items()}
        for at, letter in _PERSON.findall(said):
            if not 1 <= int(at) <= len(door.people):
                raise Unreadable(
                    "{room} 只登记了 {most} 人。",
                    room=door.room or door.label,
                    most=len(door.people),
                )
            if letter not in codes:
                raise Unreadable("个别人没有“{mark}”这种情况。", mark=letter)
            person = door.people[int(at) - 1]
            if person in found:
                raise Unreadable("第 {n} 个人写了两次。", n=int(at))
            found[person] = codes[letter].value
        return found

    def _with(self, outcome: str | None, persons: Mapping[UUID, str]) -> str | None:
        """All in but somebody is some, where the kind knows that; the phone says it the same way."""
        some = any(button.code == Outcome.SOME for button in self.kind.buttons)
        differs = any(code not in _AS_ALL for code in persons.values())
        return Outcome.SOME.value if outcome == Outcome.ALL and some and differs else outcome

    def _answers(self, door: DoorRow, words: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        marks = list(_ANSWER.finditer(words))
        ends = [*(mark.start() for mark in marks[1:]), len(words)]
        for mark, end in zip(marks, ends, strict=False):
            text = words[mark.end() : end].strip()
            question, key = self._asked(door, int(mark[1]), mark[2])
            if key in found:
                raise Unreadable("第 {n} 题答了两次。", n=int(mark[1]))
            found[key] = _value(question, text, int(mark[1]))
        return found

    def _asked(self, door: DoorRow, number: int, person: str | None) -> tuple[Question, str]:
        if not 1 <= number <= len(self.questions):
            raise Unreadable("没有第 {n} 题。", n=number)
        question = self.questions[number - 1]
        if (question.of == "person") != (person is not None):
            raise Unreadable(
                "第 {n} 题一人一答,写成 {n}.1=(第 1 个人)。"
                if person is None
                else "第 {n} 题一户一答,写成 {n}=。",
                n=number,
            )
        if person is None:
            return question, question.key
        if not 1 <= int(person) <= len(door.people):
            raise Unreadable(
                "{room} 只登记了 {most} 人。", room=door.room, most=len(door.people)
            )
        return question, f"{question.key}@{door.people[int(person) - 1]}"


def _value(question: Question, text: str, number: int) -> Any:
    """An answer as typed, by the kind of its question; "" takes one away."""
    low = text.lower()
    if text == "":
        return ""
    if question.kind == "bool":
        if low in _YES or low in _NO:
            return low in _YES
        raise Unreadable("第 {n} 题答 y(是)或 n(否)。", n=number)
    if question.kind == "choice":
        return _choice(question, low, number)
    if question.kind == "choices":
        picked = {_choice(question, one, number) for one in re.split(r"[,、,\s]+", low) if one}
        return " ".join(c.code for c in question.choices if c.code in picked)
    if question.kind in ("number", "decimal"):
        try:
            return int(text) if question.kind == "number" else float(text)
        except ValueError as wrong:
            raise Unreadable("第 {n} 题要填数字。", n=number) from wrong
    if question.kind == "date" and re.fullmatch(r"\d{8}", text):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text


def _choice(question: Question, text: str, number: int) -> str:
    if text.isdigit() and 1 <= int(text) <= len(question.choices):
        return question.choices[int(text) - 1].code
    for one in question.choices:
        if text in (one.code.lower(), one.words.lower()):
            return one.code
    raise Unreadable("第 {n} 题没有“{text}”这个选项。", n=number, text=text[:20])
