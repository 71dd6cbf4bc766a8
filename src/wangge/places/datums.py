"""Coordinates of Chinese maps: GCJ-02 (高德, 腾讯) and BD-09 (百度), to and from WGS-84.

Maps published in China carry an offset of 300 to 700 m that varies from place to place. The
offset's formula is the one published as "eviltransform" (2013) and used by every converter since;
its inverse is found by iteration, to well below a millimetre. Everything is in degrees, longitude
first. Whether an unlabelled boundary is shifted is told by laying it over what is known.
"""

import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

from wangge.places.geometry import each_point

Datum: TypeAlias = Literal["wgs84", "gcj02", "bd09"]
DATUMS: tuple[Datum, ...] = get_args(Datum)
DATUM_NAMES: dict[str, str] = {
    "wgs84": "WGS-84(GPS、天地图)",
    "gcj02": "GCJ-02(高德、腾讯)",
    "bd09": "BD-09(百度)",
}

#: The ellipsoid of the formula (Krassovsky 1940): half the greater axis in metres, and e².
_A, _E2 = 6378245.0, 0.00669342162296594323
_BAIDU = math.pi * 3000.0 / 180.0
#: Where the offset applies: a box around the country, as in the published code.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
#: Steps of the inverse; each takes a digit or more, five leave less than 1e-10 degrees.
STEPS = 8

Point: TypeAlias = tuple[float, float]


def _offset(lon: float, lat: float) -> Point:
    if not (_WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH):
        return 0.0, 0.0
    x, y = lon - 105.0, lat - 35.0
    wave = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += wave
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (
        (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0))
        * 2.0
        / 3.0
    )
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += wave
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (
        (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi))
        * 2.0
        / 3.0
    )
    radians = math.radians(lat)
    magic = 1.0 - _E2 * math.sin(radians) ** 2
    root = math.sqrt(magic)
    return (
        math.degrees(east / (_A / root * math.cos(radians))),
        math.degrees(north / (_A * (1.0 - _E2) / (magic * root))),
    )


def gcj_of_wgs(lon: float, lat: float) -> Point:
    """WGS-84 → GCJ-02."""
    east, north = _offset(lon, lat)
    return lon + east, lat + north


def wgs_of_gcj(lon: float, lat: float) -> Point:
    """GCJ-02 → WGS-84: the point whose shifted place is this one."""
    there, up = lon, lat
    for _ in range(STEPS):
        x, y = gcj_of_wgs(there, up)
        there, up = there - (x - lon), up - (y - lat)
    return there, up


def bd_of_gcj(lon: float, lat: float) -> Point:
    """GCJ-02 → BD-09."""
    far = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BAIDU)
    turn = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BAIDU)
    return far * math.cos(turn) + 0.0065, far * math.sin(turn) + 0.006


def gcj_of_bd(lon: float, lat: float) -> Point:
    """BD-09 → GCJ-02, by the same iteration."""
    there, up = lon - 0.0065, lat - 0.006
    for _ in range(STEPS):
        x, y = bd_of_gcj(there, up)
        there, up = there - (x - lon), up - (y - lat)
    return there, up


def _wgs_of_bd(lon: float, lat: float) -> Point:
    return wgs_of_gcj(*gcj_of_bd(lon, lat))


_TO_WGS: dict[str, Callable[[float, float], Point]] = {
    "gcj02": wgs_of_gcj,
    "bd09": _wgs_of_bd,
}


def to_wgs(shape: Any, datum: Datum) -> Any:
    """A shapely geometry in WGS-84."""
    convert = _TO_WGS.get(datum)
    if convert is None:
        return shape
    return each_point(shape, convert)


# -- telling them apart ------------------------------------------------------------------------

#: So well, and so much better than the others, must one reading fit for a hint.
GOOD, MARGIN = 0.8, 0.02


def fit(shape: Any, known: Any) -> float:
    """How alike two shapes are: common ground as a share of all ground, 0 to 1."""
    union = shape.union(known).area
    return float(shape.intersection(known).area / union) if union else 0.0


def inside(shape: Any, around: Any) -> float:
    """The share of a shape that lies in another, 0 to 1."""
    return float(shape.intersection(around).area / shape.area) if shape.area else 0.0


def likely_datum(pairs: list[tuple[Any, Any, bool]]) -> Datum | None:
    """What the coordinates of some shapes are in, by laying them over known ones; None when
    nothing tells. Each pair is (shape as given, known shape, whether both are the same area)."""
    if not pairs:
        return None
    scores: dict[Datum, float] = {}
    for datum in DATUMS:
        moved = [(to_wgs(shape, datum), known, same) for shape, known, same in pairs]
        marks = [
            fit(shape, known) if same else inside(shape, known) for shape, known, same in moved
        ]
        scores[datum] = sum(marks) / len(marks)
    best = max(DATUMS, key=lambda datum: scores[datum])
    others = max(score for datum, score in scores.items() if datum != best)
    good = scores[best] >= GOOD and scores[best] - others >= MARGIN
    return best if good else None
