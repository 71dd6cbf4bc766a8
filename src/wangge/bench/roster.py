"""`wangge bench roster`: a fortnight of 94 people at 968 posts, and the same when five fall ill. Every
roster is judged by the checker, which shares no code with what makes them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import perf_counter

from wangge.bench.options import options
from wangge.bench.rows import Row, show
from wangge.solvers import Budget
from wangge.solvers.fatigue import HOUR, Limits
from wangge.solvers.shifts import Need, Person, Post, Problem, Shift, check
from wangge.solvers.shifts.files import read_problem
from wangge.solvers.shifts.making import Effort, Made, make, mend

PEOPLE, DAYS, PLACES, ILL, SEED = 94, 14, 968, 5, 141
SECONDS = 30.0
LIMITS = Limits(longest=12 * HOUR, rest=11 * HOUR, days=6, nights=2, week=48 * HOUR)


@dataclass(frozen=True, slots=True)
class Rostered(Row):
    """`work` is places to fill; `missing` of them empty, `bound` proved to be empty under any roster,
    `gap` between the two as a share of the places filled; `violations` by the checker, `gates` open,
    `changed` entries, gone or come, `changed_least` proved for as few empty places, `gone` those of the ill
    themselves; `spread` between the fullest and the emptiest person's shifts."""

    missing: int | None = None
    bound: int | None = None
    gap: float | None = None
    violations: int | None = None
    gates: int | None = None
    changed: int | None = None
    changed_least: int | None = None
    gone: int | None = None
    spread: int | None = None
    proved: bool | None = None


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--seconds N` (30), `--repair-seconds N` (10), `--workers N` (8), `--seed N`,
    `--places N` (968), `--data FILE` (a problem as `wangge plan roster` reads it)."""
    asked = options(
        "roster",
        rest,
        seconds=SECONDS,
        repair_seconds=10.0,
        workers=8,
        seed=SEED,
        places=PLACES,
        data=Path,
    )
    effort = Effort(asked.workers, asked.seed)
    problem = fortnight(asked.places, asked.seed)
    if asked.data:
        problem = read_problem(asked.data.read_bytes())[0]
    began = perf_counter()
    budget = Budget(1_000_000, asked.seconds)
    made = make(problem, budget=budget, effort=effort)
    show(_row("roster", problem, made, perf_counter() - began), as_json=as_json)

    ill = {
        one.id
        for one in Random(asked.seed).sample(problem.people, min(ILL, len(problem.people)))
    }
    short = replace(
        problem,
        people=tuple(
            replace(one, away=frozenset(range(problem.days))) if one.id in ill else one
            for one in problem.people
        ),
    )
    began = perf_counter()
    budget = Budget(1_000_000, asked.repair_seconds)
    mended = mend(short, made.entries, budget=budget, effort=effort)
    took = perf_counter() - began
    gone = sum(one.person in ill for one in made.entries)
    show(_row("roster repair", short, mended, took, gone), as_json=as_json)
    return 0


def _row(name: str, problem: Problem, made: Made, seconds: float, gone: int = 0) -> Rostered:
    judged = check(problem, made.entries)
    return Rostered(
        name,
        made.needed,
        round(seconds, 2),
        round(made.needed / seconds, 1),
        missing=judged.missing,
        bound=made.missing_bound,
        gap=round((judged.missing - made.missing_bound) / max(1, judged.covered), 4),
        violations=judged.hard,
        gates=judged.gates_open,
        changed=made.changed,
        changed_least=made.changed_least,
        gone=gone,
        spread=judged.most - judged.fewest,
        proved=made.proved,
    )


def fortnight(places: int, seed: int) -> Problem:
    """An invented street at war: four skills, three shifts around the clock, fewer posts at night; a
    third of the posts are gates. Half of the people have a second skill."""
    random = Random(seed)
    shifts = (
        Shift("a", "早班", 7 * HOUR, 15 * HOUR),
        Shift("b", "中班", 15 * HOUR, 23 * HOUR),
        Shift("c", "夜班", 23 * HOUR, 31 * HOUR),
    )
    skills = {"door": 0.4, "testing": 0.2, "delivery": 0.25, "visits": 0.15}
    names = list(skills)
    people: list[Person] = []
    for n in range(PEOPLE):
        mine = {random.choices(names, list(skills.values()))[0]}
        if random.random() < 0.5:
            mine.add(random.choice(names))
        people.append(Person(f"p{n:02}", frozenset(mine)))
    posts = [
        Post(f"{skill}{n}", f"{skill} {n}", skill, gate=skill == "door")
        for skill in names
        for n in range(60)
    ]
    share = {"a": 0.42, "b": 0.38, "c": 0.20}
    needs: list[Need] = []
    quotas = [
        (skill, shift.id, day, places / DAYS * share[shift.id] * skills[skill])
        for day in range(DAYS)
        for shift in shifts
        for skill in names
    ]
    kept = 0.0
    for skill, shift, day, wanted in quotas:
        kept += wanted
        count, kept = int(kept + 1e-9), kept - int(kept + 1e-9)
        needs += [Need(day, shift, f"{skill}{n}") for n in range(count)]
    used = {one.post for one in needs}
    return Problem(
        DAYS,
        shifts,
        tuple(one for one in posts if one.id in used),
        tuple(people),
        tuple(needs),
        LIMITS,
        most_shifts=12,
    )
