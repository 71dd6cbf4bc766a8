"""The taxonomy and its words: what is believed, what is refused, and what a report is."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from wangge.cases.classify import (
    Keywords,
    Vote,
    classify,
    parse_keywords,
    starter_keywords,
)
from wangge.cases.taxonomy import (
    COLUMNS,
    CaseClass,
    DeadlineSource,
    Level,
    Platform,
    check_classes,
    data_rows,
    parse_classes,
    starter_classes,
)
from wangge.kernel.refusals import Invalid
from wangge.kernel.worktime import TimerKind

GOOD = {
    "code": "E0901",
    "name_zh": "样例事项",
    "name_en": "Sample matter",
    "platform": "JG",
    "first_level": "grid",
    "condition_zh": "样例条件",
    "condition_en": "",
    "closing_condition_zh": "恢复原状",
    "span_value": "4",
    "span_kind": "work_hour",
    "deadline_source": "proposal",
    "deadline_reference": "",
    "needs_response": "false",
    "urgent": "false",
    "emergency_line": "",
    "on_the_spot": "true",
}
PEACE = starter_keywords().only({c.code for c in starter_classes() if not c.needs_response})


def refused(*rows: dict[str, str]) -> list[tuple[int | None, str]]:
    with pytest.raises(Invalid) as refusal:
        parse_classes(rows)
    return [(problem.row, problem.field) for problem in refusal.value.problems]


def test_the_starter_taxonomy_is_whole() -> None:
    classes = starter_classes()
    assert len(classes) == 130
    assert len({known.code for known in classes}) == 130
    sourced = [c for c in classes if c.deadline_source is DeadlineSource.SOURCED]
    assert len(sourced) == 22
    assert all(known.deadline_reference for known in sourced)
    assert all(known.closing_condition_zh and known.condition_en for known in classes)
    assert {c.code for c in classes if c.needs_response} == {
        c.code for c in classes if c.code.startswith("X")
    }


def test_who_must_be_called_first_is_known() -> None:
    lines = {c.code: c.emergency_lines for c in starter_classes() if c.emergency_lines}
    assert lines["E0404"] == ("119",)
    assert lines["E0405"] == ("120", "110")
    assert lines["F0105"] == ("96333", "119")
    assert lines["X0101"] == ("120",)
    assert lines["Z0202"] == ("110",)
    urgent = {c.code for c in starter_classes() if c.urgent}
    assert lines.keys() <= urgent


def test_the_rows_have_exactly_the_columns_we_document() -> None:
    assert tuple(next(data_rows("classes.csv"))) == COLUMNS


def test_a_row_becomes_a_class() -> None:
    (known,) = parse_classes([GOOD])
    assert known.platform is Platform.JG
    assert known.first_level is Level.GRID
    assert known.span.value == Fraction(4)
    assert known.span.kind is TimerKind.WORK_HOUR
    assert not known.urgent
    assert known.on_the_spot


def test_the_words_of_the_field_are_understood() -> None:
    row = GOOD | {"platform": "综治", "first_level": "街道", "span_kind": "紧急工作时"}
    row |= {"urgent": "是", "deadline_source": "提案", "emergency_line": "120、110"}
    (known,) = parse_classes([row])
    assert known.platform is Platform.ZZ
    assert known.first_level is Level.STREET
    assert known.urgent
    assert known.emergency_lines == ("120", "110")


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"code": ""}, "code"),
        ({"code": "Q0101"}, "code"),
        ({"code": "E01"}, "code"),
        ({"code": "E0101B"}, "code"),
        ({"name_zh": " "}, "name_zh"),
        ({"name_en": ""}, "name_en"),
        ({"platform": "XX"}, "platform"),
        ({"platform": ""}, "platform"),
        ({"first_level": "village"}, "first_level"),
        ({"condition_zh": ""}, "condition_zh"),
        ({"closing_condition_zh": ""}, "closing_condition_zh"),
        ({"span_value": ""}, "span_value"),
        ({"span_value": "0"}, "span_value"),
        ({"span_value": "-4"}, "span_value"),
        ({"span_value": "四"}, "span_value"),
        ({"span_value": "1/0"}, "span_value"),
        ({"span_value": "nan"}, "span_value"),
        ({"span_value": "99999"}, "span_value"),
        ({"span_value": "0.33"}, "span_value"),
        ({"span_value": "0.5", "span_kind": "work_day"}, "span_value"),
        ({"span_kind": "hour", "urgent": "true"}, "span_kind"),
        ({"deadline_source": "rumour", "deadline_reference": "x"}, "deadline_source"),
        ({"deadline_source": "sourced"}, "deadline_reference"),
        ({"needs_response": "maybe"}, "needs_response"),
        ({"code": "X0901"}, "needs_response"),
        ({"urgent": "true"}, "span_kind"),
        ({"span_kind": "urgent_hour"}, "urgent"),
        ({"condition_zh": "情况紧急的"}, "condition_zh"),
        ({"name_zh": "紧急样例"}, "name_zh"),
        ({"emergency_line": "12345"}, "emergency_line"),
        ({"emergency_line": "120/12345"}, "emergency_line"),
        ({"emergency_line": "119"}, "emergency_line"),
        ({"on_the_spot": "perhaps"}, "on_the_spot"),
    ],
)
def test_a_wrong_cell_is_named(change: dict[str, str], column: str) -> None:
    assert refused(GOOD | change) == [(2, column)]


def test_a_code_is_used_once() -> None:
    assert refused(GOOD, GOOD | {"name_zh": "另一件"}) == [(3, "code")]


def test_every_wrong_cell_is_named_at_once_and_good_rows_are_shown() -> None:
    rows = [GOOD, GOOD | {"code": "?", "span_value": "x"}, {"code": ""}, GOOD]
    classes, problems = check_classes(rows)
    assert [known.code for known in classes] == ["E0901"]
    assert [(p.row, p.field) for p in problems] == [
        *((3, "code"), (3, "span_value"), (5, "code")),
    ]
    words = problems[1].said("zh")["words"]
    assert "第 3 行" in words
    assert "“x”" in words or "「x」" in words
    assert "0.25" in words, "the way out"


def test_an_empty_table_is_not_a_taxonomy() -> None:
    assert refused() == [(1, "code")]
    assert refused({"code": " "}, {"code": ""}) == [(3, "code")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("水管爆了", "E0401"),
        ("楼道停电了半天没人管", "F0106"),
        ("三号楼电梯困人,快来", "F0105"),
        ("门口的井盖没了", "C0114"),
        ("井盖破损,还没掉", "C0114b"),
        ("邻居吵架吵到半夜", "Z0101"),
        ("老人联系不上", "F0102"),
        ("楼下那位老人三天了都联系不上", "F0102"),
        ("垃圾成堆,没人清理", "E0102"),
        ("有人把电动车推进楼道充电", "Y0102"),
        ("消防通道停满了车", "Y0101"),
        ("闻到很重的煤气味", "Y0103"),
        ("车棚着火了", "E0404"),
        ("老板拖欠工资三个月", "Z0104"),
        ("工地半夜施工,吵得睡不着", "E0301"),
        ("顶楼有人违章搭建", "E0101"),
        ("路面塌陷一个大坑", "E0402"),
        ("有人在桥洞下睡大街", "E0503"),
        ("拆迁补偿一直没到位", "Z0105"),
        ("请问公租房怎么申请", "F0107"),
        ("外墙瓷砖脱落砸到车", "Y0104"),
        ("The street light is out", "C0118"),
        ("Deep POTHOLE on the corner", "E0110"),
        ("graffiti on the school wall", "E0201"),
        ("Rodent activity behind the shop", "E0117"),
        ("小区路灯坏了", "C0118"),
        ("楼道灯不亮", "C0118"),
        ("水泥路面破损,有大坑", "E0110"),
        ("小区老鼠多,物业不管", "E0117"),
        ("路边有只死猫", "E0111"),
        ("小区里有辆僵尸车,占车位", "E0112"),
        ("电梯又坏了,物业不修", "Y0108"),
        ("楼下广场舞音响太吵", "E0509"),
        ("门口违停堵住小区出口", "E0507"),
        ("下水道堵了,污水冒出来", "E0116"),
        ("楼下饭店油烟熏人", "E0114"),
        ("路口积水很深", "E0105"),
        ("老人联系不上,敲门没人应", "F0102"),
        ("I can smell gas in the kitchen", "Y0103"),
    ],
)
def test_a_short_report_finds_its_class(text: str, code: str) -> None:
    found = classify(text, None, PEACE)
    assert found.code == code
    assert found.words
    assert all(word in found.reason_zh for word in found.words)


@pytest.mark.parametrize("text", ["", "  ", "你好,谢谢", "垃圾分类真麻烦", "ok"])
def test_no_word_means_no_class_and_says_so(text: str) -> None:
    found = classify(text, None, PEACE)
    assert found.code is None
    assert "人工选择" in found.reason_zh


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("学生在学校教室里触电了,老师已经叫家长", "E0405"),
        ("小区物业不管,业主闻到燃气味很大,物业电话打不通", "Y0103"),
        ("学校食堂起火了,老师带学生往外跑", "E0404"),
        ("小区业主被困电梯,物业没人管,物业电话打不通", "F0105"),
        ("工地上农民工讨薪要跳楼,老板拖欠工资", "E0405"),
        ("公交车司机和乘客打起来,有人受伤流血", "E0405"),
        ("学校门口路灯杆被公交车撞倒了", "C0118b"),
        ("学校门口红绿灯坏了,学生过马路危险", "C0210"),
        ("幼儿园门口井盖没了", "C0114"),
        ("台风把小区大树吹倒了,砸到业主的车", "C0402"),
        ("村里的路坑坑洼洼,学生上学不好走", "E0110"),
        ("小区消防通道被车堵了,物业不管", "Y0101"),
    ],
)
def test_what_happened_outweighs_where_and_to_whom(text: str, code: str) -> None:
    assert classify(text, None, PEACE).code == code


def test_weak_words_together_count_for_a_little_and_plain_speech_for_everything() -> None:
    words = small(
        *(("学校", "A", 1), ("学生", "A", 1), ("老师", "A", 1), ("坑洞", "B", 3)),
        *(("讨薪", "C", 5), ("工资", "C", 4), ("跳楼", "D", 6)),
    )
    assert classify("学校的学生和老师", None, words).code == "A"
    assert classify("学校的学生和老师,门口有坑洞", None, words).code == "B"
    assert classify("讨薪要工资,要跳楼", None, words).code == "D"


def test_one_weak_word_decides_nothing() -> None:
    found = classify("垃圾", None, PEACE)
    assert (found.code, found.words, found.score) == (None, ("垃圾",), 1)
    assert found.others == ("E0102",)


def test_what_the_reporter_chose_stands() -> None:
    assert classify("水管爆了", "E0102", PEACE).code == "E0102"
    unknown = classify("水管爆了", "E9999", PEACE)
    assert unknown.code == "E0401", "a class nobody has is no choice"


def test_emergency_classes_sleep_until_a_response_is_declared() -> None:
    assert classify("家里没菜了,没米了", None, PEACE).code is None
    assert classify("家里没菜了,没米了", None, starter_keywords()).code == "X0103"
    assert classify("x", "X0103", PEACE).code is None


def small(*votes: tuple[str, str, int]) -> Keywords:
    names = {code: code for _, code, _ in votes if code}
    return Keywords([Vote(*vote) for vote in votes], names)


def test_the_longest_word_hides_the_shorter_ones_inside_it() -> None:
    words = small(("消防", "A", 9), ("消防通道", "B", 2), ("通道", "A", 9))
    assert classify("消防通道堵了", None, words).code == "B"
    assert classify("消防,通道", None, words).code == "A"


def test_a_word_without_a_class_only_hides() -> None:
    words = small(("垃圾分类", "", 0), ("垃圾", "A", 2))
    assert classify("垃圾分类", None, words).code is None
    assert classify("垃圾分类后的垃圾", None, words).code == "A"


def test_a_pair_needs_both_its_words() -> None:
    words = small(("老人+失联", "A", 3), ("失联", "B", 2))
    assert classify("老人", None, words).code is None
    assert classify("失联", None, words).code == "B"
    assert classify("失联的是老人", None, words).code == "A"


def test_a_word_votes_once_however_often_it_is_said() -> None:
    words = small(("停水", "A", 2), ("噪音", "B", 2), ("扰民", "B", 1))
    assert classify("停水停水停水,噪音扰民", None, words).code == "B"


def test_a_tie_goes_to_the_longer_word_then_to_the_first_said() -> None:
    words = small(("停水", "A", 2), ("停电", "B", 2), ("大停气", "C", 2))
    assert classify("停电停水", None, words).code == "B"
    assert classify("停水停电", None, words).code == "A"
    assert classify("停水停电大停气", None, words).code == "C"


def test_an_english_word_is_not_a_piece_of_another() -> None:
    words = small(("rats", "A", 2), ("fire", "B", 2))
    assert classify("in a sort of fireplace with crats", None, words).code is None
    assert classify("Fire! (rats)", None, words).code == "B"
    assert classify("着火fire", None, words).code == "B"


def test_reasons_are_said_in_english_too() -> None:
    said = classify("水管爆了", None, PEACE).reason("en")
    assert "E0401" in said
    assert "水管爆" in said
    assert "归为" not in said


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"word": "水", "code": "A", "weight": "2"}, "word"),
        ({"word": "", "code": "A", "weight": "2"}, "word"),
        ({"word": "水管+", "code": "A", "weight": "2"}, "word"),
        ({"word": "水管", "code": "B", "weight": "2"}, "code"),
        ({"word": "水管", "code": "A", "weight": "0"}, "weight"),
        ({"word": "水管", "code": "A", "weight": "10"}, "weight"),
        ({"word": "水管", "code": "A", "weight": "x"}, "weight"),
        ({"word": "水管", "code": "", "weight": "2"}, "weight"),
        ({"word": "停水", "code": "A", "weight": "2"}, "word"),
    ],
)
def test_a_wrong_keyword_row_is_named(row: dict[str, str], column: str) -> None:
    first = {"word": "停水", "code": "A", "weight": "2"}
    with pytest.raises(Invalid) as refusal:
        parse_keywords([first, row], {"A": "停水"})
    assert [(p.row, p.field) for p in refusal.value.problems] == [(3, column)]


def test_every_class_has_words_of_its_own() -> None:
    with_words = {vote.code for vote in starter_keywords().votes() if vote.code}
    assert with_words == {known.code for known in starter_classes()}
    assert len(starter_keywords()) == sum(1 for _ in data_rows("keywords.csv"))


@settings(deadline=None)
@given(some.text(alphabet="消防通道垃圾分类老人联系不上没水管爆 fire+a", max_size=40))
def test_the_quick_finder_agrees_with_a_plain_one(text: str) -> None:
    """The stranger: at each place the longest word, unless inside what was taken."""
    table = {vote.word: vote for vote in PEACE.votes() if "+" not in vote.word}
    lower, expected, covered = text.lower(), set[str](), 0
    for index in range(len(lower)):
        fits = [word for word in table if lower.startswith(word, index)]
        fits = [word for word in fits if alone(lower, index, index + len(word))]
        word = max(fits, key=len, default="")
        if word and index + len(word) > covered:
            expected.add(word)
            covered = index + len(word)
    found = {vote.word for vote in PEACE.found(lower) if "+" not in vote.word}
    assert found == expected


def alone(text: str, start: int, end: int) -> bool:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    around = text[max(0, start - 1) : start], text[end : end + 1]
    inside = text[start], text[end - 1]
    return not any(
        outer and outer in letters and inner in letters
        for outer, inner in zip(around, inside, strict=True)
    )


def test_a_class_is_a_value() -> None:
    first: CaseClass = starter_classes()[0]
    assert hash(first) == hash(starter_classes()[0])


def test_a_word_at_the_very_end_is_whole_and_hidden_like_any_other() -> None:
    words = small(("楼道停电", "A", 2), ("停电", "A", 2), ("停电了", "A", 2))
    assert classify("楼道停电", None, words).words == ("楼道停电",)
    english = small(("rat", "A", 2), ("rats nest", "A", 2))
    assert classify("a rat", None, english).words == ("rat",)
