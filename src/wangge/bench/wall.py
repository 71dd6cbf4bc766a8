"""`wangge bench wall`: 500 screens watch a street while 638 phones empty their queues.

Each screen is a live stream of its own over HTTP, of an officer of the street or of one of its
communities. The lag is measured from outside: from the moment a phone was answered to the moment
a screen shows a board that counts the oldest door it had not counted yet, for every board that
arrives; so it is the longest wait among those a board ends. Memory a screen is what the web
server grew by when they came. `against` is what the phones alone took.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import UUID

from wangge.bench import sweeping
from wangge.bench.options import options
from wangge.bench.phones import Told, requests_of, send_all
from wangge.bench.rows import show, timed
from wangge.bench.serving import cpu_seconds, free_port, memory, postmaster, processes
from wangge.bench.stand import Stand, stand
from wangge.bench.sweep import CONNECTIONS, open_all
from wangge.bench.sweeping import Queued, make_ground
from wangge.kernel.database import Database
from wangge.kernel.loops import run
from wangge.web.rooms import import_rooms

SCREENS = 500
#: Seconds a screen may take to see the last door.
PATIENCE = 60


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--screens N`."""
    import_rooms()
    asked = options("wall", rest, screens=SCREENS)
    with stand() as at:
        run(_bench(at, asked.screens, as_json))
    return 0


@dataclass
class _Tally:
    """What phones of an area were answered: moments, and how many doors there were by then."""

    moments: list[float] = field(default_factory=list[float])
    doors: list[int] = field(default_factory=list[int])

    def add(self, number: int) -> None:
        self.moments.append(perf_counter())
        self.doors.append((self.doors[-1] if self.doors else 0) + number)


@dataclass
class _Screen:
    """One stream: what it shows, and how late each board was, in milliseconds."""

    tally: _Tally
    lags: list[float] = field(default_factory=list[float])
    shown: int = 0
    #: The first answer that the screen does not count yet.
    at: int = 0
    opened: bool = False

    def show(self, reported: int) -> None:
        self.opened = True
        moment, doors = perf_counter(), self.tally.doors
        first = self.at
        while self.at < len(doors) and doors[self.at] <= reported:
            self.at += 1
        if self.at > first:
            self.lags.append((moment - self.tally.moments[first]) * 1000)
        self.shown = max(self.shown, reported)


async def _bench(at: Stand, count: int, as_json: bool) -> None:
    schema = await make_ground(at.dsn, sweeping.STREET, doors=sweeping.STREET_DOORS)
    database = await Database.connect(at.dsn, schema)
    try:
        round_id, _ = await open_all(at, database, schema)
        queued = await sweeping.phones(database, schema, round_id)
        watching = await sweeping.officers(database, schema, len(queued))
        port = free_port()
        with processes(at.dsn, at.folder, port) as started:
            web = started[0].pid
            await sweeping.at_rest(at.dsn, schema)
            roots = (*(p.pid for p in started), postmaster(at.cluster.data))
            tallies = {area: _Tally() for area, _ in watching}
            screens = [_Screen(tallies[watching[n % len(watching)][0]]) for n in range(count)]
            before = memory(web)
            streams = [
                asyncio.create_task(
                    _watch(port, round_id, watching[n % len(watching)][1], screen)
                )
                for n, screen in enumerate(screens)
            ]
            await _until(lambda: all(s.opened for s in screens), streams)
            grown = memory(web) - before
            cpu = sum(map(cpu_seconds, roots))
            told, seconds = await _empty(port, round_id, queued, tallies)
            sent = sum(len(phone.doors) for phone in queued)
            began = perf_counter()
            await _until(lambda: all(s.shown == s.tally.doors[-1] for s in screens), streams)
            settled = perf_counter() - began
            cpu = sum(map(cpu_seconds, roots)) - cpu
            for stream in streams:
                stream.cancel()
            await asyncio.gather(*streams, return_exceptions=True)
        if told.done != sent:
            raise RuntimeError(f"{told.done} of {sent} doors taken; answers {told.wrong}")
        show(
            timed(
                "wall",
                seconds,
                [lag for screen in screens for lag in screen.lags],
                cpu_ms=round(cpu * 1000 / sent, 4),
                against=(
                    f"{count} screens while {sent} doors came in at {sent / seconds:.0f}/s;"
                    f" all of them whole {settled * 1000:.0f} ms after the last answer;"
                    f" {grown / count / 1024:.0f} KiB a screen"
                ),
            ),
            as_json=as_json,
        )
    finally:
        await database.close()


async def _empty(
    port: int, round_id: UUID, queued: Sequence[Queued], tallies: dict[str, _Tally]
) -> tuple[Told, float]:
    """All phones send all they have; each area's tally hears of its own."""
    told = Told()
    gate = asyncio.Semaphore(CONNECTIONS)
    bodies = [requests_of(phone, round_id) for phone in queued]

    def taker(area_code: str) -> Any:
        heard = [tally for area, tally in tallies.items() if area_code.startswith(area)]

        def taken(number: int) -> None:
            for tally in heard:
                tally.add(number)

        return taken

    began = perf_counter()
    await asyncio.gather(
        *(
            send_all(port, requests, told, gate, taker(phone.area_code))
            for phone, requests in zip(queued, bodies, strict=True)
        )
    )
    return told, perf_counter() - began


async def _until(done: Callable[[], bool], streams: Sequence[asyncio.Task[None]]) -> None:
    """Until all screens have what they should; a stream that broke is said at once."""
    async with asyncio.timeout(PATIENCE):
        while not done():
            for stream in streams:
                if stream.done():
                    stream.result()
            await asyncio.sleep(0.01)


async def _watch(port: int, round_id: UUID, token: str, screen: _Screen) -> None:
    """One screen: reads boards as they come, and from each only what it counts."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    try:
        writer.write(
            f"GET /api/v1/sweeps/{round_id}/live HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Accept: text/event-stream\r\nCookie: wangge_session={token}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:20]:
            raise RuntimeError(head.decode(errors="replace")[:200])
        while True:
            line = await reader.readuntil(b"\n")
            if line.startswith(b"data: "):
                at = line.index(b'"totals":')
                total, left = _number(line, b'"total":', at), _number(line, b'"left":', at)
                screen.show(total - left)
    finally:
        writer.close()


def _number(line: bytes, name: bytes, at: int) -> int:
    start = line.index(name, at) + len(name)
    end = start
    while line[end : end + 1].isdigit():
        end += 1
    return int(line[start:end])
