"""A roster as a lead reads it: a day at a time, somebody's fortnight, and who could stand in a place."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from wangge.hours.rosters.ground import Ground
from wangge.hours.rosters.kept import Stands
from wangge.kernel.moments import local
from wangge.kernel.said import said as kept_said
from wangge.solvers.fatigue import DAY, Stint, breaks
from wangge.solvers.shifts import Entry, Person
from wangge.solvers.words import Sentence, said

#: A published roster stays with its team so long after somebody's last stint in it.
TEAM_DAYS = timedelta(days=3)


#: What whoever worked a roster out says and the checker says anew of how it is now.
_OF_THE_VERDICT = (
    "{needed} 个岗次都排上了。",
    "{needed} 个岗次排上了 {done} 个,还空 {missing} 个。",
)
#: The checker says so too, where people go by something already.
_COMPARED = "和原来的表相比,换下换上共 {changed} 人次。"


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody in a place. `new`: nobody has been told yet; `wrong`: the checker says so."""

    staff_id: UUID
    name: str
    new: bool
    wrong: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A post in a shift of a day: how many it takes, who stands there, who no longer is to."""

    shift: str
    needed: int
    there: tuple[Standing, ...]
    gone: tuple[str, ...]
    ahead: bool

    @property
    def missing(self) -> int:
        return max(0, self.needed - len(self.there))


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post's shifts on one day."""

    id: str
    name: str
    skill: str
    gate: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class DayTab:
    """A day in the row of days: what is against it."""

    day: int
    date: date
    empty: int
    gates: int
    wrong: int


def besides(found: Ground) -> list[str]:
    """What was said when this version was worked out and the verdict does not say."""
    told = (*_OF_THE_VERDICT, _COMPARED) if found.today else _OF_THE_VERDICT
    begins = tuple(kept_said(one).removesuffix(",{}]") for one in told)
    return [one for one in found.sheet.sentences if not one.startswith(begins)]


def tabs(found: Ground) -> list[DayTab]:
    """The days, each with how many places stay empty and how many things must not be."""
    empty: Counter[int] = Counter()
    gates: Counter[int] = Counter()
    for one in found.judged.empty:
        empty[one.day] += one.missing
        gates[one.day] += one.missing * one.gate
    wrong = Counter(one.day for one in found.judged.faults)
    return [
        DayTab(day, found.date(day), empty[day], gates[day], wrong[day])
        for day in range(found.sheet.days)
    ]


def of_day(found: Ground, day: int, names: Mapping[UUID, str]) -> list[PostRow]:
    """The posts of a day. What has begun is shown as it was planned."""
    needed: Counter[tuple[str, str]] = Counter()
    for need in found.problem.needs:
        if need.day == day:
            needed[need.post, need.shift] += need.count
    wrong = {(one.person, one.day) for one in found.judged.faults}
    there: defaultdict[tuple[str, str], list[Standing]] = defaultdict(list)
    for one in found.sheet.rows:
        if one.day == day:
            who = UUID(one.person)
            there[one.post, one.shift].append(
                Standing(
                    who,
                    names.get(who, ""),
                    one not in found.today and found.ahead(day, one.shift),
                    (one.person, day) in wrong or (one.person, None) in wrong,
                )
            )
    gone: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one in found.gone:
        if one.day == day:
            gone[one.post, one.shift].append(names.get(UUID(one.person), ""))
    return [
        PostRow(
            post.id,
            post.name,
            post.skill,
            post.gate,
            tuple(
                Cell(
                    shift.id,
                    needed[post.id, shift.id],
                    tuple(sorted(there[post.id, shift.id], key=lambda s: (s.name, s.staff_id))),
                    tuple(gone[post.id, shift.id]),
                    found.ahead(day, shift.id),
                )
                for shift in found.setup.shifts
            ),
        )
        for post in found.setup.posts
    ]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody's days: in which shifts they are, what the day says."""

    staff_id: UUID
    name: str
    skills: tuple[str, ...]
    days: tuple[tuple[str, str], ...]
    #: They hold no post there any more.
    left: bool


def _shifts(found: Ground) -> defaultdict[tuple[str, int], list[str]]:
    """What the shifts are called that somebody is in on a day, by the latest version."""
    mine: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    called = {one.id: one.name for one in found.setup.shifts}
    for one in found.sheet.rows:
        if one.shift in called:
            mine[one.person, one.day].append(called[one.shift])
    return mine


def by_person(found: Ground, names: Mapping[UUID, str]) -> list[PersonRow]:
    """Everybody's days, by name; nobody is counted or ranked."""
    mine = _shifts(found)
    rows = [
        PersonRow(
            who,
            names.get(who, ""),
            tuple(sorted(found.problem.person_of[str(who)].skills)),
            tuple(
                (
                    "".join(name[:1] for name in mine[str(who), day]),
                    found.says.get((who, day), ""),
                )
                for day in range(found.sheet.days)
            ),
            who in found.left,
        )
        for who in found.setup.people
    ]
    return sorted(rows, key=lambda row: (row.name, row.staff_id))


@dataclass(frozen=True, slots=True)
class WishRow:
    """What somebody said of a day, and the shifts they are in on it by the latest version; `kept`: the
    version does as they said."""

    staff_id: UUID
    name: str
    says: str
    shifts: tuple[str, ...]
    kept: bool


def wishes(found: Ground, names: Mapping[UUID, str]) -> list[tuple[date, list[WishRow]]]:
    """Days of which anybody said anything, in order; the people by name. Whoever is not there any more
    is not asked after."""
    mine = _shifts(found)
    by_day: defaultdict[int, list[WishRow]] = defaultdict(list)
    for (who, day), says in found.says.items():
        if who in found.left:
            continue
        shifts = tuple(mine[str(who), day])
        row = WishRow(who, names.get(who, ""), says, shifts, bool(shifts) == (says == "like"))
        by_day[day].append(row)
    return [
        (found.date(day), sorted(by_day[day], key=lambda row: (row.name, row.staff_id)))
        for day in sorted(by_day)
    ]


@dataclass(frozen=True, slots=True)
class Able:
    """Somebody who could be put in a place, or not, and why; `wish`: what they said of the day."""

    staff_id: UUID
    why: tuple[Sentence, ...]
    wish: Sentence | None
    #: They are somewhere else at that time: no reason makes it right.
    elsewhere: bool

    @property
    def able(self) -> bool:
        """Nothing is against it."""
        return not self.why


def able(found: Ground, day: int, shift: str, post: str) -> list[Able]:
    """Who can stand in a place, by skill, days and the guard, with everything else of the draft in its
    place. In the order of ids: nobody comes before anybody for what they did."""
    mine: defaultdict[str, list[Entry]] = defaultdict(list)
    for one in found.rows:
        if one.shift in found.problem.shift_of:
            mine[one.person].append(one)
    return [_able(found, one, mine[one.id], day, shift, post) for one in found.problem.people]


def _able(
    found: Ground, person: Person, mine: Sequence[Entry], day: int, shift: str, post: str
) -> Able:
    why: list[Sentence] = []
    skill = found.problem.post_of[post].skill
    if skill and skill not in person.skills:
        why.append(said("没有“{skill}”技能。", skill=skill))
    says = found.says.get((UUID(person.id), day), "")
    if UUID(person.id) in found.left:
        why.append(said("已经不在这里上岗。"))
    elif says == "away":
        why.append(said("这天不能来。"))
    # The guard's sentences name days, so it is asked in its own minutes.
    books = [*person.before, *(found.problem.stint(one.day, one.shift) for one in mine)]
    new = _shifted(found.problem.stint(day, shift), found.zero)
    broken = breaks([_shifted(s, found.zero) for s in books], new, found.limits)
    why += [one.why for one in broken]
    wish = {"spare": said("本人希望这天不排。"), "like": said("本人想排这天。")}.get(says)
    return Able(UUID(person.id), tuple(why), wish, any(one.kind == "overlap" for one in broken))


def _shifted(stint: Stint, by: int) -> Stint:
    return Stint(stint.begins + by, stint.ends + by)


@dataclass(frozen=True, slots=True)
class Change:
    """One place that is not as people know it: who goes, who comes."""

    day: date
    shift: str
    post: str
    goes: tuple[UUID, ...]
    comes: tuple[UUID, ...]


def changes(found: Ground) -> list[Change]:
    """The difference to what people go by, place by place, in the order of time."""
    places: defaultdict[tuple[int, str, str], tuple[list[UUID], list[UUID]]] = defaultdict(
        lambda: ([], [])
    )
    for one in found.gone:
        places[one.day, one.shift, one.post][0].append(UUID(one.person))
    for one in found.added:
        places[one.day, one.shift, one.post][1].append(UUID(one.person))
    shifts, posts = found.problem.shift_of, found.problem.post_of
    order = sorted(
        places,
        key=lambda key: (key[0], shifts[key[1]].begins if key[1] in shifts else DAY, key),
    )
    return [
        Change(
            found.date(day),
            shifts[shift].name if shift in shifts else shift,
            posts[post].name if post in posts else post,
            tuple(places[day, shift, post][0]),
            tuple(places[day, shift, post][1]),
        )
        for day, shift, post in order
    ]


def concerned(found: Ground) -> int:
    """How many people's plans change."""
    return len({one.person for one in found.added} | {one.person for one in found.gone})


@dataclass(frozen=True, slots=True)
class TeamSlot:
    """Who stands where from then to then."""

    starts_at: datetime
    ends_at: datetime
    posts: tuple[tuple[str, tuple[UUID, ...]], ...]


def by_day(stands: Sequence[Stands]) -> list[tuple[date, list[TeamSlot]]]:
    """The stints of a roster by day, then by time, then by post."""
    slots: defaultdict[tuple[datetime, datetime], defaultdict[str, list[UUID]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for one in stands:
        slots[one.starts_at, one.ends_at][one.post].append(one.staff_id)
    days: defaultdict[date, list[TeamSlot]] = defaultdict(list)
    for (starts_at, ends_at), posts in sorted(slots.items()):
        days[local(starts_at).date()].append(
            TeamSlot(
                starts_at,
                ends_at,
                tuple((post, tuple(who)) for post, who in sorted(posts.items())),
            )
        )
    return sorted(days.items())
