"""A report into a case with its story so far, and the first task with its first offer."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from wangge.cases.commands import Ground
from wangge.cases.model import Case, Limit, State, Verb
from wangge.cases.queries import NewCase, Step
from wangge.dispatch.decide.placing import area_of, check, class_of, new_receipt, title_of
from wangge.dispatch.decide.report import CONTROL, Decision, Grounds, Report
from wangge.dispatch.decide.routing import Route, route_of
from wangge.kernel.moments import new_id
from wangge.tasks import NewTask

PLACE_MAX = 200


@dataclass(slots=True)
class _Story:
    """The lines written while a report passes through several states at once."""

    case_id: UUID
    actor_id: UUID
    now: datetime
    lines: list[Step] = field(default_factory=list[Step])
    state: str | None = None

    def add(
        self, verb: Verb, to: State, limit: Limit, opinion: str, target: str | None
    ) -> None:
        self.lines.append(
            Step(
                new_id(self.now),
                self.case_id,
                len(self.lines),
                self.now,
                self.actor_id,
                verb.value,
                self.state,
                to.value,
                opinion,
                target,
                0,
                False,
                limit.due_at,
                limit.what,
                limit.cause,
            )
        )
        self.state = to.value


def decide(report: Report, grounds: Grounds, now: datetime) -> Decision:
    """Place, classify, trust, route, time. Raises Refusal naming the field and the way out."""
    words = check(report, now)
    area_code, where_note = area_of(report, grounds)
    known, class_by, class_reason = class_of(report, grounds, area_code, words, now)
    war = grounds.responses.mode(area_code, now) == "war"
    ground = Ground(grounds.reference, war)
    route = route_of(report, grounds, ground, area_code, known, class_by, now)
    response = grounds.responses.live(area_code, now)
    reported_at = report.reported_at or now
    case = Case(
        id=report.id,
        receipt=new_receipt(),
        area_code=area_code,
        channel=report.channel,
        trusted=report.trusted,
        class_code=known.code if known else None,
        platform=known.platform.value if known else None,
        rule_id=route.rule_id,
        route_reason=route.reason + where_note,
        unit=route.target,
        owner_id=None,
        handler_id=report.by.id if route.state is State.SELF_CLOSED else None,
        reporter_id=report.by.id if report.by.kind == "staff" else None,
        level=route.level.value,
        state=route.state,
        urgent=known.urgent if known else False,
        verified=False,
        returned=False,
        returns=0,
        reworks=0,
        reopened=0,
        score=None,
        merged_into=None,
        result=report.self_close or "",
        reported_at=reported_at,
        state_at=now,
        due_at=route.limit.due_at,
        due_what=route.limit.what,
        due_cause=route.limit.cause,
        final_due_at=None,
        final_cause="",
        final_minutes=None,
        final_kind=None,
        paused_minutes=None,
        # Ten thousand imported cases must not climb to the county together.
        climb_at=route.limit.due_at if report.offer else None,
        ended_at=now if route.state is State.SELF_CLOSED else None,
        version=1,
    )
    if route.state is State.DISPATCHED and known is not None:
        case = case.clock(
            ground.span_of(known), now, grounds.reference.calendar, f"{known.name_zh}处置"
        )
    story = _Story(report.id, report.by.id, now)
    for verb, to, limit, opinion, target in route.lines:
        story.add(verb, to, limit, opinion, target)
    new = NewCase(
        case=case,
        words=words,
        title=title_of(words, known),
        place=CONTROL.sub("", report.place).strip()[:PLACE_MAX],
        lon=report.lon,
        lat=report.lat,
        unit_id=report.unit_id,
        dwelling_id=report.dwelling_id,
        external_id=report.external_id,
        contact_sealed=report.contact_sealed,
        contact_mask=report.contact_mask,
        class_by=class_by,
        class_reason=class_reason,
        response_id=response.id if response and known and known.needs_response else None,
    )
    return Decision(report, new, tuple(story.lines), _task(report, route, case, now))


def _task(report: Report, route: Route, case: Case, now: datetime) -> NewTask | None:
    if route.kind is None:
        return None
    return NewTask(
        id=new_id(now),
        kind=route.kind,
        origin="case",
        origin_id=report.id,
        area_code=case.area_code,
        target=route.target,
        level=route.level.value,
        urgent=case.urgent,
        answer_minutes=route.answer_minutes,
        answer_by=now + timedelta(minutes=route.answer_minutes),
        due_at=case.due_at or now,
    )
