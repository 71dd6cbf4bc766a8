"""Cases decided without the database: states, verbs, limits. After domain.md §5.2.

A verb moves a case from some states to one state; what is not in `MOVES` is refused. Limits are
values with their cause, reckoned when a state is entered and never recomputed behind anybody's back.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from wangge.kernel.calendars import Calendar
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.said import said
from wangge.kernel.worktime import Span, TimerKind, due, worked_between
from wangge.kernel.worktime import after as after_minutes


class State(StrEnum):
    """The fine states; the phone's drafts are not here, they live on the phone."""

    REPORTED = "reported"
    SELF_CLOSED = "self_closed"
    VERIFYING = "verifying"
    FILED = "filed"
    DISPATCHED = "dispatched"
    ACKED = "acked"
    HANDLING = "handling"
    EXTENSION_PENDING = "extension_pending"
    SUSPENDED = "suspended"
    HANDLED = "handled"
    INSPECTING = "inspecting"
    REWORK = "rework"
    CLOSED = "closed"
    CALLED_BACK = "called_back"
    VOID = "void"
    MERGED = "merged"


class Stage(StrEnum):
    """The six public stages of [R6]; what a resident is shown."""

    REPORT = "上报"
    FILE = "立案"
    DISPATCH = "派遣"
    HANDLE = "处置"
    FEEDBACK = "反馈"
    CLOSE = "结案"


STAGES: dict[State, Stage] = {
    State.REPORTED: Stage.REPORT,
    State.VERIFYING: Stage.REPORT,
    State.FILED: Stage.FILE,
    State.DISPATCHED: Stage.DISPATCH,
    State.ACKED: Stage.HANDLE,
    State.HANDLING: Stage.HANDLE,
    State.EXTENSION_PENDING: Stage.HANDLE,
    State.SUSPENDED: Stage.HANDLE,
    State.REWORK: Stage.HANDLE,
    State.HANDLED: Stage.FEEDBACK,
    State.INSPECTING: Stage.FEEDBACK,
    State.SELF_CLOSED: Stage.CLOSE,
    State.CLOSED: Stage.CLOSE,
    State.CALLED_BACK: Stage.CLOSE,
    State.VOID: Stage.CLOSE,
    State.MERGED: Stage.CLOSE,
}

STATE_NAMES: dict[State, str] = {
    State.REPORTED: "待受理",
    State.SELF_CLOSED: "自处办结",
    State.VERIFYING: "核实中",
    State.FILED: "已立案",
    State.DISPATCHED: "已派遣",
    State.ACKED: "已接单",
    State.HANDLING: "处置中",
    State.EXTENSION_PENDING: "延期待批",
    State.SUSPENDED: "挂起",
    State.HANDLED: "待核查",
    State.INSPECTING: "核查中",
    State.REWORK: "返工",
    State.CLOSED: "已结案",
    State.CALLED_BACK: "已回访",
    State.VOID: "作废",
    State.MERGED: "并案",
}

ENDED = frozenset(
    {State.SELF_CLOSED, State.CLOSED, State.CALLED_BACK, State.VOID, State.MERGED}
)
WORKING = frozenset({State.DISPATCHED, State.ACKED, State.HANDLING, State.REWORK})


class Verb(StrEnum):
    """What can be done to a case. `verify` is 核实, before filing; `inspect` is 核查, before
    closing: two different checks, which projects mix up (domain.md §5.4)."""

    REPORT = "report"
    SELF_CLOSE = "self_close"
    VERIFY = "verify"
    VERIFIED = "verified"
    REFUTED = "refuted"
    FILE = "file"
    RETURN_TO_ACCEPTOR = "return_to_acceptor"
    VOID = "void"
    MERGE = "merge"
    DISPATCH = "dispatch"
    RETURN_TO_DISPATCHER = "return_to_dispatcher"
    ACK = "ack"
    START = "start"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    DENY_EXTENSION = "deny_extension"
    SUSPEND = "suspend"
    RESUME = "resume"
    FINISH = "finish"
    INSPECT = "inspect"
    PASS = "pass"
    REWORK = "rework"
    CLOSE = "close"
    CALL_BACK = "call_back"
    REOPEN = "reopen"
    RECLASSIFY = "reclassify"
    ESCALATE = "escalate"
    NOTE = "note"
    APPEAL = "appeal"


VERB_NAMES: dict[Verb, str] = {
    Verb.REPORT: "上报",
    Verb.SELF_CLOSE: "现场自处办结",
    Verb.VERIFY: "派人核实(立案前)",
    Verb.VERIFIED: "核实属实",
    Verb.REFUTED: "核实不属实",
    Verb.FILE: "立案",
    Verb.RETURN_TO_ACCEPTOR: "退回受理",
    Verb.VOID: "作废",
    Verb.MERGE: "并案",
    Verb.DISPATCH: "派遣",
    Verb.RETURN_TO_DISPATCHER: "退回派遣",
    Verb.ACK: "接单",
    Verb.START: "开始处置",
    Verb.ASK_EXTENSION: "申请延期",
    Verb.GRANT_EXTENSION: "同意延期",
    Verb.DENY_EXTENSION: "不同意延期",
    Verb.SUSPEND: "挂起",
    Verb.RESUME: "解挂",
    Verb.FINISH: "处置完成",
    Verb.INSPECT: "派人核查(结案前)",
    Verb.PASS: "核查通过",
    Verb.REWORK: "返工",
    Verb.CLOSE: "结案",
    Verb.CALL_BACK: "回访",
    Verb.REOPEN: "重新打开",
    Verb.RECLASSIFY: "改类",
    Verb.ESCALATE: "升级",
    Verb.NOTE: "备注",
    Verb.APPEAL: "申诉",
}

S = State
#: verb → (states it may start from, the state it leads to)
MOVES: dict[Verb, tuple[frozenset[State], State]] = {
    Verb.SELF_CLOSE: (frozenset({S.REPORTED}), S.SELF_CLOSED),
    Verb.VERIFY: (frozenset({S.REPORTED}), S.VERIFYING),
    Verb.VERIFIED: (frozenset({S.VERIFYING}), S.REPORTED),
    Verb.REFUTED: (frozenset({S.VERIFYING}), S.REPORTED),
    Verb.FILE: (frozenset({S.REPORTED}), S.FILED),
    Verb.RETURN_TO_ACCEPTOR: (frozenset({S.FILED}), S.REPORTED),
    Verb.VOID: (frozenset({S.REPORTED}), S.VOID),
    Verb.MERGE: (frozenset({S.REPORTED, S.FILED}), S.MERGED),
    Verb.DISPATCH: (frozenset({S.FILED}), S.DISPATCHED),
    Verb.RETURN_TO_DISPATCHER: (
        frozenset({S.DISPATCHED, S.ACKED, S.HANDLING, S.REWORK}),
        S.FILED,
    ),
    Verb.ACK: (frozenset({S.DISPATCHED}), S.ACKED),
    Verb.START: (frozenset({S.ACKED, S.REWORK}), S.HANDLING),
    Verb.ASK_EXTENSION: (frozenset({S.ACKED, S.HANDLING}), S.EXTENSION_PENDING),
    Verb.GRANT_EXTENSION: (frozenset({S.EXTENSION_PENDING}), S.HANDLING),
    Verb.DENY_EXTENSION: (frozenset({S.EXTENSION_PENDING}), S.HANDLING),
    Verb.SUSPEND: (frozenset({S.ACKED, S.HANDLING}), S.SUSPENDED),
    Verb.RESUME: (frozenset({S.SUSPENDED}), S.HANDLING),
    Verb.FINISH: (frozenset({S.ACKED, S.HANDLING, S.REWORK}), S.HANDLED),
    Verb.INSPECT: (frozenset({S.HANDLED}), S.INSPECTING),
    Verb.PASS: (frozenset({S.INSPECTING}), S.CLOSED),
    Verb.REWORK: (frozenset({S.HANDLED, S.INSPECTING}), S.REWORK),
    Verb.CLOSE: (frozenset({S.HANDLED}), S.CLOSED),
    Verb.CALL_BACK: (frozenset({S.CLOSED}), S.CALLED_BACK),
    Verb.REOPEN: (frozenset({S.CLOSED, S.CALLED_BACK, S.SELF_CLOSED}), S.FILED),
}
del S


@dataclass(eq=False)
class WrongState(Refusal):
    """The verb does not start from this state."""

    says: ClassVar[str] = "这件事现在是“{state}”,不能“{verb}”。"
    status: ClassVar[int] = 409
    state: str
    verb: str


@dataclass(eq=False)
class MustRedispatch(Refusal):
    """After a unit returned it, a case is dispatched again or goes back, never forward."""

    says: ClassVar[str] = "这件事被处置单位退回过,只能重新派遣或退回受理。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class AlreadyOwned(Refusal):
    """Acceptors share a pool; the first to file owns it."""

    says: ClassVar[str] = "这件事已经由另一位受理员立案。"
    status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Limit:
    """When something is awaited by, what is awaited, and why then."""

    due_at: datetime | None
    what: str | None
    cause: str


NO_LIMIT = Limit(None, None, "")


@dataclass(frozen=True, slots=True)
class Limits:
    """A district's spans for the states that are not the class's own (domain.md §5.2)."""

    accept_urgent: Span
    accept_other: Span
    verify: Span
    dispatch: Span
    decide: Span
    inspect: Span
    close: Span


KIND_NAMES: dict[TimerKind, str] = {
    TimerKind.URGENT_HOUR: "紧急工作时",
    TimerKind.WORK_HOUR: "工作时",
    TimerKind.WORK_DAY: "工作日",
    TimerKind.NATURAL_DAY: "自然日",
}


#: As printed beside a deadline: 2紧急工作时, 0.25紧急工作时, 7工作日.
SPAN_WORDS: dict[TimerKind, str] = {kind: "{n}" + name for kind, name in KIND_NAMES.items()}


def span_said(span: Span) -> str:
    """A span as a sentence to keep."""
    return said(SPAN_WORDS[span.kind], n=f"{float(span.value):g}")


def limit_from(start: datetime, span: Span, what: str, why: str, calendar: Calendar) -> Limit:
    """A limit so long after `start`, with its cause as a sentence to keep."""
    cause = said("{what}:{span}", what=why, span=span_said(span))
    return Limit(due(start, span, calendar), what, cause)


@dataclass(frozen=True, slots=True)
class Case:
    """What a verb needs to know of a case; the words stay in the database."""

    id: UUID
    receipt: str
    area_code: str
    channel: str
    trusted: bool
    class_code: str | None
    platform: str | None
    rule_id: UUID | None
    route_reason: str
    unit: str | None
    owner_id: UUID | None
    handler_id: UUID | None
    reporter_id: UUID | None
    level: str
    state: State
    urgent: bool
    verified: bool
    returned: bool
    returns: int
    reworks: int
    reopened: int
    score: int | None
    merged_into: UUID | None
    result: str
    reported_at: datetime
    state_at: datetime
    due_at: datetime | None
    due_what: str | None
    due_cause: str
    final_due_at: datetime | None
    final_cause: str
    final_minutes: int | None
    final_kind: str | None
    paused_minutes: int | None
    climb_at: datetime | None
    ended_at: datetime | None
    version: int

    def may(self, verb: Verb) -> bool:
        """Whether the state alone would allow the verb."""
        return self.state in MOVES[verb][0]

    def late(self, now: datetime) -> bool:
        """Whether the present state's limit has passed."""
        return self.due_at is not None and now > self.due_at

    def move(self, verb: Verb, now: datetime, limit: Limit) -> "Case":
        """By a verb into its state, under a new limit."""
        starts, ends = MOVES[verb]
        if self.state not in starts:
            raise WrongState(STATE_NAMES[self.state], VERB_NAMES[verb])
        return replace(
            self,
            state=ends,
            state_at=now,
            due_at=limit.due_at,
            due_what=limit.what,
            due_cause=limit.cause,
            climb_at=limit.due_at,
            ended_at=now if ends in ENDED else None,
            version=self.version + 1,
        )

    def clock(self, span: Span, now: datetime, calendar: Calendar, why: str) -> "Case":
        """Start the handling clock: the class limit, counted from now."""
        limit = limit_from(now, span, "handle", why, calendar)
        return replace(
            self,
            final_due_at=limit.due_at,
            final_cause=limit.cause,
            final_minutes=span.minutes(calendar),
            final_kind=span.kind.value,
            paused_minutes=None,
        )

    def handling_limit(self) -> Limit:
        """While somebody works on it, the class limit is what is awaited."""
        return Limit(self.final_due_at, "handle", self.final_cause)

    def pause(self, now: datetime, calendar: Calendar) -> "Case":
        """Stop the handling clock. What was left is kept; lateness is kept too."""
        return replace(self, paused_minutes=self._left(now, calendar))

    def unpause(self, now: datetime, calendar: Calendar) -> "Case":
        """Let the clock run on with what was left."""
        left = self.paused_minutes or 0
        return replace(
            self,
            final_due_at=after_minutes(now, left, self._kind(), calendar),
            final_cause=said("解挂后继续计时"),
            paused_minutes=None,
        )

    def again(self, now: datetime, calendar: Calendar) -> "Case":
        """Rework: what is left of the limit and half of the limit more (domain.md §5.2)."""
        left = max(0, self._left(now, calendar))
        more = (self.final_minutes or 0) // 2
        return replace(
            self,
            final_due_at=after_minutes(now, left + more, self._kind(), calendar),
            final_cause=said("返工:剩余时间加时限的一半"),
            reworks=self.reworks + 1,
        )

    def _kind(self) -> TimerKind:
        return TimerKind(self.final_kind or TimerKind.URGENT_HOUR)

    def _left(self, now: datetime, calendar: Calendar) -> int:
        if self.final_due_at is None:
            return 0
        return worked_between(now, self.final_due_at, self._kind(), calendar)


def reason(field: str, text: str) -> str:
    """A return, a void, a rework: each needs a written reason."""
    cleaned = text.strip()
    if len(cleaned) < 2:
        raise Invalid.of(field, "请写明原因(至少两个字)。")
    if len(cleaned) > 1000:
        raise Invalid.of(field, "原因太长,请在 1000 字以内。")
    return cleaned


def minutes_between(a: datetime, b: datetime) -> int:
    """Whole minutes on the wall clock, for the story's time used."""
    return max(0, int((b - a) / timedelta(minutes=1)))


__all__ = [
    "ENDED",
    "MOVES",
    "NO_LIMIT",
    "SPAN_WORDS",
    "STAGES",
    "STATE_NAMES",
    "VERB_NAMES",
    "WORKING",
    "AlreadyOwned",
    "Case",
    "Limit",
    "Limits",
    "MustRedispatch",
    "Stage",
    "State",
    "Verb",
    "WrongState",
    "limit_from",
    "minutes_between",
    "reason",
    "span_said",
]
