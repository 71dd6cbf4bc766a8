"""Doors against a clock: the fewest people for it, who takes which floors, and what changes hands when
somebody drops out."""

from wangge.solvers.split.checking import Verdict, check
from wangge.solvers.split.repairing import Handed, Resplit, resplit
from wangge.solvers.split.solving import Answer, Split, solve_team, split
from wangge.solvers.split.town import Hand, Rules, Run, Stairwell, Stop, Team, Town

__all__ = [
    "Answer",
    "Hand",
    "Handed",
    "Resplit",
    "Rules",
    "Run",
    "Split",
    "Stairwell",
    "Stop",
    "Team",
    "Town",
    "Verdict",
    "check",
    "resplit",
    "solve_team",
    "split",
]
