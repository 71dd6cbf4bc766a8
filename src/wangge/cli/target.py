"""Which installation a command is about: a data folder with its own database, or a server
elsewhere with a data folder for files and keys."""

import asyncio
import functools
import os
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from wangge.cli.speak import Sorry, say_words
from wangge.kernel.districts import DistrictRow, list_districts
from wangge.kernel.loops import be_patient, be_prompt
from wangge.kernel.postgres import Cluster

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """What the options say. With `database_url` there is no database of our own."""

    data_dir: Path
    database_url: str | None

    @functools.cached_property
    def cluster(self) -> Cluster | None:
        """The embedded database of the folder, running or not."""
        return None if self.database_url else Cluster(self.data_dir / "postgres")

    @property
    def run_dir(self) -> Path:
        """Locks, pids and the pulse of what runs."""
        return self.data_dir / "run"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "log"

    def make_folders(self) -> None:
        """The data folder with what is private in it; PostgreSQL's account must pass through."""
        for folder in ("files", "keys", "run", "log"):
            (self.data_dir / folder).mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextmanager
    def database(self, *, make: bool = False) -> Generator[str]:
        """The address of the database, which is started for the while if it is not running.

        Raises Sorry when there is none and `make` is False.
        """
        cluster = self.cluster
        if cluster is None:
            assert self.database_url is not None
            self.make_folders()
            yield self.database_url
            return
        if not make and cluster.data_major is None:
            raise Sorry(
                "{place} 里还没有数据库。先运行 wangge run(演示)或 wangge init(正式使用)。",
                place=str(self.data_dir),
            )
        self.make_folders()
        cluster.start(say_words)
        try:
            yield cluster.dsn()
        finally:
            cluster.release()


def where(command: Callable[..., T]) -> Callable[..., T]:
    """Options --data-dir and --database-url, handed on as `place`."""

    @click.option(
        "--data-dir",
        default=lambda: os.environ.get("WANGGE_DATA_DIR", "var"),
        show_default="var",
        type=click.Path(path_type=Path, file_okay=False),
        help="数据文件夹 · the data folder (WANGGE_DATA_DIR)",
    )
    @click.option(
        "--database-url",
        default=lambda: os.environ.get("WANGGE_DATABASE_URL") or None,
        show_default="内置数据库 · the embedded database",
        help="别处的 PostgreSQL ≥ 15 · a PostgreSQL elsewhere (WANGGE_DATABASE_URL)",
    )
    @functools.wraps(command)
    def wrapped(*args: Any, data_dir: Path, database_url: str | None, **kwargs: Any) -> T:
        return command(*args, place=Place(data_dir.absolute(), database_url), **kwargs)

    return wrapped


district_option = click.option(
    "--district",
    default="",
    help="区(县)代码或简称,只有一个时可省 · code or slug of the district, if there are several",
)


async def district(dsn: str, wanted: str) -> DistrictRow:
    """The district that is meant. Raises Sorry when none or several fit."""
    rows = await list_districts(dsn)
    if not rows:
        raise Sorry("这里还没有区(县)。先运行 wangge init 或 wangge demo。")
    if not wanted:
        if len(rows) == 1:
            return rows[0]
        raise Sorry(
            "这里有几个区(县),请用 --district 说明是哪一个:{all}。",
            all="、".join(f"{row.slug}({row.code})" for row in rows),
        )
    for row in rows:
        if wanted in (row.code, row.slug, row.schema):
            return row
    raise Sorry(
        "没有区(县)“{wanted}”,有:{all}。",
        wanted=wanted,
        all="、".join(f"{row.slug}({row.code})" for row in rows),
    )


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do the asynchronous part of a command."""
    be_patient()
    be_prompt()
    return asyncio.run(work)
