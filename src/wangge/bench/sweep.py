"""`wangge bench sweep`: a round's roster, a street's phones, a county's phones.

`roster` opens a round over 51,438 households beside a bare `insert … select` of the same rows.
`phones` are the waits of one phone's owner (`syncing`): its first roster, its own sync among 200.
`street` lets 638 phones send 51,438 doors, `county` 17,000 phones some million: over HTTP, each
with a session of its own and its queue in one or two requests; who is told 503 comes back when it
was told to. Then nothing may be lost or doubled, the board must be a recount, and there must be a
fact for every door. fsync is on; the client's CPU is printed apart; `against` is COPY of the same
reports by one connection.
"""

import asyncio
import resource
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from uuid import UUID

import asyncpg

from wangge.bench import sweeping, syncing
from wangge.bench.options import options
from wangge.bench.phones import Told, requests_of, send_all
from wangge.bench.rows import Row, show, timed
from wangge.bench.serving import cpu_seconds, free_port, postmaster, processes
from wangge.bench.stand import Stand, stand
from wangge.bench.sweeping import Ground, Queued, make_ground
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database
from wangge.kernel.moments import new_ids, now
from wangge.sweeps import Opening, open_round
from wangge.sweeps.queries.board import recount
from wangge.web.options import web_processes
from wangge.web.rooms import import_rooms

#: Connections the client holds at a time; a phone that waits for its turn holds none. A county's phones
#: have more queued than one process lets wait: the last to come are told when to come back.
CONNECTIONS, COUNTY_CONNECTIONS = 200, 2_000
ROWS = ("roster", "phones", "street", "county")


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Rows: `roster`, `phones`, `street`, `county` (the first three when none is named). `--part N` takes
    one Nth of the county (`--part 17`: 1,000 phones, a minute), `--connections N` so many at once."""
    import_rooms()
    asked = options("sweep", rest, names=ROWS, part=1, connections=int)
    for name in asked.names or ROWS[:3]:
        at_once = asked.connections or (COUNTY_CONNECTIONS if name == "county" else CONNECTIONS)
        with stand() as at:
            if name == "phones":
                asyncio.run(syncing.bench(at, as_json))
            else:
                asyncio.run(_bench(at, name, asked.part, at_once, as_json))
    return 0


async def _bench(at: Stand, name: str, part: int, at_once: int, as_json: bool) -> None:
    if name == "county":
        county = sweeping.COUNTY
        ground = Ground(max(1, county.streets // part), *_rest(county))
        schema = await make_ground(at.dsn, ground)
    else:
        schema = await make_ground(at.dsn, sweeping.STREET, doors=sweeping.STREET_DOORS)
    database = await Database.connect(at.dsn, schema)
    try:
        round_id, row = await open_all(at, database, schema)
        if name == "roster":
            show(row, as_json=as_json)
            return
        queued = await sweeping.phones(database, schema, round_id)
        port = free_port()
        with processes(at.dsn, at.folder, port, workers=web_processes()) as started:
            roots = (*(p.pid for p in started), postmaster(at.cluster.data))
            await sweeping.at_rest(at.dsn, schema)
            show(
                await _drain(
                    at, database, schema, name, round_id, queued, port, roots, at_once
                ),
                as_json=as_json,
            )
    finally:
        await database.close()


def _rest(ground: Ground) -> tuple[int, int, int, int, int]:
    return ground.communities, ground.grids, ground.stairwells, ground.doors, ground.people


async def open_all(at: Stand, database: Database, schema: str) -> tuple[UUID, Row]:
    """A round over everything, and how quickly its roster froze."""
    bare = await _bare(at.dsn, schema)
    began = perf_counter()
    async with database.tx(system_actor(schema)) as tx:
        opened = await open_round(tx, Opening(kind="check", areas=[sweeping.CODE]))
    seconds = perf_counter() - began
    rate = opened.doors / seconds
    row = Row(
        "sweep roster",
        opened.doors,
        round(seconds, 3),
        round(rate, 1),
        against=f"bare insert … select: {bare:.0f} rows/s",
        ratio=round(rate / bare, 3),
    )
    return opened.id, row


async def _bare(dsn: str, schema: str) -> float:
    """Rows a second of the roster's join into a table without keys or locks."""
    connection = await asyncpg.connect(dsn, command_timeout=600)
    try:
        await connection.execute(f"set search_path = {schema}, public; set app.areas = 'all'")
        began = perf_counter()
        status = await connection.execute(
            """
            create temp table bare as
            select h.id, d.unit_id, d.area_code, d.id as dwelling_id, d.floor, d.room, d.name, r.people
              from places_dwelling d
              left join people_household h on h.dwelling_id = d.id and h.to_date is null
              left join (select household_id, array_agg(id) as people from people_resident
                          group by household_id) r on r.household_id = h.id
            """
        )
        return int(status.split()[-1]) / (perf_counter() - began)
    finally:
        await connection.close()


async def _drain(
    at: Stand,
    database: Database,
    schema: str,
    name: str,
    round_id: UUID,
    queued: Sequence[Queued],
    port: int,
    roots: Sequence[int],
    at_once: int,
) -> Row:
    copied = await _copy(at.dsn, schema, round_id, queued)
    bodies = [requests_of(phone, round_id) for phone in queued]
    told = Told()
    each, mine = [cpu_seconds(root) for root in roots], _own_cpu()
    began = perf_counter()
    gate = asyncio.Semaphore(at_once)
    await asyncio.gather(*(send_all(port, requests, told, gate) for requests in bodies))
    seconds = perf_counter() - began
    sent = sum(len(phone.doors) for phone in queued)
    facts = await _settled(at.dsn, schema)
    whole = perf_counter() - began
    each = [cpu_seconds(root) - before for root, before in zip(roots, each, strict=True)]
    cpu, mine = sum(each), _own_cpu() - mine
    parts = " + ".join(f"{one * 1000 / sent:.3f}" for one in each)
    right = await _must_be_right(database, schema, round_id, sent, told, facts)
    row = timed(
        f"sweep {name}",
        seconds,
        told.latencies_ms,
        cpu_ms=round(cpu * 1000 / sent, 4),
        against=(
            f"COPY of the same rows: {copied:.0f}/s; {right}; {len(queued)} phones, {at_once} at once,"
            f" {told.busy} times 503 and back when told (at most {told.longest} s),"
            f" {web_processes()} web processes,"
            f" every fact sealed after {whole:.1f} s, CPU a door {parts} ms"
            f" (processes, then the database), client {mine * 1000 / sent:.4f} ms"
        ),
        ratio=round(sent / seconds / copied, 3),
    )
    return replace(row, work=sent, rate=round(sent / seconds, 1))


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _copy(dsn: str, schema: str, round_id: UUID, queued: Sequence[Queued]) -> float:
    """Rows a second of COPY into a table like sweeps_report, 2,400 to a transaction."""
    moment = now()
    ids = iter(new_ids(moment, sum(len(phone.doors) for phone in queued)))
    rows = [
        (
            round_id,
            door,
            next(ids),
            1,
            0,
            None,
            None,
            False,
            1,
            phone.block,
            None,
            "all",
            "door",
            None,
            None,
            moment,
            None,
            moment,
            1,
        )
        for phone in queued
        for door in phone.doors
    ]
    connection = await asyncpg.connect(dsn, command_timeout=600)
    try:
        await connection.execute(f"set search_path = {schema}, public")
        await connection.execute("create table copied (like sweeps_report including all)")
        began = perf_counter()
        for start in range(0, len(rows), 2_400):
            await connection.copy_records_to_table(
                "copied", records=rows[start : start + 2_400]
            )
        rate = len(rows) / (perf_counter() - began)
        await connection.execute("drop table copied")
        return rate
    finally:
        await connection.close()


async def _settled(dsn: str, schema: str) -> int:
    """Until the relay has sealed everything; answers how many doors it has facts of."""
    connection = await asyncpg.connect(dsn, command_timeout=600)
    try:
        await connection.execute(f"set search_path = {schema}, public")
        for _ in range(6_000):
            if not await connection.fetchval("select exists (select 1 from kernel_outbox)"):
                break
            await asyncio.sleep(0.1)
        found: int = await connection.fetchval(
            "select count(*) from kernel_fact where kind = 'sweeps.DoorReported'"
        )
        return found
    finally:
        await connection.close()


async def _must_be_right(
    database: Database, schema: str, round_id: UUID, sent: int, told: Told, facts: int
) -> str:
    """All applied, none twice, the board a recount, a fact for every door: in words, or raises."""
    if told.wrong or told.done != sent:
        raise RuntimeError(f"{told.done} of {sent} doors taken; answers {told.wrong}")
    if facts != sent:
        raise RuntimeError(f"{facts} facts for {sent} doors")
    async with database.tx(system_actor(schema)) as tx:
        kept = await tx.one(int, "select count(*) from sweeps_report")
        board = await tx.one(int, "select sum(n_all)::bigint from sweeps_block")
        doors = await tx.one(int, "select count(distinct door_id) from sweeps_report")
        counted = sum(row.outcomes.get("all", 0) for row in await recount(tx, round_id))
    if not kept == doors == board == counted == sent:
        raise RuntimeError(
            f"{sent} sent, {kept} kept of {doors} doors, {board} on the board, {counted} counted"
        )
    return f"{sent} sent = {doors} doors = {kept} reports = board {board} = recount {counted} = {facts} facts"
