"""One contradiction of the contacts, for whoever asks about it: whom, what, and the day or number as it
was said, typed into the row."""

import re
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from wangge.kernel.http import Asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal
from wangge.matching import read_phone
from wangge.places.forms import back, fields, gone
from wangge.verification import mending, queries
from wangge.verification.acts import CHECK
from wangge.verification.bringing import columns_kept
from wangge.verification.called import as_asked, as_called
from wangge.verification.columns import WORDS
from wangge.verification.mending import CONTACTS, ROWS_MAX
from wangge.verification.model import RowKept
from wangge.verification.pages.common import Answer, Ask, office, path_of
from wangge.verification.reading import Line, key_of
from wangge.verification.records import masked, open_cells, open_finding

_CELL = re.compile(r"cell_([0-9]{1,9})_([a-z]+)", re.ASCII)


async def _show(
    who: Asking,
    list_id: UUID,
    number: int,
    *,
    opened: bool = False,
    given: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Answer:
    """What does not fit and what to ask; the rows in full once they were opened."""
    vault = who.district.vault
    async with who.tx(read_only=True) as tx:
        found = await queries.one_list(tx, list_id)
        tx.require(CHECK, found.area_code)
        kept = await queries.one_finding(tx, list_id, number)
        rows = [await queries.one_row(tx, list_id, at) for at in kept.rows[:ROWS_MAX]]
    columns = columns_kept(found)
    said, question = open_finding(vault, list_id, kept)
    there = [name for name in CONTACTS if name in columns.at]
    shown: list[tuple[RowKept, str, str, str | None, list[tuple[str, str, str]]]] = []
    people: dict[str, str] = {}
    for row in rows:
        cells = open_cells(vault, list_id, row)
        texts = [
            (
                name,
                WORDS[name],
                (given or {}).get(f"cell_{row.number}_{name}", columns.of(cells, name)),
            )
            for name in there
        ]
        phone = read_phone(columns.of(cells, "phone")).value if opened else None
        name = columns.of(cells, "name") if opened else masked(cells, columns)["name"]
        if opened and name:
            people[key_of(Line(row.number, cells), columns)] = name
        shown.append((row, masked(cells, columns)["key"], name, phone, texts))
    return page(
        who,
        "verification/contradiction.html",
        status=refusal.status if refusal else 200,
        one=found,
        kept=kept,
        words=as_called(who.locale, kept.kind, said),
        ask=as_asked(who.locale, kept.kind, question, people),
        rows=shown,
        opened=opened,
        more=max(0, len(kept.rows) - ROWS_MAX),
        new_id=new_id,
        refusal=who.said(refusal),
    )


@get("/verification/{list_id:uuid}/findings/{number:int}")
async def finding_page(request: Ask, list_id: FromPath[UUID], number: FromPath[int]) -> Answer:
    """What does not fit, masked until it is opened."""
    return await _show(office(request), list_id, number)


@post("/verification/{list_id:uuid}/findings/{number:int}/open", status_code=200)
async def open_finding_rows(
    request: Ask, list_id: FromPath[UUID], number: FromPath[int]
) -> Answer:
    """See its rows in full; it is written down who did."""
    who = office(request)
    async with who.tx() as tx:
        await mending.look_at(tx, who.district.vault, list_id, number)
    return await _show(who, list_id, number, opened=True)


@post("/verification/{list_id:uuid}/findings/{number:int}", status_code=200)
async def mend_finding(request: Ask, list_id: FromPath[UUID], number: FromPath[int]) -> Answer:
    """What was said, typed into the rows. It is sealed with them and never kept with a deed."""
    who, given = office(request), await fields(request)
    cells: dict[int, dict[str, str]] = {}
    for key, text in given.items():
        said = _CELL.fullmatch(key)
        if said:
            cells.setdefault(int(said[1]), {})[said[2]] = text
    try:
        async with who.tx() as tx:
            done = await mending.mend(
                tx, who.district.vault, list_id, number, cells, locale=who.locale
            )
    except Refusal as refusal:
        if gone(refusal):
            raise
        async with who.tx() as tx:  # the rows are shown once more
            await mending.look_again(tx, who.district.vault, list_id, number)
        return await _show(who, list_id, number, opened=True, given=given, refusal=refusal)
    if done.arisen:  # what was said does not fit with something else: that is asked next
        return back(who, path_of(list_id, f"/findings/{done.arisen[0]}"))
    return back(who, path_of(list_id, "#findings"))


ROUTES: list[Any] = [finding_page, open_finding_rows, mend_finding]
