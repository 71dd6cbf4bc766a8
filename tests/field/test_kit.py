"""The kit that makes a phone start from cold: nothing missing, nobody's data, one version."""

import hashlib
import json
import re
import shutil
from pathlib import Path

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
    assert len({address for address, _ in files}) == len(files)
    assert {f"{base}/field/", "/static/field/field.css"} < {address for address, _ in files}
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
    # types.js is for the type checker; the worker itself is not kept by the worker; first.js is part
    # of the page.
    apart = {"types.js", "sw.js", "first.js"}
    assert on_disk - set(found) == {f"/static/field/{name}" for name in apart}


def test_any_change_makes_another_version() -> None:
    one, again, other = (
        kit.kit_of("", shell, bundled=False).version for shell in (b"a", b"a", b"b")
    )
    assert one == again != other


def _small_app(static: Path) -> None:
    """One module and its bundles, as set-up leaves them."""
    sources = {"field/main.js": "1", "lib/lit/index.js": "2"}
    bundles = {Path(name).name: f"({n})" for n, name in enumerate(kit.BUNDLES)}
    for folder, files in ((static, sources), (static / "built", bundles)):
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    hashes = [
        {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
        for files in (sources, bundles)
    ]
    told = {"made_from": hashes[0], "files": hashes[1]}
    (static / "built" / "manifest.json").write_text(json.dumps(told))


@pytest.mark.parametrize(
    "changed", ["field/main.js", "lib/lit/index.js", "built/field.js", "built/field-sync.js"]
)
def test_an_edited_module_never_meets_the_bundle_of_before(
    tmp_path: Path, changed: str
) -> None:
    _small_app(tmp_path)
    assert kit.is_built(tmp_path)
    before = kit.stamp(tmp_path)
    (tmp_path / changed).write_text("edited")
    assert not kit.is_built(tmp_path)
    # A library is never edited in its folder: set-up copies all of them and writes their list anew.
    assert kit.stamp(tmp_path) != before or changed.startswith("lib/")
    (tmp_path / changed).unlink()
    assert not kit.is_built(tmp_path)


def test_without_bundles_the_modules_are_served(tmp_path: Path) -> None:
    _small_app(tmp_path)
    shutil.rmtree(tmp_path / "built")
    assert not kit.is_built(tmp_path)


async def test_the_page_and_its_kit_name_the_same_code(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit, "is_built", lambda: False)
    monkeypatch.setattr(kit, "stamp", lambda: "modules")
    page = (await client.get("/field/")).text
    worker = (await client.get("/field/sw.js")).text
    files: list[list[str]] = _setup(worker)["files"]  # type: ignore[assignment]
    kept = {address for address, _ in files}
    assert 'src="/static/field/main.js"' in page
    assert "importmap" in page
    assert set(re.findall(r'modulepreload" href="([^"]+)"', page)) < kept
    assert worker.startswith("import ")
    if not (kit.STATIC / "built").is_dir():
        return
    monkeypatch.setattr(kit, "is_built", lambda: True)
    monkeypatch.setattr(kit, "stamp", lambda: "bundles")
    page = (await client.get("/field/")).text
    worker = (await client.get("/field/sw.js")).text
    files = _setup(worker)["files"]  # type: ignore[assignment]
    assert 'src="/static/built/field.js"' in page
    assert "/static/field/main.js" not in page
    assert [address for address, _ in files if address.endswith(".js")] == [kit.BUNDLES[0]]
    assert not worker.startswith("import ")


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
