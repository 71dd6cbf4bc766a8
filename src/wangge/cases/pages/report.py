"""Taking down what somebody says over the telephone or at the counter."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Struct

from wangge.cases import acts
from wangge.cases.classify import classify
from wangge.cases.commands import PHOTOS_MAX
from wangge.cases.pages import choices
from wangge.cases.pages.settings import TILE_URL
from wangge.cases.reference import REFERENCE
from wangge.kernel.http import Asking, asking, do_deed, page
from wangge.kernel.http.photos import FORM_BYTES_MAX, form_photos
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, Refusal
from wangge.kernel.settings import decided
from wangge.places import ATLAS
from wangge.responses import RESPONSES

FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class ReportForm(Struct):
    """The desk's form; every field is text as it was typed."""

    deed: str = ""
    words: str = ""
    channel: str = "hotline"
    contact: str = ""
    class_code: str = ""
    area_code: str = ""
    place: str = ""
    lon: str = ""
    lat: str = ""


def degrees(text: str, name: str) -> float | None:
    """A coordinate, or none. Raises Invalid."""
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError as wrong:
        raise Invalid.of(name, "经纬度要填数字,例如 120.1234。") from wrong


async def show(who: Asking, typed: ReportForm, refusal: Refusal | None = None) -> Response[Any]:
    """The form, with what was typed."""
    if not who.may(acts.REPORT):
        raise Forbidden(acts.REPORT.name)
    async with who.tx(read_only=True) as tx:
        versions = await tx.versions()
        reference = await REFERENCE.get(tx, versions)
        atlas = await ATLAS.get(tx, versions)
        areas = choices.areas(atlas, tx.reach(acts.REPORT), typed.area_code)
        war = (await RESPONSES.get(tx, versions)).live(atlas.county, tx.now) is not None
        tiles = (await decided(tx))(TILE_URL)
    return page(
        who,
        "cases/new.html",
        status=refusal.status if refusal else 200,
        typed=typed,
        deed_id=new_id(),
        refused=who.said(refusal),
        channels=choices.said(who.locale, choices.DESK_CHANNELS),
        classes=choices.classes(reference, who.locale, war=war),
        areas=areas,
        areas_src="/api/v1/areas.geojson?kinds=grid",
        tile_url=tiles,
    )


@get("/cases/new")
async def new_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """An empty form."""
    who = asking(request)
    who.signed()
    return await show(who, ReportForm())


@post("/cases/new", request_max_body_size=FORM_BYTES_MAX)
async def new_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Take the report in, with the photos somebody brought; its page is the receipt."""
    who = asking(request)
    who.signed()
    form = await request.form()
    data = ReportForm(
        **{
            name: value
            for name in ReportForm.__struct_fields__
            if isinstance(value := form.get(name, ""), str) and value
        }
    )
    try:
        deed = UUID(data.deed) if data.deed else new_id()
        photos = await form_photos(who, form, deed, PHOTOS_MAX)
        body: dict[str, Any] = {
            "id": str(deed),
            "words": data.words,
            "channel": data.channel,
            "photos": [str(photo) for photo in photos],
        }
        optional = {
            "class_code": data.class_code,
            "area_code": data.area_code,
            "place": data.place,
            "contact": data.contact,
            "lon": degrees(data.lon, "lon"),
            "lat": degrees(data.lat, "lat"),
        }
        body.update(
            {name: value for name, value in optional.items() if value not in ("", None)}
        )
        answer = await do_deed(who, "cases.report", deed, body)
    except Refusal as refusal:
        return await show(who, data, refusal)
    return Response(
        b"", status_code=303, headers={"Location": f"{who.base}/cases/{answer.body['id']}"}
    )


class Words(Struct):
    words: str = ""
    class_code: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the server would classify it as. Empty code: it does not know, somebody chooses."""

    class_code: str
    reason: str
    condition: str
    emergency_line: str


@post("/cases/suggest", status_code=200)
async def suggest(
    request: Request[Any, Any, Any], data: Annotated[Words, FORM]
) -> dict[str, Any]:
    """The class of words being typed, with the reason. Nothing is kept."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        reference = await REFERENCE.get(tx)
    guess = classify(data.words, data.class_code or None, reference.peace)
    known = reference.classes.get(guess.code or "")
    condition = ""
    if known is not None:
        english = who.locale == "en" and known.condition_en
        condition = known.condition_en if english else known.condition_zh
    return asdict(
        Suggestion(
            guess.code or "",
            guess.reason(who.locale) if data.words.strip() else "",
            condition,
            "、".join(known.emergency_lines) if known else "",
        )
    )


ROUTES: list[Any] = [new_page, new_form, suggest]
