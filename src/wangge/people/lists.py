"""Lists of posts and residents: filters, keyset marks and the bounds of a reach.

A mark is `area_code.id`: lists go by area, then by id, which one index serves.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from wangge.kernel.actors import Act, Role
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.people import acts, search
from wangge.people.commands import all_templates
from wangge.people.model import Team, Vacancy, vacancies
from wangge.people.queries import staff
from wangge.people.queries.staff import PostLine
from wangge.people.roster import ROSTER
from wangge.people.search import Asked, ResidentLine

#: Teams of one screen; a district at war has some hundreds, a street a few dozen.
TEAMS_MAX = 500

L = TypeVar("L", PostLine, ResidentLine)

_NOBODY = UUID(int=0)


def read_mark(mark: str) -> tuple[str, UUID]:
    """The place after a row. Raises Invalid for a mark we did not make."""
    if not mark:
        return "", _NOBODY
    code, _, id_ = mark.partition(".")
    try:
        return _digits(code), UUID(hex=id_)
    except ValueError as wrong:
        raise Invalid.of("after", "翻页标记无效,请回到第一页。") from wrong


def _digits(code: str) -> str:
    if code and not (code.isascii() and code.isdigit() and len(code) <= 18):
        raise ValueError(code)
    return code


def checked_area(code: str) -> str:
    """The beginning of an area code. Raises Invalid."""
    try:
        return _digits(code)
    except ValueError as wrong:
        raise Invalid.of("area", "区域代码只能是数字,“{code}”不是。", code=code) from wrong


def bounds(tx: Tx, act: Act, prefix: str) -> tuple[str, str]:
    """The code range that holds everything the actor can reach below `prefix`; the query still
    checks the reach itself, this only keeps it from walking through a county."""
    held = [
        grant.area_code
        for grant in tx.actor.grants
        if grant.live(tx.now) and grant.role in act.roles
    ]
    if not held:
        return ":", ":"
    low, high = max(prefix, min(held)), min(prefix + ":", max(code + ":" for code in held))
    return (low, high) if low <= high else (":", ":")


def _cut(rows: list[L], limit: int) -> tuple[list[L], str | None]:
    shown = rows[:limit]
    more = len(rows) > limit
    return shown, f"{shown[-1].area_code}.{shown[-1].id.hex}" if more else None


async def posts(
    tx: Tx,
    *,
    area: str = "",
    role: Role | None = None,
    expiring_days: int | None = None,
    after: str = "",
    limit: int,
) -> tuple[list[PostLine], str | None]:
    """Live posts within reach, and the mark of the next page."""
    low, high = bounds(tx, acts.STAFF_READ, checked_area(area))
    rows = await staff.posts_page(
        tx,
        tx.reach(acts.STAFF_READ),
        low=low,
        high=high,
        role=role.value if role else "",
        helpers_until=None if expiring_days is None else tx.now + timedelta(days=expiring_days),
        after=read_mark(after),
        limit=limit + 1,
    )
    return _cut(rows, limit)


async def people(
    tx: Tx,
    vault: Vault,
    asked: Asked | None = None,
    *,
    area: str = "",
    after: str = "",
    limit: int,
) -> tuple[list[ResidentLine], str | None]:
    """Residents within reach, masked, with the needs this reader may see, and the mark of the next
    page. Raises Invalid."""
    asked = asked or Asked()
    rows, mark = _cut(
        await search.page(
            tx, vault, asked, area=checked_area(area), after=read_mark(after), limit=limit + 1
        ),
        limit,
    )
    # Found by a need that this reader may see elsewhere, but not there.
    return [row for row in rows if not asked.tag or asked.tag in row.tags], mark


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody in a team, with a name to show."""

    staff_id: UUID
    name: str
    position: str


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team, who is in it, and what its template still misses."""

    team: Team
    template: str
    members: tuple[MemberView, ...]
    unfilled: tuple[Vacancy, ...]


async def teams(tx: Tx, area: str) -> list[TeamView]:
    """Live teams within reach below an area, by area; at most `TEAMS_MAX`."""
    roster = await ROSTER.get(tx)
    templates = await all_templates(tx)
    reach = tx.reach(acts.STAFF_READ)
    found: list[TeamView] = []
    for team in roster.all_teams():
        if not (team.area_code.startswith(area) and reach.covers(team.area_code)):
            continue
        if not team.live(tx.now):
            continue
        members = roster.members(team.id)
        plan = templates[team.template]
        found.append(
            TeamView(
                team,
                plan.name,
                tuple(
                    MemberView(m.staff_id, roster.staff_name(m.staff_id), m.position)
                    for m in members
                ),
                vacancies(plan, members),
            )
        )
        if len(found) == TEAMS_MAX:
            break
    return found
