"""Every statement about imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.dispatch.imports.mapping import KIND
from wangge.kernel import work
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import with its progress."""

    id: UUID
    name: str
    encoding: str
    headings: tuple[str, ...]
    mapping: dict[str, Any]
    offer: bool
    by_id: UUID
    state: str
    done: int
    total: int
    data: dict[str, Any]
    started_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A row that waits."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken, and why."""

    number: int
    cells: tuple[str, ...]
    problems: str


async def add_import(
    tx: Tx,
    id_: UUID,
    name: str,
    encoding: str,
    headings: Sequence[str],
    mapping: Mapping[str, Any],
) -> None:
    """A new import that waits."""
    await work.add(tx, id_, KIND)
    await tx.run(
        """
        insert into dispatch_import (id, name, encoding, headings, mapping, by_id, at)
        values (:id, :name, :encoding, :headings::text[], :mapping, :by, :now)
        """,
        id=id_,
        name=name,
        encoding=encoding,
        headings=list(headings),
        mapping=dict(mapping),
        by=tx.actor.id,
        now=tx.now,
    )


async def one_import(tx: Tx, id_: UUID, *, whole: bool) -> ImportRow:
    """The door: the actor's own, or with `whole` anyone's. Raises NotFound."""
    found = await tx.maybe(
        ImportRow,
        """
        select i.id, i.name, i.encoding, i.headings, i.mapping, i.offer, i.by_id, w.state, w.done,
               w.total, w.data, w.started_at, w.changed_at
          from dispatch_import i join kernel_work w using (id)
         where i.id = :id and (:whole::boolean or i.by_id = :me)
        """,
        id=id_,
        whole=whole,
        me=tx.actor.id,
    )
    if found is None:
        raise NotFound("这次导入")
    return found


async def imports_by(tx: Tx, by_id: UUID) -> list[ImportRow]:
    """Somebody's latest."""
    return await tx.many(
        ImportRow,
        """
        select i.id, i.name, i.encoding, i.headings, i.mapping, i.offer, i.by_id, w.state, w.done,
               w.total, w.data, w.started_at, w.changed_at
          from dispatch_import i join kernel_work w using (id)
         where i.by_id = :by order by i.at desc, i.id desc limit 20
        """,
        by=by_id,
    )


async def staged_rows(tx: Tx, id_: UUID, limit: int) -> list[StagedRow]:
    """The next rows that wait, in order."""
    return await tx.many(
        StagedRow,
        """
        select number, cells from dispatch_import_row
         where import_id = :id order by number limit :limit
        """,
        id=id_,
        limit=limit,
    )


async def one_importer_at_a_time(tx: Tx) -> None:
    """Two imports of the same file take turns, so that the second sees what the first brought."""
    await tx.run("select pg_advisory_xact_lock(hashtext(current_schema() || ' import'))")


async def drop_taken(tx: Tx, id_: UUID, number: int) -> None:
    """Rows up to that number are taken."""
    await tx.run(
        "delete from dispatch_import_row where import_id = :id and number <= :number",
        id=id_,
        number=number,
    )


async def set_mapping(tx: Tx, id_: UUID, mapping: Mapping[str, Any], *, offer: bool) -> None:
    """What the columns mean."""
    await tx.run(
        "update dispatch_import set mapping = :mapping, offer = :offer where id = :id",
        id=id_,
        mapping=dict(mapping),
        offer=offer,
    )


async def drop_rows(tx: Tx, id_: UUID) -> None:
    """What waits and will not be taken."""
    await tx.run("delete from dispatch_import_row where import_id = :id", id=id_)


async def refused_rows(tx: Tx, id_: UUID) -> list[RefusedRow]:
    """In the order of the table."""
    return await tx.many(
        RefusedRow,
        """
        select number, cells, problems from dispatch_import_refused
         where import_id = :id order by number
        """,
        id=id_,
    )
