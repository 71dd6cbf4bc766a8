"""What a change is, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from wangge.kernel.refusals import Refusal

Op = Literal["insert", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Change:
    """One row as somebody wants it.

    `values` are in plain, by the kind's own names: a resident has `name`, `phone`, `id_number`,
    not their sealed columns. An insert may leave out what has a default; an update gives only what
    changes. `area_code` is the row's (after the change), of 6 to 18 digits. `version` is the one
    the author saw; None takes whatever is there.
    """

    kind: str
    op: Op
    id: UUID
    area_code: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    version: int | None = None


#: Why a row was not changed, or not put back.
WHYS: Mapping[str, str] = {
    "changed": "之后又被改过",
    "gone": "已经不在了",
    "in_use": "后来又有别的记录用到它",
    "taken": "它原来的号码已被别人登记",
    "purged": "改动前的内容已过保留期",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A row that was left as it is; `why` is a key of `WHYS`."""

    kind: str
    id: UUID
    why: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What one call did: `counts` is (kind, op) → rows; `kept` is what it did not do."""

    batch: UUID
    counts: Mapping[tuple[str, Op], int]
    kept: tuple[Kept, ...]

    def count(self, kind: str, op: Op) -> int:
        return self.counts.get((kind, op), 0)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Undone:
    """What was put back: `counts` is kind → rows; `kept` is what could not be."""

    batch: UUID
    counts: Mapping[str, int]
    kept: tuple[Kept, ...]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Batch:
    """One import, merge or bulk act: who, when, how many rows of what."""

    id: UUID
    what: str
    area_code: str
    actor_id: UUID
    at: datetime
    counts: dict[str, int]
    undone_at: datetime | None
    undone_by: UUID | None
    purged_at: datetime | None


@dataclass(eq=False)
class BatchUndone(Refusal):
    says: ClassVar[str] = "这一批改动已经撤销过了。"


@dataclass(eq=False)
class BatchGone(Refusal):
    """The images are kept for some days only; then nothing can be put back."""

    says: ClassVar[str] = (
        "这一批改动已超过 {days} 天的可撤销期,改动前的内容已按规定删除,不能再撤销。"
    )
    days: int


@dataclass(eq=False)
class CannotUndoWhole(Refusal):
    """Some acts are undone as one piece or not at all."""

    says: ClassVar[str] = "有 {count} 条记录之后又被改过,不能整体撤销。请先核对这几条。"
    count: int


def shared_area(codes: Sequence[str]) -> str:
    """The smallest area that holds all of these: the longest beginning they share, of whole levels;
    "" for none."""
    if not codes:
        return ""
    low, high = min(codes), max(codes)
    same = next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), None)
    return low if same is None else low[: max(6, same - same % 3)]
