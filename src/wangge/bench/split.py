"""`wangge bench split`: 1,443 households in 26 stairwells of 28 floors among the fewest people for the
clock, beside PyVRP in the same run. No database takes part. The checker judges every division.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import perf_counter

from wangge.bench.options import options
from wangge.bench.rows import Row, percentile, show
from wangge.solvers import Budget, routing
from wangge.solvers.split import (
    Hand,
    Stairwell,
    Stop,
    Town,
    check,
    resplit,
    solve_team,
)
from wangge.solvers.split.files import read_town
from wangge.solvers.split.town import Team
from wangge.solvers.split.wells import Well, ways, wells_of

#: Households, stairwells, floors, persons visited at home of the estate in the reports.
HOUSEHOLDS, STAIRWELLS, FLOORS, SPECIAL = 1_443, 26, 28, 253
SECONDS, SEED = 30.0, 141


@dataclass(frozen=True, slots=True)
class Divided(Row):
    """`people` is the fewest found, `at_least` what was proved, `longest` the longest part in
    minutes, `violations` what the checker finds, `moved` the share of doors that change hands."""

    people: int | None = None
    at_least: int | None = None
    longest: float | None = None
    violations: int | None = None
    moved: float | None = None


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--data FILE` (a town as `wangge plan split` reads it), `--seconds N` for PyVRP (30; 0
    leaves it out), `--seed N`."""
    asked = options("split", rest, data=Path, seconds=SECONDS, seed=SEED)
    town = read_town(asked.data.read_bytes()) if asked.data else estate(asked.seed)
    for row in measured(town, asked.seed, asked.seconds):
        show(row, as_json=as_json)
    return 0


def estate(seed: int) -> Town:
    """Two stairwells to a building, buildings 40 m apart; two doors a floor, some walled up."""
    chance = Random(seed)
    homes = [(unit, floor) for unit in range(STAIRWELLS) for floor in range(1, FLOORS + 1)]
    doors = dict.fromkeys(homes, 2)
    for home in chance.sample(homes, 2 * len(homes) - HOUSEHOLDS):
        doors[home] -= 1
    special = dict.fromkeys(homes, 0)
    for _ in range(SPECIAL):
        special[chance.choice(homes)] += 1
    return Town(
        [
            Stairwell(
                f"u{unit}",
                f"{unit // 2 + 1}幢{unit % 2 + 1}单元",
                tuple(
                    Stop(floor, doors[unit, floor], special[unit, floor])
                    for floor in range(1, FLOORS + 1)
                ),
                True,
                f"b{unit // 2}",
                40.0 * (unit // 2 % 7) + 15.0 * (unit % 2),
                60.0 * (unit // 14),
            )
            for unit in range(STAIRWELLS)
        ],
        20.0,
    )


def measured(town: Town, seed: int, seconds: float) -> Iterator[Divided]:
    """All rows."""
    out = replace(town, stairwells=[replace(one, lift=False) for one in town.stairwells])
    cases: tuple[tuple[str, Town, Team], ...] = (
        ("split", town, "doors"),
        ("split home", town, "home"),
        ("split both", town, "both"),
        ("split lifts out", out, "doors"),
        ("split 10 minutes", replace(town, minutes=10.0), "doors"),
        ("split gate", replace(town, gate=(0.0, -50.0)), "doors"),
    )
    for name, given, team in cases:
        yield _solved(name, given, team, seed, seconds)
    yield _dropped(town, seed)


def _solved(name: str, town: Town, team: Team, seed: int, seconds: float) -> Divided:
    began = perf_counter()
    made = solve_team(town, team, None, seed=seed)
    took = perf_counter() - began
    peer = _pyvrp(town, team, seed, seconds) if name in ("split", "split both") else None
    verdict = check(_of(town, team), made.hands)
    told = None
    if peer is not None:
        told = f"PyVRP, {peer[1]:.0f} s: {peer[0] if peer[0] else 'none feasible'}"
    return Divided(
        name,
        made.works,
        round(took, 3),
        round(made.works / took, 1),
        against=told,
        ratio=None if peer is None else round(peer[1] / took, 1),
        people=made.need,
        at_least=made.bound.people,
        longest=made.longest,
        violations=len(verdict.violations),
    )


def _of(town: Town, team: Team) -> Town:
    """The town with that team's work only."""
    if team == "both":
        return town
    doors, special = int(team == "doors"), int(team == "home")
    return replace(
        town,
        stairwells=[
            replace(
                well,
                stops=tuple(
                    replace(one, doors=doors * one.doors, special=special * one.special)
                    for one in well.stops
                ),
            )
            for well in town.stairwells
        ],
    )


def _dropped(town: Town, seed: int) -> Divided:
    """Each of the people drops out once, at the start."""
    made = solve_team(town, "doors", None, seed=seed)
    spare = replace(town, minutes=town.minutes * 1.5)
    hands = [Hand(f"w{n}", hand.team, hand.runs) for n, hand in enumerate(made.hands)]
    latencies: list[float] = []
    moved, longest, wrong = 0, 0.0, 0
    for hand in hands:
        began = perf_counter()
        mended = resplit(spare, hands, [hand.worker], seed=seed)
        latencies.append((perf_counter() - began) * 1000)
        moved += mended.doors
        longest = max(longest, mended.longest)
        wrong += len(check(spare, mended.hands).violations)
    latencies.sort()
    total = sum(latencies) / 1000
    return Divided(
        "resplit",
        len(hands),
        round(total, 3),
        round(len(hands) / total, 1),
        round(percentile(latencies, 0.5), 1),
        round(percentile(latencies, 0.99), 1),
        longest=longest,
        violations=wrong,
        moved=round(moved / len(hands) / max(1, made.works), 4),
    )


def _pyvrp(
    town: Town, team: Team, seed: int, seconds: float
) -> tuple[int | None, float] | None:
    """(people, seconds): every floor a client, the same minutes for the same ways."""
    if not routing.there() or seconds <= 0:
        return None
    wells = wells_of(town, team)
    stops = [(n, stop) for n, well in enumerate(wells) for stop in range(well.size)]
    legs = _legs(town, wells, stops)
    began = perf_counter()
    made = routing.rounds(
        legs,
        legs,
        service=[0.0, *(_served(wells[n], stop) for n, stop in stops)],
        demand=[0] * (len(stops) + 1),
        capacity=1,
        vehicles=3 * len(wells),
        shift=town.minutes * 60,
        budget=Budget(10_000_000, seconds),
        seed=seed,
    )
    took = perf_counter() - began
    return (len(made.routes) if made.feasible else None), took


def _served(well: Well, stop: int) -> float:
    return well.seconds((stop, stop)) - well.climb[stop]


def _legs(
    town: Town, wells: Sequence[Well], stops: Sequence[tuple[int, int]]
) -> list[list[float]]:
    between = ways(town, wells)
    legs = [[0.0, *(wells[n].start + wells[n].climb[stop] for n, stop in stops)]]
    for a, here in stops:
        row = [0.0]
        for b, there in stops:
            well = wells[b]
            over = wells[a].leave[here] + between[a][b] + well.climb[there]
            if a == b:
                down = well.stops[here].floor - well.stops[there].floor
                foot = (town.rules.down_seconds if down > 0 else -town.rules.up_seconds) * down
                over = min(foot, wells[a].leave[here] + well.climb[there])
            row.append(over)
        legs.append(row)
    return legs
