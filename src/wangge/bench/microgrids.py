"""`wangge bench microgrids`: an invented street of 51,438 households in 638 micro-grids divided,
judged and mended, beside pymetis in the same run. No database takes part.

`propose` divides from nothing. `check` judges the town's own division and offers three steps.
`repair` mends after a change: a building of 116 households is added, in every community once.
`repair head leaves` closes one grid of every community. Every plan, the peer's too, is judged by
the checker. `moved` is the share of the households *of the community that changed* whose head is
another one; the new building's own are not counted, they had none.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from statistics import mean
from time import perf_counter, process_time
from typing import Any

from wangge.bench.options import options
from wangge.bench.rows import Row, percentile, show
from wangge.bench.streets import SEED, invented
from wangge.demo.town import Scale
from wangge.solvers.microgrids import (
    Building,
    Community,
    Head,
    Town,
    Unit,
    Verdict,
    check,
    footpaths,
    minutes_of,
    propose,
    repair,
    suggest,
)
from wangge.solvers.microgrids.bounds import floor_of, lowest_most
from wangge.solvers.microgrids.files import read_town
from wangge.solvers.microgrids.ground import grounds
from wangge.solvers.microgrids.proving import proof_by_gate
from wangge.solvers.microgrids.town import Pair, wanted_grids

SCALES: tuple[Scale, ...] = ("community", "street", "county")
#: The building that is added: 116 households, as in the trial that this follows.
NEW_UNITS = (58, 58)
#: So often the town is judged.
CHECKS = 9


@dataclass(frozen=True, slots=True)
class Divided(Row):
    """A division judged. `violations` counts what must not be, `max_mean` the heaviest grid over its
    community's mean, `buildings_split` is a share of the buildings, `moved` of the households,
    `others` of those whose head did not leave; `coarse` counts communities that are proved to allow
    no 1.25 with whole units, `unproved` those that are above it without a proof;
    `fewest` counts repairs that are proved to change no more heads than is needed."""

    violations: int | None = None
    max_mean: float | None = None
    buildings_split: float | None = None
    moved: float | None = None
    others: float | None = None
    coarse: int | None = None
    unproved: int | None = None
    fewest: int | None = None


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--scale community|street|county`, `--seed N`, `--data FILE` (a town as
    `wangge plan` reads it)."""
    asked = options(
        "microgrids", rest, scale=("street", "community", "county"), seed=SEED, data=Path
    )
    town = (
        read_town(asked.data.read_bytes()) if asked.data else invented(asked.scale, asked.seed)
    )
    if not _divided(town):
        sys.stderr.write("no community has stairwells and two micro-grids\n")
        return 1
    for row in measured(town, asked.seed):
        show(row, as_json=as_json)
    return 0


def measured(town: Town, seed: int) -> Iterator[Divided]:
    """All rows, each plan judged by the checker."""
    bare = replace(
        town, heads=(), today={}, grids=[replace(grid, head=None) for grid in town.grids]
    )
    began, cpu = perf_counter(), process_time()
    made = propose(bare, seed=seed)
    seconds, cpu = perf_counter() - began, process_time() - cpu
    peer = _pymetis(bare)
    verdict = check(bare, made.division)
    home = {one.id: one.community for one in bare.buildings}
    size = Counter(home[unit.building] for unit in bare.units)
    proved = coarse(bare) | {
        one.community for one in made.proofs if one.units == size[one.community]
    }
    yield _row(
        "propose",
        len(town.units),
        seconds,
        verdict,
        cpu_ms=round(cpu * 1000 / max(1, len(town.units)), 3),
        against=None if peer is None else "pymetis",
        ratio=None if peer is None else round(peer[1] / seconds, 4),
        coarse=len(proved),
        unproved=sum(
            one.max_mean > bare.rules.heavy + 1e-9 and one.community not in proved
            for one in verdict.fairness
        ),
    )
    if peer is not None:
        yield _row("propose pymetis", len(town.units), peer[1], check(bare, peer[0]))
    yield _check_row(town)
    settled = with_heads(replace(bare, today=dict(made.division)))
    yield _repair_row(settled, seed)
    again = _pymetis_again(bare, peer, seed)
    if again is not None:
        yield again
    yield _leaving_row(settled, seed)


def coarse(town: Town) -> set[str]:
    """Communities whose units forbid fairness, shown by counting."""
    found: set[str] = set()
    for place in grounds(town, footpaths(town)):
        parts = [[place.load[unit] for unit in part] for part in place.parts()]
        limit = place.heavy * place.mean + 1e-6
        if (
            lowest_most(parts, len(place.grids))
            if len(parts) <= len(place.grids)
            else floor_of([x for part in parts for x in part], len(place.grids)).minutes
        ) > limit:
            found.add(place.community.id)
    return found


def with_heads(town: Town) -> Town:
    """Today's grids each with a head, who lives in its first stairwell."""
    first: dict[str, str] = {}
    for unit in town.units:
        first.setdefault(town.today.get(unit.id, ""), unit.id)
    grids = [g for one in town.communities for g in wanted_grids(town, one)]
    return replace(
        town,
        grids=[replace(grid, head=f"head {grid.id}") for grid in grids],
        heads=[Head(f"head {grid.id}", first.get(grid.id)) for grid in grids],
    )


def _row(name: str, work: int, seconds: float, verdict: Verdict, **more: Any) -> Divided:
    return Divided(
        name,
        work,
        round(seconds, 3),
        round(work / seconds, 1) if seconds else 0.0,
        violations=verdict.hard,
        max_mean=verdict.max_mean,
        buildings_split=round(verdict.buildings_split / max(1, verdict.buildings), 4),
        moved=round(verdict.distance.share, 5),
        **more,
    )


def _check_row(town: Town) -> Divided:
    """The town's own division, footpaths and three steps included."""
    latencies: list[float] = []
    verdict: Verdict | None = None
    began, cpu = perf_counter(), process_time()
    for _ in range(CHECKS):
        start = perf_counter()
        paths = footpaths(town)
        verdict = check(town, town.today.items(), paths)
        suggest(town, town.today, paths=paths)
        latencies.append((perf_counter() - start) * 1000)
    assert verdict is not None
    latencies.sort()
    return _row(
        "check",
        CHECKS,
        perf_counter() - began,
        verdict,
        cpu_ms=round((process_time() - cpu) * 1000 / CHECKS, 1),
        p50_ms=round(percentile(latencies, 0.5), 1),
        p99_ms=round(percentile(latencies, 0.99), 1),
    )


def _built(town: Town, community: Community) -> Town:
    """The town after a building was added beside the middle unit of a community."""
    there = {one.id for one in town.buildings if one.community == community.id}
    units = [unit for unit in town.units if unit.building in there]
    beside = units[len(units) // 2]
    name = f"new {community.id}"
    new = [
        Unit(
            f"{name} {n}",
            name,
            f"{n}",
            households,
            households * 2,
            1,
            29,
            True,
            beside.x + 12.0 * n,
            beside.y + 10.0,
        )
        for n, households in enumerate(NEW_UNITS, 1)
    ]
    return replace(
        town,
        buildings=[*town.buildings, Building(name, "new", community.id)],
        units=[*town.units, *new],
    )


def _divided(town: Town) -> list[Community]:
    """Communities with stairwells and at least two grids."""
    lived = {unit.building for unit in town.units}
    there = {one.community for one in town.buildings if one.id in lived}
    return [
        one for one in town.communities if one.id in there and len(wanted_grids(town, one)) > 1
    ]


def _repair_row(settled: Town, seed: int) -> Divided:
    """A building comes to every community, once."""
    made: list[_Mended] = []
    for community in _divided(settled):
        town = _built(settled, community)
        made.append(_repaired(settled, town, town, community.id, seed))
    return _mended("repair", made)


def _leaving_row(settled: Town, seed: int) -> Divided:
    """The head of one grid of every community leaves and nobody follows. Its own households get another head
    whatever one does: `others` are those besides."""
    made: list[_Mended] = []
    for community in _divided(settled):
        grids = [grid for grid in settled.grids if grid.community == community.id]
        gone = grids[len(grids) // 2]
        after = replace(settled, grids=[grid for grid in settled.grids if grid is not gone])
        made.append(_repaired(settled, settled, after, community.id, seed, gone.id))
    return _mended("repair head leaves", made)


@dataclass(frozen=True, slots=True)
class _Mended:
    """One repair: how long it took, what the checker says, what was moved."""

    ms: float
    hard: int
    worst: float
    moved: float
    cpu: float = 0.0
    others: float | None = None
    split: float | None = None
    coarse: bool = False
    unproved: bool = False
    fewest: int = 0


def _repaired(
    settled: Town, before: Town, after: Town, community: str, seed: int, gone: str | None = None
) -> _Mended:
    """Mend one community of a town; `after` is the town that the checker judges."""
    start, cpu = perf_counter(), process_time()
    close = [] if gone is None else [gone]
    mended = repair(before, seed=seed, close=close, only=[community])
    seconds, cpu = perf_counter() - start, process_time() - cpu
    verdict = check(after, mended.division)
    worst = next(one.max_mean for one in verdict.fairness if one.community == community)
    too_heavy = worst > after.rules.heavy + 1e-4
    proved = too_heavy and (community in coarse(after) or _gated(after, community))
    whole = _households(settled, community)
    own = sum(unit.households for unit in settled.units if settled.today[unit.id] == gone)
    return _Mended(
        seconds * 1000,
        verdict.hard,
        worst,
        verdict.distance.households / whole,
        cpu * 1000,
        (verdict.distance.households - own) / whole,
        verdict.buildings_split / verdict.buildings,
        proved,
        too_heavy and not proved,
        mended.proved,
    )


def _gated(town: Town, community: str) -> bool:
    """Whether it is counted that what lies behind one stairwell is too much, heads living where they do."""
    return any(
        place.community.id == community and proof_by_gate(place, {}) is not None
        for place in grounds(town, footpaths(town))
    )


def _mended(name: str, made: Sequence[_Mended]) -> Divided:
    ordered = sorted(one.ms for one in made)
    seconds = sum(ordered) / 1000
    ours = [one for one in made if one.others is not None]
    return Divided(
        name,
        len(made),
        round(seconds, 3),
        round(len(made) / seconds, 1) if seconds else 0.0,
        round(percentile(ordered, 0.5), 1),
        round(percentile(ordered, 0.99), 1),
        cpu_ms=round(mean(one.cpu for one in made), 1) if ours else None,
        violations=sum(one.hard for one in made),
        max_mean=round(max(one.worst for one in made), 4),
        buildings_split=round(made[-1].split, 4) if made[-1].split is not None else None,
        moved=round(mean(one.moved for one in made), 5),
        others=round(mean(one.others or 0.0 for one in ours), 5) if ours else None,
        coarse=sum(one.coarse for one in made) if ours else None,
        unproved=sum(one.unproved for one in made) if ours else None,
        fewest=sum(one.fewest for one in made) if ours else None,
    )


def _households(town: Town, community: str) -> int:
    there = {one.id for one in town.buildings if one.community == community}
    return sum(unit.households for unit in town.units if unit.building in there) or 1


# -- the peer ----------------------------------------------------------------------------------


def _pymetis(town: Town) -> tuple[list[Pair], float] | None:
    """pymetis a community, contiguous, ten cuts, weighed by minutes; None where it is missing."""
    try:
        metis: Any = import_module("pymetis")
    except ModuleNotFoundError:
        sys.stderr.write("pymetis is not installed; nothing to compare with\n")
        return None
    division: list[Pair] = []
    began = perf_counter()
    for place in grounds(town, footpaths(town)):
        grids = len(place.grids)
        connected = len(place.parts()) == 1
        options = metis.Options(contig=int(connected), ncuts=10, seed=SEED)
        _, label = metis.part_graph(
            grids,
            adjacency=place.next_to,
            vweights=[max(1, round(minutes_of(unit, town.rules) * 10)) for unit in place.units],
            options=options,
            recursive=False,
        )
        division += [
            (unit.id, place.grids[grid].id)
            for unit, grid in zip(place.units, list[int](label), strict=True)
        ]
    return division, perf_counter() - began


def _pymetis_again(
    town: Town, peer: tuple[list[Pair], float] | None, seed: int
) -> Divided | None:
    """pymetis run anew after the same buildings, its grids named by what they share most."""
    if peer is None:
        return None
    before = dict(peer[0])
    households = {unit.id: unit.households for unit in town.units}
    made: list[_Mended] = []
    for community in _divided(town):
        changed = _built(town, community)
        again = _pymetis(changed)
        assert again is not None
        shared: dict[Pair, int] = {}
        for unit, grid in again[0]:
            if unit in before:
                pair = (grid, before[unit])
                shared[pair] = shared.get(pair, 0) + households[unit]
        named: dict[str, str] = {}
        for (grid, old), _ in sorted(shared.items(), key=lambda one: (-one[1], one[0])):
            if grid not in named and old not in named.values():
                named[grid] = old
        moved = sum(
            households[unit]
            for unit, grid in again[0]
            if unit in before and named.get(grid) != before[unit]
        )
        verdict = check(changed, again[0])
        worst = next(one.max_mean for one in verdict.fairness if one.community == community.id)
        share = moved / _households(town, community.id)
        made.append(_Mended(again[1] * 1000, verdict.hard, worst, share))
    return _mended("repair pymetis", made)
