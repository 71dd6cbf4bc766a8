"""Rounds that come again: every so many days, each from the one before."""

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from wangge.kernel.calendars import Calendar
from wangge.kernel.database import Tx
from wangge.kernel.moments import local, local_date, new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.said import both, said
from wangge.people.roster import actor_of
from wangge.sweeps.acts import OPEN
from wangge.sweeps.commands.closing import close_round
from wangge.sweeps.commands.opening import Opening, checked, open_round, within_reach
from wangge.sweeps.events import PlanEnded, PlanMade, PlanPaused
from wangge.sweeps.kinds import open_kind
from wangge.sweeps.model import Doors, PlanOver, RoundOver, meeting
from wangge.sweeps.queries import plans as queries
from wangge.sweeps.queries import rounds
from wangge.sweeps.queries.plans import Plan

EVERY = (1, 366)
#: How long a plan waits whose round the system failed to open.
AGAIN = timedelta(minutes=5)
log = logging.getLogger("wangge.sweeps")

#: Days a plan may look ahead for its first round.
START_DAYS_MAX = 366


class Planning(Opening, kw_only=True):
    """A round as opened, and how often it comes: every `every_days` days, `workdays` skips days
    off, until the day `until` (that day too). Without `starts_at` the first opens now."""

    every_days: int
    workdays: bool = False
    until: date | None = None
    starts_at: datetime | None = None


#: More days than are off at a stretch.
OFF_MAX = timedelta(days=31)


def next_at(plan: Plan, after: datetime) -> datetime | None:
    """The first time of a plan later than a moment, at the hour it has; None after its end. Days
    are counted from the plan's anchor: a time put off to a working day moves none after it."""
    step = timedelta(days=plan.every_days)
    counted = plan.anchor + step * max(0, (after - OFF_MAX - plan.anchor) // step)
    while (moment := _put_off(plan, counted)) <= after:
        counted += step
    if plan.until is not None and local_date(moment) > plan.until:
        return None
    return moment


def _put_off(plan: Plan, moment: datetime) -> datetime:
    calendar = Calendar.default()
    while plan.workdays and not calendar.is_workday(local_date(moment)):
        moment += timedelta(days=1)
    return moment


def coming(plan: Plan, now: datetime, number: int) -> list[datetime]:
    """The next times, first the nearest."""
    found: list[datetime] = []
    if plan.next_at is None or plan.paused_at is not None or plan.ended_at is not None:
        return found
    moment: datetime | None = plan.next_at if plan.next_at > now else next_at(plan, now)
    while moment is not None and len(found) < number:
        found.append(moment)
        moment = next_at(plan, moment)
    return found


async def make_plan(tx: Tx, body: Planning) -> Plan:
    """Plan a round that comes again; without `starts_at` the first opens now, in this transaction.
    Raises what opening raises, and Invalid."""
    kind = await open_kind(tx, body.kind)
    await within_reach(tx, body.areas)
    scope = await checked(tx, body, kind)
    minutes = body.minutes or kind.minutes
    _must_fit(tx, body, minutes)
    areas = tuple(sorted(set(body.areas)))
    anchor = body.starts_at or tx.now
    plan = Plan(
        new_id(tx.now),
        kind.code,
        body.title.strip(),
        meeting(areas),
        areas,
        scope,
        minutes,
        body.every_days,
        body.workdays,
        anchor,
        anchor,
        body.until,
        tx.actor.id,
        tx.now,
        None,
        None,
        "",
        None,
    )
    first = next_at(plan, anchor - timedelta(seconds=1))
    if first is None:
        raise Invalid.of("until", "结束日期之前一次也轮不到,请改晚一些。")
    await queries.insert(tx, replace(plan, next_at=first))
    tx.publish(PlanMade(plan.id, plan.area_code, plan.kind, plan.every_days))
    if body.starts_at is None:
        await open_round(tx, _opening(plan, body.after, tx.now), plan_id=plan.id)
        await queries.set_next(tx, plan.id, next_at(plan, tx.now), None, "")
    return await queries.lock(tx, tx.reach(OPEN), plan.id)


def _must_fit(tx: Tx, body: Planning, minutes: int) -> None:
    if not EVERY[0] <= body.every_days <= EVERY[1]:
        raise Invalid.of(
            "every_days", "间隔应为 {least} 到 {most} 天。", least=1, most=EVERY[1]
        )
    if minutes > body.every_days * 1440:
        raise Invalid.of("minutes", "一轮的时限不能比间隔长,否则上一轮没完下一轮就开始。")
    if body.starts_at is not None and not (
        tx.now < body.starts_at <= tx.now + timedelta(days=START_DAYS_MAX)
    ):
        raise Invalid.of("starts_at", "第一轮的时间要晚于现在,且在一年以内。")


def _opening(plan: Plan, after: UUID | None, now: datetime) -> Opening:
    tags = [str(tag) for tag in plan.scope["tags"]]
    return Opening(
        kind=plan.kind,
        areas=list(plan.areas),
        title=f"{plan.title[:40]} {local(now).month}月{local(now).day}日" if plan.title else "",
        minutes=plan.minutes,
        doors=Doors(plan.scope["doors"]),
        tags=tags,
        units=[UUID(unit) for unit in plan.scope.get("units", ())],
        teams=[UUID(team) for team in plan.scope.get("teams", ())],
        things=[str(thing) for thing in plan.scope.get("things", ())],
        after=plan.last_id or after,
    )


async def pause_plan(tx: Tx, plan_id: UUID, *, paused: bool) -> Plan:
    """Stop a plan for a while, or let it go on from its next time. Raises NotFound, PlanOver."""
    plan = await queries.lock(tx, tx.reach(OPEN), plan_id)
    if plan.ended_at is not None or plan.next_at is None:
        raise PlanOver()
    if (plan.paused_at is not None) == paused:
        return plan
    next_ = plan.next_at if plan.next_at > tx.now else next_at(plan, tx.now)
    if not paused and next_ is None:
        raise PlanOver()
    await queries.pause(tx, plan_id, tx.now if paused else None, next_ or plan.next_at)
    tx.publish(PlanPaused(plan.id, plan.area_code, paused))
    return await queries.lock(tx, tx.reach(OPEN), plan_id)


async def end_plan(tx: Tx, plan_id: UUID) -> Plan:
    """No round more of a plan; one that runs goes on. Raises NotFound, PlanOver."""
    plan = await queries.lock(tx, tx.reach(OPEN), plan_id)
    if plan.ended_at is not None:
        raise PlanOver()
    await queries.set_next(tx, plan_id, None, None, "")
    tx.publish(PlanEnded(plan.id, plan.area_code))
    return await queries.lock(tx, tx.reach(OPEN), plan_id)


async def open_due(tx: Tx) -> int:
    """Open the round that is due first, as whoever planned it, with their posts of now. Answers 1,
    or 0 when none is.

    The round before is closed with its account when its time is over; while its clock still runs
    the next one waits for it. What cannot be opened today (no response is declared any more, a
    post has ended) is said on the plan's line and tried at its next time.
    """
    plan = await queries.due(tx)
    if plan is None:
        return 0
    before = await _still_open(tx, plan)
    if before is not None and before > tx.now:
        words = said(
            "上一轮要到 {at} 才结束,结束后接着开始。", at=f"{local(before):%m-%d %H:%M}"
        )
        await _wait(tx, plan, before, words)
        return 1
    try:
        async with tx.aside(await actor_of(tx, plan.by_id)) as mine:
            # Set on and opened at once or not at all: a worker that ends in between leaves the
            # round due, and the next one opens it.
            if not await queries.claim(mine, plan.id):
                return 0
            await _set_on(mine, plan, "")
            if before is not None and plan.last_id is not None:
                with suppress(RoundOver):  # closed by somebody meanwhile
                    await close_round(mine, plan.last_id, expired=True)
            await open_round(mine, _opening(plan, None, tx.now), plan_id=plan.id)
    except Refusal as refusal:
        log.info("plan %s: %s", plan.id, refusal.code)
        words = said(
            "{at} 没有开成:{why}",
            at=_day(tx.now),
            why=both(refusal.words("zh"), refusal.words("en")),
        )
        async with tx.aside() as beside:
            if await queries.claim(beside, plan.id):
                await _set_on(beside, plan, words)
    except Exception:
        # It stays due and is tried again; the plans behind it do not wait for it.
        log.exception("plan %s", plan.id)
        words = said("{at} 没有开成:系统出错,稍后再试。", at=_day(tx.now))
        await _wait(tx, plan, tx.now + AGAIN, words)
    return 1


async def _set_on(tx: Tx, plan: Plan, trouble: str) -> None:
    following = next_at(plan, tx.now)
    await queries.set_next(tx, plan.id, following, None, trouble)
    if following is None:
        tx.publish(PlanEnded(plan.id, plan.area_code))


async def _wait(tx: Tx, plan: Plan, until: datetime, words: str) -> None:
    async with tx.aside() as beside:
        if await queries.claim(beside, plan.id):
            await queries.set_next(beside, plan.id, plan.next_at, until, words)


async def _still_open(tx: Tx, plan: Plan) -> datetime | None:
    """The end of the plan's last round, while it is not closed."""
    if plan.last_id is None:
        return None
    round_ = await rounds.round_(tx, tx.reach(OPEN), plan.last_id)
    return round_.ends_at if round_.open else None


def _day(moment: datetime) -> str:
    return f"{local(moment):%m-%d %H:%M}"
