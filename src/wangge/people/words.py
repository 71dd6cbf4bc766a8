"""What people write for our codes: relations, sexes, registrations, tenures, needs.

A need is noted by what somebody needs, never by why: a word that names an illness is read as the
help it asks for, and words that say what somebody is (a former prisoner, a patient of some
hospital) are not read at all (个人信息保护法 Art. 6, 28).
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any


def _read() -> dict[str, Any]:
    path = resources.files("wangge.people").joinpath("data", "words.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _codes(said: Mapping[str, str]) -> dict[str, str]:
    return {word: code for code, words in said.items() for word in words.split()}


_DATA = _read()
RELATIONS: Mapping[str, str] = _codes(_DATA["relation"])
SEXES: Mapping[str, str] = _codes(_DATA["sex"])
HUKOU: Mapping[str, str] = _codes(_DATA["hukou"])
TENURES: Mapping[str, str] = _codes(_DATA["tenure"])
HOME_KINDS: Mapping[str, str] = _codes(_DATA["home_kind"])
#: Words that say nobody lives there, and those of a cell that says nothing.
EMPTY_HOME = frozenset(_DATA["empty_home"].split())
NOTHING = frozenset(_DATA["nothing"].split())
#: What people say in a chat that is nobody's name.
TALK = frozenset(_DATA["talk"].split())
#: Offices, trades and forms of address: who is called so wrote, and is not named.
OFFICES = re.compile(_DATA["offices"])
#: A pattern of what is written → the need it asks for; the first that is found counts.
_NEEDS = tuple((code, re.compile(pattern)) for code, pattern in _DATA["needs"].items())
_PARTS = re.compile(r"[、,,;;/\s|+]+")


@lru_cache(maxsize=1 << 12)
def narrow(text: str) -> str:
    """NFKC, small letters, no spaces: what words are looked up by."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def said(words: Mapping[str, str], text: str, own: Mapping[str, str]) -> str | None:
    """The code of a word; `own` are the importer's explanations. None for one we do not know."""
    if text in own:
        return own[text] or None
    key = narrow(text)
    return words.get(key) or words.get(re.sub(r"\(.*?\)|\d+", "", key))


def needs(text: str, own: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The needs that a cell names, and the words that name none."""
    found: list[str] = []
    unknown: list[str] = []
    for part in filter(None, _PARTS.split(unicodedata.normalize("NFKC", text))):
        if part in own:
            found += [own[part]] if own[part] else []
            continue
        if part.lower() in NOTHING:
            continue
        code = next((code for code, pattern in _NEEDS if pattern.search(part)), None)
        if code is None:
            unknown.append(part)
        else:
            found.append(code)
    return list(dict.fromkeys(found)), unknown
