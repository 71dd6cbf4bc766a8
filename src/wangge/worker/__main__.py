"""`python -m wangge.worker`: started by `wangge run` and `wangge serve`.

Takes the server's address from WANGGE_DATABASE_URL, as a command line can be read by everybody on
the machine, and the data folder from WANGGE_DATA_DIR. Ends on SIGTERM or SIGINT.
"""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from wangge.kernel.loops import be_patient, be_prompt, run
from wangge.web.rooms import import_rooms
from wangge.worker.process import Worker


async def work(dsn: str, data_dir: Path) -> None:
    """Until a signal comes."""
    import_rooms()
    worker = Worker(dsn, data_dir)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    await worker.run()


def main() -> int:
    """The process. Exit code 2 when it was started without an address."""
    logging.basicConfig(
        level=os.environ.get("WANGGE_LOG", "WARNING"),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    dsn = os.environ.get("WANGGE_DATABASE_URL")
    if not dsn:
        logging.getLogger("wangge.worker").critical("WANGGE_DATABASE_URL is not set")
        return 2
    be_patient()
    be_prompt()
    run(work(dsn, Path(os.environ.get("WANGGE_DATA_DIR", "var"))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
