"""`wangge run` for real: the community is loaded, requests are answered, and whatever is killed,
every acknowledged write is there afterwards.

One data folder for the whole file, with the real files' durability (fsync on); the tests run in
their order. Waiting is bounded generously: what is asserted is that it happens, not how fast.
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
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import asyncpg
import psutil
import pytest

from wangge.cli.serving import answers
from wangge.demo.accounts import PASSWORD
from wangge.demo.simulate import Browser, Refused, simulation
from wangge.demo.there import loaded
from wangge.kernel.moments import new_id
from wangge.kernel.postgres import Cluster
from wangge.worker.children import read_children
from wangge.worker.health import read_pulse
from wangge.worker.supervise import is_held

PATIENCE = 120.0


def until(what: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + patience
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


class House:
    """One installation and the process that runs it."""

    def __init__(self, place: Path, port: int) -> None:
        self.var = place / "var"
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.output = place / "output"
        self.parent: subprocess.Popen[bytes] | None = None
        self.acknowledged: list[UUID] = []
        self.refused: list[str] = []

    def start(self, *flags: str) -> str:
        """`wangge run`, until it answers; what it said."""
        with self.output.open("wb") as output:
            self.parent = subprocess.Popen(
                [
                    *(sys.executable, "-m", "wangge.cli", "run", "--no-simulation"),
                    *("--port", str(self.port), "--data-dir", str(self.var), *flags),
                ],
                stdout=output,
                stderr=output,
                env={**os.environ, "WANGGE_DEBUG": "1"},
            )
        until(lambda: self.answers() or self.parent is None or self.parent.poll() is not None)
        assert self.parent.poll() is None, self.said()
        until(lambda: "worker" in self.children())
        return self.said()

    def said(self) -> str:
        return self.output.read_text("utf-8", "replace")

    def answers(self) -> bool:
        return answers(self.address)

    def children(self) -> dict[str, int]:
        return read_children(self.var / "run" / "children.json")

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.var / "postgres")

    def everybody(self) -> list[psutil.Process]:
        """The parent and all that it started, PostgreSQL too."""
        assert self.parent is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.parent.pid)
            return [parent, *parent.children(recursive=True)]
        return []

    def worker_browser(self) -> Browser:
        browser = Browser(self.address)
        browser.ask("POST", "/api/v1/session", {"login": "worker", "password": "wangge-demo"})
        return browser

    @contextlib.contextmanager
    def reporting(self) -> Iterator[None]:
        """Somebody reports all the while; what was answered 201 is noted. A deed without an
        answer is sent again, with the same id, as a phone does."""
        stop = threading.Event()
        began = len(self.acknowledged)

        def report() -> None:
            browser: Browser | None = None
            id_ = new_id()
            while not stop.is_set():
                try:
                    browser = browser or self.worker_browser()
                    body = {"id": str(id_), "words": "小区北门路面积水", "class_code": "E0105"}
                    browser.ask(
                        "POST", "/api/v1/cases", body | {"area_code": "990001001001001"}
                    )
                    self.acknowledged.append(id_)
                    id_ = new_id()
                    time.sleep(0.02)
                except (Refused, OSError) as no:
                    self.refused.append(str(no))
                    time.sleep(0.1)

        thread = threading.Thread(target=report)
        thread.start()
        try:
            until(lambda: len(self.acknowledged) > began + 3)
            yield
        finally:
            stop.set()
            thread.join(PATIENCE)
            assert not thread.is_alive(), "somebody's report is neither answered nor refused"

    def goes_on(self) -> None:
        """While somebody reports: wait until answers come again."""
        number = len(self.acknowledged)
        until(lambda: len(self.acknowledged) > number + 3)

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        async def ask() -> list[tuple[object, ...]]:
            connection = await asyncpg.connect(self.cluster.dsn())
            try:
                await connection.execute("set search_path = d_990001")
                return [tuple(row.values()) for row in await connection.fetch(query, *values)]
            finally:
                await connection.close()

        return asyncio.run(ask())

    def lost(self) -> set[UUID]:
        """Acknowledged cases that are not there."""
        ids = self.acknowledged
        found = self.rows("select id from cases_case where id = any($1::uuid[])", ids)
        return set(ids) - {UUID(str(row[0])) for row in found}

    def sealed(self) -> bool:
        """Whether the relay has caught up with everything acknowledged."""
        rows = self.rows(
            "select count(distinct subject_id) from kernel_fact "
            "where kind = 'cases.CaseReported' and subject_id = any($1::uuid[])",
            self.acknowledged,
        )
        return rows[0][0] == len(set(self.acknowledged))


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    place = Path(tempfile.mkdtemp(prefix="wangge-house-"))
    place.chmod(0o711)  # PostgreSQL's account passes through
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = House(place, port)
    yield made
    if made.parent is not None and made.parent.poll() is None:
        made.parent.send_signal(signal.SIGINT)
        try:
            made.parent.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            made.parent.kill()
            made.parent.wait(PATIENCE)
    with contextlib.suppress(Exception):
        made.cluster.stop("immediate")
    home = made.cluster.home
    shutil.rmtree(place, ignore_errors=True)
    if home.name.startswith("wangge-"):
        shutil.rmtree(home, ignore_errors=True)


def test_the_first_start_loads_the_town_and_says_where_it_is(house: House) -> None:
    said = house.start()
    assert house.address in said
    assert "wangge-demo" in said
    assert "试试看" in said
    assert "What to try" in said
    assert house.rows("select count(*) > 3000 from cases_case") == [(True,)]
    assert house.worker_browser().ask("GET", "/api/v1/me")["district_code"] == "990001"


def test_a_second_runner_is_told_where_it_runs(house: House) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "wangge.cli", "run", "--data-dir", str(house.var)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert house.address in second.stderr
    assert "Traceback" not in second.stderr


def test_the_simulation_does_what_people_do_through_the_api(house: House) -> None:
    found = asyncio.run(loaded(house.cluster.dsn()))
    assert found is not None
    people = [
        {"login": a.login, "role": a.role, "area_code": a.area_code, "org": a.org}
        for a in found.accounts
    ]
    plan = {"address": house.address, "password": PASSWORD, "people": people}
    played = simulation(plan, seed=7)
    before = house.rows("select verb, count(*)::int from cases_step group by 1")
    end = time.monotonic() + PATIENCE
    while played.reported < 4 or played.done < 12:
        assert time.monotonic() < end, (played.reported, played.done)
        with contextlib.suppress(Refused):
            played.report()
        for _ in range(4):
            with contextlib.suppress(Refused):
                played.work()
    after = dict(house.rows("select verb, count(*)::int from cases_step group by 1"))
    moved = {verb for verb, number in after.items() if number != dict(before).get(verb)}
    assert {"report", "ack"} <= moved
    assert len(moved) >= 4


def test_the_web_server_is_killed(house: House) -> None:
    with house.reporting():
        before = house.children()["web"]
        os.killpg(before, signal.SIGKILL)
        house.goes_on()
    assert house.children()["web"] != before
    assert house.lost() == set()


def test_only_the_web_servers_parent_is_killed(house: House) -> None:
    """Its own children must not keep the port."""
    with house.reporting():
        before = house.children()["web"]
        os.kill(before, signal.SIGKILL)
        until(lambda: house.children().get("web", before) != before)
        house.goes_on()
    assert house.lost() == set()


def test_the_worker_is_killed(house: House) -> None:
    with house.reporting():
        before = house.children()["worker"]
        os.kill(before, signal.SIGKILL)
        until(lambda: house.children().get("worker", before) != before)
        house.goes_on()
    assert house.lost() == set()
    until(house.sealed)
    pulse = read_pulse(house.var)
    assert pulse is not None
    assert pulse.pid == house.children()["worker"]


def test_postgresql_is_killed(house: House) -> None:
    with house.reporting():
        postmaster = house.cluster.postmaster
        assert postmaster is not None
        os.kill(postmaster.pid, signal.SIGKILL)
        until(lambda: (new := house.cluster.postmaster) and new.pid != postmaster.pid)
        house.goes_on()
    assert house.lost() == set()
    until(house.sealed)


def test_the_parent_is_killed_and_takes_everybody_with_it(house: House) -> None:
    everybody = house.everybody()
    assert len(everybody) > 4
    with house.reporting():
        assert house.parent is not None
        house.parent.kill()
        house.parent.wait(PATIENCE)
        until(lambda: not any(_lives(process) for process in everybody))
    said = house.start()
    assert "建立演示区" not in said
    assert house.lost() == set()
    with house.reporting():
        pass
    until(house.sealed)


def test_everybody_is_killed_at_once(house: House) -> None:
    with house.reporting():
        for process in house.everybody():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        assert house.parent is not None
        house.parent.wait(PATIENCE)
    assert not is_held(house.var / "run")
    house.start()
    assert house.lost() == set()
    until(house.sealed)


def test_ctrl_c_ends_everybody_in_order(house: House) -> None:
    everybody = house.everybody()
    assert house.parent is not None
    with house.reporting():
        house.parent.send_signal(signal.SIGINT)
        assert house.parent.wait(60) == 0
    assert not any(_lives(process) for process in everybody)
    assert not (house.var / "run" / "children.json").exists()
    log = house.cluster.recent_log()
    assert "database system is shut down" in log
    house.cluster.start()
    try:
        assert house.lost() == set()
    finally:
        house.cluster.stop()


def test_a_start_on_a_taken_port_is_explained(house: House) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        said = subprocess.run(
            [
                *(sys.executable, "-m", "wangge.cli", "run"),
                *("--data-dir", str(house.var), "--port", port),
            ],
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert said.returncode == 1
    assert port in said.stderr
    assert "Traceback" not in said.stderr


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
