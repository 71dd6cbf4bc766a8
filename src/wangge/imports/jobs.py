"""What the clock does for imports."""

from datetime import timedelta

from wangge.imports import work
from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick


@tick("imports.register", every=timedelta(seconds=1))
async def register(tx: Tx) -> int:
    """Imports that are judged, applied or undone go on."""
    return await work.on_the_clock(tx)
