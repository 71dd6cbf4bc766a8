"""Writes the two lock files anew from pyproject.toml, with hashes for every platform.

make lock                     keeps the versions that still fit
make lock ARGS=--upgrade      takes newer ones, all at least a week old
"""

from __future__ import annotations

import datetime
import subprocess
import sys
import tempfile
from pathlib import Path

from console import ROOT, fail, say

# A release that has been public for a week has been looked at by others before us.
WEEK = datetime.timedelta(days=7)
HEADER = "# Written by `make lock` from pyproject.toml. Do not edit.\n"


def compile_lock(name: str, *extra: str) -> None:
    target = ROOT / name
    newest = (datetime.datetime.now(datetime.UTC) - WEEK).date().isoformat()
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder) / "build-requirements"
        build.write_text("setuptools\n")  # builds wangge itself without a second environment
        uv = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "-q"]
        uv += ["--universal", "--python-version", "3.11", "--generate-hashes"]
        uv += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-config"]
        done = subprocess.run(
            [
                *uv,
                "--exclude-newer",
                newest,
                *extra,
                "pyproject.toml",
                str(build),
                "-o",
                str(target),
            ],
            cwd=ROOT,
        )
    if done.returncode != 0:
        fail(f"{name} 没有写成。", f"{name} could not be written.")
    body = target.read_text()
    target.write_text(HEADER + body.removeprefix(HEADER))
    say(f"✓ {name}", f"{body.count('==')} packages")


if __name__ == "__main__":
    compile_lock("requirements.lock", *sys.argv[1:])
    compile_lock(
        "requirements-dev.lock", "--extra", "dev", "-c", "requirements.lock", *sys.argv[1:]
    )
