"""Stairwells prepared for arithmetic: what each run of floors takes, and how few people one needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from wangge.solvers.split.town import (
    Run,
    Stairwell,
    Stop,
    Team,
    Town,
    climb_seconds,
    has_work,
    leave_seconds,
    level,
    serve_seconds,
    start_seconds,
    walk_seconds,
)

#: Indices of stops, first and last, from the top down.
Piece = tuple[int, int]


class Well:
    """One stairwell for one team: only floors where it has work, from the top down."""

    def __init__(self, town: Town, stairwell: Stairwell, team: Team) -> None:
        rules = town.rules
        self.stairwell = stairwell
        self.stops: list[Stop] = sorted(
            (stop for stop in stairwell.stops if has_work(stop, team)),
            key=lambda stop: -stop.floor,
        )
        self.size = len(self.stops)
        self.start = start_seconds(town, stairwell)
        self.climb = [climb_seconds(rules, stairwell, stop.floor) for stop in self.stops]
        self.leave = [leave_seconds(rules, stairwell, stop.floor) for stop in self.stops]
        serve = [serve_seconds(rules, stop, team) for stop in self.stops]
        #: Seconds from the first stop until a stop is served, on the way down.
        self.passed: list[float] = []
        at = 0.0
        for n, seconds in enumerate(serve):
            if n:
                storeys = level(self.stops[n - 1].floor) - level(self.stops[n].floor)
                at += rules.down_seconds * storeys
            at += seconds
            self.passed.append(at)
        self._before = [
            done - seconds for done, seconds in zip(self.passed, serve, strict=True)
        ]
        self.works = [
            (stop.doors if team != "home" else 0) + (stop.special if team == "home" else 0)
            for stop in self.stops
        ]

    def seconds(self, piece: Piece) -> float:
        """Up to the first floor of a run and down to its last door; without the way out."""
        first, last = piece
        return self.climb[first] + self.passed[last] - self._before[first]

    def whole(self) -> Piece:
        return 0, self.size - 1

    def run(self, piece: Piece) -> Run:
        return Run(self.stairwell.id, self.stops[piece[0]].floor, self.stops[piece[1]].floor)

    @property
    def shape(self) -> tuple[object, ...]:
        """Equal for stairwells that take the same everywhere."""
        return tuple(self.climb), tuple(self.leave), tuple(self.passed), self.start


@dataclass(frozen=True, slots=True)
class Cut:
    """Floors given to new people: the pieces, the last of them to whoever is free soonest after;
    `ready` is when that one stands at the entrance again."""

    pieces: tuple[Piece, ...]
    ready: float


class Cutter:
    """Divides runs of one stairwell among new people so that none takes longer than `limit`.

    A run inside of another never takes longer (one could always walk down past the doors), so
    taking as many floors as fit, from one end, is fewest; the person that is left over is the one
    of both ends who is ready sooner.
    """

    def __init__(self, well: Well, limit: float) -> None:
        self.well = well
        self.limit = limit + 1e-6
        self._known: dict[Piece, Cut | None] = {}

    def cut(self, piece: Piece) -> Cut | None:
        """None where a single floor takes too long."""
        if piece not in self._known:
            self._known[piece] = self._cut(piece)
        return self._known[piece]

    def _cut(self, piece: Piece) -> Cut | None:
        first, last = piece
        well, left = self.well, self.limit - self.well.start
        down: list[Piece] = []
        top = first
        while top <= last:
            end = top
            while end <= last and well.seconds((top, end)) <= left:
                end += 1
            if end == top:
                return None
            down.append((top, end - 1))
            top = end
        up: list[Piece] = []
        bottom = last
        while bottom >= first:
            end = bottom
            while end >= first and well.seconds((end, bottom)) <= left:
                end -= 1
            up.append((end + 1, bottom))
            bottom = end
        best = min((len(way), self._ready(way[-1]), way) for way in (down, up))
        return Cut(tuple(best[2]), best[1])

    def _ready(self, piece: Piece) -> float:
        return self.well.start + self.well.seconds(piece) + self.well.leave[piece[1]]


def wells_of(town: Town, team: Team) -> list[Well]:
    """Stairwells where the team has work, as they are listed."""
    found = (Well(town, stairwell, team) for stairwell in town.stairwells)
    return [well for well in found if well.size]


def ways(town: Town, wells: Sequence[Well]) -> list[list[float]]:
    """Seconds from each entrance to each other."""
    return [[walk_seconds(town.rules, a.stairwell, b.stairwell) for b in wells] for a in wells]
