"""What the clock does for verification."""

from datetime import timedelta

from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick
from wangge.verification import work


@tick("verification.check", every=timedelta(seconds=1))
async def check(tx: Tx) -> int:
    """Lists that are checked go on."""
    return await work.on_the_clock(tx)
