"""Who can sign in to the demonstration: one invented person for every important role.

All have the password that is printed; accounts of this kind open only in districts whose code
begins with 99.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from wangge.demo.town.model import Crew, Role

PASSWORD = "wangge-demo"

#: Role → login. The first person of the role, lowest area first, gets it.
LOGINS: "dict[Role, str]" = {
    "grid_worker": "worker",
    "grid_head": "head",
    "part_time_worker": "stairwell",
    "volunteer": "volunteer",
    "social_worker": "social",
    "doctor": "doctor",
    "police": "police",
    "linked_leader": "leader",
    "adviser": "adviser",
    "department_staff": "department",
    "community_officer": "community",
    "acceptor": "acceptor",
    "dispatcher": "dispatcher",
    "shift_supervisor": "supervisor",
    "street_officer": "street",
    "district_officer": "district",
    "data_protection": "privacy",
    "system_admin": "system",
    "security_admin": "security",
    "audit_admin": "audit",
}
#: Roles of which several people get accounts, for the simulation to act as them.
MANY: "dict[Role, int]" = {"grid_worker": 30, "department_staff": 60, "police": 6}
#: What to look at first with each account, shown in the printed table.
PRINTED: tuple[str, ...] = (
    "worker",
    "stairwell",
    "community",
    "street",
    "district",
    "acceptor",
    "dispatcher",
    "department",
    "privacy",
    "system",
    "security",
    "audit",
)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account, as printed and as the simulation uses it. `org` is the body's name."""

    staff_id: UUID
    login: str
    role: str
    area_code: str
    area_name: str
    org: str


def choose(crews: "Iterable[Crew]", names: dict[str, str]) -> list[DemoAccount]:
    """Accounts for these crews: communities first, then the offices above. `names` are the
    areas' by code."""
    chosen: list[DemoAccount] = []
    count: dict[str, int] = {}
    taken: set[UUID] = set()
    served: dict[UUID, int] = {}
    crews = list(crews)
    orgs = {org.id: org for crew in crews for org in crew.orgs}
    street = [crew for crew in crews if any(len(org.area_code) > 6 for org in crew.orgs)]
    ordered: Sequence[Crew] = sorted(crews, key=lambda crew: crew in street)
    for crew in ordered:
        # Who has a post at a desk besides another one is wanted for the desk.
        for post in sorted(crew.posts, key=lambda post: post.role != "community_officer"):
            login, most = LOGINS.get(post.role), MANY.get(post.role, 1)
            if login is None or post.staff_id in taken or count.get(login, 0) >= most:
                continue
            org = orgs.get(post.org_id) if post.org_id else None
            if org is not None:
                if len(org.area_code) == 6 or served.get(org.id, 0) >= 1:
                    continue
                served[org.id] = 1
            number = count[login] = count.get(login, 0) + 1
            taken.add(post.staff_id)
            chosen.append(
                DemoAccount(
                    post.staff_id,
                    login if number == 1 else f"{login}{number}",
                    post.role,
                    post.area_code,
                    names.get(post.area_code, post.area_code),
                    org.name if org else "",
                )
            )
    return chosen
