"""What a report is: whose rows, which columns, which conditions, how often. Pure.

A report is kept as what it asks, never as what it answered: the answer is made anew each time, as
whoever asks for it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal

import msgspec

from wangge.forms.columns import EMPTY_SAYS
from wangge.forms.likeness import NUMBER, REMARK
from wangge.kernel.fields import FieldSpec
from wangge.kernel.moments import ZONE
from wangge.kernel.refusals import Invalid, Problem, Refusal
from wangge.kernel.settings import setting
from wangge.reports import things

RUN_DAYS = setting("reports.run_days", 180, "出过的表保留几天(只留数字和对照,不留个人信息)")

COLUMNS_MAX = 60
MEASURES_MAX = 40
GROUPS_MAX = 3
NAME_MAX = 60
#: Rows one report may have.
ROWS_MAX = 1_000_000
#: Rows shown on the page before it is made.
PREVIEW_ROWS = 20


class Rows(StrEnum):
    """What one line of a report is."""

    RESIDENT = "resident"
    HOUSEHOLD = "household"
    DWELLING = "dwelling"
    CASE = "case"
    #: One of a register's things; `Spec.register` says of which.
    THING = "thing"
    GROUP = "group"


ROWS_NAMES: Mapping[Rows, str] = {
    Rows.RESIDENT: "每人一行",
    Rows.HOUSEHOLD: "每户一行",
    Rows.DWELLING: "每套房一行",
    Rows.CASE: "每件事一行",
    Rows.THING: "台账里每条一行",
    Rows.GROUP: "分组统计",
}
#: Whose fields a line of each kind may show.
SUBJECTS: Mapping[Rows, tuple[str, ...]] = {
    Rows.RESIDENT: ("resident", "household", "dwelling", "area"),
    Rows.HOUSEHOLD: ("household", "dwelling", "area"),
    Rows.DWELLING: ("dwelling", "household", "area"),
    Rows.CASE: ("case", "area"),
    Rows.THING: ("dwelling", "area"),
    Rows.GROUP: (),
}


def subjects_of(rows: Rows, register: str = "") -> tuple[str, ...]:
    """Whose fields a line may show; a register's things say those of their kind first."""
    return (register, *SUBJECTS[rows]) if rows is Rows.THING else SUBJECTS[rows]


def line_words(rows: Rows, register: str = "") -> str:
    """What one line is, in Chinese."""
    return (
        things.LINES.get(register, ROWS_NAMES[rows]) if rows is Rows.THING else ROWS_NAMES[rows]
    )


#: What can be counted by, and what a count counts.
GROUPS: Mapping[str, str] = {
    "area.street": "街道",
    "area.community": "社区",
    "area.grid": "网格",
    "area.micro_grid": "微网格",
    "resident.sex": "性别",
    "household.kind": "户类型",
    "household.tenure": "居住方式",
    "dwelling.compound": "小区",
    **things.GROUPS,
}
COUNTED: Mapping[str, str] = {
    "resident": "人数",
    "household": "住户数",
    "dwelling": "房屋套数",
    "case": "事件数",
    **things.COUNTED,
}


RUN_STATES: Mapping[str, str] = {
    "asked": "等待导出",
    "ready": "已做好",
    "failed": "没有做成",
    "gone": "文件已删除",
}


# -- refusals --------------------------------------------------------------------------------------


@dataclass(eq=False)
class ReportClosed(Refusal):
    says: ClassVar[str] = "这张报表已经停用,不能再出表。"


@dataclass(eq=False)
class ReportTooLong(Refusal):
    says: ClassVar[str] = "这张表有 {rows} 行,超过上限 {most} 行。请按街道或社区分开出表。"
    status: ClassVar[int] = 413
    rows: int
    most: int


@dataclass(eq=False)
class NothingBefore(Refusal):
    """There is no last time to compare with."""

    says: ClassVar[str] = "这张报表还没有出过,没有上次可以对比。请先出一次完整的表。"


# -- the question ----------------------------------------------------------------------------------


class Col(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One column: a field's key, `table.number` or `table.remark`; `title` is its heading."""

    key: str
    title: str = ""


class Filters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Conditions; what is left out limits nothing. Ages are full years, both included; dates are
    days, both included. `stale` and `missing` are keys of fields; `own` is own field → value."""

    tags: tuple[str, ...] = ()
    sex: str = ""
    age_from: int | None = None
    age_to: int | None = None
    relations: tuple[str, ...] = ()
    hukou: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tenures: tuple[str, ...] = ()
    compound: str = ""
    building: str = ""
    since_from: str = ""
    since_to: str = ""
    stale: str = ""
    missing: str = ""
    own: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    occupied: bool | None = None
    case_class: str = ""
    case_state: str = ""
    reported_from: str = ""
    reported_to: str = ""
    days_back: int | None = None
    #: Of a register's things: which of them (things.STATES), and field → what it must be: a code or
    #: several with commas, 1 or 0, words it holds, or a span of numbers or days (2026-01-01..+30).
    thing_state: str = ""
    things: dict[str, str] = msgspec.field(default_factory=dict[str, str])


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number of a count: its heading, what it counts, under which conditions."""

    title: str
    of: str = "resident"
    filters: Filters = msgspec.field(default_factory=Filters)


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a report asks. `columns` for lines, `groups` and `measures` for counts; `filters` holds
    for all of it. `register` is the kind of things that the lines are (`registers.kinds`)."""

    rows: Rows
    columns: tuple[Col, ...] = ()
    groups: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    filters: Filters = msgspec.field(default_factory=Filters)
    register: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields it shows."""
        return tuple(c.key for c in self.columns if c.key not in (NUMBER, REMARK))

    @property
    def about(self) -> str:
        """What its lines are: two reports with the same can share columns."""
        return f"{self.rows}:{self.register}" if self.register else str(self.rows)

    def digest(self) -> bytes:
        """Two runs with the same digest can be compared line by line. What came later and is not
        asked for leaves it as it was, so that an upgrade does not forget the last time."""
        asked: dict[str, Any] = msgspec.to_builtins(self, order="deterministic")
        for filters in (asked["filters"], *(one["filters"] for one in asked["measures"])):
            _without(filters, ("thing_state", "things"))
        _without(asked, ("register",))
        return hashlib.sha256(msgspec.json.encode(asked)).digest()[:16]


def _without(asked: dict[str, Any], names: Sequence[str]) -> None:
    for name in names:
        if not asked[name]:
            del asked[name]


#: Which numbers and names a column would show in full.
FULL_OF: Mapping[str, str] = {
    "resident.name": "name",
    "household.head_name": "name",
    "household.landlord_name": "name",
    "resident.phone": "phone",
    "household.head_phone": "phone",
    "household.landlord_phone": "phone",
    "resident.id_number": "id_number",
    **things.FULL_OF,
}


def full_names(keys: Sequence[str]) -> tuple[str, ...]:
    """What these columns could show in full: name, phone, plate, id_number."""
    found = {FULL_OF[key] for key in keys if key in FULL_OF}
    return tuple(name for name in ("name", "phone", "plate", "id_number") if name in found)


def shows_in_full(key: str, full: Sequence[str]) -> bool:
    """Whether a column stands unmasked when these names are permitted."""
    return key not in FULL_OF or FULL_OF[key] in full


def is_masked(key: str) -> bool:
    """Whether a column can be masked at all."""
    return key in FULL_OF


def marks_empty(key: str) -> bool:
    """Whether an empty cell of this column is a gap somebody should know of."""
    subject, _, name = key.partition(".")
    if things.is_thing(subject):
        return name not in things.EMPTY_SAYS
    return key not in EMPTY_SAYS and subject != "case"


def personal(spec: Spec, fields: Mapping[str, FieldSpec]) -> bool:
    """Whether the answer is a list of people's data. Counts are not; doors without people are not
    unless a column says something of who lives there."""
    if spec.rows in (Rows.RESIDENT, Rows.HOUSEHOLD):
        return True
    return any(fields[key].personal for key in spec.keys if key in fields)


def check(spec: Spec, fields: Mapping[str, FieldSpec]) -> None:
    """Raises Invalid with everything that is wrong with a question; `fields` are those in use."""
    wrong: list[Problem] = []

    def refuse(where: str, words: str, **values: object) -> None:
        wrong.append(Problem(where, words, None, values))

    if spec.rows is Rows.GROUP:
        if not 1 <= len(spec.groups) <= GROUPS_MAX:
            refuse("groups", "分组统计要选 1 到 {most} 个分组。", most=GROUPS_MAX)
        for group in spec.groups:
            if group not in GROUPS:
                refuse("groups", "不能按“{group}”分组。", group=group)
        if not 1 <= len(spec.measures) <= MEASURES_MAX:
            refuse("measures", "分组统计要有 1 到 {most} 个数字。", most=MEASURES_MAX)
        for row, measure in enumerate(spec.measures, 1):
            if measure.of not in COUNTED:
                wrong.append(
                    Problem("measures", "第 {n} 个数字没有说数什么。", row, {"n": row})
                )
            if not 1 <= len(measure.title) <= NAME_MAX:
                wrong.append(Problem("measures", "第 {n} 个数字没有名称。", row, {"n": row}))
            wrong += _check_filters(measure.filters, fields)
            wrong += _groups_fit(spec.groups, measure.of)
        if len({m.title for m in spec.measures}) < len(spec.measures):
            refuse("measures", "数字的名称不能重复。")
    else:
        if (spec.rows is Rows.THING) != things.is_thing(spec.register):
            refuse("register", "请选这张表是哪一种台账的。")
        if not 1 <= len(spec.columns) <= COLUMNS_MAX:
            refuse("columns", "请选 1 到 {most} 列。", most=COLUMNS_MAX)
        if not spec.keys:
            refuse("columns", "至少要有一列是字典里的字段。")
        for column in spec.columns:
            if column.key in (NUMBER, REMARK):
                continue
            field = fields.get(column.key)
            if field is None:
                refuse("columns", "字典里没有“{key}”这个字段,或已停用。", key=column.key)
            elif field.subject not in subjects_of(spec.rows, spec.register):
                refuse(
                    "columns",
                    "“{name}”不能放进“{rows}”的表。",
                    name=field.name,
                    rows=line_words(spec.rows, spec.register),
                )
            if len(column.title) > NAME_MAX:
                refuse("columns", "列名太长,请在 {most} 个字以内。", most=NAME_MAX)
    wrong += _check_filters(spec.filters, fields)
    if wrong:
        raise Invalid.all(wrong)


def _groups_fit(groups: Sequence[str], of: str) -> list[Problem]:
    """Doors have no sex and cases no tenure: such a group would count nothing."""
    allowed = {
        "resident": set(GROUPS) - set(things.GROUPS),
        "household": set(GROUPS) - set(things.GROUPS) - {"resident.sex"},
        "dwelling": {g for g in GROUPS if g.startswith(("area.", "dwelling."))},
        "case": {g for g in GROUPS if g.startswith("area.")},
    }.get(of, {g for g in GROUPS if g.startswith(("area.", "dwelling.", f"{of}."))})
    return [
        Problem(
            "groups",
            "{counted}不能按“{group}”分组。",
            None,
            {
                "counted": COUNTED[of],
                "group": GROUPS[group],
            },
        )
        for group in groups
        if group in GROUPS and group not in allowed
    ]


def _check_filters(filters: Filters, fields: Mapping[str, FieldSpec]) -> list[Problem]:
    wrong: list[Problem] = []
    for name, key in (("stale", filters.stale), ("missing", filters.missing)):
        if key and key not in fields:
            wrong.append(
                Problem(name, "字典里没有“{key}”这个字段,或已停用。", None, {"key": key})
            )
    for key in filters.own:
        if key not in fields:
            wrong.append(
                Problem("own", "字典里没有“{key}”这个字段,或已停用。", None, {"key": key})
            )
    for name, low, high in (("age", filters.age_from, filters.age_to),):
        if any(age is not None and not 0 <= age <= 150 for age in (low, high)):
            wrong.append(Problem(name, "年龄应为 0 到 150。"))
        elif low is not None and high is not None and low > high:
            wrong.append(Problem(name, "年龄的下限比上限大。"))
    for name in ("since_from", "since_to", "reported_from", "reported_to"):
        given: str = getattr(filters, name)
        if given and not _is_day(given):
            wrong.append(Problem(name, "日期应写成 2026-03-18 的样子。"))
    wrong += things.wrong_conditions(filters.things, filters.thing_state, fields)
    if filters.days_back is not None and not 1 <= filters.days_back <= 3660:
        wrong.append(Problem("days_back", "最近几天:应为 1 到 3660。"))
    return wrong


def _is_day(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=ZONE)
    except ValueError:
        return False
    return True


# -- overlaps --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two reports that ask the same: `shared` columns of `one` (of so many) are in the other."""

    one: str
    other: str
    shared: tuple[str, ...]
    share: float


def overlaps(
    reports: Sequence[tuple[str, str, frozenset[str]]], least: float = 0.5
) -> list[Overlap]:
    """Pairs of reports about the same rows (`Spec.about`) of which the smaller has at least that share of its
    columns in the other, most shared first. Pure; a district has some hundred reports."""
    found: list[Overlap] = []
    for place, (one, rows, keys) in enumerate(reports):
        for other, other_rows, other_keys in reports[place + 1 :]:
            shared = keys & other_keys
            smaller = min(len(keys), len(other_keys))
            if rows == other_rows and len(shared) >= 2 and len(shared) >= least * smaller:
                found.append(
                    Overlap(one, other, tuple(sorted(shared)), round(len(shared) / smaller, 2))
                )
    return sorted(found, key=lambda o: (-len(o.shared), -o.share))


Change = Literal["new", "changed", "gone"]
CHANGES: Mapping[str, str] = {"new": "新增", "changed": "有变化", "gone": "不在表内了"}
