"""Credit codes and plates are read strictly: GB 32100-2015, GA 36-2018."""

import pytest

from wangge.matching import read_credit_code, read_plate
from wangge.matching.codes import CREDIT_PROBLEMS, PLATE_PROBLEMS, credit_check


def code_of(number: int) -> str:
    first = f"91990001MA{number:07d}"
    return first + credit_check(first)


def test_the_check_character_is_that_of_the_standard() -> None:
    # The example of GB 32100-2015, annex A.
    assert credit_check("91350100M000100Y4") == "3"


def test_a_right_code_is_read_however_it_is_typed() -> None:
    code = code_of(1)
    for typed in (code, code.lower(), f" {code[:8]} {code[8:]}", f"{code[:8]}-{code[8:]}",
                  "".join(chr(ord(c) + 0xFEE0) for c in code)):  # fmt: skip
        assert read_credit_code(typed).value == code


def test_every_single_slip_is_found() -> None:
    code = code_of(4711)
    for at in range(18):
        wrong = code[:at] + ("2" if code[at] != "2" else "3") + code[at + 1 :]
        assert read_credit_code(wrong).problem == "check", at
    swapped = code[:8] + code[9] + code[8] + code[10:]
    assert read_credit_code(swapped).problem == "check"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "empty"),
        ("无", "empty"),
        ("办理中", "empty"),
        ("91990001********1X", "masked"),
        ("9.19900E+17", "rounded"),
        ("110000000000001", "old"),
        ("91990001MA2TEST0", "characters"),
        ("9199000", "length"),
    ],
)
def test_what_is_wrong_with_a_code_is_said(typed: str, problem: str) -> None:
    read = read_credit_code(typed)
    assert (read.value, read.problem) == (None, problem)
    assert problem == "empty" or problem in CREDIT_PROBLEMS


@pytest.mark.parametrize(
    ("typed", "plate", "kind"),
    [
        ("浙Z·00001", "浙Z00001", "ordinary"),
        ("浙z 0000a", "浙Z0000A", "ordinary"),
        ("浙Z0001挂", "浙Z0001挂", "ordinary"),
        ("浙Z0001学", "浙Z0001学", "ordinary"),
        ("浙ZD00001", "浙ZD00001", "new_energy"),
        ("浙ZF·A0001", "浙ZFA0001", "new_energy"),
        ("浙Z00001D", "浙Z00001D", "new_energy"),
        ("WJ浙00001", "WJ浙00001", "other"),
    ],
)
def test_plates_are_read_however_they_are_typed(typed: str, plate: str, kind: str) -> None:
    read = read_plate(typed)
    assert (read.value, read.kind, read.problem) == (plate, kind, None)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("未上牌", "empty"),
        ("浙Z***01", "masked"),
        ("浙ZO0001", "letters"),
        ("Z00001", "province"),
        ("浙Z0001", "length"),
        ("浙ZL00001", "shape"),
        ("浙Z000000", "shape"),
    ],
)
def test_what_is_wrong_with_a_plate_is_said(typed: str, problem: str) -> None:
    read = read_plate(typed)
    assert (read.value, read.problem) == (None, problem)
    assert problem == "empty" or problem in PLATE_PROBLEMS


def test_an_electric_bicycle_has_the_plate_of_its_town() -> None:
    assert read_plate("示范A12345").problem == "province"
    assert read_plate("示范A12345", bicycle=True).value == "示范A12345"
