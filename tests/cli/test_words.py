"""Errors are sentences; both languages, or the one that was chosen."""

import json
import re
from pathlib import Path

import pytest
from cli_kit import Wangge

from wangge.cli import group, speak

SOURCE = Path(group.__file__).parent


def test_an_empty_folder_is_explained(wangge: Wangge, tmp_path: Path) -> None:
    said = wangge("audit", "head", "--data-dir", tmp_path / "nothing")
    assert said.code == 1
    assert said.err.startswith("✗ ")
    assert "wangge init" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("lang", "chinese", "english"),
    [("zh", True, False), ("en", False, True), ("both", True, True)],
)
def test_languages(
    wangge: Wangge, tmp_path: Path, lang: str, chinese: bool, english: bool
) -> None:
    said = wangge("--lang", lang, "audit", "head", "--data-dir", tmp_path / "nothing").err
    assert bool(re.search("[一-鿿]", said)) is chinese
    assert ("There is no database" in said) is english


def test_a_bug_leaves_a_note_instead_of_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setenv("WANGGE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("WANGGE_DEBUG", raising=False)
    monkeypatch.setattr(group.wangge, "main", broken)
    assert group.called(["doctor"]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert "ZeroDivisionError" in (tmp_path / "log" / "cli-error.log").read_text()


def test_every_sentence_has_its_english() -> None:
    english: dict[str, str] = {}
    for catalogue in (SOURCE / "locale").glob("en*.json"):
        english |= json.loads(catalogue.read_text("utf-8"))
    missing: list[str] = []
    for path in SOURCE.rglob("*.py"):
        text = re.sub(r'"\s*\n\s*"', "", path.read_text("utf-8"))
        for found in re.findall(r'\b(?:_|Sorry)\(\s*"([^"]*[一-鿿][^"]*)"', text):
            if found not in english:
                missing.append(f"{path.name}: {found}")
    assert missing == []


def test_tables_align_chinese() -> None:
    first, _line, second = speak.table([("账号", "x"), ("abcd", "y")], indent="").splitlines()
    assert speak.width(first) == speak.width(second)
    assert first.index("x") == 4
    assert second.index("y") == 6
