"""What the columns of a list are: as their headings were understood, changed by whoever works at it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from wangge.kernel.http import Asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal
from wangge.places.forms import back, do_form, fields, gone
from wangge.verification import choosing, queries
from wangge.verification.acts import CHECK
from wangge.verification.bringing import columns_kept
from wangge.verification.columns import WORDS
from wangge.verification.pages.common import Answer, Ask, office, path_of
from wangge.verification.records import glimpse, open_cells

#: Rows shown.
SHOWN = 3
#: What may be chosen, in groups.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "这个人": ("name", "id_number", "phone", "address", "sex", "age", "birth", "key"),
    "接触情况(只有应急响应期间能收)": ("source", "linked", "start", "end", "onset", "note"),
}


async def _show(
    who: Asking,
    list_id: UUID,
    *,
    chosen: Mapping[str, int] | None = None,
    refusal: Refusal | None = None,
) -> Answer:
    vault = who.district.vault
    async with who.tx(read_only=True) as tx:
        found = await queries.one_list(tx, list_id)
        tx.require(CHECK, found.area_code)
        headings = await choosing.headings_of(tx, vault, found)
        kept = await queries.rows_after(tx, list_id, 0, choosing.LOOKED)
    rows = [open_cells(vault, list_id, row) for row in kept]
    waits = found.phase == "columns"
    if chosen is None:
        chosen = (choosing.suggested(headings, rows) if waits else columns_kept(found)).at
    width = len(headings)
    return page(
        who,
        "verification/columns.html",
        status=refusal.status if refusal else 200,
        one=found,
        headings=choosing.shown(headings, rows) if waits else headings,
        said={at: name for name, at in chosen.items()},
        rows=[
            [glimpse(cell) for cell in (*cells, *[""] * width)[:width]]
            for cells in rows[:SHOWN]
        ],
        groups=GROUPS,
        words=WORDS,
        new_id=new_id,
        refusal=who.said(refusal),
    )


@get("/verification/{list_id:uuid}/columns")
async def columns_page(request: Ask, list_id: FromPath[UUID]) -> Answer:
    """What every column is taken for, with some of what stands below it, masked."""
    return await _show(office(request), list_id)


@post("/verification/{list_id:uuid}/columns", status_code=200)
async def choose(request: Ask, list_id: FromPath[UUID]) -> Answer:
    """Say what the columns are; the rows are held against the register by it."""
    who, given = office(request), await fields(request)
    chosen: dict[str, int] = {}
    twice: list[int] = []
    for key, name in given.items():
        at = key.removeprefix("col.")
        if name and at != key and at.isascii() and at.isdigit():
            if name in chosen:
                twice.append(int(at))
            chosen.setdefault(name, int(at))
    try:
        if twice:
            raise choosing.said_twice(twice[0])
        body: dict[str, Any] = {
            "list_id": str(list_id),
            "columns": chosen,
            "headless": given.get("headless") == "1",
        }
        await do_form(who, given, "verification.choose", body)
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await _show(who, list_id, chosen=chosen, refusal=refusal)
    return back(who, path_of(list_id))


ROUTES: list[Any] = [columns_page, choose]
