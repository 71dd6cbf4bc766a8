"""Runs every check that needs no database, step by named step, up to the first that fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from console import ROOT, fail, say

BIN = Path(sys.executable).parent
NODE_BIN = ROOT / "node_modules" / ".bin"
FORMATTED = ["src", "tests", "scripts"]


def steps() -> list[tuple[str, list[str | Path]]]:
    """Each check: its name, and its command."""
    checks: list[tuple[str, list[str | Path]]] = [
        ("ruff format", [BIN / "ruff", "format", "--check", "-q", *FORMATTED]),
        ("ruff check", [BIN / "ruff", "check", "-q", *FORMATTED]),
        ("import-linter", [BIN / "lint-imports", "--no-cache"]),
        ("mypy (src)", [BIN / "mypy", "--no-error-summary"]),
        ("mypy (scripts)", [BIN / "mypy", "--no-error-summary", "scripts"]),
        ("pyright", [NODE_BIN / "pyright", "--pythonpath", sys.executable]),
        ("tsc (pages)", [NODE_BIN / "tsc", "--project", "tsconfig.json"]),
    ]
    if any((ROOT / "src").rglob("sw.js")):
        checks.append(
            ("tsc (service worker)", [NODE_BIN / "tsc", "--project", "tsconfig.worker.json"])
        )
    checks.append(("docs", [BIN / "pytest", "tests/docs"]))
    return checks


def main() -> None:
    begun = time.monotonic()
    for name, command in steps():
        started = time.monotonic()
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ,
        )
        if done.returncode != 0:
            print(done.stdout, flush=True)
            fail(
                f"检查没有通过:{name}",
                f"check failed: {name}. Words above; `make format` mends layout.",
            )
        print(f"✓ {name} ({time.monotonic() - started:.1f} s)", flush=True)
    say("✓ 全部检查通过", f"all checks pass, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
