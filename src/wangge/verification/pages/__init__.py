"""Pages of verification: lists, one list, its questions one at a time, its chain."""

from typing import Any

from wangge.verification.pages import asking, chain, lists, one

ROUTES: list[Any] = [*lists.ROUTES, *one.ROUTES, *asking.ROUTES, *chain.ROUTES]
