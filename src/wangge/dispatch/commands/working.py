"""The holder's verbs: start, finish, give back, meet, ask for time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from wangge import tasks
from wangge.cases import commands as cases
from wangge.cases import queries as case_queries
from wangge.cases.model import Case, Verb, reason
from wangge.cases.taxonomy import Level
from wangge.dispatch.asking import Choice
from wangge.dispatch.commands.giving import create_task
from wangge.dispatch.commands.scenes import Scene, scene
from wangge.dispatch.rules import rooms
from wangge.dispatch.settings import ROOM_MINUTES
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.kernel.said import said as kept
from wangge.tasks import Task, TaskKind


async def start(tx: Tx, task_id: UUID) -> Task:
    """The holder goes to work."""
    task = await tasks.start(tx, task_id, await tasks.my_keys(tx))
    if task.kind is TaskKind.HANDLE:
        case = await case_queries.lock_for_task(tx, task.origin_id)
        if case.may(Verb.START):
            await cases.progress(
                tx,
                case,
                Verb.START,
                case.handling_limit(),
                edit=lambda moved: replace(moved, handler_id=tx.actor.id),
            )
    return task


async def finish(tx: Tx, task_id: UUID, result: str, files: Sequence[UUID]) -> Task:
    """Done, with words and photos; somebody else checks before it is closed."""
    said = reason("result", result)
    task = await tasks.finish(tx, task_id, await tasks.my_keys(tx), TaskKind.HANDLE)
    case = await case_queries.lock_for_task(tx, task.origin_id)
    found = await scene(tx, case.area_code)
    limit = found.ground.limit(
        tx.now, found.ground.reference.limits.inspect, "inspect", "核查结案"
    )
    await cases.progress(
        tx,
        case,
        Verb.FINISH,
        limit,
        opinion=said,
        edit=lambda moved: replace(moved, result=said, handler_id=tx.actor.id),
    )
    await cases.photos(tx, case.id, files, "result")
    return task


async def return_task(tx: Tx, task_id: UUID, why: str) -> Task:
    """The unit gives the case back to the dispatcher, with a reason (回退)."""
    said = reason("reason", why)
    task = await tasks.hand_back(tx, task_id, await tasks.my_keys(tx), said)
    if task.kind is not TaskKind.HANDLE:
        raise Invalid.of("task_id", "核实、核查任务请选“不接”,不能退回派遣。")
    case = await case_queries.lock_for_task(tx, task.origin_id)
    found = await scene(tx, case.area_code)
    returned = await cases.progress(
        tx,
        case,
        Verb.RETURN_TO_DISPATCHER,
        found.ground.to_dispatch(tx.now),
        opinion=said,
        target=task.target,
        edit=lambda moved: replace(
            moved,
            returned=True,
            returns=moved.returns + 1,
            handler_id=None,
            unit=None,
            final_due_at=None,
            final_cause="",
        ),
    )
    if cases.needs_joint(returned, found.ground):
        await _call_meeting(tx, returned, found)
    return task


async def _call_meeting(tx: Tx, case: Case, found: Scene) -> None:
    """疑难会商: several units have given it back, so they are brought to one table."""
    minutes = found.ground.reference.decided(ROOM_MINUTES)
    asked = next(rooms(case.area_code, Level.STREET, found.roster, tx.now), None)
    await create_task(tx, case, TaskKind.JOINT, Choice(asked), minutes, case.due_at or tx.now)


async def finish_meeting(tx: Tx, task_id: UUID, result: str, files: Sequence[UUID]) -> Task:
    """What the meeting decided, into the story; the dispatcher goes on from there."""
    said = reason("result", result)
    task = await tasks.finish(tx, task_id, await tasks.my_keys(tx), TaskKind.JOINT)
    case = await case_queries.lock_for_task(tx, task.origin_id)
    await cases.aside(tx, case, case, Verb.NOTE, kept("疑难会商:{said}", said=said))
    await cases.photos(tx, case.id, files, "result")
    return task


async def ask_extension(tx: Tx, task_id: UUID, why: str, until: datetime) -> Case:
    """The holder needs more time."""
    return await cases.ask_extension(tx, await _held_case(tx, task_id), why, until)


async def _held_case(tx: Tx, task_id: UUID) -> Case:
    task = await tasks.held(tx, task_id, await tasks.my_keys(tx))
    return await case_queries.lock_for_task(tx, task.origin_id)
