"""A response and the rules of its life, without a database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from wangge.kernel.refusals import Problem, Refusal

Mode = Literal["peace", "war"]

#: A response ends by itself after this; to go on, somebody must say so again.
LONGEST = timedelta(days=30)

LEVEL_NAMES: dict[int, str] = {1: "Ⅰ级", 2: "Ⅱ级", 3: "Ⅲ级", 4: "Ⅳ级"}

#: What may be collected in a response; nothing may that was not declared.
DATA_ITEMS: dict[str, str] = {
    "name": "姓名",
    "phone": "联系电话",
    "address": "住址",
    "needs": "生活和就医需求",
    "temperature": "体温",
    "symptoms": "症状",
    "test_result": "检测结果",
    "contacts": "接触情况",
    "stay": "居家或集中隔离情况",
}


@dataclass(eq=False)
class NoResponse(Refusal):
    """What belongs to a declared response was asked for where none is live."""

    says: ClassVar[str] = (
        "这里没有正在生效的应急响应,这类事项不能开。请先由指挥中心宣布应急响应;日常问题请选别的类别。"
    )
    status: ClassVar[int] = 409
    area_code: str


@dataclass(eq=False)
class SecondPersonNeeded(Refusal):
    says: ClassVar[str] = "提出的人不能自己批准或延长。请另一位有权限的负责人操作。"
    status: ClassVar[int] = 403


@dataclass(eq=False)
class ResponseOver(Refusal):
    says: ClassVar[str] = "这次应急响应已经结束,不能再改。需要时请重新提出。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class AlreadyApproved(Refusal):
    says: ClassVar[str] = "这次应急响应已经批准过了。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class NotYetApproved(Refusal):
    says: ClassVar[str] = "这次应急响应还没有批准,不能延长。"
    status: ClassVar[int] = 409


class State(StrEnum):
    """What a response is at a moment; never kept, always worked out."""

    WAITING = "waiting"
    COMING = "coming"
    LIVE = "live"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Response:
    """One response, as kept."""

    id: UUID
    matter: str
    level: int
    area_code: str
    starts_at: datetime
    ends_at: datetime
    purpose: str
    legal_basis: str
    measures: str
    document_number: str
    data_items: tuple[str, ...]
    declared_by: UUID
    declared_at: datetime
    approver_id: UUID | None
    approved_at: datetime | None
    renewed_by: UUID | None
    renewed_at: datetime | None
    ended_at: datetime | None
    ended_by: UUID | None
    version: int

    def state(self, now: datetime) -> State:
        """Live only between its moments, approved and not ended: the tick that files it away may
        be late, the end is not."""
        if self.ended_at is not None or now >= self.ends_at:
            return State.OVER
        if self.approved_at is None:
            return State.WAITING
        return State.LIVE if now >= self.starts_at else State.COMING

    def live(self, now: datetime) -> bool:
        return self.state(now) is State.LIVE

    def covers(self, area_code: str) -> bool:
        """Whether an area lies inside."""
        return area_code.startswith(self.area_code)

    def must_be_open(self, now: datetime) -> None:
        """Raises ResponseOver."""
        if self.state(now) is State.OVER:
            raise ResponseOver()

    def must_be_approvable(self, by: UUID, now: datetime) -> None:
        """Raises ResponseOver, AlreadyApproved, SecondPersonNeeded."""
        self.must_be_open(now)
        if self.approved_at is not None:
            raise AlreadyApproved()
        if by == self.declared_by:
            raise SecondPersonNeeded()

    def must_be_renewable(self, by: UUID, now: datetime) -> None:
        """Raises ResponseOver, NotYetApproved, SecondPersonNeeded."""
        self.must_be_open(now)
        if self.approved_at is None:
            raise NotYetApproved()
        if by == self.declared_by:
            raise SecondPersonNeeded()


@dataclass(frozen=True, slots=True)
class Responses:
    """The responses not yet over, in memory."""

    all: tuple[Response, ...]

    def live(self, area_code: str, now: datetime) -> Response | None:
        """The live response an area lies in: the gravest, then the nearest. None in peace."""
        if not self.all:
            return None
        found = [r for r in self.all if r.covers(area_code) and r.live(now)]
        return min(found, key=lambda r: (r.level, -len(r.area_code), r.id), default=None)

    def mode(self, area_code: str, now: datetime) -> Mode:
        """平时 or 战时."""
        return "peace" if self.live(area_code, now) is None else "war"

    def touching(self, areas: Iterable[str], now: datetime) -> list[Response]:
        """Live responses in or around any of these areas, gravest first."""
        wanted = list(areas)
        found = [
            r
            for r in self.all
            if r.live(now)
            and any(r.covers(area) or r.area_code.startswith(area) for area in wanted)
        ]
        return sorted(found, key=lambda r: (r.level, r.area_code, r.id))


def time_problems(starts_at: datetime, ends_at: datetime, now: datetime) -> list[Problem]:
    """What is wrong with the moments of a declaration."""
    problems: list[Problem] = []
    if ends_at <= max(starts_at, now):
        problems.append(Problem("ends_at", "结束时间要晚于开始时间和现在。"))
    if ends_at > starts_at + LONGEST:
        problems.append(Problem("ends_at", "一次最多 30 天。到期前可以延长。"))
    if starts_at > now + LONGEST:
        problems.append(Problem("starts_at", "开始时间太远了,最多提前 30 天。"))
    return problems
