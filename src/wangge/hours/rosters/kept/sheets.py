"""Rosters, their versions, and what is worked out of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from wangge.hours.rosters.model import Setup, entries_of
from wangge.kernel.actors import Act
from wangge.kernel.database import Tx
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
