"""What imports keep under area codes, and how it follows an area that was redrawn."""

from collections import Counter
from collections.abc import Sequence

from wangge.imports.queries import areas as queries
from wangge.kernel.database import Tx
from wangge.people.changes.model import shared_area
from wangge.places.holders import Count, Moved, holds, moves


@holds("imports.tables", "张导入的表")
async def tables(tx: Tx, codes: Sequence[str]) -> Sequence[Count]:
    """Tables that wait for somebody."""
    return await queries.waiting(tx, codes)


@moves("imports.tables")
async def tables_follow(tx: Tx, moved: Moved) -> Sequence[Count]:
    """A table goes with an area that went as a whole. One of an area that was split is from now on of
    the area that holds all parts, and each part's office sees it: a line without a door is for
    whoever knows the door. Lines with a door are where the door is. Four statements."""
    became = {one.code: one.successors for one in await queries.successors(tx, moved.old)}
    became |= {old: (new,) for old, new in moved.codes.items()}
    going: list[queries.Of] = []
    for one in await queries.of_areas(tx, moved.old):
        whole = one.parts or (one.area_code,)
        now = sorted({new for code in whole for new in became.get(code) or (code,)})
        area = now[0] if len(now) == 1 else shared_area(now)
        going.append(queries.Of(one.id, area, tuple(now) if len(now) > 1 else ()))
    await queries.set_areas(tx, going)
    await queries.follow_doors(tx, moved.old)
    return [Count(area, n) for area, n in sorted(Counter(o.area_code for o in going).items())]
