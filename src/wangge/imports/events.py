"""What happens to imports. Never what was in them."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class ImportBegun(Fact):
    """Somebody let a table into a register; `rows` of it."""

    import_id: UUID
    area_code: str
    register: str
    rows: int


@dataclass(frozen=True, slots=True)
class ImportApplied(Fact):
    """So many lines were taken, so many left for a person to look at."""

    import_id: UUID
    area_code: str
    register: str
    applied: int
    left: int


@dataclass(frozen=True, slots=True)
class ImportUndone(Fact):
    """What an import changed was put back; `kept` rows were changed since and stay."""

    import_id: UUID
    area_code: str
    register: str
    rows: int
    kept: int
