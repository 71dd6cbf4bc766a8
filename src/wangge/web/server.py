"""`python -m wangge.web.server`: Granian with our app; started by `wangge run` and `wangge serve`.

The database's address and the data folder come by the environment (WANGGE_DATABASE_URL,
WANGGE_DATA_DIR), as a command line can be read by everybody on the machine.
"""

import argparse
import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import asyncpg
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from litestar import Litestar

from wangge.kernel.http import Installation
from wangge.web.app import create_app
from wangge.web.options import WebOptions

log = logging.getLogger("wangge.web")

#: Seconds between looks for districts that were added while we run.
DISTRICTS_SECONDS = 5.0
#: Seconds a worker may take to end; open streams are cut after that.
END_SECONDS = 3
#: Requests under way in one worker; more wait in the socket's queue.
UNDER_WAY_MAX = 4096


def options() -> WebOptions:
    """From the environment: WANGGE_TRUSTED_PROXIES, WANGGE_TILE_ORIGINS (comma-separated)."""

    def listed(name: str) -> list[str]:
        return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]

    return WebOptions(
        trusted_proxies=tuple(ip_network(text) for text in listed("WANGGE_TRUSTED_PROXIES")),
        tile_origins=tuple(listed("WANGGE_TILE_ORIGINS")),
    )


def application() -> Litestar:
    """One worker's app; the installation is opened when the worker starts."""
    logging.basicConfig(
        level=os.environ.get("WANGGE_LOG", "WARNING"),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    installation = Installation(
        Path(os.environ.get("WANGGE_DATA_DIR", "var")), os.environ["WANGGE_DATABASE_URL"]
    )

    @asynccontextmanager
    async def opened(_app: Litestar) -> AsyncGenerator[None]:
        await installation.look_again()
        watching = asyncio.create_task(_watch(installation))
        try:
            yield
        finally:
            watching.cancel()
            await installation.close()

    return create_app(installation, options=options(), lifespan=[opened])


async def _watch(installation: Installation) -> None:
    while True:
        await asyncio.sleep(DISTRICTS_SECONDS)
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await installation.look_again()


def main() -> None:
    """The process: Granian's parent, which keeps `--workers` workers."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--host", default="127.0.0.1")
    asked.add_argument("--port", type=int, default=8141)
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--tls-cert", type=Path)
    asked.add_argument("--tls-key", type=Path)
    given = asked.parse_args()
    Granian(
        "wangge.web.server:application",
        address=given.host,
        port=given.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=given.workers,
        backlog=2048,
        backpressure=UNDER_WAY_MAX,
        loop=Loops.uvloop,
        websockets=False,
        log_level=LogLevels.warning,
        ssl_cert=given.tls_cert,
        ssl_key=given.tls_key,
        respawn_failed_workers=True,
        workers_kill_timeout=END_SECONDS,
        process_name="wangge-web",
    ).serve()


if __name__ == "__main__":
    main()
