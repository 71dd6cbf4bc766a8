"""Columns of dates."""

from datetime import date

from wangge.matching.dates import DateReading, order_of, read_dates


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


def test_a_day_without_its_year_is_the_latest_one_and_never_a_guess_of_long_ago() -> None:
    order = order_of([], date(2026, 1, 10))
    said = {
        "11.25": date(2025, 11, 25),
        "1月9日": date(2026, 1, 9),
        "01-10": date(2026, 1, 10),
        "十二月三十一日": date(2025, 12, 31),
        "26.1.9": date(2026, 1, 9),
        "1月11日": None,  # eleven months ago, or a slip
        "25.12.31": None,  # a year, or a day
        "25.11.30": None,
        "2月30日": None,
    }
    read = dict(zip(said, read_dates(list(said), order), strict=True))
    assert {text: one.value for text, one in read.items()} == said
    assert read["2月30日"].problem == "no_such_day"
    assert {read[text].problem for text in ("1月11日", "25.12.31")} == {"no_year", "short_year"}
    # The list's other days begin with the day.
    first = order_of(["14/12/2025"], date(2026, 1, 10))
    assert read_dates(["09/01", "1月9日"], first) == [DateReading(date(2026, 1, 9))] * 2
    # Without a day they cannot be later than, nothing is read into them.
    assert [one.problem for one in read_dates(["11.25"])] == ["no_year"]
    assert [one.problem for one in read_dates(["无症状", "asymptomatic"])] == ["empty"] * 2
