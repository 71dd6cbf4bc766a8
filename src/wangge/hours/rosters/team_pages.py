"""Rosters on paper and on the phones of those who stand in them; and who wants which day."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from wangge.hours.acts import OWN, READ
from wangge.hours.rosters import kept, views
from wangge.hours.rosters.ground import ground
from wangge.hours.rosters.model import (
    SAYS_NAMES,
    rows_of,
)
from wangge.hours.rosters.showing import WEEKDAYS, ends_of, names_of
from wangge.kernel.http import asking, page
from wangge.kernel.moments import local_date
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields

Req = Request[Any, Any, Any]


@get("/hours/rosters/{id_:uuid}/print")
async def print_page(request: Req, id_: FromPath[UUID]) -> Response[Any]:
    """Who stands where when, on A4: as people go by it, else the draft, which says so."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        sheet = await kept.sheet(tx, READ, id_)
        found = await ground(tx, sheet)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
        moment = tx.now
    if sheet.published:  # what has begun as it was planned, and what people go by
        begun = set(sheet.rows) - set(found.rows)
        sheet = replace(sheet, entries=rows_of([*begun, *found.today]))
        found = replace(found, sheet=sheet, rows=tuple(found.today))
    names = names_of(roster, {UUID(one.person) for one in sheet.rows})
    days = [(found.date(day), views.of_day(found, day, names)) for day in range(sheet.days)]
    return page(
        who,
        "hours/roster_print.html",
        one=sheet,
        found=found,
        draft=not sheet.published,
        days=days,
        path=atlas.path(sheet.area_code),
        weekdays=WEEKDAYS,
        moment=moment,
    )


@get("/hours/rosters/{id_:uuid}/wishes")
async def wishes_page(request: Req, id_: FromPath[UUID]) -> Response[Any]:
    """Who would rather have which day off, or likes to come, or cannot; and what the latest version makes
    of it. Nobody is asked why."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        sheet = await kept.sheet(tx, READ, id_)
        found = await ground(tx, sheet)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
    names = names_of(roster, found.setup.people)
    days = views.wishes(found, names)
    people = len(set(found.setup.people) - found.left)
    return page(
        who,
        "hours/roster_wishes.html",
        one=sheet,
        days=days,
        silent=people - len({w.staff_id for _, some in days for w in some}),
        people=people,
        path=atlas.path(sheet.area_code),
        ends=ends_of(sheet),
        weekdays=WEEKDAYS,
        says=SAYS_NAMES,
    )


@get("/hours/team")
async def team_page(request: Req) -> Response[Any]:
    """The published rosters the asker stands in."""
    who = asking(request)
    who.must(OWN)
    async with who.tx(read_only=True) as tx:
        rows = await kept.of_mine(tx, tx.now - views.TEAM_DAYS)
        atlas = await ATLAS.get(tx)
    if len(rows) == 1:
        return back(who, f"/hours/team/{rows[0].id}")
    return page(who, "hours/teams.html", rows=rows, atlas=atlas, ends=ends_of)


@get("/hours/team/{id_:uuid}")
async def team_roster_page(request: Req, id_: FromPath[UUID]) -> Response[Any]:
    """Who of one's team stands where when; only for whoever stands in it."""
    who = asking(request)
    actor = who.must(OWN)
    async with who.tx(read_only=True) as tx:
        mine, rows = await kept.team(tx, id_, tx.now - views.TEAM_DAYS)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
        today = local_date(tx.now)
    days = views.by_day(rows)
    return page(
        who,
        "hours/team.html",
        one=mine,
        me=actor.id,
        path=atlas.path(mine.area_code),
        ends=ends_of(mine),
        days=[row for row in days if row[0] >= today - timedelta(days=1)] or days,
        names=names_of(roster, {one.staff_id for one in rows}),
        weekdays=WEEKDAYS,
        today=today,
    )


@post("/hours/days", status_code=200)
async def day_form(request: Req) -> Response[Any]:
    """A day one would rather be spared, or have."""
    who, given = asking(request), await fields(request)
    who.must(OWN)
    day = given.get("on", "")
    body = {"since": day, "until": given.get("until") or day, "says": given.get("says", "")}
    await do_form(who, given, "hours.day", body)
    return back(who, "/hours/mine")


ROUTES: list[Any] = [day_form, print_page, team_page, team_roster_page, wishes_page]
