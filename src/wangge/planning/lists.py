"""Lists on paper: every micro-grid's stairwells with their households, now or as they would be."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from wangge.kernel.http import Asking, asking, page
from wangge.places import ATLAS
from wangge.planning import queries
from wangge.planning.acts import READ
from wangge.planning.judging import judge
from wangge.planning.town import situation

Asked = Request[Any, Any, Any]


@get("/micro-grids/{code:str}/lists")
async def lists_page(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Every micro-grid's stairwells with their households, and its head: a page each, A4."""
    return await _lists(asking(request), code, None)


@get("/micro-grids/proposals/{id_:uuid}/lists")
async def proposal_lists(request: Asked, id_: FromPath[UUID]) -> Response[Any]:
    """The lists as they would be."""
    return await _lists(asking(request), "", id_)


async def _lists(who: Asking, code: str, id_: UUID | None) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        one = await queries.proposal(tx, tx.reach(READ), id_) if id_ else None
        found = await situation(tx, one.area_code if one else code)
        moment = tx.now
    planned = one is not None and one.state == "ready"
    division = {**found.town.today, **(one.division if one and planned else {})}
    judged = await asyncio.to_thread(judge, found, division)
    inside: dict[str, list[tuple[str, Any, bool]]] = {}
    for unit in found.town.units:
        grid = division.get(unit.id, "")
        inside.setdefault(grid, []).append(
            (found.names[unit.id], unit, found.town.today.get(unit.id) != grid)
        )
    return page(
        who,
        "planning/lists.html",
        area=found.area,
        path=atlas.path(found.area.code),
        lines=judged.lines,
        inside=inside,
        loose=inside.get("", []),
        one=one,
        planned=planned,
        moment=moment,
    )


LISTS: list[Any] = [lists_page, proposal_lists]
