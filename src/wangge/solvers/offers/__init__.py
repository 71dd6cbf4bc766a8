"""Offers: whom to ask for a task, at once and with the reason; and a surge given out as one.

The order is what a resident would expect: their own grid, then the same community, then a neighbouring
one, then the street's room. Among equals whoever can be there soonest, counting what they have to do
already, with a share for those who have had less. Whoever would pass a limit of hours is not asked.
Nobody's sum is kept or shown: it decides between two offers and is gone.
"""

from wangge.solvers.offers.choosing import RANKS, Chosen, Open, Worker, choose
from wangge.solvers.offers.rings import LEAD_MINUTES, Picked, Ready, pick
from wangge.solvers.offers.spreading import Spread, spread
from wangge.solvers.offers.surge import Assigned, assign

__all__ = [
    "LEAD_MINUTES",
    "RANKS",
    "Assigned",
    "Chosen",
    "Open",
    "Picked",
    "Ready",
    "Spread",
    "Worker",
    "assign",
    "choose",
    "pick",
    "spread",
]
