"""docs/dependencies.md names every direct dependency, and nothing else."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGE: dict[str, Any] = json.loads((ROOT / "package.json").read_text())


def bare(requirement: str) -> str:
    """The name of a requirement, as packaging tools compare it."""
    name = re.split(r"[\s;<>=!~\[]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def documented(page: str) -> dict[str, set[str]]:
    """Heading → the names in its table; a row without all three cells filled is refused."""
    tables: dict[str, set[str]] = {}
    heading = ""
    for line in page.splitlines():
        if line.startswith("## "):
            heading = line[3:]
            tables[heading] = set()
        elif row := re.match(r"\| `([^`]+)` \|(.*)\|$", line):
            cells = [cell.strip() for cell in row[2].split("|")]
            assert len(cells) == 2, line
            assert all(cells), line
            assert row[1] not in tables[heading], f"twice: {row[1]}"
            tables[heading].add(row[1])
    return tables


TABLES = documented((ROOT / "docs" / "dependencies.md").read_text())


@pytest.mark.parametrize(
    ("heading", "declared"),
    [
        ("Python, to run", {bare(name) for name in PROJECT["project"]["dependencies"]}),
        (
            "Python, to test and check",
            {
                bare(name)
                for names in PROJECT["project"]["optional-dependencies"].values()
                for name in names
            },
        ),
        ("Browser, to run", set(PACKAGE["dependencies"])),
        ("Browser, to build", set(PACKAGE["optionalDependencies"])),
        ("JavaScript, to check", set(PACKAGE["devDependencies"])),
    ],
)
def test_page_and_project_name_the_same(heading: str, declared: set[str]) -> None:
    assert declared, "nothing declared: the test would compare empty sets"
    assert TABLES[heading] == declared


def test_build_requirements_are_named() -> None:
    needed = {bare(name) for name in PROJECT["build-system"]["requires"]}
    assert needed <= TABLES["The system"]


def test_browser_versions_are_exact() -> None:
    versions = {**PACKAGE["dependencies"], **PACKAGE["devDependencies"]}
    assert [
        name for name, version in versions.items() if not re.fullmatch(r"[\d.]+", version)
    ] == []


def locked(name: str) -> set[str]:
    text = (ROOT / name).read_text()
    return {bare(line) for line in text.splitlines() if "==" in line}


def test_locks_hold_every_direct_dependency() -> None:
    runtime, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    assert TABLES["Python, to run"] <= runtime
    assert TABLES["Python, to test and check"] <= dev
    assert runtime <= dev


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_a_hash(name: str) -> None:
    text = (ROOT / name).read_text()
    blocks = re.split(r"\n(?=\S)", text)
    packages = [block for block in blocks if "==" in block]
    assert len(packages) > 30
    assert [block.splitlines()[0] for block in packages if "--hash=sha256:" not in block] == []


def test_locks_name_no_address() -> None:
    """Where packages come from is the user's own setting; a lock says only what they are."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text), name
    packages: dict[str, dict[str, Any]] = json.loads((ROOT / "package-lock.json").read_text())[
        "packages"
    ]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []
