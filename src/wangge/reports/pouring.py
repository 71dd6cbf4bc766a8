"""How the lines of a long report come: area by area, while those before them are filled in.

One statement sorts all lines before it gives the first, and nobody works meanwhile. In the order of
areas it gives those of an area when it has found them, as of one snapshot, and a thread fills them
into the sheet while it looks for the next.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from wangge.kernel.actors import area_range
from wangge.kernel.database import Tx
from wangge.places.atlas import Atlas
from wangge.reports.statements import Statement

#: Lines from which on a report is asked for by areas.
MANY = 2_000
#: Pieces of lines that wait to be filled in; then the database waits.
_BEHIND = 32


def parts_of(atlas: Atlas, code: str) -> list[tuple[str, str]]:
    """The codes that begin with `code`, as ranges one after the other, an area of the next level but
    one or so in each: the communities of a street or a district, the grids of a community. Nothing
    lies between two of them, whatever there is no area for."""
    low, high = area_range(code)
    digits = 12 if len(code) < 12 else 15
    inner = [area.code for area in atlas.open_areas(code) if len(area.code) == digits]
    edges = [low, *inner[1:], high]
    return list(pairwise(edges))


async def poured(
    tx: Tx,
    made: Statement,
    take: Callable[[bytes], None],
    then: Callable[[], Awaitable[None]],
) -> None:
    """Hand whole lines to `take`, in a thread, in their order, a few pieces behind the database; when
    it has given all, `then` may ask it for more. Returns when all are taken; raises what `take`
    raises."""
    behind: deque[asyncio.Future[None]] = deque()
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix="wangge-lines") as beside:

        async def sink(piece: bytes) -> None:
            while len(behind) >= _BEHIND or (behind and behind[0].done()):
                await behind.popleft()
            behind.append(loop.run_in_executor(beside, take, piece))

        try:
            await tx.pour(made.sql, sink, **made.values)
            await then()
            while behind:
                await behind.popleft()
        finally:
            for waiting in behind:
                waiting.cancel()
            beside.shutdown(wait=False, cancel_futures=True)
            await asyncio.gather(*behind, return_exceptions=True)
