"""Runs every test: browser modules under node, then pytest, whose closing line comes last."""

from __future__ import annotations

import os
import subprocess
import sys

import browser
from console import ROOT, say


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
    say("… Python 与浏览器测试", "pytest")
    pytest = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *chosen]
    return subprocess.run(pytest, cwd=ROOT, env=environment).returncode or worst


if __name__ == "__main__":
    sys.exit(main())
