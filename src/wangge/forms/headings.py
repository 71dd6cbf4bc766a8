"""What an outside table asks for: the headings of a workbook, of a CSV or of pasted words.

A heading is the path of texts over a column, group first (居住情况 / 现住址). Where the headings of a
sheet are is found by `kernel.headings`; here is what an admission check and a form make of it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from wangge.kernel.headings import HEAD_ROWS, Block, Blocks, Others, find_headings
from wangge.kernel.refusals import Refusal
from wangge.kernel.sheet_refusals import FileMissingOrEmpty, NoHeadings
from wangge.kernel.sheets import column_letter, list_sheets, open_table

#: Bytes of a form somebody asks to be filled; a form is empty, so it is small.
FORM_BYTES_MAX = 10_000_000
_UNPACKED_MAX = 100_000_000
#: Columns a form may have.
COLUMNS_MAX = 300
HEADING_MAX = 100

Known = Callable[[str], bool]


@dataclass(eq=False)
class TooManyColumns(Refusal):
    says: ClassVar[str] = "表头超过 {most} 列,请拆成几张表再提交。"
    status: ClassVar[int] = 413
    most: int


@dataclass(frozen=True, slots=True)
class Heading:
    """One column: the texts over it, group first, and where it is (column 0 is A)."""

    path: tuple[str, ...]
    column: int

    @property
    def leaf(self) -> str:
        return self.path[-1]

    @property
    def words(self) -> str:
        """As one text: 户主 / 姓名."""
        return " / ".join(self.path)

    @property
    def letter(self) -> str:
        return column_letter(self.column)


@dataclass(frozen=True, slots=True)
class Band:
    """The headings of a sheet: rows from `top` to `bottom` (from 0, both included), the numbers of
    columns below them (栏次) as well."""

    top: int
    bottom: int
    headings: tuple[Heading, ...]


def find_band(rows: Sequence[list[str]], merges: Sequence[Block], known: Known) -> Band | None:
    """The headings among the first rows of a sheet, or None. Raises TooManyColumns."""
    ahead = rows[:HEAD_ROWS]
    found = find_headings(ahead, Blocks(merges), known)
    if found is None:
        return None
    headings = _headings(found.paths)
    bottom = found.bottom
    if bottom + 1 < len(ahead) and any(ahead[bottom + 1]):
        first = Others(found.names, sections=False).judge(ahead[bottom + 1], 1)
        bottom += first == "numbers"
    return Band(found.top, bottom, headings) if headings else None


def read_headings(data: bytes, name: str, known: Known) -> tuple[str, tuple[Heading, ...]]:
    """The sheet of a file that asks for something (most known headings; the first of those alike)
    and its headings. Hidden sheets count for nothing. Raises refusals of `kernel.sheets`,
    NoHeadings, TooManyColumns."""
    listed = list_sheets(data, name, max_bytes=FORM_BYTES_MAX, max_unpacked=_UNPACKED_MAX)
    best: tuple[int, str, tuple[Heading, ...]] | None = None
    shown: list[str | None] = [one.name for one in listed if not one.hidden]
    for sheet in shown or [None]:
        try:
            table = open_table(
                data,
                name,
                sheet=sheet,
                known=known,
                max_bytes=FORM_BYTES_MAX,
                max_unpacked=_UNPACKED_MAX,
            )
        except (NoHeadings, FileMissingOrEmpty):
            if len(listed) < 2:
                raise
            continue
        headings = _headings(table.heading.paths)
        score = sum(known(heading.leaf) for heading in headings)
        if best is None or score > best[0]:
            best = (score, table.sheet, headings)
    if best is None:
        raise NoHeadings(name)
    return best[1], best[2]


def pasted(text: str) -> tuple[Heading, ...]:
    """Headings somebody pasted from a message: a row of a spreadsheet (tabs), a line each, or one
    line with 、 ,or ; between them; 户主 / 姓名 is a heading below another.
    Raises FileMissingOrEmpty, TooManyColumns."""
    lines = [line for line in text.replace("\r", "\n").split("\n") if line.strip()]
    if lines and "\t" in lines[0]:
        lines = lines[0].split("\t")
    elif len(lines) == 1:
        lines = re.split(r"[、,,;;|]", lines[0])
    plain = [re.sub(r"^\s*[\d①-⑳]{1,3}\s*[.、.)) ]\s*", "", line) for line in lines]
    words = ([tidy(word) for word in re.split(r"\s/\s", line)] for line in plain)
    paths = [tuple(word for word in path if word) for path in words]
    headings = _headings(paths)
    if not headings:
        raise FileMissingOrEmpty("")
    return headings


def _headings(paths: Sequence[tuple[str, ...]]) -> tuple[Heading, ...]:
    if len(paths) > COLUMNS_MAX:
        raise TooManyColumns(COLUMNS_MAX)
    return tuple(
        Heading(tuple(tidy(text) for text in path), column)
        for column, path in enumerate(paths)
        if any(map(tidy, path))
    )


def tidy(text: str) -> str:
    """One line without invisible characters."""
    clean = "".join(c if c.isprintable() or c.isspace() else "" for c in text)
    return " ".join(clean.split())[:HEADING_MAX]
