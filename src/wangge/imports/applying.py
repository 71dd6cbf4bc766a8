"""From lines to changes of the register: who joins which household, who is made, moved, corrected.

Lines of one household are decided together, against the register as it is now: what was previewed
and is not so any more is left for a person to look at again, never written over.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from wangge.imports.judging import Judge, home_differences
from wangge.imports.making import Places
from wangge.imports.matching import Match, Register, Sought, differences
from wangge.imports.placing import Placement
from wangge.imports.queries.lines import LineKept
from wangge.imports.reading import Home, Person
from wangge.imports.records import Differs, Said
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_ids
from wangge.people.changes import Change
from wangge.people.queries.known import Known
from wangge.people.tags import noted

#: Verdicts that change the register.
CHANGING = ("new", "changed", "moved", "merged")
#: Kinds of changes that make what a door is behind.
PLACES = frozenset({"compound", "building", "unit"})


class Taken(msgspec.Struct, frozen=True):
    """A queued line with what it says, and the keys its person is sought by."""

    line: LineKept
    said: Said
    who: Sought


class Done(msgspec.Struct, frozen=True):
    """What became of a line."""

    line: LineKept
    state: str
    verdict: str
    why: str
    target_id: UUID | None = None
    household_id: UUID | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a bite stands on, read just now: who its lines may mean, the doors that are there, the
    places that are there of those it would make, and households made by earlier bites."""

    found: Sequence[Known]
    doors: Mapping[UUID, Placement]
    there: frozenset[UUID]
    households: Mapping[int, UUID]

    def with_places(self, made: Iterable[Change]) -> "Ground":
        """The same, and the places that these changes make are there."""
        new = [change.id for change in made if change.kind in PLACES]
        return replace(self, there=self.there.union(new)) if new else self


@dataclass
class Plan:
    """Changes of one bite, what becomes of its lines, and households that somebody left.

    day  when the table was true (`Mapping.listed`), else today
    """

    day: date
    changes: list[Change] = field(default_factory=list[Change])
    done: list[Done] = field(default_factory=list[Done])
    left: set[UUID] = field(default_factory=set[UUID])


def plan(tx: Tx, by: Judge, taken: Sequence[Taken], ground: Ground) -> Plan:
    """The changes that queued lines ask for."""
    return _Planner(tx, by, ground).plan(taken)


class _Planner:
    def __init__(self, tx: Tx, by: Judge, ground: Ground) -> None:
        self._tx, self._by, self._ground = tx, by, ground
        self._made = Plan(by.meaning.listed or local_date(tx.now))
        self._register = Register.of(ground.found, by.reach)
        self._places = Places(ground.there)
        self._touched: set[UUID] = set()
        self._ids: Iterator[UUID] = iter(())

    def plan(self, taken: Sequence[Taken]) -> Plan:
        self._ids = self._new_ids(len(taken))
        homes: defaultdict[int, list[Taken]] = defaultdict(list)
        for one in taken:
            homes[one.line.home].append(one)
        for home, lines in homes.items():
            self._home(home, lines)
        self._made.changes[:0] = self._places.changes
        return self._made

    def _new_ids(self, about: int) -> Iterator[UUID]:
        """As many as are needed: a line may make itself, its household, and a residence."""
        while True:
            yield from new_ids(self._tx.now, about)

    # -- who they are now --------------------------------------------------------------------

    def _home(self, home: int, lines: Sequence[Taken]) -> None:
        """One household of the table (its lines may lie behind several doors, when it was mended
        in part: each door is a household)."""
        doors: defaultdict[UUID | None, list[_Going]] = defaultdict(list)
        for one in lines:
            going = self._again(one)
            if going is not None:
                doors[one.line.dwelling_id].append(going)
        for dwelling, people in doors.items():
            if dwelling is not None:
                self._door(home, dwelling, people)

    def _again(self, one: Taken) -> "_Going | None":
        """Judged once more: None when nothing is to be done, or not without a person."""
        line, said = one.line, one.said
        place = self._place(one)
        if place is None:
            self._leave(one, "changed_meanwhile")
            return None
        if not self._by.reach.covers(place.area_code):
            self._leave(one, "out_of_reach")
            return None
        who = one.who
        if who.area_code != place.area_code:  # the door has come to another area since
            who = msgspec.structs.replace(who, area_code=place.area_code)
        match = self._register.match(who, _told(line))
        if match.trouble is not None:
            self._leave(one, match.trouble.code)
            return None
        target = match.target
        if target is None:
            if line.verdict == "new":
                return _Going(one, place, match, ())
            self._leave(one, "changed_meanwhile")
            return None
        differs = (
            *differences(who, match, said.person.tags),
            *home_differences(said.home, target),
        )
        moves = target.dwelling_id != place.dwelling_id or bool(target.ended_why)
        if not moves and not differs:
            self._finish(one, "same", match.why, target.id, target.household_id)
            return None
        if target.id in self._touched:
            self._leave(one, "several")
            return None
        previewed = line.target_id == target.id and moves == (line.verdict == "moved")
        if not previewed or differs != said.differs:
            self._leave(one, "changed_meanwhile")
            return None
        self._touched.add(target.id)
        return _Going(one, place, match, differs)

    def _place(self, one: Taken) -> Placement | None:
        """The door as it is now, or as it will be made."""
        if one.line.dwelling_id is None:
            return None
        there = self._ground.doors.get(one.line.dwelling_id)
        if there is not None:
            return there
        make = one.said.where.make
        if make is None:
            return None
        self._places.make(one.said.where, one.line.dwelling_id, one.line.area_code)
        return Placement(
            "new",
            "",
            1.0,
            one.line.dwelling_id,
            UUID(make["unit_id"]),
            one.line.area_code,
            one.said.where.name,
        )

    def _leave(self, one: Taken, code: str) -> None:
        line = one.line
        self._made.done.append(
            Done(line, "left", line.verdict, line.why, line.target_id, None, code)
        )

    def _finish(
        self, one: Taken, verdict: str, why: str, target: UUID, household: UUID
    ) -> None:
        self._made.done.append(Done(one.line, "applied", verdict, why, target, household))

    # -- households ----------------------------------------------------------------------------

    def _door(self, home: int, dwelling: UUID, people: Sequence["_Going"]) -> None:
        place = people[0].place
        household = self._household(home, dwelling, people)
        if household is None:
            household = self._new_household(place, people)
        for going in people:
            target = going.match.target
            if target is None:
                resident = self._new(going, household, alone=len(people) == 1)
            else:
                resident = target.id
                self._change(going, target, household)
            self._tags(going, resident, target)
            line = going.taken.line
            self._finish(going.taken, line.verdict, going.match.why, resident, household)

    def _household(self, home: int, dwelling: UUID, people: Sequence["_Going"]) -> UUID | None:
        """The household at the door that these people belong to; None for a new one."""
        stays = Counter(
            going.match.target.household_id
            for going in people
            if going.match.target is not None
            and going.match.target.dwelling_id == dwelling
            and not going.match.target.ended_why
            and not going.match.target.home_ended
        )
        if stays:
            return stays.most_common(1)[0][0]
        before = self._ground.households.get(home)
        if before is not None:
            return before
        living = {one.household_id for one in self._register.by_door.get(dwelling, [])}
        heads = any(going.taken.said.person.relation == "head" for going in people)
        # A list without heads (elders, pupils) adds people to the household that is there.
        return next(iter(living)) if len(living) == 1 and not heads else None

    def _new_household(self, place: Placement, people: Sequence["_Going"]) -> UUID:
        assert place.dwelling_id is not None
        household = next(self._ids)
        home = people[0].taken.said.home
        since = [
            p.since for going in people if (p := going.taken.said.person).since is not None
        ]
        values: dict[str, Any] = {
            "dwelling_id": place.dwelling_id,
            "unit_id": place.unit_id,
            "from_date": min(since) if since else self._made.day,
            "confirmed_on": self._made.day,
            **_home_values(home),
        }
        self._made.changes.append(
            Change("household", "insert", household, place.area_code, values)
        )
        return household

    # -- people --------------------------------------------------------------------------------

    def _new(self, going: "_Going", household: UUID, *, alone: bool) -> UUID:
        person, place = going.taken.said.person, going.place
        resident = next(self._ids)
        values: dict[str, Any] = {
            "household_id": household,
            "unit_id": place.unit_id,
            "name": person.name,
            "relation": person.relation or ("head" if alone else "other"),
            "since": person.since or self._made.day,
            "confirmed_on": self._made.day,
        }
        for column, said in (
            ("phone", person.phone),
            ("id_number", person.id_number),
            ("id_kind", person.id_kind),
            ("sex", person.sex),
            ("birth_date", person.birth),
            ("hukou", person.hukou),
            ("hukou_place", person.hukou_place),
            ("workplace", person.workplace),
        ):
            if said:  # what is blank is as the register has it by default
                values[column] = said
        self._made.changes.append(
            Change("resident", "insert", resident, place.area_code, values)
        )
        return resident

    def _change(self, going: "_Going", target: Known, household: UUID) -> None:
        person, place = going.taken.said.person, going.place
        values = _values(person, going.differs)
        home = {d.key for d in going.differs} & HOME_KEYS
        moves = target.dwelling_id != place.dwelling_id or bool(target.ended_why)
        if moves:
            self._move(target, place, household, person, values)
        elif home and household == target.household_id and household not in self._touched:
            self._touched.add(household)
            own = _home_values(going.taken.said.home)
            kept = {HOME_COLUMNS.get(key, key) for key in home}
            if "landlord_name" in kept:
                kept.add("landlord_phone")
            self._made.changes.append(
                Change(
                    "household",
                    "update",
                    household,
                    place.area_code,
                    {key: value for key, value in own.items() if key in kept},
                    target.home_version,
                )
            )
        if values:
            self._made.changes.append(
                Change("resident", "update", target.id, place.area_code, values, target.version)
            )

    def _move(
        self,
        target: Known,
        place: Placement,
        household: UUID,
        person: Person,
        values: dict[str, Any],
    ) -> None:
        """They live here now; where they lived before is kept with its dates."""
        day = max(person.since or self._made.day, target.since)
        if target.ended_why:
            values |= {"ended_on": None, "ended_why": ""}
        else:
            self._made.changes.append(
                Change(
                    "residence",
                    "insert",
                    next(self._ids),
                    target.area_code,
                    {
                        "resident_id": target.id,
                        "household_id": target.household_id,
                        "unit_id": target.unit_id,
                        "tie": "lives",
                        "name_mask": target.name_mask,
                        "from_date": target.since,
                        "to_date": day,
                    },
                )
            )
            self._made.left.add(target.household_id)
        values |= {"household_id": household, "unit_id": place.unit_id, "since": day}

    def _tags(self, going: "_Going", resident: UUID, target: Known | None) -> None:
        held = target.tags if target else ()
        for code in going.taken.said.person.tags:
            kind = self._by.kinds.get(code)
            if kind is None or code in held:
                continue
            assert going.place.unit_id is not None
            change = noted(self._tx, kind, resident, going.place.area_code, going.place.unit_id)
            if kind.basis == "consent":
                values = {**change.values, "consent": self._by.meaning.consent}
                change = replace(change, values=values)
            self._made.changes.append(change)


class _Going(msgspec.Struct, frozen=True):
    """A line that will be done."""

    taken: Taken
    place: Placement
    match: Match
    differs: tuple[Differs, ...]


def _told(line: LineKept) -> str | None:
    found = line.decided.get(str(line.part))
    return str(found) if found else None


#: Differences that are the household's, and its columns where they are called otherwise.
HOME_COLUMNS: Mapping[str, str] = {"home_kind": "kind"}
HOME_KEYS = frozenset({"home_kind", "tenure", "label", "landlord_name"})
_PERSON_COLUMNS: Mapping[str, str] = {"birth": "birth_date"}


def _values(person: Person, differs: Sequence[Differs]) -> dict[str, Any]:
    """Columns of a resident that change, in plain."""
    return {
        _PERSON_COLUMNS.get(one.key, one.key): getattr(person, one.key)
        for one in differs
        if one.key not in HOME_KEYS and one.key != "tags"
    }


def _home_values(home: Home) -> dict[str, Any]:
    """Columns of a household that the table says."""
    said = {
        "kind": home.kind,
        "tenure": home.tenure,
        "label": home.label,
        "landlord_name": home.landlord_name,
        "landlord_phone": home.landlord_phone,
    }
    return {key: value for key, value in said.items() if value}
