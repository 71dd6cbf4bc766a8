"""Statements of imports of areas."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import of areas as it stands."""

    id: UUID
    name: str
    kind: str
    datum: str
    hint: str
    state: str
    by_id: UUID
    at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    notes: Any
    counts: Any


@dataclass(frozen=True, slots=True)
class StagedRow:
    """One row of it; `problem` is a Problem as JSON text, or ""."""

    number: int
    code: str
    parent: str
    name: str
    kind: str
    grid_kind: str
    boundary: Any | None
    problem: str
    taken: bool


async def insert(tx: Tx, row: ImportRow) -> int:
    return await tx.run(
        """
        insert into places_import (id, name, kind, datum, hint, state, by_id, at, notes)
        values (:id, :name, :kind, :datum, :hint, :state, :by_id, :at, :notes)
        """,
        id=row.id,
        name=row.name,
        kind=row.kind,
        datum=row.datum,
        hint=row.hint,
        state=row.state,
        by_id=row.by_id,
        at=row.at,
        notes=row.notes,
    )


async def insert_rows(tx: Tx, import_id: UUID, rows: Sequence[StagedRow]) -> int:
    """One statement; JSON does not travel by COPY."""
    return await tx.run(
        """
        insert into places_import_row (import_id, number, code, parent, name, kind, grid_kind,
                                       boundary, problem)
        select :import_id, number, code, parent, name, kind, grid_kind, boundary::jsonb, problem
          from unnest(:numbers::int[], :codes::text[], :parents::text[], :names::text[],
                      :kinds::text[], :grid_kinds::text[], :boundaries::text[],
                      :problems::text[])
               r(number, code, parent, name, kind, grid_kind, boundary, problem)
        """,
        import_id=import_id,
        numbers=[r.number for r in rows],
        codes=[r.code for r in rows],
        parents=[r.parent for r in rows],
        names=[r.name for r in rows],
        kinds=[r.kind for r in rows],
        grid_kinds=[r.grid_kind for r in rows],
        boundaries=[None if r.boundary is None else json.dumps(r.boundary) for r in rows],
        problems=[r.problem for r in rows],
    )


async def one(tx: Tx, import_id: UUID, *, whole: bool, lock: bool = False) -> ImportRow:
    """One's own import, or any for whoever changes the whole county. Raises NotFound."""
    if lock:
        await tx.run("select 1 from places_import where id = :id for update", id=import_id)
    found = await tx.maybe(
        ImportRow,
        """
        select id, name, kind, datum, hint, state, by_id, at, applied_at, undone_at, notes,
               counts
          from places_import where id = :id and (:whole or by_id = :me)
        """,
        id=import_id,
        whole=whole,
        me=tx.actor.id,
    )
    if found is None:
        raise NotFound("这次导入")
    return found


async def latest(tx: Tx, *, whole: bool, limit: int) -> list[ImportRow]:
    """The newest imports one may see."""
    return await tx.many(
        ImportRow,
        """
        select id, name, kind, datum, hint, state, by_id, at, applied_at, undone_at, notes,
               counts
          from places_import where :whole or by_id = :me
         order by at desc, id desc limit :limit
        """,
        whole=whole,
        me=tx.actor.id,
        limit=limit,
    )


async def rows(tx: Tx, import_id: UUID) -> list[StagedRow]:
    return await tx.many(
        StagedRow,
        """
        select number, code, parent, name, kind, grid_kind, boundary, problem, taken
          from places_import_row where import_id = :id order by number
        """,
        id=import_id,
    )


async def set_datum(tx: Tx, import_id: UUID, datum: str) -> int:
    return await tx.run(
        "update places_import set datum = :datum where id = :id", id=import_id, datum=datum
    )


async def set_taken(tx: Tx, import_id: UUID, left_out: Sequence[int]) -> int:
    """All rows but these are to be taken."""
    return await tx.run(
        """
        update places_import_row set taken = not (number = any(:left_out::int[]))
         where import_id = :id
        """,
        id=import_id,
        left_out=list(left_out),
    )


async def set_state(
    tx: Tx, import_id: UUID, state: str, counts: dict[str, int], moment: datetime
) -> int:
    return await tx.run(
        """
        update places_import
           set state = :state, counts = counts || :counts,
               applied_at = case :state when 'applied' then :now else applied_at end,
               undone_at = case :state when 'undone' then :now else undone_at end
         where id = :id
        """,
        id=import_id,
        state=state,
        counts=counts,
        now=moment,
    )


async def one_at_a_time(tx: Tx) -> int:
    """Two imports of one file at the same time: the second finds everything there."""
    return await tx.run("select pg_advisory_xact_lock(727152)")


@dataclass(frozen=True, slots=True)
class AreaNow:
    """An area as it stands, for the picture before and after."""

    code: str
    name: str
    grid_kind: str | None
    boundary: str | None
    centre_lon: float | None
    centre_lat: float | None
    valid_from: date


async def areas_now(tx: Tx, codes: Sequence[str]) -> list[AreaNow]:
    return await tx.many(
        AreaNow,
        """
        select code, name, grid_kind, boundary::text as boundary, centre_lon, centre_lat,
               valid_from
          from places_area where code = any(:codes::text[]) order by code for update
        """,
        codes=list(codes),
    )


async def save_images(tx: Tx, import_id: UUID, images: Sequence[tuple[int, Any, Any]]) -> int:
    """(row number, before or None, after): what an undo needs."""
    return await tx.run(
        """
        update places_import_row t set was = i.was::jsonb, became = i.became::jsonb
          from unnest(:numbers::int[], :was::text[], :became::text[]) i(number, was, became)
         where t.import_id = :id and t.number = i.number
        """,
        id=import_id,
        numbers=[number for number, _, _ in images],
        was=[was for _, was, _ in images],
        became=[became for _, _, became in images],
    )


@dataclass(frozen=True, slots=True)
class Image:
    """What a row changed. `was` is None for an area it opened."""

    number: int
    code: str
    was: Any | None
    became: Any


async def images(tx: Tx, import_id: UUID) -> list[Image]:
    """The rows that changed something, deepest codes first."""
    return await tx.many(
        Image,
        """
        select number, coalesce(became ->> 'code', code) as code, was, became
          from places_import_row
         where import_id = :id and became is not null
         order by length(coalesce(became ->> 'code', code)) desc, number
        """,
        id=import_id,
    )


async def forget(tx: Tx, before: datetime, limit: int) -> int:
    """Drop imports of long ago with their rows; what they did stays."""
    return await tx.run(
        """
        delete from places_import where id in (
               select id from places_import where at < :before order by at limit :limit)
        """,
        before=before,
        limit=limit,
    )


async def count_old(tx: Tx, before: datetime) -> int:
    return await tx.one(
        int, "select count(*) from places_import where at < :before", before=before
    )
