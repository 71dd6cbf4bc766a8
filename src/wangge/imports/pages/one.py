"""One import: its sheets, its progress, every row of it, and what can be done with them."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from wangge.imports import uploading, views
from wangge.imports.applying import CHANGING
from wangge.imports.columns.fields import KIND_NAMES, PEOPLE, targets
from wangge.imports.columns.mapping import read_mapping
from wangge.imports.model import PHASES, VERDICTS
from wangge.imports.pages import columns
from wangge.imports.pages.common import Answer, Ask, office, path_of
from wangge.imports.views import Asked, Review
from wangge.kernel.http import Asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.sheets import Sheet
from wangge.people import ROSTER
from wangge.people.changes.model import WHYS as KEPT_WHYS
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, gone, many

ROWS = 50
#: What is said of a row that an undo left as it is.
KEPT_KINDS = {
    "resident": "住户",
    "household": "户",
    "dwelling": "门牌",
    "unit": "单元",
    "building": "幢",
    "compound": "小区",
    "residence": "居住记录",
    "tag": "需求标签",
    "thing": "场所台账",
    "thing_person": "场所负责人",
}


async def show(
    who: Asking,
    import_id: UUID,
    *,
    asked: Asked | None = None,
    refusal: Refusal | None = None,
) -> Answer:
    """An import as it stands."""
    asked = asked or Asked(limit=ROWS)
    vault = who.district.vault
    sheets: tuple[Sheet, ...] = ()
    async with who.tx(read_only=True) as tx:
        found: Review = await views.review(tx, vault, import_id, asked, who.locale)
        if found.found.phase == "sheets":
            sheets = await uploading.sheets_of(tx, vault, found.found)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
    one = found.found
    if one.phase == "columns" and refusal is None:
        return back(who, path_of(import_id, "/columns"))
    known = targets(one.kind)
    meaning = read_mapping(one.mapping)
    return page(
        who,
        "imports/one.html",
        status=refusal.status if refusal else 200,
        one=one,
        review=found,
        asked=asked,
        sheets=sheets,
        running=one.phase in ("judging", "applying", "undoing") and one.state == "running",
        changing=found.count(*CHANGING, state="open"),
        phases=PHASES,
        verdicts=VERDICTS,
        may_choose=CHANGING,
        columns=[(known[key].name, heads) for key, heads in meaning.columns.items()],
        columns_of=columns.chosen_of(meaning),
        notes=views.notes(one, who.locale),
        kept=one.data.get("kept_rows", []),
        kept_kinds=KEPT_KINDS,
        kept_whys=KEPT_WHYS,
        people=one.kind == PEOPLE,
        kind=KIND_NAMES[one.kind],
        area=atlas.path(one.area_code) if one.area_code else "",
        whose=roster.staff_name(one.by_id),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/imports/{import_id:uuid}")
async def one_page(
    request: Ask,
    import_id: FromPath[UUID],
    verdict: FromQuery[str] = "",
    code: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Answer:
    """Where it is: sheets to choose, progress, or every row with what would become of it."""
    state = request.query_params.get("state", "")
    asked = Asked(verdict, code, state, None, after, ROWS)
    return await show(office(request), import_id, asked=asked)


async def _do(request: Ask, import_id: UUID, verb: str, body: dict[str, Any]) -> Answer:
    who, given = office(request), await fields(request)
    try:
        await do_form(who, given, f"imports.{verb}", {"import_id": str(import_id), **body})
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await show(who, import_id, refusal=refusal)
    return back(who, path_of(import_id))


@post("/imports/{import_id:uuid}/sheets", status_code=200)
async def sheets_chosen(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """Read these sheets of a workbook that waits."""
    body = {"sheets": await many(request, "sheets")}
    return await _do(request, import_id, "choose_sheets", body)


@post("/imports/{import_id:uuid}/apply", status_code=200)
async def apply(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """Register all rows that would change something, those of one verdict, or those ticked."""
    given = await fields(request)
    body: dict[str, Any] = {}
    if given.get("which") == "chosen":
        ticked = [int(n) for n in await many(request, "numbers") if n.isdecimal()]
        if not ticked:
            who = office(request)
            wrong = Invalid.of("numbers", "请先勾选要登记的行。")
            return await show(who, import_id, refusal=wrong)
        body["numbers"] = ticked
    elif given.get("which") in CHANGING:
        body["verdicts"] = [given["which"]]
    return await _do(request, import_id, "apply", body)


@post("/imports/{import_id:uuid}/cancel", status_code=200)
async def cancel(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """Stop, or forget a table that was not registered."""
    return await _do(request, import_id, "cancel", {})


@post("/imports/{import_id:uuid}/undo", status_code=200)
async def undo(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """Put back all it changed."""
    return await _do(request, import_id, "undo", {})


@post("/imports/{import_id:uuid}/retry", status_code=200)
async def retry(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """Go on where it failed."""
    return await _do(request, import_id, "retry", {})


@post("/imports/{import_id:uuid}/recheck", status_code=200)
async def recheck(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """Judge what was left again, as the register is now."""
    return await _do(request, import_id, "recheck", {})


ROUTES: list[Any] = [one_page, sheets_chosen, apply, cancel, undo, retry, recheck]
