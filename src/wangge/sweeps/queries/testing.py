"""Testing rounds: waves of stairwells, tubes, people in them, homes to go to. Never a result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Waves:
    """How a round calls down: about so many people a wave, one every so many minutes."""

    size: int
    minutes: int
    waves: int


async def waves_of(tx: Tx, round_id: UUID) -> Waves | None:
    return await tx.maybe(
        Waves,
        "select size, minutes, waves from sweeps_waves where round_id = :round_id",
        round_id=round_id,
    )


async def number_waves(tx: Tx, round_id: UUID, size: int, minutes: int) -> int:
    """Number the stairwells that were not called, in walking order at each community's sampling
    point, `size` people a wave (a stairwell is never split). Answers the last wave's number."""
    await tx.run(
        """
        with called as (
            select left(area_code, 12) as site, max(wave) as last from sweeps_block
             where round_id = :round_id and called_at is not null group by 1),
        counted as (
            select b.id, left(b.area_code, 12) as site,
                   sum(b.people) over (partition by left(b.area_code, 12)
                                       order by b.area_code, b.label, b.id) - b.people as before
              from sweeps_block b where b.round_id = :round_id and b.called_at is null)
        update sweeps_block b
           set wave = coalesce(c.last, 0) + 1 + (n.before / :size)::int
          from counted n left join called c on c.site = n.site
         where b.round_id = :round_id and b.id = n.id
        """,
        round_id=round_id,
        size=size,
    )
    last = await tx.one(
        int,
        "select coalesce(max(wave), 0) from sweeps_block where round_id = :round_id",
        round_id=round_id,
    )
    await tx.run(
        """
        insert into sweeps_waves (round_id, size, minutes, waves, by_id, at)
        values (:round_id, :size, :minutes, :waves, :me, :now)
        on conflict (round_id) do update
           set size = excluded.size, minutes = excluded.minutes, waves = excluded.waves,
               by_id = excluded.by_id, at = excluded.at
        """,
        round_id=round_id,
        size=size,
        minutes=minutes,
        waves=last,
        me=tx.actor.id,
        now=tx.now,
    )
    return last


async def call(tx: Tx, reach: Reach, round_id: UUID, wave: int) -> list[str]:
    """Call a wave's stairwells within reach that were not called. Answers their areas."""
    return await tx.many(
        str,
        """
        with mine as (
            select b.id from sweeps_block b
             where b.round_id = :round_id and b.wave = :wave and b.called_at is null
               and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where b.area_code >= r.lo and b.area_code < r.hi)
             order by b.id for update)
        update sweeps_block b set called_at = :now from mine
         where b.round_id = :round_id and b.id = mine.id
        returning b.area_code
        """,
        round_id=round_id,
        wave=wave,
        now=tx.now,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class WaveLine:
    """One wave of one community. `done` and `exempt` count people."""

    site: str
    wave: int
    labels: tuple[str, ...]
    people: int
    done: int
    exempt: int
    called_at: datetime | None


async def wave_lines(tx: Tx, reach: Reach, round_id: UUID, limit: int) -> list[WaveLine]:
    """Waves within reach, by community."""
    return await tx.many(
        WaveLine,
        """
        select left(b.area_code, 12) as site, b.wave, array_agg(b.label order by b.label) as labels,
               sum(b.people)::int as people, sum(b.p_done)::int as done,
               sum(b.p_exempt)::int as exempt, min(b.called_at) as called_at
          from sweeps_block b
         where b.round_id = :round_id and b.wave is not null
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where b.area_code >= r.lo and b.area_code < r.hi)
         group by 1, 2 order by 1, 2 limit :limit
        """,
        round_id=round_id,
        limit=limit,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class Called:
    """What a stairwell is told of the testing that runs: its wave, and which was called last."""

    title: str
    wave: int | None
    called_at: datetime | None
    last_called: int | None


async def called(tx: Tx, unit_id: UUID) -> Called | None:
    """The testing round that goes to a stairwell now, the latest."""
    return await tx.maybe(
        Called,
        """
        select r.title, b.wave, b.called_at,
               (select max(o.wave) from sweeps_block o
                 where o.round_id = b.round_id and o.called_at is not null
                   and left(o.area_code, 12) = left(b.area_code, 12)) as last_called
          from sweeps_block b
          join sweeps_round r on r.id = b.round_id and r.closed_at is null and r.ends_at > :now
          join sweeps_waves w on w.round_id = r.id
         where b.id = :unit_id
         order by r.opened_at desc, r.id limit 1
        """,
        unit_id=unit_id,
        now=tx.now,
    )


# -- tubes ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tube:
    """A tube with how many samples are in it."""

    id: UUID
    round_id: UUID
    code: str
    mode: str
    area_code: str
    by_id: UUID
    withdrawn_at: datetime | None
    samples: int


async def make_tube(
    tx: Tx,
    round_id: UUID,
    id_: UUID,
    code: str,
    mode: str,
    area_code: str,
    claimed: Any,
    filled_by: UUID | None = None,
) -> Tube:
    """The live tube of that code, made when there is none; locked. A phone that did not hear that
    its tube was taken back names it by the old id: then it is another tube."""
    for fresh in (id_, new_id(tx.now)):
        await tx.run(
            """
            insert into sweeps_tube (id, round_id, code, mode, area_code, by_id, claimed_at, at,
                                     for_id)
            values (:id, :round_id, :code, :mode, :area_code, :me, :claimed, :now, :filled_by)
                on conflict do nothing
            """,
            id=fresh,
            round_id=round_id,
            code=code,
            mode=mode,
            area_code=area_code,
            me=tx.actor.id,
            claimed=claimed,
            filled_by=filled_by,
            now=tx.now,
        )
        found = await tx.maybe(
            Tube,
            """
            select t.id, t.round_id, t.code, t.mode, t.area_code, t.by_id, t.withdrawn_at,
                   (select count(*) from sweeps_sample s where s.tube_id = t.id)::int as samples
              from sweeps_tube t
             where t.round_id = :round_id and t.code = :code and t.withdrawn_at is null
               for update
            """,
            round_id=round_id,
            code=code,
        )
        if found is not None:
            return found
    raise NotFound("这个采样管")


async def lock_tube(tx: Tx, round_id: UUID, tube_id: UUID, code: str = "") -> Tube:
    """By its id; or the live one of a code, where the phone that filled it gave it another id than
    it has. Raises NotFound."""
    return await tx.one(
        Tube,
        """
        select t.id, t.round_id, t.code, t.mode, t.area_code, t.by_id, t.withdrawn_at,
               (select count(*) from sweeps_sample s where s.tube_id = t.id)::int as samples
          from sweeps_tube t
         where t.round_id = :round_id
           and (t.id = :tube_id or (t.code = :code and t.withdrawn_at is null
                and not exists (select 1 from sweeps_tube o where o.id = :tube_id)))
           for update
        """,
        round_id=round_id,
        tube_id=tube_id,
        code=code,
    )


async def withdraw(tx: Tx, tube_id: UUID) -> None:
    await tx.run(
        "update sweeps_tube set withdrawn_at = :now, withdrawn_by = :me where id = :tube_id",
        tube_id=tube_id,
        now=tx.now,
        me=tx.actor.id,
    )


@dataclass(frozen=True, slots=True)
class DoorNow:
    """A door as a tube meets it; `persons` is what was said of people one by one."""

    id: UUID
    block_id: UUID
    area_code: str
    people: tuple[UUID, ...]
    outcome: str | None
    persons: dict[str, str] | None
    version: int


async def doors_now(tx: Tx, round_id: UUID, doors: Sequence[UUID]) -> list[DoorNow]:
    return await tx.many(
        DoorNow,
        """
        select t.id, t.block_id, t.area_code, t.people, t.outcome, t.persons, t.version
          from sweeps_standing t
         where t.round_id = :round_id and t.id = any(:doors::uuid[])
        """,
        round_id=round_id,
        doors=list(doors),
    )


async def elsewhere(
    tx: Tx, round_id: UUID, people: Sequence[UUID], tube_id: UUID
) -> list[UUID]:
    """Who of these people is in another live tube of the round."""
    return await tx.many(
        UUID,
        """
        select distinct s.resident_id
          from sweeps_sample s
          join sweeps_tube u on u.id = s.tube_id and u.withdrawn_at is null
         where s.round_id = :round_id and s.resident_id = any(:people::uuid[])
           and s.tube_id <> :tube_id
         order by 1
        """,
        round_id=round_id,
        people=list(people),
        tube_id=tube_id,
    )


async def add_samples(
    tx: Tx, round_id: UUID, tube_id: UUID, rows: Sequence[tuple[UUID, UUID, str]]
) -> int:
    """(resident, door, area) into a tube; those that are in it already stay once."""
    return await tx.run(
        """
        insert into sweeps_sample (round_id, tube_id, resident_id, door_id, area_code)
        select :round_id, :tube_id, * from unnest(:people::uuid[], :doors::uuid[], :areas::text[])
            on conflict do nothing
        """,
        round_id=round_id,
        tube_id=tube_id,
        people=[row[0] for row in rows],
        doors=[row[1] for row in rows],
        areas=[row[2] for row in rows],
    )


@dataclass(frozen=True, slots=True)
class Sample:
    """One person in a tube."""

    resident_id: UUID
    door_id: UUID


async def samples(tx: Tx, tube_id: UUID) -> list[Sample]:
    return await tx.many(
        Sample,
        "select resident_id, door_id from sweeps_sample where tube_id = :tube_id order by 2, 1",
        tube_id=tube_id,
    )


@dataclass(frozen=True, slots=True)
class Code:
    """A tube by its code."""

    id: UUID
    code: str


async def own_at(tx: Tx, round_id: UUID, doors: Sequence[UUID]) -> list[Code]:
    """The actor's own live tubes with somebody of these doors in them."""
    return await tx.many(
        Code,
        """
        select t.id, t.code from sweeps_tube t
         where t.round_id = :round_id and t.by_id = :me and t.withdrawn_at is null
           and exists (select 1 from sweeps_sample s
                        where s.tube_id = t.id and s.door_id = any(:doors::uuid[]))
         order by t.code
        """,
        round_id=round_id,
        me=tx.actor.id,
        doors=list(doors),
    )


@dataclass(frozen=True, slots=True)
class TubeLine:
    """A tube in the list: where it was filled, by whom (typed in, from whose paper), with how many
    people, how many of whom are in another one too."""

    id: UUID
    code: str
    mode: str
    area_code: str
    by_name: str
    filled_name: str
    at: datetime
    withdrawn_at: datetime | None
    samples: int
    twice: int


async def tubes(
    tx: Tx,
    reach: Reach,
    round_id: UUID,
    *,
    before: datetime | None,
    before_id: UUID | None,
    limit: int,
) -> list[TubeLine]:
    """Tubes within reach, the latest first."""
    return await tx.many(
        TubeLine,
        """
        select t.id, t.code, t.mode, t.area_code, coalesce(p.name, '') as by_name,
               coalesce(f.name, '') as filled_name, t.at,
               t.withdrawn_at,
               (select count(*) from sweeps_sample s where s.tube_id = t.id)::int as samples,
               (select count(*) from sweeps_sample s
                 where s.tube_id = t.id and t.withdrawn_at is null
                   and exists (select 1 from sweeps_sample o
                                 join sweeps_tube u on u.id = o.tube_id and u.withdrawn_at is null
                                where o.round_id = s.round_id and o.resident_id = s.resident_id
                                  and o.tube_id <> s.tube_id))::int as twice
          from sweeps_tube t left join people_staff p on p.id = t.by_id
          left join people_staff f on f.id = t.for_id and t.for_id <> t.by_id
         where t.round_id = :round_id
           and (:before::timestamptz is null or (t.at, t.id) < (:before, :before_id::uuid))
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by t.at desc, t.id desc limit :limit
        """,
        round_id=round_id,
        before=before,
        before_id=before_id,
        limit=limit,
        **reach.values(),
    )
