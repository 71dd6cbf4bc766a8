"""One list: where it is, what would be mended and why, what does not fit, the signature, the file."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import Asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, gone, whole
from wangge.verification import queries
from wangge.verification.acts import CHECK, SIGN
from wangge.verification.bringing import columns_kept
from wangge.verification.called import as_called
from wangge.verification.columns import WORDS
from wangge.verification.makers import LIST
from wangge.verification.model import GONE, OUTCOMES, PHASES
from wangge.verification.pages.common import Answer, Ask, office, path_of
from wangge.verification.records import UNREAD, open_finding, open_notes
from wangge.verification.showing import rows_shown
from wangge.verification.words import FIELDS, SAME, STATES

ROWS, FINDINGS = 50, 50
#: Deeds that a button of the list's page does.
STEPS = ("sign", "drop", "stop", "retry", "accept", "doubt", "settle_finding")


async def show(
    who: Asking,
    list_id: UUID,
    *,
    state: str = "",
    after: str = "",
    odd: str = "",
    refusal: Refusal | None = None,
) -> Answer:
    """A list as it stands: one page of the rows of one state, one of what does not fit."""
    vault = who.district.vault
    async with who.tx(read_only=True) as tx:
        found = await queries.one_list(tx, list_id)
        counts = {one.state: one for one in await queries.tallies(tx, list_id)}
        state = state if state in STATES and state in counts else _first(set(counts))
        kept = await queries.rows_after(tx, list_id, whole(after), ROWS + 1, [state])
        rows = await rows_shown(tx, vault, found, kept[:ROWS])
        found_odd = await queries.findings(tx, list_id, whole(odd), FINDINGS + 1)
        odd_counts = await queries.count_findings(tx, list_id)
        noted = await queries.notes_kept(tx, list_id)
        kinds = await queries.proposals(tx, list_id) if state == "proposed" else []
        mine = await queries.has_mended(tx, list_id, who.signed().id)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
        may_check = tx.reach(CHECK).covers(found.area_code)
        may_sign = tx.reach(SIGN).covers(found.area_code)
    return page(
        who,
        "verification/one.html",
        status=refusal.status if refusal else 200,
        one=found,
        counts=counts,
        states=STATES,
        state=state,
        rows=rows,
        more=rows[-1].number if len(kept) > ROWS else None,
        findings=[
            (
                kept_,
                *(
                    as_called(who.locale, kept_.kind, said)
                    for said in open_finding(vault, list_id, kept_)
                ),
            )
            for kept_ in found_odd[:FINDINGS]
        ],
        more_odd=found_odd[FINDINGS - 1].number if len(found_odd) > FINDINGS else None,
        odd=odd_counts,
        kinds={one.mends: one.rows for one in kinds},
        notes=(notes := open_notes(vault, list_id, noted)),
        unread=sum(one.count for one in notes if one.words in UNREAD),
        columns=[WORDS[name] for name in WORDS if name in columns_kept(found).at],
        may_check=may_check,
        may_sign=may_sign and found.by_id != who.signed().id and not mine,
        phases=PHASES,
        gone_words=GONE,
        outcomes=OUTCOMES,
        field_words=FIELDS,
        same_words=SAME,
        area=atlas.path(found.area_code),
        names=roster.staff_name,
        new_id=new_id,
        refusal=who.said(refusal),
    )


def _first(there: set[str]) -> str:
    """What somebody has to look at first."""
    return next((one for one in ("proposed", "open", "right") if one in there), "right")


@get("/verification/{list_id:uuid}")
async def one_page(
    request: Ask,
    list_id: FromPath[UUID],
    after: FromQuery[str] = "",
    odd: FromQuery[str] = "",
) -> Answer:
    """A list as it stands; `?state=` chooses rows, `?odd=` goes on in what does not fit."""
    state = request.query_params.get("state", "")
    return await show(office(request), list_id, state=state, after=after, odd=odd)


@post("/verification/{list_id:uuid}/{step:str}", status_code=200)
async def step_form(request: Ask, list_id: FromPath[UUID], step: FromPath[str]) -> Answer:
    """A button of the page: take mends, doubt one, sign, stop, go on, give up."""
    who, given = office(request), await fields(request)
    if step == "export":
        return await _export(who, list_id, given)
    if step not in STEPS:
        raise Invalid.of("step", "没有这种操作。")
    body: dict[str, Any] = {"list_id": str(list_id)}
    if step == "accept":
        numbers = given.get("number", "")
        body["numbers"] = [whole(numbers)] if numbers else None
        body["mends"] = [one for one in given.get("mends", "").split(",") if one]
    if step in ("doubt", "settle_finding"):
        body["number"] = whole(given.get("number", ""))
    try:
        await do_form(who, given, f"verification.{step}", body)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await show(who, list_id, refusal=refusal)
    return back(who, path_of(list_id, "?state=proposed" if step in ("accept", "doubt") else ""))


async def _export(who: Asking, list_id: UUID, given: dict[str, str]) -> Answer:
    """Ask for the signed list as a file."""
    async with who.tx(read_only=True) as tx:
        found = await queries.one_list(tx, list_id)
    body = {
        "what": LIST,
        "area_code": found.area_code,
        "people": found.rows,
        "reason": given.get("reason", ""),
        "spec": {"list": str(list_id)},
        "full": [name for name in ("name", "phone", "id_number") if given.get(name)],
        "title": found.title,
    }
    try:
        done = await do_form(who, given, "exports.ask", body)
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await show(who, list_id, refusal=refusal)
    return back(who, f"/exports/{done['id']}")


ROUTES: list[Any] = [one_page, step_form]
