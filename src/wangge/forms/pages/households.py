"""The desk page of a household: what it was asked, and what it may be asked now."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.forms import ledger
from wangge.forms.acts import ASK, LEDGER
from wangge.forms.entries import dictionary
from wangge.forms.following import ASKED
from wangge.forms.model import RESULTS, WAYS, said
from wangge.forms.pages.common import ROWS, Asked
from wangge.forms.questions import questions_for
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import Refusal
from wangge.people import ROSTER
from wangge.people.acts import RESIDENT_CHANGE
from wangge.people.commands.own import own_values
from wangge.people.queries.households import members
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many
from wangge.registers.kinds import KINDS as REGISTERS


async def _household(
    who: Asking,
    household_id: UUID,
    *,
    after: str = "",
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.must(LEDGER)
    async with who.tx(read_only=True) as tx:
        home, lines, held = await ledger.household_ledger(
            tx, household_id, before=read_mark(after), limit=ROWS + 1
        )
        atlas, known = await ATLAS.get(tx), await dictionary(tx)
        roster = await ROSTER.get(tx)
        own = [entry for entry in known.all() if entry.own]
        asked_here = [entry for entry in own if entry.spec.subject == "household"]
        asked_each = [entry for entry in own if entry.spec.subject == "resident"]
        people = await members(tx, household_id)
        told = await own_values(tx, household_id, [one.id for one in people]) if own else {}
        to_ask = {
            one.question_id: one
            for way in ("visit", "call")
            for one in (await questions_for(tx, way, [household_id])).get(household_id, ())
        }
    shown = lines[:ROWS]
    return page(
        who,
        "forms/household.html",
        status=refusal.status if refusal else 200,
        home=home,
        lines=shown,
        mark=mark_of(shown[-1].at, shown[-1].id) if len(lines) > ROWS else None,
        held=held,
        atlas=atlas,
        known=known,
        roster=roster,
        ways=WAYS,
        results=RESULTS,
        askable=[
            e
            for e in known.all()
            if e.spec.source.value in ASKED and e.spec.subject not in REGISTERS
        ],
        to_ask=list(to_ask.values()),
        masks={one.id: one.name_mask for one in people},
        may_ask=who.may(ASK) and not home.over,
        may_answer=bool(own) and who.may(RESIDENT_CHANGE) and not home.over,
        asked_here=asked_here,
        asked_each=asked_each,
        people=people,
        told=told,
        value_said=said,
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/forms/households/{household_id:uuid}")
async def household_page(
    request: Asked, household_id: FromPath[UUID], after: FromQuery[str] = ""
) -> Response[Any]:
    """Who asked this household what, when and how; what need not be asked again."""
    return await _household(asking(request), household_id, after=after)


@post("/forms/households/{household_id:uuid}", status_code=200)
async def contacted(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """I called."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        contact = {
            "household_id": str(household_id),
            "keys": await many(request, "keys"),
            "way": given.get("way", "call"),
            "result": given.get("result", "answered"),
            "office": given.get("office", ""),
        }
        await do_form(who, given, "forms.record_contacts", {"contacts": [contact]})
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _household(who, household_id, refusal=refusal)
    return back(who, f"/forms/households/{household_id}")


@post("/forms/households/{household_id:uuid}/answers", status_code=200)
async def answered(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """What they said to the district's own questions."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body: dict[str, Any] = {
            "household_id": str(household_id),
            "values": {key: text for key, text in given.items() if "." in key},
        }
        if given.get("resident_id"):
            body["resident_id"] = given["resident_id"]
        await do_form(who, given, "forms.answer", body)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _household(who, household_id, refusal=refusal, given=given)
    return back(who, f"/forms/households/{household_id}")
