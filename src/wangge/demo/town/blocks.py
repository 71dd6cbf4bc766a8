"""Where houses stand on a piece of land: in rows facing the sun, clear of streets and water.

For one row the land is a strip; every edge of the land forbids an interval of it, and what is
left is exactly where a house may stand. No trial and error, no overlap possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from wangge.demo.town.shapes import Frame, Point, Shape, inside

_CLEAR = {"river": 22.0, "creek": 9.0, "main_road": 11.0, "road": 7.0, "side_street": 5.0}
_STEP = 4.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the land's own turned coordinates, in metres."""

    s0: float
    t0: float
    s1: float
    t1: float


@dataclass(frozen=True, slots=True)
class Slab:
    """The size of a house to be placed, and the free ground it wants in front of it."""

    length: float
    depth: float
    front: float


class Lot:
    """A piece of land turned so that streets run level; hands out places for houses."""

    def __init__(self, shape: Shape, frame: Frame) -> None:
        self._frame = frame
        self._ring = tuple(self._turn(point) for point in shape.ring)
        self._clear = tuple(
            side.width / 2 + _CLEAR.get(side.kind or "", 3.5) for side in shape.sides
        )
        self._low = min(t for _, t in self._ring)
        self._high = max(t for _, t in self._ring)
        self._taken: list[Box] = []

    def reserve(self, length: float, depth: float) -> Box | None:
        """Keep a place free (a park), as central as it can be had; None when none is."""
        middle = (self._low + self._high - depth) / 2
        for away in range(8):
            for t in {middle + away * _STEP, middle - away * _STEP}:
                for s0, s1 in self._free(t, t + depth, 1.0):
                    if s1 - s0 >= length:
                        box = Box((s0 + s1 - length) / 2, t, (s0 + s1 + length) / 2, t + depth)
                        self._taken.append(box)
                        return box
        return None

    def place(self, slabs: Sequence[Slab]) -> list[Box]:
        """A box for every slab, in order; rows close up and houses shrink until all fit."""
        for spread in (1.7, 1.35, 1.1, 0.9, 0.7, 0.5):
            boxes = self._rows(slabs, spread, 1.0)
            if boxes is not None:
                return self._centred(boxes, 1.0)
        shrink = 1.0
        for _ in range(40):
            shrink *= 0.88
            boxes = self._rows(slabs, 0.5, shrink)
            if boxes is not None:
                return boxes
        raise ValueError("there is no room for a house on this land")

    def corners(self, box: Box) -> tuple[Point, ...]:
        """A box in the plane, counter-clockwise."""
        pairs = ((box.s0, box.t0), (box.s1, box.t0), (box.s1, box.t1), (box.s0, box.t1))
        return tuple(self.back(s, t) for s, t in pairs)

    def back(self, s: float, t: float) -> Point:
        """From the land's own coordinates to the plane."""
        ux, uy = self._frame
        return (s * ux - t * uy, s * uy + t * ux)

    def _turn(self, point: Point) -> Point:
        ux, uy = self._frame
        return (point[0] * ux + point[1] * uy, point[1] * ux - point[0] * uy)

    def _rows(self, slabs: Sequence[Slab], spread: float, shrink: float) -> list[Box] | None:
        boxes: list[Box] = []
        t = self._low
        while len(boxes) < len(slabs):
            first = slabs[len(boxes)]
            depth = first.depth * shrink
            if t + depth > self._high:
                return None
            row = 0
            for s0, s1 in self._free(t, t + depth, shrink):
                row += self._fill(s0, s1, t, slabs, boxes, spread, shrink)
            t += depth + first.front * spread * shrink if row else _STEP * shrink
        return boxes

    def _fill(
        self,
        s0: float,
        s1: float,
        t: float,
        slabs: Sequence[Slab],
        boxes: list[Box],
        spread: float,
        shrink: float,
    ) -> int:
        """Put as many of the next slabs side by side in a gap as fit, evenly; how many."""
        gap = 11.0 * spread * shrink
        depth = slabs[len(boxes)].depth if len(boxes) < len(slabs) else 0.0
        lengths: list[float] = []
        used = -gap
        for slab in slabs[len(boxes) :]:
            long = slab.length * shrink
            if slab.depth > depth or used + gap + long > s1 - s0:
                break
            lengths.append(long)
            used += gap + long
        if not lengths:
            return 0
        loose = (s1 - s0 - used) / (len(lengths) + 1)
        s = s0 + loose
        for long in lengths:
            deep = slabs[len(boxes)].depth * shrink
            boxes.append(Box(s, t, s + long, t + deep))
            s += long + gap + loose
        return len(lengths)

    def _centred(self, boxes: list[Box], shrink: float) -> list[Box]:
        """The rows moved up by half of what is left above them, when everything still fits."""
        spare = self._high - max(box.t1 for box in boxes)
        below = min(box.t0 for box in boxes) - self._low
        for part in (0.5, 0.4, 0.3, 0.2):
            up = spare * part if spare > below else 0.0
            moved = [Box(b.s0, b.t0 + up, b.s1, b.t1 + up) for b in boxes]
            if all(self._holds(box, shrink) for box in moved):
                return moved
        return boxes

    def _holds(self, box: Box, shrink: float) -> bool:
        return any(
            s0 <= box.s0 and box.s1 <= s1 for s0, s1 in self._free(box.t0, box.t1, shrink)
        )

    def _free(self, t0: float, t1: float, shrink: float) -> list[tuple[float, float]]:
        """The stretches of a strip where something as deep as the strip may stand."""
        barred: list[tuple[float, float]] = []
        sa, ta = self._ring[-1]
        clear = self._clear[-1]
        for n, (sb, tb) in enumerate(self._ring):
            far = clear * shrink
            low, high = t0 - far, t1 + far
            if not ((ta < low and tb < low) or (ta > high and tb > high)):
                s_from, s_to = sa, sb
                if ta != tb:
                    slope = (sb - sa) / (tb - ta)
                    if ta < low or ta > high:
                        s_from = sa + slope * ((low if ta < low else high) - ta)
                    if tb < low or tb > high:
                        s_to = sa + slope * ((low if tb < low else high) - ta)
                barred.append((min(s_from, s_to) - far, max(s_from, s_to) + far))
            sa, ta = sb, tb
            clear = self._clear[n]
        barred += [
            (box.s0 - 5.0, box.s1 + 5.0)
            for box in self._taken
            if box.t0 - 5.0 < t1 and box.t1 + 5.0 > t0
        ]
        barred.sort()
        free: list[tuple[float, float]] = []
        edge = barred[0][1] if barred else 0.0
        for low, high in barred[1:]:
            if low > edge and inside(((edge + low) / 2, (t0 + t1) / 2), self._ring):
                free.append((edge, low))
            edge = max(edge, high)
        return free
