"""What a search for a roster answers: the roster, what is proved of it, how many more people it would
take; and this in words."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from wangge.solvers.fatigue import Stint
from wangge.solvers.fatigue.limits import hours_words
from wangge.solvers.running import Stopped
from wangge.solvers.shifts.fitting import alone, fits
from wangge.solvers.shifts.problem import Entry, Problem
from wangge.solvers.words import Sentence, said

#: A day, a shift and a skill.
Pool = tuple[int, str, str]
Slot = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Made:
    """A roster. `missing` people at posts, of which at least `missing_bound` are proved to be missing
    under any roster; `proved`: nothing better exists in what was searched for last; `changed` entries of
    today's, gone or come, and how many it takes at least with no more places empty; `more_least`,
    `more_enough`: so many more people are needed at least, and are enough."""

    entries: tuple[Entry, ...]
    needed: int
    missing: int
    missing_bound: int
    proved: bool
    stopped: Stopped
    changed: int
    more_least: int
    more_enough: int
    changed_least: int = 0
    sentences: tuple[Sentence, ...] = ()


def more(
    problem: Problem, stints: Mapping[Slot, Stint], lacking: Mapping[Pool, int], bound: int
) -> tuple[int, int]:
    """How many more people: at least as many as the shifts that are proved to stay empty need at a
    person's most; and enough is what dealing the empty ones out to new people takes. A shift that nobody
    at all may do is filled by no number of people."""
    limits = problem.limits
    never = {slot for slot, stint in stints.items() if not alone(stint, limits)}
    bound -= sum(count for pool, count in lacking.items() if (pool[0], pool[1]) in never)
    lacking = {pool: n for pool, n in lacking.items() if (pool[0], pool[1]) not in never}
    if not lacking:
        return 0, 0
    least = max(1, ceil(bound / _most_shifts(problem, stints)))
    fresh: list[tuple[str, list[Stint]]] = []
    for pool in sorted(lacking):
        day, shift, skill = pool
        stint = stints[day, shift]
        for _ in range(lacking[pool]):
            at = next(
                (
                    mine
                    for known, mine in fresh
                    if known == skill and fits(mine, stint, limits, problem.most_shifts)
                ),
                None,
            )
            if at is None:
                fresh.append((skill, [stint]))
            else:
                at.append(stint)
    return least, max(least, len(fresh))


def _most_shifts(problem: Problem, stints: Mapping[Slot, Stint]) -> int:
    """No fewer than anybody can do in the period: one a day, and what each limit alone allows."""
    limits = problem.limits
    days = sorted({day for day, _ in stints})
    span = days[-1] - days[0] + 1
    most = len(days)
    if limits.days is not None:
        most = min(most, span - span // (limits.days + 1))
    if limits.week is not None:
        shortest = min(one.minutes for one in stints.values())
        most = min(most, -(-span // 7) * (limits.week // shortest))
    if problem.most_shifts is not None:
        most = min(most, problem.most_shifts)
    return max(1, most)


def with_words(made: Made, problem: Problem, lacking: Mapping[Pool, int]) -> Made:
    """The answer with its sentences; `lacking` people in pools."""
    told: list[Sentence] = []
    if made.missing:
        told.append(
            said(
                "{needed} 个岗次排上了 {done} 个,还空 {missing} 个。",
                needed=made.needed,
                done=made.needed - made.missing,
                missing=made.missing,
            )
        )
        by_skill: Counter[str] = Counter()
        for (_, _, skill), count in lacking.items():
            by_skill[skill] += count
        for skill, count in sorted(by_skill.items()):
            if skill:
                name = problem.skill_names.get(skill, skill)
                told.append(said("其中缺“{skill}”{count} 个岗次。", skill=name, count=count))
        told += _never(problem, {shift for _, shift, _ in lacking})
        if made.more_enough and made.missing_bound:
            told.append(
                said(
                    "按这些限度,至少还要 {least} 人;再有 {enough} 人就够。",
                    least=made.more_least,
                    enough=made.more_enough,
                )
            )
        elif made.more_enough:
            told.append(said("再有 {enough} 人就够。", enough=made.more_enough))
        if made.missing_bound >= made.missing:
            told.append(said("已证明:人手不变、门岗不再多空时,怎样排都至少空这么多。"))
    else:
        told.append(said("{needed} 个岗次都排上了。", needed=made.needed))
    if made.changed:
        told.append(said("和原来的表相比,换下换上共 {changed} 人次。", changed=made.changed))
    return replace(made, sentences=tuple(told))


def _never(problem: Problem, shifts: set[str]) -> list[Sentence]:
    """Shifts that are longer than anybody may be on duty."""
    limits = problem.limits
    most = min(m for m in (limits.longest, limits.week, 1 << 30) if m is not None)
    return [
        said(
            "“{shift}”一班就有 {has} 小时,超过 {most} 小时,谁也不能上:请拆成两班。",
            shift=problem.shift_of[one].name or one,
            has=hours_words(stint.ends - stint.begins),
            most=hours_words(most),
        )
        for one in sorted(shifts)
        if not alone(stint := problem.stint(0, one), limits)
    ]
