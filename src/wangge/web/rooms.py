"""Rooms: which modules the app is made of.

Every module named here is imported, so that acts, deeds, facts and reactions are known before
the first request; `api` and `pages` give their ROUTES.
"""

import importlib
import importlib.util
from types import ModuleType
from typing import Any

#: Lowest first. What a room does not have (yet) is passed over; a broken import is not.
ROOMS: tuple[str, ...] = (
    "places",
    "people",
    "registers",
    "access",
    "responses",
    "exports",
    "forms",
    "hours",
    "tasks",
    "sweeps",
    "cases",
    "dispatch",
    "command",
    "planning",
    "reports",
    "imports",
    "verification",
    "web",
    "web.field",
    "web.home",
)
PARTS: tuple[str, ...] = (
    "fields",
    "events",
    "acts",
    "deeds",
    "reactions",
    "jobs",
    "keeping",
    "makers",
    "holding",
    "api",
    "pages",
)


def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def import_rooms() -> dict[str, ModuleType]:
    """Import every part of every room there is. Answers the modules by dotted name."""
    found: dict[str, ModuleType] = {}
    for room in ROOMS:
        for part in PARTS:
            name = f"wangge.{room}.{part}"
            if _exists(name):
                found[name] = importlib.import_module(name)
    return found


def routes(part: str) -> list[Any]:
    """The handlers of every room's `api` or `pages`."""
    modules = import_rooms()
    return [
        handler
        for room in ROOMS
        if (module := modules.get(f"wangge.{room}.{part}")) is not None
        for handler in module.ROUTES
    ]
