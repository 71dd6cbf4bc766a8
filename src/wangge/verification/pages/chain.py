"""Who had to do with whom, by days: drawn, and as a list that can be read aloud."""

from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath

from wangge.kernel.http import page
from wangge.solvers.contacts import draw
from wangge.verification import queries
from wangge.verification.bringing import columns_kept
from wangge.verification.pages.common import Answer, Ask, office
from wangge.verification.reading import entries_of
from wangge.verification.records import hidden, lines_of

#: Entries drawn; a picture of more is no picture. The list below it is of the same ones.
DRAWN_MAX = 300
#: Pixels between days and between lanes, and around.
WIDE, HIGH, EDGE = 120, 44, 60


@get("/verification/{list_id:uuid}/chain")
async def chain_page(request: Ask, list_id: FromPath[UUID]) -> Answer:
    """The chain of a list's first entries. They are called by their numbers in the list."""
    who = office(request)
    async with who.tx(read_only=True) as tx:
        found = await queries.one_list(tx, list_id)
        rows = await queries.rows_after(tx, list_id, 0, DRAWN_MAX)
    entries = entries_of(lines_of(who.district.vault, list_id, rows), columns_kept(found))
    drawn = draw(entries)
    called = {one.id: hidden(one.id) for one in drawn.spots}
    spot_of = {
        one.id: (EDGE + one.column * WIDE, EDGE + one.lane * HIGH) for one in drawn.spots
    }
    lines = [(*spot_of[line.a], *spot_of[line.b], line.directed) for line in drawn.lines]
    told: dict[str, tuple[list[str], list[str]]] = {one.id: ([], []) for one in drawn.spots}
    for line in drawn.lines:
        told[line.b][0 if line.directed else 1].append(called[line.a])
        if not line.directed:
            told[line.a][1].append(called[line.b])
    return page(
        who,
        "verification/chain.html",
        one=found,
        days=[(EDGE + at * WIDE, day) for at, day in enumerate(drawn.days)],
        spots=[(one, *spot_of[one.id]) for one in drawn.spots],
        lines=lines,
        told=told,
        called=called,
        wide=EDGE * 2 + max(0, len(drawn.days) - 1) * WIDE,
        high=EDGE * 2 + max(0, drawn.lanes - 1) * HIGH,
        drawn=DRAWN_MAX,
    )


ROUTES: list[Any] = [chain_page]
