"""Tasks decided without the database: a change is a new value."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from wangge.kernel.refusals import Refusal


class TaskKind(StrEnum):
    """handle 处置, verify 核实 (before filing), inspect 核查 (before closing), joint 疑难会商,
    call_back 回访."""

    HANDLE = "handle"
    VERIFY = "verify"
    INSPECT = "inspect"
    JOINT = "joint"
    CALL_BACK = "call_back"


class TaskState(StrEnum):
    """stranded: nobody is being asked; somebody above must act."""

    OFFERED = "offered"
    STRANDED = "stranded"
    ACCEPTED = "accepted"
    DOING = "doing"
    DONE = "done"
    CANCELLED = "cancelled"


STATE_NAMES: Mapping[TaskState, str] = {
    TaskState.OFFERED: "待答复",
    TaskState.STRANDED: "无人可派",
    TaskState.ACCEPTED: "已接单",
    TaskState.DOING: "处置中",
    TaskState.DONE: "已完成",
    TaskState.CANCELLED: "已取消",
}
KIND_NAMES: Mapping[TaskKind, str] = {
    TaskKind.HANDLE: "处置",
    TaskKind.VERIFY: "核实",
    TaskKind.INSPECT: "核查",
    TaskKind.JOINT: "疑难会商",
    TaskKind.CALL_BACK: "回访",
}

HELD = frozenset({TaskState.ACCEPTED, TaskState.DOING})
OVER = frozenset({TaskState.DONE, TaskState.CANCELLED})


@dataclass(eq=False)
class AlreadyTaken(Refusal):
    """Somebody else accepted the same task first."""

    says: ClassVar[str] = "这个任务已经有人接了,谢谢您。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class OfferGone(Refusal):
    """The time to answer is over, and the task went on to somebody else."""

    says: ClassVar[str] = "答复时间已过,任务已经转给别人。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class WrongTaskState(Refusal):
    says: ClassVar[str] = "任务现在的状态({state})不能这样做。"
    status: ClassVar[int] = 409
    state: str


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be made, with its first offer; without a target it is stranded at once."""

    id: UUID
    kind: TaskKind
    origin: str
    origin_id: UUID
    area_code: str
    target: str | None
    level: str
    urgent: bool
    answer_minutes: int
    answer_by: datetime | None
    due_at: datetime
    #: Why this one is asked, a sentence as kept.
    why: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A task as its door gives it."""

    id: UUID
    kind: TaskKind
    origin: str
    origin_id: UUID
    area_code: str
    state: TaskState
    target: str | None
    holder_id: UUID | None
    level: str
    urgent: bool
    tried: tuple[str, ...]
    answer_minutes: int
    offered_at: datetime | None
    answer_by: datetime | None
    due_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    version: int
    #: Why the one asked now is asked, a sentence as kept.
    why: str = ""

    def accept(self, who: UUID, now: datetime) -> "Task":
        """The first to say yes holds it. Saying yes again to one's own is harmless."""
        if self.state in HELD:
            if self.holder_id == who:
                return self
            raise AlreadyTaken()
        self._must_be(TaskState.OFFERED)
        return replace(
            self,
            state=TaskState.ACCEPTED,
            holder_id=who,
            accepted_at=now,
            version=self.version + 1,
        )

    def start(self, who: UUID) -> "Task":
        """Going to work on it."""
        self.must_be_held_by(who)
        return replace(self, state=TaskState.DOING, version=self.version + 1)

    def finish(self, who: UUID, now: datetime) -> "Task":
        """Done, by the one who holds it."""
        self.must_be_held_by(who)
        return replace(self, state=TaskState.DONE, ended_at=now, version=self.version + 1)

    def cancel(self, now: datetime) -> "Task":
        """No longer needed."""
        return replace(self, state=TaskState.CANCELLED, ended_at=now, version=self.version + 1)

    def offer(
        self, target: str, level: str, now: datetime, answer_by: datetime, why: str = ""
    ) -> "Task":
        """Ask the next one; the one asked before goes on the list of those tried."""
        return replace(
            self,
            state=TaskState.OFFERED,
            target=target,
            holder_id=None,
            level=level,
            tried=(*self.tried, self.target) if self.target else self.tried,
            offered_at=now,
            answer_by=answer_by,
            accepted_at=None,
            version=self.version + 1,
            why=why,
        )

    def strand(self) -> "Task":
        """Nobody left to ask."""
        return replace(
            self,
            state=TaskState.STRANDED,
            holder_id=None,
            tried=(*self.tried, self.target) if self.target else self.tried,
            version=self.version + 1,
        )

    def must_be_held_by(self, who: UUID) -> None:
        """Only the holder goes on with it."""
        if self.state not in HELD:
            raise WrongTaskState(STATE_NAMES[self.state])
        if self.holder_id != who:
            raise AlreadyTaken()

    def _must_be(self, state: TaskState) -> None:
        if self.state is TaskState.STRANDED:
            raise OfferGone()
        if self.state is not state:
            raise WrongTaskState(STATE_NAMES[self.state])
