"""A load of HTTP requests from one process: keep-alive connections, bodies made beforehand.

The client shares two cores with what it measures, so it speaks HTTP/1.1 by hand, over bare
protocols, and reads no more of an answer than its status and its length.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast


@dataclass
class Answers:
    """What came back."""

    latencies_ms: list[float] = field(default_factory=list[float])
    statuses: dict[int, int] = field(default_factory=dict[int, int])
    seconds: float = 0.0

    def count(self, status: int, latency: float) -> None:
        self.latencies_ms.append(latency * 1000)
        self.statuses[status] = self.statuses.get(status, 0) + 1


class _Wire(asyncio.Protocol):
    """One connection with at most one request under way. `answered` is told the status and
    since when it was waited for; `lost`, that the server hung up before it had answered."""

    def __init__(
        self,
        answered: "Callable[[_Wire, int, float], None]",
        lost: Callable[[BaseException], None],
    ) -> None:
        self._answered = answered
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._since: float | None = None
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, since: float) -> None:
        assert self._transport is not None
        self._since = since
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._held:
            data = self._held + data
        end = data.find(b"\r\n\r\n")
        at = data.find(b"content-length: ", 0, end)
        if end < 0:
            self._held = data
            return
        if at < 0 or self._since is None:
            self._lost(RuntimeError(f"not an answer this client reads: {data[:200]!r}"))
            return
        if len(data) < end + 4 + int(data[at + 16 : data.index(b"\r", at)]):
            self._held = data
            return
        self._held = b""
        since, self._since = self._since, None
        self._answered(self, int(data[9:12]), since)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._since is not None:
            self._lost(exc or ConnectionError("the server hung up"))

    def close(self) -> None:
        self._since = None
        if self._transport is not None:
            self._transport.close()


class _Fleet:
    """So many wires, and the moment at which all is answered or something broke."""

    def __init__(self, answered: Callable[[_Wire, int, float], None]) -> None:
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._answered = answered
        self.wires: list[_Wire] = []

    async def connect(self, port: int, count: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(count):
            _, wire = await loop.create_connection(
                lambda: _Wire(self._answered, self.fail), "127.0.0.1", port
            )
            self.wires.append(wire)

    def finish(self) -> None:
        if not self._done.done():
            self._done.set_result(None)

    def fail(self, error: BaseException) -> None:
        if not self._done.done():
            self._done.set_exception(error)

    async def finished(self) -> None:
        try:
            await self._done
        finally:
            for wire in self.wires:
                wire.close()


async def saturate(
    port: int, requests: Sequence[bytes], connections: int, seconds: float
) -> Answers:
    """As many as go: each connection sends its next request when the last is answered."""
    answers = Answers()
    queue: Iterator[bytes] = iter(requests)
    underway = connections

    def following(wire: _Wire) -> None:
        nonlocal underway
        moment = perf_counter()
        request = next(queue, None) if moment < ends else None
        if request is not None:
            wire.send(request, moment)
            return
        underway -= 1
        if not underway:
            fleet.finish()

    def answered(wire: _Wire, status: int, since: float) -> None:
        answers.count(status, perf_counter() - since)
        following(wire)

    fleet = _Fleet(answered)
    await fleet.connect(port, connections)
    began = perf_counter()
    ends = began + seconds
    for wire in list(fleet.wires):
        following(wire)
    await fleet.finished()
    answers.seconds = perf_counter() - began
    return answers


async def at_rate(
    port: int, requests: Sequence[bytes], rate: float, connections: int
) -> Answers:
    """So many a second, whatever the answers take; latency counts from the planned moment, so
    that a stall is not hidden by sending less (coordinated omission)."""
    answers = Answers()
    idle: deque[_Wire] = deque()
    waiting: deque[tuple[bytes, float]] = deque()

    def answered(wire: _Wire, status: int, since: float) -> None:
        answers.count(status, perf_counter() - since)
        if waiting:
            wire.send(*waiting.popleft())
        else:
            idle.append(wire)
        if len(answers.latencies_ms) == len(requests):
            fleet.finish()

    fleet = _Fleet(answered)
    await fleet.connect(port, connections)
    idle.extend(fleet.wires)
    began = perf_counter() + 0.1

    async def plan() -> None:
        for number, request in enumerate(requests):
            moment = began + number / rate
            pause = moment - perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            if idle:
                idle.popleft().send(request, moment)
            else:
                waiting.append((request, moment))

    planning = asyncio.create_task(plan())
    try:
        await fleet.finished()
    finally:
        planning.cancel()
    answers.seconds = perf_counter() - began
    return answers
