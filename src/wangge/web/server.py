"""The server: Granian workers, each with its own app over the same district databases.

A worker opens the installation when it starts and closes it when it stops. Streams would hold a
worker for as long as somebody looks, so the first thing a stopping worker does is hang up on them;
the screens come back to the next one with their marks.

The process that starts workers never loads the app: that would cost each start a second more.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server

from wangge.kernel.loops import be_patient
from wangge.web.options import WebOptions

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send

    from wangge.kernel.http import District, Installation

#: The one variable that carries what a worker needs to know to it.
TOLD = "WANGGE_WEB"
#: Connections waiting to be accepted.
BACKLOG = 1024
#: Seconds a worker may take to stop before it is killed.
STOP_SECONDS = 20


def serve_web(
    dsn: str,
    data_dir: Path,
    host: str = "127.0.0.1",
    port: int = 8141,
    workers: int = 1,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    *,
    options: WebOptions | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. Blocks; workers that die are started again.

    Call it from the main thread of a process of its own. Raises OSError when the port is taken.
    """
    chosen = options or WebOptions()
    os.environ[TOLD] = json.dumps(
        {
            "dsn": dsn,
            "data_dir": str(data_dir),
            "trusted_proxies": [str(network) for network in chosen.trusted_proxies],
            "tile_origins": list(chosen.tile_origins),
            "session_memory": chosen.session_memory,
        }
    )
    server = Server(
        "wangge.web.server:make_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        loop=Loops.uvloop,
        backlog=BACKLOG,
        log_access=False,
        log_level=LogLevels.warning,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        ssl_cert=tls_cert,
        ssl_key=tls_key,
    )
    server.serve()


def make_app() -> Served:
    """What a worker loads."""
    be_patient()
    told = json.loads(os.environ[TOLD])
    options = WebOptions(
        trusted_proxies=tuple(ip_network(text) for text in told["trusted_proxies"]),
        tile_origins=tuple(told["tile_origins"]),
        session_memory=told["session_memory"],
    )
    return Served(told["dsn"], Path(told["data_dir"]), options)


class Served:
    """An ASGI app that opens its installation at start-up and closes it at the end."""

    def __init__(self, dsn: str, data_dir: Path, options: WebOptions) -> None:
        self._dsn = dsn
        self._data_dir = data_dir
        self._options = options
        self._installation: Installation | None = None
        self._app: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if str(scope["type"]) == "lifespan":
            await self._live(receive, send)
        else:
            await self._app(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        from wangge.kernel.http import Installation
        from wangge.web.app import create_app

        await receive()
        try:
            self._installation = await Installation.open(self._dsn, self._data_dir)
            self._app = create_app(self._installation, options=self._options)
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": repr(error)})
            raise
        self._hang_up_when_told(self._installation)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._installation.close()
        await send({"type": "lifespan.shutdown.complete"})

    @staticmethod
    def _hang_up_when_told(installation: Installation) -> None:
        """End streams at the signal, not after the last request: a stream is a request that
        would not end by itself."""
        loop = asyncio.get_running_loop()
        ending: set[asyncio.Task[None]] = set()

        def hang_up(district: District) -> None:
            ending.add(loop.create_task(district.live.stop()))

        before = {
            number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)
        }

        def stop(number: int, frame: Any) -> None:
            for district in installation.districts.values():
                loop.call_soon_threadsafe(hang_up, district)
            earlier = before.get(signal.Signals(number))
            if callable(earlier):
                earlier(number, frame)

        with contextlib.suppress(ValueError):  # not the main thread: somebody else's to stop
            for number in before:
                signal.signal(number, stop)


def main() -> None:
    """`python -m wangge.web.server`: addresses with passwords come by the environment
    (WANGGE_DATABASE_URL, WANGGE_DATA_DIR), as a command line can be read by everybody."""
    parser = argparse.ArgumentParser(prog="wangge.web.server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8141)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    how = parser.parse_args()
    serve_web(
        os.environ["WANGGE_DATABASE_URL"],
        Path(os.environ["WANGGE_DATA_DIR"]),
        how.host,
        how.port,
        how.workers,
        how.tls_cert,
        how.tls_key,
        options=options_told(),
    )


def options_told() -> WebOptions:
    """From the environment: WANGGE_TRUSTED_PROXIES (networks) and WANGGE_TILE_ORIGINS, each
    separated by commas."""

    def listed(name: str) -> list[str]:
        return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]

    return WebOptions(
        trusted_proxies=tuple(ip_network(text) for text in listed("WANGGE_TRUSTED_PROXIES")),
        tile_origins=tuple(listed("WANGGE_TILE_ORIGINS")),
    )


__all__ = ["make_app", "options_told", "serve_web"]

if __name__ == "__main__":
    main()
