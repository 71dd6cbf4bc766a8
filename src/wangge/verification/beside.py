"""What a row and the register write differently of one person, side by side: whoever looks through mends
sees what is mended, and no more of it; what agrees stays masked. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from wangge.matching.names import tidy

#: A piece of a text, and whether the other has it otherwise.
Part = tuple[str, bool]
Parts = Sequence[Part]


@dataclass(frozen=True, slots=True)
class _Shown:
    """How much of a text is seen anyhow, at its head and its tail, and how many characters may differ
    at most: texts that differ in more say nothing beside one another."""

    head: int
    tail: int
    most: int


_HOW: Mapping[str, _Shown] = {"name": _Shown(1, 0, 2), "id": _Shown(3, 2, 4)}


def beside(field: str, was: str, now: str) -> tuple[Parts, Parts] | None:
    """What a row (`was`) and the register (`now`) have in a field (`name`, `id`), masked but for what
    differs. None where that is nothing, or too much: more than half of a text, or all that its mask hides
    (the register's 甲禾 beside 甲木 is the whole of a name)."""
    how = _HOW[field]
    was, now = (tidy(one) if field == "name" else _plain(one) for one in (was, now))
    first, second = _differ(was, now)
    if not was or not now or not 0 < max(len(first), len(second)) <= how.most:
        return None
    if any(2 * len(places) > len(text) for text, places in ((was, first), (now, second))):
        return None
    shown = _parts(was, first, how), _parts(now, second, how)
    return shown if all(any("*" in text for text, _ in parts) for parts in shown) else None


def _plain(number: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", number).upper() if c.isalnum())


def _differ(was: str, now: str) -> tuple[set[int], set[int]]:
    """The places of what one has and the other has not."""
    if len(was) == len(now):
        places = {at for at, (a, b) in enumerate(zip(was, now, strict=True)) if a != b}
        return places, places
    first: set[int] = set()
    second: set[int] = set()
    for code, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if code != "equal":
            first.update(range(a, b))
            second.update(range(c, d))
    return first, second


def _parts(text: str, differs: set[int], how: _Shown) -> Parts:
    seen = [
        (
            c if at in differs or at < how.head or at >= len(text) - how.tail else "*",
            at in differs,
        )
        for at, c in enumerate(text)
    ]
    return tuple(
        ("".join(c for c, _ in run), other)
        for other, run in groupby(seen, key=lambda one: one[1])
    )
