"""Files dropped, text pasted, and the imports there were."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery

from wangge.imports import samples, uploading
from wangge.imports.api import BODY_BYTES_MAX
from wangge.imports.columns.fields import KIND_NAMES, PEOPLE
from wangge.imports.columns.mapping import read_mapping
from wangge.imports.keeping import WAITING_DAYS
from wangge.imports.model import PHASES
from wangge.imports.pages.common import (
    Answer,
    Ask,
    areas_for,
    kinds_for,
    office,
    path_of,
)
from wangge.imports.queries import staging
from wangge.imports.queries.staging import Import
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, page
from wangge.kernel.paging import mark_of, read_mark
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.settings import decided
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, many

ROWS, FILES_MAX = 20, 20
#: Imports that wait for doors, shown together.
WAITING_MAX = 50
#: Several files in one body.
BODIES_BYTES_MAX = 2 * BODY_BYTES_MAX


async def _listing(
    who: Asking,
    *,
    after: str = "",
    refused: list[tuple[str, dict[str, Any]]] | None = None,
    taken: list[Import] | None = None,
    agreed: int = 0,
    given: dict[str, str] | None = None,
    status: int = 200,
) -> Answer:
    async with who.tx(read_only=True) as tx:
        found = await staging.imports_page(tx, after=read_mark(after), limit=ROWS + 1)
        atlas, roster = await ATLAS.get(tx), await ROSTER.get(tx)
        days = (await decided(tx))(WAITING_DAYS)
        tables = await samples.there(tx)
        waiting = await staging.unplaced(tx, limit=WAITING_MAX)
    shown, kinds = found[:ROWS], kinds_for(who)
    given = given or {}
    if given.get("kind") not in kinds:
        given = {**given, "kind": next(iter(kinds))}
    return page(
        who,
        "imports/imports.html",
        status=status,
        imports=shown,
        more=mark_of(shown[-1].at, shown[-1].id) if len(found) > ROWS else None,
        areas=areas_for(who, atlas, given["kind"]),
        people=given["kind"] == PEOPLE,
        kinds=kinds,
        kind_names=KIND_NAMES,
        names=roster.staff_name,
        atlas=atlas,
        phases=PHASES,
        refused=refused or [],
        taken=taken or [],
        ready=[one for one in taken or [] if _ready(one)],
        agreed=agreed,
        given=given,
        most=uploading.FILE_BYTES_MAX,
        days=days,
        samples=[one for one in tables if one.kind == given["kind"]],
        waiting=waiting,
    )


@get("/imports")
async def imports_page(
    request: Ask, after: FromQuery[str] = "", kind: FromQuery[str] = ""
) -> Answer:
    """Where files are dropped and text is pasted, and the imports within reach."""
    return await _listing(office(request), after=after, given={"kind": kind})


@post("/imports", request_max_body_size=BODIES_BYTES_MAX)
async def upload(request: Ask) -> Answer:
    """Read one or several tables; nothing is registered yet."""
    who = office(request)
    form = await request.form()
    area = str(form.get("area", "")).strip()
    kind = str(form.get("kind", "")) or PEOPLE
    text = str(form.get("text", ""))
    chosen: list[Any] = form.getall("files", [])
    files = [one for one in chosen if isinstance(one, UploadFile) and one.filename]
    sources: list[tuple[bytes | str, str]] = [
        (await one.read(), one.filename) for one in files[:FILES_MAX]
    ]
    if text.strip():
        sources.append((text, _pasted_name(text)))
    taken: list[Import] = []
    refused: list[tuple[str, dict[str, Any]]] = []
    status = 200
    if not sources:
        sources = [("", "")]
    for source, name in sources:
        try:
            if not name:
                raise Invalid.of("files", "请选择文件,或粘贴名单。")
            async with who.tx() as tx:
                taken.append(await _take(tx, who, source, name, kind, area))
        except Refusal as refusal:
            status = refusal.status
            said = who.said(refusal)
            assert said is not None
            refused.append((name, said))
    if len(taken) == 1 and not refused:
        return back(who, path_of(taken[0].id))
    given = {"area": area, "kind": kind, "text": text if refused and not files else ""}
    return await _listing(
        who, refused=refused, taken=taken, given=given, status=200 if taken else status
    )


@post("/imports/agree", status_code=200)
async def agree_all(request: Ask) -> Answer:
    """Let several tables be read as their columns were recognised, without a look at each."""
    who, agreed = office(request), 0
    refused: list[tuple[str, dict[str, Any]]] = []
    for text in (await many(request, "ids"))[:FILES_MAX]:
        name = ""
        try:
            async with who.tx() as tx:
                found = await uploading.door(tx, _id(text))
                name = found.name
                await uploading.agree(tx, found.id)
            agreed += 1
        except Refusal as refusal:
            refused.append((name, who.said(refusal) or {}))
    return await _listing(who, refused=refused, agreed=agreed)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Invalid.of("ids", "没有“{code}”这个选项。", code=text[:20]) from wrong


def _ready(found: Import) -> bool:
    """Whether nothing has to be said before its rows can be judged."""
    if found.phase != "columns" or not found.area_code:
        return False
    try:
        read_mapping(found.mapping).checked(found.kind, found.headings)
    except Invalid:
        return False
    return True


@get("/imports/samples/{name:str}")
async def sample_file(request: Ask, name: FromPath[str]) -> Response[bytes]:
    """A table to try the import with."""
    who = office(request)
    async with who.tx(read_only=True) as tx:
        sample, data = await samples.data_of(tx, who.district.shelf, name)
    return Response(
        data,
        media_type=sample.media,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(sample.name)}"},
    )


def _pasted_name(text: str) -> str:
    return "粘贴的名单" if text.strip() else ""


async def _take(
    tx: Tx, who: Asking, source: bytes | str, name: str, kind: str, area: str
) -> Import:
    """Read it; a table whose columns are remembered is judged at once."""
    vault = who.district.vault
    found = await uploading.stage(tx, vault, source, name, kind, area=area or None)
    if found.phase == "columns" and found.remembered and found.area_code:
        found = await uploading.agree(tx, found.id)
    return found


ROUTES: list[Any] = [imports_page, upload, agree_all, sample_file]
