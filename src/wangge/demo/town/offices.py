"""Who serves above the communities: handling organisations, command rooms, administrators."""

from wangge.demo.town.crew import Roll
from wangge.demo.town.minting import ids, stream
from wangge.demo.town.model import Crew, Org, Platform, Role
from wangge.demo.town.sizes import StreetPlan, TownPlan

_SHELF = 0xF0000
"""Ids of offices sort after those of every community."""

STREET_ORGS: tuple[tuple[Platform, str], ...] = (
    ("JG", "街道综合执法队"),
    ("JG", "市场监管所"),
    ("JG", "环卫所"),
    ("ZZ", "派出所(样例)"),
    ("ZZ", "司法所(调解)"),
    ("YJ", "应急管理站"),
    ("YJ", "市政抢修队"),
    ("GG", "社区卫生服务中心"),
    ("GG", "民政窗口"),
    ("GG", "供水服务站"),
    ("GG", "供电服务站"),
    ("GG", "燃气服务站"),
    ("GG", "物业服务中心"),
)
COUNTY_ORGS: tuple[tuple[Platform, str], ...] = (
    ("ZZ", "区矛盾调解中心(样例)"),
    ("JG", "区综合执法局(样例)"),
    ("YJ", "区应急管理局(样例)"),
    ("YJ", "区消防救援队(样例)"),
    ("GG", "区民政局(样例)"),
)
_COUNTY_ROLES: tuple[tuple[Role, int], ...] = (
    ("system_admin", 1),
    ("security_admin", 1),
    ("audit_admin", 1),
    ("data_protection", 1),
    ("district_officer", 3),
    ("shift_supervisor", 3),
    ("acceptor", 6),
    ("dispatcher", 4),
)
_STREET_ROLES: tuple[tuple[Role, int], ...] = (
    ("street_officer", 4),
    ("shift_supervisor", 1),
    ("acceptor", 2),
    ("dispatcher", 2),
)
PER_LEADER, PER_ADVISER = 5, 2
"""Communities looked after by one linked leader, and by one adviser."""


def county_office(plan: TownPlan, seed: int) -> Crew:
    """The county's command centre, its three administrators and its departments."""
    roll = Roll(plan.code, _SHELF, seed)
    for role, count in _COUNTY_ROLES:
        for _ in range(count):
            roll.appoint(role, plan.code)
    orgs = _orgs(plan.code, "", COUNTY_ORGS, _SHELF, seed)
    for org in orgs:
        for _ in range(2):
            roll.appoint("department_staff", plan.code, org_id=org.id)
    return Crew(orgs, tuple(roll.staff), tuple(roll.posts), (), ())


def street_office(plan: StreetPlan, kept: StreetPlan, seed: int) -> Crew:
    """A street's command room, leaders and advisers for its communities, and its stations.

    Leaders and advisers of communities that are not in `kept` are left out, so that everybody
    else is the same person at every scale.
    """
    shelf = _SHELF + 1 + plan.index
    roll = Roll(plan.code, shelf, seed)
    for role, count in _STREET_ROLES:
        for _ in range(count):
            roll.appoint(role, plan.code)
    duties: tuple[tuple[Role, int], ...] = (
        ("linked_leader", PER_LEADER),
        ("adviser", PER_ADVISER),
    )
    for role, each in duties:
        for start in range(0, len(plan.communities), each):
            person = roll.hire()
            for community in plan.communities[start : start + each]:
                roll.post(person, role, community.code)
    short = plan.name.removesuffix("街道")
    orgs = _orgs(plan.code, short, STREET_ORGS, shelf, seed)
    for org in orgs:
        for _ in range(3):
            roll.appoint("department_staff", plan.code, org_id=org.id)
    here = {plan.code, *(community.code for community in kept.communities)}
    posts = tuple(post for post in roll.posts if post.area_code in here)
    needed = {post.staff_id for post in posts}
    staff = tuple(person for person in roll.staff if person.id in needed)
    return Crew(orgs, staff, posts, (), ())


def _orgs(
    code: str, short: str, kinds: tuple[tuple[Platform, str], ...], shelf: int, seed: int
) -> tuple[Org, ...]:
    mint = ids(stream(seed, code, "ids/org"), shelf=shelf)
    return tuple(
        Org(next(mint), f"{code}-{n:02d}", short + name, platform, code)
        for n, (platform, name) in enumerate(kinds, start=1)
    )
