"""Packs to every household of a community, as the solvers want it: doors floor by floor out of the register,
handed over at each estate or micro-grid. Whoever looks says how many packs, how heavy, in what time and who
is there; nothing of it is kept.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import hypot
from typing import Literal
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound, Problem
from wangge.places import ATLAS, Area, AreaKind
from wangge.planning import registered
from wangge.planning.acts import READ
from wangge.planning.registered import BuildingLine, FloorLine, UnitLine
from wangge.planning.town import called_in, community_of, plane_of, spots_of
from wangge.solvers import Budget
from wangge.solvers.deliveries import check, deliver
from wangge.solvers.deliveries.checking import Verdict
from wangge.solvers.deliveries.order import (
    Carrier,
    Drop,
    Floor,
    Load,
    Order,
    Rules,
    Stairwell,
    load_seconds,
    too_heavy,
)
from wangge.solvers.deliveries.planning import Delivery, DropPlan, default_tries

#: Seconds that the rounds of vans may take while somebody waits for the page.
SECONDS = 3.0
#: Metres from the hand-over to an entrance: at least, and where nobody placed the house.
NEAR, UNKNOWN = 10.0, 40.0
By = Literal["estate", "micro_grid"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be brought, and how. `hands` are the people at a hand-over, by its id; where it says
    nothing there are as many as it takes. `depot` is the hand-over where the lorry unloads ("": where
    most is wanted)."""

    packs: int = 1
    kg: float = 5
    minutes: float = 60
    van_minutes: float = 60
    trolley: float = 100
    carry: float = 10
    by: By = "estate"
    depot: str = ""
    hands: Mapping[str, int] = field(default_factory=dict[str, int])


#: Fields of a wish that are numbers: least, most, and what is said of any other.
_BOUNDS: dict[str, tuple[float, float, str]] = {
    "packs": (1, 100, "“每户几份”应在 {low} 到 {high} 之间。"),
    "kg": (0.1, 500, "“一份几公斤”应在 {low} 到 {high} 之间。"),
    "minutes": (5, 1440, "“上门几分钟送完”应在 {low} 到 {high} 之间。"),
    "van_minutes": (5, 1440, "“大车几分钟运完”应在 {low} 到 {high} 之间。"),
    "trolley": (1, 1000, "“推车一趟最多几公斤”应在 {low} 到 {high} 之间。"),
    "carry": (1, 100, "“手提一趟最多几公斤”应在 {low} 到 {high} 之间。"),
}
_HANDS_MAX = 999


def read_wish(given: Mapping[str, str]) -> tuple[Wish, list[Problem]]:
    """The wish of a form, with what is wrong in it; what is wrong stays as it is by default."""
    problems: list[Problem] = []
    numbers: dict[str, float] = {}
    for name, (low, high, says) in _BOUNDS.items():
        text = given.get(name, "").strip()
        if not text:
            continue
        number = _number(text)
        if number is None or not low <= number <= high or (name == "packs" and number % 1):
            problems.append(Problem(name, says, values={"low": low, "high": high}))
        else:
            numbers[name] = number
    hands: dict[str, int] = {}
    for name, text in given.items():
        if not name.startswith("hands:") or not text.strip():
            continue
        number = _number(text.strip())
        if number is None or number % 1 or not 0 <= number <= _HANDS_MAX:
            says = "“{drop}”的人数应是 0 到 {most} 的整数。"
            values = {"drop": name.removeprefix("hands:")[:40], "most": _HANDS_MAX}
            problems.append(Problem(name, says, values=values))
        else:
            hands[name.removeprefix("hands:")] = int(number)
    return Wish(
        int(numbers.get("packs", 1)),
        numbers.get("kg", 5),
        numbers.get("minutes", 60),
        numbers.get("van_minutes", 60),
        numbers.get("trolley", 100),
        numbers.get("carry", 10),
        "micro_grid" if given.get("by") == "micro_grid" else "estate",
        given.get("depot", ""),
        hands,
    ), problems


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if number != number:
        return None
    return int(number) if number.is_integer() else number  # sentences say 60, not 60.0


@dataclass(frozen=True, slots=True)
class Ground:
    """A community's stairwells with the doors of each floor. `called` are micro-grids and grids by code."""

    area: Area
    units: Sequence[UnitLine]
    houses: Mapping[UUID, BuildingLine]
    floors: Mapping[UUID, Sequence[FloorLine]]
    called: Mapping[str, str]


async def ground(tx: Tx, code: str) -> Ground:
    """What stands in the register, in three statements. Raises NotFound out of reach."""
    atlas = await ATLAS.get(tx)
    if not tx.reach(READ).covers(code):
        raise NotFound("这个社区")
    area = community_of(atlas, code)
    below = atlas.open_areas(code)
    floors: dict[UUID, list[FloorLine]] = {}
    for line in await registered.floors(tx, code):
        floors.setdefault(line.unit_id, []).append(line)
    return Ground(
        area,
        await registered.units(tx, code),
        {one.id: one for one in await registered.buildings(tx, code)},
        floors,
        {
            **{one.code: one.name for one in below if one.kind is not AreaKind.MICRO_GRID},
            **called_in(below),
        },
    )


@dataclass(frozen=True, slots=True)
class Going:
    """Up one stairwell: packs of each load, and of each floor from the top."""

    stairwell: str
    lift: bool
    loads: Sequence[int]
    floors: Sequence[tuple[int, int]]

    @property
    def packs(self) -> int:
        return sum(self.loads)


@dataclass(frozen=True, slots=True)
class Hand:
    """One pair of hands: what it takes over, for how long, and where it goes in turn."""

    number: int
    packs: int
    minutes: float
    goes: Sequence[Going]


@dataclass(frozen=True, slots=True)
class At:
    """A hand-over with its people."""

    plan: DropPlan
    name: str
    stairwells: int
    hands: Sequence[Hand]

    @property
    def short(self) -> bool:
        """Whether whoever is there cannot carry it in time, or nobody could."""
        have, need = self.plan.have, self.plan.need
        return need is None or (have is not None and have < need)


@dataclass(frozen=True, slots=True)
class Brought:
    """A plan for a community. `counted` is how many stairwells were counted by their doors."""

    order: Order
    made: Delivery
    verdict: Verdict
    at: Sequence[At]
    depot: str
    counted: int

    @property
    def short(self) -> bool:
        """Whether anything is not there in time, or cannot be carried."""
        return self.heavy or any(one.short for one in self.at if one.plan.packs)

    @property
    def heavy(self) -> bool:
        """Whether a single pack is more than one may carry or push."""
        return bool(too_heavy(self.order))


async def brought(here: Ground, wish: Wish) -> Brought:
    """Reckoned beside the loop."""
    return await asyncio.to_thread(_brought, here, wish)


def _brought(here: Ground, wish: Wish) -> Brought:
    order, depot, counted = order_of(here, wish)
    made = deliver(order, budget=Budget(default_tries(order), SECONDS))
    verdict = check(order, made.carriers, made.trips)
    wells = {one.id: one for one in order.stairwells}
    names = {one.id: one.name for one in order.drops}
    hands: dict[str, list[Hand]] = {}
    for one in made.carriers:
        hands.setdefault(one.drop, []).append(_hand(order, one, wells, names))
    sizes: dict[str, int] = {}
    for well in order.stairwells:
        sizes[well.drop] = sizes.get(well.drop, 0) + 1
    at = [
        At(plan, names[plan.drop], sizes.get(plan.drop, 0), hands.get(plan.drop, []))
        for plan in made.drops
    ]
    return Brought(order, made, verdict, at, depot, counted)


def _hand(
    order: Order, one: Carrier, wells: Mapping[str, Stairwell], names: Mapping[str, str]
) -> Hand:
    seconds = sum(load_seconds(order.rules, wells[load.stairwell], load) for load in one.loads)
    goes = [
        _going(list(loads), wells[id_], names[one.drop])
        for id_, loads in groupby(one.loads, key=lambda load: load.stairwell)
    ]
    return Hand(one.number, one.packs, round(seconds / 60, 1), goes)


def _going(loads: Sequence[Load], well: Stairwell, at: str) -> Going:
    floors: dict[int, int] = {}
    for load in loads:
        for part in load.parts:
            floors[part.floor] = floors.get(part.floor, 0) + part.packs
    return Going(
        # Whoever stands in an estate needs not be told its name with every stairwell.
        well.name.removeprefix(at) or well.name,
        well.lift,
        [load.packs for load in loads],
        sorted(floors.items(), reverse=True),
    )


def order_of(here: Ground, wish: Wish) -> tuple[Order, str, int]:
    """The order with the id of the hand-over where the lorry unloads, and how many stairwells were
    counted by their doors, because nobody is registered behind any. Pure."""
    drop_of: Callable[[UnitLine], str] = (
        (lambda unit: unit.area_code)
        if wish.by == "micro_grid"
        else (lambda unit: _estate(here.houses[unit.building_id]))
    )
    plane = plane_of(spots_of(here.units, here.houses))
    inside: dict[str, list[UnitLine]] = {}
    for unit in here.units:
        inside.setdefault(drop_of(unit), []).append(unit)
    centre = {
        drop: _middle([plane[str(unit.id)] for unit in units if str(unit.id) in plane])
        for drop, units in inside.items()
    }
    everywhere = _middle(list(plane.values())) or (0.0, 0.0)
    wells: list[Stairwell] = []
    counted = 0
    for drop, units in inside.items():
        for unit in units:
            floors = here.floors.get(unit.id, ())
            lived_in = any(one.households for one in floors)
            counted += not lived_in and bool(floors)
            house = here.houses[unit.building_id]
            wells.append(
                Stairwell(
                    str(unit.id),
                    house.compound + house.name + unit.name.removeprefix(house.name),
                    drop,
                    tuple(
                        Floor(one.floor, doors, wish.packs * households)
                        for one in floors
                        for doors, households in [
                            (one.lived_in, one.households)
                            if lived_in
                            else (one.doors, one.doors)
                        ]
                        if households
                    ),
                    unit.has_lift,
                    _metres(plane.get(str(unit.id)), centre[drop]),
                )
            )
    drops = [
        Drop(
            drop,
            here.called.get(drop, drop) if wish.by == "micro_grid" else drop,
            *(centre[drop] or everywhere),
            wish.hands.get(drop),
        )
        for drop in inside
    ]
    wanted = {drop: 0 for drop in inside}
    for well in wells:
        wanted[well.drop] += well.packs
    most = max(wanted, key=lambda drop: wanted[drop], default="")
    depot = wish.depot if wish.depot in inside else most
    rules = Rules(pack_kg=wish.kg, carry_kg=wish.carry, trolley_kg=wish.trolley)
    place = centre.get(depot) or everywhere
    made = Order(drops, wells, place, wish.minutes, van_minutes=wish.van_minutes, rules=rules)
    return made, depot, counted


def _estate(house: BuildingLine) -> str:
    return house.compound or house.name


def _middle(places: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    if not places:
        return None
    return sum(x for x, _ in places) / len(places), sum(y for _, y in places) / len(places)


def _metres(place: tuple[float, float] | None, centre: tuple[float, float] | None) -> float:
    if place is None or centre is None:
        return UNKNOWN
    return max(NEAR, float(round(hypot(place[0] - centre[0], place[1] - centre[1]))))
