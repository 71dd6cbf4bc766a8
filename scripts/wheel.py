"""Builds the wheel and looks into it: browser libraries, tables and pages must be there."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import zipfile
from pathlib import Path

from browser_libs import LIB
from console import ROOT, fail, say, step

SOURCE = ROOT / "src"
DATA = {
    ".sql",
    ".html",
    ".json",
    ".csv",
    ".txt",
    ".js",
    ".mjs",
    ".css",
    ".svg",
    ".png",
    ".typed",
}


def main() -> None:
    shutil.rmtree(
        ROOT / "build", ignore_errors=True
    )  # setuptools would pack what an old build left
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    step(
        "打包",
        "building the wheel",
        [*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", "dist", "."],
        trouble=("没有打成包,原话见上。", "The wheel could not be built."),
    )
    wheel = max((ROOT / "dist").glob("wangge-*.whl"), key=lambda path: path.stat().st_mtime)
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()
        }
    wanted = {
        path.relative_to(SOURCE).as_posix()
        for path in (SOURCE / "wangge").rglob("*")
        if path.is_file() and (path.suffix in DATA or path.suffix == ".py")
    }
    missing = sorted(wanted - packed.keys())
    lib = LIB.relative_to(SOURCE)
    manifest = json.loads((LIB / "manifest.json").read_text())["files"]
    missing += [
        name for name, sha in manifest.items() if packed.get((lib / name).as_posix()) != sha
    ]
    if missing:
        fail(
            f"包里缺少或不符:{', '.join(missing[:10])}",
            "missing from the wheel, or different there",
        )
    size = Path(wheel).stat().st_size / 1e6
    say(
        f"✓ {wheel.relative_to(ROOT)}",
        f"{len(packed)} files, {size:.1f} MB, browser libraries inside",
    )


if __name__ == "__main__":
    main()
