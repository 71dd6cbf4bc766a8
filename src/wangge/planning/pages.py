"""Desk pages: a community's micro-grids on the map, proposals beside the present, and lists to print."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.cases.queries import count_at_units
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.moments import new_id
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import NotFound, Refusal
from wangge.kernel.said import worded
from wangge.people import ROSTER
from wangge.places import ATLAS, AreaKind
from wangge.places.forms import back, do_form, do_or_show, fields, many, whole
from wangge.planning import queries
from wangge.planning.acts import DECIDE, PROPOSE, READ
from wangge.planning.commands import drift, going
from wangge.planning.delivery_pages import DELIVERIES
from wangge.planning.drawing import COLOURS, picture
from wangge.planning.judging import Judged, Step, best_steps, heads_change, judge, offered
from wangge.planning.lists import LISTS
from wangge.planning.model import KIND_NAMES, STATE_NAMES, NoMicroGrids, Wishes
from wangge.planning.town import Situation, situation

Asked = Request[Any, Any, Any]
#: Proposals of a community on its page.
SHOWN = 20
#: Versions of a proposal on its page.
VERSIONS_PAGE = 50

nav(67, "/micro-grids", "微网格划分", "scale", READ)


def _words(who: Asking) -> Callable[[str], str]:
    """For a template: a kept sentence in the asker's language."""

    def words(kept: str) -> str:
        return worded(who.locale, kept)

    return words


# -- communities -------------------------------------------------------------------------------


@get("/micro-grids")
async def communities_page(request: Asked) -> Response[Any]:
    """The communities within reach; the only one at once."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        atlas, reach = await ATLAS.get(tx), tx.reach(READ)
        waiting = {one.area_code: one.ready for one in await queries.waiting(tx, reach)}
    found = [
        area
        for area in atlas.open_areas()
        if area.kind is AreaKind.COMMUNITY and reach.covers(area.code)
    ]
    if len(found) == 1:
        return back(who, f"/micro-grids/{found[0].code}")
    return page(
        who,
        "planning/communities.html",
        communities=[
            (area, atlas.path(area.code), atlas.count(area.code, AreaKind.MICRO_GRID))
            for area in found
        ],
        waiting=waiting,
    )


# -- the check ---------------------------------------------------------------------------------


async def _check(
    who: Asking,
    code: str,
    *,
    after: str = "",
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.must(READ)
    nothing: NoMicroGrids | None = None
    found: Situation | None = None
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        try:
            found = await situation(tx, code)
        except NoMicroGrids as why:
            nothing = why
        rows = await queries.proposals(tx, code, read_mark(after), SHOWN + 1)
        roster = await ROSTER.get(tx)
        may_propose = tx.reach(PROPOSE).covers(code)
    area = atlas.area(code)
    if area is None:
        raise NotFound("这个社区")
    judged: Judged | None = None
    best: list[Step] = []
    if found:
        judged, best = await asyncio.to_thread(_looked_at, found)
    return page(
        who,
        "planning/check.html",
        status=refusal.status if refusal else 200,
        area=area,
        path=atlas.path(code),
        found=found,
        judged=judged,
        nothing=who.said(nothing),
        best=best,
        picture=picture(found, judged, None, {}) if found and judged else "",
        proposals=rows[:SHOWN],
        next=mark_of(rows[SHOWN - 1].at, rows[SHOWN - 1].id) if len(rows) > SHOWN else None,
        after=after,
        roster=roster,
        may_propose=may_propose,
        wishes=Wishes(),
        given=given or {},
        kind_names=KIND_NAMES,
        state_names=STATE_NAMES,
        marks=COLOURS,
        words=_words(who),
        refusal=who.said(refusal),
        new_id=new_id,
    )


def _looked_at(found: Situation) -> tuple[Judged, list[Step]]:
    return judge(found, found.town.today), best_steps(found)


@get("/micro-grids/{code:str}")
async def check_page(
    request: Asked, code: FromPath[str], after: FromQuery[str] = ""
) -> Response[Any]:
    """A community's micro-grids: which is unfair and why, the best steps, what was proposed."""
    return await _check(asking(request), code, after=after)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@post("/micro-grids/{code:str}/ask", status_code=200)
async def ask(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Ask for a repair, a new division, or begin one by hand."""
    who, given = asking(request), await fields(request)
    who.signed()
    rules: dict[str, Any] = {"across": given.get("across") == "1"}
    for name in ("heavy", "light", "stability", "whole_buildings"):
        if given.get(name):
            # What is no number is refused by the rules' own bounds.
            number = _number(given[name])
            rules[name] = -1.0 if number is None or number != number else number
    body = {
        "area_code": code,
        "kind": given.get("kind", ""),
        "rules": rules,
        "seed": whole(given.get("seed", "")),
    }
    try:
        answer = await do_form(who, given, "planning.ask", body)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _check(who, code, refusal=refusal, given=given)
    return back(who, f"/micro-grids/proposals/{answer['id']}")


@post("/micro-grids/{code:str}/head", status_code=200)
async def head(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Who heads a micro-grid, and where they live."""
    who, given = asking(request), await fields(request)
    who.signed()
    body = {
        "code": given.get("grid", ""),
        "staff_id": given.get("staff_id") or None,
        "unit_id": given.get("unit_id") or None,
    }

    async def show(refusal: Refusal) -> Response[Any]:
        return await _check(who, code, refusal=refusal, given=given)

    return await do_or_show(
        who, given, "planning.name_head", body, f"/micro-grids/{code}", show
    )


# -- a proposal --------------------------------------------------------------------------------


def _drawn(judged: Judged, today: Judged) -> list[tuple[Any, Any]]:
    """Lines of both divisions side by side, the heaviest of today first."""
    after = {line.code: line for line in judged.lines}
    return [
        (line, after[line.code]) for line in sorted(today.lines, key=lambda one: -one.ratio)
    ]


#: States of a proposal whose page shows the community.
_SHOWN = ("ready", "accepted", "undone")


async def _ground(tx: Tx, code: str, wishes: Wishes) -> Situation | None:
    try:
        return await situation(tx, code, wishes.rules())
    except NoMicroGrids:
        return None


def _went(applied: dict[str, Any] | None, found: Situation) -> list[tuple[str, str, str]]:
    """The stairwells that an accepted proposal moved: name, from, to."""
    called = found.called
    pairs: dict[str, list[str]] = (applied or {}).get("units", {})
    return sorted(
        (found.names.get(unit, "?"), called.get(was, was), called.get(to, to))
        for unit, (was, to) in pairs.items()
    )


def _households(applied: dict[str, Any] | None, found: Situation) -> int:
    """Behind the doors of the stairwells that an accepted proposal moved, as registered now."""
    moved = (applied or {}).get("units", {})
    return sum(unit.households for unit in found.town.units if unit.id in moved)


def _compared(found: Situation, division: dict[str, str]) -> tuple[Judged, Judged, list[Step]]:
    today = judge(found, found.town.today)
    return today, judge(found, division), offered(found, division)


async def _proposal(
    who: Asking,
    id_: UUID,
    *,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
    ticked: Sequence[str] | None = None,
    before: int | None = None,
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        one = await queries.proposal(tx, tx.reach(READ), id_)
        past = await queries.versions(tx, id_, VERSIONS_PAGE, before)
        wishes = msgspec.convert(one.rules, Wishes)
        found = await _ground(tx, one.area_code, wishes) if one.state in _SHOWN else None
        ready = found is not None and one.state == "ready"
        carried = await count_at_units(tx, going(one, found)) if found and ready else 0
        roster = await ROSTER.get(tx)
        may_propose = tx.reach(PROPOSE).covers(one.area_code)
        may_decide = tx.reach(DECIDE).covers(one.area_code)
    today = then = None
    steps: list[Step] = []
    gone = None
    if found and ready:
        today, then, steps = await asyncio.to_thread(_compared, found, one.division)
        gone = drift(one, found)
    return page(
        who,
        "planning/proposal.html",
        status=refusal.status if refusal else 200,
        one=one,
        area=atlas.area(one.area_code),
        path=atlas.path(one.area_code),
        found=found,
        today=today,
        then=then,
        drawn=_drawn(then, today) if then and today else [],
        steps=steps,
        heads=heads_change(found, steps) if found else 0,
        drift=gone,
        past=past,
        earlier=before,
        picture=picture(found, today, then, one.division, steps) if found and today else "",
        applied=len((one.applied or {}).get("units", {})),
        applied_households=_households(one.applied, found) if found else 0,
        went=_went(one.applied, found) if found else [],
        left=(one.applied or {}).get("left", 0),
        carried=carried or (one.applied or {}).get("cases", 0),
        wishes=wishes,
        roster=roster,
        may_propose=may_propose,
        may_decide=may_decide,
        given=given or {},
        ticked=ticked,
        kind_names=KIND_NAMES,
        state_names=STATE_NAMES,
        marks=COLOURS,
        words=_words(who),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/micro-grids/proposals/{id_:uuid}")
async def proposal_page(
    request: Asked, id_: FromPath[UUID], before: FromQuery[int | None] = None
) -> Response[Any]:
    """A proposal beside the present, its steps with their reasons, and what to do with it; of its versions
    the latest, or those `before` a number."""
    return await _proposal(asking(request), id_, before=before)


@get("/micro-grids/proposals/{id_:uuid}/standing")
async def standing(request: Asked, id_: FromPath[UUID]) -> Response[Any]:
    """How far a proposal is; the browser loads its page when it is there."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        one = await queries.standing(tx, tx.reach(READ), id_)
    answer = page(who, "planning/_standing.html", one=one)
    if one.state != "waiting":
        answer.headers["HX-Refresh"] = "true"
    return answer


async def _do(
    request: Asked,
    id_: UUID,
    kind: str,
    body: dict[str, Any],
    ticked: Sequence[str] | None = None,
    at: str = "",
) -> Response[Any]:
    who, given = asking(request), await fields(request)
    who.signed()

    async def show(refusal: Refusal) -> Response[Any]:
        return await _proposal(who, id_, refusal=refusal, given=given, ticked=ticked)

    return await do_or_show(
        who,
        given,
        kind,
        {"proposal_id": str(id_), **body},
        f"/micro-grids/proposals/{id_}{at}",
        show,
    )


@post("/micro-grids/proposals/{id_:uuid}/move", status_code=200)
async def move(request: Asked, id_: FromPath[UUID]) -> Response[Any]:
    """Put a stairwell into another micro-grid; the page then shows what that does."""
    given = await fields(request)
    body = {
        "unit_id": given.get("unit", ""),
        "to": given.get("grid", ""),
        "version": whole(given.get("version", "")),
    }
    return await _do(request, id_, "planning.move", body, at="#plan")


@post("/micro-grids/proposals/{id_:uuid}/back", status_code=200)
async def go_back(request: Asked, id_: FromPath[UUID]) -> Response[Any]:
    """An earlier version again."""
    given = await fields(request)
    body = {
        "number": whole(given.get("number", "")),
        "version": whole(given.get("version", "")),
    }
    return await _do(request, id_, "planning.back", body, at="#plan")


@post("/micro-grids/proposals/{id_:uuid}/accept", status_code=200)
async def accept(request: Asked, id_: FromPath[UUID]) -> Response[Any]:
    """Make the ticked steps true."""
    given, ticked = await fields(request), await many(request, "steps")
    body = {
        "version": whole(given.get("version", "")),
        "reason": given.get("reason", ""),
        "steps": ticked,
    }
    return await _do(request, id_, "planning.accept", body, ticked)


@post("/micro-grids/proposals/{id_:uuid}/undo", status_code=200)
async def undo(request: Asked, id_: FromPath[UUID]) -> Response[Any]:
    """Put back what was accepted."""
    given = await fields(request)
    return await _do(request, id_, "planning.undo", {"reason": given.get("reason", "")})


@post("/micro-grids/proposals/{id_:uuid}/drop", status_code=200)
async def drop(request: Asked, id_: FromPath[UUID]) -> Response[Any]:
    """Stop it, or put it away."""
    return await _do(request, id_, "planning.drop", {})


ROUTES: list[Any] = [
    communities_page,
    check_page,
    ask,
    head,
    proposal_page,
    standing,
    move,
    go_back,
    accept,
    undo,
    drop,
    *LISTS,
    *DELIVERIES,
]
