"""A mend is seen before it is taken: what differs, and nothing else."""

import pytest

from wangge.verification.beside import Parts, beside


def text(parts: Parts) -> str:
    return "".join(f"[{one}]" if other else one for one, other in parts)


@pytest.mark.parametrize(
    ("field", "was", "now", "shown"),
    [
        (
            "id",
            "990102198003070013",
            "990102198008070013",
            ("990********[3]****13", "990********[8]****13"),
        ),
        (
            "id",
            "990102198003700013",
            "990102198003070013",
            ("990*********[70]**13", "990*********[07]**13"),
        ),
        (
            "id",
            "99010219800307013",
            "990102198003070013",
            ("990************13", "990************[0]13"),
        ),
        (
            "id",
            "'990102 19800307 001x",
            "990102198003070013",
            ("990*************1[X]", "990*************1[3]"),
        ),
        ("name", "甲清禾", "甲青禾", ("甲[清]*", "甲[青]*")),
        ("name", "甲禾", "甲青禾", ("甲*", "甲[青]*")),
        ("name", "申禾", "甲禾", ("[申]*", "[甲]*")),
        ("name", "甲乙禾清", "甲乙青和", ("甲*[禾清]", "甲*[青和]")),
    ],
)
def test_what_differs_is_shown_and_the_rest_is_masked(
    field: str, was: str, now: str, shown: tuple[str, str]
) -> None:
    found = beside(field, was, now)
    assert found is not None
    told = tuple(map(text, found))
    assert told == shown


@pytest.mark.parametrize(
    ("field", "was", "now"),
    [
        ("id", "990102198003070013", "990102195512240021"),
        ("id", "990102198003070013", "990102198003070013"),
        ("id", "", "990102198003070013"),
        ("name", "甲青禾", "乙丙丁"),
        ("name", "甲青禾", ""),
        # The whole of the register's name, or of the row's, would be seen.
        ("name", "甲木", "甲禾"),
        ("name", "甲禾", "甲"),
        ("name", "甲", "甲禾"),
        ("name", "甲小", "甲青禾"),
        ("name", "甲清和", "甲青禾"),
        ("name", "甲禾青", "甲青禾"),
    ],
)
def test_two_that_differ_much_or_not_at_all_show_nothing(
    field: str, was: str, now: str
) -> None:
    assert beside(field, was, now) is None
