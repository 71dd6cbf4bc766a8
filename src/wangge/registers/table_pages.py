"""A register from a spreadsheet: upload, look at every row, take it in, take it back."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, speaking
from wangge.places.model import Area
from wangge.registers import acts, tables
from wangge.registers.kinds import KINDS

Req = Request[Any, Any, Any]
#: Rows of one screen, tables of the list, areas of the form.
ROWS, LISTED, AREAS_MAX = 100, 20, 400
#: A multipart body is a little longer than the file in it.
BODY_MAX = tables.BYTES_MAX + 1_000_000


async def _first(
    who: Asking, kind: str = "", *, refusal: Refusal | None = None
) -> Response[Any]:
    who.must(acts.CHANGE)
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        found = await tables.latest(tx, LISTED)
        near: list[Area] = [
            one
            for prefix in tx.reach(acts.CHANGE).areas
            for one in atlas.open_areas(prefix)
            if len(one.code) in (12, 15) or one.code == prefix
        ][:AREAS_MAX]
    return page(
        who,
        "registers/import.html",
        status=refusal.status if refusal else 200,
        kinds=KINDS,
        kind=kind,
        near=[one for one in near if len(one.code) >= 12],
        atlas=atlas,
        found=found,
        states=tables.TABLE_STATES,
        columns={
            code: [words for words, _ in tables.targets(one).values()]
            for code, one in KINDS.items()
        },
        refusal=who.said(refusal),
    )


@get("/registers/import")
async def import_page(request: Req, kind: FromQuery[str] = "") -> Response[Any]:
    """The upload form, what a table may hold, and the latest tables."""
    return await _first(asking(request), kind if kind in KINDS else "")


@post("/registers/import", request_max_body_size=BODY_MAX)
async def upload(request: Req) -> Response[Any]:
    """Read a table; nothing changes yet."""
    who = asking(request)
    who.must(acts.CHANGE)
    form = await request.form()
    kind = str(form.get("kind", ""))
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid.of("file", "请选择一个文件。")
        content = await file.read()
        async with who.tx() as tx:
            staged = await tables.stage(
                tx,
                who.district.vault,
                kind,
                str(form.get("area", "")),
                content,
                file.filename or "",
            )
    except Refusal as refusal:
        return await _first(who, kind if kind in KINDS else "", refusal=refusal)
    return back(who, f"/registers/import/{staged}")


async def _one(
    who: Asking,
    table_id: UUID,
    *,
    only: str = "",
    after: int = 0,
    refusal: Refusal | None = None,
    undone: Any = None,
) -> Response[Any]:
    who.must(acts.CHANGE)
    async with who.tx(read_only=True) as tx:
        found = await tables.preview(tx, who.district.vault, table_id)
        atlas = await ATLAS.get(tx)
    wanted = [
        line
        for line in found.lines
        if line.number > after and (not only or line.verdict == only)
    ]
    shown = wanted[:ROWS]
    kind = KINDS[found.table.kind]
    return page(
        who,
        "registers/import_one.html",
        status=refusal.status if refusal else 200,
        one=found,
        table=found.table,
        kind=kind,
        rows=shown,
        more=shown[-1].number if len(wanted) > ROWS else None,
        only=only,
        atlas=atlas,
        verdicts=tables.VERDICTS,
        states=tables.TABLE_STATES,
        targets=tables.targets(kind),
        words=speaking(who),
        undone=undone,
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/registers/import/{table_id:uuid}")
async def one_page(
    request: Req,
    table_id: FromPath[UUID],
    only: FromQuery[str] = "",
    after: FromQuery[int] = 0,
) -> Response[Any]:
    """Row by row what will happen."""
    return await _one(asking(request), table_id, only=only, after=after)


@post("/registers/import/{table_id:uuid}/{step:str}", status_code=200)
async def step_form(
    request: Req, table_id: FromPath[UUID], step: FromPath[str]
) -> Response[Any]:
    """Say what the columns are, take the rows in, or take them back."""
    who, given = asking(request), await fields(request)
    who.must(acts.CHANGE)
    try:
        if step == "columns":
            form = await request.form()
            mapping = [str(one) for one in form.getall("column", [])]
            async with who.tx() as tx:
                await tables.set_columns(tx, table_id, mapping)
        elif step == "apply":
            body = {"table_id": str(table_id), "only_new": bool(given.get("only_new"))}
            await do_form(who, given, "registers.apply_table", body)
        elif step == "undo":
            done = await do_form(
                who, given, "registers.undo_table", {"table_id": str(table_id)}
            )
            return await _one(who, table_id, undone=done)
        else:
            raise Invalid.of("step", "没有这种操作。")
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _one(who, table_id, refusal=refusal)
    return back(who, f"/registers/import/{table_id}")


ROUTES: list[Any] = [import_page, upload, one_page, step_form]
