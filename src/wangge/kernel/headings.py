"""Where the headings of somebody's table are, and which rows are no records.

People write a title and a line of notes above their headings, group headings over two or three
merged rows, repeat them on every printed page, and put subtotals and signatures among the data.
All of it is found by its shape and by the words such rows begin with; what is left out is said.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from wangge.kernel.sheet_notes import MOST_COLUMNS, column_letter

#: Rows looked at for the headings, and rows one heading may be made of.
HEAD_ROWS, HEADING_ROWS_MAX = 30, 3

#: A merged block, inclusive, from 0: top, left, bottom, right.
Block = tuple[int, int, int, int]
Known = Callable[[str], bool]

_TOTAL = re.compile(
    r"^.{0,12}?(小计|合计|总计|共计|累计|总合计)[\]】)]?:?"
    r"(共?[\d.,]+[户人个条件栋幢间处家台辆]?)*$"
)
_AMOUNT = re.compile(
    r"^[-\d.,/%]+\s*(万|千)?(户|人|个|条|件|栋|幢|间|处|家|台|辆|元|次|㎡|平方米)?$"
)
_REMARK = re.compile(
    r"^[\s\[【(※★☆*]*(注|备注|附注|说明|填表说明|填报说明|填报|填表|填写|制表|制单|审核|复核|审批|审签|"
    r"联系人|联系电话|负责人|分管|主管|经办|单位负责|主要负责|打印|统计时间|统计日期|数据来源|"
    r"以上|此表|本表|第\s*[\d一二三四五六七八九十]+\s*页|共\s*[\d一二三四五六七八九十]+\s*页)"
)
#: Columns of words that are numbered by the ten heavenly stems, and the label of such a row.
_STEMS = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸", "栏次")
_LABELLED = re.compile(r"^[^:]{1,12}:")
_MARKS = {ord(mark): None for mark in "0123456789-+.,:/ eE%"}


@dataclass(frozen=True, slots=True)
class Heading:
    """The headings: their first and last row in the sheet, from 0, and one text a column; `paths`
    are the texts that each was joined from, group first, empty for a column without any."""

    top: int
    bottom: int
    names: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]
    #: Headings that were there twice and got a number, by column.
    renamed: tuple[int, ...]


class Blocks:
    """Merged cells of one sheet: what is written in the first cell holds for all of them."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._from: dict[int, list[Block]] = {}
        for block in blocks:
            self._from.setdefault(block[0], []).append(block)
        self._open: list[tuple[Block, str]] = []

    def __bool__(self) -> bool:
        return bool(self._from)

    def starting(self, row: int) -> list[Block]:
        """Blocks whose first row this is."""
        return self._from.get(row, [])

    def down(self, row: int, cells: list[str]) -> list[str]:
        """The row with values of blocks that began above it filled in. Rows come in order."""
        if self._open:
            self._open = [one for one in self._open if one[0][2] >= row]
            for block, text in self._open if any(cells) else ():
                left = block[1]
                cells.extend([""] * (left + 1 - len(cells)))
                cells[left] = cells[left] or text
        for block in self._from.get(row, ()):
            if block[2] > row and block[1] < len(cells) and cells[block[1]]:
                self._open.append((block, cells[block[1]]))
        return cells

    def widest(self, row: int) -> int:
        """Columns of the widest block that begins in this row."""
        return max((b[3] - b[1] + 1 for b in self._from.get(row, ())), default=1)


def _narrow(text: str) -> str:
    """Full-width signs as ASCII, so that patterns need one of each."""
    return unicodedata.normalize("NFKC", text)


def _labelled(text: str) -> bool:
    """填报单位:杏花社区"""
    return _LABELLED.match(_narrow(text)) is not None


def is_number(text: str) -> bool:
    """A number, an amount or a date, rather than the name of a column."""
    return text[0] in "0123456789-+." and text.translate(_MARKS) == ""


def width_of(cells: Sequence[str]) -> int:
    """Columns up to the last that is not blank."""
    return max((at + 1 for at, cell in enumerate(cells) if cell), default=0)


def find_headings(
    ahead: Sequence[list[str]], blocks: Blocks, known: Known | None
) -> Heading | None:
    """The headings among the first rows, or None when nothing there can be one.

    ahead   cells of the first `HEAD_ROWS` rows of the sheet, blank rows too
    known   whether a text is the name of a column that the reader would like to find
    """
    grid = _Grid(ahead, blocks)
    chosen = grid.choose(known)
    if chosen is None:
        return None
    top, bottom = grid.grow(chosen, known)
    paths = grid.paths(top, bottom)
    names, renamed = _flat(paths)
    return Heading(top, bottom, names, paths, renamed)


class _Grid:
    """The first rows with merged blocks filled in, remembering which cells are one. A place in
    `rows` is the sheet's row, from 0."""

    def __init__(self, ahead: Sequence[list[str]], blocks: Blocks) -> None:
        self.rows = [list(cells) for cells in ahead]
        #: (row, column) → the block it lies in
        self.block: dict[tuple[int, int], Block] = {}
        for row in range(len(self.rows)):
            for block in blocks.starting(row):
                self._fill(block)
        self.width = max((width_of(row) for row in self.rows), default=0)

    def _fill(self, block: Block) -> None:
        top, left, bottom, right = block
        right = min(right, MOST_COLUMNS - 1)
        text = self.cell(top, left)
        for row in range(top, min(bottom + 1, len(self.rows))):
            cells = self.rows[row]
            cells.extend([""] * (right + 1 - len(cells)))
            for column in range(left, right + 1):
                self.block[row, column] = block
                cells[column] = cells[column] or text

    def cell(self, row: int, column: int) -> str:
        cells = self.rows[row]
        return cells[column] if column < len(cells) else ""

    def texts(self, row: int) -> list[str]:
        """One text a cell, a block counted once."""
        found: dict[object, str] = {}
        for column, text in enumerate(self.rows[row]):
            if text:
                found.setdefault(self.block.get((row, column), column), text)
        return list(found.values())

    def choose(self, known: Known | None) -> int | None:
        """The row that is the headings, or one of them: the row with most known words, else the
        first of at least two texts, half as many as any row has."""
        most = max((sum(map(bool, row)) for row in self.rows), default=0)
        if known is not None:
            scores = [
                sum(map(known, self.texts(row))) if self._named(row, 0) else 0
                for row in range(len(self.rows))
            ]
            best = max(scores, default=0)
            if best >= 2:
                return scores.index(best)
        return next((row for row in range(len(self.rows)) if self._named(row, most)), None)

    def _named(self, row: int, most: int) -> bool:
        texts = self.texts(row)
        return (
            len(texts) >= 2
            and 2 * sum(map(bool, self.rows[row])) >= most
            and not any(map(is_number, texts))
            and 2 * sum(_labelled(text) for text in texts) < len(texts)
        )

    def grow(self, chosen: int, known: Known | None) -> tuple[int, int]:
        """The rows that belong to the headings: names below, and group names above."""
        top = bottom = chosen
        while bottom - top + 1 < HEADING_ROWS_MAX and self._continues(bottom, known):
            bottom += 1
        while top > 0 and bottom - top + 1 < HEADING_ROWS_MAX:
            if not self._groups(top - 1, bottom, known):
                break
            top -= 1
        return top, bottom

    def _blocks(self, row: int) -> set[Block]:
        return {b for c in range(self.width) if (b := self.block.get((row, c))) is not None}

    def _continues(self, row: int, known: Known | None) -> bool:
        """Whether the row below names columns too."""
        below = row + 1
        if below >= len(self.rows):
            return False
        own = {
            column: text
            for column, text in enumerate(self.rows[below])
            if text and self.block.get((below, column), (below,))[0] == below
        }
        if not own or any(map(is_number, own.values())):
            return False
        blocks = self._blocks(row)
        if any(block[2] > row for block in blocks):
            return True
        if any(
            block[2] == row
            and 1 < block[3] - block[1] + 1 < self.width
            and any(column in own for column in range(block[1], block[3] + 1))
            for block in blocks
        ):
            return True
        if known is None:
            return False
        # Saved as text the blocks are gone: names stand below gaps, and are known ones.
        gaps = [text for column, text in own.items() if not self.cell(row, column)]
        return 2 * sum(map(known, own.values())) >= len(own) and any(map(known, gaps))

    def _groups(self, row: int, bottom: int, known: Known | None) -> bool:
        """Whether a row above the headings names groups of them."""
        texts = self.texts(row)
        if len(texts) < 2 or any(is_number(t) or _labelled(t) for t in texts):
            return False
        blocks = self._blocks(row)
        if blocks:
            return any(1 < b[3] - b[1] + 1 < self.width or b[2] > b[0] for b in blocks)
        gaps = [c for c in range(self.width) if self.cell(bottom, c) and not self.cell(row, c)]
        return (
            bool(gaps)
            and known is not None
            and any(known(text) or text.endswith(("信息", "情况", "资料")) for text in texts)
        )

    def paths(self, top: int, bottom: int) -> tuple[tuple[str, ...], ...]:
        """The texts over each column, group first."""
        width = max(width_of(self.rows[at]) for at in range(top, bottom + 1))
        levels = [self._level(at, bottom, width) for at in range(top, bottom + 1)]
        found: list[tuple[str, ...]] = []
        for column in range(width):
            parts: list[str] = []
            for level in levels:
                text = " ".join(level[column].split())
                if text and text not in parts:
                    parts.append(text)
            found.append(tuple(parts))
        return tuple(found)

    def _level(self, at: int, bottom: int, width: int) -> list[str]:
        """One heading row; the name of a group holds for the gaps after it, when names stand
        below them."""
        cells = [self.cell(at, column) for column in range(width)]
        if at == bottom:
            return cells
        last = ""
        for column in range(width):
            if cells[column]:
                last = cells[column]
            elif last and self.cell(bottom, column):
                cells[column] = last
        return cells


def _flat(paths: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """One heading a column: group and name joined by a stroke, numbered when met again."""
    names = ["/".join(parts) for parts in paths]
    taken = set(names)
    seen: set[str] = set()
    renamed: list[int] = []
    for column, name in enumerate(names):
        if not name:
            letter = column_letter(column)
            name = f"{letter}列" if letter in taken else letter
        if name in seen:
            again = 2
            while f"{name} ({again})" in seen or f"{name} ({again})" in taken:
                again += 1
            name = f"{name} ({again})"
            renamed.append(column)
        seen.add(name)
        names[column] = name
    return tuple(names), tuple(renamed)


# -- rows that are no records --------------------------------------------------------------------


class Others:
    """Tells records from totals, remarks, repeated headings and lines that begin a section."""

    def __init__(self, names: Sequence[str], *, sections: bool) -> None:
        self._last = [name.rsplit("/", 1)[-1] for name in names]
        self._sections = sections
        self._first = True

    def judge(self, cells: Sequence[str], span: int) -> str | None:
        """None for a record, else `total`, `remark`, `heading`, `numbers` or `section`.

        span  columns of the widest merged block of the row
        """
        first, self._first = self._first, False
        texts = [cell for cell in cells if cell]
        if len(texts) >= 2 and self._is_heading(cells):
            return "heading"
        if first and _counts_columns(texts):
            return "numbers"
        if _is_total(texts):
            return "total"
        wide = 2 * span >= len(self._last) > 2
        if len(texts) <= 4 and _REMARK.match(_narrow(texts[0])):
            labelled = sum(_labelled(text) for text in texts)
            if wide or labelled or len(texts) == 1:
                return "remark"
        if self._sections and len(texts) == 1 and len(self._last) > 2:
            if cells[0] and len(cells[0]) <= 20 and not _labelled(cells[0]):
                return "section"
            if wide or len(texts[0]) > 30:
                return "remark"
        return None

    def _is_heading(self, cells: Sequence[str]) -> bool:
        for cell, name in zip(cells, self._last, strict=False):
            if cell and " ".join(cell.split()) != name:
                return False
        return not any(cells[len(self._last) :])


def _is_total(texts: Sequence[str]) -> bool:
    """A label among the first cells, and beside it nothing but numbers."""
    if not any("计" in text for text in texts[:3]):  # every label has it
        return False
    for place, text in enumerate(texts[:3]):
        if _TOTAL.match(_narrow("".join(text.split()))):
            rest = [*texts[:place], *texts[place + 1 :]]
            return all(
                _AMOUNT.match(one) or _TOTAL.match(one) for one in map(_narrow, rest[place:])
            )
    return False


def _counts_columns(texts: Sequence[str]) -> bool:
    """1 2 3 4 … or (1) (2) …, or 甲 乙 1 2 … below the headings of an office's form."""
    plain = [_narrow(text).strip("()[]") for text in texts]
    plain = [text for text in plain if text not in _STEMS]
    numbers = [int(text) for text in plain if text.isascii() and text.isdigit()]
    return (
        len(numbers) >= 3
        and len(numbers) >= len(plain) - 1
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and numbers[0] in (0, 1)
    )


#: What is said of a row that was left out.
SAID: dict[str, str] = {
    "total": "第 {row} 行是小计或合计,没有读入",
    "remark": "第 {row} 行是说明或签名,没有读入",
    "heading": "第 {row} 行又是表头,没有读入",
    "numbers": "第 {row} 行是栏次编号,没有读入",
    "section": "第 {row} 行只有一个标题,算作下面各行的分组",
}
