"""One stairwell on paper and on the desk: rosters to print, and the form to type one back in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, do_many, origin_of, page
from wangge.kernel.http.deeds import Sent
from wangge.kernel.i18n import Locale
from wangge.kernel.qr import qr_sheet
from wangge.kernel.refusals import NotFound, Refusal
from wangge.people.acts import RESIDENT_READ
from wangge.places import ATLAS
from wangge.places.forms import back, fields, whole
from wangge.sweeps import door_pages, paper_pages
from wangge.sweeps.acts import READ, REPORT
from wangge.sweeps.asks import asks_of
from wangge.sweeps.before import before_of
from wangge.sweeps.board import block_lines
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import HOW_NAMES, How, Kind, Round
from wangge.sweeps.paper_lines import LETTERS, numbered
from wangge.sweeps.queries import certificate, doors, rounds
from wangge.sweeps.queries import roster as roster_queries
from wangge.sweeps.showing import common

Asked = Request[Any, Any, Any]

#: Stairwells printed at once.
SHEETS_MAX = 120


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
        round_ = await rounds.round_(tx, tx.reach(READ), round_id)
        known = await kind_as_opened(tx, round_.id)
        purged = await certificate.purged(tx, round_)
        lines, more = await block_lines(tx, round_, area, who.locale, limit=SHEETS_MAX)
        ids = [] if purged else [row.id for _, row in lines]
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
        purged=purged,
        sheets=sheets,
        codes=codes,
        start=start,
        letters={code.value: letter for code, letter in LETTERS.items()},
        more=more,
        atlas=atlas,
        **common(who),
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
        round_ = await rounds.round_(tx, tx.reach(READ), round_id)
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
        **common(who),
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
        round_ = await rounds.round_(tx, tx.reach(READ), round_id)
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


ROUTES: list[Any] = [paper_page, block_page, type_back]
