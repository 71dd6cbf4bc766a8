"""`wangge run` (a demonstration from one command) and `wangge serve` (the real thing)."""

from pathlib import Path

import click

from wangge.cli import serving
from wangge.cli.demo import SCALES, demo_child, demo_words, seed
from wangge.cli.serving import Serving, bring_up_to_date, plans, stoppable
from wangge.cli.speak import Sorry, _, say
from wangge.cli.target import Place, where
from wangge.cli.target import run as do
from wangge.kernel.districts import list_districts
from wangge.web.options import web_processes
from wangge.worker.children import sweep_children
from wangge.worker.supervise import AlreadyRunning, sole


def _already(found: AlreadyRunning) -> Sorry:
    if found.where:
        return Sorry("这个数据文件夹已经在运行:{where}。", where=found.where)
    return Sorry("这个数据文件夹已经在运行(正在启动)。")


@click.command()
@click.option(
    "--demo",
    type=click.Choice(SCALES),
    default="community",
    show_default=True,
    help="演示规模 · size of the made-up town",
)
@click.option("--port", default=8141, show_default=True, help="端口 · port")
@click.option(
    "--simulation/--no-simulation",
    default=True,
    show_default=True,
    help="让演示区自己动起来 · let invented people report and handle cases",
)
@click.option(
    "--every",
    default=20.0,
    show_default=True,
    help="演示中每隔几秒一件事 · seconds between invented cases",
)
@where
def run(place: Place, demo: str, port: int, simulation: bool, every: float) -> int:
    """启动演示:数据库、演示区、网页,一条命令 · start a demonstration from one command."""
    how = Serving("127.0.0.1", port)
    try:
        with sole(place.run_dir), stoppable():
            sweep_children(place.run_dir / "children.json")
            how.wait_for_port()
            with place.database(make=True) as dsn:
                _migrate(dsn)
                found = do(seed(dsn, place.data_dir, demo))
                web, worker = plans(place, dsn, how)
                return serving.serve(
                    place,
                    place.cluster,
                    how,
                    web,
                    [worker, demo_child(how, found, every)] if simulation else [worker],
                    ready_words=demo_words(how.address, found, simulation),
                )
    except AlreadyRunning as found_running:
        raise _already(found_running) from None


def _migrate(dsn: str) -> None:
    for applied in do(bring_up_to_date(dsn)):
        say(_("✓ 数据库结构已更新:{what}", what=applied))


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="监听地址 · address to listen on"
)
@click.option("--port", default=8141, show_default=True, help="端口 · port")
@click.option(
    "--workers",
    default=web_processes,
    show_default="2–4",
    type=click.IntRange(1, 32),
    help="网页进程数 · web processes",
)
@click.option(
    "--tls-cert",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="HTTPS 证书 · certificate (PEM)",
)
@click.option(
    "--tls-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="HTTPS 私钥 · key (PEM)",
)
@where
def serve(
    place: Place,
    host: str,
    port: int,
    workers: int,
    tls_cert: Path | None,
    tls_key: Path | None,
) -> int:
    """正式运行 · serve a real installation (docs/running.md)."""
    if (tls_cert is None) != (tls_key is None):
        raise Sorry("--tls-cert 和 --tls-key 要一起给。")
    how = Serving(
        host, port, workers, tls_cert and tls_cert.absolute(), tls_key and tls_key.absolute()
    )
    try:
        with sole(place.run_dir), stoppable():
            sweep_children(place.run_dir / "children.json")
            how.wait_for_port()
            with place.database() as dsn:
                _migrate(dsn)
                rows = do(list_districts(dsn))
                if not rows:
                    raise Sorry("这里还没有区(县)。先运行 wangge init 或 wangge demo。")
                names = "、".join(row.name for row in rows)
                web, worker = plans(place, dsn, how)
                return serving.serve(
                    place,
                    place.cluster,
                    how,
                    web,
                    [worker],
                    ready_words=_(
                        "✓ {names} 已在 {address} 上运行。按 Ctrl-C 停止。",
                        names=names,
                        address=how.address,
                    ),
                )
    except AlreadyRunning as found_running:
        raise _already(found_running) from None
