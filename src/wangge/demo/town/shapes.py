"""Polygons that are cut into smaller polygons, and nothing else.

Land is only ever *cut*: a slightly bent line from edge to edge makes two pieces out of one, and
both pieces keep the very same points along it. So children tile their parent by construction.
Every edge remembers what runs along it (a river, a road, a lane), because houses keep their
distance from it.

Only + - * / and square roots are used: IEEE 754 fixes their results, sines are up to the C
library, and the same seed must draw the same town on every machine. Units are metres on a flat
plane.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random

from wangge.demo.town.model import LineKind

Point = tuple[float, float]
Frame = tuple[float, float]
"""The unit vector that points along the streets; the other direction is at right angles."""


@dataclass(frozen=True, slots=True)
class Side:
    """What runs along an edge; `kind` None is the outer rim of the land. Width in metres."""

    kind: LineKind | None
    name: str
    width: float


RIM = Side(None, "", 0.0)


@dataclass(frozen=True, slots=True)
class Shape:
    """A simple polygon, counter-clockwise; `sides[i]` lies between points i and i + 1."""

    ring: tuple[Point, ...]
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    side: Side
    path: tuple[Point, ...]


def area(ring: Sequence[Point]) -> float:
    """Signed area, positive when counter-clockwise."""
    total = 0.0
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        total += x0 * y1 - x1 * y0
        x0, y0 = x1, y1
    return total / 2


def centre(ring: Sequence[Point]) -> Point:
    """The centroid, or the first point found inside when that lies outside."""
    ox, oy = ring[0]
    total = cx = cy = 0.0
    x0, y0 = ring[-1][0] - ox, ring[-1][1] - oy
    for px, py in ring:
        x1, y1 = px - ox, py - oy
        cross = x0 * y1 - x1 * y0
        total += cross
        cx += (x0 + x1) * cross
        cy += (y0 + y1) * cross
        x0, y0 = x1, y1
    found = (ox + cx / (3 * total), oy + cy / (3 * total))
    return found if inside(found, ring) else _some_inner_point(ring)


def inside(point: Point, ring: Sequence[Point]) -> bool:
    x, y = point
    odd = False
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            odd = not odd
        x0, y0 = x1, y1
    return odd


def turn(frame: Frame, by: float) -> Frame:
    """The frame turned left by an angle whose tangent is `by`."""
    x, y = frame[0] - by * frame[1], frame[1] + by * frame[0]
    length = sqrt(x * x + y * y)
    return (x / length, y / length)


def wild_outline(square_metres: float, rng: Random) -> Shape:
    """An irregular outline of about this area around the origin."""
    half = sqrt(square_metres / 1.18) / 2
    wide = half * 1.2
    corner = 0.38
    ring: list[Point] = [
        (-wide * (1 - corner), -half),
        (wide * (1 - corner), -half),
        (wide, -half * (1 - corner)),
        (wide, half * (1 - corner)),
        (wide * (1 - corner), half),
        (-wide * (1 - corner), half),
        (-wide, half * (1 - corner)),
        (-wide, -half * (1 - corner)),
    ]
    for rough in (0.09, 0.1, 0.09):
        finer: list[Point] = []
        for n, (x0, y0) in enumerate(ring):
            x1, y1 = ring[(n + 1) % len(ring)]
            off = rng.uniform(-rough, rough)
            finer += [
                (x0, y0),
                ((x0 + x1) / 2 - off * (y1 - y0), (y0 + y1) / 2 + off * (x1 - x0)),
            ]
        ring = finer
    scale = sqrt(square_metres / area(ring))
    return Shape(tuple((x * scale, y * scale) for x, y in ring), (RIM,) * len(ring))


def divide(
    shape: Shape,
    weights: Sequence[float],
    frame: Frame,
    rng: Random,
    side_at: Callable[[int], Side],
    *,
    bends: int,
    swing: float,
    depth: int = 0,
) -> tuple[list[Shape], list[Cut]]:
    """Cut land into one piece per weight, areas about in proportion, neighbours together.

    `side_at(depth)` says what each cut becomes, the first (depth 0) first. `bends` and `swing`
    say how crooked a cut is: so many knees, each off the line by up to `swing` of its length.
    """
    if len(weights) == 1:
        return [shape], []
    whole = sum(weights)
    head, running = 1, 0.0
    best = whole
    for n in range(1, len(weights)):
        running += weights[n - 1]
        if abs(running - whole / 2) < best:
            best, head = abs(running - whole / 2), n
    part = sum(weights[:head]) / whole
    along = turn(frame, rng.uniform(-0.05, 0.05))
    across = (-along[1], along[0])
    axis = along if extent(shape.ring, along) >= extent(shape.ring, across) else across
    first, second, cut = _cut(shape, axis, part, side_at(depth), bends, swing, rng)
    left, left_cuts = divide(
        first, weights[:head], frame, rng, side_at, bends=bends, swing=swing, depth=depth + 1
    )
    right, right_cuts = divide(
        second, weights[head:], frame, rng, side_at, bends=bends, swing=swing, depth=depth + 1
    )
    return left + right, [cut, *left_cuts, *right_cuts]


def rim_lines(shape: Shape) -> list[Cut]:
    """What runs along the outside of a piece, one line per stretch."""
    count = len(shape.ring)
    start = next((n for n in range(count) if shape.sides[n] != shape.sides[n - 1]), 0)
    lines: list[Cut] = []
    path: list[Point] = []
    for step in range(count):
        n = (start + step) % count
        side = shape.sides[n]
        path = path or [shape.ring[n]]
        path.append(shape.ring[(n + 1) % count])
        if step == count - 1 or shape.sides[(n + 1) % count] != side:
            if side.kind is not None:
                lines.append(Cut(side, tuple(path)))
            path = []
    return lines


def _cut(
    shape: Shape, axis: Frame, part: float, side: Side, bends: int, swing: float, rng: Random
) -> tuple[Shape, Shape, Cut]:
    """Cut off `part` of the area on the low side of `axis`; as crooked as the land allows."""
    ring = shape.ring
    reach = _level(ring, axis, part)
    start, end, a, b = _chord(ring, axis, reach)
    path = [a, b]
    for patience in range(5 if bends else 0):
        bent = [a, *_knees(a, b, bends, swing * (1 - patience / 5), rng), b]
        if _fits(ring, start, end, bent):
            path = bent
            break
    one = _piece(shape, start, end, path, side)
    two = _piece(shape, end, start, path[::-1], side)
    first_low = _dot(one.ring[1], axis) < reach
    return (
        (one, two, Cut(side, tuple(path))) if first_low else (two, one, Cut(side, tuple(path)))
    )


def _piece(shape: Shape, start: int, end: int, path: list[Point], side: Side) -> Shape:
    """From the cut's first point forward along the rim to its last, and back along the cut."""
    count = len(shape.ring)
    steps = (end - start) % count
    rim = [(start + n) % count for n in range(1, steps + 1)]
    points = [path[0], *(shape.ring[n] for n in rim), *path[:0:-1]]
    sides = [shape.sides[start], *(shape.sides[n] for n in rim)]
    return Shape(tuple(points), (*sides, *([side] * (len(path) - 1))))


def _dot(point: Point, axis: Frame) -> float:
    return point[0] * axis[0] + point[1] * axis[1]


def extent(ring: Sequence[Point], axis: Frame) -> float:
    """How far a ring stretches along an axis."""
    reach = [_dot(point, axis) for point in ring]
    return max(reach) - min(reach)


def _level(ring: tuple[Point, ...], axis: Frame, part: float) -> float:
    """How far along `axis` a straight line has this part of the area behind it."""
    # In turned coordinates the area below a level is a sum over edges, cheap to bisect.
    turned = [(_dot(p, axis), p[1] * axis[0] - p[0] * axis[1]) for p in ring]
    low = min(s for s, _ in turned)
    high = max(s for s, _ in turned)
    base = low
    wanted = area(turned) * part
    for _ in range(22):
        middle = (low + high) / 2
        total = 0.0
        s0, t0 = turned[-1]
        for s1, t1 in turned:
            # Area left of the level = integral of (min(s, level) - base) dt along the ring.
            u0, u1 = s0 - middle, s1 - middle
            if u0 <= 0 and u1 <= 0:
                total += (t1 - t0) * ((s0 + s1) / 2 - base)
            elif u0 >= 0 and u1 >= 0:
                total += (t1 - t0) * (middle - base)
            else:
                cross = t0 + (t1 - t0) * (u0 / (u0 - u1))
                if u0 < 0:
                    total += (cross - t0) * ((s0 + middle) / 2 - base)
                    total += (t1 - cross) * (middle - base)
                else:
                    total += (cross - t0) * (middle - base)
                    total += (t1 - cross) * ((middle + s1) / 2 - base)
            s0, t0 = s1, t1
        if total < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _chord(ring: tuple[Point, ...], axis: Frame, level: float) -> tuple[int, int, Point, Point]:
    """The longest stretch of the level line inside the ring: its two edges and end points."""
    found: list[tuple[float, int, Point]] = []
    count = len(ring)
    height = [_dot(point, axis) - level for point in ring]
    for n in range(count):
        d0, d1 = height[n], height[(n + 1) % count]
        if (d0 < 0) != (d1 < 0):
            (x0, y0), (x1, y1) = ring[n], ring[(n + 1) % count]
            t = d0 / (d0 - d1)
            # Keep off the corners, so that no piece has two points in one place.
            t = min(max(t, 0.001), 0.999)
            point = (x0 + t * (x1 - x0), y0 + t * (y1 - y0))
            found.append((point[1] * axis[0] - point[0] * axis[1], n, point))
    found.sort()
    pairs = [(found[k], found[k + 1]) for k in range(0, len(found) - 1, 2)]
    low, high = max(pairs, key=lambda pair: pair[1][0] - pair[0][0])
    return low[1], high[1], low[2], high[2]


def _knees(a: Point, b: Point, bends: int, swing: float, rng: Random) -> list[Point]:
    """Points of a gentle curve between two ends."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    off = [0.0, *(rng.uniform(-swing, swing) for _ in range(bends)), 0.0]
    fine = 3 if bends > 2 else 2 if bends > 1 else 1
    knees: list[Point] = []
    for k in range(1, (bends + 1) * fine):
        n, rest = divmod(k, fine)
        t = rest / fine
        smooth = t * t * (3 - 2 * t)
        here = off[n] + (off[n + 1] - off[n]) * smooth if rest else off[n]
        at = k / ((bends + 1) * fine)
        knees.append((a[0] + at * dx - here * dy, a[1] + at * dy + here * dx))
    return knees


def _fits(ring: tuple[Point, ...], start: int, end: int, path: list[Point]) -> bool:
    """Whether a bent cut stays inside and touches the rim at its two ends only."""
    if not all(inside(point, ring) for point in path[1:-1]):
        return False
    count = len(ring)
    last = len(path) - 2
    for k in range(last + 1):
        p, q = path[k], path[k + 1]
        for n in range(count):
            if (k == 0 and n == start) or (k == last and n == end):
                continue
            if _cross(p, q, ring[n], ring[(n + 1) % count]):
                return False
    return True


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def way(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return way(a, b, c) * way(a, b, d) <= 0 and way(c, d, a) * way(c, d, b) <= 0


def _some_inner_point(ring: Sequence[Point]) -> Point:
    """The middle of the longest stretch of a level line half way up."""
    ys = sorted(y for _, y in ring)
    y = (ys[0] + ys[-1]) / 2
    xs = sorted(
        x0 + (y - y0) / (y1 - y0) * (x1 - x0)
        for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True)
        if (y0 > y) != (y1 > y)
    )
    low, high = max(zip(xs[::2], xs[1::2], strict=True), key=lambda pair: pair[1] - pair[0])
    return ((low + high) / 2, y)
