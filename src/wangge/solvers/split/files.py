"""Stairwells, people and divisions as JSON: what `wangge plan split` reads and writes (docs/plans.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

import msgspec

from wangge.solvers.files import (
    Degrees,
    Id,
    Metres,
    Plane,
    Tell,
    decoded,
    format_faults,
    position_faults,
    refuse,
    rules_faults,
    twice_faults,
)
from wangge.solvers.microgrids.floors import spread
from wangge.solvers.split.checking import Verdict
from wangge.solvers.split.repairing import Resplit
from wangge.solvers.split.solving import Split
from wangge.solvers.split.town import Hand, Rules, Run, Stairwell, Stop, Team, Town
from wangge.solvers.words import Sentence, said

TOWN_FORMAT = "wangge.split/1"
PLAN_FORMAT = "wangge.split.plan/1"

Floor = Annotated[int, msgspec.Meta(ge=-20, le=300)]
Count = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
People = Annotated[int, msgspec.Meta(ge=0, le=100_000)] | list[Id] | None


class _Stop(msgspec.Struct, forbid_unknown_fields=True):
    floor: Floor
    doors: Count
    special: Count = 0


class _Stairwell(msgspec.Struct, forbid_unknown_fields=True):
    id: Id
    name: str = ""
    building: str = ""
    lift: bool = False
    out_of_order: bool = False
    households: Count | None = None
    floors: Annotated[int, msgspec.Meta(ge=1, le=300)] | None = None
    lowest: Floor = 1
    special: Count = 0
    stops: list[_Stop] | None = None
    x: Metres = None
    y: Metres = None
    lon: Degrees = None
    lat: Degrees = None


class _Gate(msgspec.Struct, forbid_unknown_fields=True):
    x: Metres = None
    y: Metres = None
    lon: Degrees = None
    lat: Degrees = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    stairwells: list[_Stairwell]
    minutes: Annotated[float, msgspec.Meta(gt=0, le=100_000)] = 20.0
    workers: People = None
    second: People = None
    gate: _Gate | None = None
    rules: dict[str, float] = {}


class _Run(msgspec.Struct, forbid_unknown_fields=True):
    stairwell: str
    top: Floor
    bottom: Floor


class _Hand(msgspec.Struct):
    runs: list[_Run]
    worker: str = ""
    team: Literal["doors", "home", "both"] = "doors"


class _Plan(msgspec.Struct):
    hands: list[_Hand]


def read_town(raw: bytes) -> Town:
    """A town from its JSON. Unreadable with every fault."""
    file = decoded(raw, _File, TOWN_FORMAT)
    refuse(_problems(file))
    plane = Plane([*file.stairwells, *([file.gate] if file.gate else [])])
    wells: list[Stairwell] = []
    for one in file.stairwells:
        at = plane.at(one)
        wells.append(
            Stairwell(
                one.id,
                one.name or one.id,
                _stops(one),
                one.lift and not one.out_of_order,
                one.building,
                at[0] if at else None,
                at[1] if at else None,
            )
        )
    gate = plane.at(file.gate) if file.gate is not None else None
    return Town(
        wells,
        file.minutes,
        _people(file.workers, "w"),
        _people(file.second, "s"),
        gate,
        Rules(**file.rules),
    )


def _problems(file: _File) -> Iterable[Sentence]:
    yield from format_faults(TOWN_FORMAT, file.format)
    yield from rules_faults(Rules, file.rules)
    yield from twice_faults("stairwells", (one.id for one in file.stairwells))
    yield from position_faults(
        {"stairwells": [*file.stairwells, *([file.gate] if file.gate else [])]}
    )
    for name, people in (("workers", file.workers), ("second", file.second)):
        if isinstance(people, list):
            yield from twice_faults(name, people)
    for row, one in enumerate(file.stairwells, 1):
        if one.stops is None and (one.households is None or one.floors is None):
            yield said(
                "stairwells 第 {row} 项要写 stops,或者写 floors 和 households。", row=row
            )
        if one.stops is not None:
            floors = [stop.floor for stop in one.stops]
            if len(set(floors)) < len(floors):
                yield said("stairwells 第 {row} 项的 stops 里有一层写了两次。", row=row)


def _stops(one: _Stairwell) -> tuple[Stop, ...]:
    if one.stops is not None:
        return tuple(Stop(stop.floor, stop.doors, stop.special) for stop in one.stops)
    floors = one.floors or 1
    numbers = [n for n in range(one.lowest, one.lowest + floors + 1) if n != 0][:floors]
    doors = spread(one.households or 0, floors)
    # Whoever is visited at home is taken to live evenly over the floors.
    step = floors / one.special if one.special else 0.0
    special = [0] * floors
    for n in range(one.special):
        special[int(n * step) % floors] += 1
    return tuple(map(Stop, numbers, doors, special))


def _people(given: int | list[str] | None, letter: str) -> list[str] | None:
    if isinstance(given, int):
        return [f"{letter}{n}" for n in range(1, given + 1)]
    return given


def hands_of(raw: bytes) -> list[Hand]:
    """The hands of a plan file; Unreadable when it is none."""
    plan = decoded(raw, _Plan)
    return [
        Hand(
            one.worker,
            one.team,
            tuple(Run(run.stairwell, run.top, run.bottom) for run in one.runs),
        )
        for one in plan.hands
    ]


def done_of(raw: bytes) -> dict[str, list[int]]:
    """Stairwell id → floors that are done; Unreadable when it is none."""
    return decoded(raw, dict[str, list[Floor]])


def verdict_json(verdict: Verdict, tell: Tell) -> dict[str, Any]:
    """A judgement, with everybody's minutes and the closing list among the violations."""
    return {
        "longest": verdict.longest,
        "doors": verdict.doors,
        "left": verdict.left,
        "sentences": [tell(one) for one in verdict.sentences],
        "violations": [
            {
                "kind": one.kind,
                "stairwell": one.stairwell,
                "floor": one.floor,
                "why": tell(one.why),
            }
            for one in verdict.violations
        ],
        "loads": [
            {
                "worker": one.worker,
                "team": one.team,
                "minutes": one.minutes,
                "doors": one.doors,
                "special": one.special,
                "floors": [list(floor) for floor in one.floors],
            }
            for one in verdict.loads
        ],
    }


def split_json(made: Split, verdict: Verdict, tell: Tell) -> dict[str, Any]:
    """A division with the checker's judgement of it."""
    return {
        "format": PLAN_FORMAT,
        "sentences": [tell(one) for one in made.sentences],
        "teams": [
            {
                "team": one.team,
                "works": one.works,
                "need": one.need,
                "at_least": one.bound.people,
                "proved": one.proof,
                "have": one.have,
                "longest": one.longest,
                "late": one.late,
            }
            for one in made.teams
        ],
        "together": made.together,
        "hands": _hands_json(made.hands),
        "verdict": verdict_json(verdict, tell),
        "tries": made.tries,
        "stopped": made.stopped,
    }


def resplit_json(made: Resplit, verdict: Verdict, tell: Tell) -> dict[str, Any]:
    """A division after somebody dropped out, with what changes hands."""
    return {
        "format": PLAN_FORMAT,
        "sentences": [tell(one) for one in made.sentences],
        "hands": _hands_json(made.hands),
        "handed": [
            {
                **asdict(one.run),
                "doors": one.doors,
                "from": one.from_worker,
                "to": one.to_worker,
            }
            for one in made.handed
        ],
        "doors": made.doors,
        "longest": made.longest,
        "anew": made.anew,
        "verdict": verdict_json(verdict, tell),
    }


def _hands_json(hands: Sequence[Hand]) -> list[dict[str, Any]]:
    teams: dict[Team, str] = {"doors": "doors", "home": "home", "both": "both"}
    return [
        {
            "worker": hand.worker,
            "team": teams[hand.team],
            "runs": [asdict(run) for run in hand.runs],
        }
        for hand in hands
    ]
