"""What follows an estate's name, read into tokens, and the ways in which tokens can be a door.

A token is a number (or 甲, A, 东) with the word after it. Most words say what the number is;
号, 楼, # and a bare number may be one of several, so a reading has several meanings, and the
closed list decides between them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

#: Words after a number and what it can then be, likeliest first: B building, U unit (stairwell),
#: F floor, R room, N a number of the street that is no part of the door, S a part of a room.
_MEANS = """
B    幢 栋 座 号楼 号幢 号栋 #楼 #幢 #栋 栋楼 幢楼 号座 楼栋
U    单元 单 号单元 #单元 单元楼 单元门 单员 单圆 单原 号门 门洞 楼道 号楼道 梯 号梯 组
F    层 号层 F 楼层
R    室 房 户 号室 号房 号户 号房间 房间 房号 #室 #房 铺 号铺 号店 号商铺 号店面
BF   楼
N    号院
BN   弄 巷
UR   门
BRUN 号
BRU  #
"""
_WORDS = {
    word: means for means, *words in map(str.split, _MEANS.split("\n")[1:-1]) for word in words
} | {"": "BURFS"}

#: What it costs to take a word's number for something else than the word usually says.
_COSTS = {
    ("号", "N"): 0.1,
    ("号", "U"): 0.05,
    ("#", "U"): 0.05,
    ("楼", "F"): 0.02,
    ("门", "R"): 0.05,
    ("", "F"): 0.05,
    ("", "S"): 0.04,
    ("弄", "N"): 0.01,
    ("巷", "N"): 0.01,
    ("号院", "N"): 0.01,
}
_ORDER = "BUFRS"

_NUMBER = (
    r"(?:[A-Z]?\d{1,6}(?:[A-EG-Z](?![A-Z\d]))?|[A-Z](?![A-Z])|[甲乙丙丁戊己庚辛壬癸]"
    r"|[东西南北中](?=单元|幢|栋|座|楼(?!栋)))"
)
_WORD = "|".join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True) if word)
_TOKEN = re.compile(rf"(?P<below>地下|负)?(?P<number>{_NUMBER})(?P<word>{_WORD})?-?")
#: A number before one of these belongs to an estate's name: 2期, 3区.
_OF_NAME = re.compile(r"\d+(?:期|区|组团|村|里(?!\d))")


@dataclass(frozen=True, slots=True)
class Token:
    """`number` without leading noughts, and the word after it."""

    number: str
    word: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """One way to understand the tokens. `penalty` grows with what had to be assumed."""

    building: str | None
    unit: str | None
    floor: str | None
    room: str | None
    part: str | None
    penalty: float


@dataclass(frozen=True, slots=True)
class Reading:
    """Tokens, their meanings (best first), and the words before, between and after them.

    `gaps` are (text, end) of the runs of words before each token, in which an estate's name may
    stand; `end` is where the run ends in the text.
    """

    tokens: tuple[Token, ...]
    meanings: tuple[Meaning, ...]
    before: str
    between: str
    after: str
    gaps: tuple[tuple[str, int], ...]


def strip_noughts(number: str) -> str:
    """0302 → 302; 0 → 0."""
    return number.lstrip("0") or "0"


@lru_cache(maxsize=1 << 16)
def read(text: str) -> Reading:
    """Read what stands after an estate's name (already in the one spelling)."""
    tokens: list[Token] = []
    gaps: list[tuple[str, int]] = []
    last = start = 0
    while True:
        found = _TOKEN.search(text, start)
        if found is None:
            break
        of_name = _OF_NAME.match(text, found.start())
        if of_name:
            start = of_name.end()
            continue
        gaps.append((text[last : found.start()].strip("-"), found.start()))
        word = found["word"] or ""
        number = strip_noughts(found["number"])
        tokens.append(Token(f"-{number}" if found["below"] else number, word))
        last = start = found.end()
    if not tokens:
        rest = text.strip("-")
        return Reading((), (), rest, "", "", ((rest, len(text)),))
    return Reading(
        tuple(tokens),
        _meanings(tokens),
        gaps[0][0],
        "-".join(gap for gap, _ in gaps[1:] if gap),
        text[last:].strip("-"),
        tuple(gaps),
    )


#: More numbers than this are a list, not a door.
TOKENS_MAX = 6


def _meanings(tokens: list[Token]) -> tuple[Meaning, ...]:
    """Every way to understand the tokens in the order building, unit, floor, room, best first."""
    if len(tokens) > TOKENS_MAX:
        return ()
    words = tuple(token.word for token in tokens)
    # A part of a room is a digit or two: 901-2, never 901-902.
    found = [
        meaning
        for roles, penalty in _patterns(words)
        if (meaning := _meaning(tokens, roles, penalty)).part is None or len(meaning.part) < 3
    ]
    if len(tokens) > 1 and not words[0] and "B" in _WORDS[words[1]]:
        # A house numbered 12-1 is one number, if there is such a house.
        joined = [Token(f"{tokens[0].number}-{tokens[1].number}", words[1]), *tokens[2:]]
        for roles, penalty in _patterns(words[1:]):
            if roles[0] == "B":
                found.append(_meaning(joined, roles, penalty))
        found.sort(key=lambda meaning: meaning.penalty)
    return tuple(found)


def _meaning(tokens: list[Token], roles: str, penalty: float) -> Meaning:
    said = {role: token.number for token, role in zip(tokens, roles, strict=True)}
    get = said.get
    return Meaning(get("B"), get("U"), get("F"), get("R"), get("S"), penalty)


@lru_cache(maxsize=1 << 12)
def _patterns(words: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """What numbers with these words after them can be, a role each, with its cost; cheapest first."""
    patterns = [("".join(roles), _cost(words, roles)) for roles in _roles(words, 0)]
    return tuple(sorted(patterns, key=lambda pattern: pattern[1]))


def _cost(words: tuple[str, ...], roles: tuple[str, ...]) -> float:
    cost = 0.0
    for at, (word, role) in enumerate(zip(words, roles, strict=True)):
        cost += _COSTS.get((word, role), 0.0)
        if role == "R" and word in ("号", "#") and at + 1 < len(words):
            cost += 0.05
        if role == "U" and not word and "B" not in roles:
            cost += 0.05
    return cost + (0.06 if "R" not in roles and not words[-1] else 0.0)


def _roles(words: tuple[str, ...], start: int) -> Iterator[tuple[str, ...]]:
    """Roles in rising order; N only before the first other role, S only after a room."""
    if not words:
        yield ()
        return
    for role in _WORDS[words[0]]:
        if role == "N":
            if start == 0:
                yield from (("N", *others) for others in _roles(words[1:], 0))
            continue
        at = _ORDER.index(role)
        if at >= start and (role != "S" or start == 4):
            yield from ((role, *others) for others in _roles(words[1:], at + 1))
