"""Tasks as a phone and an office see them."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from wangge.dispatch.acts import WATCH_OFFERS
from wangge.kernel.database import Tx
from wangge.kernel.said import worded
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.tasks import my_keys, target_words


@dataclass(frozen=True, slots=True)
class MyTask:
    """An offer to me or to a pool of mine, or something I hold."""

    id: UUID
    kind: str
    state: str
    case_id: UUID
    case_state: str
    receipt: str
    title: str
    words: str
    class_code: str | None
    class_name: str
    area_code: str
    area_name: str
    place: str
    lon: float | None
    lat: float | None
    due_at: datetime
    answer_by: datetime | None
    offered_at: datetime | None
    urgent: bool
    note: str
    why: str
    photos: list[str]
    version: int


#: Tasks one phone is given at most; the soonest first.
TASKS_MAX = 200


async def my_tasks(tx: Tx) -> list[MyTask]:
    """Offers to answer first, then what I hold, each by when it is due; in my language."""
    locale = tx.actor.locale
    rows = await tx.many(
        MyTask,
        """
        select t.id, t.kind, t.state, t.origin_id as case_id, c.state as case_state, c.receipt,
               c.title, c.words, c.class_code, coalesce(k.name_zh, '') as class_name,
               t.area_code, coalesce(a.name, '') as area_name, c.place, c.lon, c.lat, t.due_at,
               t.answer_by, t.offered_at, t.urgent, c.route_reason as note, t.why,
               coalesce((select jsonb_agg(p.file_id order by p.at)
                           from cases_photo p where p.case_id = c.id), '[]') as photos,
               t.version
          from tasks_task t
          join cases_case c on c.id = t.origin_id
          left join cases_class k on k.code = c.class_code
          left join places_area a on a.code = t.area_code
         where (t.state = 'offered' and t.target = any(:keys::text[]))
            or (t.holder_id = :me and t.state in ('accepted', 'doing'))
         order by t.state <> 'offered', t.urgent desc, coalesce(t.answer_by, t.due_at), t.id
         limit :most
        """,
        keys=sorted(await my_keys(tx)),
        me=tx.actor.id,
        most=TASKS_MAX,
    )
    return [
        replace(row, note=worded(locale, row.note), why=worded(locale, row.why)) for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An offer that somebody should telephone about."""

    task_id: UUID
    case_id: UUID
    receipt: str
    title: str
    kind: str
    area_code: str
    area_name: str
    target: str
    target_words: str
    staff_id: UUID | None
    phone_mask: str
    offered_at: datetime
    answer_by: datetime
    waited_minutes: int
    urgent: bool
    level: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    task_id: UUID
    case_id: UUID
    receipt: str
    title: str
    kind: str
    area_code: str
    area_name: str
    target: str | None
    state: str
    phone_mask: str
    offered_at: datetime | None
    answer_by: datetime | None
    created_at: datetime
    urgent: bool
    level: str


async def unanswered(tx: Tx, area: str = "") -> list[Unanswered]:
    """Offers past half of their time, and tasks nobody is being asked about, within reach."""
    roster = await ROSTER.get(tx)
    atlas = await ATLAS.get(tx)
    rows = await tx.many(
        _Waiting,
        """
        select t.id as task_id, t.origin_id as case_id, c.receipt, c.title, t.kind, t.area_code,
               coalesce(a.name, '') as area_name, t.target, t.state,
               coalesce(s.phone_mask, '') as phone_mask, t.offered_at, t.answer_by,
               t.created_at, t.urgent, t.level
          from tasks_task t
          join cases_case c on c.id = t.origin_id
          left join places_area a on a.code = t.area_code
          left join people_staff s on t.target = 'staff:' || s.id
         where (t.state = 'stranded'
                or (t.state = 'offered'
                    and :now > t.offered_at + (t.answer_by - t.offered_at) / 2))
           and t.area_code >= :low and t.area_code < :high
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by t.urgent desc, coalesce(t.answer_by, t.created_at), t.id
         limit :most
        """,
        now=tx.now,
        low=area,
        high=area + ":",
        **tx.reach(WATCH_OFFERS).values(),
        most=TASKS_MAX,
    )
    found: list[Unanswered] = []
    for row in rows:
        since = row.offered_at or row.created_at
        kind, _, rest = (row.target or "").partition(":")
        found.append(
            Unanswered(
                row.task_id,
                row.case_id,
                row.receipt,
                row.title,
                row.kind,
                row.area_code,
                row.area_name,
                row.target or "",
                target_words(row.target, roster, atlas, named=True),
                UUID(rest) if kind == "staff" else None,
                row.phone_mask,
                since,
                row.answer_by or since,
                max(0, int((tx.now - since).total_seconds() // 60)),
                row.urgent,
                row.level,
            )
        )
    return found
