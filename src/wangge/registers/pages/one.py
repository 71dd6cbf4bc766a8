"""The page of one thing, and the acts on it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.kernel.settings import decided
from wangge.people.changes import UNDO_DAYS
from wangge.people.roster import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, do_or_show, fields, read_day
from wangge.registers import acts, commands, reading
from wangge.registers.kinds import KINDS, PEOPLE
from wangge.registers.model import DONE, Full
from wangge.registers.pages.common import Req, headline, number, person_of
from wangge.registers.queries import Thing


async def _thing(
    who: Asking,
    thing_id: UUID,
    *,
    shown: str | None = None,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.must(acts.READ)
    async with who.tx(read_only=True) as tx:
        found = await reading.thing(tx, thing_id)
        atlas = await ATLAS.get(tx)
        roster = await ROSTER.get(tx)
        thing = found.thing
        may = {act: _may(tx, act, thing) for act in (acts.CHANGE, acts.CONFIRM, acts.REVEAL)}
        undo_days, today = (await decided(tx))(UNDO_DAYS), local_date(tx.now)
    there = thing.closed_on is None
    return page(
        who,
        "registers/thing.html",
        status=refusal.status if refusal else 200,
        view=found,
        thing=thing,
        kind=KINDS[thing.kind],
        kinds=KINDS,
        people_key=PEOPLE,
        headline=headline,
        atlas=atlas,
        today=today,
        undo_days=undo_days,
        names={act.actor_id: roster.staff_name(act.actor_id) for act in found.acts},
        done=DONE,
        may_change=there and may[acts.CHANGE],
        may_reopen=not there and may[acts.CHANGE],
        may_undo=may[acts.CHANGE],
        may_confirm=there and may[acts.CONFIRM],
        may_reveal=may[acts.REVEAL],
        shown=shown,
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


def _may(tx: Tx, act: Any, thing: Thing) -> bool:
    reach = tx.reach(act)
    return reach.covers(thing.area_code) or (
        act is not acts.CHANGE and thing.unit_id in reach.units
    )


@get("/registers/{thing_id:uuid}")
async def thing_page(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """One thing: what is known of it, who answers for it and did, what was done to it."""
    return await _thing(asking(request), thing_id)


async def _done(
    who: Asking, thing_id: UUID, given: dict[str, str], deed: str, body: dict[str, Any]
) -> Response[Any]:
    """Do a form's deed and show the thing again, or say why not."""
    return await do_or_show(
        who,
        given,
        deed,
        body,
        f"/registers/{thing_id}",
        lambda refusal: _thing(who, thing_id, refusal=refusal, given=given),
    )


@post("/registers/{thing_id:uuid}/confirm", status_code=200)
async def confirm(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """Still right (没变): one field, or with none all that is known."""
    who, given = asking(request), await fields(request)
    who.signed()
    seen = {
        "id": str(thing_id),
        "version": number(given, "version"),
        "fields": [given["field"]] if given.get("field") else [],
    }
    return await _done(who, thing_id, given, "registers.confirm", {"seen": [seen]})


@post("/registers/{thing_id:uuid}/person", status_code=200)
async def set_person(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """Somebody answers for it from now on."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        person = person_of(given)
    except Refusal as refusal:
        return await _thing(who, thing_id, refusal=refusal, given=given)
    body = {"thing_id": str(thing_id), "person": person}
    return await _done(who, thing_id, given, "registers.set_person", body)


@post("/registers/{thing_id:uuid}/person/{person_id:uuid}/end", status_code=200)
async def end_person(
    request: Req, thing_id: FromPath[UUID], person_id: FromPath[UUID]
) -> Response[Any]:
    """Somebody answers for it no longer."""
    who, given = asking(request), await fields(request)
    who.signed()
    body = {"thing_id": str(thing_id), "person_id": str(person_id)}
    return await _done(who, thing_id, given, "registers.end_person", body)


@post("/registers/{thing_id:uuid}/close", status_code=200)
async def close(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """It is no more."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        on = read_day(given["on"], "on").isoformat() if given.get("on") else None
    except Refusal as refusal:
        return await _thing(who, thing_id, refusal=refusal, given=given)
    body = {"thing_id": str(thing_id), "why": given.get("why", ""), "on": on}
    return await _done(who, thing_id, given, "registers.close", body)


@post("/registers/{thing_id:uuid}/reopen", status_code=200)
async def reopen(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """It is there after all."""
    who, given = asking(request), await fields(request)
    who.signed()
    return await _done(who, thing_id, given, "registers.reopen", {"thing_id": str(thing_id)})


@post("/registers/{thing_id:uuid}/undo", status_code=200)
async def undo(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """Take one act back; a registration that is taken back leaves the list."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        await do_form(who, given, "registers.undo", {"batch_id": given.get("batch", "")})
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _thing(who, thing_id, refusal=refusal, given=given)
    gone = given.get("what") == "thing_add"
    return back(who, "/registers" if gone else f"/registers/{thing_id}")


@post("/registers/{thing_id:uuid}/reveal", status_code=200)
async def reveal(request: Req, thing_id: FromPath[UUID]) -> Response[Any]:
    """One full value on the page, once; a reload shows the mask again."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        what, _, person = given.get("field", "").partition(".")
        if what not in list(Full):
            raise Invalid.of("field", "请选择要查看的内容。")
        person_id = UUID(person) if person else None
        async with who.tx() as tx:
            value = await commands.reveal(
                tx, who.district.vault, thing_id, Full(what), given.get("reason", ""), person_id
            )
    except ValueError as wrong:
        raise NotFound("这个负责人") from wrong
    except Refusal as refusal:
        if refusal.status == 404 and refusal.code == "not-found":
            raise
        return await _thing(who, thing_id, refusal=refusal, given=given)
    return await _thing(who, thing_id, shown=value, given=given)
