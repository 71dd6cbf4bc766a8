"""The worker as a process of its own: it seals, listens, ticks and does jobs; another takes over
when it is killed; the database may go away."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

import small_town
from wangge.kernel.actors import Role, system_actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Database
from wangge.kernel.retention import NIGHT, next_night
from wangge.people.commands.posts import give_post, hire
from wangge.worker.health import read_pulse

PATIENCE = 90.0
SHANGHAI = ZoneInfo("Asia/Shanghai")


def until(what: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def ask(dsn: str, query: str) -> list[Any]:
    async def do() -> list[Any]:
        connection = await asyncpg.connect(dsn, command_timeout=PATIENCE)
        try:
            return [tuple(row.values()) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(do())


def say_facts(dsn: str, number: int) -> None:
    """A few posts given: each says a fact."""

    async def do() -> None:
        database = await Database.connect(dsn, "town", connections=1)
        try:
            for n in range(number):
                async with database.tx(system_actor("town")) as tx:
                    person = await hire(tx, Vault(bytes(32)), f"戊样例{n}")
                    await give_post(tx, person.id, Role.GRID_HEAD, small_town.XINGHUA)
        finally:
            await database.close()

    asyncio.run(do())


def waiting(dsn: str) -> int:
    return int(ask(dsn, "select count(*) from town.kernel_outbox")[0][0])


def said(dsn: str) -> int:
    """Sealed facts of `say_facts`, each once."""
    (row,) = ask(
        dsn,
        "select count(*), count(distinct subject_id) from town.kernel_fact "
        "where kind = 'people.PostGiven'",
    )
    assert row[0] == row[1]
    return int(row[0])


class Crew:
    """Worker processes of one test."""

    def __init__(self, dsn: str, place: Path) -> None:
        self.dsn = dsn
        self.place = place
        self.all: list[subprocess.Popen[bytes]] = []

    def start(self) -> tuple[subprocess.Popen[bytes], Path]:
        """One worker, with a data folder of its own so that its pulse can be told apart."""
        data_dir = self.place / f"var{len(self.all)}"
        process = subprocess.Popen(
            [sys.executable, "-m", "wangge.worker"],
            env={
                **os.environ,
                "WANGGE_DATABASE_URL": self.dsn,
                "WANGGE_DATA_DIR": str(data_dir),
            },
        )
        self.all.append(process)
        return process, data_dir


def leads(data_dir: Path) -> bool:
    pulse = read_pulse(data_dir)
    return pulse is not None and any(d.leading for d in pulse.districts.values())


def beats(data_dir: Path) -> bool:
    pulse = read_pulse(data_dir)
    return pulse is not None and "town" in pulse.districts


@pytest.fixture
def crew(copy_of_town: Callable[[str], str], tmp_path: Path) -> Iterator[Crew]:
    made = Crew(copy_of_town(f"worker_{abs(hash(tmp_path)) % 10**9}"), tmp_path)
    yield made
    for process in made.all:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)


def test_facts_are_sealed_and_listeners_follow(crew: Crew) -> None:
    say_facts(crew.dsn, 5)
    process, data_dir = crew.start()
    until(lambda: waiting(crew.dsn) == 0)
    say_facts(crew.dsn, 3)
    until(lambda: said(crew.dsn) == 8)
    # The clock may say something of its own meanwhile: listeners are to reach whatever is last.
    until(
        lambda: (
            ask(
                crew.dsn,
                "select count(*) > 0 and bool_and(m.seq = c.seq) "
                "from town.kernel_mark m, town.kernel_chain c",
            )
            == [(True,)]
        )
    )
    until(lambda: leads(data_dir))
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    locks = "select count(*) from pg_locks where locktype = 'advisory' and classid = 727143"
    until(lambda: ask(crew.dsn, locks) == [(0,)])


def test_one_leads_and_the_other_takes_over_when_it_is_killed(crew: Crew) -> None:
    first, first_dir = crew.start()
    until(lambda: leads(first_dir))
    _second, second_dir = crew.start()
    until(lambda: beats(second_dir))
    say_facts(crew.dsn, 2)
    until(lambda: waiting(crew.dsn) == 0)
    assert not leads(second_dir)
    first.kill()
    until(lambda: leads(second_dir))
    say_facts(crew.dsn, 2)
    until(lambda: waiting(crew.dsn) == 0)
    assert said(crew.dsn) == 4
    assert ask(crew.dsn, "select count(*) = max(seq) from town.kernel_fact") == [(True,)]


def test_every_connection_is_cut_and_the_work_goes_on(
    crew: Crew, servers: tuple[str, str]
) -> None:
    process, data_dir = crew.start()
    until(lambda: leads(data_dir))
    name = crew.dsn.split("?")[0].rsplit("/", 1)[1]
    for _ in range(3):
        cut = ask(
            servers[0],
            "select pg_terminate_backend(pid) from pg_stat_activity "
            f"where datname = '{name}' and application_name like 'wangge%'",
        )
        assert cut
        say_facts(crew.dsn, 1)
        until(lambda: waiting(crew.dsn) == 0)
    assert process.poll() is None


def test_a_job_is_done_and_a_broken_one_is_left_for_a_person(crew: Crew) -> None:
    async def queue() -> None:
        connection = await asyncpg.connect(crew.dsn)
        try:
            await connection.execute(
                "insert into town.kernel_job (id, name, data, run_at) values "
                "(gen_random_uuid(), 'nobody.knows_this', '{}', now())"
            )
        finally:
            await connection.close()

    asyncio.run(queue())
    crew.start()
    until(
        lambda: (
            ask(crew.dsn, "select tries > 0 and error = 'KeyError' from town.kernel_job")
            == [(True,)]
        )
    )
    say_facts(crew.dsn, 1)
    until(lambda: waiting(crew.dsn) == 0)


def test_a_worker_without_an_address_says_so() -> None:
    env = {k: v for k, v in os.environ.items() if k != "WANGGE_DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "wangge.worker"],
        env=env,
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 2
    assert b"WANGGE_DATABASE_URL" in done.stderr


@pytest.mark.parametrize("hour", [0, 3, 4, 23])
def test_the_night_is_always_ahead_and_within_a_day(hour: int) -> None:
    moment = datetime(2026, 3, 18, hour, 10, tzinfo=SHANGHAI)
    ahead = next_night(moment)
    assert timedelta(0) < ahead - moment <= timedelta(days=1)
    assert ahead.time() == NIGHT
