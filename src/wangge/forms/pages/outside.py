"""The page of whoever asked for a table; no account."""

from datetime import timedelta
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from wangge.forms import requests
from wangge.forms.model import FREQUENCY_NAMES, REQUEST_STATES
from wangge.forms.pages.common import Asked
from wangge.forms.queries import requests as request_queries
from wangge.kernel.http import asking, page
from wangge.kernel.limits import Limiter
from wangge.kernel.moments import now
from wangge.places import ATLAS

#: Looks at an answer page that strangers take, by address.
_looks = Limiter(per_minute=30, burst=30)


@get("/answers/{token:str}")
async def answer_page(request: Asked, token: FromPath[str]) -> Response[Any]:
    """What became of a request, for whoever has its address; no account, nothing personal."""
    who = asking(request)
    _looks.take(who.address or "?", now().timestamp())
    async with who.tx(read_only=True) as tx:
        found = await request_queries.answer(tx, token)
        atlas = await ATLAS.get(tx)
    return page(
        who,
        "forms/answer.html",
        request_=found,
        columns=requests.asked_columns(found),
        burden=requests.burden_of(found),
        area=atlas.name(found.area_code),
        states=REQUEST_STATES,
        frequencies=FREQUENCY_NAMES,
        decided_by_then=found.filed_at + timedelta(days=5),
    )
