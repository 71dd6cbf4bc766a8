"""The lists there are, and a new one."""

from typing import Any

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromQuery

from wangge.kernel.http import Asking, nav, page
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.settings import decided
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import areas_within, back, fields, gone, whole
from wangge.verification import queries
from wangge.verification.acts import CHECK
from wangge.verification.bringing import About, bring
from wangge.verification.laws import contact_areas
from wangge.verification.model import GONE, PHASES
from wangge.verification.pages.common import Answer, Ask, office, path_of
from wangge.verification.settings import KEEP_MOST

nav(64, "/verification", "名单核对", "check", CHECK)

ROWS = 20
BODY_BYTES_MAX = 40_000_000
#: Days a list is kept unless somebody says otherwise.
USUAL_DAYS = 14


async def _listing(
    who: Asking,
    *,
    after: str = "",
    given: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Answer:
    async with who.tx(read_only=True) as tx:
        found = await queries.lists_page(tx, after=read_mark(after), limit=ROWS + 1)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
        most = (await decided(tx))(KEEP_MOST)
        areas = areas_within(who, atlas, CHECK)
        # A response may be over less than a community; its contacts are a list of that area.
        there, reach = {one.code for one in areas}, tx.reach(CHECK)
        over = sorted(code for code in await contact_areas(tx) - there if reach.covers(code))
        areas += [area for code in over if (area := atlas.area(code)) is not None]
    shown = found[:ROWS]
    return page(
        who,
        "verification/lists.html",
        status=refusal.status if refusal else 200,
        lists=shown,
        more=mark_of(shown[-1].at, shown[-1].id) if len(found) > ROWS else None,
        areas=areas,
        atlas=atlas,
        names=roster.staff_name,
        phases=PHASES,
        gone_words=GONE,
        given=given or {},
        most=most,
        usual=min(USUAL_DAYS, most),
        refusal=who.said(refusal),
    )


@get("/verification")
async def lists_page(request: Ask, after: FromQuery[str] = "") -> Answer:
    """Lists within reach, and the form for a new one."""
    return await _listing(office(request), after=after)


@post("/verification", request_max_body_size=BODY_BYTES_MAX)
async def bring_list(request: Ask) -> Answer:
    """Bring a list: a file, or pasted text."""
    who, given = office(request), await fields(request)
    form = await request.form()
    file: Any = form.get("file")
    about = About(
        given.get("title", ""),
        given.get("purpose", ""),
        given.get("asker", ""),
        given.get("area", ""),
        whole(given.get("days", "")),
    )
    try:
        source: bytes | str = given.get("text", "")
        name = about.title
        if isinstance(file, UploadFile) and file.filename:
            source, name = await file.read(), file.filename
        if not source:
            raise Invalid.of("file", "请选择文件,或粘贴名单。")
        async with who.tx() as tx:
            found = await bring(tx, who.district.vault, source, name, about)
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await _listing(who, given=given, refusal=refusal)
    return back(who, path_of(found.id))


ROUTES: list[Any] = [lists_page, bring_list]
