"""What the system wrote down about something, kept as a sentence and its values.

A reason is written once and read by people of both languages, and by their successors. So the
row keeps the Chinese sentence with `{name}`s (the key of the catalogue) and what stands in them,
and whoever reads it gets it in their own language. As text:
`["规则{n}“{name}”:{when}",{"n":10,"name":"供水","when":["战时"]}]`. Whatever is not of that shape, a
person's own words or a row from before, is read as it stands.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import msgspec

from wangge.kernel.i18n import Locale, translate

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str, dict[str, Any]]).decode
_NAME = re.compile(r"\{(\w+)(?::([^{}|]*)\|([^{}|]*))?\}")
#: Sentences remembered in each language: rules, limits and classes repeat.
_REMEMBERED = 8_000


def said(sentence: str, /, **values: Any) -> str:
    """A sentence to keep. A value is a number, a text (looked up in the catalogue), another kept
    sentence, a list of those, or `both(…)`."""
    return _encode((sentence, values)).decode()


def both(zh: str, en: str) -> dict[str, str]:
    """A value that has its own English, such as a class's name."""
    return {"zh": zh, "en": en or zh}


def worded(locale: Locale, kept: str) -> str:
    """The kept sentence in a language; any other text unchanged."""
    return _worded(locale, kept) if kept.startswith('["') else kept


@lru_cache(maxsize=_REMEMBERED)
def _worded(locale: Locale, kept: str) -> str:
    try:
        sentence, values = _decode(kept)
    except msgspec.DecodeError:
        return kept

    def fill(found: "re.Match[str]") -> str:
        name, one, many = found.groups()
        if name not in values:
            return found.group()
        if many is not None:
            return str(one if str(values[name]) == "1" else many)
        return _value(locale, values[name])

    # Not str.format: the sentence may come from a row that somebody else wrote.
    return _NAME.sub(fill, translate(locale, sentence))


def _value(locale: Locale, value: Any) -> str:
    if isinstance(value, str):
        return worded(locale, value) if value.startswith('["') else translate(locale, value)
    if isinstance(value, dict):
        named = cast(dict[str, str], value)
        return named.get(locale) or named.get("zh", "")
    if isinstance(value, list):
        parts = cast(Sequence[object], value)
        return translate(locale, "、").join(_value(locale, one) for one in parts)
    return str(value)
