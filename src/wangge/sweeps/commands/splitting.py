"""A proposal accepted: who takes which floors, all at once, over the doors as they are now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.people import ROSTER
from wangge.solvers.split import Hand, Run, check
from wangge.sweeps.acts import DEAL
from wangge.sweeps.commands.dealing import ToDeal, hand_out
from wangge.sweeps.events import SharesDealt
from wangge.sweeps.ground import Ground, ground, home_ground, thought
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import Round, RoundOver
from wangge.sweeps.queries import dealing, rounds

#: Pieces of one proposal.
PIECES_MAX = 2_000


@dataclass(eq=False)
class DealingChanged(Refusal):
    """Somebody dealt anew since the proposal was made."""

    says: ClassVar[str] = "分工在这期间改过了。请重新看一遍建议再采纳。"
    status: ClassVar[int] = 409


class Floors(msgspec.Struct):
    """Floors of a block, lowest and highest, for one person."""

    block: UUID
    worker: UUID
    floor_from: int
    floor_to: int


class Accept(msgspec.Struct):
    """`seen` is the proposal's; `gone` is who dropped out, where it is about one person: then only
    that person's floors are given, and everybody else keeps what they have. `team` is `home` for visits
    at home: beside those who knock at every door, whose floors stay as they are."""

    round: UUID
    area: str
    seen: str
    floors: list[Floors]
    gone: UUID | None = None
    team: Literal["doors", "home"] = "doors"


class Accepted(msgspec.Struct):
    shares: int
    doors: int


async def accept(tx: Tx, body: Accept) -> Accepted:
    """Give the floors as they stand in the proposal, some of them changed by hand or not. Every door
    left has to be in somebody's hands, once. Raises NotFound, RoundOver, DealingChanged, Invalid."""
    round_ = await rounds.lock(tx, tx.reach(DEAL), body.round)
    if not round_.open:
        raise RoundOver()
    reach = tx.reach(DEAL)
    if not reach.covers(body.area):
        raise NotFound("这个区域")
    if body.team == "home":
        kind = await kind_as_opened(tx, round_.id)
        at = await home_ground(tx, round_, body.area, kind)
    else:
        at = await ground(tx, round_, body.area)
    if at.seen != body.seen:
        raise DealingChanged()
    await _must_be_people(tx, body.floors)
    await thought(_must_be_whole, at, body.floors, body.gone)
    given, ended = _replacing(at, body) if body.gone is not None else _all_over(at, body)
    await dealing.end_shares(tx, ended)
    await hand_out(tx, round_, given, body.team)
    doors = sum(share.doors for share, _ in given)
    tx.publish(SharesDealt(round_.id, body.area, body.gone, len(given), doors))
    return Accepted(len(given), doors)


async def _must_be_people(tx: Tx, floors: Sequence[Floors]) -> None:
    if len(floors) > PIECES_MAX:
        raise Invalid.of("floors", "一次最多分 {most} 段。", most=PIECES_MAX)
    roster = await ROSTER.get(tx)
    for one in {row.worker for row in floors}:
        staff = roster.staff(one)
        if staff is None or not staff.active:
            raise NotFound("这个人")


async def as_proposed(
    tx: Tx, round_: Round, floors: Sequence[Floors]
) -> list[tuple[ToDeal, UUID]]:
    """The first dealing of a round as it was proposed before the round opened, over the roster as it was
    frozen now. Blocks that are not named are not in the answer: they go to whoever is nearest. Raises
    Forbidden, NotFound, Invalid."""
    for area in round_.areas:
        tx.require(DEAL, area)
    await _must_be_people(tx, floors)
    at = await ground(tx, round_, round_.area_code)
    wanted = {one.block for one in floors}
    if not wanted <= at.blocks.keys():
        raise Invalid.of("floors", "名册和算这份建议时不一样了。请再看一遍建议,或者直接开始。")
    town = replace(
        at.town, stairwells=[one for one in at.town.stairwells if UUID(one.id) in wanted]
    )
    await thought(_must_be_whole, replace(at, town=town), floors, None)
    return _filled(at, floors)


def _must_be_whole(at: Ground, floors: Sequence[Floors], gone: UUID | None) -> None:
    """Judged by the checker: nothing missed, nothing twice. Lateness is for a person to accept."""
    for one in floors:
        block = at.blocks.get(one.block)
        if block is None:
            raise NotFound("这个楼道")
        if not block.floor_from <= one.floor_from <= one.floor_to <= block.floor_to:
            raise Invalid.of("floors", "{name}没有这几层。", name=block.label)
    hands = [
        Hand(one.worker.hex, at.team, (Run(one.block.hex, one.floor_to, one.floor_from),))
        for one in floors
    ]
    for share in at.held:
        if gone is not None and share.worker_id != gone:
            run = Run(share.block_id.hex, share.floor_to, share.floor_from)
            hands.append(Hand(share.worker_id.hex, at.team, (run,)))
    known = {"missed", "upside_down"} | ({"twice"} if gone is None else set[str]())
    had = {
        (share.block_id.hex, floor)
        for share in at.held
        for floor in range(share.floor_from, share.floor_to + 1)
    }
    for wrong in check(at.town, hands).violations:
        if wrong.kind not in known:
            continue
        # Where nobody had a floor before, somebody who drops out does not have to leave it dealt.
        if (
            wrong.kind == "missed"
            and gone is not None
            and (wrong.stairwell, wrong.floor) not in had
        ):
            continue
        values: dict[str, Any] = dict(wrong.why.values)
        raise Invalid.of("floors", wrong.why.text, **values)


_Dealt = tuple[list[tuple[ToDeal, UUID]], list[UUID]]


def _all_over(at: Ground, body: Accept) -> _Dealt:
    """(shares to give, shares that end): all of the blocks that are named, from the top floor down."""
    wanted = {one.block for one in body.floors}
    ended = [one.id for one in at.held if one.block_id in wanted]
    return _filled(at, body.floors), ended


def _filled(at: Ground, floors: Sequence[Floors]) -> list[tuple[ToDeal, UUID]]:
    """Shares that fill the blocks that are named."""
    by_block: dict[UUID, list[Floors]] = {}
    for one in floors:
        by_block.setdefault(one.block, []).append(one)
    return [
        share
        for block_id, mine in by_block.items()
        for share in _stretched(
            at, mine, block_id, at.blocks[block_id].floor_from, at.blocks[block_id].floor_to
        )
    ]


def _replacing(at: Ground, body: Accept) -> _Dealt:
    """(shares to give, shares that end) of somebody who drops out: all of what they had changes hands,
    doors where nothing is left to do too, for somebody may come back to them. Where nobody was named
    for a share it goes to whoever takes most over; where nobody takes anything, nothing changes."""
    if not body.floors:
        return [], []
    most = Counter(one.worker for one in body.floors).most_common(1)[0][0]
    given: list[tuple[ToDeal, UUID]] = []
    ended: list[UUID] = []
    for share in at.held:
        if share.worker_id != body.gone:
            continue
        low, high = share.floor_from, share.floor_to
        mine = [
            Floors(one.block, one.worker, max(low, one.floor_from), min(high, one.floor_to))
            for one in body.floors
            if one.block == share.block_id and one.floor_from <= high and one.floor_to >= low
        ]
        mine = mine or [Floors(share.block_id, most, low, high)]
        given += _stretched(at, mine, share.block_id, low, high)
        ended.append(share.id)
    return given, ended


def _stretched(
    at: Ground, floors: Sequence[Floors], block_id: UUID, low: int, high: int
) -> list[tuple[ToDeal, UUID]]:
    """Pieces of a block as shares that fill it from `low` to `high`. Floors between two pieces, above
    the first and below the last go along, so that doors that are done, or join later, have somebody."""
    doors = {
        (UUID(one.id), stop.floor): stop.doors + stop.special
        for one in at.town.stairwells
        for stop in one.stops
    }
    area_code = at.blocks[block_id].area_code
    mine = sorted(floors, key=lambda one: -one.floor_to)
    given: list[tuple[ToDeal, UUID]] = []
    if at.team == "home":
        # The home team has its floors one by one: between them it has nothing to do.
        return [
            (ToDeal(block_id, area_code, floor, floor, count), one.worker)
            for one in mine
            for floor in range(one.floor_to, one.floor_from - 1, -1)
            if (count := doors.get((block_id, floor), 0))
        ]
    top = high
    for n, one in enumerate(mine):
        bottom = low if n == len(mine) - 1 else one.floor_from
        count = sum(doors.get((block_id, floor), 0) for floor in range(bottom, top + 1))
        given.append((ToDeal(block_id, area_code, bottom, top, count), one.worker))
        top = bottom - 1
    return given
