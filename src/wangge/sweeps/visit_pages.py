"""The lists of the home team on paper: a person a page."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from wangge.kernel.actors import area_range
from wangge.kernel.http import asking, page
from wangge.people import ROSTER
from wangge.people.acts import RESIDENT_READ
from wangge.places import ATLAS
from wangge.places.forms import area_digits
from wangge.sweeps.acts import DEAL
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.queries import dealing, roster, rounds
from wangge.sweeps.queries.dealing import VisitedDoor
from wangge.sweeps.showing import common

Asked = Request[Any, Any, Any]

#: Doors printed at once.
DOORS_MAX = 2_000


@get("/sweeps/{round_id:uuid}/visits")
async def visits_page(
    request: Asked, round_id: FromPath[UUID], area: FromQuery[str] = ""
) -> Response[Any]:
    """Who goes to which homes, to print: door by door in the order they are walked. Masked names of those
    who are visited, where the reader reads residents."""
    who = asking(request)
    who.must(DEAL)
    async with who.tx(read_only=True) as tx:
        round_ = await rounds.round_(tx, tx.reach(DEAL), round_id)
        known = await kind_as_opened(tx, round_id)
        low, high = area_range(area_digits(area, "area") or round_.area_code)
        found = await dealing.visited_doors(
            tx, tx.reach(DEAL), round_id, low, high, DOORS_MAX + 1
        )
        reads = tx.reach(RESIDENT_READ)
        people = [one for door in found if reads.covers(door.area_code) for one in door.special]
        masks = (
            {row.id: row.name_mask for row in await roster.masks(tx, people)} if people else {}
        )
        names = await ROSTER.get(tx)
        atlas = await ATLAS.get(tx)
    lists: dict[UUID, list[VisitedDoor]] = {}
    for door in found[:DOORS_MAX]:
        lists.setdefault(door.worker_id, []).append(door)
    return page(
        who,
        "sweeps/visits.html",
        round=round_,
        kind=known,
        lists=lists,
        more=len(found) > DOORS_MAX,
        most=DOORS_MAX,
        masks=masks,
        names={worker: names.staff_name(worker) for worker in lists},
        atlas=atlas,
        **common(who),
    )


ROUTES: list[Any] = [visits_page]
