"""People of the town: plainly invented, and shaped like a town's people."""

import gc
import re
import tracemalloc
import weakref
from collections import Counter
from itertools import islice

import pytest

from wangge.demo.town import NEED_TAGS, TODAY, Community, Town, check_digit, make_town, uuid7_at
from wangge.demo.town.minting import IdNumbers, stream
from wangge.demo.town.names import SURNAMES

PHONE = re.compile(r"1990000\d{4}")


@pytest.fixture(scope="module")
def streets_people(street: Town) -> list[Community]:
    return list(islice(street.communities(), 6))


def weighed(number: str) -> int:
    """ISO 7064 MOD 11-2 by its recurrence, not by the weights the generator uses."""
    rest = 0
    for digit in number[:-1]:
        rest = (rest + int(digit)) * 2 % 11
    return (rest + (10 if number[-1] == "X" else int(number[-1]))) % 11


def test_check_digits_satisfy_the_recurrence_of_the_standard() -> None:
    digits: set[str] = set()
    for n in range(400):
        first = f"990001{19490101 + n}{n % 1000:03d}"
        digits.add(check_digit(first))
        assert weighed(first + check_digit(first)) == 1
    assert digits == set("0123456789X")


def test_identity_numbers_are_valid_unique_and_nobodys(
    streets_people: list[Community],
) -> None:
    seen: set[str] = set()
    for community in streets_people:
        for person in community.residents():
            number = person.id_number
            assert re.fullmatch(r"99\d{15}[\dX]", number)
            assert weighed(number) == 1
            assert number[6:14] == f"{person.born:%Y%m%d}"
            assert int(number[16]) % 2 == (person.sex == "M")
            assert number not in seen
            seen.add(number)


def test_a_day_has_numbers_for_five_hundred_and_then_says_so() -> None:
    numbers = IdNumbers(0, stream(1, "99", "test"))
    assert len({numbers.mint(TODAY, male=True) for _ in range(500)}) == 500
    with pytest.raises(ValueError, match="five hundred"):
        numbers.mint(TODAY, male=True)


def test_names_and_phones_are_plainly_made_up(streets_people: list[Community]) -> None:
    names: set[str] = set()
    for community in streets_people:
        for person in community.residents():
            assert person.name[0] in SURNAMES
            assert 2 <= len(person.name) <= 3
            names.add(person.name)
            if person.phone is None:
                assert TODAY.year - person.born.year <= 13
            else:
                assert PHONE.fullmatch(person.phone)
        for worker in community.crew.staff:
            assert PHONE.fullmatch(worker.phone)
    assert len(names) > 8_000, "varied enough to search for"


def test_ages_and_needs_look_like_a_town(streets_people: list[Community]) -> None:
    ages: list[int] = []
    tags: Counter[str] = Counter()
    for community in streets_people:
        for person in community.residents():
            assert person.born < TODAY
            ages.append((TODAY - person.born).days * 100 // 36_525)
            tags.update(person.tags)
    assert set(tags) == set(NEED_TAGS)
    count = len(ages)
    assert 0.16 < sum(age >= 60 for age in ages) / count < 0.28
    assert 0.10 < sum(age < 15 for age in ages) / count < 0.22
    assert max(ages) < 105
    shares = {tag: tags[tag] / count for tag in NEED_TAGS}
    assert 0.01 < shares["elder_alone"] < 0.045
    assert 0.008 < shares["reduced_mobility"] < 0.04
    assert 0.0005 < shares["medical_lane"] < 0.003
    assert 0.01 < shares["infant"] < 0.035


def test_every_household_has_one_head_and_lives_behind_its_own_door(
    streets_people: list[Community],
) -> None:
    community = streets_people[0]
    heads = Counter(p.household_id for p in community.residents() if p.relation == "head")
    assert heads == {household.id: 1 for household in community.households}
    doors = {dwelling.id: dwelling for dwelling in community.dwellings}
    homes = {household.id: household for household in community.households}
    units = {unit.id: unit for unit in community.units}
    for household in community.households:
        door = doors[household.dwelling_id]
        assert (door.unit_id, door.area_code) == (household.unit_id, household.area_code)
        assert units[door.unit_id].area_code == door.area_code
    for person in community.residents():
        home = homes[person.household_id]
        assert (person.unit_id, person.area_code) == (home.unit_id, home.area_code)


def test_doors_are_named_as_people_say_them(streets_people: list[Community]) -> None:
    for community in streets_people:
        names: set[tuple[str, str]] = set()
        of_unit = {unit.id: unit for unit in community.units}
        of_building = {building.id: building for building in community.buildings}
        for door in community.dwellings:
            unit = of_unit[door.unit_id]
            building = of_building[unit.building_id]
            assert door.name == f"{building.number}幢{unit.number}单元{door.room}室"
            assert door.room[:-2] == str(door.floor)
            assert 1 <= door.floor <= building.floors
            key = (str(building.compound_id), door.name)
            assert key not in names
            names.add(key)


def test_no_id_is_minted_twice(streets_people: list[Community], street: Town) -> None:
    ids: list[object] = []
    for community in streets_people:
        housing, crew = community.housing, community.crew
        for rows in (
            housing.compounds,
            housing.buildings,
            housing.units,
            housing.dwellings,
            community.households,
            crew.staff,
            crew.posts,
            crew.teams,
        ):
            ids += [row.id for row in rows]
        ids += [person.id for person in community.residents()]
    for office in street.offices:
        for rows in (office.orgs, office.staff, office.posts):
            ids += [row.id for row in rows]
    assert len(set(ids)) == len(ids)


def test_ids_are_version_8_and_rise(streets_people: list[Community]) -> None:
    people = [person.id for person in streets_people[1].residents()]
    assert people == sorted(people)
    assert {person.version for person in people} == {8}


def test_an_id_minted_at_a_moment_says_so() -> None:
    one = uuid7_at(1_700_000_000_123, stream(1, "99", "test"))
    assert one.version == 7
    assert one.int >> 80 == 1_700_000_000_123


def test_a_county_streams_without_filling_memory() -> None:
    town = make_town("county")
    alive: list[weakref.ref[Community]] = []
    marks: list[int] = []
    tracemalloc.start()  # slow, hence three communities; the weak references see more
    try:
        for community in islice(town.communities(), 3):
            assert sum(1 for _ in community.residents()) == community.plan.residents
            marks.append(tracemalloc.get_traced_memory()[0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000
    assert marks[2] < marks[1] * 1.5, "memory grows with communities seen"
    for community in islice(town.communities(), 20):
        assert community.households
        alive.append(weakref.ref(community))
        del community
        gc.collect()
        assert sum(one() is not None for one in alive) <= 1
