"""Appeals that wait for somebody: what the three levels work through."""

from typing import Any

from litestar import Request, Response, get

from wangge.cases import appeals
from wangge.kernel.http import asking, page
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.tasks import target_words


@get("/appeals")
async def appeals_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Open appeals within reach, the first due first; those one may decide are marked. Below, what
    stands against each unit."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        found = await appeals.waiting(tx, request.query_params.get("after"))
        units = await appeals.unit_marks(tx, None, None)
        mine = {one.appeal.id for one in await appeals.to_decide(tx)}
        roster, atlas = await ROSTER.get(tx), await ATLAS.get(tx)
    return page(
        who,
        "cases/appeals.html",
        lines=[
            (
                one,
                appeals.WHAT_NAMES[one.appeal.what],
                appeals.STATE_NAMES[appeals.AppealState(one.appeal.state)],
                target_words(one.appeal.unit, roster, atlas, locale=who.locale),
                one.appeal.id in mine,
            )
            for one in found.items
        ],
        next=found.next,
        days=appeals.MARKS_DAYS,
        units=sorted(
            [(target_words(one.unit, roster, atlas, locale=who.locale), one) for one in units],
            key=lambda line: line[0],
        ),
    )


ROUTES: list[Any] = [appeals_page]
