"""The whole application in a process of its own, for a browser to visit: the small town's DSN from
WANGGE_DATABASE_URL, its data folder from WANGGE_DATA_DIR, the port as the only argument."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from granian.server.embed import Server

from wangge.kernel.http import Installation
from wangge.web.app import create_app


async def main(port: int) -> None:
    installation = await Installation.open(
        os.environ["WANGGE_DATABASE_URL"], Path(os.environ["WANGGE_DATA_DIR"])
    )
    app: Any = create_app(installation, testing=True)
    server = Server(app, address="127.0.0.1", port=port, interface="asgi", log_enabled=False)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    try:
        await server.serve()
    finally:
        await installation.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
