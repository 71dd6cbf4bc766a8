"""Answering an offer, and what becomes of one that nobody answers."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from wangge import tasks
from wangge.cases import commands as cases
from wangge.cases import queries as case_queries
from wangge.cases.events import CaseOverdue
from wangge.cases.model import Case, State, Verb, reason
from wangge.cases.reference import REFERENCE
from wangge.cases.taxonomy import Level
from wangge.dispatch.commands.scenes import Scene, ask, rule_for, scene
from wangge.dispatch.rules import LEVELS, why_asked
from wangge.dispatch.settings import CLIMB_HOURS
from wangge.kernel.database import Tx
from wangge.kernel.said import said as kept
from wangge.tasks import Task, TaskKind

#: Offers looked at in one go of the clock.
EXPIRED_MAX = 100
#: Cases that climb in one go of the clock.
CLIMBED_MAX = 100


async def accept(tx: Tx, task_id: UUID) -> Task:
    """Take it (接单). Of a pool, the first; nobody else after. Raises AlreadyTaken, OfferGone."""
    task = await tasks.accept(tx, task_id, await tasks.my_keys(tx))
    if task.kind is TaskKind.HANDLE:
        case = await case_queries.lock_for_task(tx, task.origin_id)
        if case.state is State.DISPATCHED:
            await cases.progress(
                tx,
                case,
                Verb.ACK,
                case.handling_limit(),
                target=task.target,
                edit=lambda moved: replace(moved, handler_id=tx.actor.id, unit=task.target),
            )
    return task


async def decline(tx: Tx, task_id: UUID, why: str) -> Task:
    """Say no (with a reason): the next candidate is asked in the same transaction."""
    said = reason("reason", why)
    task = await tasks.decline(tx, task_id, await tasks.my_keys(tx), said)
    case = await case_queries.lock_for_task(tx, task.origin_id)
    return await ask_next(tx, task, case, await scene(tx, case.area_code))


async def ask_next(tx: Tx, task: Task, case: Case, found: Scene) -> Task:
    """Nobody answered, or no: the next candidate, a level up when the near ones are through.

    When nobody is left, the task is stranded, which the command room sees, and the case is nobody's.
    """
    rule = rule_for(task, case, found)
    tried = [*task.tried, *([task.target] if task.target else [])]
    own = case.handler_id is not None and task.kind is TaskKind.INSPECT
    but = [f"staff:{case.handler_id}"] if own else []
    choice = await ask(tx, rule, case, found, tried=tried, but=but)
    asked = choice.asked
    # Whoever said no, or nothing, answers for the case no more: what comes late is whoever's it is with.
    theirs = case.state is State.DISPATCHED and case.unit == task.target
    if asked is None:
        if theirs:
            await cases.hand_on(tx, replace(case, unit=None))
        return await tasks.strand(tx, task)
    moved = replace(case, unit=asked.target) if theirs else case
    if LEVELS.index(asked.level) > LEVELS.index(Level(case.level)):
        await cases.aside(
            tx,
            case,
            replace(moved, level=asked.level.value),
            Verb.ESCALATE,
            kept("无人接单,转上一级"),
        )
    elif moved.unit != case.unit:
        await cases.hand_on(tx, moved)
    answer_by = tx.now + timedelta(minutes=task.answer_minutes)
    return await tasks.offer_again(
        tx,
        task,
        asked.target,
        asked.level.value,
        answer_by,
        why_asked(choice.why, choice.resting) if choice.why else "",
    )


async def expire_offers(tx: Tx) -> int:
    """What the clock does: offers without an answer go on to the next one."""
    late = await tasks.expire(tx, EXPIRED_MAX)
    for task in late:
        case = await case_queries.lock_for_task(tx, task.origin_id)
        await ask_next(tx, task, case, await scene(tx, case.area_code))
    return len(late)


async def climb(tx: Tx) -> int:
    """Cases whose limit has passed are said to be late and climb one level; and again, as long
    as nothing happens, every so many hours, up to the county."""
    late = await case_queries.lock_overdue(tx, CLIMBED_MAX)
    if not late:
        return 0
    hours = (await REFERENCE.get(tx)).decided(CLIMB_HOURS)
    for case in late:
        at = LEVELS.index(Level(case.level))
        above = LEVELS[min(at + 1, len(LEVELS) - 1)]
        top = above is LEVELS[-1]
        tx.publish(CaseOverdue(case.id, case.area_code, case.state, case.due_what or ""))
        climbed = replace(
            case,
            level=above.value,
            climb_at=None if top else tx.now + timedelta(hours=hours),
        )
        if above.value == case.level:
            await case_queries.save(tx, climbed)
        else:
            why = kept("超时升级:{cause}", cause=case.due_cause)
            await cases.aside(tx, case, climbed, Verb.ESCALATE, why)
    return len(late)
