"""Reading single cases: the whole story in order, neighbours, points for the map, receipts."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from wangge.cases.acts import ACCEPT, CALL_BACK, CLOSE, DECIDE, DISPATCH, READ, SELF_CLOSE
from wangge.cases.limits import DUPLICATE_HOURS, DUPLICATE_METRES
from wangge.cases.lists import CaseFilter, CaseLine, case_page
from wangge.cases.model import MOVES, STAGES, STATE_NAMES, VERB_NAMES, State, Verb
from wangge.cases.reference import REFERENCE
from wangge.cases.taxonomy import CaseClass
from wangge.kernel.actors import ANONYMOUS_ID, ROLE_NAMES, SYSTEM_ID, Act, Role
from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.refusals import NotFound
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.places import ATLAS, Atlas

__all__ = ["CaseFilter", "CaseLine", "case_page"]

#: Points one map shows at most; the soonest due first.
POINTS_MAX = 5000


@dataclass(frozen=True, slots=True)
class PhotoLine:
    """A photo of a case; the address is made by the edge, which signs it."""

    id: UUID
    purpose: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the story. `minutes_used` is the time spent in the state before."""

    id: UUID
    at: datetime
    who: str
    verb: str
    verb_words: str
    from_state: str | None
    to_state: str
    state_words: str
    opinion: str
    target: str
    minutes_used: int
    overdue: bool
    due_at: datetime | None
    due_cause: str


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task of the case."""

    id: UUID
    kind: str
    state: str
    target: str
    holder: str
    level: str
    offered_at: datetime | None
    answer_by: datetime | None
    due_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OfferLine:
    """Who was asked, and what became of it."""

    target: str
    offered_at: datetime
    answer_by: datetime
    answer: str
    answered_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything a desk shows of one case."""

    id: UUID
    receipt: str
    title: str
    words: str
    class_code: str | None
    class_name: str
    class_reason: str
    state: str
    state_words: str
    stage: str
    channel: str
    platform: str | None
    area_code: str
    area_name: str
    place: str
    lon: float | None
    lat: float | None
    reported_at: datetime
    received_at: datetime
    due_at: datetime | None
    due_what: str | None
    due_cause: str
    final_due_at: datetime | None
    final_cause: str
    overdue: bool
    urgent: bool
    verified: bool
    handler: str
    owner: str
    unit: str
    level: str
    rule_id: UUID | None
    route_reason: str
    returns: int
    reworks: int
    reopened: int
    score: int | None
    result: str
    merged_into: UUID | None
    contact_mask: str | None
    condition: str
    closing_condition: str
    emergency_lines: tuple[str, ...]
    version: int
    steps: list[StepLine]
    photos: list[PhotoLine]
    tasks: list[TaskLine]
    offers: list[OfferLine]
    verbs: list[str]


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    receipt: str
    title: str
    words: str
    class_code: str | None
    class_reason: str
    state: State
    channel: str
    platform: str | None
    area_code: str
    place: str
    lon: float | None
    lat: float | None
    reported_at: datetime
    received_at: datetime
    due_at: datetime | None
    due_what: str | None
    due_cause: str
    final_due_at: datetime | None
    final_cause: str
    urgent: bool
    verified: bool
    returned: bool
    handler_id: UUID | None
    owner_id: UUID | None
    unit: str | None
    level: str
    rule_id: UUID | None
    route_reason: str
    returns: int
    reworks: int
    reopened: int
    score: int | None
    result: str
    merged_into: UUID | None
    contact_mask: str | None
    version: int
    steps: list[dict[str, Any]]
    photos: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    offers: list[dict[str, Any]]


async def case_view(tx: Tx, case_id: UUID, locale: Locale = "zh") -> CaseView:
    """One case within reach, with its whole story, in one statement. Raises NotFound.

    Whoever was asked to work on it may read it too, wherever it lies.
    """
    roster = await ROSTER.get(tx)
    atlas = await ATLAS.get(tx)
    reference = await REFERENCE.get(tx)
    reach = tx.reach(READ).values()
    row = await tx.maybe(
        _Row,
        """
        select c.id, c.receipt, c.title, c.words, c.class_code, c.class_reason, c.state,
               c.channel, c.platform, c.area_code, c.place, c.lon, c.lat, c.reported_at,
               c.received_at, c.due_at, c.due_what, c.due_cause, c.final_due_at, c.final_cause,
               c.urgent, c.verified, c.returned, c.handler_id, c.owner_id, c.unit, c.level,
               c.rule_id, c.route_reason, c.returns, c.reworks, c.reopened, c.score, c.result,
               c.merged_into, c.contact_mask, c.version,
               coalesce((select jsonb_agg(to_jsonb(s) order by s.n, s.at)
                           from cases_step s where s.case_id = c.id), '[]') as steps,
               coalesce((select jsonb_agg(to_jsonb(p) order by p.at)
                           from cases_photo p where p.case_id = c.id), '[]') as photos,
               coalesce((select jsonb_agg(to_jsonb(t) order by t.created_at, t.id)
                           from tasks_task t where t.origin_id = c.id), '[]') as tasks,
               coalesce((select jsonb_agg(to_jsonb(o) order by o.offered_at)
                           from tasks_offer o join tasks_task t on t.id = o.task_id
                          where t.origin_id = c.id), '[]') as offers
          from cases_case c
         where c.id = :case_id
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where c.area_code >= r.lo and c.area_code < r.hi)
                or c.unit_id = any(:reach_units::uuid[])
                or exists (select 1 from tasks_task t
                            where t.origin_id = c.id
                              and (t.holder_id = :me or t.target = any(:keys::text[]))))
        """,
        case_id=case_id,
        me=tx.actor.id,
        keys=sorted(_keys(tx, roster)),
        reach_from=reach["reach_from"],
        reach_to=reach["reach_to"],
        reach_units=reach["reach_units"],
    )
    if row is None:
        raise NotFound("这件事")
    known = reference.classes.get(row.class_code or "")
    words = _Words(roster, atlas, locale)
    return CaseView(
        id=row.id,
        receipt=row.receipt,
        title=row.title,
        words=row.words,
        class_code=row.class_code,
        class_name=known.name_zh if known else "",
        class_reason=row.class_reason,
        state=row.state.value,
        state_words=translate(locale, STATE_NAMES[row.state]),
        stage=STAGES[row.state].value,
        channel=row.channel,
        platform=row.platform,
        area_code=row.area_code,
        area_name=atlas.path(row.area_code),
        place=row.place,
        lon=row.lon,
        lat=row.lat,
        reported_at=row.reported_at,
        received_at=row.received_at,
        due_at=row.due_at,
        due_what=row.due_what,
        due_cause=row.due_cause,
        final_due_at=row.final_due_at,
        final_cause=row.final_cause,
        overdue=row.due_at is not None and row.due_at < tx.now,
        urgent=row.urgent,
        verified=row.verified,
        handler=words.person(row.handler_id),
        owner=words.person(row.owner_id),
        unit=words.target(row.unit),
        level=row.level,
        rule_id=row.rule_id,
        route_reason=row.route_reason,
        returns=row.returns,
        reworks=row.reworks,
        reopened=row.reopened,
        score=row.score,
        result=row.result,
        merged_into=row.merged_into,
        contact_mask=row.contact_mask,
        condition=known.condition_zh if known else "",
        closing_condition=known.closing_condition_zh if known else "",
        emergency_lines=known.emergency_lines if known else (),
        version=row.version,
        steps=[words.step(step) for step in row.steps],
        photos=[
            PhotoLine(UUID(p["file_id"]), p["purpose"], datetime.fromisoformat(p["at"]))
            for p in row.photos
        ],
        tasks=[words.task(task) for task in row.tasks],
        offers=[words.offer(offer) for offer in row.offers]
        + [words.present(task) for task in row.tasks if task["state"] == "offered"],
        verbs=verbs(tx, row.area_code, row.state, row.handler_id, known, returned=row.returned),
    )


def _keys(tx: Tx, roster: Roster) -> Iterable[str]:
    yield f"staff:{tx.actor.id}"
    for post in roster.posts_of(tx.actor.id):
        if post.org_id is not None and post.live(tx.now):
            yield f"org:{post.org_id}"
    for team in roster.teams_of(tx.actor.id, tx.now):
        yield f"team:{team.id}"


#: The desk's verbs, the act each asks for, and the state's verb that must be possible.
_DESK: Sequence[tuple[str, Act, Verb]] = (
    ("verify", ACCEPT, Verb.VERIFY),
    ("file", ACCEPT, Verb.FILE),
    ("self_close", SELF_CLOSE, Verb.SELF_CLOSE),
    ("void", ACCEPT, Verb.VOID),
    ("merge", ACCEPT, Verb.MERGE),
    ("dispatch", DISPATCH, Verb.DISPATCH),
    ("return_to_acceptor", DISPATCH, Verb.RETURN_TO_ACCEPTOR),
    ("decide_extension", DECIDE, Verb.GRANT_EXTENSION),
    ("suspend", DECIDE, Verb.SUSPEND),
    ("resume", DECIDE, Verb.RESUME),
    ("inspect", CLOSE, Verb.INSPECT),
    ("rework", CLOSE, Verb.REWORK),
    ("close", CLOSE, Verb.CLOSE),
    ("call_back", CALL_BACK, Verb.CALL_BACK),
    ("reopen", ACCEPT, Verb.REOPEN),
)


def verbs(
    tx: Tx,
    area_code: str,
    state: State,
    handler_id: UUID | None,
    known: CaseClass | None,
    *,
    returned: bool,
) -> list[str]:
    """What this actor may do at the desk with a case in that state, now."""
    mine = handler_id == tx.actor.id
    found: list[str] = []
    for name, act, verb in _DESK:
        if state not in MOVES[verb][0] or not tx.actor.may(act, area_code, tx.now):
            continue
        if name == "self_close" and (known is None or not known.on_the_spot):
            continue
        if name in ("close", "decide_extension") and mine:
            continue
        if name == "merge" and returned:
            continue
        found.append(name)
    if state not in (State.VOID, State.MERGED) and tx.actor.may(READ, area_code, tx.now):
        if tx.actor.may(ACCEPT, area_code, tx.now) and STAGES[state].value != "结案":
            found.append("reclassify")
        found.append("note")
    return found


@dataclass(frozen=True, slots=True)
class _Words:
    """Ids into words, for people."""

    roster: Roster
    atlas: Atlas
    locale: Locale

    def person(self, id_: UUID | None) -> str:
        if id_ is None:
            return ""
        if id_ == SYSTEM_ID:
            return translate(self.locale, "系统")
        if id_ == ANONYMOUS_ID:
            return translate(self.locale, "居民")
        return self.roster.staff_name(id_) or translate(self.locale, "接入渠道")

    def target(self, target: str | None) -> str:
        kind, _, rest = (target or "").partition(":")
        if kind == "role":
            role, _, code = rest.partition("@")
            return self.atlas.name(code) + translate(self.locale, ROLE_NAMES[Role(role)])
        try:
            id_ = UUID(rest)
        except ValueError:
            return ""
        if kind == "staff":
            return self.roster.staff_name(id_)
        if kind == "org":
            org = self.roster.org(id_)
            return org.name if org else ""
        team = self.roster.team(id_)
        return team.name if team else ""

    def step(self, step: dict[str, Any]) -> StepLine:
        return StepLine(
            UUID(step["id"]),
            datetime.fromisoformat(step["at"]),
            self.person(UUID(step["actor_id"])),
            step["verb"],
            translate(self.locale, VERB_NAMES[Verb(step["verb"])]),
            step["from_state"],
            step["to_state"],
            translate(self.locale, STATE_NAMES[State(step["to_state"])]),
            step["opinion"],
            self.target(step["target"]),
            step["minutes"],
            step["overdue"],
            _moment(step["due_at"]),
            step["due_cause"],
        )

    def task(self, task: dict[str, Any]) -> TaskLine:
        holder = task["holder_id"]
        return TaskLine(
            UUID(task["id"]),
            task["kind"],
            task["state"],
            self.target(task["target"]),
            self.person(UUID(holder) if holder else None),
            task["level"],
            _moment(task["offered_at"]),
            _moment(task["answer_by"]),
            datetime.fromisoformat(task["due_at"]),
            datetime.fromisoformat(task["created_at"]),
        )

    def offer(self, offer: dict[str, Any]) -> OfferLine:
        return OfferLine(
            self.target(offer["target"]),
            datetime.fromisoformat(offer["offered_at"]),
            datetime.fromisoformat(offer["answer_by"]),
            offer["answer"],
            _moment(offer["answered_at"]),
            offer["reason"],
        )

    def present(self, task: dict[str, Any]) -> OfferLine:
        return OfferLine(
            self.target(task["target"]),
            datetime.fromisoformat(task["offered_at"]),
            datetime.fromisoformat(task["answer_by"]),
            "waiting",
            None,
            "",
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# -- neighbours --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NearCase:
    """A case that may be the same thing."""

    id: UUID
    receipt: str
    title: str
    state: str
    metres: int
    minutes: int


@dataclass(frozen=True, slots=True)
class _Near:
    id: UUID
    receipt: str
    title: str
    state: str
    lon: float
    lat: float
    reported_at: datetime


async def near(tx: Tx, lon: float, lat: float, class_code: str) -> list[NearCase]:
    """Cases of the same class within 50 m and 24 h (domain.md §5.2; both are settings)."""
    decided = (await REFERENCE.get(tx)).decided
    metres, hours = decided(DUPLICATE_METRES), decided(DUPLICATE_HOURS)
    high = metres / 111_320
    wide = high / max(0.1, math.cos(math.radians(lat)))
    reach = tx.reach(READ).values()
    rows = await tx.many(
        _Near,
        """
        select id, receipt, title, state, lon, lat, reported_at
          from cases_case c
         where reported_at > :since and class_code = :class_code
           and lon between :west and :east and lat between :south and :north
           and state not in ('void', 'merged')
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where c.area_code >= r.lo and c.area_code < r.hi)
         order by reported_at desc limit 20
        """,
        since=tx.now - timedelta(hours=hours),
        class_code=class_code,
        west=lon - wide,
        east=lon + wide,
        south=lat - high,
        north=lat + high,
        reach_from=reach["reach_from"],
        reach_to=reach["reach_to"],
    )
    found: list[NearCase] = []
    for row in rows:
        away = metres_between(lon, lat, row.lon, row.lat)
        if away <= metres:
            ago = int((tx.now - row.reported_at).total_seconds() // 60)
            found.append(
                NearCase(row.id, row.receipt, row.title, row.state, round(away), max(0, ago))
            )
    return found


def metres_between(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """On a sphere of 6,371 km, flat for such distances: right to 0.1 % within a county."""
    middle = math.radians((lat_a + lat_b) / 2)
    x = math.radians(lon_b - lon_a) * math.cos(middle)
    y = math.radians(lat_b - lat_a)
    return 6_371_000 * math.hypot(x, y)


# -- the map -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CasePoint:
    """A live case on the map."""

    id: UUID
    receipt: str
    title: str
    class_code: str | None
    state: State
    urgent: bool
    lon: float
    lat: float
    due_at: datetime | None
    final_due_at: datetime | None
    state_at: datetime
    reworks: int

    def stage(self) -> str:
        return STAGES[self.state].value


async def live_points(tx: Tx, prefix: str = "") -> list[CasePoint]:
    """Live cases with a place, soonest due first, at most POINTS_MAX."""
    reach = tx.reach(READ).values()
    return await tx.many(
        CasePoint,
        """
        select id, receipt, title, class_code, state, urgent, lon, lat, due_at, final_due_at,
               state_at, reworks
          from cases_case c
         where ended_at is null and lon is not null
           and area_code >= :low and area_code < :high
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where c.area_code >= r.lo and c.area_code < r.hi)
                or c.unit_id = any(:reach_units::uuid[]))
         order by due_at, id limit :most
        """,
        low=prefix,
        high=prefix + ":",
        most=POINTS_MAX,
        reach_from=reach["reach_from"],
        reach_to=reach["reach_to"],
        reach_units=reach["reach_units"],
    )


# -- without an account ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StageLine:
    stage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """What whoever has the receipt is shown: how far it is, nobody's data."""

    receipt: str
    stage: str
    stages: list[StageLine]
    class_name: str
    area_name: str
    reported_at: datetime
    closed_at: datetime | None
    result_words: str
    may_reopen: bool
    may_score: bool


@dataclass(frozen=True, slots=True)
class _Receipt:
    receipt: str
    class_code: str | None
    area_code: str
    state: State
    reported_at: datetime
    ended_at: datetime | None
    reopened: int
    steps: list[dict[str, Any]]


#: In general words: a handler's own sentence may name somebody.
_RESULTS = {
    State.CLOSED: "已处理完毕并结案。",
    State.CALLED_BACK: "已处理完毕并结案,谢谢您的评价。",
    State.SELF_CLOSED: "工作人员已现场处理完毕。",
    State.VOID: "经核实未予立案。如有疑问请致电社区。",
    State.MERGED: "与另一件相同的事一并处理。",
}


async def receipt_view(tx: Tx, receipt: str) -> ReceiptView:
    """By its number, without an account. Raises NotFound."""
    atlas = await ATLAS.get(tx)
    reference = await REFERENCE.get(tx)
    row = await tx.maybe(
        _Receipt,
        """
        select c.receipt, c.class_code, c.area_code, c.state, c.reported_at, c.ended_at,
               c.reopened,
               coalesce((select jsonb_agg(jsonb_build_object('to_state', s.to_state, 'at', s.at)
                                          order by s.n, s.at)
                           from cases_step s where s.case_id = c.id), '[]') as steps
          from cases_case c where c.receipt = :receipt
        """,
        receipt=receipt,
    )
    if row is None:
        raise NotFound("这个回执号")
    stages: list[StageLine] = []
    for step in row.steps:
        stage = STAGES[State(step["to_state"])].value
        if not stages or stages[-1].stage != stage:
            stages.append(StageLine(stage, datetime.fromisoformat(step["at"])))
    known = reference.classes.get(row.class_code or "")
    done = row.state in (State.CLOSED, State.CALLED_BACK, State.SELF_CLOSED)
    return ReceiptView(
        row.receipt,
        STAGES[row.state].value,
        stages,
        known.name_zh if known else "",
        atlas.path(row.area_code[:12]),
        row.reported_at,
        row.ended_at,
        _RESULTS.get(row.state, ""),
        done and row.reopened == 0,
        row.state is State.CLOSED,
    )


async def classes(tx: Tx) -> tuple[CaseClass, ...]:
    """The taxonomy, in its order."""
    return tuple((await REFERENCE.get(tx)).classes.values())
