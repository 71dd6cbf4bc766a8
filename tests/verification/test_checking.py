"""Lists held against a register, without a database. Everybody is made up."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wangge.bench.contact_lists import residents
from wangge.bench.contact_lists import written as made_up
from wangge.bench.verify import linked, public
from wangge.cli.speak import Sorry
from wangge.cli.verify import verify
from wangge.kernel.refusals import Invalid
from wangge.matching.linking import Residents
from wangge.solvers.contacts import DEFECTS, contradictions
from wangge.verification.answers import (
    Answer,
    Asked,
    Contradiction,
    Rival,
    RowAnswer,
    Words,
    read_answer,
    written,
)
from wangge.verification.columns import columns_of, names_a_column
from wangge.verification.files import checked
from wangge.verification.questions import ID_WORDS, WHY_WORDS, question
from wangge.verification.reading import Line, Reader, entries_of, mentions
from wangge.verification.refusals import NoRegister


def _not_installed(*_: object) -> None:
    return None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rows_are_linked_without_one_wrong_link_on_unseen_seeds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wangge.bench.verify.splink_links", _not_installed)
    ours = next(row for row in linked(1_500, 20_000, seed) if row.name == "verify")
    assert ours.wrong == 0
    assert ours.recall is not None
    assert ours.recall >= 0.985


def test_a_sisters_numbers_under_a_brothers_name_are_asked_though_no_address_tells() -> None:
    one, two = (person.id_number for person in residents(2, 9))
    register = Residents(
        ["甲青墨", "甲青柳"],
        [one, two],
        ["19900001234", "19900004321"],
        [None, None],
        ["", ""],
        ["door", "door"],
    )
    reader = Reader(columns_of(("姓名", "身份证号", "电话")), date(2026, 3, 18))
    (outcome,) = checked(reader, [Line(1, ("甲青柳", one, "19900001234"))], register)
    assert outcome.link.kind == "ask"
    (outcome,) = checked(reader, [Line(1, ("甲青竹", one, "19900001234"))], register)
    assert outcome.link.kind == "mended"


def test_the_same_seed_writes_the_same_list() -> None:
    people = residents(500, 4)
    assert made_up(people, 100, 4) == made_up(residents(500, 4), 100, 4)
    assert all(one.id_number.startswith("99") for one in people)


def test_headings_of_offices_and_of_public_lists_are_known() -> None:
    columns = columns_of(
        ("序号", "姓名", "身份证号码", "联系电话", "现住址", "密接于", "末次接触日期")
    )
    assert columns.of_people
    assert columns.of_contacts
    assert (columns.at["source"], columns.at["end"]) == (5, 6)
    assert columns_of(("CaseID", "Related cases", "start_source", "end_source")).of_contacts
    assert not columns_of(("姓名", "身份证号")).of_contacts
    assert names_a_column("联系 电话:")


def test_a_cell_names_entries_and_no_days() -> None:
    known = {"1", "2", "20", "TJ5", "TJ6"}
    assert mentions("1,20", known) == ("1", "20")
    assert mentions("1号病例、2号", known) == ("1", "2")
    assert mentions("1月20日同车", known) == ()
    assert mentions("family of cases TJ5 TJ6 on 2 Feb", known, {"TJ#"}) == ("TJ5", "TJ6")
    assert mentions("TJ77; JN25", known, {"TJ#"}) == ("TJ77",)
    assert mentions("和甲青禾同住", known, names={"甲青禾": "1"}) == ()
    assert mentions("甲青禾、乙竹", known, names={"甲青禾": "1", "乙竹": "2"}) == ("1", "2")


def test_dates_in_three_formats_and_one_that_never_was() -> None:
    columns = columns_of(("编号", "姓名", "接触开始", "接触结束", "发病日期"))
    rows = [
        ("1", "甲青禾", "2020-02-01", "2020年2月3日", "43866"),
        ("2", "乙竹", "2020.2.1", "2020.2.30", ""),
    ]
    entries = entries_of([Line(at, row) for at, row in enumerate(rows)], columns)
    assert [str(entries[0].start), str(entries[0].end), str(entries[0].onset)] == [
        "2020-02-01",
        "2020-02-03",
        "2020-02-05",
    ]
    assert [one.kind for one in contradictions(entries)] == ["no_such_day"]


def test_every_open_row_has_words_a_caller_can_say() -> None:
    columns = columns_of(("姓名", "身份证号", "电话"))
    for code in WHY_WORDS:
        asked = question(("甲青禾", "", "19900001234"), columns, code, 2, other=7)
        assert asked.ask
        assert asked.whom == "self"
        told = "".join(str(one) for one in (*asked.why, *asked.ask))
        assert "{" not in told
        for word in ("隐瞒", "谎", "造假", "虚报", "可疑", "嫌疑"):
            assert word not in told
    assert question(("甲青禾", "99", ""), columns, "nobody", 0).whom == "maker"
    assert set(ID_WORDS) >= {"masked", "check", "length", "date"}


def test_a_question_tells_nothing_of_the_register() -> None:
    columns = columns_of(("姓名", "身份证号", "电话"))
    asked = question(("甲青禾", "", ""), columns, "which", 3)
    assert all(not one.values or set(one.values) <= {"count", "row"} for one in asked.ask)


LIST = (
    "序号,姓名,身份证号,联系电话,现住址,密接于,末次接触日期,发病日期\n"
    "1,甲青禾,{right},19900001234,青禾苑1幢1单元101室,,2026-01-03,2026-01-05\n"
    "2,甲清禾,{slip},,青禾苑1幢1单元102室,1,2026.2.30,\n"
    "3,丙竹,,,,1,2026-01-09,2026-01-08\n"
)
REGISTER = (
    "编号,姓名,身份证号,联系电话,现住址\n"
    "A,甲青禾,{right},19900001234,青禾苑1幢1单元101室\n"
    "B,甲清禾,{other},19900004321,青禾苑1幢1单元102室\n"
)


def _files(folder: Path) -> tuple[Path, Path]:
    people = residents(2, 9)
    right, other = (one.id_number for one in people)
    slip = other[:16] + str((int(other[16]) + 1) % 10) + other[17]
    (folder / "list.csv").write_text(LIST.format(right=right, slip=slip), "utf-8")
    (folder / "register.csv").write_text(REGISTER.format(right=right, other=other), "utf-8")
    return folder / "list.csv", folder / "register.csv"


def test_the_terminal_checks_a_list_without_a_database(tmp_path: Path) -> None:
    source, register = _files(tmp_path)
    target = tmp_path / "answer.json"
    done = CliRunner().invoke(
        verify,
        ["--in", str(source), "--register", str(register), "--out", str(target)],
    )
    assert done.exit_code == 0, done.output
    told = json.loads(target.read_text("utf-8"))
    assert told["counts"] == {"right": 1, "mended": 1, "ask": 1}
    assert [one["resident"] for one in told["list"]] == ["A", "B", None]
    assert set(told["list"][1]["mends"]) == {"id"}
    assert told["list"][2]["question"]["ask"][0]["zh"].startswith("没有能打通的电话")
    assert [one["kind"] for one in told["contradictions"]] == [
        "no_such_day",
        "window_after_onset",
    ]
    assert target.stat().st_mode & 0o077 == 0
    assert "1 行核对无误" in done.output


def test_a_pasted_chat_is_a_list(tmp_path: Path) -> None:
    _, register = _files(tmp_path)
    chat = tmp_path / "chat.txt"
    chat.write_text(
        "青禾苑1幢1单元101 甲青禾 19900001234\n今天下雨\n青禾苑1幢1单元102 甲清禾\n", "utf-8"
    )
    target = tmp_path / "answer.json"
    done = CliRunner().invoke(
        verify, ["--in", str(chat), "--register", str(register), "--out", str(target)]
    )
    assert done.exit_code == 0, done.output
    told = json.loads(target.read_text("utf-8"))
    assert [one["resident"] for one in told["list"]] == ["A", "B"]
    assert "1 行没有当作人读入" in done.output


def test_public_lists_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    assert list(public(tmp_path)) == []
    (tmp_path / "Tianjin135cases_revised.csv").write_text(
        "case_id,symptom_onset,Infection_source,start_source,end_source\n"
        "TJ1,14/01/2020,Wuhan,05/01/2020,14/01/2020\n"
        "TJ2,26/01/2020,case TJ1 (family),,31/01/2020\n",
        "utf-8",
    )
    (row,) = public(tmp_path)
    assert (row.defects, row.hints) == (1, 0)


def test_a_chat_saved_by_an_older_program_is_read(tmp_path: Path) -> None:
    _, register = _files(tmp_path)
    chat = tmp_path / "chat.txt"
    chat.write_bytes("青禾苑1幢1单元101 甲青禾 19900001234\n".encode("gb18030"))
    target = tmp_path / "answer.json"
    done = CliRunner().invoke(
        verify, ["--in", str(chat), "--register", str(register), "--out", str(target)]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(target.read_text("utf-8"))["list"][0]["resident"] == "A"


def test_the_answer_is_never_written_over_what_was_given(tmp_path: Path) -> None:
    source, register = _files(tmp_path)
    before = source.read_bytes(), register.read_bytes()
    for target in (source, register):
        done = CliRunner().invoke(
            verify, ["--in", str(source), "--register", str(register), "--out", str(target)]
        )
        assert isinstance(done.exception, Sorry)
    assert (source.read_bytes(), register.read_bytes()) == before


def test_a_table_without_a_known_column_is_refused_with_its_headings(tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("颜色,大小\n红,3\n蓝,4\n", "utf-8")
    done = CliRunner().invoke(verify, ["--in", str(odd), "--out", str(tmp_path / "a.json")])
    assert isinstance(done.exception, Sorry)
    assert "颜色、大小" in str(done.exception.values["found"])


def test_neither_a_register_of_nobody_nor_two_columns_of_one_name_are_guessed_at(
    tmp_path: Path,
) -> None:
    source, register = _files(tmp_path)
    nobody = tmp_path / "nobody.csv"
    nobody.write_text(register.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    target = tmp_path / "a.json"
    done = CliRunner().invoke(
        verify, ["--in", str(source), "--register", str(nobody), "--out", str(target)]
    )
    assert isinstance(done.exception, Invalid)
    twice = tmp_path / "twice.csv"
    twice.write_text("姓名,姓 名,联系电话\n王小明,李四,19900000001\n", "utf-8")
    done = CliRunner().invoke(
        verify, ["--in", str(twice), "--register", str(register), "--out", str(target)]
    )
    assert isinstance(done.exception, Sorry)
    assert "“姓名”" in str(done.exception)
    assert not target.exists()


def test_a_row_without_a_number_is_not_called_by_anothers() -> None:
    columns = columns_of(("编号", "姓名", "密接于", "发病日期"))
    rows = [
        Line(at + 2, (str(at + 1) if at != 3 else "", f"某{at}", "", "2026-03-01"))
        for at in range(8)
    ]
    assert contradictions(entries_of(rows, columns)) == []


def call(*arguments: object) -> Result:
    return CliRunner().invoke(verify, [str(one) for one in arguments])


def test_an_answer_is_read_back_as_it_was_written_and_mends_the_list(tmp_path: Path) -> None:
    source, register = _files(tmp_path)
    target, mended = tmp_path / "answer.json", tmp_path / "mended.csv"
    assert call("--in", source, "--register", register, "--out", target).exit_code == 0
    assert written(read_answer(target.read_bytes())) == target.read_bytes()
    # Nobody has looked: nothing is mended.
    assert call("--in", source, "--answer", target, "--out", mended).exit_code == 0
    before = _rows(mended)
    assert before[0][-3:] == ["核对结果", "改了什么", "要问的"]
    assert [row[-3] for row in before[1:]] == ["核对无误", "有改正建议", "要问一问"]
    told = json.loads(target.read_bytes())
    told["list"][1]["taken"] = True
    target.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    assert call("--in", source, "--answer", target, "--out", mended).exit_code == 0
    after = _rows(mended)
    assert after[2][2] == told["list"][1]["mends"]["id"]
    assert after[2][-3:-1] == ["已改正", "身份证号"]
    assert after[3][-1].startswith("没有能打通的电话")
    assert mended.stat().st_mode & 0o077 == 0


def _rows(file: Path) -> list[list[str]]:
    return list(csv.reader(file.read_text("utf-8-sig").splitlines()))


def test_what_does_not_fit_is_asked_in_its_row_until_somebody_has_asked(tmp_path: Path) -> None:
    source, register = _files(tmp_path)
    target, mended = tmp_path / "answer.json", tmp_path / "mended.csv"
    call("--in", source, "--register", register, "--out", target)
    call("--in", source, "--answer", target, "--out", mended)
    assert ["请问 2号:接触结束是几月几日?" in row[-1] for row in _rows(mended)[1:]] == [
        False,
        True,
        False,
    ]
    told = json.loads(target.read_bytes())
    assert [one["rows"] for one in told["contradictions"]] == [[3], [4]]
    told["contradictions"][0]["asked"] = True
    target.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    call("--in", source, "--answer", target, "--out", mended)
    assert not any("几月几日" in row[-1] for row in _rows(mended))


def test_a_list_without_a_register_is_held_against_itself_and_gets_its_questions(
    tmp_path: Path,
) -> None:
    source, _ = _files(tmp_path)
    target, mended = tmp_path / "answer.json", tmp_path / "mended.csv"
    done = call("--in", source, "--out", target)
    assert "3 行写的接触情况,对不上的有 2 处。" in done.output
    assert call("--in", source, "--answer", target, "--out", mended).exit_code == 0
    assert [bool(row[-1]) for row in _rows(mended)[1:]] == [False, True, True]
    people = tmp_path / "people.csv"
    people.write_text("姓名,联系电话\n甲青禾,19900001234\n", "utf-8")
    assert "没有什么可核对的" in call("--in", people, "--out", target).output


def test_two_people_of_one_line_of_a_chat_are_two_rows_of_the_mended_list(
    tmp_path: Path,
) -> None:
    _, register = _files(tmp_path)
    chat = tmp_path / "chat.txt"
    chat.write_text("青禾苑1幢1单元101 甲青禾 19900001234 乙竹 19900009999\n", "utf-8")
    target, mended = tmp_path / "answer.json", tmp_path / "mended.csv"
    call("--in", chat, "--register", register, "--out", target)
    assert call("--in", chat, "--answer", target, "--out", mended).exit_code == 0
    assert [row[-3] for row in _rows(mended)[1:]] == ["核对无误", "要问一问"]


def test_an_answer_that_is_none_or_of_another_list_is_refused_with_the_place(
    tmp_path: Path,
) -> None:
    source, register = _files(tmp_path)
    target, out = tmp_path / "answer.json", tmp_path / "out.csv"
    call("--in", source, "--register", register, "--out", target)
    told = json.loads(target.read_bytes())

    def refused(said: object) -> str:
        bad = tmp_path / "bad.json"
        bad.write_text(said if isinstance(said, str) else json.dumps(said), "utf-8")
        done = call("--in", source, "--answer", bad, "--out", out)
        assert isinstance(done.exception, Invalid)
        assert not out.exists()
        return done.exception.words("zh")

    assert "JSON" in refused("{")
    wrong = [dict(told["list"][0]), {**told["list"][1], "taken": "yes"}, told["list"][2]]
    assert "$.list[1].taken" in refused({**told, "list": wrong})
    assert "wangge.verification/0" in refused({**told, "format": "wangge.verification/0"})
    assert "不是这份名单的" in refused({**told, "of": "0" * 64})


def test_columns_are_said_at_the_terminal_where_headings_say_nothing(tmp_path: Path) -> None:
    source, register = _files(tmp_path)
    text = source.read_text("utf-8").replace("姓名,身份证号,联系电话", "XM,证件,联络")
    source.write_text(text, "utf-8")
    target = tmp_path / "answer.json"
    said = ("--column", "XM=name", "--column", "证件=id_number")
    assert call("--in", source, "--register", register, *said, "--out", target).exit_code == 0
    assert json.loads(target.read_bytes())["counts"] == {"right": 1, "mended": 1, "ask": 1}
    for wrong in ("XM=colour", "没有=name", "XM"):
        done = call("--in", source, "--column", wrong, "--out", target)
        assert isinstance(done.exception, Sorry), wrong


def test_a_register_that_names_nobody_is_refused_with_its_headings(tmp_path: Path) -> None:
    source, _ = _files(tmp_path)
    target = tmp_path / "answer.json"
    for headings in ("颜色,大小", "姓名,爱好"):
        odd = tmp_path / "odd.csv"
        odd.write_text(f"{headings}\n红,三\n蓝,四\n", "utf-8")
        done = call("--in", source, "--register", odd, "--out", target)
        assert isinstance(done.exception, NoRegister)
        assert done.exception.headings == headings.replace(",", "、")


def test_every_key_of_an_answer_is_explained_in_the_docs() -> None:
    told = (Path(__file__).parents[2] / "docs" / "verification.md").read_text("utf-8")
    for kind in (Answer, RowAnswer, Contradiction, Asked, Rival, Words):
        for field in kind.__struct_fields__:
            assert f"`{field}`" in told, (kind.__name__, field)
    for code in (*DEFECTS, "not_listed", "unclear_day", "unread_day", "far_day", "cycle"):
        assert f"`{code}`" in told
