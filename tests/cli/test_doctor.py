"""The doctor finds what is broken: each thing is broken once, on a real installation."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_kit import VAULT, Wangge, sql

from wangge.cli.checks import all_findings, machine
from wangge.cli.target import Place
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database
from wangge.kernel.files import Shelf, keep
from wangge.kernel.moments import new_id
from wangge.kernel.postgres import Level
from wangge.worker import supervise
from wangge.worker.health import Pulse, write_pulse


@pytest.fixture
def place(copy_of_town: Callable[[str], str], tmp_path: Path) -> Place:
    """A copy of the town that this test may break."""
    dsn = copy_of_town(f"doctor_{tmp_path.name.replace('-', '_')[-30:]}")
    made = Place(tmp_path / "var", dsn)
    made.make_folders()
    key = made.data_dir / "keys" / "town.key"
    key.write_bytes(VAULT.key)
    key.chmod(0o600)
    return made


def codes(place: Place, least: Level = Level.WARN) -> set[str]:
    """What is found, from that level on."""
    order = [Level.OK, Level.WARN, Level.ERROR]
    return {
        finding.code
        for finding in all_findings(place)
        if order.index(finding.level) >= order.index(least)
    }


def test_a_healthy_installation_has_nothing_to_say(place: Place, wangge: Wangge) -> None:
    assert codes(place) - {"browser-libs-missing"} == set()
    assert place.database_url
    where = ("--database-url", place.database_url, "--data-dir", place.data_dir)
    said = wangge("doctor", "--all", *where)
    assert "账本" in said.out
    assert "ledger" in said.out


def test_findings_speak_both_languages(place: Place) -> None:
    for finding in all_findings(place):
        assert finding.words.zh
        assert finding.words.en
        assert finding.words.zh != finding.words.en


BROKEN = {
    "pending-migrations": "delete from town.kernel_migration where room = 'places'",
    "changed-migrations": "update town.kernel_migration set sha256 = 'x' where room = 'people'",
    "failed-jobs": "insert into town.kernel_job (id, name, data, run_at, tries, error) values "
    "(gen_random_uuid(), 'room.verb', '{}', now(), 8, 'OSError')",
    "late-jobs": "insert into town.kernel_job (id, name, data, run_at) values "
    "(gen_random_uuid(), 'room.verb', '{}', now() - interval '1 hour')",
    "stuck-facts": "insert into town.kernel_stuck values ('cases', 7, 'KeyError', now())",
    "row-security-off": "alter table town.people_resident no force row level security",
    "register-apart": "insert into town.people_search (resident_id, area_code, unit_id, marks) "
    "values (gen_random_uuid(), '99', gen_random_uuid(), '{1}')",
    "not-append-only": "grant update on town.kernel_fact to current_user",
    "chain-cut": "update town.kernel_chain set seq = 5",
    "relay-behind": "insert into town.kernel_outbox (n, id, kind, subject_id, area_code, at, "
    "actor_id, data, said_at) select 0, gen_random_uuid(), 'x.Y', gen_random_uuid(), '99', "
    "now(), gen_random_uuid(), '{}', now() - interval '5 minutes'",
}


@pytest.mark.parametrize("code", BROKEN)
def test_the_database_is_looked_at(place: Place, code: str) -> None:
    assert code not in codes(place)
    assert place.database_url
    sql(place.database_url, BROKEN[code])
    assert code in codes(place)


def test_keys_and_files_are_looked_at(place: Place) -> None:
    assert place.database_url
    key = place.data_dir / "keys" / "town.key"
    key.chmod(0o644)
    assert "key-readable" in codes(place, Level.ERROR)
    key.unlink()
    assert "key-missing" in codes(place, Level.ERROR)
    (place.data_dir / "keys").chmod(0o755)
    assert "keys-open-to-all" in codes(place, Level.ERROR)

    async def keep_one() -> None:
        database = await Database.connect(place.database_url or "", "town", connections=1)
        try:
            async with database.tx(system_actor("town")) as tx:
                shelf = Shelf(place.data_dir / "files" / "town")
                await keep(tx, shelf, new_id(), b"a photo", "image/jpeg")
        finally:
            await database.close()

    asyncio.run(keep_one())
    assert "files-missing" not in codes(place)
    (photo,) = (path for path in (place.data_dir / "files").rglob("*") if path.is_file())
    photo.unlink()
    assert "files-missing" in codes(place, Level.ERROR)


def test_a_superuser_is_told_that_no_policy_binds_it(
    place: Place, servers: tuple[str, str]
) -> None:
    assert place.database_url
    admin = servers[0].rsplit("/", 1)[0] + "/" + place.database_url.rsplit("/", 1)[1]
    assert "superuser" in codes(Place(place.data_dir, admin), Level.ERROR)
    assert "superuser" not in codes(place)


def test_no_server_no_district_and_an_old_clock(
    place: Place,
    wangge: Wangge,
    empty_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nowhere = "postgresql://nobody:x@127.0.0.1:1/nothing"
    gone = wangge("doctor", "--database-url", nowhere, "--data-dir", place.data_dir)
    assert gone.code == 1
    assert "连不上数据库" in gone.out
    assert "no-district" in codes(Place(place.data_dir, empty_database()))
    monkeypatch.setattr(machine, "EARLIEST_YEAR", 3000)
    assert "clock" in codes(place, Level.ERROR)


@pytest.fixture
def held(place: Place) -> Iterator[None]:
    with supervise.sole(place.run_dir):
        yield


@pytest.mark.usefixtures("held")
def test_processes_that_do_not_live(place: Place) -> None:
    assert {"web-down", "worker-down", "worker-still"} <= codes(place, Level.ERROR)
    moment = machine.now()
    write_pulse(place.data_dir, Pulse(os.getpid(), moment, moment))
    assert "worker-still" not in codes(place)


def test_libraries_that_are_missing(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(machine.importlib.resources, "files", lambda _package: tmp_path)
    assert "browser-libs-missing" in codes(place, Level.ERROR)
    lib = tmp_path / "web" / "static" / "lib"
    lib.mkdir(parents=True)
    (lib / "manifest.json").write_text('{"files": {"idb/index.js": "0000"}}')
    assert "browser-libs-damaged" in codes(place, Level.ERROR)
