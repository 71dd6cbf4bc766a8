"""One case with its whole story, in one statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.cases.acts import READ
from wangge.cases.model import STAGES, STATE_NAMES, State
from wangge.cases.read.desk_verbs import verbs
from wangge.cases.read.views import CaseView, PhotoLine
from wangge.cases.read.words import Words
from wangge.cases.reference import REFERENCE
from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.refusals import NotFound
from wangge.kernel.said import worded
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.tasks import keys_of


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
        keys=sorted(keys_of(roster, tx.actor.id, tx.actor.grants, tx.now)),
        **tx.reach(READ).values(),
    )
    if row is None:
        raise NotFound("这件事")
    known = reference.classes.get(row.class_code or "")
    words = Words(roster, atlas, locale)
    return CaseView(
        id=row.id,
        receipt=row.receipt,
        title=row.title,
        words=row.words,
        class_code=row.class_code,
        class_name=_of(locale, known.name_zh, known.name_en) if known else "",
        class_reason=worded(locale, row.class_reason),
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
        due_cause=worded(locale, row.due_cause),
        final_due_at=row.final_due_at,
        final_cause=worded(locale, row.final_cause),
        overdue=row.due_at is not None and row.due_at < tx.now,
        urgent=row.urgent,
        verified=row.verified,
        handler=words.person(row.handler_id),
        owner=words.person(row.owner_id),
        unit=words.target(row.unit),
        level=row.level,
        rule_id=row.rule_id,
        route_reason=worded(locale, row.route_reason),
        returns=row.returns,
        reworks=row.reworks,
        reopened=row.reopened,
        score=row.score,
        result=row.result,
        merged_into=row.merged_into,
        contact_mask=row.contact_mask,
        condition=_of(locale, known.condition_zh, known.condition_en) if known else "",
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


def _of(locale: Locale, zh: str, en: str) -> str:
    return en or zh if locale == "en" else zh
