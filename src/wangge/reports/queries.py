"""Statements about reports themselves; those of their answers are put together in `statements.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Report:
    """A report as kept. `mapping` is [{"column", "key"}] of its form; `rhythm` is a
    `schedules.Rhythm`, `at_minute` counts from midnight here."""

    id: UUID
    name: str
    asker: str
    area_code: str
    spec: Any
    personal: bool
    full_names: tuple[str, ...]
    template_id: UUID | None
    mapping: Any
    request_id: UUID | None
    owner_id: UUID
    every: str
    rhythm: Any
    at_minute: int
    reason: str
    next_at: datetime | None
    paused_at: datetime | None
    made_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Run:
    """One time that a report was made."""

    id: UUID
    report_id: UUID
    area_code: str
    by_id: UUID
    by_clock: bool
    at: datetime
    digest: bytes
    only_new: bool
    export_id: UUID | None
    file_id: UUID | None
    state: str
    rows: int
    people: int
    cells: int
    unknown: int
    compared_to: UUID | None
    new_rows: int | None
    changed_rows: int | None
    gone_rows: int | None
    changed_columns: dict[str, int] | None


async def report(tx: Tx, reach: Reach, report_id: UUID) -> Report:
    """The door to a report."""
    return await tx.one(
        Report,
        """
        select t.id, t.name, t.asker, t.area_code, t.spec, t.personal, t.full_names,
               t.template_id, t.mapping, t.request_id, t.owner_id, t.every, t.rhythm, t.at_minute,
               t.reason, t.next_at, t.paused_at, t.made_at, t.changed_at, t.closed_at, t.version
          from reports_report t
         where t.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        id=report_id,
        **reach.values(),
    )


async def lock_report(tx: Tx, reach: Reach, report_id: UUID) -> Report:
    """The only door to a report that is about to change."""
    return await tx.one(
        Report,
        """
        select t.id, t.name, t.asker, t.area_code, t.spec, t.personal, t.full_names,
               t.template_id, t.mapping, t.request_id, t.owner_id, t.every, t.rhythm, t.at_minute,
               t.reason, t.next_at, t.paused_at, t.made_at, t.changed_at, t.closed_at, t.version
          from reports_report t
         where t.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
           for update of t
        """,
        id=report_id,
        **reach.values(),
    )


async def reports(
    tx: Tx, reach: Reach, *, live: bool, before: tuple[datetime, UUID] | None, limit: int
) -> list[Report]:
    """Reports within reach, the last changed first."""
    return await tx.many(
        Report,
        """
        select t.id, t.name, t.asker, t.area_code, t.spec, t.personal, t.full_names,
               t.template_id, t.mapping, t.request_id, t.owner_id, t.every, t.rhythm, t.at_minute,
               t.reason, t.next_at, t.paused_at, t.made_at, t.changed_at, t.closed_at, t.version
          from reports_report t
         where (not :live::boolean or t.closed_at is null)
           and (:before_at::timestamptz is null
                or (t.changed_at, t.id) < (:before_at::timestamptz, :before_id::uuid))
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by t.changed_at desc, t.id desc limit :limit
        """,
        live=live,
        before_at=before[0] if before else None,
        before_id=before[1] if before else None,
        limit=limit,
        **reach.values(),
    )


async def named(tx: Tx, reach: Reach, name: str) -> list[Report]:
    """Live reports of a name within reach; for the terminal."""
    return await tx.many(
        Report,
        """
        select t.id, t.name, t.asker, t.area_code, t.spec, t.personal, t.full_names,
               t.template_id, t.mapping, t.request_id, t.owner_id, t.every, t.rhythm, t.at_minute,
               t.reason, t.next_at, t.paused_at, t.made_at, t.changed_at, t.closed_at, t.version
          from reports_report t
         where t.closed_at is null and t.name = :name
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by t.changed_at desc limit 3
        """,
        name=name,
        **reach.values(),
    )


async def save_report(tx: Tx, one: Report) -> int:
    """A new report, or another version of the same."""
    return await tx.run(
        """
        insert into reports_report (id, name, asker, area_code, spec, personal, full_names,
               template_id, mapping, request_id, owner_id, every, rhythm, at_minute, reason, next_at,
               paused_at, made_at, changed_at, closed_at, version)
        values (:id, :name, :asker, :area_code, :spec, :personal, :full_names::text[],
                :template_id, :mapping, :request_id, :owner_id, :every, :rhythm, :at_minute,
                :reason, :next_at, :paused_at, :made_at, :now, :closed_at, :version)
        on conflict (id) do update
           set name = excluded.name, asker = excluded.asker, spec = excluded.spec,
               personal = excluded.personal, full_names = excluded.full_names,
               template_id = excluded.template_id, mapping = excluded.mapping,
               owner_id = excluded.owner_id, every = excluded.every, rhythm = excluded.rhythm,
               paused_at = excluded.paused_at, at_minute = excluded.at_minute, reason = excluded.reason,
               next_at = excluded.next_at, changed_at = excluded.changed_at,
               closed_at = excluded.closed_at, version = excluded.version
        """,
        id=one.id,
        name=one.name,
        asker=one.asker,
        area_code=one.area_code,
        spec=one.spec,
        personal=one.personal,
        full_names=list(one.full_names),
        template_id=one.template_id,
        mapping=one.mapping,
        request_id=one.request_id,
        owner_id=one.owner_id,
        every=one.every,
        rhythm=one.rhythm,
        paused_at=one.paused_at,
        at_minute=one.at_minute,
        reason=one.reason,
        next_at=one.next_at,
        made_at=one.made_at,
        now=tx.now,
        closed_at=one.closed_at,
        version=one.version,
    )


async def due_report(tx: Tx) -> Report | None:
    """The report whose time came first; locked, so that two clocks do not both make it."""
    return await tx.maybe(
        Report,
        """
        select id, name, asker, area_code, spec, personal, full_names, template_id, mapping,
               request_id, owner_id, every, rhythm, at_minute, reason, next_at, paused_at, made_at,
               changed_at, closed_at, version
          from reports_report
         where next_at <= :now and closed_at is null
         order by next_at limit 1 for update skip locked
        """,
        now=tx.now,
    )


async def set_next(tx: Tx, report_id: UUID, next_at: datetime | None) -> int:
    return await tx.run(
        """
        update reports_report
           set next_at = :next_at, every = case when :next_at::timestamptz is null then 'never'
                                                else every end
         where id = :id
        """,
        id=report_id,
        next_at=next_at,
    )


# -- runs ------------------------------------------------------------------------------------------


async def insert_run(tx: Tx, run: Run) -> int:
    return await tx.run(
        """
        insert into reports_run (id, report_id, area_code, by_id, by_clock, at, digest, only_new,
                                 export_id, state, people)
        values (:id, :report_id, :area_code, :by_id, :by_clock, :at, :digest, :only_new,
                :export_id, :state, :people)
        """,
        id=run.id,
        report_id=run.report_id,
        area_code=run.area_code,
        by_id=run.by_id,
        by_clock=run.by_clock,
        at=run.at,
        digest=run.digest,
        only_new=run.only_new,
        export_id=run.export_id,
        state=run.state,
        people=run.people,
    )


async def run(tx: Tx, run_id: UUID) -> Run:
    """One run; whoever asks must have come by its report's door."""
    return await tx.one(
        Run,
        """
        select id, report_id, area_code, by_id, by_clock, at, digest, only_new, export_id, file_id,
               state, rows, people, cells, unknown, compared_to, new_rows, changed_rows, gone_rows,
               changed_columns
          from reports_run where id = :id
        """,
        id=run_id,
    )


async def runs(tx: Tx, report_id: UUID, limit: int) -> list[Run]:
    """The latest runs of a report."""
    return await tx.many(
        Run,
        """
        select id, report_id, area_code, by_id, by_clock, at, digest, only_new, export_id, file_id,
               state, rows, people, cells, unknown, compared_to, new_rows, changed_rows, gone_rows,
               changed_columns
          from reports_run where report_id = :report_id order by at desc, id desc limit :limit
        """,
        report_id=report_id,
        limit=limit,
    )


async def last_ready(tx: Tx, report_id: UUID, digest: bytes, before: UUID) -> UUID | None:
    """The last run with the same question that has something to compare with."""
    return await tx.maybe(
        UUID,
        """
        select r.id from reports_run r
         where r.report_id = :report_id and r.digest = :digest and r.id <> :before
           and r.state in ('ready', 'gone') and not r.only_new
           and exists (select 1 from reports_snapshot s where s.run_id = r.id)
         order by r.at desc, r.id desc limit 1
        """,
        report_id=report_id,
        digest=digest,
        before=before,
    )


async def finish_run(tx: Tx, one: Run) -> int:
    return await tx.run(
        """
        update reports_run
           set state = :state, rows = :rows, people = :people, cells = :cells, unknown = :unknown,
               file_id = :file_id, compared_to = :compared_to, new_rows = :new_rows,
               changed_rows = :changed_rows, gone_rows = :gone_rows,
               changed_columns = :changed_columns
         where id = :id
        """,
        id=one.id,
        state=one.state,
        rows=one.rows,
        people=one.people,
        cells=one.cells,
        unknown=one.unknown,
        file_id=one.file_id,
        compared_to=one.compared_to,
        new_rows=one.new_rows,
        changed_rows=one.changed_rows,
        gone_rows=one.gone_rows,
        changed_columns=one.changed_columns,
    )


async def end_run(tx: Tx, export_id: UUID, state: str) -> int:
    """What became of a run's export."""
    return await tx.run(
        "update reports_run set state = :state where export_id = :export_id",
        export_id=export_id,
        state=state,
    )


async def save_snapshot(tx: Tx, run_id: UUID, parts: Sequence[tuple[int, bytes]]) -> int:
    """The sealed pieces of a run; a second try of the same run replaces them."""
    return await tx.run(
        """
        insert into reports_snapshot (run_id, part, sealed)
        select :run_id, part, sealed from unnest(:parts::int[], :sealed::bytea[]) p(part, sealed)
        on conflict (run_id, part) do update set sealed = excluded.sealed
        """,
        run_id=run_id,
        parts=[part for part, _ in parts],
        sealed=[sealed for _, sealed in parts],
    )


@dataclass(frozen=True, slots=True)
class Part:
    part: int
    sealed: bytes


async def snapshot(tx: Tx, run_id: UUID) -> list[Part]:
    return await tx.many(
        Part,
        "select part, sealed from reports_snapshot where run_id = :run_id order by part",
        run_id=run_id,
    )


async def drop_old_snapshots(
    tx: Tx, report_id: UUID, digest: bytes, keep: Sequence[UUID]
) -> int:
    """What no later run will be compared with."""
    return await tx.run(
        """
        delete from reports_snapshot s using reports_run r
         where r.id = s.run_id and r.report_id = :report_id and r.digest = :digest
           and r.state in ('ready', 'gone') and not (r.id = any (:keep::uuid[]))
        """,
        report_id=report_id,
        digest=digest,
        keep=list(keep),
    )


@dataclass(frozen=True, slots=True)
class Saved:
    """Cells filled by the system instead of typed, since a moment."""

    runs: int
    cells: int
    unknown: int


async def cells_filled(tx: Tx, reach: Reach, since: datetime) -> Saved:
    return await tx.one(
        Saved,
        """
        select count(*)::int as runs, coalesce(sum(t.cells), 0)::bigint as cells,
               coalesce(sum(t.unknown), 0)::bigint as unknown
          from reports_run t
         where t.at >= :since and t.state in ('ready', 'gone')
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        since=since,
        **reach.values(),
    )
