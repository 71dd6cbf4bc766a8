"""`wangge bench offers`: four weeks of events offered one by one as they come, by our rule and by the
nearest skilled person, in the same town. `--data FILE` takes the moments of a public event file (a CSV,
gzipped or not, with a column `open_dt`); the places are invented.

Who is on duty in which shift decides how even hours can be at all: where the same people have all nights
and nights are quiet, nobody can give them as much as the others (`gini_least`). So the town stands twice:
with shifts that stay, and turning, each week the next shift, as a fair roster shares out nights.
"""

import csv
import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import hypot
from pathlib import Path
from random import Random
from time import perf_counter

from wangge.bench.options import options
from wangge.bench.rows import Row, percentile, show
from wangge.solvers.fatigue import DAY, HOUR, Limits, Stint, faults
from wangge.solvers.offers import Open, Worker, choose

EVENTS, PEOPLE, WEEKS, SEED = 12_353, 240, 4, 141
COMMUNITIES, GRIDS = 8, 4
SKILLS = ("door", "medical", "goods", "repair")
LIMITS = Limits(longest=12 * HOUR, rest=8 * HOUR, days=6, week=60 * HOUR)
SHIFTS = (7 * HOUR, 15 * HOUR, 23 * HOUR)
Rule = Callable[[Open, list[Worker]], tuple[Worker | None, float]]


@dataclass(frozen=True, slots=True)
class Offered(Row):
    """`mean`, `p95`, `worst` minutes until somebody is there; `room` events that go to the street's
    room, since nobody around may go; `breaches` of hours over everything; `busiest` person's hours;
    `gini` of hours, and the least it could be with these people on duty then, whoever is chosen."""

    mean: float | None = None
    p95: float | None = None
    worst: float | None = None
    room: int | None = None
    breaches: int | None = None
    busiest: float | None = None
    gini: float | None = None
    gini_least: float | None = None


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--events N`, `--people N`, `--seed N`, `--data FILE`."""
    asked = options("offers", rest, events=EVENTS, people=PEOPLE, seed=SEED, data=Path)
    moments = _moments(asked.data, asked.events) if asked.data else None
    events = _events(asked.events, asked.seed, moments)
    for turning, name in ((False, "offers"), (True, "offers turning")):
        for end, rule in (("", _ours), (" nearest skilled", _nearest)):
            town = _town(asked.people, asked.seed, turning=turning)
            show(_replay(name + end, events, town, rule), as_json=as_json)
    return 0


def _ours(task: Open, workers: list[Worker]) -> tuple[Worker | None, float]:
    found = choose(task, workers, LIMITS)
    return found.worker, found.arrives


def _nearest(task: Open, workers: list[Worker]) -> tuple[Worker | None, float]:
    """The usual rule: whoever of the skill and shift is nearest, whatever they have to do already."""
    able = [
        one
        for one in workers
        if task.skill in one.skills and one.on_from <= task.at < one.on_until
    ]
    if not able:
        return None, task.at
    one = min(able, key=lambda w: hypot(w.x - task.x, w.y - task.y))
    way = hypot(one.x - task.x, one.y - task.y) / one.pace
    return one, max(task.at, one.free_at) + way


def _replay(name: str, events: Sequence[Open], town: list[list[Worker]], rule: Rule) -> Offered:
    began = perf_counter()
    waits: list[float] = []
    room = 0
    for task in events:
        one, arrives = rule(task, town[_shift(task)])
        if one is None:
            room += 1
            continue
        waits.append(arrives - task.at)
        one.free_at = arrives + task.minutes
        one.worked += task.minutes
        one.x, one.y = task.x, task.y
    took = perf_counter() - began
    people: dict[str, tuple[float, list[Stint]]] = {}
    for crew in town:
        for one in crew:
            before, stints = people.setdefault(one.id, (0.0, []))
            ends = max(one.on_until, int(one.free_at))
            stints.append(Stint(one.on_from, ends))
            people[one.id] = before + one.worked / 60, stints
    waits.sort()
    hours = [sum_ for sum_, _ in people.values()]
    return Offered(
        name,
        len(events),
        round(took, 2),
        round(len(events) / took),
        mean=round(sum(waits) / max(1, len(waits)), 1),
        p95=round(percentile(waits, 0.95), 1),
        worst=round(waits[-1], 1) if waits else None,
        room=room,
        breaches=sum(len(faults(stints, LIMITS)) for _, stints in people.values()),
        busiest=round(max(hours), 1),
        gini=round(_gini(hours), 3),
        gini_least=abs(round(_least(events, town), 3)),
    )


def _gini(hours: Sequence[float]) -> float:
    hours, whole = sorted(hours), sum(hours) or 1.0
    return sum((2 * n - len(hours) + 1) * h for n, h in enumerate(hours)) / (len(hours) * whole)


def _shift(task: Open) -> int:
    return int(task.at - SHIFTS[0]) // (8 * HOUR)


def _least(events: Sequence[Open], town: list[list[Worker]]) -> float:
    """No rule that gives out every event among those on duty makes hours more even: people of one time of
    day, who can never take an event of another, share theirs to the minute."""
    times: dict[str, set[int]] = {}
    for at, crew in enumerate(town):
        for one in crew:
            times.setdefault(one.id, set()).add(at % 3)
    group = {at: {at} for at in range(3)}  # times of day that somebody serves at both of
    for mine in times.values():
        joined = set[int]().union(*(group[at] for at in mine))
        group |= dict.fromkeys(joined, joined)
    work = dict.fromkeys(range(3), 0.0)
    for task in events:
        work[min(group[_shift(task) % 3])] += task.minutes
    crews = [min(group[min(mine)]) for mine in times.values()]
    return _gini([work[one] / crews.count(one) for one in crews])


def _place(random: Random) -> tuple[str, str, float, float]:
    """A grid, its community and a place in it: communities of 800 m in a row of two."""
    community, grid = random.randrange(COMMUNITIES), random.randrange(GRIDS)
    x = (community % 4) * 800 + (grid % 2) * 400 + random.random() * 400
    y = (community // 4) * 800 + (grid // 2) * 400 + random.random() * 400
    return f"{community}-{grid}", str(community), x, y


def _town(people: int, seed: int, *, turning: bool) -> list[list[Worker]]:
    """Who is on duty in each shift of the weeks: five days of seven, a third of them in each shift; the
    next one after each two days off, where shifts are turning."""
    random = Random(seed)
    shifts: list[list[Worker]] = [[] for _ in range(WEEKS * 7 * 3 + 1)]
    for n in range(people):
        grid, community, x, y = _place(random)
        skills = frozenset({SKILLS[n % 4], random.choice(SKILLS)})
        for day in range(WEEKS * 7):
            if (day + n) % 7 < 5:
                at = day * 3 + (n + ((day + n) // 7 if turning else 0)) % 3
                begins = SHIFTS[0] + at * 8 * HOUR
                shifts[at].append(
                    Worker(f"p{n}", grid, community, x, y, skills, begins, begins + 8 * HOUR)
                )
    return shifts


def _moments(file: Path, count: int) -> list[float]:
    """Minutes of the day and week at which a public file's events came, four weeks of them."""
    opener = gzip.open if file.suffix == ".gz" else open
    found: list[float] = []
    with opener(file, "rt", encoding="utf-8", newline="") as lines:
        first: datetime | None = None
        rows = csv.reader(lines)
        # Public files write the name in either case.
        column = [name.strip().lower() for name in next(rows)].index("open_dt")
        for row in rows:
            at = datetime.fromisoformat(row[column].replace(" UTC", ""))
            first = first or at.replace(hour=0, minute=0, second=0)
            minute = (at - first).total_seconds() / 60
            if 0 <= minute < WEEKS * 7 * DAY - 8 * HOUR:
                found.append(minute)
            if len(found) == count:
                break
    return sorted(found)


def _events(count: int, seed: int, moments: list[float] | None) -> list[Open]:
    """Events by a day's clock: few at night, most before noon and in the evening."""
    random = Random(seed + 1)
    by_hour = [2, 1, 1, 1, 1, 2, 4, 7, 10, 11, 11, 9, 8, 9, 9, 9, 8, 8, 7, 6, 5, 4, 3, 2]
    if moments is None:
        moments = sorted(
            random.randrange(WEEKS * 7 - 1) * DAY
            + random.choices(range(24), by_hour)[0] * HOUR
            + random.random() * HOUR
            for _ in range(count)
        )
    found: list[Open] = []
    for n, at in enumerate(moments):
        grid, community, x, y = _place(random)
        number = int(community)
        near = {
            str(other)
            for other in range(COMMUNITIES)
            if other != number
            and abs(other % 4 - number % 4) + abs(other // 4 - number // 4) == 1
        }
        found.append(
            Open(
                str(n),
                grid,
                community,
                x,
                y,
                at + SHIFTS[0],
                random.choice((15.0, 25.0, 40.0)),
                random.choice(SKILLS),
                frozenset(near),
            )
        )
    return found
