"""The answers of a whole round on the desk: counted, and as a file for a reason."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from wangge.exports.acts import ASK as EXPORT
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.refusals import Refusal
from wangge.people.acts import RESIDENT_READ
from wangge.places.forms import back, do_form, fields
from wangge.sweeps.acts import READ
from wangge.sweeps.board import within_reach
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.makers import ANSWERS
from wangge.sweeps.queries import certificate, rounds
from wangge.sweeps.queries import feeding as answered
from wangge.sweeps.rough import LEAST, rough
from wangge.sweeps.showing import common

Asked = Request[Any, Any, Any]


async def _answers(
    who: Asking, round_id: UUID, given: Mapping[str, str], refusal: Refusal | None = None
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await rounds.round_(tx, tx.reach(READ), round_id)
        kind = await kind_as_opened(tx, round_id)
        counted = [q.key for q in kind.questions if q.kind in ("bool", "choice", "choices")]
        found = await answered.tallies(tx, tx.reach(READ), round_id, counted)
        size = await answered.size(tx, tx.reach(READ), round_id)
        seen = within_reach(round_, tx.reach(READ))
        purged = await certificate.purged(tx, round_)
        exact = kind.stops or tx.reach(RESIDENT_READ).covers(seen)
    few = not exact and size.doors < LEAST
    tallies: dict[str, dict[str, str]] = {}
    for one in () if few else found:
        words = str(one.answers) if exact else rough(one.answers, who.locale)
        tallies.setdefault(one.key, {})[one.value] = words
    return page(
        who,
        "sweeps/answers.html",
        status=refusal.status if refusal else 200,
        round=round_,
        kind=kind,
        questions=[q for q in kind.questions if q.kind != "note"],
        tallies=tallies,
        size=size,
        doors=str(size.doors) if exact else rough(size.doors, who.locale),
        exact=exact,
        few=few,
        purged=purged,
        has_phones=any(q.kind == "phone" for q in kind.questions),
        may_export=who.may(EXPORT) and who.may(RESIDENT_READ),
        given=given,
        locale=who.locale,
        refusal=who.said(refusal),
        **common(who),
    )


@get("/sweeps/{round_id:uuid}/answers")
async def answers_page(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """What was answered, counted; the list itself leaves for a reason only."""
    return await _answers(asking(request), round_id, {})


@post("/sweeps/{round_id:uuid}/answers", status_code=200)
async def export_answers(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """Ask for the answers as a file."""
    who, given = asking(request), await fields(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        round_ = await rounds.round_(tx, tx.reach(READ), round_id)
        size = await answered.size(tx, tx.reach(RESIDENT_READ), round_id)
    body = {
        "what": ANSWERS,
        "area_code": round_.area_code,
        "people": size.people,
        "reason": given.get("reason", ""),
        "spec": {"round": str(round_id)},
        "full": ["phone"] if given.get("full") else [],
        "title": round_.title,
    }
    try:
        await do_form(who, given, "exports.ask", body)
    except Refusal as refusal:
        return await _answers(who, round_id, given, refusal)
    return back(who, "/exports")


ROUTES: list[Any] = [answers_page, export_answers]
