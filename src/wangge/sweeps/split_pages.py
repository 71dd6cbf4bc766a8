"""The page of 分工: who walks where, a proposal of who could, and who takes over when somebody drops
out."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import Asking, asking, page
from wangge.kernel.i18n import translate
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields
from wangge.sweeps.acts import DEAL
from wangge.sweeps.commands.splitting import Floors
from wangge.sweeps.queries import dealing, rounds, splitting
from wangge.sweeps.showing import common
from wangge.sweeps.splitting import BLOCKS_MAX, Proposal, proposed, question, replaced, thought

Asked = Request[Any, Any, Any]


async def _hands(
    who: Asking,
    round_id: UUID,
    area: str = "",
    gone: UUID | None = None,
    refusal: Refusal | None = None,
) -> Response[Any]:
    who.must(DEAL)
    proposal: Proposal | None = None
    async with who.tx(read_only=True) as tx:
        reach = tx.reach(DEAL)
        round_ = await rounds.round_(tx, reach, round_id)
        found = await dealing.hands(tx, round_id)
        parts = [
            part
            for part in await splitting.parts(
                tx, round_id, round_.area_code, round_.area_code + ":"
            )
            if reach.covers(part.area_code)
        ]
        chosen = area
        if not chosen and sum(part.blocks for part in parts) <= BLOCKS_MAX:
            chosen = round_.area_code if reach.covers(round_.area_code) else ""
        if not chosen and len(parts) == 1:
            chosen = parts[0].area_code
        asked = None
        if chosen and round_.open and reach.covers(chosen):
            asked = await question(tx, round_, chosen)
        roster = await ROSTER.get(tx)
        atlas = await ATLAS.get(tx)
    if asked is not None:
        proposal = await (
            thought(replaced, asked, gone) if gone is not None else thought(proposed, asked)
        )
    workers = {hand.worker_id for hand in found}
    if gone is not None:
        workers.add(gone)
    if proposal is not None:
        workers |= {one.worker_id for one in proposal.portions}
        workers |= {
            piece.from_id
            for one in proposal.portions
            for piece in one.pieces
            if piece.from_id is not None
        }
    return page(
        who,
        "sweeps/hands.html",
        status=refusal.status if refusal else 200,
        round=round_,
        hands=found,
        names={one: roster.staff_name(one) for one in workers},
        atlas=atlas,
        parts=parts if len(parts) > 1 else [],
        area=chosen,
        gone=gone,
        proposal=proposal,
        told=[
            translate(who.locale, one.text, **one.values)
            for one in (proposal.sentences if proposal is not None else ())
        ],
        refusal=who.said(refusal),
        **common(who),
    )


@get("/sweeps/{round_id:uuid}/hands")
async def hands_page(
    request: Asked, round_id: FromPath[UUID], area: FromQuery[str] = ""
) -> Response[Any]:
    """Who walks where, by place, and a proposal for one area. No ranking."""
    return await _hands(asking(request), round_id, area)


@get("/sweeps/{round_id:uuid}/hands/{worker_id:uuid}")
async def gone_page(
    request: Asked,
    round_id: FromPath[UUID],
    worker_id: FromPath[UUID],
    area: FromQuery[str] = "",
) -> Response[Any]:
    """Who would take over from one person, door by door."""
    return await _hands(asking(request), round_id, area, worker_id)


@post("/sweeps/{round_id:uuid}/split", status_code=200)
async def accept(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """Accept what was shown: fields `floors-N` hold block, worker, lowest and highest floor."""
    who, given = asking(request), await fields(request)
    who.signed()
    gone: UUID | None = None
    try:
        gone = _worker(given.get("gone", ""))
        body = {
            "round": str(round_id),
            "area": given.get("area", ""),
            "seen": given.get("seen", ""),
            "gone": None if gone is None else str(gone),
            "floors": _floors(given),
        }
        await do_form(who, given, "sweeps.split", body)
    except Refusal as refusal:
        return await _hands(who, round_id, given.get("area", ""), gone, refusal)
    return back(who, f"/sweeps/{round_id}/hands?area={given.get('area', '')}")


def _worker(given: str) -> UUID | None:
    try:
        return UUID(given) if given else None
    except ValueError as wrong:
        raise Invalid.of("gone", "这份建议不完整,请重新打开页面。") from wrong


def _floors(given: Mapping[str, str]) -> list[Any]:
    found: list[Any] = []
    for name, value in given.items():
        if not name.startswith("floors-"):
            continue
        parts = value.split(",")
        try:
            block, worker, low, high = parts
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
        return await _hands(who, round_id, "", None, refusal)
    return back(who, f"/sweeps/{round_id}/hands")


ROUTES: list[Any] = [hands_page, gone_page, accept, redeal]
