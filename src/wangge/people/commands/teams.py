"""Teams made from templates: 微网格自治队, 扫楼组 and what a district adds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid
from wangge.people import acts
from wangge.people.events import TeamEnded, TeamFormed
from wangge.people.model import (
    Member,
    Team,
    TeamOver,
    Template,
    Vacancy,
    template_of,
    vacancies,
)
from wangge.people.queries import staff as queries
from wangge.people.roster import ROSTER
from wangge.places import ATLAS


@dataclass(frozen=True, slots=True)
class Formed:
    """A team and the places of its template that are still empty."""

    team: Team
    members: tuple[Member, ...]
    unfilled: tuple[Vacancy, ...]


async def all_templates(tx: Tx) -> dict[str, Template]:
    """The district's templates, by code."""
    rows = await queries.templates(tx)
    return {r.code: template_of(r.code, r.name, r.kind, r.positions) for r in rows}


async def form_team(
    tx: Tx,
    template: str,
    area_code: str,
    members: Sequence[Member],
    *,
    name: str = "",
    until_at: datetime | None = None,
    team_id: UUID | None = None,
) -> Formed:
    """A team over an area. Empty places are told, not refused: a night's team starts with whom
    it has. Raises Invalid (unknown template, position or person), Forbidden."""
    tx.require(acts.HELPERS_CHANGE, area_code)
    area = (await ATLAS.get(tx)).area(area_code)
    if area is None or not area.open:
        raise Invalid.of("area_code", "区域 {code} 不存在或已停用。", code=area_code)
    plan = (await all_templates(tx)).get(template)
    if plan is None:
        raise Invalid.of("template", "没有“{template}”这种队伍模板。", template=template)
    await _check_members(tx, plan, members)
    if until_at is not None and until_at <= tx.now:
        raise Invalid.of("until_at", "到期时间要晚于现在。")
    team = Team(
        team_id or new_id(tx.now),
        name.strip() or area.name + plan.name,
        plan.kind,
        area_code,
        plan.code,
        tx.now,
        until_at,
    )
    await queries.insert_team(tx, team)
    await queries.insert_members(
        tx, team.id, [m.staff_id for m in members], [m.position for m in members]
    )
    await tx.bump("people")
    unfilled = vacancies(plan, members)
    missing = sum(vacancy.missing for vacancy in unfilled)
    tx.publish(TeamFormed(team.id, area_code, len(members), missing))
    return Formed(team, tuple(members), unfilled)


async def _check_members(tx: Tx, plan: Template, members: Sequence[Member]) -> None:
    roster = await ROSTER.get(tx)
    known = {place.position for place in plan.places}
    seen: set[UUID] = set()
    for row, member in enumerate(members, 1):
        staff = roster.staff(member.staff_id)
        if staff is None or not staff.active:
            raise Invalid.of("members", "第 {n} 位队员不在人员名册里。", row=row, n=row)
        if member.position not in known:
            raise Invalid.of(
                "members", "“{position}”不是这种队伍的岗位。", row=row, position=member.position
            )
        if member.staff_id in seen:
            raise Invalid.of(
                "members", "{name} 重复了,一人在队里只有一个岗位。", row=row, name=staff.name
            )
        seen.add(member.staff_id)


async def end_team(tx: Tx, team_id: UUID) -> Team:
    """Dissolve a team now. Raises NotFound, Forbidden, TeamOver."""
    team = await queries.lock_team(tx, tx.reach(acts.STAFF_READ), team_id)
    tx.require(acts.HELPERS_CHANGE, team.area_code)
    if team.until_at is not None and team.until_at <= tx.now:
        raise TeamOver()
    await queries.save_team_end(tx, team_id)
    await tx.bump("people")
    tx.publish(TeamEnded(team.id, team.area_code))
    return replace(team, until_at=tx.now)
