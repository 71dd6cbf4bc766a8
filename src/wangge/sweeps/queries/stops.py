"""Stops that are entries of the registers: shops, hotels, let homes, vehicles, sites."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from wangge.kernel.actors import area_range
from wangge.kernel.database import Tx
from wangge.sweeps.queries.joining import Arrival
from wangge.sweeps.queries.roads import ROAD
from wangge.sweeps.queries.rounds import Scope

#: Open entries of the registers `:things` in the areas `:lows`, `:highs`: where there is no estate or
#: village, the road is read from the words that say where the entry lies.
THINGS: LiteralString = (
    """
    (select t.id, t.kind, t.area_code, t.dwelling_id, t.opened_on,
            coalesce(c.name, g.road, '其他地点') as road,
            md5('road/' || coalesce(c.id::text, g.road, '') || '/' || t.area_code)::uuid as block_id,
            -row_number() over (partition by coalesce(c.id::text, g.road, ''), t.area_code
                                order by coalesce(substring(coalesce(b.number, t.location)
                                                            from '[0-9]{1,6}')::int, 0),
                                         b.number, u.number, d.floor, d.room, t.location, t.name,
                                         t.id)::int as place,
            coalesce(nullif(t.name, ''), nullif(t.plate_mask, ''), d.name, b.name, t.location)
                as room,
            coalesce(d.name, case when starts_with(u.name, b.name) then u.name
                                  else b.name || u.name end, b.name, t.location) as label
       from registers_thing t
       left join places_dwelling d on d.id = t.dwelling_id
       left join places_unit u on u.id = t.unit_id
       left join places_building b on b.id = t.building_id
       left join places_compound c on c.id = b.compound_id
      cross join lateral (
            select """
    + ROAD
    + """ as road) g
      where t.closed_on is null and t.kind = any(:things::text[])
        and exists (select 1 from unnest(:lows::text[], :highs::text[]) s(lo, hi)
                     where t.area_code >= s.lo and t.area_code < s.hi))
    """
)


async def freeze_things(
    tx: Tx,
    round_id: UUID,
    *,
    areas: Sequence[str],
    things: Sequence[str],
    previous_id: UUID | None,
) -> int:
    """The roster of a round over registers, by one statement. Answers how many stops."""
    ranges = [area_range(code) for code in areas]
    return await tx.run(
        """
        insert into sweeps_door (round_id, id, block_id, area_code, dwelling_id, floor, room, label,
               what, prior)
        select :round_id, s.id, s.block_id, s.area_code, s.dwelling_id, s.place, s.room, s.label,
               s.kind, b.outcome
          from """
        + THINGS
        + """ s
          left join sweeps_standing b on b.round_id = :previous_id and b.id = s.id
        """,
        round_id=round_id,
        things=list(things),
        lows=[low for low, _ in ranges],
        highs=[high for _, high in ranges],
        previous_id=previous_id,
    )


async def count_things(tx: Tx, *, areas: Sequence[str], things: Sequence[str]) -> Scope:
    """What such a round would take, before it is opened."""
    ranges = [area_range(code) for code in areas]
    return await tx.one(
        Scope,
        "select count(*) as doors, count(distinct s.block_id) as blocks from " + THINGS + " s",
        things=list(things),
        lows=[low for low, _ in ranges],
        highs=[high for _, high in ranges],
    )


async def make_roads(tx: Tx, round_id: UUID) -> int:
    """One row for each street or village that has a stop in the round; stairwells are there already
    (`rounds.make_blocks`)."""
    return await tx.run(
        """
        insert into sweeps_block (round_id, id, area_code, kind, label, total, people)
        select :round_id, d.block_id, min(d.area_code), 'road',
               coalesce((select a.name || ' ' from places_area a where a.code = min(d.area_code)), '')
                   || coalesce(min(c.name), min("""
        + ROAD
        + """), '其他地点'),
               count(*), coalesce(sum(cardinality(d.people)), 0)
          from sweeps_door d
          left join registers_thing t on t.id = d.id and d.what <> ''
          left join places_dwelling w on w.id = d.dwelling_id
          left join places_unit u on u.id = w.unit_id
          left join places_building b on b.id = coalesce(t.building_id, u.building_id)
          left join places_compound c on c.id = b.compound_id
         where d.round_id = :round_id and d.floor < 0
           and not exists (select 1 from sweeps_block o
                            where o.round_id = d.round_id and o.id = d.block_id)
         group by d.block_id
        """,
        round_id=round_id,
    )


async def arrivals(
    tx: Tx, rounds: Sequence[UUID], areas: Sequence[str], things: Sequence[str]
) -> list[Arrival]:
    """By the rule that froze the roster, for what is not on it yet."""
    ranges = [area_range(code) for code in areas]
    return await tx.many(
        Arrival,
        """
        select o.id as round_id, s.id, s.block_id, s.area_code, s.dwelling_id, s.place as floor,
               s.room, s.label, s.kind as what, s.road, '{}'::uuid[] as people,
               '{}'::uuid[] as special,
               case when s.opened_on >= (o.opened_at at time zone 'Asia/Shanghai')::date
                    then 'moved_in' else 'added' end as joined
          from sweeps_round o
          join """
        + THINGS
        + """ s on o.scope -> 'things' ? s.kind
         where o.id = any(:rounds::uuid[])
           and exists (select 1 from unnest(o.areas) as a(code)
                        where starts_with(s.area_code, a.code))
           and not exists (select 1 from sweeps_door f where f.round_id = o.id and f.id = s.id)
         order by o.id, s.block_id, s.place desc, s.id
        """,
        rounds=list(rounds),
        things=list(things),
        lows=[low for low, _ in ranges],
        highs=[high for _, high in ranges],
    )
