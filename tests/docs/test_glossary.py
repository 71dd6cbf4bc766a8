"""Every name in docs/glossary.md is a name, or a word in quotes or SQL, of the code."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "wangge"


def names_of_the_code() -> set[str]:
    """Identifiers, attributes, and strings that are one word; tables and columns of migrations."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                    found.add(name)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    found.add(name)
                case ast.ClassDef(name=name):
                    found.add(name)
                case ast.Constant(value=str(text)) if text.isidentifier():
                    found.add(text)
                case _:
                    pass
    for path in SOURCE.rglob("*.sql"):
        found |= set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return found


def rows(page: str) -> list[list[str]]:
    cells = [
        line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")
    ]
    return [row for row in cells if row[0] != "中文"]


def test_every_name_is_one_of_the_code() -> None:
    known = names_of_the_code()
    found = rows(PAGE)
    assert len(found) > 40
    for row in found:
        assert len(row) == 3, row
        names = re.findall(r"`([^`]+)`", row[2])
        assert names, row
        assert [name for name in names if name not in known] == [], row


def test_a_name_the_code_does_not_know_would_be_found() -> None:
    assert "quarantine_dwelling_officer" not in names_of_the_code()


def test_no_term_is_explained_twice() -> None:
    terms = [row[0] for row in rows(PAGE)]
    assert len(terms) == len(set(terms))
