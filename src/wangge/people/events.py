"""What happens to posts, teams and households. Never a name or a number."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.actors import Role
from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class PostGiven(Fact):
    post_id: UUID
    area_code: str
    staff_id: UUID
    role: Role
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class PostEnded(Fact):
    """A post ended before its time, or at it."""

    post_id: UUID
    area_code: str
    staff_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class PostStairwellsChanged(Fact):
    """A post on single stairwells gained or lost some; `units` is how many it has now."""

    post_id: UUID
    area_code: str
    staff_id: UUID
    units: int


@dataclass(frozen=True, slots=True)
class TeamFormed(Fact):
    """`unfilled` counts the places of the template nobody has taken yet."""

    team_id: UUID
    area_code: str
    members: int
    unfilled: int


@dataclass(frozen=True, slots=True)
class TeamEnded(Fact):
    team_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class StaffSuspended(Fact):
    """An account was closed or opened again; the area is the district."""

    staff_id: UUID
    area_code: str
    active: bool


@dataclass(frozen=True, slots=True)
class OrgAdded(Fact):
    org_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class HouseholdRegistered(Fact):
    household_id: UUID
    area_code: str
    residents: int


@dataclass(frozen=True, slots=True)
class HouseholdConfirmed(Fact):
    """Somebody was asked and nothing has changed; `rows` counts the household and its people, `way`
    is visit or call, `fields` are keys of the dictionary that were found to be true."""

    household_id: UUID
    area_code: str
    rows: int
    way: str = "visit"
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NeedsEnded(Fact):
    """So many needs of a community ran out today."""

    round_id: UUID
    area_code: str
    needs: int


@dataclass(frozen=True, slots=True)
class PairsFound(Fact):
    """Rows that may be one person were looked for below an area; so many pairs are new."""

    round_id: UUID
    area_code: str
    pairs: int


@dataclass(frozen=True, slots=True)
class PeopleMerged(Fact):
    """Two rows were one person: the subject stays, `gone_id` ended. `batch_id` undoes it."""

    resident_id: UUID
    area_code: str
    gone_id: UUID
    batch_id: UUID


@dataclass(frozen=True, slots=True)
class PeopleParted(Fact):
    """Two rows are two people: somebody said so, or undid a merge."""

    resident_id: UUID
    area_code: str
    other_id: UUID


@dataclass(frozen=True, slots=True)
class PersonRevealed(Fact):
    """Somebody looked at a full number; who is the fact's actor, why is in people_look."""

    resident_id: UUID
    area_code: str
    field: str


@dataclass(frozen=True, slots=True)
class LandlordRevealed(Fact):
    """Somebody looked at the full name or number of a household's landlord."""

    household_id: UUID
    area_code: str
    field: str


@dataclass(frozen=True, slots=True)
class RegisterChanged(Fact):
    """A batch wrote to the register: an import, a merge, a move, a bulk act (`what`). `rows` of all
    kinds were written, `kept` were left as they were; which, stands in people_change."""

    batch_id: UUID
    area_code: str
    what: str
    rows: int
    kept: int


@dataclass(frozen=True, slots=True)
class RegisterUndone(Fact):
    """A batch was taken back; `kept` of its rows were not, as somebody changed them since."""

    batch_id: UUID
    area_code: str
    rows: int
    kept: int


@dataclass(frozen=True, slots=True)
class HouseholdsMoved(Fact):
    """So many households belong to this area now, because areas were redrawn."""

    area_id: UUID
    area_code: str
    households: int
