"""How well the boundaries of an area and its parts fit: what is outside, on top, missing, uncovered."""

from dataclasses import dataclass
from typing import Any

from wangge.kernel.refusals import Problem
from wangge.places.atlas import Atlas
from wangge.places.geometry import shapely
from wangge.places.model import Area, parent_of
from wangge.places.shapes import OUTSIDE_SHARE, SLIVER_M2, SLIVER_SHARE, square_metres

#: Parts looked at, and misfits shown.
PARTS_MAX, SHOWN_MAX = 600, 100


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that does not fit, and the area to mend."""

    code: str
    problem: Problem


def misfits(atlas: Atlas, code: str) -> list[Misfit]:
    """What does not fit between an area, its parent and its parts. Costs no statement."""
    found: list[Misfit] = []
    whole = atlas.shape(code)
    parent = atlas.shape(parent_of(code) or "")
    if whole is not None and parent is not None:
        found += _outside(code, atlas.name(code), whole, parent)
    children = atlas.children(code)[:PARTS_MAX]
    drawn = [(child, shape) for child in children if (shape := atlas.shape(child.code))]
    for child, shape in drawn:
        if whole is not None:
            found += _outside(child.code, child.name, shape, whole)
    if drawn:
        tree = shapely.STRtree([shape for _, shape in drawn])
        for at, (child, shape) in enumerate(drawn):
            near: list[int] = tree.query(shape, predicate="intersects").tolist()
            for other in sorted(near):
                if other > at:
                    found += _overlap(child.code, child.name, shape, *drawn[other])
    if drawn and len(drawn) < len(children):
        missing = [child for child in children if atlas.shape(child.code) is None]
        found += [
            Misfit(
                child.code,
                Problem("boundary", "“{name}”还没有边界。", None, {"name": child.name}),
            )
            for child in missing
        ]
    elif drawn and whole is not None:
        left = whole.difference(shapely.union_all([shape for _, shape in drawn]))
        size = square_metres(left)
        if size > max(SLIVER_M2, square_metres(whole) * SLIVER_SHARE):
            found.append(
                Misfit(
                    code,
                    Problem(
                        "boundary",
                        "“{name}”有约 {area} 平方米不属于任何下级区域。",
                        None,
                        {"name": atlas.name(code), "area": round(size)},
                    ),
                )
            )
    return found[:SHOWN_MAX]


def _outside(code: str, name: str, shape: Any, around: Any) -> list[Misfit]:
    size = square_metres(shape)
    outside = square_metres(shape.difference(around))
    if outside <= max(SLIVER_M2, size * OUTSIDE_SHARE):
        return []
    values = {"name": name, "percent": max(1, round(100 * outside / size))}
    return [
        Misfit(
            code, Problem("boundary", "“{name}”有 {percent}% 在上级区域之外。", None, values)
        )
    ]


def _overlap(code: str, name: str, shape: Any, other: Area, against: Any) -> list[Misfit]:
    common = square_metres(shape.intersection(against))
    least = min(square_metres(shape), square_metres(against))
    if common <= max(SLIVER_M2, least * SLIVER_SHARE):
        return []
    values = {"one": name, "two": other.name, "area": round(common)}
    return [
        Misfit(
            code, Problem("boundary", "“{one}”和“{two}”重叠约 {area} 平方米。", None, values)
        )
    ]
