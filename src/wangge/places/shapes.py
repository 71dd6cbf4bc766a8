"""What a boundary must be, said in plain words, before it is kept.

Coordinates are WGS-84 longitude and latitude in degrees. Sizes are compared in square metres on
a local flat map, which is exact enough for a grid of some hundred metres.
"""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, cast

import msgspec

from wangge.kernel.refusals import Invalid
from wangge.places.geometry import rounded, shapely

#: Rough bounds of China, in degrees: longitude and latitude cannot be confused inside them.
LON_RANGE = (73.0, 136.0)
LAT_RANGE = (3.0, 54.0)

#: Points of one ring; a county drawn at 1:10,000 has some thousands.
POINTS_MAX = 20_000
#: Pieces of one area: islands and exclaves.
PIECES_MAX = 500
#: Two neighbours drawn by hand never meet exactly; a strip of this share of the smaller, or of
#: this many square metres, is forgiven.
SLIVER_SHARE = 0.01
SLIVER_M2 = 50.0
#: Share of an area that may lie outside its parent for the same reason.
OUTSIDE_SHARE = 0.02

METRES_A_DEGREE = 111_320.0


def polygon_of(boundary: Any) -> Any:
    """A shapely Polygon or MultiPolygon of a GeoJSON Polygon or MultiPolygon (an area with islands
    or exclaves). A MultiPolygon of one piece is that Polygon. Raises Invalid with what is wrong
    and where."""
    if not isinstance(boundary, dict):
        raise Invalid.of("boundary", "边界应是 GeoJSON 的 Polygon(多边形)。")
    shape = cast("dict[str, Any]", boundary)
    kind: Any = shape.get("type")
    coordinates: Any = shape.get("coordinates") or []
    if kind not in ("Polygon", "MultiPolygon"):
        raise Invalid.of(
            "boundary",
            "边界的类型是“{type}”,应为 Polygon(多边形)或 MultiPolygon(几块多边形)。",
            type=str(kind),
        )
    try:
        given = msgspec.convert(
            [coordinates] if kind == "Polygon" else coordinates, list[list[list[list[float]]]]
        )
        pieces = [
            [[(point[0], point[1]) for point in ring] for ring in piece] for piece in given
        ]
    except (msgspec.ValidationError, IndexError) as wrong:
        raise Invalid.of("boundary", "坐标应是一圈一圈的 [经度, 纬度] 数字。") from wrong
    if not pieces or not all(pieces):
        raise Invalid.of("boundary", "边界没有坐标({type})。", type=str(kind))
    if len(pieces) > PIECES_MAX:
        raise Invalid.of(
            "boundary",
            "边界有 {pieces} 块,最多 {most} 块。",
            pieces=len(pieces),
            most=PIECES_MAX,
        )
    for number, ring in enumerate((ring for piece in pieces for ring in piece), 1):
        _check_ring(ring, number)
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in pieces]
    made = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    if not made.is_valid:
        reason = shapely.is_valid_reason(made)
        words = "边界的线自己交叉了,位置大约在 {where}。请把交叉的点拉开。"
        if reason.startswith(("Hole", "Nested", "Holes", "Interior")):
            words = "边界里的洞不在边界以内,或者几块互相盖住了,位置大约在 {where}。"
        raise Invalid.of("boundary", words, where=_where(reason))
    return made


def _check_ring(ring: Sequence[tuple[float, float]], number: int) -> None:
    if len(ring) < 4:
        raise Invalid.of("boundary", "第 {ring} 圈少于三个角,围不成一块地。", ring=number)
    if len(ring) > POINTS_MAX:
        raise Invalid.of(
            "boundary",
            "第 {ring} 圈有 {points} 个点,最多 {most} 个,请先简化。",
            ring=number,
            points=len(ring),
            most=POINTS_MAX,
        )
    if ring[0] != ring[-1]:
        raise Invalid.of(
            "boundary", "第 {ring} 圈没有闭合:最后一个点要和第一个点相同。", ring=number
        )
    swapped = all(_in(lat, LON_RANGE) and _in(lon, LAT_RANGE) for lon, lat in ring)
    if swapped and not all(_in(lon, LON_RANGE) for lon, _ in ring):
        raise Invalid.of("boundary", "经度和纬度写反了:GeoJSON 里经度在前、纬度在后。")
    for lon, lat in ring:
        if not (math.isfinite(lon) and math.isfinite(lat)):
            raise Invalid.of("boundary", "坐标里有不是数字的值。")
        if not (_in(lon, LON_RANGE) and _in(lat, LAT_RANGE)):
            raise Invalid.of(
                "boundary",
                "坐标 {lon}, {lat} 不在中国范围内。请用经纬度(度),不要用米或像素。",
                lon=lon,
                lat=lat,
            )


def _in(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _where(reason: str) -> str:
    return reason.partition("[")[2].rstrip("]").replace(" ", ", ") or "?"


def rounded_json(shape: Any) -> str:
    """GeoJSON text with `DECIMALS` places, always the same for the same ground."""
    return json.dumps(
        json.loads(shapely.to_geojson(rounded(shape))),
        separators=(",", ":"),
    )


def square_metres(polygon: Any) -> float:
    """Area on the ground, within half a per cent for anything county-sized or smaller."""
    lat = math.radians(polygon.centroid.y) if not polygon.is_empty else 0.0
    return float(polygon.area) * METRES_A_DEGREE**2 * math.cos(lat)


def check_fits(polygon: Any, parent: Any | None, siblings: Iterable[tuple[str, Any]]) -> None:
    """Inside the parent and beside the siblings, but for slivers. Raises Invalid.

    `siblings` are (name, shapely polygon). A parent without a boundary forbids nothing.
    """
    size = square_metres(polygon)
    if size < 1.0:
        raise Invalid.of("boundary", "这块地不到一平方米,请检查坐标。")
    if parent is not None:
        outside = square_metres(polygon.difference(parent))
        if outside > max(SLIVER_M2, size * OUTSIDE_SHARE):
            raise Invalid.of(
                "boundary",
                "边界有 {percent}% 在上级区域之外。请改到上级区域以内,或先调整上级的边界。",
                percent=max(1, round(100 * outside / size)),
            )
    for name, other in siblings:
        common = square_metres(polygon.intersection(other))
        if common > max(SLIVER_M2, min(size, square_metres(other)) * SLIVER_SHARE):
            raise Invalid.of(
                "boundary",
                "边界和“{name}”重叠约 {area} 平方米。相邻的网格可以共边,不能重叠。",
                name=name,
                area=round(common),
            )
