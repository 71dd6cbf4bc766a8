"""Codes of tubes that are printed beforehand: `KXTM-00012A`, five digits counted up in a round.

The four letters before them are the round's own, so that what is left over from another day is
told by looking; the last character checks all others, so that a code typed wrongly is refused
before the tube is closed. The phone reads them by the same rules (`tubes.js`).
"""

import re
from uuid import UUID

#: No letter that is read as a digit.
STEM = "ABCDEFGHJKLMNPRTUVWX"
_CHARACTERS = "0123456789" + STEM
_OURS = re.compile(r"^[A-Z]{4}-\d{5}[0-9A-Z]$")


def stem(round_id: UUID) -> str:
    """Four letters, from the end of a round's id."""
    rest, letters = int(round_id.hex[-8:], 16), ""
    for _ in range(4):
        rest, at = divmod(rest, len(STEM))
        letters += STEM[at]
    return letters


def check(text: str) -> str:
    """ISO/IEC 7064's hybrid system (as MOD 37,36) over these 30 characters: one wrong is always
    seen, two swapped nearly always. Strokes do not count."""
    product = 30
    for character in text.replace("-", ""):
        total = (product + _CHARACTERS.index(character)) % 30
        product = (total or 30) * 2 % 31
    return _CHARACTERS[(31 - product) % 30]


def code(round_id: UUID, number: int) -> str:
    """The code of a round's n-th label."""
    body = f"{stem(round_id)}-{number:05d}"
    return body + check(body)


def misread(round_id: UUID, text: str) -> bool:
    """Whether a code is of this round's labels and typed wrongly. What a laboratory printed itself
    has its own rules."""
    ours = _OURS.match(text) is not None and text.startswith(stem(round_id))
    return ours and check(text[:-1]) != text[-1]
