"""岗位和人员 of a roster at the desk."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from wangge.hours.acts import PLAN
from wangge.hours.rosters import kept
from wangge.hours.rosters.model import (
    PEOPLE_MAX,
    WHEN_NAMES,
    Setup,
    ShiftOf,
    skills_of,
)
from wangge.hours.rosters.showing import names_of
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.places import ATLAS
from wangge.places.forms import do_or_show, fields, many, whole

Req = Request[Any, Any, Any]

#: People to tick; more than may be in a roster.
SHOWN_MAX = PEOPLE_MAX + 100
#: Rows for new posts and shifts in the form.
NEW_POSTS, NEW_SHIFTS = 4, 1


# -- posts and people --------------------------------------------------------------------------


@get("/hours/rosters/{id_:uuid}/setup")
async def setup_page(request: Req, id_: FromPath[UUID]) -> Response[Any]:
    """Shifts, posts and people, in one form."""
    return await _setup(asking(request), id_)


async def _setup(
    who: Asking, id_: UUID, *, refusal: Refusal | None = None, setup: Setup | None = None
) -> Response[Any]:
    who.must(PLAN)
    async with who.tx(read_only=True) as tx:
        sheet = await kept.sheet(tx, PLAN, id_)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
        shown = setup or sheet.plan
        there = _there(tx, roster, sheet.area_code, shown.people)
        skills = await kept.skills(tx, there)
    return page(
        who,
        "hours/roster_setup.html",
        status=refusal.status if refusal else 200,
        one=sheet,
        setup=shown,
        path=atlas.path(sheet.area_code),
        people=there,
        names=names_of(roster, there),
        skills=skills,
        most=SHOWN_MAX,
        people_most=PEOPLE_MAX,
        known=sorted({one for some in skills.values() for one in some}),
        when_names=WHEN_NAMES,
        new_posts=_fresh_ids("p", [one.id for one in shown.posts], NEW_POSTS),
        new_shifts=_fresh_ids("s", [one.id for one in shown.shifts], NEW_SHIFTS),
        refusal=who.said(refusal),
        new_id=new_id,
    )


def _fresh_ids(letter: str, taken: Sequence[str], count: int) -> list[str]:
    numbers = (f"{letter}{n}" for n in range(1, 1_000))
    return [one for one in numbers if one not in taken][:count]


def _there(tx: Tx, roster: Roster, area_code: str, chosen: Sequence[UUID]) -> list[UUID]:
    """Whoever is in the roster already, then who holds a post in the area, by name."""
    picked = set(chosen)
    found = [
        staff.id
        for staff in sorted(roster.all_staff(), key=lambda staff: staff.id not in picked)
        if staff.id in picked
        or any(g.area_code.startswith(area_code) for g in roster.grants(staff.id, tx.now))
    ]
    return found[:SHOWN_MAX]


@post("/hours/rosters/{id_:uuid}/setup", status_code=200)
async def setup_form(request: Req, id_: FromPath[UUID]) -> Response[Any]:
    """Keep shifts, posts and people."""
    who, given = asking(request), await fields(request)
    who.must(PLAN)
    people = await many(request, "people")
    if given.get("everybody"):
        people = [one.removeprefix("skills-") for one in given if one.startswith("skills-")]
    shifts = [
        ShiftOf(
            id_s,
            given[f"shift-{id_s}"],
            given.get(f"begins-{id_s}", ""),
            given.get(f"ends-{id_s}", ""),
        )
        for id_s in await many(request, "shift")
        if given.get(f"shift-{id_s}")
    ]
    posts = [
        {
            "id": id_p,
            "name": given[f"post-{id_p}"],
            "skill": given.get(f"skill-{id_p}", ""),
            "gate": given.get(f"gate-{id_p}") == "1",
            "when": given.get(f"when-{id_p}", "all"),
            "counts": {
                one.id: whole(given.get(f"count-{id_p}-{one.id}", ""), digits=4)
                for one in shifts
            },
        }
        for id_p in await many(request, "post")
        if given.get(f"post-{id_p}")
    ]
    body = {
        "roster_id": str(id_),
        "version": whole(given.get("version", "")),
        "setup": {"shifts": msgspec.to_builtins(shifts), "posts": posts, "people": people},
        "skills": {one: skills_of(given.get(f"skills-{one}", "")) for one in people},
    }

    async def show(refusal: Refusal) -> Response[Any]:
        try:
            setup = msgspec.convert(body["setup"], Setup)
        except msgspec.ValidationError:  # no form of ours sends that
            setup = None
        return await _setup(who, id_, refusal=refusal, setup=setup)

    return await do_or_show(
        who, given, "hours.roster_set_up", body, f"/hours/rosters/{id_}", show
    )


ROUTES: list[Any] = [setup_page, setup_form]
