"""What the registers keep under area codes and of residents, and how it follows an area that was
redrawn and a resident who was merged or forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.people.changes import Change
from wangge.people.following import forgotten_along, merges_along
from wangge.places import ATLAS, area_id
from wangge.places.holders import Count, Moved, holds, moves
from wangge.registers.events import ThingsMoved
from wangge.registers.kinds import KINDS, PEOPLE
from wangge.registers.writing import PERSON


@holds("registers.things", "个场所、车辆或设施")
async def things(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Things, closed ones too."""
    return await tx.many(
        Count,
        """
        select area_code, count(*) as items from registers_thing
         where area_code = any (:codes::text[]) group by area_code
        """,
        codes=list(codes),
    )


@dataclass(frozen=True, slots=True)
class _Point:
    id: UUID
    lon: float
    lat: float


@moves("registers.things")
async def things_follow(tx: Tx, moved: Moved) -> Sequence[Count]:
    """Things go where their stairwell or building went, those at a point where that lies now, all
    others with their area when it went as a whole, else they stay under its old code. Whoever
    answers for them, their marks, and the images of what they were go with them. Six statements.
    Versions stay: nobody changed anything."""
    codes, atlas = moved.codes, await ATLAS.get(tx)
    points = await tx.many(
        _Point,
        """
        select id, lon, lat from registers_thing
         where area_code = any (:old::text[]) and building_id is null and lon is not null
        """,
        old=list(moved.old),
    )
    found = [(one.id, atlas.grid_of(one.lon, one.lat)) for one in points]
    counts = await tx.many(
        Count,
        """
        with goes as (
            select t.id, coalesce(u.area_code, b.area_code, p.code, c.new) as area_code
              from registers_thing t
              left join places_unit u on u.id = t.unit_id
              left join places_building b on b.id = t.building_id and t.unit_id is null
              left join unnest(:ids::uuid[], :at::text[]) p(id, code) on p.id = t.id
              left join unnest(:was::text[], :becomes::text[]) c(old, new)
                     on c.old = t.area_code and t.building_id is null
             where t.area_code = any (:old::text[])),
        moved as (
            update registers_thing t set area_code = g.area_code from goes g
             where g.id = t.id and g.area_code <> t.area_code
            returning t.area_code)
        select area_code, count(*) as items from moved group by area_code order by area_code
        """,
        old=list(moved.old),
        was=list(codes),
        becomes=list(codes.values()),
        ids=[id_ for id_, code in found if code],
        at=[code for _, code in found if code],
    )
    for statement in _FOLLOWERS:
        await tx.run(statement, old=list(moved.old))
    tx.publish(
        *(ThingsMoved(area_id(one.area_code), one.area_code, one.items) for one in counts)
    )
    return counts


_FOLLOWERS: tuple[LiteralString, ...] = (
    """
    update registers_person p set area_code = t.area_code from registers_thing t
     where t.id = p.thing_id and p.area_code = any (:old::text[]) and t.area_code <> p.area_code
    """,
    """
    update registers_search s set area_code = t.area_code from registers_thing t
     where t.id = s.thing_id and s.area_code = any (:old::text[]) and t.area_code <> s.area_code
    """,
    # An undo must not bring a closed code back.
    """
    update people_change c
       set area_code = t.area_code,
           before = case when c.before ? 'area_code'
                         then c.before || jsonb_build_object('area_code', t.area_code)
                         else c.before end
      from registers_thing t
     where c.area_code = any (:old::text[]) and c.kind in ('thing', 'thing_person')
       and t.id = coalesce((select p.thing_id from registers_person p where p.id = c.row_id),
                           c.row_id)
       and t.area_code <> c.area_code
    """,
)


@dataclass(frozen=True, slots=True)
class _Pointing:
    id: UUID
    area_code: str


@merges_along
async def owners_merge(tx: Tx, kept: UUID, gone: UUID) -> Sequence[Change]:
    """Whoever answered for things under the row that ends answers for them under the one that
    stays; one statement. Things out of the merger's reach follow when the merged row is
    forgotten; until then `queries.at_doors` finds them under both."""
    rows = await tx.many(
        _Pointing,
        "select id, area_code from registers_person where resident_id = :gone order by id",
        gone=gone,
    )
    return [
        Change(PERSON.name, "update", row.id, row.area_code, {"resident_id": kept})
        for row in rows
    ]


@forgotten_along
async def owners_forgotten(tx: Tx, residents: Sequence[UUID]) -> None:
    """Whoever was merged answers under the row that stays; of all others nothing is left that
    could be shown, so that they no longer answer for anything. The images of what these rows were
    name somebody who is gone, and go too. A thing left without them has gone stale; four
    statements."""
    ids = list(residents)
    await tx.run(
        """
        delete from people_change where row_id in
            (select id from registers_person where resident_id = any (:ids::uuid[]))
        """,
        ids=ids,
    )
    await tx.run(
        """
        update registers_person p set resident_id = r.merged_into from people_resident r
         where p.resident_id = any (:ids::uuid[]) and r.id = p.resident_id
           and r.merged_into is not null
        """,
        ids=ids,
    )
    # What nobody answers for any more is asked about on the next round: who it was is not true since
    # that person left, and too long ago to count.
    kinds = [kind for kind in KINDS.values() if kind.roles]
    await tx.run(
        """
        update registers_thing t
           set confirmed = t.confirmed || jsonb_build_object(:people::text, least(
                   g.left_on, :today::date - k.days - 1,
                   coalesce((t.confirmed ->> :people)::date, t.confirmed_on))::text),
               stale_on = least(t.stale_on, :today::date)
          from (select p.thing_id, min(coalesce(r.ended_on, :today::date)) as left_on
                  from registers_person p join people_resident r on r.id = p.resident_id
                 where p.resident_id = any (:ids::uuid[]) and p.to_date is null
                 group by p.thing_id) g,
               unnest(:kinds::text[], :days::int[]) k(kind, days)
         where t.id = g.thing_id and k.kind = t.kind and t.closed_on is null
        """,
        ids=ids,
        people=PEOPLE,
        today=local_date(tx.now),
        kinds=[kind.code for kind in kinds],
        days=[kind.people_days for kind in kinds],
    )
    await tx.run("delete from registers_person where resident_id = any (:ids::uuid[])", ids=ids)
