"""`wangge bench lists`: filtered and searched lists at a million cases, as three readers.

Two times are measured: what the caller waits, and the database's own (planning and execution of
the statements of one list, as PostgreSQL reports them). Page 1 and page 5,000 must cost alike:
pages are read by keyset, so page 5,000 is asked for by the mark that page 4,999 would have given.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import asyncpg

from wangge.bench.inside import Explained
from wangge.bench.options import options
from wangge.bench.rows import Row, percentile, show, timed
from wangge.bench.stand import cases_only, stand
from wangge.cases.lists import CaseFilter, case_page
from wangge.demo.town import Scale
from wangge.kernel.actors import Actor, Grant, Role
from wangge.kernel.database import Database, counting
from wangge.kernel.moments import new_id, now
from wangge.kernel.paging import mark_of

CASES = 1_000_000
LIVE = 20_000
ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and how far back page 5,000 lies for them (in cases)."""

    name: str
    actor: Actor


#: Filters and searches, each as a desk would ask for them.
ASKED: dict[str, CaseFilter] = {
    "queue": CaseFilter(),
    "newest": CaseFilter(live=False, sort="new"),
    "class": CaseFilter(live=False, sort="new", class_code="E0401"),
    "rare": CaseFilter(live=False, sort="new", class_code="Y0103", channel="police"),
    "stage": CaseFilter(stage="处置"),
    "overdue": CaseFilter(overdue=True),
    "rare state": CaseFilter(states=("suspended",)),
    "live search": CaseFilter(q="积水"),
    "live class": CaseFilter(sort="new", class_code="Y0103"),
    "search": CaseFilter(q="积水", live=False, sort="new"),
    "search in class": CaseFilter(q="积水", live=False, sort="new", class_code="E0401"),
    "search2": CaseFilter(q="井盖破损", live=False, sort="new"),
    "none": CaseFilter(q="无此词语", live=False, sort="new"),
}


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--cases N`, `--rounds N`."""
    asked = options("lists", rest, cases=CASES, rounds=ROUNDS)
    with stand() as at:
        asyncio.run(_measure(at.dsn, asked.cases, asked.rounds, as_json))
    return 0


async def _measure(dsn: str, count: int, rounds: int, as_json: bool) -> None:
    began = perf_counter()
    scale: Scale = "county" if count >= 300_000 else "street"
    database, town = await cases_only(dsn, scale, count, now())
    await _make_live(dsn, database.schema)
    sys.stderr.write(f"{count} cases in {perf_counter() - began:.0f} s\n")
    try:
        for reader in await _readers(dsn, database.schema):
            for name, wanted in ASKED.items():
                show(await _row(database, reader, name, wanted, None, rounds), as_json=as_json)
            deep = await _mark(dsn, database.schema, reader)
            newest = ASKED["newest"]
            show(
                await _row(database, reader, "newest page 5000", newest, deep, rounds),
                as_json=as_json,
            )
    finally:
        await database.close()
    del town


async def _make_live(dsn: str, schema: str) -> None:
    """Some of the newest cases are still open, at every state, some of them late."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"set search_path = {schema}")
        await connection.execute(
            """
            with newest as (
                select id, row_number() over () as n from cases_case
                 order by reported_at desc limit $1)
            update cases_case c
               set state = (array['reported', 'filed', 'dispatched', 'acked', 'handling',
                                  'handled', 'suspended'])[case when n % 700 = 0 then 7 else 1 + n % 6 end],
                   ended_at = null,
                   due_at = now() + (n % 400 - 80) * interval '10 minutes', due_what = 'handle'
              from newest where newest.id = c.id
            """.replace("$1", str(LIVE))
        )
        await connection.execute("vacuum analyze cases_case")
        await connection.execute("vacuum analyze cases_search")
    finally:
        await connection.close()


async def _readers(dsn: str, schema: str) -> list[Reader]:
    """The fullest grid, its street and the district: the least privileged first."""
    connection = await asyncpg.connect(dsn)
    try:
        grid = await connection.fetchval(
            f"select grid_code from {schema}.cases_case where length(grid_code) = 15"  # noqa: S608
            " group by 1 order by count(*) desc limit 1"
        )
    finally:
        await connection.close()

    def reader(name: str, role: Role, area: str) -> Reader:
        return Reader(name, Actor(new_id(), "staff", schema, (Grant(role, area),)))

    return [
        reader("grid worker", Role.GRID_WORKER, grid),
        reader("street", Role.STREET_OFFICER, grid[:9]),
        reader("district", Role.DISTRICT_OFFICER, grid[:6]),
    ]


async def _mark(dsn: str, schema: str, reader: Reader) -> str | None:
    """The mark of page 5,000 of 50 (or of the last page there is) of the newest-first list."""
    prefix = reader.actor.grants[0].area_code
    connection = await asyncpg.connect(dsn)
    try:
        inside = f"{schema}.cases_case where area_code >= $1 and area_code < $1 || ':'"
        held = await connection.fetchval(f"select count(*) from {inside}", prefix)  # noqa: S608
        row = await connection.fetchrow(
            f"select reported_at, id from {inside}"  # noqa: S608
            " order by reported_at desc, id desc offset $2 limit 1",
            prefix,
            min(250_000, max(0, held - 51)),
        )
    finally:
        await connection.close()
    return mark_of(row["reported_at"], row["id"]) if row else None


async def _row(
    database: Database,
    reader: Reader,
    name: str,
    wanted: CaseFilter,
    mark: str | None,
    rounds: int,
) -> Row:
    latencies: list[float] = []
    statements = 0
    wanted = replace(wanted)
    began = perf_counter()
    for _ in range(rounds):
        start = perf_counter()
        with counting() as count:
            async with database.tx(reader.actor, read_only=True) as tx:
                await case_page(tx, wanted, mark)
        latencies.append((perf_counter() - start) * 1000)
        statements = count.total
    seconds = perf_counter() - began
    inside = sorted([await _inside(database, reader, wanted, mark) for _ in range(rounds)])
    return timed(
        f"lists {reader.name}: {name}",
        seconds,
        latencies,
        statements=statements,
        db_p50_ms=round(percentile(inside, 0.5), 3),
        db_p99_ms=round(percentile(inside, 0.99), 3),
    )


async def _inside(
    database: Database, reader: Reader, wanted: CaseFilter, mark: str | None
) -> float:
    """Milliseconds one list takes inside of the database."""
    async with database.tx(reader.actor, read_only=True) as tx:
        explained = Explained(tx)
        await case_page(explained, wanted, mark)
    return explained.ms
