"""班次与工时: who is near a limit, somebody's stints, and one's own on the phone."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.hours import near, queries
from wangge.hours.acts import OVERRIDE, OWN, PLAN, READ
from wangge.hours.limits import KINDS, LIMITS, NO_SOURCE, Limited
from wangge.hours.model import SOURCES, STATES
from wangge.hours.rosters import kept
from wangge.hours.rosters import pages as rosters
from wangge.hours.rosters.model import SAYS_NAMES
from wangge.kernel.actors import ROLE_NAMES
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.moments import ZONE, local, local_date, new_id
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.places import ATLAS, Atlas
from wangge.places.forms import do_or_show, fields, whole

Req = Request[Any, Any, Any]

#: Stints of one screen.
ROWS = 30
#: People found by name at once.
FOUND_MAX = 50
#: Areas to choose from; whoever reaches more writes a post's own.
AREAS_MAX = 400
#: Days of one's own that are shown, with what was said about them.
DAYS_AHEAD = timedelta(days=62)
#: A stint's usual length, for the form.
USUAL = timedelta(hours=8)

nav(37, "/hours", "班次与工时", "clock", READ)


def _limits(limited: Limited) -> list[tuple[str, int, str]]:
    """Each limit's words, its number, and where it comes from; those that are not set are left out."""
    return [
        (words, limited.numbers[kind], limited.sources[kind] or NO_SOURCE)
        for kind, (_, _, words) in KINDS.items()
        if limited.numbers[kind]
    ]


@get("/hours")
async def hours_page(request: Req) -> Response[Any]:
    """Who is on duty now or soon, by the time left, and what waits for an answer."""
    return await _hours(asking(request))


@post("/hours", status_code=200)
async def find_form(request: Req) -> Response[Any]:
    """The same, and people by name; a name stands in no address."""
    given = await fields(request)
    return await _hours(asking(request), given.get("q", ""))


async def _hours(who: Asking, q: str = "") -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        rows = await near.standings(tx)
        open_ = await queries.unanswered(tx, ROWS)
        limited = await LIMITS.get(tx)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
        found = _found(tx, roster, q) if q else []
    return page(
        who,
        "hours/hours.html",
        rows=rows,
        most=near.SHOWN_MAX,
        names={
            id_: roster.staff_name(id_)
            for id_ in {*(row.staff_id for row in rows), *(row.staff_id for row in open_)}
        },
        unanswered=open_,
        atlas=atlas,
        limits=_limits(limited),
        q=q,
        found=found,
        role_names=ROLE_NAMES,
    )


def _found(tx: Tx, roster: Roster, words: str) -> list[tuple[UUID, str, str, str]]:
    """People with a post within reach whose name has these words: id, name, role, area."""
    reach = tx.reach(READ)
    found: list[tuple[UUID, str, str, str]] = []
    for staff in roster.all_staff():
        if words not in staff.name:
            continue
        grant = next(
            (g for g in roster.grants(staff.id, tx.now) if reach.covers(g.area_code)), None
        )
        if grant is not None:
            found.append((staff.id, staff.name, grant.role.value, grant.area_code))
            if len(found) == FOUND_MAX:
                break
    return found


@get("/hours/people/{staff_id:uuid}")
async def person_page(
    request: Req, staff_id: FromPath[UUID], after: FromQuery[str] = ""
) -> Response[Any]:
    """Somebody's stints at posts within reach, what is left, and the forms."""
    who = asking(request)
    who.must(READ)
    return await _person(who, staff_id, after=after)


async def _person(
    who: Asking,
    staff_id: UUID,
    *,
    after: str = "",
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
    own: bool = False,
) -> Response[Any]:
    mark = read_mark(after)
    async with who.tx(read_only=True) as tx:
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
        rows = await queries.of_person(
            tx,
            staff_id,
            own=own,
            before=mark[0] if mark else None,
            before_id=mark[1] if mark else None,
            limit=ROWS + 1,
        )
        reach = tx.reach(READ)
        grants = roster.grants(staff_id, tx.now)
        if not own and not rows and not any(reach.covers(g.area_code) for g in grants):
            raise NotFound("这个人员")
        befores: dict[UUID, list[queries.Before]] = {}
        for one in await queries.befores(tx, [row.id for row in rows]):
            befores.setdefault(one.stint_id, []).append(one)
        left, limited = await near.of_one(tx, staff_id)
        areas = _areas(tx, atlas, roster, staff_id, own=own)
        moment = tx.now
        today = local_date(moment)
        days = await kept.days(tx, [staff_id], today, today + DAYS_AHEAD) if own else []
    last = rows[ROWS - 1] if len(rows) > ROWS else None
    rows = rows[:ROWS]
    ahead = [row for row in rows if row.state == "planned" and row.starts_at > moment]
    # Where the screen ends with what lies ahead, the next one may be on another.
    whole = not after and (last is None or last.starts_at <= moment)
    people = {row.by_id for row in rows} | {b.by_id for bs in befores.values() for b in bs}
    people |= {row.override_by for row in rows if row.override_by}
    return page(
        who,
        "hours/mine.html" if own else "hours/person.html",
        status=refusal.status if refusal else 200,
        staff_id=staff_id,
        name=roster.staff_name(staff_id),
        rows=rows,
        befores=befores,
        mark=mark_of(last.starts_at, last.id) if last else None,
        names={id_: roster.staff_name(id_) for id_ in people},
        left=left,
        until=moment + timedelta(minutes=left.minutes),
        little=near.LITTLE,
        limits=_limits(limited),
        areas=areas,
        atlas=atlas,
        states=STATES,
        sources=SOURCES,
        may_plan=who.may(PLAN),
        may_override=who.may(OVERRIDE) and staff_id != who.actor.id,
        over=refusal is not None and refusal.code == "over-limit",
        refusal=who.said(refusal),
        given=given or {},
        typed=_typed,
        starts_at=_typed(_hour(moment)),
        ends_at=_typed(_hour(moment) + USUAL),
        moment=moment,
        next=min(ahead, key=lambda row: row.starts_at) if ahead and whole else None,
        today=today,
        days=days,
        says=SAYS_NAMES,
        new_id=new_id,
    )


def _areas(
    tx: Tx, atlas: Atlas, roster: Roster, staff_id: UUID, *, own: bool
) -> list[tuple[str, str]]:
    """Where the person may be put, the nearest to their posts first: code and path."""
    codes: dict[str, None] = dict.fromkeys(
        g.area_code for g in roster.grants(staff_id, tx.now) if atlas.area(g.area_code)
    )
    if not own:
        reach = tx.reach(PLAN)
        # Their posts' areas and those just below; not every area of a county.
        below = [
            area.code
            for code in codes
            for area in atlas.open_areas(code)
            if len(area.code) <= min(15, len(code) + 3)
        ]
        codes = {code: None for code in (*codes, *below) if reach.covers(code)}
    return [(code, atlas.path(code)) for code in codes][:AREAS_MAX]


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _typed(moment: datetime) -> str:
    """As an `<input type="datetime-local">` has it."""
    return f"{local(moment):%Y-%m-%dT%H:%M}"


def _read(given: dict[str, str], field: str) -> str:
    try:
        return datetime.fromisoformat(given.get(field, "")).replace(tzinfo=ZONE).isoformat()
    except ValueError as wrong:
        raise Invalid.of(field, "请选择日期和时间。") from wrong


@post("/hours/people/{staff_id:uuid}", status_code=200)
async def note_form(request: Req, staff_id: FromPath[UUID]) -> Response[Any]:
    """Plan a stint for somebody, or note one that was worked."""
    who = asking(request)
    who.must(PLAN)
    given = await fields(request)
    return await _note(who, given, staff_id, own=False)


@post("/hours/mine", status_code=200)
async def own_form(request: Req) -> Response[Any]:
    """Note what one worked oneself."""
    who = asking(request)
    actor = who.must(OWN)
    return await _note(who, await fields(request), actor.id, own=True)


async def _note(
    who: Asking, given: dict[str, str], staff_id: UUID, *, own: bool
) -> Response[Any]:
    async def show(refusal: Refusal) -> Response[Any]:
        return await _person(who, staff_id, refusal=refusal, given=given, own=own)

    try:
        body = {
            "id": given.get("deed") or str(new_id()),
            "area_code": given.get("area_code", ""),
            "post": given.get("post", ""),
            "starts_at": _read(given, "starts_at"),
            "ends_at": _read(given, "ends_at"),
            "override": given.get("override", ""),
        }
    except Refusal as refusal:
        return await show(refusal)
    worked = own or given.get("worked") == "1"
    if not own:
        body["staff_id"] = str(staff_id)
    path = "/hours/mine" if own else f"/hours/people/{staff_id}"
    kind = "hours.record" if worked else "hours.plan"
    return await do_or_show(who, given, kind, body, path, show)


@post("/hours/stints/{stint_id:uuid}/{step:str}", status_code=200)
async def step_form(
    request: Req, stint_id: FromPath[UUID], step: FromPath[str]
) -> Response[Any]:
    """Mend or cancel a stint; from one's own page or from somebody's."""
    who = asking(request)
    actor = who.must(OWN)
    given = await fields(request)
    own = not given.get("staff_id")
    try:
        staff_id = actor.id if own else UUID(given["staff_id"])
    except ValueError as wrong:
        raise NotFound("这个人员") from wrong

    async def show(refusal: Refusal) -> Response[Any]:
        return await _person(who, staff_id, refusal=refusal, own=own)

    path = "/hours/mine" if own else f"/hours/people/{staff_id}"
    if step == "answer":
        told = {"id": str(stint_id), "reason": given.get("reason", "")}
        return await do_or_show(who, given, "hours.answer", told, path, show)
    body: dict[str, Any] = {
        "id": str(stint_id),
        "version": whole(given.get("version", "")),
        "why": given.get("why", ""),
    }
    if step == "cancel":
        return await do_or_show(who, given, "hours.cancel", body, path, show)
    try:
        body |= {
            "post": given.get("post", ""),
            "starts_at": _read(given, "starts_at"),
            "ends_at": _read(given, "ends_at"),
            "worked": own or given.get("worked") == "1",
            "override": given.get("override", ""),
        }
    except Refusal as refusal:
        return await show(refusal)
    return await do_or_show(who, given, "hours.change", body, path, show)


@get("/hours/mine")
async def mine_page(request: Req, after: FromQuery[str] = "") -> Response[Any]:
    """One's own stints, on the phone: what comes, what was, how long is left."""
    who = asking(request)
    actor = who.must(OWN)
    return await _person(who, actor.id, after=after, own=True)


ROUTES: list[Any] = [
    hours_page,
    find_form,
    person_page,
    note_form,
    mine_page,
    own_form,
    step_form,
    *rosters.ROUTES,
]
