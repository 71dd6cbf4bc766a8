"""The ground of the sweep benches: a town of stairwells made by the server itself.

Streets, communities, grids and micro-grids with regular codes, one stairwell to a micro-grid, one
head to a stairwell with a session on a phone. Nothing in it is anybody's.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

import asyncpg

from wangge.kernel import migrate
from wangge.kernel.database import Connection, Database
from wangge.kernel.districts import add_district, schema_for
from wangge.kernel.moments import now

CODE = "990001"
_NAMESPACE = UUID("7b1e0c52-7f0e-5d39-9a5c-1c9d3fae9901")


@dataclass(frozen=True, slots=True)
class Ground:
    """How many of each; `doors` to a stairwell, `people` to a door."""

    streets: int
    communities: int
    grids: int
    stairwells: int
    doors: int
    people: int

    @property
    def phones(self) -> int:
        """One to a stairwell."""
        return self.streets * self.communities * self.grids * self.stairwells


#: 潘火街道 (domain.md §3.1): 17 communities, 638 micro-grids, 51,438 households; rounded up to
#: whole grids and cut back to exactly as many.
STREET_DOORS, STREET_PHONES = 51_438, 638
STREET = Ground(1, 17, 5, 8, 81, 2)
#: A county's 17,000 workers, each with a stairwell of 59 doors: 1,003,000 doors.
COUNTY = Ground(17, 20, 10, 5, 59, 0)


def token_of(number: int) -> str:
    """The session token of the n-th phone. Only here are tokens not made by chance."""
    return hashlib.sha256(b"bench phone %d" % number).hexdigest()


def staff_id(number: int) -> UUID:
    """The n-th head."""
    return uuid5(_NAMESPACE, f"staff/{number}")


async def make_ground(dsn: str, ground: Ground, *, doors: int | None = None) -> str:
    """Fill an empty server with a district; answers its schema. With `doors`, only so many."""
    schema = schema_for(CODE)
    await migrate.prepare_server(dsn)
    await migrate.migrate(dsn, schema)
    await add_district(dsn, code=CODE, name="测速县", slug="bench", now=now())
    connection: Connection = await asyncpg.connect(dsn, command_timeout=1800)
    try:
        await connection.execute(f"set search_path = {schema}, public")
        await connection.execute("set app.areas = 'all'")
        await connection.execute(_AREAS, *_size(ground))
        for statement in (_UNITS, _DWELLINGS, _HOUSEHOLDS):
            await connection.execute(statement, ground.doors)
        if doors is not None:
            await connection.execute(_CUT, doors)
        if ground.people:
            await connection.execute(_RESIDENTS, ground.people)
        await _phones(connection)
        for table in ("places_dwelling", "people_household", "people_resident", "people_post"):
            await connection.execute(f"vacuum (analyze) {table}")
    finally:
        await connection.close()
    return schema


def _size(ground: Ground) -> tuple[int, int, int, int]:
    return ground.streets, ground.communities, ground.grids, ground.stairwells


_AREAS = """
    with n as (
        select '990001' as code, 'county' as kind, 0 as level
        union all
        select '990001' || lpad(s::text, 3, '0'), 'street', 1 from generate_series(1, $1) s
        union all
        select '990001' || lpad(s::text, 3, '0') || lpad(c::text, 3, '0'), 'community', 2
          from generate_series(1, $1) s, generate_series(1, $2) c
        union all
        select '990001' || lpad(s::text, 3, '0') || lpad(c::text, 3, '0') || lpad(g::text, 3, '0'),
               'grid', 3
          from generate_series(1, $1) s, generate_series(1, $2) c, generate_series(1, $3) g
        union all
        select '990001' || lpad(s::text, 3, '0') || lpad(c::text, 3, '0') || lpad(g::text, 3, '0')
               || lpad(m::text, 3, '0'), 'micro_grid', 4
          from generate_series(1, $1) s, generate_series(1, $2) c, generate_series(1, $3) g,
               generate_series(1, $4) m)
    insert into places_area (code, kind, name, valid_from)
    select code, kind, '测' || right(code, 3), date '2024-01-01' from n
"""
_UNITS = """
    with placed as (
        select code, row_number() over (order by code) as n from places_area
         where kind = 'micro_grid' and $1::int > 0),
    compounds as (
        insert into places_compound (id, area_code, name)
        select md5('compound' || n)::uuid, code, '测速苑' from placed returning id),
    buildings as (
        insert into places_building (id, compound_id, area_code, name, number, floors)
        select md5('building' || n)::uuid, md5('compound' || n)::uuid, code, n || '幢', n::text, 28
          from placed returning id)
    insert into places_unit (id, building_id, area_code, name, number, has_lift)
    select md5('unit' || n)::uuid, md5('building' || n)::uuid, code, n || '幢1单元', '1', true
      from placed
"""
_DWELLINGS = """
    insert into places_dwelling (id, unit_id, area_code, floor, room, name)
    select md5(u.id || '/' || d)::uuid, u.id, u.area_code, 1 + (d - 1) / 3,
           (1 + (d - 1) / 3)::text || '0' || (1 + (d - 1) % 3), u.name || d || '室'
      from places_unit u, generate_series(1, $1) d
"""
_HOUSEHOLDS = """
    insert into people_household (id, dwelling_id, area_code, unit_id, kind, from_date,
                                  confirmed_on, updated_at)
    select md5('home' || id)::uuid, id, area_code, unit_id, 'family', date '2024-01-01',
           date '2024-01-01', now()
      from places_dwelling where $1::int > 0
"""
_CUT = """
    with kept as (
        select h.id, h.dwelling_id, row_number() over (
                   order by row_number, h.area_code, h.id) as n
          from (select id, dwelling_id, area_code,
                       row_number() over (partition by unit_id order by id) as row_number
                  from people_household) h),
    gone as (delete from people_household where id in (select id from kept where n > $1)
             returning dwelling_id)
    delete from places_dwelling where id in (select dwelling_id from kept where n > $1)
"""
_RESIDENTS = """
    insert into people_resident (id, household_id, area_code, unit_id, name, name_mask, sex,
                                 relation, tags, updated_at, since, confirmed_on)
    select md5(h.id || '/' || p)::uuid, h.id, h.area_code, h.unit_id, '测某', '测*', 'unknown',
           case p when 1 then 'head' else 'spouse' end,
           case when p = 1 and ('x' || left(md5(h.id::text), 4))::bit(16)::int % 6 = 0
                then '{reduced_mobility}'::text[] else '{}' end, now(),
           date '2024-01-01', date '2024-01-01'
      from people_household h, generate_series(1, $1) p
"""


@dataclass(frozen=True, slots=True)
class _Signed:
    """Somebody with a post, an account and a session; the number makes all ids."""

    number: int
    role: str
    area_code: str
    units: tuple[UUID, ...] = ()
    surface: str = "field"


async def _phones(connection: Connection) -> None:
    """A head with a post, an account and a session for each stairwell."""
    units = await connection.fetch(
        "select id, area_code from places_unit order by area_code, id"
    )
    await _sign(
        connection,
        [
            _Signed(n, "part_time_worker", unit["area_code"], (unit["id"],))
            for n, unit in enumerate(units)
        ],
    )


async def officers(database: Database, schema: str, first: int) -> list[tuple[str, str]]:
    """An officer for the county, each street and each community, numbered from `first`: their
    areas and tokens."""
    connection: Connection = await asyncpg.connect(database.dsn)
    try:
        await connection.execute(f"set search_path = {schema}, public")
        rows = await connection.fetch(
            "select code, kind from places_area where kind in ('street', 'community') order by 1"
        )
        signed = [
            _Signed(first + n, f"{row['kind']}_officer", row["code"], surface="desk")
            for n, row in enumerate(rows)
        ]
        await _sign(connection, signed)
        await connection.execute(
            "update kernel_version set version = version + 1 where name = 'roster'"
        )
    finally:
        await connection.close()
    return [(one.area_code, token_of(one.number)) for one in signed]


async def _sign(connection: Connection, people: Sequence[_Signed]) -> None:
    """Rows for them, set by set."""
    await connection.copy_records_to_table(
        "people_staff",
        records=[(staff_id(one.number), f"测{one.number}") for one in people],
        columns=["id", "name"],
    )
    began = await connection.fetchval("select now() - interval '1 day'")
    until = await connection.fetchval("select now() + interval '30 days'")
    await connection.copy_records_to_table(
        "people_post",
        records=[
            (
                uuid5(_NAMESPACE, f"post/{one.number}"),
                staff_id(one.number),
                one.role,
                one.area_code,
                list(one.units),
                bool(one.units),
                began,
                until,
            )
            for one in people
        ],
        columns=[
            "id",
            "staff_id",
            "role",
            "area_code",
            "unit_ids",
            "helper",
            "from_at",
            "until_at",
        ],
    )
    await connection.copy_records_to_table(
        "access_account",
        records=[
            (staff_id(one.number), f"phone{one.number:06d}", False, 0, began) for one in people
        ],
        columns=["id", "login", "demo", "totp_step", "created_at"],
    )
    await connection.copy_records_to_table(
        "access_session",
        records=[
            (
                uuid5(_NAMESPACE, f"session/{one.number}"),
                hashlib.sha256(token_of(one.number).encode()).digest(),
                staff_id(one.number),
                "whole",
                "totp" if one.surface == "desk" else "password",
                one.surface,
                "bench",
                "127.0.0.1",
                began,
                began,
                until,
                until,
            )
            for one in people
        ],
        columns=[
            "id",
            "token_hash",
            "account_id",
            "stage",
            "factor",
            "surface",
            "device",
            "address",
            "created_at",
            "seen_at",
            "idle_until",
            "ends_at",
        ],
    )


async def at_rest(dsn: str, schema: str) -> None:
    """Until the worker has caught up with the ground: residents made by the server have no marks yet,
    which somebody who lives in a real town has had for long, and which would be made meanwhile."""
    connection: Connection = await asyncpg.connect(dsn, command_timeout=600)
    try:
        await connection.execute(f"set search_path = {schema}, public; set app.areas = 'all'")
        for _ in range(3_000):
            if not await connection.fetchval(_BUSY):
                await connection.execute("vacuum (analyze) people_resident")
                return
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    raise TimeoutError("the worker did not come to rest")


_BUSY = """
    select exists (select 1 from kernel_outbox)
        or exists (select 1 from kernel_mark m, kernel_chain c where m.seq < c.seq)
        or exists (select 1 from people_resident t
                    where not exists (select 1 from people_search s where s.resident_id = t.id))
"""


@dataclass(frozen=True, slots=True)
class Queued:
    """One phone with what it has done: its token, its block and where that is, its doors."""

    number: int
    token: str
    block: UUID
    area_code: str
    doors: tuple[UUID, ...]


async def phones(database: Database, schema: str, round_id: UUID) -> list[Queued]:
    """Every phone with the doors of its stairwell."""
    connection: Connection = await asyncpg.connect(database.dsn)
    try:
        await connection.execute(f"set search_path = {schema}")
        await connection.execute("set app.areas = 'all'")
        rows = await connection.fetch(
            """
            select block_id, area_code, array_agg(id order by floor desc, room) as doors
              from sweeps_door where round_id = $1 group by 1, 2 order by 2, 1
            """,
            round_id,
        )
    finally:
        await connection.close()
    return [
        Queued(n, token_of(n), row["block_id"], row["area_code"], tuple(row["doors"]))
        for n, row in enumerate(rows)
    ]
