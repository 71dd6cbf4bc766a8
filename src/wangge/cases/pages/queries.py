"""What the case page asks beside the case itself."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.tasks import my_keys


@dataclass(frozen=True, slots=True)
class MyTask:
    """A live task of a case that this actor is asked about, or holds."""

    id: UUID
    kind: str
    state: str
    held: bool


async def my_tasks(tx: Tx, case_id: UUID) -> list[MyTask]:
    """Tasks of the case waiting for this actor's answer or work."""
    return await tx.many(
        MyTask,
        """
        select id, kind, state, holder_id is not distinct from :me as held
          from tasks_task
         where origin_id = :case_id
           and ((state = 'offered' and target = any(:keys::text[]))
                or (state in ('accepted', 'doing') and holder_id = :me))
         order by created_at, id
        """,
        case_id=case_id,
        me=tx.actor.id,
        keys=sorted(await my_keys(tx)),
    )


@dataclass(frozen=True, slots=True)
class Contact:
    """The sealed number of whoever reported a case."""

    area_code: str
    contact_sealed: bytes | None


async def contact(tx: Tx, case_id: UUID) -> Contact:
    """For somebody who has passed the door of the case."""
    return await tx.one(
        Contact, "select area_code, contact_sealed from cases_case where id = :id", id=case_id
    )
