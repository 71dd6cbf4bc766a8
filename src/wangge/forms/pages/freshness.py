"""The desk page of how fresh the register is, area by area."""

from typing import Any

from litestar import Response, get
from litestar.params import FromQuery

from wangge.forms import fresh
from wangge.forms.acts import LEDGER, READ
from wangge.forms.entries import dictionary
from wangge.forms.model import Dictionary
from wangge.forms.pages.common import ROWS, Asked, areas_for, first_area
from wangge.kernel.http import asking, page
from wangge.people.lists import checked_area
from wangge.places import ATLAS

#: A freshness table is as long as the areas one level down, at most so many.
FRESH_AREAS_MAX = 60


@get("/forms/fresh")
async def fresh_page(request: Asked, area: FromQuery[str] = "") -> Response[Any]:
    """The share of fresh values by area and field, and which households are asked next."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        atlas, known = await ATLAS.get(tx), await dictionary(tx)
        area = checked_area(area) or first_area(who, atlas, READ)
        below = atlas.children(area)[:FRESH_AREAS_MAX]
        digits = len(below[0].code) if below else 0
        keys = _growing_stale(known)
        found = await fresh.freshness(tx, area, keys, digits=digits)
        whole = await fresh.freshness(tx, area, keys) if digits else found
        homes = await fresh.next_homes(tx, area, keys, limit=ROWS)
    cells = {(one.area_code, one.key): one for one in found}
    return page(
        who,
        "forms/fresh.html",
        area=area,
        atlas=atlas,
        areas=areas_for(who, atlas, READ, digits=15),
        below=[a for a in below if any((a.code, key) in cells for key in keys)],
        keys=[key for key in keys if any(one.key == key for one in whole)],
        known=known,
        cells=cells,
        whole={one.key: one for one in whole},
        homes=homes,
        may_ledger=who.may(LEDGER),
    )


def _growing_stale(known: Dictionary) -> list[str]:
    return [
        entry.key
        for entry in known.all()
        if entry.spec.fresh_days is not None and entry.spec.subject in ("resident", "household")
    ]
