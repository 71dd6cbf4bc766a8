"""Journeys: a real browser against the whole application, in processes of its own.

`town` is a served copy of the small town that a test may change, and whose server it may end and
start again: a network that is cut is cut for the browser's worker too. `phone` opens a phone's
browser with a folder of its own, so that a test can kill it and start it from cold; `screen`
opens a desk's.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PIL import Image
from playwright.sync_api import (
    BrowserContext,
    Error,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

import small_town
from town_fixtures import PASSWORD, SCHEMA, VAULT
from wangge.access.commands import create_demo_accounts
from wangge.access.presence import SESSION_COOKIE
from wangge.access.signing import Visitor
from wangge.access.signing import sign_in as enter
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Tx
from wangge.kernel.http import Installation

T = TypeVar("T")

HERE = Path(__file__).parent
#: Milliseconds a step of a journey may take on a busy machine.
PATIENCE = 20_000
#: Seconds the tables may take to answer beside a server that is at work.
WAITING = 90
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
#: Everybody a journey may sign in as, with PASSWORD and their key as the login.
ACCOUNTS = (
    "data_protection",
    "grid_head",
    "grid_worker",
    "part_time_worker",
    "volunteer",
    "department_staff",
    "acceptor",
    "dispatcher",
    "shift_supervisor",
    "community_officer",
    "community_officer_2",
    "street_officer",
    "district_officer",
)


def _chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = os.environ.get("WANGGE_CHROMIUM") or shutil.which(name)
        if found:
            return found
    pytest.fail("no Chromium here: make test finds or fetches one")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@dataclass
class Town:
    """A served copy of the small town."""

    dsn: str
    data_dir: Path
    port: int = field(default_factory=_free_port)
    password: str = PASSWORD
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, and let the worker seal facts."""
        env = {
            **os.environ,
            "WANGGE_DATABASE_URL": self.dsn,
            "WANGGE_DATA_DIR": str(self.data_dir),
        }
        for arguments in ([str(HERE / "serve.py"), str(self.port)], ["-m", "wangge.worker"]):
            with (self.data_dir / f"{len(self._children)}.log").open("ab") as log:
                self._children.append(
                    subprocess.Popen(
                        [sys.executable, *arguments], env=env, stdout=log, stderr=log
                    )
                )
        for _ in range(1200):
            if self._children[-2].poll() is not None:
                break
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2).close()
                return
            time.sleep(0.1)
        pytest.fail((self.data_dir / "0.log").read_text()[-3000:])

    @property
    def served(self) -> bool:
        return bool(self._children)

    def stop(self) -> None:
        """The server is gone, as in a basement."""
        for child in self._children:
            child.terminate()
        for child in self._children:
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(15)
        self._children.clear()

    def kill(self) -> None:
        """The server is gone without a word, whatever it was doing."""
        for child in self._children:
            child.kill()

    def run(self, work: Callable[[Installation], Any]) -> Any:
        """`await work(installation)` beside the server, on the same database."""

        async def opened() -> Any:
            async with asyncio.timeout(WAITING):
                installation = await Installation.open(self.dsn, self.data_dir)
                try:
                    return await work(installation)
                finally:
                    await installation.close()

        # Playwright holds this thread's loop.
        with ThreadPoolExecutor(1) as beside:
            return beside.submit(lambda: asyncio.run(opened())).result()

    def ask(self, kind: type[T], sql: Any, **values: Any) -> list[T]:
        """What the tables say."""

        async def work(installation: Installation) -> list[T]:
            database = installation.districts["town"].database
            async with database.tx(system_actor(SCHEMA), read_only=True) as tx:
                return await tx.many(kind, sql, **values)

        found: list[T] = self.run(work)
        return found

    def change(self, work: Callable[[Tx], Any]) -> Any:
        """`await work(tx)` as the system, committed."""

        async def opened(installation: Installation) -> Any:
            async with installation.districts["town"].database.tx(system_actor(SCHEMA)) as tx:
                return await work(tx)

        return self.run(opened)

    def sign_in(self, context: BrowserContext, key: str) -> None:
        """A session of somebody's without typing, second factor done."""

        async def work(installation: Installation) -> str:
            came = await enter(installation.districts["town"], key, PASSWORD, Visitor("desk"))
            return came.token

        context.add_cookies(
            [{"name": SESSION_COOKIE, "value": self.run(work), "url": self.url}]
        )


_numbers = iter(range(1_000_000))


@pytest.fixture(scope="module")
def town(
    copy_of_town: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """A served small town in which everybody of ACCOUNTS can sign in; one for each file of
    tests, so a test looks for what it did itself."""
    data_dir = tmp_path_factory.mktemp("town") / "data"
    (data_dir / "keys").mkdir(parents=True)
    (data_dir / "keys" / f"{SCHEMA}.key").write_bytes(VAULT.key)
    made = Town(copy_of_town(f"journey_{next(_numbers)}"), data_dir)

    async def accounts(tx: Tx) -> None:
        people = [small_town.PEOPLE[key] for key in ACCOUNTS]
        await create_demo_accounts(tx, [(p.id, p.key, p.area_code) for p in people], PASSWORD)

    made.change(accounts)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """While it is started it holds the thread's event loop: tests of other files, which have
    loops of their own, must not find it running."""
    with sync_playwright() as started:
        yield started


expect.set_options(timeout=PATIENCE)


@dataclass
class Browser:
    """A browser with a folder of its own; `close` and `open` again is a cold start."""

    playwright: Playwright
    folder: Path
    size: dict[str, int]
    options: dict[str, Any]
    context: BrowserContext | None = None

    def open(self, *, offline: bool = False) -> Page:
        """Start it. `offline` also says so to the page."""
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=_chromium(),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            viewport=self.size,  # type: ignore[arg-type]
            locale="zh-CN",
            offline=offline,
            **self.options,
        )
        self.context.set_default_timeout(PATIENCE)
        return self.context.pages[0] if self.context.pages else self.context.new_page()

    def close(self) -> None:
        if self.context is not None:
            self.context.close()
            self.context = None

    def kill(self) -> None:
        """No good-bye: its own processes, found by the folder they were started with."""
        mark = str(self.folder).encode()
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                with contextlib.suppress(OSError):
                    if mark in (process / "cmdline").read_bytes():
                        os.kill(int(process.name), signal.SIGKILL)
        with contextlib.suppress(Error):
            self.close()
        self.context = None
        for lock in self.folder.glob("Singleton*"):
            lock.unlink(missing_ok=True)

    def disk(self) -> bytes:
        """What a closed phone keeps in its database."""
        return b"".join(
            path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and "IndexedDB" in str(path)
        )


@pytest.fixture
def folder() -> Iterator[Path]:
    """For a browser's own files, which may still be written while they are thrown away."""
    with tempfile.TemporaryDirectory(
        prefix="wangge-browser-", ignore_cleanup_errors=True
    ) as made:
        yield Path(made)


@pytest.fixture
def phone(playwright: Playwright, folder: Path) -> Iterator[Browser]:
    """A phone of 360 by 740."""
    made = Browser(
        playwright,
        folder / "phone",
        PHONE,
        {
            "has_touch": True,
            "is_mobile": True,
            "device_scale_factor": 2,
            "permissions": ["geolocation"],
            "geolocation": {"longitude": 120.1015, "latitude": 30.102},
        },
    )
    yield made
    made.close()


@pytest.fixture
def screen(playwright: Playwright, folder: Path) -> Iterator[Browser]:
    """A desk's screen of 1280 by 800."""
    made = Browser(playwright, folder / "screen", DESK, {})
    yield made
    made.close()


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where pictures of the screens are left for a person to look at."""
    made = HERE.parents[1] / "test-results" / "shots"
    made.mkdir(parents=True, exist_ok=True)
    return made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)


def picture(path: Path, size: tuple[int, int] = (900, 600)) -> Path:
    """A photo of nothing in particular."""
    Image.effect_noise(size, 60).convert("RGB").save(path, "JPEG")
    return path


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Ask again until it holds: the worker hears of things in its own time."""
    for _ in range(120):
        if holds():
            return
        page.wait_for_timeout(500)
    raise AssertionError(holds)
