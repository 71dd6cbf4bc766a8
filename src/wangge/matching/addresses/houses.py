"""One estate's houses, stairwells and rooms, and the doors that a reading means among them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from wangge.matching.addresses.model import RIVALS_MAX, Door, Placed
from wangge.matching.addresses.reading import Meaning, Reading, read, strip_noughts
from wangge.matching.addresses.spelling import normal

_SIMPLE = re.compile(
    r"(?P<key>[A-Z]?\d{1,6}(?:-\d{1,4})?[A-Z]?|[A-Z]|[甲乙丙丁戊己庚辛壬癸东西南北中])"
    r"(?:号楼|幢楼?|栋楼?|座|号幢|号栋|#楼?|号|楼|单元|号单元|单|门|号门|楼道|号楼道|梯|层|室|号室|房|号房|户)?"
)
#: Words that may follow an estate's name and say nothing.
_GENERIC = re.compile(r"(?:住宅|小区|生活区|家属院|院内|区内|内|的|里面|里|共建|-)*")
#: What may follow a room and says nothing about which.
_HARMLESS = re.compile(
    r"(?:复式|跃层|阁楼|自住|出租|租户|租客|租房|房东|户主|业主|本人|空关|空置|群租|室内|住户|家中|家里|房间|室|户|住|户籍|现住"
    r"|内|共?\d+人|单独|全家|一家|-)*"
)
#: A proposal from a house that was not named, among several.
_GUESSED_HOUSE = 0.84
#: Interpretations whose penalties lie this close compete.
_CLOSE = 0.02


@dataclass(slots=True)
class Unit:
    """A stairwell. `rooms` by number without noughts and type word."""

    key: str
    rooms: dict[str, Door] = field(default_factory=dict[str, Door])


@dataclass(slots=True)
class House:
    """A building; `area` is where it stands."""

    area: str
    units: list[Unit] = field(default_factory=list[Unit])


@dataclass(frozen=True, slots=True)
class _Hit:
    door: Door
    score: float
    reason: str


def key_of(name: str) -> str | None:
    """What a building, unit or room is called without its type word: `7幢` → 7, `A座` → A,
    `甲楼` → 甲; None for one with a name of its own (外贸楼)."""
    found = _SIMPLE.fullmatch(normal(name))
    return strip_noughts(found["key"]) if found else None


class Estate:
    """An estate with its houses. `names` are in the one spelling."""

    def __init__(self, name: str, names: tuple[str, ...], community: str) -> None:
        self.name = name
        self.names = names
        self.community = community
        self.houses: list[House] = []
        self.by_key: dict[str, list[House]] = {}
        #: Houses with a name of their own (外贸楼, 东区7幢), longest first.
        self.named: list[tuple[str, House]] = []

    def add_house(self, names: Iterable[str], area: str) -> House:
        """A house under all of its names."""
        house = House(area)
        self.houses.append(house)
        for name in dict.fromkeys(names):
            key = key_of(name)
            if key is not None:
                known = self.by_key.setdefault(key, [])
                if house not in known:
                    known.append(house)
            elif normal(name):
                self.named.append((normal(name), house))
        self.named.sort(key=lambda one: -len(one[0]))
        return house

    def has(self, door: Door) -> bool:
        """Whether a door is one of this estate's."""
        return door.compound == self.name and door.area_code.startswith(self.community)

    def place(self, rest: str) -> Placed:
        """The door that the words after the estate's name mean."""
        reading, houses = read(rest), None
        for name, house in self.named:
            at = rest.find(name)
            if at >= 0 and not (name[0].isdigit() and rest[at - 1 : at].isdigit()):
                reading, houses = read(rest[:at] + rest[at + len(name) :]), [house]
                break
        if not reading.tokens and houses is None:
            return Placed(None, 0.0, "no_number", (), {"said": rest} if rest else {})
        placed = self._search(reading, houses)
        if placed.door is None:
            return placed
        extra = "".join(
            words
            for words, harmless in (
                (reading.before, _GENERIC),
                (reading.between, _GENERIC),
                (reading.after, _HARMLESS),
            )
            if not harmless.fullmatch(words)
        )
        return weaker(placed, 0.8, "extra_words", {"words": extra}) if extra else placed

    def _search(self, reading: Reading, given: list[House] | None) -> Placed:
        failures: list[Placed] = []
        hits: list[_Hit] = []
        limit = 1.0
        for meaning in reading.meanings or (_NOTHING,):
            if meaning.penalty > limit:
                break
            got = self._try(meaning, given, failures)
            if got:
                hits += got
                limit = min(limit, meaning.penalty + _CLOSE)
        if not hits:
            hits = self._run_together(reading, given)
        return best(hits) if hits else failures[0]

    def _try(
        self, meaning: Meaning, given: list[House] | None, failures: list[Placed]
    ) -> list[_Hit]:
        score, reason = 1.0 - meaning.penalty, "exact"
        if meaning.building is not None:
            houses = self.by_key.get(meaning.building, []) if given is None else []
            if not houses:
                failures.append(
                    Placed(None, 0.0, "no_such_building", (), {"building": meaning.building})
                )
                return []
        elif given is not None:
            houses = given
        else:
            houses, reason = self.houses, "building_implied"
            score = score - 0.04 if len(houses) == 1 else _GUESSED_HOUSE - meaning.penalty
        hits: list[_Hit] = []
        for house in houses:
            hits += _in_house(house, meaning, score, reason, failures)
        return hits

    def _run_together(self, reading: Reading, given: list[House] | None) -> list[_Hit]:
        """4901 for stairwell 4, room 901; A1101 for house A, room 1101."""
        hits: list[_Hit] = []
        for meaning in reading.meanings:
            room = meaning.room
            if room is None or meaning.unit is not None:
                continue
            splits: list[Meaning] = []
            if room[0].isalpha() and meaning.building is None and len(room) > 3:
                splits.append(_with(meaning, building=room[0], room=room[1:]))
            if room.isdigit():
                for at in (1, 2):
                    if len(room) - at >= 3:
                        rest = strip_noughts(room[at:])
                        splits.append(_with(meaning, unit=room[:at], room=rest))
            for split in splits:
                for hit in self._try(split, given, []):
                    hits.append(_Hit(hit.door, min(hit.score, 0.87), "run_together"))
            if hits:
                break
        return hits


_NOTHING = Meaning(None, None, None, None, None, 0.0)


def _with(
    meaning: Meaning, *, building: str | None = None, unit: str | None = None, room: str
) -> Meaning:
    return Meaning(
        building or meaning.building, unit, meaning.floor, room, meaning.part, meaning.penalty
    )


def _in_house(
    house: House, meaning: Meaning, score: float, reason: str, failures: list[Placed]
) -> list[_Hit]:
    units = house.units
    if meaning.unit is not None:
        units = [unit for unit in units if unit.key == meaning.unit]
        if not units:
            failures.append(Placed(None, 0.0, "no_such_unit", (), {"unit": meaning.unit}))
            return []
    elif len(units) == 1:
        score, reason = score - 0.02, _first(reason, "unit_implied")
    else:
        score, reason = score - 0.06, _first(reason, "unit_found")
    if meaning.room is None and meaning.floor is None:
        doors = [door for unit in units for door in unit.rooms.values()]
        if len(house.units) == 1 and len(doors) == 1:
            return [_Hit(doors[0], score, "whole_house")]
        failures.append(
            Placed(None, 0.0, "no_room", tuple(doors[:RIVALS_MAX]), _count(len(doors)))
        )
        return []
    hits = [
        _Hit(hit.door, score + hit.score - 1.0, _first(hit.reason, reason))
        for unit in units
        for hit in rooms_of(unit, meaning)
    ]
    if not hits:
        alike = [door for unit in units for door in _neighbours(unit, meaning)]
        room = meaning.room or f"{meaning.floor}楼"
        failures.append(
            Placed(None, 0.0, "no_such_room", tuple(alike[:RIVALS_MAX]), {"room": room})
        )
    return hits


def _first(reason: str, other: str) -> str:
    return other if reason == "exact" else reason


def rooms_of(unit: Unit, meaning: Meaning) -> list[_Hit]:
    """The rooms of a stairwell that a floor, a room's number and a part of it can mean."""
    floor, room, rooms = meaning.floor, meaning.room, unit.rooms
    if room is None:
        if floor is None:
            return []
        there = [door for door in rooms.values() if str(door.floor) == floor]
        return [_Hit(door, 0.92, "floor_said") for door in there]
    if floor is not None:
        if not room.isdigit():
            return []
        for spelled in (f"{floor}{int(room):02d}", f"{floor}{room}", room):
            door = rooms.get(spelled)
            if door is not None and str(door.floor) == floor:
                return [_Hit(door, 0.99, "floor_said")]
        return []
    if meaning.part is not None:
        for spelled in (f"{room}-{meaning.part}", f"{room}{meaning.part}"):
            if spelled in rooms:
                return [_Hit(rooms[spelled], 1.0, "exact")]
    door = rooms.get(room)
    if door is not None:
        return [
            _Hit(door, 1.0, "exact")
            if meaning.part is None
            else _Hit(door, 0.94, "part_of_room")
        ]
    if room[-1].isalpha() and room[:-1] in rooms:
        return [_Hit(rooms[room[:-1]], 0.94, "part_of_room")]
    return []


def _neighbours(unit: Unit, meaning: Meaning) -> list[Door]:
    """Doors that somebody may have meant: on the same floor."""
    room = meaning.room or ""
    floor = meaning.floor or room[:-2]
    return [door for door in unit.rooms.values() if floor and str(door.floor) == floor]


def best(hits: list[_Hit]) -> Placed:
    """The one door that all hits mean, or which of what it may be."""
    found: dict[UUID, _Hit] = {}
    for hit in hits:
        known = found.get(hit.door.dwelling_id)
        if known is None or known.score < hit.score:
            found[hit.door.dwelling_id] = hit
    if len(found) == 1:
        (hit,) = found.values()
        return Placed(hit.door, round(hit.score, 3), hit.reason)
    ordered = sorted(found.values(), key=lambda hit: -hit.score)
    doors, score = [hit.door for hit in ordered], round(ordered[0].score, 3)
    if len({door.unit_id for door in doors}) == 1:
        reason = "which_room"
    elif len({(door.compound, door.building) for door in doors}) == 1:
        reason = "which_unit"
    else:
        reason = "which_building"
    return Placed(None, score, reason, tuple(doors[:RIVALS_MAX]), _count(len(doors)))


def _count(doors: int) -> Mapping[str, str]:
    return {"rivals": str(doors)}


def weaker(
    placed: Placed, score: float, reason: str, values: Mapping[str, str] | None = None
) -> Placed:
    """The same door, less surely: a chain is as strong as its weakest step."""
    if placed.door is None:
        return placed
    told = reason if score < placed.score else placed.reason
    return Placed(
        placed.door,
        min(score, placed.score),
        told,
        placed.rivals,
        {**placed.values, **(values or {})},
    )
