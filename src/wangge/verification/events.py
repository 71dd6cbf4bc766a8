"""What verification announces. Counts and codes only: never what a row says."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class ListBrought(Fact):
    """A list came in. `linked` tells that it says who had to do with whom."""

    list_id: UUID
    area_code: str
    rows: int
    linked: bool


@dataclass(frozen=True, slots=True)
class ListChecked(Fact):
    """Every row was held against the register."""

    list_id: UUID
    area_code: str
    right: int
    proposed: int
    open: int


@dataclass(frozen=True, slots=True)
class RowOpened(Fact):
    """Somebody saw a row in full."""

    list_id: UUID
    area_code: str
    number: int


@dataclass(frozen=True, slots=True)
class ListSigned(Fact):
    """A second person signed."""

    list_id: UUID
    area_code: str
    right: int
    mended: int
    settled: int
    open: int


@dataclass(frozen=True, slots=True)
class ListDestroyed(Fact):
    """The rows of a list are gone. `why`: `date`, `response`, `person`."""

    list_id: UUID
    area_code: str
    rows: int
    why: str
