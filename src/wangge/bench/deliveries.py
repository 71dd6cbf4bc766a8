"""`wangge bench deliver-plan`: a pack for each of a street's households from the depot to its door; with
`--data PATH` the CVRPLIB instances there, each beside the best-known length in its .sol file.

Instances are read where the user has them, never shipped. Every plan is judged anew.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import mean
from time import perf_counter

from wangge.bench.options import options
from wangge.bench.rows import Row, show
from wangge.bench.streets import SEED, invented
from wangge.solvers import Budget, routing
from wangge.solvers.deliveries import (
    Drop,
    Floor,
    Order,
    Rules,
    Stairwell,
    check,
    deliver,
)
from wangge.solvers.deliveries.cvrplib import judge, read_instance, read_solution
from wangge.solvers.deliveries.twofold import solve_twofold
from wangge.solvers.microgrids.floors import spread

SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Delivered(Row):
    """`shortage` and `double` are packs at the doors, `violations` all that the checker finds,
    `people` hands for the hour and `at_least` what it takes; `gap` over the best-known length."""

    shortage: int | None = None
    double: int | None = None
    violations: int | None = None
    people: int | None = None
    at_least: int | None = None
    vans: int | None = None
    longest: float | None = None
    gap: float | None = None


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--data PATH` (.vrp beside .sol), `--seconds N` an instance (30), `--only PART` of a
    name, `--seed N`."""
    asked = options("deliver-plan", rest, data=Path, seconds=SECONDS, only="", seed=SEED)
    if not routing.there():
        sys.stderr.write("pyvrp is not installed\n")
        return 1
    rows = (
        _instances(asked.data, asked.seconds, asked.only, asked.seed)
        if asked.data
        else _street(asked.seed)
    )
    for row in rows:
        show(row, as_json=as_json)
    return 0


def street(seed: int) -> Order:
    """The invented street: a van stops at every building."""
    town = invented("street", seed)
    names = {one.id: one.name for one in town.buildings}
    drops: dict[str, Drop] = {}
    places: list[Stairwell] = []
    for unit in town.units:
        drops.setdefault(
            unit.building, Drop(unit.building, names[unit.building], unit.x, unit.y)
        )
        places.append(
            Stairwell(
                unit.id,
                names[unit.building] + unit.name,
                unit.building,
                tuple(
                    Floor(n, doors, doors)
                    for n, doors in enumerate(spread(unit.households, unit.floors), 1)
                    if doors
                ),
                unit.lift,
            )
        )
    x = mean(one.x for one in drops.values())
    y = mean(one.y for one in drops.values())
    return Order(list(drops.values()), places, (x, y))


def _street(seed: int) -> Iterator[Delivered]:
    order = street(seed)
    began = perf_counter()
    made = deliver(order, seed=seed)
    took = perf_counter() - began
    verdict = check(order, made.carriers, made.trips)
    yield Delivered(
        "deliver-plan street",
        made.packs,
        round(took, 2),
        round(made.packs / took, 1),
        shortage=verdict.shortage,
        double=verdict.double,
        violations=len(verdict.violations),
        people=sum(one.need or 0 for one in made.drops),
        at_least=sum(one.at_least for one in made.drops),
        vans=made.vans,
        longest=made.van_longest,
    )
    for name, rules, lift in (
        ("trolley", Rules(), True),
        ("trolley of 40", Rules(trolley_kg=200.0), True),
        ("by hand, lift", Rules(trolley_kg=10.0), True),
        ("by hand, no lift", Rules(), False),
    ):
        yield _hundred(name, rules, lift)


def _hundred(name: str, rules: Rules, lift: bool) -> Delivered:
    """A hundred packs of 5 kg in two stairwells by one pair of hands."""
    floors = tuple(Floor(n, 2, 2) for n in range(1, 26))
    places = [Stairwell(f"u{n}", f"{n}", "d", floors, lift) for n in (1, 2)]
    order = Order([Drop("d", "d", 0.0, 0.0, 1)], places, rules=rules)
    began = perf_counter()
    made = deliver(order)
    took = perf_counter() - began
    return Delivered(
        f"deliver-plan 100 packs, {name}",
        made.packs,
        round(took, 4),
        round(made.packs / took, 1),
        people=made.drops[0].need,
        at_least=made.drops[0].at_least,
        longest=made.drops[0].longest,
    )


def _instances(folder: Path, seconds: float, only: str, seed: int) -> Iterator[Delivered]:
    gaps: list[float] = []
    spent = 0.0
    for file in sorted(folder.rglob("*.vrp")):
        if only not in file.name:
            continue
        instance = read_instance(file.read_bytes())
        began = perf_counter()
        tours = solve_twofold(instance, budget=Budget(10_000_000, seconds), seed=seed)
        took = perf_counter() - began
        spent += took
        length, wrong = judge(instance, tours)
        known = _known(file)
        gap = None if known is None else round(length / known - 1, 5)
        if gap is not None:
            gaps.append(gap)
        yield Delivered(
            f"deliver-plan {instance.name}",
            len(instance.points) - 1,
            round(took, 2),
            round((len(instance.points) - 1) / took, 1),
            against=None if known is None else f"best known {ceil(known)}",
            violations=len(wrong),
            vans=len(tours),
            longest=float(length),
            gap=gap,
        )
    if gaps:
        yield Delivered(
            "deliver-plan mean",
            len(gaps),
            round(spent, 1),
            round(len(gaps) / spent, 4),
            against="best known",
            gap=round(mean(gaps), 5),
        )


def _known(file: Path) -> float | None:
    beside = file.with_suffix(".sol")
    if not beside.exists():
        return None
    return read_solution(beside.read_bytes())[1]
