"""The houses of an area by what they are called, and the doors that are missing there.

A door that is to be made has its id before it is there: it follows from the stairwell and the
room, so that two rows, two bites or two imports that make the same door make one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from wangge.imports.reading import Address
from wangge.kernel.database import Tx
from wangge.matching.addresses.houses import key_of
from wangge.matching.addresses.reading import read
from wangge.matching.addresses.spelling import normal

#: A house or a room may be called by this at most when it is made.
NAME_MAX = 20

_MADE = UUID("5b0e6a4e-1f0c-5d52-9a55-6d0c6f3a2b17")


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
        return f"{with_word(self.building, '幢')}{with_word(self.unit, '单元')}{with_word(self.room, '室')}"


def with_word(text: str, word: str) -> str:
    return text + word if re.fullmatch(r"[A-Za-z]?\d+[A-Za-z]?|[甲乙丙丁]", text) else text


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
