"""Which thing a row speaks of, among those of the register and those of the rows above. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from wangge.registers.kinds import Kind

#: Things offered when a row may mean several.
RIVALS_MAX = 6

#: What tells things of one name apart: a number, a door, a place in words.
Marks: TypeAlias = tuple[Any, ...]
#: One thing something is known by.
Handle: TypeAlias = tuple[Any, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Handles:
    """What a thing is known by. `key` is what there is once only (a plate, a door that is let),
    `code` may have several places."""

    key: Any
    code: str
    name: str
    marks: Marks

    @property
    def rank(self) -> int:
        """How surely it is told apart from others of its name: by its first mark (0 is the surest), or
        by none. What is told apart by the same kind of mark needs no other to be compared with."""
        return next((at for at, mark in enumerate(self.marks) if mark), len(self.marks))

    @property
    def joins(self) -> tuple[Handle, Handle]:
        """What shares one of these has to be judged together: the one of its kind, or all of a name
        with the same first mark; and all of one code (else the first once more)."""
        if self.key is not None:
            own: Handle = ("key", self.key)
            return own, own
        mark = self.marks[self.rank] if self.rank < len(self.marks) else ""
        spot: Handle = ("name", self.name, self.rank, mark)
        return spot, ("code", self.code) if self.code else spot

    @property
    def shape(self) -> Handle:
        """Its name, which kinds of marks it has, and whether it has a code."""
        if self.key is not None:
            return ("key", "")
        return ("shape", self.name, *(bool(mark) for mark in self.marks), bool(self.code))

    @property
    def others(self) -> tuple[Handle, ...]:
        """Marks after its first, by which what is told apart less surely may find it."""
        if self.key is not None:
            return ()
        return tuple(
            ("name", self.name, at, mark)
            for at, mark in enumerate(self.marks)
            if mark and at > self.rank
        )


@dataclass(frozen=True)
class Match(Generic[T]):
    """Which thing it is, `sure` (by a mark, a code) or for want of another; `several` when it may be more
    than one, `namesake` when only others of that name are there."""

    item: T | None = None
    sure: bool = True
    several: tuple[T, ...] = ()
    namesake: bool = False


class Held(Generic[T]):
    """Things by what they are known by: the one key; the code; else the name together with the first
    mark that both have. Looking one up costs the same whatever the number of namesakes."""

    def __init__(self) -> None:
        self._keys: dict[Any, T] = {}
        self._groups: dict[Any, dict[tuple[bool, ...], list[T]]] = {}
        self._marked: dict[Any, list[T]] = {}

    def add(self, of: Handles, item: T) -> None:
        if of.key is not None:
            self._keys.setdefault(of.key, item)
            return
        groups: list[Any] = [("name", of.name, bool(of.code))]
        if of.code:
            groups.append(("code", of.code))
        shape = tuple(bool(mark) for mark in of.marks)
        for group in groups:
            self._groups.setdefault(group, {}).setdefault(shape, []).append(item)
            for at, mark in enumerate(of.marks):
                if mark:
                    self._marked.setdefault((group, shape, at, mark), []).append(item)

    def find(self, of: Handles) -> Match[T]:
        if of.key is not None:
            return Match(self._keys.get(of.key))
        if of.code and (coded := self._groups.get(("code", of.code))):
            items = [item for group in coded.values() for item in group]
            if len(items) == 1:
                return Match(items[0])
            sure, _ = self._marked_as([("code", of.code)], of.marks)
            return Match(sure[0]) if len(sure) == 1 else _several(sure or items, sure=True)
        # Another code is another firm; one without a code may have got it since.
        groups: list[Any] = [("name", of.name, False)]
        if not of.code:
            groups.append(("name", of.name, True))
        sure, maybe = self._marked_as(groups, of.marks)
        if sure or maybe:
            found = sure or maybe
            if len(found) > 1:
                return _several(found, sure=bool(sure))
            return Match(found[0], bool(sure))
        return Match(namesake=any(self._groups.get(group) for group in groups))

    def _marked_as(self, groups: Sequence[Any], marks: Marks) -> tuple[list[T], list[T]]:
        """Those with the same mark, and those that share no kind of mark to compare; a few."""
        sure: list[T] = []
        maybe: list[T] = []
        for group in groups:
            for shape, items in self._groups.get(group, {}).items():
                at = next((n for n, has in enumerate(shape) if has and marks[n]), None)
                if at is None:
                    maybe += items[:RIVALS_MAX]
                else:
                    same = self._marked.get((group, shape, at, marks[at]), [])
                    sure += same[:RIVALS_MAX]
        return sure[:RIVALS_MAX], maybe[:RIVALS_MAX]


def _several(items: Sequence[T], *, sure: bool) -> Match[T]:
    return Match(None, sure, tuple(items[:RIVALS_MAX]))


def marks_of(
    kind: Kind, details: Mapping[str, Any], dwelling_id: UUID | None, location: str
) -> Marks:
    """The surest first. A shop is its door, however its place is put in words; several hydrants with
    numbers of their own stand at one door, and where they stand tells them apart."""
    if "number" in kind.by_name:
        return details.get("number"), location, dwelling_id
    return None, dwelling_id, location
