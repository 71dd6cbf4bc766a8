"""Desk pages of what workers were asked to fill and nobody admitted."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.forms.acts import ADMIT, FLAG, READ
from wangge.forms.pages.common import ROWS, Asked
from wangge.forms.queries import flags as flag_queries
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import Forbidden, Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields


async def _flags(
    who: Asking, *, after: str = "", refusal: Refusal | None = None
) -> Response[Any]:
    who.signed()
    if not (who.may(READ) or who.may(FLAG)):
        raise Forbidden(READ.name)
    async with who.tx(read_only=True) as tx:
        found = await flag_queries.flags_page(
            tx, tx.reach(READ), before=read_mark(after), limit=ROWS + 1
        )
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
    shown = found[:ROWS]
    return page(
        who,
        "forms/flags.html",
        status=refusal.status if refusal else 200,
        flags=shown,
        mark=mark_of(shown[-1].at, shown[-1].id) if len(found) > ROWS else None,
        atlas=atlas,
        roster=roster,
        may_answer=who.may(ADMIT),
        may_flag=who.may(FLAG),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/forms/flags")
async def flags_page(request: Asked, after: FromQuery[str] = "") -> Response[Any]:
    """Tables that workers were asked to fill and nobody admitted; the big button to say so."""
    return await _flags(asking(request), after=after)


@post("/forms/flags", status_code=200)
async def flag(request: Asked) -> Response[Any]:
    """One tap."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        await do_form(who, given, "forms.flag", {"words": given.get("words", "")})
    except Refusal as refusal:
        return await _flags(who, refusal=refusal)
    return back(who, "/forms/flags")


@post("/forms/flags/{flag_id:uuid}/answer", status_code=200)
async def answer_flag(request: Asked, flag_id: FromPath[UUID]) -> Response[Any]:
    """Tell the worker what becomes of it."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body = {"flag_id": str(flag_id), "answer": given.get("answer", "")}
        await do_form(who, given, "forms.answer_flag", body)
    except Refusal as refusal:
        return await _flags(who, refusal=refusal)
    return back(who, "/forms/flags")
