"""The clock closes rounds that everybody has forgotten, and opens those that come again."""

from datetime import timedelta

from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick
from wangge.kernel.settings import decided
from wangge.sweeps.commands.closing import close_round
from wangge.sweeps.commands.planning import open_due
from wangge.sweeps.model import CLOSE_HOURS
from wangge.sweeps.queries import closing as queries


@tick("sweeps.close_expired", every=timedelta(minutes=5))
async def close_expired(tx: Tx) -> int:
    """One round at a time, each with its certificate."""
    hours = (await decided(tx))(CLOSE_HOURS)
    found = await queries.lock_expired(tx, tx.now - timedelta(hours=hours), 1)
    for round_ in found:
        await close_round(tx, round_.id, expired=True)
    return len(found)


@tick("sweeps.open_due", every=timedelta(seconds=30))
async def open_planned(tx: Tx) -> int:
    """The next round of a plan, at its time."""
    return await open_due(tx)
