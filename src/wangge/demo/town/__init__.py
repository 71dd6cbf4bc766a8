"""The invented town: places, homes, people, workers and past cases, out of one number.

Pure: no database, no files, no clock. `make_town("county")` answers at once; land is cut when it
is first looked at, and `communities()` yields one community after another so that a million
residents never sit in memory together.
"""

from wangge.demo.town.generate import Community, Town, make_sized_town, make_town
from wangge.demo.town.history import CASE_CLASSES, CHANNELS, PastCase, past_cases
from wangge.demo.town.minting import check_digit, uuid7_at
from wangge.demo.town.residents import NEED_TAGS, TODAY
from wangge.demo.town.sizes import COUNTY, FirstStreet, Scale, TownSize

__all__ = [
    "CASE_CLASSES",
    "CHANNELS",
    "COUNTY",
    "NEED_TAGS",
    "TODAY",
    "Community",
    "FirstStreet",
    "PastCase",
    "Scale",
    "Town",
    "TownSize",
    "check_digit",
    "make_sized_town",
    "make_town",
    "past_cases",
    "uuid7_at",
]
