"""Responses as deeds: a double click declares once."""

from datetime import datetime
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.responses import commands
from wangge.responses.commands import Declaration
from wangge.responses.model import Response


class OfResponse(msgspec.Struct):
    id: UUID


class Renewal(msgspec.Struct):
    id: UUID
    ends_at: datetime


@deed("responses.declare", Declaration, status=201)
async def declare(tx: Tx, body: Declaration) -> Response:
    return await commands.declare(tx, body)


@deed("responses.approve", OfResponse)
async def approve(tx: Tx, body: OfResponse) -> Response:
    return await commands.approve(tx, body.id)


@deed("responses.renew", Renewal)
async def renew(tx: Tx, body: Renewal) -> Response:
    return await commands.renew(tx, body.id, body.ends_at)


@deed("responses.end", OfResponse)
async def end(tx: Tx, body: OfResponse) -> Response:
    return await commands.end(tx, body.id)
