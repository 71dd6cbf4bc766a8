"""Tables of residents and of registers on their way in, over HTTP: upload, say what columns are,
look at every row, mend, register, take back."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.imports import bulk, bulk_homes, doors, uploading, views
from wangge.imports.acts import ANY
from wangge.imports.columns.fields import PEOPLE
from wangge.imports.deeds import VERBS
from wangge.imports.queries import staging
from wangge.imports.shown import LineView
from wangge.imports.views import Asked, ImportView, Phrase, import_view
from wangge.kernel.http import Asking, asking
from wangge.kernel.paging import Page, mark_of, page_size, read_mark
from wangge.kernel.refusals import Invalid
from wangge.places.forms import answer_deed

Req = Request[Any, Any, Any]

#: A multipart body is a little longer than the file in it.
BODY_BYTES_MAX = uploading.FILE_BYTES_MAX + 1_000_000


def allowed(request: Req) -> Asking:
    """Asked before a body of fifty megabytes is read. Raises NotSignedIn, Forbidden."""
    who = asking(request)
    who.must_any(*ANY)
    return who


async def _source(request: Req) -> tuple[bytes | str, str]:
    """The table and its name: a form's `file`, pasted text as `text/plain`, or the plain body."""
    kind = request.headers.get("content-type", "")
    name = request.query_params.get("name", "")
    if "multipart/form-data" not in kind:
        body = await request.body()
        if kind.startswith("text/plain"):
            return body.decode("utf-8", "replace"), name or "粘贴的名单"
        return body, name or "upload.csv"
    form = await request.form()
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise Invalid.of("file", "请选择要导入的文件(字段名 file)。")
    return await upload.read(), upload.filename


@post("/api/v1/register-imports", status_code=201, request_max_body_size=BODY_BYTES_MAX)
async def upload(
    request: Req, area: FromQuery[str] = "", kind: FromQuery[str] = PEOPLE
) -> ImportView:
    """A table, as a form's `file`, as the plain body with `?name=`, or pasted text as `text/plain`.
    `?kind=` is what it lists: people, or a register (`GET /api/v1/registers/kinds`); `?area=` the
    community it is of; `?sheet=` (may be repeated) its sheets. Nothing is registered yet."""
    who = allowed(request)
    source, name = await _source(request)
    sheets = request.query_params.getall("sheet", [])
    async with who.tx() as tx:
        found = await uploading.stage(
            tx, who.district.vault, source, name, kind, area=area or None, sheets=sheets or None
        )
    return import_view(found, who.locale)


@get("/api/v1/register-imports")
async def all_imports(
    request: Req, after: FromQuery[str | None] = None, limit: FromQuery[int | None] = None
) -> Page[ImportView]:
    """Imports within reach, the latest first."""
    who = allowed(request)
    size = page_size(limit)
    async with who.tx(read_only=True) as tx:
        found = await staging.imports_page(tx, after=read_mark(after), limit=size + 1)
    shown = found[:size]
    more = mark_of(shown[-1].at, shown[-1].id) if len(found) > size else None
    return Page([import_view(one, who.locale) for one in shown], more)


@get("/api/v1/register-imports/{import_id:uuid}")
async def one_import(request: Req, import_id: FromPath[UUID]) -> ImportView:
    """Where an import is."""
    who = allowed(request)
    async with who.tx(read_only=True) as tx:
        return import_view(await uploading.door(tx, import_id), who.locale)


@get("/api/v1/register-imports/{import_id:uuid}/lines")
async def lines(
    request: Req,
    import_id: FromPath[UUID],
    verdict: FromQuery[str] = "",
    code: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[LineView]:
    """What would become of the rows, one line a person (or a thing): of a verdict (new, changed,
    moved, merged, same, unplaced, refused, nothing), or a trouble's code. `state` (open, queued,
    applied, left) is asked for by that very name. Names and numbers are masked but for the
    uploader."""
    who = allowed(request)
    state = request.query_params.get("state", "")
    asked = Asked(verdict, code, state, None, after, limit)
    async with who.tx(read_only=True) as tx:
        found = await views.review(tx, who.district.vault, import_id, asked, who.locale)
    return Page(found.lines, found.more)


@get("/api/v1/register-imports/{import_id:uuid}/unplaced")
async def unplaced(request: Req, import_id: FromPath[UUID]) -> Page[Phrase]:
    """Addresses that were not understood, those of most rows first: the work list."""
    who = allowed(request)
    async with who.tx(read_only=True) as tx:
        found = await views.phrases(tx, who.district.vault, import_id, who.locale)
    return Page(found, None)


@get("/api/v1/register-imports/{import_id:uuid}/doors")
async def find_doors(
    request: Req, import_id: FromPath[UUID], q: FromQuery[str] = ""
) -> Page[doors.DoorFound]:
    """Doors of the import's area that a text may mean."""
    async with allowed(request).tx(read_only=True) as tx:
        return Page(await doors.search(tx, import_id, q), None)


@post("/api/v1/register-imports/{import_id:uuid}/{verb:str}", status_code=200)
async def act(
    request: Req,
    import_id: FromPath[UUID],
    verb: FromPath[str],
    data: JSONBody[dict[str, Any] | None] = None,
) -> Response[Any]:
    """Do a deed `imports.{verb}`: choose_sheets, agree, mend, means, explain, allow, apply,
    recheck, cancel, undo, retry. `Idempotency-Key` in the header makes it harmless to repeat."""
    allowed(request)
    if verb not in VERBS:
        raise Invalid.of("verb", "没有“{verb}”这种操作。", verb=verb[:40])
    body = {**(data or {}), "import_id": str(import_id)}
    return await answer_deed(request, f"imports.{verb}", body)


# -- everybody of a list -------------------------------------------------------------------------


class Look(msgspec.Struct, forbid_unknown_fields=True):
    """Whom and what: see the deed `imports.bulk`."""

    what: bulk.What
    area: str = ""
    tag: str = ""
    born_until: int | None = None
    kind: str = ""
    consent: str = ""
    why: str = "no_longer"
    field: str = ""
    ids: list[UUID] = msgspec.field(default_factory=list[UUID])


@post("/api/v1/residents/bulk/preview", status_code=200)
async def preview_bulk(request: Req, data: JSONBody[Look]) -> bulk.Outcome:
    """What an act on everybody of a list would do, and whom it would leave as they are, and why.
    `mark` is what `POST /api/v1/residents/bulk` wants to see again."""
    who = asking(request)
    who.signed()
    asked = bulk.Bulk(
        data.area,
        data.what,
        data.tag,
        data.born_until,
        data.kind,
        data.consent,
        data.why,
        data.field,
        tuple(data.ids),
    )
    async with who.tx(read_only=True) as tx:
        return await bulk.preview(tx, asked)


@post("/api/v1/residents/bulk", status_code=200)
async def do_bulk(request: Req, data: JSONBody[dict[str, Any]]) -> Response[Any]:
    """Do what was previewed (deed `imports.bulk`); refused when the list has changed since."""
    return await answer_deed(request, "imports.bulk", data)


class LookAtHomes(msgspec.Struct, forbid_unknown_fields=True):
    """Which households and what: see the deed `imports.bulk_homes`."""

    what: bulk_homes.What
    area: str = ""
    building: UUID | None = None
    tenure_is: str = ""
    tenure: str = ""
    field: str = ""
    to: UUID | None = None
    people: list[UUID] = msgspec.field(default_factory=list[UUID])
    lines: str = ""


@post("/api/v1/households/bulk/preview", status_code=200)
async def preview_bulk_homes(request: Req, data: JSONBody[LookAtHomes]) -> bulk_homes.Outcome:
    """What an act on every household of a list would do, and which it would leave as they are, and why.
    `mark` is what `POST /api/v1/households/bulk` wants to see again."""
    who = asking(request)
    who.signed()
    asked = bulk_homes.Bulk(
        data.area,
        data.what,
        data.building,
        data.tenure_is,
        data.tenure,
        data.field,
        data.to,
        tuple(data.people),
        data.lines,
    )
    async with who.tx(read_only=True) as tx:
        return await bulk_homes.preview(tx, asked)


@post("/api/v1/households/bulk", status_code=200)
async def do_bulk_homes(request: Req, data: JSONBody[dict[str, Any]]) -> Response[Any]:
    """Do what was previewed (deed `imports.bulk_homes`); refused when the list has changed since. It is
    taken back as an act on residents is."""
    return await answer_deed(request, "imports.bulk_homes", data)


@post("/api/v1/residents/bulk/{batch_id:uuid}/undo", status_code=200)
async def undo_bulk(request: Req, batch_id: FromPath[UUID]) -> Response[Any]:
    """Put back what a bulk act changed (deed `imports.undo_bulk`)."""
    return await answer_deed(request, "imports.undo_bulk", {"batch_id": str(batch_id)})


ROUTES: list[Any] = [
    preview_bulk,
    do_bulk,
    preview_bulk_homes,
    do_bulk_homes,
    undo_bulk,
    upload,
    all_imports,
    one_import,
    lines,
    unplaced,
    find_doors,
    act,
]
