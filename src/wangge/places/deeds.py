"""What people mean to do with areas, from a form, the API or an import."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.places import commands, imports, naming, redrawing
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


class SetBoundaries(msgspec.Struct, forbid_unknown_fields=True):
    """An area and the neighbours whose common border moved with it, by code."""

    boundaries: dict[str, dict[str, Any]]


class ApplyImport(msgspec.Struct, forbid_unknown_fields=True):
    """`left_out` are numbers of rows that are not to be taken."""

    import_id: UUID
    left_out: list[int] = msgspec.field(default_factory=list[int])


class OfImport(msgspec.Struct, forbid_unknown_fields=True):
    import_id: UUID


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """One of the areas that are to come; without a code it gets the next free one."""

    name: str
    code: str = ""
    grid_kind: str | None = None
    boundary: dict[str, Any] | None = None
    children: list[str] = msgspec.field(default_factory=list[str])
    buildings: list[UUID] = msgspec.field(default_factory=list[UUID])
    units: list[UUID] = msgspec.field(default_factory=list[UUID])


class SplitArea(msgspec.Struct, forbid_unknown_fields=True):
    """`line` is a GeoJSON LineString that cuts the boundary; `on` the first day of the parts."""

    code: str
    parts: list[Part]
    line: dict[str, Any] | None = None
    on: date | None = None


class MergeAreas(msgspec.Struct, forbid_unknown_fields=True):
    """`into` is a new code, one of `codes` that goes on, or "" for the next free code."""

    codes: list[str]
    name: str
    into: str = ""
    grid_kind: str | None = None
    boundary: dict[str, Any] | None = None
    on: date | None = None


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


@deed("places.set_boundaries", SetBoundaries)
async def set_boundaries(tx: Tx, body: SetBoundaries) -> list[Area]:
    return await commands.set_boundaries(tx, body.boundaries)


@deed("places.apply_import", ApplyImport)
async def apply_import(tx: Tx, body: ApplyImport) -> imports.Applied:
    return await imports.apply(tx, body.import_id, body.left_out)


@deed("places.undo_import", OfImport)
async def undo_import(tx: Tx, body: OfImport) -> imports.Undone:
    return await imports.undo(tx, body.import_id)


async def split_as_said(tx: Tx, body: SplitArea) -> redrawing.Outcome:
    """A split from a form or a program."""
    parts = [
        redrawing.PartWish(
            part.name,
            part.code,
            part.grid_kind,
            part.boundary,
            tuple(part.children),
            tuple(part.buildings),
            tuple(part.units),
        )
        for part in body.parts
    ]
    return await redrawing.split(tx, body.code, parts, line=body.line, on=body.on)


async def merge_as_said(tx: Tx, body: MergeAreas) -> redrawing.Outcome:
    """A merger from a form or a program."""
    return await redrawing.merge(
        tx,
        body.codes,
        body.name,
        into=body.into,
        grid_kind=body.grid_kind,
        boundary=body.boundary,
        on=body.on,
    )


@deed("places.split_area", SplitArea)
async def split_area(tx: Tx, body: SplitArea) -> redrawing.Outcome:
    return await split_as_said(tx, body)


@deed("places.merge_areas", MergeAreas)
async def merge_areas(tx: Tx, body: MergeAreas) -> redrawing.Outcome:
    return await merge_as_said(tx, body)
