"""The desk's pages of people: staff, residents, households, duplicates, freshness, needs."""

from typing import Any

from wangge.people.pages import (
    households,
    needs,
    residents,
    same,
    staff,
    stale,
)

ROUTES: list[Any] = [
    *staff.ROUTES,
    *residents.ROUTES,
    *households.ROUTES,
    *same.ROUTES,
    *stale.ROUTES,
    *needs.ROUTES,
]
