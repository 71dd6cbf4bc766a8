"""What a roster is set up from, and what is refused."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast
from uuid import UUID

import msgspec

from wangge.hours.commands import TOGETHER_MAX
from wangge.hours.model import POST_MAX
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.refusals import Invalid, Problem, Refusal
from wangge.solvers.fatigue import DAY, HOUR
from wangge.solvers.shifts import Entry

#: A fortnight, where nobody says otherwise; and the most.
DAYS_USUAL, DAYS_MAX = 14, 31
SHIFTS_MAX, POSTS_MAX, PEOPLE_MAX, COUNT_MAX = 6, 60, 300, 50
NAME_MAX, SHIFT_MAX, SKILL_MAX, SKILLS_MAX = 40, 12, 20, 8
#: Ids of shifts and posts, which entries name.
ID_MAX = 12
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

When = Literal["all", "workdays", "weekends"]
WHEN_NAMES: dict[str, str] = {"all": "每天", "workdays": "周一到周五", "weekends": "周末"}
Says = Literal["away", "spare", "like"]
SAYS_NAMES: dict[str, str] = {"away": "不能来", "spare": "最好不排", "like": "想排"}
WHAT_NAMES: dict[str, str] = {
    "begun": "新建",
    "setup": "改了岗位或人员",
    "made": "算出来的",
    "mended": "修补出来的",
    "set": "手工改的",
    "back": "退回",
}
Work = Literal["make", "mend"]


class ShiftOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shift by the clock (HH:MM); one that ends before it begins ends on the next day."""

    id: str
    name: str
    begins: str
    ends: str

    @property
    def minutes(self) -> tuple[int, int]:
        """From when to when, in minutes after the day's midnight."""
        begins, ends = _minute(self.begins), _minute(self.ends)
        return begins, ends if ends > begins else ends + DAY


class PostOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A post: how many people it takes in each shift, on which days, and which skill they need."""

    id: str
    name: str
    skill: str = ""
    gate: bool = False
    when: When = "all"
    counts: dict[str, int] = {}


class Setup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shifts, posts, and who may be put at them."""

    shifts: list[ShiftOf]
    posts: list[PostOf]
    people: list[UUID]

    def clean(self, days: int) -> "Setup":
        """The same, trimmed. Raises Invalid for everything that is wrong at once."""
        made = Setup(
            [ShiftOf(s.id.strip(), s.name.strip(), s.begins, s.ends) for s in self.shifts],
            [
                msgspec.structs.replace(
                    p, id=p.id.strip(), name=p.name.strip(), skill=p.skill.strip()
                )
                for p in self.posts
            ],
            sorted(set(self.people)),
        )
        if problems := [*made._about_shifts(), *made._about_posts(days)]:
            raise Invalid.all(problems)
        return made

    def _about_shifts(self) -> list[Problem]:
        found: list[Problem] = []
        if not 1 <= len(self.shifts) <= SHIFTS_MAX:
            found.append(
                Problem("shifts", "请设 1 到 {most} 个班次。", None, {"most": SHIFTS_MAX})
            )
        if len({s.id for s in self.shifts}) < len(self.shifts) or len(
            {s.name for s in self.shifts}
        ) < len(self.shifts):
            found.append(Problem("shifts", "两个班次不能同名。"))
        for row, one in enumerate(self.shifts, 1):
            if not 1 <= len(one.id) <= ID_MAX or not 1 <= len(one.name) <= SHIFT_MAX:
                found.append(
                    Problem("shifts", "班次名称 1 到 {most} 字。", row, {"most": SHIFT_MAX})
                )
            if not (_CLOCK.fullmatch(one.begins) and _CLOCK.fullmatch(one.ends)):
                found.append(Problem("shifts", "班次时间应写成 07:00 的样子。", row))
            elif one.begins == one.ends:
                found.append(Problem("shifts", "上班和下班不能是同一时刻。", row))
        return found

    def _about_posts(self, days: int) -> list[Problem]:
        found: list[Problem] = []
        if len(self.posts) > POSTS_MAX or len(self.people) > PEOPLE_MAX:
            values = {"posts": POSTS_MAX, "people": PEOPLE_MAX}
            found.append(Problem("posts", "最多 {posts} 个岗位、{people} 人。", None, values))
        if len({p.id for p in self.posts}) < len(self.posts) or len(
            {p.name for p in self.posts}
        ) < len(self.posts):
            found.append(Problem("posts", "两个岗位不能同名。"))
        shifts = {one.id for one in self.shifts}
        for row, one in enumerate(self.posts, 1):
            if not 1 <= len(one.id) <= ID_MAX or not 1 <= len(one.name) <= POST_MAX:
                found.append(
                    Problem("posts", "岗位名称 1 到 {most} 字。", row, {"most": POST_MAX})
                )
            if len(one.skill) > SKILL_MAX:
                found.append(
                    Problem("posts", "技能不超过 {most} 字。", row, {"most": SKILL_MAX})
                )
            if set(one.counts) - shifts:
                found.append(Problem("posts", "岗位写了没有的班次。", row))
            if any(not 0 <= n <= COUNT_MAX for n in one.counts.values()):
                found.append(
                    Problem("posts", "人数应在 0 到 {most} 之间。", row, {"most": COUNT_MAX})
                )
        places = days * sum(sum(one.counts.values()) for one in self.posts)
        if places > TOGETHER_MAX:
            values = {"places": places, "most": TOGETHER_MAX}
            found.append(
                Problem("posts", "一共 {places} 个岗次,最多 {most} 个。", None, values)
            )
        return found


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * HOUR + int(minutes)


#: What a new roster begins with.
USUAL = Setup(
    [
        ShiftOf("a", "早班", "07:00", "15:00"),
        ShiftOf("b", "中班", "15:00", "23:00"),
        ShiftOf("c", "夜班", "23:00", "07:00"),
    ],
    [],
    [],
)


def skills_of(words: str) -> list[str]:
    """Skills as people type them, with any comma between."""
    return [one for one in re.split(r"[,,、;;\s]+", words.strip()) if one]


def checked_skills(skills: list[str]) -> list[str]:
    """Clean and without doubles. Raises Invalid."""
    found = list(dict.fromkeys(one.strip() for one in skills if one.strip()))
    if len(found) > SKILLS_MAX or any(len(one) > SKILL_MAX for one in found):
        raise Invalid.of(
            "skills",
            "每人最多 {many} 种技能,每种不超过 {most} 字。",
            many=SKILLS_MAX,
            most=SKILL_MAX,
        )
    return found


def entries_of(rows: list[Any]) -> tuple[Entry, ...]:
    """Entries as a row keeps them."""
    return tuple(
        Entry(int(day), str(shift), str(post), str(person))
        for day, shift, post, person in cast(list[tuple[int, str, str, str]], rows)
    )


def still_there(setup: Setup, rows: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Without the entries of people, posts and shifts that the roster does not have (any more)."""
    shifts, posts = {one.id for one in setup.shifts}, {one.id for one in setup.posts}
    people = {str(one) for one in setup.people}
    return tuple(
        one
        for one in rows
        if one.shift in shifts and one.post in posts and one.person in people
    )


def rows_of(entries: "tuple[Entry, ...] | list[Entry]") -> list[list[Any]]:
    """Entries as a row keeps them, in order."""
    return [[one.day, one.shift, one.post, one.person] for one in sorted(entries)]


@dataclass(eq=False)
class StillWorking(Refusal):
    """One thing at a time is worked out for a roster."""

    says: ClassVar[str] = "这张排班表还在算,请等它算完,或先停掉。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class NothingToRoster(Refusal):
    says: ClassVar[str] = "还没有岗位或没有人:请先在“岗位和人员”里填好。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class RosterOver(Refusal):
    """Nothing of it lies ahead."""

    says: ClassVar[str] = "这张排班表已经过完,不能再排;请新建一张。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class SlotBegun(Refusal):
    says: ClassVar[str] = "这一班已经开始,不能在排班表里改;请在“班次与工时”里更正。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class RosterFaulty(Refusal):
    """What is against publishing. With a reason, by somebody with the right, all but `broken` may pass."""

    says: ClassVar[str] = "{why}请先改好;确实必须的,由有权安排的负责人写明理由。"
    status: ClassVar[int] = 409
    faults: int
    gates: int

    def words(self, locale: Locale = "zh") -> str:
        """Only what is so is said."""
        told: list[str] = []
        if self.faults:
            told.append(translate(locale, "有 {count} 处不能这样排。", count=self.faults))
        if self.gates:
            told.append(translate(locale, "门岗空 {count} 个。", count=self.gates))
        between = "" if locale == "zh" else " "
        return translate(locale, self.says, why=between.join([*told, ""]))


@dataclass(eq=False)
class RosterBroken(Refusal):
    """No reason makes anybody be in two places."""

    says: ClassVar[str] = (
        "有 {faults} 处同一个人在两处、重复,或岗位人员已经不在表里,请先改好再公布。"
    )
    status: ClassVar[int] = 409
    faults: int


@dataclass(eq=False)
class AlreadyPublished(Refusal):
    says: ClassVar[str] = "这张排班表公布过,不能删除;要停用请先撤回。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class NotPublished(Refusal):
    says: ClassVar[str] = "这张排班表没有公布,没有什么可撤。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class NothingChanges(Refusal):
    says: ClassVar[str] = "和大家现在看到的一样,没有要公布的。"
    status: ClassVar[int] = 409
