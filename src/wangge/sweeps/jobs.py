"""The clock closes rounds that everybody has forgotten."""

from datetime import timedelta

from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick
from wangge.kernel.settings import decided
from wangge.sweeps.commands.closing import close_round
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
