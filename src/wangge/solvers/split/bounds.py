"""How few people it takes at least: what nobody can do in the time, counted.

Give every floor a weight. If no route whatever can collect more than `most` within the clock, then
`total / most` people are needed, rounded up: for any weights. The most is found by a knapsack over
stairwells in which all that is uncertain is taken in favour of fewer people: the shortest way
between any two entrances, and the last stairwell counted twice if that helps. Where plain weights do not
prove the count, the best are looked for (`prices`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd

from wangge.solvers.split.prices import priced
from wangge.solvers.split.wells import Well

_NEVER = float("inf")
#: Weights of a whole stairwell are brought to about so many steps, for the table's sake.
STEPS = 60
#: Tables larger than this are not made: what the densest floors allow in the time is taken for it.
WORK = 400_000


@dataclass(frozen=True, slots=True)
class Bound:
    """At least so many `people`: together there are `total` weights, one route collects `most`.
    `doors` is whether the weights are doors (or visits), which can be said in words."""

    people: int
    total: int = 0
    most: int = 0
    doors: bool = False


def at_least(
    wells: Sequence[Well],
    ways: Sequence[Sequence[float]],
    limit: float,
    enough: int,
    *,
    deep: bool = True,
) -> Bound:
    """The best count that was found; looks no further once it reaches `enough`, and for prices only when
    `deep`. `limit` in seconds."""
    if not wells:
        return Bound(0)
    best = Bound(1)
    step = min(
        (way for n, row in enumerate(ways) for m, way in enumerate(row) if n != m), default=0.0
    )
    for number, weigh in enumerate(_WEIGHTS):
        weights = _scaled([weigh(well) for well in wells], exact=number < 2)
        total = sum(map(sum, weights))
        most = _most(wells, weights, step, limit)
        if not total or not most:
            continue
        people = -(-total // most)
        if people > best.people:
            scale = sum(sum(well.works) for well in wells)
            exact = number == 0
            best = Bound(
                people,
                scale if exact else total,
                most * scale // total if exact else most,
                exact,
            )
        if best.people >= enough:
            break
    people = priced(wells, ways, limit, enough) if deep and best.people < enough else 0
    return Bound(people) if people > best.people else best


def _works(well: Well) -> list[float]:
    return [float(work) for work in well.works]


def _floors(well: Well) -> list[float]:
    return [1.0] * well.size


def _served(well: Well) -> list[float]:
    """What a floor takes with the way down to it."""
    return [done - (well.passed[n - 1] if n else 0.0) for n, done in enumerate(well.passed)]


def _all(well: Well) -> list[float]:
    """The same, and the way up shared out evenly."""
    return [seconds + well.climb[0] / well.size for seconds in _served(well)]


_WEIGHTS: tuple[Callable[[Well], list[float]], ...] = (_works, _floors, _served, _all)


def _scaled(weights: Sequence[Sequence[float]], *, exact: bool) -> list[list[int]]:
    if exact:
        whole = [[int(one) for one in row] for row in weights]
        divisor = reduce(gcd, (one for row in whole for one in row), 0) or 1
        return [[one // divisor for one in row] for row in whole]
    heaviest = max(map(sum, weights)) or 1.0
    return [[round(one * STEPS / heaviest) for one in row] for row in weights]


def _most(
    wells: Sequence[Well], weights: Sequence[Sequence[int]], step: float, limit: float
) -> int:
    """The most that one route can collect, or more; 0 where nothing can be said."""
    budget = limit + step + 1e-6
    least_start = min(well.start for well in wells)
    budget -= least_start
    kinds: Counter[tuple[object, ...]] = Counter()
    first: dict[tuple[object, ...], int] = {}
    for n, well in enumerate(wells):
        key = (well.shape, tuple(weights[n]))
        kinds[key] += 1
        first.setdefault(key, n)
    last = [
        (value, seconds + step)
        for key in kinds
        for value, seconds in _options(wells[first[key]], weights[first[key]], leave=False)
    ]
    if not last:
        return 0
    # Whoever goes on has a last run after it.
    room = budget - min(seconds for _, seconds in last)
    going: list[tuple[int, list[tuple[int, float]]]] = []
    top = 0
    for sort, count in kinds.items():
        n = first[sort]
        options = [
            (value, seconds + step)
            for value, seconds in _options(wells[n], weights[n], leave=True)
            if seconds + step <= room
        ]
        if options:
            fastest = min(seconds for _, seconds in options)
            times = min(count, int(room / fastest) + 1 if fastest > 0 else count)
            going.append((times, options))
            top += times * max(value for value, _ in options)
    if any(seconds <= 0 for _, options in going for _, seconds in options):
        return 0
    # Nobody collects more than all, and no more than the densest weights allow in the time.
    densest = max(
        (value / seconds for _, options in going for value, seconds in options), default=0.0
    )
    top = min(top, int(densest * max(0.0, room)) + 1)
    if top * sum(times * len(options) for times, options in going) > WORK:
        return top + max(value for value, _ in last)
    table = [0.0] + [_NEVER] * top
    for times, options in going:
        for _ in range(times):
            after = list(table)
            for value, seconds in options:
                for held in range(top + 1 - value):
                    told = table[held] + seconds
                    if told < after[held + value] and told <= room:
                        after[held + value] = told
            if after == table:
                break
            table = after
    best = 0
    for value, seconds in last:
        left = budget - seconds
        if left < 0:
            continue
        held = max(one for one, told in enumerate(table) if told <= left)
        best = max(best, value + held)
    return best


def _options(well: Well, weights: Sequence[int], *, leave: bool) -> Iterator[tuple[int, float]]:
    """(weight, seconds) of the runs worth considering: none lighter and slower than another."""
    least: dict[int, float] = {}
    for first in range(well.size):
        value = 0
        for end in range(first, well.size):
            value += weights[end]
            seconds = well.seconds((first, end)) + (well.leave[end] if leave else 0.0)
            if value and seconds < least.get(value, _NEVER):
                least[value] = seconds
    kept = _NEVER
    for value in sorted(least, reverse=True):
        if least[value] < kept:
            kept = least[value]
            yield value, kept
