"""The command line, called in this process; its database is a copy of the small town's."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from cli_kit import Ended, Wangge, numbers, sql

from wangge.cli import group, speak


@pytest.fixture
def wangge(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Wangge]:
    """`wangge("audit", "head", "--database-url", dsn)`."""
    monkeypatch.setenv("WANGGE_DEBUG", "1")
    for name in ("WANGGE_DATABASE_URL", "WANGGE_BACKUP_PASSPHRASE", "WANGGE_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    before = speak.chosen()

    def call(*args: str | Path) -> Ended:
        capsys.readouterr()
        code = group.called([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    yield call
    speak.choose(before)


@pytest.fixture
def empty_database(servers: tuple[str, str]) -> Iterator[Callable[[], str]]:
    """`empty_database()`: a database with nothing in it, owned by the application's role."""
    admin, application = servers
    made: list[str] = []

    def make() -> str:
        name = f"wangge_empty_{next(numbers)}"
        owner = urlsplit(application).username
        sql(admin, f"create database {name} owner {owner}")
        made.append(name)
        return urlunsplit(urlsplit(application)._replace(path=f"/{name}"))

    yield make
    for name in made:
        sql(admin, f"drop database if exists {name} with (force)")
