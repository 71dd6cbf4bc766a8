"""Static files: kept by browsers, never stale, never from outside of their folder."""

import re
from pathlib import Path

from town_fixtures import RoomClient
from wangge.kernel.http import pages
from wangge.web.rooms import import_rooms
from wangge.web.static import FOLDER, Shelves


async def test_a_file_is_asked_for_again_and_not_sent_again(app_client: RoomClient) -> None:
    client = await app_client()
    first = await client.get("/static/wangge.css")
    assert first.status_code == 200
    assert first.headers["content-type"] == "text/css; charset=utf-8"
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["cache-control"] == "no-cache"
    again = await client.get(
        "/static/wangge.css", headers={"if-none-match": first.headers["etag"]}
    )
    assert again.status_code == 304
    assert again.content == b""
    tag = first.headers["etag"].strip('"')
    kept = await client.get(f"/static/wangge.css?v={tag}")
    assert "immutable" in kept.headers["cache-control"]
    other = await client.get("/static/wangge.css?v=0123456789abcdef")
    assert other.headers["cache-control"] == "no-cache"
    assert "set-cookie" not in first.headers


async def test_nothing_outside_of_the_folder(app_client: RoomClient) -> None:
    client = await app_client()
    for name in (
        "../app.py",
        "%2e%2e/app.py",
        "..%2fapp.py",
        "/etc/passwd",
        "desk",
        "",
        ".x",
        "a%00b",
    ):
        answer = await client.request("GET", f"http://town.test/static/{name}")
        assert answer.status_code == 404, name
    assert (await client.post("/static/wangge.css")).status_code == 404


def test_an_edited_file_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    shelves = Shelves(tmp_path)
    first = shelves.find("a.js")
    (tmp_path / "a.js").write_text("22")
    second = shelves.find("a.js")
    assert first is not None
    assert second is not None
    assert (first.body, second.body) == (b"1", b"22")
    assert first.tag != second.tag
    (tmp_path / "out").symlink_to("/etc")
    assert shelves.find("out/passwd") is None


def test_every_entry_of_the_menu_has_its_drawing() -> None:
    import_rooms()
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', (FOLDER / "icons.svg").read_text("utf-8")))
    wanted = {entry.icon for entry in pages._nav}
    assert len(wanted) > 10
    assert wanted <= drawn
