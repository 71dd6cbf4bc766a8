"""Backup and restore, rehearsed: everything is there afterwards, and so are the locks."""

import asyncio
import zipfile
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from cli_kit import VAULT, Wangge, ask, numbers, sql

import small_town
from wangge.cli.archive import read_manifest
from wangge.kernel import migrate
from wangge.kernel.actors import Role, system_actor
from wangge.kernel.audit import verify
from wangge.kernel.database import Database
from wangge.kernel.files import Shelf, keep
from wangge.kernel.moments import new_id
from wangge.kernel.relay import Relay
from wangge.people.commands.posts import give_post, hire

SECRET = "a passphrase for tests only"
PICTURE = b"not really a picture, but bytes all the same"


async def live_a_little(dsn: str, data_dir: Path) -> None:
    """Facts, sealed ones; a photo; and a key."""
    (data_dir / "keys").mkdir(parents=True)
    (data_dir / "keys" / "town.key").write_bytes(VAULT.key)
    database = await Database.connect(dsn, "town", connections=1)
    try:
        for n in range(3):
            async with database.tx(system_actor("town")) as tx:
                person = await hire(tx, VAULT, f"甲样例{n}", "19900000001")
                await give_post(tx, person.id, Role.GRID_HEAD, small_town.XINGHUA)
                await keep(
                    tx, Shelf(data_dir / "files" / "town"), new_id(), PICTURE, "image/jpeg"
                )
        relay = Relay(database)
        assert await relay.seal() == 3
        await relay.close()
    finally:
        await database.close()


@pytest.fixture
def town(copy_of_town: Callable[[str], str], tmp_path: Path) -> tuple[str, Path]:
    """A copy of the small town with some life in it: (DSN, data folder)."""
    dsn = copy_of_town(f"backup_{next(numbers)}")
    asyncio.run(live_a_little(dsn, tmp_path / "var"))
    return dsn, tmp_path / "var"


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(SECRET + "\n")
    return path


def content(dsn: str) -> dict[str, list[object]]:
    """Every row of every table, as text."""
    tables = ask(dsn, "select tablename from pg_tables where schemaname = 'town' order by 1")
    return {
        name: ask(
            dsn, f'select t::text from town."{name}" t order by 1', "set app.areas = 'all'"
        )
        for (name,) in tables
    }


def test_everything_comes_back_and_so_do_the_locks(
    wangge: Wangge,
    town: tuple[str, Path],
    passphrase: Path,
    empty_database: Callable[[], str],
    tmp_path: Path,
) -> None:
    dsn, var = town
    file, after, new_var = tmp_path / "b.zip", empty_database(), tmp_path / "elsewhere"
    made = wangge(
        *("backup", file, "--passphrase-file", passphrase),
        *("--database-url", dsn, "--data-dir", var),
    )
    assert made.code == 0, made.said
    assert file.stat().st_mode & 0o077 == 0
    assert VAULT.key not in file.read_bytes()

    back = wangge(
        *("restore", file, "--passphrase-file", passphrase),
        *("--database-url", after, "--data-dir", new_var),
    )
    assert back.code == 0, back.said
    before = content(dsn)
    assert sum(map(len, before.values())) == read_manifest(file).rows
    assert content(after) == before
    assert len(before["people_resident"]) > 0
    assert ask(after, "select slug, code, name from wangge_shared.district") == ask(
        dsn, "select slug, code, name from wangge_shared.district"
    )
    assert (new_var / "keys" / "town.key").read_bytes() == VAULT.key
    (sha256,) = {row[0] for row in ask(after, "select sha256 from town.kernel_file")}
    assert Shelf(new_var / "files" / "town").get(sha256) == PICTURE

    assert asyncio.run(verify(after, "town")).facts == 3
    sees_nobody = ask(after, "select count(*) from town.people_resident")
    assert sees_nobody == [(0,)]
    some = ask(
        after,
        "select count(*) from town.people_resident",
        f"set app.areas = '{small_town.XINGHUA}'",
    )
    assert 0 < some[0][0] < len(before["people_resident"])
    for statement in (
        "update town.kernel_fact set kind = 'x'",
        "delete from town.kernel_fact",
        "truncate town.kernel_fact",
        "delete from town.cases_step",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            sql(after, statement)


def test_nothing_is_ever_written_over(
    wangge: Wangge, town: tuple[str, Path], copy_of_town: Callable[[str], str], tmp_path: Path
) -> None:
    dsn, var = town
    file = tmp_path / "b.zip"
    assert wangge("backup", file, "--database-url", dsn, "--data-dir", var).code == 0
    again = wangge("backup", file, "--database-url", dsn, "--data-dir", var)
    assert again.code == 1
    assert "没有覆盖" in again.err
    other = copy_of_town("backup_target")
    before = content(other)
    for flags in ((), ("--into-empty-schema",)):
        refused = wangge("restore", file, *flags, "--database-url", other, "--data-dir", var)
        assert refused.code == 1, flags
    assert content(other) == before


def test_a_backup_without_a_passphrase_has_no_keys_and_says_so(
    wangge: Wangge, town: tuple[str, Path], empty_database: Callable[[], str], tmp_path: Path
) -> None:
    dsn, var = town
    made = wangge("backup", tmp_path / "b.zip", "--database-url", dsn, "--data-dir", var)
    assert "不含密钥" in made.out
    assert not any("keys/" in name for name in zipfile.ZipFile(tmp_path / "b.zip").namelist())
    back = wangge(
        *("restore", tmp_path / "b.zip", "--database-url", empty_database()),
        *("--data-dir", tmp_path / "new"),
    )
    assert back.code == 0
    assert "还缺密钥" in back.out
    assert not (tmp_path / "new" / "keys" / "town.key").exists()


def test_a_wrong_passphrase_or_a_damaged_file_changes_nothing(
    wangge: Wangge,
    town: tuple[str, Path],
    passphrase: Path,
    empty_database: Callable[[], str],
    tmp_path: Path,
) -> None:
    dsn, var = town
    file, target = tmp_path / "b.zip", empty_database()
    where = ("--database-url", target, "--data-dir", tmp_path / "new")
    wangge(
        *("backup", file, "--passphrase-file", passphrase),
        *("--database-url", dsn, "--data-dir", var),
    )
    wrong = tmp_path / "wrong"
    wrong.write_text("another passphrase entirely")
    assert wangge("restore", file, "--passphrase-file", wrong, *where).code == 1
    assert wangge("restore", file, *where).code == 1

    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("/people_staff"):
                data = data.replace("甲样例".encode(), "乙样例".encode(), 1)
            new.writestr(name, data)
    refused = wangge("restore", damaged, "--passphrase-file", passphrase, *where)
    assert refused.code == 1
    assert "损坏" in refused.err
    half = tmp_path / "half.zip"
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert wangge("restore", half, "--passphrase-file", passphrase, *where).code == 1
    assert ask(target, "select 1 from pg_namespace where nspname = 'town'") == []
    assert not (tmp_path / "new" / "keys" / "town.key").exists()


def test_a_backup_of_an_older_version_is_restored_and_upgraded(
    wangge: Wangge,
    empty_database: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every = migrate.all_migrations()
    old, new = empty_database(), empty_database()
    with monkeypatch.context() as earlier:
        earlier.setattr(migrate, "all_migrations", lambda: every[:-1])
        asyncio.run(migrate.prepare_server(old))
        asyncio.run(migrate.migrate(old, "town"))
        sql(
            old,
            "insert into wangge_shared.district (schema, slug, code, name, created_at) "
            "values ('town', 'town', '990001', '旧版区', now())",
        )
        file = tmp_path / "b.zip"
        made = wangge("backup", file, "--database-url", old, "--data-dir", tmp_path)
        assert made.code == 0, made.said
    back = wangge("restore", file, "--database-url", new, "--data-dir", tmp_path)
    assert back.code == 0, back.said
    assert asyncio.run(migrate.pending(new, "town")) == []

    up = wangge("upgrade", "--database-url", old, "--data-dir", tmp_path)
    assert up.code == 0, up.said
    assert list((tmp_path / "backups").glob("before-*.zip"))
    assert asyncio.run(migrate.pending(old, "town")) == []
    assert "已是最新" in wangge("upgrade", "--database-url", old, "--data-dir", tmp_path).out

    with monkeypatch.context() as earlier:
        earlier.setattr(migrate, "all_migrations", lambda: every[:-2])
        refused = wangge(
            "restore", file, "--database-url", empty_database(), "--data-dir", tmp_path
        )
    assert refused.code == 1
    assert "请先升级" in refused.err
