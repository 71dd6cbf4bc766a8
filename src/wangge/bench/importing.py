"""`wangge bench import`: a house list of a whole street from .xlsx into a register that is full.

The register is that of `bench register` (every resident of it is asked about by the indexes that an
import asks); the list names new people behind doors of one street that nobody lives behind yet. It
is read, judged, applied, and then judged once more, when everybody is there. What is measured is
the whole road of `wangge import register` in one process: parsing, matching, sealing, writing, with
images for the undo. `against` is a COPY of the very rows that it wrote, with indexes, into tables
of the same shape.
"""

import asyncio
import multiprocessing
import resource
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

import asyncpg

from wangge.bench.options import options
from wangge.bench.register import VAULT, fill
from wangge.bench.rows import Row, show
from wangge.bench.serving import cpu_seconds, postmaster
from wangge.bench.stand import SEED, Stand, stand
from wangge.demo.rows import area_row
from wangge.demo.town import make_town
from wangge.demo.town import names as town_names
from wangge.imports import uploading, work
from wangge.imports.placing import PLACERS
from wangge.imports.queries.staging import Import, import_of
from wangge.kernel import migrate
from wangge.kernel.actors import system_actor
from wangge.kernel.crypto import register_vault
from wangge.kernel.database import Database, counting
from wangge.kernel.loops import be_patient, be_prompt, run
from wangge.kernel.moments import new_id
from wangge.places.commands import load_areas

#: It comes without types.
_Workbook: Any = import_module("openpyxl").Workbook

HOUSEHOLDS, PEOPLE, THERE = 51_438, 130_000, 780_000
#: An empty house: so many stairwells, floors and doors a floor.
UNITS, FLOORS, DOORS = 2, 17, 4
HEADINGS = ("小区", "幢", "单元", "室", "姓名", "与户主关系", "身份证号", "联系电话")
SCHEMA = "bench"


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--people N` (of the list), `--there N` (residents before)."""
    asked = options("import", rest, people=PEOPLE, there=THERE)
    people, there = asked.people, asked.there
    be_patient()  # as the worker is, which takes the bites
    be_prompt()
    with stand() as at:
        run(_measure(at, people, there, as_json))
    return 0


# -- the list ------------------------------------------------------------------------------------


def _number(birth: str, n: int) -> str:
    """An identity number of nobody's: area 990001."""
    body = f"990001{birth}{n % 1000:03d}"
    total = sum(int(digit) * (1 << (17 - at)) for at, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def _people(count: int, households: int, rng: Random) -> Iterator[tuple[str, ...]]:
    """Rows of the list, household by household, in the order of the doors."""
    left = count
    for home in range(households):
        size = max(1, round(left / (households - home)))
        left -= size
        house, rest = divmod(home, UNITS * FLOORS * DOORS)
        unit, door = divmod(rest, FLOORS * DOORS)
        room = f"{door // DOORS + 1}{door % DOORS + 1:02d}"
        for at in range(size):
            n = count - left - size + at
            year, day = 1930 + n // 1000 % 90, n // 90_000
            birth = f"{year}{1 + day % 12:02d}{1 + day // 12 % 28:02d}"
            name = (
                rng.choice(town_names.SURNAMES)
                + rng.choice(town_names.GIVEN)
                + rng.choice(town_names.SECOND)
            )
            yield (
                *("测速新村", f"{house + 1}幢", f"{unit + 1}单元", room, name),
                ("户主", "配偶", "子女", "其他")[min(at, 3)],
                _number(birth, n),
                f"199{n:08d}" if at < 2 else "",
            )


def _workbook(path: Path, rows: Iterator[tuple[str, ...]]) -> None:
    book = _Workbook(write_only=True)
    sheet: Any = book.create_sheet("住户")
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append(row)
    book.save(path)


async def _empty_doors(dsn: str, micros: Sequence[str], households: int) -> None:
    """An estate with a door for every household of the list, its houses over the micro-grids of one
    community."""
    compound, community = new_id(), micros[0][:12]
    houses = -(-households // (UNITS * FLOORS * DOORS))
    buildings: list[tuple[Any, ...]] = []
    units: list[tuple[Any, ...]] = []
    dwellings: list[tuple[Any, ...]] = []
    for h in range(1, houses + 1):
        house, area = new_id(), micros[h % len(micros)]
        buildings.append((house, compound, area, f"{h}幢", str(h), FLOORS))
        for u in range(1, UNITS + 1):
            unit = new_id()
            units.append((unit, house, area, f"{h}幢{u}单元", str(u), True))
            for door in range(FLOORS * DOORS):
                floor = door // DOORS + 1
                room = f"{floor}{door % DOORS + 1:02d}"
                dwellings.append((new_id(), unit, area, floor, room, f"{h}幢{u}单元{room}室"))
    connection = await asyncpg.connect(dsn, command_timeout=3600)
    try:
        await connection.execute(f"set search_path = {SCHEMA}, wangge_shared, public")
        for table, columns, rows in (
            (
                "places_compound",
                "id area_code name lon lat",
                [(compound, community, "测速新村", 120.0, 30.0)],
            ),
            ("places_building", "id compound_id area_code name number floors", buildings),
            ("places_unit", "id building_id area_code name number has_lift", units),
            ("places_dwelling", "id unit_id area_code floor room name", dwellings),
        ):
            await connection.copy_records_to_table(table, records=rows, columns=columns.split())
            await connection.execute(f"vacuum (analyze) {table}")
    finally:
        await connection.close()


# -- measuring -------------------------------------------------------------------------------------


def _computed() -> float:
    """Seconds of CPU of this process and of the one that read rows beside it, once that has ended."""
    for child in multiprocessing.active_children():
        child.join(1)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + ended.ru_utime + ended.ru_stime


def _peak_mb() -> float:
    """The most memory this process has had, and the largest that it has waited for (the one that read
    rows beside it), in MB of 10⁶ bytes."""
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = sum(resource.getrusage(who).ru_maxrss for who in both)
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)


async def _measure(at: Stand, people: int, there: int, as_json: bool) -> None:
    dsn, folder = at.dsn, at.folder
    town = make_town("county" if there >= 100_000 else "street", seed=SEED)
    register_vault(SCHEMA, VAULT)
    await migrate.prepare_server(dsn)
    await migrate.migrate(dsn, SCHEMA)
    database = await Database.connect(dsn, SCHEMA, connections=2)
    system = system_actor(SCHEMA)
    try:
        async with database.tx(system) as tx:
            for start in range(0, len(town.areas), 2000):
                await load_areas(tx, [area_row(a) for a in town.areas[start : start + 2000]])
        micros = sorted(a.code for a in town.areas if a.kind == "micro_grid")
        street = micros[0][:9]
        households = max(1, people * HOUSEHOLDS // PEOPLE)
        # An estate is of one community: spread over two, it would be two of one name.
        await _empty_doors(dsn, [m for m in micros if m[:12] == micros[0][:12]], households)
        await fill(dsn, SCHEMA, micros, there)
        path = folder / "住户.xlsx"
        await asyncio.to_thread(_workbook, path, _people(people, households, Random(SEED)))
        sys.stderr.write(f"{there} residents, {people} to come; {_peak_mb()} MB before\n")
        server = postmaster(at.cluster.data)
        seconds = await _road(database, server, path, street, people, as_json)
        await _bare(dsn, folder, people, seconds, as_json)
    finally:
        await database.close()


async def _road(
    database: Database, server: int, path: Path, street: str, people: int, as_json: bool
) -> float:
    """Every step with its row, and one of what the database computed meanwhile (`server` is its
    first process). Answers the seconds of the whole: read, judge, apply."""
    total = 0.0
    system = system_actor(SCHEMA)

    async def step(name: str, doing: Any, *, counts: bool = True) -> Any:
        nonlocal total
        start, computed, before = perf_counter(), _computed(), cpu_seconds(server)
        with counting() as counted:
            answer = await doing
        seconds = perf_counter() - start
        total += seconds if counts else 0.0
        show(
            Row(
                f"import {name}",
                people,
                round(seconds, 3),
                round(people / seconds, 1),
                cpu_ms=round((_computed() - computed) * 1000 / people, 4),
                statements=round(counted.total / people, 5),
                memory_mb=_peak_mb(),
            ),
            as_json=as_json,
        )
        inside = round((cpu_seconds(server) - before) * 1000 / people, 4)
        of_it = f"import {name}: postgres"
        row = Row(of_it, people, round(seconds, 3), round(people / seconds, 1), cpu_ms=inside)
        show(row, as_json=as_json)
        return answer

    async def doors() -> None:
        async with database.tx(system) as tx:
            await (await PLACERS.get(tx)).of(tx, street)

    async def read() -> Import:
        async with database.tx(system) as tx:
            found = await uploading.stage(tx, VAULT, path, path.name, area=street)
        return found

    async def judge(found: Import) -> Import:
        async with database.tx(system) as tx:
            await uploading.agree(tx, found.id)
        await work.run(database, found.id)
        async with database.tx(system) as tx:
            return await import_of(tx, found.id)

    async def apply(found: Import) -> dict[str, Any]:
        async with database.tx(system) as tx:
            await work.apply(tx, found.id)
        return (await work.run(database, found.id)).data

    await step("list of doors", doors(), counts=False)
    found: Import = await step("read", read())
    await step("judge", judge(found))
    done: dict[str, Any] = await step("apply", apply(found))
    if done.get("new") != people:
        raise SystemExit(f"{people} people were to come, {done}")
    again: Import = await step("read again", read(), counts=False)
    await step("judge again", judge(again), counts=False)
    same = await _same(database, again.id)
    if same != people:
        raise SystemExit(f"{people} people are there, {same} were found")
    return total


async def _same(database: Database, id_: UUID) -> int:
    async with database.tx(system_actor(SCHEMA), read_only=True) as tx:
        return await tx.one(
            int,
            "select count(*) from imports_line where import_id = :id and verdict = 'same'",
            id=id_,
        )


#: What the import wrote, by table.
_WRITTEN = {
    "people_household": "select t.* from people_household t join people_change c on c.row_id = t.id",
    "people_resident": "select t.* from people_resident t join people_change c on c.row_id = t.id",
}


async def _bare(dsn: str, folder: Path, people: int, seconds: float, as_json: bool) -> None:
    """COPY of the same residents and households into tables of the same shape and indexes."""
    connection = await asyncpg.connect(dsn, command_timeout=3600)
    spent = 0.0
    try:
        await connection.execute(f"set search_path = {SCHEMA}; set app.areas = 'all'")
        for table in _WRITTEN:
            held = folder / f"{table}.copy"
            await connection.execute(f"create table bare_{table} (like {table} including all)")
            await connection.copy_from_query(_WRITTEN[table], output=held)
            start = perf_counter()
            await connection.copy_to_table(f"bare_{table}", source=held)
            spent += perf_counter() - start
    finally:
        await connection.close()
    show(
        Row("import bare COPY", people, round(spent, 3), round(people / spent, 1)),
        as_json=as_json,
    )
    show(
        Row(
            "import whole",
            people,
            round(seconds, 3),
            round(people / seconds, 1),
            against="bare COPY",
            ratio=round(spent / seconds, 3),
            memory_mb=_peak_mb(),
        ),
        as_json=as_json,
    )
