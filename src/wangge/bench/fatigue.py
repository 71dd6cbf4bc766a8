"""`wangge bench fatigue`: a month of a county's stints looked through for everybody beyond a limit,
beside the same checks as a plain loop over the guard; and the guard's own time for one new stint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter

import numpy as np

from wangge.bench.options import options, table
from wangge.bench.rows import Row, show, timed
from wangge.solvers.fatigue import DAY, HOUR, Limits, Stint, breaks, faults
from wangge.solvers.fatigue.scanning import scan

PEOPLE, DAYS, SEED = 17_000, 30, 141
LIMITS = Limits(longest=12 * HOUR, rest=8 * HOUR, days=6, nights=3, week=60 * HOUR)
#: The guard is asked about so many new stints.
ASKED = 2_000


@dataclass(frozen=True, slots=True)
class Scanned(Row):
    """`work` is stints; `people` how many are beyond a limit."""

    people: int | None = None


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--people N`, `--days N`, `--seed N`, `--rounds N` of the scan (5, the middle one counts),
    `--data FILE` (a CSV of stints: `person`, `begins`, `ends`, the moments as 2026-03-16T07:00)."""
    asked = options("fatigue", rest, people=PEOPLE, days=DAYS, seed=SEED, rounds=5, data=Path)
    rows = _stints(asked.data) if asked.data else _month(asked.people, asked.days, asked.seed)
    person, begins, ends = np.array(rows, np.int64).T.copy()
    times: list[float] = []
    beyond: set[int] = set()
    for _ in range(asked.rounds):
        began = perf_counter()
        found = scan(person, begins, ends, LIMITS)
        times.append(perf_counter() - began)
        beyond = {who for one in found.values() for who in one.person.tolist()}
    ours = sorted(times)[len(times) // 2]

    began = perf_counter()
    mine: dict[int, list[Stint]] = {}
    for who, from_, to in rows:
        mine.setdefault(who, []).append(Stint(from_, to))
    plain = {who for who, stints in mine.items() if faults(stints, LIMITS)}
    theirs = perf_counter() - began
    if plain != beyond:
        raise RuntimeError("the scan and the loop disagree")
    show(
        Scanned(
            "fatigue scan",
            len(rows),
            round(ours, 3),
            round(len(rows) / ours),
            against="plain loop",
            ratio=round(theirs / ours, 1),
            people=len(beyond),
        ),
        as_json=as_json,
    )
    show(
        Scanned(
            "fatigue plain loop",
            len(rows),
            round(theirs, 3),
            round(len(rows) / theirs),
            people=len(plain),
        ),
        as_json=as_json,
    )
    spent: list[float] = []
    began = perf_counter()
    for stints in list(mine.values())[:ASKED]:
        new = Stint(stints[-1].ends + 8 * HOUR, stints[-1].ends + 16 * HOUR)
        at = perf_counter()
        breaks(stints, new, LIMITS)
        spent.append(1000 * (perf_counter() - at))
    show(timed("fatigue guard", perf_counter() - began, spent), as_json=as_json)
    return 0


def _stints(file: Path) -> list[tuple[int, int, int]]:
    """Of a file: people by number, moments in minutes, everybody's in their order."""
    numbers: dict[str, int] = {}
    return sorted(
        (numbers.setdefault(who, len(numbers)), begins, ends)
        for who, begins, ends in table(file, person=str, begins=_minutes, ends=_minutes)
    )


def _minutes(moment: str) -> int:
    read = datetime.fromisoformat(moment)
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()) // 60


def _month(people: int, days: int, seed: int) -> list[tuple[int, int, int]]:
    """Shifts with rest for most; in some weeks a double one, in others no day off; half of them cut
    by a meal, so that there are more stints than shifts."""
    random = Random(seed)
    rows: list[tuple[int, int, int]] = []
    for who in range(people):
        first = random.choice((7, 8, 15, 20))
        off = random.randrange(7)
        for day in range(days):
            if day % 7 == off and random.random() < 0.9:
                continue
            begins = day * DAY + first * HOUR
            long = 8 * HOUR
            if random.random() < 0.002:
                long = 22 * HOUR
            if random.random() < 0.6:
                rows.append((who, begins, begins + 4 * HOUR))
                rows.append((who, begins + 5 * HOUR, begins + long + HOUR))
            else:
                rows.append((who, begins, begins + long))
    return rows
