"""What the clock does for dispatch."""

from datetime import timedelta

from wangge.dispatch import commands
from wangge.dispatch.imports import work
from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick


@tick("dispatch.offers", every=timedelta(seconds=1))
async def offers(tx: Tx) -> int:
    """Offers without an answer go on."""
    return await commands.expire_offers(tx)


@tick("dispatch.climb", every=timedelta(seconds=5))
async def climb(tx: Tx) -> int:
    """Overdue cases climb."""
    return await commands.climb(tx)


@tick("dispatch.import_rows", every=timedelta(seconds=1))
async def imports(tx: Tx) -> int:
    """Running imports go on."""
    return await work.on_the_clock(tx)
