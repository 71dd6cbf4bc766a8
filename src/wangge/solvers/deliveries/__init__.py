"""Packs from a depot to the doors: how many hands, which loads, which vans, and books that agree."""

from wangge.solvers.deliveries.checking import Verdict, check
from wangge.solvers.deliveries.order import (
    Carrier,
    Drop,
    Floor,
    Handover,
    Load,
    Order,
    Part,
    Rules,
    Stairwell,
    Trip,
)
from wangge.solvers.deliveries.planning import Delivery, chain, deliver
from wangge.solvers.deliveries.repairing import Mended, mend

__all__ = [
    "Carrier",
    "Delivery",
    "Drop",
    "Floor",
    "Handover",
    "Load",
    "Mended",
    "Order",
    "Part",
    "Rules",
    "Stairwell",
    "Trip",
    "Verdict",
    "chain",
    "check",
    "deliver",
    "mend",
]
