"""Rows of a list and people of a register: which are one person, by what, and when to ask."""

from wangge.matching.linking.again import Meant, twice
from wangge.matching.linking.deciding import Link, decide, family_of
from wangge.matching.linking.model import Known, Said, Signs, compare
from wangge.matching.linking.residents import Residents
from wangge.matching.linking.rows import say

__all__ = [
    "Known",
    "Link",
    "Meant",
    "Residents",
    "Said",
    "Signs",
    "compare",
    "decide",
    "family_of",
    "say",
    "twice",
]
