"""The clock ends what nobody renewed."""

from datetime import timedelta

from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick
from wangge.responses import commands


@tick("responses.end_expired", every=timedelta(minutes=1))
async def end_expired(tx: Tx) -> int:
    return await commands.end_expired(tx)
