"""Words: Chinese is written in the code, other languages come from the rooms' catalogues.

A catalogue is `src/wangge/<room>/locale/en*.json`, an object of Chinese to English. The Chinese
sentence is the key, so that a template reads as the page does; a test finds every `_("…")` and
demands its English. Where a language has a singular, `{n} door{n:|s}` is “1 door” and “2 doors”.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal

Locale = Literal["zh", "en"]
LOCALES: tuple[Locale, ...] = ("zh", "en")


@cache
def catalogue(locale: Locale) -> dict[str, str]:
    """All rooms' words in one language. Chinese needs none: it is the key."""
    if locale == "zh":
        return {}
    words: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.parent.glob(f"*/locale/{locale}*.json")):
        words.update(json.loads(path.read_text(encoding="utf-8")))
    return words


def translate(locale: Locale, text: str, /, **values: Any) -> str:
    """The text in that language, with `{name}` filled in. Unknown text stays Chinese."""
    said = catalogue(locale).get(text, text)
    if not values:
        return said
    shown = {
        key: translate(locale, value) if isinstance(value, str) else value
        for key, value in values.items()
    }
    return _WORDS.vformat(said, (), shown) if "|" in said else said.format(**shown)


class _Words(Formatter):
    """Fills in sentences; `{n:is|are}` is the word for one, and that for any other number."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        one, bar, many = format_spec.partition("|")
        if not bar:
            return super().format_field(value, format_spec)
        return one if str(value) == "1" else many


_WORDS = _Words()


def translator(locale: Locale) -> Callable[..., str]:
    """`_` for a template or a command."""

    def _(text: str, /, **values: Any) -> str:
        return translate(locale, text, **values)

    return _


def best_locale(accept_language: str | None, chosen: str | None = None) -> Locale:
    """The person's choice, else the browser's, else Chinese."""
    if chosen in LOCALES:
        return chosen
    for part in (accept_language or "").lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh"
