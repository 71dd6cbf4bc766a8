"""Addresses as people write them, against a closed list."""

from collections.abc import Iterator
from uuid import UUID, uuid5

import pytest

from wangge.matching import Door, Doors

SPACE = UUID("7b0f6f6e-8f57-5b7e-9c5d-2a64a9f0c101")
YINJIA, HANXIANG = "殷家花园", "翰香景园"


def unit_of(*path: object) -> UUID:
    return uuid5(SPACE, "/".join(map(str, path)))


def town() -> Iterator[Door]:
    """Two estates of eight houses with four stairwells, eleven floors and two doors a floor."""
    for compound, code, nick in (
        (YINJIA, "990001001001001", ("老殷家",)),
        (HANXIANG, "990001001001002", ()),
    ):
        for house in range(1, 9):
            for unit in range(1, 5):
                for floor in range(1, 12):
                    for n in (1, 2):
                        room = f"{floor}{n:02d}"
                        yield Door(
                            unit_of(compound, house, unit, room),
                            unit_of(compound, house, unit),
                            code + "001",
                            compound,
                            nick,
                            f"{house}幢",
                            ("外贸楼",) if house == 8 else (),
                            f"{unit}单元",
                            room,
                            floor,
                        )


@pytest.fixture(scope="module")
def doors() -> Doors:
    return Doors(town(), {"990001001001": "杏花社区"})


@pytest.mark.parametrize(
    "said",
    [
        "殷家花园1幢1单元901室",
        "殷家花园 1-1-901",
        "殷家花园一号楼一单元901",
        "殷家花园1#1单元0901",
        "殷家花园一幢一单元九〇一",
        "殷家花园1栋1单元9楼1室",
        "宁波市鄞州区白鹤街道殷家花园１幢１单元９０１",
        "老殷家1号楼1单元901室(复式)",
        "殷家花园小区1座1单元901房",
        "殷家花园88号1幢1单元901",
    ],
)
def test_a_door_is_found_however_it_is_written(doors: Doors, said: str) -> None:
    placed = doors.resolve(said)
    assert placed.door is not None
    assert placed.door.dwelling_id == unit_of(YINJIA, 1, 1, "901")
    assert placed.sure


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "empty"),
        ("1-1-901", "which_compound"),
        ("殷家花园七幢四单元", "no_room"),
        ("殷家花园1幢901", "which_unit"),
        ("殷家花园9幢1单元901", "no_such_building"),
        ("殷家花园1幢9单元901", "no_such_unit"),
        ("不在花园1-1-901", "unknown_compound"),
        ("殷家花园1幢对面", "beside"),
        ("殷家花园", "no_number"),
        ("殷" * 300, "too_long"),
    ],
)
def test_what_leads_to_no_door_says_why(doors: Doors, said: str, reason: str) -> None:
    placed = doors.resolve(said)
    assert (placed.door, placed.reason) == (None, reason)


def test_a_room_is_enough_within_a_known_stairwell(doors: Doors) -> None:
    unit = unit_of(HANXIANG, 3, 2)
    for said in ("901", "901室", "０９０１", "9楼1室", "九零一"):
        placed = doors.resolve(said, unit_id=unit)
        assert placed.door is not None
        assert placed.door.dwelling_id == unit_of(HANXIANG, 3, 2, "901")


def test_an_estate_that_is_alone_in_its_grid_needs_no_name(doors: Doors) -> None:
    placed = doors.resolve("1-1-901", area_prefix="990001001001002")
    assert placed.door is not None
    assert (placed.door.compound, placed.reason) == (HANXIANG, "compound_implied")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("尹家花园1-1-901", "same_sound"),
        ("殷家1-1-901", "short_name"),
        ("殷家华园1-1-901", "same_sound"),
        ("殷家茶园1-1-901", "near_name"),
        ("新殷家花园1-1-901", "extra_words"),
    ],
)
def test_a_name_that_is_nearly_right_is_proposed_and_not_taken(
    doors: Doors, said: str, reason: str
) -> None:
    placed = doors.resolve(said)
    assert placed.door is not None
    assert placed.door.dwelling_id == unit_of(YINJIA, 1, 1, "901")
    assert (placed.sure, placed.reason) == (False, reason)


def test_a_house_with_a_name_of_its_own_needs_no_estate(doors: Doors) -> None:
    placed = doors.resolve("外贸楼1单元901", area_prefix="990001001001001")
    assert placed.door is not None
    assert (placed.door.compound, placed.door.building) == (YINJIA, "8幢")
    both = doors.resolve("外贸楼1单元901")
    assert both.door is None
    assert both.reason == "which_compound"


@pytest.mark.parametrize("said", ["素竹小区1-1-901", "某某省某某市杏花区素竹小区1幢1单元901室"])
def test_an_estate_that_is_not_there_is_not_taken_for_the_only_one(
    doors: Doors, said: str
) -> None:
    placed = doors.resolve(said, area_prefix="990001001001002")
    assert (placed.door, placed.reason) == (None, "unknown_compound")
