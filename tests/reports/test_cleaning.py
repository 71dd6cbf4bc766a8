"""A form that is kept holds none of the people who stood in it, in no part of the file."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

from form_kit import filled, form, person, understood
from openpyxl import load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from test_reports import saved as saved_report

import small_town as town
from wangge.kernel import files
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.reports import commands
from wangge.reports.asking import question
from wangge.reports.layouts import emptied
from wangge.reports.making import make
from wangge.reports.requested import kept_form

As = Callable[[str], Actor]
#: Whoever stood in the form; nobody by these names lives in the town.
GONE = ("上月某人", "上月某甲", "199000088", "99000019900101", "某处旧址")


def _people(sheet: Any, first: int) -> None:
    for n in range(5):
        row = first + n
        sheet.cell(row, 2, f"上月某人{n}")
        sheet.cell(row, 4, f"199000088{n:02}")
        sheet.cell(row, 5, f"99000019900101{n:03}X")
        sheet.cell(row, 6, f"某处旧址{n}号")


def _used(sheet: Any) -> None:
    """Last month's table: its rows, what was noted on them, and sheets beside it."""
    _people(sheet, 6)
    sheet.move_range("A10:G12", rows=2)
    _people(sheet, 6)
    sheet["B6"].comment = Comment("上月某甲 搬走了", "许社区")
    sheet["B5"].comment = Comment("按身份证填写", "派出所")
    sheet["B7"].hyperlink = "#'上月'!A1"
    sheet.auto_filter.ref = "A5:G10"
    sheet.auto_filter.add_filter_column(1, ["上月某人1", "上月某人2"])
    book: Any = sheet.parent
    for name, state in (("上月", "visible"), ("存底", "hidden")):
        other = book.create_sheet(name)
        other.sheet_state = state
        other.append(["上月花名册"])
        other.append(["序号", "姓名", "性别", "电话", "证号", "住址"])
        _people(other, 3)
        other["H3"] = "=B3"
    alone = book.create_sheet("名单")
    for words in ("名单", "某甲乙", "某丙丁"):
        alone.append([words])
    choices = book.create_sheet("选项")
    choices.sheet_state = "hidden"
    for words in ("男", "女"):
        choices.append([words])
    notes = book.create_sheet("填表说明")
    notes.append(["填表说明"])
    notes.append(["一、住址写到门牌号,没有门牌的写楼栋和单元。"])
    sums = book.create_sheet("汇总")
    sums.append(["人数", "=COUNTA(花名册!B6:B10)"])
    pick: Any = DataValidation("list", "=选项!$A$1:$A$2")
    pick.add("C6:C10")
    sheet.add_data_validation(pick)
    chart: Any = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=6, max_row=9))
    sheet.add_chart(chart, "J14")


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def _sharing(parts: dict[str, bytes]) -> None:
    """Texts where Excel keeps them: in a part of their own, cells name them by number."""
    texts: list[bytes] = []

    def share(found: re.Match[bytes]) -> bytes:
        if found[2] not in texts:
            texts.append(found[2])
        return b'%s t="s"><v>%d</v></c>' % (found[1], texts.index(found[2]))

    for name in [n for n in parts if n.startswith("xl/worksheets/sheet")]:
        parts[name] = re.sub(
            rb'(<c r="[A-Z]+\d+"[^>]*?) t="inlineStr"[^>]*><is><t[^>]*>([^<]*)</t></is></c>',
            share,
            parts[name],
        )
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    items = b"".join(b"<si><t>%s</t></si>" % text for text in texts)
    parts["xl/sharedStrings.xml"] = b"<sst %s>%s</sst>" % (main, items)
    rels, types = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
    parts[rels] = parts[rels].replace(
        b"</Relationships>",
        b'<Relationship Id="rId98" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    )
    parts[types] = parts[types].replace(
        b"</Types>",
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
        b'officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
    )


def _remembering(data: bytes) -> bytes:
    """The same as Excel saves it: results, chart and pivot caches, threads, a preview, a log of changes,
    texts written in the cell."""
    parts = _parts(data)
    _sharing(parts)
    sheet = "xl/worksheets/sheet1.xml"
    for name in [n for n in parts if n.startswith("xl/worksheets/sheet")]:
        parts[name] = (
            parts[name]
            .replace(
                b"<f>B3</f><v></v>",
                b"<f>B3</f><v>\xe4\xb8\x8a\xe6\x9c\x88\xe6\x9f\x90\xe7\x94\xb2</v>",
            )
            .replace(b"<f>B3</f><v />", "<f>B3</f><v>上月某甲</v>".encode())
        )
    inline = '<c r="E7" t="inlineStr"><is><t>上月某甲</t></is></c>'.encode()
    found = parts[sheet]
    at = found.index(b'<c r="E7"')
    end = found.index(b"</c>", at) + 4
    parts[sheet] = found[:at] + inline + found[end:]
    pt = (
        '<c:strCache xmlns:c="c"><c:pt idx="0"><c:v>上月某甲</c:v></c:pt></c:strCache>'.encode()
    )
    parts["xl/charts/chart9.xml"] = b"<a>" + pt + b"</a>"
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts["xl/pivotCache/pivotCacheDefinition1.xml"] = (
        b"<pivotCacheDefinition %s><cacheFields><cacheField><sharedItems>" % main
        + '<s v="上月某人1"/><s v="上月某人2"/><n v="19900008800"/>'.encode()
        + b"</sharedItems></cacheField></cacheFields></pivotCacheDefinition>"
    )
    parts["xl/pivotCache/pivotCacheRecords1.xml"] = (
        b"<pivotCacheRecords %s><r>" % main
        + '<s v="某处旧址1号"/><x v="1"/></r></pivotCacheRecords>'.encode()
    )
    parts["docProps/thumbnail.jpeg"] = "上月某甲".encode()
    parts["xl/revisions/revisionLog1.xml"] = "<a>上月某甲</a>".encode()
    threads = "xl/threadedComments/threadedComment1.xml"
    parts[threads] = (
        '<T><threadedComment ref="B6"><text>上月某甲</text></threadedComment></T>'.encode()
    )
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    parts[rels] = parts[rels].replace(
        b"</Relationships>",
        b'<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2017/10/relationships/'
        b'threadedComment" Target="/xl/threadedComments/threadedComment1.xml"/></Relationships>',
    )
    return _packed(parts)


USED = _remembering(form(_used))


def _is_clean(data: bytes) -> None:
    for name, part in _parts(data).items():
        for words in (*GONE, "某甲乙"):
            assert words.encode() not in part, (name, words)


def _is_a_form(data: bytes) -> None:
    book: Any = load_workbook(BytesIO(data))
    sheet = book["花名册"]
    assert sheet["A1"].value == "示范街道流动人口花名册"
    assert sheet["B5"].value == "姓名"
    assert sheet["B5"].comment.text == "按身份证填写"
    assert [c.value for c in book["选项"]["A"]] == ["男", "女"]
    assert book["填表说明"]["A2"].value.startswith("一、住址写到门牌号")
    assert book["汇总"]["B1"].value == "=COUNTA(花名册!B6:B10)"
    assert [c.value for c in book["上月"][2]][:3] == ["序号", "姓名", "性别"]
    assert book["存底"]["H3"].value == "=B3"


def test_the_form_of_these_tests_holds_them() -> None:
    everything = b"".join(_parts(USED).values())
    assert all(words.encode() in everything for words in GONE)
    assert "上月某人3".encode() in _parts(USED)["xl/sharedStrings.xml"]


def test_an_emptied_form_holds_nobody_in_any_part_and_is_still_the_form() -> None:
    once = emptied(*understood(USED))
    _is_clean(once)
    _is_a_form(once)
    assert _parts(emptied(*understood(once))) == _parts(once), "a second time changes nothing"
    sheet, done, data = filled(once, [person(n) for n in range(1, 9)])
    assert (done.rows, sheet["B6"].value, sheet["B13"].value) == (8, "甲居民1", "甲居民8")
    _is_clean(data)


def test_texts_that_cells_share_keep_their_numbers() -> None:
    once = _parts(emptied(*understood(USED)))["xl/sharedStrings.xml"]
    assert once.count(b"<si>") == _parts(USED)["xl/sharedStrings.xml"].count(b"<si>")


def test_whoever_stands_below_the_foot_goes_too() -> None:
    def below(sheet: Any) -> None:
        _people(sheet, 15)

    data = emptied(*understood(form(below)))
    _is_clean(data)
    sheet: Any = load_workbook(BytesIO(data)).active
    assert sheet["A12"].value == "注:本表每月 5 日前报送"


async def test_what_is_kept_of_a_request_and_of_a_report_holds_nobody(
    tx: Tx, as_: As, district: District
) -> None:
    tx.actor = as_("street_officer")
    id_ = await kept_form(tx, district.shelf, town.STREET, USED, "花名册.xlsx")
    assert id_ is not None
    kept = district.shelf.get((await files.kept(tx, id_)).sha256)
    _is_clean(kept)
    _is_a_form(kept)
    report = await saved_report(tx, as_("street_officer"))
    report = await commands.set_form(tx, district.shelf, report.id, USED, "花名册.xlsx")
    template = await commands.form_of(tx, district.shelf, report)
    assert template is not None
    _is_clean(template)


async def test_a_report_made_from_a_form_kept_earlier_carries_nobody_out(
    tx: Tx, as_: As, district: District
) -> None:
    tx.actor = as_("street_officer")
    report = await saved_report(tx, as_("street_officer"))
    report = await commands.set_form(tx, district.shelf, report.id, USED, "花名册.xlsx")
    made = await make(tx, await question(tx, report), district.vault, template=USED)
    data, done = made.finish()
    assert done.rows > 0
    _is_clean(data)
    _is_a_form_made(data)


def _is_a_form_made(data: bytes) -> None:
    book: Any = load_workbook(BytesIO(data))
    assert book["花名册"]["B5"].value == "姓名"
    assert book["填表说明"]["A1"].value == "填表说明"
