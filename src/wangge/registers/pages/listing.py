"""The lists of the registers: everything, what was looked for, what has gone stale."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery

from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people.lists import bounds, checked_area, read_mark
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many
from wangge.registers import acts, queries, search
from wangge.registers.kinds import KINDS
from wangge.registers.model import STATES, kind_of
from wangge.registers.pages.common import Req, headline
from wangge.registers.search import Asked, ThingLine

ROWS = 50


@dataclass(frozen=True, slots=True)
class Looked:
    """What the list shows and what was looked for; what is personal never stands in an address."""

    kind: str = ""
    state: str = "open"
    area: str = ""
    after: str = ""
    asked: Asked = field(default_factory=Asked)


async def _list(
    who: Asking, looked: Looked, *, refusal: Refusal | None = None
) -> Response[Any]:
    who.must(acts.READ)
    asked = looked.asked
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        rows: list[ThingLine] = []
        mark: str | None = None
        try:
            rows, mark = await search.page(
                tx,
                who.district.vault,
                asked if asked.anything else Asked(looked.kind, looked.state),
                area=looked.area,
                after=looked.after,
                limit=ROWS,
            )
        except Invalid as wrong:
            refusal = wrong
    return page(
        who,
        "registers/list.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        mark=mark,
        looked=looked,
        asked=asked,
        atlas=atlas,
        today=local_date(tx.now),
        kinds=KINDS,
        states=STATES,
        headline=headline,
        may_change=who.may(acts.CHANGE),
        refusal=who.said(refusal),
    )


@get("/registers")
async def list_page(
    request: Req,
    kind: FromQuery[str] = "",
    status: FromQuery[str] = "open",
    area: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Things within reach: firms, premises, vehicles, facilities."""
    return await _list(asking(request), Looked(kind, status, area, after))


@post("/registers", status_code=200)
async def search_page(request: Req) -> Response[Any]:
    """Find by a name, a number, a plate or a door; in the body, so that no address holds them."""
    given = await fields(request)
    kind, state = given.get("kind", ""), given.get("state", "open")
    asked = Asked(
        kind,
        state,
        given.get("name", ""),
        given.get("person", ""),
        given.get("phone", ""),
        given.get("plate", ""),
        given.get("credit_code", ""),
        given.get("address", ""),
    )
    looked = Looked(kind, state, given.get("area", ""), given.get("after", ""), asked)
    return await _list(asking(request), looked)


@get("/registers/stale")
async def stale_page(
    request: Req,
    kind: FromQuery[str] = "",
    area: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Things of which something has gone stale, to ask about on the next round."""
    who = asking(request)
    who.must(acts.READ)
    if kind:
        kind_of(kind)
    async with who.tx(read_only=True) as tx:
        reach = tx.reach(acts.READ)
        low, high = bounds(tx, acts.READ, checked_area(area))
        rows, mark = await queries.stale_page(
            tx,
            reach,
            low=low,
            high=high,
            kind=kind,
            today=local_date(tx.now),
            after=read_mark(after),
            limit=ROWS,
        )
        atlas = await ATLAS.get(tx)
    parents = [area] if area else list(reach.areas)
    return page(
        who,
        "registers/stale.html",
        rows=rows,
        mark=mark,
        kind=kind,
        area=area,
        atlas=atlas,
        below=[one for code in parents for one in atlas.children(code)][:60],
        kinds=KINDS,
        headline=headline,
        may_confirm=who.may(acts.CONFIRM),
        new_id=new_id,
    )


@post("/registers/stale", status_code=200)
async def confirm_many(request: Req) -> Response[Any]:
    """Those that were ticked have not changed."""
    who, given = asking(request), await fields(request)
    who.signed()
    seen = [_seen(one) for one in await many(request, "seen")]
    if seen:
        await do_form(who, given, "registers.confirm", {"seen": seen})
    area, kind = checked_area(given.get("area", "")), given.get("kind", "")
    return back(who, f"/registers/stale?area={area}&kind={kind if kind in KINDS else ''}")


def _seen(text: str) -> dict[str, Any]:
    """`id.version` of a form. Raises Invalid."""
    id_, _, version = text.partition(".")
    try:
        return {"id": str(UUID(id_)), "version": int(version)}
    except ValueError as wrong:
        raise Invalid.of("seen", "没有这一条。") from wrong
