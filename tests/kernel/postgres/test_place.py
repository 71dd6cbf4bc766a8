"""Root and not root, out-of-reach directories, and programs out of reach."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from wangge.kernel.postgres import Cluster, ClusterError, DiskPolicy, find_runtime
from wangge.kernel.postgres.place import (
    make_directory,
    reachable,
    runtime_for,
    service_account,
    settle,
)
from wangge.kernel.postgres.processes import postmaster_of
from wangge.kernel.postgres.words import silent

SETTINGS = {"shared_buffers": "32MB", "max_wal_size": "256MB"}
NO_BALLAST = DiskPolicy(ballast=0, watermark=0, floor=0)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another")


@pytest.fixture
def hidden(place: Path) -> Iterator[Path]:
    """A directory nobody but us may enter."""
    inner = place / "private"
    inner.mkdir(mode=0o700)
    yield inner
    # What settled elsewhere on behalf of this directory goes with it.
    for record in inner.rglob("cluster.json"):
        home = Path(json.loads(record.read_text())["home"])
        if home.name.startswith("wangge-"):
            shutil.rmtree(home, ignore_errors=True)


async def select_one(dsn: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval("select 1")
    finally:
        await connection.close()


def test_a_directory_under_a_private_parent_works_and_stays_private(
    hidden: Path,
) -> None:
    cluster = Cluster(hidden / "state", settings=SETTINGS, disk=NO_BALLAST)
    with cluster:
        assert asyncio.run(select_one(cluster.dsn())) == 1
        assert (cluster.state_dir / "data").exists()
        again = Cluster(hidden / "state")
        assert again.home == cluster.home
        assert again.running
        if os.geteuid() == 0:
            assert cluster.home != cluster.state_dir
            assert "placed-elsewhere" in {one.code for one in cluster.diagnose()}
        else:
            assert cluster.home == cluster.state_dir
    assert stat.S_IMODE(hidden.stat().st_mode) == 0o700


@needs_root
async def test_a_lost_record_finds_the_same_data_again(hidden: Path) -> None:
    cluster = Cluster(hidden / "state", settings=SETTINGS, disk=NO_BALLAST)
    with cluster:
        connection = await asyncpg.connect(cluster.dsn())
        await connection.execute("create table kept (n int)")
        await connection.close()
    shutil.rmtree(cluster.state_dir)
    with Cluster(hidden / "state", settings=SETTINGS, disk=NO_BALLAST) as again:
        connection = await asyncpg.connect(again.dsn())
        assert await connection.fetchval("select count(*) from kept") == 0
        await connection.close()


@needs_root
async def test_programs_out_of_reach_are_copied_once(hidden: Path, place: Path) -> None:
    found = find_runtime()
    root = hidden / found.root.name
    shutil.copytree(found.root, root, symlinks=True)
    beside = found.root.with_name(f"{found.root.name}.libs")
    if beside.is_dir():
        shutil.copytree(beside, hidden / beside.name, symlinks=True)
    far = replace(found, root=root, bindir=root / found.bindir.relative_to(found.root))
    account = service_account(None)
    assert not reachable(far.bindir, account)
    said: list[object] = []
    copied = runtime_for(far, account, said.append)
    try:
        assert len(said) == 1
        assert runtime_for(far, account, said.append) == copied
        assert len(said) == 1
        cluster = Cluster(place / "state", runtime=far, settings=SETTINGS, disk=NO_BALLAST)
        with cluster:
            assert cluster.pgbin("pg_dump") == copied.bindir / "pg_dump"
            assert await select_one(cluster.dsn()) == 1
    finally:
        shutil.rmtree(copied.root.parent)
        with contextlib.suppress(OSError):  # somebody else's copies may be beside it
            copied.root.parent.parent.rmdir()


def test_the_state_directory_appears_with_its_final_mode(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a second starter could see it closed, and make a second database elsewhere."""
    state = place / "state"
    seen: list[bool] = []
    change = Path.chmod

    def watch(path: Path, mode: int) -> None:
        seen.append(state.exists())
        change(path, mode)

    monkeypatch.setattr(Path, "chmod", watch)
    make_directory(state)
    make_directory(state)  # another process was quicker
    assert seen[0] is False
    assert stat.S_IMODE(state.stat().st_mode) == (0o711 if os.geteuid() == 0 else 0o700)
    assert [path.name for path in place.iterdir()] == ["state"]


@needs_root
def test_a_squatted_place_is_not_used(
    hidden: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = service_account(None)
    assert account is not None
    monkeypatch.setattr("wangge.kernel.postgres.place.FAR_PLACES", (place,))
    squatted = settle(hidden, account)
    assert squatted.parent == place
    os.chown(squatted, account.uid, account.gid)
    with pytest.raises(ClusterError) as caught:
        settle(hidden, account)
    assert caught.value.code == "not-writable"


@needs_root
def test_an_ordinary_account_runs_its_own_cluster(place: Path) -> None:
    account = service_account(None)
    assert account is not None
    runtime = runtime_for(find_runtime(), account, silent)
    os.chown(place, account.uid, account.gid)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # as that account from here on; never returns into pytest
        try:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
            cluster = Cluster(
                place / "state", runtime=runtime, settings=SETTINGS, disk=NO_BALLAST
            )
            cluster.start()
            os.write(writing, f"{cluster.account} {cluster.home}".encode())
            signal.pause()
        except BaseException as error:
            os.write(writing, repr(error).encode())
        finally:
            os._exit(1)
    os.close(writing)
    try:
        assert os.read(reading, 4096).decode() == f"None {place / 'state'}"
        living = postmaster_of(place / "state" / "data")
        assert living is not None
        assert Path(f"/proc/{living.pid}").stat().st_uid == account.uid
        assert stat.S_IMODE((place / "state").stat().st_mode) == 0o700
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        Cluster(place / "state").stop("immediate")
