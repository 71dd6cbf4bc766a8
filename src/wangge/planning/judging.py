"""What a division is worth, in what people read: one sentence, the balance by micro-grid, the steps.

The solvers' checker judges; nothing here decides anything.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.said import said as keep
from wangge.planning.town import Situation
from wangge.solvers.microgrids import Move, Verdict, check, minutes_of, steps, suggest
from wangge.solvers.words import Sentence

#: Steps the check page offers.
BEST = 3
#: The checker's count of what must not be, which stands over the list of it.
_HARD_COUNTED = "有 {count} 处必须改正。"


@dataclass(frozen=True, slots=True)
class Line:
    """What a micro-grid carries, and who heads it. Minutes are of one round; `ratio` is over the
    community's mean; `state` is heavy, light, fair or empty. `was` are its minutes today."""

    code: str
    name: str
    head: str
    head_id: UUID | None
    home_id: UUID | None
    units: int
    households: int
    people: int
    special: int
    minutes: float
    ratio: float
    was: float
    state: str


@dataclass(frozen=True, slots=True)
class Step:
    """Stairwells that go from one area to another together; `key` names the step in a form. `another_grid`:
    they get another grid worker too. `new_head`: their households get another head."""

    key: str
    units: tuple[str, ...]
    from_code: str | None
    to_code: str
    households: int
    why: str
    another_grid: bool
    new_head: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A division as people read it. Sentences are kept ones (`kernel.said`)."""

    headline: str
    others: tuple[str, ...]
    hard: tuple[str, ...]
    lines: tuple[Line, ...]
    mean: float
    max_mean: float
    min_mean: float
    households: int
    moved_units: int
    moved_households: int
    share: float
    buildings: int
    buildings_split: int
    fair: bool


def kept(sentence: Sentence) -> str:
    """A solver's sentence, to be kept and read in either language."""
    return keep(sentence.text, **sentence.values)


def judge(found: Situation, division: Mapping[str, str]) -> Judged:
    """Judge any division of the community, today's too."""
    verdict = check(found.town, division.items(), found.paths)
    today = {line: 0.0 for line in found.grids}
    minutes = {unit.id: minutes_of(unit, found.town.rules) for unit in found.town.units}
    for unit, code in found.town.today.items():
        today[code] += minutes[unit]
    rules = found.town.rules
    lines: list[Line] = []
    for load in verdict.loads:
        head = found.heads.get(load.grid)
        state = (
            "empty"
            if not load.units
            else "heavy"
            if load.ratio > rules.heavy + 1e-9
            else "light"
            if load.ratio < rules.light - 1e-9
            else "fair"
        )
        lines.append(
            Line(
                load.grid,
                found.called[load.grid],
                head.name if head else "",
                head.staff_id if head else None,
                head.unit_id if head else None,
                load.units,
                load.households,
                load.people,
                load.special,
                load.minutes,
                load.ratio,
                round(today[load.grid], 2),
                state,
            )
        )
    fairness = verdict.fairness[0]
    first = headline(verdict)
    hard = [one.why for one in verdict.violations if one.hard]
    told = {str(one) for one in (first, *hard)}
    return Judged(
        kept(first),
        tuple(kept(one) for one in _others(verdict, told)),
        tuple(kept(one) for one in hard),
        tuple(lines),
        fairness.mean,
        fairness.max_mean,
        fairness.min_mean,
        sum(line.households for line in lines),
        verdict.distance.units,
        verdict.distance.households,
        verdict.distance.share,
        verdict.buildings,
        verdict.buildings_split,
        all(line.state == "fair" for line in lines),
    )


def _others(verdict: Verdict, told: Collection[str]) -> list[Sentence]:
    """What the checker says besides what stands by itself: the headline, what must not be and how many those
    are."""
    return [
        one for one in verdict.sentences if str(one) not in told and one.text != _HARD_COUNTED
    ]


def headline(verdict: Verdict) -> Sentence:
    """Which is unfair and why, in one sentence: the heaviest that is too heavy, else what must not be,
    else the lightest that is too light, else how even it lies."""
    ratio = {load.grid: load.ratio for load in verdict.loads}
    heavy = [one for one in verdict.violations if one.kind == "too_heavy"]
    if heavy:
        return max(heavy, key=lambda one: ratio[one.grid or ""]).why
    hard = [one for one in verdict.violations if one.hard]
    if hard:
        return hard[0].why
    light = [one for one in verdict.violations if one.kind in ("too_light", "empty")]
    if light:
        return min(light, key=lambda one: ratio[one.grid or ""]).why
    return verdict.sentences[0]


def offered(found: Situation, division: Mapping[str, str]) -> list[Step]:
    """The steps from today's division to another, those with most households first."""
    return [step_of(found, one) for one in steps(found.town, division, found.paths)]


def best_steps(found: Situation, *, across: bool = False) -> list[Step]:
    """The best single steps for today's division; without `across` none leaves its grid."""
    paths = [
        (a, b) for a, b in found.paths if across or found.where[a][:15] == found.where[b][:15]
    ]
    return [step_of(found, one) for one in suggest(found.town, found.town.today, BEST, paths)]


def step_of(found: Situation, one: Move) -> Step:
    """A solver's step, with what people want to know of it."""
    was, to = one.from_grid, one.to_grid
    before = found.heads.get(was) if was else None
    after = found.heads.get(to)
    return Step(
        f"{was or ''}>{to}",
        one.units,
        was,
        to,
        one.households,
        kept(one.why),
        any(found.where[unit][:15] != to[:15] for unit in one.units),
        before is None or after is None or before.staff_id != after.staff_id,
    )


def heads_change(found: Situation, some: Sequence[Step]) -> int:
    """Households that get another head by these steps."""
    return sum(step.households for step in some if step.new_head)
