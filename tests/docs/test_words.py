"""One Chinese sentence has one English: the catalogues of all rooms are read as one."""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "wangge"


def told_twice(catalogues: Mapping[str, Mapping[str, str]]) -> dict[str, set[str]]:
    """Sentences with more than one English."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for words in catalogues.values():
        for chinese, english in words.items():
            found[chinese].add(english)
    return {chinese: said for chinese, said in found.items() if len(said) > 1}


def test_no_sentence_has_two_translations() -> None:
    catalogues = {
        str(path.relative_to(SOURCE)): json.loads(path.read_text(encoding="utf-8"))
        for path in SOURCE.glob("*/locale/en*.json")
    }
    assert len(catalogues) > 10
    assert told_twice(catalogues) == {}, "the last one read would win, for every room"


def test_two_translations_are_found() -> None:
    assert told_twice({"a": {"停用": "Close"}, "b": {"停用": "Disable", "好": "Good"}}) == {
        "停用": {"Close", "Disable"}
    }
