"""Desk pages of what is asked along with the next sweep or visit."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from wangge.forms.acts import QUESTION, READ
from wangge.forms.entries import dictionary
from wangge.forms.following import asked_on_the_way
from wangge.forms.model import WAYS
from wangge.forms.pages.common import ROWS, Asked, areas_for, number
from wangge.forms.queries import questions as question_queries
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many


async def _questions(
    who: Asking, *, refusal: Refusal | None = None, given: dict[str, str] | None = None
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        atlas, known = await ATLAS.get(tx), await dictionary(tx)
        found = await question_queries.questions(tx, tx.reach(READ), live=False, limit=ROWS)
        roster = await ROSTER.get(tx)
        at = tx.now
    tags = known.find("resident.tags")
    return page(
        who,
        "forms/questions.html",
        status=refusal.status if refusal else 200,
        questions=found,
        at=at,
        atlas=atlas,
        known=known,
        roster=roster,
        ways=WAYS,
        askable=[e for e in known.all() if asked_on_the_way(e.spec)],
        tags=(tags.spec.codes or {}) if tags else {},
        areas=areas_for(who, atlas, QUESTION),
        may_ask=who.may(QUESTION),
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/forms/questions")
async def questions_page(request: Asked) -> Response[Any]:
    """What goes along with the next sweep or visit."""
    return await _questions(asking(request))


@post("/forms/questions", status_code=200)
async def open_question(request: Asked) -> Response[Any]:
    """Ask something along with the next sweep or visit."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body = {
            "key": given.get("key", ""),
            "area_code": given.get("area_code", ""),
            "words": given.get("words", ""),
            "of_whom": given.get("of_whom", "stale"),
            "tag": given.get("tag") or None,
            "ways": await many(request, "ways"),
            "days": number(given, "days") or 60,
        }
        await do_form(who, given, "forms.open_questions", {"questions": [body]})
    except Refusal as refusal:
        return await _questions(who, refusal=refusal, given=given)
    return back(who, "/forms/questions")


@post("/forms/questions/{question_id:uuid}/close", status_code=200)
async def close_question(request: Asked, question_id: FromPath[UUID]) -> Response[Any]:
    """Nobody asks it any more."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        await do_form(who, given, "forms.close_question", {"question_id": str(question_id)})
    except Refusal as refusal:
        return await _questions(who, refusal=refusal)
    return back(who, "/forms/questions")
