"""The page of responses: what is live, what waits for a second person, and the form."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from wangge.kernel.http import Asking, asking, do_deed, nav, page
from wangge.kernel.moments import ZONE, local, new_id, now
from wangge.kernel.refusals import Forbidden, Invalid, Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.responses import queries
from wangge.responses.acts import APPROVE, DECLARE, READ
from wangge.responses.api import here
from wangge.responses.model import DATA_ITEMS, LEVEL_NAMES, LONGEST, State

Req = Request[Any, Any, Any]

LISTED_MAX = 50
#: A response is declared for a community or more.
COMMUNITY_DIGITS = 12
#: A declaration's usual time.
USUAL = timedelta(days=14)

nav(36, "/responses", "应急响应", "alert", READ)

STATE_NAMES: dict[State, str] = {
    State.WAITING: "等待批准",
    State.COMING: "已批准,未开始",
    State.LIVE: "正在生效",
    State.OVER: "已结束",
}


@get("/responses")
async def responses_page(request: Req) -> Response[Any]:
    """In or around the asker's areas, the latest first."""
    return await _page(asking(request))


async def _page(
    who: Asking, *, refusal: Refusal | None = None, form: dict[str, Any] | None = None
) -> Response[Any]:
    actor = who.signed()
    async with who.tx(read_only=True) as tx:
        if not actor.may_somewhere(READ, tx.now):
            raise Forbidden(READ.name)
        found = await queries.listed(tx, before=None, before_id=None, limit=LISTED_MAX)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
        reach = tx.reach(DECLARE)
        areas = [
            area
            for prefix in reach.areas
            for area in atlas.open_areas(prefix)
            if len(area.code) <= COMMUNITY_DIGITS
        ]
    moment = now()
    names = {
        id_: roster.staff_name(id_)
        for r in found
        for id_ in (r.declared_by, r.approver_id, r.renewed_by, r.ended_by)
        if id_ is not None
    }
    return page(
        who,
        "responses/page.html",
        status=refusal.status if refusal else 200,
        responses=found,
        states={r.id: r.state(moment) for r in found},
        state_names=STATE_NAMES,
        levels=LEVEL_NAMES,
        items=DATA_ITEMS,
        names=names,
        area_names={r.area_code: atlas.name(r.area_code) for r in found},
        areas=areas,
        may_approve={r.id: actor.may(APPROVE, r.area_code, moment) for r in found},
        form=form or {},
        starts_at=_typed(moment),
        ends_at=_typed(moment + USUAL),
        latest=_typed(moment + LONGEST),
        deed=new_id(),
        refusal=who.said(refusal),
    )


def _typed(moment: datetime) -> str:
    """As an `<input type="datetime-local">` has it."""
    return f"{local(moment):%Y-%m-%dT%H:%M}"


def _read(text: str, field: str) -> str:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE).isoformat()
    except ValueError as wrong:
        raise Invalid.of(field, "请选择日期和时间。") from wrong


def _deed_id(form: FormMultiDict) -> UUID:
    try:
        return UUID(str(form.get("deed", "")))
    except ValueError as wrong:
        raise Invalid.of("deed", "页面已过期,请刷新后再试。") from wrong


@post("/responses")
async def declare_form(request: Req) -> Response[Any]:
    """Put a response before a second person."""
    who = asking(request)
    who.signed()
    form = await request.form()
    typed = {key: str(form.get(key, "")) for key in form}
    items = [str(item) for item in form.getall("data_items", [])]
    try:
        level = typed.get("level", "")
        raw = {
            **{
                key: typed.get(key, "")
                for key in (
                    "matter",
                    "area_code",
                    "purpose",
                    "legal_basis",
                    "measures",
                    "document_number",
                )
            },
            "level": int(level) if level.isdigit() else 0,
            "starts_at": _read(typed.get("starts_at", ""), "starts_at"),
            "ends_at": _read(typed.get("ends_at", ""), "ends_at"),
            "data_items": items,
        }
        await do_deed(who, "responses.declare", _deed_id(form), raw)
    except Invalid as refusal:
        return await _page(who, refusal=refusal, form={**typed, "data_items": items})
    return _back(who)


@post("/responses/{response_id:uuid}/{step:str}")
async def step_form(
    request: Req, response_id: FromPath[UUID], step: FromPath[str]
) -> Response[Any]:
    """Approve, renew or end."""
    who = asking(request)
    who.signed()
    form = await request.form()
    try:
        if step not in ("approve", "renew", "end"):
            raise Invalid.of("step", "没有这种操作。")
        raw = {"id": str(response_id)}
        if step == "renew":
            raw["ends_at"] = _read(str(form.get("ends_at", "")), "ends_at")
        await do_deed(who, f"responses.{step}", _deed_id(form), raw)
    except Refusal as refusal:
        return await _page(who, refusal=refusal)
    return _back(who)


def _back(who: Asking) -> Response[Any]:
    return Response(b"", status_code=303, headers={"Location": f"{who.base}/responses"})


@get("/responses/badge")
async def badge(request: Req) -> Response[Any]:
    """平时/战时 for the top bar; empty for somebody not signed in."""
    who = asking(request)
    found = await here(who) if who.actor.kind == "staff" else None
    return page(who, "responses/badge.html", responses=found, levels=LEVEL_NAMES)


ROUTES: list[Any] = [responses_page, declare_form, step_form, badge]
