"""How lines of a chain are drawn."""

import re
from math import hypot

import pytest

from wangge.verification.pages.chain import ROUND, line_between


@pytest.mark.parametrize(
    ("a", "b"), [((60, 60), (180, 104)), ((180, 60), (60, 148)), ((60, 60), (60, 104))]
)
def test_an_arrow_ends_at_the_circle_that_it_leads_to(
    a: tuple[int, int], b: tuple[int, int]
) -> None:
    path = line_between(a, b)
    x, y = map(float, re.findall(r"[-0-9.]+", path)[-2:])
    assert hypot(x - b[0], y - b[1]) == pytest.approx(ROUND, abs=0.2)
    assert path.startswith(f"M{a[0]} {a[1]}")
