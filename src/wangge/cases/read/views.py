"""What a desk shows of one case."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PhotoLine:
    """A photo of a case; the address is made by the edge, which signs it."""

    id: UUID
    purpose: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the story. `minutes_used` is the time spent in the state before."""

    id: UUID
    at: datetime
    who: str
    verb: str
    verb_words: str
    from_state: str | None
    to_state: str
    state_words: str
    opinion: str
    target: str
    minutes_used: int
    overdue: bool
    due_at: datetime | None
    due_cause: str


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task of the case."""

    id: UUID
    kind: str
    state: str
    target: str
    holder: str
    level: str
    offered_at: datetime | None
    answer_by: datetime | None
    due_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OfferLine:
    """Who was asked, and what became of it."""

    target: str
    offered_at: datetime
    answer_by: datetime
    answer: str
    answered_at: datetime | None
    reason: str
    #: Why this one was asked.
    why: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything a desk shows of one case."""

    id: UUID
    receipt: str
    title: str
    words: str
    class_code: str | None
    class_name: str
    class_reason: str
    state: str
    state_words: str
    stage: str
    channel: str
    platform: str | None
    area_code: str
    area_name: str
    place: str
    lon: float | None
    lat: float | None
    reported_at: datetime
    received_at: datetime
    due_at: datetime | None
    due_what: str | None
    due_cause: str
    final_due_at: datetime | None
    final_cause: str
    overdue: bool
    urgent: bool
    verified: bool
    handler: str
    owner: str
    unit: str
    level: str
    rule_id: UUID | None
    route_reason: str
    returns: int
    reworks: int
    reopened: int
    score: int | None
    result: str
    merged_into: UUID | None
    contact_mask: str | None
    condition: str
    closing_condition: str
    emergency_lines: tuple[str, ...]
    version: int
    steps: list[StepLine]
    photos: list[PhotoLine]
    tasks: list[TaskLine]
    offers: list[OfferLine]
    verbs: list[str]
