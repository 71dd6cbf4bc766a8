"""Rounds: opened, frozen, listed, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from wangge.kernel.actors import Reach, area_range
from wangge.kernel.database import Tx
from wangge.sweeps.model import Round
from wangge.sweeps.queries.roads import HOUSE_DOORS, HOUSES


async def insert(tx: Tx, new: Round) -> None:
    await tx.run(
        """
        insert into sweeps_round (id, kind, title, area_code, areas, scope, response_id,
               previous_id, plan_id, minutes, opened_at, opened_by, ends_at, pass, pass_at)
        values (:id, :kind, :title, :area_code, :areas::text[], :scope, :response_id,
               :previous_id, :plan_id, :minutes, :opened_at, :opened_by, :ends_at, :pass_n,
               :pass_at)
        """,
        id=new.id,
        kind=new.kind,
        title=new.title,
        area_code=new.area_code,
        areas=list(new.areas),
        scope=dict(new.scope),
        response_id=new.response_id,
        previous_id=new.previous_id,
        plan_id=new.plan_id,
        minutes=new.minutes,
        opened_at=new.opened_at,
        opened_by=new.opened_by,
        ends_at=new.ends_at,
        pass_n=new.pass_n,
        pass_at=new.pass_at,
    )


#: A round `r`, with the doors and people that joined since it opened.
COLUMNS: LiteralString = """
        select r.id, r.kind, r.title, r.area_code, r.areas, r.scope, r.response_id, r.previous_id,
               r.plan_id, r.minutes, r.opened_at, r.opened_by, r.ends_at, r.pass as pass_n,
               r.pass_at, r.closed_at, r.closed_by, r.certified, r.doors + j.doors as doors,
               r.people + j.people as people
          from sweeps_round r
         cross join lateral (
               select coalesce(sum(b.joined), 0)::int as doors,
                      coalesce(sum(b.joined_people), 0)::int as people
                 from sweeps_block b
                where b.round_id = r.id and (b.joined > 0 or b.joined_people > 0)) j
"""

#: Within reach: when the round's area and the actor's meet, or the actor has a share in it.
_WITHIN: LiteralString = """
           and (exists (
                  select 1 from unnest(:reach_from::text[], :reach_to::text[]) h(lo, hi)
                   cross join unnest(r.areas) as a(code)
                   where (a.code >= h.lo and a.code < h.hi) or starts_with(h.lo, a.code))
                or exists (select 1 from sweeps_block b
                            where b.round_id = r.id and b.id = any(:reach_units::uuid[]))
                or exists (select 1 from places_unit u join sweeps_block b
                               on b.round_id = r.id and b.id = u.id
                            where u.building_id = any(:reach_buildings::uuid[]))
                or exists (select 1 from sweeps_share s
                            where s.round_id = r.id and s.worker_id = :me))
"""


async def freeze_homes(
    tx: Tx,
    round_id: UUID,
    *,
    areas: Sequence[str],
    lived: bool,
    empty: bool,
    special: Sequence[str],
    wanted: Sequence[str],
    units: Sequence[UUID],
    previous_id: UUID | None,
    roads: bool = True,
) -> int:
    """The roster, by one statement: households behind their doors (`lived`), doors with nobody
    behind them (`empty`), or both. With `wanted`, only households where somebody has one of
    those needs; with `units`, only those stairwells. Houses without a stairwell (`roads.HOUSES`) are
    listed along their street or village (`roads`). Answers how many doors."""
    ranges = [area_range(code) for code in areas]
    return await tx.run(
        """
        insert into sweeps_door (round_id, id, block_id, area_code, household_id, dwelling_id,
               floor, room, label, people, special, prior)
        select :round_id, coalesce(h.id, d.id), coalesce(v.block_id, d.unit_id), d.area_code, h.id,
               d.id, coalesce(v.place, d.floor), coalesce(v.room, d.room), d.name,
               coalesce(p.people, '{}'), coalesce(p.special, '{}'), b.outcome
          from places_dwelling d
          left join """
        + HOUSES
        + """ v on v.dwelling_id = d.id
          left join people_household h on h.dwelling_id = d.id and h.to_date is null
          left join (
               select r.household_id, array_agg(r.id order by r.id) as people,
                      array_agg(r.id order by r.id) filter (where r.tags && :special::text[])
                          as special,
                      bool_or(r.tags && :wanted::text[]) as is_wanted
                 from people_resident r
                where r.ended_on is null
                  and exists (select 1 from unnest(:lows::text[], :highs::text[]) s(lo, hi)
                               where r.area_code >= s.lo and r.area_code < s.hi)
                group by r.household_id) p on p.household_id = h.id
          left join sweeps_standing b on b.round_id = :previous_id and b.id = coalesce(h.id, d.id)
         where exists (select 1 from unnest(:lows::text[], :highs::text[]) s(lo, hi)
                        where d.area_code >= s.lo and d.area_code < s.hi)
           and (cardinality(:units::uuid[]) = 0 or d.unit_id = any(:units::uuid[]))
           and case when h.id is null then :empty::bool else :lived::bool end
           and (cardinality(:wanted::text[]) = 0 or p.is_wanted)
        """,
        round_id=round_id,
        lows=[low for low, _ in ranges],
        highs=[high for _, high in ranges],
        lived=lived,
        empty=empty,
        special=list(special),
        wanted=list(wanted),
        units=list(units),
        previous_id=previous_id,
        house_doors=HOUSE_DOORS if roads else 0,
        now=tx.now,
    )


#: Doors `d` that a round over homes would take, with their place along a street `v`, as of `homes_values`.
HOMES: LiteralString = (
    """
          from places_dwelling d
          left join """
    + HOUSES
    + """ v on v.dwelling_id = d.id
          left join people_household h on h.dwelling_id = d.id and h.to_date is null
         where exists (select 1 from unnest(:lows::text[], :highs::text[]) s(lo, hi)
                        where d.area_code >= s.lo and d.area_code < s.hi)
           and (cardinality(:units::uuid[]) = 0 or d.unit_id = any(:units::uuid[]))
           and case when h.id is null then :empty::bool else :lived::bool end
           and (cardinality(:wanted::text[]) = 0
                or exists (select 1 from people_resident r
                            where r.household_id = h.id and r.ended_on is null
                              and r.tags && :wanted::text[]))
    """
)


def homes_values(
    tx: Tx,
    areas: Sequence[str],
    lived: bool,
    empty: bool,
    wanted: Sequence[str],
    units: Sequence[UUID],
    roads: bool,
) -> dict[str, Any]:
    """The values of `HOMES`."""
    ranges = [area_range(code) for code in areas]
    return {
        "lows": [low for low, _ in ranges],
        "highs": [high for _, high in ranges],
        "lived": lived,
        "empty": empty,
        "wanted": list(wanted),
        "units": list(units),
        "house_doors": HOUSE_DOORS if roads else 0,
        "now": tx.now,
    }


async def count_homes(
    tx: Tx,
    *,
    areas: Sequence[str],
    lived: bool,
    empty: bool,
    wanted: Sequence[str],
    units: Sequence[UUID],
    roads: bool = True,
) -> "Scope":
    """What a round over this scope would take, before it is opened."""
    return await tx.one(
        Scope,
        """
        select count(*) as doors, count(distinct coalesce(v.block_id, d.unit_id)) as blocks
        """
        + HOMES,
        **homes_values(tx, areas, lived, empty, wanted, units, roads),
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """How many doors and blocks."""

    doors: int
    blocks: int


async def make_blocks(tx: Tx, round_id: UUID) -> int:
    """One row for each stairwell that has a door in the round."""
    return await tx.run(
        """
        insert into sweeps_block (round_id, id, area_code, kind, label, total, people)
        select :round_id, d.block_id, d.area_code, 'unit',
               coalesce(c.name || ' ', '')
                   || case when b.name is null or starts_with(u.name, b.name) then '' else b.name end
                   || u.name, d.doors, d.people
          from (select block_id, min(area_code) as area_code, count(*) as doors,
                       coalesce(sum(cardinality(people)), 0) as people
                  from sweeps_door where round_id = :round_id group by block_id) d
          join places_unit u on u.id = d.block_id
          left join places_building b on b.id = u.building_id
          left join places_compound c on c.id = b.compound_id
        """,
        round_id=round_id,
    )


async def count_frozen(tx: Tx, round_id: UUID) -> None:
    """Write the totals into the round."""
    await tx.run(
        """
        update sweeps_round r
           set doors = b.doors, people = b.people
          from (select coalesce(sum(total), 0) as doors, coalesce(sum(people), 0) as people
                  from sweeps_block where round_id = :round_id) b
         where r.id = :round_id
        """,
        round_id=round_id,
    )


@dataclass(frozen=True, slots=True)
class FrozenBlock:
    """A block with its doors."""

    id: UUID
    area_code: str
    floor_from: int
    floor_to: int
    doors: tuple[UUID, ...]


async def frozen_blocks(tx: Tx, round_id: UUID) -> list[FrozenBlock]:
    """Every block with the ids of its doors in the order they are walked: top floor first."""
    return await tx.many(
        FrozenBlock,
        """
        select block_id as id, min(area_code) as area_code, min(floor) as floor_from,
               max(floor) as floor_to, array_agg(id order by floor desc, room, id) as doors
          from sweeps_door where round_id = :round_id
         group by block_id order by 2, 1
        """,
        round_id=round_id,
    )


async def round_(tx: Tx, reach: Reach, round_id: UUID) -> Round:
    """The door to a round: within reach when its area and the actor's meet, or the actor has a
    share in it. Raises NotFound."""
    return await tx.one(
        Round,
        COLUMNS
        + """
         where r.id = :round_id
        """
        + _WITHIN,
        round_id=round_id,
        me=tx.actor.id,
        **reach.values(),
    )


async def lock(tx: Tx, reach: Reach, round_id: UUID) -> Round:
    """The door to a round about to change: all of it within reach. Raises NotFound."""
    return await tx.one(
        Round,
        COLUMNS
        + """
         where r.id = :round_id
           and not exists (
               select 1 from unnest(r.areas) as a(code)
                where not exists (
                    select 1 from unnest(:reach_from::text[], :reach_to::text[]) h(lo, hi)
                     where a.code >= h.lo and a.code < h.hi))
           for update of r
        """,
        round_id=round_id,
        **reach.values(),
    )


async def rounds_page(
    tx: Tx,
    reach: Reach,
    *,
    open_only: bool,
    before: datetime | None,
    before_id: UUID | None,
    limit: int,
) -> list[Round]:
    """Rounds within reach, the latest first."""
    return await tx.many(
        Round,
        COLUMNS
        + """
         where (not :open_only::bool or r.closed_at is null)
           and (:before::timestamptz is null or (r.opened_at, r.id) < (:before, :before_id::uuid))
        """
        + _WITHIN
        + """
         order by r.opened_at desc, r.id desc
         limit :limit
        """,
        open_only=open_only,
        before=before,
        before_id=before_id,
        limit=limit,
        me=tx.actor.id,
        **reach.values(),
    )


async def under_way(
    tx: Tx, reach: Reach, area: str, *, forgotten: timedelta, limit: int
) -> list[Round]:
    """Open rounds within reach that lie in an area or around it: those nearest to their end first, and
    last those whose end went by `forgotten` ago."""
    return await tx.many(
        Round,
        COLUMNS
        + """
         where r.closed_at is null
           and (starts_with(:area, r.area_code) or starts_with(r.area_code, :area))
        """
        + _WITHIN
        + """
         order by :now - r.ends_at > :forgotten::interval,
                  abs(extract(epoch from :now - r.ends_at)), r.id
         limit :limit
        """,
        area=area,
        forgotten=forgotten,
        limit=limit,
        now=tx.now,
        me=tx.actor.id,
        **reach.values(),
    )


async def last_of(tx: Tx, plan_id: UUID) -> UUID | None:
    """The latest round of a plan."""
    return await tx.maybe(
        UUID,
        """
        select id from sweeps_round where plan_id = :plan_id
         order by opened_at desc limit 1
        """,
        plan_id=plan_id,
    )


async def begin_pass(tx: Tx, round_id: UUID, ends_at: datetime) -> None:
    await tx.run(
        """
        update sweeps_round set pass = pass + 1, pass_at = :now, ends_at = :ends_at
         where id = :round_id
        """,
        round_id=round_id,
        ends_at=ends_at,
        now=tx.now,
    )


async def retime(tx: Tx, round_id: UUID, ends_at: datetime) -> None:
    await tx.run(
        "update sweeps_round set ends_at = :ends_at where id = :round_id",
        round_id=round_id,
        ends_at=ends_at,
    )


async def close(tx: Tx, round_id: UUID, by: UUID) -> None:
    await tx.run(
        """
        update sweeps_round set closed_at = :now, closed_by = :by
         where id = :round_id and closed_at is null
        """,
        round_id=round_id,
        by=by,
        now=tx.now,
    )


async def certified(tx: Tx, round_id: UUID, version: int) -> None:
    await tx.run(
        "update sweeps_round set certified = :version where id = :round_id",
        round_id=round_id,
        version=version,
    )
