"""What happened to hours. Whose they are stays behind the stint's id."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class StintNoted(Fact):
    """A stint is planned or worked; `version` is 1 for a new one."""

    stint_id: UUID
    area_code: str
    state: str
    version: int


@dataclass(frozen=True, slots=True)
class StintCancelled(Fact):
    stint_id: UUID
    area_code: str
    version: int


@dataclass(frozen=True, slots=True)
class LimitPassed(Fact):
    """Somebody worked beyond the limits, and nobody has answered for it yet."""

    stint_id: UUID
    area_code: str
    version: int
    kinds: str


@dataclass(frozen=True, slots=True)
class LimitAnswered(Fact):
    """A named person answers for a stint that was worked beyond the limits."""

    stint_id: UUID
    area_code: str
    by_id: UUID


@dataclass(frozen=True, slots=True)
class LimitOverridden(Fact):
    """A named person let a stint pass beyond the limits. `kinds` are codes with commas between."""

    stint_id: UUID
    area_code: str
    version: int
    by_id: UUID
    kinds: str


@dataclass(frozen=True, slots=True)
class RosterDrawn(Fact):
    """Somebody began a roster of `days` days."""

    roster_id: UUID
    area_code: str
    days: int


@dataclass(frozen=True, slots=True)
class RosterChanged(Fact):
    """A draft has another version; nobody is told yet."""

    roster_id: UUID
    area_code: str
    version: int


@dataclass(frozen=True, slots=True)
class RosterAsked(Fact):
    """Somebody wants it worked out: `make`, or `mend` with the fewest changes."""

    roster_id: UUID
    area_code: str
    asked: str


@dataclass(frozen=True, slots=True)
class RosterReady(Fact):
    """It is worked out; so many places stay empty."""

    roster_id: UUID
    area_code: str
    version: int
    empty: int


@dataclass(frozen=True, slots=True)
class RosterPublished(Fact):
    """People go by this version; so many stints came and went. Version 0: it was taken back."""

    roster_id: UUID
    area_code: str
    version: int
    came: int
    went: int
    undone: bool


@dataclass(frozen=True, slots=True)
class RosterDropped(Fact):
    roster_id: UUID
    area_code: str
