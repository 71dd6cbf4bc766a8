"""A whole county's stints at once: who is beyond which limit. The same definitions as the guard's,
as arithmetic on columns; a test holds the two together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wangge.solvers.fatigue.guard import Kind
from wangge.solvers.fatigue.limits import DAY, WEEK, Limits

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Cells of the table of people and days that is held at once.
_CELLS = 2_000_000


@dataclass(frozen=True, slots=True)
class Beyond:
    """Breaches of one kind as columns: whose (as given), how much (minutes, days or nights), and when
    (minutes since 1970, local)."""

    person: Numbers
    has: Numbers
    begins: Numbers
    ends: Numbers

    def __len__(self) -> int:
        return len(self.person)


def scan(person: Numbers, begins: Numbers, ends: Numbers, limits: Limits) -> dict[Kind, Beyond]:
    """Every breach of each kind; `person` are any numbers, rows come in any order.

    For `week`, every stint at whose end the last 7 days were too full, not only the fullest.
    """
    found: dict[Kind, Beyond] = {}
    if len(person) == 0:
        return found
    if bool(np.any(ends <= begins)):
        raise ValueError("a stint ends after it begins")
    start = int(begins.min()) // DAY * DAY
    begins, ends = begins - start, ends - start
    # One line of time for everybody: nobody's week reaches back into somebody else's.
    line = int(ends.max()) + WEEK + DAY
    later = begins[1:] >= begins[:-1]
    if not bool(np.all((person[1:] > person[:-1]) | ((person[1:] == person[:-1]) & later))):
        order = np.lexsort((begins, person))
        person, begins, ends = person[order], begins[order], ends[order]
    fresh = np.empty(len(person), np.bool_)
    fresh[0] = True
    np.not_equal(person[1:], person[:-1], out=fresh[1:])
    who: Numbers = np.cumsum(fresh) - 1
    names: Numbers = person[fresh]
    base = who * line
    opens: Numbers = begins + base
    reached: Numbers = np.maximum.accumulate(ends + base)
    gap = np.empty(len(person), np.int64)
    gap[0] = 0
    np.subtract(opens[1:], reached[:-1], out=gap[1:])

    def add(kind: Kind, rows: Any, has: Numbers, from_: Numbers, to: Numbers) -> None:
        if len(rows):
            found[kind] = Beyond(person[rows], has, from_ + start, to + start)

    rows = np.flatnonzero(~fresh & (gap < 0))
    until = np.minimum(ends[rows], begins[rows] - gap[rows])
    add("overlap", rows, until - begins[rows], begins[rows], until)

    begun: Flags = fresh | (gap > limits.pause)
    heads = np.flatnonzero(begun)
    tails = np.append(heads[1:], len(person)) - 1
    if limits.longest is not None:
        spans: Numbers = reached[tails] - opens[heads]
        over = np.flatnonzero(spans > limits.longest)
        rows = heads[over]
        add("longest", rows, spans[over], begins[rows], begins[rows] + spans[over])
    if limits.rest is not None:
        rows = np.flatnonzero(begun & ~fresh & (gap < limits.rest))
        add("rest", rows, gap[rows], begins[rows] - gap[rows], begins[rows])
    if limits.week is not None:
        _weeks(found, person, opens, reached, base, fresh, start, limits.week)
    if limits.days is not None or limits.nights is not None:
        _rows_of_days(found, who, names, begins, ends, start, limits)
    return found


def _weeks(
    found: dict[Kind, Beyond],
    person: Numbers,
    opens: Numbers,
    reached: Numbers,
    base: Numbers,
    fresh: Flags,
    start: int,
    most: int,
) -> None:
    """Duty in the 7 days before the end of each stint; what overlaps counts once."""
    clean = opens.copy()
    np.maximum(opens[1:], np.where(fresh[1:], opens[1:], reached[:-1]), out=clean[1:])
    # One inside of another adds nothing.
    np.minimum(clean, reached, out=clean)
    total = np.empty(len(opens) + 1, np.int64)
    total[0] = 0
    np.cumsum(reached - clean, out=total[1:])
    window = reached - WEEK
    first = np.searchsorted(reached, window, side="right")
    worked = total[1:] - total[first] - np.maximum(0, window - clean[first])
    rows = np.flatnonzero(worked > most)
    if len(rows):
        to = reached[rows] - base[rows] + start
        found["week"] = Beyond(person[rows], worked[rows], to - WEEK, to)


def _rows_of_days(
    found: dict[Kind, Beyond],
    who: Numbers,
    names: Numbers,
    begins: Numbers,
    ends: Numbers,
    start: int,
    limits: Limits,
) -> None:
    """Runs of days and nights in a table of people and days, some thousand people at a time. A column
    before the first day is for the night that began on the day before."""
    width = int(ends.max()) // DAY + 3
    step = max(1, _CELLS // width)
    days: list[tuple[Numbers, Numbers, Numbers]] = []
    nights: list[tuple[Numbers, Numbers, Numbers]] = []
    longest = int((ends - begins).max()) // DAY + 2
    for low in range(0, len(names), step):
        high = min(len(names), low + step)
        one, two = np.searchsorted(who, [low, high])
        mine, from_, to = who[one:two] - low, begins[one:two], ends[one:two]
        row = mine * width
        day = from_ // DAY
        if limits.days is not None:
            table = np.zeros((high - low) * width, np.bool_)
            table[row + day + 1] = True
            days.append(_long_runs(table, width, limits.days, names[low:high]))
        if limits.nights is not None:
            spent = np.zeros((high - low) * width, np.int64)
            for ahead in range(-1, longest):
                dusk = (day + ahead) * DAY + limits.night_from
                shared = np.minimum(to, dusk + limits.night_minutes) - np.maximum(from_, dusk)
                some = np.flatnonzero(shared > 0)
                if len(some):
                    cells = row[some] + day[some] + (ahead + 1)
                    weights = shared[some].astype(np.float64)
                    spent += np.bincount(cells, weights, len(spent)).astype(np.int64)
            table = spent >= max(1, limits.night_least)
            nights.append(_long_runs(table, width, limits.nights, names[low:high]))
    kinds: tuple[tuple[Kind, list[tuple[Numbers, Numbers, Numbers]]], ...] = (
        ("days", days),
        ("nights", nights),
    )
    for kind, parts in kinds:
        whose = np.concatenate([part[0] for part in parts]) if parts else np.empty(0, np.int64)
        if len(whose):
            first = np.concatenate([part[1] for part in parts]) * DAY + start
            length = np.concatenate([part[2] for part in parts])
            found[kind] = Beyond(whose, length, first, first + length * DAY)


def _long_runs(
    table: Flags, width: int, most: int, names: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Runs of more than so many in the rows of a table whose last column is always empty."""
    edges = np.diff(table.astype(np.int8), prepend=np.int8(0), append=np.int8(0))
    first, after = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    long = np.flatnonzero(after - first > most)
    rows, days = np.divmod(first[long], width)
    return names[rows], days - 1, after[long] - first[long]
