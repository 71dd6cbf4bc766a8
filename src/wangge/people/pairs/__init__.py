"""Rows that may be one person: found in blocks, shown with their evidence, decided by somebody."""

from wangge.people.pairs.deciding import different, merge, reopen, undo_merge
from wangge.people.pairs.finding import find, last_run
from wangge.people.pairs.reading import Pair, Side, decided_page, pair, pairs_page

__all__ = [
    "Pair",
    "Side",
    "decided_page",
    "different",
    "find",
    "last_run",
    "merge",
    "pair",
    "pairs_page",
    "reopen",
    "undo_merge",
]
