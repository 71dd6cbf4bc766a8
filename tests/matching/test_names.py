"""Names: kept tidily, heard, mistaken for one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wangge.matching.names import alike, near_sound, note_of, sound, tidy

names = some.text(
    some.characters(categories=("Lo", "Lu", "Ll", "Co", "Zs", "Po")), min_size=1, max_size=12
)


@given(some.text())
def test_tidying_twice_is_tidying_once(name: str) -> None:
    assert tidy(tidy(name)) == tidy(name)


@given(names, names)
def test_likeness_is_mutual(a: str, b: str) -> None:
    assert alike(a, b) == alike(b, a)


@given(names)
def test_a_name_is_like_itself(name: str) -> None:
    assert alike(name, name).score == (1.0 if tidy(name) else 0.0)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 甲 青禾 ", "甲青禾"),
        ("甲青禾", "甲青禾"),  # a full-width space
        ("阿依古丽•热合曼", "阿依古丽·热合曼"),
        ("阿依古丽 . 热合曼", "阿依古丽·热合曼"),
        ("阿依古丽・热合曼", "阿依古丽·热合曼"),
        ("JANE  DOE", "JANE DOE"),
        ("甲\x00青禾😀", "甲青禾"),
        ("甲𠮷", "甲𠮷"),
        ("甲\ue863", "甲\ue863"),  # a private character of an old system
        ("甲青禾、", "甲青禾"),
        (None, ""),
    ],
)
def test_a_name_is_kept_tidily(typed: str | None, kept: str) -> None:
    assert tidy(typed) == kept


def test_a_note_after_a_name_is_told_apart() -> None:
    assert note_of("甲青禾(户主)") == ("甲青禾", "户主")
    assert note_of("甲青禾/租客") == ("甲青禾", "租客")
    assert note_of("甲青禾") == ("甲青禾", "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("单青禾", "shan qing he"),
        ("仇青", "qiu qing"),
        ("解青", "xie qing"),
        ("曾青", "zeng qing"),
        ("区青", "ou qing"),
        ("单于青", "chan yu qing"),
        ("尉迟青", "yu chi qing"),
        ("青单", "qing dan"),  # only a surname is read as one
        ("吕绿", "lv lv"),
        ("鲁路", "lu lu"),
        ("Jane Doe", "jane doe"),
    ],
)
def test_a_name_sounds_as_it_is_read(name: str, said: str) -> None:
    assert sound(name) == said


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("甲青禾", "甲 青禾", "same"),
        ("張青禾", "张青禾", "written_otherwise"),
        ("阿依古丽热合曼", "阿依古丽·热合曼", "written_otherwise"),
        ("甲𠮷", "甲吉", "written_otherwise"),
        ("甲青禾", "甲清荷", "same_sound"),
        ("甲己", "甲已", "look_alike"),
        ("甲未", "甲末", "look_alike"),
        ("甲兰", "甲南", "near_sound"),
        ("甲青禾", "甲*禾", "hidden"),
        ("甲?禾", "甲𠮷禾", "hidden"),
        ("甲青禾", "甲禾青", "order"),
        ("甲青禾", "甲青", "part"),
        ("阿依古丽·热合曼", "阿依古丽", "part"),
        ("甲青禾", "甲青松", "one_character"),
        ("甲青禾", "jia qinghe", "spelled"),
        ("甲青禾", "Qinghe Jia", "spelled"),
        ("Jane Doe", "DOE JANE", "order"),
        ("甲青禾", "乙晚松", "different"),
        ("甲青", "乙青", "different"),
        ("", "甲", "empty"),
    ],
)
def test_two_names_are_alike_for_a_reason(a: str, b: str, reason: str) -> None:
    assert alike(a, b).reason == reason


def test_people_of_the_south_say_some_sounds_alike() -> None:
    assert near_sound("张林") == near_sound("臧玲")
    assert near_sound("张林") != near_sound("王林")
