"""Staff, teams, bodies and residents over HTTP. Numbers leave masked, but for a reveal."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.kernel.actors import Role
from wangge.kernel.http import asking
from wangge.kernel.paging import Page, page_size
from wangge.kernel.refusals import Invalid
from wangge.people import acts, commands, deeds, lists
from wangge.people.model import Field, Org
from wangge.people.queries import residents as queries
from wangge.people.queries.staff import PostLine
from wangge.people.roster import ROSTER
from wangge.people.search import Asked as Wanted
from wangge.people.search import ResidentLine
from wangge.places.forms import answer_deed

Asked = Request[Any, Any, Any]


class Active(msgspec.Struct, forbid_unknown_fields=True):
    active: bool


@get("/api/v1/posts")
async def posts(
    request: Asked,
    area: FromQuery[str] = "",
    role: FromQuery[Role | None] = None,
    expiring_days: FromQuery[int | None] = None,
    after: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[PostLine]:
    """Who holds which post within reach, by area. `expiring_days` keeps helpers whose post runs
    out within so many days."""
    who = asking(request)
    who.must(acts.STAFF_READ)
    async with who.tx(read_only=True) as tx:
        rows, mark = await lists.posts(
            tx,
            area=area,
            role=role,
            expiring_days=expiring_days,
            after=after,
            limit=page_size(limit),
        )
    return Page(rows, mark)


@get("/api/v1/residents")
async def residents(
    request: Asked,
    area: FromQuery[str] = "",
    tag: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[ResidentLine]:
    """Residents within reach, by area; names and numbers masked."""
    who = asking(request)
    _may_read(request)
    async with who.tx(read_only=True) as tx:
        rows, mark = await lists.people(
            tx,
            who.district.vault,
            Wanted(tag=tag),
            area=area,
            after=after,
            limit=page_size(limit),
        )
    return Page(rows, mark)


class Search(msgspec.Struct, forbid_unknown_fields=True):
    """What is looked for; it travels in the body, never in an address. `name` is part of a name
    (two characters do) or a surname, with `sounds` a whole name by its sound; `phone` a whole
    number or its last four digits; `id_number` a whole one; `address` words of a door; `tag` a
    need's code. All that is given must fit."""

    phone: str = ""
    name: str = ""
    sounds: bool = False
    id_number: str = ""
    address: str = ""
    tag: str = ""
    area: str = ""
    after: str = ""
    limit: int | None = None


@post("/api/v1/residents/search", status_code=200)
async def search(request: Asked, data: JSONBody[Search]) -> Page[ResidentLine]:
    """Find residents by name, phone, number, address or need within reach; the answer is masked."""
    who = asking(request)
    _may_read(request)
    wanted = Wanted(data.name, data.sounds, data.phone, data.id_number, data.address, data.tag)
    if not wanted.anything:
        raise Invalid.of("name", "请填写要找的姓名、电话、住址或需求。")
    async with who.tx(read_only=True) as tx:
        rows, mark = await lists.people(
            tx,
            who.district.vault,
            wanted,
            area=data.area,
            after=data.after,
            limit=page_size(data.limit),
        )
    return Page(rows, mark)


def _may_read(request: Asked) -> None:
    who = asking(request)
    who.must(acts.RESIDENT_READ)


@get("/api/v1/residents/{resident_id:uuid}")
async def resident(request: Asked, resident_id: FromPath[UUID]) -> ResidentLine:
    """One resident, masked. 404 out of reach."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        return await queries.resident(tx, tx.reach(acts.RESIDENT_READ), resident_id)


class Reveal(msgspec.Struct, forbid_unknown_fields=True):
    """`reason` has at least four characters and is kept with the look."""

    field: Field
    reason: str


@dataclass(frozen=True, slots=True)
class Revealed:
    field: Field
    value: str


@post("/api/v1/residents/{resident_id:uuid}/reveal", status_code=200)
async def reveal(
    request: Asked, resident_id: FromPath[UUID], data: JSONBody[Reveal]
) -> Response[Revealed]:
    """One full value. Not a deed: the answer must not be remembered, and every look counts."""
    who = asking(request)
    who.signed()
    async with who.tx() as tx:
        value = await commands.reveal(
            tx, who.district.vault, resident_id, data.field, data.reason
        )
    return Response(Revealed(data.field, value), headers={"Cache-Control": "no-store"})


@get("/api/v1/orgs")
async def orgs(
    request: Asked, platform: FromQuery[str] = "", area: FromQuery[str] = ""
) -> Page[Org]:
    """Bodies that handle cases, by platform; with `area`, those whose ground covers it."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        roster = await ROSTER.get(tx)
    found = roster.orgs(platform, area) if platform and area else roster.all_orgs()
    return Page([org for org in found if platform in ("", org.platform)], None)


@get("/api/v1/teams")
async def teams(request: Asked, area: FromQuery[str] = "") -> Page[lists.TeamView]:
    """Live teams within reach whose area code begins with `area`, with their empty places."""
    who = asking(request)
    who.must(acts.STAFF_READ)
    async with who.tx(read_only=True) as tx:
        found = await lists.teams(tx, lists.checked_area(area))
    return Page(found, None)


# -- changes ------------------------------------------------------------------------------------


@post("/api/v1/staff", status_code=201)
async def hire(request: Asked, data: JSONBody[deeds.Hire]) -> Response[Any]:
    """Open an account, with a first post if one is named (deed `people.hire`)."""
    return await answer_deed(request, "people.hire", data)


@post("/api/v1/staff/{staff_id:uuid}/active", status_code=200)
async def set_active(
    request: Asked, staff_id: FromPath[UUID], data: JSONBody[Active]
) -> Response[Any]:
    """Close an account or open it again (deed `people.set_active`)."""
    return await answer_deed(
        request, "people.set_active", deeds.SetActive(staff_id, data.active)
    )


@post("/api/v1/posts", status_code=201)
async def give_post(request: Asked, data: JSONBody[deeds.GivePost]) -> Response[Any]:
    """Give a post; helpers' posts expire (deed `people.give_post`)."""
    return await answer_deed(request, "people.give_post", data)


@post("/api/v1/posts/{post_id:uuid}/end", status_code=200)
async def end_post(request: Asked, post_id: FromPath[UUID]) -> Response[Any]:
    """End a post now (deed `people.end_post`)."""
    return await answer_deed(request, "people.end_post", deeds.EndPost(post_id))


@post("/api/v1/teams", status_code=201)
async def form_team(request: Asked, data: JSONBody[deeds.FormTeam]) -> Response[Any]:
    """Form a team; the answer tells which places are empty (deed `people.form_team`)."""
    return await answer_deed(request, "people.form_team", data)


@post("/api/v1/teams/{team_id:uuid}/end", status_code=200)
async def end_team(request: Asked, team_id: FromPath[UUID]) -> Response[Any]:
    """Dissolve a team now (deed `people.end_team`)."""
    return await answer_deed(request, "people.end_team", deeds.EndTeam(team_id))


@post("/api/v1/orgs", status_code=201)
async def add_org(request: Asked, data: JSONBody[deeds.AddOrg]) -> Response[Any]:
    """Add a body that handles cases (deed `people.add_org`)."""
    return await answer_deed(request, "people.add_org", data)


@post("/api/v1/households", status_code=201)
async def register_household(
    request: Asked, data: JSONBody[deeds.RegisterHousehold]
) -> Response[Any]:
    """Register who lives behind a door (deed `people.register_household`)."""
    return await answer_deed(request, "people.register_household", data)


ROUTES: list[Any] = [
    posts,
    residents,
    search,
    resident,
    reveal,
    orgs,
    teams,
    hire,
    set_active,
    give_post,
    end_post,
    form_team,
    end_team,
    add_org,
    register_household,
]
