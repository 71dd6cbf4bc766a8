"""Long work with a mark: how much is done is committed with what was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from wangge.kernel.database import Tx


class Cancelled(RuntimeError):
    """Somebody set the work's state to `cancelled`; running it again goes on."""


@dataclass(frozen=True, slots=True)
class Work:
    """One row of kernel_work."""

    id: UUID
    kind: str
    state: str
    done: int
    total: int
    data: dict[str, Any]


def work_id(kind: str) -> UUID:
    """A district has one work of each of our kinds."""
    return uuid5(NAMESPACE_URL, f"urn:wangge:work:{kind}")


async def find(tx: Tx, kind: str) -> Work | None:
    """The work as it stands."""
    return await tx.maybe(
        Work,
        "select id, kind, state, done, total, data from kernel_work where id = :id",
        id=work_id(kind),
    )


async def begin(tx: Tx, kind: str, total: int, data: Mapping[str, Any]) -> Work:
    """Start it, or take it up again where it was (its `data` stays what it was)."""
    await tx.run(
        """
        insert into kernel_work (id, kind, by_id, state, total, data, started_at, changed_at)
        values (:id, :kind, :by, 'running', :total, :data, :now, :now)
        on conflict (id) do update
           set state = case when kernel_work.state = 'done' then 'done' else 'running' end,
               changed_at = excluded.changed_at
        """,
        id=work_id(kind),
        kind=kind,
        by=tx.actor.id,
        total=total,
        data=dict(data),
        now=tx.now,
    )
    found = await find(tx, kind)
    assert found is not None
    return found


async def step(tx: Tx, kind: str, done: int) -> None:
    """So much is done, as of this transaction. Raises Cancelled (and nothing is done)."""
    changed = await tx.run(
        """
        update kernel_work set done = :done, changed_at = :now
         where id = :id and state <> 'cancelled'
        """,
        id=work_id(kind),
        done=done,
        now=tx.now,
    )
    if not changed:
        raise Cancelled(kind)


async def note(tx: Tx, kind: str, **data: Any) -> None:
    """Add to what the work remembers."""
    await tx.run(
        "update kernel_work set data = data || :data, changed_at = :now where id = :id",
        id=work_id(kind),
        data=data,
        now=tx.now,
    )


async def finish(tx: Tx, kind: str) -> None:
    """It is done."""
    await tx.run(
        """
        update kernel_work set state = 'done', done = greatest(done, total), changed_at = :now
         where id = :id
        """,
        id=work_id(kind),
        now=tx.now,
    )
