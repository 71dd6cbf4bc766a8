"""What a door can be, what a round is for, and how fast it goes: without a database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from wangge.kernel.refusals import Refusal
from wangge.kernel.settings import setting
from wangge.sweeps.questions import Question, question_of

CLOSE_HOURS = setting("sweeps.close_hours", 24, "清查到时限几小时后自动结束并出具核对表")


class Outcome(StrEnum):
    """What was found at a door (domain.md §9.2). A kind of round takes some of them and gives
    them its own words; what they mean for the count is the same everywhere."""

    ALL = "all"
    SOME = "some"
    NOBODY = "nobody"
    LOCKED = "locked"
    VACANT = "vacant"
    AWAY = "away"
    REFUSED = "refused"
    VISIT = "visit"
    EXEMPT = "exempt"
    MOVED = "moved"


OUTCOME_NAMES: Mapping[Outcome, str] = {
    Outcome.ALL: "齐",
    Outcome.SOME: "部分",
    Outcome.NOBODY: "无人",
    Outcome.LOCKED: "锁门",
    Outcome.VACANT: "空置",
    Outcome.AWAY: "已外出",
    Outcome.REFUSED: "拒",
    Outcome.VISIT: "需上门",
    Outcome.EXEMPT: "免",
    Outcome.MOVED: "已迁出",
}
#: A shape for each, since nothing is said by colour alone.
OUTCOME_MARKS: Mapping[Outcome, str] = {
    Outcome.ALL: "●",
    Outcome.SOME: "◐",
    Outcome.NOBODY: "○",
    Outcome.LOCKED: "▣",
    Outcome.VACANT: "□",
    Outcome.AWAY: "◇",
    Outcome.REFUSED: "✕",
    Outcome.VISIT: "▲",
    Outcome.EXEMPT: "◆",
    Outcome.MOVED: "▷",
}
#: The door was tried and nobody was met.
NOT_MET = frozenset({Outcome.NOBODY, Outcome.LOCKED})
#: The household, or part of it, is done.
SAMPLED = frozenset({Outcome.ALL, Outcome.SOME})
#: Somebody was met, so that the round's questions can be asked.
MET = frozenset({Outcome.ALL, Outcome.SOME, Outcome.VISIT, Outcome.EXEMPT})


class Person(StrEnum):
    """What is said of one person, where it differs from the household."""

    DONE = "done"
    ABSENT = "absent"
    AWAY = "away"
    REFUSED = "refused"
    VISIT = "visit"
    EXEMPT = "exempt"


PERSON_NAMES: Mapping[Person, str] = {
    Person.DONE: "已完成",
    Person.ABSENT: "不在",
    Person.AWAY: "已外出",
    Person.REFUSED: "拒绝",
    Person.VISIT: "需上门",
    Person.EXEMPT: "免",
}


class How(StrEnum):
    """How it is known: seen at the door, or told by somebody."""

    DOOR = "door"
    PHONE = "phone"
    NEIGHBOUR = "neighbour"
    FAMILY = "family"
    PAPER = "paper"
    TUBE = "tube"
    DESK = "desk"
    REGISTER = "register"


HOW_NAMES: Mapping[How, str] = {
    How.DOOR: "上门",
    How.PHONE: "电话",
    How.NEIGHBOUR: "邻居代报",
    How.FAMILY: "家人代报",
    How.PAPER: "纸质表补录",
    How.TUBE: "采样扫码",
    How.DESK: "社区更正",
    How.REGISTER: "住户登记变动",
}
#: What a phone or a page may say; the others are said by the system.
HOWS_SAID: frozenset[str] = frozenset(
    {How.DOOR, How.PHONE, How.NEIGHBOUR, How.FAMILY, How.PAPER, How.DESK}
)

#: Help that somebody behind a door asks for; each may become a case.
HELP: Mapping[str, str] = {
    "medical": "急需就医",
    "medicine": "缺药",
    "food": "缺食品",
    "hardship": "生活困难",
    "spirits": "需要陪伴疏导",
    "repair": "停水停电等报修",
    "other": "其他求助",
}
#: What else may become a case.
MISSED, UNTESTED = "missed", "untested"
#: Passes in which a door was not met before it is somebody's case.
TRIES_MAX = 2


#: Where the doors of a kind come from: homes with somebody in them, every home, the registers.
HOUSEHOLD, DWELLING, THING = TARGETS = ("household", "dwelling", "thing")


# -- kinds -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Button:
    """One outcome of a kind, in its words. `settled`: nothing is left to do at that door."""

    code: Outcome
    words: str
    settled: bool


@dataclass(frozen=True, slots=True)
class Raise:
    """What becomes a case: `when` is an outcome, a kind of help, `missed` (not met in two passes)
    or `untested`. `calm` is the class while no response is declared, "" for no case."""

    when: str
    case_class: str
    calm: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What rounds are for. `targets` are household (homes with somebody in them), dwelling (every
    home) or thing (entries of the registers `things`). `feeds`: answers go into the register at the
    close; `area_code` is the street that made it for itself, "" for the district's; `by_tube`: done is
    whoever is in a tube or exempt, and nobody by word alone."""

    code: str
    name: str
    targets: str
    buttons: tuple[Button, ...]
    minutes: int
    needs_response: bool
    tubes: bool
    special: tuple[str, ...]
    wanted: tuple[str, ...]
    questions: tuple[Question, ...]
    raises: tuple[Raise, ...]
    open: bool = True
    feeds: bool = False
    version: int = 1
    area_code: str = ""
    things: tuple[str, ...] = ()
    by_tube: bool = False

    @property
    def said(self) -> tuple[Button, ...]:
        """What a person may say of a door. Where tubes tell who is done, nobody says it by hand."""
        if not self.by_tube:
            return self.buttons
        return tuple(button for button in self.buttons if button.code not in SAMPLED)

    @property
    def stops(self) -> bool:
        """Whether it goes to entries of the registers, and not to homes."""
        return self.targets == THING

    def words(self, outcome: str | None) -> str:
        """The outcome as this kind says it; "" for none."""
        for button in self.buttons:
            if button.code == outcome:
                return button.words
        if outcome == Outcome.MOVED and self.stops:
            return "已注销"
        return OUTCOME_NAMES[Outcome(outcome)] if outcome else ""

    @property
    def outcomes(self) -> frozenset[Outcome]:
        """What may be reported."""
        return frozenset(button.code for button in self.buttons)

    @property
    def settled(self) -> frozenset[Outcome]:
        """Outcomes after which nothing is left to do; a household that moved out always is."""
        return frozenset(
            {button.code for button in self.buttons if button.settled} | {Outcome.MOVED}
        )

    def raised(self, when: str) -> Raise | None:
        """The rule for it, if there is one."""
        return next((rule for rule in self.raises if rule.when == when), None)

    def question(self, key: str) -> Question | None:
        """The question of an answer's key."""
        name = key.partition("@")[0]
        return next((one for one in self.questions if one.key == name), None)

    def needs_of(self, answers: Mapping[str, Any]) -> frozenset[str]:
        """Help that the answers to its questions ask for."""
        found: set[str] = set()
        for key, given in answers.items():
            question = self.question(key)
            for choice in question.choices if question is not None else ():
                if choice.need and choice.code in str(given).split():
                    found.add(choice.need)
        return frozenset(found)


def kind_of(
    code: str,
    name: str,
    targets: str,
    outcomes: Iterable[Mapping[str, Any]],
    minutes: int,
    needs_response: bool,
    tubes: bool,
    special: Sequence[str],
    wanted: Sequence[str],
    questions: Iterable[Mapping[str, Any]],
    raises: Iterable[Mapping[str, Any]],
    open_: bool,
    feeds: bool = False,
    version: int = 1,
    area_code: str = "",
    things: Sequence[str] = (),
    by_tube: bool = False,
) -> Kind:
    """From a row of sweeps_kind."""
    return Kind(
        code,
        name,
        targets,
        tuple(Button(Outcome(o["code"]), o["words"], bool(o["settled"])) for o in outcomes),
        minutes,
        # The health of a whole population is asked after under a declared response alone, whatever
        # the row says.
        needs_response or tubes,
        tubes,
        tuple(special),
        tuple(wanted),
        tuple(question_of(one) for one in questions),
        tuple(Raise(r["when"], r["class"], r["calm"]) for r in raises),
        open_,
        feeds and not tubes,
        version,
        area_code,
        tuple(things),
        by_tube and tubes,
    )


# -- rounds ------------------------------------------------------------------------------------


class Doors(StrEnum):
    """Which doors of the area a round takes."""

    LIVED = "lived"
    ALL = "all"
    EMPTY = "empty"


DOORS_NAMES: Mapping[Doors, str] = {
    Doors.LIVED: "有人住的户",
    Doors.ALL: "全部房屋(含空房)",
    Doors.EMPTY: "只看空房",
}


@dataclass(frozen=True, slots=True)
class Round:
    """One round. `areas` are the codes it was opened over; `area_code` is where they meet."""

    id: UUID
    kind: str
    title: str
    area_code: str
    areas: tuple[str, ...]
    scope: Mapping[str, Any]
    response_id: UUID | None
    previous_id: UUID | None
    plan_id: UUID | None
    minutes: int
    opened_at: datetime
    opened_by: UUID
    ends_at: datetime
    pass_n: int
    pass_at: datetime
    closed_at: datetime | None
    closed_by: UUID | None
    certified: int
    doors: int
    people: int

    @property
    def open(self) -> bool:
        return self.closed_at is None

    def covers(self, area_code: str) -> bool:
        """Whether a door of that area could be one of its own."""
        return any(area_code.startswith(code) for code in self.areas)


def meeting(areas: Sequence[str]) -> str:
    """The deepest code that all of these begin with, cut to a level: where a round over several
    areas belongs."""
    low, high = min(areas), max(areas)
    same = 0
    while same < min(len(low), len(high)) and low[same] == high[same]:
        same += 1
    return low[: max((n for n in (6, 9, 12, 15, 18) if n <= same), default=0)]


# -- refusals ------------------------------------------------------------------------------------


@dataclass(eq=False)
class RoundOver(Refusal):
    says: ClassVar[str] = "这一轮已经结束。迟到的上报仍会收下,但不能再改轮次本身。"


@dataclass(eq=False)
class NothingToSweep(Refusal):
    says: ClassVar[str] = "这个范围里没有符合条件的户。请换一个区域,或放宽条件。"
    status: ClassVar[int] = 422


@dataclass(eq=False)
class NothingInRegisters(Refusal):
    says: ClassVar[str] = "这个范围的台账里没有在册的{names}。请换一个区域,或先登记。"
    status: ClassVar[int] = 422
    names: str


@dataclass(eq=False)
class TooManyDoors(Refusal):
    says: ClassVar[str] = "这个范围有 {doors} 户,一轮最多 {most} 户。请按街道分开发起。"
    status: ClassVar[int] = 422
    doors: int
    most: int


@dataclass(eq=False)
class KindClosed(Refusal):
    says: ClassVar[str] = "“{name}”已经停用,不能再发起。"
    name: str


@dataclass(eq=False)
class NobodyElse(Refusal):
    says: ClassVar[str] = "这个范围里没有别的人可以接手。请先安排人员,再重新分派。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class WaveAlreadyCalled(Refusal):
    says: ClassVar[str] = "这一批已经叫过了。"


@dataclass(eq=False)
class PlanOver(Refusal):
    says: ClassVar[str] = "这个计划已经结束,不能再改。需要的话请另做一个。"


@dataclass(eq=False)
class TubeTaken(Refusal):
    says: ClassVar[str] = "管码 {tube} 已经用过了。请核对标签;登记错了的先撤回,再重新登记。"
    tube: str


@dataclass(eq=False)
class TubeFull(Refusal):
    says: ClassVar[str] = "管 {tube} 最多放 {most} 人,里面已有 {held} 人。请换一支管。"
    tube: str
    most: int
    held: int
