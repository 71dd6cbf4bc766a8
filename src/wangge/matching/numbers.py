"""Numbers as people type them, read strictly: a value, or the code of what is wrong.

Nothing is corrected silently. What was typed is cleaned of what only looks different (full-width
digits, spaces, dashes, the apostrophe and the ".0" that spreadsheets leave); whatever would change
a number is offered apart, by `id_repairs`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import Literal

Sex = Literal["male", "female"]

#: GB 11643-1999 §4.2.4 (ISO 7064 MOD 11-2): the weights of the first seventeen digits, and the
#: check characters by remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
#: What seventeen characters "0" weigh as bytes.
_NOUGHTS = 48 * sum(_WEIGHTS)

#: The first two digits that were ever given out (GB/T 2260): 31 provinces, 71 and 83 Taiwan,
#: 81 Hong Kong, 82 Macao. 9 begins the numbers of foreigners with permanent residence (the card
#: of 2023: 9, province, country), and 99, which no province has, those of invented people.
_PROVINCES = frozenset(
    (
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37",
        "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64",
        "65", "71", "81", "82", "83",
    )
)  # fmt: skip
#: Nobody alive was born before; a later year than this is a slip of the hand.
FIRST_YEAR, LAST_YEAR = 1880, 2100

#: What cells hold where there is nothing to hold.
NOTHING = frozenset(
    (
        "无", "没有", "不详", "不明", "未知", "空", "暂无", "缺", "未提供", "不清楚", "拒绝",
        "拒绝提供", "/", "\\", "-", "--", "---", "—", "——", "?", "??", "???", ".", "0", "null",
        "none", "nan", "n/a", "na",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class IdReading:
    """A resident identity number. `value` is its 18 characters with a capital X, or None when
    `problem` says why not:

    `empty`, `masked` (stars in it), `rounded` (a spreadsheet kept 15 digits and lost the rest),
    `characters`, `length`, `region`, `date`, `future` (born after `today`), `check`.

    `region` is the six digits of the first registration. `old15` tells that 15 digits were given
    (before 1999-10-01) and made into 18.
    """

    value: str | None
    birth: date | None = None
    sex: Sex | None = None
    region: str | None = None
    problem: str | None = None
    old15: bool = False


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """A telephone number: a mobile's 11 digits, a landline as `0574-87650000` (with `-801` for an
    extension), or without its area code when none was given.

    `problem`: `empty`, `masked`, `rounded`, `characters`, `length`, `prefix` (no such mobile
    number range or area code), `several` (ask `phones_in`).
    """

    value: str | None
    kind: Literal["mobile", "landline"] | None = None
    problem: str | None = None


def clean(text: object) -> str:
    """What was typed without what only looks different: NFKC (full-width digits, letters), no
    spaces, no invisible characters, no apostrophe in front, no `.0` of a spreadsheet's number."""
    if isinstance(text, bool) or text is None:
        return ""
    if isinstance(text, float):
        text = str(int(text)) if text.is_integer() and abs(text) < 1e21 else repr(text)
    text = str(text)
    if text.isascii() and text.isprintable():
        kept = text.replace(" ", "")
    else:
        kept = "".join(
            character
            for character in unicodedata.normalize("NFKC", text)
            if unicodedata.category(character)[0] not in "CZ"
        )
    kept = kept.lstrip("'’‘`\"").rstrip("'’\"")
    return kept[:-2] if kept.endswith(".0") and kept[:-2].isdigit() else kept


def _plain(text: object) -> tuple[str, str | None]:
    """Cleaned of separators too, and the problem that can be seen before any reading."""
    kept = clean(text)
    if kept.lower() in NOTHING or not kept:
        return "", "empty"
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", kept):
        return kept, "rounded"
    return re.sub(r"[-‐‑–—−_.·,、]", "", kept), None


# -- identity numbers --------------------------------------------------------------------------


def check_character(first17: str) -> str:
    """The eighteenth character that belongs to seventeen digits (GB 11643-1999)."""
    total = sum(map(mul, first17.encode("ascii"), _WEIGHTS)) - _NOUGHTS
    return _CHECKS[total % 11]


def read_id_number(text: object, *, today: date | None = None) -> IdReading:
    """Read a resident identity number of 18 or, from before 1999, 15 digits (GB 11643-1999)."""
    if isinstance(text, str) and _WRITTEN_18.fullmatch(text):
        return _right18(text.upper(), today)  # as nearly all are written
    number, problem = _plain(text)
    if problem:
        return IdReading(None, problem=problem)
    number = number.upper().replace("Х", "X").replace("×", "X")
    if "*" in number:
        return IdReading(None, problem="masked")
    if not re.fullmatch(r"[0-9]+X?", number) or not number.isascii():
        return IdReading(None, problem="characters")
    if len(number) == 15 and number.isdigit():
        first17 = number[:6] + "19" + number[6:]
        reading = _read18(first17 + check_character(first17), today)
        return IdReading(
            reading.value, reading.birth, reading.sex, reading.region, reading.problem, True
        )
    if len(number) != 18:
        return IdReading(None, problem="length")
    return _right18(number, today)


#: Nothing to be cleaned of, and no number of a spreadsheet's.
_WRITTEN_18 = re.compile(r"[0-9]{17}[0-9Xx]", re.ASCII)


def _right18(number: str, today: date | None) -> IdReading:
    reading = _read18(number, today)
    if reading.value is None and number.endswith("000"):
        # A spreadsheet keeps fifteen digits of a number; the last three are then zeros. A number
        # that ends so and is right is right all the same.
        return IdReading(None, problem="rounded")
    return reading


def _read18(number: str, today: date | None) -> IdReading:
    region = number[:6]
    if not _is_region(region):
        return IdReading(None, problem="region")
    born = _birth(number[6:14])
    if born is None:
        return IdReading(None, problem="date")
    if today is not None and born > today:
        return IdReading(None, problem="future")
    if check_character(number[:17]) != number[17]:
        return IdReading(None, problem="check")
    return IdReading(number, born, "male" if int(number[16]) % 2 else "female", region)


def _is_region(region: str) -> bool:
    return region[0] == "9" or region[:2] in _PROVINCES


def _birth(digits: str) -> date | None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return born if FIRST_YEAR <= born.year <= LAST_YEAR else None


def id_repairs(text: object, *, today: date | None = None) -> tuple[str, ...]:
    """The right numbers from which one slip of the hand makes this one, likeliest first.

    A slip is one character wrong, two neighbours swapped, one left out or one too many. Every
    answer passes check character, date and region. Nothing for a number that is right (no single
    slip makes one right number of another) and for what is further away. There are always several:
    which one is right only another sign can say (a register, a phone, a name).
    """
    number, problem = _plain(text)
    number = number.upper()
    if problem or not 17 <= len(number) <= 19 or not re.fullmatch(r"[0-9X]+", number):
        return ()
    if read_id_number(number, today=today).value:
        return ()
    found = dict.fromkeys(
        candidate
        for candidate in _slips(number)
        if _WRITTEN_18.fullmatch(candidate) and _read18(candidate, today).value is not None
    )
    return tuple(found)


def _slips(number: str) -> Iterator[str]:
    """Texts of 18 characters one slip away that the check character allows: swaps first, then digits
    that look alike. At every place one digit alone makes the whole right, so it is computed."""
    values = [10 if character == "X" else ord(character) - 48 for character in number]
    if len(number) == 18:
        off = (1 - sum(map(mul, values, _ALL_WEIGHTS))) % 11
        for at in range(17):
            one, next_ = values[at], values[at + 1]
            change = (next_ - one) * (_ALL_WEIGHTS[at] - _ALL_WEIGHTS[at + 1])
            if one != next_ and change % 11 == off:
                yield number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        others: list[str] = []
        for at, was in enumerate(number if off else ""):
            digit = _DIGITS[(values[at] + off * _INVERSES[at]) % 11]
            candidate = number[:at] + digit + number[at + 1 :]
            if digit in _NEAR.get(was, ""):
                yield candidate
            else:
                others.append(candidate)
        yield from others
        return
    before, after = 0, sum(map(mul, values[-17:], _ALL_WEIGHTS[-17:]))
    if len(number) == 17:
        for at in range(18):
            digit = _DIGITS[(1 - before - after) * _INVERSES[at] % 11]
            yield number[:at] + digit + number[at:]
            if at < 17:
                before += values[at] * _ALL_WEIGHTS[at]
                after -= values[at] * _ALL_WEIGHTS[at + 1]
        return
    after = sum(map(mul, values[1:], _ALL_WEIGHTS))
    for at in range(19):
        if (before + after) % 11 == 1:
            yield number[:at] + number[at + 1 :]
        if at < 18:
            before += values[at] * _ALL_WEIGHTS[at]
            after -= values[at + 1] * _ALL_WEIGHTS[at]


#: The check character is a digit like the others, of weight 1: the whole leaves 1 (ISO 7064).
_ALL_WEIGHTS = (*_WEIGHTS, 1)
_INVERSES = tuple(pow(weight, -1, 11) for weight in _ALL_WEIGHTS)
_DIGITS = "0123456789X"
#: Digits taken for one another in handwriting and print, or beside one another on a keypad.
_NEAR = {
    "0": "6895", "1": "7429", "2": "7135", "3": "8526", "4": "9175", "5": "6348",
    "6": "0583", "7": "1248", "8": "3069", "9": "4086", "X": "",
}  # fmt: skip

# -- telephones --------------------------------------------------------------------------------

#: Area codes of three digits; all others have four (02 begins eight big cities).
_CITY = re.compile(r"010|02[0-57-9]")
WRITTEN_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_SPLIT = re.compile(r"[/、,;;,|和或\n]+")


def read_phone(text: object) -> PhoneReading:
    """Read one telephone number, with or without +86, spaces, dashes, brackets, an extension."""
    if isinstance(text, str) and WRITTEN_MOBILE.fullmatch(text):
        return PhoneReading(text, "mobile")  # as nearly all are written
    kept = clean(text)
    if not kept or kept.lower() in NOTHING:
        return PhoneReading(None, problem="empty")
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", kept):
        return PhoneReading(None, problem="rounded")
    if "*" in kept:
        return PhoneReading(None, problem="masked")
    if len([part for part in _SPLIT.split(kept) if len(re.sub(r"\D", "", part)) >= 7]) > 1:
        return PhoneReading(None, problem="several")
    kept = re.sub(r"^(手机|电话|联系电话|手机号码?|座机|固话|tel|TEL|Tel)[::.]?", "", kept)
    kept, extension = _extension(kept)
    if not re.fullmatch(r"\+?[0-9()\-‐‑–—−_.·]+", kept):
        return PhoneReading(None, problem="characters")
    digits = re.sub(r"\D", "", kept)
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) >= 10:
            digits = digits.removeprefix(prefix)
            if digits[0] not in "01" and len(digits) >= 10:
                digits = "0" + digits  # +86 574 8765 0000 leaves out the area code's nought
            break
    if len(digits) == 12 and digits.startswith("01") and digits[2] != "0":
        digits = digits[1:]  # a nought before a mobile number, from the days of long distance
    if len(digits) == 11 and digits[0] == "1":
        if digits[1] in "012":
            return PhoneReading(None, problem="prefix")
        return PhoneReading(digits, "mobile")
    if digits.startswith("0"):
        return _landline(digits, extension)
    if len(digits) in (7, 8) and digits[0] not in "01":
        return PhoneReading(digits + extension, "landline")
    if len(digits) == 10 and digits[:3] in ("400", "800"):
        return PhoneReading(digits + extension, "landline")
    return PhoneReading(None, problem="length")


def _extension(kept: str) -> tuple[str, str]:
    """The number and `-801`, from 转801, ext.801 or a third group after a dash."""
    said = re.fullmatch(r"(.+?)(?:转|分机|ext\.?|x)[::]?(\d{1,6})", kept, re.IGNORECASE)
    if said:
        return said[1], f"-{said[2]}"
    grouped = re.fullmatch(r"(\(?0\d{2,3}\)?-?[2-9]\d{6,7})-(\d{1,5})", kept)
    return (grouped[1], f"-{grouped[2]}") if grouped else (kept, "")


def _landline(digits: str, extension: str) -> PhoneReading:
    size = 3 if _CITY.match(digits) else 4
    if len(digits) < size + 7:
        return PhoneReading(None, problem="length")
    if digits[1] in "01" and not digits.startswith("010"):
        return PhoneReading(None, problem="prefix")
    rest = digits[size:]
    if len(rest) not in (7, 8):
        return PhoneReading(None, problem="length")
    if rest[0] in "01":
        return PhoneReading(None, problem="prefix")
    return PhoneReading(f"{digits[:size]}-{rest}{extension}", "landline")


def phones_in(text: object) -> tuple[PhoneReading, ...]:
    """Every number in a cell that may hold several: `19900001234/0574-87650000`."""
    parts = [part for part in _SPLIT.split(clean(text)) if part]
    readings = tuple(read_phone(part) for part in parts)
    return readings or (PhoneReading(None, problem="empty"),)
