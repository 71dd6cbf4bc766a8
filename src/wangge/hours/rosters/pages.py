"""排班表 at the desk: draw, see who can stand what, change by hand, publish, mend."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.hours.acts import OVERRIDE, PLAN, PUBLISH, READ
from wangge.hours.rosters import kept, setup_pages, team_pages, views
from wangge.hours.rosters.ground import Ground, ground
from wangge.hours.rosters.model import (
    DAYS_USUAL,
    WHAT_NAMES,
)
from wangge.hours.rosters.showing import WEEKDAYS, ends_of, names_of, telling, wording
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import NotFound, Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS, Atlas
from wangge.places.forms import back, do_form, do_or_show, fields, many, whole

Req = Request[Any, Any, Any]

#: Rosters of one screen, versions shown, areas to choose from.
ROWS, VERSIONS, AREAS_MAX = 30, 30, 400
#: Changes listed; the days show all of them.
CHANGES_MAX = 60


# -- the list ----------------------------------------------------------------------------------


@get("/hours/rosters")
async def rosters_page(request: Req, after: FromQuery[str] = "") -> Response[Any]:
    """Rosters within reach, and a form for a new one."""
    return await _list(asking(request), after=after)


async def _list(
    who: Asking,
    *,
    after: str = "",
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Response[Any]:
    who.must(READ)
    mark = read_mark(after)
    async with who.tx(read_only=True) as tx:
        rows = await kept.sheets(
            tx,
            READ,
            before=mark[0] if mark else None,
            before_id=mark[1] if mark else None,
            limit=ROWS + 1,
        )
        atlas = await ATLAS.get(tx)
        areas = _areas(tx, atlas)
        today = local_date(tx.now)
    last = rows[ROWS - 1] if len(rows) > ROWS else None
    return page(
        who,
        "hours/rosters.html",
        status=refusal.status if refusal else 200,
        rows=rows[:ROWS],
        mark=mark_of(last.at, last.id) if last else None,
        atlas=atlas,
        areas=areas,
        first_day=today + timedelta(days=7 - today.weekday()),
        days=DAYS_USUAL,
        ends=ends_of,
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


def _areas(tx: Tx, atlas: Atlas) -> list[tuple[str, str]]:
    """Where the asker may draw a roster, the widest first: code and path."""
    reach = tx.reach(PLAN)
    found = sorted(
        (area.code for area in atlas.open_areas() if reach.covers(area.code)),
        key=lambda code: (len(code), code),
    )
    return [(code, atlas.path(code)) for code in found if len(code) <= 15][:AREAS_MAX]


@post("/hours/rosters", status_code=200)
async def draw_form(request: Req) -> Response[Any]:
    """Begin a roster; its posts and people come next."""
    who, given = asking(request), await fields(request)
    who.must(PLAN)
    body = {
        "id": given.get("deed") or str(new_id()),
        "area_code": given.get("area_code", ""),
        "name": given.get("name", ""),
        "first_day": given.get("first_day", ""),
        "days": whole(given.get("days", "")),
        "like": given.get("like") or None,
    }
    try:
        made = await do_form(who, given, "hours.roster_draw", body)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _list(who, refusal=refusal, given=given)
    return back(who, f"/hours/rosters/{made['id']}/setup")


# -- one roster --------------------------------------------------------------------------------


@get("/hours/rosters/{id_:uuid}")
async def roster_page(
    request: Req, id_: FromPath[UUID], day: FromQuery[int] = -1
) -> Response[Any]:
    """A roster: what the checker says, a day at a time, what would change, and what to do."""
    return await _roster(asking(request), id_, day=day)


async def _roster(
    who: Asking,
    id_: UUID,
    *,
    day: int = -1,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        sheet = await kept.sheet(tx, READ, id_)
        found = await ground(tx, sheet)
        past = await kept.versions(tx, id_, VERSIONS)
        published = await kept.publications(tx, id_, VERSIONS)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
        may_plan = tx.reach(PLAN).covers(sheet.area_code)
        may_publish = tx.reach(PUBLISH).covers(sheet.area_code)
        may_override = tx.reach(OVERRIDE).covers(sheet.area_code)
        today = local_date(tx.now)
    names = names_of(
        roster,
        {UUID(one.person) for one in (*sheet.rows, *found.today)}
        | set(found.setup.people)
        | {one.by_id for one in past}
        | {one.by_id for one in published},
    )
    if not 0 <= day < sheet.days:
        day = min(max(0, (today - sheet.first_day).days), sheet.days - 1)
    # The checker of some hundred people is not for the line that answers everybody.
    shown = await asyncio.to_thread(_shown, found, day, names)
    return page(
        who,
        "hours/roster.html",
        status=refusal.status if refusal else 200,
        one=sheet,
        found=found,
        **shown,
        day=day,
        path=atlas.path(sheet.area_code),
        ends=ends_of(sheet),
        weekdays=WEEKDAYS,
        past=past,
        published=published,
        names=names,
        people=sorted(found.setup.people, key=lambda one: (names[one], one)),
        what_names=WHAT_NAMES,
        may_plan=may_plan,
        may_publish=may_publish,
        may_override=may_override,
        needs_reason=refusal is not None and refusal.code in ("roster-faulty", "over-limit"),
        today=today,
        tell=telling(who),
        words=wording(who),
        refusal=who.said(refusal),
        given=given or {},
        changes_max=CHANGES_MAX,
        new_id=new_id,
    )


def _shown(found: Ground, day: int, names: Mapping[UUID, str]) -> dict[str, Any]:
    judged = found.judged
    known = found.judge(tuple(found.today), compared=False) if found.today else None
    return {
        "judged": judged,
        "besides": views.besides(found),
        "known": known,
        "tabs": views.tabs(found),
        "posts": views.of_day(found, day, names),
        "by_person": views.by_person(found, names),
        "changes": views.changes(found),
        "concerned": views.concerned(found),
        "faults": [
            (names.get(UUID(one.person), "") if one.person else "", one)
            for one in judged.faults[:CHANGES_MAX]
        ],
    }


@get("/hours/rosters/{id_:uuid}/standing")
async def standing(request: Req, id_: FromPath[UUID]) -> Response[Any]:
    """How far it is; the browser loads the page anew when it is there."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        one = await kept.sheet(tx, READ, id_)
    answer = page(who, "hours/_roster_standing.html", one=one)
    if not one.work:
        answer.headers["HX-Refresh"] = "true"
    return answer


# -- one place ---------------------------------------------------------------------------------


@get("/hours/rosters/{id_:uuid}/place")
async def place_page(
    request: Req,
    id_: FromPath[UUID],
    day: FromQuery[int],
    shift: FromQuery[str],
    post: FromQuery[str],
    was: FromQuery[UUID | None] = None,
) -> Response[Any]:
    """Who could stand in a place, by skill and by the guard, and who could not and why."""
    who = asking(request)
    who.must(PLAN)
    async with who.tx(read_only=True) as tx:
        sheet = await kept.sheet(tx, PLAN, id_)
        found = await ground(tx, sheet)
        roster = await ROSTER.get(tx)
    if not found.has(day, shift, post):
        raise NotFound("这个岗次")
    rows = await asyncio.to_thread(views.able, found, day, shift, post)
    names = names_of(roster, [one.staff_id for one in rows] + ([was] if was else []))
    there = {
        UUID(one.person)
        for one in found.rows
        if (one.day, one.shift, one.post) == (day, shift, post)
    }
    rows = sorted(
        (one for one in rows if one.staff_id not in there),
        key=lambda one: (not one.able, names[one.staff_id], one.staff_id),
    )
    return page(
        who,
        "hours/roster_place.html",
        one=sheet,
        day=day,
        date=found.date(day),
        weekday=WEEKDAYS[found.date(day).weekday()],
        shift=found.problem.shift_of[shift],
        begins=found.begins(day, shift),
        ends=found.ends(day, shift),
        post=found.problem.post_of[post],
        was=was,
        rows=rows,
        names=names,
        tell=telling(who),
        new_id=new_id,
    )


# -- what is done ------------------------------------------------------------------------------


@post("/hours/rosters/{id_:uuid}/{step:str}", status_code=200)
async def step_form(request: Req, id_: FromPath[UUID], step: FromPath[str]) -> Response[Any]:
    """Put, back, ask, away, stop, drop, publish, take_back: as the deed of that name."""
    who, given = asking(request), await fields(request)
    who.must(PLAN)
    day = whole(given.get("day", ""), -1)
    body: dict[str, Any] = {"roster_id": str(id_)}
    if step in ("put", "back", "publish"):
        body["version"] = whole(given.get("version", ""))
    match step:
        case "put":
            body |= {
                "day": day,
                "shift": given.get("shift", ""),
                "post": given.get("post", ""),
                "staff_id": given.get("staff_id") or None,
                "was": given.get("was") or None,
            }
        case "back":
            body["number"] = whole(given.get("number", ""))
        case "ask":
            body |= {"kind": given.get("kind", ""), "seed": whole(given.get("seed", ""))}
        case "away":
            body |= {
                "staff_ids": await many(request, "staff_ids"),
                "since": given.get("since", ""),
                "until": given.get("until", ""),
            }
        case "publish":
            body["reason"] = given.get("reason", "")
        case "take_back":
            body |= {
                "published": whole(given.get("published", "")),
                "reason": given.get("reason", ""),
            }
        case "stop" | "drop":
            pass
        case _:
            raise NotFound("这个页面")

    async def show(refusal: Refusal) -> Response[Any]:
        return await _roster(who, id_, day=day, refusal=refusal, given=given)

    to = f"/hours/rosters/{id_}"
    if step == "drop":
        to = "/hours/rosters"
    elif step == "put":
        to += f"?day={day}"
    return await do_or_show(who, given, f"hours.roster_{step}", body, to, show)


ROUTES: list[Any] = [
    rosters_page,
    draw_form,
    roster_page,
    standing,
    place_page,
    step_form,
    *setup_pages.ROUTES,
    *team_pages.ROUTES,
]
