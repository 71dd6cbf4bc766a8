"""Towns and plans as JSON: what `wangge plan microgrids` reads and writes (docs/plans.md)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from math import cos, isfinite, radians
from typing import Annotated, Any

import msgspec

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
_METRES_A_DEGREE = 111_320.0
#: So many faults of a file are named; the sum is told.
SHOWN = 20

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Degrees = Annotated[float, msgspec.Meta(ge=-180, le=180)] | None
Metres = Annotated[float, msgspec.Meta(ge=-1e7, le=1e7)] | None
Point = tuple[float, float]
Tell = Callable[[Sentence], Any]


class Unreadable(Exception):
    """The file is no town; every fault is a sentence."""

    def __init__(self, problems: Sequence[Sentence]) -> None:
        super().__init__(str(problems[0]))
        self.problems = tuple(problems)


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
    try:
        file = msgspec.json.decode(raw, type=_File)
    except msgspec.ValidationError as wrong:
        what, _, where = str(wrong).partition(" - at ")
        raise Unreadable(
            [said("文件里的 {where} 不对:{what}。", where=where.strip("`") or "$", what=what)]
        ) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Unreadable([said("这不是 JSON 文件:{what}。", what=str(wrong))]) from wrong
    problems = list(_problems(file))
    if problems:
        shown = problems[:SHOWN]
        if len(problems) > SHOWN:
            shown.append(said("……共 {count} 处。", count=len(problems)))
        raise Unreadable(shown)
    return _town(file)


def _problems(file: _File) -> Iterable[Sentence]:
    if file.format != TOWN_FORMAT:
        yield said(
            "format 应是“{wanted}”,文件里是“{given}”。", wanted=TOWN_FORMAT, given=file.format
        )
    known = {one.name for one in fields(Rules)}
    for name, value in file.rules.items():
        if name not in known:
            yield said("rules 里没有“{name}”这一项。", name=name)
        elif not isfinite(value) or value < 0:
            yield said("rules 的“{name}”要是不小于 0 的数。", name=name)
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
        seen: set[str] = set()
        for row, one in enumerate(rows):
            if one.id in seen:
                yield said(
                    "{list} 第 {row} 项的编号“{id}”用过了。", list=name, row=row + 1, id=one.id
                )
            seen.add(one.id)
        ids[name] = seen
    links: tuple[tuple[str, str, Iterable[tuple[int, str]]], ...] = (
        ("buildings", "communities", ((n, b.community) for n, b in enumerate(file.buildings))),
        ("units", "buildings", ((n, u.building) for n, u in enumerate(file.units))),
        ("grids", "communities", ((n, g.community) for n, g in enumerate(file.grids))),
        ("grids", "heads", ((n, g.head) for n, g in enumerate(file.grids) if g.head)),
        ("heads", "units", ((n, h.unit) for n, h in enumerate(file.heads) if h.unit)),
        ("paths", "units", ((n, u) for n, pair in enumerate(file.paths) for u in pair)),
        ("barriers", "units", ((n, u) for n, pair in enumerate(file.barriers) for u in pair)),
    )
    # The home of a head may be a stairwell that the file divides by floors.
    ids["units"] |= {one.part_of for one in file.units if one.part_of}
    for name, to, pairs in links:
        for row, id_ in pairs:
            if id_ not in ids[to]:
                yield said(
                    "{list} 第 {row} 项提到的“{id}”不在 {to} 里。",
                    list=name,
                    row=row + 1,
                    id=id_,
                    to=to,
                )
    planes: set[str] = set()
    lists_placed: tuple[tuple[str, Sequence[_Building | _Unit]], ...] = (
        ("buildings", file.buildings),
        ("units", file.units),
    )
    for name, placed in lists_placed:
        for row, one in enumerate(placed):
            told = (
                one.x is not None,
                one.y is not None,
                one.lon is not None,
                one.lat is not None,
            )
            if told not in _POSITIONS:
                yield said(
                    "{list} 第 {row} 项的位置要么写 x 和 y,要么写 lon 和 lat。",
                    list=name,
                    row=row + 1,
                )
            elif any(told):
                planes.add("x" if told[0] else "lon")
    if len(planes) > 1:
        yield said("位置一律用 x、y(米)或者一律用 lon、lat(度),不能混用。")


_POSITIONS = {
    (False, False, False, False),
    (True, True, False, False),
    (False, False, True, True),
}


def _town(file: _File) -> Town:
    placed: list[_Unit | _Building] = [*file.units, *file.buildings]
    degrees = [
        (one.lon, one.lat) for one in placed if one.lon is not None and one.lat is not None
    ]
    lon0 = min((lon for lon, _ in degrees), default=0.0)
    lat0 = min((lat for _, lat in degrees), default=0.0)
    wide = _METRES_A_DEGREE * cos(radians(lat0))

    def metres(one: _Unit | _Building) -> Point | None:
        if one.x is not None and one.y is not None:
            return one.x, one.y
        if one.lon is not None and one.lat is not None:
            return (one.lon - lon0) * wide, (one.lat - lat0) * _METRES_A_DEGREE
        return None

    places = {one.id: metres(one) for one in file.buildings}
    units: list[Unit] = []
    lost = 0
    for one in file.units:
        at = metres(one) or places[one.building]
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
    try:
        told = msgspec.json.decode(raw, type=_Plan)
    except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        raise Unreadable([said("这不是划分方案:{what}。", what=str(wrong))]) from wrong
    return told.division


class _Plan(msgspec.Struct):
    division: dict[str, str]
