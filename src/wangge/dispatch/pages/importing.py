"""The import wizard: upload, say what the columns are, look at what would happen, let it run."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from wangge.cases.acts import IMPORT
from wangge.cases.pages.choices import CHANNELS, said
from wangge.dispatch import imports
from wangge.dispatch.imports.queries import one_import
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.refusals import Invalid, Refusal

Asked = Request[Any, Any, Any]
MULTIPART = Body(media_type=RequestEncodingType.MULTI_PART)
#: Rows of a preview that are shown one by one.
SHOWN = 50

#: What a case can be given from a table, in words.
FIELD_NAMES: dict[str, str] = {
    "words": "内容",
    "title": "标题",
    "class_code": "分类",
    "area_code": "区域编码",
    "place": "地点",
    "lon": "经度",
    "lat": "纬度",
    "reported_at": "上报时间",
    "closed_at": "结案时间",
    "external_id": "原编号",
    "channel": "来源",
    "state": "状态",
    "result": "处置结果",
}
VERDICTS: dict[str, str] = {
    "new": "新事件",
    "same": "已经有了",
    "changed": "与已有的不同",
    "refused": "不能导入",
}
STATES: dict[str, str] = {
    "waiting": "等待核对",
    "running": "正在导入",
    "done": "已完成",
    "cancelled": "已取消",
    "failed": "没有完成",
}


def _guard(who: Asking) -> None:
    who.must(IMPORT)


async def first(who: Asking, refusal: Refusal | None = None) -> Response[Any]:
    """The upload form and the asker's latest imports."""
    _guard(who)
    async with who.tx(read_only=True) as tx:
        mine = await imports.mine(tx)
    return page(
        who,
        "dispatch/import.html",
        status=refusal.status if refusal else 200,
        mine=mine,
        states=STATES,
        refused=who.said(refusal),
    )


@get("/cases/import")
async def import_page(request: Asked) -> Response[Any]:
    """Step one: choose a file."""
    return await first(asking(request))


@post("/cases/import", request_max_body_size=imports.FILE_BYTES_MAX + 100_000)
async def upload(
    request: Asked, data: Annotated[dict[str, UploadFile], MULTIPART]
) -> Response[Any]:
    """Read the table; it waits until its columns are agreed."""
    who = asking(request)
    _guard(who)
    try:
        file = data.get("file")
        if file is None:
            raise Invalid.of("file", "请选择一个文件。")
        content = await file.read()
        async with who.tx() as tx:
            staged = await imports.stage(tx, content, file.filename or "")
    except Refusal as refusal:
        return await first(who, refusal)
    return _to(who, staged.id)


def _to(who: Asking, import_id: UUID) -> Response[Any]:
    return Response(
        b"", status_code=303, headers={"Location": f"{who.base}/cases/import/{import_id}"}
    )


async def show(
    who: Asking, import_id: UUID, refusal: Refusal | None = None, mapping: Any = None
) -> Response[Any]:
    """Where the import stands: columns and preview while it waits, else its progress."""
    _guard(who)
    preview: dict[str, Any] | None = None
    async with who.tx(read_only=True) as tx:
        whole = any(len(area) <= 6 for area in tx.reach(IMPORT).areas)
        found = await one_import(tx, import_id, whole=whole)
        progress = await imports.progress(tx, import_id)
        chosen = mapping or imports.read_mapping(found.mapping)
        if found.state == "waiting" and refusal is None:
            try:
                preview = (await imports.preview_staged(tx, import_id, SHOWN)).said(who.locale)
            except Invalid as wrong:
                refusal = wrong
    return page(
        who,
        "dispatch/import_one.html",
        status=refusal.status if refusal and mapping else 200,
        one=found,
        progress=progress,
        mapping=chosen,
        preview=preview,
        fields=FIELD_NAMES,
        verdicts=VERDICTS,
        states=STATES,
        channels=said(who.locale, CHANNELS),
        refused=who.said(refusal),
    )


@get("/cases/import/{import_id:uuid}")
async def one_page(request: Asked, import_id: FromPath[UUID]) -> Response[Any]:
    """Steps two and three, and the result."""
    return await show(asking(request), import_id)


@post("/cases/import/{import_id:uuid}/agree")
async def agree(request: Asked, import_id: FromPath[UUID]) -> Response[Any]:
    """Change what the columns mean, and look again."""
    who = asking(request)
    _guard(who)
    form = await request.form()
    async with who.tx(read_only=True) as tx:
        whole = any(len(area) <= 6 for area in tx.reach(IMPORT).areas)
        before = imports.read_mapping((await one_import(tx, import_id, whole=whole)).mapping)
    columns: dict[str, tuple[str, ...]] = {}
    for name in FIELD_NAMES:
        chosen = str(form.get(name, ""))
        if chosen:
            kept = before.columns.get(name, ())
            # A field put together of several columns keeps them while its first stays.
            columns[name] = kept if kept and kept[0] == chosen else (chosen,)
    mapping = replace(
        before,
        columns=columns,
        channel=str(form.get("default_channel", "batch")),
        outside="county" if form.get("outside") == "county" else "refuse",
    )
    try:
        async with who.tx() as tx:
            await imports.agree(tx, import_id, mapping, offer=form.get("offer") == "1")
    except Refusal as refusal:
        return await show(who, import_id, refusal, mapping)
    return _to(who, import_id)


@post("/cases/import/{import_id:uuid}/{what:str}")
async def turn(request: Asked, import_id: FromPath[UUID], what: FromPath[str]) -> Response[Any]:
    """Begin, or cancel."""
    who = asking(request)
    _guard(who)
    try:
        async with who.tx() as tx:
            if what == "begin":
                await imports.begin(tx, import_id)
            elif what == "cancel":
                await imports.cancel(tx, import_id)
            else:
                raise Invalid.of("what", "没有“{verb}”这种操作。", verb=what[:20])
    except Refusal as refusal:
        return await show(who, import_id, refusal)
    return _to(who, import_id)


@get("/cases/import/{import_id:uuid}/refused.csv")
async def refused(request: Asked, import_id: FromPath[UUID]) -> Response[bytes]:
    """Rows that were not taken, each with why, to be mended and sent again."""
    who = asking(request)
    _guard(who)
    async with who.tx(read_only=True) as tx:
        body = await imports.refused_csv(tx, import_id, who.locale)
    return Response(
        body,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="refused.csv"'},
    )


ROUTES: list[Any] = [import_page, upload, one_page, agree, turn, refused]
