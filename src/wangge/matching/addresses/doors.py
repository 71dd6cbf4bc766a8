"""The closed list: every door there is, and the one an address means."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from wangge.matching.addresses.estates import Estates, Found
from wangge.matching.addresses.houses import Estate, House, Unit, best, key_of, rooms_of, weaker
from wangge.matching.addresses.model import RIVALS_MAX, Door, Placed
from wangge.matching.addresses.reading import Reading, read
from wangge.matching.addresses.spelling import normal

#: Longer than any address; a pasted page is not one.
LONGEST = 200
#: Scopes kept apart in memory: areas that lists were read for.
_SCOPES_MAX = 64
#: A door whose score is so much higher than another's is the one that is meant.
_CLEARLY = 0.05
#: Names this near are not given up for ones that are less so.
_STRONG = 0.87
#: So many estates are looked through for a door whose estate is not named.
_UNNAMED_MAX = 60

_BESIDE = re.compile(
    r"对面|旁边?|隔壁|附近|后门|门口|后面|前面|斜对|边上|路口|交叉口?|以[东西南北]|楼下|楼上|[东西南北]侧|\d米"
)
#: A name begins here, or after one of these.
_BORDER = re.compile(
    r"(?:^|[省市区县镇乡村路街弄巷号道院城社里组队大在住-]|\d|网格|地址|住址)$"
)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The part of the list below one area."""

    prefix: str
    estates: frozenset[int]
    #: Estates by the numbers of their houses, for addresses that name none.
    by_house: Mapping[str, Sequence[Estate]]
    only: Estate | None
    #: Houses with a name of their own (外贸楼), longest first: it stands for their estate's too.
    houses: Sequence[tuple[str, Estate]]


class Doors:
    """A closed list of doors. Made once, asked many times; never changed.

    `areas` gives names by area code, so that a named community or street tells estates of one
    name apart.
    """

    def __init__(self, entries: Iterable[Door], areas: Mapping[str, str] | None = None) -> None:
        self.areas: Mapping[str, str] = areas or {}
        self._estates: list[Estate] = []
        self._units: dict[UUID, tuple[Estate, Unit]] = {}
        self._count = 0
        estates: dict[tuple[str, str], Estate] = {}
        houses: dict[tuple[int, str], House] = {}
        for door in entries:
            self._count += 1
            held = self._units.get(door.unit_id)
            if held is None:
                held = self._units[door.unit_id] = self._new_unit(door, estates, houses)
            held[1].rooms.setdefault(key_of(door.room) or normal(door.room), door)
        self._names: Estates[Estate] = Estates(
            (name, estate) for estate in self._estates for name in estate.names
        )
        self._areas: Estates[str] = Estates(
            (normal(name), code)
            for code, name in (areas or {}).items()
            if len(code) in (9, 12) and len(normal(name)) > 2
        )
        self._scopes: dict[str, _Scope] = {}

    def entries(self) -> Iterator[Door]:
        """Every door, stairwell by stairwell; `Doors` of them and of `areas` answers alike."""
        for _, unit in self._units.values():
            yield from unit.rooms.values()

    def __len__(self) -> int:
        """How many doors."""
        return self._count

    def _new_unit(
        self,
        door: Door,
        estates: dict[tuple[str, str], Estate],
        houses: dict[tuple[int, str], House],
    ) -> tuple[Estate, Unit]:
        name, community = normal(door.compound), door.area_code[:12]
        # One estate may lie in several grids; the same name in another community is another.
        estate = estates.get((name, community))
        if estate is None:
            names = dict.fromkeys((name, *map(normal, door.compound_aliases)))
            estate = Estate(door.compound, tuple(filter(None, names)), community)
            estates[name, community] = estate
            self._estates.append(estate)
        at = (id(estate), normal(door.building))
        house = houses.get(at)
        if house is None:
            house = houses[at] = estate.add_house(
                (door.building, *door.building_aliases), door.area_code
            )
        unit = Unit(key_of(door.unit) or normal(door.unit))
        house.units.append(unit)
        return estate, unit

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
        held = self._units.get(unit_id) if unit_id is not None else None
        if held is not None:
            placed = _in_unit(spelled, held[1])
            if placed is not None:
                return placed
        scope = self._scope(area_prefix)
        named = [
            found for found in self._names.named(spelled) if id(found.estate) in scope.estates
        ]
        if named:
            placed = self._among(named, spelled)
        else:
            placed = self._unnamed(spelled, scope, held[0] if held else None)
        return _inside(placed, area_prefix)

    def _scope(self, prefix: str) -> _Scope:
        scope = self._scopes.get(prefix)
        if scope is None:
            if len(self._scopes) >= _SCOPES_MAX:
                self._scopes.clear()
            inside = [
                estate
                for estate in self._estates
                if not prefix or any(house.area.startswith(prefix) for house in estate.houses)
            ]
            by_house: dict[str, list[Estate]] = {}
            for estate in inside:
                for key in estate.by_key:
                    by_house.setdefault(key, []).append(estate)
            scope = self._scopes[prefix] = _Scope(
                prefix,
                frozenset(map(id, inside)),
                by_house,
                inside[0] if len(inside) == 1 else None,
                sorted(
                    ((name, estate) for estate in inside for name, _ in estate.named),
                    key=lambda one: -len(one[0]),
                ),
            )
        return scope

    def _among(self, named: Sequence[Found[Estate]], spelled: str) -> Placed:
        """An estate is named; where several have the name, the area named before tells which."""
        first = named[0]
        before, rest = spelled[: first.start], spelled[first.end :]
        codes = self._named_areas(before)
        inside = [f for f in named if codes and f.estate.community.startswith(codes)]
        if len(named) > 1 and len(inside) == 1:
            named = inside
        if len(named) > 1:
            answer = _only_one([found.estate.place(rest) for found in named])
            return replace(answer, values={**answer.values, "said": first.name})
        placed = named[0].estate.place(rest)
        if codes and not inside:
            return weaker(placed, 0.85, "elsewhere", {"place": before})
        if not _BORDER.search(before):
            return weaker(placed, 0.8, "extra_words", {"words": before})
        return placed

    def _named_areas(self, before: str) -> tuple[str, ...]:
        """Codes of the smallest area that is named in front of an estate."""
        codes = list(self._areas.all_in(before)) if len(before) > 2 else []
        most = max(map(len, codes), default=0)
        return tuple(code for code in codes if len(code) == most)

    def _unnamed(self, spelled: str, scope: _Scope, known: Estate | None) -> Placed:
        """No estate of the list is named: nearly named, not needed, or unknown."""
        reading = read(spelled)
        house = next(
            (name for name, _ in scope.houses if len(name) > 1 and name in spelled), ""
        )
        if house:
            estates = [estate for name, estate in scope.houses if name == house]
            placed = _only_one([estate.place(spelled) for estate in estates])
            return weaker(placed, 0.95, "compound_implied")
        near = self._near(reading, scope)
        if near:
            return _nearest(self._in_named_area(near, spelled), spelled)
        if not reading.tokens:
            return Placed(None, 0.0, "no_number", (), {"said": spelled})
        said = self._estate_said(reading)
        if said:
            return Placed(None, 0.0, "unknown_compound", (), {"said": said})
        rest = spelled[reading.gaps[0][1] :]
        if known is not None:
            return weaker(known.place(rest), 0.96, "unit_known")
        if scope.only is not None:
            return weaker(scope.only.place(rest), 0.95, "compound_implied")
        numbers = {meaning.building for meaning in reading.meanings if meaning.building}
        among = {id(e): e for number in numbers for e in scope.by_house.get(number, ())}
        if len(among) > _UNNAMED_MAX:
            return Placed(None, 0.0, "which_compound", (), {"rivals": str(len(among))})
        placed = _only_one([estate.place(rest) for estate in among.values()])
        return weaker(placed, 0.85, "only_one")

    def _near(self, reading: Reading, scope: _Scope) -> list[Found[Estate]]:
        """Nearly named estates; one for each, the likeliest."""
        found: dict[int, Found[Estate]] = {}
        for gap, end in reading.gaps:
            for one in self._names.near(gap, end) if len(gap) > 1 else ():
                known = found.get(id(one.estate))
                if id(one.estate) in scope.estates and (not known or known.score < one.score):
                    found[id(one.estate)] = one
        return list(found.values())

    def _in_named_area(self, near: list[Found[Estate]], spelled: str) -> list[Found[Estate]]:
        """Those in the area that the address names; all of them when none is there."""
        codes = self._named_areas(spelled[: min(found.start for found in near)])
        inside = [f for f in near if codes and f.estate.community.startswith(codes)]
        return inside or near

    def _estate_said(self, reading: Reading) -> str:
        """What stands where an estate's name would, without the areas and roads before it."""
        for gap, _ in reversed(reading.gaps):
            said = _AREA.sub("", gap).strip("-")
            if len(said) > 1:
                return said
        return ""


#: Areas and roads before an estate's name; 小区 and 住宅区 end one.
_AREA = re.compile(
    r".*(?:省|自治区|自治州|市(?!场)|(?<![小宅活])区|县|镇|乡|街道|社区|村委会?|居委会|网格|大道|路|街)"
)


def _in_unit(spelled: str, unit: Unit) -> Placed | None:
    """A room within a known stairwell; None when the text says more than a room."""
    reading = read(spelled)
    rooms = [m for m in reading.meanings if m.building is None and m.unit is None]
    if not rooms or reading.before or reading.between:
        return None
    hits = [hit for meaning in rooms[:1] for hit in rooms_of(unit, meaning)]
    if not hits:
        return Placed(None, 0.0, "no_such_room", (), {"room": rooms[0].room or spelled})
    return weaker(best(hits), 0.98, "unit_known")


def _inside(placed: Placed, prefix: str) -> Placed:
    """An estate may reach beyond the area asked for; a door there is none of this list's."""
    if placed.door is None or placed.door.area_code.startswith(prefix):
        return placed
    return Placed(None, 0.0, "out_of_area", (placed.door,))


def _nearest(near: list[Found[Estate]], spelled: str) -> Placed:
    """The one estate, among nearly named ones, that has such a door: the nearest names first."""
    near = sorted(near, key=lambda found: -found.score)
    first: Placed | None = None
    while near:
        score, reason = near[0].score, near[0].reason
        tier = [found for found in near if found.score > score - 0.01]
        near = near[len(tier) :]
        answer = _only_one([found.estate.place(spelled[found.end :]) for found in tier])
        values = {"said": spelled[tier[0].start : tier[0].end]}
        if answer.door is not None:
            found = next(f for f in tier if f.estate.has(answer.door))
            return weaker(answer, score, reason, values | {"found": found.estate.name})
        answer = replace(answer, values={**answer.values, **values})
        if answer.score or score > _STRONG:
            return answer
        first = first or answer
    return Placed(None, 0.0, "unknown_compound", (), first.values if first else {})


def _only_one(answers: Sequence[Placed]) -> Placed:
    """The only estate, of several that may be meant, that has such a door; a house where it may be
    one of several doors counts as having it."""
    fitting = sorted((p for p in answers if p.score), key=lambda placed: -placed.score)
    if not fitting:
        return answers[0] if answers else Placed(None, 0.0, "which_compound")
    fitting = [p for p in fitting if p.score > fitting[0].score - _CLEARLY]
    if len(fitting) == 1:
        one = len(answers) == 1
        return fitting[0] if one else weaker(fitting[0], 0.85, "only_one")
    rivals = [d for p in fitting for d in ((p.door,) if p.door else p.rivals)]
    return Placed(
        None,
        fitting[0].score,
        "which_compound",
        tuple(rivals[:RIVALS_MAX]),
        {"rivals": str(len(rivals))},
    )
