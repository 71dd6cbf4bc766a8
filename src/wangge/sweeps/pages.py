"""Pages of sweeps: opened in a minute, watched by the stairwell, closed with an account."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, do_many, nav, origin_of, page
from wangge.kernel.http.deeds import Sent
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.moments import new_id
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.qr import qr_sheet
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.people import ROSTER
from wangge.people.acts import RESIDENT_READ
from wangge.people.model import NEEDS
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many, whole
from wangge.sweeps import (
    door_pages,
    kind_pages,
    paper_pages,
    plan_pages,
    split_pages,
    testing_pages,
)
from wangge.sweeps.acts import DECIDE, OPEN, READ, REPORT
from wangge.sweeps.asks import asks_of
from wangge.sweeps.before import before_of
from wangge.sweeps.board import (
    block_lines,
    board_of,
    within_reach,
)
from wangge.sweeps.certificate import GAPS, read_account
from wangge.sweeps.commands import opening
from wangge.sweeps.kinds import KINDS, kind, kind_as_opened
from wangge.sweeps.model import (
    DOORS_NAMES,
    HOW_NAMES,
    NOT_MET,
    Doors,
    How,
    Kind,
    Outcome,
    Round,
)
from wangge.sweeps.paper_lines import LETTERS, numbered
from wangge.sweeps.queries import certificate as account_queries
from wangge.sweeps.queries import doors, rounds, stops
from wangge.sweeps.queries import roster as roster_queries
from wangge.sweeps.showing import common as _common
from wangge.sweeps.sync import sync_of
from wangge.sweeps.taking import Deed, Report

# It comes without types.
xlsxwriter: Any = import_module("xlsxwriter")

Asked = Request[Any, Any, Any]

ROUNDS_PAGE = 30
#: Doors on one page of the list of those left, and in one conflict list.
DOORS_PAGE = 300
#: Stairwells printed at once.
SHEETS_MAX = 120
#: Teams offered to choose from.
TEAMS_SHOWN = 60
#: Areas offered to choose from; whoever reaches more types a code.
CHOICES_MAX = 400

nav(35, "/sweeps", "清查", "check", READ)


# -- the list, and opening one ---------------------------------------------------------------------


@get("/sweeps")
async def rounds_page(request: Asked, after: FromQuery[str] = "") -> Response[Any]:
    """Rounds within reach, the latest first."""
    who = asking(request)
    who.must(READ)
    mark = read_mark(after)
    async with who.tx(read_only=True) as tx:
        found = await rounds.rounds_page(
            tx,
            tx.reach(READ),
            open_only=False,
            before=mark[0] if mark else None,
            before_id=mark[1] if mark else None,
            limit=ROUNDS_PAGE + 1,
        )
        kinds = await KINDS.get(tx)
        atlas = await ATLAS.get(tx)
    shown = found[:ROUNDS_PAGE]
    return page(
        who,
        "sweeps/rounds.html",
        rounds=shown,
        kinds=kinds,
        atlas=atlas,
        next=mark_of(shown[-1].opened_at, shown[-1].id) if len(found) > ROUNDS_PAGE else None,
        **_common(who),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """An area to sweep, as chosen from."""

    code: str
    words: str


async def _choices(tx: Tx) -> list[Choice]:
    atlas = await ATLAS.get(tx)
    reach = tx.reach(OPEN)
    found = [
        Choice(area.code, atlas.path(area.code))
        for area in atlas.open_areas()
        if reach.covers(area.code) and len(area.code) <= 15
    ]
    return found if len(found) <= CHOICES_MAX else [c for c in found if len(c.code) <= 12]


def _theirs(known: Kind, choices: list[Choice]) -> bool:
    """The district's kinds, and those of a street that one of these areas lies in or holds."""
    area = known.area_code
    return not area or any(c.code.startswith(area) or area.startswith(c.code) for c in choices)


async def _new(
    who: Asking, given: Mapping[str, str], refusal: Refusal | None = None
) -> Response[Any]:
    who.must(OPEN)
    async with who.tx(read_only=True) as tx:
        kinds = await KINDS.get(tx)
        choices = await _choices(tx)
        roster = await ROSTER.get(tx)
        reach = tx.reach(OPEN)
        teams = [
            team
            for team in roster.all_teams()
            if team.live(tx.now) and reach.covers(team.area_code)
        ]
        atlas = await ATLAS.get(tx)
    offered = [known for known in kinds.values() if known.open and _theirs(known, choices)]
    return page(
        who,
        "sweeps/new.html",
        teams=teams[:TEAMS_SHOWN],
        members={team.id: len(roster.members(team.id)) for team in teams},
        atlas=atlas,
        every_names=plan_pages.EVERY_NAMES,
        status=refusal.status if refusal else 200,
        kinds=offered,
        going=sorted({one for known in offered for one in known.things}),
        choices=choices[:CHOICES_MAX],
        given=given,
        needs=NEEDS,
        doors_names=DOORS_NAMES,
        refusal=who.said(refusal),
        deed=new_id(),
        **_common(who),
    )


@get("/sweeps/new")
async def new_page(request: Asked) -> Response[Any]:
    """The one form that opens a round."""
    return await _new(asking(request), dict(request.query_params))


def _opening(given: Mapping[str, str], areas: list[str], tags: list[str]) -> dict[str, Any]:
    minutes = given.get("minutes", "")
    if minutes and whole(minutes, -1) < 0:
        raise Invalid.of("minutes", "时限请填分钟数。")
    raw: dict[str, Any] = {
        "kind": given.get("kind", ""),
        "areas": areas,
        "title": given.get("title", ""),
        "minutes": whole(minutes) if minutes else None,
        "doors": given.get("doors") or None,
        "after": given.get("after") or None,
    }
    if tags:
        raw["tags"] = tags
    return raw


@get("/sweeps/count")
async def count(request: Asked) -> Response[Any]:
    """How many doors the form as filled in would take: a part of the page."""
    who = asking(request)
    who.must(OPEN)
    asked = request.query_params
    areas = [code for code in asked.getall("areas", []) if code]
    scope, refusal = None, None
    async with who.tx(read_only=True) as tx:
        try:
            await opening.within_reach(tx, areas)
            known = await kind(tx, asked.get("kind", ""))
            if known.stops:
                chosen_things = [
                    one for one in asked.getall("things", []) if one in known.things
                ]
                scope = await stops.count_things(
                    tx, areas=areas, things=chosen_things or known.things
                )
                return page(who, "sweeps/count.html", scope=scope, stops=True, said="")
            tags = [tag for tag in asked.getall("tags", []) if tag] or list(known.wanted)
            chosen = Doors(asked["doors"]) if asked.get("doors") else None
            wanted = chosen or (
                Doors.ALL if known.targets == "dwelling" and not tags else Doors.LIVED
            )
            scope = await rounds.count_homes(
                tx,
                areas=areas,
                lived=wanted is not Doors.EMPTY,
                empty=wanted is not Doors.LIVED,
                wanted=tags,
                units=[],
                roads=not known.tubes,
            )
        except Refusal as no:
            refusal = no
    return page(
        who,
        "sweeps/count.html",
        scope=scope,
        stops=False,
        said=refusal.words(who.locale) if refusal else "",
    )


@post("/sweeps", status_code=200)
async def open_form(request: Asked) -> Response[Any]:
    """Open a round and go to its board."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        areas, tags = await many(request, "areas"), await many(request, "tags")
        raw = _opening(given, areas, tags)
        raw["teams"] = await many(request, "teams")
        raw["things"] = await many(request, "things")
        if given.get("every_days"):
            await do_form(who, given, "sweeps.plan", plan_pages.planning_of(given, raw))
            return back(who, "/sweeps/plans")
        made = await do_form(who, given, "sweeps.open", raw)
    except Refusal as refusal:
        return await _new(who, given, refusal)
    return back(who, f"/sweeps/{made['id']}")


# -- the board --------------------------------------------------------------------------------------


async def _round(tx: Tx, round_id: UUID) -> Round:
    return await rounds.round_(tx, tx.reach(READ), round_id)


async def _board(
    who: Asking, round_id: UUID, area: str, refusal: Refusal | None = None
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await _round(tx, round_id)
        known = await kind_as_opened(tx, round_.id)
        board = await board_of(tx, tx.reach(READ), round_, area, who.locale)
        fine = len(board.area) >= 15 or len(board.lines) <= 1
        blocks, more = (
            await block_lines(tx, round_, board.area, who.locale) if fine else ([], False)
        )
        roster = await ROSTER.get(tx)
        names = {
            worker: roster.staff_name(worker) for _, row in blocks for worker in row.workers
        }
        atlas = await ATLAS.get(tx)
    return page(
        who,
        "sweeps/board.html",
        status=refusal.status if refusal else 200,
        round=round_,
        kind=known,
        board=board,
        blocks=blocks,
        more=more,
        names=names,
        atlas=atlas,
        whole=within_reach(round_, who.actor.reach(READ, board.at)),
        refusal=who.said(refusal),
        settled={code.value for code in known.settled},
        **_common(who),
    )


@get("/sweeps/{round_id:uuid}")
async def board_page(
    request: Asked, round_id: FromPath[UUID], area: FromQuery[str] = ""
) -> Response[Any]:
    """The board of a round, right before any script runs."""
    return await _board(asking(request), round_id, area)


@post("/sweeps/{round_id:uuid}/{verb:str}", status_code=200)
async def act_on_round(
    request: Asked, round_id: FromPath[UUID], verb: FromPath[str]
) -> Response[Any]:
    """Go round again, close, certify once more."""
    who, given = asking(request), await fields(request)
    who.signed()
    kinds = {"pass": "sweeps.begin_pass", "close": "sweeps.close", "certify": "sweeps.certify"}
    if verb not in kinds:
        raise NotFound("这个页面")
    body: dict[str, Any] = {"round": str(round_id)}
    if verb == "pass" and (minutes := whole(given.get("minutes", ""), -1)) >= 0:
        body["minutes"] = minutes
    try:
        await do_form(who, given, kinds[verb], body)
    except Refusal as refusal:
        return await _board(who, round_id, "", refusal)
    return back(who, f"/sweeps/{round_id}" + ("" if verb == "pass" else "/certificate"))


# -- doors left, conflicts ------------------------------------------------------------------------------


async def _doors(
    tx: Tx,
    round_id: UUID,
    area: str,
    *,
    outcomes: list[str],
    unreported: bool = False,
    flagged: bool = False,
) -> list[account_queries.DoorAccount]:
    return await account_queries.doors_page(
        tx,
        tx.reach(READ),
        round_id,
        low=area,
        high=area + ":",
        outcomes=outcomes,
        unreported=unreported,
        flagged=flagged,
        late=False,
        after=None,
        limit=DOORS_PAGE,
    )


@get("/sweeps/{round_id:uuid}/left")
async def left_page(
    request: Asked, round_id: FromPath[UUID], area: FromQuery[str] = ""
) -> Response[Any]:
    """Doors nobody has reported, and doors where nobody was met: who has to go where now."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await _round(tx, round_id)
        known = await kind_as_opened(tx, round_.id)
        found = await _doors(
            tx,
            round_id,
            area or round_.area_code,
            outcomes=sorted(code.value for code in NOT_MET),
            unreported=True,
        )
        atlas = await ATLAS.get(tx)
    return page(
        who,
        "sweeps/left.html",
        round=round_,
        kind=known,
        doors=found,
        most=DOORS_PAGE,
        atlas=atlas,
        area=area,
        **_common(who),
    )


@dataclass(frozen=True, slots=True)
class Conflict:
    """A door whose reports do not agree, with all of them."""

    door: account_queries.DoorAccount
    told: list[doors.Told]


async def _conflicts(
    who: Asking, round_id: UUID, refusal: Refusal | None = None
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await _round(tx, round_id)
        known = await kind_as_opened(tx, round_.id)
        reach = tx.reach(READ)
        found = await _doors(tx, round_id, round_.area_code, outcomes=[], flagged=True)
        told = await doors.histories(tx, reach, round_id, [door.id for door in found])
    return page(
        who,
        "sweeps/conflicts.html",
        status=refusal.status if refusal else 200,
        round=round_,
        kind=known,
        conflicts=[Conflict(door, told.get(door.id, [])) for door in found],
        refusal=who.said(refusal),
        **_common(who),
    )


@get("/sweeps/{round_id:uuid}/conflicts")
async def conflicts_page(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """Doors on which a person has to decide."""
    return await _conflicts(asking(request), round_id)


@post("/sweeps/{round_id:uuid}/doors/{door_id:uuid}/decision", status_code=200)
async def decide(
    request: Asked, round_id: FromPath[UUID], door_id: FromPath[UUID]
) -> Response[Any]:
    """What stands for a door, by somebody's word; also a correction."""
    who, given = asking(request), await fields(request)
    who.must(DECIDE)
    body = Report(
        round=round_id,
        door=door_id,
        outcome=given.get("outcome") or None,  # type: ignore[arg-type]
        how="desk",
        base=whole(given.get("base", "")),
    )
    deed = Deed(UUID(given["deed"]), who.actor, body, decides=True)
    sync = sync_of(who.district.database, who.district.schema)
    (answer,) = await sync.take([deed])
    if isinstance(answer, Refusal):
        return await _conflicts(who, round_id, answer)
    return back(who, given.get("back") or f"/sweeps/{round_id}/conflicts")


# -- the account ------------------------------------------------------------------------------------


@get("/sweeps/{round_id:uuid}/certificate")
async def certificate_page(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """The latest account of a closed round, printable; earlier ones below."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await _round(tx, round_id)
        known = await kind_as_opened(tx, round_.id)
        found = await rounds.certificates(tx, round_id)
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
        versions=len(found),
        atlas=atlas,
        gaps=GAPS,
        **_common(who),
    )


@get("/sweeps/{round_id:uuid}/certificate.xlsx")
async def certificate_sheet(request: Asked, round_id: FromPath[UUID]) -> Response[Any]:
    """The account as a workbook: one row an area. Counts only, nothing of anybody."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await _round(tx, round_id)
        known = await kind_as_opened(tx, round_.id)
        found = await rounds.certificates(tx, round_id)
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


# -- paper, and typing it back -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """One stairwell on paper or on the desk, doors by floor, top first; or a `road`, house by house."""

    id: UUID
    area_code: str
    label: str
    mark: int
    doors: list[roster_queries.DoorRow]
    road: bool
    reads: Callable[[int], bool]


async def _sheets(
    tx: Tx, round_id: UUID, blocks: list[UUID], *, paper: bool = False
) -> list[Sheet]:
    found = await roster_queries.blocks(
        tx, tx.reach(READ), tx.reach(RESIDENT_READ), round_id, blocks, SHEETS_MAX
    )
    ids = [block.id for block in found]
    rows = await roster_queries.doors(tx, round_id, ids, [-1] * len(ids))
    return [
        Sheet(
            block.id,
            block.area_code,
            block.label,
            block.version,
            # On paper doors have numbers, which a sheet is typed back in by.
            (numbered if paper else list)([row for row in rows if row.block_id == block.id]),
            block.kind == "road",
            block.reads_at,
        )
        for block in found
    ]


@get("/sweeps/{round_id:uuid}/paper")
async def paper_page(
    request: Asked, round_id: FromPath[UUID], area: FromQuery[str] = ""
) -> Response[Any]:
    """Rosters to print, a stairwell a page, in large type, with a code that leads back."""
    who = asking(request)
    who.must(READ)
    origin = origin_of(request)
    async with who.tx(read_only=True) as tx:
        round_ = await _round(tx, round_id)
        known = await kind_as_opened(tx, round_.id)
        lines, more = await block_lines(tx, round_, area, who.locale, limit=SHEETS_MAX)
        ids = [row.id for _, row in lines]
        sheets = await _sheets(tx, round_id, ids, paper=True) if ids else []
        start = await _start(tx, round_, known, sheets, who.locale)
        atlas = await ATLAS.get(tx)
    ways = [f"{origin}{who.base}/sweeps/{round_id}/blocks/{sheet.id}" for sheet in sheets]
    codes = dict(
        zip((sheet.id for sheet in sheets), await qr_sheet(ways, scale=3), strict=True)
    )
    return page(
        who,
        "sweeps/paper.html",
        round=round_,
        kind=known,
        sheets=sheets,
        codes=codes,
        start=start,
        letters={code.value: letter for code, letter in LETTERS.items()},
        more=more,
        atlas=atlas,
        **_common(who),
    )


async def _start(
    tx: Tx, round_: Round, kind: Kind, sheets: list[Sheet], locale: Locale
) -> dict[UUID, str]:
    """What the round before was told, door by door, by the questions' numbers on the paper: "1. 否"."""
    if round_.previous_id is None:
        return {}
    rows = [row for sheet in sheets for row in sheet.doors if sheet.reads(row.floor)]
    found = await before_of(tx, round_, kind, rows, await asks_of(tx, kind.questions, rows))
    asked = [question for question in kind.questions if question.kind != "note"]
    return {
        id_: " ".join(
            f"{n}. {question.told(before.answers[question.key], locale)}"
            for n, question in enumerate(asked, 1)
            if question.key in before.answers
        )
        for id_, before in found.items()
    }


async def _block(
    who: Asking, round_id: UUID, block_id: UUID, said: list[str], status: int = 200
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        round_ = await _round(tx, round_id)
        known = await kind_as_opened(tx, round_.id)
        sheets = await _sheets(tx, round_id, [block_id])
        asks = await door_pages.open_of(tx, known, sheets[0].doors) if sheets else {}
        fillers = await doors.fillers(tx, round_id, block_id)
        atlas = await ATLAS.get(tx)
    if not sheets:
        raise NotFound("这个楼道")
    sheet = sheets[0]
    floors: dict[int, list[roster_queries.DoorRow]] = {}
    for door in sheet.doors:
        floors.setdefault(0 if sheet.road else door.floor, []).append(door)
    return page(
        who,
        "sweeps/block.html",
        status=status,
        round=round_,
        kind=known,
        sheet=sheet,
        floors=floors,
        asks=asks,
        said=said,
        fillers=fillers,
        filled_by=None,
        settled={code.value for code in known.settled},
        atlas=atlas,
        how_choices=[
            (how.value, HOW_NAMES[how])
            for how in (How.PAPER, How.PHONE, How.NEIGHBOUR, How.FAMILY, How.DOOR)
        ],
        **_common(who),
    )


@get("/sweeps/{round_id:uuid}/blocks/{block_id:uuid}")
async def block_page(
    request: Asked, round_id: FromPath[UUID], block_id: FromPath[UUID]
) -> Response[Any]:
    """One stairwell: floor by floor, and the form to type a paper back in, a key a door."""
    return await _block(asking(request), round_id, block_id, [])


@post("/sweeps/{round_id:uuid}/blocks/{block_id:uuid}", status_code=200)
async def type_back(
    request: Asked, round_id: FromPath[UUID], block_id: FromPath[UUID]
) -> Response[Any]:
    """What was typed: fields `door-<id>` hold an outcome, `base-<id>` what was seen, `id-<id>` the
    report's own id."""
    who, given = asking(request), await fields(request)
    who.must(REPORT)
    how = given.get("how") or "paper"
    async with who.tx(read_only=True) as tx:
        round_ = await _round(tx, round_id)
        fillers = await doors.fillers(tx, round_id, block_id)
    filled_by = paper_pages.filler(fillers, given, how)
    sent: list[Sent] = []
    for name, outcome in given.items():
        if not name.startswith("door-") or not outcome:
            continue
        door = name[5:]
        body = {
            "round": str(round_id),
            "block": str(block_id),
            "door": door,
            "outcome": outcome,
            "how": how,
            "turn": round_.pass_n,
            "base": whole(given.get(f"base-{door}", "")),
            "filled_by": filled_by,
        }
        sent.append(Sent(UUID(given[f"id-{door}"]), body))
    answers = await do_many(who, "sweeps.report", sent) if sent else []
    wrong = [answer.words(who.locale) for answer in answers if isinstance(answer, Refusal)]
    if wrong:
        return await _block(who, round_id, block_id, wrong, 422)
    return back(who, f"/sweeps/{round_id}/blocks/{block_id}")


ROUTES: list[Any] = [
    *plan_pages.ROUTES,
    *testing_pages.ROUTES,
    *door_pages.ROUTES,
    *kind_pages.ROUTES,
    *paper_pages.ROUTES,
    *split_pages.ROUTES,
    rounds_page,
    new_page,
    count,
    open_form,
    board_page,
    act_on_round,
    left_page,
    conflicts_page,
    decide,
    certificate_page,
    certificate_sheet,
    paper_page,
    block_page,
    type_back,
]
