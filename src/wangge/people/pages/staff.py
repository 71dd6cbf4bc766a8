"""The desk's pages of staff: posts, teams, bodies."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.actors import ROLE_NAMES, Role
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.moments import day_start, new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people import acts, commands, lists
from wangge.people.model import (
    LENDABLE_ROLES,
    MACHINE_ROLES,
    ORG_KINDS,
    PLATFORMS,
    Member,
)
from wangge.people.pages.parts import ROWS
from wangge.people.roster import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many

Asked = Request[Any, Any, Any]

#: Helpers whose post runs out so soon are shown on their own.
SOON_DAYS = 7

nav(60, "/people", "人员", "users", acts.STAFF_READ)
nav(62, "/orgs", "单位", "building", acts.STAFF_READ)

ROLES_TO_GIVE = [role for role in Role if role not in MACHINE_ROLES]


# -- staff and posts ----------------------------------------------------------------------------


async def _people(
    who: Asking,
    *,
    area: str = "",
    role: str = "",
    view: str = "",
    after: str = "",
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.must(acts.STAFF_READ)
    chosen = Role(role) if role in ROLE_NAMES else None
    async with who.tx(read_only=True) as tx:
        rows, mark = await lists.posts(
            tx,
            area=area,
            role=chosen,
            expiring_days=SOON_DAYS if view == "soon" else None,
            after=after,
            limit=ROWS,
        )
        atlas = await ATLAS.get(tx)
        roster = await ROSTER.get(tx)
    return page(
        who,
        "people/people.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        mark=mark,
        area=area,
        role=role,
        view=view,
        atlas=atlas,
        role_names=ROLE_NAMES,
        roles=ROLES_TO_GIVE if who.may(acts.STAFF_CHANGE) else sorted(LENDABLE_ROLES),
        orgs=roster.all_orgs(),
        soon_days=SOON_DAYS,
        may_hire=who.may(acts.HELPERS_CHANGE),
        may_staff=who.may(acts.STAFF_CHANGE),
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/people")
async def people_page(
    request: Asked,
    area: FromQuery[str] = "",
    role: FromQuery[str] = "",
    view: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Who holds which post, by area and role; `view=soon` shows helpers about to expire."""
    return await _people(asking(request), area=area, role=role, view=view, after=after)


@post("/people", status_code=200)
async def hire(request: Asked) -> Response[Any]:
    """A new account with its first post."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body = {
            "name": given.get("name", ""),
            "phone": given.get("phone", ""),
            "role": given.get("role") or None,
            "area_code": given.get("area_code", ""),
            "org_id": given.get("org_id") or None,
            "until_at": _end_of_day(given.get("until", "")),
        }
        await do_form(who, given, "people.hire", body)
    except Refusal as refusal:
        return await _people(who, refusal=refusal, given=given)
    return back(who, f"/people?area={given.get('area_code', '')}")


def _end_of_day(day: str) -> str | None:
    """A day from a form, as the moment it is over here."""
    if not day:
        return None
    try:
        last = datetime.fromisoformat(day).date()
    except ValueError as wrong:
        raise Invalid.of("until", "日期应写成 2026-03-18 的样子。") from wrong
    return day_start(last + timedelta(days=1)).isoformat()


@post("/people/posts/{post_id:uuid}/end", status_code=200)
async def end_post(request: Asked, post_id: FromPath[UUID]) -> Response[Any]:
    """End a post now."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        await do_form(who, given, "people.end_post", {"post_id": str(post_id)})
    except Refusal as refusal:
        return await _people(who, refusal=refusal)
    return back(who, f"/people?area={given.get('area', '')}")


# -- teams --------------------------------------------------------------------------------------


async def _teams(
    who: Asking,
    area: str,
    *,
    template: str = "",
    refusal: Refusal | None = None,
) -> Response[Any]:
    who.must(acts.STAFF_READ)
    async with who.tx(read_only=True) as tx:
        found = await lists.teams(tx, lists.checked_area(area))
        templates = await commands.all_templates(tx)
        atlas = await ATLAS.get(tx)
        roster = await ROSTER.get(tx)
        chosen = templates.get(template)
        choices = {
            place.role: [
                (id_, roster.staff_name(id_))
                for id_ in roster.holders(place.role, area, tx.now)
            ]
            for place in (chosen.places if chosen and area else ())
        }
        reachable = tx.reach(acts.HELPERS_CHANGE)
    return page(
        who,
        "people/teams.html",
        status=refusal.status if refusal else 200,
        teams=found,
        templates=templates,
        plan=chosen,
        choices=choices,
        area=area,
        atlas=atlas,
        role_names=ROLE_NAMES,
        may_change=bool(reachable.areas) and (not area or reachable.covers(area)),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/people/teams")
async def teams_page(
    request: Asked, area: FromQuery[str] = "", template: FromQuery[str] = ""
) -> Response[Any]:
    """Teams within reach; with an area and a template, the form to make one."""
    return await _teams(asking(request), area, template=template)


@post("/people/teams", status_code=200)
async def form_team(request: Asked) -> Response[Any]:
    """A team of the people chosen; `member` fields are `staff_id|position`."""
    who, given = asking(request), await fields(request)
    who.signed()
    area, template = given.get("area_code", ""), given.get("template", "")
    try:
        members = [_member(text) for text in await many(request, "member")]
        body = {
            "template": template,
            "area_code": area,
            "name": given.get("name", ""),
            "until_at": _end_of_day(given.get("until", "")),
            "members": [{"staff_id": str(m.staff_id), "position": m.position} for m in members],
        }
        await do_form(who, given, "people.form_team", body)
    except Refusal as refusal:
        return await _teams(who, area, template=template, refusal=refusal)
    return back(who, f"/people/teams?area={area}")


def _member(text: str) -> Member:
    id_, _, position = text.partition("|")
    try:
        return Member(UUID(id_), position)
    except ValueError as wrong:
        raise Invalid.of("members", "队员没有选对,请重新选择。") from wrong


@post("/people/teams/{team_id:uuid}/end", status_code=200)
async def end_team(request: Asked, team_id: FromPath[UUID]) -> Response[Any]:
    """Dissolve a team."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        await do_form(who, given, "people.end_team", {"team_id": str(team_id)})
    except Refusal as refusal:
        return await _teams(who, given.get("area", ""), refusal=refusal)
    return back(who, f"/people/teams?area={given.get('area', '')}")


# -- bodies -------------------------------------------------------------------------------------


async def _orgs(
    who: Asking, *, refusal: Refusal | None = None, given: Any = None
) -> Response[Any]:
    who.must(acts.STAFF_READ)
    async with who.tx(read_only=True) as tx:
        roster = await ROSTER.get(tx)
        atlas = await ATLAS.get(tx)
        members = {org.id: len(roster.org_members(org.id, tx.now)) for org in roster.all_orgs()}
    return page(
        who,
        "people/orgs.html",
        status=refusal.status if refusal else 200,
        orgs=roster.all_orgs(),
        members=members,
        atlas=atlas,
        platforms=PLATFORMS,
        kinds=ORG_KINDS,
        may_change=who.may(acts.STAFF_CHANGE),
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/orgs")
async def orgs_page(request: Asked) -> Response[Any]:
    """The bodies that handle cases, by platform."""
    return await _orgs(asking(request))


@post("/orgs", status_code=200)
async def add_org(request: Asked) -> Response[Any]:
    """Another body."""
    who, given = asking(request), await fields(request)
    who.signed()
    names = ("code", "name", "platform", "area_code", "kind")
    try:
        await do_form(who, given, "people.add_org", {n: given.get(n, "") for n in names})
    except Refusal as refusal:
        return await _orgs(who, refusal=refusal, given=given)
    return back(who, "/orgs")


ROUTES: list[Any] = [
    people_page,
    hire,
    end_post,
    teams_page,
    form_team,
    end_team,
    orgs_page,
    add_org,
]
