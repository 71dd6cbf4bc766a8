"""Invented towns, and doors written in invented ways: found, or asked about, never guessed."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as some

from wangge.matching import Door, Doors
from wangge.matching.addresses import SURE

SPACE = UUID("7b0f6f6e-8f57-5b7e-9c5d-2a64a9f0c102")
AREAS = ("990001001001001001", "990001001001002001", "990001001002001001")
NUMERALS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Town:
    entries: tuple[Door, ...]
    doors: Doors


@some.composite
def towns(draw: some.DrawFn) -> Town:
    """One to four estates in three grids, each with houses, stairwells, floors and doors."""
    names = draw(
        some.lists(
            some.sampled_from(
                [
                    "殷家花园",
                    "翰香景园",
                    "青禾苑一期",
                    "青禾苑二期",
                    "晚枫里",
                    "八一新村",
                    "素竹小区",
                ]
            ),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    entries: list[Door] = []
    for name in names:
        area = draw(some.sampled_from(AREAS))
        kind = draw(some.sampled_from(["幢", "号楼", "栋"]))
        for house in range(1, draw(some.integers(1, 3)) + 1):
            for unit in range(1, draw(some.integers(1, 3)) + 1):
                unit_id = uuid5(SPACE, f"{name}/{house}/{unit}")
                floors, rooms = draw(some.integers(1, 12)), draw(some.integers(1, 2))
                for floor in range(1, floors + 1):
                    for n in range(1, rooms + 1):
                        room = f"{floor}{n:02d}"
                        entries.append(
                            Door(
                                uuid5(unit_id, room),
                                unit_id,
                                area,
                                name,
                                (),
                                f"{house}{kind}",
                                (),
                                str(unit),
                                room,
                                floor,
                            )
                        )
    return Town(tuple(entries), Doors(entries))


def numeral(digits: str) -> str:
    return NUMERALS[int(digits)] if len(digits) == 1 else digits


@some.composite
def whole_lines(draw: some.DrawFn, door: Door) -> str:
    """A line that says everything: estate, house, stairwell, room."""
    number = door.building.rstrip("幢号楼栋")
    say = draw(some.sampled_from([str, numeral]))
    prefix = draw(some.sampled_from(["", "示范街道", "某某省某某市", "晚秋路88号", "地址:"]))
    if draw(some.booleans()):
        dash = draw(some.sampled_from(["-", "—", "/", "－", ".", "、"]))
        rest = dash.join((number, door.unit, door.room))
    else:
        word = draw(some.sampled_from(["幢", "栋", "号楼", "#", "座", "号"]))
        unit = draw(some.sampled_from(["单元", "单", "号单元"]))
        noughts = draw(some.sampled_from(["", "0"]))
        end = draw(some.sampled_from(["室", "", "房", "号", "户", "(自住)"]))
        rest = say(number) + word + say(door.unit) + unit + noughts + door.room + end
    text = prefix + door.compound + rest
    if draw(some.booleans()):
        text = "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)
    at = draw(some.integers(0, len(prefix + door.compound)))
    return text[:at] + draw(some.sampled_from(["", " ", "　"])) + text[at:]


@settings(max_examples=150, deadline=None)
@given(towns(), some.data())
def test_a_line_that_says_everything_leads_to_its_door_for_sure(
    town: Town, data: some.DataObject
) -> None:
    door = data.draw(some.sampled_from(town.entries))
    text = data.draw(whole_lines(door))
    placed = town.doors.resolve(text)
    assert placed.door == door, (text, placed)
    assert placed.score >= SURE


@settings(max_examples=150, deadline=None)
@given(towns(), some.data())
def test_without_its_stairwell_a_door_is_found_only_where_no_other_can_be_meant(
    town: Town, data: some.DataObject
) -> None:
    door = data.draw(some.sampled_from(town.entries))
    placed = town.doors.resolve(f"{door.compound}{door.building}{door.room}室")
    same = [
        one
        for one in town.entries
        if (one.compound, one.building, one.room) == (door.compound, door.building, door.room)
    ]
    if len(same) == 1:
        assert placed.door == door
    else:
        assert placed.door is None
        assert set(same) <= set(placed.rivals)


@settings(max_examples=100, deadline=None)
@given(towns(), some.data())
def test_a_door_that_is_not_there_is_never_found_for_sure(
    town: Town, data: some.DataObject
) -> None:
    door = data.draw(some.sampled_from(town.entries))
    for text in (
        f"{door.compound}{door.building}{door.unit}单元{door.floor + 40}01室",
        f"{door.compound}77幢{door.unit}单元{door.room}室",
        f"{door.compound}{door.building}9单元{door.room}室",
        f"东湖锦绣山庄{door.building}{door.unit}单元{door.room}室",
    ):
        assert not town.doors.resolve(text).sure, text


@settings(max_examples=100, deadline=None)
@given(towns(), some.data())
def test_a_room_leads_to_its_door_within_a_known_stairwell(
    town: Town, data: some.DataObject
) -> None:
    door = data.draw(some.sampled_from(town.entries))
    form = data.draw(some.sampled_from(["{}", "{}室", "0{}", "{}房"]))
    placed = town.doors.resolve(form.format(door.room), unit_id=door.unit_id)
    assert (placed.door, placed.sure) == (door, True)


@settings(max_examples=100, deadline=None)
@given(towns(), some.sampled_from(AREAS), some.data())
def test_no_door_outside_of_the_area_asked_for_is_answered(
    town: Town, area: str, data: some.DataObject
) -> None:
    door = data.draw(some.sampled_from(town.entries))
    placed = town.doors.resolve(data.draw(whole_lines(door)), area_prefix=area[:15])
    if door.area_code == area:
        assert placed.door == door
    else:
        assert placed.door is None or placed.door.area_code == area
        assert not placed.sure


@settings(max_examples=200, deadline=None)
@given(
    towns(),
    some.text(
        alphabet="殷家花园青禾苑一二期晚枫里123901AB幢号楼单元室#-/ .()层对面", max_size=24
    ),
)
def test_whatever_is_written_is_answered(town: Town, text: str) -> None:
    placed = town.doors.resolve(text)
    assert 0.0 <= placed.score <= 1.0
    assert placed.door is None or placed.door in town.entries
    assert set(placed.rivals) <= set(town.entries)


def test_the_list_of_nothing_answers_too() -> None:
    assert Doors([]).resolve("殷家花园1-1-101").door is None
    assert len(Doors([])) == 0
