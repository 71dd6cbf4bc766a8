"""What a case can be found by. Two Chinese characters are enough: trigram indexes never serve
two-character searches (tech.md §1), so bigrams are made here.

Each mark begins with the period in which its case was reported, so that the index is read period
by period, newest first, and no further than a page is long: a word that a hundred thousand cases
share costs no more than one that a hundred do. A live case has each of its marks once more among
those of live cases.
"""

import re
from collections.abc import Iterable
from datetime import datetime

_RUN = re.compile(r"[㐀-鿿𠀀-𲎯]+|[0-9a-z]+", re.IGNORECASE)
#: How long a period is (10 days); they are counted from 1970, and negative before.
PERIOD_SECONDS = 864_000
#: Marks one case has at most (twice as many while it is live).
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
    reported_at: datetime,
    words: str,
    place: str,
    area_code: str,
    class_code: str | None,
    channel: str,
    platform: str | None,
    *,
    live: bool,
) -> list[str]:
    """Everything one case can be found by, with its period, and among what is live."""
    marks: Iterable[str] = [
        *areas(area_code),
        *facets(class_code, channel, platform),
        *bigrams(words),
        *bigrams(place),
    ]
    period = int(reported_at.timestamp() // PERIOD_SECONDS)
    bare = list(dict.fromkeys(marks))[:MARKS_MAX]
    found = [f"{period}:{mark}" for mark in bare]
    return [*found, *(f"live:{mark}" for mark in bare)] if live else found


def asked_facets(class_code: str, channel: str | None, platform: str | None) -> list[str]:
    """The marks of a filter; of a class the longest family that has one."""
    family = next((n for n in (5, 3, 1) if len(class_code) >= n), 0)
    return [
        *([f"c:{class_code[:family]}"] if family else []),
        *([f"h:{channel}"] if channel else []),
        *([f"p:{platform}"] if platform else []),
    ]


def asked(q: str) -> list[str]:
    """The marks a search text asks for; empty when it is too short to be found by."""
    return list(dict.fromkeys(bigrams(q)))[:ASKED_MAX]
