"""Where a new building need not give anybody another head, and where it must."""

from dataclasses import replace

import pytest
from towns import headed, row_of

from wangge.solvers.microgrids import Grid, Head, Town, check
from wangge.solvers.microgrids.repairing import repair

OWN = "单独成"


def come(*minutes: float) -> Town:
    """Two grids of two stairwells of ten minutes in a row, each in a building of its own, and then what is
    new in one building."""
    town = row_of([10.0] * 4 + list(minutes), a_building=2)
    return replace(
        headed(town, ["u0", "u3"]), today={"u0": "g0", "u1": "g0", "u2": "g1", "u3": "g1"}
    )


def said(town: Town) -> list[str]:
    return [str(one) for one in repair(town).sentences if OWN in one.text]


def test_a_building_as_heavy_as_a_grid_can_be_one_and_nobody_else_moves() -> None:
    town = come(10.0, 10.0)
    assert [one.households for one in repair(town).moves] != [], "somebody would move"
    assert said(town) == ["也可以让“3幢”单独成 1 个微网格,另定网格长:别的户都不换网格长。"]
    # The checker, which knows nothing of this, agrees.
    more = replace(
        town,
        grids=[*town.grids, Grid("g2", "3号", "c", "h2")],
        heads=[*town.heads, Head("h2", "u4")],
    )
    verdict = check(more, [*town.today.items(), ("u4", "g2"), ("u5", "g2")])
    assert verdict.violations == ()
    assert verdict.distance.households == 0


def test_stairwells_too_heavy_together_are_two_grids() -> None:
    assert said(come(20.0, 20.0)) == [
        "也可以让“3幢”单独成 2 个微网格,另定网格长:别的户都不换网格长。"
    ]


@pytest.mark.parametrize(
    "minutes",
    [
        (4.0, 4.0),  # too light for a grid of its own
        (60.0, 60.0),  # today's would be too light beside it, and each of these too heavy
        (),  # nothing new
    ],
)
def test_nothing_is_offered_that_would_not_be_even(minutes: tuple[float, ...]) -> None:
    assert said(come(*minutes)) == []
