"""`wangge plan split` and `wangge plan deliver`: from a file to a file, and bad files in words."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cli_kit import Wangge

PAGE = Path(__file__).parents[2] / "docs" / "plans.md"


def example(name: str) -> Any:
    found = re.search(
        rf"<!-- example: {name} -->\n```json\n(.*?)```", PAGE.read_text("utf-8"), re.S
    )
    assert found is not None
    return json.loads(found[1])


def given(folder: Path, name: str, value: Any) -> Path:
    file = folder / f"{name}.json"
    file.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    return file


def asked(wangge: Wangge, what: str, verb: str, source: Path, *more: object) -> Any:
    answer = source.with_name(f"{what}-{verb}-answer.json")
    said = wangge("plan", what, verb, "--in", source, "--out", answer, *more)
    return said.code, json.loads(answer.read_text("utf-8")), said.out


def test_the_page_says_what_the_split_says(wangge: Wangge, tmp_path: Path) -> None:
    town = given(tmp_path, "town", example("split"))
    code, told, out = asked(wangge, "split", "solve", town)
    assert code == 1  # two people come too late, and the answer says for how many doors
    assert told["sentences"][:1] == example("split sentences")
    assert told["sentences"][0]["zh"] in out
    assert told["teams"][0]["late"] > 0
    assert asked(wangge, "split", "solve", town)[1] == told


def test_a_split_is_checked_and_repaired(wangge: Wangge, tmp_path: Path) -> None:
    town = given(tmp_path, "town", example("split") | {"workers": ["a", "b", "c"]})
    code, told, _ = asked(wangge, "split", "solve", town)
    assert (code, told["verdict"]["violations"]) == (0, [])
    plan = town.with_name("split-solve-answer.json")
    assert asked(wangge, "split", "check", town, "--plan", plan)[0] == 0
    code, mended, out = asked(
        wangge, "split", "repair", town, "--plan", plan, "--gone", "b", "--minutes", 60
    )
    assert code == 0
    assert {one["from"] for one in mended["handed"]} == {"b"}
    assert mended["doors"] == sum(one["doors"] for one in mended["handed"]) > 0
    assert "别人的门一户不动" in out
    said = wangge(
        *("plan", "split", "repair", "--in", town, "--out", town.with_name("x.json")),
        *("--plan", plan, "--gone", "b", "--minutes", "nan"),
    )
    assert said.code != 0
    said = wangge(
        *("plan", "split", "repair", "--in", town, "--out", town.with_name("x.json")),
        *("--plan", plan, "--gone", "nobody"),
    )
    assert said.code == 1
    assert "“nobody”" in said.err


def test_floors_that_are_done_stay_done(wangge: Wangge, tmp_path: Path) -> None:
    town = given(tmp_path, "town", example("split") | {"workers": ["a", "b", "c"]})
    asked(wangge, "split", "solve", town)
    plan = town.with_name("split-solve-answer.json")
    done = given(tmp_path, "done", {"b1u1": list(range(3, 29))})
    _, mended, _ = asked(
        *(wangge, "split", "repair", town, "--plan", plan, "--gone", "a"),
        *("--done", done, "--minutes", 60),
    )
    doors = sum(load["doors"] for load in mended["verdict"]["loads"])
    assert doors == 134 - 52


def test_the_page_says_what_the_delivery_says(wangge: Wangge, tmp_path: Path) -> None:
    order = given(tmp_path, "order", example("deliver"))
    code, told, _ = asked(wangge, "deliver", "solve", order)
    assert code == 1  # one person does not make it in the hour
    assert told["sentences"][-1:] == example("deliver sentences")
    assert (told["verdict"]["shortage"], told["verdict"]["double"]) == (0, 0)


def test_a_delivery_is_checked_signed_and_repaired(wangge: Wangge, tmp_path: Path) -> None:
    wanted = example("deliver")
    wanted["drops"][0]["hands"] = 2
    order = given(tmp_path, "order", wanted)
    code, told, _ = asked(wangge, "deliver", "solve", order)
    assert (code, told["verdict"]["violations"]) == (0, [])
    plan = order.with_name("deliver-solve-answer.json")
    signed = given(tmp_path, "signed", told["handovers"])
    assert asked(wangge, "deliver", "check", order, "--plan", plan, "--signed", signed)[0] == 0
    signed.write_text(json.dumps(told["handovers"][1:]), "utf-8")
    code, judged, _ = asked(
        wangge, "deliver", "check", order, "--plan", plan, "--signed", signed
    )
    assert code == 1
    assert {one["kind"] for one in judged["violations"]} == {"signed_short"}
    _, mended, _ = asked(wangge, "deliver", "repair", order, "--plan", plan, "--hand", "east/1")
    assert (mended["stranded"], mended["verdict"]["shortage"]) == (0, 0)


@pytest.mark.parametrize(
    ("what", "change", "words"),
    [
        ("split", {"format": "x"}, "format 应是“wangge.split/1”"),
        ("split", {"rules": {"lift": 2}}, "rules 里没有“lift”这一项"),
        ("split", {"rules": {"door_seconds": 1e300}}, "“door_seconds”要在 0 到 100000 之间"),
        ("split", {"minutes": 0}, "minutes"),
        ("split", {"workers": ["a", "a"]}, "workers 第 2 项的编号“a”用过了"),
        ("split", {"stairwells": [{"id": "u"}]}, "要写 stops"),
        (
            "split",
            {"stairwells": [{"id": "u", "stops": [{"floor": 1, "doors": 1}] * 2}]},
            "有一层写了两次",
        ),
        ("split", {"stairwells": [{"id": "u", "stops": [], "x": 1}]}, "要么写 x 和 y"),
        ("deliver", {"format": "x"}, "format 应是“wangge.deliver/1”"),
        ("deliver", {"drops": []}, "stairwells 第 1 项提到的“east”不在 drops 里"),
        ("deliver", {"stairwells": [{"id": "u", "drop": "east"}]}, "要写 doors"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(
    wangge: Wangge, tmp_path: Path, what: str, change: dict[str, Any], words: str
) -> None:
    source = given(tmp_path, "bad", example(what) | change)
    answer = tmp_path / "answer.json"
    said = wangge("plan", what, "solve", "--in", source, "--out", answer)
    assert said.code == 1
    assert words in said.err
    assert "Traceback" not in said.err
    assert not answer.exists()
