"""What a column holds, by what stands in its cells: for tables whose headings do not say."""

import re
from collections.abc import Callable, Sequence

from wangge.matching import read_id_number, read_phone
from wangge.matching.names import is_han, note_of
from wangge.people import words

#: A column is what this part of its filled cells is.
MOST = 0.7
FULL_DOOR = re.compile(
    r"\d+\s*[-—–－_/\\.#]\s*\d+\s*[-—–－_/\\.#]\s*\d+|[幢栋座#].*\d|单元.*\d|号楼.*\d"
)


def mostly(cells: Sequence[str], holds: Callable[[str], object]) -> bool:
    """Whether that holds for most of a column's filled cells."""
    return sum(bool(holds(cell)) for cell in cells) >= MOST * len(cells)


def is_id_number(cell: str) -> object:
    """A right identity number."""
    return read_id_number(cell).value


def is_mobile(cell: str) -> bool:
    """A right mobile telephone number."""
    return read_phone(cell).kind == "mobile"


def is_door(cell: str) -> object:
    """Something with a house and a room in it."""
    return len(cell) < 60 and FULL_DOOR.search(cell)


def looks_a_name(cell: str) -> bool:
    """A Chinese name, or what looks like one."""
    name, _ = note_of(cell)
    return (
        is_han(name)
        and 2 <= len(name) <= (12 if "·" in name else 4)
        and words.narrow(cell) not in words.RELATIONS
        and not any(character.isdigit() for character in name)
    )
