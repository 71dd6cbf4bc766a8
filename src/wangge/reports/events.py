"""What happened to reports: ids, codes and counts only."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class ReportSaved(Fact):
    """A report was written down or changed."""

    report_id: UUID
    area_code: str
    columns: int
    version: int


@dataclass(frozen=True, slots=True)
class ReportClosed(Fact):
    """Nobody makes it any more. `merged_into` is the report that takes its place, if any."""

    report_id: UUID
    area_code: str
    merged_into: UUID | None


@dataclass(frozen=True, slots=True)
class ReportMade(Fact):
    """A table was filled: `cells` were filled by the system, `unknown` it could not know."""

    run_id: UUID
    area_code: str
    report_id: UUID
    rows: int
    cells: int
    unknown: int
