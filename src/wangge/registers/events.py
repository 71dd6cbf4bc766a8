"""What happens to the things of the registers. Never a name, a number or a plate."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class ThingRegistered(Fact):
    """A shop, a vehicle … stands in its register now. `batch_id` undoes it."""

    thing_id: UUID
    area_code: str
    register: str
    batch_id: UUID


@dataclass(frozen=True, slots=True)
class ThingChanged(Fact):
    """What is known of a thing was corrected, or who answers for it changed (`what`: correct,
    person)."""

    thing_id: UUID
    area_code: str
    register: str
    what: str
    batch_id: UUID


@dataclass(frozen=True, slots=True)
class ThingClosed(Fact):
    """It is no more; `why` is a code of its kind."""

    thing_id: UUID
    area_code: str
    register: str
    why: str
    batch_id: UUID


@dataclass(frozen=True, slots=True)
class ThingReopened(Fact):
    thing_id: UUID
    area_code: str
    register: str
    batch_id: UUID


@dataclass(frozen=True, slots=True)
class ThingConfirmed(Fact):
    """Somebody was there and nothing has changed."""

    thing_id: UUID
    area_code: str
    register: str


@dataclass(frozen=True, slots=True)
class ThingRevealed(Fact):
    """Somebody looked at a full plate, name or number; who is the fact's actor, why is in
    people_look."""

    thing_id: UUID
    area_code: str
    field: str


@dataclass(frozen=True, slots=True)
class ThingsMoved(Fact):
    """So many things belong to this area now, because areas were redrawn."""

    area_id: UUID
    area_code: str
    things: int
