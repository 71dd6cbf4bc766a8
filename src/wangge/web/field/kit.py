"""The kit: every file the phone must have to start from cold, each with its hash.

Two bundles (`scripts/phone_bundle.py`) stand for the modules as long as they were made from the very
modules that lie here; after any edit the modules themselves are served until they are built anew.
The list is not written by hand: without bundles it is what the shell names and what those modules
import, found by following the imports through the import map. The version is a hash of the whole, so
that any change to any file makes phones fetch a new kit.
"""

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent.parent / "static"
KERNEL = Path(__file__).parents[2] / "kernel"
LOCALE = Path(__file__).parent.parent / "locale"

#: What the shell names itself; everything else is found from here.
ROOTS = ("/static/field/main.js", "/static/field/sw-sync.js")
OTHERS = ("/static/field/field.css", "/static/icon.svg")
#: The modules of ROOTS with all they import, in one file each.
BUNDLES = ("/static/built/field.js", "/static/built/field-sync.js")

_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["']([^"']+)["']""")
#: What is read only when a screen is opened, or once the first one has been painted.
_LATER = re.compile(r"""\bimport\(\s*["']([^"']+)["']""")
_COMMENT = re.compile(r"/\*\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Kit:
    """`files` are (address, SHA-256 in hex); `worker` is the worker's text after its imports;
    `bundled`: it has none."""

    version: str
    files: tuple[tuple[str, str], ...]
    worker: str
    bundled: bool


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def import_map() -> dict[str, str]:
    """The import map that the pages carry."""
    text = (KERNEL / "http" / "templates" / "importmap.html").read_text(encoding="utf-8")
    inner = re.search(r">(.*)</script>", text, re.DOTALL)
    assert inner is not None
    names: dict[str, str] = json.loads(inner.group(1))["imports"]
    return names


def _resolved(name: str, within: str, names: dict[str, str]) -> str:
    """The address that a module means by a name. Raises LookupError for an unknown one."""
    if name.startswith("/"):
        return name
    if name.startswith("."):
        parts = within.split("/")[:-1]
        for part in name.split("/"):
            if part == "..":
                parts.pop()
            elif part != ".":
                parts.append(part)
        return "/".join(parts)
    if name in names:
        return names[name]
    folder = max((key for key in names if key.endswith("/") and name.startswith(key)), key=len)
    return names[folder] + name[len(folder) :]


def modules(roots: Sequence[str] = ROOTS, *, later: bool = True) -> list[str]:
    """Addresses of every module that the app imports, in the order they are found; without
    `later` those alone that have to be there before anything is painted.

    Raises FileNotFoundError when one is missing (browser libraries not set up)."""
    names = import_map()
    found: list[str] = []
    waiting = list(roots)
    while waiting:
        address = waiting.pop(0)
        if address in found:
            continue
        found.append(address)
        text = _COMMENT.sub("", _bytes(address).decode())
        imported = _IMPORT.findall(text) + (_LATER.findall(text) if later else [])
        waiting += [_resolved(name, address, names) for name in imported]
    return found


def preloads() -> tuple[str, ...]:
    """Modules that the page names in its head, so that the browser asks for all of them at once
    and not for each only when the one that imports it has been read."""
    return tuple(modules(ROOTS[:1], later=False))


def is_built(static: Path = STATIC) -> bool:
    """Whether the bundles may stand for the modules: both lie here whole, and every module they
    were made from is here as it was then."""
    built = static / "built"
    try:
        made: dict[str, Any] = json.loads((built / "manifest.json").read_bytes())
        return {Path(name).name for name in BUNDLES} <= made["files"].keys() and all(
            _hash((folder / name).read_bytes()) == sha
            for folder, files in ((static, made["made_from"]), (built, made["files"]))
            for name, sha in files.items()
        )
    except (OSError, ValueError, KeyError):
        return False


def stamp(static: Path = STATIC) -> tuple[tuple[str, int, int], ...]:
    """What tells whether any file that a kit is made from changed: name, time and size of each."""
    parts = ("", "field", "field/views", "built", "lib")
    folders = [static / part for part in parts]
    return tuple(
        sorted(
            (entry.path, (told := entry.stat()).st_mtime_ns, told.st_size)
            for folder in (*folders, LOCALE)
            if folder.is_dir()
            for entry in os.scandir(folder)
        )
    )


def _bytes(address: str) -> bytes:
    return (STATIC / address.removeprefix("/static/")).read_bytes()


def words() -> dict[str, str]:
    """The English catalogue of the phone."""
    found: dict[str, str] = json.loads((LOCALE / "en.field.json").read_text(encoding="utf-8"))
    return found


def english() -> bytes:
    """The same as sent."""
    return json.dumps(words(), ensure_ascii=False, sort_keys=True).encode()


def first() -> str:
    """The script that stands in the shell itself, without what it says to its readers."""
    return _COMMENT.sub("", _bytes("/static/field/first.js").decode()).strip()


def manifest(base: str) -> bytes:
    """The web app manifest of a district."""
    return json.dumps(
        {
            "name": "网格 · 现场",
            "short_name": "网格",
            "lang": "zh-CN",
            "start_url": f"{base}/field/",
            "scope": f"{base}/field/",
            "id": f"{base}/field/",
            "display": "standalone",
            "background_color": "#f4f6f8",
            "theme_color": "#0b5cad",
            "icons": [{"src": "/static/icon.svg", "type": "image/svg+xml", "sizes": "any"}],
        },
        ensure_ascii=False,
    ).encode()


def kit_of(base: str, shell: bytes, *, bundled: bool) -> Kit:
    """The kit of a district. `shell` is the app's page exactly as it is served; `bundled` says
    whether that page names the bundle. The worker's own bundle is part of its text."""
    code = BUNDLES[:1] if bundled else modules()
    files = [(f"{base}/field/", _hash(shell))]
    files += [(address, _hash(_bytes(address))) for address in (*code, *OTHERS)]
    files.append((f"{base}/field/words.en.json", _hash(english())))
    files.append((f"{base}/field/manifest.webmanifest", _hash(manifest(base))))
    text = (STATIC / "field" / "sw.js").read_text(encoding="utf-8")
    if bundled:
        mapped = _bytes(BUNDLES[1]).decode()
        text = f"{mapped.partition('//# sourceMappingURL')[0]}\n{text}"
    version = _hash(json.dumps(files).encode() + text.encode())[:16]
    setup = json.dumps({"version": version, "base": base, "files": files})
    return Kit(version, tuple(files), f"self.wangge = {setup};\n{text}", bundled)
