"""The watermark, the ballast, and a disk that is really full."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from wangge.kernel.postgres import Cluster, ClusterError, DiskPolicy, Level
from wangge.kernel.postgres.processes import postmaster_of
from wangge.kernel.postgres.space import Ballast, space_at

MIB = 1024 * 1024


def levels(cluster: Cluster) -> dict[str, Level]:
    return {finding.code: finding.level for finding in cluster.diagnose()}


def test_the_ballast_is_real_bytes_and_gives_them_back(place: Path) -> None:
    ballast = Ballast(place, DiskPolicy(ballast=8 * MIB, watermark=0, floor=0))
    assert not ballast.whole
    assert ballast.keep()
    assert ballast.size >= 8 * MIB
    assert ballast.path.stat().st_mode & 0o077 == 0
    assert ballast.throw_off()
    assert not ballast.whole
    assert not ballast.throw_off()


def test_a_ballast_with_holes_is_not_whole(place: Path) -> None:
    ballast = Ballast(place, DiskPolicy(ballast=8 * MIB, watermark=0, floor=0))
    with ballast.path.open("wb") as file:
        file.truncate(8 * MIB)
    assert not ballast.whole
    assert ballast.keep()
    assert ballast.whole


def test_the_ballast_is_not_taken_on_board_below_the_watermark(place: Path) -> None:
    free = shutil.disk_usage(place).free
    policy = DiskPolicy(ballast=8 * MIB, watermark=free * 2, floor=0)
    assert space_at(place, policy).low
    assert not space_at(place, policy).critical
    assert not Ballast(place, policy).keep()
    assert not (place / "ballast").exists()


def test_doctor_speaks_of_space_and_ballast(place: Path) -> None:
    free = shutil.disk_usage(place).free
    cluster = Cluster(place / "state", disk=DiskPolicy(8 * MIB, watermark=0, floor=0))
    cluster.ensure()
    assert levels(cluster)["ballast-absent"] is Level.WARN
    cluster.ballast.keep()
    assert levels(cluster)["space"] is Level.OK
    assert "ballast-absent" not in levels(cluster)
    cluster.disk = DiskPolicy(8 * MIB, watermark=free * 2, floor=0)
    assert levels(cluster)["space-low"] is Level.WARN
    cluster.disk = DiskPolicy(8 * MIB, watermark=free * 2, floor=free * 2)
    assert levels(cluster)["space-critical"] is Level.ERROR


@pytest.fixture
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of 192 MiB."""
    disk = place / "disk"
    disk.mkdir()
    options = "size=192m,mode=0711"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", str(disk)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("no permission to mount a small file system here")
    yield disk
    if postmaster_of(disk / "state" / "data"):
        Cluster(disk / "state").stop("immediate")
    subprocess.run(["umount", str(disk)], check=True)


async def fill(dsn: str) -> int:
    """Write until the disk says no. Returns how many rows were acknowledged."""
    connection = await asyncpg.connect(dsn)
    rows = 0
    try:
        await connection.execute("create table kept (n int)")
        # A slot that nobody reads keeps the whole log: no checkpoint makes room again in between.
        await connection.execute("select pg_create_physical_replication_slot('kept', true)")
        with contextlib.suppress(
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError
        ):
            while True:
                # One short row, and a megabyte of log that belongs to nothing.
                await connection.execute(
                    "with log as (select pg_logical_emit_message(false, '', repeat('x', 1048576)))"
                    " insert into kept select $1 from log",
                    rows,
                )
                rows += 1
    finally:
        connection.terminate()
    return rows


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
def test_a_full_disk_is_survived_by_throwing_off_the_ballast(small_disk: Path) -> None:
    policy = DiskPolicy(ballast=40 * MIB, watermark=0, floor=20 * MIB)
    settings = {
        "shared_buffers": "16MB",
        "max_wal_size": "64MB",
        "min_wal_size": "32MB",
        # PostgreSQL is not to mend itself between the two: it would throw off half a segment of
        # its own, and whether that is enough is chance.
        "restart_after_crash": "off",
    }
    cluster = Cluster(small_disk / "state", settings=settings, disk=policy)
    cluster.start()
    assert cluster.ballast.whole
    rows = asyncio.run(fill(cluster.admin_dsn()))
    assert rows > 0
    fill_up(small_disk / "filler")
    while (living := cluster.postmaster) is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(living.pid, signal.SIGKILL)
        time.sleep(0.05)
    fill_up(small_disk / "filler")

    # Without the ballast there is no way back. An unsuccessful start loses nothing either.
    hopeless = Cluster(small_disk / "state", settings=settings, disk=DiskPolicy(0, 0, 0))
    with pytest.raises((ClusterError, OSError)):
        hopeless.start()
    assert cluster.ballast.whole

    said: list[str] = []
    cluster.start(lambda words: said.append(words.en))
    assert "The disk is full; the ballast was freed." in said
    assert asyncio.run(count(cluster.admin_dsn())) == rows
    asyncio.run(let_go(cluster.admin_dsn()))
    (small_disk / "filler").unlink()
    cluster.start()
    assert cluster.ballast.whole  # back on board for the next time
    cluster.stop()


def fill_up(path: Path) -> None:
    """Take every page that is left."""
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)


async def let_go(dsn: str) -> None:
    """The log is no longer kept."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("select pg_drop_replication_slot('kept')")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def count(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("select count(*) from kept"))
    finally:
        await connection.close()
