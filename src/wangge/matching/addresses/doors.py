"""The closed list: every door there is, and the one an address means."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from wangge.matching.addresses.model import RIVALS_MAX, Door, Placed
from wangge.matching.addresses.reading import Meaning, Reading, meanings, read, strip_noughts
from wangge.matching.addresses.spelling import normal
from wangge.matching.names import sound
from wangge.matching.shapes import twins

#: Longer than any address; a pasted page is not one.
LONGEST = 200

_SIMPLE = re.compile(
    r"(?P<key>[A-Z]?\d{1,6}[A-Z]?|[A-Z]|[甲乙丙丁戊己庚辛壬癸东西南北中])"
    r"(?:号楼|幢|栋|座|号幢|号栋|#楼|#|号|楼|单元|号单元|单|门|号门|楼道|号楼道|梯|层|室|号室|房|号房|户)?"
)
#: The last words of estates' names, which people leave out.
_ENDS = re.compile(
    r"(?:小区|花园|家园|新村|公寓|花苑|名苑|雅苑|嘉苑|苑|里|庭|府|园|城|村|雅居|新苑|新城|佳苑|大厦|广场|住宅区|宿舍|院)$"
)
#: Words that may follow an estate's name and say nothing.
_GENERIC = re.compile(r"^(?:小区|住宅小区|住宅区|生活区|家属院|住宅|院内|内|的|里面|-|,)*$")
_BESIDE = re.compile(
    r"对面|旁边?|隔壁|附近|后门|门口|后面|前面|斜对|边上|路口|交叉|以东|以西|以南|以北|楼下|楼上|东侧|西侧|南侧|北侧"
)
#: What may follow a room and says nothing about which.
_HARMLESS = re.compile(
    r"^(?:\(?(?:复式|跃层|阁楼|自住|出租|租户|租客|房东|户主|业主|本人|空关|空置|群租|室内|住户|家中|家里|房间|室|户|住|户籍|现住|东|西|内|\d+人|之\d+)\)?)*$"
)
#: An estate's name begins after one of these, or at the beginning.
_BORDER = re.compile(
    r"(?:^|[省市区县镇乡村路街弄巷号道院城社里组队大()\-\d]|街道|社区|网格|地址|住址|住)$"
)
_ADMIN = re.compile(
    r"^.*(?:省|自治区|自治州|市|区(?!\d)|县|镇|乡|街道|社区|村委会|网格|大道\d+号|路\d+号|街\d+号|路\d+弄|巷\d+号|大道|路|街|\d+弄)"
)


@dataclass(slots=True)
class _Unit:
    key: str
    name: str
    rooms: dict[str, Door] = field(default_factory=dict[str, Door])


@dataclass(slots=True)
class _Building:
    compound: "_Compound"
    keys: frozenset[str]
    area: str
    units: dict[UUID, _Unit] = field(default_factory=dict[UUID, _Unit])


@dataclass(slots=True)
class _Compound:
    name: str
    names: tuple[str, ...]
    buildings: list[_Building] = field(default_factory=list["_Building"])
    by_key: dict[str, list[_Building]] = field(default_factory=dict[str, list["_Building"]])
    #: Buildings with a name of their own (外贸楼, 东区7幢), longest first.
    named: list[tuple[str, _Building]] = field(default_factory=list[tuple[str, "_Building"]])


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


class Doors:
    """A closed list of doors. Made once, asked many times; never changed.

    `areas` gives names by area code, so that a named community or street tells estates of one
    name apart. Two tables are held: estates by every name they have, doors by stairwell.
    """

    def __init__(self, entries: Iterable[Door], areas: Mapping[str, str] | None = None) -> None:
        self._compounds: dict[tuple[str, str], _Compound] = {}
        self._units: dict[UUID, _Unit] = {}
        self._unit_building: dict[UUID, _Building] = {}
        self._areas = {normal(name): code for code, name in (areas or {}).items()}
        buildings: dict[tuple[int, str], _Building] = {}
        count = 0
        for door in entries:
            count += 1
            unit = self._units.get(door.unit_id)
            if unit is None:
                unit = self._new_unit(door, buildings)
            unit.rooms.setdefault(key_of(door.room) or normal(door.room), door)
        self._count = count
        self._by_name: dict[str, list[_Compound]] = {}
        self._by_start: dict[str, list[str]] = {}
        self._by_sound: dict[str, set[str]] = {}
        self._by_gram: dict[str, set[str]] = {}
        for compound in self._compounds.values():
            for name in compound.names:
                self._by_name.setdefault(name, []).append(compound)
        for name in self._by_name:
            self._by_start.setdefault(name[:2], []).append(name)
            self._by_sound.setdefault(sound(name), set()).add(name)
            for at in range(len(name) - 1):
                self._by_gram.setdefault(name[at : at + 2], set()).add(name)
        for names in self._by_start.values():
            names.sort(key=len, reverse=True)
        for compound in self._compounds.values():
            compound.named.sort(key=lambda one: -len(one[0]))

    def __len__(self) -> int:
        """How many doors."""
        return self._count

    def _new_unit(self, door: Door, buildings: dict[tuple[int, str], _Building]) -> _Unit:
        name = normal(door.compound)
        # One estate may lie in several grids; the same name in another community is another.
        place = (name, door.area_code[:12])
        compound = self._compounds.get(place)
        if compound is None:
            names = tuple(dict.fromkeys((name, *map(normal, door.compound_aliases))))
            compound = self._compounds[place] = _Compound(door.compound, names)
        at = (id(compound), normal(door.building))
        building = buildings.get(at)
        if building is None:
            building = buildings[at] = self._new_building(door, compound)
        unit = _Unit(key_of(door.unit) or normal(door.unit), door.unit)
        building.units[door.unit_id] = unit
        self._units[door.unit_id] = unit
        self._unit_building[door.unit_id] = building
        return unit

    def _new_building(self, door: Door, compound: _Compound) -> _Building:
        keys: set[str] = set()
        named: list[str] = []
        for name in (door.building, *door.building_aliases):
            key = key_of(name)
            if key is None:
                named.append(normal(name))
            else:
                keys.add(key)
        building = _Building(compound, frozenset(keys), door.area_code)
        compound.buildings.append(building)
        for key in keys:
            compound.by_key.setdefault(key, []).append(building)
        compound.named += [(name, building) for name in named if name]
        return building

    # -- asking --------------------------------------------------------------------------------

    def resolve(
        self, text: str, *, unit_id: UUID | None = None, area_prefix: str = ""
    ) -> Placed:
        """The door that an address means, within `area_prefix` (an area code or its beginning).

        With `unit_id` the text may be only a room (901, 9楼1室). See `Placed` for the answers.
        """
        if len(text) > LONGEST:
            return Placed(None, 0.0, "too_long")
        spelled = normal(text)
        if not spelled:
            return Placed(None, 0.0, "empty")
        beside = _BESIDE.search(spelled)
        if beside:
            return Placed(None, 0.0, "beside", (), {"words": beside[0]})
        if unit_id is not None and unit_id in self._units:
            placed = self._in_unit(spelled, self._units[unit_id])
            if placed is not None:
                return placed
        return self._anywhere(spelled, area_prefix)

    def _in_unit(self, spelled: str, unit: _Unit) -> Placed | None:
        reading = read(spelled)
        rooms = [m for m in meanings(reading.tokens) if m.building is None and m.unit is None]
        if not rooms or reading.before or not _HARMLESS.match(reading.after):
            return None
        hits = [hit for meaning in rooms for hit in _rooms(unit, meaning)]
        if not hits:
            return Placed(
                None, 0.0, "no_such_room", _alike_rooms(unit, rooms[0]), {"room": spelled}
            )
        return _best([_Hit(hit.door, hit.score, "unit_known") for hit in hits], {})

    def _anywhere(self, spelled: str, prefix: str) -> Placed:
        found = self._named(spelled, prefix)
        if found:
            at, name, compounds = found
            rest = spelled[at + len(name) :]
            border = bool(_BORDER.search(spelled[:at]))
            return self._in_compounds(compounds, rest, spelled[:at], name, border)
        reading = read(spelled)
        if not reading.tokens:
            return Placed(None, 0.0, "no_number", (), {"said": spelled})
        said = _ADMIN.sub("", reading.before)
        compounds = [c for c in self._compounds.values() if _within(c, prefix)]
        if said:
            return self._near(said, spelled, prefix)
        if len(compounds) == 1:
            return _weaker(
                _in_one(compounds[0], read(_after_admin(spelled))), 0.95, "compound_implied"
            )
        return self._unnamed(compounds, spelled)

    def _named(self, spelled: str, prefix: str) -> tuple[int, str, list[_Compound]] | None:
        """The estate named furthest to the left, by its longest name; (where, name, which)."""
        best: tuple[int, str, list[_Compound]] | None = None
        for at in range(len(spelled) - 1):
            for name in self._by_start.get(spelled[at : at + 2], ()):
                if spelled.startswith(name, at):
                    inside = [c for c in self._by_name[name] if _within(c, prefix)]
                    if inside and (best is None or len(name) > len(best[1])):
                        best = (at, name, inside)
                    break
        return best

    def _in_compounds(
        self, compounds: list[_Compound], rest: str, before: str, name: str, border: bool
    ) -> Placed:
        if len(compounds) > 1:
            said = [code for area, code in self._areas.items() if area and area in before]
            inside = (
                [
                    c
                    for c in compounds
                    if any(b.area.startswith(tuple(said)) for b in c.buildings)
                ]
                if said
                else []
            )
            compounds = inside or compounds
        answers = [_in_one(compound, read(rest), rest) for compound in compounds]
        placed = [answer for answer in answers if answer.door is not None]
        if len(compounds) > 1:
            if not placed:
                return answers[0]
            rivals = tuple(a.door for a in placed if a.door is not None)
            if len(placed) > 1:
                return Placed(None, 0.0, "which_compound", rivals[:RIVALS_MAX], {"said": name})
            return _weaker(placed[0], 0.85, "only_one")
        answer = answers[0]
        if not border and answer.door is not None:
            return _weaker(answer, 0.8, "extra_words", {"words": before})
        return answer

    def _near(self, said: str, spelled: str, prefix: str) -> Placed:
        """An estate that nobody is called exactly so: heard, cut short or mistyped names."""
        rest = spelled[spelled.index(said) + len(said) :]
        options: dict[int, tuple[_Compound, float, str, str]] = {}
        for name, score, reason in self._alike(said):
            for compound in self._by_name[name]:
                if _within(compound, prefix):
                    known = options.get(id(compound))
                    if known is None or known[1] < score:
                        options[id(compound)] = (compound, score, reason, name)
        if not options:
            return Placed(None, 0.0, "unknown_compound", (), {"said": said})
        answers = [
            _weaker(
                _in_one(compound, read(rest), rest),
                score,
                reason,
                {"said": said, "found": name},
            )
            for compound, score, reason, name in options.values()
        ]
        placed = sorted((a for a in answers if a.door is not None), key=lambda a: -a.score)
        if not placed:
            return Placed(None, 0.0, "unknown_compound", (), {"said": said})
        if len(options) == 1:
            return placed[0]
        rivals = tuple(a.door for a in placed if a.door is not None)[:RIVALS_MAX]
        return Placed(None, 0.0, "which_compound", rivals, {"said": said})

    def _alike(self, said: str) -> Iterator[tuple[str, float, str]]:
        for name in self._by_sound.get(sound(said), ()):
            yield name, 0.85, "same_sound"
        grams = {said[at : at + 2] for at in range(len(said) - 1)}
        near = {name for gram in grams for name in self._by_gram.get(gram, ())}
        core = _ENDS.sub("", said)
        for name in sorted(near):
            if len(core) >= 2 and (_ENDS.sub("", name) == core or name.startswith(said)):
                yield name, 0.85, "short_name"
            elif min(len(name), len(said)) >= 3 and _one_slip(said, name):
                yield name, 0.8, "near_name"

    def _unnamed(self, compounds: list[_Compound], spelled: str) -> Placed:
        """No estate named and several to choose from: only where one door alone can be meant."""
        reading = read(_after_admin(spelled))
        hits: list[Placed] = []
        for compound in compounds:
            answer = _in_one(compound, reading)
            if answer.door is not None:
                hits.append(answer)
            if len(hits) > RIVALS_MAX:
                break
        if len(hits) == 1:
            return _weaker(hits[0], 0.85, "only_one")
        rivals = tuple(hit.door for hit in hits if hit.door is not None)[:RIVALS_MAX]
        return Placed(None, 0.0, "which_compound", rivals, {"said": ""})


def _after_admin(spelled: str) -> str:
    return _ADMIN.sub("", spelled)


def _within(compound: _Compound, prefix: str) -> bool:
    return not prefix or any(b.area.startswith(prefix) for b in compound.buildings)


def _in_one(compound: _Compound, reading: Reading, rest: str = "") -> Placed:
    """The door within one estate."""
    buildings: list[_Building] | None = None
    for name, building in compound.named:
        at = rest.find(name)
        if at >= 0:
            reading = read(rest[:at] + rest[at + len(name) :])
            buildings = [building]
            break
    if not reading.tokens and buildings is None:
        return Placed(None, 0.0, "no_number", (), {"said": rest})
    extra = "" if _GENERIC.match(reading.before) else reading.before
    extra += reading.between
    if not _HARMLESS.match(reading.after):
        extra += reading.after
    answer = _search(compound, reading, buildings)
    if extra and answer.door is not None:
        return _weaker(answer, 0.8, "extra_words", {"words": extra})
    return answer


def _search(compound: _Compound, reading: Reading, given: list[_Building] | None) -> Placed:
    hits: list[_Hit] = []
    failure = Placed(None, 0.0, "no_number")
    for meaning in meanings(reading.tokens) or (Meaning(None, None, None, None, 0.0),):
        got, why = _try(compound, meaning, given)
        hits += got
        if not got and failure.reason == "no_number":
            failure = why
    return _best(hits, {}) if hits else failure


def _try(
    compound: _Compound, meaning: Meaning, given: list[_Building] | None
) -> tuple[list[_Hit], Placed]:
    score, reason = 1.0 - meaning.penalty, "exact"
    if given is not None:
        if meaning.building is not None:
            return [], Placed(None, 0.0, "no_such_building", (), {"building": meaning.building})
        buildings = given
    elif meaning.building is not None:
        buildings = compound.by_key.get(meaning.building, [])
        if not buildings:
            return [], Placed(None, 0.0, "no_such_building", (), {"building": meaning.building})
    else:
        buildings = compound.buildings
        score, reason = score - 0.05, "building_implied"
        if len(buildings) > 1:
            score = 0.85 - meaning.penalty
    hits: list[_Hit] = []
    why = Placed(None, 0.0, "no_such_room", (), {"room": meaning.room or ""})
    for building in buildings:
        units = list(building.units.values())
        if meaning.unit is not None:
            units = [unit for unit in units if unit.key == meaning.unit]
            if not units:
                why = Placed(None, 0.0, "no_such_unit", (), {"unit": meaning.unit})
                continue
        step, told = score, reason
        if meaning.unit is None:
            step, told = (
                (score - 0.02, _first(reason, "unit_implied"))
                if len(units) == 1
                else (score - 0.06, _first(reason, "unit_found"))
            )
        for unit in units:
            if meaning.room is None and meaning.floor is None:
                if len(building.units) == 1 and len(unit.rooms) == 1:
                    hits += [_Hit(d, step - 0.02, "whole_house") for d in unit.rooms.values()]
                else:
                    doors = tuple(unit.rooms.values())
                    why = Placed(None, 0.0, "no_room", doors[:RIVALS_MAX])
                continue
            rooms = _rooms(unit, meaning)
            hits += [
                _Hit(r.door, step + r.score - 1.0, told if r.reason == "exact" else r.reason)
                for r in rooms
            ]
            if not rooms and len(units) == 1:
                why = Placed(
                    None,
                    0.0,
                    "no_such_room",
                    _alike_rooms(unit, meaning),
                    {"room": meaning.room or ""},
                )
    return hits, why


def _first(reason: str, other: str) -> str:
    return other if reason == "exact" else reason


def _rooms(unit: _Unit, meaning: Meaning) -> list[_Hit]:
    """The rooms of a stairwell that a floor and a room number can mean."""
    floor, room = meaning.floor, meaning.room
    if room is None:
        return []
    if floor is None:
        door = unit.rooms.get(room)
        return [_Hit(door, 1.0, "exact")] if door else []
    if floor.isdigit() and room.isdigit():
        for spelled in (f"{floor}{int(room):02d}", f"{floor}{room}", room):
            door = unit.rooms.get(spelled)
            if door and str(door.floor) == floor:
                return [_Hit(door, 0.99, "floor_said")]
    return []


def _alike_rooms(unit: _Unit, meaning: Meaning) -> tuple[Door, ...]:
    """Doors of a stairwell that somebody may have meant: the same floor, or the same last digits."""
    room = meaning.room or ""
    same = [d for key, d in unit.rooms.items() if room[:-2] and key[:-2] == room[:-2]]
    return tuple(same[:RIVALS_MAX])


def _best(hits: list[_Hit], values: Mapping[str, str]) -> Placed:
    best: dict[UUID, _Hit] = {}
    for hit in hits:
        known = best.get(hit.door.dwelling_id)
        if known is None or known.score < hit.score:
            best[hit.door.dwelling_id] = hit
    ordered = sorted(best.values(), key=lambda hit: -hit.score)
    first = ordered[0]
    rivals = [hit.door for hit in ordered]
    if len(ordered) > 1:
        units = {door.unit_id for door in rivals}
        reason = "which_unit" if len(units) > 1 else "which_room"
        return Placed(None, 0.0, reason, tuple(rivals[:RIVALS_MAX]), values)
    return Placed(first.door, round(first.score, 3), first.reason, (), values)


def _weaker(
    placed: Placed, score: float, reason: str, values: Mapping[str, str] | None = None
) -> Placed:
    if placed.door is None:
        return placed
    told = reason if score <= placed.score else placed.reason
    return Placed(
        placed.door,
        round(min(score, placed.score), 3),
        told,
        placed.rivals,
        {**placed.values, **(values or {})},
    )


def _one_slip(a: str, b: str) -> bool:
    """One character other, too many, missing, or two neighbours swapped."""
    if len(a) == len(b):
        differs = [at for at in range(len(a)) if a[at] != b[at]]
        if len(differs) == 1:
            return len(a) > 3 or b[differs[0]] in twins(a[differs[0]])
        return (
            len(differs) == 2
            and a[differs[0]] == b[differs[1]]
            and a[differs[1]] == b[differs[0]]
        )
    shorter, longer = sorted((a, b), key=len)
    return len(longer) - len(shorter) == 1 and any(
        longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))
    )
