"""What the case page asks beside the case itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.people import Roster


@dataclass(frozen=True, slots=True)
class MyTask:
    """A live task of a case that this actor is asked about, or holds."""

    id: UUID
    kind: str
    state: str
    held: bool


def keys_of(tx: Tx, roster: Roster) -> Iterable[str]:
    """The targets the actor answers for."""
    yield f"staff:{tx.actor.id}"
    for grant in tx.actor.grants:
        if grant.live(tx.now):
            yield f"role:{grant.role.value}@{grant.area_code}"
    for post in roster.posts_of(tx.actor.id):
        if post.org_id is not None and post.live(tx.now):
            yield f"org:{post.org_id}"
    for team in roster.teams_of(tx.actor.id, tx.now):
        yield f"team:{team.id}"


async def my_tasks(tx: Tx, case_id: UUID, roster: Roster) -> list[MyTask]:
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
        keys=sorted(keys_of(tx, roster)),
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
