"""The same for programs: a mini-program of the district, a filed app, a script of a page."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from wangge.kernel.http.deeds import do_deed
from wangge.kernel.http.photos import PHOTO_BYTES_MAX, PhotoKept, keep_photo
from wangge.kernel.i18n import translate
from wangge.web.home import reporting
from wangge.web.home.guard import few_looks, few_reports, stranger
from wangge.web.home.places import spot_of
from wangge.web.home.receipts import Receipt, receipt_of

Req = Request[Any, Any, Any]

#: Bytes of a report: 2000 characters and what goes with them.
REPORT_BYTES_MAX = 30_000


class HomeReport(Struct):
    """`id` is minted by the sender (UUIDv7); sending it twice reports once. `unit_code` is the
    end of a stairwell's QR code, or an area code. `contact` is a telephone number, used for the
    call-back only and deleted 30 days after closing."""

    id: UUID
    words: Annotated[str, msgspec.Meta(max_length=reporting.WORDS_MAX)] = ""
    class_code: str | None = None
    unit_code: str | None = None
    lon: float | None = None
    lat: float | None = None
    place: str = ""
    contact: str = ""
    proxy: bool = False
    photos: Annotated[list[UUID], msgspec.Meta(max_length=reporting.PHOTOS_MAX)] = []


class HomeReceived(Struct):
    """The number to ask by, and a sentence for the person."""

    receipt: str
    words: str


@post("/api/v1/home/reports", guards=[few_reports], request_max_body_size=REPORT_BYTES_MAX)
async def report(request: Req, data: JSONBody[HomeReport]) -> HomeReceived:
    """Report without an account."""
    who = stranger(request)
    spot = None
    if data.unit_code:
        async with who.tx(read_only=True) as tx:
            spot = await spot_of(tx, data.unit_code)
    said = reporting.Said(
        data.id,
        data.words,
        data.class_code or "",
        data.place,
        data.contact,
        data.proxy,
        data.lon,
        data.lat,
    )
    received = await reporting.take(who, said, spot, tuple(data.photos))
    return HomeReceived(
        received.receipt,
        translate(
            who.locale, "已收到,编号 {receipt}。凭编号查看进展。", receipt=received.receipt
        ),
    )


@put(
    "/api/v1/home/files/{file_id:uuid}",
    guards=[few_reports],
    request_max_body_size=PHOTO_BYTES_MAX,
)
async def put_file(request: Req, file_id: FromPath[UUID]) -> PhotoKept:
    """Send a photo before the report that names it."""
    return await keep_photo(stranger(request), file_id, await request.body())


@get("/api/v1/home/receipts/{receipt:str}", guards=[few_looks])
async def receipt_state(request: Req, receipt: FromPath[str]) -> Receipt:
    """How far it is."""
    who = stranger(request)
    async with who.tx(read_only=True) as tx:
        return await receipt_of(tx, receipt)


class Scored(Struct):
    """`id` is the deed's, minted by the sender. 1 (bad) to 5 (good)."""

    id: UUID
    score: int


class Reopened(Struct):
    id: UUID
    reason: str


@post("/api/v1/home/receipts/{receipt:str}/score", status_code=200, guards=[few_reports])
async def score(request: Req, receipt: FromPath[str], data: JSONBody[Scored]) -> Any:
    """The resident's mark, once it is closed."""
    body = {"receipt": receipt, "score": data.score}
    return (await do_deed(stranger(request), "home.score", data.id, body)).body


@post("/api/v1/home/receipts/{receipt:str}/reopen", status_code=200, guards=[few_reports])
async def reopen(request: Req, receipt: FromPath[str], data: JSONBody[Reopened]) -> Any:
    """Not good: once, free."""
    body = {"receipt": receipt, "reason": data.reason}
    return (await do_deed(stranger(request), "home.reopen", data.id, body)).body


ROUTES: list[Any] = [report, put_file, receipt_state, score, reopen]
