"""A resident's pages. They work with a telephone from ten years ago and no script at all."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery, URLEncodedBody
from markupsafe import Markup
from msgspec import Struct

from wangge.kernel.http import Asking, asking, do_deed, nav, origin_of, page
from wangge.kernel.http.photos import FORM_BYTES_MAX, form_photos
from wangge.kernel.moments import new_id
from wangge.kernel.qr import qr, qr_sheet
from wangge.kernel.refusals import Invalid, NotFound, Problem, Refusal
from wangge.places import ATLAS
from wangge.places.acts import READ
from wangge.places.model import LENGTHS, AreaKind
from wangge.sweeps.queries.testing import called
from wangge.web.home import queries, reporting
from wangge.web.home.guard import few_looks, few_reports, stranger
from wangge.web.home.places import Spot, code_of, communities, spot_of
from wangge.web.home.receipts import clean_receipt, receipt_of, steps

Req = Request[Any, Any, Any]

#: Stairwells of one run of the printer: 20 sheets of eight.
SHEET_MAX = 160
#: A field that people do not see and that programs fill in.
HONEY = "website"


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it is shown: empty at first, as it was sent when something was wrong."""

    id: UUID
    words: str = ""
    class_code: str = ""
    area_code: str = ""
    place: str = ""
    contact: str = ""
    proxy: bool = False


async def _form(
    who: Asking,
    code: str,
    filled: Filled,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response[str]:
    async with who.tx(read_only=True) as tx:
        spot = await _spot(tx, code)
        county = (await ATLAS.get(tx)).county
        tiles = await reporting.tiles(tx, spot.area_code if spot else county)
        places = [] if spot else await communities(tx)
        promises = await reporting.promises(tx)
        testing = await called(tx, spot.unit_id) if spot and spot.unit_id else None
    return page(
        who,
        "web/home/report.html",
        testing=testing,
        status=status,
        spot=spot,
        tiles=tiles,
        places=places,
        filled=filled,
        honey=HONEY,
        promises=promises,
        photos_max=reporting.PHOTOS_MAX,
        problems=[problem.said(who.locale) for problem in problems],
    )


async def _spot(tx: Any, code: str) -> Spot | None:
    """An unknown code is no reason to turn somebody away: they say where themselves."""
    if not code:
        return None
    try:
        return await spot_of(tx, code)
    except NotFound:
        return None


@get(["/r", "/home"], guards=[few_looks])
async def blank(request: Req) -> Response[str]:
    """The form, without a place."""
    return await _form(stranger(request), "", Filled(new_id()))


@get("/r/{code:str}", guards=[few_looks])
async def from_code(request: Req, code: FromPath[str]) -> Response[str]:
    """The form that a stairwell's QR code opens: the place is filled in."""
    return await _form(stranger(request), code, Filled(new_id()))


@post("/r", guards=[few_reports], request_max_body_size=FORM_BYTES_MAX)
async def report(request: Req) -> Response[Any]:
    """Take the form. What is wrong is said beside what was written; nothing has to be typed
    twice (photos excepted: a browser will not put them back)."""
    who = stranger(request)
    form = await request.form()
    filled, code = _filled(form)
    said = reporting.Said(
        filled.id, filled.words, filled.class_code, filled.place, filled.contact, filled.proxy
    )
    try:
        if _text(form, HONEY):
            raise Invalid.of("words", "请让“网址”一栏空着,再提交一次。")
        reporting.check(said)
        async with who.tx(read_only=True) as tx:
            spot = await _spot(tx, code or filled.area_code)
        photos = await form_photos(who, form, filled.id, reporting.PHOTOS_MAX)
        received = await reporting.take(who, said, spot, photos)
    except Invalid as wrong:
        return await _form(who, code, filled, wrong.problems, wrong.status)
    except Refusal as refusal:
        if refusal.status >= 500 or refusal.status == 429:
            raise
        problem = Problem("", refusal.words(who.locale))
        return await _form(who, code, filled, (problem,), refusal.status)
    return _to(who, f"/receipt/{received.receipt}?new=1")


def _text(form: FormMultiDict, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _filled(form: FormMultiDict) -> tuple[Filled, str]:
    try:
        id_ = UUID(_text(form, "id"))
    except ValueError:
        id_ = new_id()
    filled = Filled(
        id_,
        _text(form, "words"),
        _text(form, "class_code"),
        _text(form, "area_code"),
        _text(form, "place"),
        _text(form, "contact"),
        _text(form, "proxy") == "1",
    )
    return filled, _text(form, "code")


def _to(who: Asking, path: str) -> Response[Any]:
    return Response(b"", status_code=303, headers={"Location": who.base + path})


# -- receipts ----------------------------------------------------------------------------------


@get("/receipt", guards=[few_looks])
async def look_up(request: Req, receipt: FromQuery[str] = "") -> Response[Any]:
    """Ask for a receipt by its number."""
    who = stranger(request)
    if not receipt.strip():
        return page(who, "web/home/look_up.html", typed="", missing=False)
    try:
        return _to(who, f"/receipt/{clean_receipt(receipt)}")
    except NotFound:
        return page(who, "web/home/look_up.html", status=404, typed=receipt[:40], missing=True)


@get("/receipt/{receipt:str}", guards=[few_looks])
async def state(
    request: Req, receipt: FromPath[str], new: FromQuery[str] = "", said: FromQuery[str] = ""
) -> Response[Any]:
    """How far it is. With `new` the number is shown large and what happens next."""
    return await _state(request, receipt, new=bool(new), said=said)


async def _state(
    request: Req, typed: str, *, new: bool = False, said: str = "", trouble: str = ""
) -> Response[Any]:
    who = stranger(request)
    try:
        async with who.tx(read_only=True) as tx:
            found = await receipt_of(tx, typed)
            promises = await reporting.promises(tx)
    except NotFound:
        return page(who, "web/home/look_up.html", status=404, typed=typed[:40], missing=True)
    here = f"{origin_of(request)}{who.base}/receipt/{found.receipt}"
    return page(
        who,
        "web/home/receipt.html",
        status=409 if trouble else 200,
        receipt=found,
        steps=steps(found),
        new=new,
        said=said,
        trouble=trouble,
        promises=promises,
        address=here,
        qr=qr(here),
        deed=new_id(),
    )


class ScoreForm(Struct):
    deed: UUID
    score: str = ""


class ReopenForm(Struct):
    deed: UUID
    reason: str = ""


async def _done(
    request: Req, typed: str, kind: str, id_: UUID, body: dict[str, Any]
) -> Response[Any]:
    """Do it and show the receipt again, with what was wrong if it was refused."""
    who = stranger(request)
    number = clean_receipt(typed)
    try:
        await do_deed(who, kind, id_, {"receipt": number, **body})
    except Refusal as refusal:
        if refusal.status >= 500 or refusal.status in (404, 429):
            raise
        return await _state(request, number, trouble=refusal.words(who.locale))
    return _to(who, f"/receipt/{number}?said={kind.partition('.')[2]}")


@post("/receipt/{receipt:str}/score", guards=[few_reports])
async def score(
    request: Req,
    receipt: FromPath[str],
    data: URLEncodedBody[ScoreForm],
) -> Response[Any]:
    """The resident's mark, once it is closed."""
    mark = int(data.score) if data.score in ("1", "2", "3", "4", "5") else 0
    return await _done(request, receipt, "home.score", data.deed, {"score": mark})


@post("/receipt/{receipt:str}/reopen", guards=[few_reports])
async def reopen(
    request: Req,
    receipt: FromPath[str],
    data: URLEncodedBody[ReopenForm],
) -> Response[Any]:
    """Not good: once, free, without asking anybody."""
    return await _done(request, receipt, "home.reopen", data.deed, {"reason": data.reason})


# -- codes to print ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Label:
    name: str
    svg: Markup


@get("/desk/qr")
async def sheet(
    request: Req,
    area: FromQuery[str] = "",
    use: FromQuery[str] = "",
    after: FromQuery[UUID | None] = None,
) -> Response[str]:
    """Stairwell codes of a community or of less to print, eight to a page: for residents, or with
    `use=sweep` for whoever walks them, on whose phone each opens the board of that stairwell. A
    street and a county have too many for anybody to hang up: there a part is chosen. Out of reach
    is NotFound."""
    who = asking(request)
    actor = who.signed()
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        reach = actor.reach(READ, tx.now)
        code = area or (reach.areas[0] if reach.areas else "")
        if not reach.covers(code) or atlas.area(code) is None:
            raise NotFound("这个区域")
        printed = len(code) >= LENGTHS[AreaKind.COMMUNITY]
        found = (
            await queries.stairwells(
                tx,
                low=code,
                high=code + ":",
                units=[],
                buildings=[],
                after=after,
                limit=SHEET_MAX + 1,
            )
            if printed
            else []
        )
        narrower = [a for a in atlas.children(code) if reach.covers(a.code)]
        path = atlas.path(code)
    origin = f"{origin_of(request)}{who.base}"
    way = "field/#stair" if use == "sweep" else "r"
    shown = found[:SHEET_MAX]
    drawn = await qr_sheet([f"{origin}/{way}/{code_of(one.id)}" for one in shown])
    labels = [Label(one.name, svg) for one, svg in zip(shown, drawn, strict=True)]
    return page(
        who,
        "web/home/qr_sheet.html",
        area_name=path,
        area=code,
        use="sweep" if use == "sweep" else "",
        pages=[labels[at : at + 8] for at in range(0, len(labels), 8)],
        count=len(labels),
        printed=printed,
        after=after,
        next=shown[-1].id if len(found) > SHEET_MAX else None,
        narrower=narrower,
    )


nav(72, "/desk/qr", "楼道二维码", "qr", READ)

ROUTES: list[Any] = [
    blank,
    from_code,
    report,
    look_up,
    state,
    score,
    reopen,
    sheet,
]
