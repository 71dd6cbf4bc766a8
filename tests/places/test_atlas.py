"""The atlas answers where a point is and what a code means today."""

from datetime import date

import shapely
from hypothesis import given
from hypothesis import strategies as some

import small_town as town
from wangge.kernel.database import Tx, counting
from wangge.places import ATLAS, Area, Atlas, kind_of


def area(code: str, *, closed: bool = False, successors: tuple[str, ...] = ()) -> Area:
    return Area(
        code,
        kind_of(code),
        None,
        f"区{code[-3:]}",
        date(2020, 1, 1),
        date(2025, 1, 1) if closed else None,
        successors,
        None,
        None,
        False,
    )


async def test_path_names_the_street_and_everything_below(tx: Tx) -> None:
    atlas = await ATLAS.get(tx)
    assert atlas.county == town.COUNTY
    assert atlas.path(town.GRID_1) == "示范街道 / 杏花社区 / 第一网格"
    assert atlas.path(town.COUNTY) == "示范区"
    assert [child.code for child in atlas.children(town.XINGHUA)] == [town.GRID_1, town.GRID_2]
    assert atlas.count(town.STREET, kind_of(town.MICRO_1A)) == 6


async def test_a_point_belongs_to_the_deepest_area(tx: Tx) -> None:
    atlas = await ATLAS.get(tx)
    assert atlas.grid_of(120.1012, 30.1013) == town.MICRO_1A
    assert atlas.grid_of(120.1111, 30.1079) == town.MICRO_4A
    assert atlas.grid_of(120.115, 30.104) == town.OTHER_GRID
    assert atlas.grid_of(121.0, 30.104) is None


async def test_a_point_on_a_shared_border_belongs_to_the_lowest_code(tx: Tx) -> None:
    atlas = await ATLAS.get(tx)
    assert atlas.grid_of(120.103, 30.102) == town.MICRO_1A
    assert atlas.grid_of(120.103, 30.104) == town.MICRO_1A
    # A micro-grid goes before a grid that touches it: the deepest level first.
    assert atlas.grid_of(120.112, 30.102) == town.MICRO_3A


@given(some.floats(120.09, 120.125), some.floats(30.09, 30.115))
def test_a_point_is_placed_as_by_looking_at_every_polygon(lon: float, lat: float) -> None:
    shapes = {code: shapely.box(*corners) for code, (_, *corners) in town.GROUND.items()}
    atlas = Atlas([area(code) for code in shapes], list(shapes.items()))
    point = shapely.points(lon, lat)
    around = [c for c, s in shapes.items() if len(c) >= 12 and s.intersects(point)]
    expected = min(around, key=lambda code: (-len(code), code), default=None)
    assert atlas.grid_of(lon, lat) == expected


def test_a_closed_code_means_its_successors_along_the_chain() -> None:
    a, b, c, d = (town.XINGHUA + n for n in ("001", "002", "003", "004"))
    atlas = Atlas(
        [
            area(town.XINGHUA),
            area(a, closed=True, successors=(b, c)),
            area(b, closed=True, successors=(d,)),
            area(c),
            area(d),
        ]
    )
    assert atlas.resolve(a) == (c, d)
    assert atlas.resolve(d) == (d,)
    assert atlas.resolve("990001009") == ()
    assert atlas.predecessors(d) == (a, b)
    assert [child.code for child in atlas.children(town.XINGHUA)] == [c, d]


def test_successors_in_a_circle_end() -> None:
    a, b = town.XINGHUA + "001", town.XINGHUA + "002"
    atlas = Atlas(
        [area(a, closed=True, successors=(b,)), area(b, closed=True, successors=(a,))]
    )
    assert atlas.resolve(a) == ()
    assert atlas.predecessors(a) == (a, b)


async def test_the_atlas_costs_one_statement_once_it_is_held(tx: Tx) -> None:
    await ATLAS.get(tx)
    with counting() as count:
        await ATLAS.get(tx)
    assert count.total == 1
