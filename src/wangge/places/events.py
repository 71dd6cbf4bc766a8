"""What happens to areas."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class AreaOpened(Fact):
    """An area began. Its id is made from its code (`places.model.area_id`)."""

    area_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class AreaRenamed(Fact):
    area_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class AreaClosed(Fact):
    """An area ended; `successors` are the codes that came after it."""

    area_id: UUID
    area_code: str
    successors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoundaryChanged(Fact):
    area_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class AliasAdded(Fact):
    """An estate or a house got a nickname."""

    alias_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class AliasRemoved(Fact):
    alias_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class CompoundRenamed(Fact):
    """An estate got another name; its old one stays as a nickname."""

    compound_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class AreaTakenBack(Fact):
    """An area that was opened by mistake is gone before anything belonged to it."""

    area_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class AreaSplit(Fact):
    """An area became several; `parts` are their codes."""

    area_id: UUID
    area_code: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AreasMerged(Fact):
    """Several areas became the one of the fact; `merged` are their codes."""

    area_id: UUID
    area_code: str
    merged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoorsMoved(Fact):
    """So many doors belong to this area now that belonged to another before."""

    area_id: UUID
    area_code: str
    doors: int
