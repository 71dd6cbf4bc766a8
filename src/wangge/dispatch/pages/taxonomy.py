"""The taxonomy and the calendar: what kinds of case there are, and which days are worked."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from wangge.cases.acts import CONFIGURE
from wangge.cases.classify import classify, parse_keywords
from wangge.cases.events import ClassesChanged
from wangge.cases.reference import (
    REFERENCE,
    add_starter,
    drop_keyword,
    put_classes,
    put_keywords,
    starter_not_here,
)
from wangge.cases.taxonomy import COLUMNS, CaseClass, check_classes
from wangge.dispatch.pages import changes, queries
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import local, now
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.kernel.sheets import open_table

Asked = Request[Any, Any, Any]
#: Bytes of an uploaded taxonomy, and of the form that applies it.
TABLE_BYTES_MAX = 2_000_000
MULTIPART = Body(media_type=RequestEncodingType.MULTI_PART)

#: Columns in words, for headings and labels.
COLUMN_NAMES: dict[str, str] = {
    "code": "编码",
    "name_zh": "名称",
    "name_en": "英文名称",
    "platform": "平台",
    "first_level": "先由哪一级接",
    "condition_zh": "立案标准",
    "condition_en": "立案标准(英文)",
    "closing_condition_zh": "结案标准",
    "span_value": "时限",
    "span_kind": "计时方式",
    "deadline_source": "时限依据",
    "deadline_reference": "依据文件",
    "needs_response": "只在应急响应时使用",
    "urgent": "紧急",
    "emergency_line": "先拨电话",
    "on_the_spot": "可现场自处",
}
#: Cells with a closed list of values.
CELL_CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "platform": (
        ("ZZ", "综治工作"),
        ("JG", "监管执法"),
        ("YJ", "应急管理"),
        ("GG", "公共服务"),
    ),
    "first_level": (
        ("grid", "网格"),
        ("community", "社区"),
        ("street", "街道"),
        ("county", "区(县)"),
    ),
    "span_kind": (
        ("urgent_hour", "紧急工作时"),
        ("work_hour", "工作时"),
        ("work_day", "工作日"),
        ("natural_day", "自然日"),
    ),
    "deadline_source": (("sourced", "有依据"), ("proposal", "提案")),
    "needs_response": (("false", "否"), ("true", "是")),
    "urgent": (("false", "否"), ("true", "是")),
    "on_the_spot": (("false", "否"), ("true", "是")),
}


def cells(known: CaseClass) -> dict[str, str]:
    """A class as a row of the table."""
    return {
        "code": known.code,
        "name_zh": known.name_zh,
        "name_en": known.name_en,
        "platform": known.platform.value,
        "first_level": known.first_level.value,
        "condition_zh": known.condition_zh,
        "condition_en": known.condition_en,
        "closing_condition_zh": known.closing_condition_zh,
        "span_value": f"{float(known.span.value):g}",
        "span_kind": known.span.kind.value,
        "deadline_source": known.deadline_source.value,
        "deadline_reference": known.deadline_reference,
        "needs_response": str(known.needs_response).lower(),
        "urgent": str(known.urgent).lower(),
        "emergency_line": "/".join(known.emergency_lines),
        "on_the_spot": str(known.on_the_spot).lower(),
    }


def _guard(who: Asking) -> None:
    who.must(CONFIGURE)


async def show(
    who: Asking,
    *,
    preview: dict[str, Any] | None = None,
    refusal: Refusal | None = None,
    tried: str = "",
) -> Response[Any]:
    """The table of classes, the preview of an upload, and what a sentence would become."""
    _guard(who)
    async with who.tx(read_only=True) as tx:
        reference = await REFERENCE.get(tx)
        fresh = await starter_not_here(tx)
    return page(
        who,
        "dispatch/classes.html",
        status=refusal.status if refusal else 200,
        classes=[cells(known) for known in reference.classes.values()],
        choices={name: dict(pairs) for name, pairs in CELL_CHOICES.items()},
        preview=preview,
        tried=tried,
        guess=classify(tried, None, reference.keywords).reason(who.locale) if tried else "",
        fresh=[f"{known.code} {known.name_zh}" for known in fresh],
        refused=who.said(refusal),
    )


@get("/classes")
async def classes_page(request: Asked, tried: FromQuery[str] = "") -> Response[Any]:
    """Every class, with its conditions and limit; and what the words would make of a sentence."""
    return await show(asking(request), tried=tried.strip()[:500])


@get("/classes.csv")
async def download(request: Asked) -> Response[Any]:
    """The taxonomy as a table to edit and upload again; with the mark Excel wants before UTF-8."""
    who = asking(request)
    _guard(who)
    async with who.tx(read_only=True) as tx:
        reference = await REFERENCE.get(tx)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(cells(known) for known in reference.classes.values())
    return Response(
        "\ufeff" + text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="classes.csv"'},
    )


def _compared(
    known: Mapping[str, CaseClass], rows: list[dict[str, str]]
) -> tuple[list[CaseClass], dict[str, Any]]:
    """What an upload would do, row by row: new, changed, same, or refused and why."""
    good, problems = check_classes(rows)
    lines: list[dict[str, Any]] = []
    for one in good:
        before = known.get(one.code)
        what = "new" if before is None else "same" if before == one else "changed"
        lines.append({"code": one.code, "name": one.name_zh, "what": what})
    bad = [problem.said("zh") for problem in problems]
    wanted = [one for one in good if known.get(one.code) != one]
    return wanted, {"lines": lines, "bad": bad, "count": len(wanted)}


@post("/classes/import", status_code=200, request_max_body_size=TABLE_BYTES_MAX)
async def preview(
    request: Asked, data: Annotated[dict[str, UploadFile], MULTIPART]
) -> Response[Any]:
    """Look at an upload; nothing is changed yet."""
    who = asking(request)
    _guard(who)
    try:
        file = data.get("file")
        if file is None:
            raise Invalid.of("file", "请选择一个文件。")
        table = open_table(
            await file.read(), file.filename or "", max_bytes=TABLE_BYTES_MAX, max_rows=2000
        )
        rows = [row for _, row in table.records()]
        async with who.tx(read_only=True) as tx:
            reference = await REFERENCE.get(tx)
        _, made = _compared(reference.classes, rows)
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        made["text"] = text.getvalue()
    except Refusal as refusal:
        return await show(who, refusal=refusal)
    return await show(who, preview=made)


@post("/classes/apply", request_max_body_size=TABLE_BYTES_MAX)
async def apply(request: Asked) -> Response[Any]:
    """Take the good rows of the upload that was just looked at."""
    who = asking(request)
    _guard(who)
    text = str((await request.form()).get("text", ""))
    rows = list(csv.DictReader(io.StringIO(text)))
    async with who.tx() as tx:
        area = changes.may(tx, CONFIGURE)
        reference = await REFERENCE.get(tx)
        wanted, _ = _compared(reference.classes, rows)
        await _put(tx, area, reference.classes, wanted)
    return Response(b"", status_code=303, headers={"Location": f"{who.base}/classes"})


@post("/classes/starter")
async def take_starter(request: Asked) -> Response[Any]:
    """Take in the classes the product has learned since this district was made."""
    who = asking(request)
    _guard(who)
    async with who.tx() as tx:
        area = changes.may(tx, CONFIGURE)
        number = await add_starter(tx)
        if number:
            tx.publish(ClassesChanged(tx.actor.id, area, number))
    return Response(b"", status_code=303, headers={"Location": f"{who.base}/classes"})


async def _put(
    tx: Any, area: str, known: Mapping[str, CaseClass], wanted: list[CaseClass]
) -> None:
    """Change some classes; the others, and the order, stay."""
    if not wanted:
        return
    merged = dict(known) | {one.code: one for one in wanted}
    await put_classes(tx, list(merged.values()))
    tx.publish(ClassesChanged(tx.actor.id, area, len(wanted)))


async def edit(
    who: Asking, code: str, typed: dict[str, str] | None = None, refusal: Refusal | None = None
) -> Response[Any]:
    """The form of one class, and the words that stand for it."""
    _guard(who)
    async with who.tx(read_only=True) as tx:
        reference = await REFERENCE.get(tx)
    known = reference.classes.get(code)
    if known is None:
        raise NotFound("这个分类")
    words = [vote for vote in reference.keywords.votes() if vote.code == code]
    return page(
        who,
        "dispatch/class.html",
        status=refusal.status if refusal else 200,
        code=code,
        typed=typed or cells(known),
        words=sorted(words, key=lambda vote: (-vote.weight, vote.word)),
        columns=COLUMN_NAMES,
        choices=CELL_CHOICES,
        refused=who.said(refusal),
    )


@get("/classes/{code:str}")
async def class_page(request: Asked, code: FromPath[str]) -> Response[Any]:
    """One class."""
    return await edit(asking(request), code)


@post("/classes/{code:str}")
async def save_class(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Change one class; the importer's rules hold here too."""
    who = asking(request)
    _guard(who)
    form = await request.form()
    typed = {name: str(form.get(name, "")) for name in COLUMNS} | {"code": code}
    try:
        good, problems = check_classes([typed])
        if problems:
            raise Invalid.all(problems)
        async with who.tx() as tx:
            area = changes.may(tx, CONFIGURE)
            known = (await REFERENCE.get(tx)).classes
            if code not in known:
                raise NotFound("这个分类")
            await _put(tx, area, known, [one for one in good if known.get(one.code) != one])
    except Invalid as refusal:
        return await edit(who, code, typed, refusal)
    return Response(b"", status_code=303, headers={"Location": f"{who.base}/classes#{code}"})


@post("/classes/{code:str}/words")
async def change_word(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Add a word to a class, change its weight, or take it away."""
    who = asking(request)
    _guard(who)
    form = await request.form()
    typed = {name: str(form.get(name, "")) for name in ("word", "weight")}
    try:
        async with who.tx() as tx:
            area = changes.may(tx, CONFIGURE)
            known = (await REFERENCE.get(tx)).classes
            if code not in known:
                raise NotFound("这个分类")
            if form.get("drop"):
                await drop_keyword(tx, typed["word"])
            else:
                names = {one.code: one.name_zh for one in known.values()}
                await put_keywords(tx, parse_keywords([typed | {"code": code}], names).votes())
            tx.publish(ClassesChanged(tx.actor.id, area, 0))
    except Invalid as refusal:
        return await edit(who, code, refusal=refusal)
    return Response(
        b"", status_code=303, headers={"Location": f"{who.base}/classes/{code}#words"}
    )


# -- the calendar --------------------------------------------------------------------------------


async def show_year(who: Asking, year: int, refusal: Refusal | None = None) -> Response[Any]:
    """A year's holidays and swapped workdays."""
    _guard(who)
    async with who.tx(read_only=True) as tx:
        found = await queries.days(tx, year)
    return page(
        who,
        "dispatch/calendar.html",
        status=refusal.status if refusal else 200,
        year=year,
        days=found,
        weekdays=("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
        refused=who.said(refusal),
    )


@get("/calendar")
async def calendar_page(request: Asked, year: FromQuery[int | None] = None) -> Response[Any]:
    """This year's, or another's."""
    return await show_year(asking(request), year or local(now()).year)


@post("/calendar")
async def change_day(request: Asked) -> Response[Any]:
    """Set a day off, at work, or back to what the week says."""
    who = asking(request)
    _guard(who)
    form = await request.form()
    what = {"off": False, "worked": True}.get(str(form.get("what", "")))
    try:
        day = date.fromisoformat(str(form.get("day", "")))
    except ValueError:
        wrong = Invalid.of("day", "请选择日期。")
        return await show_year(who, local(now()).year, wrong)
    async with who.tx() as tx:
        await changes.set_day(tx, day, what, str(form.get("name", "")))
    return Response(
        b"", status_code=303, headers={"Location": f"{who.base}/calendar?year={day.year}"}
    )


ROUTES: list[Any] = [
    classes_page,
    download,
    preview,
    apply,
    take_starter,
    class_page,
    save_class,
    change_word,
    calendar_page,
    change_day,
]
