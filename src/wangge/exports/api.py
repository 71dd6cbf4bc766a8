"""Exports for programs: ask, agree, fetch."""

from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from wangge.exports import acts, commands, deeds, queries
from wangge.exports.jobs import MEDIA
from wangge.exports.model import Export, State
from wangge.kernel.http import Asking, asking
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.kernel.refusals import Forbidden, Invalid
from wangge.people import ROSTER
from wangge.places.forms import answer_deed

Req = Request[Any, Any, Any]


class ExportView(Struct):
    """One export. `asked_by` and `decided_by` are names; `done` of `total` rows are written."""

    id: UUID
    mark: str
    what: str
    title: str
    area_code: str
    people: int
    full: list[str]
    format: str
    reason: str
    state: State
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    answer: str
    expires_at: datetime | None
    fetched: int
    trouble: str
    done: int
    total: int


class ExportLineView(Struct):
    """One line of a list."""

    id: UUID
    mark: str
    what: str
    title: str
    area_code: str
    people: int
    full: list[str]
    reason: str
    state: State
    asked_by: str
    asked_at: datetime
    fetched: int


class Words(Struct, forbid_unknown_fields=True):
    words: str = ""


@get("/api/v1/exports")
async def exports(
    request: Req,
    view: FromQuery[str] = "mine",
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Page[ExportLineView]:
    """Newest first: `mine`, `waiting` (for whoever may agree) or `all` (for who audits)."""
    who = asking(request)
    who.signed()
    size = page_size(limit)
    async with who.tx(read_only=True) as tx:
        rows = await listed(who, tx, view, after, size + 1)
        roster = await ROSTER.get(tx)
    shown = rows[:size]
    return Page(
        [
            ExportLineView(
                row.id,
                row.mark,
                row.what,
                row.title,
                row.area_code,
                row.people,
                list(row.full_fields),
                row.reason,
                row.state,
                roster.staff_name(row.asked_by),
                row.asked_at,
                row.fetched,
            )
            for row in shown
        ],
        mark_of(shown[-1].asked_at, shown[-1].id) if len(rows) > size else None,
    )


async def listed(
    who: Asking, tx: Any, view: str, after: str | None, limit: int
) -> list[queries.ExportLine]:
    """The rows of one of the three lists. Raises Invalid, Forbidden."""
    mark = read_mark(after)
    if view == "mine":
        return await queries.page_of(
            tx, asked_by=who.actor.id, reach=None, state="", after=mark, limit=limit
        )
    act = {"waiting": acts.APPROVE, "all": acts.AUDIT}.get(view)
    if act is None:
        raise Invalid.of("view", "没有“{view}”这种列表。", view=view)
    if not who.may(act):
        raise Forbidden(act.name)
    return await queries.page_of(
        tx,
        asked_by=None,
        reach=tx.reach(act),
        state="waiting" if view == "waiting" else "",
        after=mark,
        limit=limit,
    )


@get("/api/v1/exports/{export_id:uuid}")
async def export(request: Req, export_id: FromPath[UUID]) -> ExportView:
    """One export, for its asker, who may agree to it, and who audits."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        found = await commands.door(tx, export_id)
        at = await queries.progress(tx, export_id)
        roster = await ROSTER.get(tx)
    return ExportView(
        found.id,
        found.mark,
        found.what,
        found.title,
        found.area_code,
        found.people,
        list(found.full_fields),
        found.format,
        found.reason,
        found.state,
        roster.staff_name(found.asked_by),
        found.asked_at,
        roster.staff_name(found.decided_by) if found.decided_by else None,
        found.answer,
        found.expires_at,
        found.fetched,
        found.trouble,
        at.done if at else found.rows,
        at.total if at else found.rows,
    )


@post("/api/v1/exports", status_code=201)
async def ask(request: Req, data: JSONBody[deeds.Ask]) -> Response[Any]:
    """Ask for a list as a file (deed `exports.ask`)."""
    return await answer_deed(request, "exports.ask", data)


@post("/api/v1/exports/{export_id:uuid}/approval", status_code=200)
async def approve(
    request: Req, export_id: FromPath[UUID], data: JSONBody[Words]
) -> Response[Any]:
    """Agree to somebody else's export."""
    raw = {"export_id": str(export_id), "words": data.words}
    return await answer_deed(request, "exports.approve", raw)


@post("/api/v1/exports/{export_id:uuid}/refusal", status_code=200)
async def refuse(
    request: Req, export_id: FromPath[UUID], data: JSONBody[Words]
) -> Response[Any]:
    """Say no, and why."""
    raw = {"export_id": str(export_id), "words": data.words}
    return await answer_deed(request, "exports.refuse", raw)


@post("/api/v1/exports/{export_id:uuid}/withdrawal", status_code=200)
async def withdraw(request: Req, export_id: FromPath[UUID]) -> Response[Any]:
    """Take one's own export back; its file is deleted."""
    return await answer_deed(request, "exports.withdraw", {"export_id": str(export_id)})


async def file_of(who: Asking, export_id: UUID) -> Response[bytes]:
    """The file as an answer, counted. The name is in the header as RFC 6266 wants it."""
    async with who.tx() as tx:
        found, data = await commands.fetch(
            tx, who.district.vault, who.district.shelf, export_id
        )
    return _file(found, data)


def _file(found: Export, data: bytes) -> Response[bytes]:
    name = quote(found.file_name)
    return Response(
        data,
        media_type=MEDIA[found.format],
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{found.mark}.{found.format}"; '
            f"filename*=UTF-8''{name}",
        },
    )


@post("/api/v1/exports/{export_id:uuid}/file", status_code=200)
async def fetch(request: Req, export_id: FromPath[UUID]) -> Response[bytes]:
    """The file, for its asker; every fetch is counted and written down."""
    who = asking(request)
    who.signed()
    return await file_of(who, export_id)


ROUTES: list[Any] = [exports, export, ask, approve, refuse, withdraw, fetch]
