"""The desk's pages of exports: ask, agree, fetch, and what left."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.exports import acts, commands, guarding, queries
from wangge.exports.api import file_of, listed
from wangge.exports.makers import PEOPLE_LIST, count_people
from wangge.exports.model import (
    APPROVAL_ABOVE,
    FILE_HOURS,
    FORMATS,
    FULL_NAMES,
    STATE_NAMES,
    TROUBLES,
    WAITS_DAYS,
    Export,
    all_makers,
    needs_second,
)
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.moments import new_id
from wangge.kernel.paging import mark_of
from wangge.kernel.refusals import Forbidden, Invalid, Refusal
from wangge.kernel.settings import decided
from wangge.people import ROSTER
from wangge.people.model import NEEDS
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many

Req = Request[Any, Any, Any]

ROWS = 50

nav(63, "/exports", "导出", "download", acts.READ)


def _views(who: Asking) -> list[tuple[str, str]]:
    """The lists somebody may see: (view, words)."""
    found: list[tuple[str, str]] = []
    if who.may(acts.ASK):
        found.append(("mine", "我申请的"))
    if who.may(acts.APPROVE):
        found.append(("waiting", "等我审批"))
    if who.may(acts.AUDIT):
        found.append(("all", "全部"))
    return found


@get("/exports")
async def exports_page(
    request: Req, view: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[Any]:
    """One's own exports, those that wait for one, or all of them."""
    who = asking(request)
    who.signed()
    views = _views(who)
    if not views:
        raise Forbidden(acts.ASK.name)
    view = view or views[0][0]
    async with who.tx(read_only=True) as tx:
        rows = await listed(who, tx, view, after or None, ROWS + 1)
        waiting = await queries.count_waiting(tx, tx.reach(acts.APPROVE))
        roster, atlas = await ROSTER.get(tx), await ATLAS.get(tx)
    shown = rows[:ROWS]
    return page(
        who,
        "exports/exports.html",
        view=view,
        views=views,
        waiting=waiting,
        rows=shown,
        mark=mark_of(shown[-1].asked_at, shown[-1].id) if len(rows) > ROWS else None,
        roster=roster,
        atlas=atlas,
        makers=all_makers(),
        states=STATE_NAMES,
        full_names=FULL_NAMES,
        may_ask=who.may(acts.ASK),
    )


async def _new(
    who: Asking,
    *,
    area: str,
    tag: str,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
    full: list[str] | None = None,
) -> Response[Any]:
    who.must(acts.ASK)
    known = all_makers()[PEOPLE_LIST]
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        reach = tx.reach(acts.ASK)
        area = area or (reach.areas[0] if reach.areas else "") or atlas.county
        people = await count_people(tx, {"area": area, "tag": tag})
        decide = await decided(tx)
        alone = await queries.people_alone(tx, tx.actor.id, tx.now - commands.DAY, UUID(int=0))
        fields_given = [
            (name, FULL_NAMES[name])
            for name in FULL_NAMES
            if name in known.full
            and who.actor.may(
                acts.ID_NUMBERS if name == "id_number" else acts.FULL, area, tx.now
            )
        ]
        areas = [
            one
            for prefix in reach.areas
            for one in atlas.open_areas(prefix or atlas.county)
            if len(one.code) <= 15
        ]
    return page(
        who,
        "exports/new.html",
        status=refusal.status if refusal else 200,
        maker=known,
        area=area,
        tag=tag,
        areas=areas,
        atlas=atlas,
        needs=NEEDS,
        people=people,
        alone=alone,
        above=decide(APPROVAL_ABOVE),
        waits=needs_second(alone + people, decide(APPROVAL_ABOVE), ()),
        hours=decide(FILE_HOURS),
        full_fields=fields_given,
        full=full or [],
        formats=FORMATS,
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/exports/new")
async def new_page(
    request: Req, area: FromQuery[str] = "", tag: FromQuery[str] = ""
) -> Response[Any]:
    """The form for a list of residents: what, why, how much of it in full."""
    return await _new(asking(request), area=area, tag=tag)


@post("/exports", status_code=200)
async def ask(request: Req) -> Response[Any]:
    """Ask for it."""
    who, given = asking(request), await fields(request)
    who.signed()
    full = await many(request, "full")
    area, tag = given.get("area", ""), given.get("tag", "")
    try:
        people = given.get("people", "")
        done = await do_form(
            who,
            given,
            "exports.ask",
            {
                "what": PEOPLE_LIST,
                "area_code": area,
                "people": int(people) if people.isascii() and people.isdigit() else 0,
                "reason": given.get("reason", ""),
                "spec": {"area": area, "tag": tag},
                "full": full,
                "format": given.get("format", "xlsx"),
            },
        )
    except Invalid as refusal:
        return await _new(who, area=area, tag=tag, refusal=refusal, given=given, full=full)
    return back(who, f"/exports/{done['id']}")


async def _headings(tx: Tx, export: Export) -> list[str]:
    """The columns of the file, for whoever agrees to it. What a list is made of may be gone, or be
    somebody else's to read; then only its title is said."""
    known = all_makers().get(export.what)
    if known is None or not export.live:
        return []
    try:
        return list(await known.headings(tx, export.spec))
    except Refusal:
        return []


async def _export(
    who: Asking,
    export_id: UUID,
    *,
    refusal: Refusal | None = None,
    template: str = "exports/export.html",
) -> Response[Any]:
    actor = who.signed()
    async with who.tx(read_only=True) as tx:
        found = await commands.door(tx, export_id)
        headings = await _headings(tx, found)
        at = await queries.progress(tx, export_id)
        fetched = await queries.fetches(tx, export_id)
        roster, atlas = await ROSTER.get(tx), await ATLAS.get(tx)
        may_decide = (
            found.state == "waiting"
            and found.asked_by != actor.id
            and actor.may(acts.APPROVE, found.area_code, tx.now)
        )
        above = (await decided(tx))(APPROVAL_ABOVE)
    return page(
        who,
        template,
        above=above,
        lapses=found.asked_at + timedelta(days=WAITS_DAYS),
        status=refusal.status if refusal else 200,
        one=found,
        headings=headings,
        at=at,
        fetched=fetched,
        mine=found.asked_by == actor.id,
        may_decide=may_decide,
        roster=roster,
        atlas=atlas,
        makers=all_makers(),
        states=STATE_NAMES,
        troubles=TROUBLES,
        full_names=FULL_NAMES,
        needs=NEEDS,
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/exports/{export_id:uuid}")
async def export_page(request: Req, export_id: FromPath[UUID]) -> Response[Any]:
    """One export: who, why, how far, who agreed, who fetched it."""
    return await _export(asking(request), export_id)


@get("/exports/{export_id:uuid}/standing")
async def standing(request: Req, export_id: FromPath[UUID]) -> Response[Any]:
    """The part of the page that moves while a file is made."""
    return await _export(asking(request), export_id, template="exports/_standing.html")


@post("/exports/{export_id:uuid}/{step:str}", status_code=200)
async def decide_form(
    request: Req, export_id: FromPath[UUID], step: FromPath[str]
) -> Response[Any]:
    """Agree, refuse, take back."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        if step not in ("approve", "refuse", "withdraw"):
            raise Invalid.of("step", "没有这种操作。")
        raw: dict[str, Any] = {"export_id": str(export_id)}
        if step != "withdraw":
            raw["words"] = given.get("words", "")
        await do_form(who, given, f"exports.{step}", raw)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _export(who, export_id, refusal=refusal)
    return back(who, f"/exports/{export_id}")


@post("/exports/{export_id:uuid}/file", status_code=200)
async def fetch(request: Req, export_id: FromPath[UUID]) -> Response[Any]:
    """The file; every fetch is counted."""
    who = asking(request)
    who.signed()
    return await file_of(who, export_id)


ROUTES: list[Any] = [
    exports_page,
    new_page,
    ask,
    export_page,
    standing,
    fetch,
    decide_form,
    *guarding.ROUTES,
]
