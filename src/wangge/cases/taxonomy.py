"""The taxonomy: what kinds of case there are, what opens and closes one, and by when.

One row is a class with one filing condition, because one thing has several conditions with
different limits (a missing manhole cover, a broken one, a rattling one). Cities disagree on
numbers and limits, so the taxonomy is data: ``data/classes.csv`` is a starter of this
product's own, and an administrator may load another. A limit is ``sourced`` when a public
document sets it and a ``proposal`` otherwise, and says which.

The importer believes no row. One city had to mend its data because the text said 紧急 while
the timer's kind said otherwise; here such a row is refused before it can set a deadline.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib import resources
from io import StringIO

from wangge.kernel.refusals import Invalid, Problem
from wangge.kernel.worktime import Span, TimerKind


class Platform(StrEnum):
    """The four platforms of a street: 综治, 监管(执法), 应急, 公共服务."""

    ZZ = "ZZ"
    JG = "JG"
    YJ = "YJ"
    GG = "GG"


class Level(StrEnum):
    """Who takes a case of a class first."""

    GRID = "grid"
    COMMUNITY = "community"
    STREET = "street"
    COUNTY = "county"


class DeadlineSource(StrEnum):
    """Whether a public document sets the limit, or we propose it."""

    SOURCED = "sourced"
    PROPOSAL = "proposal"


@dataclass(frozen=True, slots=True)
class CaseClass:
    """One class of case under one filing condition (立案条件)."""

    code: str
    name_zh: str
    name_en: str
    platform: Platform
    first_level: Level
    condition_zh: str
    condition_en: str
    closing_condition_zh: str
    span: Span
    deadline_source: DeadlineSource
    deadline_reference: str
    needs_response: bool
    emergency_lines: tuple[str, ...]
    on_the_spot: bool

    @property
    def urgent(self) -> bool:
        """Whether the timer runs through nights and holidays because somebody is at risk."""
        return self.span.kind is TimerKind.URGENT_HOUR


COLUMNS = (
    *("code", "name_zh", "name_en", "platform", "first_level", "condition_zh"),
    *("condition_en", "closing_condition_zh", "span_value", "span_kind", "deadline_source"),
    *("deadline_reference", "needs_response", "urgent", "emergency_line", "on_the_spot"),
)
EMERGENCY_LINES = ("110", "119", "120", "122", "96110", "96333")

_CODE = re.compile(r"[CEFXYZ][0-9]{4}[a-z]?")
_PLATFORMS = {"综治": "ZZ", "监管": "JG", "执法": "JG", "应急": "YJ", "公共服务": "GG"}
_LEVELS = {"网格": "grid", "社区": "community", "街道": "street", "乡镇": "street"} | {
    "区": "county",
    "县": "county",
    "区县": "county",
}
_KINDS = {"紧急工作时": "urgent_hour", "工作时": "work_hour"} | {
    "工作日": "work_day",
    "自然日": "natural_day",
}
_SOURCES = {"有依据": "sourced", "提案": "proposal"}
_FLAGS = {"true": True, "1": True, "yes": True, "是": True} | {
    "false": False,
    "0": False,
    "no": False,
    "否": False,
    "": False,
}
_LONGEST_DAYS = 366

_WORDS = "第 {row} 行「{column}」的值「{value}」不对:{way_out}。"


def parse_classes(
    rows: Iterable[Mapping[str, str | None]], *, first_row: int = 2
) -> tuple[CaseClass, ...]:
    """Read a taxonomy; raises Invalid naming every wrong cell. Rows count as in a sheet."""
    classes, problems = check_classes(rows, first_row=first_row)
    if problems:
        raise Invalid.all(problems)
    return classes


def check_classes(
    rows: Iterable[Mapping[str, str | None]], *, first_row: int = 2
) -> tuple[tuple[CaseClass, ...], tuple[Problem, ...]]:
    """The good rows and what is wrong with the others, for a preview before importing."""
    good: list[CaseClass] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    number = first_row - 1
    for number, row in enumerate(rows, first_row):
        if not any((value or "").strip() for value in row.values()):
            continue
        cells = _Row(number, row)
        code = cells.code(seen)
        read = cells.case_class(code)
        problems.extend(cells.problems)
        if not cells.problems:
            good.append(read)
    if not good and not problems:
        way_out = "表里一行分类也没有,请至少填一行"
        values = {"row": number, "column": "code", "value": "", "way_out": way_out}
        problems.append(Problem("code", _WORDS, number, values))
    return tuple(good), tuple(problems)


@cache
def starter_classes() -> tuple[CaseClass, ...]:
    """The 130 classes that come with the product; 22 of the limits are sourced."""
    return parse_classes(data_rows("classes.csv"))


def data_rows(name: str) -> Iterator[dict[str, str]]:
    """Rows of one of this room's own data files."""
    text = resources.files("wangge.cases").joinpath("data", name).read_text("utf-8")
    yield from csv.DictReader(StringIO(text, newline=""))


class _Row:
    """One row, read cell by cell. Each wrong cell gets a problem and a stand-in value."""

    def __init__(self, number: int, row: Mapping[str, str | None]) -> None:
        self.number = number
        self.problems: list[Problem] = []
        self._row = row

    def case_class(self, code: str) -> CaseClass:
        span = self._span()
        source = DeadlineSource(self._choice("deadline_source", DeadlineSource, _SOURCES))
        reference = self._text("deadline_reference", required=False)
        if source is DeadlineSource.SOURCED and not reference:
            self.wrong("deadline_reference", "写明时限出自哪份公开文件,没有就把依据改为“提案”")
        needs_response = self._flag("needs_response")
        if code.startswith("X") and not needs_response:
            self.wrong("needs_response", "X 类只在宣布响应后使用,应填“是”")
        read = CaseClass(
            code=code,
            name_zh=self._text("name_zh"),
            name_en=self._text("name_en"),
            platform=Platform(self._choice("platform", Platform, _PLATFORMS)),
            first_level=Level(self._choice("first_level", Level, _LEVELS)),
            condition_zh=self._text("condition_zh"),
            condition_en=self._text("condition_en", required=False),
            closing_condition_zh=self._text("closing_condition_zh"),
            span=span,
            deadline_source=source,
            deadline_reference=reference,
            needs_response=needs_response,
            emergency_lines=self._emergency_lines(),
            on_the_spot=self._flag("on_the_spot"),
        )
        self._urgency_agrees(span.kind)
        return read

    def code(self, seen: dict[str, int]) -> str:
        code = self._text("code")
        if code and not _CODE.fullmatch(code):
            self.wrong("code", "编码是一个字母(C E F X Y Z)加四位数字,可再加一个小写字母")
        elif code in seen:
            self.wrong("code", "这个编码前面已经用过,请换一个或删掉重复的行")
        elif code:
            seen[code] = self.number
        return code

    def wrong(self, column: str, way_out: str) -> None:
        if any(problem.field == column for problem in self.problems):
            return  # the first thing wrong with a cell is enough
        value = (self._row.get(column) or "").strip()
        values = {"row": self.number, "column": column, "value": value, "way_out": way_out}
        self.problems.append(Problem(column, _WORDS, self.number, values))

    def _text(self, column: str, *, required: bool = True) -> str:
        text = (self._row.get(column) or "").strip()
        if required and not text:
            self.wrong(column, "这一格不能空着")
        return text

    def _choice(self, column: str, kind: type[StrEnum], words: dict[str, str]) -> str:
        text = self._text(column, required=False)
        chosen = words.get(text, text)
        known = [str(member) for member in kind]
        if chosen in known:
            return chosen
        self.wrong(column, "、".join([*words, *known]) + " 里选一个")
        return known[0]

    def _flag(self, column: str) -> bool:
        flag = _FLAGS.get(self._text(column, required=False).lower())
        if flag is None:
            self.wrong(column, "请填“是”或“否”")
        return bool(flag)

    def _span(self) -> Span:
        kind = TimerKind(self._choice("span_kind", TimerKind, _KINDS))
        text = self._text("span_value", required=False)
        try:
            value = Fraction(text)
        except (ValueError, ZeroDivisionError):
            self.wrong("span_value", "请填数字,例如 4 或 0.25")
            return Span(Fraction(1), kind)
        hours = kind in (TimerKind.URGENT_HOUR, TimerKind.WORK_HOUR)
        unit = 60 if hours else 1
        most = _LONGEST_DAYS * (24 if hours else 1)
        if not 0 < value <= most:
            self.wrong("span_value", "时限必须大于零,且不超过一年")
            return Span(Fraction(1), kind)
        if (value * unit).denominator != 1:
            self.wrong("span_value", "按小时计的要折合整分钟,按日计的要填整日")
        return Span(value, kind)

    def _emergency_lines(self) -> tuple[str, ...]:
        text = self._text("emergency_line", required=False)
        lines = tuple(line.strip() for line in re.split(r"[/、,,]", text) if line.strip())
        if any(line not in EMERGENCY_LINES for line in lines):
            self.wrong("emergency_line", "、".join(EMERGENCY_LINES) + " 里选")
        return lines

    def _urgency_agrees(self, kind: TimerKind) -> None:
        """The flag, the words and the timer's kind must tell the same story."""
        flagged = self._flag("urgent")
        urgent = kind is TimerKind.URGENT_HOUR
        if flagged and not urgent:
            self.wrong("span_kind", "标了“紧急”,计时方式应为“紧急工作时”,或取消紧急标记")
        elif urgent and not flagged:
            self.wrong("urgent", "计时方式是“紧急工作时”,应标为紧急,或改用“工作时”")
        if not urgent:
            for column in ("name_zh", "condition_zh", "deadline_reference"):
                if "紧急" in (self._row.get(column) or ""):
                    self.wrong(column, "文字写了“紧急”而计时方式不是“紧急工作时”,请改其中之一")
            if self._text("emergency_line", required=False):
                self.wrong("emergency_line", "要先拨急救电话的分类必须按“紧急工作时”计时")
