"""Invented towns for the solvers' tests: small ones by hand, and any by hypothesis."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from wangge.solvers.microgrids import Building, Community, Grid, Head, Rules, Town, Unit


#: Minutes are told, so that a test's numbers can be counted on fingers.
def row_of(minutes: Sequence[float], *, a_building: int = 2, grids: int = 2) -> Town:
    """Stairwells in one row, 50 m apart, so many to a building, one community."""
    units = [
        Unit(f"u{n}", f"b{n // a_building}", f"{n}单元", 10, 25, 0, 6, False, 50.0 * n, 0.0, m)
        for n, m in enumerate(minutes)
    ]
    buildings = [
        Building(f"b{n}", f"{n + 1}幢", "c", "甲苑")
        for n in range((len(minutes) + a_building - 1) // a_building)
    ]
    return Town(
        [Community("c", "甲社区")],
        buildings,
        units,
        [Grid(f"g{n}", f"{n + 1}号", "c") for n in range(grids)],
    )


def headed(town: Town, homes: Sequence[str | None]) -> Town:
    """The same town, its grids headed by people who live there."""
    return replace(
        town,
        heads=[Head(f"h{n}", home) for n, home in enumerate(homes)],
        grids=[replace(grid, head=f"h{n}") for n, grid in enumerate(town.grids)],
    )


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """One to three communities of buildings strewn over a plane, some far away, some huge, with or
    without heads, with a division of today's that may be wrong in every way."""
    communities, buildings, units, grids = [], [], [], []
    for c in range(draw(st.integers(1, 3))):
        communities.append(Community(f"c{c}", f"{c}社区"))
        for b in range(draw(st.integers(1, 7))):
            name = f"c{c}b{b}"
            buildings.append(Building(name, f"{b}幢", f"c{c}", f"{b % 2}苑"))
            x, y = draw(st.integers(0, 500)), draw(st.integers(0, 300))
            units += [
                Unit(
                    f"{name}u{n}",
                    name,
                    f"{n}单元",
                    draw(st.integers(0, 60)),
                    special=draw(st.integers(0, 3)),
                    floors=draw(st.integers(1, 30)),
                    lift=draw(st.booleans()),
                    x=float(x + 15 * n),
                    y=float(y),
                )
                for n in range(draw(st.integers(1, 4)))
            ]
        grids += [Grid(f"c{c}g{n}", f"{n}号", f"c{c}") for n in range(draw(st.integers(1, 6)))]
    ids = [unit.id for unit in units]
    today = {
        unit: draw(st.sampled_from(grids)).id for unit in ids if draw(st.integers(0, 9)) < 8
    }
    town = Town(communities, buildings, units, grids, (), today, rules=Rules(metres=60.0))
    if draw(st.booleans()):
        homes = [draw(st.sampled_from([None, *ids])) for _ in grids]
        town = headed(town, homes)
    return town
