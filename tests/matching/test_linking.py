"""Rows of a list and people of a register. All people are made up; numbers begin with 99."""

from datetime import date
from typing import Any

import pytest

from wangge.matching.linking import (
    Known,
    Link,
    Meant,
    Residents,
    Said,
    compare,
    decide,
    say,
    twice,
)
from wangge.matching.numbers import check_character

TODAY = date(2026, 3, 18)


def number(born: str = "19800213", order: str = "124", region: str = "990102") -> str:
    first = region + born + order
    return first + check_character(first)


ROW_PHONE, OTHER_PHONE = "19900001234", "19900004321"


def register() -> list[Known]:
    """A family behind one door, and a namesake elsewhere."""
    return [
        Known("father", "甲青禾", number(order="125"), ROW_PHONE, date(1980, 2, 13), 1980, "male", "door"),
        Known("mother", "乙清荷", number("19810405"), OTHER_PHONE, date(1981, 4, 5), 1981, "female", "door"),
        Known("child", "甲清禾", number("20150607"), ROW_PHONE, date(2015, 6, 7), 2015, "female", "door"),
        Known("namesake", "甲青禾", number("19700101"), None, date(1970, 1, 1), 1970, "female", "far"),
    ]  # fmt: skip


def link(name: str, id_number: str = "", phone: str = "", **more: Any) -> Link:
    return decide(say(name, id_number, phone, today=TODAY, **more), register(), year=2026)


def who(name: str, id_number: str = "", phone: str = "", **more: Any) -> object:
    found = link(name, id_number, phone, **more)
    return found.target.ref if found.target else found.question


FATHER = number(order="125")


def test_number_and_name_are_one_person() -> None:
    assert link("甲青禾", FATHER).kind == "right"
    assert who("甲青禾", FATHER) == "father"


def test_a_number_and_name_that_two_of_the_register_have_are_asked_about() -> None:
    twins = [Known("a", "甲青禾", FATHER, ROW_PHONE), Known("b", "甲青禾", FATHER, OTHER_PHONE)]
    found = decide(say("甲青禾", FATHER, ROW_PHONE, today=TODAY), twins, year=2026)
    assert (found.kind, found.question) == ("ask", "which")


@pytest.mark.parametrize(
    "written",
    [
        FATHER.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"}),
        "'" + FATHER,
        FATHER[:6] + " " + FATHER[6:14] + " " + FATHER[14:],
        FATHER.lower(),
    ],
)
def test_what_only_looks_different_is_no_slip(written: str) -> None:
    found = link("甲青禾", written)
    assert (found.kind, found.mends) == ("right", ())


def test_a_small_x_is_read() -> None:
    order = next(f"{n:03d}" for n in range(1000) if number(order=f"{n:03d}")[-1] == "X")
    one = Known("x", "甲青禾", number(order=order))
    said = say("甲青禾", number(order=order).lower(), "", today=TODAY)
    assert decide(said, [one], year=2026).kind == "right"


def test_fifteen_digits_are_the_same_number() -> None:
    old = FATHER[:6] + FATHER[8:17]
    assert who("甲青禾", old) == "father"


def test_a_wrong_digit_and_a_swap_are_mended_when_the_name_agrees() -> None:
    wrong = FATHER[:10] + str((int(FATHER[10]) + 1) % 10) + FATHER[11:]
    swapped = FATHER[:5] + FATHER[6] + FATHER[5] + FATHER[7:]
    for slip in (wrong, swapped, FATHER[:9] + FATHER[10:], FATHER[:4] + "7" + FATHER[4:]):
        found = link("甲青禾", slip)
        assert (found.target and found.target.ref, found.kind) == ("father", "mended"), slip
        assert "id" in found.mends


def test_a_repaired_number_without_a_name_is_asked() -> None:
    wrong = FATHER[:10] + str((int(FATHER[10]) + 1) % 10) + FATHER[11:]
    assert who("", wrong) == "name_differs"
    assert who("丙竹", wrong) == "name_differs"


def test_a_right_number_with_somebody_elses_name_is_asked() -> None:
    assert link("丙竹", FATHER).question == "name_differs"


def test_the_numbers_of_one_of_a_family_with_the_name_of_another_are_asked() -> None:
    found = link("乙清荷", FATHER, ROW_PHONE)
    assert found.kind == "ask"
    assert {rival.ref for rival, _ in found.rivals} >= {"father", "mother"}


def test_another_name_is_asked_though_number_telephone_door_and_surname_agree() -> None:
    assert link("甲木帆", FATHER, ROW_PHONE, door="door").question == "name_differs"


def test_a_homophone_is_mended_with_the_number() -> None:
    found = link("甲清合", number("19810405"), OTHER_PHONE)
    assert found.kind == "ask"  # another surname: not a slip of a homophone
    found = link("甲清荷", FATHER)
    assert (found.kind, found.mends, found.target and found.target.ref) == (
        "mended",
        ("name",),
        "father",
    )


def test_a_shared_telephone_finds_the_one_of_that_name_only() -> None:
    assert who("甲青禾", "", ROW_PHONE) == "father"
    assert who("甲清禾", "", ROW_PHONE) == "child"


def test_a_homophone_on_a_shared_telephone_is_asked() -> None:
    """甲卿禾 sounds like the father and like the child."""
    assert link("甲卿禾", "", ROW_PHONE).kind == "ask"


def test_a_name_alone_never_links() -> None:
    found = link("甲青禾")
    assert found.kind == "ask"
    assert {rival.ref for rival, _ in found.rivals} == {"father", "namesake", "child"}


def test_a_right_number_that_is_another_is_heard_before_name_and_telephone() -> None:
    assert link("甲青禾", number("19800213", "321"), ROW_PHONE).question == "id_differs"


def test_a_sister_who_is_not_registered_is_not_her_brother() -> None:
    """At the same door, with the same telephone, one character apart."""
    known = [register()[0]]
    said = say("甲青竹", "", ROW_PHONE, today=TODAY, door="door")
    assert decide(said, known, year=2026).kind == "ask"


def test_age_and_sex_contradict_a_door() -> None:
    assert who("甲青禾", "", "", door="door", sex="female") != "father"
    assert who("甲青禾", "", "", door="door", age="12") != "father"
    assert who("甲青禾", "", "", door="door", age="46") == "father"


def test_twins_are_told_apart_by_their_names() -> None:
    one, two = number(order="124"), number(order="126")
    twins = [Known("a", "甲青禾", one), Known("b", "甲素竹", two)]
    slip = one[:3] + str((int(one[3]) + 1) % 10) + one[4:]
    found = decide(say("甲素竹", slip, "", today=TODAY), twins, year=2026)
    assert found.kind == "ask"


def test_one_person_registered_twice_is_asked() -> None:
    twice_there = [Known("a", "甲青禾", None, ROW_PHONE), Known("b", "甲青禾", None, ROW_PHONE)]
    found = decide(say("甲青禾", "", ROW_PHONE, today=TODAY), twice_there, year=2026)
    assert (found.kind, found.question, len(found.rivals)) == ("ask", "which", 2)


def test_signs_say_nothing_where_nothing_is_said() -> None:
    signs = compare(Said("甲青禾"), Known("a", "甲青禾"), year=2026)
    assert (signs.id, signs.phone, signs.birth, signs.sex, signs.door) == ("none",) * 5


def test_rows_of_one_person_are_found_in_the_list() -> None:
    rows = [
        Meant(2, say("甲青禾", FATHER, ROW_PHONE, today=TODAY)),
        Meant(3, say("甲青禾", FATHER, "", today=TODAY)),
        Meant(4, say("甲青禾", "", ROW_PHONE, today=TODAY)),
        Meant(5, say("甲青禾", number("19800213", "321"), ROW_PHONE, today=TODAY)),
        Meant(6, say("丙竹", "", OTHER_PHONE, today=TODAY)),
        Meant(7, say("甲青禾", FATHER[:17], "", today=TODAY)),
    ]
    assert twice(rows) == [
        (3, 2, "id"),
        (4, 2, "phone_name"),
        (5, 2, "two_ids"),
        (7, 2, "id_slip"),
    ]


def test_two_people_of_the_register_who_are_alike_are_two_rows() -> None:
    said = say("甲青禾", "", ROW_PHONE, today=TODAY)
    rows = [Meant(1, said, "a"), Meant(2, said, "b"), Meant(3, said), Meant(4, said, "b")]
    assert twice(rows) == [(3, 1, "phone_name"), (4, 2, "person")]


def test_a_register_in_memory_finds_whoever_shares_a_key() -> None:
    people = register()
    held = Residents(
        [one.name for one in people],
        [one.id_key for one in people],
        [one.phone for one in people],
        [one.birth for one in people],
        [one.sex for one in people],
        [one.door for one in people],
    )
    rows = [
        say("甲青禾", FATHER, "", today=TODAY),
        say("甲青禾", "", ROW_PHONE, today=TODAY),
        say("某某", "", "", today=TODAY),
    ]
    assert [[one.ref for one in found] for found in held.near(rows)] == [[0], [0, 2], []]
    behind = held.behind(["far", None, "nowhere"])
    assert {door: [one.ref for one in found] for door, found in behind.items()} == {"far": [3]}
    assert [one.ref for one in held.namesakes([say("甲青禾", "", "", today=TODAY)])[0]] == [
        0,
        3,
    ]


def test_a_door_that_many_share_finds_nobody_whatever_their_order() -> None:
    count = 100
    names = [f"工友{at}" for at in range(count)]
    names[3] = names[90] = "甲青禾"
    none = [None] * count
    dormitory = Residents(names, none, none, none, [""] * count, ["door"] * count)
    row = say("甲青禾", "", "", today=TODAY, door="door")
    assert dormitory.behind(["door"]) == {}
    assert decide(row, [], year=2026).kind == "ask"
