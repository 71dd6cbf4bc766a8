"""What the pages of households and residents show of the registers."""

from typing import Any

from litestar import Response, get
from litestar.params import FromQuery

from wangge.kernel.http import asking, page
from wangge.registers import acts, reading
from wangge.registers.kinds import KINDS
from wangge.registers.pages.common import Req, headline, uuid_of


@get("/registers/here")
async def here(
    request: Req, dwelling: FromQuery[str] = "", resident: FromQuery[str] = ""
) -> Response[Any]:
    """What is registered behind a door, or what somebody answers for: a part of the pages of
    households and residents, and a page of its own without scripts."""
    who = asking(request)
    who.must(acts.READ)
    given = {"dwelling": dwelling, "resident": resident}
    async with who.tx(read_only=True) as tx:
        if resident:
            rows = await reading.of_resident(tx, uuid_of(given, "resident"))
        else:
            rows = await reading.at_door(tx, uuid_of(given, "dwelling"))
    part = request.headers.get("hx-request") == "true"
    return page(
        who,
        "registers/_here.html" if part else "registers/here.html",
        rows=rows,
        dwelling=dwelling,
        resident=resident,
        kinds=KINDS,
        headline=headline,
        may_change=who.may(acts.CHANGE),
    )
