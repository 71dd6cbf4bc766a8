"""Runs every test: browser modules under node, then pytest, whose closing line comes last."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import browser
from console import ROOT, say

#: Debian 12's PostgreSQL: the oldest we promise to run on.
OLDER_SERVER = Path("/usr/lib/postgresql/15/bin/initdb")
#: What touches data and has no process or browser of its own; run on both servers.
DATA_TESTS = [
    f"tests/{room}"
    for room in ("kernel", "places", "people", "access", "responses", "cases", "dispatch")
]


def main() -> int:
    environment = {**os.environ, "WANGGE_CHROMIUM": browser.find_or_get()}
    chosen = sys.argv[1:]
    worst = 0
    modules = sorted(str(path) for path in (ROOT / "tests" / "js").rglob("*.test.mjs"))
    if modules and not chosen:
        say("… 网页脚本的测试", "tests of the browser modules")
        node = ["node", "--test", "--test-reporter=dot", *modules]
        worst = subprocess.run(node, cwd=ROOT, env=environment).returncode
        if worst == 0:
            say("✓ 网页脚本的测试通过", f"browser modules pass ({len(modules)} files)")
    pytest = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile"]
    if OLDER_SERVER.exists() and not chosen:
        say("… 数据测试,用系统的 PostgreSQL 15", "the data tests on the system's PostgreSQL 15")
        older = {**environment, "WANGGE_TEST_PG": "15"}
        again = subprocess.run([*pytest, *DATA_TESTS], cwd=ROOT, env=older).returncode
        worst = worst or again
    say("… Python 与浏览器测试", "pytest")
    return subprocess.run([*pytest, *chosen], cwd=ROOT, env=environment).returncode or worst


if __name__ == "__main__":
    sys.exit(main())
