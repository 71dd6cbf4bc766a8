"""`wangge addresses`: lines in, parts out; labelled lines in, a model out."""

import json
from pathlib import Path

import pytest
from cli_kit import Wangge

LINE = "宁波市晚枫路88号殷家花园7幢4单元901室"


def labelled(count: int) -> str:
    towns = ("青禾镇", "晚枫镇", "素竹镇")
    return "".join(f"{towns[n % 3]}/town 春溪路/road {n + 1}号/roadno\n" for n in range(count))


def test_a_file_of_addresses_is_taken_apart(wangge: Wangge, tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes(LINE.encode("gb18030") + b"\r\n\r\n")
    said = wangge("addresses", "elements", file)
    assert said.code == 0
    (row,) = [json.loads(line) for line in said.out.splitlines()]
    kinds = [part["kind"] for part in row["elements"]]
    assert kinds == ["city", "road", "roadno", "poi", "houseno", "cellno", "roomno"]
    assert row["address"] == LINE


def test_labels_come_out_as_they_go_in(wangge: Wangge, tmp_path: Path) -> None:
    file, mended, model = tmp_path / "lines", tmp_path / "mended", tmp_path / "model"
    file.write_text("青禾镇春溪路7号\n", "utf-8")
    said = wangge("addresses", "elements", file, "--labelled")
    assert said.out == "青禾镇/town 春溪路/road 7号/roadno\n"
    mended.write_text(labelled(60), "utf-8")
    trained = wangge("addresses", "train", mended, "--to", model)
    assert trained.code == 0, trained.err
    assert "F1" in trained.out
    again = wangge("addresses", "elements", file, "--labelled", "--model", model)
    assert again.out == said.out


def test_too_few_or_wrong_labels_are_refused_in_words(wangge: Wangge, tmp_path: Path) -> None:
    file, model = tmp_path / "labelled", tmp_path / "model"
    file.write_text(labelled(49), "utf-8")
    few = wangge("addresses", "train", file, "--to", model)
    assert (few.code, "50" in few.err, model.exists()) == (1, True, False)
    file.write_text(labelled(60) + "春溪路/street\n", "utf-8")
    wrong = wangge("addresses", "train", file, "--to", model)
    assert (wrong.code, "61" in wrong.err, "春溪路/street" in wrong.err) == (1, True, True)


def test_what_is_no_model_is_said(wangge: Wangge, tmp_path: Path) -> None:
    file = tmp_path / "lines"
    file.write_text(LINE, "utf-8")
    said = wangge("addresses", "elements", file, "--model", file)
    assert said.code == 1
    assert "Traceback" not in said.err


CORPUS = "宁 B-city\n波 I-city\n市 I-city\n晚 B-road\n枫 I-road\n路 I-road\n{n} B-roadno\n号 I-roadno\n\n"


def corpus(count: int) -> str:
    return "".join(CORPUS.format(n=n) for n in range(1, count + 1))


def test_the_form_of_the_public_corpus_is_read_and_scored(
    wangge: Wangge, tmp_path: Path
) -> None:
    file, model = tmp_path / "dev.txt", tmp_path / "model"
    file.write_text(corpus(60).replace("B-road\n", "B-ROAD\n", 1), "utf-8")
    assert wangge("addresses", "train", file, "--to", model).code == 0
    for more in ((), ("--model", model)):
        said = wangge("addresses", "score", file, *more)
        assert (said.code, "60" in said.out, "F1 1.0000" in said.out) == (0, True, True)


@pytest.mark.parametrize(
    "wrong",
    [
        corpus(60) + "宁\n",
        corpus(60) + "宁 B-town village\n",
        corpus(60) + "宁 X-city\n",
        corpus(60) + "宁 O\n",
        corpus(60) + "B-city\n",
        labelled(60) + "宁 B-city\n",
        labelled(60) + "/city\n",
        labelled(60) + "春溪路/\n",
        labelled(60) + "x" * 5_000 + "\n",
        "{}",
        "\x00\x01\x02",
        "\n\n",
        "",
    ],
)
def test_a_bad_line_is_said_with_its_number_and_nothing_is_written(
    wangge: Wangge, tmp_path: Path, wrong: str
) -> None:
    file, model = tmp_path / "labelled", tmp_path / "model"
    file.write_text(wrong, "utf-8")
    said = wangge("addresses", "train", file, "--to", model)
    assert (said.code, model.exists(), "Traceback" in said.err) == (1, False, False)
    assert len(said.err) < 1_500
    line = wrong.rstrip("\n").count("\n") + 1
    assert not wrong.strip() or str(line) in said.err
    assert wangge("addresses", "score", file).code == 1


def test_a_model_is_written_where_there_is_a_folder_and_never_over_the_labels(
    wangge: Wangge, tmp_path: Path
) -> None:
    file = tmp_path / "labelled"
    file.write_text(labelled(60), "utf-8")
    for to in (file, tmp_path / "nowhere" / "model"):
        said = wangge("addresses", "train", file, "--to", to)
        assert (said.code, "Traceback" in said.err) == (1, False)
    assert file.read_text("utf-8") == labelled(60)
