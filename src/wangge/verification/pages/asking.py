"""One question at a time, for whoever calls: the row in full, whom to call, what to ask, what came of
it. Made for a telephone held in one hand."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import Asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.matching import read_phone
from wangge.places.forms import back, do_form, fields, gone, whole
from wangge.verification import deciding, queries
from wangge.verification.bringing import columns_kept
from wangge.verification.model import OUTCOMES
from wangge.verification.pages.common import Answer, Ask, office, path_of
from wangge.verification.records import open_cells
from wangge.verification.showing import in_full, rows_shown
from wangge.verification.words import FIELDS, SAME

#: Fields that whoever calls may correct.
MENDED = ("name", "id_number", "phone", "address")


async def _question(
    who: Asking,
    list_id: UUID,
    number: int,
    *,
    opened: bool = False,
    refusal: Refusal | None = None,
) -> Answer:
    """The next open row from `number` on; in full once it was opened."""
    vault = who.district.vault
    async with who.tx(read_only=True) as tx:
        found = await queries.one_list(tx, list_id)
        kept = await queries.rows_after(tx, list_id, max(0, number - 1), 1, ["open"])
        if not kept and number > 1:  # from the beginning: those that were passed over
            kept = await queries.rows_after(tx, list_id, 0, 1, ["open"])
        rows = await rows_shown(tx, vault, found, kept)
        counts = {one.state: one for one in await queries.tallies(tx, list_id)}
    row = rows[0] if rows else None
    columns = columns_kept(found)
    opened = opened and row is not None and row.number == number
    cells = open_cells(vault, list_id, kept[0]) if kept and opened else ()
    phone = read_phone(columns.of(cells, "phone")).value if opened else None
    return page(
        who,
        "verification/question.html",
        status=refusal.status if refusal else 200,
        one=found,
        row=row,
        left=counts["open"].rows if "open" in counts else 0,
        full=in_full(cells, columns) if opened else [],
        phone=phone,
        mended=[name for name in MENDED if name in columns.at],
        outcomes=OUTCOMES,
        field_words=FIELDS,
        same_words=SAME,
        new_id=new_id,
        refusal=who.said(refusal),
    )


@get("/verification/{list_id:uuid}/questions")
async def questions_page(
    request: Ask, list_id: FromPath[UUID], at: FromQuery[str] = ""
) -> Answer:
    """The next question, masked until it is opened."""
    return await _question(office(request), list_id, whole(at, 1))


@post("/verification/{list_id:uuid}/questions/{number:int}/open", status_code=200)
async def open_row(request: Ask, list_id: FromPath[UUID], number: FromPath[int]) -> Answer:
    """See a row in full; it is written down who did."""
    who = office(request)
    async with who.tx() as tx:
        await deciding.look(tx, who.district.vault, list_id, number)
    return await _question(who, list_id, number, opened=True)


@post("/verification/{list_id:uuid}/questions/{number:int}", status_code=200)
async def answer_row(request: Ask, list_id: FromPath[UUID], number: FromPath[int]) -> Answer:
    """What came of asking. What somebody said is sealed with the row and never kept with the deed."""
    who, given = office(request), await fields(request)
    outcome = given.get("outcome", "")
    try:
        if outcome == "mended":
            cells = {name: given[f"cell_{name}"] for name in MENDED if f"cell_{name}" in given}
            async with who.tx() as tx:
                await deciding.answer(
                    tx, who.district.vault, list_id, number, outcome, cells=cells
                )
        else:
            body: dict[str, Any] = {
                "list_id": str(list_id),
                "number": number,
                "outcome": outcome,
                "target": given.get("target") or None,
            }
            if outcome == "is" and not given.get("target"):
                raise Invalid.of("target", "请选是哪一位。")
            await do_form(who, given, "verification.answer", body)
    except Refusal as refusal:
        if gone(refusal):
            raise
        async with who.tx() as tx:  # the row is shown once more
            await deciding.look_again(tx, who.district.vault, list_id, [number])
        return await _question(who, list_id, number, opened=True, refusal=refusal)
    return back(who, path_of(list_id, f"/questions?at={number + 1}"))


ROUTES: list[Any] = [questions_page, open_row, answer_row]
