"""Desk pages of deliveries: how many people it takes, what each takes over and carries in which load, and
the same on paper with room for signatures."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.i18n import translate
from wangge.kernel.refusals import Invalid, Refusal
from wangge.places import ATLAS, AreaKind
from wangge.places.forms import back
from wangge.planning.acts import READ
from wangge.planning.packs import Brought, Wish, brought, ground, read_wish

Asked = Request[Any, Any, Any]

nav(68, "/deliveries", "送货到门", "box", READ)


@get("/deliveries")
async def delivery_communities(request: Asked) -> Response[Any]:
    """The communities within reach; the only one at once."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        atlas, reach = await ATLAS.get(tx), tx.reach(READ)
    found = [
        area
        for area in atlas.open_areas()
        if area.kind is AreaKind.COMMUNITY and reach.covers(area.code)
    ]
    if len(found) == 1:
        return back(who, f"/deliveries/{found[0].code}")
    return page(
        who,
        "planning/delivery_communities.html",
        communities=[(area, atlas.path(area.code)) for area in found],
    )


async def _shown(request: Asked, code: str, template: str) -> Response[Any]:
    who = asking(request)
    who.must(READ)
    given = {name: str(value) for name, value in request.query_params.items()}
    wish, problems = read_wish(given)
    refusal: Refusal | None = Invalid.all(problems) if problems else None
    async with who.tx(read_only=True) as tx:
        here = await ground(tx, code)
        atlas, moment = await ATLAS.get(tx), tx.now
    made = None if refusal or not here.units else await brought(here, wish)
    return page(
        who,
        template,
        status=refusal.status if refusal else 200,
        area=here.area,
        path=atlas.path(code),
        wish=wish,
        given=given,
        made=made,
        told=_told(who, made) if made else [],
        query=_query(given),
        moment=moment,
        refusal=who.said(refusal),
    )


def _told(who: Asking, made: Brought) -> list[str]:
    """What the plan comes to, the most pressing first: too heavy, who is too few, people in all, vans;
    and whether every pack gets to a door, as the checker counts it."""
    said = made.made.sentences if made.heavy else made.made.sentences[::-1]
    sentences = [*said, *made.verdict.sentences[:1]]
    return [translate(who.locale, one.text, **one.values) for one in sentences]


def _query(given: Mapping[str, str]) -> dict[str, str]:
    """What the page was asked, for the page on paper."""
    fields = Wish.__dataclass_fields__
    return {
        name: text for name, text in given.items() if text and (name in fields or ":" in name)
    }


@get("/deliveries/{code:str}")
async def delivery_page(request: Asked, code: FromPath[str]) -> Response[Any]:
    """How many people it takes to bring packs to every door of a community, and who carries what."""
    return await _shown(request, code, "planning/deliveries.html")


@get("/deliveries/{code:str}/lists")
async def delivery_lists(request: Asked, code: FromPath[str]) -> Response[Any]:
    """The same on paper: a page for each hand-over, with room for each signature."""
    return await _shown(request, code, "planning/delivery_lists.html")


DELIVERIES: list[Any] = [delivery_communities, delivery_page, delivery_lists]
