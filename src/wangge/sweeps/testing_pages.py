"""Testing rounds on the desk: waves, tubes, homes to go to, people missed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from wangge.kernel.http import Asking, asking, page
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.kernel.refusals import NotFound, Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import answer_deed, back, do_form, fields
from wangge.sweeps import label_pages
from wangge.sweeps.acts import DEAL, READ
from wangge.sweeps.commands.testing import MODE_NAMES, Filling
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.queries import homes as home_queries
from wangge.sweeps.queries import rounds
from wangge.sweeps.queries import testing as queries
from wangge.sweeps.queries.testing import TubeLine
from wangge.sweeps.showing import common

Asked = Request[Any, Any, Any]

WAVES_SHOWN, TUBES_PAGE, HOMES_SHOWN, TEAMS_SHOWN = 400, 50, 300, 60


class WaveBody(Struct):
    wave: int


class WavesBody(Struct):
    size: int
    minutes: int


@post("/api/v1/sweeps/{round_id:uuid}/waves", status_code=200)
async def plan_waves(
    request: Asked, round_id: FromPath[UUID], data: JSONBody[WavesBody]
) -> Response[Any]:
    """Number the stairwells into waves: about `size` people each, one every `minutes`."""
    raw = {"round": str(round_id), "size": data.size, "minutes": data.minutes}
    return await answer_deed(request, "sweeps.plan_waves", raw)


@post("/api/v1/sweeps/{round_id:uuid}/calls", status_code=200)
async def call_wave(
    request: Asked, round_id: FromPath[UUID], data: JSONBody[WaveBody]
) -> Response[Any]:
    """Ask a wave of stairwells to come down."""
    raw = {"round": str(round_id), "wave": data.wave}
    return await answer_deed(request, "sweeps.call_wave", raw)


@get("/api/v1/sweeps/{round_id:uuid}/tubes")
async def list_tubes(
    request: Asked,
    round_id: FromPath[UUID],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Page[TubeLine]:
    """Tubes within reach, the latest first: codes and counts, nobody's name and no result."""
    who = asking(request)
    who.signed()
    size, mark = page_size(limit), read_mark(after)
    async with who.tx(read_only=True) as tx:
        await rounds.round_(tx, tx.reach(READ), round_id)
        found = await queries.tubes(
            tx,
            tx.reach(READ),
            round_id,
            before=mark[0] if mark else None,
            before_id=mark[1] if mark else None,
            limit=size + 1,
        )
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], mark_of(last.at, last.id) if last else None)


@post("/api/v1/sweeps/tubes", status_code=201)
async def fill_tube(request: Asked, data: JSONBody[Filling]) -> Response[Any]:
    """Samples went into a tube; the people are done at their doors."""
    return await answer_deed(request, "sweeps.fill_tube", data)


async def _page(who: Asking, round_id: UUID, refusal: Refusal | None = None) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        reach = tx.reach(READ)
        round_ = await rounds.round_(tx, reach, round_id)
        known = await kind_as_opened(tx, round_id)
        if not known.tubes:
            raise NotFound("这个页面")
        settled = [code.value for code in known.settled]
        plan = await queries.waves_of(tx, round_id)
        lines = await queries.wave_lines(tx, reach, round_id, WAVES_SHOWN)
        tubes = await queries.tubes(
            tx, reach, round_id, before=None, before_id=None, limit=TUBES_PAGE
        )
        homes = await home_queries.homes(
            tx, reach, round_id, settled, HOMES_SHOWN, special=True
        )
        # Whoever was not called yet is not missed.
        missed = await home_queries.homes(
            tx,
            reach,
            round_id,
            settled,
            HOMES_SHOWN,
            special=False,
            called=plan is not None and round_.open,
        )
        roster = await ROSTER.get(tx)
        deals = tx.reach(DEAL)
        teams = [
            team
            for team in roster.all_teams()
            if team.live(tx.now) and (deals.covers(team.area_code))
        ][:TEAMS_SHOWN]
        atlas = await ATLAS.get(tx)
    waiting = sorted({line.wave for line in lines if line.called_at is None})
    calls = [line.called_at for line in lines if line.called_at is not None]
    following = max(calls) + timedelta(minutes=plan.minutes) if calls and plan else None
    return page(
        who,
        "sweeps/testing.html",
        status=refusal.status if refusal else 200,
        round=round_,
        kind=known,
        plan=plan,
        lines=lines,
        next_wave=waiting[0] if waiting else None,
        following=following,
        tubes=tubes,
        modes=MODE_NAMES,
        homes=homes,
        missed=missed,
        most=HOMES_SHOWN,
        teams=teams,
        atlas=atlas,
        refusal=who.said(refusal),
        **common(who),
    )


@get("/sweeps/{round_id:uuid}/testing")
async def testing_page(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """Call the next wave; tubes, homes to go to, people missed."""
    return await _page(asking(request), round_id)


@post("/sweeps/{round_id:uuid}/testing/{verb:str}", status_code=200)
async def act(request: Asked, round_id: FromPath[UUID], verb: FromPath[str]) -> Response[Any]:
    """Plan waves, call one, take a tube back, send the home team."""
    who, given = asking(request), await fields(request)
    who.signed()
    kinds = {
        "waves": ("sweeps.plan_waves", ("size", "minutes"), ()),
        "call": ("sweeps.call_wave", ("wave",), ()),
        "tube": ("sweeps.take_back_tube", (), ("tube",)),
        "home": ("sweeps.send_home_team", (), ("team",)),
    }
    if verb not in kinds:
        raise NotFound("这个页面")
    deed, numbers, texts = kinds[verb]
    raw: dict[str, Any] = {"round": str(round_id)}
    raw |= {
        name: int(given[name])
        for name in numbers
        if given.get(name, "").isascii() and given.get(name, "").isdigit()
    }
    raw |= {name: given[name] for name in texts if given.get(name)}
    try:
        await do_form(who, given, deed, raw)
    except Refusal as refusal:
        return await _page(who, round_id, refusal)
    return back(who, f"/sweeps/{round_id}/testing")


API_ROUTES: list[Any] = [plan_waves, call_wave, list_tubes, fill_tube, *label_pages.API_ROUTES]
ROUTES: list[Any] = [testing_page, act, *label_pages.ROUTES]
