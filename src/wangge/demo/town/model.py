"""The rows of an invented town. Field names are the column names they are loaded into.

Positions are WGS-84 degrees `(lon, lat)`; a ring is closed implicitly (the first point is not
repeated) and runs counter-clockwise. Nothing here describes a real place or person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

LonLat = tuple[float, float]
Ring = tuple[LonLat, ...]

AreaKind = Literal["county", "street", "community", "grid", "micro_grid"]
GridKind = Literal["base", "campus", "market", "enterprise", "stairwell", "checkpoint"]
Platform = Literal["ZZ", "JG", "YJ", "GG"]
LineKind = Literal["river", "creek", "main_road", "road", "side_street", "lane"]
Role = Literal[
    "linked_leader",
    "adviser",
    "grid_head",
    "grid_worker",
    "part_time_worker",
    "police",
    "doctor",
    "volunteer",
    "social_worker",
    "department_staff",
    "acceptor",
    "dispatcher",
    "shift_supervisor",
    "system_admin",
    "security_admin",
    "audit_admin",
    "street_officer",
    "community_officer",
    "district_officer",
    "data_protection",
]
Relation = Literal["head", "spouse", "child", "parent", "flatmate"]
NeedTag = Literal[
    "elder_alone",
    "elder_80",
    "reduced_mobility",
    "infant",
    "expecting",
    "medical_lane",
    "hearing_sight",
    "hardship",
]
TeamKind = Literal["sweep", "testing", "mobile", "delivery", "micro_grid"]
Position = Literal["leader", "member", "micro_head", "emergency", "volunteer", "police"]


@dataclass(frozen=True, slots=True)
class Area:
    """One node of the area tree; `grid_kind` is None above the grid."""

    code: str
    name: str
    kind: AreaKind
    grid_kind: GridKind | None
    parent_code: str | None
    boundary: Ring
    centre_lon: float
    centre_lat: float


@dataclass(frozen=True, slots=True)
class Compound:
    """A residential compound (小区). `area_code` is its grid."""

    id: UUID
    area_code: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Building:
    """A building (幢). `area_code` is its micro-grid; halls and workshops have no units."""

    id: UUID
    compound_id: UUID
    area_code: str
    name: str
    number: int
    floors: int
    lon: float
    lat: float
    footprint: Ring


@dataclass(frozen=True, slots=True)
class Unit:
    """A stairwell (单元)."""

    id: UUID
    building_id: UUID
    area_code: str
    name: str
    number: int
    has_lift: bool


@dataclass(frozen=True, slots=True)
class Dwelling:
    """A door. `room` is what is written on it, such as 901; `name` is 1幢1单元901室."""

    id: UUID
    unit_id: UUID
    area_code: str
    floor: int
    room: str
    name: str


@dataclass(frozen=True, slots=True)
class Household:
    id: UUID
    dwelling_id: UUID
    area_code: str
    unit_id: UUID
    kind: Literal["owner", "tenant"]


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who does not exist. `phone` is None for children under twelve."""

    id: UUID
    household_id: UUID
    area_code: str
    unit_id: UUID
    name: str
    sex: Literal["M", "F"]
    born: date
    id_number: str
    phone: str | None
    relation: Relation
    tags: tuple[NeedTag, ...]


@dataclass(frozen=True, slots=True)
class Org:
    """A handling organisation. `platform` is one of the four: ZZ, JG, YJ, GG."""

    id: UUID
    code: str
    name: str
    platform: Platform
    area_code: str


@dataclass(frozen=True, slots=True)
class Staff:
    id: UUID
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody is, and where. Empty `unit_ids` means the whole area."""

    id: UUID
    staff_id: UUID
    role: Role
    area_code: str
    unit_ids: tuple[UUID, ...]
    org_id: UUID | None


@dataclass(frozen=True, slots=True)
class Team:
    id: UUID
    name: str
    kind: TeamKind
    area_code: str


@dataclass(frozen=True, slots=True)
class TeamMember:
    team_id: UUID
    staff_id: UUID
    position: Position


@dataclass(frozen=True, slots=True)
class MapLine:
    """A river or a street of the base map; `width` in metres."""

    kind: LineKind
    name: str
    width: float
    points: tuple[LonLat, ...]


@dataclass(frozen=True, slots=True)
class Park:
    name: str
    ring: Ring


@dataclass(frozen=True, slots=True)
class Housing:
    """Everything built in one community."""

    compounds: tuple[Compound, ...]
    buildings: tuple[Building, ...]
    units: tuple[Unit, ...]
    dwellings: tuple[Dwelling, ...]
    parks: tuple[Park, ...]

    def units_in(self, area_code: str) -> Iterator[Unit]:
        return (unit for unit in self.units if unit.area_code == area_code)


@dataclass(frozen=True, slots=True)
class Crew:
    """Everybody who serves in one area, what they are there, and their teams."""

    orgs: tuple[Org, ...]
    staff: tuple[Staff, ...]
    posts: tuple[Post, ...]
    teams: tuple[Team, ...]
    team_members: tuple[TeamMember, ...]
