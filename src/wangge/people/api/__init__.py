"""Staff, teams, bodies, residents and households over HTTP."""

from typing import Any

from wangge.people.api import homes, staff

ROUTES: list[Any] = [*staff.ROUTES, *homes.ROUTES]
