"""Rounds as deeds: reports by the hundred from phones, everything else one by one from desks."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.deeds import Answer
from wangge.kernel.http import Asking, Sent, deed, many_deeds
from wangge.kernel.refusals import Invalid, Refusal
from wangge.sweeps import plan_deeds as plan_deeds
from wangge.sweeps import testing_deeds as testing_deeds
from wangge.sweeps.certificate import Account
from wangge.sweeps.commands import closing, dealing, opening
from wangge.sweeps.commands.kinds import Saved, SaveKind, save_kind
from wangge.sweeps.commands.opening import OpenNow
from wangge.sweeps.commands.splitting import Accept, Accepted, accept
from wangge.sweeps.model import Round
from wangge.sweeps.reporting import Deed, Report
from wangge.sweeps.sync import sync_of


def _room(who: Asking, reports: int) -> None:
    sync_of(who.district.database, who.district.schema).room(reports)


@many_deeds("sweeps.report", Report, room=_room)
async def report(who: Asking, sent: Sequence[Sent]) -> Sequence[Answer | Refusal]:
    """Reports of doors. The report itself is the memory: sent again, it is answered again."""
    sync = sync_of(who.district.database, who.district.schema)
    answers = await sync.take(
        [Deed(one.id, who.actor, one.body, one.at, one.clock_off) for one in sent]
    )
    return [
        answer if isinstance(answer, Refusal) else Answer(200, answer) for answer in answers
    ]


@deed("sweeps.open", OpenNow, status=201)
async def open_round(tx: Tx, body: OpenNow) -> Round:
    return await opening.open_round(tx, body, floors=body.floors)


class OfRound(msgspec.Struct):
    round: UUID


class Pass(msgspec.Struct):
    round: UUID
    minutes: int = closing.PASS_MINUTES


@deed("sweeps.begin_pass", Pass)
async def begin_pass(tx: Tx, body: Pass) -> Round:
    return await closing.begin_pass(tx, body.round, body.minutes)


class Retiming(msgspec.Struct):
    """Another end, or so many `minutes` more than there are when this arrives."""

    round: UUID
    ends_at: datetime | None = None
    minutes: int | None = None


@deed("sweeps.retime", Retiming)
async def retime(tx: Tx, body: Retiming) -> Round:
    if body.minutes is not None:
        return await closing.more_time(tx, body.round, body.minutes)
    if body.ends_at is None:
        raise Invalid.of("ends_at", "新的结束时间要晚于现在,且在 60 天以内。")
    return await closing.retime(tx, body.round, body.ends_at)


@deed("sweeps.close", OfRound)
async def close(tx: Tx, body: OfRound) -> Account:
    return await closing.close_round(tx, body.round)


@deed("sweeps.certify", OfRound, status=201)
async def certify(tx: Tx, body: OfRound) -> Account:
    return await closing.certify_again(tx, body.round)


class Redeal(msgspec.Struct):
    """`to` names who takes over; with nobody named, whoever is nearest does."""

    round: UUID
    worker: UUID
    to: list[UUID] = []


class Redealt(msgspec.Struct):
    shares: int
    doors: int


@deed("sweeps.redeal", Redeal)
async def redeal(tx: Tx, body: Redeal) -> Redealt:
    found = await dealing.redeal(tx, body.round, body.worker, body.to)
    return Redealt(len(found), sum(share.doors for share, _ in found))


class Share(msgspec.Struct):
    """`floors` is [lowest, highest]; all of the block's without."""

    round: UUID
    block: UUID
    worker: UUID
    floors: tuple[int, int] | None = None


@deed("sweeps.give", Share)
async def give(tx: Tx, body: Share) -> Redealt:
    await dealing.give(tx, body.round, body.block, body.worker, body.floors)
    return Redealt(1, 0)


@deed("sweeps.split", Accept)
async def accept_split(tx: Tx, body: Accept) -> Accepted:
    return await accept(tx, body)


class Back(msgspec.Struct):
    round: UUID
    block: UUID
    worker: UUID


@deed("sweeps.take_back", Back)
async def take_back(tx: Tx, body: Back) -> Redealt:
    await dealing.take_back(tx, body.round, body.block, body.worker)
    return Redealt(0, 0)


@deed("sweeps.save_kind", SaveKind)
async def save(tx: Tx, body: SaveKind) -> Saved:
    return await save_kind(tx, body)
