"""Hours over HTTP: one's own, one's people's, the limits with their sources, and the guard."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.hours import commands, near, queries
from wangge.hours.acts import OWN, PLAN, READ
from wangge.hours.commands import Planning, Recording
from wangge.hours.limits import KINDS, LIMITS, NO_SOURCE
from wangge.hours.queries import Line
from wangge.hours.rosters import api as rosters
from wangge.kernel.http import asking
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.kernel.refusals import Invalid
from wangge.places.forms import answer_deed
from wangge.solvers.fatigue import Breach

Req = Request[Any, Any, Any]
#: A list covers at most so long.
LISTED_MAX = timedelta(days=93)


@dataclass(frozen=True, slots=True)
class LimitView:
    """A limit with its source; 0: no such limit."""

    kind: str
    number: int
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class LeftView:
    """How many minutes somebody may still work from now on, and what comes then; empty: nothing
    within a day."""

    minutes: int
    then: str


@dataclass(frozen=True, slots=True)
class BreachView:
    """What a stint would break: `has` beside `limit` (minutes, days or nights)."""

    kind: str
    has: int
    limit: int
    why: str


class Asked(msgspec.Struct):
    """A stint that nobody notes, only asks about."""

    staff_id: UUID
    area_code: str
    starts_at: datetime
    ends_at: datetime


class Change(msgspec.Struct):
    """What a stint is to say."""

    version: int
    post: str
    starts_at: datetime
    ends_at: datetime
    worked: bool
    why: str
    override: str = ""


class Cancel(msgspec.Struct):
    version: int
    why: str


class Reason(msgspec.Struct):
    reason: str


@get("/api/v1/hours/limits")
async def limits(request: Req) -> list[LimitView]:
    """The district's limits and where each comes from."""
    who = asking(request)
    who.must(OWN)
    async with who.tx(read_only=True) as tx:
        limited = await LIMITS.get(tx)
    return [
        LimitView(
            kind,
            limited.numbers[kind],
            translate(who.locale, words, n=limited.numbers[kind]),
            limited.sources[kind] or translate(who.locale, NO_SOURCE),
        )
        for kind, (_, _, words) in KINDS.items()
    ]


@get("/api/v1/hours/left")
async def mine_left(request: Req) -> LeftView:
    """How long the asker may still work."""
    who = asking(request)
    actor = who.must(OWN)
    async with who.tx(read_only=True) as tx:
        found, _ = await near.of_one(tx, actor.id)
    then = (
        translate(who.locale, found.then.why.text, **found.then.why.values)
        if found.then
        else ""
    )
    return LeftView(found.minutes, then)


@get("/api/v1/hours/mine")
async def mine(
    request: Req, after: FromQuery[str | None] = None, limit: FromQuery[int | None] = None
) -> Page[Line]:
    """The asker's own stints, the latest first."""
    who = asking(request)
    actor = who.must(OWN)
    return await _of(request, actor.id, True, after, limit)


@get("/api/v1/hours/people/{staff_id:uuid}")
async def of_person(
    request: Req,
    staff_id: FromPath[UUID],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Page[Line]:
    """Somebody's stints at posts within reach, the latest first."""
    asking(request).must(READ)
    return await _of(request, staff_id, False, after, limit)


async def _of(
    request: Req, staff_id: UUID, own: bool, after: str | None, limit: int | None
) -> Page[Line]:
    size, mark = page_size(limit), read_mark(after)
    async with asking(request).tx(read_only=True) as tx:
        found = await queries.of_person(
            tx,
            staff_id,
            own=own,
            before=mark[0] if mark else None,
            before_id=mark[1] if mark else None,
            limit=size + 1,
        )
    return _page(found, size)


def _page(found: list[Line], size: int) -> Page[Line]:
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], mark_of(last.starts_at, last.id) if last else None)


@get("/api/v1/hours")
async def listed(
    request: Req,
    since: FromQuery[datetime],
    until: FromQuery[datetime],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Page[Line]:
    """Stints within reach that touch a time of at most 93 days, the latest first."""
    who = asking(request)
    who.must(READ)
    if (
        since.tzinfo is None
        or until.tzinfo is None
        or not timedelta() < until - since <= LISTED_MAX
    ):
        raise Invalid.of("until", "请写明从何时到何时,最多 93 天,带时区。")
    size, mark = page_size(limit), read_mark(after)
    async with who.tx(read_only=True) as tx:
        found = await queries.listed(
            tx,
            since=since,
            until=until,
            before=mark[0] if mark else None,
            before_id=mark[1] if mark else None,
            limit=size + 1,
        )
    return _page(found, size)


@post("/api/v1/hours/check", status_code=200)
async def check(request: Req, data: JSONBody[Asked]) -> list[BreachView]:
    """What a stint would break, without noting it; nothing: it may be."""
    who = asking(request)
    who.must(PLAN)
    async with who.tx(read_only=True) as tx:
        found = await commands.asked(
            tx, data.staff_id, data.area_code, data.starts_at, data.ends_at
        )
    return [_view(one, who.locale) for one in found]


def _view(one: Breach, locale: Locale) -> BreachView:
    why = translate(locale, one.why.text, **one.why.values)
    return BreachView(one.kind, one.has, one.limit, why)


@post("/api/v1/hours", status_code=201)
async def plan(request: Req, data: JSONBody[Planning]) -> Response[Any]:
    """Plan a stint."""
    return await answer_deed(request, "hours.plan", data)


@post("/api/v1/hours/worked", status_code=201)
async def record(request: Req, data: JSONBody[Recording]) -> Response[Any]:
    """Note a stint that was worked, one's own or one's people's."""
    return await answer_deed(request, "hours.record", data)


@post("/api/v1/hours/{stint_id:uuid}/change", status_code=200)
async def change(
    request: Req, stint_id: FromPath[UUID], data: JSONBody[Change]
) -> Response[Any]:
    """Mend a stint, or say that it was worked; what it said before is kept."""
    raw = {**msgspec.to_builtins(data), "id": str(stint_id)}
    return await answer_deed(request, "hours.change", raw)


@post("/api/v1/hours/{stint_id:uuid}/cancel", status_code=200)
async def cancel(
    request: Req, stint_id: FromPath[UUID], data: JSONBody[Cancel]
) -> Response[Any]:
    """A stint that is not to be."""
    raw = {**msgspec.to_builtins(data), "id": str(stint_id)}
    return await answer_deed(request, "hours.cancel", raw)


@post("/api/v1/hours/{stint_id:uuid}/answer", status_code=200)
async def answer(
    request: Req, stint_id: FromPath[UUID], data: JSONBody[Reason]
) -> Response[Any]:
    """Answer for a stint that was worked beyond a limit."""
    raw = {"id": str(stint_id), "reason": data.reason}
    return await answer_deed(request, "hours.answer", raw)


ROUTES: list[Any] = [
    limits,
    mine_left,
    mine,
    of_person,
    listed,
    check,
    plan,
    record,
    change,
    cancel,
    answer,
    *rosters.ROUTES,
]
