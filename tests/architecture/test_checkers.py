"""The contracts that keep checkers apart from solvers name every module there is: a new one too."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOLVERS = ROOT / "src" / "wangge" / "solvers"
#: What both sides read: definitions, and of rosters the competition's, with its judge.
SHARED = {
    "microgrids": {"town"},
    "shifts": {"problem", "inrc"},
    "split": {"town"},
    "deliveries": {"order"},
    "territories": {"network"},
}


def test_each_solver_with_a_checker_is_looked_at() -> None:
    assert {one.parent.name for one in SOLVERS.glob("*/checking.py")} == set(SHARED)


@pytest.mark.parametrize("name", sorted(SHARED))
def test_a_checker_may_import_nothing_of_its_solver(name: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    package = f"wangge.solvers.{name}"
    (contract,) = [
        one for one in contracts if f"{package}.checking" in one.get("source_modules", ())
    ]
    modules = {one.stem for one in (SOLVERS / name).glob("*.py")}
    solver = modules - SHARED[name] - {"__init__", "checking"}
    assert {f"{package}.{one}" for one in solver} <= set(contract["forbidden_modules"])
