"""Tables as bad as they come: each is read for what it says, or refused with the way out."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from importing import As, Office, number_of, residents, table

import small_town as town
from old_excel import old_workbook
from wangge.imports import api, pages, views
from wangge.kernel.http import District

NEW = number_of("1970-05-01", 1)
#: One whose check character is X.
WITH_X = next(n for n in (number_of("1971-05-01", k) for k in range(40)) if n.endswith("X"))
FULL_WIDTH = str.maketrans("0123456789X", "0123456789X")


@pytest.fixture
def office(own_district: District, as_: As) -> Office:
    return Office(own_district.database, as_("community_officer"))


# -- files -------------------------------------------------------------------------------------


def made(fill: Callable[[Any], None]) -> bytes:
    """A workbook as somebody's hands left it."""
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        fill(book)
    return out.getvalue()


def rows(sheet: Any, *lines: list[object], at: int = 0) -> None:
    for number, line in enumerate(lines, at):
        sheet.write_row(number, 0, line)


def million_blank_rows(book: Any) -> None:
    sheet = book.add_worksheet("住户")
    rows(sheet, ["门牌", "姓名"], ["3-2-401", "赵演示"])
    sheet.write_blank(1_048_575, 1, None, book.add_format({"bold": True}))


def formulas(book: Any) -> None:
    sheet = book.add_worksheet("住户")
    rows(sheet, ["门牌", "姓名", "联系电话"])
    sheet.write_formula(1, 0, '="3-2-"&401', None, "3-2-401")
    sheet.write(1, 1, "赵演示")
    sheet.write_formula(1, 2, "=VLOOKUP(B2,Z:Z,1)", None, "#N/A")


def hidden_sheet(book: Any) -> None:
    rows(book.add_worksheet("住户"), ["门牌", "姓名"], ["3-2-401", "赵演示"])
    other = book.add_worksheet("不给人看的")
    rows(other, ["门牌", "姓名"], ["3-2-301", "钱样例"])
    other.hide()


def headings_of_three_rows(book: Any) -> None:
    sheet = book.add_worksheet("住户")
    look = book.add_format()
    sheet.merge_range(0, 0, 0, 3, "住户情况登记表", look)
    sheet.merge_range(1, 0, 3, 0, "门牌", look)
    sheet.merge_range(1, 1, 1, 3, "人员", look)
    sheet.merge_range(2, 1, 2, 2, "基本", look)
    sheet.write(2, 3, "联系")
    rows(sheet, [None, "姓名", "出生日期", "电话"], at=3)
    rows(sheet, ["3-2-401", "赵演示", 26055, "19900000001"], at=4)


def macros() -> bytes:
    """A workbook with a macro inside, which nobody runs."""
    plain = made(
        lambda book: rows(book.add_worksheet(), ["门牌", "姓名"], ["3-2-401", "赵演示"])
    )
    out = BytesIO()
    with ZipFile(BytesIO(plain)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + b"Sub Auto_Open()" * 20)
    return out.getvalue()


def bomb() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 400_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("一百万行.xlsx", made(million_blank_rows)),
        ("公式.xlsx", made(formulas)),
        ("隐藏.xlsx", made(hidden_sheet)),
        ("宏.xlsm", macros()),
        ("改了名.xlsx", old_workbook("名册", [["门牌", "姓名"], ["3-2-401", "赵演示"]])),
        ("改了名.xls", made(headings_of_three_rows)),
        ("空字符.csv", "门牌,姓名\n3-2-401,赵\x00演示\n".encode()),
    ],
)
async def test_a_strange_file_is_read_for_what_it_says(
    office: Office, name: str, data: bytes
) -> None:
    found = await office.judged(data, name=name)
    assert await office.brief(found) == [(found_row(name), "赵演示", "new")]


def found_row(name: str) -> int:
    return 5 if name == "改了名.xls" else 2


@pytest.mark.parametrize(
    ("name", "data", "code", "way_out"),
    [
        ("太大.xlsx", b"PK\x03\x04" + bytes(50_000_001), "table-too-large", "拆"),
        ("炸弹.xlsx", bomb(), "table-unpacks-too-large", ""),
        ("坏了.xlsx", made(formulas)[:900], "workbook-unreadable", "另存"),
        ("照片.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(100), "not-a-table", ""),
        ("空.csv", b"", "file-missing-or-empty", ""),
        ("没表头.csv", b"1,2\n3,4\n", "no-headings", ""),
    ],
)
async def test_a_file_that_is_no_table_is_refused_on_the_page_and_to_a_program(
    room_client: Any, as_: As, name: str, data: bytes, code: str, way_out: str
) -> None:
    client = await room_client([*api.ROUTES, *pages.ROUTES], as_("community_officer"))
    sent = await client.post(f"/api/v1/register-imports?name={name}", content=data)
    told = sent.json()
    assert (told["code"], sent.status_code >= 400) == (code, True)
    assert way_out in told["title"]
    shown = await client.post("/imports", files={"files": (name, data)})
    assert shown.status_code == sent.status_code
    assert name in shown.text
    assert told["title"].split(name)[-1][:8] in shown.text
    listed = await client.get("/api/v1/register-imports")
    assert listed.json()["items"] == [], "nothing of it is kept"


async def test_a_workbook_of_300_megabytes_is_refused_unread_with_the_way_out(
    room_client: Any, as_: As
) -> None:
    client = await room_client([*api.ROUTES, *pages.ROUTES], as_("community_officer"))
    said = {"content-length": "300000000", "content-type": "multipart/form-data; boundary=x"}
    for path in ("/imports", "/api/v1/register-imports?name=大.xlsx"):
        answer = await client.post(path, content=b"", headers={**said, "accept": "text/html"})
        assert answer.status_code == 413
        assert "拆成几份" in answer.text


async def test_whoever_uploads_a_hidden_sheet_is_told_that_it_was_not_read(
    office: Office,
) -> None:
    [note] = views.notes(await office.judged(made(hidden_sheet), name="隐藏.xlsx"), "zh")
    assert "不给人看的" in note
    assert views.notes(await office.judged(made(formulas), name="公式.xlsx"), "zh") == []


async def test_a_good_file_beside_a_bad_one_is_taken(room_client: Any, as_: As) -> None:
    client = await room_client([*api.ROUTES, *pages.ROUTES], as_("community_officer"))
    files = [
        ("files", ("好.csv", table("3-2-401 赵演示 - - - -"))),
        ("files", ("坏.csv", b"1,2\n3,4\n")),
    ]
    shown = await client.post("/imports", files=files)
    assert shown.status_code == 200
    assert "读入了 1 张表" in shown.text
    assert "坏.csv" in shown.text


# -- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "number", "troubles"),
    [
        (WITH_X.lower(), WITH_X, ()),
        (WITH_X.translate(FULL_WIDTH), WITH_X, ()),
        (f"{NEW[:6]} {NEW[6:14]} {NEW[14:]}", NEW, ()),
        ("990001500101001", number_of("1950-01-01", 1), ("old_id",)),
    ],
)
async def test_a_number_is_read_however_it_is_typed(
    office: Office, typed: str, number: str, troubles: tuple[str, ...]
) -> None:
    data = f"门牌,姓名,身份证号\n3-2-401,赵演示,{typed}\n".encode()
    found = await office.judged(data)
    [line] = await office.lines(found)
    assert (line.verdict, line.said.person.id_number) == ("new", number)
    assert line.troubles == troubles


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("25569", date(1970, 1, 1)),
        ("1970年1月1日", date(1970, 1, 1)),
        ("1970.1.1", date(1970, 1, 1)),
        ("19700101", date(1970, 1, 1)),
        ("2020.2.30", "没有“2020.2.30”这一天"),
        ("去年春天", "看不懂出生日期"),
        ("2099-01-01", "晚于今天"),
    ],
)
async def test_a_day_is_read_or_refused_by_name_row_and_way_out(
    office: Office, typed: str, read: date | str
) -> None:
    found = await office.judged(f"门牌,姓名,出生日期\n3-2-401,赵演示,{typed}\n".encode())
    [line] = await office.lines(found)
    if isinstance(read, date):
        assert (line.verdict, line.said.person.birth) == ("new", read)
        return
    assert line.verdict == "refused"
    [trouble] = line.said.troubles
    assert (line.at, trouble.key) == (2, "birth")
    assert read in trouble.words("zh")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("𠮷演示", "𠮷演示"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("赵 演示", "赵演示"),
        ("赵\u200b演示", "赵演示"),
    ],
)
async def test_a_rare_name_comes_in_as_it_is_meant(
    office: Office, typed: str, kept: str
) -> None:
    found = await office.imported(f"门牌,姓名\n3-2-401,{typed}\n".encode())
    assert found.data["new"] == 1
    assert [one.name for one in await residents(office.database, [kept])] == [kept]
    again = await office.judged(f"门牌,姓名\n3-2-401,{typed}\n".encode())
    assert [line.verdict for line in await office.lines(again)] == ["same"]


async def test_a_name_with_a_face_in_it_is_shown_and_harms_nobody(office: Office) -> None:
    found = await office.judged("门牌,姓名\n3-2-401,赵演示😀\n3-2-301,钱样例\n".encode())
    first, second = await office.lines(found)
    assert (first.name, second.verdict) == ("赵演示", "new")


async def test_a_million_lines_of_paste_are_refused_with_the_way_out(
    room_client: Any, as_: As
) -> None:
    client = await room_client(pages.ROUTES, as_("community_officer"))
    shown = await client.post("/imports", data={"text": "3-2-401 赵演示\n" * 200_000})
    assert shown.status_code == 422
    assert "存成文件" in shown.text
    assert town.STREET not in shown.text
