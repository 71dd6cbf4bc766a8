"""Places: areas from the county to the micro-grid, and the buildings, units and doors in them."""

from wangge.places.atlas import ATLAS, Atlas
from wangge.places.doors import closed_list
from wangge.places.model import Area, AreaKind, area_id, kind_of, levels, parent_of

__all__ = [
    "ATLAS",
    "Area",
    "AreaKind",
    "Atlas",
    "area_id",
    "closed_list",
    "kind_of",
    "levels",
    "parent_of",
]
