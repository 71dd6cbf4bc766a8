"""`wangge bench intake`: a report over HTTP until it is a routed, offered, committed case.

Everything is real: fsync on, the web server, the worker with its relay, and one wall open on the
live stream. Each POST is validated, classified, routed, offered, its facts written, committed,
then answered. `against` is pgbench running the same statements, one case a transaction, on the
same server: what PostgreSQL itself would allow.
"""

import asyncio
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import process_time

import asyncpg
import msgspec

from wangge.access.commands import make_token
from wangge.bench.load import Answers, at_rate, saturate
from wangge.bench.options import options
from wangge.bench.rows import Row, show, timed
from wangge.bench.serving import cpu_seconds, free_port, postmaster, processes
from wangge.bench.stand import Stand, stand
from wangge.cases.taxonomy import starter_classes
from wangge.demo.loading import load
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database
from wangge.kernel.loops import run
from wangge.kernel.moments import new_id

SECONDS = 20.0
CONNECTIONS = 96
RATE = 300.0
AIM_RATE = 3_000
AGAINST_CLIENTS = 8

_WORDS = (
    "3幢楼下水管爆了,水漫到路上",
    "单元门口垃圾成堆没人清",
    "消防通道被一辆面包车堵住",
    "路灯下的井盖破了一角",
    "楼道里有人给电动车飞线充电",
    "施工围挡占了人行道,老人绕不过去",
)
_CODES = ("E0401", "E0102", "Y0101", "C0114b", "Y0102", "E0302")


@dataclass(frozen=True, slots=True)
class _Scene:
    stand: Stand
    port: int
    token: str
    schema: str
    areas: tuple[str, ...]
    #: Which process leads the web server, the worker and PostgreSQL.
    roots: Mapping[str, int]


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--seconds N`, `--connections N`."""
    asked = options("intake", rest, seconds=SECONDS, connections=CONNECTIONS)
    seconds, connections = asked.seconds, asked.connections
    with stand(settings={"shared_preload_libraries": "pg_stat_statements"}) as at:
        loaded = run(load(at.dsn, at.folder, "community"))
        token, areas = run(_token(at.dsn, loaded.schema, loaded.code))
        port = free_port()
        with processes(at.dsn, at.folder, port) as started:
            roots = {
                "web": started[0].pid,
                "worker": started[1].pid,
                "postgres": postmaster(at.cluster.data),
            }
            scene = _Scene(at, port, token, loaded.schema, areas, roots)
            run(_measure(scene, seconds, connections, as_json))
    return 0


async def _token(dsn: str, schema: str, code: str) -> tuple[str, tuple[str, ...]]:
    database = await Database.connect(dsn, schema, connections=2)
    try:
        async with database.tx(system_actor(schema)) as tx:
            made = await make_token(
                tx,
                name="bench",
                acts=["cases.report", "cases.read"],
                area_code=code,
                channel="hotline",
                trusted=True,
                days=1,
            )
            areas = await tx.many(
                str, "select code from places_area where kind = 'micro_grid' order by code"
            )
        return made.token, tuple(areas)
    finally:
        await database.close()


def _requests(scene: _Scene, count: int, seed: int) -> list[bytes]:
    """Reports as a hotline's program sends them, one HTTP request each."""
    drawn = Random(seed)
    head = (
        "POST /api/v1/cases HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {scene.token}\r\nContent-Length: "
    ).encode()
    made: list[bytes] = []
    for number in range(count):
        which = drawn.randrange(len(_WORDS))
        body = msgspec.json.encode(
            {
                "id": str(new_id()),
                "words": f"{_WORDS[which]}(来电 {number})",
                "class_code": _CODES[which],
                "area_code": drawn.choice(scene.areas),
                "place": f"{drawn.randrange(1, 40)}幢",
            }
        )
        made.append(head + str(len(body)).encode() + b"\r\n\r\n" + body)
    return made


async def _measure(scene: _Scene, seconds: float, connections: int, as_json: bool) -> None:
    heard = [0]
    wall = asyncio.create_task(_wall(scene, heard))
    await saturate(scene.port, _requests(scene, 400, 1), 8, 5)  # caches, plans, connections
    limit = await asyncio.to_thread(_pgbench, scene, seconds / 2)
    for name in ("saturated", "at300"):
        count = int((AIM_RATE if name == "saturated" else RATE) * seconds)
        requests = _requests(scene, count, len(name))
        before = await _counted(scene)
        spent = _Spent(scene.roots)
        answers = (
            await saturate(scene.port, requests, connections, seconds)
            if name == "saturated"
            else await at_rate(scene.port, requests, RATE, 64)
        )
        spent.client_ends()
        await _settled(scene)
        parts = spent.milliseconds(len(answers.latencies_ms))
        after = await _counted(scene)
        _must_be_right(answers, after.cases - before.cases)
        transactions = after.transactions - before.transactions
        row = timed(
            f"intake {name}",
            answers.seconds,
            answers.latencies_ms,
            cpu_ms=round(sum(ms for part, ms in parts.items() if part != "client"), 3),
            # BEGIN, SET, five statements of ours and COMMIT, a transaction
            statements=round(8 * transactions / len(answers.latencies_ms), 2),
            against=f"pgbench, the same statements unbatched: {limit:.0f}/s",
            ratio=round(len(answers.latencies_ms) / answers.seconds / limit, 3),
        )
        show(row, as_json=as_json)
        for part, ms in parts.items():
            share = Row(f"intake {name}, {part}", row.work, row.seconds, row.rate, cpu_ms=ms)
            show(share, as_json=as_json)
    wall.cancel()
    if heard[0] < 100_000:
        raise RuntimeError(f"the wall heard only {heard[0]} bytes")


class _Spent:
    """CPU since this was made: of each part of the installation, and of this client, which takes
    it from the same two cores."""

    def __init__(self, roots: Mapping[str, int]) -> None:
        self._roots = roots
        self._before = {part: cpu_seconds(root) for part, root in roots.items()}
        self._client = process_time()

    def client_ends(self) -> None:
        """What this process does from now on is no part of the load."""
        self._client = process_time() - self._client

    def milliseconds(self, pieces: int) -> dict[str, float]:
        """CPU a piece of work, by part."""
        parts = {
            part: cpu_seconds(root) - self._before[part] for part, root in self._roots.items()
        }
        return {
            part: round(seconds * 1000 / pieces, 3)
            for part, seconds in {**parts, "client": self._client}.items()
        }


def _must_be_right(answers: Answers, cases: int) -> None:
    """Every answer was 201, and every one of them is a case."""
    if set(answers.statuses) != {201}:
        raise RuntimeError(f"not every report was taken in: {answers.statuses}")
    if cases != answers.statuses[201]:
        raise RuntimeError(f"{answers.statuses[201]} acknowledged, {cases} cases")


async def _cookie(scene: _Scene) -> str:
    """The session of the district's command centre, as its wall has one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", scene.port)
    body = b'{"login": "district", "password": "wangge-demo"}'
    writer.write(
        b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nContent-Length: "
        + str(len(body)).encode()
        + b"\r\n\r\n"
        + body
    )
    head = (await reader.read()).decode(errors="replace")
    writer.close()
    for line in head.splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "set-cookie" and value.strip().startswith("wangge_session="):
            return value.strip().split(";")[0]
    raise RuntimeError(f"the wall could not sign in: {head[:200]}")


async def _wall(scene: _Scene, heard: list[int]) -> None:
    """One screen on the live stream, reading whatever comes; counts the bytes."""
    cookie = await _cookie(scene)
    reader, writer = await asyncio.open_connection("127.0.0.1", scene.port)
    writer.write(
        "GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
        f"Cookie: {cookie}\r\n\r\n".encode()
    )
    try:
        while some := await reader.read(65536):
            heard[0] += len(some)
    finally:
        writer.close()


@dataclass(frozen=True, slots=True)
class _Counted:
    cases: int
    transactions: int


async def _counted(scene: _Scene) -> _Counted:
    connection = await asyncpg.connect(scene.stand.cluster.admin_dsn("wangge"))
    try:
        await connection.execute("create extension if not exists pg_stat_statements")
        cases = await connection.fetchval(f"select count(*) from {scene.schema}.cases_case")  # noqa: S608
        calls = await connection.fetchval(
            "select coalesce(sum(calls), 0)::bigint from pg_stat_statements"
            " where query ilike 'copy%cases_case%'"
        )
        return _Counted(cases, calls)
    finally:
        await connection.close()


async def _settled(scene: _Scene) -> None:
    """Until the relay has sealed everything: its work is part of the price."""
    connection = await asyncpg.connect(scene.stand.dsn)
    try:
        for _ in range(600):
            waiting = await connection.fetchval(
                f"select exists (select 1 from {scene.schema}.kernel_outbox)"  # noqa: S608
            )
            if not waiting:
                return
            await asyncio.sleep(0.1)
    finally:
        await connection.close()


def _pgbench(scene: _Scene, seconds: float) -> float:
    """Transactions a second of the same statements, one case each, prepared, 8 clients."""
    known = {one.code for one in starter_classes()}
    assert known.issuperset(_CODES)
    script = _SCRIPT.replace(":schema", scene.schema).replace(":area", scene.areas[0])
    with tempfile.TemporaryDirectory(prefix="wangge-pgbench-") as folder:
        path = Path(folder) / "intake.sql"
        path.write_text(script, encoding="utf-8")
        done = subprocess.run(
            [
                str(scene.stand.cluster.pgbin("pgbench")),
                *("-n", "-M", "prepared", "-c", str(AGAINST_CLIENTS), "-j", "1"),
                *("-T", str(max(5, int(seconds))), "-f", str(path), scene.stand.dsn),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    for line in done.stdout.splitlines():
        if line.startswith("tps ="):
            return float(line.split()[2])
    raise RuntimeError(done.stdout + done.stderr)


#: One case a transaction: the eight statements of the intake, in its order. pgbench has no
#: UUIDv7 before PostgreSQL 18; random ids cost the index a little more, which is to our loss
#: in neither direction at this size. (A colon in a literal would be a variable to pgbench.)
_SCRIPT = """
\\set n random(1, 1000000000)
begin;
set local search_path = :schema, wangge_shared, public;
select coalesce((select jsonb_object_agg(name, version) from kernel_version), '{}') as versions,
       (select jsonb_agg(jsonb_build_object('id', c.id, 'words', c.words)) from cases_case c
         where c.id = (select gen_random_uuid())) as known;
insert into cases_case (id, receipt, area_code, channel, trusted, title, words, place,
       class_code, class_by, class_reason, platform, rule_id, route_reason, unit, level, state,
       urgent, reported_at, received_at, state_at, due_at, due_what, due_cause, climb_at,
       final_due_at, final_cause, final_minutes, final_kind, version)
select * from unnest(array[gen_random_uuid()], array[left(md5((:n)::text), 14)],
       array[':area'], array['hotline'], array[true], array['3幢楼下水管爆了'],
       array['3幢楼下水管爆了,水漫到路上(来电 1)'], array['3幢'], array['E0401'],
       array['reporter'], array['填报人选定 E0401 管道破裂'], array['YJ'],
       array[gen_random_uuid()], array['规则50“管道破裂 供水抢修” 事项 E0401*'],
       array['org-00000000-0000-0000-0000-000000000000'], array['street'],
       array['dispatched'], array[true], array[now()], array[now()], array[now()],
       array[now() + interval '2 hours'], array['handle'], array['管道破裂处置 2紧急工作时'],
       array[now() + interval '2 hours'], array[now() + interval '2 hours'],
       array['管道破裂处置 2紧急工作时'], array[120], array['urgent_hour'], array[1]);
insert into cases_step (id, case_id, n, at, actor_id, verb, from_state, to_state, opinion,
       target, minutes, overdue, due_at, due_what, due_cause)
select gen_random_uuid(), gen_random_uuid(), n, now(), gen_random_uuid(), 'file', 'reported',
       'filed', '立案', null, 0, false, now(), 'dispatch', '派遣' from generate_series(0, 2) n;
insert into tasks_task (id, kind, origin, origin_id, area_code, state, target, level, urgent,
       answer_minutes, offered_at, answer_by, due_at, created_at)
values (gen_random_uuid(), 'handle', 'case', gen_random_uuid(), ':area', 'offered',
       'org-00000000-0000-0000-0000-000000000000', 'street', true, 10, now(),
       now() + interval '1 day', now(), now());
insert into kernel_outbox (n, id, kind, subject_id, area_code, at, actor_id, cause, data)
select n, gen_random_uuid(), 'bench.Nothing', gen_random_uuid(), ':area', now(),
       gen_random_uuid(), null, '{"channel" :"hotline","class_code" :"E0401","urgent" : true}'
  from generate_series(0, 1) n;
commit;
"""
