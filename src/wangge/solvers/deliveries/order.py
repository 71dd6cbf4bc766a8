"""What is given: a depot, drops where a van stops, stairwells behind them, packs wanted at each floor.

Definitions, shared by the checker and the solver and by nothing else that they share. Metres on a
plane, seconds, kilograms; the time in minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import hypot


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings, not law. Seconds are from field reports (100 packs of 5 kg in about an hour by one
    person with a trolley); what one may carry and push is for whoever plans to set."""

    pack_kg: float = 5.0
    carry_kg: float = 10.0
    trolley_kg: float = 100.0
    door_seconds: float = 18.0
    pack_seconds: float = 3.0
    lift_wait_seconds: float = 20.0
    lift_floor_seconds: float = 2.2
    up_seconds: float = 18.0
    down_seconds: float = 12.0
    metre_seconds: float = 1.0
    van_kg: float = 1_000.0
    van_metre_seconds: float = 0.18
    van_stop_seconds: float = 120.0
    van_pack_seconds: float = 2.0
    van_load_seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class Floor:
    """Packs wanted at the doors of a floor."""

    floor: int
    doors: int
    packs: int


@dataclass(frozen=True, slots=True)
class Stairwell:
    """`metres` is the way from the drop to its entrance; `lift` is whether one runs today."""

    id: str
    name: str
    drop: str
    floors: tuple[Floor, ...]
    lift: bool = False
    metres: float = 40.0

    @property
    def packs(self) -> int:
        return sum(one.packs for one in self.floors)


@dataclass(frozen=True, slots=True)
class Drop:
    """Where a van hands over. `hands` is how many people carry from there (None: as many as are
    needed)."""

    id: str
    name: str
    x: float
    y: float
    hands: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Everything given. `vans` is how many there are (None: as many as are needed), each within
    `van_minutes`; carriers work `minutes`. `depot` is a place, `stock` the packs that lie there
    (None: as many as are wanted)."""

    drops: Sequence[Drop]
    stairwells: Sequence[Stairwell]
    depot: tuple[float, float] = (0.0, 0.0)
    minutes: float = 60.0
    vans: int | None = None
    van_minutes: float = 240.0
    stock: int | None = None
    rules: Rules = field(default_factory=Rules)


def capacity(rules: Rules, kilograms: float) -> int:
    """Packs in one load; at least one, for a pack that is too heavy is carried by two."""
    return max(1, int(kilograms / rules.pack_kg + 1e-9)) if rules.pack_kg > 0 else 1_000_000


def too_heavy(order: Order) -> list[tuple[str, float]]:
    """(what, kilograms it takes) of whatever a single pack is too heavy for, among what is needed."""
    rules = order.rules
    lifts = [one.lift for one in order.stairwells if one.packs]
    used = (
        ("推车", rules.trolley_kg, any(lifts)),
        ("一个人手提", rules.carry_kg, not all(lifts)),
        ("一辆车", rules.van_kg, bool(lifts)),
    )
    return [(what, most) for what, most, needed in used if needed and rules.pack_kg > most]


def metres_between(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Straight."""
    return hypot(a[0] - b[0], a[1] - b[1])


@dataclass(frozen=True, slots=True)
class Part:
    """Packs for one floor in one load."""

    floor: int
    doors: int
    packs: int


@dataclass(frozen=True, slots=True)
class Load:
    """What goes up a stairwell in one go, from the top down."""

    stairwell: str
    parts: tuple[Part, ...]

    @property
    def packs(self) -> int:
        return sum(one.packs for one in self.parts)


@dataclass(frozen=True, slots=True)
class Carrier:
    """One pair of hands at a drop and its loads."""

    drop: str
    number: int
    loads: tuple[Load, ...]

    @property
    def packs(self) -> int:
        return sum(one.packs for one in self.loads)


@dataclass(frozen=True, slots=True)
class Trip:
    """A van's way out and back: packs for each drop, in the order it stops."""

    van: int
    stops: tuple[tuple[str, int], ...]

    @property
    def packs(self) -> int:
        return sum(packs for _, packs in self.stops)


@dataclass(frozen=True, slots=True)
class Handover:
    """A signature: so many packs go from one to the next. Ends are `depot`, `van 3/2` (van, trip),
    `drop ID`, `carrier DROP/2`, `stairwell ID`."""

    giver: str
    taker: str
    packs: int


def load_seconds(rules: Rules, place: Stairwell, load: Load) -> float:
    """From the drop up, floor by floor down, and back to the drop."""
    total = rules.pack_seconds * load.packs + 2 * rules.metre_seconds * place.metres
    at = 1
    for part in load.parts:
        total += _between(rules, at, part.floor, place.lift)
        total += rules.door_seconds * part.doors
        at = part.floor
    return total + _between(rules, at, 1, place.lift)


def _between(rules: Rules, a: int, b: int, lift: bool) -> float:
    storeys = abs(a - b)
    if not storeys:
        return 0.0
    foot = (rules.up_seconds if b > a else rules.down_seconds) * storeys
    return rules.lift_wait_seconds + rules.lift_floor_seconds * storeys if lift else foot


def trip_seconds(rules: Rules, metres: float, packs: int, stops: int) -> float:
    """Loading, driving, stopping and handing over."""
    return (
        rules.van_load_seconds
        + rules.van_metre_seconds * metres
        + rules.van_stop_seconds * stops
        + rules.van_pack_seconds * packs
    )


def trip_metres(order: Order, trip: Trip) -> float:
    """From the depot along its stops and back; unknown drops are left out."""
    places = {one.id: (one.x, one.y) for one in order.drops}
    way = [order.depot, *(places[d] for d, _ in trip.stops if d in places), order.depot]
    return sum(metres_between(a, b) for a, b in pairwise(way))
