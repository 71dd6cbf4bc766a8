"""Whom to ask among people who might go: the nearest ring, and there the soonest, with the reason."""

from wangge.dispatch.asking.around import Around, around_of
from wangge.dispatch.asking.choosing import choose_all, planned
from wangge.dispatch.asking.table import Choice, Pace, Want, pace_of

__all__ = [
    "Around",
    "Choice",
    "Pace",
    "Want",
    "around_of",
    "choose_all",
    "pace_of",
    "planned",
]
