"""The account of a closed round: to look at and print, door by door, and as a workbook."""

import io
from importlib import import_module
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import asking, page
from wangge.kernel.i18n import translate
from wangge.kernel.refusals import NotFound
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.sweeps.acts import READ
from wangge.sweeps.board import board_of, within_reach
from wangge.sweeps.certificate import GAPS, read_account
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import Outcome
from wangge.sweeps.queries import certificate, dealing, rounds
from wangge.sweeps.showing import by_block, common, hands_of

# It comes without types.
xlsxwriter: Any = import_module("xlsxwriter")

Asked = Request[Any, Any, Any]

#: Doors on one page of the account door by door.
DOORS_PAGE = 300


@get("/sweeps/{round_id:uuid}/certificate")
async def certificate_page(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """The latest account of a closed round, printable; before the close, what it would
    say."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await rounds.round_(tx, tx.reach(READ), round_id)
        known = await kind_as_opened(tx, round_.id)
        found = await certificate.certificates(tx, round_id)
        purged = await certificate.purged(tx, round_)
        board, part = None, False
        if not found:
            # Of a street's round a community reads its own doors, and the account counts all.
            reach = tx.reach(READ)
            part = not all(reach.covers(code) for code in round_.areas)
            board = await board_of(tx, tx.reach(READ), round_, "", who.locale)
        atlas = await ATLAS.get(tx)
        roster = await ROSTER.get(tx)
    kept = found[-1] if found else None
    return page(
        who,
        "sweeps/certificate.html",
        round=round_,
        kind=known,
        account=read_account(kept.account) if kept else None,
        kept=kept,
        by=roster.staff_name(kept.by_id) if kept else "",
        purged=purged,
        board=board,
        part=part,
        atlas=atlas,
        gaps=GAPS,
        **common(who),
    )


@get("/sweeps/{round_id:uuid}/account")
async def account_page(
    request: Asked,
    round_id: FromPath[UUID],
    area: FromQuery[str] = "",
    after: FromQuery[UUID | None] = None,
) -> Response[Any]:
    """Every door of the roster: what stands, by whom, when and how, or why nothing does. Names of
    those who went, of nobody behind a door."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        reach = tx.reach(READ)
        round_ = await rounds.round_(tx, reach, round_id)
        known = await kind_as_opened(tx, round_.id)
        within = area or within_reach(round_, reach)
        found = await certificate.doors_page(
            tx,
            reach,
            round_id,
            low=within,
            high=within + ":",
            outcomes=[],
            unreported=False,
            flagged=False,
            late=False,
            after=await certificate.place_in_order(tx, round_id, after) if after else None,
            limit=DOORS_PAGE + 1,
        )
        shown = found[:DOORS_PAGE]
        held = await dealing.held(tx, round_id, list({door.block_id for door in shown}))
        purged = await certificate.purged(tx, round_)
        atlas = await ATLAS.get(tx)
        roster = await ROSTER.get(tx)
    return page(
        who,
        "sweeps/account.html",
        round=round_,
        kind=known,
        groups=by_block(shown),
        names={door.by_id: roster.staff_name(door.by_id) for door in shown if door.by_id},
        sent=hands_of(shown, held, roster),
        next=shown[-1].id if len(found) > DOORS_PAGE else None,
        first=after is None,
        purged=purged,
        area=area,
        atlas=atlas,
        gaps=GAPS,
        **common(who),
    )


@get("/sweeps/{round_id:uuid}/certificate.xlsx")
async def certificate_sheet(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """The account as a workbook: one row an area. Counts only, nothing of anybody."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await rounds.round_(tx, tx.reach(READ), round_id)
        known = await kind_as_opened(tx, round_.id)
        found = await certificate.certificates(tx, round_id)
        atlas = await ATLAS.get(tx)
    if not found:
        raise NotFound("核对表")
    account = read_account(found[-1].account)

    def _(text: str) -> str:
        return translate(who.locale, text)

    codes = [outcome for outcome in Outcome if account.counts.get(outcome)]
    reasons = [reason for reason in GAPS if account.gaps.get(reason)]
    head = [
        _("区域"),
        _("应查") if known.stops else _("应查户数"),
        *(known.words(code) for code in codes),
        *(_(GAPS[reason]) for reason in reasons),
        *(() if known.stops else (_("登记人数"), _("已完成人数"))),
    ]
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet(_("核对表"))
    bold = book.add_format({"bold": True, "border": 1})
    cell = book.add_format({"border": 1})
    sheet.write(0, 0, account.title, book.add_format({"bold": True, "font_size": 14}))
    sheet.write_row(1, 0, head, bold)
    rows: list[list[Any]] = [
        [
            atlas.path(area.area_code),
            area.total,
            *(area.counts.get(code, 0) for code in codes),
            *(area.gaps.get(reason, 0) for reason in reasons),
            *(() if known.stops else (area.people, area.people_done)),
        ]
        for area in account.areas
    ]
    rows.append(
        [
            _("合计"),
            account.total,
            *(account.counts.get(code, 0) for code in codes),
            *(account.gaps.get(reason, 0) for reason in reasons),
            *(() if known.stops else (account.people, account.people_done)),
        ]
    )
    for number, row in enumerate(rows, 2):
        sheet.write_row(number, 0, row, cell)
    sheet.write(len(rows) + 3, 0, f"SHA-256 {found[-1].sha256}")
    sheet.set_column(0, 0, 34)
    book.close()
    return Response(
        made.getvalue(),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={
            "Content-Disposition": f'attachment; filename="sweep-{round_id}.xlsx"',
            "Cache-Control": "no-store",
        },
    )


ROUTES: list[Any] = [certificate_page, account_page, certificate_sheet]
