"""What every file of `wangge plan` is refused for, whatever it holds."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from wangge.solvers.deliveries.files import read_order
from wangge.solvers.files import Unreadable, xml_root
from wangge.solvers.microgrids.files import read_town
from wangge.solvers.shifts.files import read_problem
from wangge.solvers.split.files import read_town as read_stairwells
from wangge.solvers.words import said

TOWN = (
    '{"format": "wangge.microgrids/1", "communities": [{"id": "c"}],'
    ' "buildings": [{"id": "b", "community": "c"}],'
    ' "units": [{"id": "u", "building": "b", "households": 5}],'
    ' "grids": [{"id": "g", "community": "c"}, {"id": "h", "community": "c"}],'
    ' "today": {"u": "g"}}'
)


def refused(read: Callable[[bytes], Any], raw: str) -> str:
    with pytest.raises(Unreadable) as wrong:
        read(raw.encode())
    return " ".join(str(one) for one in wrong.value.problems)


@pytest.mark.parametrize("read", [read_stairwells, read_order, read_problem])
def test_a_file_of_another_kind_is_told_which_it_is(read: Callable[[bytes], Any]) -> None:
    assert "文件里是“wangge.microgrids/1”" in refused(read, TOWN)


def test_a_town_is_told_from_a_split() -> None:
    split = json.dumps({"format": "wangge.split/1", "stairwells": []})
    assert "文件里是“wangge.split/1”" in refused(read_town, split)
    assert "format" in refused(read_town, "{}")  # what says nothing lacks it


@pytest.mark.parametrize(
    ("before", "twice", "words"),
    [
        ('"u": "g"', '"u": "g", "u": "h"', "today 里“u”写了两次"),
        (
            '"households": 5',
            '"households": 5, "households": 50',
            "units #1 里“households”写了两次",
        ),
        ('"format"', '"format": "x", "format"', "整个文件 里“format”写了两次"),
    ],
)
def test_a_key_that_stands_twice_is_no_guess(before: str, twice: str, words: str) -> None:
    read_town(TOWN.encode())
    assert words in refused(read_town, TOWN.replace(before, twice))


@pytest.mark.parametrize("value", ["1e19", "1e308", "-1"])
def test_a_rule_beyond_all_measure_is_refused(value: str) -> None:
    town = TOWN.replace('"today"', f'"rules": {{"stability": {value}}}, "today"')
    assert "“stability”要在 0 到 100000 之间" in refused(read_town, town)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_entities_are_not_taken_in_any_encoding(encoding: str) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    if encoding.startswith("utf-16-"):
        bomb = "\ufeff" + bomb
    with pytest.raises(Unreadable) as wrong:
        xml_root(bomb.encode(encoding), said)
    assert "不收的声明" in str(wrong.value)


def test_a_file_in_utf_16_is_read() -> None:
    assert (
        xml_root('<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"), said).tag
        == "a"
    )
