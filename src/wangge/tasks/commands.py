"""Commands of the tasks room. Each looks, decides, writes, says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.tasks import queries
from wangge.tasks.events import (
    OfferExpired,
    TaskAccepted,
    TaskCancelled,
    TaskDeclined,
    TaskDone,
    TaskHandedBack,
    TaskOffered,
    TaskStranded,
)
from wangge.tasks.model import (
    HELD,
    KIND_NAMES,
    NewTask,
    OfferGone,
    Task,
    TaskKind,
    TaskState,
    WrongTaskState,
)


async def create(tx: Tx, tasks: Sequence[NewTask]) -> None:
    """Make tasks, each with its first offer, in one statement."""
    if not tasks:
        return
    await queries.insert(tx, tasks)
    for task in tasks:
        if task.target is None:
            tx.publish(TaskStranded(task.id, task.area_code, task.origin_id))
        else:
            tx.publish(
                TaskOffered(
                    task.id,
                    task.area_code,
                    task.kind,
                    task.origin_id,
                    task.target,
                    task.level,
                    task.urgent,
                )
            )


async def accept(tx: Tx, task_id: UUID, keys: Collection[str]) -> Task:
    """Say yes. `keys` are the targets the actor answers for. Raises AlreadyTaken, OfferGone."""
    before = await queries.lock(tx, task_id, sorted(keys))
    task = before.accept(tx.actor.id, tx.now)
    if task is before:
        return task
    if before.target not in keys:
        raise OfferGone()  # asked earlier; the task has gone on to somebody else since
    await queries.record_answer(tx, before, "accepted", tx.actor.id, "")
    await queries.save(tx, task)
    tx.publish(TaskAccepted(task.id, task.area_code, task.origin_id, tx.actor.id))
    return task


async def decline(tx: Tx, task_id: UUID, keys: Collection[str], reason: str) -> Task:
    """Say no, with a reason. The task is left without an offer; the caller asks the next one."""
    task = await queries.lock(tx, task_id, sorted(keys))
    if task.state is not TaskState.OFFERED or task.target not in keys:
        raise OfferGone()
    await queries.record_answer(tx, task, "declined", tx.actor.id, reason)
    tx.publish(TaskDeclined(task.id, task.area_code, task.origin_id, str(task.target)))
    return task


async def expire(tx: Tx, limit: int) -> list[Task]:
    """Offers without an answer in time, recorded as such; the caller asks the next ones."""
    late = await queries.lock_expired(tx, limit)
    for task in late:
        await queries.record_answer(tx, task, "expired", None, "")
        tx.publish(OfferExpired(task.id, task.area_code, task.origin_id, str(task.target)))
    return late


async def offer_again(
    tx: Tx, task: Task, target: str, level: str, answer_by: datetime, why: str
) -> Task:
    """Ask the next one, and why that one."""
    offered = task.offer(target, level, tx.now, answer_by, why)
    await queries.save(tx, offered)
    tx.publish(
        TaskOffered(
            task.id, task.area_code, task.kind, task.origin_id, target, level, task.urgent
        )
    )
    return offered


async def strand(tx: Tx, task: Task) -> Task:
    """Nobody is left to ask."""
    stranded = task.strand()
    await queries.save(tx, stranded)
    tx.publish(TaskStranded(task.id, task.area_code, task.origin_id))
    return stranded


async def start(tx: Tx, task_id: UUID, keys: Collection[str]) -> Task:
    """The holder goes to work."""
    task = (await queries.lock(tx, task_id, sorted(keys))).start(tx.actor.id)
    await queries.save(tx, task)
    return task


async def held(tx: Tx, task_id: UUID, keys: Collection[str]) -> Task:
    """The task, locked, if the actor holds it."""
    task = await queries.lock(tx, task_id, sorted(keys))
    task.must_be_held_by(tx.actor.id)
    return task


async def finish(tx: Tx, task_id: UUID, keys: Collection[str], kind: TaskKind) -> Task:
    """The holder is done. `kind` guards against finishing a check as if it were work."""
    task = await queries.lock(tx, task_id, sorted(keys))
    if task.kind is not kind:
        raise WrongTaskState(KIND_NAMES[task.kind])
    task = task.finish(tx.actor.id, tx.now)
    await queries.save(tx, task)
    _say_done(tx, task)
    return task


def _say_done(tx: Tx, task: Task) -> None:
    late = tx.now > task.due_at
    tx.publish(TaskDone(task.id, task.area_code, task.origin_id, task.kind, late))


async def hand_back(tx: Tx, task_id: UUID, keys: Collection[str], reason: str) -> Task:
    """The unit gives the task back: from an offer, or after having accepted."""
    task = await queries.lock(tx, task_id, sorted(keys))
    if task.state in HELD:
        task.must_be_held_by(tx.actor.id)
    elif task.state is not TaskState.OFFERED or task.target not in keys:
        raise OfferGone()
    await queries.record_answer(tx, task, "returned", tx.actor.id, reason)
    cancelled = task.cancel(tx.now)
    await queries.save(tx, cancelled)
    tx.publish(TaskHandedBack(task.id, task.area_code, task.origin_id, str(task.target)))
    return cancelled


async def cancel_for(tx: Tx, origin_id: UUID, *, kinds: Collection[TaskKind] = ()) -> int:
    """The thing is over or goes another way: its live tasks (of those kinds) end."""
    ended = 0
    for task in await queries.lock_by_origins(tx, [origin_id]):
        if kinds and task.kind not in kinds:
            continue
        if task.state is TaskState.OFFERED:
            await queries.record_answer(tx, task, "withdrawn", tx.actor.id, "")
        await queries.save(tx, task.cancel(tx.now))
        tx.publish(TaskCancelled(task.id, task.area_code, task.origin_id))
        ended += 1
    return ended


async def retime_for(tx: Tx, origin_id: UUID, due_at: datetime) -> None:
    """The thing has a new deadline, and so have its tasks."""
    await queries.retime(tx, origin_id, due_at)


async def go_along(
    tx: Tx, areas: Mapping[UUID, str], heads: Mapping[UUID, tuple[str, str]]
) -> None:
    """Things lie in other areas now (by origin), and so do their live tasks. Whoever holds one goes on
    with it. An offer to the first of `heads`, or to a post over the old area, is put to the second, or to
    the same post over the new one, with the whole time to answer."""
    before = await queries.lock_by_origins(tx, list(areas))
    after: list[Task] = []
    put: list[Task] = []
    for task in before:
        now = replace(task, area_code=areas[task.origin_id])
        target = _instead(task, now.area_code, heads.get(task.origin_id))
        if target is not None:
            answer_by = tx.now + timedelta(minutes=task.answer_minutes)
            now = now.offer(target, task.level, tx.now, answer_by)
            put.append(now)
        after.append(now)
    await queries.withdraw(tx, put)
    await queries.move(tx, after)
    tx.publish(
        *(
            TaskOffered(
                task.id,
                task.area_code,
                task.kind,
                task.origin_id,
                task.target or "",
                task.level,
                task.urgent,
            )
            for task in put
        )
    )


def _instead(task: Task, area_code: str, heads: tuple[str, str] | None) -> str | None:
    """Whom to ask in the new area instead; None where whoever is asked stays asked."""
    if task.state is not TaskState.OFFERED or task.target is None:
        return None
    if heads is not None and task.target == heads[0]:
        return heads[1]
    kind, _, rest = task.target.partition(":")
    role, _, code = rest.partition("@")
    return f"role:{role}@{area_code}" if kind == "role" and code == task.area_code else None
