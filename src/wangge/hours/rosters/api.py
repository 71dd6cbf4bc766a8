"""Rosters over HTTP: the same steps as at the desk; and who of one's team stands where."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.hours.acts import OWN, PLAN, READ
from wangge.hours.rosters import kept, views
from wangge.hours.rosters.commands import Drawing, Saying
from wangge.hours.rosters.ground import Ground, ground
from wangge.hours.rosters.kept import SheetLine, Stands, TeamLine
from wangge.hours.rosters.model import Setup, Work
from wangge.kernel.http import Asking, asking
from wangge.kernel.i18n import translate
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.kernel.refusals import NotFound
from wangge.kernel.said import worded
from wangge.places.forms import answer_deed
from wangge.solvers.words import Sentence

Req = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class EntryView:
    """Somebody at a post in a shift of a day."""

    day: date
    shift: str
    post: str
    staff_id: UUID


@dataclass(frozen=True, slots=True)
class FaultView:
    """What must not be; `staff_id` none where it is nobody's."""

    kind: str
    staff_id: UUID | None
    day: date | None
    why: str


@dataclass(frozen=True, slots=True)
class EmptyView:
    """People missing at a post in a shift."""

    day: date
    shift: str
    post: str
    missing: int
    gate: bool


@dataclass(frozen=True, slots=True)
class VerdictView:
    """What the checker says about what lies ahead; of people as a whole, never of one beside another."""

    needed: int
    covered: int
    missing: int
    gates_open: int
    fewest: int
    most: int
    most_nights: int
    wishes: int
    wishes_met: int
    sentences: list[str]
    faults: list[FaultView]
    empty: list[EmptyView]


@dataclass(frozen=True, slots=True)
class RosterView:
    """A roster with its latest version. `published`: the version people go by, 0 for none; `to_come`
    and `to_go`: what publishing would note and cancel; `work`: what is being worked out."""

    id: UUID
    area_code: str
    name: str
    first_day: date
    days: int
    setup: Setup
    version: int
    what: str
    published: int
    published_by: UUID | None
    published_at: datetime | None
    work: str
    told: list[str]
    sentences: list[str]
    stopped: str
    verdict: VerdictView
    entries: list[EntryView]
    to_come: list[EntryView]
    to_go: list[EntryView]


@dataclass(frozen=True, slots=True)
class AbleView:
    """Whether somebody could stand in a place, and what is against it."""

    staff_id: UUID
    able: bool
    why: list[str]
    wish: str


class SetUp(msgspec.Struct):
    version: int
    setup: Setup
    skills: dict[UUID, list[str]] = {}


class Put(msgspec.Struct):
    version: int
    day: int
    shift: str
    post: str
    staff_id: UUID | None = None
    was: UUID | None = None


class Back(msgspec.Struct):
    version: int
    number: int


class Ask(msgspec.Struct):
    kind: Work
    seed: int = 0


class AwayBody(msgspec.Struct):
    staff_ids: list[UUID]
    since: date
    until: date
    seed: int = 0


class Publish(msgspec.Struct):
    version: int
    reason: str = ""


class TakeBack(msgspec.Struct):
    published: int
    reason: str


def _tell(who: Asking, one: Sentence) -> str:
    return translate(who.locale, one.text, **one.values)


def _entries(found: Ground, rows: Any) -> list[EntryView]:
    return [
        EntryView(found.date(one.day), one.shift, one.post, UUID(one.person)) for one in rows
    ]


def _verdict(who: Asking, found: Ground) -> VerdictView:
    judged = found.judged
    return VerdictView(
        judged.needed,
        judged.covered,
        judged.missing,
        judged.gates_open,
        judged.fewest,
        judged.most,
        judged.most_nights,
        judged.wishes,
        judged.wishes_met,
        [_tell(who, one) for one in judged.sentences],
        [
            FaultView(
                one.kind,
                UUID(one.person) if one.person else None,
                None if one.day is None else found.date(one.day),
                _tell(who, one.why),
            )
            for one in judged.faults
        ],
        [
            EmptyView(found.date(one.day), one.shift, one.post, one.missing, one.gate)
            for one in judged.empty
        ],
    )


@get("/api/v1/hours/rosters")
async def rosters(
    request: Req, after: FromQuery[str | None] = None, limit: FromQuery[int | None] = None
) -> Page[SheetLine]:
    """Rosters within reach, those drawn last first."""
    who = asking(request)
    who.must(READ)
    size, mark = page_size(limit), read_mark(after)
    async with who.tx(read_only=True) as tx:
        found = await kept.sheets(
            tx,
            READ,
            before=mark[0] if mark else None,
            before_id=mark[1] if mark else None,
            limit=size + 1,
        )
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], mark_of(last.at, last.id) if last else None)


@get("/api/v1/hours/rosters/{roster_id:uuid}")
async def roster(request: Req, roster_id: FromPath[UUID]) -> RosterView:
    """A roster: its latest version, the checker's verdict, and what publishing would change."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        one = await kept.sheet(tx, READ, roster_id)
        found = await ground(tx, one)
    verdict = await asyncio.to_thread(_verdict, who, found)
    return RosterView(
        one.id,
        one.area_code,
        one.name,
        one.first_day,
        one.days,
        found.setup,
        one.version,
        one.what,
        one.published,
        one.published_by,
        one.published_at,
        one.work,
        [worded(who.locale, told) for told in one.told],
        [worded(who.locale, told) for told in one.sentences],
        one.stopped,
        verdict,
        _entries(found, one.rows),
        _entries(found, found.added),
        _entries(found, found.gone),
    )


@get("/api/v1/hours/rosters/{roster_id:uuid}/place")
async def place(
    request: Req,
    roster_id: FromPath[UUID],
    day: FromQuery[int],
    shift: FromQuery[str],
    post: FromQuery[str],
) -> list[AbleView]:
    """Who could stand at a post in a shift of a day (0: the first), by skill, days and the guard."""
    who = asking(request)
    who.must(PLAN)
    async with who.tx(read_only=True) as tx:
        one = await kept.sheet(tx, PLAN, roster_id)
        found = await ground(tx, one)
    if not found.has(day, shift, post):
        raise NotFound("这个岗次")
    rows = await asyncio.to_thread(views.able, found, day, shift, post)
    return [
        AbleView(
            row.staff_id,
            row.able,
            [_tell(who, why) for why in row.why],
            _tell(who, row.wish) if row.wish else "",
        )
        for row in rows
    ]


@post("/api/v1/hours/rosters", status_code=201)
async def draw(request: Req, data: JSONBody[Drawing]) -> Response[Any]:
    """Begin a roster."""
    return await answer_deed(request, "hours.roster_draw", data)


async def _do(request: Req, roster_id: UUID, kind: str, data: Any) -> Response[Any]:
    body = {**msgspec.to_builtins(data), "roster_id": str(roster_id)}
    return await answer_deed(request, f"hours.roster_{kind}", body)


@post("/api/v1/hours/rosters/{roster_id:uuid}/setup", status_code=200)
async def set_up(
    request: Req, roster_id: FromPath[UUID], data: JSONBody[SetUp]
) -> Response[Any]:
    """Shifts, posts, people and what they can."""
    return await _do(request, roster_id, "set_up", data)


@post("/api/v1/hours/rosters/{roster_id:uuid}/put", status_code=200)
async def put(request: Req, roster_id: FromPath[UUID], data: JSONBody[Put]) -> Response[Any]:
    """Put somebody in a place, or nobody."""
    return await _do(request, roster_id, "put", data)


@post("/api/v1/hours/rosters/{roster_id:uuid}/back", status_code=200)
async def back(request: Req, roster_id: FromPath[UUID], data: JSONBody[Back]) -> Response[Any]:
    """An earlier version again."""
    return await _do(request, roster_id, "back", data)


@post("/api/v1/hours/rosters/{roster_id:uuid}/ask", status_code=202)
async def ask(request: Req, roster_id: FromPath[UUID], data: JSONBody[Ask]) -> Response[Any]:
    """Have it worked out: `make` anew, or `mend` with the fewest changes."""
    return await _do(request, roster_id, "ask", data)


@post("/api/v1/hours/rosters/{roster_id:uuid}/away", status_code=202)
async def away(
    request: Req, roster_id: FromPath[UUID], data: JSONBody[AwayBody]
) -> Response[Any]:
    """Several people cannot come; a mended roster is asked for."""
    return await _do(request, roster_id, "away", data)


@post("/api/v1/hours/rosters/{roster_id:uuid}/stop", status_code=200)
async def stop(request: Req, roster_id: FromPath[UUID]) -> Response[Any]:
    """Work it out no further."""
    return await _do(request, roster_id, "stop", {})


@post("/api/v1/hours/rosters/{roster_id:uuid}/publish", status_code=200)
async def publish(
    request: Req, roster_id: FromPath[UUID], data: JSONBody[Publish]
) -> Response[Any]:
    """Make the latest version what people go by."""
    return await _do(request, roster_id, "publish", data)


@post("/api/v1/hours/rosters/{roster_id:uuid}/take-back", status_code=200)
async def take_back(
    request: Req, roster_id: FromPath[UUID], data: JSONBody[TakeBack]
) -> Response[Any]:
    """Go by what was published before."""
    return await _do(request, roster_id, "take_back", data)


@delete("/api/v1/hours/rosters/{roster_id:uuid}", status_code=200)
async def drop(request: Req, roster_id: FromPath[UUID]) -> Response[Any]:
    """Delete a draft that was never published."""
    return await _do(request, roster_id, "drop", {})


@post("/api/v1/hours/days", status_code=200)
async def say(request: Req, data: JSONBody[Saying]) -> Response[Any]:
    """What days of somebody say: away (noted by whoever plans), spare, like; "" for nothing any more."""
    return await answer_deed(request, "hours.day", data)


@dataclass(frozen=True, slots=True)
class TeamView:
    """A published roster one stands in, and everybody's stints in it."""

    roster: TeamLine
    stints: list[Stands]


@get("/api/v1/hours/team")
async def team(request: Req) -> list[TeamLine]:
    """The published rosters the asker stands in, from three days ago on."""
    who = asking(request)
    who.must(OWN)
    async with who.tx(read_only=True) as tx:
        return await kept.of_mine(tx, tx.now - views.TEAM_DAYS)


@get("/api/v1/hours/team/{roster_id:uuid}")
async def team_roster(request: Req, roster_id: FromPath[UUID]) -> TeamView:
    """Who of one's team stands where when; only for whoever stands in it."""
    who = asking(request)
    who.must(OWN)
    async with who.tx(read_only=True) as tx:
        one, stints = await kept.team(tx, roster_id, tx.now - views.TEAM_DAYS)
    return TeamView(one, stints)


ROUTES: list[Any] = [
    rosters,
    roster,
    place,
    draw,
    set_up,
    put,
    back,
    ask,
    away,
    stop,
    publish,
    take_back,
    drop,
    say,
    team,
    team_roster,
]
