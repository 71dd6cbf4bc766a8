"""People's names: written tidily, how they sound, and whether two may be one person's.

Two names that are alike are never taken for the same here; the answer says how alike and why, and
whoever asks holds it against a number, a telephone, a door.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from wangge.matching.readings import DOUBLE, FAMILIES, SURNAMES, near, reading, readings
from wangge.matching.shapes import simple, twins

#: Every dot that is put between the parts of an ethnic or foreign name becomes U+00B7
#: (GB/T 15834-2011 §4.14, the interpunct).
DOT = "·"
_DOTS = "•・‧∙⋅●﹒∘◦⸱ꞏ᛫•.。●"
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\U00020000-\U000323af"
_IS_HAN = re.compile(rf"[{_HAN}]")
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}])\s*[{re.escape(_DOTS + DOT)}]+\s*(?=[{_HAN}])")
_SPACE_IN_HAN = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
#: What stands where an old system could not write a rare character, or where it was hidden.
_HOLES = "?□*×囗■_〓￿\ufffd"


#: Most names: common Chinese characters only, which are kept as they are.
_PLAIN = re.compile("[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two names are, from 0 to 1, and the code of why:

    `same` 1; `written_otherwise` .98 (traditional or variant characters, dots left out);
    `same_sound` .92; `look_alike` .9; `spelled` .85 (one in Latin letters, the other's pinyin);
    `hidden` .8 (a star or box where the other has a character); `near_sound` .8 (zh/z, n/l, -ng/-n);
    `order` .75 (characters or Latin parts in another order); `part` .7 (one character left out, a
    part of an ethnic name); `one_character` .5; `different` 0; `empty` 0.
    """

    score: float
    reason: str


def tidy(name: object) -> str:
    """A name as it is kept: NFKC, one kind of middle dot, no spaces between Chinese characters and
    single ones elsewhere, nothing invisible. Rare characters (𠮷, private use) stay as they are."""
    if isinstance(name, str) and (not name or _PLAIN.fullmatch(name)):
        return name
    text = unicodedata.normalize("NFKC", str(name) if name is not None else "")
    kept: list[str] = []
    for character in text:
        kind = unicodedata.category(character)
        if kind == "Co" or kind[0] not in "CS":
            kept.append(character if kind[0] != "Z" else " ")
        elif kind == "Cc" and character in "\t\n\r":
            kept.append(" ")
        elif character in _DOTS or character in _HOLES:
            kept.append(character)
    text = re.sub(r"\s+", " ", "".join(kept)).strip()
    text = "".join(
        c for c in text if not 0xFE00 <= ord(c) <= 0xFE0F and not 0xE0100 <= ord(c) <= 0xE01EF
    )
    text = _SPACE_IN_HAN.sub("", _BETWEEN_HAN.sub(DOT, text))
    return text.strip(" ,,;;::、。" + DOT)


def note_of(name: object) -> tuple[str, str]:
    """A name apart from what was written after it in brackets or by a slash: `王青禾(户主)` →
    (`王青禾`, `户主`)."""
    if isinstance(name, str) and _PLAIN.fullmatch(name):
        return name, ""
    text = tidy(name)
    found = re.fullmatch(r"([^(\[【</]+)[(\[【<](.*?)[)\]】>]?|([^/]+)/(.*)", text)
    if not found:
        return text, ""
    kept, note = (found[1], found[2]) if found[1] else (found[3], found[4])
    return tidy(kept), (note or "").strip()


def is_han(text: str) -> bool:
    """Whether a name is written in Chinese characters (dots and holes aside)."""
    return _IS_HAN.search(text) is not None


def surname(name: str) -> str:
    """The surname of a Chinese name: one character, or two for a double surname; "" for an ethnic
    name with a dot and for Latin names."""
    if DOT in name or not is_han(name):
        return ""
    return name[:2] if name[:2] in DOUBLE and len(name) > 2 else name[:1]


def is_full(name: str) -> bool:
    """Whether a text that might be anything (who a chat says wrote a line) is somebody's full name: a
    surname that is known and one or two characters more, or an ethnic name's parts with dots.

    Titles and trades can look so too (楼长, 水电工): whoever asks knows those.
    """
    name = tidy(name)
    if DOT in name:
        return all(len(part) > 1 and _PLAIN.fullmatch(part) for part in name.split(DOT))
    family = surname(name)
    known = len(family) == 2 or simple(family) in FAMILIES or family in FAMILIES
    rest = name[len(family) :]
    return known and 1 <= len(rest) <= 2 and all(map(is_han, rest))


@lru_cache(maxsize=1 << 16)
def sound(name: str) -> str:
    """The toneless pinyin of a name, syllables parted by spaces: the key to block homophones by.

    Surnames are read as surnames (单 shan, 仇 qiu, 解 xie, 曾 zeng, 区 ou, 尉迟 yu chi); every other
    character by its commonest reading, so equal characters always sound equal. Latin names are
    their letters, small.
    """
    name = tidy(name)
    family = surname(name)
    said: list[str] = []
    if len(family) == 2:
        said += (DOUBLE[family] or " ".join(map(reading, family))).split()
    elif family:
        said.append(SURNAMES.get(family) or reading(family))
    latin = ""
    for character in name[len(family) :]:
        if is_han(character):
            if latin:
                said.append(latin)
                latin = ""
            said.append(reading(character))
        elif character.isalnum():
            latin += character.casefold()
        elif latin:
            said.append(latin)
            latin = ""
    if latin:
        said.append(latin)
    return " ".join(said)


def near_sound(name: str) -> str:
    """`sound` with what southern speakers do not part made one: zh/z, n/l, -ng/-n."""
    return " ".join(near(syllable) for syllable in sound(name).split())


@lru_cache(maxsize=1 << 16)
def alike(a: str, b: str) -> Likeness:
    """How alike two names are, and why. Symmetric."""
    a, b = tidy(a), tidy(b)
    if not a or not b:
        return Likeness(0.0, "empty")
    if a == b or a.casefold() == b.casefold():
        return Likeness(1.0, "same")
    plain_a, plain_b = _plain(a), _plain(b)
    if plain_a == plain_b:
        return Likeness(0.98, "written_otherwise")
    if not is_han(a) or not is_han(b):
        return _latin(a, b)
    return _han(a, b, plain_a, plain_b)


def _plain(name: str) -> str:
    return "".join(
        simple(c) for c in name.casefold() if c.isalnum() or c in _HOLES or is_han(c)
    )


def _han(a: str, b: str, plain_a: str, plain_b: str) -> Likeness:
    if len(plain_a) == len(plain_b):
        differs = [(x, y) for x, y in zip(plain_a, plain_b, strict=True) if x != y]
        if all(x in _HOLES or y in _HOLES for x, y in differs):
            return Likeness(0.8, "hidden") if len(differs) < len(plain_a) else _NO
        if sound(a) == sound(b) or all(set(readings(x)) & set(readings(y)) for x, y in differs):
            return Likeness(0.92, "same_sound")
        if all(y in twins(x) for x, y in differs):
            return Likeness(0.9, "look_alike")
        if near_sound(a) == near_sound(b):
            return Likeness(0.8, "near_sound")
        if sorted(plain_a) == sorted(plain_b):
            return Likeness(0.75, "order")
        if len(differs) == 1 and len(plain_a) > 2:
            return Likeness(0.5, "one_character")
        return _NO
    shorter, longer = sorted((plain_a, plain_b), key=len)
    if DOT in a or DOT in b:
        parts_a, parts_b = set(map(_plain, a.split(DOT))), set(map(_plain, b.split(DOT)))
        if parts_a <= parts_b or parts_b <= parts_a:
            return Likeness(0.7, "part")
    one_less = (longer[:at] + longer[at + 1 :] for at in range(1, len(longer)))
    if len(longer) - len(shorter) == 1 and len(shorter) >= 2 and shorter in one_less:
        return Likeness(0.7, "part")
    return _NO


def _latin(a: str, b: str) -> Likeness:
    """At least one of them in Latin letters."""
    words_a, words_b = sound(a).split(), sound(b).split()
    if is_han(a) != is_han(b):
        han, latin = (words_a, words_b) if is_han(a) else (words_b, words_a)
        run = "".join(latin)
        given_first = han[1:] + han[:1]
        if run in ("".join(han), "".join(given_first)):
            return Likeness(0.85, "spelled")
        return _NO
    if "".join(words_a) == "".join(words_b):
        return Likeness(0.98, "written_otherwise")
    if sorted(words_a) == sorted(words_b):
        return Likeness(0.75, "order")
    if set(words_a) <= set(words_b) or set(words_b) <= set(words_a):
        return Likeness(0.7, "part")
    return _NO


_NO = Likeness(0.0, "different")
