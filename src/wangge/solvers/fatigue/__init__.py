"""Fatigue: what a new stint of duty would break, and who is beyond a limit already.

No limit here comes from a law: each is the district's own, with the source it names. The guard is
one pure function (`breaks`); `scanning.scan` looks through a whole county at once with the same
definitions (numpy, imported only by whoever scans).
"""

from wangge.solvers.fatigue.guard import Breach, Kind, Left, breaks, enough, faults, left
from wangge.solvers.fatigue.limits import DAY, HOUR, Limits, Stint, clock, nights

__all__ = [
    "DAY",
    "HOUR",
    "Breach",
    "Kind",
    "Left",
    "Limits",
    "Stint",
    "breaks",
    "clock",
    "enough",
    "faults",
    "left",
    "nights",
]
