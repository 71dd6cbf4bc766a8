"""Facts of the dispatch room."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class RuleChanged(Fact):
    """A routing rule was added, edited, moved, or switched on or off."""

    rule_id: UUID
    area_code: str
    active: bool


@dataclass(frozen=True, slots=True)
class DutyPhoneShown(Fact):
    """The telephone of somebody on duty was opened because an offer of theirs waits."""

    task_id: UUID
    area_code: str
    staff_id: UUID


@dataclass(frozen=True, slots=True)
class SettingChanged(Fact):
    """A district decided something; what it decided is in the settings."""

    by_id: UUID
    area_code: str
    key: str
