"""The contact ledger: who asked which household what, when and how, so that nobody asks again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from wangge.forms.acts import ASK, LEDGER
from wangge.forms.entries import dictionary
from wangge.forms.events import HouseholdsAsked
from wangge.forms.model import RESULTS, WAYS, Before, Contact
from wangge.forms.queries import ledger as queries
from wangge.forms.queries.ledger import ContactLine, Home
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound

#: Households of one batch: a sweep of a large community.
BATCH_MAX = 20_000
KEYS_MAX = 40
OFFICE_MAX = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What a batch wrote: `passed` were out of reach, or said already under this origin."""

    batch_id: UUID
    written: int
    passed: int


async def record(
    tx: Tx,
    contacts: Sequence[Contact],
    *,
    at: datetime | None = None,
    origin: str = "hand",
    origin_id: UUID | None = None,
) -> Asked:
    """Write down that households were asked, all in one statement.

    `origin` is hand, sweep, visit, case or form; with an `origin_id` a second sending of the same
    sweep adds nothing. Raises Forbidden, NotFound (one by hand that is out of reach), Invalid.
    """
    known = await dictionary(tx)
    if not contacts or len(contacts) > BATCH_MAX:
        raise Invalid.of("households", "一次登记 1 到 {most} 户。", most=BATCH_MAX)
    keys = sorted({key for contact in contacts for key in contact.keys})
    for key in keys:
        known.spec(key)
    for contact in contacts:
        if contact.way not in WAYS:
            raise Invalid.of("way", "请选择怎样联系的。")
        if contact.result not in RESULTS:
            raise Invalid.of("result", "请选择联系的结果。")
        if len(contact.keys) > KEYS_MAX:
            raise Invalid.of("keys", "一次最多问 {most} 项。", most=KEYS_MAX)
        if len(contact.office) > OFFICE_MAX:
            raise Invalid.of("office", "单位名称应在 {most} 个字以内。", most=OFFICE_MAX)
    moment = at or tx.now
    if moment > tx.now + timedelta(minutes=5):
        raise Invalid.of("at", "联系的时间不能在以后。")
    reach = tx.reach(ASK)
    if not (reach.areas or reach.units or reach.buildings):
        tx.require(ASK, "")
    areas = await queries.insert_contacts(
        tx, reach, contacts, at=moment, origin=origin, origin_id=origin_id
    )
    if origin == "hand" and not areas:
        raise NotFound("这一户")
    batch = origin_id or new_id(tx.now)
    if areas:
        tx.publish(HouseholdsAsked(batch, _common(areas), len(areas), len(keys)))
    return Asked(batch, len(areas), len(contacts) - len(areas))


def _common(areas: Sequence[str]) -> str:
    """The smallest area that holds them all: a fact about a sweep is no list of doors."""
    first, last = min(areas), max(areas)
    alike = 0
    while alike < min(len(first), len(last)) and first[alike] == last[alike]:
        alike += 1
    return first[: alike - alike % 3]


async def asked_before(tx: Tx, household_id: UUID, key: str) -> Before | None:
    """Whether a household was asked for a field, how it ended, and when it last answered.

    None when nobody did, or when it is out of reach (the second lock hides it). One statement.
    """
    found = await queries.asked_before(tx, [household_id], [key])
    return found[0] if found else None


async def asked_before_many(
    tx: Tx, households: Sequence[UUID], keys: Sequence[str]
) -> dict[tuple[UUID, str], Before]:
    """The same for many households and fields, in one statement."""
    found = await queries.asked_before(tx, households, keys)
    return {(one.household_id, one.key): one for one in found}


@dataclass(frozen=True, slots=True)
class Held:
    """What need not be asked again: the field, and until when its answer counts as fresh (None:
    for ever)."""

    key: str
    name: str
    asked: Before
    until: datetime | None
    fresh: bool


async def household_ledger(
    tx: Tx,
    household_id: UUID,
    *,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> tuple[Home, list[ContactLine], list[Held]]:
    """A household's page: its door, who asked what, and what is answered already. Raises NotFound."""
    home = await queries.household(tx, tx.reach(LEDGER), household_id)
    lines = await queries.contacts_page(tx, household_id, before=before, limit=limit)
    known = await dictionary(tx)
    keys = [entry.key for entry in known.all()]
    held: list[Held] = []
    for one in await queries.asked_before(tx, [household_id], keys):
        spec = known.spec(one.key)
        until = one.fresh_until(spec)
        if until is None:
            continue
        fresh = until > tx.now
        held.append(Held(one.key, spec.name, one, None if until.year == 9999 else until, fresh))
    return home, lines, held
