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
    *(
        f"tests/{room}"
        for room in (
            "kernel",
            "places",
            "people",
            "registers",
            "access",
            "responses",
            "cases",
            "dispatch",
        )
    ),
    # Of the rooms with many tests of pages and files, those that put their statements to work.
    "tests/exports/test_exports.py",
    "tests/forms/test_ledger.py",
    "tests/forms/test_requests.py",
    "tests/hours/test_hours.py",
    "tests/reports/test_reports.py",
    "tests/sweeps/test_rounds.py",
    "tests/sweeps/test_taking.py",
    "tests/imports/test_people.py",
    "tests/imports/test_interrupted.py",
    "tests/command/test_board.py",
    "tests/planning/test_planning.py",
    "tests/verification/test_lists.py",
]
#: No run of ours takes as long on two busy cores; one that does waits for something that never comes.
LONGEST = 55 * 60


def run(command: list[str], environment: dict[str, str]) -> int:
    """The command's exit code, or 1 with a sentence when it has not ended in time."""
    try:
        return subprocess.run(command, cwd=ROOT, env=environment, timeout=LONGEST).returncode
    except subprocess.TimeoutExpired:
        say(f"✗ {LONGEST // 60} 分钟还没有测完,停止", "the tests never ended and were stopped")
        return 1


def main() -> int:
    environment = {**os.environ, "WANGGE_CHROMIUM": browser.find_or_get()}
    chosen = sys.argv[1:]
    worst = 0
    modules = sorted(str(path) for path in (ROOT / "tests" / "js").rglob("*.test.mjs"))
    if modules and not chosen:
        say("… 网页脚本的测试", "tests of the browser modules")
        node = ["node", "--test", "--test-reporter=dot", *modules]
        worst = run(node, environment)
        if worst == 0:
            say("✓ 网页脚本的测试通过", f"browser modules pass ({len(modules)} files)")
    pytest = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile"]
    if OLDER_SERVER.exists() and not chosen:
        say("… 数据测试,用系统的 PostgreSQL 15", "the data tests on the system's PostgreSQL 15")
        older = {**environment, "WANGGE_TEST_PG": "15"}
        worst = run([*pytest, *DATA_TESTS], older) or worst
    say("… Python 与浏览器测试", "pytest")
    return run([*pytest, *chosen], environment) or worst


if __name__ == "__main__":
    sys.exit(main())
