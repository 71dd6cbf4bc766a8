"""The desk's pages of areas: the tree, imports, drawing, splitting and merging."""

from typing import Any

from wangge.places.pages import areas, drawing, importing, redrawing

ROUTES: list[Any] = [
    *areas.ROUTES,
    *importing.ROUTES,
    *drawing.ROUTES,
    *redrawing.ROUTES,
]
