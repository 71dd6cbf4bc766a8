"""The real thing from nothing, as an ordinary account: `wangge init` twice on somebody else's
PostgreSQL, `wangge serve`, the first sign-in from an invitation in a browser, a backup that is
restored into a new folder, and an upgrade.

The server is Debian's PostgreSQL 15 where there is one, else a PostgreSQL of the embedded kind.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pyotp
import pytest
from playwright.sync_api import Page, expect, sync_playwright

import wangge
from wangge.cli.serving import answers
from wangge.kernel.postgres import find_runtime, system_runtimes, temporary_cluster

PATIENCE = 120.0
NEW_PASSWORD = "三员各有各的一句长话当密码"
INVITED = re.compile(r"(http://\S+/invitation/[\w-]+)(?:.*?)PIN \(say it[^)]*\): (\d{6})", re.S)
SOURCE = Path(wangge.__file__).parents[1]
PACKAGES = Path(asyncpg.__file__).parents[1]


def ordinary() -> tuple[dict[str, str], str]:
    """How to run something as an account without rights (keywords of Popen), and with which
    Python: ours may lie in root's own folder."""
    if os.geteuid() != 0:
        return {}, sys.executable
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/python{here}"):
        with contextlib.suppress(OSError):
            subprocess.run([python, "-c", ""], user="nobody", group="nogroup", check=True)
            return {"user": "nobody", "group": "nogroup"}, python
    pytest.skip("no Python here that an ordinary account can run")


@dataclass
class Machine:
    """A folder of an ordinary account, and the address of a database of its own."""

    place: Path
    dsn: str
    other_dsn: str

    def command(self, *args: str | Path) -> list[str]:
        return [ordinary()[1], "-m", "wangge.cli", *map(str, args)]

    def start(self, *args: str | Path, log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as output:
            return subprocess.Popen(
                self.command(*args),
                stdout=output,
                stderr=output,
                env=self._environment(),
                cwd=self.place,
                **ordinary()[0],  # type: ignore[call-overload]
            )

    def said(self, *args: str | Path) -> str:
        """What a command says; it must end well."""
        log = self.place / "said"
        process = self.start(*args, log=log)
        code = process.wait(PATIENCE)
        said = log.read_text("utf-8")
        assert code == 0, said
        return said

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{PACKAGES}:{SOURCE}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="wangge-real-"))
    made.chmod(0o777)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def machine(place: Path) -> Iterator[Machine]:
    runtime = next((r for r in system_runtimes() if r.major == 15), None) or find_runtime()
    with temporary_cluster(runtime) as cluster:
        owner = urlsplit(cluster.dsn()).username

        async def make() -> None:
            connection = await asyncpg.connect(cluster.admin_dsn())
            for name in ("real", "restored"):
                await connection.execute(f"create database {name} owner {owner}")
            await connection.close()

        asyncio.run(make())
        addresses = [
            urlunsplit(urlsplit(cluster.dsn())._replace(path=f"/{name}"))
            for name in ("real", "restored")
        ]
        yield Machine(place, *addresses)


def init(machine: Machine, code: str, slug: str, port: int) -> list[tuple[str, str]]:
    """A district's invitations: (link, PIN)."""
    said = machine.said(
        *("init", "--code", code, "--name", f"{slug}某区", "--slug", slug),
        *("--system", "甲管理", "--security", "乙管理", "--audit", "丙管理"),
        *("--url", f"http://127.0.0.1:{port}"),
        *("--database-url", machine.dsn, "--data-dir", machine.place / "var"),
    )
    found = INVITED.findall(said)
    assert len(found) == 3, said
    return found


def comes_in(page: Page, link: str, pin: str) -> None:
    """From the paper to the desk: PIN, password, authenticator."""
    page.goto(link)
    page.locator("#pin").fill(pin)
    page.locator("#password").fill(NEW_PASSWORD)
    page.locator("#again").fill(NEW_PASSWORD)
    page.locator("button[type=submit]").click()
    expect(page).to_have_url(re.compile("/sign-in/second$"))
    secret = page.locator("code").first.inner_text().replace(" ", "")
    page.locator("#code").fill(pyotp.TOTP(secret).now())
    page.locator("form button[type=submit]").first.click()
    page.get_by_role("link", name="抄好了,继续").click()
    expect(page.get_by_role("navigation").first).to_be_visible()


def status(address: str, cookie: str) -> int:
    asked = urllib.request.Request(address, headers={"Cookie": cookie})
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def ledger_end(machine: Machine, slug: str, *where: str | Path) -> str:
    """SEQ:HASH of a district's last sealed fact."""
    return machine.said("audit", "head", "--district", slug, *where).split()[-1]


def test_two_districts_on_a_server_of_somebody_elses(machine: Machine) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    where = ("--database-url", machine.dsn, "--data-dir", machine.place / "var")
    first = init(machine, "330212", "mou", port)
    second = init(machine, "330213", "lin", port)
    assert second[0][0].startswith(f"{address}/d/lin/")
    log = machine.place / "serve.log"
    server = machine.start("serve", "--port", str(port), "--workers", "2", *where, log=log)
    try:
        end = time.monotonic() + PATIENCE
        while not answers(address):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        with sync_playwright() as playwright:
            chromium = os.environ.get("WANGGE_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox"]
            )
            context = browser.new_context(locale="zh-CN")
            page = context.new_page()
            page.set_default_timeout(PATIENCE * 1000)
            comes_in(page, *first[0])
            session = "; ".join(f"{c['name']}={c['value']}" for c in context.cookies())
            # An invitation is good for one sign-in.
            page.goto(first[0][0])
            page.locator("#pin").fill(first[0][1])
            page.locator("#password").fill(NEW_PASSWORD)
            page.locator("#again").fill(NEW_PASSWORD)
            page.locator("button[type=submit]").click()
            expect(page.get_by_role("alert").first).to_be_visible()
            browser.close()
        # What opens one district is nobody in the other.
        assert status(f"{address}/api/v1/sessions", session) == 200
        assert status(f"{address}/d/lin/api/v1/sessions", session) == 401
        assert status(f"{address}/d/nowhere/api/v1/sessions", session) == 404

        # Backed up while it is served, once each has sealed something: before that, every ledger
        # ends at the same nothing.
        end = time.monotonic() + PATIENCE
        for slug in ("mou", "lin"):
            while ledger_end(machine, slug, *where).startswith("0:"):
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.1)
        passphrase = machine.place / "passphrase"
        passphrase.write_text("a passphrase for tests only\n")
        passphrase.chmod(0o644)
        file = machine.place / "backup.zip"
        machine.said("backup", file, "--passphrase-file", passphrase, *where)
        assert "✓" in machine.said("upgrade", "--backup-to", machine.place, *where)
        assert "✓" in machine.said("doctor", *where)
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE) == 0, log.read_text()

    back = ("--database-url", machine.other_dsn, "--data-dir", machine.place / "restored")
    machine.said("restore", file, "--passphrase-file", passphrase, *back)
    heads = {}
    for slug in ("mou", "lin"):
        # Whoever served while it was backed up went on noting facts: what came back is the ledger
        # up to the backup, so that its end is a point of the ledger that went on.
        district = ("--district", slug)
        assert "✓" in machine.said("audit", "verify", *district, *back)
        head = ledger_end(machine, slug, *back)
        assert "✓" in machine.said("audit", "verify", *district, "--expect", head, *where)
        heads[slug] = head
    assert heads["mou"] != heads["lin"]
    keys = [machine.place / var / "keys" for var in ("var", "restored")]
    assert [sorted(p.name for p in folder.iterdir()) for folder in keys] == [
        ["d_330212.key", "d_330213.key"]
    ] * 2


def test_an_ordinary_account_has_a_database_of_its_own(machine: Machine) -> None:
    var = machine.place / "embedded"
    said = machine.said(
        *("init", "--code", "330214", "--name", "独某区", "--slug", "du"),
        *("--system", "甲管理", "--security", "乙管理", "--audit", "丙管理"),
        *("--data-dir", var),
    )
    assert len(INVITED.findall(said)) == 3
    assert "✓" in machine.said("audit", "verify", "--data-dir", var)
    made = (var / "postgres").stat()
    assert made.st_uid != 0
    assert made.st_mode & 0o077 == 0
