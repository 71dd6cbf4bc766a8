"""Making, starting, joining and stopping a cluster."""

import socket
import stat
from pathlib import Path

import asyncpg
import pytest

from wangge.kernel.postgres import Cluster, ClusterError, system_runtimes, temporary_cluster
from wangge.kernel.postgres.processes import postmaster_of


async def fetch(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_first_start_makes_a_database_for_an_ordinary_role(cluster: Cluster) -> None:
    cluster.start()
    connection = await asyncpg.connect(cluster.dsn())
    try:
        await connection.execute(
            "create extension pg_trgm; create extension btree_gist; create schema d1"
        )
        role = await connection.fetchrow(
            "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
            " from pg_roles where rolname = current_user"
        )
        assert role is not None
        assert not any(role.values())
        owner = await connection.fetchval(
            "select pg_get_userbyid(datdba) from pg_database where datname = 'wangge'"
        )
        assert owner == "wangge"
        assert await connection.fetchval("show data_checksums") == "on"
        assert await connection.fetchval("show fsync") == "on"
        assert await connection.fetchval("show listen_addresses") == "127.0.0.1"
    finally:
        await connection.close()


async def test_chinese_has_trigrams(cluster: Cluster) -> None:
    cluster.start()
    connection = await asyncpg.connect(cluster.dsn())
    try:
        await connection.execute("create extension pg_trgm")
        assert len(await connection.fetchval("select show_trgm('网格员上报积水')")) == 8
    finally:
        await connection.close()


async def test_a_second_start_keeps_what_was_written(cluster: Cluster) -> None:
    cluster.start()
    await fetch(cluster.dsn(), "create table kept (n int)")
    await fetch(cluster.dsn(), "insert into kept values (7)")
    before, port = cluster.dsn(), cluster.port
    made = (cluster.data / "PG_VERSION").stat().st_mtime_ns
    cluster.stop()
    assert not cluster.running
    said: list[object] = []
    cluster.start(said.append)
    assert said == []  # nothing was made, copied or recovered
    assert (cluster.dsn(), cluster.port) == (before, port)
    assert (cluster.data / "PG_VERSION").stat().st_mtime_ns == made
    assert await fetch(cluster.dsn(), "select n from kept") == 7


async def test_nobody_gets_in_without_the_password(cluster: Cluster) -> None:
    cluster.start()
    wrong = cluster.dsn().replace("wangge:", "wangge:x", 1)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await fetch(wrong, "select 1")
    for name in ("passwords.json", "cluster.json"):
        mode = (cluster.state_dir / name).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600


async def test_another_object_of_the_same_directory_joins(cluster: Cluster) -> None:
    cluster.start()
    living = postmaster_of(cluster.data)
    other = Cluster(cluster.state_dir)
    with other:
        assert not other.owned
        assert await fetch(other.dsn(), "select 1") == 1
    # Leaving the joined one does not take the server from its owner.
    assert postmaster_of(cluster.data) == living
    other.stop()
    assert not cluster.running


def test_a_lost_data_directory_is_reported_and_not_replaced(cluster: Cluster) -> None:
    cluster.ensure()
    cluster.data.rename(cluster.home / "moved")
    with pytest.raises(ClusterError) as caught:
        cluster.start()
    assert caught.value.code == "data-missing"
    assert not cluster.data.exists()


async def test_lost_passwords_are_made_anew_and_the_data_stays(cluster: Cluster) -> None:
    cluster.start()
    await fetch(cluster.dsn(), "create table kept (n int)")
    old = cluster.dsn()
    cluster.stop()
    (cluster.state_dir / "passwords.json").unlink()
    cluster.start()
    assert cluster.dsn() != old
    assert await fetch(cluster.dsn(), "select count(*) from kept") == 0


async def test_a_taken_port_is_left_to_its_owner(cluster: Cluster, place: Path) -> None:
    cluster.ensure()
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", cluster.port))
        squatter.listen()
        wanted = Cluster(place / "other", port=cluster.port)
        with pytest.raises(ClusterError) as caught:
            wanted.start()
        assert caught.value.code == "port-taken"
        taken = cluster.port
        cluster.start()
        assert cluster.port != taken
        assert await fetch(cluster.dsn(), "select 1") == 1


async def test_a_throw_away_cluster_leaves_nothing() -> None:
    with temporary_cluster() as cluster:
        home, data = cluster.home, cluster.data
        assert await fetch(cluster.dsn(), "show fsync") == "off"
    assert not home.exists()
    assert postmaster_of(data) is None


@pytest.mark.skipif(not system_runtimes(), reason="no system PostgreSQL is installed")
async def test_a_system_postgres_does_as_well() -> None:
    runtime = system_runtimes()[0]
    with temporary_cluster(runtime) as cluster:
        connection = await asyncpg.connect(cluster.dsn())
        await connection.execute("create extension pg_trgm")
        assert await connection.fetchval("select show_trgm('网格员上报积水')")
        await connection.close()
