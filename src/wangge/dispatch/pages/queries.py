"""Every SQL statement of the pages for rules, calendar and duty telephones."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wangge.dispatch.acts import WATCH_OFFERS
from wangge.dispatch.rules import Rule
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound


async def put_rule(tx: Tx, rule: Rule) -> int:
    """Add a rule, or change the one with that id."""
    return await tx.run(
        """
        insert into dispatch_rule
               (id, position, name, active, class_prefix, area_code, channel, mode, hours,
                unit_kind, unit, level, answer_minutes, note)
        values (:id, :position, :name, :active, :class_prefix, :area_code, :channel, :mode,
                :hours, :unit_kind, :unit, :level, :answer_minutes, :note)
        on conflict (id) do update
           set position = excluded.position, name = excluded.name, active = excluded.active,
               class_prefix = excluded.class_prefix, area_code = excluded.area_code,
               channel = excluded.channel, mode = excluded.mode, hours = excluded.hours,
               unit_kind = excluded.unit_kind, unit = excluded.unit, level = excluded.level,
               answer_minutes = excluded.answer_minutes, note = excluded.note
        """,
        id=rule.id,
        position=rule.position,
        name=rule.name,
        active=rule.active,
        class_prefix=rule.class_prefix,
        area_code=rule.area_code,
        channel=rule.channel,
        mode=rule.mode,
        hours=rule.hours,
        unit_kind=rule.unit_kind,
        unit=rule.unit,
        level=rule.level.value,
        answer_minutes=rule.answer_minutes,
        note=rule.note,
    )


async def lock_rules(tx: Tx) -> None:
    """Two people who move rules at once wait for one another."""
    await tx.run("lock table dispatch_rule in share row exclusive mode")


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is not as the week says."""

    day: date
    worked: bool
    name: str


async def days(tx: Tx, year: int) -> list[Day]:
    """The year's holidays and swapped workdays."""
    return await tx.many(
        Day,
        """
        select day, worked, name from cases_day
         where day >= :start and day < :over order by day
        """,
        start=date(year, 1, 1),
        over=date(year + 1, 1, 1),
    )


async def put_day(tx: Tx, day: date, worked: bool, name: str) -> int:
    """A holiday, or a workday in exchange for one."""
    return await tx.run(
        """
        insert into cases_day (day, worked, name) values (:day, :worked, :name)
        on conflict (day) do update set worked = excluded.worked, name = excluded.name
        """,
        day=day,
        worked=worked,
        name=name,
    )


async def drop_day(tx: Tx, day: date) -> int:
    """The day is again as the week says."""
    return await tx.run("delete from cases_day where day = :day", day=day)


@dataclass(frozen=True, slots=True)
class DutyPhone:
    """The sealed number of somebody who is being asked."""

    task_id: UUID
    area_code: str
    staff_id: UUID
    name: str
    phone_sealed: bytes | None


async def duty_phone(tx: Tx, task_id: UUID) -> DutyPhone:
    """The door: only while an offer waits for that person, within reach of who watches offers."""
    found = await tx.maybe(
        DutyPhone,
        """
        select t.id as task_id, t.area_code, s.id as staff_id, s.name, s.phone_sealed
          from tasks_task t join people_staff s on t.target = 'staff:' || s.id
         where t.id = :task_id and t.state = 'offered'
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        task_id=task_id,
        **tx.reach(WATCH_OFFERS).values(),
    )
    if found is None:
        raise NotFound("这次派单")
    return found
