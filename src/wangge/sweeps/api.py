"""Rounds for programs and phones.

A phone asks for its blocks (`/api/v1/sweeps/mine`), takes their rosters once, sends reports as
deeds of kind `sweeps.report` through `POST /api/v1/deeds` in the order they were made, and asks for
what others changed since with each block's `mark`.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream
from msgspec import Struct

from wangge.kernel.actors import Actor, Grant, Role
from wangge.kernel.http import Asking, asking
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.kernel.refusals import Busy, Forbidden, Invalid
from wangge.people.lists import checked_area
from wangge.places.forms import answer_deed
from wangge.sweeps import board as boards
from wangge.sweeps import foreseen_api, plan_pages, testing_pages
from wangge.sweeps import roster as rosters
from wangge.sweeps.acts import DEAL, READ
from wangge.sweeps.board import SweepBoard
from wangge.sweeps.certificate import Account, read_account
from wangge.sweeps.commands.opening import OpenNow, within_reach
from wangge.sweeps.feed import watch
from wangge.sweeps.kinds import KINDS
from wangge.sweeps.model import Doors, Round
from wangge.sweeps.queries import certificate, dealing, rounds, stops
from wangge.sweeps.queries.roster import HeldBlock, my_blocks_in
from wangge.sweeps.queries.rounds import Scope
from wangge.sweeps.roster import MyRound, Roster

Req = Request[Any, Any, Any]

#: Screens on boards that one process carries.
SCREENS_MAX = 2_000
#: Seconds after which a stream ends, and the screen comes back with its posts of then.
STREAM_SECONDS_MAX = 600.0
#: Seconds without a board after which a stream says that it is alive.
HEARTBEAT = 15.0
#: How long a share opens the second lock: one answer.
LENT = timedelta(minutes=1)

_screens = 0


class KindView(Struct):
    """A kind of round, as chosen from; `things` are the registers it goes to, none for homes."""

    code: str
    name: str
    minutes: int
    needs_response: bool
    buttons: list[dict[str, Any]]
    things: list[str]


@get("/api/v1/sweeps/kinds")
async def kinds(request: Req) -> list[KindView]:
    """What rounds can be opened for."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        known = await KINDS.get(tx)
    return [
        KindView(
            kind.code,
            kind.name,
            kind.minutes,
            kind.needs_response,
            [{"code": b.code, "words": b.words, "settled": b.settled} for b in kind.buttons],
            list(kind.things),
        )
        for kind in known.values()
        if kind.open
    ]


@get("/api/v1/sweeps")
async def list_rounds(
    request: Req,
    open_only: FromQuery[bool] = False,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Page[Round]:
    """Rounds within reach, the latest first."""
    who = asking(request)
    who.must(READ)
    size, mark = page_size(limit), read_mark(after)
    async with who.tx(read_only=True) as tx:
        found = await rounds.rounds_page(
            tx,
            tx.reach(READ),
            open_only=open_only,
            before=mark[0] if mark else None,
            before_id=mark[1] if mark else None,
            limit=size + 1,
        )
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], mark_of(last.opened_at, last.id) if last else None)


@get("/api/v1/sweeps/scope")
async def scope(
    request: Req,
    areas: FromQuery[list[str]],
    doors: FromQuery[Doors] = Doors.LIVED,
    tags: FromQuery[list[str] | None] = None,
    things: FromQuery[list[str] | None] = None,
) -> Scope:
    """What a round over these areas would take, before it is opened; with `things`, one that goes to
    entries of these registers."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        await within_reach(tx, areas)
        if things:
            return await stops.count_things(tx, areas=areas, things=things)
        return await rounds.count_homes(
            tx,
            areas=areas,
            lived=doors is not Doors.EMPTY,
            empty=doors is not Doors.LIVED,
            wanted=tags or [],
            units=[],
        )


@post("/api/v1/sweeps", status_code=201)
async def open_round(request: Req, data: JSONBody[OpenNow]) -> Response[Any]:
    """Open a round now; its roster is frozen."""
    return await answer_deed(request, "sweeps.open", data)


@get("/api/v1/sweeps/mine")
async def mine(request: Req) -> list[MyRound]:
    """Open rounds and the blocks of them that the asker walks."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        return await rosters.mine(tx, who.locale)


@get("/api/v1/sweeps/{round_id:uuid}")
async def get_round(request: Req, round_id: FromPath[UUID]) -> Round:
    """One round."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        return await rounds.round_(tx, tx.reach(READ), round_id)


@get("/api/v1/sweeps/{round_id:uuid}/board")
async def get_board(
    request: Req, round_id: FromPath[UUID], area: FromQuery[str] = ""
) -> SweepBoard:
    """The board: doors done, with something, left; pace and projected end; by area."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        return await boards.board(tx, round_id, checked_area(area), who.locale)


@get("/api/v1/sweeps/{round_id:uuid}/live", media_type="text/event-stream")
async def live(request: Req, round_id: FromPath[UUID], area: FromQuery[str] = "") -> Stream:
    """The board as server-sent events `board`: the whole first, then the lines that changed."""
    who = asking(request)
    actor = who.signed()
    if actor.kind != "staff":
        raise Forbidden(READ.name)
    area = checked_area(area)
    if _screens >= SCREENS_MAX:
        raise Busy(retry_after=30)
    async with who.tx(read_only=True) as tx:
        reach = tx.reach(READ)
        await rounds.round_(tx, reach, round_id)
    return Stream(
        _stream(who, round_id, area, reach),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(who: Asking, round_id: UUID, area: str, reach: Any) -> AsyncIterator[bytes]:
    global _screens
    loop = asyncio.get_running_loop()
    ends = loop.time() + STREAM_SECONDS_MAX
    watching = watch(who.district, round_id, area, reach, who.locale, HEARTBEAT)
    _screens += 1
    try:
        yield b"retry: 2000\n: hello\n\n"
        async with aclosing(cast("Any", watching)) as told:
            async for board in told:
                yield board if board is not None else b": alive\n\n"
                if loop.time() >= ends:
                    return
    finally:
        _screens -= 1


def lent(actor: Actor, mine_: Sequence[HeldBlock], until: datetime) -> Actor:
    """Somebody sent to a block reads who lives there, for as long as it is theirs: the second lock
    opens for its area."""
    extra = {
        Grant(Role.PART_TIME_WORKER, block.area_code, frozenset({block.id}), until=until)
        for block in mine_
    }
    return replace(actor, grants=(*actor.grants, *sorted(extra, key=lambda g: g.area_code)))


@get("/api/v1/sweeps/{round_id:uuid}/roster")
async def roster(
    request: Req,
    round_id: FromPath[UUID],
    block: FromQuery[list[UUID] | None] = None,
    since: FromQuery[list[str] | None] = None,
) -> Roster:
    """The roster of some blocks, or of all the asker's own. `since` is `block:mark`, once for each
    block, and answers only doors that changed after it."""
    who = asking(request)
    who.signed()
    marks = _marks(since or [])
    async with who.tx(read_only=True) as tx:
        await rounds.round_(tx, tx.reach(READ), round_id)
        held = await my_blocks_in(tx, round_id)
    actor = lent(who.actor, held, tx.now + LENT) if held else who.actor
    async with who.district.database.tx(actor, read_only=True) as tx:
        return await rosters.roster(tx, round_id, block or list(marks), marks, who.locale)


def _marks(since: list[str]) -> Mapping[UUID, int]:
    found: dict[UUID, int] = {}
    for text in since:
        id_, _, mark = text.partition(":")
        try:
            found[UUID(id_)] = int(mark)
        except ValueError as wrong:
            raise Invalid.of("since", "更新标记无效,请重新下载名册。") from wrong
    return found


class HandsView(Struct):
    hands: list[dealing.Hand]


@get("/api/v1/sweeps/{round_id:uuid}/hands")
async def hands(request: Req, round_id: FromPath[UUID]) -> HandsView:
    """Who has which part, by place: for dealing again."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        await rounds.round_(tx, tx.reach(DEAL), round_id)
        return HandsView(await dealing.hands(tx, round_id))


class PassMinutes(Struct):
    minutes: int = 20


class RoundEnd(Struct):
    ends_at: datetime


class RedealBody(Struct):
    worker: UUID
    to: list[UUID] = []


@post("/api/v1/sweeps/{round_id:uuid}/passes", status_code=200)
async def begin_pass(
    request: Req, round_id: FromPath[UUID], data: JSONBody[PassMinutes]
) -> Response[Any]:
    """Go round the doors that are left once more."""
    raw = {"round": str(round_id), "minutes": data.minutes}
    return await answer_deed(request, "sweeps.begin_pass", raw)


@post("/api/v1/sweeps/{round_id:uuid}/end", status_code=200)
async def retime(
    request: Req, round_id: FromPath[UUID], data: JSONBody[RoundEnd]
) -> Response[Any]:
    """Another end for the round's clock."""
    raw = {"round": str(round_id), "ends_at": data.ends_at.isoformat()}
    return await answer_deed(request, "sweeps.retime", raw)


@post("/api/v1/sweeps/{round_id:uuid}/redeals", status_code=200)
async def redeal(
    request: Req, round_id: FromPath[UUID], data: JSONBody[RedealBody]
) -> Response[Any]:
    """What is left of one worker goes to others."""
    raw = {
        "round": str(round_id),
        "worker": str(data.worker),
        "to": [str(id_) for id_ in data.to],
    }
    return await answer_deed(request, "sweeps.redeal", raw)


@post("/api/v1/sweeps/{round_id:uuid}/close", status_code=200)
async def close(request: Req, round_id: FromPath[UUID]) -> Response[Any]:
    """Close the round; answers its certificate."""
    return await answer_deed(request, "sweeps.close", {"round": str(round_id)})


@get("/api/v1/sweeps/{round_id:uuid}/certificates")
async def certificates(request: Req, round_id: FromPath[UUID]) -> list[Account]:
    """Every account of the round, the first first."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        await rounds.round_(tx, tx.reach(READ), round_id)
        found = await certificate.certificates(tx, round_id)
    return [read_account(row.account) for row in found]


ROUTES: list[Any] = [
    *plan_pages.API_ROUTES,
    *testing_pages.API_ROUTES,
    *foreseen_api.API_ROUTES,
    kinds,
    list_rounds,
    scope,
    open_round,
    mine,
    get_round,
    get_board,
    live,
    roster,
    hands,
    begin_pass,
    retime,
    redeal,
    close,
    certificates,
]
