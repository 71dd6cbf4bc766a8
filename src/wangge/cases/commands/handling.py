"""While it is worked on: the class clock, pauses, extensions, another try."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from wangge import tasks
from wangge.cases import queries
from wangge.cases.acts import DECIDE
from wangge.cases.commands.grounds import Ground, ground, handling_of
from wangge.cases.commands.moving import door, progress
from wangge.cases.limits import JOINT_RETURNS
from wangge.cases.model import (
    STATE_NAMES,
    VERB_NAMES,
    Case,
    Limit,
    State,
    Verb,
    WrongState,
    reason,
)
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Forbidden, Invalid
from wangge.kernel.said import said as kept


def start_clock(grounds: Ground, case: Case, now: datetime) -> Case:
    """The handling timer starts at dispatch, with the class's limit."""
    known = grounds.reference.classes.get(case.class_code or "")
    if known is None:
        raise Invalid.of("class_code", "请先选定事项分类,再派遣。")
    return case.clock(
        grounds.span_of(known), now, grounds.reference.calendar, handling_of(known)
    )


async def suspend(
    tx: Tx, case_id: UUID, version: int | None, why: str, review_at: datetime
) -> Case:
    """An outside cause (挂起): the class clock stands still, the review clock runs."""
    case = await door(tx, case_id, version, DECIDE)
    said = reason("reason", why)
    if not tx.now < review_at <= tx.now + timedelta(days=90):
        raise Invalid.of("review_at", "复核日期应在今后 90 天以内。")
    grounds = await ground(tx, case.area_code)
    suspended = await progress(
        tx,
        case,
        Verb.SUSPEND,
        Limit(review_at, "review", kept("挂起复核")),
        opinion=said,
        edit=lambda moved: moved.pause(tx.now, grounds.reference.calendar),
    )
    await tasks.retime_for(tx, case.id, review_at)
    return suspended


async def resume(tx: Tx, case_id: UUID, version: int | None) -> Case:
    """The cause is gone; the clock runs on with what was left."""
    case = await door(tx, case_id, version, DECIDE)
    grounds = await ground(tx, case.area_code)
    running = case.unpause(tx.now, grounds.reference.calendar)
    resumed = await progress(
        tx,
        running,
        Verb.RESUME,
        running.handling_limit(),
    )
    if resumed.due_at is not None:
        await tasks.retime_for(tx, case.id, resumed.due_at)
    return resumed


async def ask_extension(tx: Tx, case: Case, why: str, until: datetime) -> Case:
    """The handler needs more time; somebody decides. The class clock runs on meanwhile."""
    said = reason("reason", why)
    if case.final_due_at is None or not case.final_due_at < until <= tx.now + timedelta(
        days=60
    ):
        raise Invalid.of("until", "延期应晚于现在的时限,且在 60 天以内。")
    grounds = await ground(tx, case.area_code)
    return await progress(
        tx,
        case,
        Verb.ASK_EXTENSION,
        grounds.limit(tx.now, grounds.reference.limits.decide, "decide", "延期审批"),
        opinion=said,
        target=f"until:{until.isoformat()}",
    )


async def decide_extension(
    tx: Tx, case_id: UUID, version: int | None, approve: bool, why: str
) -> Case:
    """Grant or deny what the handler asked for."""
    case = await door(tx, case_id, version, DECIDE)
    if case.state is not State.EXTENSION_PENDING:
        raise WrongState(STATE_NAMES[case.state], VERB_NAMES[Verb.GRANT_EXTENSION])
    if case.handler_id == tx.actor.id:
        raise Forbidden(VERB_NAMES[Verb.GRANT_EXTENSION])
    if not approve:
        return await progress(
            tx, case, Verb.DENY_EXTENSION, case.handling_limit(), opinion=reason("reason", why)
        )
    until = datetime.fromisoformat(await queries.asked_until(tx, case.id))
    longer = replace(case, final_due_at=until, final_cause=kept("经批准延期"))
    granted = await progress(
        tx, longer, Verb.GRANT_EXTENSION, longer.handling_limit(), opinion=why.strip()
    )
    await tasks.retime_for(tx, case.id, until)
    return granted


async def rework(tx: Tx, case: Case, why: str) -> Case:
    """Not good enough (返工): the same unit, all earlier material, time left plus half."""
    grounds = await ground(tx, case.area_code)
    again = case.again(tx.now, grounds.reference.calendar)
    sent_back = await progress(
        tx, again, Verb.REWORK, again.handling_limit(), opinion=reason("reason", why)
    )
    return sent_back


def needs_joint(case: Case, grounds: Ground) -> bool:
    """The third return calls a meeting (疑难会商)."""
    return case.returns >= grounds.reference.decided(JOINT_RETURNS)
