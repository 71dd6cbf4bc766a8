"""One act on everybody of a list, at the desk."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from wangge.imports import bulk
from wangge.imports.acts import BULK
from wangge.imports.pages.common import Answer, Ask
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id, now
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people import ROSTER
from wangge.people.tags import CONSENTS, kinds
from wangge.places import ATLAS
from wangge.places.forms import areas_within, do_form, fields, gone, many

#: The youngest and the oldest age that may be asked for.
AGES = (0, 120)


def office(request: Ask) -> Asking:
    """Whoever may change many at once."""
    who = asking(request)
    who.must(BULK)
    return who


def _asked(given: Mapping[str, str]) -> bulk.Bulk:
    what = given.get("what", "note")
    if what not in bulk.ACTS:
        raise Invalid.of("what", "没有“{code}”这个选项。", code=what[:20])
    age = given.get("age", "")
    if age and not (age.isdecimal() and AGES[0] <= int(age) <= AGES[1]):
        raise Invalid.of("age", "年龄应是 0 到 120。")
    return bulk.Bulk(
        given.get("area", ""),
        what,  # type: ignore[arg-type]
        given.get("tag", ""),
        now().year - int(age) if age else None,
        given.get("kind", "") if what != "confirm" else "",
        given.get("consent", "") if what == "note" else "",
        (given.get("leaves", "") if what == "leave" else given.get("why", "")) or "no_longer",
        given.get("field", "") if what == "confirm" else "",
        picked_ids(given.get("ids", "")),
    )


def picked_ids(text: str) -> tuple[UUID, ...]:
    """People picked from a list, by blanks."""
    try:
        return tuple(UUID(one) for one in text.split())
    except ValueError as wrong:
        raise Invalid.of("ids", "勾选的人不对,请回到名单重新勾选。") from wrong


async def _show(
    who: Asking,
    given: Mapping[str, str],
    *,
    refusal: Refusal | None = None,
    done: Any = None,
    undone: Any = None,
) -> Answer:
    outcome: bulk.Outcome | None = None
    async with who.tx(read_only=True) as tx:
        if given.get("look"):
            try:
                outcome = await bulk.preview(tx, _asked(given))
            except Refusal as wrong:
                if gone(wrong):
                    raise
                refusal = refusal or wrong
        batches = await bulk.latest(tx)
        known = await kinds(tx)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
    return page(
        who,
        "imports/bulk.html",
        status=refusal.status if refusal else 200,
        given=given,
        outcome=outcome,
        acts=bulk.ACTS,
        ends=bulk.ENDS,
        confirms=bulk.FIELDS,
        leaves=bulk.LEAVES,
        picked=len(given.get("ids", "").split()),
        left=bulk.LEFT,
        consents=CONSENTS,
        needs=[kind for kind in known.values() if not kind.retired],
        areas=areas_within(who, atlas, BULK, shortest=9, longest=15),
        atlas=atlas,
        batches=batches,
        names=roster.staff_name,
        done=done,
        undone=undone,
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/residents/bulk")
async def bulk_page(request: Ask) -> Answer:
    """Whom and what; with `look`, what would be done."""
    who = office(request)
    return await _show(who, dict(request.query_params.items()))


@post("/residents/bulk/pick", status_code=200)
async def pick(request: Ask) -> Answer:
    """People ticked on a list: in the body, so that no address says who was picked."""
    who, given = office(request), await fields(request)
    picked = await many(request, "who")
    refusal = None if picked else Invalid.of("who", "还没有勾选人。请回到名单,勾选后再点。")
    return await _show(who, {**given, "ids": " ".join(picked)}, refusal=refusal)


@post("/residents/bulk/look", status_code=200)
async def look(request: Ask) -> Answer:
    """What would be done to people who were picked."""
    who, given = office(request), await fields(request)
    return await _show(who, {**given, "look": "1"})


@post("/residents/bulk", status_code=200)
async def do(request: Ask) -> Answer:
    """Do what was previewed."""
    who, given = office(request), await fields(request)
    try:
        asked = _asked(given)
        body = {
            "area": asked.area,
            "what": asked.what,
            "tag": asked.tag,
            "born_until": asked.born_until,
            "kind": asked.kind,
            "consent": asked.consent,
            "why": asked.why,
            "field": asked.field,
            "ids": [str(one) for one in asked.ids],
            "mark": given.get("mark", ""),
        }
        done = await do_form(who, given, "imports.bulk", body)
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await _show(who, {**given, "look": "1"}, refusal=refusal)
    return await _show(who, {**given, "look": ""}, done=done)


@post("/residents/bulk/{batch_id:uuid}/undo", status_code=200)
async def undo(request: Ask, batch_id: FromPath[UUID]) -> Answer:
    """Take a bulk act back."""
    who, given = office(request), await fields(request)
    try:
        undone = await do_form(who, given, "imports.undo_bulk", {"batch_id": str(batch_id)})
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await _show(who, {}, refusal=refusal)
    return await _show(who, {}, undone=undone)


ROUTES: list[Any] = [bulk_page, pick, look, do, undo]
