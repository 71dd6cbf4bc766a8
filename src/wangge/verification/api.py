"""Verification for programs: lists, their rows masked, what does not fit, and the deeds."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct, field

from wangge.kernel.crypto import vault_of
from wangge.kernel.http import Asking, asking
from wangge.kernel.i18n import translate
from wangge.kernel.paging import Page, mark_of, page_size, read_mark, read_number
from wangge.kernel.refusals import Invalid
from wangge.places.forms import answer_deed
from wangge.verification import deciding, mending, queries
from wangge.verification.acts import CHECK, SIGN
from wangge.verification.bringing import About, bring, columns_kept
from wangge.verification.called import as_called
from wangge.verification.choosing import LOOKED, headings_of, shown
from wangge.verification.model import List, Tally
from wangge.verification.records import hidden, open_cells, open_finding
from wangge.verification.showing import RowView, rows_shown
from wangge.verification.words import STATES

Req = Request[Any, Any, Any]
#: Characters of a list as text.
BODY_BYTES_MAX = 40_000_000


class ListLine(Struct):
    """A list without what its rows say. `contacts` tells that it belongs to a response."""

    id: UUID
    title: str
    purpose: str
    asker: str
    area_code: str
    response_id: UUID | None
    keep_until: date
    rows: int
    phase: str
    state: str
    done: int
    at: datetime
    signed_at: datetime | None
    gone_at: datetime | None
    gone_why: str


class ListWhole(Struct):
    """A list with its rows counted by state, its headings, and which of them (from 0) is what. In
    headings nobody has agreed to yet, numbers and names are hidden."""

    about: ListLine
    tallies: list[Tally]
    headings: list[str]
    columns: dict[str, int]


class RowLine(Struct):
    """A row, masked: whom it means (an id of the register), what would be mended, what to ask."""

    number: int
    at: int
    state: str
    name_mask: str
    target_id: UUID | None
    mends: tuple[str, ...]
    differs: tuple[str, ...]
    same_as: int
    outcome: str
    tries: int
    why: list[str]
    ask: list[str]


class FindingLine(Struct):
    """Something in the contacts that does not fit, with what to ask. `settled_with`: the contradiction
    whose correction settled this one too (0: none)."""

    number: int
    kind: str
    rows: tuple[int, ...]
    words: str
    question: str
    settled: bool
    settled_with: int


class Bring(Struct):
    """A list as text: CSV with its headings, or a pasted chat, a person a line."""

    title: str
    purpose: str
    asker: str
    area: str
    days: int
    text: str


class Choosing(Struct):
    """Which column (from 0) is what."""

    columns: dict[str, int]
    headless: bool = False


class Accepting(Struct):
    numbers: list[int] | None = None
    mends: list[str] | None = None


class Answering(Struct):
    """What came of asking. `cells` (field → text): with `mended`, what somebody said; the row is held
    against the register again. They are sealed with the row and never kept with the deed."""

    outcome: str
    target: UUID | None = None
    cells: dict[str, str] = field(default_factory=dict[str, str])


class Correcting(Struct):
    """What was said about rows of a contradiction: by the row's number, field → text."""

    rows: dict[int, dict[str, str]]


class Corrected(Struct):
    """What a correction did: the contradictions it settled besides its own, and those that came of
    it."""

    list_id: UUID
    settled: list[int]
    arisen: list[int]


def office(request: Req) -> Asking:
    """Who asks, if they may check or sign lists."""
    who = asking(request)
    who.must_any(CHECK, SIGN)
    return who


def line(found: List) -> ListLine:
    """A list as programs see it."""
    return ListLine(
        found.id,
        found.title,
        found.purpose,
        found.asker,
        found.area_code,
        found.response_id,
        found.keep_until,
        found.rows,
        found.phase,
        found.state,
        found.done,
        found.at,
        found.signed_at,
        found.gone_at,
        found.gone_why,
    )


@get("/api/v1/verification-lists")
async def lists(
    request: Req, after: FromQuery[str | None] = None, limit: FromQuery[int | None] = None
) -> Page[ListLine]:
    """Lists within reach, the latest first."""
    who, size = office(request), page_size(limit)
    async with who.tx(read_only=True) as tx:
        found = await queries.lists_page(tx, after=read_mark(after), limit=size + 1)
    shown = found[:size]
    more = mark_of(shown[-1].at, shown[-1].id) if len(found) > size else None
    return Page([line(one) for one in shown], more)


@post("/api/v1/verification-lists", status_code=201, request_max_body_size=BODY_BYTES_MAX)
async def bring_list(request: Req, data: JSONBody[Bring]) -> ListLine:
    """Bring a list. The same list again is the one that is there."""
    who = office(request)
    if not data.text.strip():
        raise Invalid.of("text", "请先粘贴内容。")
    about = About(data.title, data.purpose, data.asker, data.area, data.days)
    async with who.tx() as tx:
        found = await bring(tx, who.district.vault, data.text, data.title, about)
    return line(found)


@get("/api/v1/verification-lists/{list_id:uuid}")
async def one_list(request: Req, list_id: FromPath[UUID]) -> ListWhole:
    """One list."""
    async with office(request).tx(read_only=True) as tx:
        found = await queries.one_list(tx, list_id)
        vault = vault_of(tx.actor.district)
        headings: Sequence[str] = await headings_of(tx, vault, found)
        if found.phase == "columns":
            kept = await queries.rows_after(tx, list_id, 0, LOOKED)
            headings = shown(headings, [open_cells(vault, list_id, row) for row in kept])
        return ListWhole(
            line(found),
            await queries.tallies(tx, list_id),
            [hidden(one) for one in headings],
            dict(columns_kept(found).at),
        )


@get("/api/v1/verification-lists/{list_id:uuid}/rows")
async def rows(
    request: Req,
    list_id: FromPath[UUID],
    after: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[RowLine]:
    """Rows in the list's order; `?state=` chooses them."""
    state = request.query_params.get("state", "")
    who, size = office(request), page_size(limit)
    if state and state not in STATES:
        raise Invalid.of("state", "没有“{code}”这个选项。", code=state[:20])
    async with who.tx(read_only=True) as tx:
        found = await queries.one_list(tx, list_id)
        kept = await queries.rows_after(
            tx, list_id, read_number(after), size + 1, [state] if state else []
        )
        shown = await rows_shown(tx, who.district.vault, found, kept[:size])
    more = str(shown[-1].number) if len(kept) > size else None
    return Page([_row(who, one) for one in shown], more)


def _row(who: Asking, one: RowView) -> RowLine:
    asked = one.question
    return RowLine(
        one.number,
        one.at,
        one.state,
        one.said["name"],
        one.target.id if one.target else None,
        one.mends,
        one.differs,
        one.same_as,
        one.outcome,
        one.tries,
        [translate(who.locale, w.text, **w.values) for w in asked.why] if asked else [],
        [translate(who.locale, w.text, **w.values) for w in asked.ask] if asked else [],
    )


@get("/api/v1/verification-lists/{list_id:uuid}/findings")
async def findings(
    request: Req,
    list_id: FromPath[UUID],
    after: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[FindingLine]:
    """What in the contacts of a list does not fit."""
    who, size = office(request), page_size(limit)
    async with who.tx(read_only=True) as tx:
        await queries.one_list(tx, list_id)
        kept = await queries.findings(tx, list_id, read_number(after), size + 1)
    made: list[FindingLine] = []
    for one in kept[:size]:
        words, ask = (
            as_called(who.locale, one.kind, said)
            for said in open_finding(who.district.vault, list_id, one)
        )
        made.append(
            FindingLine(
                one.number,
                one.kind,
                one.rows,
                translate(who.locale, words.text, **words.values),
                translate(who.locale, ask.text, **ask.values),
                one.by_id is not None,
                one.with_number,
            )
        )
    return Page(made, str(made[-1].number) if len(kept) > size else None)


@post("/api/v1/verification-lists/{list_id:uuid}/columns", status_code=200)
async def choose(
    request: Req, list_id: FromPath[UUID], data: JSONBody[Choosing]
) -> Response[Any]:
    """Say which column is what; every row is held against the register anew."""
    raw = {"list_id": str(list_id), "columns": data.columns, "headless": data.headless}
    return await answer_deed(request, "verification.choose", raw)


@post("/api/v1/verification-lists/{list_id:uuid}/mends", status_code=200)
async def accept(
    request: Req, list_id: FromPath[UUID], data: JSONBody[Accepting]
) -> Response[Any]:
    """Take proposed mends: of some rows, or all that mend exactly these fields."""
    raw = {"list_id": str(list_id), "numbers": data.numbers, "mends": data.mends or []}
    return await answer_deed(request, "verification.accept", raw)


@post("/api/v1/verification-lists/{list_id:uuid}/rows/{number:int}/answer", status_code=200)
async def answer(
    request: Req, list_id: FromPath[UUID], number: FromPath[int], data: JSONBody[Answering]
) -> Response[Any]:
    """Say what came of asking. What somebody said (`mended`) has no memory of its deed: sent again, it
    is refused as decided."""
    if data.outcome == "mended":
        who = office(request)
        async with who.tx() as tx:
            await deciding.answer(
                tx, who.district.vault, list_id, number, data.outcome, cells=data.cells
            )
        return Response({"rows": 1})
    raw = {
        "list_id": str(list_id),
        "number": number,
        "outcome": data.outcome,
        "target": str(data.target) if data.target else None,
    }
    return await answer_deed(request, "verification.answer", raw)


@post("/api/v1/verification-lists/{list_id:uuid}/rows/{number:int}/doubt", status_code=200)
async def doubt(request: Req, list_id: FromPath[UUID], number: FromPath[int]) -> Response[Any]:
    """Rather ask than take a proposed mend."""
    raw = {"list_id": str(list_id), "number": number}
    return await answer_deed(request, "verification.doubt", raw)


@post("/api/v1/verification-lists/{list_id:uuid}/findings/{number:int}/mends", status_code=200)
async def correct(
    request: Req, list_id: FromPath[UUID], number: FromPath[int], data: JSONBody[Correcting]
) -> Corrected:
    """Put into the rows what was said about what does not fit; it is settled with that, and whatever
    fits now. Sealed with the rows and never kept with a deed: sent again, it is refused as decided."""
    who = office(request)
    async with who.tx() as tx:
        done = await mending.mend(
            tx, who.district.vault, list_id, number, data.rows, locale=who.locale
        )
    return Corrected(list_id, list(done.settled), list(done.arisen))


@post(
    "/api/v1/verification-lists/{list_id:uuid}/findings/{number:int}/settlement",
    status_code=200,
)
async def settle(request: Req, list_id: FromPath[UUID], number: FromPath[int]) -> Response[Any]:
    """What does not fit was asked about, and nothing is to be corrected."""
    raw = {"list_id": str(list_id), "number": number}
    return await answer_deed(request, "verification.settle_finding", raw)


@post("/api/v1/verification-lists/{list_id:uuid}/stop", status_code=200)
async def stop(request: Req, list_id: FromPath[UUID]) -> Response[Any]:
    """Stop a check under way; what is done stays."""
    return await answer_deed(request, "verification.stop", {"list_id": str(list_id)})


@post("/api/v1/verification-lists/{list_id:uuid}/retry", status_code=200)
async def retry(request: Req, list_id: FromPath[UUID]) -> Response[Any]:
    """Go on where a check stopped."""
    return await answer_deed(request, "verification.retry", {"list_id": str(list_id)})


@post("/api/v1/verification-lists/{list_id:uuid}/signature", status_code=200)
async def sign(request: Req, list_id: FromPath[UUID]) -> Response[Any]:
    """Sign a list that somebody else brought and mended."""
    return await answer_deed(request, "verification.sign", {"list_id": str(list_id)})


@post("/api/v1/verification-lists/{list_id:uuid}/destruction", status_code=200)
async def drop(request: Req, list_id: FromPath[UUID]) -> Response[Any]:
    """Give a list up: its rows are deleted."""
    return await answer_deed(request, "verification.drop", {"list_id": str(list_id)})


ROUTES: list[Any] = [
    lists,
    bring_list,
    one_list,
    rows,
    findings,
    choose,
    accept,
    answer,
    doubt,
    correct,
    settle,
    stop,
    retry,
    sign,
    drop,
]
