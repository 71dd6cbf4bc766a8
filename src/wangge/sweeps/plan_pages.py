"""Rounds that come again: for programs, and on the desk."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import ZONE, new_id
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.kernel.said import worded
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import answer_deed, back, do_form, fields, read_day, whole
from wangge.sweeps.acts import OPEN, READ
from wangge.sweeps.commands.planning import Planning, coming
from wangge.sweeps.kinds import KINDS
from wangge.sweeps.queries import plans as queries
from wangge.sweeps.queries.plans import Plan

Asked = Request[Any, Any, Any]

PLANS_PAGE = 30
#: Times shown of each plan.
COMING = 4
VERBS = {
    "pause": "sweeps.pause_plan",
    "resume": "sweeps.resume_plan",
    "end": "sweeps.end_plan",
}
#: What the form offers: days between two rounds, in words.
EVERY_NAMES = {1: "每天", 2: "每两天", 3: "每三天", 7: "每周", 14: "每两周", 30: "每 30 天"}


async def _plans(
    who: Asking, after: str | None, size: int
) -> tuple[list[Plan], str | None, datetime]:
    mark = read_mark(after)
    async with who.tx(read_only=True) as tx:
        found = await queries.page(
            tx,
            tx.reach(READ),
            before=mark[0] if mark else None,
            before_id=mark[1] if mark else None,
            limit=size + 1,
        )
    shown = found[:size]
    more = mark_of(shown[-1].made_at, shown[-1].id) if len(found) > size else None
    return shown, more, tx.now


@get("/api/v1/sweeps/plans")
async def list_plans(
    request: Asked, after: FromQuery[str | None] = None, limit: FromQuery[int | None] = None
) -> Page[Plan]:
    """Rounds that come again within reach, the latest plan first."""
    who = asking(request)
    who.must(READ)
    shown, more, _ = await _plans(who, after, page_size(limit))
    return Page(shown, more)


@post("/api/v1/sweeps/plans", status_code=201)
async def make_plan(request: Asked, data: JSONBody[Planning]) -> Response[Any]:
    """Plan a round that comes again; without `starts_at` the first opens now."""
    return await answer_deed(request, "sweeps.plan", data)


@post("/api/v1/sweeps/plans/{plan_id:uuid}/{verb:str}", status_code=200)
async def change_plan(
    request: Asked, plan_id: FromPath[UUID], verb: FromPath[str]
) -> Response[Any]:
    """`pause`, `resume` or `end` a plan."""
    if verb not in VERBS:
        raise NotFound("这个地址")
    return await answer_deed(request, VERBS[verb], {"plan": str(plan_id)})


async def _page(who: Asking, after: str, refusal: Refusal | None = None) -> Response[Any]:
    who.must(READ)
    shown, more, now = await _plans(who, after, PLANS_PAGE)
    async with who.tx(read_only=True) as tx:
        kinds = await KINDS.get(tx)
        atlas = await ATLAS.get(tx)
        roster = await ROSTER.get(tx)
    return page(
        who,
        "sweeps/plans.html",
        status=refusal.status if refusal else 200,
        plans=shown,
        coming={plan.id: coming(plan, now, COMING) for plan in shown},
        trouble={plan.id: worded(who.locale, plan.trouble) for plan in shown if plan.trouble},
        names={plan.id: roster.staff_name(plan.by_id) for plan in shown},
        every_names=EVERY_NAMES,
        kinds=kinds,
        atlas=atlas,
        next=more,
        can_open=who.may(OPEN),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/sweeps/plans")
async def plans_page(request: Asked, after: FromQuery[str] = "") -> Response[Any]:
    """What comes again, and when next."""
    return await _page(asking(request), after)


@post("/sweeps/plans/{plan_id:uuid}/{verb:str}", status_code=200)
async def change_form(
    request: Asked, plan_id: FromPath[UUID], verb: FromPath[str]
) -> Response[Any]:
    """Pause, go on, end."""
    who, given = asking(request), await fields(request)
    who.signed()
    if verb not in VERBS:
        raise NotFound("这个页面")
    try:
        await do_form(who, given, VERBS[verb], {"plan": str(plan_id)})
    except Refusal as refusal:
        return await _page(who, "", refusal)
    return back(who, "/sweeps/plans")


def planning_of(given: dict[str, str], opening: dict[str, Any]) -> dict[str, Any]:
    """What the opening form says of coming again, beside the round. Raises Invalid."""
    every = whole(given.get("every_days", ""), -1)
    if every < 0:
        raise Invalid.of("every_days", "请选择多久重复一次。")
    raw = {**opening, "every_days": every, "workdays": bool(given.get("workdays"))}
    if given.get("until"):
        raw["until"] = read_day(given["until"], "until").isoformat()
    if given.get("starts_at"):
        try:
            moment = datetime.fromisoformat(given["starts_at"]).replace(tzinfo=ZONE)
        except ValueError as wrong:
            raise Invalid.of(
                "starts_at", "第一轮的时间写成 2026-03-18 08:00 的样子。"
            ) from wrong
        raw["starts_at"] = moment.isoformat()
    return raw


API_ROUTES: list[Any] = [list_plans, make_plan, change_plan]
ROUTES: list[Any] = [plans_page, change_form]
