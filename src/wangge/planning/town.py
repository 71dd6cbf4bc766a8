"""A community out of the registers, as the solvers want it: five statements, whatever its size.

A stairwell counts its households, people and those visited at home; where nobody was registered
behind any of its doors, its doors count as households, and that is said. Stairwells of one house
stand along its footprint, else beside one another: the register knows where houses stand.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, radians
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.kernel.refusals import NotFound
from wangge.kernel.settings import decided
from wangge.places import ATLAS, Area, AreaKind, Atlas
from wangge.planning import registered
from wangge.planning.acts import READ
from wangge.planning.model import VISITED, NoMicroGrids, Wishes
from wangge.planning.registered import BuildingLine, HeadLine, Living, UnitLine
from wangge.solvers.microgrids import (
    Building,
    Community,
    Grid,
    Head,
    Rules,
    Town,
    Unit,
    footpaths,
)
from wangge.solvers.microgrids.town import Pair

#: Metres of a degree of latitude, near enough for walks between houses.
_METRES_A_DEGREE = 111_320.0
#: Metres between the stairwells of a house whose footprint nobody drew.
_APART = 14.0
#: Metres to a house nobody placed: near to nothing but itself.
FAR_AWAY = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Situation:
    """A community today. `where` is each stairwell's area code, `spots` its place (lon, lat);
    `heads` are by micro-grid, those who might be chosen too (`candidates`). `names` is what people
    call a stairwell, `called` a micro-grid,
    `parents` the grids above those. `counted` is how many stairwells were counted by their
    doors, `outside` how many lie in micro-grids of another kind, `unplaced` how many stand nowhere."""

    area: Area
    town: Town
    paths: tuple[Pair, ...]
    grids: Mapping[str, Area]
    lines: Mapping[str, UnitLine]
    where: Mapping[str, str]
    spots: Mapping[str, tuple[float, float]]
    heads: Mapping[str, HeadLine]
    candidates: Mapping[str, Sequence[HeadLine]]
    names: Mapping[str, str]
    called: Mapping[str, str]
    parents: Mapping[str, str]
    counted: int
    outside: int
    unplaced: int


def community_of(atlas: Atlas, code: str) -> Area:
    """The open community of that code. Raises NotFound."""
    area = atlas.area(code)
    if area is None or not area.open or area.kind is not AreaKind.COMMUNITY:
        raise NotFound("这个社区")
    return area


async def situation(tx: Tx, code: str, rules: Rules | None = None) -> Situation:
    """The community as it is now. Raises NotFound out of reach, NoMicroGrids where there is nothing to
    divide. What is reckoned is reckoned beside the loop."""
    atlas = await ATLAS.get(tx)
    if not tx.reach(READ).covers(code):
        raise NotFound("这个社区")
    area = community_of(atlas, code)
    lines = await registered.units(tx, code)
    houses = await registered.buildings(tx, code)
    visited = (await decided(tx))(VISITED)
    living = await registered.living(tx, code, visited, local_date(tx.now))
    heads = await registered.heads(tx, code)
    return await asyncio.to_thread(
        assembled, area, atlas.open_areas(code), lines, houses, living, heads, rules
    )


def assembled(
    area: Area,
    below: Sequence[Area],
    lines: Sequence[UnitLine],
    buildings: Sequence[BuildingLine],
    counts: Sequence[Living],
    heads: Sequence[HeadLine],
    rules: Rules | None,
) -> Situation:
    """What was read, as the solvers want it; `below` are the community's open areas. Pure."""
    code = area.code
    houses = {one.id: one for one in buildings}
    living = {one.unit_id: one for one in counts}
    names = {one.code: one.name for one in below}
    called = called_in(below)
    stairs = {
        one.code: one
        for one in below
        if one.kind is AreaKind.MICRO_GRID and one.grid_kind in (None, "stairwell")
    }
    mine = [line for line in lines if len(line.area_code) < 18 or line.area_code in stairs]
    if not stairs or not mine:
        raise NoMicroGrids(area.name)
    candidates: dict[str, list[HeadLine]] = {}
    for one in heads:
        candidates.setdefault(one.area_code, []).append(one)
    chosen = {
        code: found[0] for code, found in candidates.items() if found[0].staff_id is not None
    }
    spots = spots_of(mine, houses)
    plane = plane_of(spots)
    nowhere = {
        one: -FAR_AWAY * (at + 1)
        for at, one in enumerate(
            dict.fromkeys(line.building_id for line in mine if str(line.id) not in plane)
        )
    }
    counted = 0
    units: list[Unit] = []
    for line in mine:
        who = living.get(line.id)
        households = who.households if who else 0
        if not households and line.doors:
            households, counted = line.doors, counted + 1
        house = houses[line.building_id]
        x, y = plane.get(str(line.id)) or (nowhere[line.building_id], 0.0)
        units.append(
            Unit(
                str(line.id),
                str(line.building_id),
                line.name.removeprefix(house.name),
                households,
                who.people if who else 0,
                who.special if who else 0,
                line.highest - line.lowest + 1,
                line.has_lift,
                x,
                y,
                lowest=line.lowest,
            )
        )
    grids = [
        Grid(
            one.code,
            called[one.code],
            code,
            str(chosen[one.code].staff_id) if one.code in chosen else None,
        )
        for one in stairs.values()
    ]
    town = Town(
        [Community(code, area.name)],
        [
            Building(str(one.id), one.compound + one.name, code, one.compound)
            for one in houses.values()
        ],
        units,
        grids,
        [
            Head(str(one.staff_id), str(one.unit_id) if one.unit_id else None)
            for one in {one.staff_id: one for one in chosen.values()}.values()
        ],
        {str(line.id): line.area_code for line in mine if line.area_code in stairs},
        rules=rules or Wishes().rules(),
    )
    return Situation(
        area,
        town,
        tuple(footpaths(town)),
        stairs,
        {str(line.id): line for line in mine},
        {str(line.id): line.area_code for line in mine},
        spots,
        chosen,
        candidates,
        {
            unit.id: houses[UUID(unit.building)].compound
            + houses[UUID(unit.building)].name
            + unit.name
            for unit in units
        },
        {grid.id: grid.name for grid in grids},
        {one: names.get(one, one) for one in {grid.id[:15] for grid in grids}},
        counted,
        len(lines) - len(mine),
        len(mine) - len(spots),
    )


def called_in(below: Sequence[Area]) -> dict[str, str]:
    """`第一网格一号微网格` where several grids have a first micro-grid, else its own name; by code."""
    grids = {one.code: one.name for one in below if one.kind is AreaKind.GRID}
    parts = [one for one in below if one.kind is AreaKind.MICRO_GRID]
    same = Counter(one.name for one in parts)
    return {
        one.code: grids.get(one.code[:15], "") * (same[one.name] > 1) + one.name
        for one in parts
    }


def spots_of(
    lines: Sequence[UnitLine], houses: Mapping[UUID, BuildingLine]
) -> dict[str, tuple[float, float]]:
    """Where stairwells stand (lon, lat); nothing for those of a house nobody placed."""
    inside: dict[UUID, list[UnitLine]] = {}
    for line in lines:
        inside.setdefault(line.building_id, []).append(line)
    found: dict[str, tuple[float, float]] = {}
    for building_id, here in inside.items():
        house = houses[building_id]
        if house.lon is None or house.lat is None:
            continue
        wide = _METRES_A_DEGREE * cos(radians(house.lat))
        along = _axis(house, wide) or ((len(here) * _APART) / wide, 0.0)
        for at, line in enumerate(here):
            share = (at + 0.5) / len(here) - 0.5
            found[str(line.id)] = (
                round(house.lon + along[0] * share, 7),
                round(house.lat + along[1] * share, 7),
            )
    return found


def _axis(house: BuildingLine, wide: float) -> tuple[float, float] | None:
    """The longest side of a house's footprint, in degrees, eastwards."""
    rings = house.footprint.get("coordinates") if house.footprint else None
    if not rings or not rings[0]:
        return None
    ring = rings[0]
    sides = [
        (float(b[0]) - float(a[0]), float(b[1]) - float(a[1]))
        for a, b in itertools.pairwise(ring)
    ]
    if not sides:
        return None
    east, north = max(sides, key=lambda one: hypot(one[0] * wide, one[1] * _METRES_A_DEGREE))
    return (east, north) if east >= 0 else (-east, -north)


def plane_of(spots: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Metres from the south-western corner."""
    if not spots:
        return {}
    west = min(lon for lon, _ in spots.values())
    south = min(lat for _, lat in spots.values())
    wide = _METRES_A_DEGREE * cos(radians(south))
    return {
        unit: ((lon - west) * wide, (lat - south) * _METRES_A_DEGREE)
        for unit, (lon, lat) in spots.items()
    }


def inside_grids(found: Situation) -> Town:
    """The same town with every grid (网格) as a community of its own, so that no stairwell leaves
    its grid: what is proposed then changes heads of micro-grids, and nobody's grid worker."""
    town = found.town
    of_unit: dict[str, str] = {unit: code[:15] for unit, code in found.where.items()}
    # A house whose stairwells lie in two grids is two houses here.
    house = {
        unit.id: f"{unit.building}@{of_unit[unit.id]}"
        if len(of_unit[unit.id]) == 15
        else unit.building
        for unit in town.units
    }
    names = {one.id: one for one in town.buildings}
    buildings = {
        house[unit.id]: replace(
            names[unit.building], id=house[unit.id], community=of_unit[unit.id]
        )
        for unit in town.units
    }
    codes = sorted({grid.id[:15] for grid in town.grids})
    return replace(
        town,
        communities=[Community(code, found.parents[code]) for code in codes],
        buildings=list(buildings.values()),
        units=[replace(unit, building=house[unit.id]) for unit in town.units],
        grids=[replace(grid, community=grid.id[:15]) for grid in town.grids],
    )
