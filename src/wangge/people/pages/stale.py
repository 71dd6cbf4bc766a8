"""Pages of what has gone stale: stairwells of an area, and the doors of one, asked at the next visit."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import NotFound
from wangge.people import acts, freshness, lists, tags
from wangge.people.model import HOUSEHOLD_KINDS, HUKOU, RELATIONS, TENURES
from wangge.people.pages.parts import ROWS
from wangge.people.pages.residents import NAMES
from wangge.places import ATLAS

Asked = Request[Any, Any, Any]


@get("/stale")
async def stale_page(
    request: Asked, area: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[Any]:
    """Stairwells within reach, and in how many households of each something has gone stale."""
    who = asking(request)
    who.must(acts.RESIDENT_READ)
    async with who.tx(read_only=True) as tx:
        rows, mark = await lists.stairwells(tx, area=area, after=after, limit=ROWS)
        atlas = await ATLAS.get(tx)
        held = tx.reach(acts.RESIDENT_READ).areas
    parents = [area] if area else list(held)
    below = [a for code in parents for a in atlas.children(code)][:60]
    return page(
        who,
        "people/stale.html",
        rows=rows,
        mark=mark,
        may_decide=who.may(acts.RESIDENT_CHANGE),
        area=area,
        atlas=atlas,
        below=below,
    )


def stairwell_words(dwelling: str, room: str) -> str:
    """1幢2单元 of 1幢2单元301室."""
    return dwelling.removesuffix("室").removesuffix(room) or dwelling


@get("/stale/{unit_id:uuid}")
async def stairwell_page(request: Asked, unit_id: FromPath[UUID]) -> Response[Any]:
    """The doors of a stairwell, floor by floor, with what to ask at each; 没变 in one tap."""
    who = asking(request)
    who.must(acts.RESIDENT_READ)
    async with who.tx(read_only=True) as tx:
        asked = await freshness.in_stairwell(tx, unit_id)
        if not asked:
            raise NotFound("这个楼道")
        atlas = await ATLAS.get(tx)
        kinds = await tags.kinds(tx)
        area = asked[0].home.area_code
        confirming = tx.reach(acts.CONFIRM)
        may_confirm = (
            confirming.covers(area) or unit_id in confirming.units or bool(confirming.buildings)
        )
    return page(
        who,
        "people/stairwell.html",
        asked=asked,
        unit_id=unit_id,
        stairwell=stairwell_words(asked[0].home.dwelling, asked[0].home.room),
        area=area,
        atlas=atlas,
        needs={code: kind.name for code, kind in kinds.items()},
        names=NAMES,
        kinds=HOUSEHOLD_KINDS,
        tenures=TENURES,
        relations=RELATIONS,
        hukou=HUKOU,
        may_confirm=may_confirm,
        new_id=new_id,
    )


ROUTES: list[Any] = [stale_page, stairwell_page]
