"""The checker: judges any roster, ours, imported or drawn by hand. It knows no solver; for hours and
rest it asks the guard, which the solver does not use."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from wangge.solvers.fatigue import Kind as Tired
from wangge.solvers.fatigue import faults
from wangge.solvers.fatigue.limits import hours_words
from wangge.solvers.shifts.problem import Entry, Problem
from wangge.solvers.words import Sentence, said


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that must not be. `kind`: unknown, twice, away, skill, too_many, surplus, or what the
    guard says (overlap, longest, rest, days, nights, week)."""

    kind: str
    person: str
    day: int | None
    why: Sentence


@dataclass(frozen=True, slots=True)
class Empty:
    """People missing at a post in a shift."""

    day: int
    shift: str
    post: str
    missing: int
    gate: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What a roster is worth. `fewest`, `most` shifts and `most_nights` are of people as a whole, never
    named; `wishes_met` of `wishes`; `changed`: entries gone or come beside another roster."""

    faults: tuple[Fault, ...]
    empty: tuple[Empty, ...]
    needed: int
    covered: int
    fewest: int
    most: int
    most_nights: int
    wishes: int
    wishes_met: int
    changed: int
    sentences: tuple[Sentence, ...]

    @property
    def hard(self) -> int:
        """How many things must not be; empty posts are counted apart."""
        return len(self.faults)

    @property
    def missing(self) -> int:
        return sum(one.missing for one in self.empty)

    @property
    def gates_open(self) -> int:
        """Shifts in which a gate has nobody at all or too few."""
        return sum(one.missing for one in self.empty if one.gate)


_TIRED: dict[Tired, str] = {
    "overlap": "第 {day} 天起有人同时在两处。",
    "longest": "第 {day} 天起有人连续 {has} 小时,超过 {most} 小时。",
    "rest": "第 {day} 天起有人两班之间只隔 {has} 小时,不足 {most} 小时。",
    "days": "第 {day} 天起有人连续 {has} 天有班,超过 {most} 天。",
    "nights": "第 {day} 天起有人连续 {has} 个夜班,超过 {most} 个。",
    "week": "第 {day} 天起有人 7 天里共 {has} 小时,超过 {most} 小时。",
}


def check(
    problem: Problem, entries: Iterable[Entry], *, beside: Iterable[Entry] = ()
) -> Judged:
    """Judge a roster by its entries alone; `beside` is one to compare it with (today's)."""
    rows = list(entries)
    found: list[Fault] = []
    good: list[Entry] = []
    for one in rows:
        if (
            one.person not in problem.person_of
            or one.shift not in problem.shift_of
            or one.post not in problem.post_of
            or not 0 <= one.day < problem.days
        ):
            why = said("第 {day} 天的一行里有不认识的人、班或岗位。", day=one.day + 1)
            found.append(Fault("unknown", one.person, one.day, why))
        else:
            good.append(one)
    for one, times in Counter(good).items():
        if times > 1:
            why = said(
                "第 {day} 天同一个人在同一班写了 {times} 次。", day=one.day + 1, times=times
            )
            found.append(Fault("twice", one.person, one.day, why))
    good = sorted(set(good))
    by_person: defaultdict[str, list[Entry]] = defaultdict(list)
    for one in good:
        by_person[one.person].append(one)
    for person_id, mine in by_person.items():
        found += _of_person(problem, person_id, mine)
    empty, surplus, covered, needed = _cover(problem, good)
    found += surplus
    old = set(beside)
    changed = len(set(good) ^ old) if old else 0
    loads = [len(by_person[one.id]) for one in problem.people]
    nights = [sum(_is_night(problem, e) for e in by_person[one.id]) for one in problem.people]
    wishes = met = 0
    for person in problem.people:
        has = {(e.day, e.shift) for e in by_person[person.id]} | {
            (e.day, None) for e in by_person[person.id]
        }
        for wish in person.wishes:
            wishes += 1
            met += ((wish.day, wish.shift) in has) == wish.like
    judged = Judged(
        tuple(found),
        tuple(empty),
        needed,
        covered,
        min(loads, default=0),
        max(loads, default=0),
        max(nights, default=0),
        wishes,
        met,
        changed,
        (),
    )
    return _with_words(problem, judged, compared=bool(old))


def _of_person(problem: Problem, person_id: str, mine: list[Entry]) -> list[Fault]:
    person = problem.person_of[person_id]
    found: list[Fault] = []
    for one in mine:
        if one.day in person.away:
            why = said("第 {day} 天请了假的人排了班。", day=one.day + 1)
            found.append(Fault("away", person_id, one.day, why))
        wanted = problem.post_of[one.post].skill
        if wanted and wanted not in person.skills:
            name = problem.skill_names.get(wanted, wanted)
            why = said("第 {day} 天排了没有“{skill}”技能的人。", day=one.day + 1, skill=name)
            found.append(Fault("skill", person_id, one.day, why))
    most = min((n for n in (person.most, problem.most_shifts) if n is not None), default=None)
    if most is not None and len(mine) > most:
        why = said("有人排了 {has} 班,最多 {most} 班。", has=len(mine), most=most)
        found.append(Fault("too_many", person_id, None, why))
    stints = [problem.stint(one.day, one.shift) for one in mine]
    booked = {(b.kind, b.begins, b.ends) for b in faults(person.before, problem.limits)}
    for breach in faults([*person.before, *stints], problem.limits):
        if (breach.kind, breach.begins, breach.ends) not in booked and breach.ends > 0:
            day = max(0, breach.begins // 1440)
            counted = str if breach.kind in ("days", "nights") else hours_words
            why = said(
                _TIRED[breach.kind],
                day=day + 1,
                has=counted(breach.has),
                most=counted(breach.limit),
            )
            found.append(Fault(breach.kind, person_id, day, why))
    return found


def _cover(problem: Problem, good: list[Entry]) -> tuple[list[Empty], list[Fault], int, int]:
    wanted: Counter[tuple[int, str, str]] = Counter()
    for need in problem.needs:
        wanted[need.day, need.shift, need.post] += need.count
    there = Counter((one.day, one.shift, one.post) for one in good)
    empty = [
        Empty(day, shift, post, count - there[day, shift, post], problem.post_of[post].gate)
        for (day, shift, post), count in sorted(wanted.items())
        if there[day, shift, post] < count
    ]
    surplus: list[Fault] = []
    for (day, shift, post), count in sorted(there.items()):
        if count > wanted[day, shift, post]:
            why = said("第 {day} 天一个岗位多排了人。", day=day + 1)
            surplus.append(Fault("surplus", "", day, why))
    covered = sum(min(there[key], count) for key, count in wanted.items())
    return empty, surplus, covered, sum(wanted.values())


def _is_night(problem: Problem, entry: Entry) -> bool:
    one = problem.shift_of[entry.shift]
    limits = problem.limits
    for dusk in (limits.night_from - 1440, limits.night_from):
        shared = min(one.ends, dusk + limits.night_minutes) - max(one.begins, dusk)
        if shared >= max(1, limits.night_least):
            return True
    return False


def _with_words(problem: Problem, judged: Judged, *, compared: bool) -> Judged:
    told: list[Sentence] = []
    if judged.faults:
        told.append(said("有 {count} 处不能这样排。", count=judged.hard))
    if judged.missing:
        told.append(
            said(
                "{needed} 个岗次里有 {missing} 个空着,其中门岗 {gates} 个。",
                needed=judged.needed,
                missing=judged.missing,
                gates=judged.gates_open,
            )
        )
    else:
        told.append(said("{needed} 个岗次都有人。", needed=judged.needed))
    told.append(
        said(
            "每人 {fewest} 到 {most} 班,夜班最多 {nights} 个。",
            fewest=judged.fewest,
            most=judged.most,
            nights=judged.most_nights,
        )
    )
    if judged.wishes:
        told.append(
            said(
                "{wishes} 个愿望满足了 {met} 个。", wishes=judged.wishes, met=judged.wishes_met
            )
        )
    if compared:
        told.append(said("和原来的表相比,换下换上共 {changed} 人次。", changed=judged.changed))
    return replace(judged, sentences=tuple(told))
