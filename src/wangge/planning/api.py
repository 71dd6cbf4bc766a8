"""Micro-grids over HTTP: how a community's are balanced, proposals, and what is done with them."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.cases.queries import count_at_units
from wangge.kernel.http import Asking, asking
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.kernel.said import worded
from wangge.places.forms import answer_deed
from wangge.planning import deeds, queries
from wangge.planning.acts import READ
from wangge.planning.commands import drift, going
from wangge.planning.judging import Judged, Line, Step, best_steps, judge, offered
from wangge.planning.model import Wishes
from wangge.planning.queries import ProposalLine
from wangge.planning.town import Situation, situation

Asked = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class BalanceView:
    """A judged division; sentences in the asker's language, the first says what is unfair and why."""

    headline: str
    sentences: list[str]
    must_be_mended: list[str]
    fair: bool
    mean: float
    max_mean: float
    min_mean: float
    moved_units: int
    moved_households: int
    share: float
    buildings: int
    buildings_split: int
    grids: list[Line]


@dataclass(frozen=True, slots=True)
class CheckView:
    """A community today, and the best single steps."""

    area_code: str
    balance: BalanceView
    best_steps: list[Step]
    counted_by_doors: int
    in_other_micro_grids: int
    without_place: int
    division: dict[str, str]


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal. `stale` says that the register changed since; `balance` and `steps` are there while
    it waits for a decision; `open_cases` go along with their stairwells then."""

    id: UUID
    area_code: str
    kind: str
    state: str
    rules: Wishes
    seed: int
    by_id: UUID
    at: datetime
    done: int
    whole: int
    stopped: str
    sentences: list[str]
    version: int
    stale: bool
    balance: BalanceView | None
    steps: list[Step]
    open_cases: int
    division: dict[str, str]
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str
    undone_by: UUID | None
    undone_at: datetime | None


def _balance(who: Asking, judged: Judged) -> BalanceView:
    def words(kept: str) -> str:
        return worded(who.locale, kept)

    return BalanceView(
        words(judged.headline),
        [words(one) for one in judged.others],
        [words(one) for one in judged.hard],
        judged.fair,
        judged.mean,
        judged.max_mean,
        judged.min_mean,
        judged.moved_units,
        judged.moved_households,
        round(judged.share, 4),
        judged.buildings,
        judged.buildings_split,
        [replace(line, ratio=round(line.ratio, 4)) for line in judged.lines],
    )


def _steps(who: Asking, some: list[Step]) -> list[Step]:
    return [replace(one, why=worded(who.locale, one.why)) for one in some]


@get("/api/v1/micro-grids/{code:str}")
async def check(request: Asked, code: FromPath[str]) -> CheckView:
    """How the work of a community's micro-grids lies, which is unfair and why, and the three best
    steps."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        found = await situation(tx, code)
    judged = await asyncio.to_thread(judge, found, found.town.today)
    return CheckView(
        code,
        _balance(who, judged),
        _steps(who, await asyncio.to_thread(best_steps, found)),
        found.counted,
        found.outside,
        found.unplaced,
        dict(found.town.today),
    )


@get("/api/v1/micro-grids/{code:str}/proposals")
async def proposals(
    request: Asked,
    code: FromPath[str],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Page[ProposalLine]:
    """Proposals of a community, the newest first."""
    who = asking(request)
    who.must(READ)
    size = page_size(limit)
    async with who.tx(read_only=True) as tx:
        if not tx.reach(READ).covers(code):
            return Page([], None)
        rows = await queries.proposals(tx, code, read_mark(after), size + 1)
    some = rows[:size]
    more = len(rows) > size
    return Page(some, mark_of(some[-1].at, some[-1].id) if more else None)


@get("/api/v1/micro-grids/proposals/{id_:uuid}")
async def proposal(request: Asked, id_: FromPath[UUID]) -> ProposalView:
    """A proposal with its steps and what they would change."""
    who = asking(request)
    who.must(READ)
    found: Situation | None = None
    carried = 0
    async with who.tx(read_only=True) as tx:
        one = await queries.proposal(tx, tx.reach(READ), id_)
        wishes = msgspec.convert(one.rules, Wishes)
        if one.state == "ready":
            found = await situation(tx, one.area_code, wishes.rules())
            carried = await count_at_units(tx, going(one, found))
    judged: Judged | None = None
    some: list[Step] = []
    if found:
        judged = await asyncio.to_thread(judge, found, one.division)
        some = await asyncio.to_thread(offered, found, one.division)
    return ProposalView(
        one.id,
        one.area_code,
        one.kind,
        one.state,
        wishes,
        one.seed,
        one.by_id,
        one.at,
        one.done,
        one.whole,
        one.stopped,
        [worded(who.locale, kept) for kept in one.sentences],
        one.version,
        drift(one, found).stale if found else False,
        _balance(who, judged) if judged else None,
        _steps(who, some),
        carried,
        one.division,
        one.decided_by,
        one.decided_at,
        one.reason,
        one.undone_by,
        one.undone_at,
    )


@post("/api/v1/micro-grids/proposals", status_code=201)
async def ask(request: Asked, data: JSONBody[deeds.Ask]) -> Response[Any]:
    """Ask for a proposal; a job computes it, or (`hand`) today's is there to be changed."""
    return await answer_deed(request, "planning.ask", data)


@post("/api/v1/micro-grids/proposals/move", status_code=200)
async def move(request: Asked, data: JSONBody[deeds.MoveUnit]) -> Response[Any]:
    """Put one stairwell of a proposal into another micro-grid."""
    return await answer_deed(request, "planning.move", data)


@post("/api/v1/micro-grids/proposals/back", status_code=200)
async def go_back(request: Asked, data: JSONBody[deeds.GoBack]) -> Response[Any]:
    """An earlier version of a proposal again."""
    return await answer_deed(request, "planning.back", data)


@post("/api/v1/micro-grids/proposals/accept", status_code=200)
async def accept(request: Asked, data: JSONBody[deeds.Accept]) -> Response[Any]:
    """Make a proposal, or some of its steps, true."""
    return await answer_deed(request, "planning.accept", data)


@post("/api/v1/micro-grids/proposals/undo", status_code=200)
async def undo(request: Asked, data: JSONBody[deeds.Undo]) -> Response[Any]:
    """Take an accepted proposal back, unless its stairwells were moved again since."""
    return await answer_deed(request, "planning.undo", data)


@post("/api/v1/micro-grids/proposals/drop", status_code=200)
async def drop(request: Asked, data: JSONBody[deeds.OfProposal]) -> Response[Any]:
    """Stop a proposal, or put it away."""
    return await answer_deed(request, "planning.drop", data)


@post("/api/v1/micro-grids/heads", status_code=200)
async def name_head(request: Asked, data: JSONBody[deeds.NameHead]) -> Response[Any]:
    """Say who heads a micro-grid, and where that person lives."""
    return await answer_deed(request, "planning.name_head", data)


ROUTES: list[Any] = [
    check,
    proposals,
    proposal,
    ask,
    move,
    go_back,
    accept,
    undo,
    drop,
    name_head,
]
