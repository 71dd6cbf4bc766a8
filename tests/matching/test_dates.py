"""Columns of dates."""

from datetime import date

from wangge.matching.dates import read_dates


def test_one_day_beyond_twelve_tells_the_order_of_a_column() -> None:
    read = read_dates(["14/01/2020", "03/02/2020", ""])
    assert [one.value for one in read] == [date(2020, 1, 14), date(2020, 2, 3), None]
    read = read_dates(["01/14/2020", "03/02/2020"])
    assert [one.value for one in read] == [date(2020, 1, 14), date(2020, 3, 2)]


def test_a_column_that_does_not_tell_or_contradicts_itself_is_not_guessed() -> None:
    assert read_dates(["03/02/2020"])[0].problem == "order"
    read = read_dates(["14/01/2020", "01/15/2020", "03/02/2020"])
    assert [one.value for one in read[:2]] == [date(2020, 1, 14), date(2020, 1, 15)]
    assert read[2].problem == "order"


def test_three_formats_and_a_serial_number_are_one_day() -> None:
    read = read_dates(["2020-02-13", "2020.2.13", "2020年2月13日", "43874", "20200213"])
    assert {one.value for one in read} == {date(2020, 2, 13)}


def test_a_day_that_never_was_is_said() -> None:
    assert [one.problem for one in read_dates(["2020.2.30", "31/04/2020", "NA"])] == [
        "no_such_day",
        "no_such_day",
        "empty",
    ]
