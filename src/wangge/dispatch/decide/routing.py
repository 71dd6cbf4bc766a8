"""How far a report goes at once, by which rule, and who is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.cases.acts import SELF_CLOSE
from wangge.cases.commands import Ground, condition_of
from wangge.cases.model import NO_LIMIT, Limit, State, Verb, reason
from wangge.cases.taxonomy import CaseClass, Level
from wangge.dispatch.asking import Choice
from wangge.dispatch.decide.report import Grounds, Report
from wangge.dispatch.rules import NO_RULE, Rule, nearest_worker, why_asked
from wangge.kernel.refusals import Forbidden, Invalid
from wangge.kernel.said import said as kept
from wangge.tasks import TaskKind

Line = tuple[Verb, State, Limit, str, str | None]
#: Minutes to answer a check, urgent and other.
_CHECK_MINUTES = (5, 30)


def check_minutes(*, urgent: bool) -> int:
    """How long a worker has to answer when asked to look."""
    return _CHECK_MINUTES[0 if urgent else 1]


#: Channels whose reports are looked at on the spot before they are filed.
VERIFIED_FIRST = frozenset({"resident", "camera"})


@dataclass(frozen=True, slots=True)
class Route:
    """How far it goes at once, by which rule, and who is asked."""

    state: State
    limit: Limit
    lines: Sequence[Line]
    level: Level
    reason: str
    rule_id: UUID | None = None
    target: str | None = None
    kind: TaskKind | None = None
    answer_minutes: int = 0
    #: Why the target is asked, where there was a choice.
    why_asked: str = ""


@dataclass(frozen=True, slots=True)
class Aim:
    """How far it goes where somebody is asked by `rule`: `kind` of task (None: the rule's choice is only
    told to the dispatcher), the lines of the story until then, and how it goes on."""

    rule: Rule
    kind: TaskKind | None
    lines: Sequence[Line]
    limit: Limit
    waits: Limit
    level: Level
    urgent: bool


def aim_of(
    report: Report,
    grounds: Grounds,
    ground: Ground,
    area_code: str,
    known: CaseClass | None,
    class_by: str | None,
    now: datetime,
) -> Route | Aim:
    """As far as trust, class and rules carry it, up to the question who is asked. Raises Forbidden and
    Invalid for a self-close that may not be."""
    limits = ground.reference.limits
    urgent = known.urgent if known else False
    level = known.first_level if known else Level.STREET
    span = limits.accept_urgent if urgent else limits.accept_other
    to_accept = ground.limit(now, span, "accept", "受理")
    told: Line = (Verb.REPORT, State.REPORTED, to_accept, "", None)
    if report.self_close is not None:
        said = reason("self_close", report.self_close)
        if not report.by.may_somewhere(SELF_CLOSE, now):
            raise Forbidden(SELF_CLOSE.name)
        if known is None or not known.on_the_spot:
            raise Invalid.of("self_close", "这一类事项不能现场自处,请上报处理。")
        return Route(
            State.SELF_CLOSED,
            NO_LIMIT,
            [told, (Verb.SELF_CLOSE, State.SELF_CLOSED, NO_LIMIT, said, None)],
            level,
            kept("现场自处"),
        )
    if report.channel in VERIFIED_FIRST and not report.trusted:
        verify = ground.limit(now, limits.verify, "verify", "核实")
        nearest = nearest_worker(check_minutes(urgent=urgent))
        return Aim(nearest, TaskKind.VERIFY, [told], verify, to_accept, Level.STREET, urgent)
    sure = class_by == "reporter" or report.words_decide
    if not report.trusted or known is None or not sure:
        why = kept("等待受理员确认分类") if known else kept("没有认出分类,等待受理")
        return Route(State.REPORTED, to_accept, [told], level, why)
    to_dispatch = ground.limit(now, limits.dispatch, "dispatch", "派遣")
    filed: Line = (Verb.FILE, State.FILED, to_dispatch, condition_of(known), None)
    rule = grounds.rules.match(
        known.code,
        area_code,
        report.channel,
        war=ground.war,
        calendar=ground.reference.calendar,
        now=now,
    )
    if rule is None:
        return Route(State.FILED, to_dispatch, [told, filed], level, NO_RULE)
    kind = TaskKind.HANDLE if report.offer else None
    handling = ground.handling(known, now)
    return Aim(rule, kind, [told, filed], handling, to_dispatch, level, urgent)


def route_to(aim: Aim, choice: Choice, grounds: Grounds) -> Route:
    """To whom it goes in the end."""
    asked = choice.asked
    if aim.kind is TaskKind.VERIFY:
        return _to_verify(aim, choice)
    because = why_asked(aim.rule.why, choice.resting)
    if asked is None:
        why = kept("{why};那里没有在岗的人,转指挥室", why=because)
        return Route(State.FILED, aim.waits, aim.lines, aim.level, why, aim.rule.id)
    if aim.kind is None:
        meant = grounds.target_said(asked.target)
        why = kept("{why};拟派{whom},等派遣员派遣", why=because, whom=meant)
        return Route(State.FILED, aim.waits, aim.lines, aim.level, why, aim.rule.id)
    line: Line = (Verb.DISPATCH, State.DISPATCHED, aim.limit, because, asked.target)
    return Route(
        State.DISPATCHED,
        aim.limit,
        [*aim.lines, line],
        asked.level,
        because,
        aim.rule.id,
        asked.target,
        aim.kind,
        aim.rule.answer_minutes,
        choice.why,
    )


def _to_verify(aim: Aim, choice: Choice) -> Route:
    """A resident's or a camera's report is looked at by the nearest worker (核实) first."""
    asked = choice.asked
    if asked is None:
        why = kept("没有可核实的人员,等待受理")
        return Route(State.REPORTED, aim.waits, aim.lines, aim.level, why)
    line: Line = (
        *(Verb.VERIFY, State.VERIFYING, aim.limit, kept("居民、视频上报先核实")),
        asked.target,
    )
    return Route(
        State.VERIFYING,
        aim.limit,
        [*aim.lines, line],
        asked.level,
        why_asked(kept("居民、视频上报先由就近网格员核实"), choice.resting),
        None,
        asked.target,
        TaskKind.VERIFY,
        aim.rule.answer_minutes,
        choice.why,
    )
