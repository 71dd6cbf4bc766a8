"""Hours as deeds: a double click notes once, and the phone may send late."""

from uuid import UUID

import msgspec

from wangge.hours import commands
from wangge.hours.commands import Answering, Cancelling, Changing, Planning, Recording
from wangge.hours.model import Duty
from wangge.hours.rosters import commands as rosters
from wangge.hours.rosters import publishing
from wangge.hours.rosters.commands import (
    Asking,
    Away,
    Drawing,
    GoingBack,
    OfRoster,
    Putting,
    Saying,
    SettingUp,
)
from wangge.hours.rosters.publishing import Publishing, TakingBack, Told
from wangge.kernel.database import Tx
from wangge.kernel.http import deed


@deed("hours.plan", Planning, status=201)
async def plan(tx: Tx, body: Planning) -> Duty:
    return await commands.plan(tx, body)


@deed("hours.record", Recording, status=201)
async def record(tx: Tx, body: Recording) -> Duty:
    return await commands.record(tx, body)


@deed("hours.change", Changing)
async def change(tx: Tx, body: Changing) -> Duty:
    return await commands.change(tx, body)


@deed("hours.cancel", Cancelling)
async def cancel(tx: Tx, body: Cancelling) -> Duty:
    return await commands.cancel(tx, body)


@deed("hours.answer", Answering)
async def answer(tx: Tx, body: Answering) -> Duty:
    return await commands.answer(tx, body)


class Drawn(msgspec.Struct):
    id: UUID


class Version(msgspec.Struct):
    """A roster's latest version."""

    version: int


class Done(msgspec.Struct):
    done: bool = True


@deed("hours.roster_draw", Drawing, status=201)
async def roster_draw(tx: Tx, body: Drawing) -> Drawn:
    return Drawn(await rosters.draw(tx, body))


@deed("hours.roster_set_up", SettingUp)
async def roster_set_up(tx: Tx, body: SettingUp) -> Version:
    return Version(await rosters.set_up(tx, body))


@deed("hours.roster_put", Putting)
async def roster_put(tx: Tx, body: Putting) -> Version:
    return Version(await rosters.put(tx, body))


@deed("hours.roster_back", GoingBack)
async def roster_back(tx: Tx, body: GoingBack) -> Version:
    return Version(await rosters.go_back(tx, body))


@deed("hours.roster_ask", Asking, status=202)
async def roster_ask(tx: Tx, body: Asking) -> Done:
    await rosters.ask(tx, body)
    return Done()


@deed("hours.roster_away", Away, status=202)
async def roster_away(tx: Tx, body: Away) -> Done:
    await rosters.away(tx, body)
    return Done()


@deed("hours.roster_stop", OfRoster)
async def roster_stop(tx: Tx, body: OfRoster) -> Done:
    await rosters.stop(tx, body)
    return Done()


@deed("hours.roster_drop", OfRoster)
async def roster_drop(tx: Tx, body: OfRoster) -> Done:
    await rosters.drop(tx, body)
    return Done()


@deed("hours.roster_publish", Publishing)
async def roster_publish(tx: Tx, body: Publishing) -> Told:
    return await publishing.publish(tx, body)


@deed("hours.roster_take_back", TakingBack)
async def roster_take_back(tx: Tx, body: TakingBack) -> Told:
    return await publishing.take_back(tx, body)


@deed("hours.day", Saying)
async def day(tx: Tx, body: Saying) -> Done:
    await rosters.say(tx, body)
    return Done()
