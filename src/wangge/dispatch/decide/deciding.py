"""A report into a case with its story so far, and the first task with its first offer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from wangge.cases.commands import Ground
from wangge.cases.model import Case, State
from wangge.cases.queries import NewCase, Step
from wangge.cases.taxonomy import CaseClass
from wangge.dispatch.asking import Choice, Want, planned
from wangge.dispatch.decide.placing import area_of, check, class_of, new_receipt, title_of
from wangge.dispatch.decide.report import CONTROL, Decision, Grounds, Report
from wangge.dispatch.decide.routing import Aim, Route, aim_of, route_to
from wangge.kernel.moments import new_ids
from wangge.kernel.said import said
from wangge.responses.model import Response
from wangge.tasks import NewTask

PLACE_MAX = 200


@dataclass(frozen=True, slots=True)
class Aimed:
    """A report placed, classified and judged: where it goes, or by which rule somebody is asked."""

    report: Report
    words: str
    area_code: str
    where_note: str
    response: Response | None
    ground: Ground
    known: CaseClass | None
    class_by: str | None
    class_reason: str
    goes: Route | Aim


def aim(report: Report, grounds: Grounds, now: datetime) -> Aimed:
    """Place, classify, trust, route; whom the rule's people are is another's question. Raises Refusal
    naming the field and the way out."""
    words = check(report, now)
    area_code, where_note = area_of(report, grounds)
    response = grounds.responses.live(area_code, now)
    known, class_by, class_reason = class_of(
        report, grounds, area_code, words, declared=response is not None
    )
    ground = grounds.peace if response is None else grounds.war
    goes = aim_of(report, grounds, ground, area_code, known, class_by, now)
    return Aimed(
        report,
        words,
        area_code,
        where_note,
        response,
        ground,
        known,
        class_by,
        class_reason,
        goes,
    )


def wanted(aimed: Aimed) -> Want | None:
    """Whom it takes, where somebody is asked."""
    goes = aimed.goes
    if not isinstance(goes, Aim):
        return None
    return Want(goes.rule, aimed.area_code, goes.urgent)


def decide(report: Report, grounds: Grounds, now: datetime) -> Decision:
    """At once, by the posts alone, whatever anybody has to do already: for what is only shown, or waits
    for a dispatcher. Raises Refusal."""
    aimed = aim(report, grounds, now)
    return settle(aimed, by_posts(aimed, grounds, now), grounds, now)


def by_posts(aimed: Aimed, grounds: Grounds, now: datetime) -> Choice:
    """Whom the rule means."""
    want = wanted(aimed)
    return Choice(planned(want, grounds.around, now) if want else None)


def settle(aimed: Aimed, choice: Choice, grounds: Grounds, now: datetime) -> Decision:
    """The case with its story, and the task of whoever was chosen."""
    report, ground, known = aimed.report, aimed.ground, aimed.known
    goes = aimed.goes
    route = route_to(goes, choice, grounds) if isinstance(goes, Aim) else goes
    span = ground.span_of(known) if known and route.state is State.DISPATCHED else None
    case = Case(
        id=report.id,
        receipt=new_receipt(),
        area_code=aimed.area_code,
        channel=report.channel,
        trusted=report.trusted,
        class_code=known.code if known else None,
        platform=known.platform if known else None,
        rule_id=route.rule_id,
        route_reason=said("{why};{where}", why=route.reason, where=aimed.where_note)
        if aimed.where_note
        else route.reason,
        unit=route.target,
        owner_id=None,
        handler_id=report.by.id if route.state is State.SELF_CLOSED else None,
        reporter_id=report.by.id if report.by.kind == "staff" else None,
        level=route.level,
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
        reported_at=report.reported_at or now,
        state_at=now,
        due_at=route.limit.due_at,
        due_what=route.limit.what,
        due_cause=route.limit.cause,
        # Dispatched: the class clock runs, and it is what is awaited.
        final_due_at=route.limit.due_at if span else None,
        final_cause=route.limit.cause if span else "",
        final_minutes=span.minutes(ground.reference.calendar) if span else None,
        final_kind=span.kind if span else None,
        paused_minutes=None,
        # Ten thousand imported cases must not climb to the county together.
        climb_at=route.limit.due_at if report.offer else None,
        ended_at=now if route.state is State.SELF_CLOSED else None,
        version=1,
    )
    ids = new_ids(now, len(route.lines) + 1)
    steps: list[Step] = []
    before: State | None = None
    for verb, to, limit, opinion, target in route.lines:
        steps.append(
            Step(
                ids.pop(),
                report.id,
                len(steps),
                now,
                report.by.id,
                verb,
                before,
                to,
                opinion,
                target,
                0,
                False,
                limit.due_at,
                limit.what,
                limit.cause,
            )
        )
        before = to
    new = NewCase(
        case=case,
        words=aimed.words,
        title=title_of(aimed.words, known),
        place=CONTROL.sub("", report.place).strip()[:PLACE_MAX],
        lon=report.lon,
        lat=report.lat,
        unit_id=report.unit_id,
        dwelling_id=report.dwelling_id,
        external_id=report.external_id,
        contact_sealed=report.contact_sealed,
        contact_mask=report.contact_mask,
        class_by=aimed.class_by,
        class_reason=aimed.class_reason,
        response_id=aimed.response.id
        if aimed.response and known and known.needs_response
        else None,
    )
    return Decision(report, new, tuple(steps), _task(ids.pop(), report, route, case, now))


def _task(id_: UUID, report: Report, route: Route, case: Case, now: datetime) -> NewTask | None:
    if route.kind is None:
        return None
    return NewTask(
        id=id_,
        kind=route.kind,
        origin="case",
        origin_id=report.id,
        area_code=case.area_code,
        target=route.target,
        level=route.level,
        urgent=case.urgent,
        answer_minutes=route.answer_minutes,
        answer_by=now + timedelta(minutes=route.answer_minutes),
        due_at=case.due_at or now,
        why=route.why_asked,
    )
