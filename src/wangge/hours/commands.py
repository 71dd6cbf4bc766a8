"""Planning, noting, mending and cancelling stints. Nothing passes beyond a limit but by a named
person's word."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from wangge.hours import queries
from wangge.hours.acts import OVERRIDE, OWN, PLAN
from wangge.hours.events import (
    LimitAnswered,
    LimitOverridden,
    LimitPassed,
    StintCancelled,
    StintNoted,
)
from wangge.hours.guarding import back_days, by_person
from wangge.hours.limits import LIMITS
from wangge.hours.model import (
    Duty,
    NothingToAnswer,
    NotYours,
    OverLimit,
    StintOver,
    TwoPlaces,
    checked,
    reason_of,
    span,
)
from wangge.kernel.actors import Act
from wangge.kernel.database import Tx, promise
from wangge.kernel.refusals import DeedReused, Forbidden, Invalid, NotFound, Stale
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.places import ATLAS
from wangge.solvers.fatigue import Breach, breaks

#: Stints noted in one go (a fortnight's roster of a large community).
TOGETHER_MAX = 5_000
#: What was worked lies no further from what was planned.
ABOUT = timedelta(hours=12)
_ONE_PLACE = "hours_stint_one_place_at_a_time"


class Planning(msgspec.Struct):
    """A stint to come. `override`: why it must be beyond a limit; empty: it must not."""

    id: UUID
    staff_id: UUID
    area_code: str
    post: str
    starts_at: datetime
    ends_at: datetime
    override: str = ""


class Recording(msgspec.Struct):
    """A stint that was worked; without `staff_id` one's own."""

    id: UUID
    area_code: str
    post: str
    starts_at: datetime
    ends_at: datetime
    staff_id: UUID | None = None
    override: str = ""


class Changing(msgspec.Struct):
    """What a stint is to say; `worked`: it was worked like this."""

    id: UUID
    version: int
    post: str
    starts_at: datetime
    ends_at: datetime
    worked: bool
    why: str
    override: str = ""


class Cancelling(msgspec.Struct):
    id: UUID
    version: int
    why: str


class Answering(msgspec.Struct):
    """Why a stint was worked beyond a limit."""

    id: UUID
    reason: str


async def plan(tx: Tx, body: Planning) -> Duty:
    """Plan a stint. Raises Invalid, NotFound, Forbidden, OverLimit, TwoPlaces."""
    post = checked(body.post, body.starts_at, body.ends_at, tx.now, worked=False)
    await within(tx, PLAN, body.area_code)
    await must_work_there(tx, [body.staff_id], body.area_code)
    made = _new(tx, body.id, body.staff_id, body, post, "planned", "office")
    await note(tx, [made], body.override)
    return made


async def record(tx: Tx, body: Recording) -> Duty:
    """Note a stint that was worked: one's own, or one's people's. What is true is noted, also beyond a
    limit: then somebody has to answer for it. Raises as `plan`, but for OverLimit."""
    whose = body.staff_id or tx.actor.id
    post = checked(body.post, body.starts_at, body.ends_at, tx.now, worked=True)
    if whose == tx.actor.id:
        if not tx.actor.may_somewhere(OWN, tx.now):
            raise Forbidden(OWN.name)
    else:
        await within(tx, PLAN, body.area_code)
    await must_work_there(tx, [whose], body.area_code)
    source = "self" if whose == tx.actor.id else "office"
    made = _new(tx, body.id, whose, body, post, "worked", source)
    await note(tx, [made], body.override)
    return made


async def change(tx: Tx, body: Changing) -> Duty:
    """Mend a stint, or say that it was worked; what it said before is kept. Of one's own one says what
    was worked, once it has begun and about when it was; plans are changed by whoever plans. Raises as
    `plan`, NotYours and Stale."""
    before = await queries.lock(tx, body.id, PLAN)
    _fresh(before, body.version)
    planner = tx.actor.may(PLAN, before.area_code, tx.now)
    why = reason_of("why", body.why)
    post = checked(body.post, body.starts_at, body.ends_at, tx.now, worked=body.worked)
    if not planner and not (
        body.worked
        and before.starts_at <= tx.now
        and body.starts_at < before.ends_at + ABOUT
        and before.starts_at - ABOUT < body.ends_at
    ):
        raise NotYours()
    after = replace(
        before,
        post=post,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        state="worked" if body.worked else before.state,
        version=before.version + 1,
    )
    await queries.in_turn(tx, [before.staff_id])
    found = (await _breaches(tx, [after]))[0]
    reason = _answered(tx, after, found, body.override)
    await queries.remember(tx, [before.id], why)
    with promise(_ONE_PLACE, otherwise=TwoPlaces()):
        await queries.change(tx, after)
    await _say(tx, [(after, found, reason)])
    return after


async def cancel(tx: Tx, body: Cancelling) -> Duty:
    """A stint that is not to be, or never was. Raises NotFound, Forbidden, Stale, Invalid."""
    before = await queries.lock(tx, body.id, PLAN)
    _fresh(before, body.version)
    if not tx.actor.may(PLAN, before.area_code, tx.now) and before.source != "self":
        raise NotYours()
    await queries.remember(tx, [before.id], reason_of("why", body.why))
    after = replace(before, state="cancelled", version=before.version + 1)
    await queries.change(tx, after)
    tx.publish(StintCancelled(after.id, after.area_code, after.version))
    return after


async def cancel_all(tx: Tx, stints: Sequence[tuple[UUID, str, int]], why: str) -> None:
    """Stints (id, area, version) that are not to be, whose door was passed; three statements."""
    if not stints:
        return
    ids = [id_ for id_, _, _ in stints]
    await queries.remember(tx, ids, why)
    await queries.cancel(tx, ids)
    tx.publish(*(StintCancelled(id_, area, version + 1) for id_, area, version in stints))


async def answer(tx: Tx, body: Answering) -> Duty:
    """Answer for a stint of somebody else's that was worked beyond a limit. Raises NotFound, Forbidden,
    Invalid, NothingToAnswer."""
    stint = await queries.lock(tx, body.id, PLAN)
    if stint.staff_id == tx.actor.id or not tx.actor.may(OVERRIDE, stint.area_code, tx.now):
        raise Forbidden(OVERRIDE.name)
    if not await queries.answer(tx, stint.id, reason_of("reason", body.reason)):
        raise NothingToAnswer()
    tx.publish(LimitAnswered(stint.id, stint.area_code, tx.actor.id))
    return stint


async def asked(
    tx: Tx, staff_id: UUID, area_code: str, starts_at: datetime, ends_at: datetime
) -> tuple[Breach, ...]:
    """What a stint would break, without noting it. Raises as `plan`, but for the guard."""
    checked("-", starts_at, ends_at, tx.now, worked=False)
    await within(tx, PLAN, area_code)
    await must_work_there(tx, [staff_id], area_code)
    limits = (await LIMITS.get(tx)).limits
    around = back_days(limits)
    spans = await queries.spans(tx, [staff_id], starts_at - around, ends_at + around)
    return breaks(by_person(spans).get(staff_id, ()), span(starts_at, ends_at), limits)


async def note(tx: Tx, stints: Sequence[Duty], override: str = "") -> None:
    """Put stints down, all or none; the guard is asked about each beside all others, those of the
    same call too. A fixed number of statements, however many. Raises OverLimit, TwoPlaces, Invalid."""
    if len(stints) > TOGETHER_MAX:
        raise Invalid.of("stints", "一次最多登记 {most} 班。", most=TOGETHER_MAX)
    await queries.in_turn(tx, sorted({one.staff_id for one in stints}))
    if await queries.known(tx, [one.id for one in stints]):
        raise DeedReused()
    breaches = await _breaches(tx, stints)
    reasons = [
        _answered(tx, one, found, override) for one, found in zip(stints, breaches, strict=True)
    ]
    with promise(_ONE_PLACE, otherwise=TwoPlaces()):
        await queries.insert(tx, stints)
    await _say(tx, list(zip(stints, breaches, reasons, strict=True)))


async def _breaches(tx: Tx, stints: Sequence[Duty]) -> list[tuple[Breach, ...]]:
    """What each of them would break; one statement."""
    limits = (await LIMITS.get(tx)).limits
    around = back_days(limits)
    mine = {one.id for one in stints}
    kept = by_person(
        [
            one
            for one in await queries.spans(
                tx,
                sorted({one.staff_id for one in stints}),
                min(one.starts_at for one in stints) - around,
                max(one.ends_at for one in stints) + around,
            )
            if one.id not in mine
        ]
    )
    found: list[tuple[Breach, ...]] = []
    for one in stints:
        others = kept.setdefault(one.staff_id, [])
        new = span(one.starts_at, one.ends_at)
        found.append(breaks(others, new, limits))
        others.append(new)
    return found


def _answered(tx: Tx, stint: Duty, found: Sequence[Breach], override: str) -> str | None:
    """The reason of whoever answers for going beyond a limit; None when nothing is broken, or when it
    was worked and nobody has answered yet. Raises OverLimit for a plan without a reason, Forbidden
    without the right, and for oneself."""
    if not found:
        return None
    if any(one.kind == "overlap" for one in found):
        raise TwoPlaces()
    if not override.strip():
        if stint.state == "worked":
            return None
        raise OverLimit(tuple(found))
    if stint.staff_id == tx.actor.id or not tx.actor.may(OVERRIDE, stint.area_code, tx.now):
        raise Forbidden(OVERRIDE.name)
    return reason_of("override", override)


async def _say(tx: Tx, noted: Sequence[tuple[Duty, Sequence[Breach], str | None]]) -> None:
    """The facts, and who answers for what is beyond a limit; at most one statement."""
    beyond: list[queries.Override] = []
    for stint, found, reason in noted:
        tx.publish(StintNoted(stint.id, stint.area_code, stint.state, stint.version))
        if not found:
            continue
        rows = [
            {"kind": b.kind, "has": b.has, "limit": b.limit, "begins": b.begins} for b in found
        ]
        beyond.append(queries.Override(stint.id, stint.version, reason, rows))
        kinds = ",".join(dict.fromkeys(b.kind for b in found))
        tx.publish(
            LimitPassed(stint.id, stint.area_code, stint.version, kinds)
            if reason is None
            else LimitOverridden(stint.id, stint.area_code, stint.version, tx.actor.id, kinds)
        )
    if beyond:
        await queries.add_overrides(tx, beyond)


def _new(
    tx: Tx,
    id_: UUID,
    staff_id: UUID,
    body: Planning | Recording,
    post: str,
    state: str,
    source: str,
) -> Duty:
    return Duty(
        id_,
        staff_id,
        body.area_code,
        post,
        body.starts_at,
        body.ends_at,
        state,
        source,
        None,
        tx.actor.id,
        tx.now,
        1,
    )


def _fresh(stint: Duty, version: int) -> None:
    if stint.version != version:
        raise Stale(stint.version)
    if stint.state == "cancelled":
        raise StintOver()


async def within(tx: Tx, act: Act, area_code: str) -> None:
    """The area exists and the actor's post reaches it for the act. Raises NotFound, Forbidden."""
    atlas = await ATLAS.get(tx)
    area = atlas.area(area_code)
    if area is None or not area.open:
        raise NotFound("这个区域")
    if not tx.reach(act).covers(area_code):
        if tx.actor.may_somewhere(act, tx.now):
            raise NotFound("这个区域")
        raise Forbidden(act.name)


def works_there(roster: Roster, staff_id: UUID, area_code: str, now: datetime) -> bool:
    """Whether somebody holds a live post over the area, or in it."""
    return any(
        grant.area_code.startswith(area_code) or area_code.startswith(grant.area_code)
        for grant in roster.grants(staff_id, now)
    )


async def must_work_there(tx: Tx, staff_ids: Sequence[UUID], area_code: str) -> None:
    """All of these hold a post there. Raises NotFound."""
    roster = await ROSTER.get(tx)
    for staff_id in staff_ids:
        if not works_there(roster, staff_id, area_code, tx.now):
            raise NotFound("这个人员")
