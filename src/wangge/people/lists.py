"""Lists of posts and residents: filters, keyset marks and the bounds of a reach.

A mark is `area_code.id`: lists go by area, then by id, which one index serves.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from wangge.kernel import paging
from wangge.kernel.actors import Act, Role
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.people import acts, freshness, pairs, search, tags
from wangge.people.commands import all_templates
from wangge.people.freshness import Stairwell
from wangge.people.model import Team, Vacancy, vacancies
from wangge.people.pairs import Pair
from wangge.people.queries import staff
from wangge.people.queries.staff import PostLine
from wangge.people.roster import ROSTER
from wangge.people.search import Asked, ResidentLine
from wangge.people.tags import Running

#: Teams of one screen; a district at war has some hundreds, a street a few dozen.
TEAMS_MAX = 500

L = TypeVar("L", PostLine, ResidentLine)

_NOBODY = UUID(int=0)
_LAST = UUID(int=(1 << 128) - 1)
#: Needs that run out so soon are shown to be renewed.
SOON = timedelta(days=30)


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


def _by_id(mark: str) -> tuple[str, UUID]:
    """A mark `value~id`, taken apart. Raises ValueError."""
    value, _, id_ = mark.rpartition("~")
    return value, UUID(hex=id_)


async def stairwells(
    tx: Tx, *, area: str, after: str, limit: int
) -> tuple[list[Stairwell], str | None]:
    """Stairwells within reach with what has gone stale, and the mark of the next page."""
    rows = await freshness.stairwells(tx, checked_area(area), read_mark(after), limit=limit + 1)
    more, shown = len(rows) > limit, rows[:limit]
    return shown, f"{shown[-1].area_code}.{shown[-1].unit_id.hex}" if more else None


async def open_pairs(
    tx: Tx, *, area: str, after: str, limit: int
) -> tuple[list[Pair], str | None]:
    """Open pairs within reach, the likeliest first, and the mark of the next page."""
    mark = (2.0, _LAST)
    if after:
        try:
            value, id_ = _by_id(after)
            mark = (float(value), id_)
        except ValueError as wrong:
            raise Invalid.of("after", "翻页标记无效,请回到第一页。") from wrong
    rows = await pairs.pairs_page(tx, checked_area(area), mark, limit + 1)
    more, shown = len(rows) > limit, rows[:limit]
    return shown, f"{shown[-1].score!r}~{shown[-1].id.hex}" if more else None


async def decided_pairs(
    tx: Tx, *, area: str, after: str, limit: int
) -> tuple[list[Pair], str | None]:
    """Decided pairs within reach, the last first, and the mark of the next page."""
    mark = paging.read_mark(after) or (tx.now + timedelta(days=1), _LAST)
    rows = await pairs.decided_page(tx, checked_area(area), mark, limit + 1)
    more, shown = len(rows) > limit, rows[:limit]
    at = shown[-1].decided_at if more else None
    return shown, paging.mark_of(at, shown[-1].id) if at is not None else None


async def needs_running_out(
    tx: Tx, *, area: str, before: date, after: str, limit: int
) -> tuple[list[Running], str | None]:
    """Needs within reach that run out before a day, the next first, and the mark of the next
    page."""
    mark = (date(1, 1, 1), _NOBODY)
    if after:
        try:
            value, id_ = _by_id(after)
            mark = (date.fromisoformat(value), id_)
        except ValueError as wrong:
            raise Invalid.of("after", "翻页标记无效,请回到第一页。") from wrong
    rows = await tags.running_out(tx, checked_area(area), before, mark, limit + 1)
    more, shown = len(rows) > limit, rows[:limit]
    return shown, f"{shown[-1].until_date}~{shown[-1].id.hex}" if more else None


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
