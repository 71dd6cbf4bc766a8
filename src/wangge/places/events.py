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
