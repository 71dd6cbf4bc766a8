"""Pages of verification: lists, one list, its columns, its questions one at a time, its
contradictions, its chain."""

from typing import Any

from wangge.verification.pages import asking, chain, columns, contradiction, lists, one

ROUTES: list[Any] = [
    *lists.ROUTES,
    *columns.ROUTES,
    *one.ROUTES,
    *asking.ROUTES,
    *chain.ROUTES,
    *contradiction.ROUTES,
]
