"""Fixtures of every test that needs data: a real PostgreSQL with the small town in it.

The town is built once, as a template database; `district` is one copy for the whole process,
whose transactions are rolled back; `app_client` makes a copy of its own (a tenth of a second).

WANGGE_TEST_PG=15    a system's PostgreSQL of that version instead of the embedded one
WANGGE_TEST_DSN=…    a server that runs already; the role needs CREATEDB and no superuser rights
WANGGE_TEST_BARE=1   without the reference data of higher rooms, while one of those is in pieces
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

import small_town
from clock import Clock
from wangge.kernel import files, moments
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.cache import Cached
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Database, Tx
from wangge.kernel.http import REFUSAL_HANDLERS, Asking, District, Installation
from wangge.kernel.migrate import migrate, prepare_server
from wangge.kernel.postgres import find_runtime, system_runtimes, temporary_cluster
from wangge.people import ROSTER

SCHEMA = "town"
PASSWORD = "a-town-of-invented-people"
#: The town's key, the same in every copy; real districts make their own.
VAULT = Vault(bytes(range(32)))
TEMPLATE = f"wangge_town_{os.getpid()}"
NOON = small_town.NOON
#: Reference data that every new district begins with, lowest room first.
STARTERS = (
    ("wangge.cases.reference", "install_starter"),
    ("wangge.dispatch", "install_starter_rules"),
)


@pytest.fixture(scope="session")
def servers() -> Iterator[tuple[str, str]]:
    """A PostgreSQL server: (DSN that may create databases, DSN of the application's role)."""
    given = os.environ.get("WANGGE_TEST_DSN")
    if given:
        yield given, given
        return
    major = os.environ.get("WANGGE_TEST_PG")
    if major:
        runtime = next((r for r in system_runtimes() if r.major == int(major)), None)
        if runtime is None:
            pytest.fail(f"WANGGE_TEST_PG={major}: no PostgreSQL of that version here")
    else:
        runtime = find_runtime()
    with temporary_cluster(runtime) as cluster:
        yield cluster.admin_dsn(), cluster.dsn()


def _database(dsn: str, name: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def _administer(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _run(work: Any) -> None:
    """For session fixtures: a loop of its own, so that they serve tests without one too."""
    asyncio.run(work)


async def _build_template(admin: str, application: str) -> None:
    owner = urlsplit(application).username
    await _administer(admin, f"create database {TEMPLATE} owner {owner}")
    dsn = _database(application, TEMPLATE)
    await prepare_server(dsn)
    await migrate(dsn, SCHEMA)
    await _administer(
        dsn,
        f"""
        insert into wangge_shared.district (schema, slug, code, name, created_at)
        values ('{SCHEMA}', 'town', '{small_town.COUNTY}', '示范区', '{NOON.isoformat()}')
        """,
    )
    database = await Database.connect(dsn, SCHEMA, connections=1)
    try:
        async with database.tx(system_actor(SCHEMA), now=small_town.FOUNDED) as tx:
            await small_town.build(tx, VAULT)
            for module, function in () if os.environ.get("WANGGE_TEST_BARE") else STARTERS:
                await getattr(import_module(module), function)(tx)
            await tx.flush()
            await tx.run("delete from kernel_outbox")  # a test sees only the facts it said
    finally:
        await database.close()
    for cache in _caches():
        cache.forget()


@pytest.fixture(scope="session")
def copy_of_town(servers: tuple[str, str]) -> Iterator[Callable[[str], str]]:
    """`copy_of_town("name")` makes a database with the small town and answers its DSN."""
    admin, application = servers
    _run(_build_template(admin, application))
    owner = urlsplit(application).username
    made: list[str] = []

    def copy(name: str) -> str:
        full = f"{TEMPLATE}_{name}"
        made.append(full)
        # Copied file by file: block by block through the log takes four times as long.
        statement = (
            f"create database {full} template {TEMPLATE} owner {owner} strategy file_copy"
        )
        thread = _InThread(_administer(admin, statement))
        thread.finish()
        return _database(application, full)

    yield copy
    if not os.environ.get("WANGGE_TEST_DSN"):
        return  # they go with the server; dropped one by one, hundreds take two minutes
    drops = [f"drop database if exists {name} with (force)" for name in [*made, TEMPLATE]]
    _run(_administer(admin, *drops))


class _InThread:
    """Run a coroutine to its end from inside or outside of a running loop."""

    def __init__(self, work: Any) -> None:
        import threading

        self._error: BaseException | None = None

        def run() -> None:
            try:
                asyncio.run(work)
            except BaseException as error:
                self._error = error

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def finish(self) -> None:
        self._thread.join()
        if self._error is not None:
            raise self._error


@pytest.fixture(scope="session")
def dsn(copy_of_town: Callable[[str], str]) -> str:
    """A real PostgreSQL with the small town in schema `town`, one per test process."""
    return copy_of_town("shared")


async def _open(dsn: str, folder: Path) -> Installation:
    keys = folder / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    (keys / f"{SCHEMA}.key").write_bytes(VAULT.key)
    return await Installation.open(dsn, folder)


@pytest.fixture(scope="session")
async def installation(dsn: str) -> AsyncIterator[Installation]:
    """The process's installation, with one district."""
    with tempfile.TemporaryDirectory(prefix="wangge-test-data-") as folder:
        opened = await _open(dsn, Path(folder))
        yield opened
        await opened.close()


@pytest.fixture(scope="session")
def district(installation: Installation) -> District:
    """The small town. What a test commits here stays: use `tx`, or a copy (`own_district`)."""
    return installation.districts["town"]


@pytest.fixture
async def own_installation(
    copy_of_town: Callable[[str], str], tmp_path: Path
) -> AsyncIterator[Installation]:
    """An installation on a copy of the town that is this test's alone."""
    _forget()
    shelves = dict(files._shelves)
    opened = await _open(copy_of_town(f"own_{next(_numbers)}"), tmp_path)
    yield opened
    await opened.close()
    files._shelves.update(shelves)  # the copy has the town's name, and files of its own
    _forget()


@pytest.fixture
def own_district(own_installation: Installation) -> District:
    """A copy of the small town to commit in."""
    return own_installation.districts["town"]


_numbers = iter(range(1_000_000))


def _caches() -> list[Cached[Any]]:
    found: dict[int, Cached[Any]] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("wangge.") and module is not None:
            for value in list(vars(module).values()):
                if isinstance(value, Cached):
                    found[id(value)] = value
    return list(found.values())


def _forget() -> None:
    """What was cached from a transaction that was rolled back must not outlive it."""
    for cache in _caches():
        cache.forget()


class _RolledBack(Exception):
    pass


@pytest.fixture
async def tx(district: District) -> AsyncIterator[Tx]:
    """A transaction of the system's at NOON, rolled back at the end.

    To act as somebody else inside of it: `tx.actor = as_("grid_worker")`. Row-level security
    goes by the actor who began the transaction; for that, begin one with `district.database.tx`.
    """
    _forget()
    try:
        async with district.database.tx(system_actor(SCHEMA), now=NOON) as open_tx:
            yield open_tx
            await open_tx.flush()
            raise _RolledBack
    except _RolledBack:
        pass
    finally:
        _forget()


@pytest.fixture(scope="session")
async def town_actors(district: District) -> dict[str, Actor]:
    """Everybody of the small town, with the grants their posts give."""
    async with district.database.tx(system_actor(SCHEMA), now=NOON, read_only=True) as tx:
        roster = await ROSTER.get(tx)
    return {
        person.key: Actor(
            person.id, "staff", SCHEMA, roster.grants(person.id, NOON), name=person.name
        )
        for person in small_town.STAFF
    }


@pytest.fixture
def as_(town_actors: dict[str, Actor]) -> Callable[[str], Actor]:
    """`as_("grid_worker")`: an actor of the small town, by the keys of `small_town.PEOPLE`;
    `as_("system")` is the clock and the relay."""

    def find(key: str) -> Actor:
        return system_actor(SCHEMA) if key == "system" else town_actors[key]

    return find


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time stands still at NOON, also for the edges, until a test lets it pass."""
    made = Clock(NOON)
    monkeypatch.setattr(moments, "now", made.now)
    return made


# -- HTTP --------------------------------------------------------------------------------------


class _AsSomebody:
    """Stands where the web room's sign-in stands: every request is this actor's."""

    def __init__(self, app: ASGIApp, installation: Installation, actor: Actor) -> None:
        self.app = app
        self._asking = Asking(
            installation, installation.districts["town"], actor, actor.locale, "", "127.0.0.1"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope.setdefault("state", {})["asking"] = self._asking
        await self.app(scope, receive, send)


RoomClient = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def room_client(own_installation: Installation) -> AsyncIterator[RoomClient]:
    """`client = await room_client(api.ROUTES, as_("grid_worker"))`: one room's routes over HTTP on
    a copy of the town, without the web room's sign-in. Everything else is the real thing."""
    async with AsyncExitStack() as stack:

        async def make(
            routes: Sequence[Any], actor: Actor, *, locale: str = "zh"
        ) -> httpx.AsyncClient:
            app = Litestar(
                route_handlers=list(routes),
                exception_handlers=REFUSAL_HANDLERS,
                middleware=[],
                openapi_config=None,
                logging_config=None,
            )
            actor = replace(actor, locale=locale)  # type: ignore[arg-type]
            wrapped: Any = _AsSomebody(app, own_installation, actor)
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app=wrapped), base_url="http://town.test"
            )
            return await stack.enter_async_context(client)

        yield make


@pytest.fixture
async def app_client(own_installation: Installation) -> AsyncIterator[RoomClient]:
    """`client = await app_client()`: the whole application on a copy of the town. With a key of
    `small_town.PEOPLE` (`await app_client("grid_worker")`) that person is signed in."""
    from wangge.web.app import create_app

    app: Any = create_app(own_installation, testing=True)
    async with AsyncExitStack() as stack:

        async def make(key: str | None = None, **headers: str) -> httpx.AsyncClient:
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app),
                base_url="http://town.test",
                headers=headers,
            )
            client = await stack.enter_async_context(client)
            if key is not None:
                await sign_in(own_installation, client, key)
            return client

        yield make


async def sign_in(installation: Installation, client: httpx.AsyncClient, key: str) -> None:
    """Give the client a session of somebody of the small town, second factor done."""
    from wangge.access.commands import create_demo_accounts
    from wangge.access.presence import SESSION_COOKIE
    from wangge.access.signing import Visitor
    from wangge.access.signing import sign_in as enter

    district = installation.districts["town"]
    person = small_town.PEOPLE[key]
    async with district.database.tx(system_actor(SCHEMA)) as tx:
        if not await tx.one(
            int, "select count(*) from access_account where id = :id", id=person.id
        ):
            await create_demo_accounts(tx, [(person.id, key, person.area_code)], PASSWORD)
    came = await enter(district, key, PASSWORD, Visitor("desk"))
    client.cookies.set(SESSION_COOKIE, came.token)
    client.headers["origin"] = str(client.base_url).rstrip("/")
