"""Getting from a data folder to an answered request: database, migrations, children."""

import signal
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from wangge.cli.speak import Sorry, _, say, warn, words
from wangge.cli.target import Place
from wangge.kernel import migrate
from wangge.kernel.districts import list_districts
from wangge.kernel.postgres import Cluster, ClusterError, Restart, Space, Supervisor
from wangge.kernel.postgres.records import port_free
from wangge.worker.children import ChildPlan
from wangge.worker.supervise import Family, say_address, signals

#: Seconds the web server has to answer for the first time.
READY_SECONDS = 60.0
#: Deaths of a child before the first answer after which we give up and say why.
EARLY_DEATHS_MAX = 3
#: Seconds a port may still be held by what was just ended.
PORT_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Serving:
    """How to serve."""

    host: str
    port: int
    workers: int = 1
    tls_cert: Path | None = None
    tls_key: Path | None = None

    @property
    def address(self) -> str:
        """What to type into a browser."""
        scheme = "https" if self.tls_cert else "http"
        shown = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        if ":" in shown:
            shown = f"[{shown}]"
        return f"{scheme}://{shown}:{self.port}"

    def wait_for_port(self) -> None:
        """What was killed a moment ago may still hold it. Raises Sorry."""
        until = time.monotonic() + PORT_SECONDS
        while not port_free(self.port):
            if time.monotonic() > until:
                raise Sorry("端口 {port} 被别的程序占用,请用 --port 换一个。", port=self.port)
            time.sleep(0.05)


async def bring_up_to_date(dsn: str) -> list[str]:
    """Prepare the server and migrate every district. Answers what was applied."""
    await migrate.prepare_server(dsn)
    applied: list[str] = []
    for row in await list_districts(dsn):
        if await migrate.pending(dsn, row.schema):
            done = await migrate.migrate(dsn, row.schema)
            applied += [f"{row.name} {m.room}/{m.name}" for m in done]
    return applied


def plans(place: Place, dsn: str, how: Serving) -> tuple[ChildPlan, ChildPlan]:
    """The web server, and the worker. Addresses with passwords go by the environment, as a
    command line can be read by everybody on the machine."""
    env = {"WANGGE_DATABASE_URL": dsn, "WANGGE_DATA_DIR": str(place.data_dir)}
    web = [sys.executable, "-m", "wangge.web.server", "--host", how.host]
    web += ["--port", str(how.port), "--workers", str(how.workers)]
    if how.tls_cert and how.tls_key:
        web += ["--tls-cert", str(how.tls_cert), "--tls-key", str(how.tls_key)]
    return (
        ChildPlan("web", tuple(web), env),
        ChildPlan("worker", (sys.executable, "-m", "wangge.worker"), env),
    )


@contextmanager
def stoppable() -> Generator[None]:
    """While preparing, SIGTERM ends us as Ctrl-C does: in order."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def serve(
    place: Place,
    cluster: Cluster | None,
    how: Serving,
    first: ChildPlan,
    later: Sequence[ChildPlan],
    *,
    ready_words: str = "",
) -> int:
    """Start the children, say when requests are answered, watch until somebody wants an end.

    `later` children (the worker, the simulation) are started once requests are answered: on a
    small machine they would only delay that.
    """
    family = Family([first], place.run_dir, place.log_dir)
    with signals(family.end_soon), _watched(cluster, family):
        try:
            family.start()
            if not _wait_until_ready(family, how):
                return 0 if family.ending else 1
            say_address(place.run_dir, how.address)
            say(ready_words)
            for plan in later:
                family.add(plan)
            family.watch()
            say(_("正在停止……"))
        finally:
            family.stop()
    return 0


def _wait_until_ready(family: Family, how: Serving) -> bool:
    """Whether the web server answers. False when it cannot, or when somebody wants an end."""
    until = time.monotonic() + READY_SECONDS
    while not family.ending:
        if answers(how.address):
            return True
        family.look()
        if family.deaths("web") >= EARLY_DEATHS_MAX or time.monotonic() > until:
            child = family.child("web")
            warn(_("✗ 网页服务没能启动。它最后的话({log}):", log=str(child.log)))
            warn(child.tail())
            return False
        time.sleep(0.03)
    return False


def answers(address: str) -> bool:
    """Whether the server says that it is well. Our own certificate need not be trusted here."""
    anyone = ssl.create_default_context()
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=anyone)
    )
    try:
        with opener.open(f"{address}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False


@contextmanager
def _watched(cluster: Cluster | None, family: Family) -> Generator[None]:
    """Keep the embedded database alive for the while; when that fails for good, end."""
    if cluster is None:
        yield
        return

    def gave_up(error: ClusterError) -> None:
        warn(f"✗ {words(error.words)}")
        family.end_soon()

    def restarted(how: Restart) -> None:
        warn(_("数据库意外停止,已在 {seconds} 秒内恢复。", seconds=f"{how.seconds:.1f}"))

    told_at = [0.0]

    def low(space: Space) -> None:
        if time.monotonic() - told_at[0] > 600 or not told_at[0]:
            told_at[0] = time.monotonic()
            warn(_("磁盘只剩 {free} MiB,请尽快清理。", free=space.free >> 20))

    supervisor = Supervisor(cluster, on_restart=restarted, on_give_up=gave_up, on_low_space=low)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()
