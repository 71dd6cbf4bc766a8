"""Every statement of the tasks room."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import NotFound
from wangge.tasks.model import NewTask, Task

_COLUMNS = (
    *("id", "kind", "origin", "origin_id", "area_code", "state", "target", "level", "urgent"),
    *("answer_minutes", "offered_at", "answer_by", "due_at", "created_at", "why"),
)


async def insert(tx: Tx, tasks: Sequence[NewTask]) -> None:
    """All at once, each with its first offer; without a target it is stranded."""
    await tx.copy(
        "tasks_task",
        _COLUMNS,
        [
            (
                *(t.id, t.kind, t.origin, t.origin_id, t.area_code),
                *("stranded" if t.target is None else "offered", t.target, t.level, t.urgent),
                *(t.answer_minutes, None if t.target is None else tx.now, t.answer_by),
                *(t.due_at, tx.now, t.why),
            )
            for t in tasks
        ],
    )


async def lock(tx: Tx, task_id: UUID, keys: Sequence[str]) -> Task:
    """The door to a task that its holder, or one of those asked, is about to change.

    Whoever was never asked might as well ask for a task that does not exist.
    """
    found = await tx.maybe(
        Task,
        """
        select id, kind, origin, origin_id, area_code, state, target, holder_id, level, urgent,
               tried, answer_minutes, offered_at, answer_by, due_at, accepted_at, ended_at,
               version, why
          from tasks_task
         where id = :task_id
           and (holder_id = :me or target = any(:keys::text[]) or tried && :keys::text[])
           for update
        """,
        task_id=task_id,
        me=tx.actor.id,
        keys=list(keys),
    )
    if found is None:
        raise NotFound("这个任务")
    return found


async def lock_expired(tx: Tx, limit: int) -> list[Task]:
    """Offers whose time to answer is over; two clocks never take the same one."""
    return await tx.many(
        Task,
        """
        select id, kind, origin, origin_id, area_code, state, target, holder_id, level, urgent,
               tried, answer_minutes, offered_at, answer_by, due_at, accepted_at, ended_at,
               version, why
          from tasks_task
         where state = 'offered' and answer_by <= :now
         order by answer_by limit :limit
           for update skip locked
        """,
        now=tx.now,
        limit=limit,
    )


async def save(tx: Tx, task: Task) -> None:
    """A task's new value."""
    await tx.run(
        """
        update tasks_task
           set state = :state, target = :target, holder_id = :holder_id, level = :level,
               tried = :tried::text[], offered_at = :offered_at, answer_by = :answer_by,
               due_at = :due_at, accepted_at = :accepted_at, ended_at = :ended_at,
               version = :version, why = :why
         where id = :id
        """,
        id=task.id,
        state=task.state.value,
        target=task.target,
        holder_id=task.holder_id,
        level=task.level,
        tried=list(task.tried),
        offered_at=task.offered_at,
        answer_by=task.answer_by,
        due_at=task.due_at,
        accepted_at=task.accepted_at,
        ended_at=task.ended_at,
        version=task.version,
        why=task.why,
    )


async def record_answer(
    tx: Tx, task: Task, answer: str, by_id: UUID | None, reason: str
) -> None:
    """How the present offer ended."""
    await tx.run(
        """
        insert into tasks_offer
               (id, task_id, target, offered_at, answer_by, answer, answered_at, by_id, reason,
                why)
        values (:id, :task_id, :target, :offered_at, :answer_by, :answer, :now, :by_id, :reason,
                :why)
        """,
        id=new_id(tx.now),
        task_id=task.id,
        target=task.target,
        offered_at=task.offered_at,
        answer_by=task.answer_by,
        answer=answer,
        now=tx.now,
        by_id=by_id,
        reason=reason,
        why=task.why,
    )


async def lock_by_origins(tx: Tx, origin_ids: Sequence[UUID]) -> list[Task]:
    """The tasks of things that are not over, for the room whose door to the things was passed."""
    return await tx.many(
        Task,
        """
        select id, kind, origin, origin_id, area_code, state, target, holder_id, level, urgent,
               tried, answer_minutes, offered_at, answer_by, due_at, accepted_at, ended_at,
               version, why
          from tasks_task
         where origin_id = any(:origins::uuid[]) and state not in ('done', 'cancelled')
         order by created_at, id
           for update
        """,
        origins=list(origin_ids),
    )


async def withdraw(tx: Tx, tasks: Sequence[Task]) -> None:
    """The present offers of these tasks were taken back."""
    await tx.run(
        """
        insert into tasks_offer
               (id, task_id, target, offered_at, answer_by, answer, answered_at, by_id, reason,
                why)
        select o.id, t.id, t.target, t.offered_at, t.answer_by, 'withdrawn', :now, :by_id, '',
               t.why
          from unnest(:ids::uuid[], :tasks::uuid[]) as o(id, task_id)
          join tasks_task t on t.id = o.task_id
        """,
        ids=[new_id(tx.now) for _ in tasks],
        tasks=[task.id for task in tasks],
        now=tx.now,
        by_id=tx.actor.id,
    )


async def move(tx: Tx, tasks: Sequence[Task]) -> None:
    """Tasks in other areas, with whom they ask there."""
    await tx.run(
        """
        update tasks_task t
           set area_code = m.area_code, target = m.target, offered_at = m.offered_at,
               answer_by = m.answer_by, version = t.version + 1,
               why = case when m.target is distinct from t.target then '' else t.why end,
               tried = case when m.target is distinct from t.target and t.target is not null
                            then array_append(t.tried, t.target) else t.tried end
          from unnest(:ids::uuid[], :codes::text[], :targets::text[], :offered::timestamptz[],
                      :answers::timestamptz[]) as m(id, area_code, target, offered_at, answer_by)
         where t.id = m.id
        """,
        ids=[task.id for task in tasks],
        codes=[task.area_code for task in tasks],
        targets=[task.target for task in tasks],
        offered=[task.offered_at for task in tasks],
        answers=[task.answer_by for task in tasks],
    )


async def retime(tx: Tx, origin_id: UUID, due_at: datetime) -> None:
    """A thing's live tasks are due when the thing is."""
    await tx.run(
        """
        update tasks_task set due_at = :due_at, version = version + 1
         where origin_id = :origin_id and state not in ('done', 'cancelled')
        """,
        origin_id=origin_id,
        due_at=due_at,
    )


async def forget_reasons(tx: Tx, origin_ids: Sequence[UUID]) -> int:
    """Take the words off the offers of things whose words go; who, when and what stay."""
    return await tx.run(
        """
        update tasks_offer o set reason = ''
          from tasks_task t
         where t.id = o.task_id and t.origin_id = any(:origins::uuid[]) and o.reason <> ''
        """,
        origins=list(origin_ids),
    )
