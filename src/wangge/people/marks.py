"""Marks: what a search finds a resident by, as keyed numbers.

A name gives its first character, its pairs of characters and its sound; a phone its last four
digits and the whole; a door its compound, building, unit and room; each need one. A search is
the marks of what was asked, all of which must be there (`people_search`).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from uuid import UUID

from wangge.kernel.crypto import Vault

_NOISE = re.compile(r"[\s·•・.\-_()（）]+")
#: Words whose numbers are remembered; a county has some thousand different pairs of characters.
_KEPT = 65_536


@lru_cache(maxsize=_KEPT)
def _number(vault: Vault, word: str) -> int:
    return vault.mark(word)


def numbers(vault: Vault, words: Iterable[str]) -> list[int]:
    """The words as numbers, each once."""
    return [_number(vault, word) for word in dict.fromkeys(words)]


def whole(index: bytes) -> int:
    """The mark of a whole phone or ID number: the beginning of its keyed index."""
    return int.from_bytes(index[:8], "big", signed=True)


def plain(text: str) -> str:
    """A name without what people leave out or write differently: spaces, dots, case, width."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


def of_name(name: str) -> Iterator[str]:
    """`s:` the first character, `n:` each pair of neighbours."""
    text = plain(name)
    if text:
        yield f"s:{text[0]}"
    for first, second in pairwise(text):
        yield f"n:{first}{second}"


def asked_name(text: str) -> list[str]:
    """What must be there for a name that contains `text`; a single character is a surname."""
    text = plain(text)
    if len(text) < 2:
        return [f"s:{text}"] if text else []
    return [f"n:{first}{second}" for first, second in pairwise(text)]


def of_door(compound: UUID, building: str, unit: str, room: str) -> Iterator[str]:
    """Compound, building, unit and room, each by itself."""
    yield f"c:{compound.hex}"
    for kind, value in (("b", building), ("u", unit), ("r", room)):
        if said := plain(value):
            yield f"{kind}:{said}"
