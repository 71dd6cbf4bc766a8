"""The kit that makes a phone start from cold: nothing missing, nobody's data, one version."""

import hashlib
import json
import re

import httpx
import pytest

from town_fixtures import RoomClient
from wangge.web.field import kit


def _setup(worker: str) -> dict[str, object]:
    found = re.search(r"self\.wangge = (\{.*\});", worker)
    assert found is not None
    answer: dict[str, object] = json.loads(found.group(1))
    return answer


@pytest.fixture
async def client(app_client: RoomClient) -> httpx.AsyncClient:
    return await app_client()


@pytest.mark.parametrize("base", ["", "/d/town"])
async def test_every_file_of_the_kit_is_served_with_the_hash_it_is_listed_with(
    client: httpx.AsyncClient, base: str
) -> None:
    worker = await client.get(f"{base}/field/sw.js")
    assert worker.headers["service-worker-allowed"] == f"{base}/field/"
    setup = _setup(worker.text)
    assert setup["base"] == base
    files: list[list[str]] = setup["files"]  # type: ignore[assignment]
    assert len({address for address, _ in files}) == len(files) > 30
    for address, listed in files:
        answer = await client.get(address)
        assert answer.status_code == 200, address
        assert hashlib.sha256(answer.content).hexdigest() == listed, address


def test_the_kit_holds_every_module_that_any_of_its_modules_imports() -> None:
    found = kit.modules()
    assert "/static/lib/lit/index.js" in found
    assert "/static/lib/idb/index.js" in found
    on_disk = {
        f"/static/field/{path.relative_to(kit.STATIC / 'field').as_posix()}"
        for path in (kit.STATIC / "field").rglob("*.js")
    }
    # types.js is for the type checker; the worker itself is not kept by the worker.
    assert on_disk - set(found) == {"/static/field/types.js", "/static/field/sw.js"}


def test_any_change_makes_another_version() -> None:
    one, again, other = (kit.kit_of("", shell).version for shell in (b"a", b"a", b"b"))
    assert one == again != other


async def test_the_shell_is_the_same_for_everybody(app_client: RoomClient) -> None:
    stranger = await app_client()
    worker = await app_client("grid_worker", **{"accept-language": "en"})
    pages = [(await each.get("/field/")).content for each in (stranger, worker)]
    assert pages[0] == pages[1]
    assert "周测试" not in pages[1].decode()
    moved = await stranger.get("/field")
    assert (moved.status_code, moved.headers["location"]) == (303, "/field/")


async def test_a_browser_whose_workers_know_no_modules_gets_one_without_imports(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/field/sw.js")).text.startswith("import ")
    assert "\nimport " not in "\n" + (await client.get("/field/sw.js?plain=1")).text


async def test_the_bundle_is_what_this_person_works_with(app_client: RoomClient) -> None:
    client = await app_client("part_time_worker")
    bundle = (await client.get("/api/v1/field/bundle")).json()
    assert bundle["me"]["name"] == "冯占位"
    assert [unit["name"] for unit in bundle["units"]] == ["杏花苑 1幢1单元"]
    open_codes = {one["code"] for one in bundle["classes"] if one["open"]}
    assert "E0401" in open_codes
    assert not any(code.startswith("X") for code in open_codes)
    again = await client.get("/api/v1/field/bundle", params={"have": bundle["version"]})
    slim = again.json()
    assert (slim["classes"], slim["keywords"], slim["units"]) == (None, None, None)
    assert len(again.content) < 2_000 < len((await client.get("/api/v1/field/bundle")).content)


async def test_a_worker_may_choose_among_the_stairwells_of_the_grid_and_no_others(
    app_client: RoomClient,
) -> None:
    bundle = (await (await app_client("grid_worker")).get("/api/v1/field/bundle")).json()
    assert [unit["name"] for unit in bundle["units"]] == [
        f"杏花苑 {n}幢{m}单元" for n in (1, 2) for m in (1, 2)
    ]


async def test_nobody_is_told_that_nobody_is_signed_in(app_client: RoomClient) -> None:
    client = await app_client()
    assert (await client.get("/api/v1/field/me")).status_code == 401
    assert (await client.get("/api/v1/field/bundle")).status_code == 401
