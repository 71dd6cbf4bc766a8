"""Testing rounds as deeds. A phone sends what went into a tube when it has a network again; the
deed's memory answers it again when it comes twice."""

from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.sweeps.commands import sheets, testing
from wangge.sweeps.commands.sheets import TakenBack
from wangge.sweeps.commands.testing import Filled, Filling, Mode
from wangge.sweeps.queries.labels import Labels
from wangge.sweeps.queries.testing import Waves


class WavePlan(msgspec.Struct):
    """About `size` people a wave, one every `minutes`."""

    round: UUID
    size: int
    minutes: int


@deed("sweeps.plan_waves", WavePlan)
async def plan_waves(tx: Tx, body: WavePlan) -> Waves:
    return await testing.plan_waves(tx, body.round, body.size, body.minutes)


class Call(msgspec.Struct):
    round: UUID
    wave: int


class CalledDown(msgspec.Struct):
    """`blocks` counts stairwells."""

    wave: int
    blocks: int


@deed("sweeps.call_wave", Call)
async def call_wave(tx: Tx, body: Call) -> CalledDown:
    return CalledDown(body.wave, await testing.call_wave(tx, body.round, body.wave))


class Printing(msgspec.Struct):
    """`count` labels for tubes of that mode."""

    round: UUID
    mode: Mode
    count: int


@deed("sweeps.print_labels", Printing, status=201)
async def print_labels(tx: Tx, body: Printing) -> Labels:
    return await testing.print_labels(tx, body.round, body.mode, body.count)


@deed("sweeps.fill_tube", Filling, status=201)
async def fill_tube(tx: Tx, body: Filling) -> Filled:
    return await testing.fill(tx, body)


class OfTube(msgspec.Struct):
    """`code` finds it where the phone has another id for it than it got."""

    round: UUID
    tube: UUID
    code: str = ""


@deed("sweeps.take_back_tube", OfTube)
async def take_back_tube(tx: Tx, body: OfTube) -> Filled:
    return await testing.take_back_tube(tx, body.round, body.tube, body.code)


class OfSheet(msgspec.Struct):
    """`typed` is the id that the sheet was saved with."""

    round: UUID
    block: UUID
    typed: UUID


@deed("sweeps.take_back_sheet", OfSheet)
async def take_back_sheet(tx: Tx, body: OfSheet) -> TakenBack:
    return await sheets.take_back_sheet(tx, body.round, body.block, body.typed)


class HomeTeam(msgspec.Struct):
    round: UUID
    team: UUID


class SentHome(msgspec.Struct):
    doors: int


@deed("sweeps.send_home_team", HomeTeam)
async def send_home_team(tx: Tx, body: HomeTeam) -> SentHome:
    return SentHome(await testing.send_home_team(tx, body.round, body.team))
