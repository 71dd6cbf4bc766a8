"""What people mean to do with areas, from a form, the API or an import."""

from datetime import date
from typing import Any

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.places import commands
from wangge.places.model import Area


class AddArea(msgspec.Struct, forbid_unknown_fields=True):
    """`boundary` is a GeoJSON Polygon in WGS-84 degrees."""

    code: str
    name: str
    grid_kind: str | None = None
    boundary: dict[str, Any] | None = None
    valid_from: date | None = None


class Rename(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    name: str


class CloseArea(msgspec.Struct, forbid_unknown_fields=True):
    """`successors` are open areas of the same kind."""

    code: str
    successors: list[str] = msgspec.field(default_factory=list[str])


class SetBoundary(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    boundary: dict[str, Any]


@deed("places.add_area", AddArea, status=201)
async def add_area(tx: Tx, body: AddArea) -> Area:
    return await commands.add_area(
        tx,
        body.code.strip(),
        body.name,
        grid_kind=body.grid_kind,
        boundary=body.boundary,
        valid_from=body.valid_from,
    )


@deed("places.rename", Rename)
async def rename(tx: Tx, body: Rename) -> Area:
    return await commands.rename(tx, body.code, body.name)


@deed("places.close_area", CloseArea)
async def close_area(tx: Tx, body: CloseArea) -> Area:
    return await commands.close_area(tx, body.code, body.successors)


@deed("places.set_boundary", SetBoundary)
async def set_boundary(tx: Tx, body: SetBoundary) -> Area:
    return await commands.set_boundary(tx, body.code, body.boundary)
