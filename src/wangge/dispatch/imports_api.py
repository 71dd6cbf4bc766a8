"""Imports over HTTP: upload, agree on the columns, look, begin, watch, mend what was refused."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_202_ACCEPTED

from wangge.cases.acts import IMPORT
from wangge.dispatch import imports
from wangge.kernel.http import Asking, asking
from wangge.kernel.refusals import Invalid

Req = Request[Any, Any, Any]

#: A multipart body is a little longer than the file in it.
BODY_BYTES_MAX = imports.FILE_BYTES_MAX + 1_000_000


def _allowed(request: Req) -> Asking:
    """Before a body of fifty megabytes is read."""
    who = asking(request)
    who.must(IMPORT)
    return who


async def _file(request: Req) -> tuple[bytes, str, str | None]:
    """The table's bytes, its name, and the sheet that is meant."""
    sheet = request.query_params.get("sheet")
    if "multipart/form-data" not in request.headers.get("content-type", ""):
        return await request.body(), request.query_params.get("name", "upload.csv"), sheet
    form = await request.form()
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise Invalid.of("file", "请选择要导入的文件(字段名 file)。")
    chosen = form.get("sheet") or sheet
    return await upload.read(), upload.filename, str(chosen) if chosen else None


@post("/api/v1/imports", status_code=HTTP_201_CREATED, request_max_body_size=BODY_BYTES_MAX)
async def upload(request: Req) -> dict[str, Any]:
    """A table, as a form's `file` or as the plain body with `?name=`: its id, and what its
    columns seem to be. Nothing is imported yet."""
    who = _allowed(request)
    data, name, sheet = await _file(request)
    async with who.tx() as tx:
        staged = await imports.stage(tx, data, name, sheet=sheet)
    return {
        "id": staged.id,
        "name": staged.name,
        "encoding": staged.encoding,
        "headings": staged.headings,
        "sheets": staged.sheets,
        "rows": staged.rows,
        "mapping": staged.mapping.builtins(),
        "remembered": staged.remembered,
        "fields": list(imports.FIELDS),
        "notes": [note.said(who.locale) for note in staged.notes],
    }


@get("/api/v1/imports")
async def mine(request: Req) -> dict[str, Any]:
    """The asker's latest imports."""
    who = _allowed(request)
    async with who.tx(read_only=True) as tx:
        return {"items": await imports.mine(tx), "next": None}


@get("/api/v1/imports/{import_id:uuid}")
async def watch(request: Req, import_id: FromPath[UUID]) -> imports.Progress:
    """How far it is."""
    async with _allowed(request).tx(read_only=True) as tx:
        return await imports.progress(tx, import_id)


@get("/api/v1/imports/{import_id:uuid}/preview")
async def preview(
    request: Req, import_id: FromPath[UUID], limit: FromQuery[int] = 50
) -> dict[str, Any]:
    """What would become of the first rows, one by one, and how many of each."""
    who = _allowed(request)
    async with who.tx(read_only=True) as tx:
        shown = await imports.preview_staged(tx, import_id, max(0, limit))
    return shown.said(who.locale)


class Agreed(msgspec.Struct):
    """What the columns mean; what is left out stays as it is."""

    mapping: dict[str, Any] | None = None
    offer: bool | None = None


@put("/api/v1/imports/{import_id:uuid}/mapping", status_code=HTTP_200_OK)
async def agree(
    request: Req, import_id: FromPath[UUID], data: JSONBody[Agreed]
) -> imports.Progress:
    """Change what the columns mean, while nothing has begun."""
    mapping = None if data.mapping is None else imports.read_mapping(data.mapping)
    async with _allowed(request).tx() as tx:
        return await imports.agree(tx, import_id, mapping, offer=data.offer)


@post("/api/v1/imports/{import_id:uuid}/apply", status_code=HTTP_202_ACCEPTED)
async def apply(
    request: Req, import_id: FromPath[UUID], data: JSONBody[Agreed | None] = None
) -> imports.Progress:
    """Begin; the worker takes it from here. Beginning twice is harmless."""
    async with _allowed(request).tx() as tx:
        if data is not None and (data.mapping is not None or data.offer is not None):
            mapping = None if data.mapping is None else imports.read_mapping(data.mapping)
            await imports.agree(tx, import_id, mapping, offer=data.offer)
        return await imports.begin(tx, import_id)


@post("/api/v1/imports/{import_id:uuid}/cancel", status_code=HTTP_200_OK)
async def cancel(request: Req, import_id: FromPath[UUID]) -> imports.Progress:
    """Stop after the rows under way. What is in stays in."""
    async with _allowed(request).tx() as tx:
        return await imports.cancel(tx, import_id)


@get("/api/v1/imports/{import_id:uuid}/refused.csv")
async def refused(request: Req, import_id: FromPath[UUID]) -> Response[bytes]:
    """The rows that were not taken, each with why; mend them and upload this file."""
    who = _allowed(request)
    async with who.tx(read_only=True) as tx:
        data = await imports.refused_csv(tx, import_id, who.locale)
    return Response(
        data,
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="refused.csv"',
            "Cache-Control": "no-store",
        },
    )


ROUTES: list[Any] = [upload, mine, watch, preview, agree, apply, cancel, refused]
