"""Labels for tubes: numbers printed beforehand, and labels of tubes with people in them. For a
label printer (50 × 30 mm, one a page) and for A4 sheets of 24 (70 × 37 mm). No name is on them."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from markupsafe import Markup
from msgspec import Struct

from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.qr import qr_sheet
from wangge.kernel.refusals import NotFound, Refusal
from wangge.places.forms import answer_deed, back, do_form, fields, whole
from wangge.sweeps.acts import READ
from wangge.sweeps.commands.testing import HOLDS, LABELS_MAX, MODE_NAMES, Mode
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.labels import code
from wangge.sweeps.model import Round
from wangge.sweeps.queries import labels as queries
from wangge.sweeps.queries import rounds
from wangge.sweeps.showing import common

Asked = Request[Any, Any, Any]

PRINTINGS_SHOWN, TUBES_PRINTED = 50, 96
#: Labels printed for tubes that break, are lost or stay half empty.
SPARE = 1.1
PAPERS: dict[str, str] = {"a4": "A4 不干胶(每张 24 枚)", "roll": "标签机(50 × 30 毫米)"}
PaperCode = Literal["a4", "roll"]


class LabelsBody(Struct):
    """`count` labels for tubes of that mode."""

    mode: Mode
    count: int


@post("/api/v1/sweeps/{round_id:uuid}/labels", status_code=201)
async def print_labels(
    request: Asked, round_id: FromPath[UUID], data: JSONBody[LabelsBody]
) -> Response[Any]:
    """Numbers for labels of tubes, `first` to `last`, that no other printing of the round has."""
    raw = {"round": str(round_id), "mode": data.mode, "count": data.count}
    return await answer_deed(request, "sweeps.print_labels", raw)


@dataclass(frozen=True, slots=True)
class Label:
    """As printed. `people` is how many are in the tube, None for one that is still empty."""

    code: str
    svg: Markup
    mode: str
    people: int | None


async def _round(tx: Tx, round_id: UUID) -> Round:
    round_ = await rounds.round_(tx, tx.reach(READ), round_id)
    if not (await kind_as_opened(tx, round_id)).tubes:
        raise NotFound("这个页面")
    return round_


async def _page(
    who: Asking, round_id: UUID, given: dict[str, str], refusal: Refusal | None = None
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await _round(tx, round_id)
        printings = await queries.printed(tx, round_id, PRINTINGS_SHOWN)
        missing = await queries.missing(tx, tx.reach(READ), round_id)
    return page(
        who,
        "sweeps/labels.html",
        status=refusal.status if refusal else 200,
        round=round_,
        printings=printings,
        missing=missing,
        wanted=min(LABELS_MAX, max(1, math.ceil(missing * SPARE / HOLDS["ten"]))),
        modes=MODE_NAMES,
        papers=PAPERS,
        most=LABELS_MAX,
        given=given,
        code=partial(code, round_id),
        refusal=who.said(refusal),
        **common(who),
    )


@get("/sweeps/{round_id:uuid}/labels")
async def labels_page(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """Print new labels, or some again."""
    return await _page(asking(request), round_id, {})


@post("/sweeps/{round_id:uuid}/labels", status_code=200)
async def new_labels(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """Numbers for new labels; then the sheet."""
    who, given = asking(request), await fields(request)
    who.signed()
    raw = {
        "round": str(round_id),
        "mode": given.get("mode") if given.get("mode") in MODE_NAMES else "ten",
        "count": whole(given.get("count", ""), digits=5),
    }
    try:
        first = int((await do_form(who, given, "sweeps.print_labels", raw))["first"])
    except Refusal as refusal:
        return await _page(who, round_id, given, refusal)
    paper = given.get("paper") if given.get("paper") in PAPERS else "a4"
    return back(who, f"/sweeps/{round_id}/labels/{first}?paper={paper}")


@get("/sweeps/{round_id:uuid}/labels/{first:int}")
async def sheet(
    request: Asked,
    round_id: FromPath[UUID],
    first: FromPath[int],
    paper: FromQuery[PaperCode] = "a4",
) -> Response[Any]:
    """The labels of one printing."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await _round(tx, round_id)
        found = await queries.printed(tx, round_id, 1, first)
    if not found:
        raise NotFound("这批标签")
    (printing,) = found
    codes = [code(round_id, number) for number in range(printing.first, printing.last + 1)]
    drawn = await qr_sheet(codes, border=1)
    made = [Label(one, svg, printing.mode, None) for one, svg in zip(codes, drawn, strict=True)]
    return _sheet(who, round_, made, paper)


@get("/sweeps/{round_id:uuid}/labels/tubes")
async def tube_sheet(
    request: Asked,
    round_id: FromPath[UUID],
    tube: FromQuery[UUID | None] = None,
    paper: FromQuery[PaperCode] = "roll",
) -> Response[Any]:
    """Labels of tubes with people in them, with how many: one, or the latest."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await _round(tx, round_id)
        found = await queries.tubes(tx, tx.reach(READ), round_id, tube, TUBES_PRINTED)
    if tube is not None and not found:
        raise NotFound("这个采样管")
    drawn = await qr_sheet([one.code for one in found], border=1)
    made = [
        Label(one.code, svg, one.mode, one.samples)
        for one, svg in zip(found, drawn, strict=True)
    ]
    return _sheet(who, round_, made, paper)


def _sheet(who: Asking, round_: Round, labels: list[Label], paper: str) -> Response[Any]:
    return page(
        who,
        "sweeps/label_sheet.html",
        round=round_,
        labels=labels,
        paper=paper,
        papers=PAPERS,
        modes=MODE_NAMES,
        holds=HOLDS,
    )


API_ROUTES: list[Any] = [print_labels]
ROUTES: list[Any] = [labels_page, new_labels, sheet, tube_sheet]
