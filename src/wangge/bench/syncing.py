"""What the owner of one phone waits for: the first roster, and the own sync among two hundred.

A town of 200 stairwells with 56 households of three people each, and a round over it. `first`: a
phone that has nothing asks for its rounds and for its roster, one phone after another, each known
to nobody before; and then all of them at once. `together`: all of them send their 56 doors at once
and ask what changed meanwhile, as the app does after it was without a network.
"""

import asyncio
import gzip
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from uuid import UUID

import msgspec

from wangge.bench import sweeping
from wangge.bench.phones import Told, ask, requests_of, send_all
from wangge.bench.rows import percentile, show, timed
from wangge.bench.serving import cpu_seconds, free_port, postmaster, processes
from wangge.bench.stand import Stand
from wangge.bench.sweeping import Ground, Queued, make_ground
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database
from wangge.sweeps import Opening, open_round

HOUSEHOLDS, PHONES = 56, 200
TOWN = Ground(1, 4, 5, PHONES // 20, HOUSEHOLDS, 3)
#: Phones of the first row that come one after another; the others come all at once after them.
ALONE = 100


async def bench(at: Stand, as_json: bool) -> None:
    """Both rows."""
    schema = await make_ground(at.dsn, TOWN)
    database = await Database.connect(at.dsn, schema)
    try:
        async with database.tx(system_actor(schema)) as tx:
            opened = await open_round(tx, Opening(kind="check", areas=[sweeping.CODE]))
        queued = await sweeping.phones(database, schema, opened.id)
        port = free_port()
        with processes(at.dsn, at.folder, port) as started:
            roots = (*(p.pid for p in started), postmaster(at.cluster.data))
            await sweeping.at_rest(at.dsn, schema)
            await _first(port, opened.id, queued, roots, as_json)
            await _together(port, opened.id, queued, roots, as_json)
    finally:
        await database.close()


def _get(path: str, token: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        f"Accept-Encoding: gzip\r\nCookie: wangge_session={token}\r\n\r\n"
    ).encode()


async def _asked(port: int, path: str, token: str) -> bytes:
    status, _, body = await ask(port, _get(path, token))
    if status != 200:
        raise RuntimeError(f"{path}: {status} {body[:200]!r}")
    return body


async def _roster(port: int, round_id: UUID, phone: Queued) -> tuple[float, bytes]:
    """Milliseconds of a phone's first sync, and its roster as it came."""
    began = perf_counter()
    await _asked(port, "/api/v1/sweeps/mine", phone.token)
    body = await _asked(port, f"/api/v1/sweeps/{round_id}/roster", phone.token)
    return (perf_counter() - began) * 1000, body


async def _first(
    port: int, round_id: UUID, queued: Sequence[Queued], roots: Sequence[int], as_json: bool
) -> None:
    cpu = sum(map(cpu_seconds, roots))
    began = perf_counter()
    alone = [await _roster(port, round_id, phone) for phone in queued[:ALONE]]
    seconds = perf_counter() - began
    cpu = sum(map(cpu_seconds, roots)) - cpu
    crowd = await asyncio.gather(*(_roster(port, round_id, phone) for phone in queued[ALONE:]))
    sizes = [(len(body), len(_whole(body))) for _, body in alone]
    for _, body in (*alone, *crowd):
        doors = sum(
            len(block["doors"]) for block in msgspec.json.decode(_whole(body))["blocks"]
        )
        if doors != HOUSEHOLDS:
            raise RuntimeError(f"a roster of {doors} doors")
    at_once = sorted(ms for ms, _ in crowd)
    packed, plain = (max(one[n] for one in sizes) / 1000 for n in (0, 1))
    show(
        timed(
            "sweep first",
            seconds,
            [ms for ms, _ in alone],
            cpu_ms=round(cpu * 1000 / ALONE, 3),
            against=(
                f"a roster of {HOUSEHOLDS} households: {packed:.1f} kB packed, {plain:.1f} kB;"
                f" {len(crowd)} phones at once p50 {percentile(at_once, 0.5):.0f} ms,"
                f" p99 {percentile(at_once, 0.99):.0f} ms"
            ),
        ),
        as_json=as_json,
    )


def _whole(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


async def _together(
    port: int, round_id: UUID, queued: Sequence[Queued], roots: Sequence[int], as_json: bool
) -> None:
    told = Told()
    gate = asyncio.Semaphore(len(queued))
    bodies = [requests_of(phone, round_id) for phone in queued]
    cpu = sum(map(cpu_seconds, roots))
    began = perf_counter()

    async def own(phone: Queued, requests: Sequence[bytes]) -> float:
        """Everything sent and answered, and what changed read."""
        mine = perf_counter()
        await send_all(port, requests, told, gate)
        since = f"since={phone.block}:1"
        await _asked(port, f"/api/v1/sweeps/{round_id}/roster?{since}", phone.token)
        return (perf_counter() - mine) * 1000

    waits = await asyncio.gather(
        *(own(phone, requests) for phone, requests in zip(queued, bodies, strict=True))
    )
    seconds = perf_counter() - began
    cpu = sum(map(cpu_seconds, roots)) - cpu
    sent = sum(len(phone.doors) for phone in queued)
    if told.done != sent or told.wrong:
        raise RuntimeError(f"{told.done} of {sent} doors taken; answers {told.wrong}")
    sending = sorted(told.latencies_ms)
    row = timed(
        "sweep together",
        seconds,
        waits,
        cpu_ms=round(cpu * 1000 / sent, 4),
        against=(
            f"{len(queued)} phones send {HOUSEHOLDS} doors each at once: answered after p50"
            f" {percentile(sending, 0.5):.0f} ms, p99 {percentile(sending, 0.99):.0f} ms,"
            f" {told.busy} times 503; p50 and p99 are with what changed read"
        ),
    )
    show(replace(row, work=sent, rate=round(sent / seconds, 1)), as_json=as_json)
