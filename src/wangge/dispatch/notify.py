"""Nobody misses an offer because an app is closed: a message to the group, a text to the asked.

Offers are gathered for some seconds, so that a burst is one message of counts. The group's message
names a class, a community, a level and minutes, nobody and no words of anybody's; a text goes to
the asked person's own phone, whose number is unsealed in the moment of sending and kept nowhere.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from wangge.cases.reference import REFERENCE
from wangge.cases.taxonomy import Level
from wangge.dispatch.sending import in_json, in_query, send
from wangge.dispatch.settings import (
    GATHER_SECONDS,
    SMS_BODY,
    SMS_MINUTES,
    SMS_URL,
    WEBHOOK_BODY,
    WEBHOOK_URL,
)
from wangge.kernel.actors import Role
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.facts import Recorded
from wangge.kernel.jobs import job, later
from wangge.people import ROSTER, Roster
from wangge.people.model import seal_context
from wangge.places import ATLAS
from wangge.tasks import keys_of
from wangge.tasks.events import TaskOffered

#: An offer older than this is no news (a listener that begins with an old ledger).
FRESH = timedelta(minutes=10)
#: A job this near may have begun to look already; the next message needs one of its own.
MARGIN = timedelta(seconds=2)
#: Between two texts to one person when somebody is in danger.
URGENT_GAP = timedelta(minutes=1)
#: People of one body, team or room who are texted.
POOL_MAX = 5
#: Classes and communities named in one message.
NAMED_MAX = 5

WEBHOOK, SMS = "dispatch.webhook", "dispatch.sms"

LEVEL_WORDS = {
    Level.GRID: "网格",
    Level.COMMUNITY: "社区",
    Level.STREET: "街道",
    Level.COUNTY: "区县",
}


async def note(tx: Tx, facts: Sequence[Recorded]) -> None:
    """Remember fresh offers and queue what will speak of them. Nothing without a setting."""
    offers = [
        fact for fact in facts if fact.kind == TaskOffered.kind and tx.now - fact.at < FRESH
    ]
    if not offers:
        return
    decided = (await REFERENCE.get(tx)).decided
    soon = tx.now + timedelta(seconds=max(1, decided(GATHER_SECONDS)))
    if decided(WEBHOOK_URL):
        await tx.run(
            """
            insert into dispatch_notice (task_id, at)
            select distinct id, :now::timestamptz from unnest(:ids::uuid[]) t(id)
            on conflict (task_id) do update set at = excluded.at
            """,
            ids=[fact.subject_id for fact in offers],
            now=tx.now,
        )
        await _queue(tx, WEBHOOK, {}, soon)
    if decided(SMS_URL):
        roster = await ROSTER.get(tx)
        urgent: dict[UUID, bool] = {}
        for fact in offers:
            for staff_id in _asked(roster, fact.data["target"], tx.now):
                urgent[staff_id] = urgent.get(staff_id, False) or bool(fact.data["urgent"])
        gap = timedelta(minutes=decided(SMS_MINUTES))
        last = await _texted(tx, list(urgent))
        for staff_id, is_urgent in urgent.items():
            rest = min(gap, URGENT_GAP) if is_urgent else gap
            at = max(soon, last[staff_id] + rest) if staff_id in last else soon
            await _queue(tx, SMS, {"staff_id": str(staff_id)}, at)


def _asked(roster: Roster, target: str, now: datetime) -> Sequence[UUID]:
    """The people behind a target: of a body, a team or a room, some."""
    kind, _, rest = target.partition(":")
    if kind == "role":
        role, _, code = rest.partition("@")
        return roster.holders(Role(role), code, now)[:POOL_MAX]
    if kind == "staff":
        return [UUID(rest)]
    if kind == "org":
        return roster.org_members(UUID(rest), now)[:POOL_MAX]
    if kind == "team":
        return [member.staff_id for member in roster.members(UUID(rest))][:POOL_MAX]
    return []


async def _queue(tx: Tx, name: str, data: Mapping[str, str], at: datetime) -> None:
    """One message that has not begun is enough; of those given up, the last tells the story."""
    waiting = await tx.one(
        int,
        """
        select count(*)::int from kernel_job
         where name = :name and data = :data and tries = 0
           and run_at > :margin and run_at <= :at
        """,
        name=name,
        data=dict(data),
        margin=tx.now + MARGIN,
        at=at,
    )
    if waiting:
        return
    await tx.run(
        "delete from kernel_job where name = :name and data = :data and tries >= 8",
        name=name,
        data=dict(data),
    )
    await later(tx, name, data, at=at)


# -- the group ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """An offer that still waits for its answer."""

    class_code: str | None
    area_code: str
    level: str
    urgent: bool
    answer_by: datetime | None


@job(WEBHOOK)
async def tell_the_group(tx: Tx, data: Mapping[str, Any]) -> None:
    """One message of all offers gathered that still wait. When it fails they stay gathered."""
    decided = (await REFERENCE.get(tx)).decided
    waiting = await tx.many(
        Waiting,
        """
        with told as (delete from dispatch_notice where at <= :now returning task_id)
        select c.class_code, t.area_code, t.level, t.urgent, t.answer_by
          from told join tasks_task t on t.id = told.task_id
          left join cases_case c on c.id = t.origin_id
         where t.state = 'offered'
         order by t.answer_by, t.id
        """,
        now=tx.now,
    )
    url = decided(WEBHOOK_URL)
    if waiting and url:
        text = await group_text(tx, waiting)
        await send(url, in_json(decided(WEBHOOK_BODY), text=text))


async def group_text(tx: Tx, waiting: Sequence[Waiting]) -> str:
    """What the group reads: class, community, level, minutes; counts when there are many."""
    classes = (await REFERENCE.get(tx)).classes
    atlas = await ATLAS.get(tx)

    def what(one: Waiting) -> str:
        known = classes.get(one.class_code or "")
        return known.name_zh if known else "未分类事件"

    times = [one.answer_by for one in waiting if one.answer_by is not None]
    minutes = max(0, int((min(times) - tx.now).total_seconds() // 60)) if times else 0
    urgent = sum(one.urgent for one in waiting)
    first = waiting[0]
    if len(waiting) == 1:
        return (
            f"【派单提醒】{'紧急:' if urgent else ''}{what(first)},"
            f"{atlas.name(first.area_code[:12])},{LEVEL_WORDS[Level(first.level)]}级,"
            f"请在 {minutes} 分钟内答复。"
        )
    kinds = _counts(Counter(what(one) for one in waiting))
    places = _counts(Counter(atlas.name(one.area_code[:12]) for one in waiting))
    hurry = f"其中紧急 {urgent} 件;" if urgent else ""
    return (
        f"【派单提醒】{len(waiting)} 件待答复:{kinds};{places};{hurry}"
        f"最早的请在 {minutes} 分钟内答复。"
    )


def _counts(counter: "Counter[str]") -> str:
    named = [f"{name} {count}" for name, count in counter.most_common(NAMED_MAX)]
    return "、".join(named) + ("等" if len(counter) > NAMED_MAX else "")


# -- a person ----------------------------------------------------------------------------------


@job(SMS)
async def text_the_asked(tx: Tx, data: Mapping[str, Any]) -> None:
    """One text to somebody about all that waits for their answer, unless they have answered."""
    staff_id = UUID(str(data["staff_id"]))
    decided = (await REFERENCE.get(tx)).decided
    roster = await ROSTER.get(tx)
    url, body = decided(SMS_URL), decided(SMS_BODY)
    keys = keys_of(roster, staff_id, roster.grants(staff_id, tx.now), tx.now)
    waiting = await tx.one(
        _Count,
        """
        select count(*)::int as number, min(answer_by) as answer_by,
               coalesce(bool_or(urgent), false) as urgent
          from tasks_task where state = 'offered' and target = any(:keys::text[])
        """,
        keys=sorted(keys),
    )
    if not url or not waiting.number:
        return
    last = (await _texted(tx, [staff_id])).get(staff_id)
    gap = timedelta(minutes=decided(SMS_MINUTES))
    rest = min(gap, URGENT_GAP) if waiting.urgent else gap
    if last is not None and tx.now < last + rest:
        await _queue(tx, SMS, {"staff_id": str(staff_id)}, last + rest)
        return
    phone = await _phone(tx, staff_id)
    if phone is None:
        return
    await tx.run(
        """
        insert into dispatch_texted (staff_id, at) values (:id, :now)
        on conflict (staff_id) do update set at = excluded.at
        """,
        id=staff_id,
        now=tx.now,
    )
    await _text(url, body, phone, _person_text(waiting, tx.now))


async def send_text(tx: Tx, staff_id: UUID, text: str) -> None:
    """A text to somebody's own telephone, where there is a way to send one and they have one."""
    decided = (await REFERENCE.get(tx)).decided
    phone = await _phone(tx, staff_id) if decided(SMS_URL) else None
    if phone is not None:
        await _text(decided(SMS_URL), decided(SMS_BODY), phone, text)


async def _phone(tx: Tx, staff_id: UUID) -> str | None:
    sealed = await tx.maybe(
        bytes,
        "select phone_sealed from people_staff where id = :id and active and phone_sealed is not null",
        id=staff_id,
    )
    if sealed is None:
        return None
    return vault_of(tx.actor.district).open(sealed, seal_context(staff_id, "phone"))


async def _text(url: str, body: str, phone: str, text: str) -> None:
    address = in_query(url, phone=phone, text=text)
    if not body:
        await send(address)
    elif body.lstrip().startswith(("{", "[")):
        await send(address, in_json(body, phone=phone, text=text))
    else:
        form = in_query(body, phone=phone, text=text).encode()
        await send(address, form, "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class _Count:
    number: int
    answer_by: datetime | None
    urgent: bool


def _person_text(waiting: _Count, now: datetime) -> str:
    left = waiting.answer_by - now if waiting.answer_by else timedelta()
    minutes = max(0, int(left.total_seconds() // 60))
    return (
        f"【网格】{'紧急!' if waiting.urgent else ''}您有 {waiting.number} 件派单待答复,"
        f"请在 {minutes} 分钟内打开应用接单或说明不能接。"
    )


@dataclass(frozen=True, slots=True)
class _Texted:
    staff_id: UUID
    at: datetime


async def _texted(tx: Tx, staff: Sequence[UUID]) -> dict[UUID, datetime]:
    rows = await tx.many(
        _Texted,
        "select staff_id, at from dispatch_texted where staff_id = any(:ids::uuid[])",
        ids=list(staff),
    )
    return {row.staff_id: row.at for row in rows}
