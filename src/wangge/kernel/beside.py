"""Long arithmetic of a job beside the loop, with progress that is seen and a stop that is heard."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from wangge.kernel.database import Tx

#: Seconds between two looks at how far it is.
TELL_SECONDS = 0.5
#: Seconds a thread gets to notice that it is to stop.
STOP_SECONDS = 2.0
Found = TypeVar("Found")


async def beside(
    tx: Tx,
    work: Callable[[], Found],
    tell: Callable[[Tx], Awaitable[int]],
    stop: Callable[[], None],
) -> Found:
    """What `work` finds in a thread of its own. Meanwhile `tell` writes how far it is, each time in a
    transaction of its own; where it answers 0 nobody wants it any more, and `stop` says so to the work.
    Whatever ends this stops the work."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        while True:
            done, _ = await asyncio.wait((working,), timeout=TELL_SECONDS)
            if done:
                break
            async with tx.aside() as other:
                if not await tell(other):
                    stop()
    finally:
        stop()
        await asyncio.wait((working,), timeout=STOP_SECONDS)
    return working.result()
