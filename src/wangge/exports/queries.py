"""Every statement about exports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.exports.model import Export, State, Subject
from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


async def insert(tx: Tx, export: Export) -> int:
    return await tx.run(
        """
        insert into exports_export (id, mark, what, spec, title, area_code, people, full_fields,
                                    format, reason, state, asked_by, asked_at)
        values (:id, :mark, :what, :spec, :title, :area_code, :people, :full_fields::text[],
                :format, :reason, :state, :asked_by, :asked_at)
        """,
        id=export.id,
        mark=export.mark,
        what=export.what,
        spec=dict(export.spec),
        title=export.title,
        area_code=export.area_code,
        people=export.people,
        full_fields=list(export.full_fields),
        format=export.format,
        reason=export.reason,
        state=export.state,
        asked_by=export.asked_by,
        asked_at=export.asked_at,
    )


async def one_asker_at_a_time(tx: Tx, staff_id: UUID) -> int:
    """So that two exports at once cannot both be the last that one may take alone."""
    return await tx.run(
        "select pg_advisory_xact_lock(727151, hashtext(:staff_id::text))",
        staff_id=str(staff_id),
    )


async def people_alone(tx: Tx, staff_id: UUID, since: datetime, but: UUID) -> int:
    """People in files somebody took without a second person after a moment."""
    return await tx.one(
        int,
        """
        select coalesce(sum(people), 0) from exports_export
         where asked_by = :staff_id and asked_at > :since and decided_by is null
           and state in ('making', 'ready', 'expired') and id <> :but
        """,
        staff_id=staff_id,
        since=since,
        but=but,
    )


async def lock(tx: Tx, export_id: UUID) -> Export | None:
    """The row of an export that is about to change. The caller is the door."""
    return await tx.maybe(
        Export,
        """
        select id, mark, what, spec, title, area_code, people, full_fields, format, reason,
               state, asked_by, asked_at, decided_by, decided_at, answer, made_at, rows, bytes,
               file_id, expires_at, fetched, trouble
          from exports_export where id = :id for update
        """,
        id=export_id,
    )


async def find(tx: Tx, export_id: UUID) -> Export | None:
    """The row of an export. The caller is the door."""
    return await tx.maybe(
        Export,
        """
        select id, mark, what, spec, title, area_code, people, full_fields, format, reason,
               state, asked_by, asked_at, decided_by, decided_at, answer, made_at, rows, bytes,
               file_id, expires_at, fetched, trouble
          from exports_export where id = :id
        """,
        id=export_id,
    )


async def decide(tx: Tx, export_id: UUID, state: State, answer: str) -> int:
    """A second person has said yes or no."""
    return await tx.run(
        """
        update exports_export
           set state = :state, answer = :answer, decided_by = :by, decided_at = :now
         where id = :id
        """,
        id=export_id,
        state=state,
        answer=answer,
        by=tx.actor.id,
        now=tx.now,
    )


async def set_state(tx: Tx, export_id: UUID, state: State, trouble: str = "") -> int:
    """Any state without a file."""
    return await tx.run(
        """
        update exports_export set state = :state, trouble = :trouble, file_id = null
         where id = :id and state in ('waiting', 'making', 'ready')
        """,
        id=export_id,
        state=state,
        trouble=trouble,
    )


async def set_people(tx: Tx, export_id: UUID, people: int, state: State) -> int:
    """What the making found."""
    return await tx.run(
        """
        update exports_export set people = :people, state = :state
         where id = :id and state = 'making'
        """,
        id=export_id,
        people=people,
        state=state,
    )


async def set_made(
    tx: Tx,
    export_id: UUID,
    *,
    people: int,
    rows: int,
    size: int,
    file_id: UUID,
    expires_at: datetime,
) -> int:
    return await tx.run(
        """
        update exports_export
           set state = 'ready', people = :people, rows = :rows, bytes = :size,
               file_id = :file_id, expires_at = :expires_at, made_at = :now
         where id = :id and state = 'making'
        """,
        id=export_id,
        people=people,
        rows=rows,
        size=size,
        file_id=file_id,
        expires_at=expires_at,
        now=tx.now,
    )


async def insert_people(tx: Tx, export_id: UUID, people: Sequence[Subject]) -> int:
    """Whom the file contains; somebody twice is once."""
    return await tx.run(
        """
        insert into exports_person (export_id, resident_id, area_code)
        select :export_id, resident_id, min(area_code)
          from unnest(:residents::uuid[], :areas::text[]) p(resident_id, area_code)
         group by resident_id
        on conflict do nothing
        """,
        export_id=export_id,
        residents=[one.resident_id for one in people],
        areas=[one.area_code for one in people],
    )


async def insert_fetch(tx: Tx, fetch_id: UUID, export_id: UUID) -> None:
    """A download, counted and kept."""
    await tx.run(
        """
        insert into exports_fetch (id, export_id, staff_id, at)
        values (:id, :export_id, :staff_id, :now)
        """,
        id=fetch_id,
        export_id=export_id,
        staff_id=tx.actor.id,
        now=tx.now,
    )
    await tx.run("update exports_export set fetched = fetched + 1 where id = :id", id=export_id)


# -- making ------------------------------------------------------------------------------------


async def next_to_make(tx: Tx) -> UUID | None:
    """The export that has waited longest for its file."""
    return await tx.maybe(
        UUID,
        """
        select id from exports_export where state = 'making'
         order by asked_at, id limit 1
        """,
    )


async def count_try(tx: Tx, export_id: UUID) -> int:
    """One more try, counted before it is made. Answers which."""
    return await tx.one(
        int,
        "update exports_export set tries = tries + 1 where id = :id returning tries",
        id=export_id,
    )


async def set_progress(
    tx: Tx, export_id: UUID, by_id: UUID, done: int, total: int, state: str
) -> int:
    """Where the making stands, for whoever watches."""
    return await tx.run(
        """
        insert into kernel_work (id, kind, by_id, state, done, total, data, started_at, changed_at)
        values (:id, 'exports.make', :by_id, :state, :done, :total, '{}', :now, :now)
        on conflict (id) do update set state = excluded.state, done = excluded.done,
               total = excluded.total, changed_at = excluded.changed_at
        """,
        id=export_id,
        by_id=by_id,
        done=done,
        total=total,
        state=state,
        now=tx.now,
    )


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int


async def progress(tx: Tx, export_id: UUID) -> Progress | None:
    return await tx.maybe(
        Progress, "select done, total from kernel_work where id = :id", id=export_id
    )


# -- lists ---------------------------------------------------------------------------------------

#: The least id there is, for the first page.
_FIRST = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One line of a list of exports."""

    id: UUID
    mark: str
    what: str
    title: str
    area_code: str
    people: int
    full_fields: tuple[str, ...]
    format: str
    reason: str
    state: State
    asked_by: UUID
    asked_at: datetime
    decided_by: UUID | None
    answer: str
    expires_at: datetime | None
    fetched: int


async def page_of(
    tx: Tx,
    *,
    asked_by: UUID | None,
    reach: Reach | None,
    state: str,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ExportLine]:
    """Exports newest first: one's own, or those of a reach; "" and None filter nothing."""
    reach = Reach(("",)) if reach is None else reach
    return await tx.many(
        ExportLine,
        """
        select t.id, t.mark, t.what, t.title, t.area_code, t.people, t.full_fields, t.format,
               t.reason, t.state, t.asked_by, t.asked_at, t.decided_by, t.answer, t.expires_at,
               t.fetched
          from exports_export t
         where (:asked_by::uuid is null or t.asked_by = :asked_by)
           and (:state = '' or t.state = :state)
           and (:after_at::timestamptz is null
                or (t.asked_at, t.id) < (:after_at::timestamptz, :after_id::uuid))
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by t.asked_at desc, t.id desc
         limit :limit
        """,
        asked_by=asked_by,
        state=state,
        after_at=after[0] if after else None,
        after_id=after[1] if after else _FIRST,
        limit=limit,
        **reach.values(),
    )


async def count_waiting(tx: Tx, reach: Reach) -> int:
    """Exports within reach that wait for somebody else than the actor."""
    return await tx.one(
        int,
        """
        select count(*) from exports_export t
         where t.state = 'waiting' and t.asked_by <> :me
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        me=tx.actor.id,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class Fetch:
    staff_id: UUID
    at: datetime


async def fetches(tx: Tx, export_id: UUID) -> list[Fetch]:
    """Downloads of one export, newest first."""
    return await tx.many(
        Fetch,
        """
        select staff_id, at from exports_fetch where export_id = :id
         order by at desc, id desc limit 200
        """,
        id=export_id,
    )


# -- what goes after its time -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Over:
    id: UUID
    area_code: str
    file_id: UUID | None
    fetched: int


async def lock_over(tx: Tx, waited: datetime, limit: int) -> list[Over]:
    """Files whose time is over, and exports nobody decided."""
    return await tx.many(
        Over,
        """
        select id, area_code, file_id, fetched from exports_export
         where (state = 'ready' and expires_at < :now)
            or (state = 'waiting' and asked_at < :waited)
         order by asked_at limit :limit for update skip locked
        """,
        now=tx.now,
        waited=waited,
        limit=limit,
    )


async def lock_of(tx: Tx, what: Sequence[str], key: str, ids: Sequence[UUID]) -> list[Over]:
    """Exports of a kind that are not over yet and were asked for with one of these ids."""
    return await tx.many(
        Over,
        """
        select id, area_code, file_id, fetched from exports_export
         where state in ('waiting', 'making', 'ready') and what = any (:what::text[])
           and spec ->> :key = any (:ids::text[])
         order by id for update
        """,
        what=list(what),
        key=key,
        ids=[str(one) for one in ids],
    )


async def set_over(tx: Tx, ids: Sequence[UUID]) -> int:
    return await tx.run(
        """
        update exports_export set state = 'expired', file_id = null
         where id = any(:ids::uuid[])
        """,
        ids=list(ids),
    )
