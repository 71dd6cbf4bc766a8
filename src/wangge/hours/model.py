"""A stint, what is asked of one, and what is said when it cannot be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from wangge.hours.limits import minute_of
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.refusals import Invalid, Problem, Refusal
from wangge.solvers.fatigue import Breach, Stint

LONGEST_STINT = timedelta(hours=24)
#: Hours may be noted so long afterwards, and planned so long ahead.
OLDEST = timedelta(days=60)
FURTHEST = timedelta(days=92)
POST_MAX = 40
#: Moments outside of these are slips of typing.
YEARS = (2000, 2100)
REASON_LEAST, REASON_MOST = 4, 200
STATES: dict[str, str] = {"planned": "已排班", "worked": "已上班", "cancelled": "已取消"}
SOURCES: dict[str, str] = {"office": "办公室登记", "self": "本人登记", "roster": "按排班表"}


@dataclass(frozen=True, slots=True)
class Duty:
    """One stint as it is kept."""

    id: UUID
    staff_id: UUID
    area_code: str
    post: str
    starts_at: datetime
    ends_at: datetime
    state: str
    source: str
    roster_id: UUID | None
    by_id: UUID
    at: datetime
    version: int


def span(starts_at: datetime, ends_at: datetime) -> Stint:
    """As the guard takes it."""
    return Stint(minute_of(starts_at), max(minute_of(ends_at), minute_of(starts_at) + 1))


@dataclass(eq=False)
class OverLimit(Refusal):
    """The guard says no, with its reasons; a named person with the right may answer for it."""

    says: ClassVar[str] = (
        "{why}请改时间或换人;确实必须的,由有权安排的负责人写明理由,不能由本人。"
    )
    status: ClassVar[int] = 409
    breaches: tuple[Breach, ...]

    def data(self) -> dict[str, Any]:
        return {
            "breaches": [
                {"kind": one.kind, "has": one.has, "limit": one.limit} for one in self.breaches
            ]
        }

    def words(self, locale: Locale = "zh") -> str:
        why = " ".join(
            translate(locale, one.why.text, **one.why.values) for one in self.breaches
        )
        return translate(locale, self.says, why=why if locale == "zh" else why + " ")


@dataclass(eq=False)
class TwoPlaces(Refusal):
    """No override makes anybody be in two places."""

    says: ClassVar[str] = "这个时间里已经有班,不能同时在两处。请先改或取消原来的班。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class NotYours(Refusal):
    """A plan is changed by whoever plans."""

    says: ClassVar[str] = "这一班要请排班的负责人改;您可以在上完以后登记实际时间。"
    status: ClassVar[int] = 403


@dataclass(eq=False)
class NothingToAnswer(Refusal):
    says: ClassVar[str] = "这一班没有等着说明的超限。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class StintOver(Refusal):
    says: ClassVar[str] = "这一班已经取消,不能再改。需要时请重新登记。"
    status: ClassVar[int] = 409


def checked(
    post: str, starts_at: datetime, ends_at: datetime, now: datetime, *, worked: bool
) -> str:
    """The post's name, clean. Raises Invalid for everything that is wrong at once."""
    for field, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if moment.tzinfo is None or not YEARS[0] <= moment.year <= YEARS[1]:
            raise Invalid.of(
                field,
                "时间要带时区,年份在 {first} 到 {last} 之间。",
                first=YEARS[0],
                last=YEARS[1],
            )
    problems: list[Problem] = []
    name = post.strip()
    if not name or len(name) > POST_MAX:
        problems.append(
            Problem("post", "请写明岗位,不超过 {most} 字。", None, {"most": POST_MAX})
        )
    if not timedelta() < ends_at - starts_at <= LONGEST_STINT:
        problems.append(
            Problem("ends_at", "下班要晚于上班,一班最长 24 小时;更长的请分开登记。")
        )
    if starts_at < now - OLDEST:
        problems.append(Problem("starts_at", "60 天以前的工时不能再登记。"))
    if starts_at > now + FURTHEST:
        problems.append(Problem("starts_at", "只能排 92 天以内的班。"))
    if worked and ends_at > now:
        problems.append(Problem("ends_at", "还没有下班,不能登记为已上班。"))
    if problems:
        raise Invalid.all(problems)
    return name


def reason_of(field: str, text: str) -> str:
    """A reason, clean. Raises Invalid."""
    said = text.strip()
    if not REASON_LEAST <= len(said) <= REASON_MOST:
        raise Invalid.of(
            field, "请写明理由,{least} 到 {most} 字。", least=REASON_LEAST, most=REASON_MOST
        )
    return said
