"""What a phone takes along to the doors: households with something to ask, masks, nothing else."""

from collections.abc import Callable
from typing import Any

import small_town as town
from wangge.kernel.actors import Actor
from wangge.web.field import api

As = Callable[[str], Actor]


async def test_a_stairwell_head_takes_along_their_own_doors_and_no_number(
    room_client: Any, as_: As
) -> None:
    client = await room_client(api.ROUTES, as_("part_time_worker"))
    answer = await client.get("/api/v1/field/stale")
    assert answer.status_code == 200
    wells = answer.json()["stairwells"]
    assert {w["unit_id"] for w in wells} <= {str(town.unit_id("1-1-1"))}
    assert "199" not in "".join(
        p["name"] for w in wells for h in w["homes"] for p in h["people"]
    )
    for home in (h for w in wells for h in w["homes"]):
        assert home["stale"] or any(p["stale"] for p in home["people"])
        assert {home["id"], *(p["id"] for p in home["people"])} <= {
            id_ for id_, _ in home["seen"]
        }


async def test_who_may_not_confirm_takes_nothing_along(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("volunteer"))
    assert (await client.get("/api/v1/field/stale")).status_code == 403
