"""Made-up residents, and a list of them as people really write lists: for `bench verify`.

The error model is that of a trial with a county's 780,000 residents: 15 % of the rows have no identity
number, 5 % one with a slip, 6 % a name with a wrong character, 10 % no telephone. What lists have
besides: addresses in everybody's own spelling (a tenth have none), telephones with a wrong digit,
numbers in full-width digits or with a small x, people who are not in the register, one of a family
with the number of another, a child who is not registered at its parents' door, the same person
twice. The rates are guesses; the slips share no code with what repairs them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

from wangge.bench.spellings import SLIPS, Writer
from wangge.demo.town import names
from wangge.demo.town.minting import check_digit
from wangge.matching import Door

NO_ID, ID_SLIP, NAME_SLIP, NO_PHONE = 0.15, 0.05, 0.06, 0.10
NO_ADDRESS, PHONE_SLIP, STRANGER, CROSSED, TWICE = 0.10, 0.02, 0.04, 0.01, 0.02
TODAY = date(2026, 3, 18)
#: Characters of given names; a family's children share the first of theirs.
_GIVEN = tuple(dict.fromkeys(names.GIVEN + names.SECOND))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    name: str
    id_number: str
    phone: str | None
    born: date
    sex: str
    door: Door


@dataclass(frozen=True, slots=True)
class Written:
    """A row as it was written, and whom it was written for: the place in the register, None for
    somebody who is not in it. A row whose parts are of two people (`crossed`) has no answer but to
    ask."""

    name: str
    id_number: str
    phone: str
    sex: str
    age: str
    address: str
    truth: int | None
    crossed: bool = False


def residents(count: int, seed: int) -> list[Person]:
    """So many residents in families behind doors. Numbers begin with 99, telephones with 199."""
    rng = Random(f"{seed}/residents")
    people: list[Person] = []
    given: set[str] = set()
    phone = rng.randrange(10_000)
    for door in _doors(count, rng):
        family = rng.choice(names.SURNAMES)
        common = rng.choice(_GIVEN)
        adults = 1 if rng.random() < 0.25 else 2
        children = rng.choices((0, 1, 2), (55, 33, 12))[0] if adults == 2 else 0
        if rng.random() < 0.12:
            adults += 1
        shared = ""
        twins: date | None = None
        for member in range(adults + children):
            child = member >= adults
            old = rng.randrange(365, 6_500) if child else rng.randrange(7_300, 31_000)
            born = TODAY - timedelta(days=old)
            if child and children == 2:
                born = twins if twins and rng.random() < 0.05 else born
                twins = born
            surname = family if child or member != 1 else rng.choice(names.SURNAMES)
            name = surname + (common if child else rng.choice(_GIVEN))
            name += "" if not child and rng.random() < 0.06 else rng.choice(_GIVEN)
            male = rng.random() < 0.5
            number = _number(rng, born, male, given)
            if child and old < 4_400:
                own = shared or None
            elif child and rng.random() < 0.3:
                own = shared
            else:
                phone += rng.randrange(1, 60)
                own = f"199{phone:08d}"
                shared = shared or own
            people.append(Person(name, number, own, born, "男" if male else "女", door))
            if len(people) == count:
                return people
    return people


def _number(rng: Random, born: date, male: bool, given: set[str]) -> str:
    while True:
        first = f"99{rng.randrange(1, 18):02d}{rng.randrange(1, 30):02d}{born:%Y%m%d}"
        first += f"{rng.randrange(500) * 2 + male:03d}"
        if first not in given:
            given.add(first)
            return first + check_digit(first)


def _doors(people: int, rng: Random) -> list[Door]:
    """Enough doors: estates of thirty houses, two stairwells a house, two doors a floor."""
    first, second = (
        "青丹素碧紫墨雪霜雨云晴朝晚春秋星月露岚霞",
        "禾竹松柏梅兰菊荷莲桂杏桃柳枫桐棠",
    )
    estates = [a + b + last for last in names.COMPOUND_LAST for a in first for b in second]
    rng.shuffle(estates)
    doors: list[Door] = []
    unit = 0
    for place, estate in enumerate(estates):
        area = (
            f"9900{1 + place // 400:02d}{1 + place // 40 % 10:03d}{1 + place // 4 % 10:03d}001"
        )
        for house in range(1, 31):
            floors = rng.choice((6, 6, 11, 18))
            for stairwell in (1, 2):
                unit += 1
                for floor in range(1, floors + 1):
                    for flat in (1, 2):
                        doors.append(
                            Door(
                                UUID(int=(1 << 100) | len(doors)),
                                UUID(int=unit),
                                area,
                                estate,
                                (),
                                f"{house}幢",
                                (),
                                str(stairwell),
                                f"{floor}{flat:02d}",
                                floor,
                            )
                        )
        if len(doors) * 1.9 > people:
            break
    return doors


def written(people: Sequence[Person], count: int, seed: int) -> list[Written]:
    """A list of so many rows."""
    rng = Random(f"{seed}/list")
    spell = Writer([people[0].door], {}, seed)
    behind: dict[UUID, list[int]] = {}
    for at, person in enumerate(people):
        behind.setdefault(person.door.dwelling_id, []).append(at)
    rows: list[Written] = []
    while len(rows) < count:
        at = rng.randrange(len(people))
        person = people[at]
        kind = rng.random()
        if kind < STRANGER:
            rows.append(
                _worn(rng, spell, _stranger(rng, person, rng.choice(people).door), None)
            )
            continue
        family = [one for one in behind[person.door.dwelling_id] if one != at]
        if kind < STRANGER + CROSSED and family:
            other = people[rng.choice(family)]
            mixed = replace(person, id_number=other.id_number, phone=other.phone)
            row = _worn(rng, spell, mixed, at)
            rows.append(replace(row, crossed=True))
            continue
        rows.append(_worn(rng, spell, person, at))
        if rng.random() < TWICE and len(rows) < count:
            rows.append(_worn(rng, spell, person, at))
    rng.shuffle(rows)
    return rows


def _stranger(rng: Random, like: Person, elsewhere: Door) -> Person:
    """Somebody who is not in the register: a visitor with a namesake in it who stays elsewhere, or a
    child at its parents' door with a sister's or brother's telephone and nearly their name."""
    born = TODAY - timedelta(days=rng.randrange(2_000, 30_000))
    male = rng.random() < 0.5
    first = f"99{rng.randrange(60, 90)}{rng.randrange(1, 30):02d}{born:%Y%m%d}"
    first += f"{rng.randrange(500) * 2 + male:03d}"
    number = first + check_digit(first)
    sex = "男" if male else "女"
    if rng.random() < 0.5:
        phone = f"1980{rng.randrange(10**7):07d}"
        return Person(like.name, number, phone, born, sex, elsewhere)
    name = like.name[:-1] + rng.choice([c for c in _GIVEN if c != like.name[-1]])
    return replace(like, name=name, id_number=number, born=born, sex=sex)


def _worn(rng: Random, spell: Writer, person: Person, truth: int | None) -> Written:
    name, number, phone = person.name, person.id_number, person.phone or ""
    if rng.random() < NAME_SLIP:
        name = _name_slip(rng, name)
    kind = rng.random()
    if kind < NO_ID:
        number = ""
    elif kind < NO_ID + ID_SLIP:
        number = _id_slip(rng, number)
    elif rng.random() < 0.1:
        number = rng.choice(
            (number.lower(), "'" + number, f"{number[:6]} {number[6:14]} {number[14:]}",
             "".join(chr(ord(c) + 0xFEE0) for c in number))
        )  # fmt: skip
    if phone and rng.random() < NO_PHONE:
        phone = ""
    elif phone and rng.random() < PHONE_SLIP:
        at = rng.randrange(3, 11)
        phone = (
            phone[:at]
            + rng.choice([d for d in "0123456789" if d != phone[at]])
            + phone[at + 1 :]
        )
    elif phone and rng.random() < 0.1:
        phone = rng.choice((f"+86 {phone}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"))
    age = TODAY.year - person.born.year + rng.choice((-1, 0, 0, 0, 1))
    address = "" if rng.random() < NO_ADDRESS else spell.line(person.door).text
    sex = person.sex if rng.random() < 0.9 else ""
    return Written(name, number, phone, sex, str(max(0, age)), address, truth)


def _name_slip(rng: Random, name: str) -> str:
    """Another character of the same sound or look; else one left out or two swapped."""
    places = [at for at, c in enumerate(name) if at and c in SLIPS]
    if places and rng.random() < 0.85:
        at = rng.choice(places)
        return name[:at] + rng.choice(SLIPS[name[at]]) + name[at + 1 :]
    if len(name) == 3:
        return name[:2] if rng.random() < 0.5 else name[0] + name[2] + name[1]
    return name + rng.choice(_GIVEN)


def _id_slip(rng: Random, number: str) -> str:
    """One wrong digit, two neighbours swapped, one left out, one too many."""
    kind = rng.random()
    at = rng.randrange(17)
    if kind < 0.6:
        return (
            number[:at]
            + rng.choice([d for d in "0123456789" if d != number[at]])
            + number[at + 1 :]
        )
    if kind < 0.85:
        while number[at] == number[at + 1]:
            at = rng.randrange(16)
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if kind < 0.93:
        return number[:at] + number[at + 1 :]
    return number[:at] + rng.choice("0123456789") + number[at:]
