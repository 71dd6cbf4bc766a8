"""What somebody's form wants where: headings, the rows to fill, labels, named cells, the foot."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from wangge.forms.headings import Band, Heading, find_band
from wangge.kernel.headings import HEAD_ROWS, Others
from wangge.kernel.refusals import Refusal
from wangge.kernel.sheet_refusals import NoHeadings
from wangge.kernel.sheets import column_letter
from wangge.reports.workbook.package import Package
from wangge.reports.workbook.sheet import Row, Sheet, read_sheet
from wangge.reports.workbook.styles import Styles

#: What stands beside a label, or under a name: code → labels as offices write them. `date` is
#: 2026-03-18, `day` is 2026年3月18日.
LABELS: Mapping[str, tuple[str, ...]] = {
    "unit": (
        "填报单位",
        "单位",
        "填表单位",
        "报送单位",
        "上报单位",
        "填报单位名称",
        "单位名称",
    ),
    "day": (),
    "date": ("填报日期", "填表日期", "日期", "报送日期", "填报时间", "统计时间", "截止日期"),
    "by": ("填表人", "填报人", "制表人", "经办人", "报送人"),
    "street": ("街道", "镇街", "乡镇", "乡镇街道", "街道(乡镇)", "所属街道"),
    "community": ("社区", "村居", "社区(村)", "村(社区)", "所属社区"),
    "rows": ("合计户数", "合计人数", "总人数", "总户数", "共计", "总数", "行数", "合计"),
}
#: Names of cells (公式→名称管理器) that say the same.
NAMED: Mapping[str, tuple[str, ...]] = {
    "unit": ("unit", "area"),
    "date": ("date", "day"),
    "by": ("by", "filled_by"),
    "street": ("street",),
    "community": ("community",),
    "rows": ("rows", "count", "total"),
}


@dataclass(eq=False)
class NothingToFill(Refusal):
    """Every cell under the headings is locked."""

    says: ClassVar[str] = (
        "《{name}》设了保护,没有一格可以填。请向要表的单位要一份可以填的,或撤销工作表保护。"
    )
    status: ClassVar[int] = 422
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """A cell that is filled once: `row` and `column` from 0. `before` is the label that is kept
    when value and label share the cell."""

    code: str
    row: int
    column: int
    words: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One column to fill. `style` is the format of its cells; a formula fills itself."""

    heading: Heading
    style: int
    locked: bool
    formula: str


@dataclass(frozen=True, slots=True)
class Grid:
    """What is written on a sheet, by row and column from 0, and its merged cells."""

    cells: Mapping[tuple[int, int], str]
    merges: Sequence[tuple[int, int, int, int]]
    columns: int

    @classmethod
    def of(cls, sheet: Sheet) -> "Grid":
        cells = sheet.texts()
        return cls(cells, sheet.merges, max((c + 1 for _, c in cells), default=0))

    def rows(self, count: int) -> list[list[str]]:
        """The first rows, each as long as the widest."""
        return [
            [self.cells.get((row, column), "") for column in range(self.columns)]
            for row in range(count)
        ]

    def wide(self, row: int) -> int:
        """Columns of the widest merged cell that begins in a row."""
        return max((m[3] - m[1] + 1 for m in self.merges if m[0] == row), default=1)


@dataclass(frozen=True, slots=True)
class Layout:
    """A form, understood. Rows count as the spreadsheet does: `first` to `last` are there to be
    filled (`last` < `first`: none; they are put in), below them is the foot."""

    sheet: str
    part: str
    band: Band
    slots: tuple[Slot, ...]
    places: tuple[Place, ...]
    first: int
    last: int
    labels: Mapping[int, str]
    row_attributes: Mapping[str, str]
    old_rows: int

    @property
    def room(self) -> int:
        """How many rows there are to fill."""
        return max(0, self.last - self.first + 1)


def understand(
    package: Package,
    known: Callable[[str], bool],
    *,
    named: Sequence[str] = (),
    row_labels: Callable[[str], bool] = lambda _: False,
) -> Layout:
    """Find the sheet with the most known headings and what is to be filled on it.

    `named` are further names of cells that mean something (totals of a report); `row_labels` says
    that a text is the name of a row that is counted (a community). Raises NoHeadings,
    NothingToFill, WorkbookUnreadable, TemplateFull.
    """
    strings = package.shared_strings()
    best: tuple[tuple[int, int], str, str, Sheet, Grid, Band] | None = None
    for at, ref in enumerate(package.sheets):
        if ref.hidden:
            continue
        sheet = read_sheet(package.parts[ref.part], strings, package.name)
        grid = Grid.of(sheet)
        band = find_band(grid.rows(HEAD_ROWS), sheet.merges, known)
        if band is None:
            continue
        score = (sum(known(h.leaf) for h in band.headings), -at)
        if best is None or score > best[0]:
            best = (score, ref.name, ref.part, sheet, grid, band)
    if best is None:
        raise NoHeadings(package.name)
    _, name, part, sheet, grid, band = best
    styles = styles_of(package)
    first = band.bottom + 2
    labels, last, old = _rows_to_fill(sheet, grid, band, first, row_labels)
    pattern = sheet.row(first) if last >= first else None
    slots = tuple(_slot(h, pattern, sheet, styles) for h in band.headings)
    if sheet.protected and all(slot.locked for slot in slots):
        raise NothingToFill(package.name)
    places = [*_named_cells(package, name, named), *_labelled(grid, band, last)]
    return Layout(
        name,
        part,
        band,
        slots,
        tuple(_unlocked(places, sheet, styles)),
        first,
        last,
        labels,
        dict(pattern.attributes) if pattern else {},
        old,
    )


def styles_of(package: Package) -> Styles:
    """The workbook's formats."""
    part = package.part_of_book("styles")
    empty = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    return Styles(package.parts.get(part or "", empty), package.name)


def _rows_to_fill(
    sheet: Sheet,
    grid: Grid,
    band: Band,
    first: int,
    row_labels: Callable[[str], bool],
) -> tuple[dict[int, str], int, int]:
    """Names of counted rows by row, the last row to fill, and how many hold old content."""
    leading = [h.column for h in band.headings]
    labels: dict[int, str] = {}
    last, old = first - 1, 0
    others = Others([h.words for h in band.headings], sections=False)
    for row in sheet.rows:
        if row.number < first or not (row.cells or row.attributes):
            continue
        texts = {c: grid.cells[row.number - 1, c] for c in _columns(row, grid)}
        if _is_foot(row, texts, grid, others, row_labels):
            break
        last = row.number
        named = next((texts[c] for c in leading[:3] if row_labels(texts.get(c, ""))), "")
        if named:
            labels[row.number] = named
        if [c for c in texts if not texts[c].isdigit()]:
            old += 1
    return labels, last, old


def _columns(row: Row, grid: Grid) -> list[int]:
    return [c.column for c in row.cells if (row.number - 1, c.column) in grid.cells]


def _is_foot(
    row: Row,
    texts: Mapping[int, str],
    grid: Grid,
    others: Others,
    row_labels: Callable[[str], bool],
) -> bool:
    """Totals, signatures, notes: anything below the rows that is not one of them."""
    if any(_sums(cell.formula, row.number) for cell in row.cells):
        return True
    if not texts or row_labels(texts[min(texts)]):
        return False
    cells = [texts.get(column, "") for column in range(grid.columns)]
    wide = grid.wide(row.number - 1)
    return wide > 1 or others.judge(cells, wide) in ("total", "remark")


def _sums(formula: str, row: int) -> bool:
    """Whether a formula is over a range of other rows."""
    ranges = re.findall(r"\$?[A-Z]{1,3}\$?(\d+):\$?[A-Z]{1,3}\$?(\d+)", formula)
    return any(int(one) != int(two) and int(one) < row for one, two in ranges)


def _slot(heading: Heading, pattern: Row | None, sheet: Sheet, styles: Styles) -> Slot:
    cell = (
        next((c for c in pattern.cells if c.column == heading.column), None)
        if pattern
        else None
    )
    if cell is not None:
        style = cell.style
    elif pattern is not None and "s" in pattern.attributes:
        style = pattern.style
    else:
        style = sheet.column_style(heading.column)
    locked = sheet.protected and styles.format(style).locked
    return Slot(heading, style, locked, cell.formula if cell else "")


def _named_cells(package: Package, sheet: str, named: Sequence[str]) -> list[Place]:
    by_name = {n.lower(): code for code, names in NAMED.items() for n in names}
    by_name |= {n: code for code, names in LABELS.items() for n in names}
    found: list[Place] = []
    for one in package.defined_names():
        code = by_name.get(one.name.lower()) or (
            f"named:{one.name}" if one.name in named else ""
        )
        if one.sheet == sheet and code:
            found.append(Place(code, one.row, one.column, one.name))
    return found


def _labelled(grid: Grid, band: Band, last: int) -> list[Place]:
    """填报单位:____ above the headings and below the rows."""
    codes = {label: code for code, labels in LABELS.items() for label in labels}
    hidden = _covered(grid)
    found: list[Place] = []
    for (row, column), text in sorted(grid.cells.items()):
        if band.top <= row < max(last, band.bottom + 1):
            continue
        for label, colon in re.findall(r"([^\s::_]{1,12})\s*([::])\s*(?=_|$|年)", text):
            code = codes.get(re.sub(r"\s", "", label))
            if code is None:
                continue
            parts = re.split(r"[::]", text)
            if len(parts) > 2:
                break  # several labels in one cell: nobody can say where each value ends
            rest = parts[1].strip() if len(parts) == 2 else ""
            if code == "date" and "年" in rest:
                code = "day"  # written out, where its gaps are
            beside = None if rest else _beside(grid, row, column)
            if (
                beside is not None
                and (row, beside) not in grid.cells
                and (row, beside) not in hidden
            ):
                found.append(Place(code, row, beside, label))
            else:
                found.append(Place(code, row, column, label, f"{parts[0]}{colon}"))
    return found


def _covered(grid: Grid) -> set[tuple[int, int]]:
    """Cells under a merged one, but for its first."""
    return {
        (row, column)
        for top, left, bottom, right in grid.merges
        for row in range(top, min(bottom, top + 50) + 1)
        for column in range(left, min(right, left + 300) + 1)
        if (row, column) != (top, left)
    }


def _beside(grid: Grid, row: int, column: int) -> int | None:
    """The next column to the right, beyond the merged cell this one may be in; None at the end."""
    right = next(
        (m[3] for m in grid.merges if m[0] <= row <= m[2] and m[1] <= column <= m[3]), column
    )
    return right + 1 if right + 1 < grid.columns else None


def _unlocked(places: Sequence[Place], sheet: Sheet, styles: Styles) -> list[Place]:
    """Without cells that their owner locked, each place once."""
    found: dict[tuple[int, int], Place] = {}
    for place in places:
        row = sheet.row(place.row + 1)
        cell = next((c for c in row.cells if c.column == place.column), None) if row else None
        style = cell.style if cell else sheet.column_style(place.column)
        if cell is not None and cell.formula:
            continue
        if not (sheet.protected and styles.format(style).locked):
            found.setdefault((place.row, place.column), place)
    return list(found.values())


def where(place: Place) -> str:
    """B3."""
    return f"{column_letter(place.column)}{place.row + 1}"
