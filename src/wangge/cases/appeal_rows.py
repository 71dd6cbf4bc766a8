"""Every statement about marks against units and the appeals against them."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.cases.acts import READ
from wangge.kernel.database import Tx
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of a story that counts against a unit: `late` or `rework`."""

    step_id: UUID
    at: datetime
    what: str
    unit: str


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal. `said` has a line for each level: at, by, level, passed, opinion."""

    id: UUID
    case_id: UUID
    step_id: UUID
    area_code: str
    unit: str
    what: str
    reason: str
    state: str
    by_id: UUID
    at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    said: list[dict[str, Any]]
    version: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """An appeal in a list, with its case."""

    appeal: Appeal
    receipt: str
    title: str


async def marks(tx: Tx, case_id: UUID) -> list[Mark]:
    """The marks of one case, in order: each stands against the unit the case was then with. People
    by themselves are not marked."""
    return await tx.many(
        Mark,
        """
        select s.id as step_id, s.at, case s.verb when 'rework' then 'rework' else 'late' end as what,
               d.target as unit
          from cases_step s
          join lateral (
               select d.target from cases_step d
                where d.case_id = s.case_id and d.verb = 'dispatch' and d.n < s.n
                order by d.n desc limit 1) d on d.target not like 'staff:%'
         where s.case_id = :case_id and (s.verb = 'rework' or (s.verb = 'finish' and s.overdue))
         order by s.n
        """,
        case_id=case_id,
    )


async def of_case(tx: Tx, case_id: UUID) -> list[Appeal]:
    """The appeals of a case whose door was passed."""
    return await tx.many(
        Appeal,
        """
        select id, case_id, step_id, area_code, unit, what, reason, state, by_id, at, due_at,
               ended_at, said, version
          from cases_appeal where case_id = :case_id order by at, id
        """,
        case_id=case_id,
    )


async def lock(tx: Tx, appeal_id: UUID) -> Appeal:
    """The door to an appeal that is about to change: within reach to read its case, or one's own."""
    found = await tx.maybe(
        Appeal,
        """
        select id, case_id, step_id, area_code, unit, what, reason, state, by_id, at, due_at,
               ended_at, said, version
          from cases_appeal a
         where id = :id
           and (by_id = :me
                or exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where a.area_code >= r.lo and a.area_code < r.hi))
           for update
        """,
        id=appeal_id,
        me=tx.actor.id,
        **tx.reach(READ).values(),
    )
    if found is None:
        raise NotFound("这件申诉")
    return found


async def insert(tx: Tx, new: Appeal) -> None:
    """A new appeal."""
    await tx.run(
        """
        insert into cases_appeal (id, case_id, step_id, area_code, unit, what, reason, state, by_id,
                                  at, due_at, ended_at, said, version)
        values (:id, :case_id, :step_id, :area_code, :unit, :what, :reason, :state, :by_id,
                :at, :due_at, :ended_at, :said::jsonb, :version)
        """,
        **asdict(new),
    )


async def save(tx: Tx, one: Appeal) -> None:
    """Where a locked appeal stands now."""
    await tx.run(
        """
        update cases_appeal
           set state = :state, due_at = :due_at, ended_at = :ended_at, said = :said::jsonb,
               version = :version
         where id = :id
        """,
        id=one.id,
        state=one.state,
        due_at=one.due_at,
        ended_at=one.ended_at,
        said=one.said,
        version=one.version,
    )


@dataclass(frozen=True, slots=True)
class _Row(Appeal):
    receipt: str
    title: str


async def waiting(
    tx: Tx,
    keys: Iterable[str],
    after: str | None = None,
    limit: int | None = None,
    *,
    levels: Collection[str] | None = None,
) -> Page[Waiting]:
    """A page of appeals nobody has ended, within reach or of one's own units, the first due first;
    with `levels`, of those levels and only such as this actor has no part in."""
    mark = read_mark(after)
    size = page_size(limit)
    rows = await tx.many(
        _Row,
        """
        select a.id, a.case_id, a.step_id, a.area_code, a.unit, a.what, a.reason, a.state, a.by_id,
               a.at, a.due_at, a.ended_at, a.said, a.version, c.receipt, c.title
          from cases_appeal a join cases_case c on c.id = a.case_id
         where a.ended_at is null
           and (a.unit = any(:keys::text[])
                or exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where a.area_code >= r.lo and a.area_code < r.hi))
           and (:from_due::timestamptz is null
                or (a.due_at, a.id) > (:from_due::timestamptz, :from_id::uuid))
           and (:levels::text[] is null
                or (a.state = any(:levels::text[]) and a.by_id <> :me
                    and a.unit <> all(:keys::text[])
                    and not a.said @> jsonb_build_array(jsonb_build_object('by', :me_text::text))))
         order by a.due_at, a.id limit :most
        """,
        from_due=mark[0] if mark else None,
        from_id=mark[1] if mark else None,
        levels=None if levels is None else sorted(levels),
        me=tx.actor.id,
        me_text=str(tx.actor.id),
        keys=sorted(keys),
        **tx.reach(READ).values(),
        most=size + 1,
    )
    last = rows[size - 1] if len(rows) > size else None
    names = [field.name for field in fields(Appeal)]
    found = [
        Waiting(Appeal(**{name: getattr(row, name) for name in names}), row.receipt, row.title)
        for row in rows[:size]
    ]
    # What nobody has ended has a time by which it is due.
    return Page(found, mark_of(last.due_at, last.id) if last and last.due_at else None)


@dataclass(frozen=True, slots=True)
class UnitMarks:
    """What stands against one unit (a target: `org:…`, `team:…`, `role:…`): how often it finished
    handling, how often late and how often the work was sent back; and how many of those marks an
    upheld appeal took away again."""

    unit: str
    handled: int
    late: int
    reworks: int
    late_upheld: int
    reworks_upheld: int

    @property
    def late_counted(self) -> int:
        return self.late - self.late_upheld

    @property
    def reworks_counted(self) -> int:
        return self.reworks - self.reworks_upheld


async def unit_marks(tx: Tx, since: datetime, until: datetime) -> list[UnitMarks]:
    """The marks of units on cases reported in that time, within reach, in one statement; by the
    unit's id, for it is no ranking."""
    return await tx.many(
        UnitMarks,
        """
        select d.target as unit,
               (count(*) filter (where s.verb = 'finish'))::int as handled,
               (count(*) filter (where s.verb = 'finish' and s.overdue))::int as late,
               (count(*) filter (where s.verb = 'rework'))::int as reworks,
               (count(a.id) filter (where s.verb = 'finish'))::int as late_upheld,
               (count(a.id) filter (where s.verb = 'rework'))::int as reworks_upheld
          from cases_case c
          join cases_step s on s.case_id = c.id and s.verb in ('finish', 'rework')
          join lateral (
               select d.target from cases_step d
                where d.case_id = s.case_id and d.verb = 'dispatch' and d.n < s.n
                order by d.n desc limit 1) d on d.target not like 'staff:%'
          left join cases_appeal a on a.step_id = s.id and a.state = 'upheld'
         where c.reported_at >= :since and c.reported_at < :until
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where c.area_code >= r.lo and c.area_code < r.hi)
         group by d.target order by d.target collate "C"
        """,
        since=since,
        until=until,
        **tx.reach(READ).values(),
    )
