"""Kinds as data, and XLSForm workbooks in and out."""

import io
import re
import zipfile
from importlib import import_module
from typing import Any

import pytest
from sweeping import opened

from wangge.forms.entries import add_field, dictionary
from wangge.forms.model import Dictionary, OwnField
from wangge.kernel.database import Tx
from wangge.kernel.fields import all_fields
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, Stale
from wangge.responses import NoResponse
from wangge.sweeps.commands.kinds import ButtonBody, SaveKind, body_of, save_kind
from wangge.sweeps.conditions import written
from wangge.sweeps.kinds import KINDS
from wangge.sweeps.model import HELP
from wangge.sweeps.xlsform import (
    HasHiddenSheets,
    HasMacros,
    Imported,
    NotAnXlsForm,
    read_xlsform,
)
from wangge.sweeps.xlsform_written import write_xlsform

xlsxwriter: Any = import_module("xlsxwriter")
As = Any
Client = Any

HEADS = ("type", "name", "label::中文 (zh)", "label::English (en)", "required", "relevant")
MORE = ("constraint", "constraint_message", "of", "kind", "default")
SURVEY: list[tuple[str, ...]] = [
    ("start", "start"),
    ("begin_group", "animals", "动物"),
    ("select_one yn", "dogs", "养狗吗", "Dogs?", "yes"),
    (
        *("integer", "dog_count", "几条", "", "", "${dogs} = 'yes'", ". >= 1 and . <= 20"),
        "1 到 20 条",
    ),
    ("end_group",),
    ("select_multiple help", "help", "要帮什么", "Help?"),
    ("text", "call", "电话", "", "", "", "", "", "", "phone"),
    ("decimal", "temp", "体温", "", "", "", "", "", "person"),
    ("note", "bye", "谢谢"),
]
CHOICES = [
    *(("list_name", "name", "label::中文 (zh)", "label::English (en)", "need"),),
    *(("yn", "yes", "有", "Yes"), ("yn", "no", "没有", "No")),
    *(("help", "food", "缺粮", "", "food"), ("help", "talk", "说说话")),
]
KNOWN = Dictionary(all_fields(), [])


def book(
    survey: list[tuple[str, ...]], choices: list[tuple[str, ...]] = CHOICES, *, hidden: str = ""
) -> bytes:
    made = io.BytesIO()
    workbook = xlsxwriter.Workbook(made, {"in_memory": True})
    for name, rows in (("survey", [HEADS + MORE, *survey]), ("choices", choices)):
        sheet = workbook.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    if hidden:
        sheet = workbook.add_worksheet(hidden)
        sheet.write(0, 0, "?")
        sheet.hide()
    workbook.close()
    return made.getvalue()


def read(data: bytes) -> Imported:
    return read_xlsform(data, "表.xlsx", KNOWN, HELP)


def test_a_constraint_without_a_message_gets_a_general_one_and_is_told() -> None:
    row = dict.fromkeys(HEADS + MORE, "")
    row |= {"type": "integer", "name": "n", "constraint": ". <= 20"}
    row[next(head for head in HEADS if head.startswith("label"))] = "装了几个"
    found = read(book([tuple(row.values())]))
    assert [q.must_words for q in found.questions] == ["请再核对一下,不能这样答。"]
    assert [q.must_words_en for q in found.questions] == [
        "Please check: this cannot be the answer."
    ]
    assert [(p.row, p.field) for p in found.passed] == [(2, "constraint")]


def test_a_workbook_becomes_questions_and_a_workbook_again() -> None:
    found = read(book(SURVEY))
    told = [(q.key, q.kind, q.of, q.words, q.words_en, q.required) for q in found.questions]
    assert told == [
        ("dogs", "choice", "household", "养狗吗", "Dogs?", True),
        ("dog_count", "number", "household", "几条", "", False),
        ("help", "choices", "household", "要帮什么", "Help?", False),
        ("call", "phone", "household", "电话", "", False),
        ("temp", "decimal", "person", "体温", "", False),
        ("bye", "note", "household", "谢谢", "", False),
    ]
    count = found.questions[1]
    assert written(count.when) == "${dogs} = 'yes'"
    assert written(count.must) == ". >= 1 and . <= 20"
    assert count.must_words == "1 到 20 条"
    assert [(c.code, c.need) for c in found.questions[2].choices] == [
        ("food", "food"),
        ("talk", ""),
    ]
    assert [(p.row, p.field) for p in found.passed] == [(2, "type")]
    again = read(write_xlsform("census", "登记", found.questions))
    assert again.questions == found.questions
    assert again.title == "登记"


@pytest.mark.parametrize(
    ("yes", "no", "kind"),
    [
        (("yes", "是", "Yes"), ("no", "否", "No"), "bool"),
        (("yes", "Yes"), ("no", "No"), "bool"),
        (("yes", "有", "Yes"), ("no", "没有", "No"), "choice"),
        (("yes", "是", "Yes", "medicine"), ("no", "否", "No"), "choice"),
        (("yes", "否"), ("no", "是"), "choice"),
    ],
)
def test_yes_and_no_with_words_or_needs_of_their_own_stay_choices(
    yes: tuple[str, ...], no: tuple[str, ...], kind: str
) -> None:
    lists = [CHOICES[0], ("yn", *yes), ("yn", *no)]
    (found,) = read(book([("select_one yn", "a", "问")], lists)).questions
    assert found.kind == kind
    if kind == "choice":
        assert [(c.code, c.words, c.need) for c in found.choices] == [
            ("yes", yes[1], "".join(yes[3:])),
            ("no", no[1], ""),
        ]
    again = read(write_xlsform("a", "甲", [found]))
    assert again.questions == (found,)


def test_what_cannot_be_asked_is_refused_by_its_row_with_a_way_out() -> None:
    survey = [
        ("geopoint", "where", "在哪"),
        ("begin_repeat", "people", "人"),
        ("image", "photo", "照片"),
        ("end_repeat",),
        ("calculate", "sum", ""),
        ("select_one_from_file a.csv", "from_file", "选"),
        ("text", "name", "名字", "", "", "", "", "", "", "", "张三"),
        ("text", "must", "必填", "", "${name} = 'a'"),
    ]
    with pytest.raises(Invalid) as refused:
        read(book(survey))
    told = [(p.row, p.field) for p in refused.value.problems]
    assert told == [
        *((2, "type"), (3, "type"), (4, "type"), (6, "type"), (7, "type")),
        *((8, "default"), (9, "required")),
    ]
    assert all("请" in p.words for p in refused.value.problems)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (("text", "a", "甲", "", "", "regex(., 'x')"), "when"),
        (("text", "a", "甲", "", "", "${later} = 1"), "when"),
    ],
)
def test_conditions_beyond_ours_are_refused_at_their_row(
    row: tuple[str, ...], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read(book([("text", "first", "先"), row, ("text", "later", "后")]))
    assert [(p.row, p.field) for p in refused.value.problems] == [(3, field)]


def test_what_is_no_xlsform_says_so_at_its_row() -> None:
    with pytest.raises(Invalid) as refused:
        read(book([("text", "a", "甲"), ("text", "a", "甲又")]))
    assert refused.value.problems[0].row == 3


def test_macros_hidden_sheets_and_other_files_are_not_read() -> None:
    with pytest.raises(HasHiddenSheets):
        read(book(SURVEY, hidden="内部"))
    data = io.BytesIO(book(SURVEY))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    with pytest.raises(HasMacros):
        read(data.getvalue())
    for other in (b"type,name,label\ntext,a,b\n", book([])):
        with pytest.raises(NotAnXlsForm):
            read(other)


def census(version: int = 0, **more: Any) -> SaveKind:
    buttons = [ButtonBody("all", "登记好", True), ButtonBody("nobody", "没人")]
    return SaveKind("census", version, "入户登记", 60, buttons, **more)


async def test_a_kind_of_ones_own_opens_a_round_and_keeps_its_version(tx: Tx) -> None:
    made = await save_kind(tx, census(questions=[{"key": "a", "words": "问", "kind": "bool"}]))
    assert made.version == 1
    round_ = await opened(tx, kind="census")
    assert round_.kind == "census"
    with pytest.raises(Stale):
        await save_kind(tx, census())
    kind = (await KINDS.get(tx))["census"]
    assert body_of(kind).questions == [{"key": "a", "words": "问", "kind": "bool"}]
    assert (await save_kind(tx, census(1, closed=True))).version == 2
    assert not (await KINDS.get(tx))["census"].open


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"buttons": []}, "buttons"),
        ({"buttons": [ButtonBody("all", "齐")]}, "buttons"),
        (
            {"buttons": [ButtonBody("all", "齐", True), ButtonBody("all", "全", True)]},
            "buttons",
        ),
        ({"minutes": 1}, "minutes"),
        ({"code": "X"}, "code"),
        ({"special": ["rich"]}, "special"),
        ({"questions": [{"key": "a", "words": "问", "kind": "poem"}]}, "kind"),
        ({"questions": [{"key": "a", "words": "问", "kind": "text", "field": "x.y"}]}, "field"),
    ],
)
async def test_a_kind_that_would_not_work_is_refused(
    tx: Tx, change: dict[str, Any], field: str
) -> None:
    body = census()
    for name, value in change.items():
        setattr(body, name, value)
    with pytest.raises(Invalid) as refused:
        await save_kind(tx, body)
    assert field in {problem.field for problem in refused.value.problems}


async def test_a_street_makes_its_own_kinds_and_leaves_the_districts_alone(
    tx: Tx, as_: As
) -> None:
    tx.actor = as_("street_officer")
    await save_kind(tx, census())
    kinds = await KINDS.get(tx)
    assert kinds["census"].area_code == as_("street_officer").grants[0].area_code
    again = census(1)
    again.name = "入户登记二"
    await save_kind(tx, again)
    with pytest.raises(Forbidden):
        await save_kind(tx, body_of(kinds["check"]))
    tx.actor = as_("community_officer")
    with pytest.raises(Forbidden):
        await save_kind(tx, census(2))


async def test_a_field_is_asked_only_by_questions_that_can_fill_it(tx: Tx) -> None:
    made = await add_field(
        tx,
        OwnField(
            "household",
            "养狗条数",
            "条数",
            "number",
            "登记",
            "consent",
            "people.residents",
            3,
            90,
        ),
    )
    known = await dictionary(tx)
    asked = {"key": "dogs", "words": "几条狗", "field": made.key}
    assert known.find(made.key) is not None
    await save_kind(tx, census(questions=[{**asked, "kind": "number"}]))
    for wrong in ({"kind": "text"}, {"kind": "number", "of": "person"}):
        with pytest.raises(Invalid):
            await save_kind(tx, census(1, questions=[{**asked, **wrong}]))


async def test_an_officer_makes_a_kind_by_hand_and_brings_its_questions_in(
    app_client: Client,
) -> None:
    officer = await app_client("district_officer")
    form = {
        **{"deed": str(new_id()), "version": "0", "code": "census", "name": "入户登记"},
        **{"minutes": "60", "targets": "household", "o-all": "1", "w-all": "登记好"},
        **{"s-all": "1", "o-nobody": "2", "r-missed": "x0501"},
    }
    made = await officer.post("/sweeps/kinds/new", data=form)
    assert made.status_code == 303, made.text
    at = made.headers["location"]
    shown = await officer.post(
        "/sweeps/kinds/census/import", files={"file": ("表.xlsx", book(SURVEY))}
    )
    assert "采用这 6 个问题" in shown.text, shown.text[:2000]
    raws = re.search(r'name="questions" value="([^"]*)"', shown.text)
    assert raws is not None
    text = raws[1].replace("&#34;", '"').replace("&#39;", "'").replace("&lt;", "<")
    text = text.replace("&gt;", ">").replace("&amp;", "&")
    kept = await officer.post(
        at, data={"deed": str(new_id()), "version": "1", "questions": text}
    )
    assert kept.status_code == 303, kept.text
    page = await officer.get(at)
    assert "1 到 20 条" in page.text
    empty = await officer.get("/sweeps/kinds/census/question")
    assert empty.status_code == 200, empty.text[:500]
    wrong = await officer.post(
        "/sweeps/kinds/census/question",
        data={"deed": str(new_id()), "version": "2", "words": "", "kind": "bool"},
    )
    assert wrong.status_code == 422
    assert "加一个问题" in wrong.text
    add = {"deed": str(new_id()), "version": "2", "words": "住几年了", "kind": "choice"}
    kept = await officer.post(
        "/sweeps/kinds/census/question", data={**add, "choices": "不到一年\n一年以上"}
    )
    assert kept.status_code == 303, kept.text
    one = await officer.get("/sweeps/kinds/census/question?key=q1")
    assert 'value="住几年了"' in one.text
    up = {"deed": str(new_id()), "version": "3", "do": "up", "key": "q1"}
    assert (await officer.post(at, data=up)).status_code == 303
    sheet = await officer.get("/sweeps/kinds/census/xlsform.xlsx")
    keys = [question.key for question in read(sheet.content).questions]
    assert keys == ["dogs", "dog_count", "help", "call", "temp", "q1", "bye"]
    refused = await officer.post(
        "/sweeps/kinds/census/import",
        files={"file": ("表.xlsx", book([("geopoint", "w", "在哪")]))},
    )
    assert refused.status_code == 422
    assert "第 2 行" in refused.text
    worker = await app_client("part_time_worker")
    assert (await worker.get("/sweeps/kinds/new")).status_code == 403
    assert (await worker.get("/sweeps/kinds")).status_code == 200


async def test_testing_always_needs_a_response_and_never_asks_for_a_result(
    tx: Tx, as_: As
) -> None:
    body = body_of((await KINDS.get(tx))["testing"])
    body.needs_response = False
    await save_kind(tx, body)
    assert (await KINDS.get(tx))["testing"].needs_response
    # Also where it was unticked before that was refused.
    await tx.run("update sweeps_kind set needs_response = false where code = 'testing'")
    await tx.bump("sweeps")
    with pytest.raises(NoResponse):
        await opened(tx, kind="testing")
    body.version = 2
    lift = {"key": "lift", "words": "电梯能用吗", "kind": "bool"}
    for feeds, question, field in (
        (True, lift, "feeds"),
        (False, {**lift, "kind": "text", "field": "household.label"}, "field"),
        (False, {**lift, "of": "person"}, "of"),
        (False, {**lift, "words": "核酸结果"}, "words"),
        (
            False,
            {
                **{"key": "how", "words": "情况", "kind": "choice"},
                "choices": [{"code": "a", "words": "阳性"}, {"code": "b", "words": "其他"}],
            },
            "words",
        ),
    ):
        body.feeds, body.questions = feeds, [lift | {"key": "first"}, question]
        with pytest.raises(Invalid) as refused:
            await save_kind(tx, body)
        assert [p.field for p in refused.value.problems] == [field]
    body.feeds, body.questions = False, [lift]
    await save_kind(tx, body)


async def test_done_is_by_tube_unless_a_laboratory_records_them(tx: Tx) -> None:
    before = (await KINDS.get(tx))["testing"]
    assert before.by_tube
    assert {button.code.value for button in before.buttons} - {
        button.code.value for button in before.said
    } == {"all", "some"}
    await save_kind(tx, body_of(before))
    assert (await KINDS.get(tx))["testing"].by_tube
    body = body_of(before)
    body.version, body.by_tube = 2, False
    await save_kind(tx, body)
    after = (await KINDS.get(tx))["testing"]
    assert not after.by_tube
    assert after.said == after.buttons
    assert not (await KINDS.get(tx))["check"].by_tube


async def test_the_form_of_testing_offers_no_way_round_the_response(app_client: Client) -> None:
    officer = await app_client("district_officer")
    page = (await officer.get("/sweeps/kinds/testing")).text
    assert re.search(r'name="needs_response" value="1" checked disabled', page)
    assert 'name="feeds"' not in page
    page = (await officer.get("/sweeps/kinds/visit")).text
    assert 'name="feeds"' in page
