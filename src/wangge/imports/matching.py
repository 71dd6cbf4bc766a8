"""Whether somebody in a table is somebody of the register, by what, and what would change. Pure.

Evidence, the surest first: the identity number; the name behind the same door (also one that sounds
or looks like it); the name and the telephone; the name and the birthday within the community.
Whatever contradicts (two numbers, two birthdays, two sexes) is heard before any likeness.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

import msgspec

from wangge.imports.reading import Person
from wangge.imports.records import Differs, Rival
from wangge.imports.troubles import Trouble
from wangge.kernel.actors import Reach
from wangge.kernel.crypto import Vault
from wangge.matching import alike, sound
from wangge.people.model import mask_id, mask_name, mask_phone
from wangge.people.queries.known import Known
from wangge.people.sealing import id_index, phone_index

Why: TypeAlias = Callable[[Known], str]

#: Evidence that does not need a look; the other kinds are shown as `merged` when they change a row.
SURE = frozenset({"id", "name_door", "told"})
#: Names this alike behind one door, or with one telephone, are one person's.
_DOOR, _PHONE = 0.9, 0.8
#: With the same number, a name of less likeness is somebody else's: a slip in the number.
_SAME_ID = 0.5


class Sought(msgspec.Struct, frozen=True):
    """Somebody of a table with the keys they are sought by."""

    person: Person
    dwelling_id: UUID | None
    area_code: str
    id_index: bytes | None
    phone_index: bytes | None
    sound: str


def sought(vault: Vault, person: Person, dwelling_id: UUID | None, area_code: str) -> Sought:
    """With keyed indexes of the numbers."""
    return Sought(
        person,
        dwelling_id,
        area_code,
        id_index(vault, person.id_number),
        phone_index(vault, person.phone),
        sound(person.name),
    )


class Match(msgspec.Struct, frozen=True):
    """Who somebody is: `target` and by what (`why`), or a trouble, or nobody known."""

    target: Known | None = None
    why: str = ""
    trouble: Trouble | None = None
    rivals: tuple[Rival, ...] = ()
    noted: tuple[Trouble, ...] = ()


@dataclass
class Register:
    """The residents that a bite may mean, by the keys they are found by."""

    reach: Reach
    by_id: dict[bytes, Known] = field(default_factory=dict[bytes, Known])
    by_phone: dict[bytes, list[Known]] = field(default_factory=dict[bytes, list[Known]])
    by_sound: dict[str, list[Known]] = field(default_factory=dict[str, list[Known]])
    by_door: dict[UUID, list[Known]] = field(default_factory=dict[UUID, list[Known]])
    people: dict[UUID, Known] = field(default_factory=dict[UUID, Known])

    @classmethod
    def of(cls, found: Iterable[Known], reach: Reach) -> "Register":
        """From what `queries.known` found."""
        phones: defaultdict[bytes, list[Known]] = defaultdict(list)
        sounds: defaultdict[str, list[Known]] = defaultdict(list)
        doors: defaultdict[UUID, list[Known]] = defaultdict(list)
        made = cls(reach, {}, phones, sounds, doors)
        for one in found:
            made.people[one.id] = one
            if one.id_index is not None:
                made.by_id[one.id_index] = one
            if one.ended_why:
                continue
            if one.phone_index is not None:
                phones[one.phone_index].append(one)
            if one.birth_year is not None:
                sounds[sound(one.name)].append(one)
            if not one.home_ended:
                doors[one.dwelling_id].append(one)
        return made

    def match(self, who: Sought, told: str | None = None) -> Match:
        """Who somebody is. `told` is what a person decided: an id, or "new"."""
        by_number = self.by_id.get(who.id_index) if who.id_index else None
        if told and told != "new":
            chosen = self.people.get(UUID(told))
            if chosen is not None and (by_number is None or by_number.id == chosen.id):
                return self._taken(chosen, "told")
        if by_number is not None:
            return self._by_number(who, by_number)
        if told == "new":
            return Match()
        for found, why in (self._behind_door(who), self._by_phone(who)):
            if len(found) > 1:
                return _several(found)
            if found:
                return self._taken(found[0], why(found[0]))
        return self._by_birthday(who)

    def _taken(self, target: Known, why: str) -> Match:
        if not self.reach.covers(target.area_code):
            return Match(trouble=Trouble("elsewhere", "name"))
        if target.ended_why == "died":
            return Match(trouble=Trouble("dead", "name"))
        return Match(target, "back" if target.ended_why else why)

    def _by_number(self, who: Sought, target: Known) -> Match:
        if alike(who.person.name, target.name).score < _SAME_ID:
            known = target.name_mask if self.reach.covers(target.area_code) else "*"
            return Match(trouble=Trouble("id_other_name", "id_number", {"name": known}))
        return self._taken(target, "id")

    def _behind_door(self, who: Sought) -> tuple[list[Known], Why]:
        behind = self.by_door.get(who.dwelling_id, []) if who.dwelling_id else []
        found = [
            one
            for one in behind
            if not contradicts(who, one) and alike(who.person.name, one.name).score >= _DOOR
        ]
        same = [one for one in found if one.name == who.person.name]
        return (
            same or found,
            lambda one: (
                "name_door" if alike(who.person.name, one.name).score >= 0.98 else "sound_door"
            ),
        )

    def _by_phone(self, who: Sought) -> tuple[list[Known], Why]:
        sharing = self.by_phone.get(who.phone_index, []) if who.phone_index else []
        found = [
            one
            for one in sharing
            if self.reach.covers(one.area_code)
            and not contradicts(who, one)
            and alike(who.person.name, one.name).score >= _PHONE
        ]
        same = [one for one in found if one.name == who.person.name]
        return (
            same or found,
            lambda one: (
                "phone_name"
                if alike(who.person.name, one.name).score >= 0.98
                else "phone_sound"
            ),
        )

    def _by_birthday(self, who: Sought) -> Match:
        person = who.person
        for one in self.by_phone.get(who.phone_index, []) if who.phone_index else []:
            numbers = who.id_index is not None and one.id_index is not None
            if numbers and one.name == person.name and self.reach.covers(one.area_code):
                # One name and one telephone, but two numbers: one of them is a slip.
                told = {"name": one.name_mask}
                return Match(
                    trouble=Trouble("id_differs", "id_number", told), rivals=(_rival(one),)
                )
        if person.birth is None:
            return Match()
        namesakes = [
            one
            for one in self.by_sound.get(who.sound, [])
            if one.birth_date == person.birth
            and not contradicts(who, one)
            and alike(person.name, one.name).score >= 0.98
            and self.reach.covers(one.area_code)
        ]
        near = [one for one in namesakes if one.area_code[:12] == who.area_code[:12]]
        if len(near) > 1:
            return _several(near)
        if near:
            return self._taken(near[0], "name_birth")
        return Match(noted=(Trouble("namesake", "name"),) if namesakes else ())


def contradicts(who: Sought, one: Known) -> bool:
    """Whether two cannot be one person, whatever they are called."""
    person = who.person
    if who.id_index is not None and one.id_index is not None:
        return who.id_index != one.id_index
    if person.birth is not None:
        if one.birth_date is not None and one.birth_date != person.birth:
            return True
        if one.birth_year is not None and one.birth_year != person.birth.year:
            return True
    return bool(person.sex) and one.sex != "unknown" and one.sex != person.sex


def _several(found: Sequence[Known]) -> Match:
    trouble = Trouble("several", "name", {"count": len(found)})
    return Match(trouble=trouble, rivals=tuple(map(_rival, found[:8])))


def _rival(one: Known) -> Rival:
    return Rival(one.id, one.name_mask, one.door)


# -- what would change ----------------------------------------------------------------------------


def differences(who: Sought, match: Match, tags: Sequence[str]) -> tuple[Differs, ...]:
    """Fields of the register that the table says otherwise, in the order a person would read them.
    What the table leaves blank changes nothing. `tags` are the needs that may be noted."""
    person, one = who.person, match.target
    assert one is not None
    found: list[Differs] = []

    def say(key: str, old: str, new: str) -> None:
        found.append(Differs(key, old, new))

    if match.why in ("id", "back", "told") and person.name != one.name:
        say("name", one.name_mask, mask_name(person.name))
    if who.id_index is not None and one.id_index is None:
        say("id_number", "", mask_id(person.id_number))
    if person.birth is not None and one.birth_date != person.birth:
        say("birth", str(one.birth_date or one.birth_year or ""), person.birth.isoformat())
    if person.sex and person.sex != one.sex:
        say("sex", "" if one.sex == "unknown" else one.sex, person.sex)
    if who.phone_index is not None and who.phone_index != one.phone_index:
        say("phone", one.phone_mask, mask_phone(person.phone))
    # 其他 says less than what is known already.
    if person.relation not in ("", "other", one.relation):
        say("relation", one.relation, person.relation)
    for key, old in (
        ("hukou", "" if one.hukou == "unknown" else one.hukou),
        ("hukou_place", one.hukou_place),
        ("workplace", one.workplace),
    ):
        new = getattr(person, key)
        if new and new != old:
            say(key, old, new)
    more = [tag for tag in tags if tag not in one.tags]
    if more:
        say("tags", ",".join(one.tags), ",".join(more))
    return tuple(found)
