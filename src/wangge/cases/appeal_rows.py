"""Every statement about marks against units and the appeals against them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.cases.acts import READ
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound

#: Appeals one list shows; the first due first.
WAITING_MAX = 200


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
    reach = tx.reach(READ).values()
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
        reach_from=reach["reach_from"],
        reach_to=reach["reach_to"],
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


async def waiting(tx: Tx, keys: Iterable[str]) -> list[Waiting]:
    """Appeals nobody has ended, within reach or of one's own units."""
    reach = tx.reach(READ).values()
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
         order by a.due_at, a.id limit :most
        """,
        keys=sorted(keys),
        reach_from=reach["reach_from"],
        reach_to=reach["reach_to"],
        most=WAITING_MAX,
    )
    names = [field.name for field in fields(Appeal)]
    return [
        Waiting(Appeal(**{name: getattr(row, name) for name in names}), row.receipt, row.title)
        for row in rows
    ]
