"""Who came and who left while a round goes on: the register held against open rosters."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.actors import area_range
from wangge.kernel.database import Tx
from wangge.sweeps.queries.roads import HOUSE_DOORS, HOUSES

Key = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class OpenRound:
    """A round that goes on; `things` are the registers it goes to, none where it goes to homes."""

    id: UUID
    things: list[str]


async def open_rounds(tx: Tx, areas: Sequence[str]) -> list[OpenRound]:
    """Open rounds with ground under (or around) one of these areas, held open as reports hold
    them: a close waits."""
    return await tx.many(
        OpenRound,
        """
        select r.id, coalesce(r.scope -> 'things', '[]') as things from sweeps_round r
         where r.closed_at is null
           and exists (select 1 from unnest(r.areas) as a(code)
                        cross join unnest(:areas::text[]) as w(code)
                        where starts_with(a.code, w.code) or starts_with(w.code, a.code))
         order by r.id
           for share of r
        """,
        areas=list(areas),
    )


@dataclass(frozen=True, slots=True)
class Arrival:
    """A household (or an entry of the register `what`) in a round's scope that is not on its roster.
    `joined` is moved_in, or `added` for one that was there before the round and was registered only
    now; `road` is the name of its street or village where it has no stairwell, else ""."""

    round_id: UUID
    id: UUID
    block_id: UUID
    area_code: str
    dwelling_id: UUID | None
    floor: int
    room: str
    label: str
    what: str
    people: tuple[UUID, ...]
    special: tuple[UUID, ...]
    joined: str
    road: str


async def arrivals(tx: Tx, rounds: Sequence[UUID], areas: Sequence[str]) -> list[Arrival]:
    """By the rule that froze the roster (rounds.freeze_homes), for what is not on it yet."""
    ranges = [area_range(code) for code in areas]
    return await tx.many(
        Arrival,
        """
        select o.id as round_id, h.id, coalesce(v.block_id, d.unit_id) as block_id, d.area_code,
               d.id as dwelling_id, coalesce(v.place, d.floor) as floor,
               coalesce(v.room, d.room) as room, d.name as label, '' as what,
               coalesce(p.people, '{}') as people, coalesce(p.special, '{}') as special,
               coalesce(v.road, '') as road,
               case when h.from_date >= (o.opened_at at time zone 'Asia/Shanghai')::date
                    then 'moved_in' else 'added' end as joined
          from sweeps_round o
          join sweeps_kind k on k.code = o.kind
          cross join lateral (
               select array(select jsonb_array_elements_text(
                   coalesce(o.form, to_jsonb(k)) -> 'special')) as special) f
          join people_household h on h.to_date is null
               and exists (select 1 from unnest(:lows::text[], :highs::text[]) s(lo, hi)
                            where h.area_code >= s.lo and h.area_code < s.hi)
          join places_dwelling d on d.id = h.dwelling_id
          left join """
        + HOUSES
        + """ v on v.dwelling_id = d.id and not (coalesce(o.form, to_jsonb(k)) -> 'tubes')::bool
          left join lateral (
               select array_agg(r.id order by r.id) as people,
                      array_agg(r.id order by r.id) filter (where r.tags && f.special) as special,
                      bool_or(r.tags && array(
                          select jsonb_array_elements_text(o.scope -> 'tags'))) as is_wanted
                 from people_resident r
                where r.household_id = h.id and r.ended_on is null) p on true
         where o.id = any(:rounds::uuid[])
           and coalesce(o.form ->> 'targets', k.targets) in ('dwelling', 'household')
           and o.scope ->> 'doors' in ('lived', 'all')
           and exists (select 1 from unnest(o.areas) as a(code)
                        where starts_with(d.area_code, a.code))
           and (not o.scope ? 'units' or o.scope -> 'units' ? d.unit_id::text)
           and (jsonb_array_length(o.scope -> 'tags') = 0 or p.is_wanted)
           and not exists (select 1 from sweeps_door f
                            where f.round_id = o.id and f.id = h.id)
         order by o.id, 3, 6 desc, d.room, h.id
        """,
        rounds=list(rounds),
        house_doors=HOUSE_DOORS,
        now=tx.now,
        lows=[low for low, _ in ranges],
        highs=[high for _, high in ranges],
    )


@dataclass(frozen=True, slots=True)
class Departure:
    """A door that is not what it was: its household moved away (or came `back`), a home that was empty
    has somebody in it now, or an entry of the registers was closed (or opened again)."""

    round_id: UUID
    id: UUID
    block_id: UUID
    was_empty: bool
    back: bool


async def departures(tx: Tx, rounds: Sequence[UUID], areas: Sequence[str]) -> list[Departure]:
    """Doors whose `gone` is no longer true to the registers."""
    ranges = [area_range(code) for code in areas]
    return await tx.many(
        Departure,
        """
        select f.round_id, f.id, f.block_id, f.was_empty, f.was_gone as back
          from (select d.round_id, d.id, d.block_id, d.gone as was_gone,
                       d.household_id is null and d.what = '' as was_empty,
                       case when d.what <> ''
                            then not exists (select 1 from registers_thing t
                                              where t.id = d.id and t.closed_on is null)
                            when d.household_id is not null
                            then not exists (select 1 from people_household h
                                              where h.id = d.household_id and h.to_date is null
                                                and h.dwelling_id = d.dwelling_id)
                            else exists (select 1 from people_household h
                                          where h.dwelling_id = d.dwelling_id
                                            and h.to_date is null) end as is_gone
                  from sweeps_door d
                 where d.round_id = any(:rounds::uuid[])
                   and (d.dwelling_id is not null or d.what <> '')
                   and exists (select 1 from unnest(:lows::text[], :highs::text[]) s(lo, hi)
                                where d.area_code >= s.lo and d.area_code < s.hi)) f
         where f.was_gone <> f.is_gone
         order by f.round_id, f.block_id, f.id
        """,
        rounds=list(rounds),
        lows=[low for low, _ in ranges],
        highs=[high for _, high in ranges],
    )


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who lives behind a door now and was not listed there."""

    round_id: UUID
    id: UUID
    block_id: UUID
    area_code: str
    floor: int
    residents: tuple[UUID, ...]
    special: tuple[UUID, ...]


async def newcomers(tx: Tx, rounds: Sequence[UUID], areas: Sequence[str]) -> list[Newcomer]:
    """Doors with people more than their rosters list."""
    ranges = [area_range(code) for code in areas]
    return await tx.many(
        Newcomer,
        """
        select d.round_id, d.id, d.block_id, d.area_code, d.floor,
               array_agg(p.id order by p.id) as residents,
               coalesce(array_agg(p.id order by p.id) filter (where p.tags && f.special), '{}')
                   as special
          from sweeps_door d
          join sweeps_round o on o.id = d.round_id
          join sweeps_kind k on k.code = o.kind
          cross join lateral (
               select array(select jsonb_array_elements_text(
                   coalesce(o.form, to_jsonb(k)) -> 'special')) as special) f
          join people_resident p on p.household_id = d.household_id and p.ended_on is null
               and not p.id = any(d.people)
         where d.round_id = any(:rounds::uuid[]) and not d.gone
           and exists (select 1 from unnest(:lows::text[], :highs::text[]) s(lo, hi)
                        where d.area_code >= s.lo and d.area_code < s.hi)
         group by d.round_id, d.id, d.block_id, d.area_code, d.floor
         order by d.round_id, d.block_id, d.id
        """,
        rounds=list(rounds),
        lows=[low for low, _ in ranges],
        highs=[high for _, high in ranges],
    )


async def make_blocks(tx: Tx, wanted: Sequence[tuple[UUID, UUID, str, str]]) -> set[Key]:
    """Blocks (round, stairwell, area, "" or the name of a road) that the round did not have, without
    a door yet. Answers those that are new."""
    rows = await tx.many(
        _Block,
        """
        insert into sweeps_block (round_id, id, area_code, kind, label, total, people)
        select w.round_id, w.unit_id, w.area_code, case when w.road = '' then 'unit' else 'road' end,
               case when w.road <> ''
                    then coalesce((select a.name || ' ' from places_area a
                                    where a.code = w.area_code), '') || w.road
                    else coalesce(c.name || ' ', '')
                   || case when b.name is null or starts_with(u.name, b.name) then '' else b.name end
                   || u.name end, 0, 0
          from unnest(:rounds::uuid[], :units::uuid[], :areas::text[], :roads::text[])
               as w(round_id, unit_id, area_code, road)
          left join places_unit u on u.id = w.unit_id
          left join places_building b on b.id = u.building_id
          left join places_compound c on c.id = b.compound_id
         order by w.round_id, w.unit_id
            on conflict (round_id, id) do nothing
        returning round_id, id
        """,
        rounds=[key[0] for key in wanted],
        units=[key[1] for key in wanted],
        areas=[key[2] for key in wanted],
        roads=[key[3] for key in wanted],
    )
    return {(row.round_id, row.id) for row in rows}


@dataclass(frozen=True, slots=True)
class _Block:
    round_id: UUID
    id: UUID


async def insert_doors(tx: Tx, rows: Sequence[Arrival]) -> set[Key]:
    """Doors that joined, in their locked blocks, with the mark of the change. Answers those that
    are new."""
    made = await tx.many(
        _Block,
        """
        insert into sweeps_door (round_id, id, block_id, area_code, household_id, dwelling_id,
               floor, room, label, what, people, special, joined, mark)
        select w.round_id, w.id, w.block_id, w.area_code, case when w.what = '' then w.id end,
               w.dwelling_id, w.floor, w.room, w.label, w.what,
               array_remove(string_to_array(w.people, ' '), '')::uuid[],
               array_remove(string_to_array(w.special, ' '), '')::uuid[], w.joined, b.version + 1
          from unnest(:rounds::uuid[], :ids::uuid[], :blocks::uuid[], :areas::text[],
                      :dwellings::uuid[], :floors::int[], :rooms::text[], :labels::text[],
                      :whats::text[], :people::text[], :special::text[], :joined::text[])
               as w(round_id, id, block_id, area_code, dwelling_id, floor, room, label, what, people,
                    special, joined)
          join sweeps_block b on b.round_id = w.round_id and b.id = w.block_id
            on conflict (round_id, id) do nothing
        returning round_id, id
        """,
        rounds=[row.round_id for row in rows],
        ids=[row.id for row in rows],
        blocks=[row.block_id for row in rows],
        areas=[row.area_code for row in rows],
        dwellings=[row.dwelling_id for row in rows],
        floors=[row.floor for row in rows],
        rooms=[row.room for row in rows],
        labels=[row.label for row in rows],
        whats=[row.what for row in rows],
        people=[" ".join(map(str, row.people)) for row in rows],
        special=[" ".join(map(str, row.special)) for row in rows],
        joined=[row.joined for row in rows],
    )
    return {(row.round_id, row.id) for row in made}


async def add_doors(tx: Tx, keys: Sequence[tuple[UUID, UUID, int, int]]) -> int:
    """Blocks (round, block, doors, people) have so many more; who has the top or the lowest floor
    has the new doors above or below it too."""
    values = {
        "rounds": [key[0] for key in keys],
        "blocks": [key[1] for key in keys],
    }
    await tx.run(
        """
        update sweeps_share s
           set floor_from = case when s.floor_from = e.low then least(e.low, e.lowest)
                                 else s.floor_from end,
               floor_to = case when s.floor_to = e.high then greatest(e.high, e.highest)
                               else s.floor_to end
          from (select w.round_id, w.block_id, min(h.floor_from) as low, max(h.floor_to) as high,
                       min(d.lowest) as lowest, max(d.highest) as highest
                  from unnest(:rounds::uuid[], :blocks::uuid[]) as w(round_id, block_id)
                  join sweeps_share h on h.round_id = w.round_id and h.block_id = w.block_id
                       and h.until_at is null and h.team = 'doors'
                  join lateral (select min(floor) as lowest, max(floor) as highest
                                  from sweeps_door d
                                 where d.round_id = w.round_id and d.block_id = w.block_id) d
                       on true
                 group by w.round_id, w.block_id) e
         where s.round_id = e.round_id and s.block_id = e.block_id and s.until_at is null
           and s.team = 'doors' and (e.lowest < e.low or e.highest > e.high)
        """,
        **values,
    )
    return await tx.run(
        """
        update sweeps_block b
           set total = b.total + w.doors, people = b.people + w.people,
               joined = b.joined + w.doors, joined_people = b.joined_people + w.people,
               version = b.version + 1
          from unnest(:rounds::uuid[], :blocks::uuid[], :doors::int[], :people::int[])
               as w(round_id, block_id, doors, people)
         where b.round_id = w.round_id and b.id = w.block_id
        """,
        doors=[key[2] for key in keys],
        people=[key[3] for key in keys],
        **values,
    )


async def set_gone(tx: Tx, rows: Sequence[Departure]) -> int:
    """Mark doors as gone, or as back, in their locked blocks; one change of each block."""
    await tx.run(
        """
        update sweeps_door d set gone = w.gone, mark = b.version + 1
          from unnest(:rounds::uuid[], :ids::uuid[], :gone::bool[]) as w(round_id, id, gone),
               sweeps_block b
         where d.round_id = w.round_id and d.id = w.id
           and b.round_id = d.round_id and b.id = d.block_id
        """,
        rounds=[row.round_id for row in rows],
        ids=[row.id for row in rows],
        gone=[not row.back for row in rows],
    )
    return await _step(tx, {(row.round_id, row.block_id) for row in rows})


async def count_more(tx: Tx, rows: Sequence[Newcomer]) -> int:
    """Locked blocks have so many people more."""
    more: dict[Key, int] = {}
    for row in rows:
        key = (row.round_id, row.block_id)
        more[key] = more.get(key, 0) + len(row.residents)
    return await add_doors(tx, [(*key, 0, people) for key, people in more.items()])


async def list_more(tx: Tx, rows: Sequence[Newcomer]) -> int:
    """People more behind doors, after their blocks were told."""
    return await tx.run(
        """
        update sweeps_door d
           set people = d.people || string_to_array(w.people, ' ')::uuid[],
               special = d.special || array_remove(string_to_array(w.special, ' '), '')::uuid[],
               mark = b.version
          from unnest(:rounds::uuid[], :ids::uuid[], :people::text[], :special::text[])
               as w(round_id, id, people, special),
               sweeps_block b
         where d.round_id = w.round_id and d.id = w.id
           and b.round_id = d.round_id and b.id = d.block_id
        """,
        rounds=[row.round_id for row in rows],
        ids=[row.id for row in rows],
        people=[" ".join(map(str, row.residents)) for row in rows],
        special=[" ".join(map(str, row.special)) for row in rows],
    )


async def _step(tx: Tx, blocks: set[Key]) -> int:
    return await add_doors(tx, [(*key, 0, 0) for key in sorted(blocks)])


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands for a door, and the register's own report of it that was not taken back."""

    round_id: UUID
    id: UUID
    block_id: UUID
    outcome: str | None
    version: int
    register_id: UUID | None


async def standing(tx: Tx, doors: Sequence[Key]) -> list[Standing]:
    """As it is now; the doors' blocks are locked."""
    return await tx.many(
        Standing,
        """
        select t.round_id, t.id, t.block_id, t.outcome, t.version,
               (select r.id from sweeps_report r
                 where r.round_id = t.round_id and r.door_id = t.id and r.how = 'register'
                   and r.outcome is not null
                   and not exists (select 1 from sweeps_report u
                                    where u.round_id = r.round_id and u.door_id = r.door_id
                                      and u.undoes = r.id)
                 order by r.n desc limit 1) as register_id
          from unnest(:rounds::uuid[], :ids::uuid[]) as w(round_id, id)
          join sweeps_standing t on t.round_id = w.round_id and t.id = w.id
         order by t.round_id, t.block_id, t.id
        """,
        rounds=[key[0] for key in doors],
        ids=[key[1] for key in doors],
    )
