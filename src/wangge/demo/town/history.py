"""Eighteen months of past cases, in the order in which they were reported.

Nothing in a text names a person. Times follow the day and the week (mornings and early evenings,
quieter Sundays); channels follow the one count that has been published, where staff phones bring
nineteen of twenty cases and residents one in sixty.
"""

from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from random import Random
from typing import Literal
from uuid import UUID

from wangge.demo.town.generate import Town
from wangge.demo.town.history_words import CASE_CLASSES, TAILS, Kind
from wangge.demo.town.minting import stream, uuid7_at
from wangge.demo.town.model import Area
from wangge.demo.town.sizes import share

__all__ = ["CASE_CLASSES", "CHANNELS", "PastCase", "past_cases"]

DAYS = 548
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

Channel = Literal[
    "worker_app",
    "desk",
    "resident",
    "hotline_12345",
    "police_110",
    "video",
    "sensor",
    "superior",
    "enterprise",
]
Outcome = Literal[
    "closed", "self_closed", "void", "merged", "handling", "dispatched", "reported", "suspended"
]
CHANNELS: tuple[tuple[Channel, float], ...] = (
    ("worker_app", 0.945),
    ("desk", 0.020),
    ("resident", 0.016),
    ("hotline_12345", 0.009),
    ("police_110", 0.002),
    ("video", 0.003),
    ("sensor", 0.001),
    ("superior", 0.003),
    ("enterprise", 0.001),
)
_HOURS = (1, 1, 0.6, 0.5, 0.7, 1.5, 4, 8, 13, 14, 13, 10, 7, 8, 11, 12, 11, 9, 8, 7, 5, 4, 3, 2)
_WEEKDAYS = (1.12, 1.06, 1.03, 1.02, 1.05, 0.9, 0.78)
_RECENT = 60 * 24 * 60.0


# Not frozen: a million of these are made, and freezing doubles the price of making one.
@dataclass(slots=True)
class PastCase:
    """One case and how it went. Moments it never reached are None.

    `area_code` is a micro-grid. `rework` counts times the work was sent back, `score` is the
    call-back's one to five.
    """

    id: UUID
    class_code: str
    area_code: str
    lon: float
    lat: float
    place: str
    text: str
    channel: Channel
    state: Outcome
    org_id: UUID | None
    opened_at: datetime
    accepted_at: datetime | None
    dispatched_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
    rework: int
    score: int | None


def past_cases(
    town: Town,
    count: int,
    seed: int,
    *,
    now: datetime,
    classes: Sequence[str] | None = None,
) -> Iterator[PastCase]:
    """`count` cases of the eighteen months before `now` (with a time zone), oldest first.

    `classes` are the class codes to choose from, all of `CASE_CLASSES` when None; a code that
    is not among them gets ordinary words and times. Raises ValueError on a naive `now`.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    rng = stream(seed, town.code, "cases")
    chosen = tuple(CASE_CLASSES if classes is None else classes)
    return _tell(town, count, chosen, now.astimezone(SHANGHAI), rng)


def _tell(
    town: Town, count: int, codes: tuple[str, ...], now: datetime, rng: Random
) -> Iterator[PastCase]:
    kinds = [CASE_CLASSES.get(code) or Kind.plain(code) for code in codes]
    by_class = list(accumulate(kind.weight for kind in kinds))
    spots = [_Spot(area) for area in town.areas if area.kind == "micro_grid"]
    names = {area.code: area.name for area in town.areas if area.kind == "community"}
    # A few places bring far more than their share, as everywhere.
    by_spot = list(accumulate(0.4 + rng.random() ** 6 * 5 for _ in spots))
    by_channel = list(accumulate(part for _, part in CHANNELS))
    orgs = _orgs(town)
    channels: list[Channel] = [name for name, _ in CHANNELS]
    all_classes, last_class = by_class[-1], len(by_class) - 1
    all_spots, last_spot = by_spot[-1], len(by_spot) - 1
    all_channels, last_channel = by_channel[-1], len(by_channel) - 1
    prefixes = {spot.code: names[spot.code[:12]] for spot in spots}
    draw = rng.random
    for opened, ms in _moments(count, now, rng):
        n = bisect(by_class, draw() * all_classes, 0, last_class)
        kind = kinds[n]
        spot = spots[bisect(by_spot, draw() * all_spots, 0, last_spot)]
        channel = channels[bisect(by_channel, draw() * all_channels, 0, last_channel)]
        lon, lat = spot.somewhere(draw(), draw(), draw())
        where = kind.places[int(draw() * len(kind.places))]
        words = kind.words[int(draw() * len(kind.words))]
        text = f"{where}{words}{TAILS[int(draw() * len(TAILS))]}"
        state, accepted, dispatched, handled, closed = _course(
            kind, channel, opened, (now - opened).total_seconds() / 60, draw
        )
        serving = orgs.get((spot.code[:9], kind.platform))
        yield PastCase(
            uuid7_at(ms, rng),
            codes[n],
            spot.code,
            lon,
            lat,
            prefixes[spot.code] + where,
            text,
            channel,
            state,
            serving[int(draw() * len(serving))] if serving and dispatched else None,
            opened,
            accepted,
            dispatched,
            handled,
            closed,
            int(dispatched is not None and draw() < 0.05),
            _score(draw()) if state == "closed" and draw() < 0.3 else None,
        )


def _moments(count: int, now: datetime, rng: Random) -> Iterator[tuple[datetime, int]]:
    """So many moments before `now`, rising, thick where days and weeks are busy; also in ms."""
    first = (now - timedelta(days=DAYS)).replace(minute=0, second=0, microsecond=0)
    hours = [first + timedelta(hours=n) for n in range(DAYS * 24)]
    weights = [
        _HOURS[at.hour] * _WEEKDAYS[at.weekday()] * (0.85 + 0.3 * rng.random()) for at in hours
    ]
    for at, many in zip(hours, share(count, weights), strict=True):
        start = int(at.timestamp()) * 1000
        for ms in sorted(int(rng.random() * 3_600_000) for _ in range(many)):
            yield at + timedelta(milliseconds=ms), start + ms


_Course = tuple[Outcome, datetime | None, datetime | None, datetime | None, datetime | None]


def _course(
    kind: Kind, channel: Channel, opened: datetime, age: float, draw: Callable[[], float]
) -> _Course:
    """What became of a case by now: its state, and accepted, dispatched, handled, closed.

    `age` is in minutes, and so is everything here until it becomes a moment.
    """
    fate = draw()
    if channel == "worker_app" and fate < kind.on_the_spot:
        took = 3 + 40 * draw()
        if took >= age:
            return "reported", None, None, None, None
        done = opened + timedelta(minutes=took)
        return "self_closed", None, None, done, done
    accepted = 2 + 90 * draw() ** 3
    if accepted >= age:
        return "reported", None, None, None, None
    start = opened + timedelta(minutes=accepted)
    if fate > 0.985:
        return "void" if fate > 0.993 else "merged", start, None, None, start
    dispatched = accepted + 1 + 28 * draw() ** 2
    if dispatched >= age:
        return "reported", start, None, None, None
    sent = opened + timedelta(minutes=dispatched)
    # Three in four within the usual time, a thin tail at several times it.
    wait = draw()
    handled = dispatched + kind.hours * 60 * (0.15 + 1.1 * wait + 2.2 * wait**8)
    closed = handled + 15 + 400 * draw() ** 2
    if closed >= age:
        return "dispatched" if draw() < 0.3 else "handling", start, sent, None, None
    if age < _RECENT and draw() < 0.004:
        return "suspended", start, sent, None, None
    ended = opened + timedelta(minutes=closed)
    return "closed", start, sent, opened + timedelta(minutes=handled), ended


def _score(chance: float) -> int:
    return 5 - bisect((0.62, 0.86, 0.95, 0.98), chance)


class _Spot:
    """A micro-grid to put cases into."""

    def __init__(self, area: Area) -> None:
        self.code = area.code
        self._lon, self._lat = area.centre_lon, area.centre_lat
        self._ring = area.boundary

    def somewhere(self, corner: float, along: float, out: float) -> tuple[float, float]:
        """A point between the centre and the boundary, to about a centimetre."""
        n = int(corner * len(self._ring))
        (lon0, lat0), (lon1, lat1) = self._ring[n - 1], self._ring[n]
        far = 0.85 * out
        return (
            round(self._lon + far * (lon0 + along * (lon1 - lon0) - self._lon), 7),
            round(self._lat + far * (lat0 + along * (lat1 - lat0) - self._lat), 7),
        )


def _orgs(town: Town) -> dict[tuple[str, str], list[UUID]]:
    found: dict[tuple[str, str], list[UUID]] = {}
    for office in town.offices:
        for org in office.orgs:
            found.setdefault((org.area_code, org.platform), []).append(org.id)
    return found
