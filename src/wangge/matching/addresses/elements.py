"""Unseen addresses taken apart, for journeys and enterprises."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Element:
    """One part of an address: its kind, its text as written, and where it begins in the text.

    Kinds: country, prov, city, district, devzone, town, community, road, subroad, roadno,
    subroadno, poi, subpoi, houseno, cellno, floorno, roomno, person, assist, redundant, otherinfo.
    """

    kind: str
    text: str
    start: int


_HAN = "\u3400-\u9fff"
_GRAMMAR = re.compile(
    rf"""
    (?P<prov>[{_HAN}]{{2,7}}?(?:省|自治区))
  | (?P<city>[{_HAN}]{{2,4}}?市)
  | (?P<district>[{_HAN}]{{1,4}}?(?:区|县|旗))
  | (?P<town>[{_HAN}]{{1,5}}?(?:街道|镇|乡))
  | (?P<community>[{_HAN}]{{1,6}}?(?:社区|村))
  | (?P<road>[{_HAN}]{{1,6}}?(?:大道|路|街|巷))
  | (?P<roadno>\d+(?:-\d+)?(?:号|弄))(?!楼)
  | (?P<houseno>[A-Z]?\d+(?:幢|栋|号楼|座|\#))
  | (?P<cellno>\d+(?:单元|单))
  | (?P<floorno>\d+(?:楼|层|F))
  | (?P<roomno>\d+[A-Z]?(?:室|房)?)
  | (?P<poi>[{_HAN}A-Z]{{2,}}?)(?=\d|$)
    """,
    re.VERBOSE,
)


def elements(text: str) -> tuple[Element, ...]:
    """The parts of an address, in order; what cannot be told is left out."""
    return tuple(
        Element(found.lastgroup or "otherinfo", found[0], found.start())
        for found in _GRAMMAR.finditer(text)
    )
