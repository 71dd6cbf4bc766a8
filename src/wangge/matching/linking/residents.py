"""A register in memory, asked for a whole list at once.

The keys of the list are gathered first and the register is walked once: a list is a hundredth of a
register, so an index of the list costs a hundredth of one of the register.
"""

from collections import Counter
from collections.abc import Container, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from typing import Any

from wangge.matching.linking.model import Known, Said

#: A telephone or a door that more people share is no evidence, and finds nobody: a village's one
#: phone, a dormitory's door.
SHARED_MAX = 40
#: Namesakes shown to a row about whom nothing else is known.
NAMESAKES_MAX = 8


@dataclass(frozen=True, slots=True)
class Residents:
    """A register by columns, all equally long; None or "" where nothing is known."""

    names: Sequence[str]
    ids: Sequence[Hashable | None]
    phones: Sequence[Hashable | None]
    births: Sequence[date | None]
    sexes: Sequence[str]
    doors: Sequence[Hashable | None]

    def __len__(self) -> int:
        return len(self.names)

    def known(self, at: int) -> Known:
        """One person; `ref` is the place in the columns."""
        born = self.births[at]
        return Known(
            at,
            self.names[at],
            self.ids[at],
            self.phones[at],
            born,
            born.year if born else None,
            self.sexes[at],
            self.doors[at],
        )

    def near(self, rows: Sequence[Said]) -> list[list[Known]]:
        """For each row everybody who has its number, one of its slips or its telephone."""
        ids: dict[Hashable, list[int]] = {}
        phones: dict[Hashable, list[int]] = {}
        for at, said in enumerate(rows):
            for key in (said.id_key,) if said.id_key is not None else said.slips:
                ids.setdefault(key, []).append(at)
            for key in said.phones:
                phones.setdefault(key, []).append(at)
        found: list[dict[int, None]] = [{} for _ in rows]
        _fill(found, ids, self.ids, None)
        _fill(found, phones, self.phones, SHARED_MAX)
        return self._people(found)

    def behind(self, doors: Iterable[Hashable | None]) -> dict[Hashable, list[Known]]:
        """Everybody who lives behind each of these doors, by the door."""
        wanted = dict.fromkeys(door for door in doors if door is not None)
        found: dict[Hashable, list[Known]] = {}
        if not wanted:
            return found
        for at in _places(self.doors, wanted):
            found.setdefault(self.doors[at], []).append(self.known(at))
        return {door: people for door, people in found.items() if len(people) <= SHARED_MAX}

    def _people(self, found: Sequence[dict[int, None]]) -> list[list[Known]]:
        people: dict[int, Known] = {}
        for here in found:
            for at in here:
                if at not in people:
                    people[at] = self.known(at)
        return [[people[at] for at in here] for here in found]

    def namesakes(self, rows: Sequence[Said]) -> list[list[Known]]:
        """For each row people of its name whose birthday, year or sex does not contradict: for whoever
        has to ask, never for a link."""
        wanted: dict[str, list[int]] = {}
        for at, said in enumerate(rows):
            if said.name:
                wanted.setdefault(said.name, []).append(at)
        found: list[list[Known]] = [[] for _ in rows]
        if not wanted:
            return found
        for at in _places(self.names, wanted):
            for row in wanted[self.names[at]]:
                said, born = rows[row], self.births[at]
                if said.birth is not None and born is not None and said.birth != born:
                    continue
                if len(found[row]) < NAMESAKES_MAX:
                    found[row].append(self.known(at))
        return found


def _places(column: Sequence[Hashable | None], wanted: Container[Any]) -> list[int]:
    return list(compress(range(len(column)), map(wanted.__contains__, column)))


def _fill(
    found: list[dict[int, None]],
    wanted: dict[Hashable, list[int]],
    column: Sequence[Hashable | None],
    most: int | None,
) -> None:
    if not wanted:
        return
    places = _places(column, wanted)
    shared = Counter(column[at] for at in places)
    for at in places:
        key = column[at]
        if key is not None and (most is None or shared[key] <= most):
            for row in wanted[key]:
                found[row][at] = None
