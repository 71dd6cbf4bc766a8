"""Hours as deeds: a double click notes once, and the phone may send late."""

from wangge.hours import commands
from wangge.hours.commands import Answering, Cancelling, Changing, Planning, Recording
from wangge.hours.model import Duty
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
