"""Uploaded tables: read however they were saved, noted where mended, refused with a way out."""

import gzip
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as some

from wangge.kernel.refusals import Refusal
from wangge.kernel.sheet_refusals import (
    EncodingUnknown,
    FileMissingOrEmpty,
    LineUnreadable,
    NoHeadings,
    NotATable,
    PackedFileDamaged,
    SheetMissing,
    SheetTooWide,
    TableTooLarge,
    TableUnpacksTooLarge,
    TooManyRows,
    WorkbookUnreadable,
)
from wangge.kernel.sheets import Table, column_letter, open_table, parse_time
from wangge.kernel.times import TimeAmbiguous, TimeImpossible, TimeUnreadable

TEXT = "姓名,地址,备注\r\n赵演示,演示路1号,\r\n钱样例,样例巷2号,独居😀\r\n"


def read(data: bytes | Path, **options: object) -> tuple[Table, list[tuple[str, ...]]]:
    table = open_table(data, "名单.csv", **options)  # type: ignore[arg-type]
    return table, [row.cells for row in table.rows]


def book(**sheets: list[list[object]]) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd hh:mm"}) as workbook:
        for name, rows in sheets.items():
            page = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return out.getvalue()


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        *(("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030")),
        *(("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be")),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_csv_is_read_however_it_was_saved(codec: str, named: str, packed: bool) -> None:
    data = TEXT.encode(codec)
    table, rows = read(gzip.compress(data) if packed else data)
    assert table.headings == ("姓名", "地址", "备注")
    assert rows == [("赵演示", "演示路1号", ""), ("钱样例", "样例巷2号", "独居😀")]
    assert table.encoding == named
    assert table.notes == []


def test_gbk_with_and_without_a_mark() -> None:
    text = TEXT.replace("😀", "")
    for data in (text.encode("gbk"), b"\x84\x31\x95\x33" + text.encode("gb18030")):
        table, rows = read(data)
        assert table.encoding == "gb18030"
        assert table.headings[0] == "姓名"
        assert rows[1] == ("钱样例", "样例巷2号", "独居")


@pytest.mark.parametrize("spoilt", [b"\xe7\x8e", b"\xe7", b"\xff", b"\xed\xa0\x80"])
def test_a_spoilt_letter_does_not_make_another_encoding_of_it(spoilt: bytes) -> None:
    data = (
        "姓名,联系电话,现住址\n".encode()
        + spoilt
        + "小明,199,杏花苑3幢\n李晓红,199,样例巷\n".encode()
    )
    table, rows = read(data)
    assert (table.encoding, table.headings) == ("utf-8", ("姓名", "联系电话", "现住址"))
    assert rows[1] == ("李晓红", "199", "样例巷")
    assert [(note.row, note.field) for note in table.notes] == [(2, "A")]


def test_the_first_chinese_may_come_late() -> None:
    plain = b"a,b\n" + b"1,2\n" * 100_000
    assert read(plain + "赵,演示\n".encode("gbk"))[0].encoding == "gb18030"
    assert read(plain + "赵,演示\n".encode())[1][-1] == ("赵", "演示")


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_the_delimiter_is_found(mark: str) -> None:
    text = f'a{mark}b{mark}c\n"1,5; 2 3"{mark}x{mark}y\n2{mark}"line\none"{mark}"say ""hi"""\n'
    _, rows = read(text.encode())
    assert rows == [("1,5; 2 3", "x", "y"), ("2", "line\none", 'say "hi"')]


def test_what_no_cell_should_hold_is_taken_out_and_noted() -> None:
    table, rows = read("姓名,备注\n赵\0演示,好\x07的\u200d👩\u200d👧\n".encode())
    assert rows == [("赵演示", "好的\u200d👩\u200d👧")]
    assert [(note.row, note.field) for note in table.notes] == [(2, "A"), (2, "B")]
    assert "第 2 行 A 列" in table.notes[0].said("zh")["words"]


def test_a_western_export_keeps_its_quotation_marks() -> None:
    data = b"id,remark\n" + b"1,plain words only\n" * 50 + b"2,the owner\x92s \x93yard\x94\n"
    table, rows = read(data)
    assert table.encoding == "cp1252"
    assert rows[-1] == ("2", "the owner’s “yard”")
    assert table.notes == []


def test_a_broken_byte_is_noted_where_it_is() -> None:
    good = "地址,备注\n" + "演示路,好\n" * 300
    table, rows = read(good.encode() + b"\xe6\xbc\xff,x\n")
    assert len(rows) == 301
    assert [(note.row, note.field) for note in table.notes] == [(302, "A")]


def test_rows_are_numbered_as_the_spreadsheet_shows_them() -> None:
    table = open_table("名册\n\n甲,乙\n1,2\n\n,\n3,4,\n".encode(), "x.csv")
    assert table.headings == ("甲", "乙")
    assert [(row.number, row.cells) for row in table.rows] == [(4, ("1", "2")), (7, ("3", "4"))]
    assert "第 3 行" in table.notes[0].said("zh")["words"]


def test_records_go_by_their_headings() -> None:
    table = open_table(TEXT.encode(), "x.csv")
    assert next(table.records()) == (
        2,
        {"姓名": "赵演示", "地址": "演示路1号", "备注": ""},
    )


def test_cells_beyond_the_headings_are_noted_and_missing_ones_blank() -> None:
    table, rows = read("甲,乙\n1\n1,2,3\n".encode())
    assert rows == [("1", ""), ("1", "2")]
    assert [(note.row, note.field) for note in table.notes] == [(3, "C")]


def test_a_heading_left_blank_gets_the_name_of_its_column() -> None:
    assert read("甲,,丙\n1,2,3\n".encode())[0].headings == ("甲", "B", "丙")
    assert read("B,,丙\n1,2,3\n".encode())[0].headings == ("B", "B列", "丙")


def test_a_heading_twice_gets_a_number_and_a_note() -> None:
    table, rows = read("姓名,电话,姓名,电话\n甲,1,乙,2\n".encode())
    assert table.headings == ("姓名", "电话", "姓名 (2)", "电话 (2)")
    assert rows == [("甲", "1", "乙", "2")]
    assert [(note.row, note.field) for note in table.notes] == [(1, "C"), (1, "D")]
    assert read("姓名,姓名,姓名 (2)\n甲,乙,丙\n".encode())[0].headings == (
        "姓名",
        "姓名 (3)",
        "姓名 (2)",
    )


@pytest.mark.parametrize("text", ["1,2\n3,4\n", "只有一列\n赵演示\n", "2026-01-01,5%\n"])
def test_a_table_without_headings_is_refused(text: str) -> None:
    with pytest.raises(NoHeadings):
        read(text.encode())


@pytest.mark.parametrize("data", [b"", b"\n\n", b" , \n,,\n", book(空=[])])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(FileMissingOrEmpty, match="empty"):
        read(data)


def test_a_quotation_mark_never_closed_is_refused_by_row() -> None:
    data = "甲,乙\n1,2\n".encode() + b'3,"' + b"4,5\n" * 50_000
    with pytest.raises(LineUnreadable) as refused:
        read(data)
    assert refused.value.row == 3


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(LineUnreadable):
        read(b"a,b\n" + b"x" * 3_000_000)


def test_too_large_a_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "大.csv"
    with path.open("wb") as file:
        file.truncate(300_000_000)
    tracemalloc.start()
    with pytest.raises(TableTooLarge) as refused:
        open_table(path, "大.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (refused.value.size_mb, refused.value.limit_mb) == (300, 50)
    assert peak < 1_000_000


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(TooManyRows):
        read(b"a,b\n" + b"1,2\n" * 11, max_rows=10)
    assert len(read(b"a,b\n" + b"1,2\n" * 10, max_rows=10)[1]) == 10


def test_a_table_is_walked_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes("甲,乙,丙\n".encode() + "演示路,样例巷,备注\n".encode() * 60_000)
    table = open_table(path, "long.csv")
    tracemalloc.start()
    count = sum(1 for _ in table.rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 500_000, "the file has 1.7 million bytes"


def test_a_compressed_bomb_is_refused() -> None:
    with pytest.raises(TableUnpacksTooLarge):
        read(gzip.compress(b"a,b\n" * 1_000_000), max_unpacked=1_000_000)
    half = gzip.compress(b"a,b\n" + bytes(range(256)) * 100)
    with pytest.raises(PackedFileDamaged):
        read(half[: len(half) // 2])
    with pytest.raises(PackedFileDamaged):
        read(b"\x1f\x8bgarbage")


def test_noise_is_no_text() -> None:
    with pytest.raises(EncodingUnknown):
        read(bytes(range(128, 256)) * 50)


def test_a_workbook_becomes_text() -> None:
    rows: list[list[object]] = [
        ["编号", "时间", "日期", "数", "小数", "是否"],
        ["007", datetime(2026, 3, 2, 9, 30), date(2026, 3, 2), 330604, 1.5, True],  # noqa: DTZ001
    ]
    table, found = read(book(空=[], 名单=rows, 其他=[["x", "y"]]))
    assert table.encoding == "xlsx"
    assert table.sheets == ("空", "名单", "其他")
    assert "名单" in table.notes[0].said("zh")["words"]
    assert found[0][0] == "007"
    assert found[0][1] == "2026-03-02 09:30:00"
    assert found[0][2].startswith("2026-03-02")
    assert found[0][3:] == ("330604", "1.5", "是")
    assert read(book(名单=rows, 其他=[["x", "y"]]), sheet="其他")[0].headings == ("x", "y")
    with pytest.raises(SheetMissing) as refused:
        read(book(名单=rows), sheet="第二张")
    assert refused.value.sheets == "名单"


def test_a_sheet_that_begins_low_and_right_keeps_its_places() -> None:
    table = open_table(book(a=[[], [], ["", "甲", "乙"], ["", "1", "x", "", "y"]]), "x.xlsx")
    assert table.headings == ("A", "甲", "乙")
    assert [(row.number, row.cells) for row in table.rows] == [(4, ("", "1", "x"))]
    assert (table.notes[-1].row, table.notes[-1].field) == (4, "D")


def test_a_long_number_excel_has_spoilt_is_noted() -> None:
    table, _ = read(book(a=[["姓名", "证件号"], ["赵演示", 990001199001011234]]))
    assert [(note.row, note.field) for note in table.notes] == [(2, "B")]


@pytest.mark.parametrize(
    ("data", "seems"),
    [
        (b"<html><table><tr><td>1</td></tr></table>", "网页"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "XML"),
        (b"%PDF-1.4 ", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"Rar!\x1a\x07", "压缩包"),
    ],
)
def test_what_is_no_table_is_refused_with_a_guess(data: bytes, seems: str) -> None:
    with pytest.raises(NotATable) as refused:
        read(data)
    assert seems in refused.value.words()
    assert "另存为 .xlsx" in refused.value.words()


def archive(**entries: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in entries.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return out.getvalue()


def test_archives_that_are_no_workbooks_are_refused() -> None:
    for data, seems in (
        (archive(readme=b"x"), "压缩包"),
        (archive(word__document_xml=b"x"), "Word"),
        (archive(content_xml=b"x"), "别的表格软件"),
    ):
        with pytest.raises(NotATable) as refused:
            read(data)
        assert seems in refused.value.words()


@pytest.mark.parametrize("part", [0.3, 0.9, 0.999])
def test_half_a_workbook_is_refused(part: float) -> None:
    data = book(a=[["甲", "乙"]] + [["1", "2"]] * 50)
    with pytest.raises(WorkbookUnreadable):
        read(data[: int(len(data) * part)])
    with pytest.raises(WorkbookUnreadable):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000)


def test_a_workbook_bomb_is_refused_by_what_it_declares() -> None:
    with pytest.raises(TableUnpacksTooLarge):
        read(archive(xl__workbook_xml=b"\0" * 2_000_000), max_unpacked=1_000_000)


def test_a_workbook_that_lies_about_its_size_is_refused() -> None:
    data = archive(xl__workbook_xml=b"\0" * 2_000_000)
    lying = data.replace((2_000_000).to_bytes(4, "little"), (2_000).to_bytes(4, "little"))
    assert lying != data
    with pytest.raises(WorkbookUnreadable):
        read(lying, max_unpacked=1_000_000)


def test_two_cells_at_the_corners_of_a_sheet_are_refused() -> None:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        page = workbook.add_worksheet()
        page.write_row(0, 0, ["甲", "乙"])
        page.write(1_048_575, 16_383, "x")
    with pytest.raises(SheetTooWide):
        read(out.getvalue())
    out = BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        page = workbook.add_worksheet()
        page.write_row(0, 0, ["甲", "乙"])
        page.write_blank(1_048_575, 16_383, None, workbook.add_format({"bold": True}))
    assert read(out.getvalue())[0].headings == ("甲", "乙"), "a blank cell with a look is none"


BOOK = book(a=[["甲", "乙"], ["1", "2"]])


@settings(deadline=None, max_examples=100)
@given(
    some.sampled_from(
        [BOOK, TEXT.encode(), TEXT.encode("gb18030"), gzip.compress(b"a,b\n1,2")]
    ),
    some.lists(some.tuples(some.floats(0, 0.999), some.integers(0, 255)), max_size=5),
)
def test_broken_bytes_are_refused_and_never_a_bug(
    data: bytes, changes: list[tuple[float, int]]
) -> None:
    broken = bytearray(data)
    for place, value in changes:
        broken[int(place * len(broken))] = value
    try:
        table, rows = read(bytes(broken))
    except Refusal:
        return
    assert all(len(row) == len(table.headings) for row in rows)


cells = some.text(some.characters(codec="utf-8", categories=("L", "N", "P", "So")), max_size=9)


@settings(deadline=None)
@given(some.lists(some.tuples(cells, cells, cells), max_size=8))
def test_a_table_comes_back_as_it_was(rows: list[tuple[str, str, str]]) -> None:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        page = workbook.add_worksheet()
        for number, row in enumerate([("甲", "乙", "丙"), *rows]):
            for column, cell in enumerate(row):
                page.write_string(number, column, cell)
    assert read(out.getvalue())[1] == [row for row in rows if any(row)]


def test_columns_have_letters() -> None:
    assert [column_letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019/2/28 11:25:05", "2019-02-28 11:25:05"),
        ("2015-01-01 00:20:09", "2015-01-01 00:20:09"),
        ("2019年2月28日 11时", "2019-02-28 11:00:00"),
        ("2019年2月28日11时25分", "2019-02-28 11:25:00"),
        ("2019年2月28日 下午3点05分", "2019-02-28 15:05:00"),
        ("2019年2月28日", "2019-02-28 00:00:00"),
        ("2019.2.28 9:05", "2019-02-28 09:05:00"),
        ("2019-02-28T11:25:05.123", "2019-02-28 11:25:05"),
        ("2019-02-28T03:25:05Z", "2019-02-28 11:25:05"),
        ("2019-02-28T03:25:05+00:00", "2019-02-28 11:25:05"),
        ("20190228", "2019-02-28 00:00:00"),
        ("20190228112505", "2019-02-28 11:25:05"),
        ("2019/2/28 3:04 PM", "2019-02-28 15:04:00"),
        ("2019/2/28 24:00", "2019-03-01 00:00:00"),
        (" 2019/2/28\u300011:25 ", "2019-02-28 11:25:00"),
        ("2019/2/28 星期四 11:25", "2019-02-28 11:25:00"),
        ("43524", "2019-02-28 00:00:00"),
        ("43524.475752314814", "2019-02-28 11:25:05"),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, expected: str) -> None:
    moment = parse_time(text)
    assert moment.astimezone(UTC) is not None
    shown = moment.astimezone(parse_time("2020-01-01").tzinfo)
    assert shown.strftime("%Y-%m-%d %H:%M:%S") == expected


def test_a_time_is_local_to_its_zone() -> None:
    boston = parse_time("2015-01-01 00:20:09", "America/New_York")
    assert boston.astimezone(UTC) == datetime(2015, 1, 1, 5, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "昨天", "2019-02-30", "2019-13-01", "2019-02-28 25:00", "2019-02"),
        *("2019-02-28 11:61", "1e5", "-5", "2019-02-28 11:25:05 x", "９" * 9),
        "abc 2019-02-28",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(TimeUnreadable):
        parse_time(text)


def test_month_and_day_are_not_guessed() -> None:
    for text in ("3/4/2019", "28-02-2019 11:00", "3/4/19"):
        with pytest.raises(TimeAmbiguous):
            parse_time(text)


@pytest.mark.parametrize("text", ["1900-01-01", "0", "1", "2099-12-31", "1899/12/30 0:00:00"])
def test_a_time_nobody_can_mean_is_refused(text: str) -> None:
    with pytest.raises(TimeImpossible) as refused:
        parse_time(text)
    assert "1990-01-01" in refused.value.words()
    assert parse_time("1935-05-01", earliest="1900-01-02").year == 1935
