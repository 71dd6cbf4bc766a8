"""Compounds, buildings, stairwells and doors of one community.

Every micro-grid gets the doors it needs and about six in a hundred more, in walk-ups of five to
seven floors, lift houses of nine to twelve and towers up to twenty-two. What the arithmetic of
floors leaves over becomes shops on the ground floor.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal
from uuid import UUID

from wangge.demo.town import names
from wangge.demo.town.blocks import Box, Lot, Slab
from wangge.demo.town.ground import CommunityLand, GridLand, MicroLand, to_lonlat
from wangge.demo.town.minting import ids, stream
from wangge.demo.town.model import Building, Compound, Dwelling, Housing, Park, Unit

VACANT = (1.045, 1.082)
"""Doors per household, between these; about six in a hundred stand empty."""

Style = Literal["walk_up", "lift", "tower", "dormitory"]
_SPECIAL = {"market": "综合市场", "enterprise": "产业园", "campus": "实验学校"}
_HALLS: dict[str, tuple[tuple[str, int, float, float], ...]] = {
    "market": (("交易大厅", 2, 58.0, 34.0),),
    "enterprise": (("1号厂房", 3, 52.0, 22.0), ("2号厂房", 2, 46.0, 22.0)),
    "campus": (("体育馆", 1, 36.0, 26.0), ("教学楼", 4, 54.0, 14.0)),
}


@dataclass(frozen=True, slots=True)
class _Design:
    """A house to be built: `units` stairwells with `rooms` doors on each of `floors` floors."""

    name: str
    floors: int
    units: int
    rooms: int
    slab: Slab


@dataclass(frozen=True, slots=True)
class _Mints:
    compound: Iterator[UUID]
    building: Iterator[UUID]
    unit: Iterator[UUID]
    dwelling: Iterator[UUID]


def build(land: CommunityLand, index: int, seed: int) -> Housing:
    """Everything built in a community, always the same for the same land and seed."""
    code = land.area.code
    rng = stream(seed, code, "housing")
    mints = _Mints(
        *(
            ids(stream(seed, code, f"ids/{kind}"), shelf=index)
            for kind in ("compound", "building", "unit", "dwelling")
        )
    )
    titles = _titles(land, rng)
    compounds: list[Compound] = []
    buildings: list[Building] = []
    units: list[Unit] = []
    dwellings: list[Dwelling] = []
    parks: list[Park] = []
    for grid, title in zip(land.grids, titles, strict=True):
        area = grid.area
        compound = Compound(
            next(mints.compound), area.code, title, area.centre_lon, area.centre_lat
        )
        compounds.append(compound)
        style: Style = rng.choices(("walk_up", "lift", "tower"), (42, 22, 36))[0]
        number = 0
        for micro in grid.micro_grids:
            lot = Lot(micro.shape, land.frame)
            if micro.park and (park := _park(lot, micro, title, rng)):
                parks.append(park)
            doors = max(micro.households, round(micro.households * rng.uniform(*VACANT)))
            designs = _designs(grid, micro, style, doors, rng)
            boxes = lot.place([design.slab for design in designs])
            spare = sum(d.floors * d.units * d.rooms for d in designs) - doors
            for design, box in zip(designs, boxes, strict=True):
                number += 1
                building = _building(design, box, lot, micro, compound.id, number, mints)
                buildings.append(building)
                spare = _doors(design, building, spare, mints, units, dwellings)
    return Housing(
        tuple(compounds), tuple(buildings), tuple(units), tuple(dwellings), tuple(parks)
    )


def _titles(land: CommunityLand, rng: Random) -> list[str]:
    """A compound per grid; neighbours may be phases of one estate."""
    fresh = iter(names.road_names(rng))
    titles: list[str] = []
    run, phase, base = 0, 0, ""
    left = sum(grid.area.grid_kind == "base" for grid in land.grids)
    for grid in land.grids:
        special = _SPECIAL.get(grid.area.grid_kind or "")
        if special:
            titles.append(land.area.name.removesuffix("社区") + special)
            continue
        if phase >= run:
            run, phase = min(left, rng.choice((1, 1, 2, 2, 3))), 0
            base = next(fresh) + rng.choice(names.COMPOUND_LAST)
        phase += 1
        left -= 1
        titles.append(base if run == 1 else f"{base}{'一二三'[phase - 1]}期")
    return titles


def _park(lot: Lot, micro: MicroLand, title: str, rng: Random) -> Park | None:
    for size in (62.0, 50.0, 40.0, 30.0, 22.0):
        box = lot.reserve(size * 1.25, size * 0.8)
        if box is not None:
            break
    else:
        return None
    c = (box.t1 - box.t0) * 0.28
    outline = (
        (box.s0 + c, box.t0),
        (box.s1 - c * 1.4, box.t0),
        (box.s1, box.t0 + c),
        (box.s1, box.t1 - c * 0.7),
        (box.s1 - c, box.t1),
        (box.s0 + c * 0.8, box.t1),
        (box.s0, box.t1 - c),
        (box.s0, box.t0 + c * 1.2),
    )
    name = title.removesuffix("期").rstrip("一二三") + rng.choice(names.PARK_LAST)
    return Park(name, tuple(to_lonlat(lot.back(s, t)) for s, t in outline))


def _designs(
    grid: GridLand, micro: MicroLand, usual: Style, doors: int, rng: Random
) -> list[_Design]:
    if micro.area.grid_kind == "enterprise":
        halls = [
            _Design(name, floors, 0, 0, Slab(length, depth, 14.0))
            for name, floors, length, depth in _HALLS[grid.area.grid_kind or "enterprise"]
        ]
        return halls + _homes("dormitory", doors, rng)
    if doors <= 20:
        return _homes("dormitory", doors, rng)
    style: Style = usual if rng.random() < 0.85 else "walk_up"
    return _homes(style, doors, rng)


def _homes(style: Style, doors: int, rng: Random) -> list[_Design]:
    """Houses with at least so many doors and little over."""
    if style == "dormitory":
        floors = min(6, max(2, -(-doors // 6)))
        rooms = -(-doors // floors)
        return [_Design("", floors, 1, rooms, Slab(8.0 + 4.5 * min(rooms, 8), 11.0, 12.0))]
    choices: tuple[int, ...]
    if style == "walk_up":
        rooms, choices, most, wide, slab = 2, (6, 5, 7), 4, 17.0, Slab(0.0, 11.5, 14.0)
    elif style == "lift":
        rooms, choices, most, wide, slab = 2, (11, 10, 9, 12), 3, 20.0, Slab(0.0, 13.0, 20.0)
    else:
        rooms, most, wide, slab = rng.choice((3, 4, 4)), 1, 25.0, Slab(0.0, 17.0, 25.0)
        choices = tuple(range(11, 23))
    floors = min(choices, key=lambda f: (-doors % (f * rooms), rng.random()))
    total = -(-doors // (floors * rooms))
    if style == "tower" and total == 1:
        floors = max(8, -(-doors // rooms))
    houses = -(-total // most)
    return [
        _Design(
            "",
            floors,
            total // houses + (n < total % houses),
            rooms,
            Slab(wide * (total // houses + (n < total % houses)) + 2.0, slab.depth, slab.front),
        )
        for n in range(houses)
    ]


def _building(
    design: _Design,
    box: Box,
    lot: Lot,
    micro: MicroLand,
    compound_id: UUID,
    number: int,
    mints: _Mints,
) -> Building:
    lon, lat = to_lonlat(lot.back((box.s0 + box.s1) / 2, (box.t0 + box.t1) / 2))
    return Building(
        next(mints.building),
        compound_id,
        micro.area.code,
        f"{number}幢{design.name}",
        number,
        design.floors,
        lon,
        lat,
        tuple(to_lonlat(point) for point in lot.corners(box)),
    )


def _doors(
    design: _Design,
    building: Building,
    spare: int,
    mints: _Mints,
    units: list[Unit],
    dwellings: list[Dwelling],
) -> int:
    """Add a building's stairwells and doors; the lowest `spare` doors are shops. What is left."""
    # A stairwell keeps at least its upper floors, however many shops the building could have.
    shops = min(spare, design.units * design.rooms * max(0, design.floors - 1))
    per_level = design.units * design.rooms
    for k in range(1, design.units + 1):
        unit = Unit(
            next(mints.unit),
            building.id,
            building.area_code,
            f"{k}单元",
            k,
            building.floors >= 8,
        )
        units.append(unit)
        for floor in range(1, design.floors + 1):
            for door in range(1, design.rooms + 1):
                if (floor - 1) * per_level + (k - 1) * design.rooms + door <= shops:
                    continue
                room = f"{floor}{door:02d}"
                name = f"{building.number}幢{k}单元{room}室"
                dwellings.append(
                    Dwelling(
                        next(mints.dwelling), unit.id, building.area_code, floor, room, name
                    )
                )
    return spare - shops
