"""Shifts: who stands at which post when, made, mended and checked. A proposal until a person publishes
it.

`check` shares no code with what makes rosters; both read the definitions in `problem`. OR-Tools is
loaded by whoever solves, never by importing this.
"""

from wangge.solvers.shifts.checking import Fault, Judged, check
from wangge.solvers.shifts.problem import (
    Entry,
    Need,
    Person,
    Post,
    Problem,
    Shift,
    Weights,
    Wish,
)

__all__ = [
    "Entry",
    "Fault",
    "Judged",
    "Need",
    "Person",
    "Post",
    "Problem",
    "Shift",
    "Weights",
    "Wish",
    "check",
]
