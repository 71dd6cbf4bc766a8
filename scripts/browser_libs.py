"""Copies the browser libraries' files that pages load from node_modules into static/lib.

There is no bundler: pages name a library through the import map written here, and the browser
fetches the very files their makers publish. What is copied is the table below and nothing else.

    static/lib/NAME/…           the files
    static/lib/manifest.json    {"made_from": hash, "versions": {name: version},
                                 "files": {path under static/lib: sha256}}
    static/lib/importmap.json   the import map, to be put into a page as it is
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from console import ROOT, fail, say

LIB = ROOT / "src" / "wangge" / "web" / "static" / "lib"
URL = "/static/lib"
NODE_MODULES = ROOT / "node_modules"

# folder under static/lib: (package, {folder inside static/lib/NAME: patterns in the package})
TABLE: dict[str, tuple[str, dict[str, list[str]]]] = {
    "htmx": ("htmx.org", {"": ["dist/htmx.min.js", "LICENSE"]}),
    "tabler": (
        "@tabler/core",
        {"": ["dist/css/tabler.min.css", "dist/js/tabler.min.js", "LICENSE"]},
    ),
    "idb": ("idb", {"": ["build/index.js", "LICENSE"]}),
    "lit": (
        "lit",
        {
            "": ["index.js", "directive.js", "async-directive.js", "static-html.js", "LICENSE"],
            "directives": ["directives/*.js"],
        },
    ),
    "lit-html": (
        "lit-html",
        {
            "": [
                "lit-html.js",
                "is-server.js",
                "directive.js",
                "directive-helpers.js",
                "async-directive.js",
                "static.js",
                "LICENSE",
            ],
            "directives": ["directives/*.js"],
        },
    ),
    "lit-element": ("lit-element", {"": ["lit-element.js", "LICENSE"]}),
    "reactive-element": (
        "@lit/reactive-element",
        {"": ["reactive-element.js", "css-tag.js", "LICENSE"]},
    ),
    "maplibre-gl": (
        "maplibre-gl",
        {
            "": [
                "dist/maplibre-gl.mjs",
                "dist/maplibre-gl-worker.mjs",
                "dist/maplibre-gl-shared.mjs",
                "dist/maplibre-gl.css",
                "LICENSE*",
            ]
        },
    ),
}

# What a module may write after "from". A name that ends in "/" stands for the whole folder.
IMPORT_MAP: dict[str, str] = {
    "lit": "lit/index.js",
    "lit/": "lit/",
    "lit-html": "lit-html/lit-html.js",
    "lit-html/": "lit-html/",
    "lit-element/lit-element.js": "lit-element/lit-element.js",
    "@lit/reactive-element": "reactive-element/reactive-element.js",
    "idb": "idb/index.js",
    "maplibre-gl": "maplibre-gl/maplibre-gl.mjs",
}

#: Libraries that a module names by their path instead of through the import map.
TYPED_BY_PATH = ("idb",)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def made_from() -> str:
    """What the copied files depend on: the locked versions, and the tables of this file."""
    whole = hashlib.sha256((ROOT / "package-lock.json").read_bytes())
    whole.update(Path(__file__).read_bytes())
    return whole.hexdigest()


def is_current() -> bool:
    """Whether static/lib holds what the lock asks for, every file in place."""
    try:
        manifest = json.loads((LIB / "manifest.json").read_text())
        return manifest["made_from"] == made_from() and all(
            (LIB / name).is_file() for name in manifest["files"]
        )
    except (OSError, ValueError, KeyError):
        return False


def copy() -> tuple[int, int]:
    """Copies everything anew. Returns how many files, and their size in bytes."""
    fresh = LIB.with_name("lib.new")
    shutil.rmtree(fresh, ignore_errors=True)
    files: dict[str, str] = {}
    versions: dict[str, str] = {}
    size = 0
    for name, (package, folders) in TABLE.items():
        source = NODE_MODULES / package
        versions[name] = json.loads((source / "package.json").read_text())["version"]
        for folder, patterns in folders.items():
            for pattern in patterns:
                found = sorted(source.glob(pattern))
                if not found and not pattern.startswith("LICENSE"):
                    fail(
                        f"{package} 里没有 {pattern}:请核对 scripts/browser_libs.py 的表。",
                        f"{package} has no {pattern}: see the table in browser_libs.py.",
                    )
                for path in found:
                    target = fresh / name / folder / path.name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)
                    files[target.relative_to(fresh).as_posix()] = sha256(target)
                    size += target.stat().st_size
    # A service worker has no import map: it names the file, and the checker needs its types there.
    for name in TYPED_BY_PATH:
        (fresh / name / "index.d.ts").write_text(f'export * from "{name}";\n')
    imports = {name: f"{URL}/{path}" for name, path in IMPORT_MAP.items()}
    (fresh / "importmap.json").write_text(json.dumps({"imports": imports}, indent=2) + "\n")
    manifest = {"made_from": made_from(), "versions": versions, "files": files}
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    shutil.rmtree(LIB, ignore_errors=True)
    fresh.rename(LIB)
    return len(files), size


if __name__ == "__main__":
    count, total = copy()
    say("✓ 网页用的库已就位", f"{count} browser files in place, {total / 1e6:.1f} MB")
