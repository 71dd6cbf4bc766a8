"""Headings as offices really write them, and the rows among the data that are no records."""

import io
from collections.abc import Sequence

import pytest
import xlsxwriter

from wangge.kernel.headings import Others
from wangge.kernel.sheets import Table, list_sheets, open_table

WORDS = frozenset(
    {"序号", "姓名", "身份证号", "联系电话", "幢", "单元", "室", "备注", "与户主关系"}
)


def known(text: str) -> bool:
    return text in WORDS


def sheet(
    rows: Sequence[Sequence[object]],
    *merged: str,
    hidden: Sequence[str] = (),
    name: str = "名册",
) -> bytes:
    """A workbook; `merged` are blocks in Excel's words, whose first cell keeps its value."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for extra in hidden:
            book.add_worksheet(extra).write_row(0, 0, ["甲", "乙"])
            book.get_worksheet_by_name(extra).hide()
        page = book.add_worksheet(name)
        for block in merged:
            page.merge_range(block, "")
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value != "":
                    page.write(at, column, value)
        page.activate()
        page.set_first_sheet()
    return out.getvalue()


def read(data: bytes, **more: object) -> tuple[Table, list[tuple[str, ...]]]:
    table = open_table(data, "名册.xlsx", **more)  # type: ignore[arg-type]
    return table, [row.cells for row in table.rows]


def said(table: Table) -> list[tuple[int | None, str]]:
    return [(note.row, str(note.said("zh")["words"])) for note in table.notes]


THREE = [
    ["杏花社区常住人口花名册"],
    ["填报单位:杏花社区", "", "", "", "填报日期:2026年3月"],
    ["序号", "基本情况", "", "", "", "住址", "", "", "备注"],
    ["", "姓名", "证件", "", "联系电话", "幢", "单元", "室", ""],
    ["", "", "类型", "身份证号", "", "", "", "", ""],
    [1, "赵演示", "身份证", "990001199001011234x", "1990000", 1, 1, 901, ""],
]
MERGED = (
    *("A1:I1", "A2:D2", "E2:I2", "A3:A5", "B3:E3", "F3:H3", "I3:I5", "B4:B5", "C4:D4"),
    *("E4:E5", "F4:F5", "G4:G5", "H4:H5"),
)
FLAT = (
    *("序号", "基本情况/姓名", "基本情况/证件/类型", "基本情况/证件/身份证号"),
    *("基本情况/联系电话", "住址/幢", "住址/单元", "住址/室", "备注"),
)


@pytest.mark.parametrize("words", [None, known])
def test_merged_headings_of_three_rows_become_one(words: object) -> None:
    table, rows = read(sheet(THREE, *MERGED), known=words)
    assert table.headings == FLAT
    assert rows == [
        ("1", "赵演示", "身份证", "990001199001011234x", "1990000", "1", "1", "901", "")
    ]
    assert (3, "表头在第 3 行,上面的行没有读入") in said(table)
    assert (5, "表头有 3 行,合成了一行") in said(table)


def test_two_rows_of_headings_saved_as_text_become_one() -> None:
    text = "花名册,,,,\n序号,户主信息,,住址,,\n,姓名,联系电话,幢,单元,室\n1,赵演示,1990000,1,1,901\n"
    table, rows = read(text.encode(), known=known)
    assert table.headings == (
        "序号",
        "户主信息/姓名",
        "户主信息/联系电话",
        "住址/幢",
        "住址/单元",
        "住址/室",
    )
    assert rows == [("1", "赵演示", "1990000", "1", "1", "901")]


def test_a_first_record_with_gaps_above_it_stays_a_record() -> None:
    table, rows = read("姓名,,备注\n赵演示,男,独居\n".encode(), known=known)
    assert table.headings == ("姓名", "B", "备注")
    assert rows == [("赵演示", "男", "独居")]


def test_merged_cells_hold_for_every_row_they_cover() -> None:
    rows = [
        ["幢", "室", "姓名", "与户主关系"],
        ["1幢", "901", "赵演示", "户主"],
        ["", "", "钱样例", "配偶"],
        ["", "902", "孙示范", "户主"],
        ["", "", "", ""],
        ["2幢", "101", "李模板", "户主"],
    ]
    _, found = read(sheet(rows, "A2:A5", "B2:B3"))
    assert [cells[:2] for cells in found] == [
        ("1幢", "901"),
        ("1幢", "901"),
        ("1幢", "902"),
        ("2幢", "101"),
    ]


def test_totals_remarks_and_repeated_headings_are_left_out_and_said() -> None:
    rows = [
        ["序号", "姓名", "联系电话", "备注"],
        [1, 2, 3, 4],
        [1, "赵演示", "a1", ""],
        ["1幢小计", "", "1人", ""],
        ["序号", "姓名", "联系电话", "备注"],
        [2, "钱样例", "a2", "合计要核对"],
        ["合 计", "", "2", ""],
        ["", "总计:2人", "", ""],
        ["注:以上数据截至3月"],
        ["填表人:赵演示", "", "审核人:钱样例", ""],
    ]
    table, found = read(sheet(rows, "A9:D9"))
    assert [cells[1] for cells in found] == ["赵演示", "钱样例"]
    left = [(row, words.split(" 行")[1][:4]) for row, words in said(table)]
    assert left == [
        (2, "是栏次编"),
        (4, "是小计或"),
        (5, "又是表头"),
        (7, "是小计或"),
        (8, "是小计或"),
        (9, "是说明或"),
        (10, "是说明或"),
    ]


def test_a_record_that_speaks_of_totals_stays() -> None:
    others = Others(["编号", "标题", "内容", "时间"], sections=False)
    assert others.judge(["1", "水费合计", "三个月没有抄表", "2026-03-01"], 1) is None
    assert others.judge(["", "", "注:楼道灯不亮", ""], 1) == "remark"
    assert others.judge(["", "", "楼道灯不亮", ""], 1) is None
    assert others.judge(["小计", "", "3", "120.5"], 1) == "total"


def test_a_lone_line_names_the_rows_below_it_when_asked() -> None:
    rows = [
        ["室", "姓名", "联系电话"],
        ["1幢1单元"],
        ["901", "赵演示", "a1"],
        ["1幢2单元"],
        ["901", "钱样例", "a2"],
    ]
    data = sheet(rows, "A2:C2", "A4:C4")
    table = open_table(data, "x.xlsx", sections=True)
    assert [(row.number, row.section) for row in table.rows] == [
        (3, "1幢1单元"),
        (5, "1幢2单元"),
    ]
    assert [row.number for row in open_table(data, "x.xlsx").rows] == [2, 3, 4, 5]


def test_hidden_sheets_are_named_and_not_read_by_themselves() -> None:
    data = sheet([["姓名", "室"], ["赵演示", "901"]], hidden=["去年", "草稿"])
    listed = list_sheets(data, "x.xlsx")
    assert [(one.name, one.hidden, one.rows) for one in listed] == [
        ("去年", True, 1),
        ("草稿", True, 1),
        ("名册", False, 2),
    ]
    table, rows = read(data)
    assert (table.sheet, rows) == ("名册", [("赵演示", "901")])
    assert open_table(data, "x.xlsx", sheet="草稿").headings == ("甲", "乙")
    assert list_sheets("姓名,室\n".encode(), "x.csv") == ()


def test_one_merged_block_over_a_million_rows_makes_no_records() -> None:
    rows = [["姓名", "室"], ["赵演示", "901"], ["钱样例", "902"]]
    _, found = read(sheet(rows, "C2:C1048576", "D1:XFD1"))
    assert [cells[:2] for cells in found] == [("赵演示", "901"), ("钱样例", "902")]
