"""Puts the phone app into one file, and what sends after it was closed into another.

A cold start would otherwise wait for some forty files one by one. The modules remain what is edited,
checked and tested; `wangge.web.field.kit` takes the bundles only while they were made from the very
files that lie beside them, and names the modules themselves otherwise.

    static/built/field.js, field-sync.js    the bundles, each with its map to our lines
    static/built/manifest.json              {"made_from": {path under static: sha256},
                                             "files": {file in built: sha256}}
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from browser_libs import IMPORT_MAP, LIB, sha256
from console import ROOT, say

STATIC = LIB.parent
BUILT = STATIC / "built"
ESBUILD = ROOT / "node_modules" / ".bin" / "esbuild"
#: What is built: entry under static/field -> name of the bundle.
BUNDLES = {"main": "field", "sw-sync": "field-sync"}
#: What our promises to old phones allow: Android WebViews of 2021.
TARGET = "chrome90,safari15,firefox90"


def is_current() -> bool:
    """Whether the bundles were made from what lies in static now, every file in place."""
    try:
        manifest = json.loads((BUILT / "manifest.json").read_text())
        return manifest["script"] == sha256(Path(__file__)) and all(
            sha256(folder / name) == sha
            for folder, files in ((STATIC, manifest["made_from"]), (BUILT, manifest["files"]))
            for name, sha in files.items()
        )
    except (OSError, ValueError, KeyError):
        return False


def build() -> None:
    """Builds both anew. Where esbuild cannot run there are none, and the modules are served."""
    fresh = BUILT.with_name("built.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(BUILT, ignore_errors=True)
    fresh.mkdir()
    try:
        inputs = _run(fresh)
    except (OSError, subprocess.CalledProcessError) as problem:
        shutil.rmtree(fresh)
        print(getattr(problem, "stderr", "") or problem)
        say("! 手机端没有合成一个文件,仍能用,首次打开慢些", "no bundle; the modules are served")
        return
    files = {path.name: sha256(path) for path in sorted(fresh.iterdir())}
    manifest = {"script": sha256(Path(__file__)), "made_from": inputs, "files": files}
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    fresh.rename(BUILT)
    size = sum((BUILT / f"{name}.js").stat().st_size for name in BUNDLES.values())
    say("✓ 手机端已合成一个文件", f"{len(inputs)} modules in two bundles, {size / 1e3:.0f} kB")


def _run(target: Path) -> dict[str, str]:
    """The bundles and their maps in `target`. Answers what they were made from, with its hashes."""
    with tempfile.TemporaryDirectory() as folder:
        # The files that pages load without a bundle are the ones that go in, by the same names.
        paths = {
            f"{name}*" if name.endswith("/") else name: [f"{LIB}/{path}{star}"]
            for name, path in IMPORT_MAP.items()
            for star in ["*" if path.endswith("/") else ""]
        }
        options = Path(folder) / "tsconfig.json"
        options.write_text(json.dumps({"compilerOptions": {"paths": paths}}))
        meta = Path(folder) / "meta.json"
        entries = [f"{name}=field/{entry}.js" for entry, name in BUNDLES.items()]
        command: list[str | Path] = [ESBUILD, *entries, "--bundle", "--minify", "--format=iife"]
        command += [f"--target={TARGET}", "--charset=utf8", "--sourcemap=linked"]
        command += ["--log-level=warning", "--legal-comments=eof", f"--tsconfig={options}"]
        command += [f"--outdir={target}", f"--metafile={meta}"]
        subprocess.run(command, cwd=STATIC, check=True, capture_output=True, text=True)
        inputs: dict[str, object] = json.loads(meta.read_text())["inputs"]
    return {name: sha256(STATIC / name) for name in sorted(inputs)}


if __name__ == "__main__":
    build()
