"""What happens to exports. Never a name, a number or a reason."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class ExportAsked(Fact):
    """`what` is the maker's code; `waits` says that a second person has to agree."""

    export_id: UUID
    area_code: str
    what: str
    people: int
    waits: bool


@dataclass(frozen=True, slots=True)
class ExportApproved(Fact):
    """Who agreed is the fact's actor."""

    export_id: UUID
    area_code: str
    people: int


@dataclass(frozen=True, slots=True)
class ExportRefused(Fact):
    export_id: UUID
    area_code: str
    people: int


@dataclass(frozen=True, slots=True)
class ExportMade(Fact):
    """A file lies ready until a moment."""

    export_id: UUID
    area_code: str
    people: int
    rows: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ExportFetched(Fact):
    """The file was downloaded; who did is the fact's actor."""

    export_id: UUID
    area_code: str
    people: int


@dataclass(frozen=True, slots=True)
class ExportEnded(Fact):
    """The file was deleted, by its time or by hand."""

    export_id: UUID
    area_code: str
    fetched: int


@dataclass(frozen=True, slots=True)
class ClassHeld(Fact):
    """Deleting a class of data was held until a moment, or let go again (None).

    The subject is made from the class's key (`exports.model.class_id`).
    """

    class_id: UUID
    area_code: str
    class_key: str
    until_at: datetime | None
