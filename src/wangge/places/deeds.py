"""What people mean to do with areas, from a form, the API or an import."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.places import commands, naming
from wangge.places.model import Area
from wangge.places.naming import Alias
from wangge.places.naming.queries import Thing


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


class AddAlias(msgspec.Struct, forbid_unknown_fields=True):
    """A nickname for an estate (`compound`) or a house (`building`)."""

    of: Literal["compound", "building"]
    id: UUID
    name: str


class RemoveAlias(msgspec.Struct, forbid_unknown_fields=True):
    id: UUID


class RenameCompound(msgspec.Struct, forbid_unknown_fields=True):
    id: UUID
    name: str


@deed("places.add_alias", AddAlias, status=201)
async def add_alias(tx: Tx, body: AddAlias) -> Alias:
    return await naming.add_alias(tx, body.of, body.id, body.name)


@deed("places.remove_alias", RemoveAlias)
async def remove_alias(tx: Tx, body: RemoveAlias) -> Alias:
    return await naming.remove_alias(tx, body.id)


@deed("places.rename_compound", RenameCompound)
async def rename_compound(tx: Tx, body: RenameCompound) -> Thing:
    return await naming.rename_compound(tx, body.id, body.name)
