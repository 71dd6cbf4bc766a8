"""What the clock clears away."""

from datetime import timedelta

from wangge.access import kept, queries
from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick


@tick("access.clear", every=timedelta(minutes=10))
async def clear(tx: Tx) -> int:
    """Sessions, invitations and failures whose time is over. Answers 0: one pass clears all."""
    await kept.delete_over(tx)
    await queries.forget_tries(tx, tx.now - timedelta(hours=48))
    return 0
