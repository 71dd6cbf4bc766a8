"""A round's clock: when its time runs out, whoever listens is told what is left."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.jobs import job, later
from wangge.sweeps.events import TimeOver
from wangge.sweeps.queries import closing as queries

TIME_OVER = "sweeps.time_over"


async def set_clock(tx: Tx, round_id: UUID, ends_at: datetime) -> None:
    """The round is looked at when its time is over. It has one clock, so that one end is told once."""
    data = {"round": str(round_id), "ends_at": ends_at.isoformat()}
    await tx.run(
        "delete from kernel_job where name = :name and data ->> 'round' = :round",
        name=TIME_OVER,
        round=str(round_id),
    )
    await later(tx, TIME_OVER, data, at=ends_at)


@job(TIME_OVER)
async def time_over(tx: Tx, data: Mapping[str, Any]) -> None:
    """Nothing is said of a round that was closed or given more time since, or that is done."""
    round_ = await queries.running(tx, UUID(data["round"]))
    if round_ is None or round_.ends_at != datetime.fromisoformat(data["ends_at"]):
        return
    left = await queries.left(tx, round_.id)
    if left:
        tx.publish(TimeOver(round_.id, round_.area_code, round_.ends_at, left))
