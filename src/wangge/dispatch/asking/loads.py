"""What people have to do already and how long they have been on duty, in one statement for all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from wangge.hours.guarding import back_days, rests
from wangge.hours.limits import Limited, minute_of
from wangge.hours.model import span
from wangge.kernel.database import Tx
from wangge.kernel.moments import day_start, local_date
from wangge.solvers.fatigue import Stint

#: Tasks counted of one person; who has as many is not asked for lack of counting further.
COUNTED_MAX = 30
#: Duty that begins so soon says when somebody off duty is there again.
SOON = timedelta(hours=12)


@dataclass(slots=True)
class Load:
    """Of one person: tasks they were offered or hold, tasks ended today, whether they must rest, and
    in how many minutes their duty begins (0: now, or nobody planned any)."""

    open: int = 0
    done: int = 0
    resting: bool = False
    off_minutes: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    staff_id: UUID
    starts_at: datetime | None
    ends_at: datetime | None
    open: int
    done: int


@dataclass(slots=True)
class _Sum:
    load: Load = field(default_factory=Load)
    stints: list[Stint] = field(default_factory=list[Stint])


async def loads(tx: Tx, staff_ids: Sequence[UUID], limited: Limited) -> dict[UUID, Load]:
    """Of each of these people. One statement; it counts no further than `COUNTED_MAX`."""
    rows = await tx.many(
        _Row,
        """
        select w.id as staff_id, null::timestamptz as starts_at, null::timestamptz as ends_at,
               ((select count(*) from (select 1 from tasks_task t
                                        where t.target = 'staff:' || w.id and t.state = 'offered'
                                        limit :most) as o)
                + (select count(*) from (select 1 from tasks_task t
                                          where t.holder_id = w.id
                                            and t.state in ('accepted', 'doing')
                                          limit :most) as h))::int as open,
               (select count(*) from (select 1 from tasks_task t
                                       where t.holder_id = w.id and t.state = 'done'
                                         and t.ended_at >= :today
                                       limit :most) as d)::int as done
          from unnest(:ids::uuid[]) as w(id)
        union all
        select staff_id, starts_at, ends_at, 0, 0
          from hours_stint
         where staff_id = any(:ids::uuid[]) and state <> 'cancelled'
           and tstzrange(starts_at, ends_at) && tstzrange(:since, :until)
        """,
        ids=list(staff_ids),
        most=COUNTED_MAX,
        today=day_start(local_date(tx.now)),
        since=tx.now - back_days(limited.limits),
        until=tx.now + SOON,
    )
    found: dict[UUID, _Sum] = {one: _Sum() for one in staff_ids}
    for row in rows:
        one = found[row.staff_id]
        if row.starts_at is None or row.ends_at is None:
            one.load.open, one.load.done = row.open, row.done
        else:
            one.stints.append(span(row.starts_at, row.ends_at))
    now = minute_of(tx.now)
    for one in found.values():
        if one.stints:
            one.load.resting = rests(one.stints, now, limited)
            one.load.off_minutes = _off(one.stints, now)
    return {id_: one.load for id_, one in found.items()}


def _off(stints: Sequence[Stint], now: int) -> int:
    """Minutes until the next planned duty; 0 for who is on duty, or has none planned."""
    if any(one.begins <= now < one.ends for one in stints):
        return 0
    return min((one.begins - now for one in stints if one.begins > now), default=0)
