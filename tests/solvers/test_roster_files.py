"""Rosters from files: the example of the docs, faults in words, and the three commands."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from wangge.cli.plan import plan
from wangge.solvers.files import Unreadable
from wangge.solvers.shifts.files import read_problem

PAGE = Path(__file__).parents[2] / "docs" / "plans.md"


def example() -> dict[str, Any]:
    page = PAGE.read_text(encoding="utf-8")
    found = re.search(r"<!-- example: roster -->\n```json\n(.*?)```", page, re.S)
    assert found is not None
    return json.loads(found.group(1))


def run(
    tmp_path: Path, verb: str, told: dict[str, Any], *more: str
) -> tuple[int, dict[str, Any]]:
    source, target = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(json.dumps(told), encoding="utf-8")
    args = ["roster", verb, "--in", str(source), "--out", str(target), *more]
    ended = CliRunner().invoke(plan, args, standalone_mode=False)
    assert ended.exception is None, ended.output
    return ended.return_value, json.loads(target.read_text(encoding="utf-8"))


def test_the_example_is_solved_mended_and_judged(tmp_path: Path) -> None:
    told = example()
    code, made = run(tmp_path, "solve", told, "--same")
    assert (code, made["missing"], made["verdict"]["hard"]) == (0, 0, 0)
    told["roster"] = made["roster"]
    code, judged = run(tmp_path, "check", told)
    assert (code, judged["covered"]) == (0, 4)
    ill = next(one["person"] for one in made["roster"] if one["day"] == "2026-03-16")
    person = next(one for one in told["people"] if one["id"] == ill)
    person["away"] = ["2026-03-16", "2026-03-17"]
    code, judged = run(tmp_path, "check", told)
    assert code == 1
    assert {one["kind"] for one in judged["faults"]} == {"away"}
    _, mended = run(tmp_path, "repair", told, "--same")
    assert mended["verdict"]["hard"] == 0
    assert ill not in {one["person"] for one in mended["roster"]}
    assert mended["changed"] > 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "wangge.roster/9"}, "format"),
        ({"needs": [{"post": "west", "shift": "d"}]}, "没有岗位“west”"),
        ({"needs": [{"post": "east", "shift": "x"}]}, "没有班“x”"),
        ({"people": [{"id": "p1"}, {"id": "p1"}]}, "两个“p1”"),
        ({"weights": {"beauty": 1}}, "beauty"),
        ({"days": 0}, "days"),
        ({"first_day": "9999-12-31"}, "first_day"),
        ({"colour": "red"}, "colour"),
        (
            {
                "people": [
                    {
                        "id": "p",
                        "before": [{"from": "2026-03-16T08:00", "to": "2026-03-16T08:00"}],
                    }
                ]
            },
            "before",
        ),
    ],
)
def test_faults_are_said(change: dict[str, Any], words: str) -> None:
    raw = json.dumps({**example(), **change}).encode()
    with pytest.raises(Unreadable) as wrong:
        read_problem(raw)
    assert any(words in str(one) for one in wrong.value.problems)


def test_nobody_at_all_is_no_crash(tmp_path: Path) -> None:
    told: dict[str, Any] = {**example(), "people": []}
    code, made = run(tmp_path, "solve", told, "--same")
    assert (code, made["missing"], made["more_least"] >= 1) == (1, 4, True)
    code, made = run(tmp_path, "solve", {**example(), "needs": []}, "--same")
    assert (code, made["needed"]) == (0, 0)
