"""What a crash, a killed parent, or another starter must not break."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from wangge.kernel.postgres import Cluster, Restart, Supervisor
from wangge.kernel.postgres.processes import (
    is_postgres_on,
    kill_backends,
    postmaster_of,
    read_pid_file,
)

LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver says when killed in the middle of a word
)

STARTER = """
import sys
from pathlib import Path
from wangge.kernel.postgres import Cluster
from wangge.kernel.postgres.processes import postmaster_of
cluster = Cluster(Path(sys.argv[1]), settings={"shared_buffers": "32MB"})
cluster.start()
living = postmaster_of(cluster.data)
print(living.pid, cluster.owned, flush=True)
sys.stdin.read()
cluster.release()
"""


def wait_for(true: Callable[[], bool], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)


@contextlib.contextmanager
def starter(state: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that starts, or joins, the cluster and keeps it until told."""
    source = Path(__file__).resolve().parents[3] / "src"
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(source)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=60)


@pytest.fixture
def supervised(cluster: Cluster) -> Iterator[tuple[Cluster, list[Restart]]]:
    restarts: list[Restart] = []
    supervisor = Supervisor(cluster, on_restart=restarts.append)
    cluster.start()
    supervisor.start()
    yield cluster, restarts
    supervisor.stop()


def postmaster_pid(cluster: Cluster) -> int:
    living = postmaster_of(cluster.data)
    assert living is not None
    return living.pid


async def write_until(dsn: str, writer: int, kept: list[int], ending: asyncio.Event) -> None:
    """Insert numbers one by one and remember those whose commit was acknowledged."""
    number = writer * 10_000_000
    while not ending.is_set():
        try:
            connection = await asyncpg.connect(dsn, timeout=5)
            while not ending.is_set():
                number += 1
                await connection.execute("insert into kept values ($1)", number)
                kept.append(number)
        except LOST:
            await asyncio.sleep(0.02)
        else:
            await connection.close()


async def test_no_acknowledged_row_is_lost_when_the_postmaster_is_killed(
    supervised: tuple[Cluster, list[Restart]],
) -> None:
    cluster, restarts = supervised
    connection = await asyncpg.connect(cluster.dsn())
    await connection.execute("create table kept (n bigint primary key)")
    await connection.close()
    kept: list[int] = []
    ending = asyncio.Event()
    writers = [
        asyncio.create_task(write_until(cluster.dsn(), n, kept, ending)) for n in range(6)
    ]
    for kill in (1, 2):
        await asyncio.sleep(0.5)
        os.kill(postmaster_pid(cluster), signal.SIGKILL)
        await asyncio.to_thread(wait_for, lambda kill=kill: len(restarts) >= kill)
        enough = len(kept) + 50
        await asyncio.to_thread(wait_for, lambda enough=enough: len(kept) > enough)
    ending.set()
    await asyncio.gather(*writers)
    connection = await asyncpg.connect(cluster.dsn())
    there = {row["n"] for row in await connection.fetch("select n from kept")}
    await connection.close()
    assert len(restarts) == 2
    assert [number for number in kept if number not in there] == []


async def test_a_busy_orphan_does_not_keep_the_server_down(
    supervised: tuple[Cluster, list[Restart]],
) -> None:
    cluster, restarts = supervised
    connection = await asyncpg.connect(cluster.dsn())
    backend = await connection.fetchval("select pg_backend_pid()")
    busy = asyncio.create_task(
        connection.fetchval("select count(*) from generate_series(1, 2000000000)")
    )
    await asyncio.sleep(0.3)
    os.kill(postmaster_pid(cluster), signal.SIGKILL)
    await asyncio.to_thread(wait_for, lambda: len(restarts) == 1)
    assert not is_postgres_on(backend, cluster.data)
    with pytest.raises(LOST):
        await busy
    connection.terminate()


def test_a_server_stopped_on_purpose_stays_stopped(
    supervised: tuple[Cluster, list[Restart]],
) -> None:
    cluster, restarts = supervised
    Cluster(cluster.state_dir).stop()
    time.sleep(0.6)
    assert not cluster.running
    cluster.start()
    assert restarts == []


def test_the_supervisor_gives_up_on_a_server_that_cannot_start(cluster: Cluster) -> None:
    cluster.start()
    gone: list[str] = []
    supervisor = Supervisor(cluster, on_give_up=lambda why: gone.append(why.code), most=2)
    supervisor.start()
    pid = postmaster_pid(cluster)
    control = cluster.data / "global" / "pg_control"
    control.rename(control.with_name("hidden"))
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: bool(gone))
    supervisor.stop()
    assert gone == ["start-failed"]
    control.with_name("hidden").rename(control)
    cluster.start()


def test_the_server_ends_with_a_killed_parent_and_starts_again(cluster: Cluster) -> None:
    with starter(cluster.state_dir) as parent:
        assert parent.stdout is not None
        pid, owned = parent.stdout.readline().split()
        assert owned == "True"
        parent.kill()
        parent.wait(60)
        wait_for(lambda: not is_postgres_on(int(pid), cluster.data))
    assert read_pid_file(cluster.data) is None  # it was a clean shutdown
    cluster.start()
    assert postmaster_pid(cluster) != int(pid)


def test_the_server_outlives_the_thread_that_started_it(cluster: Cluster) -> None:
    thread = threading.Thread(target=cluster.start)
    thread.start()
    thread.join(60)
    pid = postmaster_pid(cluster)
    time.sleep(0.5)
    assert is_postgres_on(pid, cluster.data)


def test_a_recycled_pid_in_the_pid_file_is_not_believed_and_not_harmed(
    cluster: Cluster,
) -> None:
    cluster.ensure()
    account = cluster.account
    run_as = account.run_as if account else {}
    # A stranger of the same account: PostgreSQL by itself would refuse to start beside it.
    stranger = subprocess.Popen(["sleep", "600"], **run_as)
    try:
        lines = [str(stranger.pid), str(cluster.data), "1", str(cluster.port), "", "127.0.0.1"]
        pid_file = cluster.data / "postmaster.pid"
        pid_file.write_text("\n".join([*lines, "", "ready", ""]))
        if account is not None:
            os.chown(pid_file, account.uid, account.gid)
        assert not cluster.running
        assert "stale-pid" in {finding.code for finding in cluster.diagnose()}
        cluster.start()
        assert postmaster_pid(cluster) != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait(60)


def test_a_stranger_in_the_data_directory_is_not_killed(cluster: Cluster) -> None:
    cluster.ensure()
    visitor = subprocess.Popen(["sleep", "600"], cwd=cluster.data)
    try:
        assert kill_backends(cluster.data) == 0
        assert visitor.poll() is None
    finally:
        visitor.kill()
        visitor.wait(60)


def test_a_neighbour_on_the_same_machine_is_not_touched(cluster: Cluster, place: Path) -> None:
    """Breaking this rule kills every PostgreSQL in sight: try that in a pid namespace only."""
    cluster.start()
    neighbour = Cluster(place / "neighbour", disk=cluster.disk)
    neighbour.start()
    try:
        pid = postmaster_pid(neighbour)
        assert not is_postgres_on(pid, cluster.data)
        os.kill(postmaster_pid(cluster), signal.SIGKILL)
        wait_for(lambda: not cluster.running)
        cluster.start()
        assert postmaster_pid(neighbour) == pid
    finally:
        neighbour.stop("immediate")


def test_starters_at_once_share_one_server(cluster: Cluster) -> None:
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(starter(cluster.state_dir)) for _ in range(3)]
        said = [process.stdout.readline().split() for process in processes if process.stdout]
        assert len({pid for pid, _owned in said}) == 1
        assert sorted(owned for _pid, owned in said) == ["False", "False", "True"]


def test_a_joined_server_is_taken_over_when_its_parent_dies(cluster: Cluster) -> None:
    with starter(cluster.state_dir) as parent:
        assert parent.stdout is not None
        first = int(parent.stdout.readline().split()[0])
        cluster.start()
        assert not cluster.owned
        restarts: list[Restart] = []
        supervisor = Supervisor(cluster, on_restart=restarts.append)
        supervisor.start()
        parent.kill()
        wait_for(lambda: len(restarts) == 1)
        supervisor.stop()
    assert cluster.owned
    assert postmaster_pid(cluster) != first
