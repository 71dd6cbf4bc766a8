"""How far a report goes at once, by which rule, and who is asked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.cases.acts import SELF_CLOSE
from wangge.cases.commands import Ground, condition_of
from wangge.cases.model import NO_LIMIT, Limit, State, Verb, reason
from wangge.cases.taxonomy import CaseClass, Level
from wangge.dispatch.decide.report import Grounds, Report
from wangge.dispatch.rules import (
    NO_RULE,
    Asked,
    candidates,
    nearest_worker,
    passed_over,
    room_rule,
    why_asked,
)
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


def route_of(
    report: Report,
    grounds: Grounds,
    ground: Ground,
    area_code: str,
    known: CaseClass | None,
    class_by: str | None,
    now: datetime,
    resting: Collection[UUID] = (),
) -> Route:
    """As far as trust, class and rules carry it at once. Raises Forbidden and Invalid for a
    self-close that may not be."""
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
        return _verify_first(
            grounds, ground, area_code, told, urgent=urgent, now=now, resting=resting
        )
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
    asked = next(candidates(rule, area_code, grounds.roster, now, resting=resting), None)
    passed = passed_over(rule, area_code, grounds.roster, now, resting, asked)
    because = why_asked(rule.why, passed)
    if asked is None:
        return Route(
            State.FILED,
            to_dispatch,
            [told, filed],
            level,
            kept("{why};那里没有在岗的人,转指挥室", why=because),
            rule.id,
        )
    if not report.offer:
        meant = grounds.target_said(asked.target)
        return Route(
            State.FILED,
            to_dispatch,
            [told, filed],
            level,
            kept("{why};拟派{whom},等派遣员派遣", why=because, whom=meant),
            rule.id,
        )
    handling = ground.handling(known, now)
    return Route(
        State.DISPATCHED,
        handling,
        [
            told,
            filed,
            (Verb.DISPATCH, State.DISPATCHED, handling, because, asked.target),
        ],
        asked.level,
        because,
        rule.id,
        asked.target,
        TaskKind.HANDLE,
        rule.answer_minutes,
    )


def _verify_first(
    grounds: Grounds,
    ground: Ground,
    area_code: str,
    told: Line,
    *,
    urgent: bool,
    now: datetime,
    resting: Collection[UUID],
) -> Route:
    """A resident's or a camera's report is looked at by the nearest worker (核实) first."""
    limit = ground.limit(now, ground.reference.limits.verify, "verify", "核实")
    minutes = check_minutes(urgent=urgent)
    nearest = nearest_worker(minutes)
    asked: Asked | None = next(
        candidates(nearest, area_code, grounds.roster, now, resting=resting), None
    )
    passed = passed_over(nearest, area_code, grounds.roster, now, resting, asked)
    if asked is None:
        asked = next(candidates(room_rule(minutes), area_code, grounds.roster, now), None)
    if asked is None:
        return Route(
            State.REPORTED,
            told[2],
            [told],
            Level.STREET,
            kept("没有可核实的人员,等待受理"),
        )
    return Route(
        State.VERIFYING,
        limit,
        [
            told,
            (Verb.VERIFY, State.VERIFYING, limit, kept("居民、视频上报先核实"), asked.target),
        ],
        asked.level,
        why_asked(kept("居民、视频上报先由就近网格员核实"), passed),
        None,
        asked.target,
        TaskKind.VERIFY,
        minutes,
    )
