"""How fast a round goes: a pace that fades, and when the last door will have been seen."""

import math
from datetime import datetime, timedelta

#: A report's weight in the pace is down to a third after so long.
PACE_SECONDS = 240.0


def faded(rate: float, seconds: float) -> float:
    """A pace as it is `seconds` after it was noted, when nothing happened since."""
    return rate * math.exp(-max(0.0, seconds) / PACE_SECONDS)


def projected(left: int, per_second: float, now: datetime) -> datetime | None:
    """When the last door will have been seen at this pace; None when there is no telling."""
    if left <= 0 or per_second <= 0:
        return None
    seconds = left / per_second
    return now + timedelta(seconds=seconds) if seconds < 30 * 86_400 else None
