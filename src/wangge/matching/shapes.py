"""Characters that are one another's variants, and characters that are taken for one another.

`data/variants.txt` holds groups of one character's forms, the simplified one first (张張);
`data/look_alikes.txt` groups that a hurried eye or a scanner confuses (己已巳). Both are our own
lists of what stands in names; neither is complete.
"""

from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


def _groups(name: str) -> list[str]:
    return (_DATA / name).read_text(encoding="utf-8").split()


@cache
def _simple() -> dict[str, str]:
    return {form: group[0] for group in _groups("variants.txt") for form in group[1:]}


@cache
def _twins() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in _groups("look_alikes.txt"):
        for character in group:
            found.setdefault(character, set()).update(set(group) - {character})
    return {character: frozenset(others) for character, others in found.items()}


def simple(character: str) -> str:
    """The simplified form of a traditional or variant character; else itself."""
    return _simple().get(character, character)


def twins(character: str) -> frozenset[str]:
    """Characters that this one is taken for when read in a hurry."""
    return _twins().get(character, frozenset())
