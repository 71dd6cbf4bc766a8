"""Forms as offices make them, by a library that is not ours."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

from wangge.forms.likeness import Known, Matcher
from wangge.reports.workbook.fill import Column, Filled, Filler, Stamp
from wangge.reports.workbook.layout import Layout, understand
from wangge.reports.workbook.package import Package, open_package

KNOWN = Matcher(
    [
        Known("resident.name", "姓名", ("居民姓名",)),
        Known("resident.sex", "性别", ()),
        Known("resident.phone", "联系电话", ("电话", "手机号码")),
        Known("dwelling.address", "住址", ("现住址", "家庭住址")),
        Known("household.from_date", "入住日期", ()),
        Known("area.community", "社区(村)", ("社区", "村(社区)")),
    ]
)
THIN = Border(*(Side(style="thin") for _ in range(4)))


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def form(change: Callable[[Worksheet], None] = lambda _: None) -> bytes:
    """A street's form: title, labels, headings of three rows, four prepared rows, sums, signatures."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "花名册"
    sheet.append(["示范街道流动人口花名册"])
    sheet.merge_cells("A1:G1")
    sheet["A1"].font = Font(bold=True, size=16)
    sheet["A2"] = "填报单位:"
    sheet["F2"] = "填报日期:    年  月  日"
    rows = [
        ["序号", "人员信息", None, None, None, "居住情况", None],
        [None, "基本信息", None, "联系方式", "宠物免疫证号", "现住址", "入住日期"],
        [None, "姓名", "性别", "手机号码", None, None, None],
    ]
    for row in rows:
        sheet.append(row)
    for merged in ("A3:A5", "B3:E3", "F3:G3", "B4:C4", "E4:E5", "F4:F5", "G4:G5"):
        sheet.merge_cells(merged)
    for number in range(6, 10):
        sheet.cell(number, 1, number - 5)
        for column in range(1, 8):
            sheet.cell(number, column).border = THIN
        sheet.cell(number, 7).number_format = "yyyy-mm-dd"
        sheet.row_dimensions[number].height = 24
    sheet["A10"] = "合计"
    sheet["C10"] = "=COUNTA(B6:B9)"
    sheet["D10"] = "=C10*2"
    sheet["A11"] = "填表人:"
    sheet["D11"] = "审核人:"
    sheet.merge_cells("A12:G12")
    sheet["A12"] = "注:本表每月 5 日前报送"
    sheet.column_dimensions["F"].width = 41.5
    sheet.freeze_panes = "A6"
    change(sheet)
    return saved(book)


def understood(data: bytes, **more: Any) -> tuple[Package, Layout]:
    package = open_package(data, "form.xlsx")
    return package, understand(package, KNOWN.known, **more)


#: Name, sex, telephone, address, day number: the columns B, C, D, F, G of the form.
COLUMNS = (
    Column(1, "text", mark=True),
    Column(2, "text", mark=True),
    Column(3, "text", mark=True),
    Column(5, "text", mark=True),
    Column(6, "date", mark=False),
)


def person(n: int, phone: str = "19900001234") -> tuple[bytes, ...]:
    return (
        f"甲居民{n}".encode(),
        "男".encode(),
        phone.encode(),
        f"{n}幢1单元101室".encode(),
        b"46099" if n % 2 else b"",
    )


def filled(
    data: bytes,
    rows: Sequence[Sequence[bytes]],
    columns: Sequence[Column] = COLUMNS,
    stamp: Stamp | None = None,
    **more: Any,
) -> tuple[Worksheet, Filled, bytes]:
    """Fill a form and open it again with openpyxl."""
    package, layout = understood(data)
    out = BytesIO()
    options: dict[str, Any] = {"unfilled": (4,), "numbered": 0, **more}
    filler = Filler(package, layout, columns, out, **options)
    for row in rows:
        filler.row(row)
    done = filler.close(stamp)
    book = load_workbook(BytesIO(out.getvalue()))
    sheet: Any = book.active
    return sheet, done, out.getvalue()
