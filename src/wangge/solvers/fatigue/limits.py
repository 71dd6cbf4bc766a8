"""What a stint, a spell, a night and a limit are. Whole minutes of local time since 1970-01-01 00:00,
in a zone without summer time (China has none), so that a day is always 1,440 of them."""

from dataclasses import dataclass
from datetime import date, timedelta

HOUR = 60
DAY = 24 * HOUR
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Stint:
    """One stint of duty, worked or planned, from `begins` up to `ends`. A stint counts for the day on
    which it begins."""

    begins: int
    ends: int

    def __post_init__(self) -> None:
        if self.ends <= self.begins:
            raise ValueError("a stint ends after it begins")

    @property
    def minutes(self) -> int:
        return self.ends - self.begins


@dataclass(frozen=True, slots=True)
class Limits:
    """A district's limits in minutes, days and nights; None: no such limit.

    Stints with at most `pause` between them (a meal, a hand-over) are one *spell*, and the pause
    counts in it; longer gaps must be a rest. A *night* is [`night_from`, `night_to`) of the clock,
    named for the day on which it begins; it counts when at least `night_least` of it is duty.
    """

    #: The longest spell.
    longest: int | None = None
    #: The least rest between two spells.
    rest: int | None = None
    #: The most days in a row on which a stint begins.
    days: int | None = None
    #: The most nights running.
    nights: int | None = None
    #: The most duty in any 7 times 24 hours.
    week: int | None = None
    pause: int = 2 * HOUR
    night_from: int = 22 * HOUR
    night_to: int = 6 * HOUR
    night_least: int = 2 * HOUR

    @property
    def night_minutes(self) -> int:
        """How long a night lasts; at most a day."""
        return (self.night_to - self.night_from) % DAY or DAY


WEEK = 7 * DAY


def nights(stint: Stint, limits: Limits) -> list[int]:
    """The nights that a stint counts for by itself, by the day on which they begin."""
    found: list[int] = []
    for night in range(stint.begins // DAY - 1, stint.ends // DAY + 1):
        dusk = night * DAY + limits.night_from
        shared = min(stint.ends, dusk + limits.night_minutes) - max(stint.begins, dusk)
        if shared >= max(1, limits.night_least):
            found.append(night)
    return found


def clock(minute: int) -> str:
    """A moment as it stands in a sentence: 11-28 20:00."""
    day, rest = divmod(minute, DAY)
    on = _EPOCH + timedelta(days=day)
    return f"{on:%m-%d} {rest // HOUR:02}:{rest % HOUR:02}"


def day_words(day: int) -> str:
    """A day as it stands in a sentence: 11-28."""
    return f"{_EPOCH + timedelta(days=day):%m-%d}"


def hours_words(minutes: int) -> str:
    """Hours as they stand in a sentence: 22, 22.5, and 12.02 where a minute makes the difference."""
    return f"{minutes / HOUR:.2f}".rstrip("0").rstrip(".")
