"""Numbers as forms send them: what is none is never an error of ours."""

import pytest

from wangge.places.forms import whole


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("999999999", 999_999_999)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert whole(text, -1) == number


@pytest.mark.parametrize("text", ["", " 1", "-1", "1.0", "²", "１", "五", "9" * 10, "9" * 5000])
def test_what_is_no_number_of_a_form_is_what_the_caller_says(text: str) -> None:
    assert whole(text, -1) == -1


def test_a_caller_says_how_many_digits_are_too_many() -> None:
    assert [whole(text, -1, digits=3) for text in ("999", "1000")] == [999, -1]
