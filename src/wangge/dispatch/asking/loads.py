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
#: Duty that begins so soon says when somebody off duty is there again; whoever is off for longer counts
#: as so far away.
SOON = timedelta(hours=12)
SOON_MINUTES = int(SOON.total_seconds() // 60)
#: Whose duty ended so long ago, and who has none planned, is of those whose hours nobody keeps.
_DAY = 24 * 60


@dataclass(slots=True)
class Load:
    """Of one person: tasks they were offered or hold, tasks ended today, whether they must rest, and
    in how many minutes their duty begins (0: now, or nobody keeps their hours)."""

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
    later: bool


@dataclass(slots=True)
class _Sum:
    load: Load = field(default_factory=Load)
    later: bool = False
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
                                       limit :most) as d)::int as done,
               exists (select 1 from hours_stint s
                        where s.staff_id = w.id and s.state <> 'cancelled'
                          and tstzrange(s.starts_at, s.ends_at) && tstzrange(:until, null)) as later
          from unnest(:ids::uuid[]) as w(id)
        union all
        select staff_id, starts_at, ends_at, 0, 0, false
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
            one.load.open, one.load.done, one.later = row.open, row.done, row.later
        else:
            one.stints.append(span(row.starts_at, row.ends_at))
    now = minute_of(tx.now)
    for one in found.values():
        if one.stints:
            one.load.resting = rests(one.stints, now, limited)
        one.load.off_minutes = _off(one.stints, now, later=one.later)
    return {id_: one.load for id_, one in found.items()}


def _off(stints: Sequence[Stint], now: int, *, later: bool) -> int:
    """Minutes until the next planned duty, where it is soon; 0 for who is on duty, or has none planned
    and had none within a day."""
    if any(one.begins <= now < one.ends for one in stints):
        return 0
    soon = [one.begins - now for one in stints if one.begins > now]
    kept = later or any(one.ends > now - _DAY for one in stints)
    return min(soon, default=SOON_MINUTES if kept else 0)
