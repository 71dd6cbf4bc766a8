"""Rows of one list that speak of one person.

What a row says is told under keys; a later row asks for keys of its own. Whoever holds the keys, a
dict for a list in memory or a table for one that is read in bites, answers with the first row that
told each.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from wangge.matching.linking.model import Said

#: What a row is found again by: `person` (of the register), `id`, `named` (a number that a name stands
#: beside: of a card, a telephone, a door), and what follows.
Key = tuple[str, Hashable, Hashable]
#: A key as whoever holds them keeps it.
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Meant:
    """A row, and whom of the register it means."""

    number: int
    said: Said
    target: Hashable | None = None


@dataclass(frozen=True, slots=True)
class First:
    """The first row that told a key: whom it means, whether it has a right number of its own."""

    number: int
    target: Hashable | None
    numbered: bool


def tells(row: Meant) -> Iterator[Key]:
    """What a row is found again by."""
    said = row.said
    if row.target is not None:
        yield ("person", "", row.target)
    if said.id_key is not None:
        yield ("id", "", said.id_key)
        if said.name:
            yield ("id", said.name, said.id_key)
    yield from _beside(said)


def asks(row: Meant) -> Iterator[tuple[Key, str]]:
    """What a row asks for, the surest first, and why they are one: as in `again`."""
    said = row.said
    if row.target is not None:
        yield ("person", "", row.target), "person"
    if said.id_key is not None:
        yield ("id", "", said.id_key), "id"
    elif said.name:
        for slip in said.slips:
            yield ("id", said.name, slip), "id_slip"
    for key in _beside(said):
        yield key, "phone_name"


def _beside(said: Said) -> Iterator[Key]:
    if said.name:
        for phone in said.phones:
            yield ("phone", said.name, phone)
        if said.door is not None:
            yield ("door", said.name, said.door)


def again(
    row: Meant, asked: Sequence[tuple[K, str]], there: Mapping[K, First]
) -> tuple[int, str]:
    """The first row of the same person and why, or (0, ""). Two people of the register who are alike
    are two.

    `person`: both are one of the register; `id`: one right number; `id_slip`: a number one slip from
    the other's, and one name; `phone_name`: one name, one telephone or door, numbers that do not
    contradict; `two_ids`: the same, and two right numbers: one person under two, or two people.
    """
    for key, why in asked:
        first = there.get(key)
        if first is None or first.number == row.number:
            continue
        if None not in (first.target, row.target) and first.target != row.target:
            continue
        if why == "phone_name" and row.said.id_key is not None and first.numbered:
            why = "two_ids"
        return first.number, why
    return 0, ""


def first_of(row: Meant) -> First:
    """A row as later ones meet it."""
    return First(row.number, row.target, row.said.id_key is not None)


def twice(rows: Sequence[Meant]) -> list[tuple[int, int, str]]:
    """Rows of a list in memory that speak of one person: the later row's number, the first one's,
    why."""
    there: dict[Key, First] = {}
    found: list[tuple[int, int, str]] = []
    for row in rows:
        first, why = again(row, list(asks(row)), there)
        if first:
            found.append((row.number, first, why))
        mine = first_of(row)
        for key in tells(row):
            there.setdefault(key, mine)
    return found
