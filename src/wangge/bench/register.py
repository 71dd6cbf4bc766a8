"""`wangge bench register`: searches among a million residents, as four readers.

The residents are invented here, by COPY: names as unevenly spread as real ones, doors in every
micro-grid of the invented county, needs as rare as in life. With `--at FOLDER` they are those of a
demonstration county that `wangge demo` loaded there, and nothing is written. What is measured is
what the caller waits for one page of fifty, with BEGIN and COMMIT, under row-level security, and
the database's own time; `cpu_ms` is what its process computed, which a busy machine does not
change much.
"""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg

from wangge.bench.inside import Explained
from wangge.bench.options import options
from wangge.bench.rows import Row, percentile, process_cpu, show, timed
from wangge.bench.stand import SEED, stand
from wangge.demo.rows import area_row
from wangge.demo.town import Scale, make_town
from wangge.demo.town import names as town_names
from wangge.demo.town.sizes import COUNTY_CODE
from wangge.kernel import migrate
from wangge.kernel.actors import Actor, Grant, Role, system_actor
from wangge.kernel.crypto import Vault, open_vault
from wangge.kernel.database import Database, counting
from wangge.kernel.districts import schema_for
from wangge.kernel.moments import new_id, now
from wangge.kernel.postgres import Cluster
from wangge.matching import sound
from wangge.people import lists, marks
from wangge.people.model import mask_name
from wangge.people.search import Asked
from wangge.places.commands import load_areas

RESIDENTS = 1_000_000
ROUNDS = 200
VAULT = Vault(bytes(range(32)))
#: Tables that COPY fills; row-level security refuses it, so it is off while they are filled.
LOCKED = ("people_household", "people_resident")
#: What some residents need, and how many in a thousand (algos.md: rare, but never nobody).
NEEDS = (("elder", 50), ("elder_alone", 12), ("infant", 20), ("medical_lane", 1))


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--residents N`, `--rounds N`, `--at FOLDER`."""
    asked = options("register", rest, residents=RESIDENTS, rounds=ROUNDS, at=Path)
    if asked.at:
        folder: Path = asked.at
        with Cluster(folder / "postgres") as cluster:
            asyncio.run(_measure_there(cluster.dsn(), folder, asked.rounds, as_json))
        return 0
    with stand() as at:
        asyncio.run(_measure(at.dsn, asked.residents, asked.rounds, as_json))
    return 0


# -- a register, quickly ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Names:
    """Names with real unevenness: the first surname is one in fourteen, and given names fall off
    as 1/rank (as in the census of 2010 lists of common names)."""

    surnames: Sequence[str]
    surname_weights: Sequence[float]
    given: Sequence[str]
    given_weights: Sequence[float]

    @classmethod
    def make(cls) -> "_Names":
        surnames = [*town_names.SURNAMES, *"金木水火土山川江河湖海天地日月星云风雨雪"]
        given = [a + b for a in town_names.GIVEN for b in town_names.SECOND if a != b]
        given += list(town_names.SECOND)
        return cls(
            surnames,
            list(accumulate(1 / (3 + n) for n in range(len(surnames)))),
            given,
            list(accumulate(1 / (25 + n) for n in range(len(given)))),
        )

    def several(self, rng: Random, count: int) -> list[str]:
        first = rng.choices(self.surnames, cum_weights=self.surname_weights, k=count)
        second = rng.choices(self.given, cum_weights=self.given_weights, k=count)
        return [a + b for a, b in zip(first, second, strict=True)]


@dataclass(slots=True)
class _Rows:
    """Rows of one part of the register, by table."""

    compound: list[tuple[Any, ...]]
    building: list[tuple[Any, ...]]
    unit: list[tuple[Any, ...]]
    dwelling: list[tuple[Any, ...]]
    household: list[tuple[Any, ...]]
    resident: list[tuple[Any, ...]]
    search: list[tuple[Any, ...]]


_TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "compound": ("places_compound", ("id", "area_code", "name", "lon", "lat")),
    "building": (
        "places_building",
        ("id", "compound_id", "area_code", "name", "number", "floors"),
    ),
    "unit": (
        "places_unit",
        ("id", "building_id", "area_code", "name", "number", "has_lift"),
    ),
    "dwelling": ("places_dwelling", ("id", "unit_id", "area_code", "floor", "room", "name")),
    "household": (
        "people_household",
        (
            *("id", "dwelling_id", "area_code", "unit_id", "kind", "from_date"),
            *("confirmed_on", "updated_at"),
        ),
    ),
    "resident": (
        "people_resident",
        (
            *("id", "household_id", "area_code", "unit_id", "name", "name_mask", "sex"),
            *("birth_date", "birth_year", "phone_sealed", "phone_mask", "phone_tail"),
            *("phone_index", "id_sealed", "id_mask", "id_index", "sound"),
            *("relation", "tags", "since", "confirmed_on", "updated_at"),
        ),
    ),
    "search": ("people_search", ("resident_id", "area_code", "unit_id", "marks")),
}
#: A building: so many stairwells, floors and doors a floor.
UNITS, FLOORS, DOORS = 2, 6, 2
SINCE = date(2024, 1, 1)
_NEXT = 1 << 40


def _register(micros: Sequence[str], count: int, at: datetime, rng: Random) -> Iterator[_Rows]:
    """A compound for every grid, houses for every micro-grid, 2.3 people behind a door."""
    names, made, ids = _Names.make(), 0, _ids()
    by_grid: dict[str, list[str]] = {}
    for code in micros:
        by_grid.setdefault(code[:15], []).append(code)
    for index, (grid, codes) in enumerate(sorted(by_grid.items())):
        share = (count - made) * len(codes) // max(1, len(micros))
        micros = micros[len(codes) :]
        rows = _Rows([], [], [], [], [], [], [])
        compound = next(ids)
        given, second = town_names.GIVEN, town_names.SECOND
        word = given[index % len(given)] + second[index // len(given) % len(second)]
        last = town_names.COMPOUND_LAST[index % len(town_names.COMPOUND_LAST)]
        rows.compound.append((compound, grid[:12], word + last, 120.0, 30.0))
        for n, code in enumerate(codes):
            _house(rows, compound, code, share // len(codes), n * 20, at, names, rng, ids)
        made += len(rows.resident)
        yield rows


def _ids() -> Iterator[UUID]:
    """Rising, as UUIDv7 are."""
    base = 0x0199 << 112 | 0x7 << 76 | 0x8 << 60
    for n in range(1, _NEXT):
        yield UUID(int=base | n)


def _house(
    rows: _Rows,
    compound: UUID,
    code: str,
    people: int,
    number: int,
    at: datetime,
    names: _Names,
    rng: Random,
    ids: Iterator[UUID],
) -> None:
    called = iter(names.several(rng, people))
    left = people
    while left > 0:
        number += 1
        house = next(ids)
        rows.building.append((house, compound, code, f"{number}幢", str(number), FLOORS))
        for u in range(1, UNITS + 1):
            unit = next(ids)
            rows.unit.append((unit, house, code, f"{number}幢{u}单元", str(u), False))
            for door in range(FLOORS * DOORS):
                room = f"{door // DOORS + 1}{door % DOORS + 1:02d}"
                dwelling, home = next(ids), next(ids)
                words = f"{number}幢{u}单元{room}室"
                rows.dwelling.append((dwelling, unit, code, door // DOORS + 1, room, words))
                size = min(left, rng.choice((1, 2, 2, 2, 3, 3, 4)))
                if not size:
                    return
                left -= size
                rows.household.append((home, dwelling, code, unit, "family", SINCE, SINCE, at))
                where = marks.of_door(compound, house, str(number), str(u), room)
                for _ in range(size):
                    _person(rows, next(ids), home, code, unit, next(called), where, at, rng)


def _person(
    rows: _Rows,
    id_: UUID,
    home: UUID,
    code: str,
    unit: UUID,
    name: str,
    where: tuple[str, ...],
    at: datetime,
    rng: Random,
) -> None:
    tail, noise = f"{rng.randrange(10_000):04d}", rng.randbytes(117)
    draw = rng.randrange(1000)
    born = date(1930 + draw % 90, 1, 1) + timedelta(rng.randrange(365))
    tags = [code for code, share in NEEDS if draw < share]
    rows.resident.append(
        (
            *(id_, home, code, unit, name, mask_name(name), "unknown", born, born.year),
            *(noise[16:55], f"199****{tail}", tail, noise[:16]),
            *(noise[71:], f"990*************{tail[:2]}", noise[55:71], sound(name)),
            *("other", tags, SINCE, SINCE, at),
        )
    )
    words = [*marks.of_name(name), f"p:{tail}", *(f"t:{tag}" for tag in tags), *where]
    numbers = marks.numbers(VAULT, words)
    rows.search.append((id_, code, unit, [*numbers, marks.whole(noise)]))


async def fill(dsn: str, schema: str, micros: Sequence[str], count: int) -> None:
    """So many residents by COPY. Tables without row-level security, without indexes; then both again."""
    connection = await asyncpg.connect(dsn, command_timeout=3600)
    try:
        await connection.execute(f"set search_path = {schema}, wangge_shared, public")
        for table in LOCKED:
            await connection.execute(
                f"alter table {table} disable row level security, no force row level security"
            )
        indexes = await connection.fetch(
            """
            select indexname, indexdef from pg_indexes
             where schemaname = $1 and tablename in ('people_resident', 'people_search')
               and indexname not like '%\\_pk'
            """,
            schema,
        )
        for index in indexes:
            await connection.execute(f"drop index {index['indexname']}")
        pile = _Rows([], [], [], [], [], [], [])
        for rows in _register(micros, count, now(), Random(SEED)):
            for name in _TABLES:
                getattr(pile, name).extend(getattr(rows, name))
            if len(pile.resident) > 20_000:
                await _copy(connection, pile)
        await _copy(connection, pile)
        for index in indexes:
            await connection.execute(index["indexdef"])
        for table in LOCKED:
            await connection.execute(
                f"alter table {table} enable row level security, force row level security"
            )
        for table, _ in _TABLES.values():
            await connection.execute(f"vacuum (analyze) {table}")
    finally:
        await connection.close()


async def _copy(connection: "asyncpg.Connection[Any]", pile: _Rows) -> None:
    for name, (table, columns) in _TABLES.items():
        rows = getattr(pile, name)
        await connection.copy_records_to_table(table, records=rows, columns=list(columns))
        rows.clear()


# -- readers and searches -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    actor: Actor


def _searches(known: dict[str, Any]) -> dict[str, Asked]:
    """As people ask: with what they remember."""
    return {
        "list": Asked(),
        "surname": Asked(name=known["surname"]),
        "name, two characters, common": Asked(name=known["common"]),
        "name, two characters, rare": Asked(name=known["rare"]),
        "name, whole": Asked(name=known["whole"]),
        "name, nobody's": Asked(name="无此"),
        "phone, last four": Asked(phone=known["tail"]),
        "address, compound": Asked(address=known["compound"]),
        "address, door": Asked(address=known["compound"] + known["door"]),
        "address, door without compound": Asked(address=known["door"]),
        "need, common": Asked(tag="elder"),
        "need, rare": Asked(tag="medical_lane"),
        "name and need": Asked(name=known["surname"], tag="elder_alone"),
    }


async def _known(dsn: str, schema: str) -> dict[str, Any]:
    """The fullest stairwell, grid and community, and what is common and rare among the names."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"set search_path = {schema}; set app.areas = 'all'")
        grid = await connection.fetchval(
            "select left(area_code, 15) from people_search group by 1 order by count(*) desc, 1"
        )
        one = await connection.fetchrow(
            """
            select t.name, t.phone_tail, t.unit_id, c.name as compound,
                   b.number || '幢' || u.number || '单元' || d.room as door
              from people_resident t join people_household h on h.id = t.household_id
              join places_dwelling d on d.id = h.dwelling_id
              join places_unit u on u.id = d.unit_id
              join places_building b on b.id = u.building_id
              join places_compound c on c.id = b.compound_id
             where t.area_code like $1 || '%' and length(t.name) = 3 order by t.id offset 40
            """,
            grid,
        )
        pairs = await connection.fetch(
            "select right(name, 2) as pair, count(*) as n from people_resident"
            " where length(name) = 3 group by 1 order by 2 desc"
        )
        surname = await connection.fetchval(
            "select left(name, 1) from people_resident group by 1 order by count(*) desc"
        )
    finally:
        await connection.close()
    assert one is not None
    return {
        "grid": grid,
        "unit": one["unit_id"],
        "whole": one["name"],
        "tail": one["phone_tail"],
        "compound": one["compound"],
        "door": one["door"],
        "common": pairs[0]["pair"],
        "rare": pairs[-1]["pair"],
        "surname": surname,
    }


def _readers(known: dict[str, Any], schema: str) -> list[_Reader]:
    """The least privileged first."""
    grid: str = known["grid"]

    def reader(name: str, *grants: Grant) -> _Reader:
        return _Reader(name, Actor(new_id(), "staff", schema, grants))

    return [
        reader(
            "stairwell",
            Grant(Role.PART_TIME_WORKER, grid, frozenset({known["unit"]})),
        ),
        reader("grid worker", Grant(Role.GRID_WORKER, grid)),
        reader("community", Grant(Role.COMMUNITY_OFFICER, grid[:12])),
        reader("street", Grant(Role.STREET_OFFICER, grid[:9])),
        reader("district", Grant(Role.DISTRICT_OFFICER, grid[:6])),
    ]


async def registered(dsn: str, scale: Scale, count: int) -> Database:
    """A district of so many invented residents, on one connection."""
    schema, town = "bench", make_town(scale, seed=SEED)
    await migrate.prepare_server(dsn)
    await migrate.migrate(dsn, schema)
    database = await Database.connect(dsn, schema, connections=1)
    async with database.tx(system_actor(schema)) as tx:
        for start in range(0, len(town.areas), 2000):
            await load_areas(tx, [area_row(a) for a in town.areas[start : start + 2000]])
    await fill(dsn, schema, sorted(a.code for a in town.areas if a.kind == "micro_grid"), count)
    return database


async def _measure(dsn: str, count: int, rounds: int, as_json: bool) -> None:
    began = perf_counter()
    database = await registered(dsn, "county" if count >= 100_000 else "street", count)
    sys.stderr.write(f"{count} residents in {perf_counter() - began:.0f} s\n")
    try:
        await _rows(dsn, database, VAULT, rounds, as_json)
    finally:
        await database.close()


async def _measure_there(dsn: str, folder: Path, rounds: int, as_json: bool) -> None:
    """Searches in a county that is there."""
    schema = schema_for(COUNTY_CODE)
    database = await Database.connect(dsn, schema, connections=1)
    try:
        await _rows(dsn, database, open_vault(folder / "keys", schema), rounds, as_json)
    finally:
        await database.close()


async def _rows(dsn: str, database: Database, vault: Vault, rounds: int, as_json: bool) -> None:
    known = await _known(dsn, database.schema)
    assert known["grid"].startswith(COUNTY_CODE[:2])
    for reader in _readers(known, database.schema):
        for name, asked in _searches(known).items():
            show(await _row(database, reader, vault, name, asked, rounds), as_json=as_json)


async def _row(
    database: Database, reader: _Reader, vault: Vault, name: str, asked: Asked, rounds: int
) -> Row:
    latencies: list[float] = []
    statements = found = 0
    async with database.tx(reader.actor, read_only=True) as tx:
        process = await tx.one(int, "select pg_backend_pid()")
        await lists.people(tx, vault, asked, limit=50)
    computed, began = process_cpu(process), perf_counter()
    for _ in range(rounds):
        start = perf_counter()
        with counting() as count:
            async with database.tx(reader.actor, read_only=True) as tx:
                rows, _ = await lists.people(tx, vault, asked, limit=50)
        latencies.append((perf_counter() - start) * 1000)
        statements, found = count.total, len(rows)
    seconds = perf_counter() - began
    used = process_cpu(process)
    inside: list[float] = []
    for _ in range(rounds):
        async with database.tx(reader.actor, read_only=True) as tx:
            explained = Explained(tx)
            await lists.people(explained, vault, asked, limit=50)
        inside.append(explained.ms)
    inside.sort()
    return timed(
        f"register {reader.name}: {name} ({found})",
        seconds,
        latencies,
        statements=statements,
        db_p50_ms=round(percentile(inside, 0.5), 3),
        db_p99_ms=round(percentile(inside, 0.99), 3),
        cpu_ms=None
        if computed is None or used is None
        else round((used - computed) / rounds, 3),
    )
