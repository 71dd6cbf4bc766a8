"""Marks: what a search finds a resident by, as keyed numbers.

A name gives its first character, its pairs of characters and its sound; a phone its last four
digits and the whole; a door its compound, building, unit and room; each need one. A search is
the marks of what was asked, all of which must be there (`people_search`).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from wangge.kernel import packing
from wangge.kernel.crypto import Vault
from wangge.matching.addresses.houses import key_of
from wangge.matching.addresses.reading import read
from wangge.matching.addresses.spelling import normal

_NOISE = re.compile(r"[\s·•・.\-_()（）]+")
#: Words and names remembered; a county has some ten thousand different pairs of characters.
_KEPT = 1 << 16


@lru_cache(maxsize=16)
def _known(vault: Vault) -> dict[str, bytes]:
    """Words of a district whose numbers are remembered, as `packing.elements`."""
    del vault
    return {}


def _elements(vault: Vault, words: Iterable[str]) -> dict[bytes, None]:
    """The words' numbers, each once: nothing is computed of a word that was met before."""
    known, found = _known(vault), dict[bytes, None]()
    for word in words:
        element = known.get(word)
        if element is None:
            element = packing.elements((vault.mark(word),))
            if len(known) < _KEPT:
                known[word] = element
        found[element] = None
    return found


def numbers(vault: Vault, words: Iterable[str]) -> list[int]:
    """The words as numbers, each once."""
    at = len(packing.EIGHT)
    return [int.from_bytes(one[at:], "big", signed=True) for one in _elements(vault, words)]


def packed(vault: Vault, words: Iterable[str]) -> bytes:
    """`numbers`, as `packing.elements`."""
    return b"".join(_elements(vault, words))


def packed_whole(index: bytes) -> bytes:
    """`whole`, as `packing.elements`: it is kept as the index is."""
    return packing.EIGHT + index[:8]


def whole(index: bytes) -> int:
    """The mark of a whole phone or ID number: the beginning of its keyed index."""
    return int.from_bytes(index[:8], "big", signed=True)


def plain(text: str) -> str:
    """A name without what people leave out or write differently: spaces, dots, case, width."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


@lru_cache(maxsize=_KEPT)
def of_name(name: str) -> tuple[str, ...]:
    """`s:` the first character, `n:` each pair of neighbours."""
    text = plain(name)
    return (f"s:{text[0]}", *asked_name(text)) if text else ()


def asked_name(text: str) -> list[str]:
    """What must be there for a name that contains `text`; a single character is a surname."""
    text = plain(text)
    if len(text) < 2:
        return [f"s:{text}"] if text else []
    return ["n:" + text[at : at + 2] for at in range(len(text) - 1)]


@lru_cache(maxsize=_KEPT)
def of_door(
    compound: UUID, house: UUID, building: str, unit: str, room: str
) -> tuple[str, ...]:
    """Compound and house by their ids, and the numbers of building, unit and room in every way
    they are asked together: half of all people live in some unit 1, so that by itself it is no
    mark. Most doors are those of several people."""
    said = [number(word) if word else "" for word in (building, unit, room)]
    return (f"c:{compound.hex}", f"h:{house.hex}", *_numbered(*said, every=True))


@lru_cache(maxsize=_KEPT)
def packed_name(vault: Vault, name: str, sound: str) -> bytes:
    """The marks of a name and its sound, as `packing.elements`; many people share one."""
    return packed(vault, (*of_name(name), *([f"y:{sound}"] if sound else ())))


@lru_cache(maxsize=_KEPT)
def packed_door(
    vault: Vault, compound: UUID, house: UUID, building: str, unit: str, room: str
) -> bytes:
    """The marks of a door, as `packing.elements`."""
    return packed(vault, of_door(compound, house, building, unit, room))


def _numbered(building: str, unit: str, room: str, *, every: bool) -> tuple[str, ...]:
    """All marks of a door's numbers, or only the narrowest."""
    ways = (
        ("d", (building, unit, room)),
        ("e", (building, room)),
        ("f", (building, unit)),
        ("g", (unit, room)),
        ("b", (building,)),
        ("r", (room,)),
    )
    found = [f"{kind}:{'-'.join(parts)}" for kind, parts in ways if all(parts)]
    return tuple(found if every else found[:1])


def number(text: str) -> str:
    """A building's, unit's or room's number in one spelling: 03幢 → 3, 十二 → 12, 0302 → 302."""
    return key_of(text) or plain(text)


@dataclass(frozen=True, slots=True)
class Address:
    """What somebody asks of an address: words of the compound, and marks of the numbers; `door`
    when they name a single door of a building."""

    compound: str
    words: tuple[str, ...]
    door: bool = False


def asked_address(text: str) -> Address:
    """杏花苑3幢2单元501 → 杏花苑 and the marks of building 3, unit 2, room 501; 3-1-501 as well."""
    reading = read(normal(text))
    words = "".join(gap for gap, _ in reading.gaps)
    if not reading.meanings:
        return Address(words, ())
    best = reading.meanings[0]
    room = f"{best.room}-{best.part}" if best.room and best.part else best.room
    said = [number(word) if word else "" for word in (best.building, best.unit, room)]
    return Address(words, _numbered(*said, every=False), bool(said[0] and said[2]))
