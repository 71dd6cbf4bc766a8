"""What a roster is made of: days, shifts, posts, people, needs; and the entries it consists of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from wangge.solvers.fatigue import DAY, Limits, Stint


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift of every day: minutes after the day's midnight; a night shift `ends` past 1,440."""

    id: str
    name: str
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Post:
    """Somewhere people stand. A `gate` must never be empty: it is filled before any other."""

    id: str
    name: str
    skill: str = ""
    gate: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """So many people at a post in one shift of one day (0: the first)."""

    day: int
    shift: str
    post: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for: a day, or one shift of it; `like`: to have it, else to be spared."""

    day: int
    shift: str | None
    like: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by an id, never by a name. `away`: days (ill, on leave). `before`: stints already in
    the books, in minutes from the first day's midnight; `nights_before`, `shifts_before`: what the
    weeks before brought, so that fairness goes over weeks."""

    id: str
    skills: frozenset[str] = frozenset()
    away: frozenset[int] = frozenset()
    most: int | None = None
    wishes: tuple[Wish, ...] = ()
    before: tuple[Stint, ...] = ()
    nights_before: int = 0
    shifts_before: int = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much beside one empty post, which is 1,000. All others are small, so that no
    wish leaves a post empty."""

    gate: int = 10_000
    post: int = 1_000
    change: int = 20
    wish: int = 3
    fair: int = 2


@dataclass(frozen=True)
class Problem:
    """A period of so many days. `limits` bind everybody; `most_shifts` in the period too."""

    days: int
    shifts: tuple[Shift, ...]
    posts: tuple[Post, ...]
    people: tuple[Person, ...]
    needs: tuple[Need, ...]
    limits: Limits = field(default_factory=Limits)
    most_shifts: int | None = None
    weights: Weights = field(default_factory=Weights)
    #: What a skill is called in sentences.
    skill_names: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def shift_of(self) -> Mapping[str, Shift]:
        return {one.id: one for one in self.shifts}

    @cached_property
    def post_of(self) -> Mapping[str, Post]:
        return {one.id: one for one in self.posts}

    @cached_property
    def person_of(self) -> Mapping[str, Person]:
        return {one.id: one for one in self.people}

    def stint(self, day: int, shift: str) -> Stint:
        """When a shift of a day is, in minutes from the first day's midnight."""
        one = self.shift_of[shift]
        return Stint(day * DAY + one.begins, day * DAY + one.ends)


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One person at one post in one shift of one day."""

    day: int
    shift: str
    post: str
    person: str
