"""A row's texts read as what it says."""

from collections.abc import Callable, Hashable
from datetime import date

from wangge.matching.dates import read_date
from wangge.matching.linking.model import Said
from wangge.matching.names import note_of
from wangge.matching.numbers import (
    WRITTEN_MOBILE,
    clean,
    id_repairs,
    phones_in,
    read_id_number,
)

Key = Callable[[str], Hashable]


def itself(number: str) -> Hashable:
    """A number as its own key: for a register whose numbers lie open, as in a file."""
    return number


def say(
    name: str,
    id_number: str,
    phone: str,
    *,
    today: date,
    sex: str = "",
    age: str = "",
    birth: str = "",
    door: Hashable | None = None,
    id_key: Key = itself,
    phone_key: Key = itself,
) -> Said:
    """Read one row. `sex` is `male`, `female` or ""; `id_key` and `phone_key` make keys of right
    numbers, as the register's are."""
    number = read_id_number(id_number, today=today)
    slips = (
        () if number.value or number.problem == "empty" else id_repairs(id_number, today=today)
    )
    born, sure = number.birth, True
    if born is None:
        born = read_date(birth).value if birth else None
    if born is None and number.problem not in (None, "empty"):
        born, sure = _readable_day(id_number), False
    return Said(
        note_of(name)[0],
        id_key(number.value) if number.value else None,
        frozenset(map(id_key, slips)),
        number.value is None and number.problem != "empty",
        _phones(phone, phone_key),
        born,
        sure,
        number.sex or sex,
        _age(age),
        door,
    )


def _readable_day(id_number: str) -> date | None:
    """The day that stands in a number which is not right."""
    digits = clean(id_number)
    if len(digits) != 18 or not digits[6:14].isascii() or not digits[6:14].isdigit():
        return None
    return read_date(digits[6:14]).value


def _phones(text: str, key: Key) -> tuple[Hashable, ...]:
    if WRITTEN_MOBILE.fullmatch(text):
        return (key(text),)  # as nearly all are written
    return tuple(key(one.value) for one in phones_in(text) if one.value) if text else ()


def _age(text: str) -> int | None:
    digits = text
    if not (text.isascii() and text.isdigit()):
        digits = clean(text).removesuffix("岁").removesuffix("周")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 3):
        return None
    return int(digits) if int(digits) <= 130 else None
