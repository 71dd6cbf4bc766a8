"""Words and shapes of the room."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

PHASES: Mapping[str, str] = {
    "columns": "等人指明各列是什么",
    "checking": "正在逐行核对",
    "review": "等待处理和签字",
    "signed": "已签字",
    "gone": "内容已销毁",
}
#: Why a list's rows went.
GONE: Mapping[str, str] = {
    "date": "到了写明的删除日期",
    "response": "应急响应结束",
    "person": "由人删除",
}
#: What came of asking about a row. With `is` and `mended` the row is linked or was corrected.
OUTCOMES: Mapping[str, str] = {
    "is": "就是登记里的这一位",
    "mended": "按本人说的改了这一行",
    "elsewhere": "本人说不住在本区",
    "not_registered": "住在本区,登记里还没有",
    "twice": "和另一行是同一个人",
    "not_reached": "没有打通",
}


@dataclass(frozen=True, slots=True)
class List:
    """A list with the progress of its work."""

    id: UUID
    title: str
    purpose: str
    asker: str
    area_code: str
    response_id: UUID | None
    keep_until: date
    headings: tuple[str, ...]
    columns: dict[str, Any]
    rows: int
    phase: str
    by_id: UUID
    at: datetime
    signed_by: UUID | None
    signed_at: datetime | None
    gone_at: datetime | None
    gone_why: str
    state: str
    done: int
    total: int
    data: dict[str, Any]

    @property
    def running(self) -> bool:
        """Whether a worker is at it."""
        return self.phase == "checking" and self.state == "running"


@dataclass(frozen=True, slots=True)
class RowKept:
    """A row as it is kept; `typed` are fields that were corrected as somebody said."""

    number: int
    at: int
    sealed: bytes
    state: str
    why: str
    question: str
    mends: tuple[str, ...]
    differs: tuple[str, ...]
    signs: dict[str, Any]
    target_id: UUID | None
    rivals: list[dict[str, Any]]
    dwelling_id: UUID | None
    same_as: int
    same_at: int
    same_why: str
    outcome: str
    tries: int
    typed: tuple[str, ...]
    by_id: UUID | None
    by_at: datetime | None


@dataclass(frozen=True, slots=True)
class FindingKept:
    """Something that does not fit, as it is kept; `mends` are fields that somebody corrected, by the
    row's number; `with_number` is the contradiction whose correction settled this one too."""

    number: int
    kind: str
    rows: tuple[int, ...]
    sealed: bytes
    by_id: UUID | None
    by_at: datetime | None
    mends: dict[str, Any]
    with_number: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows are in a state; `tried` of them were called without an answer."""

    state: str
    rows: int
    tried: int
