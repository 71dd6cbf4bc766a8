"""Numbers and dates as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wangge.matching.dates import read_date
from wangge.matching.numbers import (
    check_character,
    id_repairs,
    phones_in,
    read_id_number,
    read_phone,
)

days = some.dates(date(1900, 1, 1), date(2099, 12, 31))


@some.composite
def id_numbers(draw: some.DrawFn) -> str:
    """Right numbers of people who do not exist."""
    first = f"99{draw(some.integers(0, 9999)):04d}{draw(days):%Y%m%d}"
    first += f"{draw(some.integers(0, 999)):03d}"
    return first + check_character(first)


def right(first17: str = "99000119800229001") -> str:
    return first17 + check_character(first17)


@given(id_numbers())
def test_a_right_number_tells_birth_sex_and_region(number: str) -> None:
    reading = read_id_number(number)
    assert (reading.value, reading.problem, reading.region) == (number, None, number[:6])
    assert reading.birth is not None
    assert f"{reading.birth:%Y%m%d}" == number[6:14]
    assert reading.sex == ("male" if int(number[16]) % 2 else "female")


@given(id_numbers(), some.data())
def test_one_slip_is_always_noticed_and_the_number_meant_is_among_the_repairs(
    number: str, data: some.DataObject
) -> None:
    kind = data.draw(some.sampled_from(["other", "swapped", "missing", "extra"]))
    at = data.draw(some.integers(0, 16))
    digit = data.draw(some.sampled_from("0123456789"))
    slipped = {
        "other": number[:at] + digit + number[at + 1 :],
        "swapped": number[:at] + number[at + 1] + number[at] + number[at + 2 :],
        "missing": number[:at] + number[at + 1 :],
        "extra": number[:at] + digit + number[at:],
    }[kind]
    if slipped == number:
        return
    assert read_id_number(slipped).value is None
    assert number in id_repairs(slipped)
    assert all(read_id_number(repair).value for repair in id_repairs(slipped))


def slips_of(number: str) -> set[str]:
    """Everything one slip away, right or not: written down without any arithmetic."""
    found = {number[:at] + number[at + 1 :] for at in range(len(number))}
    for at in range(len(number)):
        found |= {number[:at] + c + number[at + 1 :] for c in "0123456789X"}
        found.add(number[:at] + number[at + 1 : at + 2] + number[at] + number[at + 2 :])
    found |= {number[:at] + c + number[at:] for at in range(19) for c in "0123456789X"}
    return {one for one in found if len(one) == 18}


@given(some.text("0123456789X", min_size=17, max_size=19) | id_numbers(), some.data())
def test_repairs_are_all_right_numbers_one_slip_away_and_no_others(
    number: str, data: some.DataObject
) -> None:
    at, digit = data.draw(some.integers(0, 16)), data.draw(some.sampled_from("0123456789X"))
    cut = data.draw(some.integers(0, 2))
    number = number[:at] + digit + number[at + cut :]
    if not 17 <= len(number) <= 19 or read_id_number(number).value:
        return
    right_ones = {one for one in slips_of(number) if read_id_number(one).value}
    assert set(id_repairs(number)) == right_ones


@given(id_numbers())
def test_a_right_number_has_no_repairs(number: str) -> None:
    assert id_repairs(number) == ()


@given(some.text())
def test_whatever_is_typed_gets_an_answer(text: str) -> None:
    for reading in (read_id_number(text), read_phone(text), read_date(text)):
        assert (reading.value is None) == (reading.problem is not None)
    id_repairs(text)


def test_width_case_spaces_and_apostrophes_change_nothing() -> None:
    number = next(
        n for n in (right(f"990001198002290{k:02d}") for k in range(100)) if n[-1] == "X"
    )
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    for typed in (
        number.lower(),
        wide,
        f"'{number}",
        f" {number[:6]} {number[6:14]}-{number[14:]}",
    ):
        assert read_id_number(typed).value == number


def test_an_old_number_becomes_a_new_one_and_says_so() -> None:
    reading = read_id_number("990001800228001")
    assert (reading.value, reading.old15) == (right("99000119800228001"), True)
    assert reading.birth == date(1980, 2, 28)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "empty"),
        ("无", "empty"),
        (None, "empty"),
        ("99000119800229****", "masked"),
        ("9.90001E+17", "rounded"),
        (right()[:15] + "000", "rounded"),
        (right()[:17] + "Y", "characters"),
        (right()[:16], "length"),
        ("00" + right()[2:], "region"),
        (right("99000119810229001"), "date"),
        (right("99000117810228001"), "date"),
        (right()[:17] + ("1" if right()[17] != "1" else "2"), "check"),
    ],
)
def test_a_wrong_number_says_what_is_wrong(typed: str | None, problem: str) -> None:
    assert read_id_number(typed).problem == problem


def test_nobody_is_born_tomorrow() -> None:
    born = right("99000120260318001")
    assert read_id_number(born, today=date(2026, 3, 17)).problem == "future"
    assert read_id_number(born, today=date(2026, 3, 18)).value == born


@pytest.mark.parametrize(
    ("typed", "value", "kind"),
    [
        ("1990000 1234", "19900001234", "mobile"),
        ("199-0000-1234", "19900001234", "mobile"),
        ("+86 199 0000 1234", "19900001234", "mobile"),
        ("0086-199-0000-1234", "19900001234", "mobile"),
        ("8619900001234", "19900001234", "mobile"),
        ("019900001234", "19900001234", "mobile"),
        ("19900001234.0", "19900001234", "mobile"),
        (19900001234.0, "19900001234", "mobile"),
        (19900001234, "19900001234", "mobile"),
        ("手机:19900001234", "19900001234", "mobile"),
        ("0574-87650000", "0574-87650000", "landline"),
        ("(0574)87650000", "0574-87650000", "landline"),
        ("057487650000", "0574-87650000", "landline"),
        ("+86 574 8765 0000", "0574-87650000", "landline"),
        ("010 6555 0000", "010-65550000", "landline"),
        ("0574-87650000-801", "0574-87650000-801", "landline"),
        ("0574-87650000转801", "0574-87650000-801", "landline"),
        ("87650000", "87650000", "landline"),
    ],
)
def test_a_telephone_is_read_however_it_is_written(
    typed: object, value: str, kind: str
) -> None:
    reading = read_phone(typed)
    assert (reading.value, reading.kind) == (value, kind)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "empty"),
        ("不详", "empty"),
        ("199****1234", "masked"),
        ("1.99E+10", "rounded"),
        ("1990000123", "length"),
        ("199000012345", "length"),
        ("12900001234", "prefix"),
        ("电话打不通", "characters"),
        ("19900001234/19900004321", "several"),
    ],
)
def test_a_wrong_telephone_says_what_is_wrong(typed: str, problem: str) -> None:
    assert read_phone(typed).problem == problem


def test_two_telephones_in_one_cell_are_two() -> None:
    cell = "19900001234/0574-87650000"
    assert [one.value for one in phones_in(cell)] == ["19900001234", "0574-87650000"]


@given(days)
def test_a_day_is_read_in_every_usual_way(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    for typed in (
        f"{y}-{m:02d}-{d:02d}",
        f"{y}.{m}.{d}",
        f"{y}/{m}/{d}",
        f"{y}年{m}月{d}日",
        f"{y} 年 {m} 月 {d} 号",
        f"{y}{m:02d}{d:02d}",
        f"{y}-{m:02d}-{d:02d} 00:00:00",
        f"{y}-{m:02d}-{d:02d}T08:30:00",
        y * 10000 + m * 100 + d,
        day,
    ):
        assert read_date(typed).value == day


@given(some.dates(date(1900, 3, 1), date(2099, 12, 31)))
def test_a_spreadsheets_serial_is_its_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    if 1880 <= serial <= 2100:  # looks like a bare year
        return
    assert read_date(serial).value == day
    assert read_date(serial + 0.75).value == day


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "empty"),
        ("2020.2.30", "no_such_day"),
        ("2020-13-01", "no_such_day"),
        (60, "no_such_day"),  # 29 February 1900 never was
        ("2020.2", "no_day"),
        ("2020年", "unreadable"),
        ("202002", "no_day"),
        (1980, "no_day"),
        ("2月3日", "no_year"),
        ("20.2.3", "short_year"),
        ("3/2/2020", "order"),
        ("民国三十八年", "era"),
        ("农历1980年正月初一", "era"),
        ("1780-01-01", "range"),
        (float("nan"), "unreadable"),
        ("前天", "unreadable"),
    ],
)
def test_what_is_no_day_says_why(typed: object, problem: str) -> None:
    assert read_date(typed).problem == problem


def test_numerals_and_clear_orders_are_read() -> None:
    assert read_date("二〇二〇年二月十三日").value == date(2020, 2, 13)
    assert read_date("二零二零年十二月三十一日").value == date(2020, 12, 31)
    assert read_date("13/2/2020").value == date(2020, 2, 13)
    assert read_date("1980年1月1日(星期二)").value == date(1980, 1, 1)


@given(some.from_regex(r"\A[0-9]{17}[0-9Xx]\Z"), some.sampled_from(["", " ", "'", "０"]))
def test_a_number_written_plainly_reads_as_one_that_has_to_be_cleaned(
    number: str, dirt: str
) -> None:
    typed = number.replace("0", "０") if dirt == "０" else dirt + number
    assert read_id_number(typed) == read_id_number(number)


@given(some.from_regex(r"\A1[0-9]{10}\Z"))
def test_a_mobile_written_plainly_reads_as_one_with_gaps(number: str) -> None:
    assert read_phone(f"{number[:3]} {number[3:7]}-{number[7:]}") == read_phone(number)
