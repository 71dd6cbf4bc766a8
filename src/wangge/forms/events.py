"""What happened to the dictionary, to requests for tables, and to what households are asked."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class FieldChanged(Fact):
    """A district changed an entry, made one of its own, or took one out of use."""

    entry_id: UUID
    area_code: str
    key: str
    own: bool
    active: bool


@dataclass(frozen=True, slots=True)
class RequestFiled(Fact):
    """Somebody wants a table. `minutes` is what it would cost all households together, in one
    round; `new` of its `columns` are not held yet."""

    request_id: UUID
    area_code: str
    columns: int
    new: int
    minutes: int


@dataclass(frozen=True, slots=True)
class RequestDecided(Fact):
    """`verdict`: admitted, merged, refused or withdrawn."""

    request_id: UUID
    area_code: str
    verdict: str


@dataclass(frozen=True, slots=True)
class RequestFlagged(Fact):
    """A worker was asked to fill something that nobody admitted."""

    flag_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class QuestionOpened(Fact):
    """It goes along with the next sweep or visit."""

    question_id: UUID
    area_code: str
    key: str


@dataclass(frozen=True, slots=True)
class QuestionClosed(Fact):
    question_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class HouseholdsAsked(Fact):
    """One batch of entries in the contact ledger: a call, or a whole sweep."""

    batch_id: UUID
    area_code: str
    households: int
    fields: int
