"""What an import has read so far: who was named where, and which household a door has by now.

A bite asks it for the rows before it. It is held in the process that takes the bites, and made
again from the lines when another goes on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

#: Number of the row and part of it.
Spot = tuple[int, int]


@dataclass(slots=True)
class Household:
    """A household of the table: its first row, and whether its head was named."""

    home: int
    head: bool


@dataclass(slots=True)
class Seen:
    """Marks → the first line that had them, with its door; doors → their latest household."""

    upto: int = 0
    marks: dict[int, tuple[Spot, int]] = field(default_factory=dict[int, tuple[Spot, int]])
    doors: dict[int, Household] = field(default_factory=dict[int, Household])

    def add(
        self, spot: Spot, door: int, marks: Iterable[int], home: int, *, head: bool
    ) -> None:
        """A line, in the order of the table."""
        for mark in marks:
            self.marks.setdefault(mark, (spot, door))
        held = self.doors.get(door)
        if held is None or held.home != home:
            self.doors[door] = Household(home, head)
        else:
            held.head = held.head or head
        self.upto = max(self.upto, spot[0])


_held: dict[UUID, Seen] = {}
#: Imports whose rows are remembered at a time.
_HELD_MAX = 4


def held(import_id: UUID, upto: int) -> Seen | None:
    """What this process remembers of an import up to that row, if it does."""
    found = _held.get(import_id)
    return found if found is not None and found.upto == upto else None


def hold(import_id: UUID, seen: Seen) -> None:
    """Remember it for the next bite."""
    _held.pop(import_id, None)
    _held[import_id] = seen
    while len(_held) > _HELD_MAX:
        _held.pop(next(iter(_held)))


def drop(import_id: UUID) -> None:
    """A bite that fails must not leave what it read behind."""
    _held.pop(import_id, None)
