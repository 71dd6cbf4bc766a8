"""What happened to proposals: ids, codes and counts only."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class ProposalAsked(Fact):
    """Somebody `asked` for a repair, a new division (propose), or began one by hand (hand)."""

    proposal_id: UUID
    area_code: str
    asked: str


@dataclass(frozen=True, slots=True)
class ProposalReady(Fact):
    """It can be looked at: `units` would go to another micro-grid, `households` get another head."""

    proposal_id: UUID
    area_code: str
    units: int
    households: int


@dataclass(frozen=True, slots=True)
class ProposalEdited(Fact):
    """A person changed it by hand."""

    proposal_id: UUID
    area_code: str
    version: int


@dataclass(frozen=True, slots=True)
class ProposalDropped(Fact):
    """It was stopped or put away; nothing was changed."""

    proposal_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class DivisionAccepted(Fact):
    """A person made (a part of) it true: so many stairwells belong to another micro-grid now."""

    proposal_id: UUID
    area_code: str
    version: int
    units: int
    households: int


@dataclass(frozen=True, slots=True)
class DivisionUndone(Fact):
    """The stairwells are back where they were."""

    proposal_id: UUID
    area_code: str
    units: int


@dataclass(frozen=True, slots=True)
class HeadNamed(Fact):
    """Somebody said who heads a micro-grid; `staff_id` is None where nobody does any more."""

    area_id: UUID
    area_code: str
    staff_id: UUID | None
