"""What is kept of people for rosters: skills, days, stints in their books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class SkillsOf:
    staff_id: UUID
    skills: list[str]


async def skills(tx: Tx, staff_ids: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
    """Who can be put at what."""
    rows = await tx.many(
        SkillsOf,
        "select staff_id, skills from hours_person where staff_id = any(:ids::uuid[])",
        ids=list(staff_ids),
    )
    return {row.staff_id: frozenset(row.skills) for row in rows}


async def note_skills(tx: Tx, skills: dict[UUID, list[str]]) -> None:
    """What these people can be put at from now on; one statement."""
    await tx.run(
        """
        insert into hours_person (staff_id, skills, by_id, at)
        select w.staff_id, coalesce(string_to_array(nullif(w.skills, ''), chr(10)), '{}'), :me, :now
          from unnest(:ids::uuid[], :skills::text[]) as w(staff_id, skills)
        on conflict on constraint hours_person_pk do update
           set skills = excluded.skills, by_id = excluded.by_id, at = excluded.at
         where hours_person.skills is distinct from excluded.skills
        """,
        ids=list(skills),
        skills=["\n".join(one) for one in skills.values()],
        me=tx.actor.id,
        now=tx.now,
    )


@dataclass(frozen=True, slots=True)
class DayOf:
    """What is said about somebody's day: away, spare, like."""

    staff_id: UUID
    day: date
    says: str


async def days(tx: Tx, staff_ids: Sequence[UUID], since: date, until: date) -> list[DayOf]:
    """What these people's days in [since, until] say."""
    return await tx.many(
        DayOf,
        """
        select staff_id, day, says from hours_day
         where staff_id = any(:ids::uuid[]) and day >= :since and day <= :until
         order by day, staff_id
        """,
        ids=list(staff_ids),
        since=since,
        until=until,
    )


async def say(
    tx: Tx, staff_ids: Sequence[UUID], since: date, until: date, says: str, *, own: bool
) -> None:
    """Note the days of these people; "" forgets what they say. Of one's `own` days, those the office
    noted as away stay."""
    await tx.run(
        """
        delete from hours_day
         where staff_id = any(:ids::uuid[]) and day >= :since and day <= :until
           and (not :own::boolean or says <> 'away')
        """,
        ids=list(staff_ids),
        since=since,
        until=until,
        own=own,
    )
    if says:
        await tx.run(
            """
            insert into hours_day (staff_id, day, says, by_id, at)
            select who.id, day::date, :says, :me, :now
              from unnest(:ids::uuid[]) as who(id),
                   generate_series(:since::date, :until::date, interval '1 day') as day
            on conflict on constraint hours_day_pk do nothing
            """,
            ids=list(staff_ids),
            since=since,
            until=until,
            says=says,
            me=tx.actor.id,
            now=tx.now,
        )


@dataclass(frozen=True, slots=True)
class Booked:
    """A stint in the books of somebody a roster is about. `ours`: of this very roster, planned, not
    changed by hand since; so that the roster may change it."""

    id: UUID
    staff_id: UUID
    area_code: str
    post: str
    starts_at: datetime
    ends_at: datetime
    version: int
    ours: bool


async def books(
    tx: Tx, staff_ids: Sequence[UUID], roster_id: UUID, since: datetime, until: datetime
) -> list[Booked]:
    """What touches [since, until) of these people's duty in every area, and all of the roster's own."""
    return await tx.many(
        Booked,
        """
        select id, staff_id, area_code, post, starts_at, ends_at, version,
               coalesce(roster_id = :roster_id, false) and state = 'planned' and version = 1 as ours
          from hours_stint
         where state <> 'cancelled'
           and ((staff_id = any(:staff_ids::uuid[])
                 and tstzrange(starts_at, ends_at) && tstzrange(:since, :until))
                or roster_id = :roster_id)
         order by staff_id, starts_at
        """,
        staff_ids=list(staff_ids),
        roster_id=roster_id,
        since=since,
        until=until,
    )
