"""What an outside table asks for is read off its headings, however they are laid out."""

from io import BytesIO

import pytest
from openpyxl import Workbook

from wangge.forms.headings import (
    FORM_BYTES_MAX,
    Heading,
    TooManyColumns,
    find_band,
    pasted,
    read_headings,
)
from wangge.forms.likeness import Known, Matcher, path_of
from wangge.kernel.refusals import Refusal
from wangge.kernel.sheet_refusals import (
    FileMissingOrEmpty,
    NoHeadings,
    NotATable,
    TableTooLarge,
    WorkbookUnreadable,
)

FIELDS = [
    Known("household.head_name", "户主姓名", ("户主",)),
    Known("resident.name", "姓名", ("居民姓名", "人员姓名")),
    Known("resident.phone", "联系电话", ("电话", "手机号码", "联系方式")),
    Known("resident.id_number", "身份证号", ("身份证号码", "公民身份号码")),
    Known("resident.relation", "与户主关系", ("与户主的关系",)),
    Known("dwelling.address", "住址", ("现住址", "家庭住址")),
]
MATCHER = Matcher(FIELDS)


def sheet(rows: list[list[str | int | None]], *merges: str, name: str = "表") -> bytes:
    book = Workbook()
    one = book.active
    assert one is not None
    one.title = name
    for row in rows:
        one.append(row)
    for merge in merges:
        one.merge_cells(merge)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def words(data: bytes, name: str = "form.xlsx") -> list[str]:
    _, headings = read_headings(data, name, MATCHER.known)
    return [heading.words for heading in headings]


def test_a_title_and_a_line_of_labels_are_no_headings() -> None:
    data = sheet(
        [
            ["示范街道重点人员排查表", None, None],
            ["填报单位:", None, "填报日期:"],
            ["序号", "姓名", "联系电话"],
            [1, "甲居民1", "19900000001"],
        ],
        "A1:C1",
    )
    assert words(data) == ["序号", "姓名", "联系电话"]


def test_three_rows_of_merged_headings_become_paths() -> None:
    data = sheet(
        [
            ["排查表", None, None, None, None],
            ["序号", "人员信息", None, None, "备注"],
            [None, "基本信息", None, "联系方式", None],
            [None, "姓名", "身份证号", "手机号码", None],
            [1, None, None, None, None],
        ],
        *("A1:E1", "A2:A4", "B2:D2", "E2:E4", "B3:C3"),
    )
    assert words(data) == [
        "序号",
        "人员信息 / 基本信息 / 姓名",
        "人员信息 / 基本信息 / 身份证号",
        "人员信息 / 联系方式 / 手机号码",
        "备注",
    ]


def test_numbers_of_columns_below_the_headings_are_not_filled() -> None:
    rows = [["姓名", "电话", "住址", "车牌"], ["甲", "1", "2", "3"], ["甲居民", "", "", ""]]
    band = find_band(rows, (), MATCHER.known)
    assert band is not None
    assert (band.top, band.bottom) == (0, 1)
    assert [h.words for h in band.headings] == ["姓名", "电话", "住址", "车牌"]


def test_the_sheet_that_asks_for_something_is_found() -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "填表说明"
    first.append(["一、本表由社区填报", "二、每周五报送"])
    second = book.create_sheet("名单")
    second.append(["姓名", "手机号码", "现住址"])
    out = BytesIO()
    book.save(out)
    name, headings = read_headings(out.getvalue(), "x.xlsx", MATCHER.known)
    assert (name, len(headings)) == ("名单", 3)


def test_a_csv_in_gbk_is_read() -> None:
    assert words("姓名,电话,宠物免疫证号\n".encode("gbk"), "a.csv") == [
        "姓名",
        "电话",
        "宠物免疫证号",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("姓名\t身份证号\t现住址", ["姓名", "身份证号", "现住址"]),
        ("姓名、电话、住址、有无养犬", ["姓名", "电话", "住址", "有无养犬"]),
        ("1. 姓名\n2. 电话\n3、宠物免疫证号\n", ["姓名", "电话", "宠物免疫证号"]),
        ("(1)姓名\n", ["(1)姓名"]),
        ("户主 / 姓名\t学生 / 姓名\t是/否", ["户主 / 姓名", "学生 / 姓名", "是/否"]),
    ],
)
def test_headings_pasted_from_a_message_are_read(text: str, found: list[str]) -> None:
    assert [h.words for h in pasted(text)] == found


def test_what_cannot_be_read_is_refused_with_the_way_out() -> None:
    cases: list[tuple[bytes, type[Refusal]]] = [
        (b"", FileMissingOrEmpty),
        (b"%PDF-1.7 ...", NotATable),
        (b"PK\x03\x04 broken", WorkbookUnreadable),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", WorkbookUnreadable),
        (b"a" * (FORM_BYTES_MAX + 1), TableTooLarge),
    ]
    for data, refusal in cases:
        with pytest.raises(refusal):
            read_headings(data, "x", MATCHER.known)
    with pytest.raises(NoHeadings):
        read_headings(sheet([["只有一句话"]]), "x.xlsx", MATCHER.known)
    with pytest.raises(TooManyColumns):
        pasted("\t".join(f"列{n}" for n in range(400)))
    with pytest.raises(FileMissingOrEmpty):
        pasted("  \n ")


# -- what a heading means --------------------------------------------------------------------------


def meant(*path: str, matcher: Matcher = MATCHER) -> tuple[str | None, bool, str]:
    match = matcher.match(Heading(path, 1))
    return match.key, match.sure, match.why


@pytest.mark.parametrize(
    ("path", "key", "why"),
    [
        (("姓名",), "resident.name", "name"),
        (("* 姓 名(必填)",), "resident.name", "name"),
        (("手机号码",), "resident.phone", "also"),
        (("联系电话(手机)",), "resident.phone", "name"),
        (("户主信息", "姓名"), "household.head_name", "with_above"),
        (("基本情况", "公民身份号码"), "resident.id_number", "also"),
        (("与户主的关系",), "resident.relation", "also"),
        (("序号",), "table.number", "filler"),
        (("备注",), "table.remark", "filler"),
    ],
)
def test_what_is_written_the_same_is_sure(path: tuple[str, ...], key: str, why: str) -> None:
    assert meant(*path) == (key, True, why)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (("本人联系电话",), "resident.phone"),
        (("身份证件的号码",), "resident.id_number"),
        (("常住家庭住址",), "dwelling.address"),
    ],
)
def test_what_is_alike_is_a_suggestion_and_not_sure(path: tuple[str, ...], key: str) -> None:
    found, sure, _ = meant(*path)
    assert (found, sure) == (key, False)


@pytest.mark.parametrize(
    "path",
    [
        ("紧急联系人电话",),
        ("监护人", "姓名"),
        ("房东电话",),
        ("宠物免疫证号",),
        ("是否养犬",),
    ],
)
def test_somebody_elses_telephone_is_nobodys_guess(path: tuple[str, ...]) -> None:
    assert meant(*path) == (None, False, "none")


def test_what_somebody_decided_is_remembered() -> None:
    name, heading = pasted("姓名\t紧急联系人电话")
    taught = Matcher(FIELDS, {path_of(heading): "resident.phone"})
    match = taught.match(heading)
    assert (match.key, match.sure, match.why) == ("resident.phone", True, "remembered")
    untaught = Matcher(FIELDS, {path_of(name): ""})
    assert untaught.match(name).key is None


def test_whose_name_it_is_depends_on_what_the_table_is_about() -> None:
    fields = [*FIELDS, Known("enterprise.name", "企业名称", ("姓名",))]
    assert meant("姓名", matcher=Matcher(fields))[0] == "resident.name"
