"""The demonstration's invented town as the solvers look at it: stairwells and micro-grids; no database."""

from collections.abc import Iterator
from math import cos, radians
from typing import Any

from wangge.demo.town import Community as Invented
from wangge.demo.town import Scale, make_town
from wangge.solvers.microgrids import Building, Community, Grid, Town, Unit

SEED = 141
_METRES_A_DEGREE = 111_320.0


def invented(scale: Scale, seed: int) -> Town:
    """A town with its own micro-grids as today's, without heads."""
    communities: list[Community] = []
    buildings: list[Building] = []
    units: list[Unit] = []
    grids: list[Grid] = []
    today: dict[str, str] = {}
    for one in make_town(scale, seed=seed).communities():
        communities.append(Community(one.code, one.name))
        grids += [
            Grid(area.code, area.name, one.code)
            for area in one.areas
            if area.kind == "micro_grid"
        ]
        for building, unit, area in _homes(one):
            if not buildings or buildings[-1].id != building.id:
                buildings.append(building)
            units.append(unit)
            today[unit.id] = area
    return Town(communities, buildings, units, grids, (), today)


def _homes(community: Invented) -> Iterator[tuple[Building, Unit, str]]:
    """Stairwells that somebody lives in, with who is visited at home."""
    housing = community.housing
    floors: dict[Any, int] = {}
    for dwelling in housing.dwellings:
        floors[dwelling.unit_id] = max(floors.get(dwelling.unit_id, 1), dwelling.floor)
    homes: dict[Any, int] = {}
    for household in community.households:
        homes[household.unit_id] = homes.get(household.unit_id, 0) + 1
    people: dict[Any, int] = {}
    visits: dict[Any, int] = {}
    for person in community.residents():
        people[person.unit_id] = people.get(person.unit_id, 0) + 1
        if {"reduced_mobility", "medical_lane"} & set(person.tags):
            visits[person.unit_id] = visits.get(person.unit_id, 0) + 1
    estates = {one.id: one.name for one in housing.compounds}
    inside: dict[Any, list[Any]] = {}
    for unit in housing.units:
        if homes.get(unit.id):
            inside.setdefault(unit.building_id, []).append(unit)
    for building in housing.buildings:
        wide = _METRES_A_DEGREE * cos(radians(building.lat))
        for unit in inside.get(building.id, ()):
            yield (
                Building(
                    str(building.id),
                    building.name,
                    community.code,
                    estates[building.compound_id],
                ),
                Unit(
                    str(unit.id),
                    str(building.id),
                    unit.name,
                    homes[unit.id],
                    people.get(unit.id, 0),
                    visits.get(unit.id, 0),
                    floors.get(unit.id, 1),
                    unit.has_lift,
                    building.lon * wide + 12.0 * unit.number,
                    building.lat * _METRES_A_DEGREE,
                ),
                unit.area_code,
            )
