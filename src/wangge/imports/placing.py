"""From an address to a door: one that is there, one that is likely, one that would be made, or the
reason why none is known. Pure, but for loading the list of an area.

A door that is to be made has its id before it is there: it follows from the stairwell and the
room, so that two rows, two bites or two imports that make the same door make one.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid5

import msgspec

from wangge.imports.reading import Address
from wangge.imports.records import Where
from wangge.kernel.cache import Cached
from wangge.kernel.database import Tx
from wangge.matching import Door, Doors
from wangge.matching.addresses.houses import key_of
from wangge.matching.addresses.reading import read
from wangge.matching.addresses.spelling import normal
from wangge.places.doors import closed_list

#: Lists of doors kept in memory, the latest asked for.
LISTS_KEPT = 4
#: A house or a room may be called by this at most when it is made.
NAME_MAX = 20

_MADE = UUID("5b0e6a4e-1f0c-5d52-9a55-6d0c6f3a2b17")
#: Reasons that mean: what is named well enough is not there.
_MISSING = frozenset({"no_such_room", "no_such_unit", "no_such_building"})


@dataclass(frozen=True, slots=True)
class NewDoor:
    """A door that would be made, with what it needs: ids of what is there or will be."""

    dwelling_id: UUID
    unit_id: UUID
    building_id: UUID
    compound_id: UUID
    area_code: str
    compound: str
    building: str
    unit: str
    room: str
    floor: int
    new_compound: bool
    new_building: bool
    new_unit: bool

    @property
    def name(self) -> str:
        """As people say it: 1幢1单元901室."""
        return f"{_said(self.building, '幢')}{_said(self.unit, '单元')}{_said(self.room, '室')}"


class Placement(msgspec.Struct, frozen=True):
    """Where a row's address leads. `state`: placed, likely (a proposal), new, unplaced.

    `reason` is a code of `matching.addresses.Placed`, `rivals` doors it may be, `said` what was
    not understood and is the same in every row that shares the trouble.
    """

    state: str
    reason: str
    score: float = 0.0
    dwelling_id: UUID | None = None
    unit_id: UUID | None = None
    area_code: str = ""
    name: str = ""
    values: Mapping[str, str] = {}
    rivals: tuple[tuple[UUID, str], ...] = ()
    said: str = ""
    make: NewDoor | None = None


def _said(text: str, word: str) -> str:
    return text + word if re.fullmatch(r"[A-Za-z]?\d+[A-Za-z]?|[甲乙丙丁]", text) else text


def door_name(door: Door) -> str:
    """A door of the list as people say it, with its estate."""
    house = door.building.removeprefix(door.compound)
    return (
        f"{door.compound}{_said(house, '幢')}{_said(door.unit, '单元')}{_said(door.room, '室')}"
    )


def where_of(text: str, place: Placement) -> Where:
    """A placement as a line keeps it, for people to read."""
    make = place.make
    return Where(
        text,
        place.state,
        place.reason,
        place.score,
        place.name,
        dict(place.values),
        place.rivals,
        place.said if place.state in ("likely", "unplaced") else "",
        place.dwelling_id if place.state == "likely" else None,
        None
        if make is None
        else {
            "unit_id": str(make.unit_id),
            "building_id": str(make.building_id),
            "compound_id": str(make.compound_id),
            "compound": make.compound,
            "building": make.building,
            "unit": make.unit,
            "room": make.room,
            "floor": make.floor,
        },
    )


# -- the houses of an area, for making ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HouseRow:
    """A stairwell, a building without one, or an estate without any."""

    compound_id: UUID
    compound: str
    compound_aliases: tuple[str, ...]
    compound_area: str
    building_id: UUID | None
    building: str | None
    building_number: str | None
    building_aliases: tuple[str, ...]
    building_area: str | None
    unit_id: UUID | None
    unit: str | None
    unit_area: str | None


@dataclass(slots=True)
class _House:
    id: UUID
    name: str
    area: str
    units: dict[str, tuple[UUID, str, str]] = field(
        default_factory=dict[str, tuple[UUID, str, str]]
    )


@dataclass(slots=True)
class _Estate:
    id: UUID
    name: str
    area: str
    houses: dict[str, _House] = field(default_factory=dict[str, _House])


class Houses:
    """Estates, buildings and stairwells below an area, by what they are called."""

    def __init__(self, rows: Iterable[HouseRow]) -> None:
        self._estates: dict[UUID, _Estate] = {}
        self._called: dict[str, _Estate] = {}
        for row in rows:
            estate = self._estates.get(row.compound_id)
            if estate is None:
                estate = _Estate(row.compound_id, row.compound, row.compound_area)
                self._estates[row.compound_id] = estate
                for name in (row.compound, *row.compound_aliases):
                    self._called.setdefault(normal(name), estate)
            if row.building_id is None:
                continue
            house = estate.houses.get(_key(row.building_number or row.building or ""))
            if house is None:
                house = _House(
                    row.building_id, row.building or "", row.building_area or estate.area
                )
                called = (row.building_number, row.building, *row.building_aliases)
                for name in filter(None, called):
                    estate.houses.setdefault(_key(name), house)
            if row.unit_id is not None and row.unit is not None:
                house.units[_key(row.unit)] = (
                    row.unit_id,
                    row.unit,
                    row.unit_area or house.area,
                )

    def new_door(self, address: Address, area: str) -> NewDoor | None:
        """The door that an address would make, or None when it does not say enough."""
        said = self._parts(address)
        if said is None:
            return None
        estate, called, building, unit, floor, room = said
        if not building or not room or max(map(len, (building, unit, room))) > NAME_MAX:
            return None
        if estate is None and not called:
            return None
        compound_id = estate.id if estate else uuid5(_MADE, f"{area[:12]}/{normal(called)}")
        house = estate.houses.get(_key(building)) if estate else None
        building_id = house.id if house else uuid5(compound_id, _key(building))
        at = (
            house.area
            if house
            else (area if len(area) > 12 else (estate.area if estate else area))
        )
        if house is not None and not unit and len(house.units) == 1:
            unit = next(iter(house.units))
        stair = house.units.get(_key(unit or "1")) if house else None
        unit_id, unit_name, unit_area = stair or (
            uuid5(building_id, _key(unit or "1")),
            unit or "1",
            at,
        )
        return NewDoor(
            uuid5(unit_id, _key(room)),
            unit_id,
            building_id,
            compound_id,
            unit_area,
            estate.name if estate else called,
            house.name if house else building,
            unit_name,
            room,
            floor,
            estate is None,
            house is None,
            stair is None,
        )

    def _parts(self, address: Address) -> tuple[_Estate | None, str, str, str, int, str] | None:
        """Estate (or the name of one to be made), building, stairwell, floor, room."""
        if address.building and address.room:
            estate = self._estate(address.compound)
            return (
                estate,
                "" if estate else address.compound.strip(),
                _plain(address.building),
                _plain(address.unit),
                _floor(address.floor, _plain(address.room)),
                _plain(address.room),
            )
        spelled = normal(address.text)
        named = max((n for n in self._called if n and n in spelled), key=len, default="")
        rest = spelled[spelled.index(named) + len(named) :] if named else spelled
        estate = self._called[named] if named else self._estate("")
        reading = read(rest)
        # Words nobody understood may be another estate: nothing is made on a guess.
        if estate is None or not reading.meanings or reading.before or reading.between:
            return None
        for meaning in reading.meanings:
            if meaning.building and meaning.room and not meaning.part:
                floor = _floor(meaning.floor or "", meaning.room)
                return estate, "", meaning.building, meaning.unit or "", floor, meaning.room
        return None

    def _estate(self, name: str) -> _Estate | None:
        if name.strip():
            return self._called.get(normal(name))
        return next(iter(self._estates.values())) if len(self._estates) == 1 else None


def _key(name: str) -> str:
    return key_of(name) or normal(name)


def _plain(text: str) -> str:
    """`7幢` as it is kept: 7; a house with a name of its own keeps it."""
    return key_of(text) or text.strip()


def _floor(said: str, room: str) -> int:
    digits = re.sub(r"\D", "", said)
    if digits and 1 <= int(digits) <= 200:
        return int(digits)
    number = re.match(r"\d{3,5}", room)
    return max(1, min(200, int(number[0][:-2]))) if number else 1


# -- asking ----------------------------------------------------------------------------------------


class Placer:
    """Places addresses below one area. Kept while the list of doors is the same."""

    def __init__(self, doors: Doors, houses: Houses, area: str) -> None:
        self.doors, self.houses, self.area = doors, houses, area
        self._known: dict[tuple[str, bool, bool], Placement] = {}

    def place(self, address: Address, *, sure: bool, make: bool) -> Placement:
        """The door of an address. `sure` takes likely doors, `make` makes missing ones."""
        if not address.text:
            return Placement("unplaced", "empty")
        asked = (address.text, sure, make)
        found = self._known.get(asked)
        if found is None:
            found = self._known[asked] = self._place(address, sure=sure, make=make)
        return found

    def candidates(self, text: str) -> list[tuple[UUID, str]]:
        """Doors that a text may mean, the likeliest first."""
        placed = self.doors.resolve(text, area_prefix=self.area)
        found = [placed.door] if placed.door is not None else []
        return [(one.dwelling_id, door_name(one)) for one in (*found, *placed.rivals)]

    def _place(self, address: Address, *, sure: bool, make: bool) -> Placement:
        placed = self.doors.resolve(address.text, area_prefix=self.area)
        door = placed.door
        if door is not None:
            state = "placed" if placed.sure or sure else "likely"
            return Placement(
                state,
                placed.reason,
                placed.score,
                door.dwelling_id,
                door.unit_id,
                door.area_code,
                door_name(door),
                placed.values,
                said="" if state == "placed" else _phrase(address),
            )
        if placed.reason in _MISSING or placed.reason == "unknown_compound":
            made = self.houses.new_door(address, self.area)
            if made is not None and make:
                return Placement(
                    "new",
                    placed.reason,
                    1.0,
                    made.dwelling_id,
                    made.unit_id,
                    made.area_code,
                    made.name,
                    placed.values,
                    make=made,
                )
        return Placement(
            "unplaced",
            placed.reason,
            placed.score,
            values=placed.values,
            rivals=tuple((one.dwelling_id, door_name(one)) for one in placed.rivals),
            said=_phrase(address),
        )


def _phrase(address: Address) -> str:
    """What names the house in an address, without the numbers behind it: rows that share it share
    the trouble (老供销社楼, 外贸楼)."""
    if address.building:
        return normal(address.compound + address.building)
    spelled = normal(address.text)
    reading = read(spelled)
    return reading.before or (reading.gaps[0][0] if reading.gaps else "") or spelled


@dataclass(frozen=True, slots=True)
class _Chosen:
    id: UUID
    unit_id: UUID
    area_code: str
    compound: str
    name: str


async def chosen(tx: Tx, dwellings: Sequence[UUID]) -> dict[UUID, Placement]:
    """Doors that people chose, as placements."""
    if not dwellings:
        return {}
    rows = await tx.many(
        _Chosen,
        """
        select d.id, d.unit_id, d.area_code, c.name as compound, d.name
          from places_dwelling d
          join places_unit u on u.id = d.unit_id
          join places_building b on b.id = u.building_id
          join places_compound c on c.id = b.compound_id
         where d.id = any (:ids::uuid[])
        """,
        ids=list(dwellings),
    )
    return {
        row.id: Placement(
            "placed", "told", 1.0, row.id, row.unit_id, row.area_code, row.compound + row.name
        )
        for row in rows
    }


async def houses(tx: Tx, area: str) -> Houses:
    """Estates, buildings and stairwells below an area."""
    return Houses(
        await tx.many(
            HouseRow,
            """
            select c.id as compound_id, c.name as compound, c.area_code as compound_area,
                   coalesce((select array_agg(a.name order by a.name) from places_alias a
                              where a.compound_id = c.id), '{}') as compound_aliases,
                   b.id as building_id, b.name as building, b.number as building_number,
                   coalesce((select array_agg(a.name order by a.name) from places_alias a
                              where a.building_id = b.id), '{}') as building_aliases,
                   b.area_code as building_area, u.id as unit_id,
                   coalesce(nullif(btrim(u.number), ''), u.name) as unit,
                   u.area_code as unit_area
              from places_compound c
              left join places_building b on b.compound_id = c.id
              left join places_unit u on u.building_id = b.id
             where (c.area_code >= :low and c.area_code < :high)
                or (b.area_code >= :low and b.area_code < :high)
             order by c.area_code, c.name, b.number, u.number, u.id
            """,
            low=area,
            high=area + ":",
        )
    )


class Placers:
    """The placers of a district as of one version of its places, read when asked for."""

    def __init__(self) -> None:
        self._by_area: OrderedDict[str, Placer] = OrderedDict()

    async def of(self, tx: Tx, area: str) -> Placer:
        """The placer of an area."""
        found = self._by_area.get(area)
        if found is None:
            found = Placer(await closed_list(tx, area), await houses(tx, area), area)
            self._by_area[area] = found
            while len(self._by_area) > LISTS_KEPT:
                self._by_area.popitem(last=False)
        return found


async def _no_placers_yet(tx: Tx) -> Placers:
    del tx
    return Placers()


PLACERS = Cached("places", _no_placers_yet)
