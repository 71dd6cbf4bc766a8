"""Who keeps rows under an area's code, so that a redrawn area takes them along.

A room above declares what it keeps there: how to count it (for the preview, and before an area
that was opened by mistake is taken back) and, if its rows are moved, how. What is not moved stays
under the old code, which resolves to the areas that came after it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Moved:
    """A redrawing as the holders see it, after buildings, units and doors have moved.

    `old` are all closed codes, or open ones that gave stairwells away; `codes` says what became of
    those whose rows all go to one area. Rows of the others go by their unit
    (`places_unit.area_code`), or stay.
    """

    old: tuple[str, ...]
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Count:
    """So many rows of an area."""

    area_code: str
    items: int


#: `(tx, codes)`: rows under exactly these codes, in one statement.
Counting = Callable[[Tx, Sequence[str]], Awaitable[Sequence[Count]]]
#: `(tx, moved)`: give the rows their new codes, set-based, and say the facts; answers how many by
#: new code.
Moving = Callable[[Tx, Moved], Awaitable[Sequence[Count]]]


@dataclass(slots=True)
class Holder:
    """Something kept under area codes: `people.households`, 户. Without `move` its rows stay."""

    key: str
    name: str
    count: Counting
    move: Moving | None = None


_holders: dict[str, Holder] = {}


def holds(key: str, name: str) -> Callable[[Counting], Counting]:
    """Declare what a room keeps under area codes, with the function that counts it."""

    def register(function: Counting) -> Counting:
        if key in _holders:
            raise ValueError(f"holder {key} is declared twice")
        _holders[key] = Holder(key, name, function)
        return function

    return register


def moves(key: str) -> Callable[[Moving], Moving]:
    """Declare how its rows follow a redrawn area."""

    def register(function: Moving) -> Moving:
        if _holders[key].move is not None:
            raise ValueError(f"holder {key} is moved twice")
        _holders[key].move = function
        return function

    return register


def all_holders() -> Mapping[str, Holder]:
    """Every holder of the rooms imported so far, by key (lowest room first)."""
    return dict(_holders)
