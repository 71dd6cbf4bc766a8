"""Micro-grids: check a division, mend it, propose one. In minutes of work, whole units, connected
on foot, inside of one community, near to today's.

`check` shares no code with `propose` and `repair`; all read the definitions in `town`.
"""

from wangge.solvers.microgrids.checking import Verdict, Violation, check
from wangge.solvers.microgrids.moves import Move, steps
from wangge.solvers.microgrids.proposing import Proposal, by_floors, default_tries, propose
from wangge.solvers.microgrids.repairing import Repair, repair, repair_tries, suggest
from wangge.solvers.microgrids.town import (
    Building,
    Community,
    Grid,
    Head,
    Rules,
    Town,
    Unit,
    footpaths,
    minutes_of,
)

__all__ = [
    "Building",
    "Community",
    "Grid",
    "Head",
    "Move",
    "Proposal",
    "Repair",
    "Rules",
    "Town",
    "Unit",
    "Verdict",
    "Violation",
    "by_floors",
    "check",
    "default_tries",
    "footpaths",
    "minutes_of",
    "propose",
    "repair",
    "repair_tries",
    "steps",
    "suggest",
]
