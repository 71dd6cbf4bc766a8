"""What the columns of a house list are, however a community's office headed them."""

import pytest

from wangge.imports.columns.fields import names_a_column
from wangge.imports.columns.guess import guess
from wangge.imports.columns.mapping import Mapping, Member
from wangge.kernel.refusals import Invalid
from wangge.matching.numbers import check_character
from wangge.people.pasted import open_pasted

ID = "99000119900101123" + check_character("99000119900101123")
PHONE = "19900000001"


def columns(text: str, *rows: str) -> dict[str, tuple[str, ...]]:
    return guess("people", text.split(), [row.split() for row in rows]).columns


def test_plain_headings_are_known() -> None:
    assert columns("序号 姓名 公民身份号码 手机号码 与户主的关系 住址 备注") == {
        "name": ("姓名",),
        "id_number": ("公民身份号码",),
        "phone": ("手机号码",),
        "relation": ("与户主的关系",),
        "door": ("住址",),
    }


def test_words_with_stars_breaks_and_width_are_the_same_words() -> None:
    found = guess("people", ["*姓 名:", "身份证\n号码", "住址", "工作单位/学校"], []).columns
    assert found["name"] == ("*姓 名:",)
    assert found["id_number"] == ("身份证\n号码",)
    assert found["workplace"] == ("工作单位/学校",)


def test_flattened_groups_say_whose_a_column_is() -> None:
    found = guess(
        "people",
        ["序号", "住址/幢", "住址/单元", "住址/室", "户主信息/姓名", "户主信息/电话", "配偶/姓名",
         "配偶/身份证号", "成员1/姓名", "成员2/姓名", "成员2/关系"],
        [],
    )  # fmt: skip
    assert found.columns == {
        "building": ("住址/幢",),
        "unit": ("住址/单元",),
        "room": ("住址/室",),
        "name": ("户主信息/姓名",),
        "phone": ("户主信息/电话",),
    }
    assert found.members == (
        Member("spouse", {"name": ("配偶/姓名",), "id_number": ("配偶/身份证号",)}),
        Member("other", {"name": ("成员1/姓名",)}),
        Member("other", {"name": ("成员2/姓名",), "relation": ("成员2/关系",)}),
    )


def test_headings_that_come_again_are_further_members() -> None:
    found = guess("people", ["房号", "姓名", "电话", "姓名 (2)", "电话 (2)", "姓名3"], [])
    assert found.columns["name"] == ("姓名",)
    assert found.members == (
        Member("other", {"name": ("姓名 (2)",), "phone": ("电话 (2)",)}),
        Member("other", {"name": ("姓名3",)}),
    )


def test_the_head_beside_a_name_says_who_heads_and_alone_is_the_person() -> None:
    both = columns("户主姓名 姓名 住址 户主电话")
    assert both == {"head": ("户主姓名",), "name": ("姓名",), "door": ("住址",)}
    assert columns("户主姓名 户主电话 住址")["name"] == ("户主姓名",)


def test_what_stands_below_corrects_and_completes_the_headings() -> None:
    rows = [f"{n}-1-{n}01 张某某{PHONE} {ID} 男" for n in range(1, 6)]
    assert columns("房号 联系人 A C", *rows) == {
        "door": ("房号",),
        "name_phone": ("联系人",),
        "id_number": ("A",),
        "sex": ("C",),
    }
    rows = [f"{n}01 赵演示{n} {PHONE}" for n in range(1, 6)]
    assert columns("房号 住客 丙", *rows) == {"room": ("房号",), "phone": ("丙",)}
    rows = [f"x 赵演{n} {PHONE}" for n in "一二三四五"]
    assert columns("甲 乙 丙", *rows) == {"name": ("乙",), "phone": ("丙",)}


def test_a_mapping_that_does_not_fit_names_every_misfit() -> None:
    with pytest.raises(Invalid) as refused:
        Mapping({"name": ("姓名",), "shoe": ("鞋",)}, consent="shouted").checked(
            "people", ["姓名"]
        )
    assert [p.field for p in refused.value.problems] == ["shoe", "shoe", "consent", "door"]


CHAT = f"""
#接龙
例 1-1-101 张三 2人
1. 1-1-901 赵演示 199 0000 0001
2、1幢1单元902 钱样例(户主){PHONE} 孙示范 配偶 女
3. 殷家花园七幢四单元301,李模板,{ID.lower()},19900000003
周测试  2026/3/1 18:05
903 吴·买买提 0571-87650000 2人
冯占位:1-2-101 冯占位 19900000004
大家早上好请按格式填写
1-2-102
陈范例 19900000005
褚样本
"""


def test_a_chat_becomes_rows_a_line_a_person() -> None:
    table = open_pasted(CHAT, "粘贴", names_a_column("people"))
    rows = [(row.number, *row.cells) for row in table.rows]
    assert rows == [
        (4, "1-1-901", "赵演示", "", "", "", "19900000001", ""),
        (5, "1幢1单元902", "钱样例", "户主", "", "", PHONE, ""),
        (5, "1幢1单元902", "孙示范", "配偶", "女", "", "", ""),
        (6, "殷家花园7幢4单元301", "李模板", "", "", ID, "19900000003", ""),
        (8, "903", "吴·买买提", "", "", "", "0571-87650000", "2人"),
        (9, "1-2-101", "冯占位", "", "", "", "19900000004", ""),
        (12, "1-2-102", "陈范例", "", "", "", "19900000005", ""),
        (13, "1-2-102", "褚样本", "", "", "", "", ""),
    ]
    assert [note.row for note in table.notes] == [10]


def test_cells_pasted_from_a_sheet_are_read_as_a_sheet() -> None:
    text = f"姓名\t住址\t电话\n赵演示\t1-1-901\t{PHONE}\n"
    table = open_pasted(text, "粘贴", names_a_column("people"))
    assert table.headings == ("姓名", "住址", "电话")
    assert [row.cells for row in table.rows] == [("赵演示", "1-1-901", PHONE)]


@pytest.mark.parametrize("text", ["", "  \n ", "大家好\n收到", "x" * 2_000_001])
def test_a_text_without_people_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        open_pasted(text, "粘贴", names_a_column("people"))
