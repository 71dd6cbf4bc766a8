"""One act on every household of a list, at the desk."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import get, post

from wangge.imports import bulk_homes
from wangge.imports.acts import BULK
from wangge.imports.pages.bulk import office, picked_ids
from wangge.imports.pages.common import Answer, Ask
from wangge.imports.queries.bulk_homes import houses
from wangge.kernel.http import Asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people.model import TENURES
from wangge.places import ATLAS
from wangge.places.forms import areas_within, do_form, fields, gone, many

#: Buildings offered to choose from.
HOUSES_MAX = 2_000
KEYS = ("area", "what", "building", "tenure_is", "tenure", "field", "to", "ids", "lines")


def _asked(given: Mapping[str, str]) -> bulk_homes.Bulk:
    what = given.get("what", "tenure")
    if what not in bulk_homes.ACTS:
        raise Invalid.of("what", "没有“{code}”这个选项。", code=what[:20])
    return bulk_homes.Bulk(
        given.get("area", ""),
        what,  # type: ignore[arg-type]
        _house(given, "building"),
        given.get("tenure_is", ""),
        given.get("tenure", "") if what == "tenure" else "",
        given.get("field", "") if what == "confirm" else "",
        _house(given, "to") if what == "move" else None,
        picked_ids(given.get("ids", "")) if what != "pasted" else (),
        # Browsers end a line as they like; the mark is of what it says.
        "\n".join(given.get("lines", "").splitlines()) if what == "pasted" else "",
    )


def _house(given: Mapping[str, str], name: str) -> UUID | None:
    try:
        return UUID(given[name]) if given.get(name) else None
    except ValueError as wrong:
        raise Invalid.of(name, "请从列表里选一幢楼。") from wrong


async def _show(
    who: Asking, given: Mapping[str, str], *, refusal: Refusal | None = None, done: Any = None
) -> Answer:
    outcome: bulk_homes.Outcome | None = None
    async with who.tx(read_only=True) as tx:
        if given.get("look"):
            try:
                outcome = await bulk_homes.preview(tx, _asked(given))
            except Refusal as wrong:
                if gone(wrong):
                    raise
                refusal = refusal or wrong
        buildings = await houses(tx, tx.reach(BULK), HOUSES_MAX)
        atlas = await ATLAS.get(tx)
    return page(
        who,
        "imports/bulk_homes.html",
        status=refusal.status if refusal else 200,
        given=given,
        keys=KEYS,
        outcome=outcome,
        acts=bulk_homes.ACTS,
        confirms=bulk_homes.FIELDS,
        left=bulk_homes.LEFT,
        tenures=TENURES,
        picked=len(given.get("ids", "").split()),
        areas=areas_within(who, atlas, BULK, shortest=9, longest=15),
        buildings=buildings,
        atlas=atlas,
        done=done,
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/residents/bulk/homes")
async def homes_page(request: Ask) -> Answer:
    """Which households and what; with `look`, what would be done."""
    return await _show(office(request), dict(request.query_params.items()))


@post("/residents/bulk/homes/pick", status_code=200)
async def pick_homes(request: Ask) -> Answer:
    """The households of people ticked on a list."""
    who, given = office(request), await fields(request)
    picked = [*given.get("ids", "").split(), *await many(request, "who")]
    refusal = None if picked else Invalid.of("who", "还没有勾选人。请回到名单,勾选后再点。")
    return await _show(who, {**given, "ids": " ".join(picked)}, refusal=refusal)


@post("/residents/bulk/homes/look", status_code=200)
async def look_at_homes(request: Ask) -> Answer:
    """What would be done to the households of people who were picked, or of a pasted list: doors of
    people do not belong in an address."""
    who, given = office(request), await fields(request)
    return await _show(who, {**given, "look": "1"})


@post("/residents/bulk/homes", status_code=200)
async def do_homes(request: Ask) -> Answer:
    """Do what was previewed."""
    who, given = office(request), await fields(request)
    try:
        asked = _asked(given)
        body = {
            "area": asked.area,
            "what": asked.what,
            "building": str(asked.building) if asked.building else None,
            "tenure_is": asked.tenure_is,
            "tenure": asked.tenure,
            "field": asked.field,
            "to": str(asked.to) if asked.to else None,
            "people": [str(one) for one in asked.people],
            "lines": asked.lines,
            "mark": given.get("mark", ""),
        }
        done = await do_form(who, given, "imports.bulk_homes", body)
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await _show(who, {**given, "look": "1"}, refusal=refusal)
    return await _show(who, {**given, "look": ""}, done=done)


ROUTES: list[Any] = [homes_page, pick_homes, look_at_homes, do_homes]
