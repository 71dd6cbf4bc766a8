"""Pages of needs: those that run out soon, and the kinds a district knows."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from wangge.kernel.actors import ROLE_NAMES, Role
from wangge.kernel.fields import BASIS_NAMES, Basis
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people import acts, lists, tags
from wangge.people.pages.parts import ROWS
from wangge.people.tags.noting import DAYS_MAX, NEVER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many

Asked = Request[Any, Any, Any]


@get("/needs")
async def running_out(
    request: Asked, area: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[Any]:
    """Needs that run out within 30 days: whoever still needs it is asked, and it is noted again."""
    who = asking(request)
    who.must(acts.RESIDENT_READ)
    async with who.tx(read_only=True) as tx:
        before = local_date(tx.now) + lists.SOON
        rows, mark = await lists.needs_running_out(
            tx, area=area, before=before, after=after, limit=ROWS
        )
        atlas = await ATLAS.get(tx)
    return page(
        who,
        "people/needs.html",
        rows=rows,
        mark=mark,
        may_decide=who.may(acts.RESIDENT_CHANGE),
        area=area,
        atlas=atlas,
        days=lists.SOON.days,
        bases=BASIS_NAMES,
    )


async def _kinds(
    who: Asking, *, refusal: Refusal | None = None, given: dict[str, Any] | None = None
) -> Response[Any]:
    who.must(acts.RESIDENT_READ)
    async with who.tx(read_only=True) as tx:
        known = await tags.kinds(tx)
        may_change = bool(tx.reach(acts.NEEDS_DECIDE).areas)
    return page(
        who,
        "people/need_kinds.html",
        status=refusal.status if refusal else 200,
        known=list(known.values()),
        may_decide=who.may(acts.RESIDENT_CHANGE),
        roles={role: ROLE_NAMES[role] for role in Role if role not in NEVER},
        bases={basis: BASIS_NAMES[basis] for basis in Basis},
        may_change=may_change,
        days_max=DAYS_MAX,
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/needs/kinds")
async def kinds_page(request: Asked) -> Response[Any]:
    """Which needs the district knows, what for, on what basis, for how long, and who sees them."""
    return await _kinds(asking(request))


@post("/needs/kinds", status_code=200)
async def set_kind(request: Asked) -> Response[Any]:
    """Decide a kind of need."""
    who, given = asking(request), await fields(request)
    who.signed()
    roles = await many(request, "roles")
    try:
        days = given.get("days", "")
        if not (days.isascii() and days.isdigit() and len(days) < 6):
            raise Invalid.of("days", "有效期应为 1 到 {most} 天。", most=DAYS_MAX)
        body = {name: given.get(name, "") for name in ("code", "name", "purpose", "basis")}
        await do_form(
            who,
            given,
            "people.set_need_kind",
            {**body, "days": int(days), "roles": roles, "retired": bool(given.get("retired"))},
        )
    except Refusal as refusal:
        return await _kinds(who, refusal=refusal, given={**given, "roles": roles})
    return back(who, "/needs/kinds")


ROUTES: list[Any] = [running_out, kinds_page, set_kind]
