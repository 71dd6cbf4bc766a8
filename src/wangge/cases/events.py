"""Facts of the cases room."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class CaseReported(Fact):
    """A case came in. `state` says how far a trusted report has already come by rule."""

    case_id: UUID
    area_code: str
    channel: str
    class_code: str
    state: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class CaseMoved(Fact):
    """A case went from one state to another by a verb; `late` if that state's limit had passed."""

    case_id: UUID
    area_code: str
    verb: str
    from_state: str
    to_state: str
    late: bool


@dataclass(frozen=True, slots=True)
class CaseOverdue(Fact):
    """The limit of its present state has passed."""

    case_id: UUID
    area_code: str
    state: str
    what: str


@dataclass(frozen=True, slots=True)
class CaseReclassified(Fact):
    case_id: UUID
    area_code: str
    class_code: str


@dataclass(frozen=True, slots=True)
class CaseFollowed(Fact):
    """Its stairwell went to another micro-grid, `area_code`, and the case with it."""

    case_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class AppealMoved(Fact):
    """A unit's appeal against a mark (`late` or `rework`) was filed, went a level up, or ended."""

    appeal_id: UUID
    area_code: str
    case_id: UUID
    what: str
    state: str


@dataclass(frozen=True, slots=True)
class ClassesChanged(Fact):
    """Taxonomy, keywords or calendar were edited."""

    by_id: UUID
    area_code: str
    classes: int
