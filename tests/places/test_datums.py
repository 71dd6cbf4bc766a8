"""Shifted maps are put back where they belong."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

import small_town as town
from wangge.places.datums import (
    bd_of_gcj,
    fit,
    gcj_of_bd,
    gcj_of_wgs,
    likely_datum,
    to_wgs,
    wgs_of_gcj,
)
from wangge.places.geometry import shapely

METRES = 111_320.0
longitudes = some.floats(73.5, 135.0)
latitudes = some.floats(18.0, 53.5)


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return METRES * math.hypot((a[0] - b[0]) * math.cos(math.radians(a[1])), a[1] - b[1])


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        # From the test suite published with the algorithm.
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_the_offset_is_the_published_one(
    wgs: tuple[float, float], gcj: tuple[float, float]
) -> None:
    assert metres(gcj_of_wgs(*wgs), gcj) < 0.01
    assert metres(wgs_of_gcj(*gcj), wgs) < 0.01


@given(longitudes, latitudes)
def test_there_and_back_is_within_half_a_metre_anywhere(lon: float, lat: float) -> None:
    shifted = gcj_of_wgs(lon, lat)
    assert 10 < metres((lon, lat), shifted) < 1500
    assert metres(wgs_of_gcj(*shifted), (lon, lat)) < 0.5
    assert metres(gcj_of_bd(*bd_of_gcj(*shifted)), shifted) < 0.5


def test_outside_of_the_country_nothing_is_shifted() -> None:
    assert gcj_of_wgs(139.7, 35.7) == (139.7, 35.7)


def box_of(code: str) -> object:
    return shapely.geometry.shape(town.box(*town.GROUND[code][1:]))


def shifted(shape: object, by: object = gcj_of_wgs) -> object:
    return shapely.transform(shape, lambda points: [by(*point) for point in points])  # type: ignore[operator]


def test_a_shifted_boundary_is_known_by_what_it_should_cover() -> None:
    known = box_of(town.XINGHUA)
    assert likely_datum([(shifted(known), known, True)]) == "gcj02"
    assert likely_datum([(known, known, True)]) == "wgs84"
    baidu = shifted(shifted(known), bd_of_gcj)
    assert likely_datum([(baidu, known, True)]) == "bd09"
    assert fit(to_wgs(baidu, "bd09"), known) > 0.999


def test_a_new_area_is_known_by_lying_in_its_parent() -> None:
    parent, child = box_of(town.STREET), box_of(town.MICRO_1A)
    assert likely_datum([(shifted(child), parent, False)]) == "gcj02"
    assert likely_datum([]) is None


def test_a_small_area_in_the_middle_of_a_large_one_tells_nothing() -> None:
    parent = shapely.geometry.shape(town.box(119.0, 29.0, 121.0, 31.0))
    assert likely_datum([(box_of(town.GRID_1), parent, False)]) is None
