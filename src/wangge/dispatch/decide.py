"""What becomes of a report, decided without the database."""

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from wangge.cases.acts import REPORT, SELF_CLOSE
from wangge.cases.classify import classify
from wangge.cases.commands import Ground
from wangge.cases.model import NO_LIMIT, STAGES, Case, Limit, State, Verb, reason
from wangge.cases.queries import NewCase, Step
from wangge.cases.reference import Reference
from wangge.cases.taxonomy import CaseClass, Level
from wangge.dispatch.rules import (
    NO_RULE,
    Asked,
    Rulebook,
    candidates,
    nearest_worker,
    room_rule,
)
from wangge.dispatch.targets import target_words
from wangge.kernel.actors import Actor
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, Refusal
from wangge.people.roster import Roster
from wangge.places import Atlas
from wangge.places.geometry import shapely
from wangge.responses import NoResponse
from wangge.responses.model import Responses
from wangge.tasks import NewTask, TaskKind

WORDS_MAX = 2000
PLACE_MAX = 200
TITLE_MAX = 40
#: Degrees around the county's boundary that a phone's position may be off by (about 300 m).
DRIFT = 0.003
#: A live report may claim to be this old (a phone can be without a network for days).
OLD_MAX = timedelta(days=30)
AHEAD_MAX = timedelta(minutes=10)
CHANNELS = frozenset(
    {"worker", "resident", "hotline", "police", "camera", "enterprise", "superior", "batch"}
)
#: Channels whose reports are looked at on the spot before they are filed.
VERIFIED_FIRST = frozenset({"resident", "camera"})


@dataclass(eq=False)
class OtherDistrict(Refusal):
    """The place is not ours; we say so at once instead of letting it wait in a wrong queue."""

    says: ClassVar[str] = (
        "这个位置不在本区(县)范围内。请向当地反映,或拨打 12345;紧急情况拨 110、119、120。"
    )
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Report:
    """Something a person, a hotline or a machine says needs attention."""

    id: UUID
    by: Actor
    words: str
    channel: str = "worker"
    class_code: str | None = None
    area_code: str | None = None
    lon: float | None = None
    lat: float | None = None
    place: str = ""
    unit_id: UUID | None = None
    dwelling_id: UUID | None = None
    photos: tuple[UUID, ...] = ()
    trusted: bool = False
    reported_at: datetime | None = None
    external_id: str | None = None
    self_close: str | None = None
    contact_sealed: bytes | None = None
    contact_mask: str | None = None
    #: An importer brings old cases; their time is taken as it is.
    historic: bool = False
    #: An importer vouches for what the words say; otherwise an acceptor confirms the class.
    words_decide: bool = False
    #: False: filed and routed, but nobody is asked before a dispatcher says so.
    offer: bool = True

    def clean_words(self) -> str:
        """Without NUL and other control characters, which PostgreSQL or a screen would choke on."""
        return _CONTROL.sub("", self.words).strip()


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BREAK = re.compile(r"[。!?!?\n;;]")


@dataclass(frozen=True, slots=True)
class Grounds:
    """What reports are judged by, as of one transaction."""

    reference: Reference
    responses: Responses
    atlas: Atlas
    roster: Roster
    rules: Rulebook

    def stage(self, state: str) -> str:
        return STAGES[State(state)].value

    def class_name(self, code: str | None) -> str:
        known = self.reference.classes.get(code or "")
        return known.name_zh if known else ""

    def target_name(self, target: str | None) -> str:
        """A target in words for the reporter: a person only by post."""
        return target_words(target, self.roster, self.atlas)


@dataclass(frozen=True, slots=True)
class Decision:
    """A report's case with its story so far, and the first task with its first offer."""

    report: Report
    case: NewCase
    steps: tuple[Step, ...]
    task: NewTask | None


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
    words = _check(report, now)
    area_code, where_note = _area(report, grounds)
    known, class_by, class_reason = _class(report, grounds, area_code, words, now)
    war = grounds.responses.mode(area_code, now) == "war"
    ground = Ground(grounds.reference, war)
    route = _route(report, grounds, ground, area_code, known, class_by, now)
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
        place=_CONTROL.sub("", report.place).strip()[:PLACE_MAX],
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


# -- checking ----------------------------------------------------------------------------------


def _check(report: Report, now: datetime) -> str:
    """The report's words, clean. Raises Invalid."""
    if report.channel not in CHANNELS:
        raise Invalid.of("channel", "没有“{channel}”这个渠道。", channel=report.channel)
    if report.by.kind != "resident" and not report.by.may_somewhere(REPORT, now):
        raise Forbidden(REPORT.name)
    words = report.clean_words()
    if not words and not report.class_code:
        raise Invalid.of("words", "请写几个字说明情况,或选一个事项。")
    if len(words) > WORDS_MAX:
        raise Invalid.of("words", "内容请在 {most} 字以内。", most=WORDS_MAX)
    claimed = report.reported_at
    if claimed is not None:
        oldest = now - OLD_MAX
        if claimed > now + AHEAD_MAX:
            raise Invalid.of("reported_at", "上报时间不能晚于现在。")
        if not report.historic and claimed < oldest:
            raise Invalid.of("reported_at", "上报时间太早;历史事件请用批量导入。")
    if (report.lon is None) != (report.lat is None):
        raise Invalid.of("lon", "经度和纬度要一起给。")
    if (
        report.lon is not None
        and report.lat is not None
        and not (
            math.isfinite(report.lon)
            and math.isfinite(report.lat)
            and -180 <= report.lon <= 180
            and -90 <= report.lat <= 90
        )
    ):
        raise Invalid.of("lon", "经纬度不对:经度在 -180 到 180 之间,纬度在 -90 到 90 之间。")
    return words


def _area(report: Report, grounds: Grounds) -> tuple[str, str]:
    """Where it belongs, and a note when that is only roughly known."""
    atlas = grounds.atlas
    county = atlas.county
    if report.area_code:
        code = report.area_code
        if not re.fullmatch(r"\d{6}|\d{9}|\d{12}|\d{15}|\d{18}", code):
            raise Invalid.of(
                "area_code",
                "区域编码“{code}”不对:应为 6、9、12、15 或 18 位数字。",
                code=code[:30],
            )
        if not code.startswith(county):
            raise OtherDistrict()
        area = atlas.area(code)
        if area is None:
            raise Invalid.of("area_code", "没有编码为“{code}”的区域。", code=code)
        if area.open:
            return code, ""
        successors = atlas.resolve(code)
        if len(successors) == 1:
            return successors[0], ""
        if report.lon is not None and report.lat is not None:
            inside = atlas.grid_of(report.lon, report.lat)
            if inside in successors:
                return inside, ""
        return code[:12], ";原网格已拆分,先到社区"
    if report.lon is not None and report.lat is not None:
        inside = atlas.grid_of(report.lon, report.lat)
        if inside is not None:
            return inside, ""
        shape = atlas.shape(county)
        here = shapely.Point(report.lon, report.lat)
        if shape is not None and not report.historic and shape.distance(here) > DRIFT:
            raise OtherDistrict()
        return county, ";位置不在任何网格内"
    return county, ";没有位置"


def _class(
    report: Report, grounds: Grounds, area_code: str, words: str, now: datetime
) -> tuple[CaseClass | None, str | None, str]:
    """The chosen class or a keyword table's, by whom, and why."""
    reference = grounds.reference
    declared = grounds.responses.live(area_code, now) is not None
    if report.class_code:
        known = reference.classes.get(report.class_code)
        if known is None:
            raise Invalid.of(
                "class_code", "没有“{code}”这个事项分类。", code=report.class_code[:30]
            )
        if known.needs_response and not declared:
            raise NoResponse(area_code)
        return known, "reporter", f"填报人选定 {known.code} {known.name_zh}"
    guess = classify(words, None, reference.keywords if declared else reference.peace)
    known = reference.classes.get(guess.code or "")
    return known, "keywords" if known else None, guess.reason_zh


def title_of(words: str, known: CaseClass | None) -> str:
    """The first sentence, short; without words, the class's name."""
    if not words:
        return known.name_zh if known else ""
    first = _BREAK.split(words, maxsplit=1)[0].strip() or words
    return first if len(first) <= TITLE_MAX else first[: TITLE_MAX - 1] + "…"


#: Crockford's base 32: no I, L, O, U, so that a number read over the telephone stays right.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_receipt() -> str:
    """Twelve characters by chance (60 bits): nobody guesses another's receipt."""
    chance = int.from_bytes(os.urandom(8), "big")
    drawn = "".join(_ALPHABET[(chance >> (5 * at)) & 31] for at in range(12))
    return f"{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"


# -- routing -----------------------------------------------------------------------------------

Line = tuple[Verb, State, Limit, str, str | None]


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


#: Minutes to answer a check, urgent and other.
CHECK_MINUTES = (5, 30)


def _route(
    report: Report,
    grounds: Grounds,
    ground: Ground,
    area_code: str,
    known: CaseClass | None,
    class_by: str | None,
    now: datetime,
) -> Route:
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
            "现场自处",
        )
    if report.channel in VERIFIED_FIRST and not report.trusted:
        return _verify_first(grounds, ground, area_code, told, urgent=urgent, now=now)
    sure = class_by == "reporter" or report.words_decide
    if not report.trusted or known is None or not sure:
        why = "等待受理员确认分类" if known else "没有认出分类,等待受理"
        return Route(State.REPORTED, to_accept, [told], level, why)
    to_dispatch = ground.limit(now, limits.dispatch, "dispatch", "派遣")
    filed: Line = (Verb.FILE, State.FILED, to_dispatch, known.condition_zh, None)
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
    asked = next(candidates(rule, area_code, grounds.roster, now), None)
    if asked is None:
        return Route(
            State.FILED,
            to_dispatch,
            [told, filed],
            level,
            f"{rule.reason()};那里没有在岗的人,转指挥室",
            rule.id,
        )
    if not report.offer:
        meant = target_words(asked.target, grounds.roster, grounds.atlas)
        return Route(
            State.FILED,
            to_dispatch,
            [told, filed],
            level,
            f"{rule.reason()};拟派{meant},等派遣员派遣",
            rule.id,
        )
    handling = ground.limit(now, known.span, "handle", f"{known.name_zh}处置")
    return Route(
        State.DISPATCHED,
        handling,
        [
            told,
            filed,
            (Verb.DISPATCH, State.DISPATCHED, handling, rule.reason(), asked.target),
        ],
        asked.level,
        rule.reason(),
        rule.id,
        asked.target,
        TaskKind.HANDLE,
        rule.answer_minutes,
    )


def _verify_first(
    grounds: Grounds, ground: Ground, area_code: str, told: Line, *, urgent: bool, now: datetime
) -> Route:
    """A resident's or a camera's report is looked at by the nearest worker (核实) first."""
    limit = ground.limit(now, ground.reference.limits.verify, "verify", "核实")
    minutes = CHECK_MINUTES[0] if urgent else CHECK_MINUTES[1]
    asked: Asked | None = next(
        candidates(nearest_worker(area_code, minutes), area_code, grounds.roster, now), None
    )
    if asked is None:
        asked = next(candidates(room_rule(minutes), area_code, grounds.roster, now), None)
    if asked is None:
        return Route(State.REPORTED, told[2], [told], Level.STREET, "没有可核实的人员,等待受理")
    return Route(
        State.VERIFYING,
        limit,
        [told, (Verb.VERIFY, State.VERIFYING, limit, "居民、视频上报先核实", asked.target)],
        asked.level,
        "居民、视频上报先由就近网格员核实",
        None,
        asked.target,
        TaskKind.VERIFY,
        minutes,
    )


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
