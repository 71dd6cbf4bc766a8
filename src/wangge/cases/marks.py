"""What a case can be found by. Two Chinese characters are enough: trigram indexes never serve
two-character searches (tech.md §1), so bigrams are made here."""

import re
from collections.abc import Iterable

_RUN = re.compile(r"[㐀-鿿𠀀-𲎯]+|[0-9a-z]+", re.IGNORECASE)
#: Marks one case has at most.
MARKS_MAX = 400
#: Marks one search asks for at most; a longer text is recognised by its beginning.
ASKED_MAX = 24


def bigrams(text: str) -> list[str]:
    """Pairs of neighbouring Chinese characters, and Latin or number words in lower case."""
    found: list[str] = []
    for run in _RUN.findall(text.lower()):
        if run[0].isascii():
            found.append(run[:40])
        else:
            found.extend(run[at : at + 2] for at in range(len(run) - 1))
    return found


def receipt_mark(text: str) -> str | None:
    """A receipt number, however it was typed."""
    bare = re.sub(r"[\s\-]", "", text).upper()
    if re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{12}", bare):
        return f"{bare[:4]}-{bare[4:8]}-{bare[8:]}"
    return None


def facets(class_code: str | None, channel: str, platform: str | None) -> list[str]:
    """Marks for filters: class and its families, channel, platform."""
    marks = [f"h:{channel}"]
    if platform:
        marks.append(f"p:{platform}")
    if class_code:
        marks += [f"c:{class_code[:n]}" for n in (1, 3, 5)]
        marks.append(f"c:{class_code}")
    return marks


def areas(area_code: str) -> list[str]:
    """Marks for the street and the community a case lies in."""
    return [f"a:{area_code[:n]}" for n in (9, 12) if len(area_code) >= n]


def marks_of(
    words: str,
    place: str,
    area_code: str,
    class_code: str | None,
    channel: str,
    platform: str | None,
) -> list[str]:
    """Everything one case can be found by."""
    marks: Iterable[str] = [
        *areas(area_code),
        *facets(class_code, channel, platform),
        *bigrams(words),
        *bigrams(place),
    ]
    return list(dict.fromkeys(marks))[:MARKS_MAX]


def asked(q: str) -> list[str]:
    """The marks a search text asks for; empty when it is too short to be found by."""
    return list(dict.fromkeys(bigrams(q)))[:ASKED_MAX]
