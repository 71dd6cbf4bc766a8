"""What happened to declared responses."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class ResponseDeclared(Fact):
    response_id: UUID
    area_code: str
    level: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ResponseApproved(Fact):
    """From its start on it is live."""

    response_id: UUID
    area_code: str
    level: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ResponseRenewed(Fact):
    response_id: UUID
    area_code: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ResponseEnded(Fact):
    """`expired`: nobody ended it, its time ran out. `was_live`: it had been approved."""

    response_id: UUID
    area_code: str
    expired: bool
    was_live: bool
