"""Pasted chats are whatever people type at night: nobody who is named with a number is lost, and nothing
that is typed is a crash. Everybody is made up."""

from collections import Counter
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wangge.bench.contact_lists import residents
from wangge.kernel.refusals import Refusal
from wangge.matching import read_phone
from wangge.people.pasted import open_pasted
from wangge.verification.columns import columns_of, names_a_column
from wangge.verification.reading import Reader

_PEOPLE = [one for one in residents(600, 4) if one.phone]
_TODAY = date(2026, 3, 18)
_COLUMNS = columns_of(("门牌", "姓名", "与户主关系", "性别", "身份证号", "联系电话", "说明"))
#: What stands between the people of a chat.
_TALK = (
    "", "收到", "好的谢谢", "@所有人 没报的快报一下", "[图片]", "[微笑][微笑]", "#接龙", "辛苦了!",
    "网格员小李  2026-11-28 21:05:09", "居民小王 21:07", "微信用户 昨天 9:30", "——————", "今天下雨",
    "例:1-1-101 张某某 电话",
    "以上是我家的", "撤回了一条消息", "\u200b", "🙏🙏", "谁家的车挡路了?", "https://example.invalid/a?b=1",
)  # fmt: skip
_FORMS = (
    "{n}. {door} {name} {phone}",
    "{n}、{name} {phone} {door}",
    "{door},{name},{phone}",
    "{door};{name};{id};{phone}",
    "{name}({sex}){phone}",
    "{name} {id} {phone}",
    "小区群主:{door} {name} {phone}",
    "{name}\t{phone}\t{door}",
    "{name}:{phone}",
    "{door}{name} {phone}",
)


@some.composite
def chats(draw: some.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """A chat, and whoever is named in it with their telephone."""
    lines: list[str] = []
    there: list[tuple[str, str]] = []
    for n, person in enumerate(draw(some.lists(some.sampled_from(_PEOPLE), max_size=12)), 1):
        lines += draw(some.lists(some.sampled_from(_TALK), max_size=3))
        phone = person.phone or ""
        written = draw(
            some.sampled_from(
                (
                    phone,
                    f"{phone[:3]} {phone[3:7]} {phone[7:]}",
                    f"{phone[:3]}-{phone[3:7]}-{phone[7:]}",
                    f"+86 {phone}",
                    "".join(chr(ord(c) + 0xFEE0) for c in phone),
                )
            )
        )
        door = f"{person.door.building}{person.door.unit}单元{person.door.room}室"
        form = draw(some.sampled_from(_FORMS))
        lines.append(
            form.format(
                n=n,
                door=door,
                name=person.name,
                phone=written,
                id=person.id_number,
                sex=person.sex,
            )
        )
        there.append((person.name, phone))
    return "\n".join(lines), there


@given(chats())
def test_whoever_is_named_with_a_telephone_is_a_row_with_it(
    chat: tuple[str, list[tuple[str, str]]],
) -> None:
    text, there = chat
    if not there:
        return
    rows = [row.cells for row in open_pasted(text, "群聊", names_a_column).rows]
    found = [
        (_COLUMNS.of(cells, "name"), read_phone(_COLUMNS.of(cells, "phone")).value)
        for cells in rows
    ]
    assert Counter(there) <= Counter(found)


@given(
    some.text(
        alphabet=some.one_of(
            some.characters(exclude_categories=("Cs",)),
            some.sampled_from(
                "张王李甲乙丙幢栋单元室号层、,。;:()()·•0123456789-—#@\n\t \x00\u3000×xX"
            ),
        ),
        max_size=300,
    )
)
def test_whatever_is_pasted_is_read_or_refused_in_words(text: str) -> None:
    reader = Reader(_COLUMNS, _TODAY)
    with suppress(Refusal):
        for row in open_pasted(text, "群聊", names_a_column).rows:
            reader.said(row.cells)


def test_what_the_reader_marks_with_is_nothing_when_it_is_pasted() -> None:
    table = open_pasted("1-1-901 张小明 \x005\x00 19900000001", "群聊", names_a_column)
    assert ["张小明" in row.cells and "19900000001" in row.cells for row in table.rows] == [
        True
    ]


@pytest.mark.parametrize(
    "line",
    [
        "物业:19900001234",
        "小区群主:1-1-101 19900001234 收到",
        "提醒:99010119900101001X 这个号码不对",
        "楼长:199 0000 1234",
        "母亲:19900001234",
        "平安是福:19900001234",
    ],
)
def test_an_office_that_wrote_a_number_into_the_chat_is_nobody(line: str) -> None:
    table = open_pasted(f"{line}\n王青禾:19900005678", "群聊", names_a_column)
    assert [_COLUMNS.of(row.cells, "name") for row in table.rows] == ["王青禾"]
    assert [(note.row, note.words) for note in table.notes] == [
        (1, "第 {row} 行没有看出人名,没有读入")
    ]


@pytest.mark.parametrize("name", ["王青禾", "欧阳青", "葉青禾", "阿依·古丽", "卫青"])
def test_whoever_wrote_their_own_number_under_their_name_is_a_row(name: str) -> None:
    (row,) = open_pasted(f"{name}:19900001234", "群聊", names_a_column).rows
    assert (_COLUMNS.of(row.cells, "name"), _COLUMNS.of(row.cells, "phone")) == (
        name,
        "19900001234",
    )


@pytest.mark.parametrize(
    ("line", "door", "more"),
    [
        ("王青禾 19900001234 月松新村4幢1单元203室(出租)", "月松新村4幢1单元203室", "出租"),
        ("月松新村 3-1-102 王青禾 19900001234", "月松新村3-1-102", ""),
        ("霞鹤 雅居(一期)6号1单元 王青禾 19900001234", "霞鹤雅居(一期)6号1单元", ""),
        ("王青禾 19900001234 晴桐庭二 期 1~4~402", "晴桐庭二期1~4~402", ""),
        ("晚枫路701号月松新村4号1单元203号,王青禾,19900001234", "晚枫路701号月松新村4号1单元203号", ""),
        ("晚枫路7号 霞鹤雅居 一期 3幢1单元110 王青禾 19900001234",
         "晚枫路7号霞鹤雅居一期3幢1单元110", ""),
        ("晴桐庭第四#楼三单六零二,王青禾,19900001234", "晴桐庭第4#楼3单602", ""),
        ("3-1-102 出租 王青禾 19900001234", "3-1-102", ""),
        ("王青禾 3-1-102 李青 19900001235", "3-1-102", ""),
        ("3-1-102(王青禾)19900001234", "3-1-102", ""),
        ("1-502 户主 王青禾 19900001234", "1-502", ""),
    ],
)  # fmt: skip
def test_an_estate_and_a_remark_are_nobody_and_the_address_is_read_whole(
    line: str, door: str, more: str
) -> None:
    rows = [row.cells for row in open_pasted(line, "群聊", names_a_column).rows]
    names = [_COLUMNS.of(cells, "name") for cells in rows]
    assert names == (["王青禾", "李青"] if "李青" in line else ["王青禾"]), rows
    assert (rows[0][0], rows[0][-1]) == (door, more)
