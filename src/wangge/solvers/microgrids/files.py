"""Towns and plans as JSON: what `wangge plan microgrids` reads and writes (docs/plans.md)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Annotated, Any

import msgspec

from wangge.solvers.files import (
    Degrees,
    Metres,
    Plane,
    Tell,
    decoded,
    format_faults,
    position_faults,
    refuse,
    rules_faults,
    twice_faults,
    unknown_faults,
)
from wangge.solvers.files import Id as Name
from wangge.solvers.microgrids.checking import Verdict
from wangge.solvers.microgrids.moves import Move
from wangge.solvers.microgrids.proposing import Proposal
from wangge.solvers.microgrids.repairing import Repair
from wangge.solvers.microgrids.town import (
    Building,
    Community,
    Grid,
    Head,
    Rules,
    Town,
    Unit,
)
from wangge.solvers.words import Sentence, said

TOWN_FORMAT = "wangge.microgrids/1"
PLAN_FORMAT = "wangge.microgrids.plan/1"

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class _Community(msgspec.Struct, forbid_unknown_fields=True):
    id: Name
    name: str = ""
    count: Annotated[int, msgspec.Meta(ge=0, le=5_000)] | None = None


class _Building(msgspec.Struct, forbid_unknown_fields=True):
    id: Name
    community: Name
    name: str = ""
    estate: str = ""
    lon: Degrees = None
    lat: Degrees = None
    x: Metres = None
    y: Metres = None


class _Unit(msgspec.Struct, forbid_unknown_fields=True):
    id: Name
    building: Name
    households: Count
    name: str = ""
    people: Count = 0
    special: Count = 0
    floors: Annotated[int, msgspec.Meta(ge=1, le=200)] = 1
    lowest: Annotated[int, msgspec.Meta(ge=-9, le=200)] = 1
    lift: bool = False
    lon: Degrees = None
    lat: Degrees = None
    x: Metres = None
    y: Metres = None
    minutes: Annotated[float, msgspec.Meta(ge=0, le=100_000)] | None = None
    part_of: str | None = None


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    id: Name
    unit: str | None = None


class _Grid(msgspec.Struct, forbid_unknown_fields=True):
    id: Name
    community: Name
    name: str = ""
    head: str | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    communities: list[_Community]
    buildings: list[_Building]
    units: list[_Unit]
    grids: list[_Grid] = []
    heads: list[_Head] = []
    today: dict[str, str] = {}
    paths: list[tuple[str, str]] = []
    barriers: list[tuple[str, str]] = []
    rules: dict[str, float] = {}


def read_town(raw: bytes) -> Town:
    """A town from its JSON. Unreadable with every fault where something is missing, twice, or names
    what is not there."""
    file = decoded(raw, _File, TOWN_FORMAT)
    refuse(_problems(file))
    return _town(file)


def _problems(file: _File) -> Iterable[Sentence]:
    yield from format_faults(TOWN_FORMAT, file.format)
    yield from rules_faults(Rules, file.rules)
    if file.rules.get("heavy", 1.25) <= 1:
        yield said("rules 的“{name}”要大于 1。", name="heavy")
    if file.rules.get("light", 0.6) >= 1:
        yield said("rules 的“{name}”要小于 1。", name="light")
    lists: tuple[tuple[str, Iterable[Any]], ...] = (
        ("communities", file.communities),
        ("buildings", file.buildings),
        ("units", file.units),
        ("grids", file.grids),
        ("heads", file.heads),
    )
    ids: dict[str, set[str]] = {}
    for name, rows in lists:
        known = [one.id for one in rows]
        yield from twice_faults(name, known)
        ids[name] = set(known)
    links: tuple[tuple[str, str, Iterable[tuple[int, str]]], ...] = (
        (
            "buildings",
            "communities",
            ((n, b.community) for n, b in enumerate(file.buildings, 1)),
        ),
        ("units", "buildings", ((n, u.building) for n, u in enumerate(file.units, 1))),
        ("grids", "communities", ((n, g.community) for n, g in enumerate(file.grids, 1))),
        ("grids", "heads", ((n, g.head) for n, g in enumerate(file.grids, 1) if g.head)),
        ("heads", "units", ((n, h.unit) for n, h in enumerate(file.heads, 1) if h.unit)),
        ("paths", "units", ((n, u) for n, pair in enumerate(file.paths, 1) for u in pair)),
        (
            "barriers",
            "units",
            ((n, u) for n, pair in enumerate(file.barriers, 1) for u in pair),
        ),
    )
    # The home of a head may be a stairwell that the file divides by floors.
    ids["units"] |= {one.part_of for one in file.units if one.part_of}
    for name, to, pairs in links:
        yield from unknown_faults(name, to, pairs, ids[to])
    yield from position_faults({"buildings": file.buildings, "units": file.units})


def _town(file: _File) -> Town:
    plane = Plane([*file.units, *file.buildings])
    places = {one.id: plane.at(one) for one in file.buildings}
    units: list[Unit] = []
    lost = 0
    for one in file.units:
        at = plane.at(one) or places[one.building]
        if at is None:
            # Without a position a building is near to nothing but what a path names.
            lost += 1
            at = (-1e6 * lost, -1e6)
        units.append(
            Unit(
                one.id,
                one.building,
                one.name or one.id,
                one.households,
                one.people,
                one.special,
                one.floors,
                one.lift,
                at[0],
                at[1],
                one.minutes,
                one.part_of,
                one.lowest,
            )
        )
    return Town(
        [Community(one.id, one.name or one.id, one.count) for one in file.communities],
        [
            Building(one.id, one.name or one.id, one.community, one.estate)
            for one in file.buildings
        ],
        units,
        [Grid(one.id, one.name or one.id, one.community, one.head) for one in file.grids],
        [Head(one.id, one.unit) for one in file.heads],
        file.today,
        file.paths,
        file.barriers,
        Rules(**file.rules),
    )


def town_json(town: Town) -> dict[str, Any]:
    """A town as `read_town` reads it."""

    def rows(things: Iterable[Any]) -> list[dict[str, Any]]:
        return [{k: v for k, v in asdict(one).items() if v is not None} for one in things]

    return {
        "format": TOWN_FORMAT,
        "rules": asdict(town.rules),
        "communities": rows(town.communities),
        "buildings": rows(town.buildings),
        "units": rows(town.units),
        "grids": rows(town.grids),
        "heads": rows(town.heads),
        "today": dict(town.today),
        "paths": [list(pair) for pair in town.paths],
        "barriers": [list(pair) for pair in town.barriers],
    }


def verdict_json(verdict: Verdict, tell: Tell) -> dict[str, Any]:
    """A judgement; `tell` puts a sentence into words (the command writes both languages)."""
    return {
        "hard": verdict.hard,
        "max_mean": verdict.max_mean,
        "buildings": verdict.buildings,
        "buildings_split": verdict.buildings_split,
        "moved": {
            "units": verdict.distance.units,
            "households": verdict.distance.households,
            "share": round(verdict.distance.share, 5),
        },
        "sentences": [tell(one) for one in verdict.sentences],
        "violations": [
            {
                "kind": one.kind,
                "hard": one.hard,
                "grid": one.grid,
                "units": list(one.units),
                "why": tell(one.why),
            }
            for one in verdict.violations
        ],
        "fairness": [asdict(one) for one in verdict.fairness],
        "grids": [{**asdict(one), "ratio": round(one.ratio, 4)} for one in verdict.loads],
    }


def move_json(one: Move, tell: Tell) -> dict[str, Any]:
    """One step."""
    return {
        "units": list(one.units),
        "from": one.from_grid,
        "to": one.to_grid,
        "households": one.households,
        "from_minutes": list(one.from_minutes),
        "to_minutes": list(one.to_minutes),
        "why": tell(one.why),
    }


def plan_json(
    plan: Proposal | Repair, verdict: Verdict, grid_names: Mapping[str, str], tell: Tell
) -> dict[str, Any]:
    """A proposal or a repair with the checker's judgement of it."""
    told: dict[str, Any] = {
        "format": PLAN_FORMAT,
        "division": dict(plan.division),
        "grid_names": dict(grid_names),
        "sentences": [tell(one) for one in plan.sentences],
        "moves": [move_json(one, tell) for one in plan.moves],
        "verdict": verdict_json(verdict, tell),
        "tries": plan.tries,
        "stopped": plan.stopped,
    }
    if isinstance(plan, Proposal):
        told["exact_estates"] = plan.exact
        told["proofs"] = [{**asdict(one), "why": tell(one.why)} for one in plan.proofs]
        told["floors"] = [
            {
                "community": one.community,
                "unit": one.unit,
                "runs": [asdict(run) for run in one.runs],
                "why": tell(one.why),
            }
            for one in plan.floors
        ]
    return told


def division_of(raw: bytes) -> dict[str, str]:
    """The division of a plan file, to be checked; Unreadable when it is none."""
    return decoded(raw, _Plan).division


class _Plan(msgspec.Struct):
    division: dict[str, str]
