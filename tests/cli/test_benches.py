"""Measurements take their own options and files, and nothing in silence. What they measure is no test's."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wangge.bench import BENCHES
from wangge.bench.options import options, table

DOCS = Path(__file__).parents[2] / "docs"


def bench(name: str) -> Callable[..., int]:
    module, function = BENCHES[name].split(":")
    main: Callable[..., int] = getattr(importlib.import_module(module), function)
    return main


@pytest.mark.parametrize("name", BENCHES)
def test_an_option_that_is_not_known_is_refused_before_anything_is_done(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        bench(name)(as_json=True, rest=["--nowhere"])
    assert ended.value.code == 2
    assert f"wangge bench {name}: error: unrecognized arguments: --nowhere" in (
        capsys.readouterr().err
    )


def test_options_have_the_kind_of_their_default() -> None:
    def asked(*rest: str) -> Any:
        return options(
            "x", rest, names=("a", "b"), seconds=2.5, seed=1, at=Path, scale=("u", "v")
        )

    assert vars(asked()) == {
        "names": [],
        "seconds": 2.5,
        "seed": 1,
        "at": None,
        "scale": "u",
    }
    here = str(DOCS)
    found = asked("b", "--seconds", "3", "--at", here, "--scale", "v")
    assert (found.names, found.seconds, found.at, found.scale) == (["b"], 3.0, DOCS, "v")
    for wrong in (["--seed", "1.5"], ["--scale", "w"], ["--at", "/nowhere"], ["c"], ["--seed"]):
        with pytest.raises(SystemExit):
            asked(*wrong)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("who,minutes\nli,3\n", "row 2: there is no column task"),
        ("task,minutes\na,3\nb,x\n", "row 3: could not convert"),
    ],
)
def test_a_table_that_cannot_be_read_is_named_by_its_row(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(text, encoding="utf-8-sig")
    with pytest.raises(SystemExit) as ended:
        list(table(file, task=str, minutes=float))
    assert said in str(ended.value.code)


def rows(
    name: str, file: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> dict[str, dict[str, Any]]:
    assert bench(name)(as_json=True, rest=["--data", str(file), *more]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {one["name"]: one for one in found}


def test_a_surge_of_ones_own_is_given_out_in_the_fewest_minutes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "surge.csv"
    file.write_text("task,worker,minutes\nt1,a,3\nt1,b,4\nt2,a,2\nt3,a,9\n")
    found = rows("assign", file, capsys, "--seconds", "0", "--rounds", "1")["assign"]
    assert (found["work"], found["minutes"], found["proved"], found["reasons"]) == (
        3,
        6.0,
        True,
        3,
    )


def test_stints_of_ones_own_are_looked_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "stints.csv"
    file.write_text(
        "person,begins,ends\nli,2026-03-16T07:00,2026-03-17T05:00\n"
        "wang,2026-03-16T07:00,2026-03-16T15:00\n"
    )
    found = rows("fatigue", file, capsys, "--rounds", "1")
    assert (found["fatigue scan"]["work"], found["fatigue scan"]["people"]) == (2, 1)


def test_a_roster_of_ones_own_is_made_and_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (DOCS / "plans.md").read_text(encoding="utf-8")
    example = text.split("<!-- example: roster -->\n```json\n")[1].split("```")[0]
    file = tmp_path / "roster.json"
    file.write_text(example, encoding="utf-8")
    found = rows("roster", file, capsys, "--seconds", "20", "--repair-seconds", "20")
    assert (found["roster"]["missing"], found["roster"]["violations"]) == (0, 0)
    # All three are ill: every place is empty, and nobody stands anywhere.
    assert (found["roster repair"]["missing"], found["roster repair"]["violations"]) == (4, 0)
