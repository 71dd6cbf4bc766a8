"""Facts of the tasks room."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class TaskOffered(Fact):
    """Somebody is being asked. `target` is staff:id, org:id, team:id or role:role@area."""

    task_id: UUID
    area_code: str
    kind_code: str
    origin_id: UUID
    target: str
    level: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class TaskAccepted(Fact):
    task_id: UUID
    area_code: str
    origin_id: UUID
    holder_id: UUID


@dataclass(frozen=True, slots=True)
class TaskDeclined(Fact):
    task_id: UUID
    area_code: str
    origin_id: UUID
    target: str


@dataclass(frozen=True, slots=True)
class OfferExpired(Fact):
    """Asked, and no answer in time."""

    task_id: UUID
    area_code: str
    origin_id: UUID
    target: str


@dataclass(frozen=True, slots=True)
class TaskStranded(Fact):
    """Nobody is left to ask; the command room sees it."""

    task_id: UUID
    area_code: str
    origin_id: UUID


@dataclass(frozen=True, slots=True)
class TaskHandedBack(Fact):
    """Whoever held it, or their unit, gave it back."""

    task_id: UUID
    area_code: str
    origin_id: UUID
    target: str


@dataclass(frozen=True, slots=True)
class TaskDone(Fact):
    task_id: UUID
    area_code: str
    origin_id: UUID
    kind_code: str
    late: bool


@dataclass(frozen=True, slots=True)
class TaskCancelled(Fact):
    task_id: UUID
    area_code: str
    origin_id: UUID
