"""Shapely, behind one untyped door: it ships no types, and the rest of the room stays strict."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

shapely: Any = import_module("shapely")
import_module("shapely.ops")  # known as shapely.ops from here on

#: Decimals of a degree that are kept: a centimetre.
DECIMALS = 7


def rounded(shape: Any) -> Any:
    """The shape with `DECIMALS` places."""

    def cut(points: Any) -> Any:
        return points.round(DECIMALS)

    return shapely.transform(shape, cut)


def each_point(shape: Any, move: Callable[[float, float], tuple[float, float]]) -> Any:
    """The shape with every point moved."""

    def moved(points: Any) -> list[tuple[float, float]]:
        return [move(float(lon), float(lat)) for lon, lat in points]

    return shapely.transform(shape, moved)
