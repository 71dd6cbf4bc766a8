"""Every anchor of docs/tour.md, `file:name`, is a file with that name defined in it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "wangge"
ANCHOR = re.compile(r"`([\w./-]+\.(?:py|js|sql|html|csv)):([\w.]+)`")
ANCHORS = ANCHOR.findall((ROOT / "docs" / "tour.md").read_text(encoding="utf-8"))


def python_names(text: str) -> set[str]:
    """Functions, classes, `Class.method`s, and what a module assigns."""
    found: set[str] = set()
    for node in ast.parse(text).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name, body=body):
                found.add(name)
                found |= {
                    f"{name}.{inner.name}"
                    for inner in body
                    if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
                }
            case (
                ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name))
            ):
                found.add(name)
            case _:
                pass
    return found


def defines(path: Path, name: str) -> bool:
    """Whether the file says what the name is, not only mentions it."""
    text = path.read_text(encoding="utf-8")
    match path.suffix:
        case ".py":
            return name in python_names(text)
        case ".js":
            owner, _, method = name.rpartition(".")
            if owner and not re.search(rf"^export class {owner}\b", text, re.M):
                return False
            if owner:
                return re.search(rf"^  (async )?{method}\(", text, re.M) is not None
            return (
                re.search(rf"^(export )?((async )?function|class|const) {name}\b", text, re.M)
                is not None
            )
        case ".sql":
            return re.search(rf"create table {name}\b", text) is not None
        case _:
            return name in text


def test_the_tour_goes_somewhere() -> None:
    assert len(ANCHORS) > 40
    rooms = {path.split("/")[0] for path, _ in ANCHORS}
    assert {
        "web",
        "dispatch",
        "cases",
        "tasks",
        "people",
        "places",
        "kernel",
        "command",
    } <= rooms


@pytest.mark.parametrize(("path", "name"), ANCHORS, ids=[f"{p}:{n}" for p, n in ANCHORS])
def test_every_anchor_is_there(path: str, name: str) -> None:
    assert (SOURCE / path).is_file()
    assert defines(SOURCE / path, name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("dispatch/intake.py", "tasks"),
        ("dispatch/intake.py", "Intake.give"),
        ("web/static/field/outbox.js", "Outbox.subtract"),
        ("kernel/migrations/0001_ground.sql", "kernel_facts"),
    ],
)
def test_an_anchor_that_is_only_mentioned_or_not_there_is_found(path: str, name: str) -> None:
    assert not defines(SOURCE / path, name)
