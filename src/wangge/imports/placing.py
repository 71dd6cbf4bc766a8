"""From an address to a door: one that is there, one that is likely, one that would be made, or the
reason why none is known. Pure, but for loading the list of an area.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from wangge.imports.houses import Houses, NewDoor, houses, with_word
from wangge.imports.reading import Address
from wangge.imports.records import Where
from wangge.kernel.cache import Cached
from wangge.kernel.database import Tx
from wangge.matching import Door, Doors
from wangge.matching.addresses.reading import read
from wangge.matching.addresses.spelling import normal
from wangge.places.doors import closed_list

#: Lists of doors kept in memory, the latest asked for.
LISTS_KEPT = 4

#: Reasons that mean: what is named well enough is not there.
_MISSING = frozenset({"no_such_room", "no_such_unit", "no_such_building"})


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


def door_name(door: Door) -> str:
    """A door of the list as people say it, with its estate."""
    house = with_word(door.building.removeprefix(door.compound), "幢")
    return f"{door.compound}{house}{with_word(door.unit, '单元')}{with_word(door.room, '室')}"


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
