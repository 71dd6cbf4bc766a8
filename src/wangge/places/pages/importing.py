"""Areas from a file: upload, look at every row, take them in, take them back."""

import json
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery

from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.places import acts, imports
from wangge.places.datums import DATUM_NAMES
from wangge.places.forms import back, do_form, fields, many, speaking
from wangge.places.imports import queries, work
from wangge.places.imports.judging import VERDICT_NAMES, Verdict
from wangge.places.imports.reading import BYTES_MAX
from wangge.places.model import GRID_KIND_NAMES, KIND_NAMES

Asked = Request[Any, Any, Any]
#: Rows of one screen, shapes of one picture, imports of the list.
ROWS, SHAPES, LISTED = 100, 2_000, 20
#: A multipart body is a little longer than the file in it.
BODY_MAX = BYTES_MAX + 1_000_000

CHANGE_NAMES = {"name": "名称", "grid_kind": "类型", "boundary": "边界"}


def _may(who: Asking) -> None:
    who.must(acts.CHANGE)


async def _first(who: Asking, refusal: Refusal | None = None) -> Response[Any]:
    _may(who)
    async with who.tx(read_only=True) as tx:
        whole = any(len(area) <= 6 for area in tx.reach(acts.CHANGE).areas)
        found = await queries.latest(tx, whole=whole, limit=LISTED)
    return page(
        who,
        "places/import.html",
        status=refusal.status if refusal else 200,
        imports=found,
        states=work.STATE_NAMES,
        datums=DATUM_NAMES,
        refusal=who.said(refusal),
    )


@get("/areas/import")
async def import_page(request: Asked) -> Response[Any]:
    """The upload form and the latest imports."""
    return await _first(asking(request))


@post("/areas/import", request_max_body_size=BODY_MAX)
async def upload(request: Asked) -> Response[Any]:
    """Read a table or a GeoJSON file; nothing changes yet."""
    who = asking(request)
    _may(who)
    try:
        form = await request.form()
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid.of("file", "请选择一个文件。")
        content = await file.read()
        async with who.tx() as tx:
            staged = await imports.stage(
                tx, content, file.filename or "", datum=str(form.get("datum", ""))
            )
    except Refusal as refusal:
        return await _first(who, refusal)
    return back(who, f"/areas/import/{staged.id}")


async def _one(
    who: Asking,
    import_id: UUID,
    *,
    only: str = "",
    after: int = 0,
    refusal: Refusal | None = None,
    undone: Any = None,
) -> Response[Any]:
    _may(who)
    async with who.tx(read_only=True) as tx:
        found = await imports.preview(tx, import_id)
    wanted = [
        line
        for line in found.lines
        if line.number > after
        and (
            not only
            or line.verdict.value == only
            or (only == "warned" and (line.warnings or line.problems))
        )
    ]
    shown = wanted[:ROWS]
    return page(
        who,
        "places/import_one.html",
        status=refusal.status if refusal else 200,
        one=found,
        rows=shown,
        more=shown[-1].number if len(wanted) > ROWS else None,
        only=only,
        warned=sum(1 for line in found.lines if line.warnings),
        states=work.STATE_NAMES,
        verdicts=VERDICT_NAMES,
        datums=DATUM_NAMES,
        kinds=KIND_NAMES,
        grid_kinds=GRID_KIND_NAMES,
        change_names=CHANGE_NAMES,
        words=speaking(who),
        drawn=any(line.shape is not None for line in found.lines),
        refusal=who.said(refusal),
        undone=undone,
        new_id=new_id,
    )


@get("/areas/import/{import_id:uuid}")
async def one_page(
    request: Asked,
    import_id: FromPath[UUID],
    only: FromQuery[str] = "",
    after: FromQuery[int] = 0,
) -> Response[Any]:
    """Row by row what will happen, or has happened."""
    return await _one(asking(request), import_id, only=only, after=after)


@get("/areas/import/{import_id:uuid}/shapes", media_type="application/geo+json")
async def shapes(request: Asked, import_id: FromPath[UUID]) -> Response[bytes]:
    """The boundaries as they will be, coloured by what becomes of their rows."""
    who = asking(request)
    _may(who)
    async with who.tx(read_only=True) as tx:
        found = await imports.preview(tx, import_id)
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": line.code,
                "name": line.name,
                "colour": {"new": "green", "changed": "yellow", "same": "blue"}[line.verdict],
            },
            "geometry": json.loads(line.boundary),
        }
        for line in found.lines
        if line.boundary is not None and line.verdict is not Verdict.REFUSED
    ][:SHAPES]
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    return Response(body, media_type="application/geo+json")


@post("/areas/import/{import_id:uuid}/datum")
async def datum(request: Asked, import_id: FromPath[UUID]) -> Response[Any]:
    """Say what the coordinates are in, and look again."""
    who, given = asking(request), await fields(request)
    _may(who)
    try:
        async with who.tx() as tx:
            await work.set_datum(tx, import_id, given.get("datum", ""))
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _one(who, import_id, refusal=refusal)
    return back(who, f"/areas/import/{import_id}")


@post("/areas/import/{import_id:uuid}/apply")
async def apply(request: Asked, import_id: FromPath[UUID]) -> Response[Any]:
    """Take the rows in, but those that were unticked."""
    who, given = asking(request), await fields(request)
    _may(who)
    left_out = [int(n) for n in await many(request, "left_out") if n.isdigit()]
    try:
        raw = {"import_id": str(import_id), "left_out": left_out}
        await do_form(who, given, "places.apply_import", raw)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _one(who, import_id, refusal=refusal)
    return back(who, f"/areas/import/{import_id}")


@post("/areas/import/{import_id:uuid}/undo")
async def undo(request: Asked, import_id: FromPath[UUID]) -> Response[Any]:
    """Put back what it changed, and say what could not be put back."""
    who, given = asking(request), await fields(request)
    _may(who)
    try:
        done = await do_form(who, given, "places.undo_import", {"import_id": str(import_id)})
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        return await _one(who, import_id, refusal=refusal)
    return await _one(who, import_id, undone=done)


ROUTES: list[Any] = [import_page, upload, one_page, shapes, datum, apply, undo]
