"""Rosters as JSON: what `wangge plan roster` reads and writes (docs/plans.md)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec

from wangge.solvers.fatigue import DAY, HOUR, Limits, Stint
from wangge.solvers.files import Tell, decoded, format_faults, refuse
from wangge.solvers.shifts.checking import Judged
from wangge.solvers.shifts.problem import (
    Entry,
    Need,
    Person,
    Post,
    Problem,
    Shift,
    Weights,
    Wish,
)
from wangge.solvers.words import Sentence, said

FORMAT = "wangge.roster/1"
PLAN_FORMAT = "wangge.roster.plan/1"
#: Days outside of these are slips of typing.
YEARS = (2000, 2100)

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Few = Annotated[int, msgspec.Meta(ge=0, le=1_000)]
Number = Annotated[float, msgspec.Meta(gt=0, le=168)] | None


class _Shift(
    msgspec.Struct, forbid_unknown_fields=True, rename={"begins": "from", "ends": "to"}
):
    id: Name
    begins: Clock
    ends: Clock
    name: str = ""


class _Post(msgspec.Struct, forbid_unknown_fields=True):
    id: Name
    name: str = ""
    skill: str = ""
    gate: bool = False


class _Wish(msgspec.Struct, forbid_unknown_fields=True):
    day: date
    shift: str | None = None
    like: bool = False


class _Before(
    msgspec.Struct, forbid_unknown_fields=True, rename={"begins": "from", "ends": "to"}
):
    begins: datetime
    ends: datetime


class _Person(msgspec.Struct, forbid_unknown_fields=True):
    id: Name
    skills: list[str] = []
    away: list[date] = []
    most: Few | None = None
    wishes: list[_Wish] = []
    before: list[_Before] = []
    nights_before: Few = 0
    shifts_before: Few = 0


class _Need(msgspec.Struct, forbid_unknown_fields=True):
    post: Name
    shift: Name
    count: Few = 1
    days: list[date] | None = None


class _Limits(msgspec.Struct, forbid_unknown_fields=True):
    longest_hours: Number = None
    rest_hours: Number = None
    days: Annotated[int, msgspec.Meta(ge=1, le=31)] | None = None
    nights: Annotated[int, msgspec.Meta(ge=1, le=31)] | None = None
    week_hours: Number = None
    pause_minutes: Annotated[int, msgspec.Meta(ge=0, le=360)] = 120
    night_from: Clock = "22:00"
    night_to: Clock = "06:00"
    night_minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 120


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    day: date
    shift: str
    post: str
    person: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    first_day: date
    days: Annotated[int, msgspec.Meta(ge=1, le=62)]
    shifts: list[_Shift]
    posts: list[_Post]
    people: list[_Person]
    needs: list[_Need]
    limits: _Limits = msgspec.field(default_factory=_Limits)
    most_shifts: Few | None = None
    skill_names: dict[str, str] = {}
    weights: dict[str, Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]] = {}
    roster: list[_Entry] = []


class _Plan(msgspec.Struct):
    """Whatever else stands in an answer is passed over."""

    roster: list[_Entry]


def read_problem(raw: bytes) -> tuple[Problem, date, tuple[Entry, ...]]:
    """A problem, its first day, and today's roster. Raises Unreadable."""
    file = decoded(raw, _File, FORMAT)
    found: list[Sentence] = [*format_faults(FORMAT, file.format)]
    if not YEARS[0] <= file.first_day.year <= YEARS[1]:
        found.append(
            said("first_day 的年份应在 {first} 到 {last} 之间。", first=YEARS[0], last=YEARS[1])
        )
    for what, ids in (
        ("shifts", [one.id for one in file.shifts]),
        ("posts", [one.id for one in file.posts]),
        ("people", [one.id for one in file.people]),
    ):
        found += [
            said("{what} 里有两个“{id}”。", what=what, id=id_)
            for id_, times in sorted(Counter(ids).items())
            if times > 1
        ]
    shifts, posts = {one.id for one in file.shifts}, {one.id for one in file.posts}
    for row, need in enumerate(file.needs, 1):
        if need.post not in posts:
            found.append(said("needs 第 {row} 行:没有岗位“{id}”。", row=row, id=need.post))
        if need.shift not in shifts:
            found.append(said("needs 第 {row} 行:没有班“{id}”。", row=row, id=need.shift))
    unknown = sorted(set(file.weights) - {"gate", "post", "change", "wish", "fair"})
    found += [said("weights 里没有“{name}”这一项。", name=name) for name in unknown]
    for person in file.people:
        for before in person.before:
            if before.begins.tzinfo or before.ends.tzinfo or before.ends <= before.begins:
                found.append(said("“{id}”的 before 里时间不对。", id=person.id))
                break
    refuse(found)
    return _problem(file), file.first_day, _entries(file.roster, file.first_day)


def _entries(rows: Sequence[_Entry], first: date) -> tuple[Entry, ...]:
    return tuple(Entry((row.day - first).days, row.shift, row.post, row.person) for row in rows)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * HOUR + int(minutes)


def _hours(number: float | None) -> int | None:
    return None if number is None else round(number * HOUR)


def _problem(file: _File) -> Problem:
    first = file.first_day
    midnight = datetime.combine(first, datetime.min.time())

    def minute(moment: datetime) -> int:
        return (moment - midnight) // timedelta(minutes=1)

    shifts: list[Shift] = []
    for one in file.shifts:
        begins, ends = _minutes(one.begins), _minutes(one.ends)
        shifts.append(Shift(one.id, one.name, begins, ends if ends > begins else ends + DAY))
    people = [
        Person(
            one.id,
            frozenset(one.skills),
            frozenset((day - first).days for day in one.away),
            one.most,
            tuple(Wish((w.day - first).days, w.shift, w.like) for w in one.wishes),
            tuple(Stint(minute(b.begins), minute(b.ends)) for b in one.before),
            one.nights_before,
            one.shifts_before,
        )
        for one in file.people
    ]
    needs = [
        Need(day, one.shift, one.post, one.count)
        for one in file.needs
        for day in (
            range(file.days) if one.days is None else [(d - first).days for d in one.days]
        )
        if one.count and 0 <= day < file.days
    ]
    limits = file.limits
    return Problem(
        file.days,
        tuple(shifts),
        tuple(Post(one.id, one.name, one.skill, one.gate) for one in file.posts),
        tuple(people),
        tuple(needs),
        Limits(
            _hours(limits.longest_hours),
            _hours(limits.rest_hours),
            limits.days,
            limits.nights,
            _hours(limits.week_hours),
            limits.pause_minutes,
            _minutes(limits.night_from),
            _minutes(limits.night_to),
            limits.night_minutes,
        ),
        file.most_shifts,
        replace(Weights(), **file.weights),
        file.skill_names,
    )


def read_roster(raw: bytes, first: date) -> tuple[Entry, ...]:
    """The `roster` of a problem or of an answer. Raises Unreadable."""
    return _entries(decoded(raw, _Plan).roster, first)


def roster_json(entries: Sequence[Entry], first: date) -> list[dict[str, str]]:
    """Entries with their dates."""
    return [
        {
            "day": (first + timedelta(days=one.day)).isoformat(),
            "shift": one.shift,
            "post": one.post,
            "person": one.person,
        }
        for one in entries
    ]


def judged_json(judged: Judged, first: date, tell: Tell) -> dict[str, Any]:
    """A verdict with its sentences as `tell` puts them."""

    def on(day: int | None) -> str | None:
        return None if day is None else (first + timedelta(days=day)).isoformat()

    return {
        "hard": judged.hard,
        "needed": judged.needed,
        "covered": judged.covered,
        "missing": judged.missing,
        "gates_open": judged.gates_open,
        "fewest": judged.fewest,
        "most": judged.most,
        "most_nights": judged.most_nights,
        "wishes": judged.wishes,
        "wishes_met": judged.wishes_met,
        "changed": judged.changed,
        "sentences": [tell(one) for one in judged.sentences],
        "faults": [
            {"kind": one.kind, "person": one.person, "day": on(one.day), "why": tell(one.why)}
            for one in judged.faults
        ],
        "empty": [
            {
                "day": on(one.day),
                "shift": one.shift,
                "post": one.post,
                "missing": one.missing,
                "gate": one.gate,
            }
            for one in judged.empty
        ],
    }
