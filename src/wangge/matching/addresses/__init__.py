"""Addresses as people write them: doors of a closed list, and elements of unseen ones."""

from wangge.matching.addresses.doors import Doors
from wangge.matching.addresses.elements import Element, elements
from wangge.matching.addresses.houses import key_of
from wangge.matching.addresses.model import SURE, Door, Placed
from wangge.matching.addresses.spelling import normal as spelled

__all__ = ["SURE", "Door", "Doors", "Element", "Placed", "elements", "key_of", "spelled"]
