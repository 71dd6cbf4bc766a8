"""What happens in rounds. Doors are named by household (or dwelling) id, outcomes by code, so that
an account can be made again from facts alone after everything else is gone."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class RoundOpened(Fact):
    """`doors` and `people` are what was frozen."""

    round_id: UUID
    area_code: str
    kind_code: str
    doors: int
    people: int
    ends_at: datetime
    response_id: UUID | None
    previous_id: UUID | None


@dataclass(frozen=True, slots=True)
class RosterFrozen(Fact):
    """The doors of one block, as frozen: what an account must account for."""

    quiet: ClassVar[bool] = True

    round_id: UUID
    area_code: str
    block_id: UUID
    doors: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class DoorJoined(Fact):
    """A door that was not there when the round opened."""

    round_id: UUID
    area_code: str
    block_id: UUID
    door_id: UUID


@dataclass(frozen=True, slots=True)
class DoorReported(Fact):
    """A report came. `outcome` is what stands for the door after it ("" for nothing), `said` what
    this one said; `n` counts the door's reports. One for every report: these are many."""

    quiet: ClassVar[bool] = True

    round_id: UUID
    area_code: str
    door_id: UUID
    outcome: str
    said: str
    how: str
    n: int
    flagged: bool
    late: bool


@dataclass(frozen=True, slots=True)
class DoorNeeds(Fact):
    """Something behind a door is somebody's work now. `what` is an outcome, a kind of help,
    `missed` or `untested`; the classes are what the kind of round says it becomes, the second
    one while no response is declared."""

    round_id: UUID
    area_code: str
    door_id: UUID
    block_id: UUID
    what: str
    case_class: str
    calm_class: str


@dataclass(frozen=True, slots=True)
class DoorEased(Fact):
    """What an earlier DoorNeeds of this door spoke of is over: somebody was met and said `outcome`,
    or ("") the report was taken back. It may have become no case."""

    round_id: UUID
    area_code: str
    door_id: UUID
    block_id: UUID
    what: str
    outcome: str


@dataclass(frozen=True, slots=True)
class PassBegun(Fact):
    """The doors left are gone round again. `left` counts them."""

    round_id: UUID
    area_code: str
    number: int
    left: int


@dataclass(frozen=True, slots=True)
class TimeOver(Fact):
    """A round's time ran out (`ends_at`) with doors left, which `left` counts. The round is open still."""

    round_id: UUID
    area_code: str
    ends_at: datetime
    left: int


@dataclass(frozen=True, slots=True)
class RoundRetimed(Fact):
    round_id: UUID
    area_code: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SharesDealt(Fact):
    """Doors went to other hands. `from_id` is whose they were, None at the first dealing."""

    round_id: UUID
    area_code: str
    from_id: UUID | None
    shares: int
    doors: int


@dataclass(frozen=True, slots=True)
class WaveCalled(Fact):
    """A wave of stairwells is asked to come down."""

    round_id: UUID
    area_code: str
    wave: int
    blocks: int


@dataclass(frozen=True, slots=True)
class TubeFilled(Fact):
    """Samples went into a tube. Never a result."""

    round_id: UUID
    area_code: str
    tube_id: UUID
    mode: str
    samples: int
    flagged: bool


@dataclass(frozen=True, slots=True)
class RoundClosed(Fact):
    """`expired`: nobody closed it, its time was over."""

    round_id: UUID
    area_code: str
    expired: bool


@dataclass(frozen=True, slots=True)
class RoundCertified(Fact):
    """The account: `total` = the sum of `counts` + `gaps`. `counts` are "outcome=number", by code;
    `doors_sha256` is over every door with what stands for it, `account_sha256` over the whole."""

    round_id: UUID
    area_code: str
    version: int
    total: int
    gaps: int
    flagged: int
    counts: tuple[str, ...]
    doors_sha256: str
    account_sha256: str


@dataclass(frozen=True, slots=True)
class KindChanged(Fact):
    """A kind of round was made, changed or closed; the first id is who did it."""

    by_id: UUID
    area_code: str
    kind_code: str
    closed: bool


@dataclass(frozen=True, slots=True)
class PlanMade(Fact):
    plan_id: UUID
    area_code: str
    kind_code: str
    every_days: int


@dataclass(frozen=True, slots=True)
class PlanPaused(Fact):
    """A plan was stopped for a while, or goes on (`paused` false)."""

    plan_id: UUID
    area_code: str
    paused: bool


@dataclass(frozen=True, slots=True)
class PlanEnded(Fact):
    plan_id: UUID
    area_code: str
