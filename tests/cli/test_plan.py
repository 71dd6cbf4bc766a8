"""`wangge plan microgrids`: from a file to a file, and bad files in words."""

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


@pytest.fixture
def town(tmp_path: Path) -> Path:
    file = tmp_path / "town.json"
    file.write_text(json.dumps(example("town"), ensure_ascii=False), "utf-8")
    return file


def asked(
    wangge: Wangge, verb: str, town: Path, *more: object
) -> tuple[int, dict[str, Any], str]:
    answer = town.with_name(f"{verb}.json")
    said = wangge("plan", "microgrids", verb, "--in", town, "--out", answer, *more)
    return said.code, json.loads(answer.read_text("utf-8")), said.out


def test_the_page_says_what_the_checker_says(wangge: Wangge, town: Path) -> None:
    code, told, out = asked(wangge, "check", town)
    assert code == 0
    assert told["sentences"] == example("sentences")
    assert told["sentences"][0]["zh"] in out
    assert [step["to"] for step in told["best_steps"]] == ["g2"]


def test_a_repair_moves_one_stairwell_and_says_so(wangge: Wangge, town: Path) -> None:
    code, told, out = asked(wangge, "repair", town)
    assert code == 0
    assert [step["units"] for step in told["moves"]] == [["b1u2"]]
    assert told["verdict"]["moved"]["households"] == 56
    assert "56 户换网格长" in out
    judged = asked(wangge, "check", town, "--plan", town.with_name("repair.json"))[1]
    assert judged["max_mean"] == told["verdict"]["max_mean"]


def test_a_proposal_is_the_same_for_the_same_seed(wangge: Wangge, town: Path) -> None:
    first = asked(wangge, "propose", town, "--seed", 3, "--tries", 50)[1]
    again = asked(wangge, "propose", town, "--seed", 3, "--tries", 50)[1]
    assert first == again
    assert first["stopped"] == ""
    assert set(first["division"]) == {"b1u1", "b1u2", "b2u1", "b2u2"}


def test_floors_are_divided_when_asked(wangge: Wangge, town: Path) -> None:
    given = example("town")
    given["units"] = [unit | {"special": 0} for unit in given["units"][:3]]
    given["units"][2] |= {"households": 60, "floors": 28, "lift": True}
    town.write_text(json.dumps(given), "utf-8")
    whole = asked(wangge, "propose", town)[1]
    assert whole["proofs"]
    code, split, _ = asked(wangge, "propose", town, "--floors")
    assert code == 0
    assert "unit_by_floors" in {one["kind"] for one in split["verdict"]["violations"]}
    assert split["verdict"]["max_mean"] < whole["verdict"]["max_mean"]
    assert any(unit["part_of"] for unit in split["town"]["units"] if "part_of" in unit)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "x"}, "format 应是“wangge.microgrids/1”"),
        ({"rules": {"hevy": 2}}, "rules 里没有“hevy”这一项"),
        ({"rules": {"heavy": 0.5}}, "“heavy”要大于 1"),
        ({"communities": []}, "buildings 第 1 项提到的“yin”不在 communities 里"),
        ({"heads": [{"id": "h1"}]}, "grids 第 2 项提到的“h2”不在 heads 里"),
        ({"paths": [["b1u1", "nowhere"]]}, "paths 第 1 项提到的“nowhere”不在 units 里"),
        ({"units": [{"id": "u", "building": "b1", "households": -1}]}, "households"),
        ({"units": [{"id": "u", "building": "b1"}]}, "households"),
        ({"unit": []}, "没有“unit”这一项"),
        ({"units": [{"id": "u", "building": "b1"}]}, "units #1 缺“households”"),
        ({"heads": [{"id": "h1"}, {"id": 7}]}, "heads #2 id 应是一段文字,文件里是一个整数"),
        ({"grids": None}, "grids 应是列表 […],文件里是空(null)"),
        ({"communities": [{"id": "yin", "count": 1e30}]}, "一个小数或太大的数"),
        ({"communities": [{"id": ""}]}, "communities #1 id 不能是空的"),
        ({"paths": [["b1u1"]]}, "paths #1 要正好 2 项"),
        ({"buildings": [{"id": "b1", "community": "yin", "x": float("nan")}]}, "NaN"),
        ({"buildings": [{"id": "b1", "community": "yin", "x": 3}]}, "要么写 x 和 y"),
        ({"buildings": [{"id": "b1", "community": "yin", "lon": 1e308, "lat": 1}]}, "lon"),
    ],
)
def test_a_bad_town_is_refused_with_its_place(
    wangge: Wangge, town: Path, change: dict[str, Any], words: str
) -> None:
    town.write_text(json.dumps(example("town") | change), "utf-8")
    answer = town.with_name("answer.json")
    said = wangge("plan", "microgrids", "check", "--in", town, "--out", answer)
    assert said.code == 1
    assert words in said.err
    assert "Traceback" not in said.err
    assert not answer.exists()


def test_what_is_no_json_and_no_plan_is_refused(wangge: Wangge, town: Path) -> None:
    broken = town.with_name("broken.json")
    for raw, words in (
        (b"\xff\xfe{", "UTF-8"),
        ("{“网格”".encode("gb18030"), "UTF-8"),
        (b" \n", "文件是空的"),
        (b'{"format": "x"', "文件没有写完"),
        (b'{\n"format": x}', "第 2 行第 11 个字节"),
    ):
        broken.write_bytes(raw)
        for given in (("--in", broken), ("--in", town, "--plan", broken)):
            said = wangge(
                "plan", "microgrids", "check", *given, "--out", town.with_name("a.json")
            )
            assert said.code == 1
            assert words in said.err


def test_a_file_saved_by_an_editor_that_marks_utf_8_is_read(wangge: Wangge, town: Path) -> None:
    town.write_bytes(b"\xef\xbb\xbf" + town.read_bytes())
    assert asked(wangge, "check", town)[0] == 0


def test_a_grid_that_is_not_there_cannot_be_closed(wangge: Wangge, town: Path) -> None:
    answer = town.with_name("answer.json")
    said = wangge(
        "plan", "microgrids", "repair", "--in", town, "--out", answer, "--close", "g9"
    )
    assert said.code == 1
    assert "“g9”" in said.err
    said = wangge(
        *("plan", "microgrids", "repair", "--in", town, "--out", answer),
        *("--close", "g1", "--close", "g2"),
    )
    assert said.code == 1
    assert "不能全部停用" in said.err


def test_a_grid_that_ended_is_not_counted(wangge: Wangge, town: Path) -> None:
    code, told, _ = asked(wangge, "repair", town, "--close", "g2", "--seconds", 30)
    assert code == 0
    assert [one["grid"] for one in told["verdict"]["grids"]] == ["g1"]
    assert told["verdict"]["max_mean"] == 1.0
    assert told["verdict"]["violations"] == []
