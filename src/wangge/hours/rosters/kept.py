"""Every statement about rosters, and what is kept of people for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from wangge.hours.rosters.model import Setup, entries_of
from wangge.kernel.actors import Act
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.solvers.shifts import Entry


@dataclass(frozen=True, slots=True)
class Sheet:
    """A roster with its latest version. `published`: the version people go by, 0 for none."""

    id: UUID
    area_code: str
    name: str
    first_day: date
    days: int
    setup: dict[str, Any]
    by_id: UUID
    at: datetime
    version: int
    published: int
    published_by: UUID | None
    published_at: datetime | None
    work: str
    asked_at: datetime | None
    seed: int
    tries: int
    done: int
    whole: int
    told: list[str]
    what: str
    entries: list[Any]
    sentences: list[str]
    stopped: str

    @property
    def plan(self) -> Setup:
        """What it is set up from."""
        return msgspec.convert(self.setup, Setup)

    @property
    def rows(self) -> tuple[Entry, ...]:
        """The entries of its latest version."""
        return entries_of(self.entries)


async def sheet(tx: Tx, act: Act, id_: UUID) -> Sheet:
    """The door to a roster. NotFound."""
    return await tx.one(
        Sheet,
        """
        select t.id, t.area_code, t.name, t.first_day, t.days, t.setup, t.by_id, t.at, t.version,
               t.published, t.published_by, t.published_at, t.work, t.asked_at, t.seed, t.tries,
               t.done, t.whole, t.told, v.what, v.entries, v.sentences, v.stopped
          from hours_roster t
          join hours_roster_version v on v.roster_id = t.id and v.number = t.version
         where t.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        id=id_,
        **tx.reach(act).values(),
    )


async def hold(tx: Tx, act: Act, id_: UUID) -> Sheet:
    """The door to a roster that is about to change: whoever else wants to waits. NotFound."""
    await tx.one(
        UUID,
        """
        select t.id from hours_roster t
         where t.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
           for update
        """,
        id=id_,
        **tx.reach(act).values(),
    )
    return await sheet(tx, act, id_)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A roster in a list."""

    id: UUID
    area_code: str
    name: str
    first_day: date
    days: int
    at: datetime
    version: int
    published: int
    work: str


async def sheets(
    tx: Tx, act: Act, *, before: datetime | None, before_id: UUID | None, limit: int
) -> list[SheetLine]:
    """Rosters within reach, those drawn last first."""
    return await tx.many(
        SheetLine,
        """
        select t.id, t.area_code, t.name, t.first_day, t.days, t.at, t.version, t.published, t.work
          from hours_roster t
         where exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
           and (:before::timestamptz is null or (t.at, t.id) < (:before, :before_id::uuid))
         order by t.at desc, t.id desc
         limit :limit
        """,
        before=before,
        before_id=before_id,
        limit=limit,
        **tx.reach(act).values(),
    )


async def insert(
    tx: Tx, id_: UUID, area_code: str, name: str, first_day: date, days: int, setup: Setup
) -> None:
    """A new roster with nobody in it."""
    await tx.run(
        """
        insert into hours_roster (id, area_code, name, first_day, days, setup, by_id, at)
        values (:id, :area_code, :name, :first_day, :days, :setup, :me, :now)
        """,
        id=id_,
        area_code=area_code,
        name=name,
        first_day=first_day,
        days=days,
        setup=msgspec.to_builtins(setup),
        me=tx.actor.id,
        now=tx.now,
    )
    await add_version(tx, id_, 1, "begun", [])


async def add_version(
    tx: Tx,
    id_: UUID,
    number: int,
    what: str,
    entries: Sequence[Any],
    *,
    sentences: Sequence[str] = (),
    stopped: str = "",
    by: UUID | None = None,
) -> None:
    """The latest state of a roster, by the actor or by whoever asked for it."""
    await tx.run(
        """
        with latest as (update hours_roster set version = :number where id = :id returning id)
        insert into hours_roster_version (roster_id, number, at, by_id, what, entries, sentences,
                                          stopped)
        select id, :number, :now, :by, :what, :entries, :sentences, :stopped from latest
        """,
        id=id_,
        number=number,
        now=tx.now,
        by=by or tx.actor.id,
        what=what,
        entries=list(entries),
        sentences=list(sentences),
        stopped=stopped,
    )


async def set_up(tx: Tx, id_: UUID, setup: Setup) -> None:
    await tx.run(
        "update hours_roster set setup = :setup where id = :id",
        id=id_,
        setup=msgspec.to_builtins(setup),
    )


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One state a roster had."""

    number: int
    at: datetime
    by_id: UUID
    what: str


async def versions(tx: Tx, id_: UUID, limit: int) -> list[VersionLine]:
    """The states of a roster whose door was passed, the latest first."""
    return await tx.many(
        VersionLine,
        """
        select number, at, by_id, what from hours_roster_version
         where roster_id = :id order by number desc limit :limit
        """,
        id=id_,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class _Entries:
    entries: list[Any]


async def entries_at(tx: Tx, id_: UUID, number: int) -> tuple[Entry, ...] | None:
    """The entries of a version; None where there is none of that number."""
    found = await tx.maybe(
        _Entries,
        "select entries from hours_roster_version where roster_id = :id and number = :number",
        id=id_,
        number=number,
    )
    return entries_of(found.entries) if found else None


async def drop(tx: Tx, id_: UUID) -> None:
    await tx.run("delete from hours_roster where id = :id", id=id_)


# -- what is worked out ------------------------------------------------------------------------


async def ask(tx: Tx, id_: UUID, work: str, seed: int) -> None:
    """What the clock is to work out, for the actor."""
    await tx.run(
        """
        update hours_roster
           set work = :work, seed = :seed, asked_by = :me, asked_at = :now, tries = 0, done = 0,
               whole = 0, told = '[]'
         where id = :id
        """,
        id=id_,
        work=work,
        seed=seed,
        me=tx.actor.id,
        now=tx.now,
    )


async def rest(tx: Tx, id_: UUID, told: Sequence[str] = ()) -> None:
    """Nothing is worked out any more; `told`: why it could not be."""
    await tx.run(
        "update hours_roster set work = '', told = :told where id = :id",
        id=id_,
        told=list(told),
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A roster that waits to be worked out, and for whom."""

    id: UUID
    asked_by: UUID


async def next_to_work_out(tx: Tx) -> Waiting | None:
    """The one that waits longest. Not locked: it can be stopped, and then nothing is kept."""
    return await tx.maybe(
        Waiting,
        """
        select id, asked_by from hours_roster where work <> '' order by asked_at, id limit 1
        """,
    )


async def count_try(tx: Tx, id_: UUID) -> int:
    """One more try; answers how many."""
    return await tx.one(
        int, "update hours_roster set tries = tries + 1 where id = :id returning tries", id=id_
    )


async def set_progress(tx: Tx, id_: UUID, done: int, whole: int) -> int:
    """How far it is; answers 0 when somebody stopped it."""
    return await tx.run(
        "update hours_roster set done = :done, whole = :whole where id = :id and work <> ''",
        id=id_,
        done=done,
        whole=whole,
    )


# -- what is kept of people --------------------------------------------------------------------


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


# -- publishing --------------------------------------------------------------------------------


async def of_roster(tx: Tx, roster_id: UUID) -> set[UUID]:
    """Whose stints a roster made. The stints are held first: whoever changes one holds it before waiting
    for its person, and two that wait crosswise would end one another."""
    return set(
        await tx.many(
            UUID,
            "select staff_id from hours_stint where roster_id = :id order by id for update",
            id=roster_id,
        )
    )


async def set_published(
    tx: Tx,
    id_: UUID,
    own_id: UUID,
    version: int,
    *,
    before: int,
    undone: bool,
    reason: str,
    noted: int,
    cancelled: int,
) -> None:
    """What people go by from now on, and how it came."""
    await tx.run(
        """
        with gone as (
            update hours_roster
               set published = :version, published_by = :me, published_at = :now
             where id = :id)
        insert into hours_roster_published (roster_id, at, id, version, before, undone, by_id,
                                            reason, noted, cancelled)
        values (:id, :now, :own_id, :version, :before, :undone, :me, :reason, :noted, :cancelled)
        """,
        id=id_,
        own_id=own_id,
        version=version,
        before=before,
        undone=undone,
        me=tx.actor.id,
        now=tx.now,
        reason=reason,
        noted=noted,
        cancelled=cancelled,
    )


@dataclass(frozen=True, slots=True)
class PublishedLine:
    """One time a roster was published, or taken back."""

    version: int
    before: int
    undone: bool
    at: datetime
    by_id: UUID
    reason: str
    noted: int
    cancelled: int


async def publications(tx: Tx, roster_id: UUID, limit: int) -> list[PublishedLine]:
    """Of a roster whose door was passed, the latest first."""
    return await tx.many(
        PublishedLine,
        """
        select version, before, undone, at, by_id, reason, noted, cancelled
          from hours_roster_published
         where roster_id = :id order by at desc, id desc limit :limit
        """,
        id=roster_id,
        limit=limit,
    )


async def before_it(tx: Tx, roster_id: UUID, version: int) -> int:
    """What people went by before a version was published; 0: nothing."""
    found = await tx.maybe(
        int,
        """
        select before from hours_roster_published
         where roster_id = :id and version = :version and not undone
         order by at desc, id desc limit 1
        """,
        id=roster_id,
        version=version,
    )
    return found or 0


# -- the team's plan ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A roster somebody is in."""

    id: UUID
    area_code: str
    name: str
    first_day: date
    days: int


async def of_mine(tx: Tx, since: datetime) -> list[TeamLine]:
    """Published rosters the actor stands in and that were not over at that moment."""
    return await tx.many(
        TeamLine,
        """
        select t.id, t.area_code, t.name, t.first_day, t.days
          from hours_roster t
         where t.published > 0
           and t.id in (select s.roster_id from hours_stint s
                         where s.staff_id = :me and s.state <> 'cancelled' and s.ends_at > :since
                           and s.roster_id is not null)
         order by t.first_day, t.id
        """,
        me=tx.actor.id,
        since=since,
    )


@dataclass(frozen=True, slots=True)
class Stands:
    """Who stands where when, as it was published and mended since."""

    staff_id: UUID
    post: str
    starts_at: datetime
    ends_at: datetime


async def team(tx: Tx, roster_id: UUID, since: datetime) -> tuple[TeamLine, list[Stands]]:
    """The door to a team's plan: a published roster the actor stands in. NotFound."""
    mine = next((one for one in await of_mine(tx, since) if one.id == roster_id), None)
    if mine is None:
        raise NotFound("这张排班表")
    return mine, await stands(tx, roster_id)


async def stands(tx: Tx, roster_id: UUID) -> list[Stands]:
    """The stints of a roster whose door was passed."""
    return await tx.many(
        Stands,
        """
        select staff_id, post, starts_at, ends_at from hours_stint
         where roster_id = :id and state <> 'cancelled'
         order by starts_at, post, staff_id
        """,
        id=roster_id,
    )
