"""What is given: stairwells with the doors on their floors, who walks, the clock.

These are definitions, shared by the checker and the solver and by nothing else that they share:
what it takes to get up to a floor, down from it, over to the next stairwell, and to serve a floor.
Positions in metres on a plane, times in seconds, the clock in minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot
from typing import Literal

#: `doors` knocks at every door; `home` visits the persons who are visited at home and nobody else;
#: `both` does both in one go.
Team = Literal["doors", "home", "both"]


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings, not law: seconds are what a door took in field reports (56 doors on 28 floors in 18
    to 20 minutes); no standard gives them. `next_seconds` is the least from one stairwell to another,
    `apart_seconds` the way between buildings without a position."""

    door_seconds: float = 12.0
    special_seconds: float = 90.0
    lift_wait_seconds: float = 35.0
    lift_floor_seconds: float = 2.2
    down_seconds: float = 12.0
    up_seconds: float = 18.0
    metre_seconds: float = 1.0
    next_seconds: float = 30.0
    apart_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Stop:
    """A floor with its doors, and how many persons there are visited at home (`special`)."""

    floor: int
    doors: int
    special: int = 0


@dataclass(frozen=True, slots=True)
class Stairwell:
    """A stairwell, or a house on a street (one floor). `lift` is whether one runs today."""

    id: str
    name: str
    stops: tuple[Stop, ...]
    lift: bool = False
    building: str = ""
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True, slots=True)
class Town:
    """Everything given. `workers` and `second` name who is there (None: as many as are needed);
    with `gate` everybody starts there, without one each in front of the first stairwell."""

    stairwells: Sequence[Stairwell]
    minutes: float = 20.0
    workers: Sequence[str] | None = None
    second: Sequence[str] | None = None
    gate: tuple[float, float] | None = None
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Run:
    """Adjoining floors of one stairwell, walked from `top` down to `bottom`."""

    stairwell: str
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Hand:
    """One person's runs, in the order they are walked. `worker` is empty where nobody is named."""

    worker: str
    team: Team
    runs: tuple[Run, ...]


def serve_seconds(rules: Rules, stop: Stop, team: Team) -> float:
    """At the doors of a floor; 0 where the team has nothing to do there."""
    doors = rules.door_seconds * stop.doors if team != "home" else 0.0
    return doors + (rules.special_seconds * stop.special if team != "doors" else 0.0)


def has_work(stop: Stop, team: Team) -> bool:
    """Whether the team has to go to a floor at all."""
    return (team != "home" and stop.doors > 0) or (team != "doors" and stop.special > 0)


def level(floor: int) -> int:
    """Storeys above the entrance: the first floor is the ground, there is no floor 0."""
    return floor - 1 if floor >= 1 else floor


def climb_seconds(rules: Rules, stairwell: Stairwell, floor: int) -> float:
    """From the entrance to a floor: on foot, or by lift where that is quicker."""
    storeys = level(floor)
    foot = rules.up_seconds * storeys if storeys >= 0 else -rules.down_seconds * storeys
    return min(foot, _lift(rules, storeys)) if stairwell.lift else foot


def leave_seconds(rules: Rules, stairwell: Stairwell, floor: int) -> float:
    """From a floor out to the entrance: on foot, or by lift where that is quicker."""
    storeys = level(floor)
    foot = rules.down_seconds * storeys if storeys >= 0 else -rules.up_seconds * storeys
    return min(foot, _lift(rules, storeys)) if stairwell.lift else foot


def _lift(rules: Rules, storeys: int) -> float:
    return rules.lift_wait_seconds + rules.lift_floor_seconds * (abs(storeys) + 1)


def walk_seconds(rules: Rules, a: Stairwell, b: Stairwell) -> float:
    """From the entrance of one stairwell to that of another."""
    if a.x is not None and a.y is not None and b.x is not None and b.y is not None:
        return max(rules.next_seconds, rules.metre_seconds * hypot(a.x - b.x, a.y - b.y))
    return (
        rules.next_seconds if a.building and a.building == b.building else rules.apart_seconds
    )


def start_seconds(town: Town, first: Stairwell) -> float:
    """From the gate to the first stairwell; 0 where everybody starts in front of it."""
    if town.gate is None:
        return 0.0
    if first.x is None or first.y is None:
        return town.rules.apart_seconds
    return town.rules.metre_seconds * hypot(first.x - town.gate[0], first.y - town.gate[1])
