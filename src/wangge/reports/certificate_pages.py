"""A sweep's account comes out in whatever form its asker sent."""

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from wangge.kernel.http import asking
from wangge.kernel.refusals import NotFound
from wangge.places import ATLAS
from wangge.reports import commands
from wangge.reports.certificates import fill_form
from wangge.reports.uploads import BODY_BYTES_MAX, uploaded
from wangge.sweeps.acts import READ
from wangge.sweeps.certificate import read_account
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.queries import certificate, rounds

Asked = Request[Any, Any, Any]


async def _filled(request: Asked, round_id: UUID) -> Response[bytes]:
    who = asking(request)
    who.signed()
    data, name = await uploaded(request)
    async with who.tx(read_only=True) as tx:
        round_ = await rounds.round_(tx, tx.reach(READ), round_id)
        kept = await certificate.certificates(tx, round_id)
        if not kept:
            raise NotFound("核对表")
        known = await kind_as_opened(tx, round_id)
        atlas = await ATLAS.get(tx)
        by = tx.actor.name
    account = read_account(kept[-1].account)
    made = await asyncio.to_thread(fill_form, data, name, account, known, atlas, by)
    title = quote(f"{round_.title}.xlsx")
    return Response(
        made.data,
        media_type=commands.XLSX,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f"attachment; filename=\"sweep.xlsx\"; filename*=UTF-8''{title}",
            "X-Unknown-Headings": quote(",".join(made.unknown)),
        },
    )


@post(
    "/api/v1/sweeps/{round_id:uuid}/certificate/form",
    status_code=200,
    request_max_body_size=BODY_BYTES_MAX,
)
async def fill_by_program(request: Asked, round_id: FromPath[UUID]) -> Response[bytes]:
    """The latest account in the asker's own workbook (`file`, or the plain body): one row an area,
    or the rows it names. Headings nothing is known for are named in `X-Unknown-Headings`."""
    return await _filled(request, round_id)


@post(
    "/sweeps/{round_id:uuid}/certificate/form",
    status_code=200,
    request_max_body_size=BODY_BYTES_MAX,
)
async def fill_on_the_desk(request: Asked, round_id: FromPath[UUID]) -> Response[bytes]:
    """The same from the certificate's page."""
    return await _filled(request, round_id)


API_ROUTES: list[Any] = [fill_by_program]
ROUTES: list[Any] = [fill_on_the_desk]
