"""One spelling for what is written in many: digits, dashes, and Chinese numerals before a type word."""

import re
import unicodedata
from functools import lru_cache

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー-﹣﹘~～_/\\|"), "-")
_DROPPED = dict.fromkeys(map(ord, "'\"“”‘’`^"), None)
_DOTS = dict.fromkeys(map(ord, ",，、。;；:：．·•"), "-")
_TABLE = (
    _DASHES
    | _DROPPED
    | _DOTS
    | {
        ord("♯"): "#",
        ord("﹟"): "#",
        ord("№"): "",
        ord("["): "(",
        ord("]"): ")",
        ord("【"): "(",
        ord("】"): ")",
        ord("〔"): "(",
        ord("〕"): ")",
        ord("棟"): "栋",
        ord("憧"): "幢",
        ord("撞"): "幢",
        ord("橦"): "幢",
        ord("楝"): "栋",
        ord("號"): "号",
        ord("樓"): "楼",
        ord("單"): "单",
        ord("层"): "层",
        ord("層"): "层",
    }
)
_DIGIT = {character: n for n, character in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "两": 2,
}
_NUMERAL = "〇零○一二三四五六七八九十百廿两"
#: Words that a number before them counts.
_COUNTED = "幢|栋|座|单|号|楼|层|室|房|户|门|弄|巷|组|队|区|期|村|梯|排|#|-|$"
_NUMBER = re.compile(rf"第?([{_NUMERAL}]+)(?={_COUNTED})")
_ORDINAL = re.compile(r"第(?=\d)")
_SPACE_IN_NUMBERS = re.compile(r"(?<=[0-9A-Za-z])\s+(?=[0-9])")


@lru_cache(maxsize=1 << 16)
def normal(text: str) -> str:
    """The one spelling: NFKC, capitals, `-` for every dash, comma and gap between numbers, digits
    for numerals that count something (七幢 → 7幢, 九〇一 → 901), no spaces."""
    text = unicodedata.normalize("NFKC", text)
    text = _SPACE_IN_NUMBERS.sub("-", text.strip())
    text = "".join(c for c in text if unicodedata.category(c)[0] not in "CZ").upper()
    text = text.translate(_TABLE)
    if not text.isascii():
        text = _NUMBER.sub(_digits, text)
        text = _ORDINAL.sub("", text)
    text = re.sub(r"\.(?=\d)", "-", text)
    return re.sub(r"-{2,}", "-", text).strip("-.")


def _digits(found: re.Match[str]) -> str:
    value = number(found[1])
    # 五一 at the end of a name is not 51 of anything: a single numeral there stays a word.
    at_end = found.end() == len(found.string)
    if value is None or (at_end and len(found[1]) < 3):
        return found[0]
    return value


def number(word: str) -> str | None:
    """Digits for a Chinese numeral: 十二 → 12, 二十一 → 21, 一百零三 → 103, 九〇一 → 901."""
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
        if (tens and tens not in _DIGIT) or (word and word not in _DIGIT):
            return None
        return str(total + 10 * (_DIGIT[tens] if tens else 1) + (_DIGIT[word] if word else 0))
    if word and word not in _DIGIT:
        return None
    return str(total + (_DIGIT[word] if word else 0))
