"""Exports as values: what a maker gives, what a sheet is, when a second person is needed."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Literal, TypeAlias
from uuid import UUID, uuid5

from wangge.kernel.actors import Act
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.kernel.refusals import Refusal
from wangge.kernel.retention import at_least
from wangge.kernel.settings import setting

APPROVAL_ABOVE = setting("exports.approval_above", 50, "一天内导出超过几人时要第二人批准")
FILE_HOURS = setting("exports.file_hours", 48, "导出的文件几小时后自动删除")
RECORD_DAYS = setting(
    "exports.record_days", 1095, "导出记录(谁、为什么、包含谁)保留几天", check=at_least(1095)
)
UNUSUAL_TIMES = setting(
    "exports.unusual_times", 3, "一个单位一天的查看或导出达到平时的几倍时提示"
)

#: Shortest reason for an export or a refusal, in characters.
REASON_MIN = 4
REASON_MAX = 200
#: People and rows of one file.
PEOPLE_MAX = 1_000_000
ROWS_MAX = 1_000_000
#: Tries of making one file before it is given up.
TRIES_MAX = 3
#: Days an export waits for a second person.
WAITS_DAYS = 7

State: TypeAlias = Literal[
    "waiting", "making", "ready", "refused", "withdrawn", "failed", "expired"
]
STATE_NAMES: Mapping[str, str] = {
    "waiting": "等待审批",
    "making": "正在生成",
    "ready": "可以下载",
    "refused": "未获批准",
    "withdrawn": "已撤回",
    "failed": "没有生成",
    "expired": "文件已删除",
}
#: Why a file was not made, as a code.
TROUBLES: Mapping[str, str] = {
    "forbidden": "申请人的岗位已经不能导出这个区域的名单。",
    "refused": "名单的条件已经失效,请重新申请。",
    "too-long": "名单太长,请按街道或社区分开导出。",
    "bug": "系统出了问题,已经记下。请重新申请。",
}
FORMATS: Mapping[str, str] = {"xlsx": "Excel(.xlsx)", "csv": "CSV"}

#: What a maker may give in full, when it says so; everything else leaves masked.
FULL_NAMES: Mapping[str, str] = {
    "name": "完整姓名",
    "phone": "完整电话",
    "plate": "完整车牌号",
    "id_number": "身份证号",
}

Cell: TypeAlias = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A heading. `full` names what the column gives in full (a key of FULL_NAMES); a column
    without it is checked, and whole numbers that slipped into it are masked."""

    title: str
    width: int = 12
    full: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody a file contains."""

    resident_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class Watermark:
    """Who took the file, when, and the number of the export; stands on every sheet."""

    mark: str
    line: str
    staff: str
    at: datetime
    title: str


#: Fills somebody's own template: gets the watermark, answers the bytes of an .xlsx file.
Write: TypeAlias = Callable[[Watermark], bytes]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a maker gives. `rows` are walked once; `people` are all of the residents' register whom
    the file contains, `others` how many people it contains besides.

    With `write` the maker makes the file itself (a filled template), by
    `exports.writing.stamp` or its like, and `columns` and `rows` are for the CSV.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    people: Sequence[Subject]
    length: int = 0
    notes: Sequence[str] = ()
    write: Write | None = None
    others: int = 0


Make: TypeAlias = Callable[[Tx, Mapping[str, Any]], Awaitable[Sheet]]
#: What the columns of a list will be called: for whoever has to agree before there is a file.
Headings: TypeAlias = Callable[[Tx, Mapping[str, Any]], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Maker:
    """A kind of list that can leave: its code `room.thing`, its Chinese name, the act that shows
    it at all, what it may give in full, and the law that asks for ID numbers ("" for none)."""

    what: str
    name: str
    act: Act
    full: frozenset[str]
    id_numbers: str
    make: Make
    headings: Headings


_makers: dict[str, Maker] = {}


def maker(
    what: str,
    name: str,
    act: Act,
    *,
    headings: Headings,
    full: Iterable[str] = (),
    id_numbers: str = "",
) -> Callable[[Make], Make]:
    """Register how a kind of list is made: `async def make(tx, spec) -> Sheet`.

    It is called as whoever asked, with that person's reach and row-level security. `spec` is
    what `ask` was given (codes and ids, no personal data), with `full` (a list of keys of
    FULL_NAMES) for what was permitted in full. `headings` answers the columns beforehand, for
    whoever reads the export's page.
    """

    def register(function: Make) -> Make:
        if what in _makers:
            raise ValueError(f"maker {what} is declared twice")
        given: frozenset[str] = frozenset((*full, "id_number") if id_numbers else full)
        if not given <= set(FULL_NAMES) or ("id_number" in given and not id_numbers):
            raise ValueError(f"maker {what}: {sorted(given)}")
        _makers[what] = Maker(what, name, act, given, id_numbers, function, headings)
        return function

    return register


def all_makers() -> Mapping[str, Maker]:
    """Every maker of the rooms imported so far."""
    return dict(_makers)


@dataclass(frozen=True, slots=True)
class Export:
    """One export. `spec` has what was asked for; `fetched` counts downloads."""

    id: UUID
    mark: str
    what: str
    spec: Mapping[str, Any]
    title: str
    area_code: str
    people: int
    full_fields: tuple[str, ...]
    format: str
    reason: str
    state: State
    asked_by: UUID
    asked_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    answer: str
    made_at: datetime | None
    rows: int
    bytes: int
    file_id: UUID | None
    expires_at: datetime | None
    fetched: int
    trouble: str

    @property
    def live(self) -> bool:
        """Still on its way to a file, or a file."""
        return self.state in ("waiting", "making", "ready")

    @property
    def file_name(self) -> str:
        """As it is saved: the title and the number."""
        return f"{self.title}-{self.mark}.{self.format}"


def mark_of(id_: UUID, moment: datetime) -> str:
    """The number printed on a file: the day and six characters of its id."""
    return f"{local_date(moment):%Y%m%d}-{id_.hex[-6:].upper()}"


_NAMESPACE = UUID("0f2b7c54-7a4e-5a55-8a0c-5b1f0a7e9901")


def class_id(key: str) -> UUID:
    """The id under which facts speak of a class of data."""
    return uuid5(_NAMESPACE, key)


def needs_second(people_today: int, above: int, full: Iterable[str]) -> bool:
    """Whether a second person has to agree: more people in a day than the district allows to
    one alone, or anything in full."""
    return people_today > above or bool(set(full))


# -- whole numbers where masks should stand -------------------------------------------------------

#: GB 11643 numbers and mobile phones, wherever they stand in a text.
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{6}(?:18|19|20)\d{9}[\dXx](?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
#: Either has so many digits in a row; hardly any text does.
_LONG = re.compile(r"\d{11}")


def masked_text(text: str) -> str:
    """The text with whole ID and mobile numbers in it masked: the second look at every cell."""
    if _LONG.search(text) is None:
        return text
    text = _ID_NUMBER.sub(lambda m: f"{m[0][:3]}{'*' * 13}{m[0][-2:]}", text)
    return _PHONE.sub(lambda m: f"{m[0][:3]}****{m[0][-4:]}", text)


# -- refusals ----------------------------------------------------------------------------------


@dataclass(eq=False)
class OwnExport(Refusal):
    """Four eyes."""

    says: ClassVar[str] = "自己申请的导出要由另一个人审批。"
    status: ClassVar[int] = 403


@dataclass(eq=False)
class ExportDecided(Refusal):
    says: ClassVar[str] = "这次导出{state},不能再改。"
    state: str


@dataclass(eq=False)
class FileGone(Refusal):
    says: ClassVar[str] = "文件已过期删除。确有需要的,请重新申请导出。"
    status: ClassVar[int] = 410


@dataclass(eq=False)
class NotReady(Refusal):
    says: ClassVar[str] = "文件还没有好({state}),请稍后再来。"
    status: ClassVar[int] = 409
    state: str
