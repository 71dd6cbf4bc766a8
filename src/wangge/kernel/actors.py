"""Who acts, what they may do, and how far they reach.

An *act* is a permission, declared by the room that performs it together with the roles that
may. A *grant* is a post: a role over an area prefix (or over named buildings and units) until
some moment. A *reach* is what an actor's grants give for one act; every door asks for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from wangge.kernel.i18n import Locale
from wangge.kernel.refusals import Forbidden


class Role(StrEnum):
    """The five levels of 五级一体 (domain.md §3.2), the command room's posts (§3.3), partners,
    and the three administrators that MLPS level 3 keeps apart."""

    LINKED_LEADER = "linked_leader"
    ADVISER = "adviser"
    GRID_HEAD = "grid_head"
    GRID_WORKER = "grid_worker"
    PART_TIME_WORKER = "part_time_worker"
    POLICE = "police"
    DOCTOR = "doctor"
    VOLUNTEER = "volunteer"
    SOCIAL_WORKER = "social_worker"
    DEPARTMENT_STAFF = "department_staff"
    ACCEPTOR = "acceptor"
    DISPATCHER = "dispatcher"
    SHIFT_SUPERVISOR = "shift_supervisor"
    COMMUNITY_OFFICER = "community_officer"
    STREET_OFFICER = "street_officer"
    DISTRICT_OFFICER = "district_officer"
    DATA_PROTECTION = "data_protection"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    CHANNEL = "channel"
    SYSTEM = "system"


#: Work at a desk with other people's data needs a second factor (MLPS level 3).
DESK_ROLES: frozenset[Role] = frozenset(
    {
        Role.ACCEPTOR,
        Role.DISPATCHER,
        Role.SHIFT_SUPERVISOR,
        Role.COMMUNITY_OFFICER,
        Role.STREET_OFFICER,
        Role.DISTRICT_OFFICER,
        Role.DATA_PROTECTION,
        Role.SYSTEM_ADMIN,
        Role.SECURITY_ADMIN,
        Role.AUDIT_ADMIN,
    }
)

ROLE_NAMES: Mapping[Role, str] = {
    Role.LINKED_LEADER: "包村(社)领导",
    Role.ADVISER: "网格指导员",
    Role.GRID_HEAD: "网格长",
    Role.GRID_WORKER: "专职网格员",
    Role.PART_TIME_WORKER: "兼职网格员",
    Role.POLICE: "民警",
    Role.DOCTOR: "社区医生",
    Role.VOLUNTEER: "志愿者",
    Role.SOCIAL_WORKER: "社工",
    Role.DEPARTMENT_STAFF: "部门处置人员",
    Role.ACCEPTOR: "受理员",
    Role.DISPATCHER: "派遣员",
    Role.SHIFT_SUPERVISOR: "值班长",
    Role.COMMUNITY_OFFICER: "社区专干",
    Role.STREET_OFFICER: "街道指挥室",
    Role.DISTRICT_OFFICER: "区(县)指挥中心",
    Role.DATA_PROTECTION: "个人信息保护负责人",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
    Role.CHANNEL: "接入渠道",
    Role.SYSTEM: "系统",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that may be allowed or refused."""

    code: str
    name: str
    roles: frozenset[Role]


_acts: dict[str, Act] = {}


def act(code: str, name: str, *roles: Role) -> Act:
    """Declare an act: its code `room.verb`, its Chinese name, and the roles that may."""
    if code in _acts:
        raise ValueError(f"act {code} is declared twice")
    made = Act(code, name, frozenset({*roles, Role.SYSTEM}))
    _acts[code] = made
    return made


def all_acts() -> Mapping[str, Act]:
    """Every act of the rooms imported so far, by code."""
    return dict(_acts)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role over an area prefix; with `units` or `buildings`, only over those inside it."""

    role: Role
    area_code: str
    units: frozenset[UUID] = frozenset()
    buildings: frozenset[UUID] = frozenset()
    until: datetime | None = None

    def live(self, now: datetime) -> bool:
        """Helpers expire."""
        return self.until is None or now < self.until

    @property
    def narrow(self) -> bool:
        """Reaches some doors of its area only."""
        return bool(self.units or self.buildings)

    def covers(self, area_code: str) -> bool:
        """Whether a row that belongs to `area_code` as a whole is inside."""
        return not self.narrow and area_code.startswith(self.area_code)


def area_range(prefix: str) -> tuple[str, str]:
    """All codes that begin with `prefix`, as a half-open range under C collation."""
    return prefix, prefix + ":"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an act reaches: area ranges, and single units or buildings."""

    areas: tuple[str, ...]
    units: tuple[UUID, ...] = ()
    buildings: tuple[UUID, ...] = ()

    def values(self) -> dict[str, Any]:
        """As named values for SQL: `reach_from`, `reach_to`, `reach_units`, `reach_buildings`."""
        ranges = [area_range(prefix) for prefix in self.areas]
        return {
            "reach_from": [low for low, _ in ranges],
            "reach_to": [high for _, high in ranges],
            "reach_units": list(self.units),
            "reach_buildings": list(self.buildings),
        }

    def covers(self, area_code: str) -> bool:
        """Whether a row of that area is inside."""
        return any(area_code.startswith(prefix) for prefix in self.areas)


def outermost(prefixes: Iterable[str]) -> tuple[str, ...]:
    """Without those that another one contains."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not (kept and prefix.startswith(kept[-1])):
            kept.append(prefix)
    return tuple(kept)


ActorKind = Literal["staff", "resident", "token", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, in one district. `only` limits a token to some acts."""

    id: UUID
    kind: ActorKind
    district: str
    grants: tuple[Grant, ...] = ()
    only: frozenset[str] | None = None
    locale: Locale = "zh"
    name: str = field(default="", compare=False)

    def reach(self, act_: Act, now: datetime) -> Reach:
        """How far this actor's live posts reach for the act; empty when none permits it."""
        if self.only is not None and act_.code not in self.only:
            return Reach(())
        held = [g for g in self.grants if g.live(now) and g.role in act_.roles]
        return Reach(
            outermost(g.area_code for g in held if not g.narrow),
            tuple(sorted({unit for g in held for unit in g.units})),
            tuple(sorted({building for g in held for building in g.buildings})),
        )

    def may(self, act_: Act, area_code: str, now: datetime) -> bool:
        """Whether the act is allowed on a row of that area."""
        return self.reach(act_, now).covers(area_code)

    def may_somewhere(self, act_: Act, now: datetime) -> bool:
        """Whether to show the button at all."""
        if self.only is not None and act_.code not in self.only:
            return False
        return any(g.role in act_.roles and g.live(now) for g in self.grants)

    def require(self, act_: Act, area_code: str, now: datetime) -> None:
        """Refuse what this actor's posts do not permit there."""
        if not self.may(act_, area_code, now):
            raise Forbidden(act_.name)

    def roles(self, now: datetime) -> frozenset[Role]:
        """The roles of the live posts."""
        return frozenset(g.role for g in self.grants if g.live(now))


SYSTEM_ID = UUID("00000000-0000-7000-8000-000000000001")
ANONYMOUS_ID = UUID("00000000-0000-7000-8000-000000000002")


def system_actor(district: str, area_code: str = "") -> Actor:
    """The clock, the relay and the importers. The empty prefix is the whole district."""
    return Actor(SYSTEM_ID, "system", district, (Grant(Role.SYSTEM, area_code),))


def anonymous(district: str, locale: Locale = "zh") -> Actor:
    """A resident without an account: reaches nothing, may only report and ask for a receipt."""
    return Actor(ANONYMOUS_ID, "resident", district, (), locale=locale)
