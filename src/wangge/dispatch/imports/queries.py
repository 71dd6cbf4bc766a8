"""Every statement about imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

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
    await tx.run(
        """
        insert into kernel_work (id, kind, by_id, state, data, started_at, changed_at)
        values (:id, 'cases.import', :by, 'waiting', '{}', :now, :now)
        """,
        id=id_,
        by=tx.actor.id,
        now=tx.now,
    )
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


async def set_total(tx: Tx, id_: UUID, total: int) -> None:
    """How many rows there are."""
    await tx.run("update kernel_work set total = :total where id = :id", id=id_, total=total)


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


async def take_import(tx: Tx, id_: UUID | None) -> ImportRow | None:
    """A running import for this transaction alone; the one that began first."""
    return await tx.maybe(
        ImportRow,
        """
        select i.id, i.name, i.encoding, i.headings, i.mapping, i.offer, i.by_id, w.state, w.done,
               w.total, w.data, w.started_at, w.changed_at
          from dispatch_import i join kernel_work w using (id)
         where w.state = 'running' and (:id::uuid is null or i.id = :id)
         order by w.started_at limit 1
           for update of w skip locked
        """,
        id=id_,
    )


async def oldest_running(tx: Tx) -> UUID | None:
    """Which import is next."""
    return await tx.maybe(
        UUID,
        """
        select id from kernel_work where kind = 'cases.import' and state = 'running'
         order by started_at limit 1
        """,
    )


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


async def move(tx: Tx, id_: UUID, number: int, done: int, data: Mapping[str, Any]) -> None:
    """Rows up to that number are taken; they are dropped and the mark moves."""
    await tx.run(
        "delete from dispatch_import_row where import_id = :id and number <= :number",
        id=id_,
        number=number,
    )
    await tx.run(
        """
        update kernel_work set done = :done, data = :data, changed_at = :now where id = :id
        """,
        id=id_,
        done=done,
        data=dict(data),
        now=tx.now,
    )


async def set_mapping(tx: Tx, id_: UUID, mapping: Mapping[str, Any], *, offer: bool) -> None:
    """What the columns mean."""
    await tx.run(
        "update dispatch_import set mapping = :mapping, offer = :offer where id = :id",
        id=id_,
        mapping=dict(mapping),
        offer=offer,
    )


async def set_state(tx: Tx, id_: UUID, state: str) -> None:
    """Begun or cancelled; an import that is over stays over. Waits for a bite under way."""
    await tx.run(
        """
        update kernel_work set state = :state, changed_at = :now
         where id = :id and state in ('waiting', 'running')
        """,
        id=id_,
        state=state,
        now=tx.now,
    )


async def end_import(tx: Tx, id_: UUID, state: str, error: str) -> None:
    """It is over."""
    await tx.run(
        """
        update kernel_work
           set state = :state, changed_at = :now,
               data = data || jsonb_build_object('error', :error::text)
         where id = :id and state = 'running'
        """,
        id=id_,
        state=state,
        error=error,
        now=tx.now,
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


async def forget_waiting(tx: Tx, before: datetime, limit: int) -> int:
    """Drop uploads that waited too long, with their rows."""
    return await tx.run(
        """
        delete from kernel_work where id in (
               select id from kernel_work
                where kind = 'cases.import' and state = 'waiting' and started_at < :before
                order by started_at limit :limit)
        """,
        before=before,
        limit=limit,
    )


async def count_waiting(tx: Tx, before: datetime) -> int:
    return await tx.one(
        int,
        """
        select count(*) from kernel_work
         where kind = 'cases.import' and state = 'waiting' and started_at < :before
        """,
        before=before,
    )


async def forget_over(tx: Tx, before: datetime, limit: int) -> int:
    """Drop imports that ended long ago, with the rows they refused."""
    return await tx.run(
        """
        delete from kernel_work where id in (
               select id from kernel_work
                where kind = 'cases.import' and state not in ('waiting', 'running')
                  and changed_at < :before
                order by changed_at limit :limit)
        """,
        before=before,
        limit=limit,
    )


async def count_over(tx: Tx, before: datetime) -> int:
    return await tx.one(
        int,
        """
        select count(*) from kernel_work
         where kind = 'cases.import' and state not in ('waiting', 'running')
           and changed_at < :before
        """,
        before=before,
    )
