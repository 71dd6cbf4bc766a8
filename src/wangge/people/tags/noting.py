"""Noting a need, keeping it, ending it; and what the clock does when its days are over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from wangge.kernel.actors import ROLE_NAMES, Role
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.fields import Basis
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Refusal
from wangge.people import acts, indexing
from wangge.people.changes import Change, apply_changes
from wangge.people.changes.copies import copy_tags
from wangge.people.events import NeedsEnded
from wangge.people.model import LEFT_WHY, HasLeft
from wangge.people.queries import households
from wangge.people.queries.households import Person
from wangge.people.tags.model import TagKind, kinds

#: How consent was given (个人信息保护法 Art. 14, 31).
CONSENTS: Mapping[str, str] = {
    "spoken": "口头同意",
    "written": "书面同意",
    "guardian": "监护人同意",
    "online": "线上同意",
}
#: Why a need ended.
ENDS: Mapping[str, str] = {
    "expired": "到期",
    "withdrawn": "本人撤回同意",
    "no_longer": "不再需要",
    "mistake": "登错",
    "merged": "并入另一条",
    "gone": "本人已离开",
}
#: Roles that may never see a need, whatever a kind says: the three administrators and machines.
NEVER = frozenset(
    {
        Role.SYSTEM_ADMIN,
        Role.SECURITY_ADMIN,
        Role.AUDIT_ADMIN,
        Role.CHANNEL,
        Role.SYSTEM,
    }
)
#: Words of an illness; a need says what somebody needs, never why.
ILLNESS = (
    "病",
    "症",
    "癌",
    "瘤",
    "炎",
    "透析",
    "化疗",
    "精神",
    "残疾",
    "艾滋",
    "抑郁",
    "血压",
)
DAYS_MAX = 1830
#: Needs ended by the clock in one round.
ENDED_MAX = 2_000


@dataclass(eq=False)
class NeedsConsent(Refusal):
    """A need on the basis of consent wants to know how it was given."""

    says: ClassVar[str] = "登记“{need}”要本人(未成年人由监护人)同意。请选择同意的方式。"
    status: ClassVar[int] = 422
    need: str


@dataclass(frozen=True, slots=True)
class Need:
    """A need of somebody, with who noted it and until when. `ended_why` is "" while it lasts."""

    id: UUID
    resident_id: UUID
    area_code: str
    unit_id: UUID
    kind: str
    name: str
    purpose: str
    basis: str
    consent: str
    noted_by: UUID
    noted_at: datetime
    until_date: date
    ended_at: datetime | None
    ended_why: str
    version: int


def noted(
    tx: Tx,
    kind: TagKind,
    resident_id: UUID,
    area_code: str,
    unit_id: UUID,
    *,
    basis: str = "",
    consent: str = "",
    until: date | None = None,
) -> Change:
    """A need noted now by who acts; on the kind's own basis, until its days are over."""
    basis = basis or kind.basis
    return Change(
        "tag",
        "insert",
        new_id(tx.now),
        area_code,
        {
            "resident_id": resident_id,
            "unit_id": unit_id,
            "kind": kind.code,
            "basis": basis,
            "consent": (consent or "spoken") if basis == "consent" else "",
            "noted_by": tx.actor.id,
            "noted_at": tx.now,
            "until_date": until or local_date(tx.now) + timedelta(days=kind.days),
        },
    )


def sees(tx: Tx, kind: TagKind, area_code: str) -> bool:
    """Whether one of the actor's posts there may see needs of the kind."""
    return any(
        grant.live(tx.now)
        and (grant.role is Role.SYSTEM or grant.role.value in kind.roles)
        and area_code.startswith(grant.area_code)
        for grant in tx.actor.grants
    )


async def of_person(tx: Tx, person: Person) -> list[Need]:
    """Somebody's needs that the reader may see, those that last first; the door is open."""
    known = await kinds(tx)
    rows = await tx.many(
        Need,
        """
        select g.id, g.resident_id, g.area_code, g.unit_id, g.kind, k.name, k.purpose, g.basis,
               g.consent, g.noted_by, g.noted_at, g.until_date, g.ended_at, g.ended_why,
               g.version
          from people_tag g join people_tag_kind k on k.code = g.kind
         where g.resident_id = :resident_id
         order by g.ended_at desc nulls first, k.place, g.id limit 60
        """,
        resident_id=person.id,
    )
    return [row for row in rows if sees(tx, known[row.kind], person.area_code)]


async def note(
    tx: Tx,
    vault: Vault,
    resident_id: UUID,
    code: str,
    *,
    basis: str = "",
    consent: str = "",
    until: date | None = None,
) -> UUID:
    """Note a need, or renew one that lasts. Raises NotFound, Forbidden, Invalid, NeedsConsent,
    HasLeft. Answers the batch."""
    person = await households.person(tx, tx.reach(acts.RESIDENT_READ), resident_id)
    tx.require(acts.NEED_NOTE, person.area_code)
    if person.ended_on is not None:
        raise HasLeft(person.name_mask, LEFT_WHY[person.ended_why])
    kind = (await kinds(tx)).get(code)
    if kind is None or kind.retired:
        raise Invalid.of("tag", "没有“{tag}”这种需求标签。", tag=code)
    if not sees(tx, kind, person.area_code):
        raise Forbidden(acts.NEED_NOTE.name)
    basis = basis or kind.basis
    if basis not in set(Basis):
        raise Invalid.of("basis", "请选择登记的依据。")
    if basis == "consent" and consent not in CONSENTS:
        raise NeedsConsent(kind.name)
    today = local_date(tx.now)
    if until is not None and not today < until <= today + timedelta(days=kind.days):
        raise Invalid.of("until", "到期日应在明天到 {days} 天之内。", days=kind.days)
    made = noted(
        tx,
        kind,
        person.id,
        person.area_code,
        person.unit_id,
        basis=basis,
        consent=consent,
        until=until,
    )
    lasting = [tag for tag in await households.live_tags(tx, [person.id]) if tag.kind == code]
    if lasting:
        given = {k: v for k, v in made.values.items() if k not in ("resident_id", "kind")}
        made = Change("tag", "update", lasting[0].id, person.area_code, given)
    batch = new_id(tx.now)
    await apply_changes(tx, vault, batch, [made], what="need")
    return batch


async def end(tx: Tx, vault: Vault, tag_id: UUID, why: str) -> UUID:
    """A need is over; consent is withdrawn as easily as it was given (Art. 15). Raises NotFound,
    Forbidden, Invalid. Answers the batch."""
    if why not in ("withdrawn", "no_longer", "mistake"):
        raise Invalid.of("why", "请选择结束的原因。")
    row = await tx.maybe(
        Need,
        """
        select g.id, g.resident_id, g.area_code, g.unit_id, g.kind, k.name, k.purpose, g.basis,
               g.consent, g.noted_by, g.noted_at, g.until_date, g.ended_at, g.ended_why,
               g.version
          from people_tag g join people_tag_kind k on k.code = g.kind
         where g.id = :tag_id for update of g
        """,
        tag_id=tag_id,
    )
    if row is None or row.ended_at is not None:
        raise NotFound("这条需求")
    await households.person(tx, tx.reach(acts.RESIDENT_READ), row.resident_id)
    tx.require(acts.NEED_NOTE, row.area_code)
    batch = new_id(tx.now)
    change = Change(
        "tag", "update", row.id, row.area_code, {"ended_at": tx.now, "ended_why": why}
    )
    await apply_changes(tx, vault, batch, [change], what="need")
    return batch


@dataclass(frozen=True, slots=True)
class Running:
    """A need that runs out soon, with whose it is; masks only."""

    id: UUID
    resident_id: UUID
    area_code: str
    kind: str
    name: str
    basis: str
    until_date: date
    name_mask: str
    compound: str
    dwelling: str


async def running_out(
    tx: Tx, area: str, before: date, after: tuple[date, UUID], limit: int
) -> list[Running]:
    """Needs within reach that run out before a day, the next first, by (day, id): one statement."""
    from_, to, roles = _seer(tx)
    return await tx.many(
        Running,
        """
        select g.id, g.resident_id, g.area_code, g.kind, k.name, g.basis, g.until_date,
               t.name_mask, c.name as compound, d.name as dwelling
          from people_tag g
          join people_tag_kind k on k.code = g.kind
          join people_resident t on t.id = g.resident_id
          join people_household h on h.id = t.household_id
          join places_dwelling d on d.id = h.dwelling_id
          join places_unit u on u.id = d.unit_id
          join places_building b on b.id = u.building_id
          join places_compound c on c.id = b.compound_id
         where g.ended_at is null and g.until_date < :before
           and (g.until_date, g.id) > (:after_day, :after_id::uuid)
           and g.area_code >= :low and g.area_code < :high
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where g.area_code >= r.lo and g.area_code < r.hi)
                or g.unit_id = any (:reach_units::uuid[])
                or u.building_id = any (:reach_buildings::uuid[]))
           and exists (select 1 from unnest(:roles::text[], :from_::text[], :to::text[])
                                    a(role, lo, hi)
                        where (a.role = 'system' or a.role = any (k.roles))
                          and g.area_code >= a.lo and g.area_code < a.hi)
         order by g.until_date, g.id limit :limit
        """,
        before=before,
        after_day=after[0],
        after_id=after[1],
        low=area,
        high=area + ":",
        limit=limit,
        from_=from_,
        to=to,
        roles=roles,
        **tx.reach(acts.RESIDENT_READ).values(),
    )


def _seer(tx: Tx) -> tuple[list[str], list[str], list[str]]:
    held = [grant for grant in tx.actor.grants if grant.live(tx.now)]
    return (
        [grant.area_code for grant in held],
        [grant.area_code + ":" for grant in held],
        [grant.role.value for grant in held],
    )


async def expire(tx: Tx, vault: Vault, most: int = ENDED_MAX) -> int:
    """End the needs whose day has come; nobody is shown them any more. Answers how many."""
    gone = await tx.many(
        _Ended,
        """
        update people_tag g
           set ended_at = :now, ended_why = 'expired', version = version + 1, updated_at = :now
         where g.id in (select id from people_tag
                         where ended_at is null and until_date < :today
                         order by until_date, id limit :most for update skip locked)
        returning g.resident_id, g.area_code
        """,
        now=tx.now,
        today=local_date(tx.now),
        most=most,
    )
    if not gone:
        return 0
    residents = list({row.resident_id for row in gone})
    await copy_tags(tx, residents)
    await indexing.index_residents(tx, vault, residents)
    counts: dict[str, int] = {}
    for row in gone:
        counts[row.area_code[:12]] = counts.get(row.area_code[:12], 0) + 1
    tx.publish(*(NeedsEnded(new_id(tx.now), code, n) for code, n in sorted(counts.items())))
    return len(gone)


@dataclass(frozen=True, slots=True)
class _Ended:
    resident_id: UUID
    area_code: str


async def set_kind(
    tx: Tx,
    code: str,
    name: str,
    purpose: str,
    basis: str,
    days: int,
    roles: Sequence[str],
    *,
    retired: bool = False,
) -> TagKind:
    """Decide a kind of need: what it is for, on what basis, for how long, who may see it.

    Raises Forbidden, and Invalid for one that lacks a reason or names an illness.
    """
    if not tx.reach(acts.NEEDS_DECIDE).areas:
        raise Forbidden(acts.NEEDS_DECIDE.name)
    name, purpose = name.strip(), purpose.strip()
    if not (code.isascii() and code.replace("_", "").isalnum() and 2 <= len(code) <= 30):
        raise Invalid.of("code", "代码用小写字母和下划线,2 到 30 个字符。")
    if not 1 <= len(name) <= 20:
        raise Invalid.of("name", "名称应为 1 到 {most} 个字。", most=20)
    if any(word in name for word in ILLNESS):
        raise Invalid.of("name", "标签只写需要什么帮助,不写病名或残疾类别,如“需代配药”。")
    if not 4 <= len(purpose) <= 200:
        raise Invalid.of("purpose", "请写明用途,4 到 200 个字:登记它是为了做什么。")
    if basis not in set(Basis):
        raise Invalid.of("basis", "请选择登记的依据。")
    if not 1 <= days <= DAYS_MAX:
        raise Invalid.of("days", "有效期应为 1 到 {most} 天。", most=DAYS_MAX)
    wrong = [role for role in roles if role not in ROLE_NAMES or Role(role) in NEVER]
    if wrong or not roles:
        raise Invalid.of("roles", "请至少选一个能看到它的岗位;管理员类岗位不能选。")
    values: dict[str, Any] = {
        "code": code,
        "name": name,
        "purpose": purpose,
        "basis": basis,
        "days": days,
        "roles": sorted(set(roles)),
        "retired": retired,
    }
    return await tx.one(
        TagKind,
        """
        insert into people_tag_kind (code, name, purpose, basis, days, roles, place, retired)
        values (:code, :name, :purpose, :basis, :days, :roles::text[],
                (select coalesce(max(place), 0) + 10 from people_tag_kind), :retired)
        on conflict (code) do update
           set name = excluded.name, purpose = excluded.purpose, basis = excluded.basis,
               days = excluded.days, roles = excluded.roles, retired = excluded.retired
        returning code, name, purpose, basis, days, roles, place, retired
        """,
        **values,
    )
