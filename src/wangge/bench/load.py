"""A load of HTTP requests from one process: keep-alive connections, bodies made beforehand.

The client must cost little beside the server on the same two cores, so it speaks HTTP/1.1 by
hand and reads no more of an answer than its status and length.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter


@dataclass
class Answers:
    """What came back."""

    latencies_ms: list[float] = field(default_factory=list[float])
    statuses: dict[int, int] = field(default_factory=dict[int, int])
    seconds: float = 0.0

    def count(self, status: int, latency: float) -> None:
        self.latencies_ms.append(latency * 1000)
        self.statuses[status] = self.statuses.get(status, 0) + 1


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> int:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at >= 0:
        length = int(lower[at + 15 : lower.index(b"\r\n", at)])
        await reader.readexactly(length)
    elif b"transfer-encoding: chunked" in lower:
        while (size := int(await reader.readline(), 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()
    return status


async def saturate(
    port: int, requests: Sequence[bytes], connections: int, seconds: float
) -> Answers:
    """As many as go: each connection sends its next request when the last is answered."""
    answers = Answers()
    queue: Iterator[bytes] = iter(requests)
    began = perf_counter()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while perf_counter() - began < seconds:
                request = next(queue, None)
                if request is None:
                    return
                start = perf_counter()
                answers.count(await _ask(reader, writer, request), perf_counter() - start)
        finally:
            writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    answers.seconds = perf_counter() - began
    return answers


async def at_rate(
    port: int, requests: Sequence[bytes], rate: float, connections: int
) -> Answers:
    """So many a second, whatever the answers take; latency counts from the planned moment, so
    that a stall is not hidden by sending less (coordinated omission)."""
    answers = Answers()
    waiting: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
    began = perf_counter() + 0.1

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while (planned := await waiting.get()) is not None:
                status = await _ask(reader, writer, planned[1])
                answers.count(status, perf_counter() - planned[0])
        finally:
            writer.close()

    senders = [asyncio.create_task(one()) for _ in range(connections)]
    for number, request in enumerate(requests):
        moment = began + number / rate
        pause = moment - perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        waiting.put_nowait((moment, request))
    for _ in senders:
        waiting.put_nowait(None)
    await asyncio.gather(*senders)
    answers.seconds = perf_counter() - began
    return answers
