"""Responses for programs: what is live here, and the four steps of a response's life."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar import Response as Answer
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from wangge.kernel.actors import outermost
from wangge.kernel.http import Asking, asking
from wangge.kernel.moments import now
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.places.forms import answer_deed
from wangge.responses import queries
from wangge.responses.acts import READ
from wangge.responses.commands import RESPONSES, Declaration
from wangge.responses.model import Mode, Response

Req = Request[Any, Any, Any]


class ModeView(Struct):
    """`mode` is war when a live response lies in or around the asker's areas."""

    mode: Mode
    responses: list[Response]


class Until(Struct):
    ends_at: datetime


async def here(who: Asking) -> list[Response]:
    """Live responses that touch the asker's areas, gravest first."""
    moment = now()
    areas = outermost(g.area_code for g in who.actor.grants if g.live(moment))
    async with who.tx(read_only=True) as tx:
        return (await RESPONSES.get(tx)).touching(areas, tx.now)


@get("/api/v1/mode")
async def mode(request: Req) -> ModeView:
    """平时 or 战时, for the asker."""
    who = asking(request)
    who.signed()
    found = await here(who)
    return ModeView("war" if found else "peace", found)


@get("/api/v1/responses")
async def responses(
    request: Req, after: FromQuery[str | None] = None, limit: FromQuery[int | None] = None
) -> Page[Response]:
    """In or around the asker's areas, the latest first."""
    who = asking(request)
    who.must(READ)
    size, mark = page_size(limit), read_mark(after)
    async with who.tx(read_only=True) as tx:
        found = await queries.listed(
            tx,
            before=mark[0] if mark else None,
            before_id=mark[1] if mark else None,
            limit=size + 1,
        )
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], mark_of(last.declared_at, last.id) if last else None)


@post("/api/v1/responses", status_code=201)
async def declare(request: Req, data: JSONBody[Declaration]) -> Answer[Any]:
    """Put a response before a second person."""
    return await answer_deed(request, "responses.declare", data)


@post("/api/v1/responses/{response_id:uuid}/approval", status_code=200)
async def approve(request: Req, response_id: FromPath[UUID]) -> Answer[Any]:
    """Approve somebody else's response."""
    return await answer_deed(request, "responses.approve", {"id": str(response_id)})


@post("/api/v1/responses/{response_id:uuid}/renewal", status_code=200)
async def renew(
    request: Req, response_id: FromPath[UUID], data: JSONBody[Until]
) -> Answer[Any]:
    """Go on until a later moment."""
    raw = {"id": str(response_id), "ends_at": data.ends_at.isoformat()}
    return await answer_deed(request, "responses.renew", raw)


@post("/api/v1/responses/{response_id:uuid}/end", status_code=200)
async def end(request: Req, response_id: FromPath[UUID]) -> Answer[Any]:
    """End it now."""
    return await answer_deed(request, "responses.end", {"id": str(response_id)})


ROUTES: list[Any] = [mode, responses, declare, approve, renew, end]
