"""What `wangge doctor` says about the database."""

import asyncio
import os
import pwd
import traceback
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from wangge.kernel.postgres import (
    Cluster,
    ClusterError,
    Level,
    check_server,
    system_runtimes,
)


def levels(cluster: Cluster) -> dict[str, Level]:
    return {finding.code: finding.level for finding in cluster.diagnose()}


def test_before_the_first_start_nothing_is_made(place: Path) -> None:
    cluster = Cluster(place / "state")
    assert levels(cluster) == {"runtime": Level.OK, "not-made": Level.OK}
    assert not cluster.state_dir.exists()


def test_a_running_cluster_is_well(cluster: Cluster) -> None:
    cluster.start()
    seen = levels(cluster)
    assert {"runtime", "running", "trigram", "space"} <= set(seen)
    assert set(seen.values()) == {Level.OK}
    assert Level.ERROR not in {one.level for one in check_server(cluster.dsn())}


def test_the_locale_trap_is_found(cluster: Cluster) -> None:
    cluster.start()

    async def make_trapped() -> None:
        connection = await asyncpg.connect(cluster.admin_dsn())
        await connection.execute(
            "create database trapped template template0 encoding 'UTF8'"
            " locale_provider libc locale 'C'"
        )
        await connection.close()

    asyncio.run(make_trapped())
    codes = {one.code for one in check_server(cluster.admin_dsn("trapped"))}
    assert {"locale-trap", "superuser"} <= codes
    assert "superuser" not in {one.code for one in check_server(cluster.dsn())}


def test_a_server_out_of_reach_is_one_finding(cluster: Cluster) -> None:
    cluster.ensure()
    assert [one.code for one in check_server(cluster.dsn())] == ["no-connection"]
    assert levels(cluster)["not-running"] is Level.WARN


def test_readable_passwords_are_an_error(cluster: Cluster) -> None:
    cluster.ensure()
    (cluster.state_dir / "passwords.json").chmod(0o644)
    assert levels(cluster)["passwords-readable"] is Level.ERROR


def test_data_of_another_version_is_left_alone(cluster: Cluster) -> None:
    cluster.ensure()
    version = cluster.data / "PG_VERSION"
    version.write_text("14\n")
    fresh = Cluster(cluster.state_dir)
    assert levels(fresh)["version-mismatch"] is Level.ERROR
    with pytest.raises(ClusterError) as caught:
        fresh.start()
    assert caught.value.code == "version-mismatch"
    assert version.read_text() == "14\n"


@pytest.mark.skipif(not system_runtimes(), reason="no system PostgreSQL is installed")
def test_data_choose_the_programs_that_fit(place: Path) -> None:
    runtime = system_runtimes()[0]
    Cluster(place / "state", runtime=runtime).ensure()
    assert Cluster(place / "state").runtime.major == runtime.major


def test_a_damaged_record_is_said(cluster: Cluster) -> None:
    cluster.ensure()
    (cluster.state_dir / "cluster.json").write_text("{")
    with pytest.raises(ClusterError) as caught:
        cluster.start()
    assert caught.value.code == "not-readable"
    (cluster.state_dir / "cluster.json").unlink()


def as_nobody(place: Path, work: Callable[[], None]) -> str:
    """Do it as somebody without rights, who owns `place`; what went wrong, or "". Root may write
    everywhere, so root does it in a child that is `nobody`."""
    if os.geteuid() != 0:
        work()
        return ""
    nobody = pwd.getpwnam("nobody")
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        said = ""
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            work()
        except BaseException:
            said = traceback.format_exc()
        os.write(writes, said[-4000:].encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


def test_a_read_only_place_is_said(place: Path) -> None:
    levels(Cluster(place / "state"))  # whatever is imported late is read while we may
    place.chmod(0o500)

    def look() -> None:
        cluster = Cluster(place / "state")
        assert levels(cluster)["not-writable"] is Level.ERROR
        with pytest.raises(ClusterError):
            cluster.ensure()
        assert not (place / "state").exists()

    assert as_nobody(place, look) == ""
    place.chmod(0o700)
