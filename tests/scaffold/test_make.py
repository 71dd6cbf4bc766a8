"""`make` tells everything it can do, and set-up knows when there is something to do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_help_names_every_target() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", text, re.MULTILINE))
    shown = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^  make ([a-z]+) ", shown.stdout, re.MULTILINE)) == targets - {
        "help"
    }
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == targets


@pytest.mark.parametrize("script", [".ci/run", "scripts/set_up.sh"])
def test_shell_scripts_parse(script: str) -> None:
    subprocess.run(["bash", "-n", script], cwd=ROOT, check=True)


def is_current(checkout: Path) -> bool:
    """Asked of a copy of the checkout, as a program of its own."""
    ask = "import browser_libs; print(browser_libs.is_current())"
    done = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=checkout / "scripts",
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip() == "True"


def test_set_up_notices_what_changed(tmp_path: Path) -> None:
    lib = Path("src/wangge/web/static/lib")
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copytree(ROOT / lib, tmp_path / lib)
    lock = tmp_path / "package-lock.json"
    shutil.copyfile(ROOT / "package-lock.json", lock)
    assert is_current(tmp_path)

    locked = lock.read_text()
    lock.write_text(locked + "\n")
    assert not is_current(tmp_path)

    lock.write_text(locked)
    assert is_current(tmp_path)
    name = next(iter(json.loads((tmp_path / lib / "manifest.json").read_text())["files"]))
    (tmp_path / lib / name).unlink()
    assert not is_current(tmp_path)
