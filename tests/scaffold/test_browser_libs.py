"""The browser libraries load in a real browser through the import map, without a network."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

STATIC = Path(__file__).resolve().parents[2] / "src" / "wangge" / "web" / "static"
LIB = STATIC / "lib"

PAGE = """<!doctype html><meta charset="utf-8"><title>libraries</title>
<link rel="stylesheet" href="/static/lib/tabler/tabler.min.css">
<link rel="stylesheet" href="/static/lib/maplibre-gl/maplibre-gl.css">
<script type="importmap">%s</script>
<script src="/static/lib/htmx/htmx.min.js"></script>
<script src="/static/lib/tabler/tabler.min.js"></script>
<button class="btn" hx-get="/part" hx-trigger="load" hx-swap="outerHTML">…</button>
<div id="map" style="width:200px;height:200px"></div>
<wg-hello></wg-hello>
<script type="module">
import { LitElement, html } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { openDB } from "idb";
import { Map as MapView, setWorkerUrl } from "maplibre-gl";

customElements.define("wg-hello", class extends LitElement {
  render() { return html`${repeat(["网", "格"], (word) => word)}`; }
});
const database = await openDB("outbox", 1, { upgrade: (db) => db.createObjectStore("deeds") });
await database.put("deeds", "kept", "key");
setWorkerUrl("/static/lib/maplibre-gl/maplibre-gl-worker.mjs");
const square = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]];
const map = new MapView({ container: "map", center: [0.5, 0.5], zoom: 5, style: {
  version: 8,
  sources: { grid: { type: "geojson", data: { type: "Polygon", coordinates: square } } },
  layers: [{ id: "grid", type: "fill", source: "grid", paint: { "fill-color": "#c00" } }],
} });
await new Promise((done) => map.once("idle", done));
window.result = {
  lit: document.querySelector("wg-hello").shadowRoot.textContent,
  idb: await database.get("deeds", "key"),
  map: map.querySourceFeatures("grid").length,
};
</script>"""


class Pages(http.server.SimpleHTTPRequestHandler):
    """Serves one page, one part, and the static files."""

    def do_GET(self) -> None:
        if self.path in ("/", "/part"):
            importmap = (LIB / "importmap.json").read_text()
            body = (PAGE % importmap if self.path == "/" else "<p id=part>取到了</p>").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/static"))

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    handler = functools.partial(Pages, directory=str(STATIC))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.journey
async def test_libraries_load_in_a_browser(address: str) -> None:
    wrong: list[str] = []
    foreign: list[str] = []
    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path=os.environ.get("WANGGE_CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        )
        page = await browser.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("response", lambda answer: wrong.append(answer.url) if not answer.ok else None)
        page.on(
            "request",
            lambda sent: (
                foreign.append(sent.url)
                if sent.url.startswith("http") and not sent.url.startswith(address)
                else None
            ),
        )
        await page.goto(address + "/")
        await page.wait_for_selector("#part")
        await page.wait_for_function("window.result !== undefined")
        result = await page.evaluate("window.result")
        button = "getComputedStyle(document.body).getPropertyValue('--tblr-primary')"
        assert await page.evaluate(button)
        await browser.close()
    assert result["lit"] == "网格"
    assert result["idb"] == "kept"
    assert result["map"] > 0
    assert [url for url in wrong if not url.endswith("/favicon.ico")] == []
    assert foreign == []


def test_files_are_what_the_manifest_says() -> None:
    files: dict[str, str] = json.loads((LIB / "manifest.json").read_text())["files"]
    assert len(files) > 20
    for name, sha in files.items():
        assert hashlib.sha256((LIB / name).read_bytes()).hexdigest() == sha, name


def test_every_copied_library_brings_its_licence() -> None:
    """As a file of its own, or in a banner at the head of its code."""
    folders = [path for path in LIB.iterdir() if path.is_dir()]
    bare = [path for path in folders if not list(path.glob("LICENSE*"))]
    heads = {file: file.read_text()[:500] for path in bare for file in path.iterdir()}
    assert [file.name for file, head in heads.items() if "licen" not in head.lower()] == []


def test_import_map_points_to_files() -> None:
    imports: dict[str, str] = json.loads((LIB / "importmap.json").read_text())["imports"]
    assert imports
    for name, url in imports.items():
        target = STATIC / url.removeprefix("/static/")
        assert target.is_dir() if name.endswith("/") else target.is_file(), name
