"""What follows an estate's name, read into tokens, and the ways in which tokens can be a door.

A token is a number (or 甲, A, 东) with the word after it. Most words say what the number is;
号, 楼, # and a bare number may be one of several, so a reading has several meanings, and the
closed list decides between them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

#: Type words and what they can mean: B building, U unit (stairwell), F floor, R room, N a number
#: of the street that is no part of the door.
_WORDS: dict[str, str] = {
    "号楼": "B", "幢": "B", "栋": "B", "座": "B", "号幢": "B", "号栋": "B", "#楼": "B", "#幢": "B",
    "#栋": "B", "栋楼": "B", "幢楼": "B", "厂房": "B", "号厂房": "B", "楼宇": "B", "号院": "N",
    "弄": "BN", "巷": "BN", "号": "BURN", "#": "BUR", "楼": "BF",
    "单元": "U", "号单元": "U", "#单元": "U", "单元楼": "U", "单员": "U", "单圆": "U", "单原": "U",
    "单": "U", "单元门": "U", "号门": "U", "门洞": "U", "号楼道": "U", "楼道": "U", "号梯": "U",
    "梯": "U", "门": "UR", "组": "U",
    "层": "F", "号层": "F", "F": "F", "楼层": "F",
    "室": "R", "号室": "R", "房": "R", "号房": "R", "房间": "R", "号房间": "R", "户": "R", "号户": "R",
    "房号": "R", "#室": "R", "#房": "R", "铺": "R", "号铺": "R", "号店": "R", "号商铺": "R",
    "-": "BUFR", "": "BUFR",
}  # fmt: skip
_NUMBER = (
    r"(?:[A-Z]?\d{1,6}[A-Z]?(?![A-Z\d])|[A-Z]?\d{1,6}(?=F)|[A-Z]|[甲乙丙丁戊己庚辛壬癸]"
    r"|[东西南北中](?=单元|幢|栋|座|楼|门|户|室)|[左右](?=户|室|边))"
)
_WORD = "|".join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True) if word)
_TOKEN = re.compile(rf"(?P<below>地下|负|B(?=\d))?(?P<number>{_NUMBER})(?P<word>{_WORD})?-?")
_STEP = re.compile(r"地下|负")


@dataclass(frozen=True, slots=True)
class Token:
    """`number` without leading noughts; `means` some of B U F R N."""

    number: str
    means: str
    word: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Tokens, the words before the first, between, and after the last of them."""

    tokens: tuple[Token, ...]
    before: str
    between: str
    after: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """One way to understand the tokens. `penalty` grows with what had to be assumed."""

    building: str | None
    unit: str | None
    floor: str | None
    room: str | None
    penalty: float


def strip_noughts(number: str) -> str:
    """0302 → 302; 0 → 0."""
    return number.lstrip("0") or "0"


@lru_cache(maxsize=1 << 16)
def read(text: str) -> Reading:
    """Tokens of what stands after an estate's name (already in the one spelling)."""
    tokens: list[Token] = []
    between: list[str] = []
    first = None
    last = 0
    for found in _TOKEN.finditer(text):
        gap = text[last : found.start()].strip("-()")
        if first is None:
            first = gap
        elif gap:
            between.append(gap)
        word = found["word"] or ""
        number = strip_noughts(found["number"])
        if found["below"]:
            number = "-" + number
        tokens.append(Token(number, _WORDS[word], word))
        last = found.end()
    if first is None:
        return Reading((), text.strip("-()"), "", "")
    return Reading(tuple(tokens), first, "-".join(between), text[last:].strip("-()"))


@lru_cache(maxsize=1 << 16)
def meanings(tokens: tuple[Token, ...]) -> tuple[Meaning, ...]:
    """Every way to understand the tokens in the order building, unit, floor, room, best first."""
    if len(tokens) > 6:
        return ()
    found: dict[tuple[str | None, str | None, str | None, str | None], float] = {}
    for roles in _roles(tokens, 0):
        said: dict[str, str] = {}
        penalty = 0.0
        for token, role in zip(tokens, roles, strict=True):
            if role == "N":
                penalty += 0.01
                continue
            said[role] = token.number
            if len(token.means) > 1:
                penalty += 0.001 * token.means.index(role)
        key = (said.get("B"), said.get("U"), said.get("F"), said.get("R"))
        found[key] = min(penalty, found.get(key, 9.0))
    return tuple(
        Meaning(*said, penalty)
        for said, penalty in sorted(found.items(), key=lambda one: one[1])
    )


def _roles(tokens: tuple[Token, ...], start: int) -> Iterator[tuple[str, ...]]:
    """Assignments of roles in rising order; N only before the first other role."""
    if not tokens:
        yield ()
        return
    head, rest = tokens[0], tokens[1:]
    for role in head.means:
        if role == "N":
            if start == 0:
                yield from (("N", *others) for others in _roles(rest, 0))
            continue
        at = "BUFR".index(role)
        if at < start:
            continue
        yield from ((role, *others) for others in _roles(rest, at + 1))
