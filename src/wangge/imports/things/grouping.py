"""Which rows stand together because they share a mark. Pure."""

from collections.abc import Iterable


class Groups:
    """Rows joined by marks; a group is called by its first row."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}
        self._of_mark: dict[int, int] = {}

    def add(self, number: int, marks: Iterable[int]) -> None:
        """A row with what it is known by."""
        self._above.setdefault(number, number)
        for mark in marks:
            met = self._of_mark.setdefault(mark, number)
            self._join(met, number)

    def first(self, number: int) -> int:
        """The first row of the group it is in."""
        top = number
        while self._above[top] != top:
            top = self._above[top]
        while self._above[number] != top:
            self._above[number], number = top, self._above[number]
        return top

    def _join(self, one: int, other: int) -> None:
        low, high = sorted((self.first(one), self.first(other)))
        self._above[high] = low
