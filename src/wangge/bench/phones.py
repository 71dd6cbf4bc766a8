"""Phones over HTTP: each with a session and a connection of its own, sending what it has."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from uuid import UUID

import msgspec

from wangge.bench.sweeping import Queued
from wangge.kernel.moments import new_ids, now

#: Deeds in one request of a phone.
DEEDS = 100


@dataclass
class Told:
    """What phones were told."""

    latencies_ms: list[float] = field(default_factory=list[float])
    done: int = 0
    busy: int = 0
    longest: int = 0
    wrong: dict[int, int] = field(default_factory=dict[int, int])


def requests_of(phone: Queued, round_id: UUID) -> list[bytes]:
    """What the phone sends: its queue, DEEDS at a time, one HTTP request each."""
    ids = new_ids(now(), len(phone.doors))
    deeds = [
        {
            "id": str(id_),
            "kind": "sweeps.report",
            "at": "2026-03-18T04:00:00Z",
            "body": {
                "round": str(round_id),
                "block": str(phone.block),
                "door": str(door),
                "outcome": "all",
            },
        }
        for id_, door in zip(ids, phone.doors, strict=True)
    ]
    made: list[bytes] = []
    for start in range(0, len(deeds), DEEDS):
        body = msgspec.json.encode({"deeds": deeds[start : start + DEEDS]})
        head = (
            "POST /api/v1/deeds HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Cookie: wangge_session={phone.token}\r\nOrigin: http://127.0.0.1\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


async def send_all(
    port: int,
    requests: Sequence[bytes],
    told: Told,
    gate: asyncio.Semaphore,
    taken: Callable[[int], None] | None = None,
) -> None:
    """One phone: a connection of its own, everything it has, and back when it is told to. `taken`
    hears how many doors were answered."""
    began = perf_counter()
    for request in requests:
        while True:
            async with gate:
                status, after, body = await ask(port, request)
            if status == 503:
                told.busy += 1
                told.longest = max(told.longest, after)
                await asyncio.sleep(after)
                began = perf_counter()
                continue
            break
        if status != 200 or body.count(b'"status":200') != request.count(b'"kind"'):
            told.wrong[status] = told.wrong.get(status, 0) + 1
        else:
            told.done += request.count(b'"kind"')
            if taken is not None:
                taken(request.count(b'"kind"'))
    told.latencies_ms.append((perf_counter() - began) * 1000)


async def ask(port: int, request: bytes) -> tuple[int, int, bytes]:
    """Status, Retry-After and body of one request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.index(b"\r\n", at)])
        body = await reader.readexactly(length)
        at = head.find(b"retry-after:")
        after = int(head[at + 12 : head.index(b"\r\n", at)]) if at >= 0 else 0
        return int(head[9:12]), after, body
    finally:
        writer.close()
