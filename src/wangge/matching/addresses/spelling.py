"""One spelling for what is written in many: digits, dashes, numerals before a counted word."""

import re
import unicodedata
from functools import lru_cache

#: Everything that parts numbers becomes a dash; ornaments go; variant forms of counted words.
_TABLE: dict[int, str | None] = {
    **dict.fromkeys(map(ord, "‐‑‒–—―−ー﹣﹘~～〜_/\\|,，、。;；:：·•‧・…."), "-"),
    **dict.fromkeys(map(ord, "'\"“”‘’`^<>《》「」『』№"), None),
    **dict.fromkeys(map(ord, "♯﹟"), "#"),
    **dict.fromkeys(map(ord, "[{【〔〖"), "("),
    **dict.fromkeys(map(ord, "]}】〕〗"), ")"),
    **dict(zip(map(ord, "棟楝憧撞橦號樓單層"), "栋栋幢幢幢号楼单层", strict=True)),
}
_GAP = re.compile(r"(?<=[0-9A-Za-z])\s+(?=[0-9])")
_DASHES = re.compile(r"--+")
#: A remark after the last number says nothing about where: 901(复式).
_REMARK = re.compile(r"(?<=[0-9A-Z室户房号])\([^()]*\)?$")
_BRACKETS = re.compile(r"[()]")

_DIGIT = {character: n for n, character in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "两": 2,
}
_NUMERALS = "〇零○一二三四五六七八九十百廿两"
_HAS_NUMERAL = re.compile(f"[{_NUMERALS}第]")
#: Words that the number before them counts; a dash and the end do too, for numbers of some length.
_COUNTED = "幢|栋|座|单|号|楼|层|室|房|户|门|弄|巷|组|队|区|期|村|梯|排|#|-|$"
_NUMBER = re.compile(rf"第?([{_NUMERALS}]+)(?={_COUNTED})")
_ORDINAL = re.compile(r"第(?=\d)")


@lru_cache(maxsize=1 << 17)
def normal(text: str) -> str:
    """The one spelling: NFKC, capitals, `-` for every dash, stop and gap between numbers, digits
    for numerals that count something (七幢 → 7幢, 九〇一 → 901), no brackets, no spaces."""
    if not text.isascii() and not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    if not text.isprintable() or " " in text:
        text = _GAP.sub("-", text.strip())
        text = "".join(c for c in text if c.isprintable() and c != " ")
    text = text.upper().translate(_TABLE)
    if "(" in text or ")" in text:
        text = _BRACKETS.sub("", _REMARK.sub("", text))
    if _HAS_NUMERAL.search(text):
        text = _ORDINAL.sub("", _NUMBER.sub(_digits, text))
    if "--" in text:
        text = _DASHES.sub("-", text)
    return text.strip("-")


def _digits(found: re.Match[str]) -> str:
    value = number(found[1])
    # 五一 at the end of a name, or before a dash, is a word; 九〇一 there is a room.
    loose = found.end() == len(found.string) or found.string[found.end()] == "-"
    if value is None or (loose and len(found[1]) < 3):
        return found[0]
    return value


def number(word: str) -> str | None:
    """Digits for a Chinese numeral: 十二 → 12, 一百零三 → 103, 九〇一 → 901; None for none."""
    if not any(c in "十百廿" for c in word):
        return "".join(str(_DIGIT[c]) for c in word)
    word = word.replace("廿", "二十")
    total = 0
    if "百" in word:
        hundreds, _, word = word.partition("百")
        if hundreds and hundreds not in _DIGIT:
            return None
        total += 100 * (_DIGIT[hundreds] if hundreds else 1)
        word = word.lstrip("零〇○")
    if "十" in word:
        tens, _, word = word.partition("十")
        if tens and tens not in _DIGIT:
            return None
        total += 10 * (_DIGIT[tens] if tens else 1)
    if word and word not in _DIGIT:
        return None
    return str(total + (_DIGIT[word] if word else 0))
