"""The page of 分工: who walks where, a proposal of who could, and who takes over when somebody drops
out."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import now
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, whole
from wangge.sweeps.acts import DEAL
from wangge.sweeps.commands.splitting import Floors
from wangge.sweeps.counting import told
from wangge.sweeps.ground import BLOCKS_MAX, Question, home_question, question, thought
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import Kind
from wangge.sweeps.queries import certificate, dealing, rounds, splitting
from wangge.sweeps.showing import common
from wangge.sweeps.splitting import Proposal, proposed, replaced

Asked = Request[Any, Any, Any]

#: Teams offered to go to people's homes.
TEAMS_SHOWN = 60
#: For how long a page says that a change was just accepted; its address may be kept or sent on.
JUST_NOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page is asked for: a proposal for an `area` (""), what becomes of one person's part
    (`gone`, of which `team`), which team goes to people's homes (`visitors`; None: whoever is there).
    `dealt`: when a change was accepted, in seconds since 1970; 0 for none."""

    area: str = ""
    gone: UUID | None = None
    team: str = "doors"
    visitors: UUID | None = None
    dealt: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal with its sentences in the reader's language."""

    proposal: Proposal
    told: list[str]
    floors: str


async def _hands(
    who: Asking, round_id: UUID, wish: Wish, refusal: Refusal | None = None
) -> Response[Any]:
    who.must(DEAL)
    async with who.tx(read_only=True) as tx:
        reach = tx.reach(DEAL)
        round_ = await rounds.round_(tx, reach, round_id)
        kind = await kind_as_opened(tx, round_id)
        found = await dealing.hands(tx, round_id)
        settled = sorted(code.value for code in kind.settled)
        visits = await dealing.visits(tx, round_id, settled) if kind.special else []
        parts = [
            part
            for part in await splitting.parts(
                tx, round_id, round_.area_code, round_.area_code + ":"
            )
            if reach.covers(part.area_code)
        ]
        chosen = wish.area
        if not chosen and sum(part.blocks for part in parts) <= BLOCKS_MAX:
            chosen = round_.area_code if reach.covers(round_.area_code) else ""
        if not chosen and len(parts) == 1:
            chosen = parts[0].area_code
        asked = at_home = None
        if chosen and round_.open and reach.covers(chosen):
            if wish.gone is None or wish.team == "doors":
                asked = await question(tx, round_, chosen)
            if kind.special and (wish.gone is None or wish.team == "home"):
                busy = [hand.worker_id for hand in found]
                at_home = await home_question(tx, round_, chosen, kind, wish.visitors, busy)
        purged = await certificate.purged(tx, round_)
        roster = await ROSTER.get(tx)
        teams = [
            team
            for team in roster.all_teams()
            if team.live(tx.now) and reach.covers(team.area_code)
        ][:TEAMS_SHOWN]
        atlas = await ATLAS.get(tx)
    doors = await _shown(who, kind, asked, wish.gone)
    home = None
    if at_home is not None and (at_home.ground.rooms or wish.gone is not None):
        home = await _shown(who, kind, at_home, wish.gone)
    workers = {hand.worker_id for hand in found} | {visit.worker_id for visit in visits}
    workers.add(wish.gone or who.actor.id)
    for one in (doors, home):
        workers |= one.proposal.everybody if one is not None else set()
    return page(
        who,
        "sweeps/hands.html",
        status=refusal.status if refusal else 200,
        round=round_,
        kind=kind,
        hands=found,
        purged=purged,
        visits=visits,
        names={one: roster.staff_name(one) for one in workers},
        atlas=atlas,
        parts=parts if len(parts) > 1 else [],
        area=chosen,
        gone=wish.gone,
        dealt=round_.open and abs(tx.now.timestamp() - wish.dealt) < JUST_NOW.total_seconds(),
        visitors=wish.visitors,
        teams=teams,
        doors=doors,
        home=home,
        refusal=who.said(refusal),
        **common(who),
    )


async def _shown(
    who: Asking, kind: Kind, asked: Question | None, gone: UUID | None
) -> Shown | None:
    if asked is None:
        return None
    made = await (
        thought(replaced, asked, gone) if gone is not None else thought(proposed, asked)
    )
    return Shown(made, told(kind, who.locale, made.sentences), floors_written(made))


@get("/sweeps/{round_id:uuid}/hands")
async def hands_page(
    request: Asked,
    round_id: FromPath[UUID],
    area: FromQuery[str] = "",
    visitors: FromQuery[str] = "",
    dealt: FromQuery[str] = "",
) -> Response[Any]:
    """Who walks where, by place, and a proposal for one area: for those who knock at every door, and for
    the home team. No ranking."""
    wish = Wish(area, visitors=_worker(visitors), dealt=whole(dealt, digits=11))
    return await _hands(asking(request), round_id, wish)


@get("/sweeps/{round_id:uuid}/hands/{worker_id:uuid}")
async def gone_page(
    request: Asked,
    round_id: FromPath[UUID],
    worker_id: FromPath[UUID],
    area: FromQuery[str] = "",
    team: FromQuery[str] = "doors",
) -> Response[Any]:
    """Who would take over from one person, door by door."""
    return await _hands(asking(request), round_id, Wish(area, worker_id, team))


@post("/sweeps/{round_id:uuid}/split", status_code=200)
async def accept(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """Accept what was shown: `floors` holds block, worker, lowest and highest floor of each piece."""
    who, given = asking(request), await fields(request)
    who.signed()
    wish = Wish(given.get("area", ""), team=given.get("team") or "doors")
    try:
        gone = _worker(given.get("gone", ""))
        wish = replace(wish, gone=gone, visitors=_worker(given.get("visitors", "")))
        body = {
            "round": str(round_id),
            "area": wish.area,
            "team": wish.team,
            "seen": given.get("seen", ""),
            "gone": None if gone is None else str(gone),
            "floors": floors_read(given.get("floors", "")),
        }
        await do_form(who, given, "sweeps.split", body)
    except Refusal as refusal:
        return await _hands(who, round_id, wish, refusal)
    return back(who, f"/sweeps/{round_id}/hands?area={wish.area}&dealt={_this_second()}")


def _this_second() -> int:
    return int(now().timestamp())


def _worker(given: str) -> UUID | None:
    try:
        return UUID(given) if given else None
    except ValueError as wrong:
        raise Invalid.of("gone", "这份建议不完整,请重新打开页面。") from wrong


def floors_written(proposal: Proposal) -> str:
    """A proposal as a field of a form: block, worker, lowest and highest floor of each piece."""
    return ";".join(
        f"{piece.block_id.hex},{one.worker_id.hex},{piece.floor_from},{piece.floor_to}"
        for one in proposal.portions
        for piece in one.pieces
    )


def floors_read(text: str) -> list[Any]:
    """The field back. Raises Invalid."""
    found: list[Any] = []
    for value in text.split(";") if text else ():
        try:
            block, worker, low, high = value.split(",")
            one = Floors(UUID(block), UUID(worker), int(low), int(high))
        except ValueError as wrong:
            raise Invalid.of("floors", "这份建议不完整,请重新打开页面。") from wrong
        found.append(msgspec.to_builtins(one))
    return found


@post("/sweeps/{round_id:uuid}/hands/{worker_id:uuid}/redeal", status_code=200)
async def redeal(
    request: Asked, round_id: FromPath[UUID], worker_id: FromPath[UUID]
) -> Response[Any]:
    """What is left of one person goes to others, in one action and without looking."""
    who, given = asking(request), await fields(request)
    who.signed()
    body: dict[str, Any] = {"round": str(round_id), "worker": str(worker_id), "to": []}
    if given.get("to"):
        body["to"] = [given["to"]]
    try:
        await do_form(who, given, "sweeps.redeal", body)
    except Refusal as refusal:
        return await _hands(who, round_id, Wish(), refusal)
    return back(who, f"/sweeps/{round_id}/hands?dealt={_this_second()}")


ROUTES: list[Any] = [hands_page, gone_page, accept, redeal]
