"""Pages of sweeps: opened in a minute, watched by the stairwell, closed with an account."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import NotFound, Refusal
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, whole
from wangge.sweeps import (
    answer_pages,
    certificate_pages,
    door_pages,
    kind_pages,
    opening_pages,
    paper_pages,
    plan_pages,
    question_pages,
    sheet_pages,
    split_pages,
    testing_pages,
    visit_pages,
)
from wangge.sweeps.acts import DECIDE, READ
from wangge.sweeps.board import (
    block_lines,
    board_of,
    within_reach,
)
from wangge.sweeps.kinds import KINDS, kind_as_opened
from wangge.sweeps.model import NOT_MET, Round
from wangge.sweeps.queries import certificate as account_queries
from wangge.sweeps.queries import dealing, doors, rounds
from wangge.sweeps.reporting import Deed, Report
from wangge.sweeps.showing import by_block, hands_of
from wangge.sweeps.showing import common as _common
from wangge.sweeps.sync import sync_of

Asked = Request[Any, Any, Any]

ROUNDS_PAGE = 30
#: Doors on one page of the list of those left, and in one conflict list.
DOORS_PAGE = 300

nav(35, "/sweeps", "清查", "check", READ)


# -- the list ---------------------------------------------------------------------------------------


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
    """Go round again, more time, close, certify once more."""
    who, given = asking(request), await fields(request)
    who.signed()
    kinds = {
        "pass": "sweeps.begin_pass",
        "more": "sweeps.retime",
        "close": "sweeps.close",
        "certify": "sweeps.certify",
    }
    if verb not in kinds:
        raise NotFound("这个页面")
    body: dict[str, Any] = {"round": str(round_id)}
    minutes = whole(given.get("minutes", ""), -1)
    if verb == "more" or (verb == "pass" and minutes >= 0):
        body["minutes"] = minutes
    try:
        await do_form(who, given, kinds[verb], body)
    except Refusal as refusal:
        return await _board(who, round_id, "", refusal)
    stays = verb in ("pass", "more")
    return back(who, f"/sweeps/{round_id}" + ("" if stays else "/certificate"))


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


def _by_block(
    found: Sequence[account_queries.DoorAccount], hands: Mapping[UUID, list[str]]
) -> dict[UUID, tuple[list[str], int]]:
    """Whose doors these are, each name of a block once, in the order of the floors; and how many of
    them are nobody's."""
    names: dict[UUID, dict[str, None]] = {}
    for door in found:
        names.setdefault(door.block_id, {}).update(dict.fromkeys(hands[door.id]))
    alone = Counter(door.block_id for door in found if not hands[door.id])
    return {block: (list(theirs), alone[block]) for block, theirs in names.items()}


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
        held = await dealing.held(tx, round_id, list({door.block_id for door in found}))
        purged = await account_queries.purged(tx, round_)
        roster = await ROSTER.get(tx)
        atlas = await ATLAS.get(tx)
    sent = hands_of(found, held, roster)
    return page(
        who,
        "sweeps/left.html",
        round=round_,
        kind=known,
        doors=found,
        groups=by_block(found),
        sent=sent,
        hands=_by_block(found, sent),
        purged=purged,
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
        purged = await account_queries.purged(tx, round_)
    return page(
        who,
        "sweeps/conflicts.html",
        status=refusal.status if refusal else 200,
        round=round_,
        kind=known,
        purged=purged,
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


ROUTES: list[Any] = [
    *plan_pages.ROUTES,
    *testing_pages.ROUTES,
    *door_pages.ROUTES,
    *answer_pages.ROUTES,
    *kind_pages.ROUTES,
    *question_pages.ROUTES,
    *paper_pages.ROUTES,
    *split_pages.ROUTES,
    *visit_pages.ROUTES,
    *opening_pages.ROUTES,
    *certificate_pages.ROUTES,
    *sheet_pages.ROUTES,
    rounds_page,
    board_page,
    act_on_round,
    left_page,
    conflicts_page,
    decide,
]
