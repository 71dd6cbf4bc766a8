"""Lists on paper: every micro-grid's stairwells with their households, now or as they would be."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import Asking, asking, page
from wangge.places import ATLAS, AreaKind
from wangge.places.model import LENGTHS
from wangge.planning import queries
from wangge.planning.acts import READ
from wangge.planning.judging import judge
from wangge.planning.queries import Proposal
from wangge.planning.town import Situation, situation

Asked = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A stairwell on a sheet. `was` is the micro-grid that it came from, by name: "" where it was in none,
    None where it stays."""

    name: str
    households: int
    special: int
    floors: int
    lift: bool
    was: str | None


@get("/micro-grids/{code:str}/lists")
async def lists_page(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Every micro-grid's stairwells with their households, and its head: a page each, A4."""
    return await _lists(asking(request), code, None, whole=True)


@get("/micro-grids/proposals/{id_:uuid}/lists")
async def proposal_lists(
    request: Asked, id_: FromPath[UUID], whole: FromQuery[str] = ""
) -> Response[Any]:
    """The lists as they would be, or are since it was accepted: of the micro-grids that change, or of the
    `whole` community."""
    return await _lists(asking(request), "", id_, whole=whole == "1")


def came_from(one: Proposal | None, found: Situation) -> dict[str, str]:
    """The micro-grid, "" for none, in which stairwells were before a proposal, by id, as far as it moved
    or would move them and they did not go back."""
    if one is None or one.state == "undone":
        return {}
    today = found.town.today
    if one.applied is not None:
        pairs: Mapping[str, list[str]] = one.applied["units"]
        return {
            unit: was if len(was) == LENGTHS[AreaKind.MICRO_GRID] else ""
            for unit, (was, _) in pairs.items()
            if today.get(unit) != was
        }
    before = {unit.id: today.get(unit.id, "") for unit in found.town.units}
    return {unit: was for unit, was in before.items() if one.division.get(unit, was) != was}


async def _lists(who: Asking, code: str, id_: UUID | None, *, whole: bool) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        one = await queries.proposal(tx, tx.reach(READ), id_) if id_ else None
        found = await situation(tx, one.area_code if one else code)
        moment = tx.now
    planned = one is not None and one.state == "ready"
    division = {**found.town.today, **(one.division if one and planned else {})}
    judged = await asyncio.to_thread(judge, found, division)
    came = came_from(one, found)
    inside: dict[str, list[Row]] = {}
    left: dict[str, list[tuple[str, str]]] = {}
    for unit in found.town.units:
        grid = division.get(unit.id, "")
        was = came.get(unit.id)
        if was:
            to = found.called.get(grid, grid)
            left.setdefault(was, []).append((found.names[unit.id], to))
        inside.setdefault(grid, []).append(
            Row(
                found.names[unit.id],
                unit.households,
                unit.special,
                unit.floors,
                unit.lift,
                (found.called.get(was) or atlas.name(was)) if was else was,
            )
        )
    gaining = {g for g, rows in inside.items() if any(row.was is not None for row in rows)}
    changed = gaining | set(left)
    some = bool(changed) and not whole
    return page(
        who,
        "planning/lists.html",
        area=found.area,
        path=atlas.path(found.area.code),
        lines=[line for line in judged.lines if not some or line.code in changed],
        some=some,
        changed=len(changed),
        every=len(judged.lines),
        inside=inside,
        left=left,
        loose=inside.get("", []),
        one=one,
        planned=planned,
        moment=moment,
    )


LISTS: list[Any] = [lists_page, proposal_lists]
